"""Which values are finite: what a mask may simply be multiplied with, and which branch may raise warnings."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sympy as sp

from symnet.backends.numpy.table import SAFE
from symnet.ir.functions import INFINITY, where
from symnet.ir.program import Access, Program, leaf_number


def tame_tensors(program: Program) -> frozenset[str]:
    """The tensors that hold neither inf nor NaN where what the program is given does not.

    Derivatives count among them: conditions travel with them, so that one is infinite only where its gradient is.
    """
    # A value that was saved by another function is not among them: it may be NaN where a branch was not taken.
    found = {n for n, tensor in program.tensors.items() if tensor.derived or tensor.given}
    for name, writers in program.writers.items():
        additive = all(s.op not in ("max", "min") for s in writers)  # these start from an infinity
        if additive and all(is_safe(s.body) and all(_is_tame(access, found) for access in s.leaves) for s in writers):
            found.add(name)
    return frozenset(found)


def reads_tame(body: sp.Expr, leaves: Sequence[Access], tame: Collection[str]) -> bool:
    """Whether the leaves of a body are finite."""
    numbers = sorted(n for n in map(leaf_number, body.free_symbols) if n is not None)
    return all(_is_tame(leaves[number], tame) for number in numbers)


def warns_in_vain(program: Program, tame: Collection[str]) -> bool:
    """Whether a branch that is not chosen, or what it reads, can raise a floating-point warning."""
    return any(
        not (is_safe(branch) and reads_tame(branch, s.leaves, tame))
        for s in program.statements
        if s.body.has(where)
        for node in sp.preorder_traversal(s.body)
        if isinstance(node, where)
        for branch in node.args[1:]
    )


def _is_tame(access: Access, tame: Collection[str]) -> bool:
    return access.tensor in tame and (access.default is None or abs(access.default) != float("inf"))


def is_safe(body: sp.Expr) -> bool:
    """Whether the value is finite, and no warning is raised, wherever the leaves are finite."""
    return not body.has(INFINITY) and all(
        not node.args
        or isinstance(node, (sp.Add, sp.Mul))
        or (isinstance(node, sp.Pow) and node.exp.is_Integer and node.exp > 0)
        or type(node).__name__ in SAFE
        for node in sp.preorder_traversal(body)
    )
