"""JAX: `jit(value_and_grad(loss))`. Images are held channels last, as its CPU backend wants them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.array_models import Array, Arrays, Loss, dense_losses
from benchmarks.peers.rows import Problem, Unsupported


def start(threads: int) -> Any:
    """JAX with so many threads: it makes as many as there are CPUs that it may use when it starts."""
    usable = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    if usable:
        os.sched_setaffinity(0, usable[:threads])
    if threads == 1:
        os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    import jax

    jax.jit(lambda x: x @ x)(np.ones((64, 64), np.float32)).block_until_ready()
    if usable:
        for thread in Path("/proc/self/task").iterdir():
            os.sched_setaffinity(int(thread.name), usable)
    return jax


def losses(jax: Any) -> dict[str, Loss]:
    """The losses by spec."""
    xp, lax = jax.numpy, jax.lax
    found = dense_losses(xp, lambda z, axis: jax.nn.logsumexp(z, axis=axis))
    layout = ("NHWC", "HWIO", "NHWC")

    def dense(x: Array, p: Arrays, name: str) -> Array:
        return x @ p[f"{name}.W"] + p[f"{name}.b"]

    def cross_entropy(z: Array, y: Array) -> Array:
        return xp.mean(jax.nn.logsumexp(z, axis=1) - z[xp.arange(len(y)), y])

    def conv(x: Array, w: Array, padding: str) -> Array:
        return lax.conv_general_dilated(x, w, (1, 1), padding, dimension_numbers=layout)

    def pool(x: Array) -> Array:
        return lax.reduce_window(x, -xp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")

    def lenet(p: Arrays, data: Arrays) -> Array:
        x = pool(jax.nn.relu(conv(data["image"], p["c1.W"], "VALID") + p["c1.b"]))
        x = pool(jax.nn.relu(conv(x, p["c2.W"], "VALID") + p["c2.b"]))
        h = jax.nn.relu(dense(x.reshape(len(x), -1), p, "h1"))
        return cross_entropy(dense(jax.nn.relu(dense(h, p, "h2")), p, "logits"), data["y"])

    def batch_norm(x: Array, p: Arrays, name: str) -> Array:
        m = xp.mean(x, axis=(0, 1, 2))
        v = xp.mean((x - m) ** 2, axis=(0, 1, 2))
        return p[f"{name}.g"] * (x - m) * lax.rsqrt(v + 1e-5) + p[f"{name}.b"]

    def resnet_block(p: Arrays, data: Arrays) -> Array:
        x = data["x"]
        r = jax.nn.relu(batch_norm(conv(x, p["n1.conv2d.W"], "SAME"), p, "n1"))
        y = jax.nn.relu(batch_norm(conv(r, p["n2.conv2d.W"], "SAME"), p, "n2") + x)
        return xp.mean((y - data["t"]) ** 2)

    def lstm(p: Arrays, data: Arrays) -> Array:
        width = p["h.U"].shape[0]
        u = p["h.U"].reshape(width, -1)
        bias = (p["h.b"] + xp.array([0.0, 0.0, 1.0, 0.0])[:, None]).reshape(-1)
        x = xp.swapaxes(data["x"], 0, 1)
        inputs = x @ p["h.W"].reshape(x.shape[2], -1) + bias
        zeros = xp.zeros((x.shape[1], width), x.dtype)

        def cell(carried: Any, a: Array) -> Any:
            h, c = carried
            o, i, f, g = xp.split(a + h @ u, 4, axis=1)
            c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * xp.tanh(g)
            return (jax.nn.sigmoid(o) * xp.tanh(c), c), None

        (last, _), _ = lax.scan(cell, (zeros, zeros), inputs)
        return cross_entropy(dense(last, p, "logits"), data["y"])

    return found | {"lenet": lenet, "resnet_block": resnet_block, "lstm": lstm}


# --- arrays from the spec's order of dimensions to JAX's, and back ---


def native(name: str, value: Array, spec: str) -> Array:
    """Images channels last, kernels [k, k, C, O]; the rows of the dense layer that follows images likewise."""
    if value.ndim == 4 and spec in ("lenet", "resnet_block"):
        return np.ascontiguousarray(value.transpose((2, 3, 1, 0) if name.endswith(".W") else (0, 2, 3, 1)))
    if name == "h1.W" and spec == "lenet":
        return np.ascontiguousarray(value.reshape(16, 4, 4, -1).transpose(1, 2, 0, 3).reshape(256, -1))
    return value.astype(np.int32) if value.dtype == np.int64 else value


def spec_order(name: str, value: Array, spec: str) -> Array:
    """The inverse of `native` for parameters."""
    if value.ndim == 4 and spec in ("lenet", "resnet_block"):
        return value.transpose(3, 2, 0, 1)
    if name == "h1.W" and spec == "lenet":
        return value.reshape(4, 4, 16, -1).transpose(2, 0, 1, 3).reshape(256, -1)
    return value


def function(problem: Problem, jax: Any) -> tuple[Any, Any, Any]:
    """The function that is compiled, and its two arguments."""
    found = losses(jax)
    if problem.spec not in found:
        raise Unsupported
    params, data = (
        {name: jax.numpy.asarray(native(name, value, problem.spec)) for name, value in group.items()}
        for group in (problem.params, problem.data)
    )
    return jax.jit(jax.value_and_grad(found[problem.spec])), params, data


def build(problem: Problem, threads: int) -> tuple[Callable[[], Any], Callable[[Any], Any]]:
    """The step, ready to be called, and what makes NumPy arrays of its result."""
    jax = start(threads)
    step, params, data = function(problem, jax)

    def result(found: Any) -> tuple[float, Arrays]:
        loss, grads = found
        return float(loss), {name: spec_order(name, np.asarray(g), problem.spec) for name, g in grads.items()}

    return lambda: jax.block_until_ready(step(params, data)), result
