"""Recurrent networks of any length: layers of the library, and recurrences as one writes them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import jax
import jax.numpy as jnp

from tests.jax.compare import Values, cases
from tests.jax.dense import accuracy, cross_entropy, dense
from tests.modules import example

sigmoid = jax.nn.sigmoid


def scan(step: Callable[[Any, Any], tuple[Any, Any]], start: Any, x: Any) -> Any:
    """What `step` gives for each place of x [N, T, ...], as [N, T, ...]."""
    return jnp.swapaxes(jax.lax.scan(step, start, jnp.swapaxes(x, 0, 1))[1], 0, 1)


def rnn(v: Values, name: str, x: Any, activation: Any = jnp.tanh) -> Any:
    def step(h: Any, at: Any) -> tuple[Any, Any]:
        h = activation(at @ v[f"{name}.W"] + h @ v[f"{name}.U"] + v[f"{name}.b"])
        return h, h

    return scan(step, jnp.zeros((x.shape[0], v[f"{name}.U"].shape[0])), x)


def lstm(v: Values, name: str, x: Any, forget: float = 1) -> Any:
    W, U, b = (v[f"{name}.{part}"] for part in "WUb")

    def step(carried: tuple[Any, Any], at: Any) -> tuple[Any, Any]:
        h, c = carried
        a = jnp.einsum("ni,igk->gnk", at, W) + jnp.einsum("nj,jgk->gnk", h, U) + b[:, None]
        c = sigmoid(a[2] + forget) * c + sigmoid(a[1]) * jnp.tanh(a[3])
        h = sigmoid(a[0]) * jnp.tanh(c)
        return (h, c), h

    zero = jnp.zeros((x.shape[0], U.shape[0]))
    return scan(step, (zero, zero), x)


def gru(v: Values, name: str, x: Any) -> Any:
    W, U, b, d = (v[f"{name}.{part}"] for part in "WUbd")

    def step(h: Any, at: Any) -> tuple[Any, Any]:
        a = jnp.einsum("ni,igk->gnk", at, W) + b[:, None]
        s = jnp.einsum("nj,jgk->gnk", h, U)
        z, r = sigmoid(a[0] + s[0]), sigmoid(a[1] + s[1])
        h = z * h + (1 - z) * jnp.tanh(a[2] + r * (s[2] + d))
        return h, h

    return scan(step, jnp.zeros((x.shape[0], U.shape[0])), x)


# --- layers ---

RNN = """
network stacked
input x[N, T, 3]
input t[N, 2]
a, a_last = rnn(x, 4)
b, b_last = rnn(a, 5, activation=softsign)
y = dense(b_last, 2)
output y, a
minimize mse(y, t) + 0.1*mean(n, s, k: s*b[n, s, k]**3) + 0.1*mean(n, k: a_last[n, k]**2)
"""


def stacked(v: Values, training: bool) -> dict[str, Any]:
    a = rnn(v, "a", v["x"])
    b = rnn(v, "b", a, jax.nn.soft_sign)
    y = dense(v, "y", b[:, -1])
    loss = jnp.mean((y - v["t"]) ** 2) + 0.1 * jnp.mean(jnp.arange(b.shape[1])[:, None] * b**3)
    return {"y": y, "a": a, "loss": loss + 0.1 * jnp.mean(a[:, -1] ** 2)}


GATED = """
network gated
input x[N, T, 3]
input y[N, T] < 5
input length[N] < T + 1
a, a_last = gru(x, 4)
b, b_last = lstm(a, 3, forget=2)
c, c_last = bidirectional_lstm(b, 6)
logits = dense(c, 5)
output logits, c_last, a_last
minimize sequence_cross_entropy(logits, y, length) + 0.1*mean(n, k: k*c_last[n, k]**3)
"""


def masked_mean(e: Any, length: Any) -> Any:
    """The mean of e [N, T] over the first length[n] places of each; 0 where there are none."""
    kept = jnp.arange(e.shape[1]) < length[:, None]
    return jnp.sum(e * kept) / jnp.maximum(jnp.sum(kept), 1)


def gated(v: Values, training: bool) -> dict[str, Any]:
    a = gru(v, "a", v["x"])
    b = lstm(v, "b", a, 2)
    forth, back = lstm(v, "c.f", b), lstm(v, "c.b", b[:, ::-1])
    last = jnp.concatenate([forth[:, -1], back[:, -1]], -1)
    z = dense(v, "logits", jnp.concatenate([forth, back[:, ::-1]], -1))
    e = -jnp.take_along_axis(jax.nn.log_softmax(z), v["y"][..., None], -1)[..., 0]
    loss = masked_mean(e, v["length"]) + 0.1 * jnp.mean(jnp.arange(6) * last**3)
    return {"logits": z, "c_last": last, "a_last": a[:, -1], "loss": loss}


def lstm_recall(v: Values, training: bool) -> dict[str, Any]:
    first = jnp.arange(v["x"].shape[1]) == 0
    h = lstm(v, "h", v["h.embedding.E"][v["x"] + 4 * ~first], 5)
    z = dense(v, "logits", h[:, -1])
    return {"logits": z, "loss": cross_entropy(z, v["x"][:, 0]), "accuracy": accuracy(z, v["x"][:, 0])}


# --- recurrences without a layer ---


def state_space(v: Values, training: bool) -> dict[str, Any]:
    def step(carried: Any, u: Any) -> tuple[Any, Any]:
        average, s, speed, place, wave, before, lead = carried
        average = v["decay"] * average + (1 - v["decay"]) * u
        s = s @ v["A"].T + u[:, None] * v["B"]
        speed = speed + 0.1 * (u - v["stiffness"] * (place - lead))
        place = place + 0.1 * speed
        wave, before = v["r1"] * wave + v["r2"] * before + jnp.tanh(u), wave
        return (average, s, speed, place, wave, before, 0.0), average + s.sum(1) + place + wave

    u = v["u"]
    zero = jnp.zeros(u.shape[0])
    # The mass starts at 1, but the spec has no force on it before the first step: `lead` takes it away.
    y = scan(step, (zero, jnp.zeros((u.shape[0], 3)), zero, zero + 1, zero, zero, 1.0), u)
    return {"y": y, "loss": jnp.mean((y - v["target"]) ** 2)}


LADDER = """
network ladder
input x[N, T, 2]
param A[k: 3, j: 3] ~ normal(0, 0.4)
param B[i: 2, k: 3] ~ normal
param start[k: 3] ~ normal
param g ~ constant(0.5)
s[n, t: 0..1, k] = start[k]
s[n, t: 1..T+1, k] = tanh(sum(j: A[k, j]*s[n, t-1, j]) + sum(i: x[n, t-1, i]*B[i, k]))
up[n, t: T] = g*(up[n, t-1] else 0) + (1 - g)*(down[n, t-2] else 0.5)*s[n, t+1, 0]
down[n, t: 0..T] = sin(up[n, t] + s[n, t, 1]) - (down[n, t-1] else 0)/2
back[n, t: T] = (back[n, t+1] else 0)*g + down[n, t]
output s, back
minimize mean(n, t: (t + 1)*back[n, t]**2) + mean(n, k: s[n, T, k]**2)
"""


def ladder(v: Values, training: bool) -> dict[str, Any]:
    x, g = v["x"], v["g"]
    N, T = x.shape[:2]
    s = [jnp.broadcast_to(v["start"], (N, 3))]
    for t in range(T):
        s.append(jnp.tanh(s[-1] @ v["A"].T + x[:, t] @ v["B"]))
    up, down = [jnp.zeros(N)], [0.5 * jnp.ones(N), 0.5 * jnp.ones(N)]
    for t in range(T):
        up.append(g * up[-1] + (1 - g) * down[t] * s[t + 1][:, 0])
        earlier = down[-1] if t else 0.0
        down.append(jnp.sin(up[-1] + s[t][:, 1]) - earlier / 2)
    back = [jnp.zeros(N)]
    for t in reversed(range(T)):
        back.insert(0, back[0] * g + down[t + 2])
    b = jnp.stack(back[:T], 1)
    loss = jnp.mean(jnp.arange(1, T + 1) * b**2) + jnp.mean(s[-1] ** 2)
    return {"s": jnp.stack(s, 1), "back": b, "loss": loss}


GRID = """
network grid
input x[I, J]
param a ~ constant(0.4)
param b ~ constant(-0.3)
param c ~ constant(0.2)
h[i, j] = tanh(a*(h[i-1, j] else 1) + b*(h[i, j-1] else 0) + c*(h[i-1, j-1] else 0.5) + x[i, j])
output h
minimize mean(i, j: h[i, j]**2*(i + j + 1))
"""


def grid(v: Values, training: bool) -> dict[str, Any]:
    rows, columns = v["x"].shape
    h: dict[tuple[int, int], Any] = {}
    for i, j in product(range(rows), range(columns)):
        above, left, corner = h.get((i - 1, j), 1.0), h.get((i, j - 1), 0.0), h.get((i - 1, j - 1), 0.5)
        h[i, j] = jnp.tanh(v["a"] * above + v["b"] * left + v["c"] * corner + v["x"][i, j])
    y = jnp.stack(list(h.values())).reshape(rows, columns)
    i, j = jnp.indices(y.shape)
    return {"h": y, "loss": jnp.mean(y**2 * (i + j + 1))}


CASES = cases(
    ("rnn, stacked", RNN, stacked, {"N": 2, "T": 4}, {"N": 1, "T": 1}, {"N": 3, "T": 7}),
    ("gru, lstm, bidirectional", GATED, gated, {"N": 3, "T": 5}, {"N": 1, "T": 1}),
    ("lstm_recall", example("lstm_recall"), lstm_recall, {"N": 3, "T": 6}, {"N": 2, "T": 1}),
    ("state_space", example("state_space"), state_space, {"N": 2, "T": 6}, {"N": 1, "T": 1}, {"N": 1, "T": 2}),
    ("coupled lags", LADDER, ladder, {"N": 2, "T": 6}, {"N": 1, "T": 1}, {"N": 3, "T": 2}),
    ("recurrence in two directions", GRID, grid, {"I": 3, "J": 5}, {"I": 1, "J": 4}, {"I": 2, "J": 1}),
)
