"""Which values are finite: what a condition may be dropped in front of, or be multiplied with, and what may warn."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import sympy as sp

from symnet.ir.functions import CONDITIONS, INFINITY, absolute, max2, min2, sigmoid, softplus, step, where
from symnet.ir.program import Access, Program, leaf_number

# functions that are finite, and raise no warning, for any finite argument
SAFE = frozenset(
    (
        "eq", "ne", "lt", "le", "both", "either", "negation", "step",
        "sin", "cos", "tanh", "atan", "erf", "absolute", "sign", "floor", "max2", "min2", "stop", "where",
    )
)  # fmt: skip
NEVER_NEGATIVE = (sp.exp, absolute, sigmoid, softplus, step, *CONDITIONS)


@dataclass(frozen=True)
class Tame:
    """What is known of the tensors of a program.

    finite        they hold neither inf nor NaN where what the program is given does not
    nonnegative   they hold no number below 0
    """

    finite: frozenset[str] = frozenset()
    nonnegative: frozenset[str] = frozenset()

    def is_finite(self, body: sp.Expr, leaves: Sequence[Access]) -> bool:
        """Whether the value of a body is finite, and raises no warning, where what the program is given is finite."""
        numbers = sorted(n for n in map(leaf_number, body.free_symbols) if n is not None)
        return is_safe(body, self._known(leaves)) and all(_is_tame(leaves[number], self.finite) for number in numbers)

    def _known(self, leaves: Sequence[Access]) -> Mapping[int, bool]:
        return {n: a.tensor in self.nonnegative and (a.default or 0) >= 0 for n, a in enumerate(leaves)}


def tame_tensors(program: Program) -> Tame:
    """What is known of the tensors.

    Derivatives count as finite: conditions travel with them, so that one is infinite only where its gradient is.
    """
    # A value that was saved by another function is not among them: it may be NaN where a branch was not taken.
    finite = {n for n, tensor in program.tensors.items() if tensor.derived or tensor.given}
    known = Tame(frozenset(), nonnegative_tensors(program))
    for name, writers in program.writers.items():
        additive = all(s.op not in ("max", "min") for s in writers)  # these start from an infinity
        if additive and all(
            is_safe(s.body, known._known(s.leaves)) and all(_is_tame(access, finite) for access in s.leaves)
            for s in writers
        ):
            finite.add(name)
    return Tame(frozenset(finite), known.nonnegative)


def nonnegative_tensors(program: Program) -> frozenset[str]:
    """The tensors that are sums of squares and the like."""
    found: set[str] = set()
    for name, writers in program.writers.items():
        known = Tame(frozenset(), frozenset(found))
        if all(s.op in ("=", "+", "prod") and is_nonnegative(s.body, known._known(s.leaves)) for s in writers):
            found.add(name)
    return frozenset(found)


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


def is_safe(body: sp.Expr, known: Mapping[int, bool] | None = None) -> bool:
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


def _is_safe_power(e: sp.Pow, known: Mapping[int, bool]) -> bool:
    if e.exp.is_Integer and e.exp > 0:
        return True
    if not e.exp.is_Number:
        return False
    return is_nonnegative(e.base, known) if e.exp > 0 else is_above_zero(e.base, known)


def is_nonnegative(e: sp.Expr, known: Mapping[int, bool]) -> bool:
    """Whether an expression is never below 0, by its form alone."""
    if e.is_Number:
        return bool(e >= 0)
    if isinstance(e, sp.Symbol):
        number = leaf_number(e)
        return known.get(number, False) if number is not None else e != INFINITY
    if isinstance(e, sp.Pow):
        return bool(e.exp.is_Integer and e.exp % 2 == 0) or is_nonnegative(e.base, known)
    if isinstance(e, max2):
        return any(is_nonnegative(a, known) for a in e.args)
    if isinstance(e, where):
        return all(is_nonnegative(a, known) for a in e.args[1:])
    if isinstance(e, sp.Add | sp.Mul | min2):
        return all(is_nonnegative(a, known) for a in e.args)
    return isinstance(e, NEVER_NEGATIVE)


def is_above_zero(e: sp.Expr, known: Mapping[int, bool]) -> bool:
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
