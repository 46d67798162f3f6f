import numpy as np


def _total(length, scale, dtype):
    """What gives the sum of so many values, times a scale: a product with ones where it is short.

    From 4,096 values on the vector would take more memory than it saves time.
    """
    if length < 4096:
        return np.full(length, scale, dtype).dot
    return lambda values: np.add.reduce(values) * scale
