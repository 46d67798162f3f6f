"""What equations, constants and layers of a spec become in the network."""

import time
from fractions import Fraction

import pytest

from symnet.errors import UsageError
from tests.language.written import equations_of, network_of, shapes_of, write

X = "input x[N, T, 8]\ninput s[N] < 3\n"

# Statements after X, and the equations that they become.
EQUATIONS = {
    "plain": ("y[n, t] = x[n, t, 0] + 1", ["n < N, t < T | y[n, t] = (x[n, t, 0] + 1)"]),
    "scalar": ("a = 2\nb = a*a + 1", ["a = 2", "b = ((a * a) + 1)"]),
    "whole tensors": ("y = x + x*2", ["n < N, t < T, i < 8 | y[n, t, i] = (x[n, t, i] + (x[n, t, i] * 2))"]),
    "whole tensors and scalars": ("a = 2\ny = a*x", ["a = 2", "n < N, t < T, i < 8 | y[n, t, i] = (a * x[n, t, i])"]),
    "defined below": ("y[n] = z[n]\nz[n] = x[n, 0, 0]", ["n < N | y[n] = z[n]", "n < N | z[n] = x[n, 0, 0]"]),
    "reduction": ("y[n] = sum(t, k: x[n, t, k])", ["n < N | y[n] = sum(t < T, k < 8: x[n, t, k])"]),
    "reduction part": ("y[n] = sum(k < 3: x[n, 0, k])", ["n < N | y[n] = sum(k < 3: x[n, 0, k])"]),
    "reduction range": ("y[n] = sum(k: 2..5: x[n, 0, k])", ["n < N | y[n] = sum(k < 3: x[n, 0, (k + 2)])"]),
    "argmax of a range": (
        "y[n] = argmax(k: 2..5: x[n, 0, k])",
        ["n < N | y[n] = (argmax(k < 3: x[n, 0, (k + 2)]) + 2)"],
    ),
    "filter": (
        "y[n, t: T] = sum(u if u <= t: x[n, u, 0])",
        ["n < N, t < T | y[n, t] = sum(u < T if (u <= t): x[n, u, 0])"],
    ),
    "bound twice": (
        "y[n] = sum(k: x[n, 0, k])*sum(k: x[n, 1, k])" + "\nexample T = 2",
        ["n < N | y[n] = (sum(k < 8: x[n, 0, k]) * sum(k2 < 8: x[n, 1, k2]))"],
    ),
    "bound name of a free index": (
        "y[n, k] = x[n, 0, k]/sum(k: x[n, 0, k])",
        ["n < N, k < 8 | y[n, k] = (x[n, 0, k] / sum(k2 < 8: x[n, 0, k2]))"],
    ),
    "ranges": (
        "y[n, j: 0..8] = x[n, 0, j]\ny[n, j: 8..10] = x[n, 0, j - 8]",
        ["n < N, j < 8 | y[n, j] = x[n, 0, j]", "n < N, j < 2 | y[n, (j + 8)] = x[n, 0, j]"],
    ),
    "base case": (
        "h[n, 0] = x[n, 0, 0]\nh[n, t: 1..T] = h[n, t-1] + x[n, t, 0]",
        ["n < N | h[n, 0] = x[n, 0, 0]", "n < N, t < T - 1 | h[n, (t + 1)] = (h[n, t] + x[n, (t + 1), 0])"],
    ),
    "loop variable as place": (
        "for l in 0..2:\n    y[n, l] = x[n, 0, l]",
        ["n < N | y[n, 0] = x[n, 0, 0]", "n < N | y[n, 1] = x[n, 0, 1]"],
    ),
    "flatten": (
        "y[n, (t, k)] = x[n, t, k]",
        ["n < N, t < T, k < 8 | y[n, ((8 * t) + k)] = x[n, t, k]"],
    ),
    "split": (
        "y[n, h: 2, k] = x[n, 0, (h, k)]",
        ["n < N, h < 2, k < 4 | y[n, h, k] = x[n, 0, ((4 * h) + k)]"],
    ),
    "repeat": (
        "y[n, (k, p: 2)] = x[n, 0, k]",
        ["n < N, k < 8, p < 2 | y[n, ((2 * k) + p)] = x[n, 0, k]"],
    ),
    "joined with a number": (
        "y[n, h: 2, k: 4] = x[n, 0, (1, k)]",
        ["n < N, h < 2, k < 4 | y[n, h, k] = x[n, 0, (k + 4)]"],
    ),
    "largest inside": (
        "y[n, u] = max(p < 3: x[n, 0, 2*u + p])",
        ["n < N, u < 3 | y[n, u] = max(p < 3: x[n, 0, ((2 * u) + p)])"],
    ),
    "largest inside, not of what has an else": (
        "y[n, u] = x[n, 0, u + 2]*(x[n, 0, u + 5] else 1)",
        ["n < N, u < 6 | y[n, u] = (x[n, 0, (u + 2)] * x[n, 0, (u + 5)] else 1)"],
    ),
    "three joined": (
        "y[n, (k, p: 2, q: 3)] = x[n, 0, k]",
        ["n < N, k < 8, p < 2, q < 3 | y[n, (((6 * k) + (3 * p)) + q)] = x[n, 0, k]"],
    ),
    "backwards": ("y[n, t] = x[n, T - 1 - t, 0]", ["n < N, t < T | y[n, t] = x[n, (<T - 1> - t), 0]"]),
    "else that is never used": ("y[n, k] = x[n, 0, k] else 7", ["n < N, k < 8 | y[n, k] = x[n, 0, k]"]),
    "shift": (
        "y[n, t: T] = x[n, t - 1, 0] else 0",
        ["n < N, t < T | y[n, t] = x[n, (t - 1), 0] else 0"],
    ),
    "division of an index": (
        "y[n, j: 4] = x[n, 0, j//2 + j%2]",
        ["n < N, j < 4 | y[n, j] = x[n, 0, ((j // 2) + (j % 2))]"],
    ),
    "gather within the bound": (
        "e[v: 3] = 1\ny[n] = e[s[n]]",
        ["v < 3 | e[v] = 1", "n < N | y[n] = e[s[n]]"],
    ),
    "gather that is checked": (
        "e[v: 2] = 1\ny[n] = e[s[n]]",
        ["v < 2 | e[v] = 1", "n < N | y[n] = e[s[n]]!"],
    ),
    "gather with else": (
        "e[v: 2] = 1\ny[n] = e[s[n]] else 5",
        ["v < 2 | e[v] = 1", "n < N | y[n] = e[s[n]] else 5"],
    ),
    "scatter": (
        "y[c: 3, k] = 0\ny[s[n], k] += x[n, 0, k]",
        ["c < 3, k < 8 | y[c, k] = 0", "n < N, k < 8 | y[s[n], k] += x[n, 0, k]"],
    ),
    "scatter along a sum": (
        "y[i: 15] = 0\ny[a + b] += x[0, 0, a]*x[0, 0, b]",
        ["i < 15 | y[i] = 0", "a < 8, b < 8 | y[(a + b)] += (x[0, 0, a] * x[0, 0, b])"],
    ),
    "run of indices": ("y[n] = mean(...: x[n, ...]**2)", ["n < N | y[n] = mean(t < T, i < 8: (x[n, t, i] ** 2))"]),
    "run on the left": ("y[...] = x[..., 0]", ["n < N, t < T | y[n, t] = x[n, t, 0]"]),
    "function": (
        "function f(a, k=2) = a**k + a\ny[n] = f(x[n, 0, 0], k=3)",
        ["n < N | y[n] = ((x[n, 0, 0] ** 3) + x[n, 0, 0])"],
    ),
    "function as argument": (
        "function twice(f, a) = f(f(a))\ny[n] = twice(tanh, x[n, 0, 0])",
        ["n < N | y[n] = tanh(tanh(x[n, 0, 0]))"],
    ),
    "max of arguments": ("y[n] = max(x[n, 0, 0], 1, 2)", ["n < N | y[n] = max2(max2(x[n, 0, 0], 1), 2)"]),
    "infinity": ("y[n] = max(-inf, x[n, 0, 0])", ["n < N | y[n] = max2(neg(inf), x[n, 0, 0])"]),
    "condition": ("y[n] = where(s[n] == 1 and not x[n, 0, 0] > 0, 1, 0)",
        ["n < N | y[n] = where(((s[n] == 1) and not((x[n, 0, 0] > 0))), 1, 0)"]),
    "constants": (
        "const w = [4, 2]\nconst half = w[1]/4\ny[n] = half*x[n, 0, w[1]] + len(w)",
        ["n < N | y[n] = ((1/2 * x[n, 0, 2]) + 2)"],
    ),
    "choice": ("if training:\n    y = x\nelse:\n    y = 2*x", ["n < N, t < T, i < 8 | y[n, t, i] = x[n, t, i]"]),
    "numbered names": (
        "h0[n] = x[n, 0, 0]\nfor l in 1..3:\n    h{l} = 2*h{l - 1}",
        ["n < N | h0[n] = x[n, 0, 0]", "n < N | h1[n] = (2 * h0[n])", "n < N | h2[n] = (2 * h1[n])"],
    ),
    "sizes in formulas": ("y[n] = x[n, 0, 0]/T + T - 1", ["n < N | y[n] = (((x[n, 0, 0] / <T>) + <T>) - 1)"]),
    "weights": (
        "param W[2, 3] ~ zeros\nparam b[3] ~ zeros\ny = sum(p in weights: sum(...: p[...]**2))",
        ["y = sum(i < 2, j < 3: (W[i, j] ** 2))"],
    ),
    "params": (
        "param W[2, 3] ~ zeros\nparam b[3] ~ zeros\ny = sum(p in params: sum(...: p[...]))",
        ["y = (sum(i < 2, j < 3: W[i, j]) + sum(i2 < 3: b[i2]))"],
    ),
    "stop": ("y[n] = stop(x[n, 0, 0])", ["n < N | y[n] = stop(x[n, 0, 0])"]),
    "state": ("state m[3] ~ zeros\nm' = m + 1", ["i < 3 | m'[i] = (m[i] + 1)"]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), EQUATIONS.values(), ids=EQUATIONS)
