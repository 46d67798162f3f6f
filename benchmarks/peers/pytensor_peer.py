"""PyTensor, in its default mode. It has no convolution that is meant for networks any more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.peers.array_models import Array, Arrays, Loss
from benchmarks.peers.rows import Problem, Unsupported


def losses() -> dict[str, Loss]:
    """The losses by spec. PyTensor finds the safe forms of log(sum(exp)) and log(1 + exp) by itself."""
    import pytensor
    import pytensor.tensor as pt

    def dense(x: Array, p: Arrays, name: str) -> Array:
        return pt.dot(x, p[f"{name}.W"]) + p[f"{name}.b"]

    def cross_entropy(z: Array, y: Array) -> Array:
        return pt.mean(pt.logsumexp(z, axis=1) - z[pt.arange(y.shape[0]), y])

    def gelu(x: Array) -> Array:
        return 0.5 * x * (1 + pt.tanh(0.79788456080286535588 * (x + 0.044715 * x * x * x)))

    def relu(x: Array) -> Array:
        return pt.maximum(x, 0)

    def scalar_graph(p: Arrays, _: Arrays) -> Array:
        return (p["a"] + p["b"]) * (p["b"] + 1)

    def rosenbrock(p: Arrays, _: Arrays) -> Array:
        x = p["x"]
        return pt.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)

    def mlp_tiny(p: Arrays, data: Arrays) -> Array:
        h = pt.tanh(dense(pt.tanh(dense(data["x"], p, "h1")), p, "h2"))
        return pt.mean((dense(h, p, "y") - data["t"]) ** 2)

    def mlp_digits(p: Arrays, data: Arrays) -> Array:
        return cross_entropy(dense(pt.tanh(dense(data["x"], p, "h")), p, "logits"), data["y"])

    def mlp_mnist(p: Arrays, data: Arrays) -> Array:
        return cross_entropy(dense(relu(dense(relu(dense(data["x"], p, "h1")), p, "h2")), p, "logits"), data["y"])

    def mlp_wide(p: Arrays, data: Arrays) -> Array:
        return cross_entropy(dense(gelu(dense(gelu(dense(data["x"], p, "h1")), p, "h2")), p, "logits"), data["y"])

    def deep_tanh(p: Arrays, data: Arrays) -> Array:
        h = data["x"]
        for number in range(1, 51):
            h = pt.tanh(dense(h, p, f"h{number}"))
        return pt.mean((h - data["t"]) ** 2)

    def layer_norm(x: Array, p: Arrays, name: str) -> Array:
        c = x - pt.mean(x, axis=-1, keepdims=True)
        v = pt.mean(c * c, axis=-1, keepdims=True)
        return p[f"{name}.g"] * c / pt.sqrt(v + np.float32(1e-5)) + p[f"{name}.b"]

    def transformer(p: Arrays, data: Arrays) -> Array:
        n, t, width = data["x"].type.shape
        x = data["x"].reshape((n * t, width))
        at, first = "y.a.multi_head_attention", "y.dense.dense"
        rows = layer_norm(x, p, "y.l")
        q, k, v = (
            pt.dot(rows, p[f"{at}.{name}.W"]).reshape((n, t, 4, width // 4)).transpose(0, 2, 1, 3) for name in "qkv"
        )
        z = pt.matmul(q, k.transpose(0, 1, 3, 2)) / np.float32((width // 4) ** 0.5)
        z = pt.where(np.tril(np.ones((t, t), bool)), z, np.float32(-1e30))
        w = pt.exp(z - pt.logsumexp(z, axis=3, keepdims=True))
        heads = pt.matmul(w, v).transpose(0, 2, 1, 3).reshape((n * t, width))
        a = x + dense(heads, p, f"{at}.dense")
        h = gelu(dense(layer_norm(a, p, f"{first}.layer_norm"), p, first))
        return pt.mean((a + dense(h, p, "y.dense") - data["t"].reshape((n * t, width))) ** 2)

    def lstm(p: Arrays, data: Arrays) -> Array:
        n, steps, inputs = data["x"].type.shape
        width = p["h.U"].type.shape[0]
        u = p["h.U"].reshape((width, 4 * width))
        bias = (p["h.b"] + np.array([[0], [0], [1], [0]], np.float32)).reshape((4 * width,))
        x = data["x"].transpose(1, 0, 2).reshape((steps * n, inputs))
        a = (pt.dot(x, p["h.W"].reshape((inputs, 4 * width))) + bias).reshape((steps, n, 4 * width))
        zeros = pt.zeros((n, width), "float32")

        def cell(now: Array, h: Array, c: Array, u: Array) -> list[Array]:
            gates = now + pt.dot(h, u)
            o, i, f, g = (gates[:, k * width : (k + 1) * width] for k in range(4))
            c = pt.sigmoid(f) * c + pt.sigmoid(i) * pt.tanh(g)
            return [pt.sigmoid(o) * pt.tanh(c), c]

        (hidden, _), _ = pytensor.scan(cell, sequences=[a], outputs_info=[zeros, zeros], non_sequences=[u])
        return cross_entropy(dense(hidden[-1], p, "logits"), data["y"])

    def gaussian_mixture(p: Arrays, data: Arrays) -> Array:
        x, low = data["x"], p["L"]
        count, size, _ = low.type.shape
        eye = np.eye(size, dtype=np.float32)
        diagonal = pt.sum(low * eye, axis=2)
        r = low * np.tril(np.ones((size, size), np.float32), -1) + pt.exp(diagonal)[:, :, None] * eye
        products = pt.dot(x, r.reshape((count * size, size)).T).reshape((x.type.shape[0], count, size))
        u = products - pt.sum(r * p["m"][:, None, :], axis=2)
        log_weight = p["a"] - pt.logsumexp(p["a"])
        q = (
            log_weight
            + pt.sum(diagonal, axis=1)
            - np.float32(size * 0.91893853320467274178)
            - 0.5 * pt.sum(u**2, axis=2)
        )
        return -pt.mean(pt.logsumexp(q, axis=1))

    def logistic_regression(p: Arrays, data: Arrays) -> Array:
        z = pt.dot(data["x"], p["w"]) + p["b"]
        return pt.mean(pt.softplus(z) - data["y"] * z)

    def vae(p: Arrays, data: Arrays) -> Array:
        x = data["x"]
        h = pt.tanh(dense(x, p, "h"))
        m, s = dense(h, p, "m"), dense(h, p, "s")
        logits = dense(pt.tanh(dense(m + pt.exp(s / 2) * data["e"], p, "g")), p, "logits")
        reconstruction = pt.sum(pt.softplus(logits) - x * logits)
        return (reconstruction + pt.sum(m * m + pt.exp(s) - 1 - s) / 2) / np.float32(x.type.shape[0])

    return {name: found for name, found in locals().items() if name not in HELPERS}


HELPERS = ("pytensor", "pt", "dense", "cross_entropy", "gelu", "relu", "layer_norm")


def build(problem: Problem, threads: int) -> tuple[Callable[[], Any], Callable[[Any], tuple[float, Arrays]]]:
    """The step, ready to be called, and what makes NumPy arrays of its result. Shapes are known when it compiles."""
    import pytensor
    import pytensor.tensor as pt

    pytensor.config.floatX = "float32"
    loss = losses().get(problem.spec)
    if loss is None:
        raise Unsupported
    data = {name: a.astype(np.int32) if a.dtype.kind == "i" else a for name, a in problem.data.items()}
    if problem.spec == "logistic_regression":
        data["y"] = data["y"].astype(np.float32)
    variables, values = {}, {}
    for group in (problem.params, data):
        for name, value in group.items():
            variables[name] = pt.tensor(name, dtype=value.dtype.name, shape=value.shape)
            values[name] = value
    cost = loss({name: variables[name] for name in problem.params}, {name: variables[name] for name in data})
    grads = pytensor.grad(cost, [variables[name] for name in problem.params])
    function = pytensor.function(list(variables.values()), [cost, *grads], trust_input=True, on_unused_input="ignore")
    arguments = list(values.values())

    def result(found: Any) -> tuple[float, Arrays]:
        return float(found[0]), dict(zip(problem.params, found[1:], strict=True))

    return lambda: function(*arguments), result
