import numpy as np


def _direction(name, v, shape, dtype):
    """The direction given for a tensor; zeros where none is given."""
    value = v.get(name)
    if value is None:
        return np.zeros(shape, dtype)
    if shape == () and isinstance(value, (int, float)):
        return np.array(value, dtype)
    if not isinstance(value, np.ndarray) or value.shape != shape or value.dtype != dtype:
        expected = f"an array of shape {shape} and dtype {dtype}"
        raise ValueError(f"v[{name!r}]: expected {expected}, got {_describe(value)}")
    return value