def test_an_equation_becomes(text, expected):
    assert equations_of(X + text) == expected


# --- declarations ---


def test_an_index_keeps_its_extent_until_it_is_given_anew():
    shapes = shapes_of("param a[i: 3, j: 4] ~ zeros\nparam b[j] ~ zeros\nparam c[j: 5] ~ zeros\nparam d[j, i] ~ zeros")
    assert shapes == {"a": "3, 4", "b": "4", "c": "5", "d": "5, 3"}


def test_sizes_and_constants_are_extents():
    text = "const D = 6\ninput x[N, E: D/2, N + 1, 2*D]\nparam W[(i: E, 2)] ~ zeros\nparam V[i, D - 1] ~ zeros"
    assert shapes_of(text) == {"x": "N, 3, N + 1, 12", "W": "6", "V": "3, 5"}
    assert network_of(text).sizes == ("N",)


def test_a_size_is_named_for_its_dimension():
    assert equations_of("input x[B, T, F: 5]\ny = 2*x") == ["b < B, t < T, f < 5 | y[b, t, f] = (2 * x[b, t, f])"]


@pytest.mark.parametrize(
    ("sampler", "shape", "expected"),
    [
        ("zeros", "[3]", {}),
        ("constant(2)", "[3]", {"value": 2}),
        ("uniform(-0.5, 1/2)", "[3]", {"low": Fraction(-1, 2), "high": Fraction(1, 2)}),
        ("normal(std=0.02)", "[3]", {"mean": 0, "std": Fraction(1, 50)}),
        ("glorot_uniform", "[3]", {"fan_in": 3, "fan_out": 3, "gain": 1}),
        ("glorot_uniform", "[3, 4]", {"fan_in": 3, "fan_out": 4, "gain": 1}),
        ("lecun_normal", "[2, 3, 4]", {"fan_in": 2, "fan_out": 12, "gain": 1}),
        ("he_normal(fan_in=2*9, gain=2)", "[2, 3, 3, 3]", {"fan_in": 18, "fan_out": 27, "gain": 2}),
        ("orthogonal", "[3, 3]", {"gain": 1}),
    ],
)
def test_a_sampler_has_all_its_numbers(sampler, shape, expected):
    found = network_of(f"param W{shape} ~ {sampler}").tensors["W"].sampler
    numbers = {key: value if isinstance(value, Fraction) else value.constant for key, value in found.arguments}
    assert (found.name, numbers) == (sampler.partition("(")[0], expected)


