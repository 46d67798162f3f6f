"""Dots of a contraction and what is multiplied with it are taken of smaller tensors, and no value changes."""

from __future__ import annotations

import numpy as np
import pytest

from symnet.ir.interpret import interpret
from symnet.ir.program import Program
from symnet.passes import pipeline
from symnet.passes.pipeline import step_program
from tests.support import network_of, sample, shown

HEAD = "input x[N, 3]\ninput t[N, 30]\nparam c ~ ones\nparam W[i: 3, k: 30] ~ normal\n"
LOSS = "minimize mean(n: log(sum(k: exp(z[n, k]))) - z[n, 0])\n"
PRODUCT = "z[n, k] = exp(c)*sum(i: x[n, i]*W[i, k])\n"
CASES = {
    "temperature": HEAD + PRODUCT + LOSS,
    "a number besides": HEAD + PRODUCT.replace("exp(c)", "3*exp(c)/N") + LOSS,
    "squares": HEAD + PRODUCT + "minimize mean(n, k: (z[n, k] - t[n, k])**2)\n",
    "turned": HEAD + PRODUCT.replace("z[n, k]", "z[k, n]") + LOSS.replace("z[n, k]", "z[k, n]").replace("n, 0", "0, n"),
    "two operands": HEAD + "u[n, d] = tanh(x[n, d])\n" + PRODUCT.replace("x[n, i]", "u[n, i]") + LOSS,
}


def without(text: str, monkeypatch: pytest.MonkeyPatch) -> Program:
    """The program of a step as it is without the rule."""
    with monkeypatch.context() as patched:
        patched.setattr(pipeline, "PASSES", {**pipeline.PASSES, "dots": lambda program: program})
        return step_program(network_of(text)).program


@pytest.mark.parametrize("case", CASES)
def test_the_gradient_of_a_temperature_is_a_dot_with_that_of_the_weights(case: str) -> None:
    lines = shown(step_program(network_of(CASES[case])).program)
    (line,) = (line for line in lines if line.startswith("dc = "))
    assert "dW[" in line and "W[" in line.replace("dW[", ""), lines


@pytest.mark.parametrize("case", CASES)
def test_no_value_changes(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found, before = step_program(network_of(CASES[case])).program, without(CASES[case], monkeypatch)
    assert before.statements != found.statements
    values = sample(found, seed=1)
    expected, result = interpret(before, values), interpret(found, values)
    for tensor in found.results:
        np.testing.assert_allclose(result[tensor], expected[tensor], rtol=1e-11, atol=1e-13)


def test_a_dot_that_is_no_larger_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    text = CASES["temperature"].replace("[N, 3]", "[2, 300]").replace("i: 3,", "i: 300,").replace("k: 30]", "k: 3]")
    text = text.replace("t[N, 30]", "t[2, 3]")
    assert step_program(network_of(text)).program.statements == without(text, monkeypatch).statements
