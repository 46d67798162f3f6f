"""The rule, one kind of statement at a time: the statements it gives, and central differences at 50 digits."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest

from symnet.ir.bundle import Differentiated
from symnet.ir.interpret import DIGITS50, interpret
from symnet.ir.program import Program
from symnet.ir.verify import verify
from symnet.passes.differentiate import differentiate
from symnet.passes.lower import lower
from symnet.passes.order import ordered
from tests.support import network_of, sample, shown

# name: (spec without its loss, the statements that the rule adds behind the seed)
CASES = {
    "elementwise": (
        "param a[i: 3] ~ normal\nloss = sum(i: sin(a[i])*a[i])",
        ["da[i] = dloss*(a[i]*cos(a[i]) + sin(a[i]))"],
    ),
    "contraction": (
        "input x[n: 2, i: 3]\nparam W[i: 3, j: 4] ~ normal\ny[n, j] = sum(i: x[n, i]*W[i, j])\n"
        "loss = sum(n, j: y[n, j]**3)",
        ["dy[n, j] = 3*dloss*y[n, j]**2", "dW[i, j] = sum(n: x[n, i]*dy[n, j])"],
    ),
    "convolution": (
        "input x[i: 7]\nparam w[p: 3] ~ normal\ny[u] = sum(p: x[2*u + p]*w[p])\nloss = sum(u: y[u]**2)",
        ["dy[u] = 2*dloss*y[u]", "dw[p] = sum(u: x[2*u + p]*dy[u])"],
    ),
    "affine read of a parameter": (
        "param x[i: 7] ~ normal\nloss = sum(u < 3, p < 3: x[2*u + p]**2)",
        ["dx[2*u + p] += 2*dloss*x[2*u + p] if u < 3 and p < 3"],
    ),
    "padding": (
        "param x[i: 4] ~ normal\ny[j: 6] = x[j - 1] else 0\nloss = sum(j: y[j]**2)",
        ["dy[j] = 2*dloss*y[j]", "dx[j - 1] += dy[j] if j >= 1 and j < 5"],
    ),
    "diagonal": (
        "param M[i: 3, j: 3] ~ normal\nloss = sum(i: M[i, i]**2)",
        ["dM[i, i] += 2*dloss*M[i, i]"],
    ),
    "transposed pair": (
        "param M[i: 3, j: 3] ~ normal\nloss = sum(i, j: M[i, j]*M[j, i])",
        ["dM[i, j] += dloss*M[j, i]", "dM[j, i] += dloss*M[i, j]"],
    ),
    "gather": (
        "input k[n: 5] < 4\nparam E[v: 4, d: 2] ~ normal\ny[n, d] = E[k[n], d]\nloss = sum(n, d: y[n, d]**2)",
        ["dy[n, d] = 2*dloss*y[n, d]", "dE[k[n], d] += dy[n, d]"],
    ),
    "scatter": (
        "input k[n: 5] < 3\nparam x[n: 5] ~ normal\ny[g: 3] = 1\ny[k[n]] += x[n]**2\nloss = sum(g: y[g]**2)",
        ["dy[g] = 2*dloss*y[g]", "dx[n] = 2*dy[k[n]]*x[n]"],
    ),
    "joined": (
        "param x[k: 6] ~ normal\ny[i: 2, j: 3] = x[(i, j)]\nloss = sum(i, j: y[i, j]**2)",
        ["dy[i, j] = 2*dloss*y[i, j]", "dx[3*i + j] += dy[i, j]"],
    ),
    "max": (
        "param x[i: 2, j: 3] ~ normal\ny[i] = max(j: x[i, j])\nloss = sum(i: y[i]**2)",
        ["dy[i] = 2*dloss*y[i]", "dx[i, j] = where(y_arg[i] == j, dy[i], 0)"],
    ),
    "min": (
        "param x[i: 4] ~ normal\ny = min(i: x[i])\nloss = y**2",
        ["dy = 2*dloss*y", "dx[i] = where(y_arg == i, dy, 0)"],
    ),
    "prod": (
        "param x[i: 4] ~ normal\nloss = prod(i: x[i])",
        ["dx[i] = dloss*loss_others[i]"],
    ),
    "where": (
        "param x[i: 4] ~ normal\nloss = sum(i: where(x[i] > 0, sqrt(x[i]), 0))",
        ["dx[i] = where(x[i] > 0, dloss/(2*sqrt(x[i])), 0)"],
    ),
    "stop": (
        "param x[i: 4] ~ normal\nloss = sum(i: stop(x[i])*x[i])",
        ["dx[i] = dloss*stop(x[i])"],
    ),
    "no path": (
        "param x[i: 4] ~ normal\nparam z ~ ones\nloss = sum(i: x[i])",
        ["dx[i] = dloss", "dz = 0"],
    ),
}


def derived(text: str) -> tuple[Program, Differentiated]:
    net = network_of(f"{text}\nminimize loss\n")
    program = ordered(lower(net, ("loss",)))
    params = tuple(n for n, t in program.tensors.items() if t.role == "param")
    result = differentiate(program, {"loss": None}, params)
    verify(result.program)
    return program, result


@pytest.mark.parametrize("name", CASES)
def test_statements(name: str) -> None:
    text, expected = CASES[name]
    _, result = derived(text)
    lines = shown(result.program)[result.forward :]
    assert lines[0] == "dloss = 1"
    assert sorted(lines[1:]) == sorted(expected)


@pytest.mark.parametrize("name", CASES)
def test_agrees_with_differences(name: str) -> None:
    text, _ = CASES[name]
    program, result = derived(text)
    values = sample(program, seed=3)
    if name == "stop":
        return  # its difference is another number on purpose
    compare_with_differences(program, result, values)


def compare_with_differences(program: Program, result: Differentiated, values: dict[str, Any]) -> None:
    """Every entry of every gradient against a central difference that is right to some 30 digits."""
    with mpmath.workdps(50):
        _compare_with_differences(program, result, values)


def _compare_with_differences(program: Program, result: Differentiated, values: dict[str, Any]) -> None:
    adjoint = interpret(result.program, values, arithmetic=DIGITS50)
    step = mpmath.mpf(10) ** -15
    for tensor, gradient in result.gradients:
        value = np.array(values[tensor], dtype=object)
        for place in np.ndindex(value.shape):
            ends = []
            for sign in (1, -1):
                moved = value.copy()
                moved[place] = mpmath.mpf(float(value[place])) + sign * step
                ends.append(interpret(program, {**values, tensor: moved}, arithmetic=DIGITS50)["loss"].item())
            difference = (ends[0] - ends[1]) / (2 * step)
            assert mpmath.almosteq(adjoint[gradient][place], difference, 1e-24, 1e-24), (tensor, place)


def test_conditions_travel_over_statements() -> None:
    """r = sqrt(s), y = where(s > 0, r, 0): the infinite slope of the branch not taken meets no 0."""
    text = "param s[i: 3] ~ normal\nr[i] = sqrt(s[i])\ny[i] = where(s[i] > 0, r[i], 0)\nloss = sum(i: y[i])"
    _, result = derived(text)
    values = {"s": np.array([4.0, 0.0, 9.0])}
    gradient = interpret(result.program, values)["ds"]
    assert gradient == pytest.approx([0.25, 0.0, 1 / 6])


def test_conditions_travel_together() -> None:
    """Two contributions that are 0 under one condition, and a condition within another."""
    text = (
        "param s[i: 3] ~ normal\nr[i] = sqrt(s[i])\n"
        "y[i] = where(s[i] > 0, r[i], 0) + 2*where(s[i] > 0, r[i]**2, 0)\n"
        "loss = sum(i: y[i]) + sum(i: where(s[i] > -1, where(s[i] > 0, r[i], 0), 0))"
    )
    _, result = derived(text)
    gradient = interpret(result.program, {"s": np.array([4.0, 0.0, -0.5])})["ds"]
    assert gradient == pytest.approx([2.5, 0.0, 0.0])


def test_first_of_two_equal_values_gets_the_adjoint_of_a_maximum() -> None:
    _, result = derived(CASES["max"][0])
    x = np.array([[1.0, 2.0, 2.0], [3.0, 3.0, 1.0]])
    assert interpret(result.program, {"x": x})["dx"].tolist() == [[0, 4, 0], [6, 0, 0]]


def test_product_with_zeros() -> None:
    _, result = derived(CASES["prod"][0])
    assert interpret(result.program, {"x": np.array([2.0, 0.0, 3.0, 5.0])})["dx"].tolist() == [0, 30, 0, 0]
    assert interpret(result.program, {"x": np.array([2.0, 0.0, 0.0, 5.0])})["dx"].tolist() == [0, 0, 0, 0]


def test_upstream_adjoints_are_inputs() -> None:
    net = network_of("param x[i: 3] ~ normal\ny[i] = x[i]**2\noutput y\n")
    program = ordered(lower(net, ("y",)))
    result = differentiate(program, {"y": "grad_y"}, ("x",))
    values = {"x": np.array([1.0, 2.0, 3.0]), "grad_y": np.array([1.0, 10.0, 100.0])}
    assert interpret(result.program, values)["dx"].tolist() == [2.0, 40.0, 600.0]


def test_twice_gives_second_derivatives() -> None:
    """The adjoint is a program like any other: the rule applied to dx . v is the product of the Hessian with v."""
    net = network_of("param x[i: 3] ~ normal\nloss = sum(i: x[i]**3) + prod(i: x[i])\nminimize loss\n")
    program = ordered(lower(net, ("loss",)))
    once = differentiate(program, {"loss": None}, ("x",))
    twice = differentiate(ordered(once.program), {once.gradients[0][1]: "v"}, ("x",))
    verify(twice.program)
    x, v = np.array([1.0, 2.0, 3.0]), np.array([1.0, -1.0, 2.0])
    hessian = np.array([[6.0, 3.0, 2.0], [3.0, 12.0, 1.0], [2.0, 1.0, 18.0]])
    product = interpret(twice.program, {"x": x, "v": v})[twice.gradients[0][1]]
    assert product == pytest.approx(hessian @ v)
