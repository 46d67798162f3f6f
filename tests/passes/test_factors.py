"""Factors with fewer indices leave large tensors, and no value changes."""

from __future__ import annotations

import numpy as np
import pytest

from symnet.ir.interpret import interpret
from symnet.passes import pipeline
from symnet.passes.pipeline import step_program
from tests.support import network_of, sample, shown

WEIGHED = (
    "input x[N, 4]\ninput r[N]\nparam W[i: 4, k: 30] ~ normal\nh[n, k] = tanh(sum(i: x[n, i]*W[i, k]))\n"
    "minimize mean(n: r[n]*sum(k: h[n, k]))\n"
)
TEMPERATURE = (
    "input x[N, 3]\nparam c ~ ones\nparam W[i: 3, k: 30] ~ normal\nz[n, k] = exp(c)*sum(i: x[n, i]*W[i, k])\n"
    "minimize mean(n: log(sum(k: exp(z[n, k]))) - z[n, 0])\n"
)
UNIT = "input x[N, 3]\ninput t[N, 4]\ny = unit_length(dense(x, 4))\nminimize mean(n, k: (y[n, k] - t[n, k])**2)\n"
MULTIPLES = (
    "input x[N, 3]\ninput t[N]\nparam a[k: 3] ~ normal\nparam f ~ ones\nh[n, k] = tanh(x[n, k]*a[k])\n"
    "u[n] = sum(k: h[n, k])\nv[n] = sum(k: a[k]*h[n, k]**2)\nminimize mean(n: (u[n] + f*v[n] - t[n])**2)\n"
)
ROBUST = (
    "input x[N, 4]\ninput t[N, 300]\nparam W[i: 4, k: 300] ~ normal\n"
    "r[n, k] = t[n, k] - sum(i: x[n, i]*W[i, k])\nminimize mean(n, k: sqrt(1 + r[n, k]**2))\n"
)
CASES = {
    "weighed": WEIGHED,
    "temperature": TEMPERATURE,
    "unit length": UNIT,
    "multiples": MULTIPLES,
    "robust": ROBUST,
    "root": ROBUST.replace("300", "3"),
}
PASSES = {
    "weighed": "factors",
    "temperature": "factors",
    "unit length": "scales",
    "multiples": "multiples",
    "robust": "factors",
    "root": "roots",
}


def emitted(name: str) -> list[str]:
    return shown(step_program(network_of(CASES[name])).program)


def test_a_number_for_each_example_goes_to_the_data() -> None:
    lines = emitted("weighed")
    assert any(line.startswith("dW[i, k] = sum(n: ") and "r[n]" in line for line in lines), lines


def test_a_temperature_goes_into_the_product_and_to_its_gradients() -> None:
    lines = emitted("temperature")
    assert "z[n, k] = sum(i: c_exp*x[n, i]*W[i, k])" in lines, lines
    assert not any("z_sum[" in line for line in lines), lines


def test_the_gradient_of_a_unit_vector_is_what_is_left_across_it() -> None:
    lines = emitted("unit length")
    assert any(line.endswith("y_sum_power[n]*(dy[n, o] - dy_sum_part[n]*y[n, o])") for line in lines), lines


def test_multiples_are_read_from_one() -> None:
    lines = emitted("multiples")
    assert len([line for line in lines if line.startswith(("du[", "dv["))]) == 1, lines


def test_a_root_of_a_loss_is_read_by_its_slope() -> None:
    lines = emitted("root")
    assert sum("sqrt(" in line for line in lines) == 1, lines
    assert any(line.endswith("/r_total_root[n, k]") or "*r_total_root[n, k])" in line for line in lines), lines


def test_a_number_leaves_a_large_tensor() -> None:
    lines = emitted("robust")
    assert "dr_sum_part[n, k] = r[n, k]/r_total_root[n, k]" in lines, lines
    assert "dW[i, k] = sum(n: -x[n, i]*dr_sum_part[n, k]/(300*N))" in lines, lines
    assert not any("_part[" in line for line in emitted("root"))


@pytest.mark.parametrize("name", CASES)
def test_no_value_changes(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    net = network_of(CASES[name])
    found = step_program(net).program
    monkeypatch.setattr(pipeline, "PASSES", {**pipeline.PASSES, PASSES[name]: lambda program: program})
    without = step_program(net).program
    assert without.statements != found.statements
    values = sample(found, seed=1)
    expected, result = interpret(without, values), interpret(found, values)
    for tensor in found.results:
        np.testing.assert_allclose(result[tensor], expected[tensor], rtol=1e-11, atol=1e-13)


def test_a_mean_over_everything_keeps_its_factor() -> None:
    """Where the factor would meet as many elements as before, nothing moves."""
    lines = shown(step_program(network_of(WEIGHED.replace("30", "2"))).program)
    assert not any("_part[" in line for line in lines), lines
