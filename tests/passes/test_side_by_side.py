"""Equal formulas over tensors of one shape are calculated together, and no value changes."""

from __future__ import annotations

import numpy as np
import pytest

from symnet.compile import compile_spec, load
from symnet.ir.interpret import interpret
from symnet.passes import pipeline
from symnet.passes.pipeline import step_program
from symnet.passes.tuning.side_by_side import has_circle, side_by_side
from symnet.planning import rows
from tests.support import network_of, sample, shown

TOWERS = (
    "input x[N, 3]\ninput y[N, 5]\n"
    "u = dense(dense(x, 8, activation=gelu), 2)\nv = dense(dense(y, 8, activation=gelu), 2)\n"
    "minimize mean(n: (sum(d: u[n, d]*v[n, d]) - 1)**2)\n"
)
# Three of one form: two of them become one.
THREE = (
    "input x[N, 3]\nparam A[i: 3, k: 4] ~ normal\nparam B[i: 3, k: 4] ~ normal\nparam C[i: 3, k: 4] ~ normal\n"
    "a[n, k] = tanh(sum(i: x[n, i]*A[i, k]))\nb[n, k] = tanh(sum(i: x[n, i]*B[i, k]))\n"
    "c[n, k] = tanh(sum(i: x[n, i]*C[i, k]))\nminimize mean(n, k: a[n, k]*b[n, k] + c[n, k]**2)\n"
)
# f(a) meets g(b) and f(b) meets g(a), each before the other.
CROSSED = (
    "input x[N, 3]\nparam A[i: 3, k: 3] ~ normal\nparam B[i: 3, k: 3] ~ normal\n"
    "p[n, k] = tanh(sum(i: x[n, i]*A[i, k]))\nq[n, k] = sin(sum(i: p[n, i]*B[i, k]))\n"
    "r[n, k] = sin(sum(i: x[n, i]*B[i, k]))\ns[n, k] = tanh(sum(i: r[n, i]*A[i, k]))\n"
    "minimize mean(n, k: q[n, k]*s[n, k])\n"
)
RECURRENT = (
    "input x[N, T, 3]\ninput z[N, T, 3]\nh, last = lstm(x, 4)\ng, late = lstm(z, 4)\n"
    "minimize mean(n, k: tanh(last[n, k]*0.5 + 1)*tanh(late[n, k]*0.5 + 1))\n"
)
CASES = {"towers": TOWERS, "three": THREE, "crossed": CROSSED, "recurrent": RECURRENT}


def test_two_encoders_run_side_by_side() -> None:
    lines = shown(step_program(network_of(TOWERS)).program)
    both = [line for line in lines if "[p, " in line.split(" = ")[0]]
    assert "u.dense_part_erf_total_pair[p, n, o] = 1/2 + erf(sqrt(2)*u.dense_part_pair[p, n, o]/2)/2" in both
    assert any(line.startswith("d") for line in both), "the gradients are paired too"
    assert sum("erf(" in line for line in lines) == 1


def test_a_part_is_written_at_once() -> None:
    """No array of zeros, nothing added to it, and each part in one piece."""
    source = compile_spec(load(f"network towers\n{TOWERS}"), check=False).source
    step = source[source.index("def _step") : source.index("class Workspace")]
    assert ".fill(0)" not in step and ".reshape(2, 8, N)" in step
    assert ".dot(x.T, u_dense_part_pair_row)" in step


@pytest.mark.parametrize("name", CASES)
def test_no_value_changes(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    net = network_of(CASES[name])
    found = step_program(net).program
    monkeypatch.setattr(pipeline, "PASSES", {**pipeline.PASSES, "side by side": lambda program: program})
    without = step_program(net).program
    assert without.statements != found.statements or name in ("crossed", "recurrent")
    values = sample(found, seed=1)
    expected, result = interpret(without, values), interpret(found, values)
    for tensor in found.results:
        np.testing.assert_allclose(result[tensor], expected[tensor], rtol=1e-12, atol=1e-14)


def test_large_tensors_stay_apart() -> None:
    with rows.forced(rows.SIDE_BY_SIDE, rows.never):
        program = step_program(network_of(TOWERS)).program
        assert not any("_pair" in line for line in shown(program))
        assert side_by_side(program) == program


def test_circles() -> None:
    assert has_circle({"a": {"b": None}, "b": {"a": None}})
    assert not has_circle({"a": {"b": None, "given": None}, "b": {}, "c": {"a": None, "b": None}})
