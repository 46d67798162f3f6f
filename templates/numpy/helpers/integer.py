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
    # argmin and argmax cost less than min and max.
    for worst in (value.argmin(), value.argmax()) if value.size else ():
        if not 0 <= value.item(worst) < bound:
            message = f"expected values in 0..{bound - 1}, got {value.item(worst)}"
            raise IndexError(f"{name}: {message}")
    return value
