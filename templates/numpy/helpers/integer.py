import numpy as np


def _integer(name, value, shape, bound):
    """An integer input as an array of intp, after checking its shape and its values."""
    if shape == () and isinstance(value, int):
        value = np.array(value)
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "iu":
        raise TypeError(f"{name}: expected an array of integers, got {_describe(value)}")
    if value.shape != shape:
        raise ValueError(f"{name}: expected shape {_named(name, shape)}, got {_describe(value)}")
    return _indices(name, value, bound)
