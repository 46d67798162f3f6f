"""Factors that terms of a sum share: which are taken out, and that values stay what they are."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
import sympy as sp

from symnet.backends.numpy.factoring import factored
from symnet.backends.numpy.scope import Box
from symnet.compile import compile_spec, load
from symnet.language.extents import Extent
from symnet.planning import rows

x, d, e, v, w, s = sp.symbols("x d e v w s", real=True)

# What each symbol depends on: x, d and e on everything, v and w on one index, s on none.
INDICES = {x: "nk", d: "nk", e: "nk", v: "k", w: "k"}

# A sum, and its terms then: the products that share a factor are one.
SUMS = {
    "two products": (2 * x - 400 * x * d - 2, [x * (2 - 400 * d), -2]),
    "the factor itself": (3 * x + x * d * e, [x * (3 + d * e)]),
    "the one that saves most": (x * d + x * e + x * v + d * e, [x * (d + e + v), d * e]),
    "a division": (x / d - e / d, [(x - e) / d]),
    "nothing shared": (x * d + e, None),
    "nothing saved": (x + x * d, None),
    "a number": (s * x + s * d, None),
    "cheap products of vectors": (2 * v * w * x + 3 * v * w * d, None),
}


@dataclass(frozen=True)
class Indexed:
    """What knows the indices of the symbols above."""

    box: Box = field(default_factory=lambda: {"n": Extent.size("N"), "k": Extent.of(16)})

    def indices(self, body: sp.Expr) -> frozenset[str]:
        return frozenset("".join(INDICES.get(symbol, "") for symbol in body.free_symbols))


@pytest.mark.parametrize("name", SUMS)
def test_what_is_taken_out_of_a_sum(name: str) -> None:
    body, expected = SUMS[name]
    terms = list(body.args)
    found = factored(Indexed(), terms)
    assert set(found) == set(terms if expected is None else expected)
    assert sp.expand(sp.Add(*found) - body) == 0


@pytest.mark.parametrize("formula", [rows.always, rows.never])
@pytest.mark.parametrize("body", ["2*x - 7*x*y - 2", "x*y/3 + x*y**2 - x", "x/(1 + y**2) - y/(1 + y**2)"])
def test_values_are_those_of_the_sum(body: str, formula: rows.Formula) -> None:
    text = "network shared\nparam x[i: 5] ~ normal\nparam y[i] ~ normal\n"
    indexed = body.replace("x", "x[i]").replace("y", "y[i]")
    with rows.forced(rows.COMMON_FACTOR, formula) as force:
        module = compile_spec(load(f"{text}minimize sum(i: ({indexed})**2)\n")).module  # compared with differences
    assert force.asked
    params = {name: np.random.default_rng(7).normal(size=5) for name in "xy"}
    params["y"] = params["y"] + 1
    loss, _ = module.loss_and_grad(params)
    assert loss == pytest.approx((eval(body, dict(params)) ** 2).sum(), rel=1e-13)


def test_a_gradient_takes_fewer_products() -> None:
    text = "network rosenbrock\nparam x[i: 50] ~ normal\n"
    text += "minimize sum(i: 0..49: 100*(x[i+1] - x[i]**2)**2 + (1 - x[i])**2)\n"
    counts = []
    for formula in (rows.COMMON_FACTOR.formula, rows.never):
        with rows.forced(rows.COMMON_FACTOR, formula):
            source = compile_spec(load(text), check=False).source
        counts.append(source[source.index("def run(") : source.index("class Workspace")].count("multiply("))
    assert counts[0] == counts[1] - 1
