"""Tangents: the statements that the rule gives, and the transpose of the adjoint on random programs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from symnet.ir.bundle import Tangents
from symnet.ir.interpret import interpret
from symnet.ir.program import Program
from symnet.ir.verify import verify
from symnet.passes.lower import lower
from symnet.passes.order import ordered
from symnet.passes.tangent import jacobian, push
from tests.agreement import tangent_failures
from tests.programs import random_program
from tests.support import network_of, shown

# name: (spec, its result, the statements that the rule adds)
CASES = {
    "elementwise": (
        "param a[i: 3] ~ normal\ny[i] = sin(a[i])*a[i]",
        ["y_dot[i] = v_a[i]*(a[i]*cos(a[i]) + sin(a[i]))"],
    ),
    "two of the same indices": (
        "param a[i: 3] ~ normal\nparam b[i: 3] ~ normal\ny[i] = a[i]*b[i]",
        ["y_dot[i] = a[i]*v_b[i] + b[i]*v_a[i]"],
    ),
    "contraction": (
        "param x[n: 2, i: 3] ~ normal\nparam W[i: 3, j: 4] ~ normal\ny[n, j] = sum(i: x[n, i]*W[i, j])",
        ["y_dot[n, j] += sum(i: v_x[n, i]*W[i, j])", "y_dot[n, j] += sum(i: x[n, i]*v_W[i, j])"],
    ),
    "convolution": (
        "input x[i: 7]\nparam w[p: 3] ~ normal\ny[u] = sum(p: x[2*u + p]*w[p])",
        ["y_dot[u] = sum(p: x[2*u + p]*v_w[p])"],
    ),
    "padding": (
        "param x[i: 4] ~ normal\ny[j: 6] = (x[j - 1] else 5)**2",
        ["y_dot[j] = 2*(v_x[j - 1] else 0)*(x[j - 1] else 5)"],
    ),
    "gather": (
        "input k[n: 5] < 4\nparam E[v: 4, d: 2] ~ normal\ny[n, d] = E[k[n], d]",
        ["y_dot[n, d] = v_E[k[n], d]"],
    ),
    "scatter": (
        "input k[n: 5] < 3\nparam x[n: 5] ~ normal\ny[g: 3] = 1\ny[k[n]] += x[n]**2",
        ["y_dot[k[n]] += 2*v_x[n]*x[n]"],
    ),
    "max": (
        "param x[i: 2, j: 3] ~ normal\ny[i] = max(j: x[i, j])",
        ["y_arg[i] = argmax(j: x[i, j])", "y_dot[i] = sum(j: where(y_arg[i] == j, v_x[i, j], 0))"],
    ),
    "prod": (
        "param x[i: 4] ~ normal\ny = prod(i: x[i])",
        [
            "y_others[i] = prod(i_other: where(i != i_other, x[i_other], 1))",
            "y_dot = sum(i: v_x[i]*y_others[i])",
        ],
    ),
    "no path": (
        "param x[i: 4] ~ normal\ny[i] = step(x[i])",
        ["y_dot[i0] = 0"],
    ),
}


def tangents(text: str) -> tuple[Program, Tangents]:
    net = network_of(f"{text}\noutput y\n")
    program = ordered(lower(net, ("y",)))
    moved = push(program, {n: f"v_{n}" for n, t in program.tensors.items() if t.role == "param"}, ("y",))
    verify(moved.program)
    return program, moved


@pytest.mark.parametrize("name", CASES)
def test_statements(name: str) -> None:
    text, expected = CASES[name]
    program, moved = tangents(text)
    before = shown(program)
    assert sorted(line for line in shown(moved.program) if line not in before) == sorted(expected)


@pytest.mark.parametrize("seed", range(600, 640))
def test_is_the_transpose_of_the_adjoint(seed: int) -> None:
    assert not list(tangent_failures(random_program(seed)))


@pytest.mark.parametrize("seed", range(640, 655))
def test_recurrences(seed: int) -> None:
    assert not list(tangent_failures(random_program(seed, recurrences=True)))


def test_conditions_travel() -> None:
    """r = sqrt(s), s = where(x > 0, x, 0): the infinite slope meets no direction where s does not move."""
    _, moved = tangents("param x[i: 3] ~ normal\ns[i] = where(x[i] > 0, x[i], 0)\ny[i] = sqrt(s[i])")
    values = {"x": np.array([4.0, -1.0, 9.0]), "v_x": np.ones(3)}
    assert interpret(moved.program, values)["y_dot"] == pytest.approx([0.25, 0.0, 1 / 6])


def test_first_of_two_equal_values_gives_the_tangent_of_a_maximum() -> None:
    _, moved = tangents(CASES["max"][0])
    values = {"x": np.array([[1.0, 2.0, 2.0], [3.0, 3.0, 1.0]]), "v_x": np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])}
    assert interpret(moved.program, values)["y_dot"].tolist() == [2.0, 4.0]


def test_all_directions_at_once() -> None:
    """The derivatives of y[n, j] = tanh(sum(i: x[n, i]*W[i, j])) by every element of W."""
    net = network_of(
        "input x[n: 2, i: 3]\nparam W[i: 3, j: 4] ~ normal\ny[n, j] = tanh(sum(i: x[n, i]*W[i, j]))\noutput y\n"
    )
    moved = jacobian(ordered(lower(net, ("y",))), "W", ("y",))
    verify(moved.program)
    rng = np.random.default_rng(0)
    x, W = rng.normal(size=(2, 3)), rng.normal(size=(3, 4))
    found = interpret(moved.program, {"x": x, "W": W})[dict(moved.tangents)["y"]]
    slope = 1 - np.tanh(x @ W) ** 2
    assert found == pytest.approx(np.einsum("nj,na,jb->njab", slope, x, np.eye(4)))


def test_a_recurrence_of_the_spec() -> None:
    _, moved = tangents("param x[t: 4] ~ normal\nparam a ~ normal\ny[t: 4] = a*(y[t - 1] else 0) + x[t]")
    values: dict[str, Any] = {"x": np.array([1.0, 2.0, 0.0, 1.0]), "a": np.array(0.5)}
    v = {"v_x": np.array([0.0, 1.0, 0.0, 0.0]), "v_a": np.array(1.0)}
    # y = 1, a + 2, a² + 2a, a³ + 2a² + 1
    assert interpret(moved.program, values | v)["y_dot"] == pytest.approx([0.0, 2.0, 3.5, 3.0])
