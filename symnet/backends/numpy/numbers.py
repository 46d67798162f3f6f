"""Programs without dimensions calculate with numbers: one operation on arrays of shape () takes as long as twenty.

Where there is nothing but sums and products the numbers are Python's, in double precision whatever the dtype. Anything
else, which Python would answer with an exception where IEEE arithmetic gives inf, is calculated with NumPy's.
"""

from __future__ import annotations

import sympy as sp

from symnet.ir.program import Program
from symnet.planning.rows import NUMBERS


def taken_out(program: Program) -> str:
    """How a number is taken out of an array of shape (): `.item()`, `[()]`; empty where there are other arrays."""
    used = {name for s in program.statements for name in (*s.reads, s.target.tensor)}
    if any(program.tensors[name].extents or program.tensors[name].integer for name in used):
        return ""
    if not NUMBERS():
        return ""
    plain = all(s.op in ("=", "+") and not s.domain and _is_plain(s.body) for s in program.statements)
    return ".item()" if plain else "[()]"


def _is_plain(body: sp.Expr) -> bool:
    return all(not node.args or isinstance(node, sp.Add | sp.Mul | sp.Rational) for node in sp.preorder_traversal(body))
