"""Loss and gradients in plain NumPy, written as a good NumPy programmer writes them.

Each takes the parameters and the data by the names of the spec, and gives (loss, gradients). Derivatives were taken on
paper. Temporaries are changed in place, values of the forward pass are used again, sums over a batch are products
where that is natural. Nothing is compiled, and no buffer is kept from call to call.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.peers import hand_images, hand_sequences
from benchmarks.peers.hand_parts import Arrays, Result, cross_entropy, dense, dense_back, gelu, tanh_back
from benchmarks.peers.rows import Problem, Unsupported

# --- functions of numbers and vectors ---


def scalar_graph(p: Arrays, _: Arrays) -> Result:
    """(a + b)*(b + 1)."""
    a, b = p["a"], p["b"]
    c, d = a + b, b + 1
    return float(c * d), {"a": d, "b": c + d}


def rosenbrock(p: Arrays, _: Arrays) -> Result:
    """100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2."""
    x = p["x"]
    head = x[:-1]
    r = x[1:] - head * head
    s = 1 - head
    loss = 100 * r.dot(r) + s.dot(s)
    r *= 200
    g = np.zeros_like(x)
    g[1:] = r
    r *= head
    g[:-1] -= 2 * (r + s)
    return float(loss), {"x": g}


def logistic_regression(p: Arrays, data: Arrays) -> Result:
    """Binary cross-entropy of a linear function; log(1 + exp(-|z|)) cannot overflow."""
    x, y = data["x"], data["y"]
    z = x @ p["w"]
    z += p["b"]
    e = np.exp(-np.abs(z))
    loss = (np.maximum(z, 0) - y * z + np.log1p(e)).mean(dtype=z.dtype)
    d = np.where(z > 0, 1, e) / (1 + e)
    d -= y
    d /= len(y)
    return float(loss), {"w": d @ x, "b": d.sum()}


def gaussian_mixture(p: Arrays, data: Arrays) -> Result:
    """Negative log-likelihood; one product gives R_k x for all k and samples."""
    x, a, m, low = data["x"], p["a"], p["m"], p["L"]
    count, size = m.shape
    diagonal = np.exp(np.einsum("kii->ki", low))
    r = np.tril(low, -1)
    np.einsum("kii->ki", r)[...] = diagonal
    u = (x @ r.reshape(count * size, size).T).reshape(len(x), count, size)
    u -= np.einsum("kij,kj->ki", r, m)
    log_weight = a - a.max()
    log_weight -= np.log(np.exp(log_weight).sum())
    shift = log_weight + np.einsum("kii->k", low) - x.dtype.type(size * 0.91893853320467274178)
    q = np.einsum("nki,nki->nk", u, u)
    q *= -0.5
    q += shift
    top = q.max(axis=1, keepdims=True)
    q -= top
    np.exp(q, out=q)
    total = q.sum(axis=1, keepdims=True)
    loss = -float((np.log(total) + top).mean())
    q /= total * -len(x)  # minus responsibility / N: the gradient by the log density of each part
    dshift = q.sum(axis=0)
    u *= q[:, :, None]  # minus the gradient by u
    flat = u.reshape(len(x), count * size)
    du = flat.sum(axis=0).reshape(count, size)
    dr = du[:, :, None] * m[:, None, :]
    dr -= (flat.T @ x).reshape(count, size, size)
    dm = np.einsum("ki,kij->kj", du, r)
    dlow = np.tril(dr, -1)
    np.einsum("kii->ki", dlow)[...] = np.einsum("kii->ki", dr) * diagonal + dshift[:, None]
    weight = np.exp(log_weight)
    da = dshift - weight * dshift.sum()
    return loss, {"a": da, "m": dm, "L": dlow}


# --- dense networks ---


def tanh_network(layers: list[str]) -> Callable[[Arrays, Arrays], Result]:
    """Dense layers, all but the last with tanh unless `t` has its width; squared error or cross-entropy at the end."""

    def step(p: Arrays, data: Arrays) -> Result:
        values = [data["x"]]
        for name in layers:
            h = dense(values[-1], p, name)
            if name.startswith("h"):
                np.tanh(h, out=h)
            values.append(h)
        if "y" in data:
            loss, d = cross_entropy(values.pop(), data["y"])
        else:
            d = values[-1] - data["t"]
            loss = float(np.vdot(d, d) / d.size)
            d *= 2 / d.size
            if layers[-1].startswith("h"):
                tanh_back(d, values[-1])
            values.pop()
        grads: Arrays = {}
        for number in range(len(layers) - 1, -1, -1):
            dense_back(d, values[number], layers[number], grads)
            if number:
                d = tanh_back(d @ p[f"{layers[number]}.W"].T, values[number])
        return loss, grads

    return step


def mlp_mnist(p: Arrays, data: Arrays) -> Result:
    """Two relu layers."""
    x = data["x"]
    h1 = dense(x, p, "h1")
    np.maximum(h1, 0, out=h1)
    h2 = dense(h1, p, "h2")
    np.maximum(h2, 0, out=h2)
    loss, d = cross_entropy(dense(h2, p, "logits"), data["y"])
    grads: Arrays = {}
    dense_back(d, h2, "logits", grads)
    d = d @ p["logits.W"].T
    d *= h2 > 0
    dense_back(d, h1, "h2", grads)
    d = d @ p["h2.W"].T
    d *= h1 > 0
    dense_back(d, x, "h1", grads)
    return loss, grads


def mlp_wide(p: Arrays, data: Arrays) -> Result:
    """Two GELU layers."""
    x = data["x"]
    h1, slope1 = gelu(dense(x, p, "h1"))
    h2, slope2 = gelu(dense(h1, p, "h2"))
    loss, d = cross_entropy(dense(h2, p, "logits"), data["y"])
    grads: Arrays = {}
    dense_back(d, h2, "logits", grads)
    slope2 *= d @ p["logits.W"].T
    dense_back(slope2, h1, "h2", grads)
    slope1 *= slope2 @ p["h2.W"].T
    dense_back(slope1, x, "h1", grads)
    return loss, grads


def vae(p: Arrays, data: Arrays) -> Result:
    """Encoder, a draw, decoder; reconstruction and divergence."""
    x, e = data["x"], data["e"]
    n = len(x)
    h = dense(x, p, "h")
    np.tanh(h, out=h)
    m, s = dense(h, p, "m"), dense(h, p, "s")
    deviation = np.exp(s / 2)
    noise = deviation * e
    z = m + noise
    g = dense(z, p, "g")
    np.tanh(g, out=g)
    logits = dense(g, p, "logits")
    small = np.exp(-np.abs(logits))
    total = np.log1p(small).sum() + np.maximum(logits, 0).sum() - np.vdot(x, logits)
    variance = deviation * deviation
    loss = (total + (np.vdot(m, m) + (variance - 1 - s).sum()) / 2) / n
    d = np.where(logits > 0, 1, small) / (1 + small)
    d -= x
    d /= n
    grads: Arrays = {}
    dense_back(d, g, "logits", grads)
    d = tanh_back(d @ p["logits.W"].T, g)
    dense_back(d, z, "g", grads)
    dz = d @ p["g.W"].T
    dm = dz + m / n
    ds = (dz * noise + (variance - 1) / n) / 2
    dense_back(dm, h, "m", grads)
    dense_back(ds, h, "s", grads)
    d = dm @ p["m.W"].T
    d += ds @ p["s.W"].T
    dense_back(tanh_back(d, h), x, "h", grads)
    return float(loss), grads


STEPS: dict[str, Callable[[Arrays, Arrays], Result]] = {
    "scalar_graph": scalar_graph,
    "rosenbrock": rosenbrock,
    "mlp_tiny": tanh_network(["h1", "h2", "y"]),
    "mlp_digits": tanh_network(["h", "logits"]),
    "mlp_mnist": mlp_mnist,
    "mlp_wide": mlp_wide,
    "deep_tanh": tanh_network([f"h{number}" for number in range(1, 51)]),
    "lenet": hand_images.lenet,
    "resnet_block": hand_images.resnet_block,
    "transformer": hand_sequences.transformer,
    "lstm": hand_sequences.lstm,
    "gaussian_mixture": gaussian_mixture,
    "logistic_regression": logistic_regression,
    "vae": vae,
}


def build(problem: Problem, threads: int) -> tuple[Callable[[], Any], Callable[[Any], Result]]:
    """The step, ready to be called, and what makes NumPy arrays of its result."""
    if problem.spec not in STEPS:
        raise Unsupported
    function, params, data = STEPS[problem.spec], problem.params, problem.data
    return lambda: function(params, data), lambda result: result
