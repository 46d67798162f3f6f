"""Which values are finite: what a condition may be dropped in front of, or be multiplied with, and what may warn."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from fractions import Fraction

import sympy as sp

from symnet.ir.functions import CONDITIONS, INFINITY, absolute, max2, min2, sigmoid, softplus, step, where
from symnet.ir.program import Access, Program, Statement, leaf_number

# functions that are finite, and raise no warning, for any finite argument
SAFE = frozenset(
    (
        "eq", "ne", "lt", "le", "both", "either", "negation", "step",
        "sin", "cos", "tanh", "atan", "erf", "absolute", "sign", "floor", "max2", "min2", "stop", "where",
    )
)  # fmt: skip
NEVER_NEGATIVE = (sp.exp, absolute, sigmoid, softplus, step, *CONDITIONS)
FROM_0_TO_1: tuple[type, ...] = (sigmoid, step, *CONDITIONS)


class Range(IntEnum):
    """What is known of a number; it holds for what is calculated with rounding, too."""

    ANY = 0
    NONNEGATIVE = 1
    UNIT = 2  # from 0 to 1


Ranges = Mapping[int, Range]


@dataclass(frozen=True)
class Tame:
    """What is known of the tensors of a program.

    finite        they hold neither inf nor NaN where what the program is given does not
    ranges        what numbers they hold, where that is known
    """

    finite: frozenset[str] = frozenset()
    ranges: Mapping[str, Range] = field(default_factory=dict)

    def is_finite(self, body: sp.Expr, leaves: Sequence[Access]) -> bool:
        """Whether the value of a body is finite, and raises no warning, where what the program is given is finite."""
        numbers = sorted(n for n in map(leaf_number, body.free_symbols) if n is not None)
        return is_safe(body, self.known(leaves)) and all(_is_tame(leaves[number], self.finite) for number in numbers)

    def known(self, leaves: Sequence[Access]) -> Ranges:
        """What is known of the leaves of a statement, by their numbers."""
        return {
            n: min(self.ranges.get(a.tensor, Range.ANY), _range(float(a.default or 0))) for n, a in enumerate(leaves)
        }


def tame_tensors(program: Program) -> Tame:
    """What is known of the tensors.

    Derivatives count as finite: conditions travel with them, so that one is infinite only where its gradient is.
    """
    # A value that was saved by another function is not among them: it may be NaN where a branch was not taken.
    finite = {n for n, tensor in program.tensors.items() if tensor.derived or tensor.given}
    known = Tame(frozenset(), ranges_of(program))
    for name, writers in _own(program).items():
        additive = all(s.op not in ("max", "min") for s in writers)  # these start from an infinity
        if additive and all(
            is_safe(s.body, known.known(s.leaves)) and all(_is_tame(access, finite) for access in s.leaves)
            for s in writers
        ):
            finite.add(name)
    return Tame(frozenset(finite), known.ranges)


def ranges_of(program: Program) -> Mapping[str, Range]:
    """The tensors that are sums of squares and the like, or hold numbers from 0 to 1."""
    found: dict[str, Range] = {}
    known = Tame(frozenset(), found)
    for name, writers in _own(program).items():
        bodies = [(s.body, known.known(s.leaves)) for s in writers]
        ops = {s.op for s in writers}
        if ops <= {"=", "prod"} and all(is_unit(*body) for body in bodies):
            found[name] = Range.UNIT
        elif ops <= {"=", "+", "prod"} and all(is_nonnegative(*body) for body in bodies):
            found[name] = Range.NONNEGATIVE
    return found


def _own(program: Program) -> Mapping[str, tuple[Statement, ...]]:
    """The tensors that a program calculates, with their statements.

    Of what another function saved nothing is known. So nothing may be known of what is calculated again in its place,
    or other instructions would be chosen, which give zeros of another sign.
    """
    again = {name: program.tensors[name].again for name in program.writers}
    return {n: writers for n, writers in program.writers.items() if not again[n] or again[n] in program.writers}


def _range(default: Fraction | float | None) -> Range:
    number = float(default or 0)
    return Range.UNIT if 0 <= number <= 1 else Range.NONNEGATIVE if number > 0 else Range.ANY


def warns_in_vain(program: Program, tame: Tame) -> bool:
    """Whether a branch that is not chosen, or what it reads, can raise a floating-point warning."""
    return any(
        not tame.is_finite(branch, s.leaves)
        for s in program.statements
        if s.body.has(where)
        for node in sp.preorder_traversal(s.body)
        if isinstance(node, where)
        for branch in node.args[1:]
    )


def _is_tame(access: Access, tame: Collection[str]) -> bool:
    return access.tensor in tame and (access.default is None or abs(access.default) != float("inf"))


def is_safe(body: sp.Expr, known: Ranges | None = None) -> bool:
    """Whether the value is finite, and no warning is raised, wherever the leaves are finite.

    `known` says which leaves are never negative, by their numbers.
    """
    return not body.has(INFINITY) and all(
        not node.args
        or isinstance(node, (sp.Add, sp.Mul))
        or (isinstance(node, sp.Pow) and _is_safe_power(node, known or {}))
        or type(node).__name__ in SAFE
        for node in sp.preorder_traversal(body)
    )


def _is_safe_power(e: sp.Pow, known: Ranges) -> bool:
    if e.exp.is_Integer and e.exp > 0:
        return True
    if not e.exp.is_Number:
        return False
    return is_nonnegative(e.base, known) if e.exp > 0 else is_above_zero(e.base, known)


def is_nonnegative(e: sp.Expr, known: Ranges) -> bool:
    """Whether an expression is never below 0, by its form alone."""
    if e.is_Number:
        return bool(e >= 0)
    if isinstance(e, sp.Symbol):
        number = leaf_number(e)
        return known.get(number, Range.ANY) >= Range.NONNEGATIVE if number is not None else e != INFINITY
    if isinstance(e, sp.Pow):
        return bool(e.exp.is_Integer and e.exp % 2 == 0) or is_nonnegative(e.base, known)
    if isinstance(e, max2):
        return any(is_nonnegative(a, known) for a in e.args)
    if isinstance(e, where):
        return all(is_nonnegative(a, known) for a in e.args[1:])
    if isinstance(e, sp.Add) and is_unit(1 - e, known):
        return True
    if isinstance(e, sp.Add | sp.Mul | min2):
        return all(is_nonnegative(a, known) for a in e.args)
    return isinstance(e, NEVER_NEGATIVE)


def is_unit(e: sp.Expr, known: Ranges) -> bool:
    """Whether an expression is from 0 to 1, by its form alone.

    That of tanh(x)**2 is not: tanh may be rounded to more than 1.
    """
    if e.is_Number:
        return bool(0 <= e <= 1)
    if isinstance(e, sp.Symbol):
        number = leaf_number(e)
        return number is not None and known.get(number, Range.ANY) == Range.UNIT
    if isinstance(e, sp.Pow):
        inverse = e.exp.is_negative and e.base.is_Symbol and leaf_number(e.base) is None
        return bool(inverse and e.base.is_positive and e.base.is_integer) or (
            bool(e.exp.is_positive) and is_unit(e.base, known)
        )
    if isinstance(e, where):
        return all(is_unit(a, known) for a in e.args[1:])
    if isinstance(e, sp.Mul | max2 | min2):
        return all(is_unit(a, known) for a in e.args)
    if isinstance(e, sp.Add):
        number, rest = e.as_coeff_Add()
        return bool(number == 1) and is_unit(-rest, known)
    return isinstance(e, FROM_0_TO_1)


def is_above_zero(e: sp.Expr, known: Ranges) -> bool:
    """Whether an expression is never below some number above 0, by its form alone: v + 1/100000 with v a variance."""
    if e.is_Number:
        return bool(e > 0)
    if isinstance(e, sp.Symbol):
        return leaf_number(e) is None and bool(e.is_positive)
    if isinstance(e, sp.Pow):
        return bool(e.exp.is_positive) and is_above_zero(e.base, known)
    if isinstance(e, sp.Add):
        return is_nonnegative(e, known) and any(is_above_zero(a, known) for a in e.args)
    return isinstance(e, sp.Mul) and all(is_above_zero(a, known) for a in e.args)
