import math

import numpy as np


def _orthogonal(rng, shape, gain=1):
    """A matrix with orthonormal rows or columns, times gain (Saxe et al., 2014).

    More than two dimensions are seen as a matrix whose rows are the first dimension. The signs of
    R's diagonal make the distribution uniform over orthogonal matrices (Mezzadri, 2007).
    """
    rows, columns = shape[0], math.prod(shape[1:])
    q, r = np.linalg.qr(rng.normal(size=(max(rows, columns), min(rows, columns))))
    q *= np.where(np.diagonal(r) < 0, -1, 1)
    return gain * (q if rows >= columns else q.T).reshape(shape)