def test_an_irrational_number_is_close_enough():
    found = network_of("param W[3] ~ normal(std=1/sqrt(2))").tensors["W"].sampler
    assert abs(float(dict(found.arguments)["std"]) - 2**-0.5) < 1e-15


def test_integers_are_told_from_reals():
    text = X + "a[n] = argmax(i: x[n, 0, i])\nb[n] = a[n]//2 + s[n]\nc[n] = a[n]/2\nd[n] = s[n] == 1\n"
    text += "e[t: 4] = (e[t-1] else 0) + 1\nf[t: 4] = (f[t-1] else 0) + 0.5\ng = mean(n: s[n])\nh = sum(n: s[n])\n"
    text += "p[v: 3] = 0\np[s[n]] += x[n, 0, 0]\nq[v: 3] = 0\nq[s[n]] += 1"
    network = network_of(text)
    integers = {name for name, tensor in network.tensors.items() if tensor.integer}
    assert integers == {"s", "a", "b", "d", "e", "h", "q"}


# --- constants ---


def test_constants_are_overridden():
    text = "const depth = 2\nconst w = [1, 2]\na0 = 1\nfor l in 0..depth:\n    a{l+1} = a{l}*w[l]"
    assert equations_of(text)[1:] == ["a1 = a0", "a2 = (a1 * 2)"]
    assert equations_of(text, constants={"depth": 1, "w": [5]})[1:] == ["a1 = (a0 * 5)"]


