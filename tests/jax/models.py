"""The examples that are no stack of layers: models that people write as formulas."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from tests.jax.compare import Values, cases
from tests.jax.dense import cross_entropy, dense
from tests.jax.losses import bce, normal_kl
from tests.modules import example


def vae(v: Values, training: bool) -> dict[str, Any]:
    h = dense(v, "h", v["x"], jnp.tanh)
    m, s = dense(v, "m", h), dense(v, "s", h)
    z = m + jnp.exp(s / 2) * v["e"] if training else m
    logits = dense(v, "logits", dense(v, "g", z, jnp.tanh))
    rebuilt = 64 * bce(logits, v["x"])
    return {"image": jax.nn.sigmoid(logits), "z": z, "reconstruction": rebuilt, "loss": rebuilt + normal_kl(m, s)}


def gaussian_mixture(v: Values, training: bool) -> dict[str, Any]:
    normal = jax.scipy.stats.norm.logpdf(v["x"][:, None], v["m"], jnp.exp(v["s"])).sum(-1)
    joint = jax.nn.log_softmax(v["a"]) + normal
    return {"responsibility": jax.nn.softmax(joint), "loss": -jnp.mean(jax.nn.logsumexp(joint, axis=-1))}


def contrastive(v: Values, training: bool) -> dict[str, Any]:
    def encoded(x: Any, name: str) -> Any:
        hidden = dense(v, f"{name}.dense.dense", x, lambda a: jax.nn.gelu(a, approximate=False))
        a = dense(v, f"{name}.dense", hidden)
        return a / jnp.sqrt(jnp.sum(a**2, -1, keepdims=True) + 1e-12)

    z = jnp.exp(v["scale"]) * encoded(v["image"], "u") @ encoded(v["text"], "v").T
    own = jnp.arange(len(z))
    loss = (cross_entropy(z, own) + cross_entropy(z.T, own)) / 2
    return {"z": z, "loss": loss, "accuracy": jnp.mean(1.0 * (z.argmax(1) == own))}


def factorisation_machine(v: Values, training: bool) -> dict[str, Any]:
    i, j = jnp.triu_indices(10, 1)
    pairs = jnp.sum(v["V"][i] * v["V"][j], -1)
    z = v["b"] + v["x"] @ v["w"] + (v["x"][:, i] * v["x"][:, j]) @ pairs
    return {"z": z, "loss": bce(z, v["t"]) + 0.001 * jnp.sum(v["V"] ** 2)}


def physics(v: Values, training: bool) -> dict[str, Any]:
    def u(t: Any) -> Any:
        return jnp.tanh(v["w1"] * t + v["b"]) @ v["w2"]

    speed, force = jax.grad(u), jax.grad(jax.grad(u))
    t = v["t"]
    residual = jax.vmap(force)(t) + v["friction"] * jax.vmap(speed)(t) + 4 * jax.vmap(u)(t)
    start = (u(0.0) - 1) ** 2 + speed(0.0) ** 2
    data = jnp.mean((jax.vmap(u)(v["when"]) - v["seen"]) ** 2)
    return {"u": jax.vmap(u)(t), "loss": jnp.mean(residual**2) + start + data}


def tensor_factors(v: Values, training: bool) -> dict[str, Any]:
    residual = v["X"] - jnp.einsum("ir,jr,kr->ijk", v["A"], v["B"], v["C"])
    gram = v["A"].T @ v["A"] - jnp.eye(3)
    return {"residual": residual, "loss": jnp.mean(jnp.sqrt(1 + residual**2) - 1) + 0.1 * jnp.sum(gram**2)}


def linear_classifier(v: Values, training: bool) -> dict[str, Any]:
    z = v["W"] @ v["x"] + v["b"]
    return {"p": jax.nn.softmax(z), "loss": -v["t"] @ jax.nn.log_softmax(z)}


def logistic_regression(v: Values, training: bool) -> dict[str, Any]:
    z = v["x"] @ v["w"] + v["b"]
    right = jnp.mean(1.0 * ((z > 0) == v["y"]))
    return {"probability": jax.nn.sigmoid(z), "loss": bce(z, v["y"]) + 0.01 * v["w"] @ v["w"], "accuracy": right}


def scalar_graph(v: Values, training: bool) -> dict[str, Any]:
    e = (v["a"] + v["b"]) * (v["b"] + 1)
    return {"e": e, "loss": e}


def dag(v: Values, training: bool) -> dict[str, Any]:
    x = v["x"]
    w = jnp.log(1 + (jnp.sin(x) * jnp.exp(x)) ** 2) / (jnp.exp(x) + x**2 + 1)
    return {"w": w, "loss": w}


def path_blowup(v: Values, training: bool) -> dict[str, Any]:
    x = jax.lax.fori_loop(0, 40, lambda _, x: 2 * jnp.sin(x) - jnp.tanh(x), v["x"])
    return {"h40": x, "loss": x}


CASES = cases(
    ("vae", example("vae"), vae, {"N": 4}, {"N": 1}),
    ("gaussian_mixture", example("gaussian_mixture"), gaussian_mixture, {"N": 5}, {"N": 1}),
    ("contrastive", example("contrastive"), contrastive, {"N": 4}, {"N": 1}),
    ("factorisation_machine", example("factorisation_machine"), factorisation_machine, {"N": 4}),
    ("physics", example("physics"), physics, {"N": 6, "M": 3}, {"N": 1, "M": 1}),
    ("formula", example("formula"), tensor_factors),
    ("linear_classifier", example("linear_classifier"), linear_classifier),
    ("logistic_regression", example("logistic_regression"), logistic_regression, {"N": 8}),
    ("scalar_graph", example("scalar_graph"), scalar_graph),
    ("dag", example("dag"), dag),
    ("path_blowup", example("path_blowup"), path_blowup),
)
