"""More derivatives: closed forms where the algebra has one, and differences of the gradient at 50 digits everywhere."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest
import sympy as sp

from symnet.errors import SymnetError
from symnet.ir.bundle import Derivative
from symnet.ir.interpret import DIGITS50, interpret
from symnet.ir.program import Program
from symnet.language.network import Network
from symnet.passes.derivatives import derivatives
from symnet.passes.pipeline import gradient_program, parameters
from tests.support import network_of, sample, shown

QUADRATIC = "const D = 3\ninput A[D, D]\nparam x[i: D] ~ normal\nminimize sum(i, j: x[i]*A[i, j]*x[j])\n"
LOGISTIC = """
const D = 3
input x[N, D]
input y[N] < 2
param w[i: D] ~ normal
param b ~ normal
p[n] = 1/(1 + exp(-(b + sum(i: x[n, i]*w[i]))))
output p
minimize mean(n: -y[n]*log(p[n]) - (1 - y[n])*log(1 - p[n]))
"""
PERCEPTRON = """
input x[N, 2]
input y[N] < 3
param W[i: 2, h: 3] ~ normal
param b[h: 3] ~ normal
param V[h: 3, c: 3] ~ normal
a[n, h] = tanh(b[h] + sum(i: x[n, i]*W[i, h]))
z[n, c] = sum(h: a[n, h]*V[h, c])
p[n, c] = exp(z[n, c])/sum(k: exp(z[n, k]))
output p
minimize mean(n: -log(p[n, y[n]])) + sum(h, c: V[h, c]**4)
"""
SPECS = {
    "quadratic form": QUADRATIC,
    "logistic regression": LOGISTIC,
    "perceptron": PERCEPTRON,
    "gather": """
input k[N] < 4
input t[N]
param E[v: 4, d: 2] ~ normal
param u[d: 2] ~ normal
s[n] = sum(d: sin(E[k[n], d])*u[d])
output s
minimize mean(n: (s[n] - t[n])**2)
""",
    "convolution": """
input x[N, 6]
param w[p: 3] ~ normal
y[n, i: 6] = sum(p: w[p]*(x[n, i + p - 1] else 0))
m[n] = max(i: y[n, i])
output m
minimize sum(n: exp(m[n]/4) + prod(i < 2: y[n, i]))
""",
    "tied and frozen": """
input x[N, 3]
param W[i: 3, j: 3] ~ normal
param F[i: 3] ~ normal
S[i, j] = (W[i, j] + W[j, i])/2
h[n, i] = tanh(sum(j: S[i, j]*x[n, j]) + F[i])
z[n, i] = sum(j: S[i, j]*h[n, j])
output z
minimize mean(n, i: z[n, i]**2) + sum(i, j: S[i, j]**4) over W
""",
    "recurrence": """