def test_a_decimal_is_taken_as_it_is_printed():
    (line,) = equations_of("const r = 1\na = r", constants={"r": 0.1})
    assert line == "a = 1/10"


@pytest.mark.parametrize(("constants", "message"), [({"deph": 3}, "depth"), ({"depth": "x"}, "number")])
def test_a_wrong_override_is_refused(constants, message):
    with pytest.raises(UsageError) as caught:
        network_of("const depth = 2\na = depth", constants=constants)
    assert message in str(caught.value)


# --- layers ---


def test_parameters_bear_the_name_of_the_call():
    network = network_of("input x[N, 3]\nh = dense(x, 4)\ny = h + dense(dense(h, 5), 4)")
    assert [name for name, tensor in network.tensors.items() if tensor.role == "param"] == [
        "h.W", "h.b", "y.dense.dense.W", "y.dense.dense.b", "y.dense.W", "y.dense.b",
    ]  # fmt: skip
    assert network.groups == {"h": "dense", "y.dense": "dense", "y.dense.dense": "dense"}


def test_calls_in_one_formula_are_numbered():
    shapes = shapes_of("input x[N, 3]\ny = dense(x, 4) + dense(x, 4)")
    assert shapes["y.dense.W"] == shapes["y.dense2.W"] == "3, 4"


