"""Every rule fires on the formula it names, and both sides agree at 50 digits, at tame points and at hostile ones."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from symnet.ir.arithmetic import digits
from symnet.ir.interpret import DIGITS50, FLOAT, interpret
from symnet.passes import stabilise as module
from symnet.passes.lower import lower
from symnet.passes.order import ordered
from symnet.passes.stabilise import IDENTITIES, RULES, Rule, stabilise
from tests.support import network_of

SPEC = """
param x ~ constant(1)
param v[i: 4] ~ normal(0, 1)
loss = {formula}
minimize loss
"""
TAME = {"x": 0.7, "v": np.array([0.3, -1.1, 0.7, 2.0])}
# Where the formula as it is written overflows, and where the safe one has to be right.
HOSTILE = {
    "log(sum(i: exp(v[i]))) - v[0]": {"x": 0.7, "v": np.array([1e8 + 0.25, -1000.0, 1e8, 0.0])},
    "log(sum(i: exp(v[i])))": {"x": 0.7, "v": np.array([1000.0, -1000.0, 999.0, 0.0])},
    "log(sigmoid(x))": {"x": -1000.0, "v": TAME["v"]},
    "log(exp(x) / sum(i: exp(v[i])))": {"x": -1000.0, "v": np.array([1000.0, -1000.0, 999.0, 0.0])},
    "log(x**2)": {"x": 1e-200, "v": TAME["v"]},
    "log(1 + exp(x))": {"x": -40.0, "v": TAME["v"]},
    "log(1 + x**3)": {"x": 1e-7, "v": TAME["v"]},
    "exp(x)/sum(i: exp(v[i]))": {"x": 1000.0, "v": np.array([1000.0, -1000.0, 999.0, 0.0])},
    "exp(x)/(1 + exp(x))": {"x": 1000.0, "v": TAME["v"]},
    "softplus(x) - softplus(-x)": {"x": 1e-9, "v": TAME["v"]},
    "1 + tanh(x)": {"x": -12.5, "v": TAME["v"]},
    "exp(x) - 1": {"x": 1e-12, "v": TAME["v"]},
    "where(sum(i: exp(v[i])) > 0, x**2, x)": {"x": 3.0, "v": np.full(4, -1000.0)},
    "log(prod(i: exp(v[i])*x))": {"x": 0.7, "v": np.array([300.0, 250.0, 200.0, -3.0])},
    "log(exp(x) + exp(2*x) + 1)": {"x": 1000.0, "v": TAME["v"]},
    "log(1 - tanh(x)**2)": {"x": 30.0, "v": TAME["v"]},
    "(exp(x) - exp(-x))/(exp(x) + exp(-x))": {"x": 1e-9, "v": TAME["v"]},
    "exp(x)*sigmoid(-x)": {"x": 1000.0, "v": TAME["v"]},
    "1/(1 - sigmoid(x))": {"x": 40.0, "v": TAME["v"]},
    "exp(x)/(exp(x) + exp(2*x) + 1)": {"x": 400.0, "v": TAME["v"]},
}


def programs(formula: str) -> tuple:
    program = lower(network_of(SPEC.format(formula=formula)), ("loss",))
    return program, ordered(stabilise(program))


@pytest.mark.parametrize("rule", (*RULES, *IDENTITIES), ids=lambda rule: rule.name)
def test_fires(rule: Rule, monkeypatch: pytest.MonkeyPatch) -> None:
    before, after = programs(rule.fires_on)
    assert before.statements != after.statements
    for table in ("RULES", "IDENTITIES"):
        monkeypatch.setattr(module, table, tuple(r for r in getattr(module, table) if r is not rule))
    _, without = programs(rule.fires_on)
    assert without.statements != after.statements, "another rule does the work of this one"


@pytest.mark.parametrize("values", ["tame", "hostile"])
@pytest.mark.parametrize("rule", (*RULES, *IDENTITIES), ids=lambda rule: rule.name)
def test_agrees_at_fifty_digits(rule: Rule, values: str) -> None:
    before, after = programs(rule.fires_on)
    point = TAME if values == "tame" else HOSTILE[rule.fires_on]
    # The formula as written loses hundreds of digits at the hostile points.
    exact = interpret(before, point, arithmetic=digits(1000))["loss"].item()
    assert mpmath.almosteq(interpret(after, point, arithmetic=DIGITS50)["loss"].item(), exact, 1e-40, 1e-40)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_is_accurate_at_the_hostile_point(rule: Rule) -> None:
    before, after = programs(rule.fires_on)
    point = HOSTILE[rule.fires_on]
    exact = float(interpret(after, point, arithmetic=DIGITS50)["loss"].item())
    assert interpret(after, point)["loss"] == pytest.approx(exact, rel=1e-13, abs=0)
    naive = interpret(before, point, arithmetic=FLOAT)["loss"]
    assert naive != pytest.approx(exact, rel=1e-13, abs=0), "the point is not hostile"


def test_looks_through_definitions() -> None:
    net = network_of(
        """
        param z[n: 5, c: 4] ~ normal(0, 1)
        input y[n: 5] < 4
        e[n, c] = exp(z[n, c])
        s[n] = sum(c: e[n, c])
        p[n, c] = e[n, c]/s[n]
        loss = mean(n: -log(p[n, y[n]]))
        minimize loss
    """.replace("\n        ", "\n")
    )
    program = ordered(stabilise(lower(net, ("loss",))))
    z = np.zeros((5, 4))
    z[:, 1] = 1000.0
    loss = interpret(program, {"z": z, "y": np.array([0, 1, 2, 3, 0])})["loss"]
    assert loss == pytest.approx(800.0)


def test_leaves_other_formulas_alone() -> None:
    program = lower(network_of(SPEC.format(formula="log(2 + x**2) + exp(x)*x + 1/(2 + x**2)")), ("loss",))
    assert stabilise(program).statements == program.statements


MASKED = """
input x[n: 3, s: 4]
input keep[n, s] < 2
{equations}
output y
"""
KEPT = np.array([[1, 0, 1, 1], [0, 1, 0, 0], [0, 0, 0, 0]])
FILTERED = {
    "a filter": "y[n] = log(sum(s if keep[n, s] > 0: exp(x[n, s])))",
    "a condition in a factor": "y[n] = log(sum(s: where(keep[n, s] > 0, exp(x[n, s]), 0)))",
    "-inf": "w[n, s] = where(keep[n, s] > 0, x[n, s], -inf)\ny[n] = log(sum(s: exp(w[n, s])))",
}


@pytest.mark.parametrize("equations", FILTERED.values(), ids=FILTERED)
def test_what_a_filter_leaves_out_takes_no_part(equations: str) -> None:
    """Not even in the greatest exponent; and the logarithm of an empty sum is -inf, as it is written."""
    program = ordered(stabilise(lower(network_of(MASKED.format(equations=equations)), ("y",))))
    x = np.array([[1000.0, 3000.0, 999.0, 0.0], [5000.0, -1000.0, 0.0, 0.0], [1.0, 2.0, 3.0, 4.0]])
    with np.errstate(all="ignore"):
        y = interpret(program, {"x": x, "keep": KEPT}, arithmetic=FLOAT)["y"]
    np.testing.assert_allclose(y, [1000 + np.log1p(np.exp(-1)), -1000, -np.inf], rtol=1e-15)


def test_a_masked_quotient_is_zero_where_nothing_is_kept() -> None:
    equations = "y[n, s] = where(keep[n, s] > 0, exp(x[n, s])/sum(r if keep[n, r] > 0: exp(x[n, r])), 0)"
    program = ordered(stabilise(lower(network_of(MASKED.format(equations=equations)), ("y",))))
    x = np.array([[1000.0, 3000.0, 1000.0, -1000.0], [5000.0, -1000.0, 0.0, 0.0], [1.0, 2.0, 3.0, 4.0]])
    with np.errstate(all="ignore"):
        y = interpret(program, {"x": x, "keep": KEPT}, arithmetic=FLOAT)["y"]
    np.testing.assert_allclose(y, [[0.5, 0, 0.5, 0], [0, 1, 0, 0], [0, 0, 0, 0]], rtol=1e-15)
