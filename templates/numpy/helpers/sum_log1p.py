import numpy as np


def _sum_log1p(halves):
    """The sum of log1p of the values that `halves` was made for, all from 0 to 1; overwrites them.

    log1p(a) + log1p(b) is log1p(a + b + a*b), a sum of positive terms: nothing cancels. At most 64
    values become one, below 2**64.
    """
    parts, last = halves
    for a, b, product in parts:
        np.multiply(a, b, product)
        np.add(a, b, a)
        np.add(a, product, a)
    return np.add.reduce(np.log1p(last, last))
