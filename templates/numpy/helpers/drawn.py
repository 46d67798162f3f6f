import numpy as np


def _drawn(name, noise, shape, dtype):
    """One of the random tensors after checking its shape, in the dtype of the others."""
    if name not in noise:
        raise ValueError(f"noise: missing {name!r}")
    value = noise[name]
    if shape == () and isinstance(value, (int, float)):
        return np.array(value, dtype)
    if isinstance(value, np.ndarray) and value.shape == shape and value.dtype.char in "fd":
        return value.astype(dtype, copy=False)
    expected = f"an array of shape {shape} and dtype float32 or float64"
    raise ValueError(f"noise[{name!r}]: expected {expected}, got {_describe(value)}")
