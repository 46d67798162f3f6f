"""Convolutional networks by hand: windows gathered into a matrix, and one product for each convolution."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from benchmarks.peers.hand_parts import Array, Arrays, Result, cross_entropy, dense, dense_back

# Images are [C, N, I, J] inside: a product with the windows [C*k*k, N*U*V] then gives [O, N*U*V] without a copy.


def windows(x: Array, k: int) -> Array:
    """The k x k windows of images [C, N, I, J] as a matrix [C*k*k, N*U*V]."""
    view = sliding_window_view(x, (k, k), axis=(2, 3)).transpose(0, 4, 5, 1, 2, 3)
    return view.reshape(x.shape[0] * k * k, -1)


def conv(cols: Array, w: Array, shape: tuple[int, ...]) -> Array:
    """The convolution [O, N, U, V] with kernels [O, C, k, k], from the windows."""
    return (w.reshape(len(w), -1) @ cols).reshape(len(w), *shape)


def conv_back(d: Array, w: Array, shape: tuple[int, ...]) -> Array:
    """The gradient by the images of that shape, from the one by the result d [O, N, U, V]."""
    o, n, u, v = d.shape
    k = w.shape[-1]
    dcols = (w.reshape(o, -1).T @ d.reshape(o, -1)).reshape(-1, k, k, n, u, v)
    dx = np.zeros(shape, d.dtype)
    for i in range(k):
        for j in range(k):
            dx[:, :, i : i + u, j : j + v] += dcols[:, i, j]
    return dx


def quarters(x: Array) -> tuple[Array, ...]:
    """The four places of the 2 x 2 fields."""
    return x[..., ::2, ::2], x[..., ::2, 1::2], x[..., 1::2, ::2], x[..., 1::2, 1::2]


def pooled(x: Array) -> Array:
    """Maximum over 2 x 2 fields, then relu; the two can be exchanged, and relu then has a quarter of the work."""
    a, b, c, d = quarters(x)
    top = np.maximum(a, b)
    np.maximum(top, c, out=top)
    np.maximum(top, d, out=top)
    return np.maximum(top, 0, out=top)


def pooled_back(d: Array, x: Array, top: Array) -> Array:
    """The gradient by x. Ties away from 0 do not happen with real data; those at 0 are stopped by the relu."""
    d *= top > 0
    dx = np.empty_like(x)
    for place, into in zip(quarters(x), quarters(dx), strict=True):
        np.multiply(d, place == top, out=into)
    return dx


def lenet(p: Arrays, data: Arrays) -> Result:
    """Two convolutions with pooling, three dense layers."""
    x = data["image"].transpose(1, 0, 2, 3)
    n = x.shape[1]
    cols1 = windows(x, 5)
    c1 = conv(cols1, p["c1.W"], (n, 24, 24))
    c1 += p["c1.b"][:, None, None, None]
    p1 = pooled(c1)
    cols2 = windows(p1, 5)
    c2 = conv(cols2, p["c2.W"], (n, 8, 8))
    c2 += p["c2.b"][:, None, None, None]
    p2 = pooled(c2)
    flat = p2.transpose(1, 0, 2, 3).reshape(n, 256)
    h1 = dense(flat, p, "h1")
    np.maximum(h1, 0, out=h1)
    h2 = dense(h1, p, "h2")
    np.maximum(h2, 0, out=h2)
    loss, d = cross_entropy(dense(h2, p, "logits"), data["y"])
    grads: Arrays = {}
    dense_back(d, h2, "logits", grads)
    d = d @ p["logits.W"].T
    d *= h2 > 0
    dense_back(d, h1, "h2", grads)
    d = d @ p["h2.W"].T
    d *= h1 > 0
    dense_back(d, flat, "h1", grads)
    d = d @ p["h1.W"].T
    d = pooled_back(np.ascontiguousarray(d.reshape(n, 16, 4, 4).transpose(1, 0, 2, 3)), c2, p2)
    grads["c2.W"] = (d.reshape(16, -1) @ cols2.T).reshape(16, 6, 5, 5)
    grads["c2.b"] = d.reshape(16, -1).sum(axis=1)
    d = pooled_back(conv_back(d, p["c2.W"], p1.shape), c1, p1)
    grads["c1.W"] = (d.reshape(6, -1) @ cols1.T).reshape(6, 1, 5, 5)
    grads["c1.b"] = d.reshape(6, -1).sum(axis=1)
    return loss, grads


# --- a residual block ---


def padded(x: Array) -> Array:
    """Images with a border of zeros."""
    c, n, i, j = x.shape
    out = np.zeros((c, n, i + 2, j + 2), x.dtype)
    out[:, :, 1:-1, 1:-1] = x
    return out


def normalise(x: Array, eps: float = 1e-5) -> tuple[Array, Array]:
    """Rows [C, M] with mean 0 and variance 1, in place, and by what they were multiplied [C, 1]."""
    x -= x.mean(axis=1, keepdims=True)
    inverse = 1 / np.sqrt(np.einsum("cm,cm->c", x, x)[:, None] / x.shape[1] + x.dtype.type(eps))
    x *= inverse
    return x, inverse


def normalise_back(d: Array, x: Array, inverse: Array, g: Array) -> tuple[Array, Array, Array]:
    """The gradients by what was normalised, in the place of d, and by scale and shift; x is the normalised one."""
    dg, db = np.einsum("cm,cm->c", d, x), d.sum(axis=1)
    d -= db[:, None] / d.shape[1]
    d -= x * (dg[:, None] / d.shape[1])
    d *= g[:, None] * inverse
    return d, dg, db


def resnet_block(p: Arrays, data: Arrays) -> Result:
    """Convolution, normalisation, relu, convolution, normalisation, the input added, relu."""
    x = data["x"].transpose(1, 0, 2, 3)
    c, n, i, j = x.shape
    cols1 = windows(padded(x), 3)
    x1, inverse1 = normalise(p["n1.conv2d.W"].reshape(c, -1) @ cols1)
    r = x1 * p["n1.g"][:, None]
    r += p["n1.b"][:, None]
    np.maximum(r, 0, out=r)
    cols2 = windows(padded(r.reshape(c, n, i, j)), 3)
    x2, inverse2 = normalise(p["n2.conv2d.W"].reshape(c, -1) @ cols2)
    y = x2 * p["n2.g"][:, None]
    y += p["n2.b"][:, None]
    y += x.reshape(c, -1)
    np.maximum(y, 0, out=y)
    d = y - data["t"].transpose(1, 0, 2, 3).reshape(c, -1)
    loss = float(np.vdot(d, d) / d.size)
    d *= 2 / d.size
    d *= y > 0
    grads: Arrays = {}
    d, grads["n2.g"], grads["n2.b"] = normalise_back(d, x2, inverse2, p["n2.g"])
    grads["n2.conv2d.W"] = (d @ cols2.T).reshape(c, c, 3, 3)
    dpad = conv_back(d.reshape(c, n, i, j), p["n2.conv2d.W"], (c, n, i + 2, j + 2))
    d = dpad[:, :, 1:-1, 1:-1].reshape(c, -1)
    d *= r > 0
    d, grads["n1.g"], grads["n1.b"] = normalise_back(d, x1, inverse1, p["n1.g"])
    grads["n1.conv2d.W"] = (d @ cols1.T).reshape(c, c, 3, 3)
    return loss, grads
