"""Every loss and penalty of the library, each on top of a small network."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import jax
import jax.numpy as jnp

from tests.jax.compare import Case, Values, cases
from tests.jax.dense import cross_entropy, dense
from tests.jax.sequences import masked_mean


def on_top(name: str, inputs: str, loss: str, of: Any, sizes: tuple[dict[str, int], ...] = ()) -> Case:
    """A loss of z = dense(h, 3) and s = dense(h, 3), two heads over one hidden layer; `of(z, s, v)` in JAX."""
    spec = """
    network loss
    input x[N, 4]
    {inputs}
    h = dense(x, 5, activation=tanh)
    z = dense(h, 3)
    s = dense(h, 3)
    output z, s
    minimize {loss}
    """

    def model(v: Values, training: bool) -> dict[str, Any]:
        h = dense(v, "h", v["x"], jnp.tanh)
        z, s = dense(v, "z", h), dense(v, "s", h)
        return {"z": z, "s": s, "loss": of(z, s, v)}

    return Case(name, dedent(spec).format(inputs=inputs, loss=loss), model, sizes or ({"N": 4}, {"N": 1}))


def huber(a: Any, b: Any, delta: float) -> Any:
    r = jnp.abs(a - b)
    small = jnp.minimum(r, delta)
    return jnp.mean(small**2 / 2 + delta * (r - small))


def bce(z: Any, y: Any) -> Any:
    return -jnp.mean(y * jax.nn.log_sigmoid(z) + (1 - y) * jax.nn.log_sigmoid(-z))


def focal(z: Any, y: Any, gamma: float, alpha: float) -> Any:
    p = jax.nn.sigmoid(z)
    right = jnp.where(y == 1, p, 1 - p)
    weight = jnp.where(y == 1, alpha, 1 - alpha)
    return -jnp.mean(weight * (1 - right) ** gamma * jnp.log(right))


def kl(p: Any, q: Any) -> Any:
    return jnp.mean(jnp.sum(p * jnp.log(p / q), -1))


def gaussian_nll(m: Any, s: Any, y: Any) -> Any:
    return -jnp.mean(jax.scipy.stats.norm.logpdf(y, m, jnp.exp(s / 2)))


def poisson_nll(z: Any, y: Any) -> Any:
    return -jnp.mean(jax.scipy.stats.poisson.logpmf(y, jnp.exp(z)) + jax.scipy.special.gammaln(y + 1.0))


def normal_kl(m: Any, s: Any) -> Any:
    variance = jnp.exp(s)
    return 0.5 * jnp.mean(jnp.sum(variance + m**2 - 1 - jnp.log(variance), -1))


def info_nce(a: Any, b: Any, temperature: float) -> Any:
    def unit(x: Any) -> Any:
        return x / jnp.sqrt(jnp.sum(x**2, -1, keepdims=True) + 1e-12)

    return cross_entropy(unit(a) @ unit(b).T / temperature, jnp.arange(len(a)))


T = "input t[N, 3]"
Y = "input y[N, 3] < 2"

SEQUENCE = """
network sequence
input x[N, T, 2]
input y[N, T] < 4
input length[N] < T + 1
z = dense(dense(x, 5, activation=gelu_tanh), 4)
output z
metric right = mean(n, t if t < length[n]: argmax(c: z[n, t, c]) == y[n, t])
minimize sequence_cross_entropy(z, y, length)
"""


def sequence(v: Values, training: bool) -> dict[str, Any]:
    z = dense(v, "z", dense(v, "z.dense", v["x"], lambda a: jax.nn.gelu(a, approximate=True)))
    e = -jnp.take_along_axis(jax.nn.log_softmax(z), v["y"][..., None], -1)[..., 0]
    right = masked_mean(1.0 * (z.argmax(-1) == v["y"]), v["length"])
    return {"z": z, "right": right, "loss": masked_mean(e, v["length"])}


CASES = [
    on_top("mse, mae", T, "mse(z, t) + mae(s, t)", lambda z, s, v: jnp.mean((z - v["t"]) ** 2 + jnp.abs(s - v["t"]))),
    on_top(
        "huber", T, "huber(z, t, delta=0.7) + huber(t, s)", lambda z, s, v: huber(z, v["t"], 0.7) + huber(s, v["t"], 1)
    ),
    on_top(
        "cross-entropy, penalties",
        "input y[N] < 3",
        "softmax_cross_entropy(z, y) + 0.1*l1(z.W) + 0.2*l2(h.b) + l2(s.W)",
        lambda z, s, v: (
            cross_entropy(z, v["y"])
            + 0.1 * jnp.sum(jnp.abs(v["z.W"]))
            + 0.2 * jnp.sum(v["h.b"] ** 2)
            + jnp.sum(v["s.W"] ** 2)
        ),
    ),
    on_top(
        "cross-entropy with probabilities",
        "input p[N, 3] ~ uniform(0, 1)",
        "softmax_cross_entropy_probs(z + s, p)",
        lambda z, s, v: -jnp.mean(jnp.sum(v["p"] * jax.nn.log_softmax(z + s), -1)),
    ),
    on_top(
        "binary cross-entropy",
        Y,
        "binary_cross_entropy(z, y) + binary_cross_entropy(3*s, y)",
        lambda z, s, v: bce(z, v["y"]) + bce(3 * s, v["y"]),
    ),
    on_top(
        "hinge",
        "input t[N, 3] ~ uniform(-1, 1)",
        "hinge(z, t) + hinge(5*s, t)**2",
        lambda z, s, v: jnp.mean(jax.nn.relu(1 - v["t"] * z)) + jnp.mean(jax.nn.relu(1 - v["t"] * 5 * s)) ** 2,
    ),
    on_top(
        "focal",
        Y,
        "focal(z, y) + focal(s, y, gamma=1.5, alpha=0.4)",
        lambda z, s, v: focal(z, v["y"], 2, 0.25) + focal(s, v["y"], 1.5, 0.4),
    ),
    on_top(
        "Kullback-Leibler",
        "",
        "kl_divergence(softmax(z), softmax(s)) + normal_kl(z, s)",
        lambda z, s, v: kl(jax.nn.softmax(z), jax.nn.softmax(s)) + normal_kl(z, s),
    ),
    on_top(
        "Poisson, Gaussian",
        "input y[N, 3] < 7\ninput t[N, 3]",
        "poisson_nll(z, y) + gaussian_nll(z, s, t)",
        lambda z, s, v: poisson_nll(z, v["y"]) + gaussian_nll(z, s, v["t"]),
    ),
    on_top(
        "InfoNCE",
        "",
        "info_nce(z, s) + info_nce(s, z, temperature=2)",
        lambda z, s, v: info_nce(z, s, 0.1) + info_nce(s, z, 2),
    ),
    *cases(("sequence cross-entropy", SEQUENCE, sequence, {"N": 3, "T": 5}, {"N": 1, "T": 1})),
]
