"""Reductions over a range that turns out to be empty when the module runs: t: 1..T where T is 1."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from tests.modules import Point, compiled, disagreements

EVERY = """
input x[N, T]
param a ~ ones
highest[n] = max(t: 1..T: x[n, t]*a)
lowest[n] = min(t: 1..T: x[n, t]*a)
product[n] = prod(t: 1..T: x[n, t]*a)
total[n] = sum(t: 1..T: x[n, t]*a)
average[n] = mean(t: 1..T: x[n, t]*a)
at[n] = argmax(t: 1..T: x[n, t]*a)
of_all = argmin(n, t: 1..T: x[n, t]*a)
whole = max(n, t: 1..T: x[n, t]*a)
pairs[n] = max(t: 1..T, u: 1..T: x[n, t]*x[n, u]*a)
output product, total, average, at, of_all
minimize (sum(n: where(T > 1, highest[n]*lowest[n]*pairs[n], a) + a*x[n, min(at[n], T - 1)] + of_all)
    + sum(n: product[n] + total[n]**2 + average[n]**2) + where(T > 1, whole, a**2))
"""


@pytest.mark.parametrize("sizes", [{"N": 3, "T": 1}, {"N": 1, "T": 1}, {"N": 3, "T": 4}], ids=str)
def test_every_reduction_has_its_value_over_nothing(sizes: dict[str, int]) -> None:
    found = compiled(EVERY)
    with warnings.catch_warnings(action="error"):
        assert not disagreements(found, sizes=sizes)


def test_the_values_are_those_of_the_reference() -> None:
    outputs = Point.of(compiled(EVERY).module, "float64", {"N": 2, "T": 1}).call("forward")[0]
    for name, value in {"product": 1, "total": 0, "average": 0, "at": 1, "of_all": 0}.items():
        np.testing.assert_array_equal(outputs[name], np.full_like(outputs[name], value), err_msg=name)
