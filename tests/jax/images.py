"""Convolutions and pooling of every kind, with shapes that are drawn, and the networks made of them."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from tests.jax.compare import Case, Values, cases
from tests.jax.dense import accuracy, cross_entropy, dense
from tests.jax.normalisation import batch_norm
from tests.modules import example

Pads = list[tuple[int, int]]
AXES = {1: "u", 2: "u, v", 3: "u, v, w"}


def conv(x: Any, w: Any, stride: int = 1, pads: Pads | None = None, dilation: int = 1, groups: int = 1) -> Any:
    """A convolution of x [N, C, ...] with filters w [O, C/groups, ...] over as many axes as there are."""
    axes = x.ndim - 2
    return lax.conv_general_dilated(
        x, w, [stride] * axes, pads or [(1, 1)] * axes, rhs_dilation=[dilation] * axes, feature_group_count=groups
    )


def conv_transpose(x: Any, w: Any, stride: int, pad: int, dilation: int, groups: int, extra: int) -> Any:
    """The transpose of `conv`: x with stride - 1 zeros between, under the flipped filters w [C, O/groups, ...]."""
    axes, k = x.ndim - 2, w.shape[2]
    around = dilation * (k - 1) - pad
    filters = w.reshape(groups, -1, *w.shape[1:])  # g, c, o, window
    filters = jnp.swapaxes(filters, 1, 2).reshape(-1, w.shape[0] // groups, *w.shape[2:])  # (g, o), c, window
    return lax.conv_general_dilated(
        x,
        jnp.flip(filters, range(2, 2 + axes)),
        [1] * axes,
        [(around, around + extra)] * axes,
        lhs_dilation=[stride] * axes,
        rhs_dilation=[dilation] * axes,
        feature_group_count=groups,
    )


def pool(x: Any, start: float, combine: Any, k: int, stride: int, pad: int, axes: int) -> Any:
    """Windows of the last axes, reduced."""
    around = [(0, 0)] * (x.ndim - axes) + [(pad, pad)] * axes
    lead = (1,) * (x.ndim - axes)
    return lax.reduce_window(x, start, combine, lead + (k,) * axes, lead + (stride,) * axes, around)


def max_pool(x: Any, k: int = 2, stride: int | None = None, pad: int = 0, axes: int = 2) -> Any:
    return pool(x, -jnp.inf, lax.max, k, stride or k, pad, axes)


def avg_pool(x: Any, k: int = 2, stride: int | None = None, pad: int = 0, axes: int = 2) -> Any:
    return pool(x, 0.0, lax.add, k, stride or k, pad, axes) / k**axes


def shifted(a: Any, b: Any) -> Any:
    """a [N, C, ...] with a number b[c] added to each channel."""
    return a + b.reshape(1, -1, *[1] * (a.ndim - 2))


def upsample(x: Any, factor: int, axes: int) -> Any:
    for axis in range(x.ndim - axes, x.ndim):
        x = jnp.repeat(x, factor, axis)
    return x


def weighted(y: Any) -> Any:
    """A loss that tells every place of y from every other: with `spec_loss`, its text."""
    places = [np.arange(1, n + 1) * 0.1 for n in y.shape[1:]]
    return jnp.mean(y**2) + jnp.mean(jnp.sin(y) * sum(np.ix_(*places)))


def spec_loss(name: str, axes: int) -> str:
    """The text of `weighted`."""
    at = AXES[axes]
    places = " + ".join(f"0.1*({index} + 1)" for index in ["c", *at.split(", ")])
    return f"minimize mean(n, c, {at}: {name}[n, c, {at}]**2) + mean(n, c, {at}: sin({name}[n, c, {at}])*({places}))"


# --- convolutions, drawn ---


def spelled(options: dict[str, int]) -> str:
    return ", ".join(f"{name}={value}" for name, value in options.items())


def drawn_conv(axes: int, seed: int) -> Case:
    """One convolution with everything drawn: stride, dilation, groups, shift, padding on each side."""
    rng = np.random.default_rng([axes, seed])
    groups, per, each = (int(n) for n in rng.integers(1, 4, 3))
    k, stride, dilation = (int(n) for n in rng.integers(1, 4, 3))
    bias = int(rng.integers(2))
    sides = ["left", "right"] if axes == 1 else ["top", "bottom", "left", "right"]
    pads = {side: int(rng.integers(0, 3)) for side in sides}
    if axes == 3:
        k, pads = min(k, 2), {"pad": int(rng.integers(0, 3))}
    reach = dilation * (k - 1) + 1
    shape = [int(n) + max(1, reach) for n in rng.permutation(5)[:axes]]
    options = {"k": k, "stride": stride, "dilation": dilation, "groups": groups, "bias": bias, **pads}
    spec = f"""
    network convolution
    input x[N, {groups * per}, {", ".join(map(str, shape))}]
    y = conv{axes}d(x, {groups * each}, {spelled(options)})
    output y
    {spec_loss("y", axes)}
    """
    values = list(pads.values())
    around = [(values[0],) * 2] * 3 if axes == 3 else [(values[2 * a], values[2 * a + 1]) for a in range(axes)]

    def model(v: Values, training: bool) -> dict[str, Any]:
        y = conv(v["x"], v["y.W"], stride, around, dilation, groups)
        y = shifted(y, v["y.b"]) if bias else y
        return {"y": y, "loss": weighted(y)}

    return Case(f"conv{axes}d, {seed}", dedent(spec), model, ({"N": 2}, {"N": 1}))


def drawn_transpose(axes: int, seed: int) -> Case:
    """One transposed convolution, likewise."""
    rng = np.random.default_rng([axes, seed, 1])
    groups, per, each = (int(n) for n in rng.integers(1, 4, 3))
    k, stride, dilation = (int(n) for n in rng.integers(1, 4, 3))
    extra, pad = int(rng.integers(0, 3)), int(rng.integers(0, dilation * (k - 1) // 2 + 1))
    options = {"k": k, "stride": stride, "dilation": dilation, "groups": groups, "pad": pad, "extra": extra}
    shape = [1 + int(n) for n in rng.permutation(4)[:axes]]
    spec = f"""
    network transposed
    input x[N, {groups * per}, {", ".join(map(str, shape))}]
    y = conv_transpose{axes}d(x, {groups * each}, {spelled(options)})
    output y
    {spec_loss("y", axes)}
    """

    def model(v: Values, training: bool) -> dict[str, Any]:
        y = shifted(conv_transpose(v["x"], v["y.W"], stride, pad, dilation, groups, extra), v["y.b"])
        return {"y": y, "loss": weighted(y)}

    return Case(f"conv_transpose{axes}d, {seed}", dedent(spec), model, ({"N": 2}, {"N": 1}))


def drawn_pool(axes: int, seed: int) -> Case:
    """Maxima and means of the same windows, overlapping or not, padded or not."""
    rng = np.random.default_rng([axes, seed, 2])
    k, stride = int(rng.integers(1, 5)), int(rng.integers(1, 4))
    pad = int(rng.integers(0, k // 2 + 1))
    shape = [k + int(n) for n in rng.permutation(5)[:axes]]
    at = AXES[axes]
    spec = f"""
    network pooling
    input x[N, 2, {", ".join(map(str, shape))}]
    a = conv{axes}d(x, 3)
    y = max_pool{axes}d(a, k={k}, stride={stride}, pad={pad})
    z = avg_pool{axes}d(a, k={k}, stride={stride}, pad={pad})
    both[n, c, {at}] = y[n, c, {at}]*z[n, c, {at}]
    output y, z
    {spec_loss("both", axes)}
    """

    def model(v: Values, training: bool) -> dict[str, Any]:
        a = shifted(conv(v["x"], v["a.W"]), v["a.b"])
        y, z = max_pool(a, k, stride, pad, axes), avg_pool(a, k, stride, pad, axes)
        return {"y": y, "z": z, "loss": weighted(y * z)}

    return Case(f"pooling {axes}d, {seed}", dedent(spec), model, ({"N": 2}, {"N": 1}))


# --- networks ---

SEPARABLE = """
network separable
const C = 3
input x[N, C, 5, 7]
input y[N] < 4
d = conv2d(x, C, kh=1, kw=3, top=0, bottom=0, groups=C, bias=0, activation=silu)
s = separable_conv2d(d, 4, k=3, stride=2)
g = global_avg_pool(s)
m = global_max_pool(s)
logits[n, k] = g[n, k] + 2*m[n, k]
output logits
minimize softmax_cross_entropy(logits, y)
"""


def separable(v: Values, training: bool) -> dict[str, Any]:
    d = jax.nn.silu(conv(v["x"], v["d.W"], pads=[(0, 0), (1, 1)], groups=3))
    s = conv(d, v["s.d.W"], 2, groups=3)
    s = shifted(conv(s, v["s.conv2d.W"], pads=[(0, 0)] * 2), v["s.conv2d.b"])
    z = s.mean((2, 3)) + 2 * s.max((2, 3))
    return {"logits": z, "loss": cross_entropy(z, v["y"])}


AUTOENCODER = """
network autoencoder
input x[N, 1, 6, 9]
a = conv2d(x, 3, activation=gelu)
code = max_pool2d(a, k=3)
up = upsample2d(code, factor=3)
wide = upsample1d(up, factor=2)
b = conv_transpose2d(code, 2, k=3, stride=3, pad=0)
c[n, k: 0..3, i, j] = up[n, k, i, j]
c[n, k: 3..5, i, j] = b[n, k - 3, i, j]
y = conv2d(c, 1, k=5, pad=2)
output y, code
minimize mse(y, x) + 0.1*mean(n, k, i, j: j*wide[n, k, i, j]**3)
"""


def autoencoder(v: Values, training: bool) -> dict[str, Any]:
    a = jax.nn.gelu(shifted(conv(v["x"], v["a.W"]), v["a.b"]), approximate=False)
    code = max_pool(a, 3)
    up = upsample(code, 3, 2)
    wide = upsample(up, 2, 1)
    b = shifted(conv_transpose(code, v["b.W"], 3, 0, 1, 1, 0), v["b.b"])
    y = shifted(conv(jnp.concatenate([up, b], 1), v["y.W"], pads=[(2, 2)] * 2), v["y.b"])
    loss = jnp.mean((y - v["x"]) ** 2) + 0.1 * jnp.mean(jnp.arange(wide.shape[3]) * wide**3)
    return {"y": y, "code": code, "loss": loss}


def lenet(v: Values, training: bool) -> dict[str, Any]:
    h = upsample(v["x"][:, None], 2, 2)
    for name in ("c1", "c2", "c3"):
        h = max_pool(jax.nn.relu(shifted(conv(h, v[f"{name}.W"]), v[f"{name}.b"])))
    z = dense(v, "logits", dense(v, "h", h.reshape(h.shape[0], -1), jax.nn.relu))
    return {"logits": z, "loss": cross_entropy(z, v["y"]), "accuracy": accuracy(z, v["y"])}


def resnet(v: Values, training: bool) -> dict[str, Any]:
    after: dict[str, Any] = {}

    def normed(a: Any, name: str) -> Any:
        y, states = batch_norm(v, name, a, training)
        after.update(states)
        return y

    h = jax.nn.relu(shifted(conv(v["image"], v["h0.W"]), v["h0.b"]))
    for block, stride in (("h1", 1), ("h2", 2), ("h3", 2)):
        r = jax.nn.relu(normed(conv(h, v[f"{block}.a.conv2d.W"], stride), f"{block}.a"))
        b = normed(conv(r, v[f"{block}.b.conv2d.W"]), f"{block}.b")
        s = conv(h, v[f"{block}.s.W"], stride, [(0, 0)] * 2) if stride > 1 else h
        h = jax.nn.relu(b + s)
    z = dense(v, "logits", h.mean((2, 3)))
    return {"logits": z, "loss": cross_entropy(z, v["y"]), "accuracy": accuracy(z, v["y"]), **after}


CASES = [
    *(drawn_conv(1, seed) for seed in range(4)),
    *(drawn_conv(2, seed) for seed in range(5)),
    *(drawn_conv(3, seed) for seed in range(2)),
    *(drawn_transpose(1, seed) for seed in range(3)),
    *(drawn_transpose(2, seed) for seed in range(3)),
    *(drawn_pool(1, seed) for seed in range(2)),
    *(drawn_pool(2, seed) for seed in range(3)),
    *cases(
        ("separable", SEPARABLE, separable, {"N": 3}, {"N": 1}),
        ("autoencoder", AUTOENCODER, autoencoder, {"N": 2}),
        ("lenet", example("lenet"), lenet, {"N": 3}),
        ("resnet", example("resnet"), resnet, {"N": 3}, {"N": 1}),
    ),
]
