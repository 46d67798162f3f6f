"""Networks on sequences by hand: a transformer block and an LSTM."""

from __future__ import annotations

import numpy as np

from benchmarks.peers.hand_parts import Array, Arrays, Result, cross_entropy, dense, dense_back, gelu

HEADS = 4


def layer_norm(x: Array, p: Arrays, name: str, eps: float = 1e-5) -> tuple[Array, Array, Array]:
    """Rows [M, C] normalised, scaled and shifted; the normalised ones and their factors [M, 1]."""
    xn = x - x.mean(axis=1, keepdims=True)
    inverse = 1 / np.sqrt(np.einsum("mc,mc->m", xn, xn)[:, None] / x.shape[1] + x.dtype.type(eps))
    xn *= inverse
    y = xn * p[f"{name}.g"]
    y += p[f"{name}.b"]
    return y, xn, inverse


def layer_norm_back(d: Array, xn: Array, inverse: Array, p: Arrays, name: str, grads: Arrays) -> Array:
    """The gradient by the rows, in the place of d; those of scale and shift go to `grads`."""
    grads[f"{name}.g"] = np.einsum("mc,mc->c", d, xn)
    grads[f"{name}.b"] = d.sum(axis=0)
    d *= p[f"{name}.g"]
    along = np.einsum("mc,mc->m", d, xn)[:, None] / d.shape[1]
    d -= d.mean(axis=1, keepdims=True)
    d -= xn * along
    d *= inverse
    return d


def transformer(p: Arrays, data: Arrays) -> Result:
    """Normalise, attend, add; normalise, two dense layers, add."""
    n, t, width = data["x"].shape
    size = width // HEADS
    scale = data["x"].dtype.type(size**-0.5)
    x = data["x"].reshape(n * t, width)
    at, first = "y.a.multi_head_attention", "y.dense.dense"

    def split(a: Array) -> Array:
        return a.reshape(n, t, HEADS, size).transpose(0, 2, 1, 3)

    def merged(a: Array) -> Array:
        return a.transpose(0, 2, 1, 3).reshape(n * t, width)

    l1, xn1, inverse1 = layer_norm(x, p, "y.l")
    q, k, v = (split(l1 @ p[f"{at}.{name}.W"]) for name in "qkv")
    w = q @ k.swapaxes(-1, -2)
    w *= scale
    w += np.triu(np.full((t, t), -np.inf, w.dtype), 1)
    w -= w.max(axis=-1, keepdims=True)
    np.exp(w, out=w)
    w /= w.sum(axis=-1, keepdims=True)
    heads = merged(w @ v)
    a = dense(heads, p, f"{at}.dense")
    a += x
    l2, xn2, inverse2 = layer_norm(a, p, f"{first}.layer_norm")
    h, slope = gelu(dense(l2, p, first))
    d = dense(h, p, "y.dense")
    d += a
    d -= data["t"].reshape(n * t, width)
    loss = float(np.vdot(d, d) / d.size)
    d *= 2 / d.size

    grads: Arrays = {}
    dense_back(d, h, "y.dense", grads)
    slope *= d @ p["y.dense.W"].T
    dense_back(slope, l2, first, grads)
    d += layer_norm_back(slope @ p[f"{first}.W"].T, xn2, inverse2, p, f"{first}.layer_norm", grads)
    dense_back(d, heads, f"{at}.dense", grads)
    dheads = split(d @ p[f"{at}.dense.W"].T)
    dv = w.swapaxes(-1, -2) @ dheads
    dw = dheads @ v.swapaxes(-1, -2)
    dw -= np.einsum("nhts,nhts->nht", dw, w)[..., None]
    dw *= w
    dw *= scale
    parts = {"q": merged(dw @ k), "k": merged(dw.swapaxes(-1, -2) @ q), "v": merged(dv)}
    dl = np.zeros_like(x)
    for name, part in parts.items():
        grads[f"{at}.{name}.W"] = l1.T @ part
        dl += part @ p[f"{at}.{name}.W"].T
    layer_norm_back(dl, xn1, inverse1, p, "y.l", grads)
    return loss, grads


def sigmoid(x: Array) -> Array:
    """1/(1 + exp(-x)) by the tangent, which does not overflow; in place."""
    x *= 0.5
    np.tanh(x, out=x)
    x += 1
    x *= 0.5
    return x


def lstm(p: Arrays, data: Arrays) -> Result:
    """Products with the inputs, and gradients of the weights, over all times at once; the gates side by side."""
    x, y = data["x"], data["y"]
    n, steps, inputs = x.shape
    width = p["h.U"].shape[0]
    w, u = p["h.W"].reshape(inputs, -1), p["h.U"].reshape(width, -1)
    bias = p["h.b"].copy()
    bias[2] += 1  # the forget gate begins open
    xs = np.ascontiguousarray(x.transpose(1, 0, 2)).reshape(steps * n, inputs)
    gates = (xs @ w).reshape(steps, n, 4, width)
    gates += bias
    hs = np.zeros((steps + 1, n, width), x.dtype)
    cs = np.zeros((steps + 1, n, width), x.dtype)
    tanhs = np.empty((steps, n, width), x.dtype)
    for t in range(steps):
        a = gates[t]
        a += (hs[t] @ u).reshape(n, 4, width)
        sigmoid(a[:, :3])
        np.tanh(a[:, 3], out=a[:, 3])
        np.multiply(a[:, 2], cs[t], out=cs[t + 1])
        cs[t + 1] += a[:, 1] * a[:, 3]
        np.tanh(cs[t + 1], out=tanhs[t])
        np.multiply(a[:, 0], tanhs[t], out=hs[t + 1])
    loss, d = cross_entropy(dense(hs[-1], p, "logits"), y)
    grads: Arrays = {}
    dense_back(d, hs[-1], "logits", grads)
    dh = d @ p["logits.W"].T
    dc = np.zeros_like(dh)
    o, i, f, g = (gates[:, :, number] for number in range(4))
    slopes = gates * (1 - gates)
    slopes[:, :, 3] = 1 - g * g
    slopes[:, :, 0] *= tanhs
    slopes[:, :, 1] *= g
    slopes[:, :, 2] *= cs[:-1]
    slopes[:, :, 3] *= i
    tanh_slopes = o * (1 - tanhs * tanhs)
    for t in range(steps - 1, -1, -1):
        dc += dh * tanh_slopes[t]
        slopes[t, :, 1:] *= dc[:, None]
        slopes[t, :, 0] *= dh
        dh = slopes[t].reshape(n, -1) @ u.T
        dc *= f[t]
    da = slopes.reshape(steps * n, -1)
    grads["h.W"] = (xs.T @ da).reshape(p["h.W"].shape)
    grads["h.U"] = (hs[:-1].reshape(steps * n, width).T @ da).reshape(p["h.U"].shape)
    grads["h.b"] = da.sum(axis=0).reshape(4, width)
    return loss, grads