def test_a_layer_in_a_layer():
    text = "layer two(x[..., i: I], k) -> y[..., o]:\n    h = dense(x, 2*I)\n    y = dense(h, k)\n"
    shapes = shapes_of(text + "input x[N, 3]\nz = two(x, 5)")
    assert shapes["z.h.W"] == "3, 6"
    assert shapes["z.dense.W"] == "6, 5"
    assert shapes["z"] == "N, 5"


def test_the_run_of_indices_bears_other_names_than_the_layer():
    text = "layer f(x[..., n]) -> y[..., n]:\n    y[..., n] = 2*x[..., n]\ninput x[N, O, 3]\nz = f(x)"
    assert equations_of(text) == ["n2 < N, o < O, n < 3 | z[n2, o, n] = (2 * x[n2, o, n])"]


def test_parameters_are_shared():
    text = "layer two(x[..., i: I]) -> y[..., o]:\n    h = dense(x, I)\n    y = dense(h, I)\n"
    text += "input x[N, 3]\na = two(x)\nb = two(a, params=a)\nc[n, o] = b[n, o] + b.h.b[o]"
    network = network_of(text)
    assert [name for name, tensor in network.tensors.items() if tensor.role == "param"] == [
        "a.h.W", "a.h.b", "a.dense.W", "a.dense.b",
    ]  # fmt: skip
    assert write(network.equations[-1].value) == "(b[n, o] + a.h.b[o])"


def test_tied_weights_are_read_before_the_call():
    text = "input x[N, 3]\ny[n, i] = sum(o: h[n, o]*h.W[i, o])\nh = dense(x, 4)"
    assert equations_of(text)[0] == "n < N, i < 3 | y[n, i] = sum(o < 4: (h[n, o] * h.W[i, o]))"


def test_a_layer_applied_inside_of_an_indexed_formula():
    lines = equations_of("input x[N, 3]\ny[n, k] = 2*softmax(x[n, k] + 1)")
    assert lines[0] == "n < N, k < 3 | y.softmax.x[n, k] = (x[n, k] + 1)"
    assert lines[-1] == "n < N, k < 3 | y[n, k] = (2 * y.softmax[n, k])"
    assert "y.softmax.softmax" not in network_of("input x[N, 3]\ny = dense(x, 2, activation=softmax)").tensors


def test_functions_and_layers_are_arguments():
    text = "layer block(x[..., i: I], inner, act=identity) -> y[..., o]:\n"
    text += "    y[..., o] = act(z[..., o])\n    z = inner(x, I)\n"
    text += "input x[N, 3]\ny = block(x, dense, act=leaky_relu(slope=0.2))"
    assert equations_of(text)[0] == "n < N, o < 3 | y[n, o] = where((y.z[n, o] > 0), y.z[n, o], (1/5 * y.z[n, o]))"


def test_a_layer_is_an_argument_with_some_of_its_own():
    text = "layer twice(x[..., i: I], inner) -> y[..., o]:\n    y = inner(inner(x))\ninput x[N, 3]\n"
    network = network_of(
        text + "z = twice(x, dense(units=4, activation=tanh))\nw = sum(p in z.weights: sum(...: p[...]))"
    )
    assert [str(e) for e in network.tensors["z"].extents] == ["N", "4"]
    assert write(network.equations[0].value).startswith("tanh(")
    assert write(network.equations[-1].value).count("sum(") == 2


def test_parameters_are_counted_when_all_layers_are_known():
    text = "input x[N, 3]\nloss = sum(n, o: h[n, o]) + penalty\npenalty = sum(p in params: sum(...: p[...]**2))\n"
    lines = equations_of(text + "h = dense(g, 2)\ng = x + penalty\nminimize loss")
    (penalty,) = [line for line in lines if line.startswith("penalty")]
    assert penalty == "penalty = (sum(i < 3, o < 2: (h.W[i, o] ** 2)) + sum(o2 < 2: (h.b[o2] ** 2)))"


