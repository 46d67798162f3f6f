"""LaTeX of conditions: bounds of the same are one, several conditions of a sum stand below each other."""

from __future__ import annotations

import sympy as sp

from symnet.ir import functions as f
from symnet.ir.program import index_symbol, size_symbol
from symnet.notation.latex import LatexPrinter, decimal

P, Q, N = index_symbol("i"), index_symbol("j"), size_symbol("N")


def printed(e: sp.Expr) -> str:
    return LatexPrinter({}, "L", ["i", "j"]).plain(e)


def test_a_lower_and_an_upper_bound_are_one() -> None:
    both = f.both(f.le(sp.Integer(1), P), f.lt(P, N))
    assert printed(both) == "1 \\le i < N"
    assert printed(f.both(f.lt(P, Q), f.le(Q, P + 3))) == "i < j \\land j \\le i + 3"
    four = f.both(both, f.both(f.le(sp.Integer(0), Q), f.lt(Q, N)))
    assert printed(four) == "1 \\le i < N \\land 0 \\le j < N"


def test_an_either_inside_keeps_its_brackets() -> None:
    either = f.either(f.lt(P, Q), f.eq(P, N))
    assert printed(f.both(either, f.lt(Q, N))) == "\\left(i < j \\lor i = N\\right) \\land j < N"


def test_conditions_of_a_sum_stand_below_each_other() -> None:
    term = f.where(f.both(f.lt(P, Q), f.lt(Q, P + 3)), Q, 0)
    text = printed(sp.Sum(term, (Q, 0, N - 1)))
    assert text.startswith("\\sum_{\\substack{j < N \\\\ i < j \\\\ j < i + 3}}")


def test_decimals() -> None:
    assert decimal("1e-5") == decimal("1e-05") and decimal("1e-5")[0] == "10^{-5}"
    assert decimal("2.5e-7")[0] == "2.5 \\cdot 10^{-7}" and decimal("0.39")[0] == "0.39" and decimal("x1") is None
