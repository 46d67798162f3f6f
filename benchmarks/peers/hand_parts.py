"""What the steps by hand share: dense layers, activations, softmax cross-entropy, with their gradients."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = Any
Arrays = dict[str, Array]
Result = tuple[float, Arrays]


def cross_entropy(z: Array, y: Array) -> tuple[float, Array]:
    """Softmax cross-entropy of scores z [N, C] with labels y [N], and its gradient by z, which takes the place of z."""
    rows = np.arange(len(y))
    z -= z.max(axis=1, keepdims=True)
    picked = z[rows, y]
    np.exp(z, out=z)
    total = z.sum(axis=1)
    loss = float((np.log(total) - picked).mean())
    z /= total[:, None] * z.dtype.type(len(y))
    z[rows, y] -= z.dtype.type(1 / len(y))
    return loss, z


def tanh_back(d: Array, h: Array) -> Array:
    """The gradient before a tanh from that behind it, in place; h is the result of the tanh."""
    s = h * h
    np.subtract(1, s, out=s)
    d *= s
    return d


def dense(x: Array, p: Arrays, name: str) -> Array:
    """X W + b."""
    h = x @ p[f"{name}.W"]
    h += p[f"{name}.b"]
    return h


def dense_back(d: Array, x: Array, name: str, grads: Arrays) -> None:
    """The gradients of W and b from that of the layer's result."""
    grads[f"{name}.W"] = x.T @ d
    grads[f"{name}.b"] = d.sum(axis=0)


GELU = 0.79788456080286535588  # sqrt(2/pi)


def gelu(x: Array) -> tuple[Array, Array]:
    """x/2*(1 + tanh(u)) with u = sqrt(2/pi)*(x + 0.044715 x^3), and its slope."""
    square = x * x
    t = square * (GELU * 0.044715)
    t += GELU
    t *= x
    np.tanh(t, out=t)
    square *= 3 * 0.044715 * GELU
    square += GELU
    square *= x  # x u'
    y = t + 1
    y *= 0.5
    slope = t * t
    np.subtract(1, slope, out=slope)
    slope *= square
    slope *= 0.5
    slope += y
    y *= x
    return y, slope
