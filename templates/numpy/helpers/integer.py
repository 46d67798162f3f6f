import numpy as np


def _integer(name, value, shape, bound):
    """An integer input as an array of intp, after checking that its values are 0..bound-1."""
    if shape == () and isinstance(value, int):
        value = np.array(value)
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "iu":
        raise TypeError(f"{name}: expected an array of integers, got {_describe(value)}")
    if value.shape != shape:
        raise ValueError(f"{name}: expected shape {_named(name, shape)}, got {_describe(value)}")
    value = value.astype(np.intp, copy=False)
    # Seen as unsigned, a negative number is a large one: one search finds both kinds of stray.
    worst = value.item(value.view(np.uintp).argmax()) if value.size else 0
    if not 0 <= worst < max(bound, 1):
        raise IndexError(f"{name}: expected values in 0..{bound - 1}, got {worst}")
    return value
