"""Sums of products are written in the form that takes the fewest passes, and no value changes."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from symnet.compile import load, network
from symnet.ir.interpret import interpret
from symnet.ir.program import Program
from symnet.passes import pipeline
from symnet.passes.pipeline import forward_program, run_all, step_program
from symnet.passes.tuning.polynomials import terms_of
from symnet.planning import rows
from tests.modules import EXAMPLES
from tests.support import network_of, sample, shown

INPUTS = "input x[N, 3]\ninput r[N]\nparam a[k: 3] ~ normal\nparam b[k: 3] ~ normal\nparam c[k: 3] ~ normal\n"

# The right side of y[n, k], and how it is calculated.
FORMS = {
    "r[n]*x[n, k] + r[n]*a[k]": "r[n]*(a[k] + x[n, k])",
    "a[k]*x[n, k]**2 + b[k]*x[n, k] + c[k]": "c[k] + x[n, k]*(b[k] + x[n, k]*a[k])",
    "r[n]*a[k]*x[n, k]**3 + r[n]*b[k]*x[n, k] + r[n]*c[k]": "r[n]*(c[k] + x[n, k]*(b[k] + x[n, k]**2*a[k]))",
    "a[k]*b[k]*x[n, k]**2 + b[k]*c[k]*x[n, k]": "x[n, k]*(b[k]*c[k] + x[n, k]*a[k]*b[k])",
    "exp(r[n]*x[n, k] + r[n]*a[k])": "exp(r[n]*(a[k] + x[n, k]))",
    # as cheap as it is, and where digits would be lost
    "x[n, k] - x[n, k]**2": "x[n, k] - x[n, k]**2",
    "(x[n, k] - a[k])**2": "(x[n, k] - a[k])**2",
    "a[k]*x[n, k] + r[n]": "r[n] + x[n, k]*a[k]",
}


def emitted(form: str) -> Program:
    net = network_of(f"{INPUTS}y[n, k] = {form}\noutput y\n")
    return run_all(pipeline.EMITTED, forward_program(net, net.outputs))


@pytest.mark.parametrize("form", FORMS)
def test_the_form(form: str) -> None:
    (line,) = (line for line in shown(emitted(form)) if line.startswith("y["))
    assert line == f"y[n, k] = {FORMS[form]}"


def test_a_polynomial_in_another_tensor_is_written_with_it() -> None:
    """In the gradient of a curvature, terms with h**2 and with 1 - h**2 become one."""
    program = step_program(network(load(EXAMPLES / "physics.sym"))).program
    (line,) = (line for line in shown(program) if line.startswith("dh_product"))
    polynomial = "h[n, k]*(6*h[n, k]*w1[k]**2*w2[k] - 2*friction*w1[k]*w2[k]) + w2[k]*(4 - 2*w1[k]**2)"
    assert line == f"dh_product_part[n, k] = h_difference[n, k]*({polynomial})"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("answer", rows.FEWER_PASSES.others)
def test_no_value_changes(form: str, answer: rows.Formula) -> None:
    plain = emitted(form)
    with rows.forced(rows.FEWER_PASSES, answer):
        found = emitted(form)
    values = sample(plain, seed=1)
    np.testing.assert_allclose(interpret(found, values)["y"], interpret(plain, values)["y"], rtol=1e-12, atol=1e-14)


def test_sums_are_not_multiplied_with_sums() -> None:
    x, y = sp.symbols("x y", real=True)
    assert terms_of((x - y) ** 2) == {((x - y, 2),): 1}
    assert len(terms_of((x - y) * (x + 1)) or ()) == 2
