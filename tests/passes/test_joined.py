"""What a recurrence does to neighbouring parts of a tensor is one statement, and no value changes."""

from __future__ import annotations

import numpy as np
import pytest

from symnet.ir.interpret import interpret
from symnet.ir.program import Program
from symnet.passes import pipeline
from symnet.passes.pipeline import emitted, pullback_program, step_program
from symnet.passes.tuning.joined import join
from tests.support import network_of, sample, shown

GATES = (
    "input x[N, T, 4, 3]\nparam w[g: 4, k: 3] ~ normal\na[n, t, g, k] = x[n, t, g, k] + w[g, k]*(h[n, t-1, k] else 0)\n"
)
CASES = {
    "an LSTM": (
        "input x[N, T, 2]\nh, last = lstm(x, 3)\nminimize mean(n, k: last[n, k]**2)\n",
        [
            "h.a_sigmoids[p, n, t, k] = sigmoid(h.a[n, t, p, k])",
            "dh.a[n, t, p: 1..4, k] += dh.a_factors[p - 1, n, t, k]*dh.c[n, t, k]",
        ],
    ),
    "a GRU": (
        "input x[N, T, 2]\nh, last = gru(x, 3)\nminimize mean(n, k: last[n, k]**2)\n",
        ["h.z_r[p, n, t, k] = sigmoid(h.a[n, t, p, k] + h.s[n, t, p, k])"],
    ),
    "from the second part on": (
        GATES
        + "u[n, t, k] = sin(a[n, t, 1, k])\nv[n, t, k] = sin(a[n, t, 2, k])\n"
        + "h[n, t, k] = a[n, t, 0, k]*u[n, t, k] + v[n, t, k]*a[n, t, 3, k]\nminimize mean(n, t, k: h[n, t, k]**2)\n",
        ["u_v[p, n, t, k] = sin(a[n, t, p + 1, k])"],
    ),
    "whatever the order": (
        GATES
        + "u[n, t, k] = tanh(a[n, t, 2, k])\nv[n, t, k] = tanh(a[n, t, 0, k])\nw2[n, t, k] = tanh(a[n, t, 1, k])\n"
        + "h[n, t, k] = u[n, t, k]*v[n, t, k] + w2[n, t, k]/2\nminimize mean(n, t, k: h[n, t, k]**2)\n",
        ["v_w2_u[p, n, t, k] = tanh(a[n, t, p, k])"],
    ),
    "not every other part": (
        GATES
        + "u[n, t, k] = sin(a[n, t, 0, k])\nv[n, t, k] = sin(a[n, t, 2, k])\n"
        + "h[n, t, k] = u[n, t, k]*v[n, t, k]\nminimize mean(n, t, k: h[n, t, k]**2)\n",
        ["u[n, t, k] = sin(a[n, t, 0, k])", "v[n, t, k] = sin(a[n, t, 2, k])"],
    ),
    "not other functions": (
        GATES
        + "u[n, t, k] = sin(a[n, t, 0, k])\nv[n, t, k] = tanh(a[n, t, 1, k])\n"
        + "h[n, t, k] = u[n, t, k]*v[n, t, k]\nminimize mean(n, t, k: h[n, t, k]**2)\n",
        ["u[n, t, k] = sin(a[n, t, 0, k])", "v[n, t, k] = tanh(a[n, t, 1, k])"],
    ),
    "not outside of loops": (
        "input x[N, 2, 3]\nparam w[k: 3] ~ normal\nu[n, k] = sin(x[n, 0, k]*w[k])\nv[n, k] = sin(x[n, 1, k]*w[k])\n"
        "minimize mean(n, k: (u[n, k] - v[n, k])**2*u[n, k]*v[n, k])\n",
        [],
    ),
}


def without(monkeypatch: pytest.MonkeyPatch, text: str) -> Program:
    """The program of a spec before its statements are joined."""
    monkeypatch.setattr(pipeline, "PASSES", {**pipeline.PASSES, "joined": lambda program: program})
    return step_program(network_of(text)).program


@pytest.mark.parametrize("name", CASES)
def test_what_is_joined(name: str) -> None:
    text, expected = CASES[name]
    lines = shown(step_program(network_of(text)).program)
    assert [line for line in expected if line not in lines] == [], "\n".join(lines)
    if name.startswith("not"):
        assert not any("(a[n, t, p, k])" in line or "sin(x[n, p, k]" in line for line in lines)


@pytest.mark.parametrize("name", [name for name in CASES if not name.startswith("not")])
def test_no_value_changes(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text, _ = CASES[name]
    found, before = step_program(network_of(text)).program, without(monkeypatch, text)
    assert len(found.statements) < len(before.statements)
    for sizes in ({"N": 3, "T": 4}, {"N": 1, "T": 1}):
        values = sample(found, seed=1, sizes=sizes)
        expected, result = interpret(before, values), interpret(found, values)
        for tensor in found.results:
            np.testing.assert_allclose(result[tensor], expected[tensor], rtol=1e-12, atol=1e-14)


def test_a_result_stays_a_tensor_of_its_own() -> None:
    text = GATES + (
        "u[n, t, k] = sin(a[n, t, 0, k])\nv[n, t, k] = sin(a[n, t, 1, k])\noutput u\n"
        "h[n, t, k] = u[n, t, k]*v[n, t, k]\nminimize mean(n, t, k: h[n, t, k]**2)\n"
    )
    assert "u_v[p, n, t, k] = sin(a[n, t, p, k])" in shown(step_program(network_of(text)).program)
    lines = shown(emitted(pullback_program(network_of(text))).program)
    assert "u[n, t, k] = sin(a[n, t, 0, k])" in lines and "v[n, t, k] = sin(a[n, t, 1, k])" in lines


NEEDED = (
    "input x[T, 3]\nparam w[g: 2, k: 3] ~ normal\nu[t, k] = sin(x[t, k])\nv[t, k] = exp(FROM[t, k])\n"
    "a[t: T, g, k] = w[g, k]*(h[t-1, k] else 1)\nh[t, k] = tanh(a[t, 0, k]*u[t, k] + a[t, 1, k]*v[t, k])\n"
    "minimize sum(t, k: h[t, k]**2)\n"
)


def test_parts_that_need_each_other_are_not_one() -> None:
    """With one tensor for both, the second part would be calculated from the tensor that it is in."""
    apart = shown(step_program(network_of(NEEDED.replace("FROM", "x"))).program)
    assert "da[t, p, k] = u_v[p, t, k]*dh_product[t, k]" in apart
    together = shown(step_program(network_of(NEEDED.replace("FROM", "u"))).program)
    assert sum(line.startswith("da[t, ") for line in together) == 2


def test_joining_twice_changes_nothing() -> None:
    for text, _ in CASES.values():
        program = step_program(network_of(text)).program
        assert join(program).statements == program.statements
