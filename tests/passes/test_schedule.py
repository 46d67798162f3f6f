"""Recurrences become loops, and only the true recurrence is inside of them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from symnet.errors import UnsupportedError
from symnet.ir.program import Program, Statement, index_symbol, leaf, statement
from symnet.passes.pipeline import gradient_program, results_of, stabilised
from symnet.passes.schedule import Item, Loop, schedule, statements_of
from tests.support import network_of

LSTM = """
input x[N, T, 3]
layer cell(x[n, t: T, i: I], units) -> h[n, t, k]:
    param W[i, g: 4, k: units] ~ glorot_uniform
    param U[j: units, g: 4, k: units] ~ orthogonal
    param b[g: 4, k: units] ~ zeros
    a[n, t, g, k] = b[g, k] + sum(i: x[n, t, i]*W[i, g, k]) + sum(j: (h[n, t-1, j] else 0)*U[j, g, k])
    c[n, t, k] = sigmoid(a[n, t, 1, k])*(c[n, t-1, k] else 0) + sigmoid(a[n, t, 0, k])*tanh(a[n, t, 2, k])
    h[n, t, k] = sigmoid(a[n, t, 3, k])*tanh(c[n, t, k])
h = cell(x, 8)
minimize mean(n, k: h[n, T - 1, k]**2)
"""


def outline(items: Sequence[Item]) -> list[object]:
    """The targets of a schedule; a loop as (index, step, its own outline)."""
    found: list[object] = []
    for item in items:
        if isinstance(item, Loop):
            found.append((item.index, item.step, outline(item.items)))
        else:
            condition = "".join(f" if {g} >= 0" for g in item.guards if not g.terms)
            found.append(f"{item.target}{condition}")
    return found


def loops(items: Sequence[Item]) -> list[Loop]:
    return [item for item in items if isinstance(item, Loop)]


def forward(text: str) -> Program:
    net = network_of(text)
    return stabilised(net, results_of(net))


def test_lstm_has_one_loop_forward_and_one_backward() -> None:
    items = schedule(gradient_program(network_of(LSTM)).program)
    assert [(loop.index, str(loop.extent), loop.step) for loop in loops(items)] == [("t", "T", 1), ("t", "T", -1)]


def test_large_contractions_of_an_lstm_stay_outside() -> None:
    items = schedule(gradient_program(network_of(LSTM)).program)
    inside = [s for loop in loops(items) for s in statements_of(loop.items)]
    products = [str(s.target) for s in inside if len(s.leaves) == 2 and s.reduced]
    assert products == ["h.a[n, t, g, k]", "dh[n, t, k]"]  # the recurrent products with U, and nothing else
    outside = [str(item.target) for item in items if isinstance(item, Statement)]
    assert "h.a[n, t, g, k]" in outside, "the input product and the bias are added before the loop"
    assert {"dh.W[i, g, k]", "dh.U[j, g, k]", "dh.b[g, k]"} <= set(outside)


CASES = {
    "exponential moving average": (
        "input x[T]\ny[t] = 0.9*(y[t-1] else 0) + 0.1*x[t]\noutput y",
        [("t", 1, ["y[t] if t - 1 >= 0", "y[t] if -t >= 0"])],
    ),
    "lags of 1 and 2, coupled": (
        "input x[T]\na[t] = (b[t-1] else 0) + x[t]\nb[t] = (a[t-2] else 1)*a[t]\noutput b",
        [("t", 1, ["a[t] if t - 1 >= 0", "a[t] if -t >= 0", "b[t] if t - 2 >= 0", "b[t] if -t + 1 >= 0"])],
    ),
    "lags of 1 and 2, where one may be in range and the other not": (
        "input x[T]\ny[t] = (y[t-1] else 0) + (y[t-2] else 0) + x[t]\noutput y",
        [("t", 1, ["y[t] if t - 2 >= 0", "y[t] if t - 1 >= 0 if -t + 1 >= 0", "y[t] if -t >= 0"])],
    ),
    "backward in time": (
        "input x[T]\ny[t] = (y[t+1] else 0) + x[t]\noutput y",
        [("t", -1, ["y[t] if T - t - 2 >= 0", "y[t] if -T + t + 1 >= 0"])],
    ),
    "a recurrence in a recurrence": (
        "input x[T, S]\ny[t, s] = (y[t, s-1] else 0)/2 + (y[t-1, s] else 0)/3 + x[t, s]\noutput y",
        None,
    ),
    "no recurrence": ("input x[T]\ny[t] = 2*x[t]\nz[t] = y[t] + (x[t-1] else 0)\noutput z", ["y[t]", "z[t]"]),
}


@pytest.mark.parametrize("name", [name for name, (_, expected) in CASES.items() if expected])
def test_outline(name: str) -> None:
    text, expected = CASES[name]
    assert outline(schedule(forward(text))) == expected


def test_nested() -> None:
    (outer,) = loops(schedule(forward(CASES["a recurrence in a recurrence"][0])))
    (inner,) = loops(outer.items)
    assert {outer.index, inner.index} == {"t", "s"}
    assert all(isinstance(item, Statement) for item in inner.items)


def test_a_circle_at_no_constant_distance_is_refused() -> None:
    program = forward("input x[T]\ny[t] = (y[t-1] else 0) + x[t]\noutput y")
    (s,) = program.statements
    wrong = statement(s.target, s.op, s.domain, leaf(0) + index_symbol("t"), (s.target,))
    with pytest.raises(UnsupportedError, match="no recurrence"):
        schedule(program.with_statements((wrong,)))


def test_times_of_lengths_that_cannot_be_compared_are_refused() -> None:
    text = "input x[N]\ninput y[T]\na[t: N] = x[t] + (b[t-1] else 0)\nb[t: T] = y[t] + (a[t-1] else 0)\noutput a"
    with pytest.raises(UnsupportedError, match="none is known to be the longest: (a has N|b has T)"):
        schedule(forward(text))
