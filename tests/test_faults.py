"""The checks see mistakes: each fault of `faults.py` is planted, and has to be found by what it says.

`python benchmarks/faults.py` plants them before the other tests run, and counts which of those fail.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from symnet.compile import compile_spec, load
from symnet.errors import CheckError, UsageError
from symnet.ir.arithmetic import digits
from symnet.ir.interpret import interpret
from symnet.ir.verify import MalformedProgram
from symnet.passes.stabilise import RULES, Rule
from tests.agreement import CHECKS
from tests.faults import FAULTS, SKIPPED, Fault, Patch
from tests.modules import disagreements, plain_gradient
from tests.passes.test_stabilise import HOSTILE
from tests.passes.test_stabilise import SPEC as FORMULA
from tests.programs import random_program

SEEDS = range(10)


@pytest.fixture
def patch(monkeypatch: pytest.MonkeyPatch) -> Patch:
    """Replaces an attribute, or the entry of a table, until the test is over."""

    def put(place: Any, name: str, value: Any) -> None:
        if isinstance(place, dict):
            monkeypatch.setitem(place, name, value)
        else:
            monkeypatch.setattr(place, name, value)

    return put


# --- every fault at the network that shows it ---


def fails_the_check(spec: str) -> bool:
    try:
        compile_spec(load(spec))
    except CheckError:
        return True
    return False


def is_malformed(spec: str) -> bool:
    try:
        compile_spec(load(spec), check=False)
    except MalformedProgram:
        return True
    return False


def disagrees_with_its_equations(spec: str) -> bool:
    return bool(disagreements(compile_spec(load(spec), check=False)))


MEANS: dict[str, Callable[[str], bool]] = {
    "gradient check": fails_the_check,
    "verify": is_malformed,
    "interpreter": disagrees_with_its_equations,
}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_seen(fault: Fault, patch: Patch) -> None:
    see = MEANS[fault.seen_by]
    assert not see(fault.spec)
    fault.plant(patch)
    assert see(fault.spec)


# --- random programs, which know nothing of the fault ---


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault.random], ids=lambda fault: fault.name)
def test_random_programs_see_it(fault: Fault, patch: Patch) -> None:
    fault.plant(patch)
    assert any(disagree(CHECKS[fault.random], seed) for seed in SEEDS)


@pytest.mark.parametrize("check", dict.fromkeys(fault.random for fault in FAULTS if fault.random))
def test_random_programs_see_nothing_where_nothing_is(check: str) -> None:
    assert not [seed for seed in SEEDS if disagree(CHECKS[check], seed)]


def disagree(check: Callable[[Any], Any], seed: int) -> bool:
    try:
        return bool(list(check(random_program(seed))))
    except (MalformedProgram, UsageError):
        return True


# --- the rows of stabilise, down to the module ---


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_stabilising_rule_is_needed(rule: Rule, patch: Patch) -> None:
    """With the rule a module is right where the formula as written overflows; without it, it is not."""
    assert right_at_the_hostile_point(rule.fires_on)
    SKIPPED[rule.name](patch)
    assert not right_at_the_hostile_point(rule.fires_on)


def right_at_the_hostile_point(formula: str) -> bool:
    """Loss and gradients of a module against the formula as it is written and its derivative, at 1000 digits."""
    found = compile_spec(load(FORMULA.format(formula=formula)), check=False)
    params = {name: np.asarray(value, dtype=float) for name, value in HOSTILE[formula].items()}
    loss, grads = found.module.loss_and_grad(params)
    derived = plain_gradient(found.network)
    exact = interpret(derived.program, params, arithmetic=digits(1000))
    pairs = [(loss, exact["loss"]), *((grads[name], exact[d]) for name, d in derived.gradients)]
    return all(same(ours, theirs.astype(float)) for ours, theirs in pairs)


def same(ours: Any, theirs: Any) -> bool:
    """Whether two arrays are equal up to rounding; whatever is below the smallest float counts as 0."""
    tiny = np.finfo(float).tiny
    return bool(np.all(np.abs(ours - theirs) <= 1e-10 * np.abs(theirs) + tiny))