def test_a_scalar_tensor_stands_for_a_constant():
    text = "layer scale(x[...], k) -> y[...]:\n    y[...] = k*x[...]\ninput x[N]\nparam s ~ ones\ny = scale(x, s)"
    assert equations_of(text) == ["n < N | y[n] = (s * x[n])"]


def test_several_results():
    text = "layer both(x[n]) -> y[n], z:\n    y[n] = 2*x[n]\n    z = sum(n: x[n])\ninput x[N]\n"
    assert shapes_of(text + "a, b = both(x)") == {"x": "N", "a": "N", "b": ""}
    assert shapes_of(text + "a = both(x)") == {"x": "N", "a": "N", "a.z": ""}


def test_defaults_may_use_other_formals_and_sizes():
    text = "layer f(x[n, d: D], k, m=2*k, e=D + k) -> y[n]:\n    y[n] = x[n, 0]*m*e\ninput x[N, 3]\ny = f(x, 5)"
    assert equations_of(text) == ["n < N | y[n] = ((x[n, 0] * 10) * 8)"]


CONV = """
layer conv2d(x[n, (g: groups, c: C), i: I, j: J],
             units, k=3, stride=1, pad=1, dilation=1, groups=1) -> y[n, (g, o), u, v]:
    param W[g, o: units//groups, c, p: k, q: k] ~ he_normal(fan_in=C*k*k)
    param b[g, o] ~ zeros
    xp[n, g, c, i: I + 2*pad, j: J + 2*pad] = x[n, (g, c), i - pad, j - pad] else 0
    y[n, (g, o), u, v] = b[g, o] + sum(c, p, q:
        W[g, o, c, p, q] * xp[n, g, c, stride*u + dilation*p, stride*v + dilation*q])
"""


@pytest.mark.parametrize(
    ("arguments", "shape"),
    [
        ("8", "N, 8, 32, W"),
        ("8, stride=2", "N, 8, 16, ((W + 1)//2)"),
        ("6, k=5, groups=3", "N, 6, 30, W - 2"),
        ("8, k=1, pad=0", "N, 8, 32, W"),
        ("8, k=3, dilation=2", "N, 8, 30, W - 2"),
    ],
)
def test_convolution(arguments, shape):
    network = network_of(CONV + f"input x[N, 3, 32, W]\ny = conv2d(x, {arguments})")
    assert ", ".join(map(str, network.tensors["y"].extents)) == shape


def test_a_window_that_may_not_fit_is_a_condition():
    network = network_of(CONV + "input x[N, 1, 9, W]\ny = conv2d(x, 8, k=5, pad=0)")
    assert [(str(c.left), c.relation, str(c.right)) for c in network.conditions] == [("1", "<=", "W - 4")]


BATCH_NORM = """
layer batch_norm(x[n, c: C, ...], momentum=0.1, eps=1e-5) -> y[n, c, ...]:
    param g[c] ~ ones
    state rm[c] ~ zeros
    if training:
        m[c] = mean(n, ...: x[n, c, ...])
        rm' = rm + momentum*(m - rm)
    else:
        m = rm
    y[n, c, ...] = g[c]*(x[n, c, ...] - m[c])
input x[N, 3, A, B]
z = batch_norm(x)
"""


def test_state_moves_in_training_only():
    training, inference = (network_of(BATCH_NORM, training=mode) for mode in (True, False))
    assert training.next_state == (("z.rm", "z.rm'"),)
    assert inference.next_state == ()
    assert write(training.equations[0].value) == "mean(n < N, a < A, b < B: x[n, c, a, b])"
    assert write(inference.equations[0].value) == "z.rm[c]"
    assert training.tensors["z.rm'"].extents == training.tensors["z.rm"].extents


