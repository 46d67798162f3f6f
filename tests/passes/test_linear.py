"""The work of compiling grows in proportion to the depth of a network: calls are counted, no clock is looked at."""

from __future__ import annotations

import sys
from fractions import Fraction

from benchmarks.compile_time import CHAIN
from symnet.backends.numpy.module import emit
from symnet.compile import load, network
from symnet.ir import order
from symnet.ir.program import Program
from symnet.passes.pipeline import EMITTED, bundle, gradient_program, run_all


def calls(depth: int) -> int:
    """How many functions, of Python or of C, are called to compile a chain of so many layers."""
    count = 0

    def called(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(called)
    try:
        emit(
            bundle(*(network(load(CHAIN), training=t, constants={"depth": Fraction(depth)}) for t in (True, False))),
            gradient_error=None,
        )
    finally:
        sys.setprofile(before)
    return count


def test_calls_grow_in_proportion_to_the_depth() -> None:
    calls(3)  # what is kept for all layers is found here
    few, some, many = map(calls, (16, 32, 64))
    assert many - some < 1.2 * 2 * (some - few)


def gradients(depth: int) -> Program:
    return gradient_program(network(load(CHAIN), constants={"depth": Fraction(depth)})).program


def test_a_pass_that_changes_nothing_gives_the_same_program() -> None:
    program = run_all(EMITTED, gradients(3))
    assert run_all(("share", "quotients", "side by side", "finish"), program) is program


def test_recurrences_are_looked_for_once_in_a_program(monkeypatch) -> None:
    program, searched = gradients(3), []
    found = order._cyclic_groups
    monkeypatch.setattr(order, "_cyclic_groups", lambda p: searched.append(p) or found(p))
    run_all(EMITTED, program)
    assert len({id(p) for p in searched}) == len(searched) < 6
