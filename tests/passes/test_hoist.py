"""What a product in a recurrence does not take from it is calculated outside, at once."""

from __future__ import annotations

import numpy as np
import pytest

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
    assert len(backward) == 4 and not any("1 -" in line for line in backward)


def test_forward_factors_leave_too() -> None:
    lines = shown(step_program(network_of(DECAY)).program)
    assert "h_factor[t, k] = v[k]*x[t, k]*w_sin[k]" in lines or any(line.startswith("h_factor[t, k]") for line in lines)


@pytest.mark.parametrize("text", [LSTM, DECAY], ids=["lstm", "decay"])
def test_no_value_changes(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = step_program(network_of(text)).program
    monkeypatch.setattr(pipeline, "PASSES", {**pipeline.PASSES, "hoist": lambda program: program})
    without = step_program(network_of(text)).program
    assert without.statements != found.statements
    values = sample(found, seed=1)
    expected, result = interpret(without, values), interpret(found, values)
    for tensor in found.results:
        np.testing.assert_allclose(result[tensor], expected[tensor], rtol=1e-12, atol=1e-14)