LSTM = """
layer lstm(x[n, t: T, i: I], units) -> h[n, t, k], last[n, k]:
    param W[i, g: 4, k: units] ~ glorot_uniform
    param U[j: units, g: 4, k: units] ~ orthogonal
    param b[g: 4, k: units] ~ zeros
    a[n, t, g, k] = b[g, k] + sum(i: x[n, t, i]*W[i, g, k]) + sum(j: (h[n, t-1, j] else 0)*U[j, g, k])
    c[n, t, k] = sigmoid(a[n, t, 1, k])*(c[n, t-1, k] else 0) + sigmoid(a[n, t, 0, k])*tanh(a[n, t, 2, k])
    h[n, t, k] = sigmoid(a[n, t, 3, k])*tanh(c[n, t, k])
    last[n, k] = h[n, T-1, k]
"""


def test_a_recurrence_over_three_tensors():
    shapes = shapes_of(LSTM + "input x[N, L, 5]\nh, last = lstm(x, 7)")
    assert shapes["h"] == shapes["h.c"] == "N, L, 7"
    assert shapes["h.a"] == "N, L, 4, 7"
    assert shapes["last"] == "N, 7"


@pytest.mark.parametrize(
    "text",
    [
        "h[t: 8] = (h[t-1] else 0) + (h[t-2] else 1)",
        "h[t: 8] = (h[t+1] else 0)*2",
        "h[i: 8, j: 9] = (h[i-1, j] else 0) + (h[i, j-1] else 0)",
        "h[i: 8, j: 9] = (h[i-1, j+1] else 0) + (h[i, j-1] else 0)",
        "a[t: 8] = b[t] + 1\nb[t: 8] = (a[t-1] else 0)",
        "h[0] = 1\nh[t: 1..8] = h[t-1]*2",
    ],
)
def test_a_recurrence_is_allowed(text):
    assert equations_of(text)


# --- what the spec asks for ---


def test_goals():
    text = "input x[N, 3]\ny = dense(x, 2)\nloss[n] = sum(o: y[n, o]**2)\noutput y, loss\nmetric m = mean(n: loss[n])\n"
    network = network_of(text + "minimize mean(n: loss[n]) over y.b\nexample N = 3")
    assert network.outputs == ("y", "loss")
    assert network.metrics == (("m", "m"),)
    assert network.objective == "objective"
    assert network.examples == {"N": 3}
    assert [name for name, tensor in network.tensors.items() if tensor.frozen] == ["y.W"]


def test_a_spec_need_not_minimise():
    network = network_of("input x[N]\ny = 2*x")
    assert network.objective is None and network.optimizer is None and network.outputs == ()


def test_the_bare_name_is_the_objective():
    assert network_of("input x[N]\nfit = mean(n: x[n])\nminimize fit").objective == "fit"


@pytest.mark.parametrize("role", ["param a ~ ones", "input a", "state a ~ ones\na' = a"])
def test_what_is_given_can_be_minimised(role):
    assert equations_of(f"{role}\nminimize a")[-1] == "loss = a"
    assert equations_of(f"param loss ~ ones\n{role}\nminimize loss")[-1] == "objective = loss"


# --- conditions ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("y[n] = a[n] + b[n]", ["N == M"]),
        ("y = a[3] + b[0]", ["4 <= N"]),
        ("y[k] = x[0, 2*k] + x[0, 2*k + 1]", ["1 <= (K//2)"]),
        ("y[n] = a[n]*sum(k < 3: x[n, k])", ["3 <= K"]),
    ],
)
def test_what_cannot_be_proved_is_a_condition(text, expected):
    network = network_of("input a[N]\ninput b[M]\ninput x[N, K]\n" + text)
    assert [f"{c.left} {c.relation} {c.right}" for c in network.conditions] == expected


# --- speed ---


def test_many_layers_take_linear_time():
    text = "input x[N, 8]\nconst depth = 100\nh0 = dense(x, 8)\nfor l in 1..depth:\n    h{l} = dense(h{l-1}, 8)\n"
    seconds = []
    for depth in (100, 400):
        start = time.process_time()
        network_of(text, constants={"depth": depth})
        seconds.append(time.process_time() - start)
    assert seconds[1] < 12 * seconds[0] + 0.5
