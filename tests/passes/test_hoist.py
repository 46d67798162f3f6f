"""What a product in a recurrence does not take from it is calculated outside, at once."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from symnet.ir.interpret import interpret
from symnet.passes import pipeline
from symnet.passes.pipeline import step_program
from symnet.passes.schedule import Loop, schedule, statements_of
from tests.support import network_of, sample, shown

LSTM = "input x[N, T, 2]\nh, last = lstm(x, 3)\nminimize mean(n, k: last[n, k]**2)\n"
DECAY = (
    "input x[T, 3]\nparam w[k: 3] ~ normal\nparam v[k: 3] ~ normal\n"
    "h[t, k] = (h[t-1, k] else 0)*sin(w[k])*x[t, k]*v[k] + x[t, k]\nminimize sum(t, k: h[t, k]**2)\n"
)


def test_the_loops_of_an_lstm_hold_no_slope() -> None:
    program = step_program(network_of(LSTM)).program
    loops = [item for item in schedule(program) if isinstance(item, Loop)]
    inside = {s.target.tensor for s in statements_of(loops)}
    factors = [line for line in shown(program) if "_factor" in line.split("[")[0]]
    assert len(factors) == 5 and not any("_factor" in name for name in inside)
    backward = [line for line in shown(program) if line.startswith("dh.a[")]
    assert backward == [
        "dh.a[n, t, 0, k] += dh.a_factor[n, t, k]*dh[n, t, k]",
        "dh.a[n, t, p: 1..4, k] += dh.a_factors[p - 1, n, t, k]*dh.c[n, t, k]",
    ]


def test_what_is_read_at_another_time_leaves_too() -> None:
    lines = shown(step_program(network_of(DECAY.replace("sin(w[k])", "(x[t-1, k] else 1)"))).program)
    assert "h_factor[t, k] = (x[t - 1, k] else 1)*x[t, k]*v[k]" in lines


def test_what_does_not_move_at_all_stays() -> None:
    lines = shown(step_program(network_of(LSTM)).program)
    assert "dh[n, T - 1, k] += 2*h[n, T - 1, k]/(3*N)" in lines


TERMS = (
    "input x[N, T]\nparam r ~ normal\nparam q ~ normal\n"
    "h[n, t] = r*(h[n, t-1] else 0) + q*(h[n, t-2] else 0) + tanh(x[n, t]) + r*x[n, t]\n"
    "minimize sum(n, t: h[n, t]**2)\n"
)


def test_terms_that_do_not_move_leave_together() -> None:
    program = step_program(network_of(TERMS)).program
    assert "h_term[n, t] = r*x[n, t] + tanh(x[n, t])" in shown(program)
    loops = [item for item in schedule(program) if isinstance(item, Loop)]
    assert all(not s.body.has(sp.tanh) for s in statements_of(loops))
    assert sum(line.startswith("h_term[") for line in shown(program)) == 1  # for all cases of the first turns


def test_forward_factors_leave_too() -> None:
    lines = shown(step_program(network_of(DECAY)).program)
    assert "h_factor[t, k] = v[k]*x[t, k]*w_sin[k]" in lines or any(line.startswith("h_factor[t, k]") for line in lines)


@pytest.mark.parametrize(
    "text",
    [LSTM, DECAY, DECAY.replace("sin(w[k])", "sin(x[t-1, k] else 1)"), TERMS],
    ids=["lstm", "decay", "another time", "terms"],
)
def test_no_value_changes(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = step_program(network_of(text)).program
    monkeypatch.setattr(pipeline, "PASSES", {**pipeline.PASSES, "hoist": lambda program: program})
    without = step_program(network_of(text)).program
    assert without.statements != found.statements
    values = sample(found, seed=1)
    expected, result = interpret(without, values), interpret(found, values)
    for tensor in found.results:
        np.testing.assert_allclose(result[tensor], expected[tensor], rtol=1e-12, atol=1e-14)
