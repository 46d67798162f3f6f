import numpy as np


def _length(name, value, axis, factor=1, offset=0):
    """The size that an input's axis of length factor*size + offset gives."""
    shape = INPUTS[name]["shape"]
    if not isinstance(value, np.ndarray) or value.ndim != len(shape):
        expected = f"an array of shape {_shape(shape)}"
        raise TypeError(f"{name}: expected {expected}, got {_describe(value)}")
    size = (value.shape[axis] - offset) // factor
    if size < 1:
        expected = f"axis {axis} of shape {_shape(shape)} to be longer"
        raise ValueError(f"{name}: expected {expected}, got {_describe(value)}")
    return size