input x[N, T]
param a ~ normal
param b ~ normal
h[n, t: T] = tanh(a*(h[n, t - 1] else 0) + b*x[n, t])
output h
minimize mean(n, t: h[n, t]**2)
""",
}
BATCHED = [name for name in SPECS if name != "quadratic form"]


def one(net: Network, wanted: str) -> Derivative:
    (found,) = derivatives(net, [wanted])
    return found


def calculated(d: Derivative, values: dict[str, Any], directions: dict[str, Any] | None = None) -> dict[Any, Any]:
    given = {v: (directions or {})[name] for name, v in d.directions}
    found = interpret(d.program, {n: v for n, v in (values | given).items() if n in d.program.tensors})
    return {key: found[tensor] for key, tensor in d.results}


def close(found: Any, expected: Any, rtol: float = 1e-9) -> None:
    found, expected = np.asarray(found, dtype=float), np.asarray(expected, dtype=float)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=rtol, atol=rtol * np.max(np.abs(expected), initial=0))


class Differences:
    """The gradient of a network at a point, and its differences at 50 digits."""

    def __init__(self, net: Network, seed: int = 0) -> None:
        derived = gradient_program(net)
        self.program: Program = derived.program
        self.gradients = dict(derived.gradients)
        self.values = sample(self.program, seed, {size: 3 + k for k, size in enumerate(net.sizes)})

    def gradient(self, name: str, moved: str, step: Any) -> Any:
        value = np.array(self.values[moved], dtype=object)
        exact = np.vectorize(lambda v: mpmath.mpf(float(v)), otypes=[object])(value)
        found = interpret(self.program, {**self.values, moved: exact + step}, arithmetic=DIGITS50)
        return found[self.gradients[name]]

    def along(self, name: str, moved: str, direction: Any) -> Any:
        """The derivative of one gradient as a parameter moves in a direction."""
        with mpmath.workdps(50):
            h = mpmath.mpf(10) ** -15
            step = np.asarray(direction, dtype=object) * h
            return (self.gradient(name, moved, step) - self.gradient(name, moved, -step)) / (2 * h)

    def block(self, rows: str, columns: str) -> Any:
        """The second derivatives by two parameters."""
        shape = np.shape(self.values[columns])
        parts = []
        for place in np.ndindex(shape):
            direction = np.zeros(shape)
            direction[place] = 1
            parts.append(np.asarray(self.along(rows, columns, direction), dtype=float))
        return np.stack(parts, axis=-1).reshape((*np.shape(self.values[rows]), *shape))


# --- closed forms ----------------------------------------------------------------------------------


def test_hessian_of_a_quadratic_form() -> None:
    d = one(network_of(QUADRATIC), "hessian:x")
    assert shown(d.program) == ["ddx_dx[i, j] = A[i, j] + A[j, i]"]


def test_hessian_of_logistic_regression() -> None:
    """Xᵀ diag(p(1 - p)) X / N"""
    d = one(network_of(LOGISTIC), "hessian:w")
    lines = shown(d.program)
    assert lines[-2:] == [
        "ddp_part_dw[n, j] = p[n]*x[n, j]*(1 - p[n])/N",
        "ddw_dw[i, j] = sum(n: x[n, i]*ddp_part_dw[n, j])",
    ] or lines[-2].endswith("= p[n]*x[n, j]*(1 - p[n])/N")
    x, p = np.random.default_rng(0).normal(size=(5, 3)), None
    values = {"x": x, "y": np.array([0, 1, 1, 0, 1]), "w": np.array([0.3, -1.0, 0.5]), "b": np.array(0.2)}
    p = 1 / (1 + np.exp(-(x @ values["w"] + values["b"])))
    close(calculated(d, values)[()], x.T @ np.diag(p * (1 - p)) @ x / 5, 1e-13)


def test_hessian_of_a_sum_stays_a_diagonal() -> None:
    d = one(network_of("param x[i: 4] ~ normal\nminimize sum(i: exp(x[i]))\n"), "hessian:x")
    assert shown(d.program)[-1] == "ddx_dx[i, i] += x_exp[i]"


def test_a_diagonal_needs_no_matrix() -> None:
    """Of the Hessian of logistic regression only the diagonal is calculated."""
    program = one(network_of(LOGISTIC), "diagonal:w").program
    assert max(len(t.extents) for t in program.tensors.values() if t.derived) < 2


def test_hessian_is_that_of_sympy() -> None:
    text = "param x[i: 3] ~ normal\nminimize prod(i: sin(x[i])) + exp(x[0]*x[2]) + x[1]**3*x[0]\n"
    symbols = sp.symbols("x:3")
    loss = sp.prod(map(sp.sin, symbols)) + sp.exp(symbols[0] * symbols[2]) + symbols[1] ** 3 * symbols[0]
    point = (0.5, -0.25, 1.5)
    expected = sp.hessian(loss, symbols).subs(dict(zip(symbols, point, strict=True))).evalf()
    close(calculated(one(network_of(text), "hessian:x"), {"x": np.array(point)})[()], np.array(expected), 1e-13)


# --- against differences ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", SPECS)
def test_hessian_and_diagonal(name: str) -> None:
    net = network_of(SPECS[name])
    point = Differences(net)
    blocks = calculated(one(net, "hessian"), point.values)
    diagonals = calculated(one(net, "diagonal"), point.values)
    assert set(blocks) == {(row, column) for row in parameters(net) for column in parameters(net)}
    for (row, column), found in blocks.items():
        expected = point.block(row, column)
        close(found, expected)
        if row == column:
            size = diagonals[row,].size
            close(diagonals[row,].reshape(-1), np.diag(expected.reshape(size, size)))


@pytest.mark.parametrize("name", SPECS)
def test_hessian_times_a_vector(name: str) -> None:
    net = network_of(SPECS[name])
    point, rng = Differences(net), np.random.default_rng(1)
    v = {n: rng.normal(size=np.shape(point.values[n])) for n in parameters(net)}
    found = calculated(one(net, "hvp"), point.values, v)
    for row in parameters(net):
        expected = sum(np.asarray(point.along(row, column, v[column]), dtype=float) for column in v)
        close(found[row,], expected)


@pytest.mark.parametrize("name", BATCHED)
def test_contributions_of_examples(name: str) -> None:
    """They add up to the gradient, and those of a mean are the gradients of batches of one example."""
    net = network_of(SPECS[name])
    point = Differences(net)
    d = one(net, "per_example")
    parts = calculated(d, point.values)
    whole = interpret(point.program, point.values)
    count = len(next(v for n, v in point.values.items() if net.tensors[n].role == "input"))
    for parameter in parameters(net):
        close(parts[parameter,].sum(axis=0), whole[point.gradients[parameter]], 1e-12)
    for n in range(count):
        batched = {m: v[n : n + 1] if net.tensors[m].role == "input" else v for m, v in point.values.items()}
        alone = interpret(point.program, batched)
        for parameter in parameters(net):
            share = 1 if name == "convolution" else count
            close(share * parts[parameter,][n], alone[point.gradients[parameter]], 1e-10)


def test_outputs_along_a_direction() -> None:
    net = network_of(PERCEPTRON)
    d = one(net, "jvp")
    values = sample(d.program, 2, {"N": 4})
    directions = dict(d.directions)
    assert set(directions) == {"W", "b", "V", "x"}
    found = interpret(d.program, values)
    step = 1e-6
    ends = []
    for sign in (1, -1):
        moved = {n: values[n] + sign * step * values[v] for n, v in directions.items()}
        ends.append(interpret(d.program, values | moved))
    for (key,), tensor in d.results:
        close(found[tensor], (ends[0][key] - ends[1][key]) / (2 * step), 1e-7)


# --- what cannot be had ------------------------------------------------------------------------------

WRONG = {
    "hpv": (PERCEPTRON, "there is no derivative 'hpv'"),
    "hessian:X": (PERCEPTRON, "'X' is no parameter that gradients are taken for"),
    "hvp:W": (PERCEPTRON, "hvp is taken for all parameters together"),
    "hvp": ("input x[3]\ny[i] = x[i]**2\noutput y\n", "minimises nothing"),
    "hessian": ("input x[3]\nminimize sum(i: x[i]**2)\n", "has no parameter to differentiate by"),
    "diagonal": ("param x[i: 100000] ~ normal\nminimize sum(i: x[i]**2)\n", "that is too many"),
    "per_example": ("input x[N, 3]\nparam w[i: 3] ~ normal\nminimize max(n: sum(i: x[n, i]*w[i]))\n", "mixes them"),
}


@pytest.mark.parametrize("wanted", WRONG)
def test_mistakes(wanted: str) -> None:
    text, message = WRONG[wanted]
    with pytest.raises(SymnetError, match=message):
        derivatives(network_of(text), [wanted])
