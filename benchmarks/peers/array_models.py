"""The losses as functions of parameters and data, for the frameworks whose arrays look like NumPy's: JAX and autograd.

`xp` is the framework's NumPy. What NumPy has no word for (convolutions, loops that are compiled) is in their own files.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Array = Any
Arrays = dict[str, Array]
Loss = Callable[[Arrays, Arrays], Array]
NAMES = (
    "scalar_graph rosenbrock mlp_tiny mlp_digits mlp_mnist mlp_wide deep_tanh gaussian_mixture logistic_regression vae "
    "transformer"
).split()


def dense_losses(xp: Any, logsumexp: Callable[..., Array]) -> dict[str, Loss]:
    """The losses by spec; `logsumexp(z, axis)` is the framework's."""

    def dense(x: Array, p: Arrays, name: str) -> Array:
        return xp.dot(x, p[f"{name}.W"]) + p[f"{name}.b"]

    def cross_entropy(z: Array, y: Array) -> Array:
        return xp.mean(logsumexp(z, 1) - z[xp.arange(len(y)), y])

    def gelu(x: Array) -> Array:
        return 0.5 * x * (1 + xp.tanh(0.79788456080286535588 * (x + 0.044715 * x * x * x)))

    def relu(x: Array) -> Array:
        return xp.maximum(x, 0)

    def softplus(x: Array) -> Array:
        return xp.logaddexp(x, 0.0)

    def scalar_graph(p: Arrays, _: Arrays) -> Array:
        return (p["a"] + p["b"]) * (p["b"] + 1)

    def rosenbrock(p: Arrays, _: Arrays) -> Array:
        x = p["x"]
        return xp.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)

    def mlp_tiny(p: Arrays, data: Arrays) -> Array:
        h = xp.tanh(dense(data["x"], p, "h1"))
        h = xp.tanh(dense(h, p, "h2"))
        return xp.mean((dense(h, p, "y") - data["t"]) ** 2)

    def mlp_digits(p: Arrays, data: Arrays) -> Array:
        return cross_entropy(dense(xp.tanh(dense(data["x"], p, "h")), p, "logits"), data["y"])

    def mlp_mnist(p: Arrays, data: Arrays) -> Array:
        h = relu(dense(relu(dense(data["x"], p, "h1")), p, "h2"))
        return cross_entropy(dense(h, p, "logits"), data["y"])

    def mlp_wide(p: Arrays, data: Arrays) -> Array:
        h = gelu(dense(gelu(dense(data["x"], p, "h1")), p, "h2"))
        return cross_entropy(dense(h, p, "logits"), data["y"])

    def deep_tanh(p: Arrays, data: Arrays) -> Array:
        h = data["x"]
        for number in range(1, 51):
            h = xp.tanh(dense(h, p, f"h{number}"))
        return xp.mean((h - data["t"]) ** 2)

    def logistic_regression(p: Arrays, data: Arrays) -> Array:
        z = xp.dot(data["x"], p["w"]) + p["b"]
        return xp.mean(softplus(z) - data["y"] * z)

    def gaussian_mixture(p: Arrays, data: Arrays) -> Array:
        x, low = data["x"], p["L"]
        size = x.shape[1]
        eye, below = xp.eye(size, dtype=x.dtype), xp.tril(xp.ones((size, size), x.dtype), -1)
        diagonal = xp.sum(low * eye, axis=2)
        r = low * below + xp.exp(diagonal)[:, :, None] * eye
        products = xp.reshape(xp.dot(x, xp.reshape(r, (-1, size)).T), (len(x), -1, size))
        u = products - xp.einsum("kij,kj->ki", r, p["m"])
        log_weight = p["a"] - logsumexp(p["a"], 0)
        q = log_weight + xp.sum(diagonal, axis=1) - size * 0.91893853320467274178 - 0.5 * xp.sum(u * u, axis=2)
        return -xp.mean(logsumexp(q, 1))

    def vae(p: Arrays, data: Arrays) -> Array:
        x = data["x"]
        h = xp.tanh(dense(x, p, "h"))
        m, s = dense(h, p, "m"), dense(h, p, "s")
        z = m + xp.exp(s / 2) * data["e"]
        logits = dense(xp.tanh(dense(z, p, "g")), p, "logits")
        reconstruction = xp.sum(softplus(logits) - x * logits)
        divergence = xp.sum(m * m + xp.exp(s) - 1 - s) / 2
        return (reconstruction + divergence) / len(x)

    def layer_norm(x: Array, p: Arrays, name: str) -> Array:
        c = x - xp.mean(x, axis=-1, keepdims=True)
        v = xp.mean(c * c, axis=-1, keepdims=True)
        return p[f"{name}.g"] * c / xp.sqrt(v + 1e-5) + p[f"{name}.b"]

    def transformer(p: Arrays, data: Arrays) -> Array:
        x = data["x"]
        n, t, width = x.shape
        at, first = "y.a.multi_head_attention", "y.dense.dense"
        rows = layer_norm(x, p, "y.l")
        q, k, v = (
            xp.transpose(xp.reshape(xp.dot(rows, p[f"{at}.{name}.W"]), (n, t, 4, width // 4)), (0, 2, 1, 3))
            for name in "qkv"
        )
        z = xp.matmul(q, xp.transpose(k, (0, 1, 3, 2))) / (width // 4) ** 0.5
        z = xp.where(xp.tril(xp.ones((t, t), bool)), z, -1e30)
        w = xp.exp(z - logsumexp(z, 3)[..., None])
        heads = xp.reshape(xp.transpose(xp.matmul(w, v), (0, 2, 1, 3)), (n, t, width))
        a = x + dense(heads, p, f"{at}.dense")
        h = gelu(dense(layer_norm(a, p, f"{first}.layer_norm"), p, first))
        return xp.mean((a + dense(h, p, "y.dense") - data["t"]) ** 2)

    return {name: loss for name, loss in locals().items() if name in NAMES}
