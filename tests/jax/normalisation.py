"""Normalisation in training and in inference mode, with the states that it carries, and noise held fixed."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from tests.jax.compare import Values, cases
from tests.jax.dense import dense


def across(v: Any, like: Any) -> Any:
    """One number for each channel, shaped to go with x [N, C, ...]."""
    return v.reshape(1, -1, *[1] * (like.ndim - 2))


def batch_norm(
    v: Values, name: str, x: Any, training: bool, momentum: float = 0.1, eps: float = 1e-5
) -> tuple[Any, dict[str, Any]]:
    """x [N, C, ...] normalised over all axes but the second; in training the next states besides."""
    mean, var = v[f"{name}.rm"], v[f"{name}.rv"]
    after = {}
    if training:
        axes = (0, *range(2, x.ndim))
        mean, var = jnp.mean(x, axes), jnp.var(x, axes)
        for state, value in (("rm", mean), ("rv", var)):
            after[f"{name}.{state}'"] = (1 - momentum) * v[f"{name}.{state}"] + momentum * value
    normal = (x - across(mean, x)) / jnp.sqrt(across(var, x) + eps)
    return across(v[f"{name}.g"], x) * normal + across(v[f"{name}.b"], x), after


def layer_norm(v: Values, name: str, x: Any, eps: float = 1e-5) -> Any:
    mean, var = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
    return v[f"{name}.g"] * (x - mean) / jnp.sqrt(var + eps) + v[f"{name}.b"]


def rms_norm(v: Values, name: str, x: Any, eps: float = 1e-6) -> Any:
    return v[f"{name}.g"] * x / jnp.sqrt((x**2).mean(-1, keepdims=True) + eps)


def group_norm(v: Values, name: str, x: Any, groups: int, eps: float = 1e-5) -> Any:
    parts = x.reshape(x.shape[0], groups, -1)
    mean, var = parts.mean(-1, keepdims=True), parts.var(-1, keepdims=True)
    normal = ((parts - mean) / jnp.sqrt(var + eps)).reshape(x.shape)
    return across(v[f"{name}.g"], x) * normal + across(v[f"{name}.b"], x)


BATCH = """
network batch
input x[N, 3, 5]
input t[N, 2]
a = batch_norm(x, momentum=0.3, eps=0.01)
h[n, i] = a[n, i, 0] - 2*a[n, i, 4]**2 + sum(j: a[n, i, j])
b = batch_norm(dense(h, 4))
y = dense(b, 2, activation=tanh)
output y, a
minimize mse(y, t) + 0.1*mean(n, i, j: j*a[n, i, j]**3)
"""


def batch(v: Values, training: bool) -> dict[str, Any]:
    a, first = batch_norm(v, "a", v["x"], training, 0.3, 0.01)
    h = a[:, :, 0] - 2 * a[:, :, 4] ** 2 + a.sum(2)
    b, second = batch_norm(v, "b", dense(v, "b.dense", h), training)
    y = dense(v, "y", b, jnp.tanh)
    loss = jnp.mean((y - v["t"]) ** 2) + 0.1 * jnp.mean(jnp.arange(5) * a**3)
    return {"y": y, "a": a, "loss": loss, **first, **second}


ROWS = """
network rows
input x[N, T, 6]
input t[N, T, 2]
a = layer_norm(dense(x, 5, activation=silu), eps=0.001)
b = rms_norm(dense(a, 7), eps=0.01)
y = dense(b, 2)
output y, a, b
minimize mse(y, t) + mean(n, s, i: (i + s)*b[n, s, i]**3)
"""


def rows(v: Values, training: bool) -> dict[str, Any]:
    a = layer_norm(v, "a", dense(v, "a.dense", v["x"], jax.nn.silu), 0.001)
    b = rms_norm(v, "b", dense(v, "b.dense", a), 0.01)
    y = dense(v, "y", b)
    weights = jnp.arange(7) + jnp.arange(b.shape[1])[:, None]
    return {"y": y, "a": a, "b": b, "loss": jnp.mean((y - v["t"]) ** 2) + jnp.mean(weights * b**3)}


CHANNELS = """
network channels
input x[N, 6, H, 3]
a = group_norm(x, groups=3)
b = instance_norm(a, eps=0.001)
c = group_norm(b, groups=1)
output a, b, c
minimize mean(n, k, i, j: (k + i + 2*j)*(a[n, k, i, j]**3 + c[n, k, i, j]**2))
"""


def channels(v: Values, training: bool) -> dict[str, Any]:
    a = group_norm(v, "a", v["x"], 3)
    b = group_norm(v, "b.group_norm", a, 6, 0.001)
    c = group_norm(v, "c", b, 1)
    _, k, i, j = jnp.indices(a.shape)
    return {"a": a, "b": b, "c": c, "loss": jnp.mean((k + i + 2 * j) * (a**3 + c**2))}


NOISE = """
network noise
input x[N, 4]
input t[N, 2]
a = gaussian_noise(x, std=0.5)
h = dropout(dense(a, 8, activation=relu), rate=0.3)
y = dense(dropout(h), 2)
output y
minimize mse(y, t)
"""


def noise(v: Values, training: bool) -> dict[str, Any]:
    def dropped(x: Any, u: str, rate: float) -> Any:
        return jnp.where(v[u] >= rate, x / (1 - rate), 0) if training else x

    a = v["x"] + v["a.e"] if training else v["x"]
    h = dropped(dense(v, "h.dense", a, jax.nn.relu), "h.u", 0.3)
    y = dense(v, "y", dropped(h, "y.dropout.u", 0.5))
    return {"y": y, "loss": jnp.mean((y - v["t"]) ** 2)}


RUNNING = """
network running
input x[N, 3]
param g[c: 3] ~ ones
state m[c: 3] ~ zeros
state steps ~ zeros
b[c] = mean(n: x[n, c])
m' = 0.9*m + 0.1*b
steps' = steps + 1
y[n, c] = g[c]*(x[n, c] - m[c]) + m'[c]/(1 + steps)
output y
minimize mean(n, c: (c + 1)*y[n, c]**3)
"""


def running(v: Values, training: bool) -> dict[str, Any]:
    after = 0.9 * v["m"] + 0.1 * v["x"].mean(0)
    y = v["g"] * (v["x"] - v["m"]) + after / (1 + v["steps"])
    return {"y": y, "loss": jnp.mean(jnp.arange(1, 4) * y**3), "m'": after, "steps'": v["steps"] + 1}


CASES = cases(
    ("batch_norm", BATCH, batch, {"N": 5}, {"N": 2}),
    ("layer_norm, rms_norm", ROWS, rows, {"N": 2, "T": 3}, {"N": 1, "T": 1}),
    ("group_norm, instance_norm", CHANNELS, channels, {"N": 2, "H": 4}, {"N": 1, "H": 1}),
    ("dropout, gaussian_noise", NOISE, noise, {"N": 5}, {"N": 1}),
    ("state", RUNNING, running, {"N": 4}, {"N": 1}),
)
