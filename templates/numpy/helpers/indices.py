import numpy as np


def _indices(name, value, bound):
    """An integer input as an array of intp, after checking that its values are 0..bound-1."""
    if value.dtype is not _INTP:
        value = value.astype(np.intp)
    # argmin and argmax cost less than min and max.
    if value.size and (value.item(value.argmin()) < 0 or value.item(value.argmax()) >= bound):
        worst = value.min() if value.min() < 0 else value.max()
        raise IndexError(f"{name}: expected values in 0..{bound - 1}, got {worst}")
    return value


_INTP = np.dtype(np.intp)
