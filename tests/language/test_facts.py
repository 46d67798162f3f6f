"""Reads that a condition keeps inside of the tensor need no `else`; they mean what they mean with one."""

from __future__ import annotations

import numpy as np
import pytest

from symnet.errors import SpecError
from tests.modules import Point, compiled, disagreements
from tests.support import network_of

HEAD = "input x[N, T]\ninput k[N] < T + 1\nparam a ~ ones\n"
# Two forms of the same: under a condition, and with a value for outside.
PAIRS = {
    "a filter": (
        "sum(n, t if t >= 1: a*(x[n, t] - x[n, t-1])**2)",
        "sum(n, t if t >= 1: a*(x[n, t] - x[n, t-1] else 7)**2)",
    ),
    "an index that differs from the first": (
        "max(n, t if t != 0 and n != 0: a*x[n, t-1]*x[n-1, t])",
        "max(n, t if t > 0 and n > 0: a*(x[n, t-1] else 7)*(x[n-1, t] else 7))",
    ),
    "where": (
        "sum(n, t < T: where(t == 0, a, log(a*abs(x[n, t-1]))))",
        "sum(n, t < T: where(t == 0, a, log(a*abs(x[n, t-1] else 7))))",
    ),
    "not, or": (
        "sum(n, t: where(not t >= 1 or t == T - 1, 0, a*x[n, t-1]*x[n, t]*x[n, t+1]))",
        "sum(n, t: where(t < 1 or t == T - 1, 0, a*(x[n, t-1] else 7)*x[n, t]*(x[n, t+1] else 7)))",
    ),
    "the condition itself": (
        "sum(n, t if t >= 1 and x[n, t-1] > 0: a*x[n, t]**2)",
        "sum(n, t if t >= 1 and (x[n, t-1] else 7) > 0: a*x[n, t]**2)",
    ),
    "as far as an integer says": (
        "sum(n, t < T if t < k[n]: (t + 1)*a*x[n, k[n] - 1 - t])",
        "sum(n, t < T if t < k[n]: (t + 1)*a*(x[n, k[n] - 1 - t] else 7))",
    ),
    "an index with more values than the tensor": (
        "sum(n, t < T + 2 if t < T: a*x[n, t])",
        "sum(n, t < T + 2 if t < T: a*(x[n, t] else 7))",
    ),
    "pairs": (
        "sum(n, t, s if s > t: sin(a*x[n, t]*x[n, s - 1]))",
        "sum(n, t, s < T + 1 if s > t: sin(a*x[n, t]*(x[n, s - 1] else 7)))",
    ),
}


def spec(loss: str) -> str:
    return f"{HEAD}both = mean(n, s: x[n, s])\nminimize ({loss})**2 + a*both\n"


@pytest.mark.parametrize("name", PAIRS)
def test_it_means_the_same(name: str) -> None:
    found = compiled(spec(PAIRS[name][0]))
    other = compiled(spec(PAIRS[name][1]), check=False)
    for sizes in ({"N": 3, "T": 4}, {"N": 2, "T": 2}):
        assert not disagreements(found, sizes=sizes)
        point = Point.of(found.module, "float64", sizes)
        (loss, grads), (other_loss, other_grads) = (
            module.loss_and_grad(point.params, **point.inputs) for module in (found.module, other.module)
        )
        np.testing.assert_allclose(loss, other_loss, rtol=1e-12)
        np.testing.assert_allclose(grads["a"], other_grads["a"], rtol=1e-12)


def test_a_recurrence() -> None:
    text = "input x[T]\nparam a ~ ones\nh[t] = where(t == 0, a, tanh(h[t-1]*a + x[t]))\nminimize sum(t: h[t]**2)"
    found = compiled(text)
    assert not [what for length in (1, 5) for what in disagreements(found, sizes={"T": length})]


@pytest.mark.parametrize(
    "loss",
    [
        "sum(n, t if t >= 0: a*x[n, t]*x[n, t-1])",  # not enough
        "sum(n, t if t >= 1 or a > 0: a*x[n, t]*x[n, t-1])",  # only one of two
        "sum(n, t if t > a: a*x[n, t]*x[n, t-1])",  # a real number is no place
        "sum(n, t if t >= 1: a*x[n, t]) + sum(n, t: x[n, t]*x[n, t-1])",  # another t
        "sum(n, t: where(t >= 1, a, x[n, t-1])*x[n, t])",  # the other branch
        "sum(n, t if t != 1: a*x[n, t]*x[n, t-1])",  # not the first
    ],
)
def test_what_does_not_follow_is_refused(loss: str) -> None:
    with pytest.raises(SpecError, match="reaches -1..T - 2"):
        network_of(spec(loss))
