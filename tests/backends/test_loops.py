"""Recurrences as emitted loops, against the interpreter."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from symnet.backends.numpy import loops
from symnet.ir.interpret import interpret
from symnet.ir.program import Program, Statement
from symnet.passes.pipeline import gradient_program
from symnet.planning.liveness import lives
from tests.backends.kernel_runs import function_source, run
from tests.programs import random_program
from tests.support import network_of, sample

RNN = """
input x[N, T, 3]
param W[i: 3, k: 5] ~ normal
param U[j: 5, k: 5] ~ normal
param b[k: 5] ~ normal
h[n, t, k] = tanh(b[k] + sum(i: x[n, t, i]*W[i, k]) + sum(j: (h[n, t-1, j] else 0)*U[j, k]))
minimize mean(n, k: h[n, T - 1, k]**2)
"""
LSTM = """
input x[N, T, 3]
param W[i: 3, g: 4, k: 5] ~ normal
param U[j: 5, g: 4, k: 5] ~ normal
param b[g: 4, k: 5] ~ normal
a[n, t, g, k] = b[g, k] + sum(i: x[n, t, i]*W[i, g, k]) + sum(j: (h[n, t-1, j] else 0)*U[j, g, k])
c[n, t, k] = sigmoid(a[n, t, 1, k])*(c[n, t-1, k] else 0) + sigmoid(a[n, t, 0, k])*tanh(a[n, t, 2, k])
h[n, t, k] = sigmoid(a[n, t, 3, k])*tanh(c[n, t, k])
minimize mean(n, k: h[n, T - 1, k]**2)
"""
GRU = """
input x[N, T, 3]
param W[i: 3, g: 3, k: 5] ~ normal
param U[j: 5, g: 3, k: 5] ~ normal
a[n, t, g, k] = sum(i: x[n, t, i]*W[i, g, k])
u[n, t: T, g, k] = sum(j: (h[n, t-1, j] else 0)*U[j, g, k])
z[n, t, k] = sigmoid(a[n, t, 0, k] + u[n, t, 0, k])
r[n, t, k] = sigmoid(a[n, t, 1, k] + u[n, t, 1, k])
s[n, t, k] = tanh(a[n, t, 2, k] + r[n, t, k]*u[n, t, 2, k])
h[n, t, k] = z[n, t, k]*(h[n, t-1, k] else 0) + (1 - z[n, t, k])*s[n, t, k]
minimize mean(n, t, k: h[n, t, k]**2)
"""
SPECS = {
    "exponential moving average": (
        "param x[T: 6] ~ normal\ny[t: T] = 0.9*(y[t-1] else 0) + 0.1*x[t]\nminimize sum(t: y[t]**3)"
    ),
    "lags of 1 and 2, coupled": (
        "input x[T]\nparam p ~ ones\na[t] = (b[t-1] else 0)*p + x[t]\nb[t] = (a[t-2] else 1)*a[t]\n"
        "minimize sum(t: sin(b[t]))"
    ),
    "backward in time": "input x[T]\nparam p ~ ones\ny[t] = p*sin(y[t+1] else 0) + x[t]\nminimize sum(t: y[t]**2)",
    "a recurrence in a recurrence": (
        "input x[T, S]\nparam p ~ ones\ny[t, s] = p*sin(y[t, s-1] else 0)/2 + (y[t-1, s] else 0)/3 + x[t, s]\n"
        "minimize sum(t, s: y[t, s]**2)"
    ),
    "a window in space": (
        "input x[T, I]\nparam w[p: 3] ~ normal\ny[t, i] = x[t, i] + tanh(sum(p: (y[t-1, i + p - 1] else 0)*w[p]))\n"
        "minimize sum(t, i: y[t, i]**2)"
    ),
    "the time in a body": (
        "input x[T]\nparam p ~ ones\ny[t] = p*(y[t-1] else 0)/(1 + t) + x[t]*t\nminimize sum(t: y[t]**2)"
    ),
    "a running maximum": "param x[T: 6] ~ normal\ny[t: T] = max(y[t-1] else 0, x[t])\nminimize sum(t: y[t]*(t + 1))",
    "a Markov chain": (
        "input o[T] < 4\nparam A[i: 3, j: 3] ~ uniform(0.1, 1)\nparam B[i: 3, k: 4] ~ uniform(0.1, 1)\n"
        "f[t: T, j: 3] = B[j, o[t]]*where(t == 0, 1/3, sum(i: (f[t-1, i] else 0)*A[i, j]))\n"
        "minimize -log(sum(j: f[T - 1, j]))"
    ),
    "a start of its own, so that there is one state more than steps": (
        "input x[T]\nparam p ~ ones\ns[t: 0..1] = p\ns[t: 1..T+1] = tanh(s[t-1] + u[t-1])\n"
        "u[t: 0..T] = sin(s[t])*x[t]\nminimize sum(t: s[t]**2*(t + 1))"
    ),
    "the first and the last of a row, which may be one": (
        "input x[T, S]\nparam p ~ ones\n"
        "a[t] = tanh(x[t, 0] + p*(y[t-1, 0] else 0) + sin(y[t-1, S-1] else 0))\ny[t, s] = a[t]*x[t, s]\n"
        "minimize sum(t: a[t]**2)"
    ),
    "a distance longer than the time": (
        "param x[t: 2] ~ normal\nparam p ~ ones\ny[t] = p*x[t] + sin(y[t-3] else 1)\nminimize sum(t: y[t]**2)"
    ),
    "a distance longer than the time of the inner loop": (
        "param x[t: 4, s: 2] ~ normal\nparam p ~ ones\na[t, s] = p*x[t, s] + sin(b[t, s-3] else 1)\n"
        "b[t: 4, s: 2] = p*sin(a[t, s]) + (a[t-1, s] else 0)*x[t, s]\nminimize sum(t, s: a[t, s]**2)"
    ),
    "a distance along a dimension of one element": (
        "param x[s: 3, t: 1] ~ normal\nparam p ~ ones\na[s: 3, t: 1] = tanh(p*x[s, t] + sin(a[s-1, t-1] else 1/2))\n"
        "minimize sum(s, t: a[s, t]**2)"
    ),
    "distances longer than both times": (
        "param x[t: 2, s: 2] ~ normal\nparam p ~ ones\n"
        "y[t: 2, s: 2] = p*x[t, s] + sin(y[t-1, s] else 1) + (y[t, s-4] else 0)*x[t, s] + (y[t-3, s-1] else 1)*p\n"
        "minimize sum(t, s: y[t, s]**2)"
    ),
    "an input that is called as the time of a layer": (
        "input t[N]\ninput x[N, T, 3]\nh, last = rnn(x, 2)\nminimize sum(n: t[n]*last[n, 0])"
    ),
    "rnn": RNN,
    "lstm": LSTM,
    "gru": GRU,
}
SIZES = (
    {"N": 3, "T": 6, "S": 4, "I": 5},
    {"N": 1, "T": 1, "S": 1, "I": 1},
    {"N": 2, "T": 2, "S": 3, "I": 2},
    {"N": 2, "T": 3, "S": 1, "I": 1},
)


def agree(
    program: Program, values: dict[str, np.ndarray], keep: tuple[str, ...], sizes: Mapping[str, int] | None = None
) -> None:
    expected = interpret(program, values, sizes)
    found = run(program, values, sizes, keep=keep)
    for name in keep:
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-10, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("name", SPECS)
def test_a_recurrence_and_its_gradients(name: str) -> None:
    program = gradient_program(network_of(SPECS[name])).program
    for sizes in SIZES:
        values = sample(program, sizes={n: sizes[n] for n in program.sizes})
        agree(program, values, program.results)
        agree(program, values, tuple(program.writers))


@pytest.mark.parametrize("seed", range(20))
def test_random_recurrences(seed: int) -> None:
    r = random_program(seed, recurrences=True)
    agree(r.program, r.values(), r.program.results, r.sizes)


def by_their_names(one: object, other: object) -> bool:
    return str(one) > str(other)


def under_any_tests(one: Statement, other: Statement) -> bool:
    return all(any(not guard.terms for guard in s.guards) for s in (one, other))


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("_apart", lambda one, other: True),
        ("_apart", under_any_tests),
        ("_above", by_their_names),
    ],
    ids=["any two", "tests of any kind", "places of other names"],
)
def test_statements_that_do_not_exclude_each_other_are_seen(
    name: str, fault: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A statement that may run after another one of the same elements adds to them."""
    monkeypatch.setattr(loops, name, fault)
    with pytest.raises(AssertionError, match="Mismatched elements"):
        for spec in SPECS:
            test_a_recurrence_and_its_gradients(spec)


