"""Products with a common operand are one; choices by an equation of indices are taken on the diagonal."""

from __future__ import annotations

import numpy as np
import pytest

from symnet.ir.interpret import interpret
from symnet.passes.pipeline import forward_program, run, step_program
from symnet.planning import rows
from tests.support import network_of, sample, shown

SQUARE = "input x[N, 4]\nparam A[i: 4, j: 4] ~ normal\nparam B[i: 4, j: 4] ~ normal\nparam c[i: 4] ~ normal\n"
A_X, B_X = "sum(j: A[i, j]*x[n, j])", "sum(j: B[i, j]*x[n, j])"

# Formulas, and the statements for them.
TOGETHER = {
    "two": (
        f"y[n, i] = {A_X} + {B_X}",
        ["A_sum[i, j] = A[i, j] + B[i, j]", "y[n, i] = sum(j: x[n, j]*A_sum[i, j])"],
    ),
    "one of them transposed": (
        f"y[n, i] = {A_X} - 3*sum(j: x[n, j]*B[j, i])",
        ["A_sum[i, j] = A[i, j] - 3*B[j, i]", "y[n, i] = sum(j: x[n, j]*A_sum[i, j])"],
    ),
    "with the operand": (
        f"y[n, i] = {A_X} - x[n, i]/2",
        ["A_sum[i, j] += A[i, j]", "A_sum[i, i] += -1/2", "y[n, i] = sum(j: x[n, j]*A_sum[i, j])"],
    ),
    "held by others": (
        f"u[n, i] = {A_X} + c[i]\nv[i, n] = {B_X}\ny[n, i] = u[n, i] - v[i, n]",
        ["A_sum[i, j] = A[i, j] - B[i, j]", "y[n, i] += sum(j: x[n, j]*A_sum[i, j])", "y[n, i] += c[i]"],
    ),
}
APART = {
    "other operands": f"y[n, i] = {A_X} + sum(j: B[i, j]*x[n, j]**2)",
    "read by others": f"u[n, i] = {A_X}\nv[n, i] = {B_X}\ny[n, i] = u[n, i] + v[n, i]\noutput u, v",
    "vectors": "y[i] = sum(j: A[i, j]*c[j]) + sum(j: B[i, j]*c[j])",
    "large others": "input z[2, 64]\nparam U[i: 64, j: 64] ~ normal\nparam V[i: 64, j: 64] ~ normal\n"
    "y[m, i] = sum(j: U[i, j]*z[m, j]) + sum(j: V[i, j]*z[m, j])",
    "read backwards": f"u[n, i] = {A_X}\ny[n, i: 4] = u[n, 3 - i] + {B_X}",
}

# A choice, and the statements for it.
DIAGONAL = {
    "triangle": (
        "y[i: 4, j: 4] = where(j < i, A[i, j], where(i == j, exp(A[i, j]), 0))",
        ["y[i, j] += where(j < i, A[i, j], 0)", "y[i, i] += exp(A[i, i])"],
    ),
    "added": (
        "y[i: 4, j: 4] = A[i, j]*B[i, j] + where(i == j, c[i], 0)",
        ["y[i, j] += A[i, j]*B[i, j]", "y[i, i] += c[i]"],
    ),
    "beside": (
        "y[i: 4, j: 4] = A[i, j] + where(j == i + 1, c[i], 0)",
        ["y[i, j] += A[i, j]", "y[i - 1, i: 1..5] += c[i - 1] if i < 4"],
    ),
    "alone": ("y[i: 4, j: 4] = where(i == j, c[i], 0)", ["y[i, i] += c[i]"]),
    "summed": ("y[i: 4] = sum(j < 4: where(i == j, c[j]*A[i, j], 0))", ["y[i] = A[i, i]*c[i]"]),
    "a row": ("y[i: 4, j: 4] = A[i, j] + where(i == 2, c[j], 0)", ["y[i, j] += A[i, j]", "y[2, j] += c[j]"]),
}
TWICE = (
    "h[n, i] = tanh(x[n, i]*c[i])\n"
    "y[n, i] = sum(j: A[i, j]*h[n, j]) + sum(j: B[i, j]*h[n, j])\nminimize sum(n, i: y[n, i]**2)\n"
)

EVERYWHERE = {
    "both meet": "y[i: 4, j: 4] = where(i == j, A[i, j], c[i])",
    "elsewhere": "y[i: 4, j: 4] = where(i == j, 0, A[i, j])",
    "by a tensor": "input k[i: 4] < 4\ny[i: 4, j: 4] = where(k[i] == j, c[i], 0)",
}


def after(name: str, text: str) -> tuple[list[str], list[str]]:
    """The statements for a formula before and behind a pass, which leaves all values as they are."""
    net = network_of(f"{SQUARE}{text}\noutput y\n")
    program = forward_program(net, net.outputs)
    changed = run(name, program)
    values = sample(program)
    one, other = (interpret(p, values) for p in (program, changed))
    assert all(np.allclose(one[r], other[r], rtol=1e-12, atol=1e-12) for r in program.results)
    return shown(program), shown(changed)


@pytest.mark.parametrize("name", TOGETHER)
def test_products_with_a_common_operand_are_one(name: str) -> None:
    text, lines = TOGETHER[name]
    assert after("common", text)[1] == lines


@pytest.mark.parametrize("name", APART)
def test_other_products_stay_apart(name: str) -> None:
    before, behind = after("common", APART[name])
    assert before == behind


def test_whether_the_sum_of_operands_pays_is_a_row() -> None:
    with rows.forced(rows.COMMON_OPERAND, rows.always):
        assert any("U_sum" in line for line in after("common", APART["large others"])[1])


def test_a_sum_of_operands_is_made_once() -> None:
    """What goes to x backwards is a product with the same sum."""
    net = network_of(SQUARE + TWICE)
    lines = shown(step_program(net).program)
    assert [line for line in lines if line.startswith("A_sum")] == ["A_sum[i2, i] = A[i2, i] + B[i2, i]"], lines
    assert "dh[n, i] = sum(i2: 2*y[n, i2]*A_sum[i2, i])" in lines, lines


@pytest.mark.parametrize("name", DIAGONAL)
def test_a_choice_by_an_equation_is_taken_on_the_diagonal(name: str) -> None:
    text, lines = DIAGONAL[name]
    assert after("diagonals", text)[1] == lines


@pytest.mark.parametrize("name", EVERYWHERE)
def test_other_choices_stay_as_they_are(name: str) -> None:
    before, behind = after("diagonals", EVERYWHERE[name])
    assert before == behind


def test_what_is_read_on_a_diagonal_is_calculated_there() -> None:
    """exp(A[i, j]), which value and gradient share."""
    text = "L[i: 4, j: 4] = where(j < i, A[i, j], where(i == j, exp(A[i, j]), 0))\ny[n, i] = sum(j: L[i, j]*x[n, j])\n"
    lines = shown(step_program(network_of(f"{SQUARE}{text}minimize sum(n, i: y[n, i]**2)\n")).program)
    assert "A_exp_diagonal[i] = exp(A[i, i])" in lines, lines
    assert "dA[i, i] += A_exp_diagonal[i]*dL[i, i]" in lines, lines
