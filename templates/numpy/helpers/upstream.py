import numpy as np


def _upstream(name, grad_outputs, shape, dtype):
    """The gradient given for an output; zeros where none is given."""
    value = grad_outputs.get(name)
    if value is None:
        return np.zeros(shape, dtype)
    if shape == () and isinstance(value, (int, float)):
        return np.array(value, dtype)
    if not isinstance(value, np.ndarray) or value.shape != shape or value.dtype != dtype:
        expected = f"an array of shape {shape} and dtype {dtype}"
        raise ValueError(f"grad_outputs[{name!r}]: expected {expected}, got {_describe(value)}")
    return value