def step_of(name: str) -> str:
    program = gradient_program(network_of(SPECS[name])).program
    return function_source(program, program.results)[0]


def test_only_the_true_recurrence_is_in_a_loop() -> None:
    source = step_of("lstm")
    forward, backward = source.split("for t in ")[1:]
    assert forward.startswith("range(T):")
    assert backward.startswith("reversed(range(T)):")
    inside = [line for line in forward.splitlines() if line.startswith("            ")]
    assert sum(".dot(" in line for line in inside) == 1


def test_steps_are_stored_one_after_the_other() -> None:
    assert "h = np.empty((T, N, 5), dtype)" in step_of("rnn")


def test_a_loop_is_one_step_of_a_life() -> None:
    program = gradient_program(network_of(RNN)).program
    count = len(program.statements)
    found = lives(program, (), [0] * count)
    assert all(life.start == life.end == 0 for life in found.values())


@pytest.mark.parametrize("weights", ["U", "v"])
def test_a_product_lies_as_what_it_is_added_to(weights: str) -> None:
    """Whatever its operands are called, which decides in which order they are read."""
    program = gradient_program(network_of(LSTM.replace("U[", f"{weights}["))).program
    backward = function_source(program, program.results)[0].split("for t in ")[2]
    added = next(line for line in backward.splitlines() if "np.add(dh_t" in line)
    assert "_T" not in added
