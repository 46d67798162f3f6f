"""Sums that several statements read are calculated once, multiples of them too, and no value changes."""

from __future__ import annotations

import numpy as np
import pytest

from symnet.ir.interpret import interpret
from symnet.passes import pipeline
from symnet.passes.pipeline import step_program
from symnet.passes.tuning.differences import name_sums
from tests.support import network_of, sample, shown

CASES = {
    "a squared error": (
        "input x[N, 3]\ninput t[N, 3]\nparam w[i: 3] ~ normal\ny[n, i] = x[n, i]*w[i]\n"
        "minimize mean(n, i: (y[n, i] - t[n, i])**2)\n",
        [
            "y_difference[n, i] = y[n, i] - t[n, i]",
            "loss = sum(n, i: y_difference[n, i]**2/(3*N))",
            "dw[i] = sum(n: 2*x[n, i]*y_difference[n, i]/(3*N))",
        ],
    ),
    "neighbours, and the negative": (
        "const n = 6\nparam x[i: n] ~ normal\nminimize sum(i: 0..n-1: (x[i+1] - x[i]**2)**2)\n",
        ["x_difference[i] = x[i + 1] - x[i]**2", "loss = sum(i: x_difference[i]**2)"],
    ),
    "a tensor of the spec that is the sum": (
        "input t[N, 3]\nparam w[i: 3] ~ normal\nr[n, i] = w[i] - t[n, i]\noutput r\n"
        "minimize mean(n, i: r[n, i]**2 + (2*t[n, i] - 2*w[i])**4)\n",
        ["r[n, i] = w[i] - t[n, i]"],
    ),
    "a diagonal": (
        "param A[i: 3, j: 3] ~ normal\nparam b[i: 3] ~ normal\n"
        "minimize sum(i: (A[i, i] - b[i])**2) + sum(i: b[i]**2*(A[i, i] - b[i]))\n",
        ["b_difference[i] = A[i, i] - b[i]"],
    ),
    "dimensions lie as in the tensor": (
        "param z[n: 4, c: 3] ~ normal\nm[c] = mean(n: z[n, c])\nv[c] = mean(n: (z[n, c] - m[c])**2)\n"
        "minimize sum(n, c: ((z[n, c] - m[c])/v[c])**3)\n",
        ["z_difference[n, c] = z[n, c] - m[c]"],
    ),
    "a normalisation": (
        "input x[N, 4]\nparam g[i: 4] ~ ones\nm[n] = mean(i: x[n, i])\nv[n] = mean(i: (x[n, i] - m[n])**2)\n"
        "y[n, i] = g[i]*(x[n, i] - m[n])/sqrt(v[n] + 0.001)\nminimize mean(n, i: y[n, i]**3)\n",
        ["x_difference[n, i] = x[n, i] - m[n]"],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_each_sum_is_calculated_once(name: str) -> None:
    text, expected = CASES[name]
    lines = shown(step_program(network_of(text)).program)
    for line in expected:
        assert line in lines
    minus = [line for line in lines if " - t[" in line or " - m[" in line or "- x[i]**2" in line]
    assert len(minus) <= 1


@pytest.mark.parametrize("name", CASES)
def test_no_value_changes(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    net = network_of(CASES[name][0])
    found = step_program(net).program
    monkeypatch.setattr(pipeline, "PASSES", {**pipeline.PASSES, "differences": lambda program: program})
    without = step_program(net).program
    assert without.statements != found.statements
    values = sample(found, seed=1)
    expected, result = interpret(without, values), interpret(found, values)
    for tensor in found.results:
        np.testing.assert_allclose(result[tensor], expected[tensor], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    "text",
    [
        "input t[N]\nparam w ~ ones\nminimize mean(n: tanh(w - t[n]))\n",  # read once
        "param w[i: 3] ~ ones\nminimize sum(i: (1 - w[i])**2)\n",  # one tensor: as cheap to calculate as to read
        "param h0[k: 3] ~ normal\ninput x[T, 3]\nh[t, k] = tanh(x[t, k] + (h[t-1, k] else h0[k]))**2\n"
        "minimize sum(t, k: h[t, k])\n",  # a recurrence
    ],
)
def test_other_sums_stay_where_they_are(text: str) -> None:
    program = step_program(network_of(text)).program
    assert not any("_difference" in line or "_total" in line for line in shown(program))
    assert name_sums(program) == program
