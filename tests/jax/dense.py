"""Fully connected networks with every activation, and parameters with a structure."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import jax
import jax.numpy as jnp

from tests.jax.compare import Case, Values, cases
from tests.modules import example


def dense(v: Values, name: str, x: Any, activation: Any = lambda a: a) -> Any:
    """The fully connected layer `name`, over the last dimension."""
    return activation(x @ v[f"{name}.W"] + v[f"{name}.b"])


def cross_entropy(z: Any, y: Any) -> Any:
    """The mean cross-entropy of softmax(z) with integer labels."""
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(z), y[..., None], axis=-1))


def accuracy(z: Any, y: Any) -> Any:
    return jnp.mean(1.0 * (jnp.argmax(z, axis=-1) == y))


# --- activations ---

ACTIVATIONS = {
    "identity": lambda a: a,
    "relu": jax.nn.relu,
    "leaky_relu(slope=0.2)": lambda a: jax.nn.leaky_relu(a, 0.2),
    "relu6": jax.nn.relu6,
    "elu(alpha=0.7)": lambda a: jax.nn.elu(a, 0.7),
    "selu": jax.nn.selu,
    "log_sigmoid": jax.nn.log_sigmoid,
    "softsign": jax.nn.soft_sign,
    "silu": jax.nn.silu,
    "gelu": lambda a: jax.nn.gelu(a, approximate=False),
    "gelu_tanh": lambda a: jax.nn.gelu(a, approximate=True),
    "mish": lambda a: a * jnp.tanh(jnp.logaddexp(a, 0)),
    "hard_sigmoid": jax.nn.hard_sigmoid,
    "hard_silu": jax.nn.hard_silu,
    "hard_tanh": jax.nn.hard_tanh,
    "tanh": jnp.tanh,
    "sigmoid": jax.nn.sigmoid,
    "softplus": jax.nn.softplus,
    "sin": jnp.sin,
    "arctan": jnp.arctan,
    "erf": jax.scipy.special.erf,
    "abs": jnp.abs,
}


def activation_case(first: str, second: str) -> Case:
    """Two layers, each with an activation of its own, and an output in the middle."""
    spec = f"""
    network activations
    input x[N, 3]
    input t[N, 2]
    h = dense(x, 7, activation={first})
    g = dense(h, 5, activation={second})
    y = dense(g, 2)
    output y, h
    minimize mse(y, t) + 0.1*mean(n, i: h[n, i]**2)
    """

    def model(v: Values, training: bool) -> dict[str, Any]:
        h = dense(v, "h", v["x"], ACTIVATIONS[first])
        y = dense(v, "y", dense(v, "g", h, ACTIVATIONS[second]))
        return {"y": y, "h": h, "loss": jnp.mean((y - v["t"]) ** 2) + 0.1 * jnp.mean(h**2)}

    return Case(f"mlp, {first}, {second}", dedent(spec), model, ({"N": 4}, {"N": 1}))


# --- digits, structured parameters ---


def digits(v: Values, training: bool) -> dict[str, Any]:
    z = dense(v, "logits", dense(v, "h", v["x"], jnp.tanh))
    return {"logits": z, "loss": cross_entropy(z, v["y"]), "accuracy": accuracy(z, v["y"])}


def digits_by_hand(v: Values, training: bool) -> dict[str, Any]:
    z = jnp.tanh(v["x"] @ v["W1"] + v["b1"]) @ v["W2"] + v["b2"]
    return {"p": jax.nn.softmax(z), "loss": cross_entropy(z, v["y"]), "accuracy": accuracy(z, v["y"])}


def structured(v: Values, training: bool) -> dict[str, Any]:
    x = v["x"]
    lower = jnp.tril(v["F"], -1) + jnp.diag(jnp.exp(jnp.diag(v["F"])))
    back = jnp.tanh(x @ v["W"]) @ v["W"].T + v["C"]
    mixed = back + x @ (v["A"] + v["A"].T) + x @ lower.T + x @ (v["mask"] * v["M"]).T
    return {"mixed": mixed, "loss": jnp.mean((mixed - x) ** 2)}


TIED = """
network tied
const depth = 3
input x[N, 5]
input t[N, 5]
h{0} = x
h{1} = dense(h{0}, 5, activation=tanh)
for l in 1..depth:
    h{l+1} = dense(h{l}, 5, activation=tanh, params=h{1})
y[n, i] = sum(j: h{depth}[n, j]*h{1}.W[i, j]) + h{1}.b[i]
output y
minimize mse(y, t) + 0.01*sum(w in weights: sum(...: w[...]**2))
"""


def tied(v: Values, training: bool) -> dict[str, Any]:
    h, w, b = v["x"], v["h1.W"], v["h1.b"]
    for _ in range(3):
        h = jnp.tanh(h @ w + b)
    y = h @ w.T + b
    return {"y": y, "loss": jnp.mean((y - v["t"]) ** 2) + 0.01 * jnp.sum(w**2)}


LOW_RANK = """
network low_rank
layer low_rank(x[..., i: I], units, rank=2, activation=identity) -> y[..., o]:
    param U[i, r: rank] ~ glorot_uniform
    param V[r, o: units] ~ glorot_uniform
    h[..., r] = sum(i: x[..., i]*U[i, r])
    y[..., o] = activation(sum(r: h[..., r]*V[r, o]))
input x[N, T, 6]
a = low_rank(x, 4, activation=tanh)
b = low_rank(a, 3, rank=1)
output b
minimize mean(n, t, o: b[n, t, o]**2) + 0.1*sum(i, r: a.U[i, r]**2) over a.*, b.V
"""


def low_rank(v: Values, training: bool) -> dict[str, Any]:
    b = jnp.tanh(v["x"] @ v["a.U"] @ v["a.V"]) @ v["b.U"] @ v["b.V"]
    return {"b": b, "loss": jnp.mean(b**2) + 0.1 * jnp.sum(v["a.U"] ** 2)}


CASES = [
    *map(activation_case, list(ACTIVATIONS)[::2], list(ACTIVATIONS)[1::2]),
    Case("structured", example("structured"), structured, ({"N": 2}, {"N": 1}), frozen=frozenset({"C"})),
    Case("low rank, partly frozen", LOW_RANK, low_rank, ({"N": 2, "T": 3}, {"N": 1, "T": 1}), frozenset({"b.U"})),
    *cases(
        ("digits_mlp", example("digits_mlp"), digits, {"N": 1}, {"N": 7}),
        ("digits_by_hand", example("digits_by_hand"), digits_by_hand, {"N": 3}),
        ("tied", TIED, tied, {"N": 3}),
    ),
]
