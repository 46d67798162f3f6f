"""What several sums of products would multiply first is calculated once, and no value changes."""

from __future__ import annotations

import numpy as np
import pytest

from symnet.ir.interpret import interpret
from symnet.passes import pipeline
from symnet.passes.pipeline import step_program
from tests.support import network_of, sample, shown

OUTER = (
    "input X[I: 9, J: 6, K: 5]\nparam A[i: I, r: 2] ~ normal\nparam B[j: J, r: 2] ~ normal\n"
    "param C[k: K, r: 2] ~ normal\ne[i, j, k] = X[i, j, k] - sum(r: A[i, r]*B[j, r]*C[k, r])\n"
    "minimize mean(i, j, k: e[i, j, k]**4)\n"
)
SCORES = (
    "input x[N, 4]\nparam Q[i: 4, k: 3] ~ normal\nparam K[i: 4, k: 3] ~ normal\n"
    "z[n, m] = sum(i, j, k: x[n, i]*Q[i, k]*K[j, k]*x[m, j])\nminimize mean(n, m: z[n, m]**2)\n"
)


def products(text: str) -> list[str]:
    lines = shown(step_program(network_of(text)).program)
    return [line for line in lines if "_product[" in line.split(" ")[0]]


def test_gradients_by_two_factors_read_one_product() -> None:
    assert products(OUTER) == ["B_product[j, k, r] = B[j, r]*C[k, r]"] + [
        "de_sum_product[j, k, r] = sum(i: de_sum[i, j, k]*A[i, r])"
    ]


def test_what_is_summed_in_a_product_is_called_as_it_may_be() -> None:
    lines = shown(step_program(network_of(SCORES)).program)
    assert "z[n, m] = sum(k: Q_product[n, k]*K_product[m, k])" in lines, lines
    assert "dQ[i, k] = sum(n, m: 2*x[n, i]*K_product[m, k]*z[n, m]/N**2)" in lines, lines


@pytest.mark.parametrize("text", [OUTER, SCORES], ids=["outer", "scores"])
def test_no_value_changes(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = step_program(network_of(text)).program
    monkeypatch.setattr(pipeline, "PASSES", {**pipeline.PASSES, "contracted": lambda program: program})
    without = step_program(network_of(text)).program
    assert without.statements != found.statements
    values = sample(found, seed=1)
    expected, result = interpret(without, values), interpret(found, values)
    for tensor in found.results:
        np.testing.assert_allclose(result[tensor], expected[tensor], rtol=1e-11, atol=1e-13)
