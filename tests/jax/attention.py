"""Embeddings, positions and attention, up to the small GPT."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from tests.jax.compare import Values, cases
from tests.jax.dense import accuracy, cross_entropy, dense
from tests.jax.normalisation import layer_norm
from tests.modules import example


def heads_of(x: Any, heads: int) -> Any:
    """x [N, T, D] as [N, heads, T, D/heads]."""
    n, t, d = x.shape
    return x.reshape(n, t, heads, d // heads).transpose(0, 2, 1, 3)


def attend(q: Any, k: Any, v: Any, seen: Any = None) -> Any:
    """Scaled dot-product attention, where `seen` allows it; a query that may see nothing gets 0."""
    z = jnp.einsum("...td,...sd->...ts", q, k) / jnp.sqrt(q.shape[-1])
    if seen is None:
        return jax.nn.softmax(z) @ v
    e = jnp.where(seen, jnp.exp(z - jax.lax.stop_gradient(z.max(-1, keepdims=True))), 0)
    total = e.sum(-1, keepdims=True)
    return (e / jnp.where(total > 0, total, 1)) @ v


def causal(t: int, s: int) -> Any:
    return jnp.arange(s) <= jnp.arange(t)[:, None]


def multi_head(v: Values, name: str, x: Any, m: Any, heads: int, seen: Any = None) -> Any:
    q, k, value = (heads_of(a @ v[f"{name}.{p}.W"], heads) for p, a in (("q", x), ("k", m), ("v", m)))
    merged = attend(q, k, value, seen).transpose(0, 2, 1, 3).reshape(x.shape)
    return dense(v, f"{name}.dense", merged)


def block(v: Values, name: str, x: Any, heads: int, seen: Any = None, activation: Any = None) -> Any:
    """The transformer block that normalises first."""
    activation = activation or (lambda a: jax.nn.gelu(a, approximate=False))
    normal = layer_norm(v, f"{name}.l", x)
    a = x + multi_head(v, f"{name}.a.multi_head_attention", normal, normal, heads, seen)
    normal = layer_norm(v, f"{name}.dense.dense.layer_norm", a)
    return a + dense(v, f"{name}.dense", dense(v, f"{name}.dense.dense", normal, activation))


def rotary(x: Any, base: float = 10000) -> Any:
    half = x.shape[-1] // 2
    angle = jnp.arange(x.shape[-2])[:, None] / base ** (2 * jnp.arange(half) / x.shape[-1])
    # Complex numbers: each pair turned by its angle.
    turned = (x[..., :half] + 1j * x[..., half:]) * jnp.exp(1j * angle)
    return jnp.concatenate([turned.real, turned.imag], -1)


WORDS = """
network words
input ids[N, T] < 5
x = embedding(ids, 5, 6)
s = sinusoidal_positions(x)
p = learned_positions(s, 9)
q = rotary(p, base=100)
y = attention(q, rotary(s), p, causal=1)
z = attention(y, x, s)
output y, z
minimize mean(n, t, d: (t + d + 1)*z[n, t, d]**2)
"""


def words(v: Values, training: bool) -> dict[str, Any]:
    x = v["x.E"][v["ids"]]
    t, d = jnp.indices(x.shape[1:])
    angle = t / 10000 ** ((d - d % 2) / 6)
    s = x + jnp.where(d % 2 == 0, jnp.sin(angle), jnp.cos(angle))
    p = s + v["p.P"][: x.shape[1]]
    y = attend(rotary(p, 100), rotary(s), p, causal(x.shape[1], x.shape[1]))
    z = attend(y, x, s)
    return {"y": y, "z": z, "loss": jnp.mean((t + d + 1) * z**2)}


MASKED = """
network masked
input x[N, T, 4]
input m[N, S, 3]
input length[N] < S + 1
keep[n, s: S] = s < length[n]
a = masked_multi_head_attention(x, m, keep, 2)
b = multi_head_attention(a, m, 4)
output a, b
minimize mean(n, t, d: (t + d + 1)*b[n, t, d]**2) + mean(n, t, d: a[n, t, d]**3)
"""


def masked(v: Values, training: bool) -> dict[str, Any]:
    seen = jnp.arange(v["m"].shape[1]) < v["length"][:, None, None, None]
    a = multi_head(v, "a", v["x"], v["m"], 2, seen)
    b = multi_head(v, "b", a, v["m"], 4)
    t, d = jnp.indices(b.shape[1:])
    return {"a": a, "b": b, "loss": jnp.mean((t + d + 1) * b**2) + jnp.mean(a**3)}


BOTH = """
network both
input ids[N, T] < 6
input last[N] < T
keep[n, t: T] = t <= last[n]
x = embedding(ids, 6, 4)
a = masked_multi_head_attention(x, x, keep, 2, causal=1)
r = x + a
g[n, d] = mean(t if t <= last[n]: r[n, t, d])
y = dense(g, 3)
output y, a
minimize mean(n, k: (k + 1)*y[n, k]**2)
"""


def both(v: Values, training: bool) -> dict[str, Any]:
    T = v["ids"].shape[1]
    keep = jnp.arange(T) <= v["last"][:, None]
    x = v["x.E"][v["ids"]]
    a = multi_head(v, "a", x, x, 2, keep[:, None, None] & causal(T, T))
    g = ((x + a) * keep[..., None]).sum(1) / keep.sum(1, keepdims=True)
    y = dense(v, "y", g)
    return {"y": y, "a": a, "loss": jnp.mean(jnp.arange(1, 4) * y**2)}


BLOCKS = """
network blocks
input x[N, T, 6]
input t[N, T, 6]
a = transformer_block(x, 3, causal=1)
b = transformer_block(a, 2, hidden=5, activation=silu)
output b
minimize mse(b, t)
"""


def blocks(v: Values, training: bool) -> dict[str, Any]:
    T = v["x"].shape[1]
    b = block(v, "b", block(v, "a", v["x"], 3, causal(T, T)), 2, activation=jax.nn.silu)
    return {"b": b, "loss": jnp.mean((b - v["t"]) ** 2)}


def gpt(v: Values, training: bool) -> dict[str, Any]:
    tokens = v["tokens"]
    T = tokens.shape[1]
    h = v["E"][tokens] + v["h0.P"][:T]
    for name in ("h1", "h2"):
        h = block(v, name, h, 4, causal(T, T))
    z = layer_norm(v, "last", h) @ v["E"].T
    return {"logits": z, "loss": cross_entropy(z, v["target"]), "accuracy": accuracy(z, v["target"])}


CASES = cases(
    ("embedding, positions, rotary", WORDS, words, {"N": 3, "T": 7}, {"N": 1, "T": 1}),
    ("masked and cross attention", MASKED, masked, {"N": 4, "T": 2, "S": 3}, {"N": 3, "T": 1, "S": 1}),
    ("causal and padding masks", BOTH, both, {"N": 3, "T": 5}, {"N": 1, "T": 1}),
    ("transformer blocks", BLOCKS, blocks, {"N": 2, "T": 3}, {"N": 1, "T": 1}),
    ("gpt_small", example("gpt_small"), gpt, {"N": 2, "T": 5}, {"N": 1, "T": 1}),
)
