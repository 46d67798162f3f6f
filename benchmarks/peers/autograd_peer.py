"""autograd, which differentiates NumPy programs as they run. It has no convolution that is meant for networks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.peers.array_models import Array, Arrays, Loss, dense_losses
from benchmarks.peers.rows import Problem, Unsupported


def losses() -> dict[str, Loss]:
    """The losses by spec."""
    import autograd.numpy as xp
    from autograd.scipy.special import logsumexp

    found = dense_losses(xp, lambda z, axis: logsumexp(z, axis))

    def sigmoid(x: Array) -> Array:
        return 0.5 * (xp.tanh(0.5 * x) + 1)

    def lstm(p: Arrays, data: Arrays) -> Array:
        n, steps, inputs = data["x"].shape
        width = p["h.U"].shape[0]
        u = xp.reshape(p["h.U"], (width, -1))
        start = xp.array([[0.0], [0.0], [1.0], [0.0]], data["x"].dtype)
        bias = xp.reshape(p["h.b"] + start, (-1,))
        h = c = xp.zeros((n, width), data["x"].dtype)
        w = xp.reshape(p["h.W"], (inputs, -1))
        for t in range(steps):
            a = xp.dot(data["x"][:, t], w) + xp.dot(h, u) + bias
            o, i, f, g = (a[:, k * width : (k + 1) * width] for k in range(4))
            c = sigmoid(f) * c + sigmoid(i) * xp.tanh(g)
            h = sigmoid(o) * xp.tanh(c)
        z = xp.dot(h, p["logits.W"]) + p["logits.b"]
        return xp.mean(logsumexp(z, 1) - z[xp.arange(n), data["y"]])

    return found | {"lstm": lstm}


def build(problem: Problem, threads: int) -> tuple[Callable[[], Any], Callable[[Any], tuple[float, Arrays]]]:
    """The step, ready to be called, and what makes NumPy arrays of its result."""
    from autograd import value_and_grad

    loss = losses().get(problem.spec)
    if loss is None:
        raise Unsupported
    step, params, data = value_and_grad(loss), problem.params, problem.data
    return lambda: step(params, data), lambda found: (float(found[0]), found[1])
