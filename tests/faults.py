"""Planted faults: mistakes that a change to the compiler could bring, one by one, and a spec that shows each.

`test_faults.py` plants them and looks whether the checks see them. As a pytest plugin this file plants one before
other tests run, so that it can be counted which of them fail: `pytest -p tests.faults --fault NAME`, and for all
faults `python benchmarks/faults.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from symnet.backends.numpy import contraction, kernels
from symnet.ir.functions import eq, where
from symnet.ir.program import Access, Statement, leaf
from symnet.passes import differentiate, reductions, simplify, stabilise
from symnet.passes.conditions import FAR

Patch = Callable[[Any, str, Any], None]


@dataclass(frozen=True)
class Fault:
    """A mistake that `plant` makes.

    spec     a network that shows it
    seen_by  what tells the mistake from that network, of the names in `test_faults.MEANS`
    random   which check of random programs sees it, of the names in `agreement.CHECKS`; none where it is too special
    """

    name: str
    plant: Callable[[Patch], None]
    spec: str
    seen_by: str
    random: str = ""


# --- the rule ---


def _drop_a_contribution(patch: Patch) -> None:
    """Of the contributions to an adjoint the second one is lost."""
    contribute = differentiate._Reverse.contribute
    seen: dict[tuple[int, str], int] = {}

    def forgetful(self: Any, s: Statement) -> None:
        key = (id(self), s.target.tensor)
        seen[key] = seen.get(key, 0) + 1
        if seen[key] != 2:
            contribute(self, s)

    patch(differentiate._Reverse, "contribute", forgetful)


def _transpose(patch: Patch) -> None:
    """The other factor of a product of two matrices is read with its indices exchanged."""
    contribution = differentiate._Reverse.contribution

    def transposed(self: Any, s: Statement, k: int, *rest: Any) -> Statement:
        made: Statement = contribution(self, s, k, *rest)
        if len(s.leaves) != 2 or not s.reduced:
            return made
        other = s.leaves[1 - k]
        extents = self.tensors[other.tensor].extents
        if len(extents) != 2 or extents[0] != extents[1]:
            return made
        leaves = tuple(replace(a, places=a.places[::-1]) if a == other else a for a in made.leaves)
        return replace(made, leaves=leaves)

    patch(differentiate._Reverse, "contribution", transposed)


def _lose_the_guards(patch: Patch) -> None:
    """The adjoint of a padded read forgets that nothing is read outside of the tensor."""
    patch(differentiate._Reverse, "guards_of", lambda self, access: ())


def _sum_the_ties(patch: Patch) -> None:
    """The adjoint of a maximum goes to every element that attains it."""

    def every_extreme(s: Statement, derivative: Any, tensors: Any) -> Any:
        # The body with numbers of its own for its leaves: `contribution` merges those that are equal.
        value = leaf(FAR - 3)
        return where(eq(value, s.body), derivative, 0), {value: Access(s.target.tensor, s.target.places)}, []

    for op in ("max", "min"):
        patch(reductions.ROWS, op, every_extreme)


def _leave_conditions_behind(patch: Patch) -> None:
    """An adjoint that is 0 where a condition fails is multiplied by the next slope all the same: 0*inf."""
    patch(differentiate._Reverse, "mask", lambda self, s: None)


# --- passes and kernels ---


def _gather_without_a_guard(patch: Patch) -> None:
    """A scatter becomes a gather that forgets where its solved index ends."""
    patch(simplify, "in_range", lambda place, extent: ())


def _transpose_in_the_kernel(patch: Patch) -> None:
    """A square matrix goes into the matrix product the wrong way round."""
    dot = contraction._dot

    def transposed(scope: Any, a: Any, b: Any, pair: Any, box: Any, out: Any) -> Any:
        square = len(b.axes) == 2 and box[b.axes[0]] == box[b.axes[1]]
        return dot(scope, a, replace(b, axes=b.axes[::-1]) if square else b, pair, box, out)

    patch(contraction, "_dot", transposed)


def _lose_a_guard_in_the_kernel(patch: Patch) -> None:
    """A kernel forgets the guards that a range cannot say."""
    task_of = kernels.task_of
    patch(kernels, "task_of", lambda scope, s: replace(task_of(scope, s), masks=()))


# --- stabilise ---


def _skip(rule: stabilise.Rule) -> Callable[[Patch], None]:
    """The row stays in the table, so that its tests run, but never fires."""
    idle = replace(rule, apply=lambda e, context: None)

    def plant(patch: Patch) -> None:
        patch(stabilise, "RULES", tuple(idle if row is rule else row for row in stabilise.RULES))

    return plant


# --- the table ---

TWO_LAYERS = """
input x[n: 4, i: 3]
param V[i: 3, j: 3] ~ glorot_uniform
param W[j: 3, k: 3] ~ glorot_uniform
h[n, j] = tanh(sum(i: x[n, i]*V[i, j]))
y[n, k] = sum(j: h[n, j]*W[j, k])
minimize mean(n, k: y[n, k]**2)
"""
DIAMOND = """
param x[i: 3] ~ normal
left[i] = sin(x[i])
right[i] = exp(x[i])
minimize sum(i: left[i]*right[i])
"""
PADDED = """
param x[i: 5] ~ normal
param w[p: 3] ~ normal
padded[i: 7] = x[i - 1] else 0
y[i: 5] = sum(p: sin(w[p]*padded[i + p]))
minimize sum(i: y[i]**2)
"""
TIES = """
param x[i: 4] ~ normal
y[i] = max(k < 3: x[i])
minimize sum(i: y[i]**2)
"""
MASKED = """
param s[i: 3, j: 3] ~ normal
r[i, j] = sqrt(s[i, j])
minimize sum(i, j: where(s[i, j] > 0, r[i, j], 0) + where(s[i, j] > 0, exp(r[i, j]), 0))
"""
STRIDED = """
param x[i: 5] ~ normal
y[u: 4] = x[2*u - 1] else 0
minimize sum(u: y[u]**2)
"""
CAUSAL = """
param a[t: 4, u: 4] ~ normal
minimize sum(t, u if u <= t: a[t, u]**2)
"""

RANDOM, PASSES = "gradients against differences", "every pass against the one before"
FAULTS = (
    Fault("drop one contribution to an adjoint", _drop_a_contribution, DIAMOND, "gradient check", RANDOM),
    Fault("transpose a factor of a contraction", _transpose, TWO_LAYERS, "gradient check", RANDOM),
    Fault("lose the guards of a padded read", _lose_the_guards, STRIDED, "verify", RANDOM),
    Fault("sum over the ties of a maximum", _sum_the_ties, TIES, "gradient check", RANDOM),
    Fault("leave conditions behind", _leave_conditions_behind, MASKED, "gradient check"),
    Fault("gather without a guard", _gather_without_a_guard, PADDED, "verify", PASSES),
    Fault("transpose in the kernel", _transpose_in_the_kernel, TWO_LAYERS, "gradient check"),
    Fault("lose a guard in the kernel", _lose_a_guard_in_the_kernel, CAUSAL, "interpreter"),
)
SKIPPED = {rule.name: _skip(rule) for rule in stabilise.RULES}


# --- the plugin ---


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fault", help="plant this fault before the tests run")


def pytest_configure(config: pytest.Config) -> None:
    name = config.getoption("--fault")
    plants = {fault.name: fault.plant for fault in FAULTS} | {f"skip {rule}": plant for rule, plant in SKIPPED.items()}
    if name:
        plants[name](put)


def put(place: Any, name: str, value: Any) -> None:
    """Plant for good: an attribute, or the entry of a table."""
    if isinstance(place, dict):
        place[name] = value
    else:
        setattr(place, name, value)
