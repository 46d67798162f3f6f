import numpy as np


def _float_dtype(values):
    """The dtype to calculate in: that of the first array of floats, else float64."""
    for value in values:
        if isinstance(value, np.ndarray) and value.dtype in (np.float32, np.float64):
            return value.dtype
    return np.dtype(np.float64)
