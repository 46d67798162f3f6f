"""Results come before what they do not need, and behind all that they need."""

from __future__ import annotations

import pytest

from symnet.ir.program import Program
from symnet.passes import pipeline
from symnet.passes.pipeline import step_program
from tests.support import network_of, shown

TEXTS = {
    "dense": "input x[N, 3]\nh = dense(x, 4, activation=tanh)\ny = dense(h, 2)\nminimize mean(n, k: y[n, k]**2)\n",
    "convolutions": "input x[N, 2, 5, 5]\nh = conv2d(conv2d(x, 3, activation=relu), 2)\nminimize mse(h, x)\n",
    "loop": "input x[N, T, 2]\nh, last = lstm(x, 3)\nminimize mean(n, k: last[n, k]**2)\n",
}


def programs(text: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Program, Program]:
    """The step, and the same without the pass."""
    found = step_program(network_of(text)).program
    monkeypatch.setattr(pipeline, "PASSES", {**pipeline.PASSES, "sooner": lambda program: program})
    return found, step_program(network_of(text)).program


@pytest.mark.parametrize("name", TEXTS)
def test_the_statements_are_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found, plain = programs(TEXTS[name], monkeypatch)
    assert sorted(shown(found)) == sorted(shown(plain))


def test_a_gradient_comes_before_the_adjoint_that_it_does_not_need(monkeypatch: pytest.MonkeyPatch) -> None:
    found, plain = programs(TEXTS["dense"], monkeypatch)
    order, before = ([s.target.tensor for s in program.statements] for program in (found, plain))
    assert order.index("dy.W") < order.index("dh") and before.index("dh") < before.index("dy.W")
