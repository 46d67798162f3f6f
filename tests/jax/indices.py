"""Unusual index equations: diagonals, scatters, products, filters, extremes, indices that are calculated."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from tests.jax.compare import Values, cases

DIAGONALS = """
network diagonals
input x[N, 4, 4]
param A[i: 4, j: 4] ~ normal
trace[n] = sum(i: x[n, i, i]*A[i, i])
anti[n, i: 4] = x[n, i, 3 - i]*A[3 - i, i]
both[n] = sum(i, j: A[i, j]*A[j, i]*x[n, i, j])
band[n, i: 0..3] = x[n, i + 1, i]*A[i, i + 1] + x[n, 0, 2*i - 1] else 0.5
output trace, anti, band
minimize mean(n: trace[n]**2 + both[n]) + mean(n, i: (i + 1)*anti[n, i]**2) + mean(n, i: i*band[n, i]**3)
"""


def diagonals(v: Values, training: bool) -> dict[str, Any]:
    x, A = v["x"], v["A"]
    trace = jnp.diagonal(x, axis1=1, axis2=2) @ jnp.diag(A)
    anti = jnp.diagonal(x[:, :, ::-1], axis1=1, axis2=2) * jnp.diagonal(A[::-1])
    both = jnp.sum(A * A.T * x, (1, 2))
    row = jnp.stack([jnp.full(len(x), 0.5), x[:, 0, 1], x[:, 0, 3]], 1)
    band = jnp.diagonal(x, -1, 1, 2) * jnp.diagonal(A, 1) + row
    loss = jnp.mean(trace**2 + both) + jnp.mean(jnp.arange(1, 5) * anti**2) + jnp.mean(jnp.arange(3) * band**3)
    return {"trace": trace, "anti": anti, "band": band, "loss": loss}


GRAPH = """
network graph
input x[N, 3]
input source[E] < N
input target[E] < N
input group[N] < 3
h = dense(x, 4, activation=tanh)
m = dense(h, 4)
sum_of[n: N, k: 4] = h[n, k]
sum_of[target[e], k] += m[source[e], k]/2
degree[n: N] = 1
degree[target[e]] += 1
total[g: 3, k: 4] = 0
total[group[n], k] += sum_of[n, k]/degree[n]
output total, degree
minimize sum(g, k: (g + k + 1)*total[g, k]**2)
"""


def graph(v: Values, training: bool) -> dict[str, Any]:
    h = jnp.tanh(v["x"] @ v["h.W"] + v["h.b"])
    m = h @ v["m.W"] + v["m.b"]
    adjacency = jnp.einsum("en,em->nm", jax.nn.one_hot(v["target"], len(h)), jax.nn.one_hot(v["source"], len(h)))
    adjacency = adjacency.astype(float)
    degree = 1 + adjacency.sum(1)
    mean = (h + adjacency @ m / 2) / degree[:, None]
    total = jax.ops.segment_sum(mean, v["group"], 3)
    return {"total": total, "degree": degree, "loss": jnp.sum((jnp.arange(3)[:, None] + jnp.arange(4) + 1) * total**2)}


PRODUCTS = """
network products
input x[N, 5]
input length[N] < 6
param a[i: 5] ~ normal
p[n] = prod(i: a[i]*x[n, i] + 1)
q[n] = prod(i if i < length[n]: a[i]*x[n, i])
r[n] = prod(i, j < 2: x[n, i] + j*a[i])
output p, q, r
minimize mean(n: sin(p[n]) + q[n]**2 + tanh(r[n]/10))
"""


def products(v: Values, training: bool) -> dict[str, Any]:
    x, a = v["x"], v["a"]
    p = jnp.prod(a * x + 1, 1)
    q = jnp.prod(jnp.where(jnp.arange(5) < v["length"][:, None], a * x, 1), 1)
    r = jnp.prod(x, 1) * jnp.prod(x + a, 1)
    return {"p": p, "q": q, "r": r, "loss": jnp.mean(jnp.sin(p) + q**2 + jnp.tanh(r / 10))}


EXTREMES = """
network extremes
input x[N, T, 3]
input length[N] < T
param W[i: 3, k: 4] ~ normal
h[n, t, k] = sum(i: x[n, t, i]*W[i, k])
best[n, k] = max(t if t <= length[n]: h[n, t, k])
worst[n] = min(t, k if t <= length[n] and k != 2: h[n, t, k])
which[n] = argmax(k: best[n, k])
last[n] = argmin(t: h[n, t, 0])
picked[n] = h[n, last[n], which[n]]
clipped[n, t, k] = max(min(h[n, t, k], best[n, 0]), -0.5)
output best, worst, which, picked
minimize mean(n: worst[n]**2 + picked[n]) + mean(n, k: (k + 1)*best[n, k]**2) + mean(n, t, k: clipped[n, t, k]**3)
"""


def extremes(v: Values, training: bool) -> dict[str, Any]:
    h = v["x"] @ v["W"]
    kept = (jnp.arange(h.shape[1]) <= v["length"][:, None])[..., None]
    best = jnp.where(kept, h, -jnp.inf).max(1)
    worst = jnp.where(kept & (jnp.arange(4) != 2), h, jnp.inf).min((1, 2))
    which, last = best.argmax(1), h[:, :, 0].argmin(1)
    picked = h[jnp.arange(len(h)), last, which]
    clipped = jnp.maximum(jnp.minimum(h, best[:, None, :1]), -0.5)
    loss = jnp.mean(worst**2 + picked) + jnp.mean(jnp.arange(1, 5) * best**2) + jnp.mean(clipped**3)
    return {"best": best, "worst": worst, "which": which, "picked": picked, "loss": loss}


PIECES = """
network pieces
input x[N, 6]
input y[M, 6]
param s[h: 2, k: 3] ~ normal
split[n, h, k] = x[n, (h, k)]*s[h, k]
flat[n, (k, h)] = split[n, h, k]
both[n: 0..N, i] = flat[n, i]
both[n: N..N+M, i: 6] = y[n - N, i]
pairs[n, m] = sum(i: x[n, i]*y[m, i])/6
every[n, u: 3] = both[n, 2*u]*both[n, 2*u + 1]
twice[n, (j, p: 2)] = both[n, j]
shifted[n, i: 6] = both[n, (i + 2) % 6]*both[n, i // 2]
ahead[n, t: 3] = sum(i if i >= 2*t: both[n, i])
output both, pairs
minimize (mean(n, u: every[n, u]**2) + mean(n, j: j*twice[n, j]**2) + sum(n, m: sin(pairs[n, m]))
    + mean(n, i: shifted[n, i]*i) + mean(n, t: ahead[n, t]**2))
"""


def pieces(v: Values, training: bool) -> dict[str, Any]:
    x, y = v["x"], v["y"]
    split = x.reshape(-1, 2, 3) * v["s"]
    both = jnp.concatenate([jnp.swapaxes(split, 1, 2).reshape(-1, 6), y])
    every, twice = both[:, ::2] * both[:, 1::2], jnp.repeat(both, 2, 1)
    turned = jnp.roll(both, -2, 1) * both[:, jnp.arange(6) // 2]
    ahead = jnp.stack([both[:, 2 * t :].sum(1) for t in range(3)], 1)
    pairs = x @ y.T / 6
    loss = jnp.mean(every**2) + jnp.mean(jnp.arange(12) * twice**2) + jnp.sum(jnp.sin(pairs))
    loss += jnp.mean(turned * jnp.arange(6)) + jnp.mean(ahead**2)
    return {"both": both, "pairs": pairs, "loss": loss}


POWERS = """
network powers
input x[N, D]
input e[N] ~ uniform(1, 2)
param a[k: 3] ~ uniform(0.5, 1.5)
param c ~ constant(0.3)
distance[n, m] = sqrt(sum(d: (x[n, d] - x[m, d])**2) + 0.1)
kernel[n, m] = exp(-distance[n, m]**a[0]/2) + where(n == m, c, 0)
poly[n] = sum(k: a[k]*e[n]**k) + e[n]**a[1] + 2**c + stop(c)*c
weight[n] = floor(3*e[n]) + sign(c) + step(e[n] - 1.5)
output kernel, poly
minimize mean(n, m: kernel[n, m]*abs(n - m)) + mean(n: weight[n]*poly[n]) + log(mean(n: log1p(e[n])*expm1(c)*sinh(c)))
"""


def powers(v: Values, training: bool) -> dict[str, Any]:
    x, e, a, c = v["x"], v["e"], v["a"], v["c"]
    distance = jnp.sqrt(jnp.sum((x[:, None] - x) ** 2, -1) + 0.1)
    kernel = jnp.exp(-(distance ** a[0]) / 2) + c * jnp.eye(len(x))
    poly = a[0] + a[1] * e + a[2] * e**2 + e ** a[1] + 2**c + jax.lax.stop_gradient(c) * c
    weight = jax.lax.stop_gradient(jnp.floor(3 * e) + jnp.sign(c) + (e > 1.5))
    n = jnp.arange(len(x))
    loss = jnp.mean(kernel * jnp.abs(n[:, None] - n)) + jnp.mean(weight * poly)
    return {"kernel": kernel, "poly": poly, "loss": loss + jnp.log(jnp.mean(jnp.log1p(e) * jnp.expm1(c) * jnp.sinh(c)))}


CONDITIONS = """
network conditions
input x[N, T]
input length[N] < T + 1
param a ~ ones
rough = sum(n, t if t >= 1: a*(x[n, t] - x[n, t-1])**2)
path[n, t] = where(t == 0, x[n, 0], tanh(a*path[n, t-1] + x[n, t]))
back[n, t: T] = where(t < length[n], a*x[n, length[n] - 1 - t], 0.5)
output path, back
minimize rough + mean(n, t: (t + 1)*path[n, t]**2*back[n, t])
"""


def conditions(v: Values, training: bool) -> dict[str, Any]:
    x, a = v["x"], v["a"]
    path = [x[:, 0]]
    for t in range(1, x.shape[1]):
        path.append(jnp.tanh(a * path[-1] + x[:, t]))
    t = jnp.arange(x.shape[1])
    kept = t < v["length"][:, None]
    turned = jnp.take_along_axis(x, jnp.where(kept, v["length"][:, None] - 1 - t, 0), 1)
    path, back = jnp.stack(path, 1), jnp.where(kept, a * turned, 0.5)
    loss = a * jnp.sum(jnp.diff(x) ** 2) + jnp.mean((t + 1) * path**2 * back)
    return {"path": path, "back": back, "loss": loss}


CASES = cases(
    ("conditions instead of else", CONDITIONS, conditions, {"N": 3, "T": 5}, {"N": 1, "T": 1}),
    ("diagonals", DIAGONALS, diagonals, {"N": 3}, {"N": 1}),
    ("scatters", GRAPH, graph, {"E": 7, "N": 4}, {"E": 1, "N": 1}),
    ("products", PRODUCTS, products, {"N": 4}, {"N": 1}),
    ("extremes", EXTREMES, extremes, {"N": 4, "T": 5}, {"N": 1, "T": 1}),
    ("pieces", PIECES, pieces, {"N": 3, "M": 2}, {"N": 1, "M": 1}),
    ("powers", POWERS, powers, {"N": 4, "D": 3}, {"N": 1, "D": 1}),
)
