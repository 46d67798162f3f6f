import numpy as np


def _describe(value):
    """What was given, in words."""
    if isinstance(value, np.ndarray):
        return f"shape {value.shape} and dtype {value.dtype}"
    return f"{type(value).__name__} {value!r}"[:60]
