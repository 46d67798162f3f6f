"""Optimisers: the equations of one step, with those that are nested in it."""

from fractions import Fraction

import pytest

from symnet.errors import SpecError
from tests.language.written import network_of, write

HEAD = "input x[N, 3]\ny = dense(x, 2)\n"
GOAL = "minimize mean(n, o: y[n, o]**2) with "


def optimizer_of(call, definitions=""):
    return network_of(definitions + HEAD + GOAL + call).optimizer


def written(pairs):
    return [f"{name} = {write(expr)}" for name, expr in pairs]


def test_numbers_become_hyper_parameters_with_their_defaults():
    step = optimizer_of("nesterov(rate=0.1)")
    assert step.name == "nesterov"
    assert step.hypers == (("rate", Fraction(1, 10)), ("momentum", Fraction(9, 10)))
    assert step.slots == (("v", 0),)
    assert written(step.equations) == [
        "v' = ((momentum * v) + g)",
        "p' = (p - (rate * (g + (momentum * v'))))",
    ]


def test_a_state_without_brackets_is_a_counter():
    step = optimizer_of("adam")
    assert step.counters == (("s", 0),)
    assert [name for name, _ in step.slots] == ["m", "v"]
    assert [name for name, _ in step.equations] == ["s'", "m'", "v'", "p'"]


def test_positional_numbers_and_initial_values():
    text = "optimizer o(p[...], g[...], rate, k=2):\n    state a[...] ~ constant(3)\n"
    text += "    a' = a*k\n    p' = p - rate*a'*g\n"
    step = optimizer_of("o(1/4)", text)
    assert step.hypers == (("rate", Fraction(1, 4)), ("k", 2))
    assert step.slots == (("a", 3),)


def test_an_optimizer_in_an_optimizer():
    step = optimizer_of("clip_norm(adam(rate=0.01), limit=5)")
    assert step.hypers[0] == ("limit", 5)
    assert dict(step.hypers)["rate"] == Fraction(1, 100)
    assert written(step.totals) == ["s = (g ** 2)"]
    names = [name for name, _ in step.equations]
    assert names[-1] == "p'" and len(set(names)) == len(names)
    assert step.counters == (("s2", 0),), "the counter of the inner one does not hide the total"


def test_two_in_one_share_nothing():
    step = optimizer_of("clip_norm(clip_norm(momentum(rate=1)))")
    assert [name for name, _ in step.hypers] == ["limit", "limit2", "rate", "momentum"]
    assert len(step.totals) == 2
    inner = write(step.totals[1][1])
    assert "g_" not in inner, "a total is a formula in the gradient itself"


def test_a_total_of_a_local_is_one_of_the_gradient():
    text = "optimizer o(p[...], g[...], k):\n    d = k*g\n    s = sum(q in grads: sum(...: (q[...] - d)**2))\n"
    step = optimizer_of("o(3)", text + "    p' = p - s*g\n")
    assert written(step.totals) == ["s = ((g - (k * g)) ** 2)"]


def test_locals_and_compile_time():
    text = "optimizer o(p[...], g[...], rate):\n    const half = 1/2\n    if half < 1:\n        d[...] = half*g[...]\n"
    step = optimizer_of("o(1)", text + "    p' = p - rate*d\n")
    assert written(step.equations) == ["d = (1/2 * g)", "p' = (p - (rate * d))"]


MISTAKES = {
    "no update": ("optimizer o(p[...], g[...]):\n    d = g\n", "o", "does not define p'"),
    "two updates": ("optimizer o(p[...], g[...]):\n    p' = p\n    p' = p\n", "o", "p' is defined twice"),
    "state that stays": ("optimizer o(p[...], g[...]):\n    state v[...] ~ zeros\n    p' = p\n", "o", "next value v'"),
    "state of another shape": (
        "optimizer o(p[...], g[...]):\n    state v[3] ~ zeros\n    p' = p\n",
        "o",
        "no other shape",
    ),
    "unknown name": ("optimizer o(p[...], g[...]):\n    p' = p - rat*g\n", "o", "unknown name 'rat'"),
    "next value too early": (
        "optimizer o(p[...], g[...]):\n    state v[...] ~ zeros\n    p' = p - v'\n    v' = g\n",
        "o",
        'unknown name "v\'"',
    ),
    "other statements": (
        "optimizer o(p[...], g[...]):\n    param w ~ zeros\n    p' = p\n",
        "o",
        "no place in an optimizer",
    ),
    "indices": ("optimizer o(p[...], g[...]):\n    p'[i] = p[i]\n", "o", "have no indices"),
    "not both tensors": ("optimizer o(p[...]):\n    p' = p\n", "o", "the two formals p[...], g[...]"),
    "missing number": ("", "momentum()", "momentum needs 'rate'"),
    "unknown argument": ("", "momentum(rat=1)", "has no argument 'rat'"),
    "no optimizer": ("", "dense(rate=1)", "unknown optimiser 'dense'"),
    "no call": ("", "3", "an optimiser is called by its name"),
    "inner one that is a number": ("", "clip_norm(3)", ""),
    "itself": ("optimizer o(p[...], g[...], inner=o):\n    p' = inner(p, g)\n", "o", "nested more than 8 deep"),
    "sum over neither": (
        "optimizer o(p[...], g[...]):\n    s = sum(q in weights: sum(...: q[...]))\n    p' = p - s\n",
        "o",
        "sums over grads or params",
    ),
}


@pytest.mark.parametrize(("definitions", "call", "message"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told(definitions, call, message):
    with pytest.raises(SpecError) as caught:
        optimizer_of(call, definitions)
    assert message in str(caught.value)
    assert caught.value.place is not None
