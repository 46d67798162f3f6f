"""What a choice gives where two indices are equal is added there, and not chosen for all elements.

L[i, j] = where(j < i, F[i, j], where(i == j, e[i], 0))         L[i, j] += where(j < i, F[i, j], 0)
                                                                L[i, i] += e[i]
dF[i, i] += sum(j: where(i == j, dL[i, j]*e[i], 0))             dF[i, i] += dL[i, i]*e[i]
K[i, j] = k[i, j] + where(i == j, s, 0)                         K[i, j] += k[i, j],  K[i, i] += s

The same for what is chosen where an index has one value, or is so far from another. What is then read on a diagonal
only is calculated there only.
"""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from symnet.ir.affine import Affine
from symnet.ir.functions import eq, le, lt
from symnet.ir.order import looping_tensors
from symnet.ir.program import Program, Statement, in_range, leaf_number, statement
from symnet.language.extents import Extent
from symnet.passes.deltas import on_diagonals_only, solvable
from symnet.passes.simplify import substituted_indices
from symnet.planning.rows import DIAGONALS


def on_diagonals(program: Program) -> Program:
    """The same values, with what choices by equations of indices give written where these hold."""
    looping = looping_tensors(program)
    out: list[Statement] = []
    for s in program.statements:
        out += _parts(s) if s.body.has(eq) and s.target.tensor not in looping and _adds(s, program) else (s,)
    if tuple(out) == program.statements:
        return program
    return on_diagonals_only(program.with_statements(tuple(out)))


def _adds(s: Statement, program: Program) -> bool:
    """Whether it adds to its tensor, or could as well: nothing else writes it."""
    return s.op == "+" or (s.op == "=" and len(program.writers[s.target.tensor]) == 1)


def _parts(s: Statement) -> tuple[Statement, ...]:
    """A statement as what it gives everywhere, and what it gives on diagonals besides."""
    rest, diagonals = sp.S.Zero, list[Statement]()
    for term in sp.Add.make_args(s.body):
        split = next((found for e in _equations(term) if (found := _split(term, e, s)) is not None), None)
        everywhere, diagonal = split or (term, None)
        rest += everywhere
        diagonals += [] if diagonal is None else _parts(diagonal)
    if not diagonals or not DIAGONALS():
        return (s,)
    whole = [statement(s.target, "+", s.domain, rest, s.leaves, s.guards, s.origin)] if rest != 0 else []
    return (*(part for w in whole for part in _parts(w)), *diagonals)


def _equations(term: sp.Expr) -> list[sp.Expr]:
    """The equations of a term that read no tensor, in the order of their text."""
    found = (e for e in term.atoms(eq) if not any(leaf_number(x) is not None for x in e.free_symbols))
    return sorted(found, key=str)


def _split(term: sp.Expr, equation: sp.Expr, s: Statement) -> tuple[sp.Expr, Statement] | None:
    """What is left of a term where an equation does not hold, and the statement of what it is where it does.

    None where both would meet, or where the equation is not one of places.
    """
    difference = _affine(equation.args[0] - equation.args[1], s)
    if difference is None:
        return None
    last = max(difference.indices, key=list(s.extents).index)
    index = solvable(s, difference, Affine.index(last))
    if index is None:
        return None
    solved = Affine.index(index) - difference * (difference.coefficient(index).constant or 1)
    domain = tuple((n, e) for n, e in s.domain if n != index)

    def there(body: sp.Expr) -> Statement:
        one = statement(s.target, "+", s.domain, body, s.leaves, s.guards, s.origin)
        one = substituted_indices(one, {index: solved}, domain, in_range(solved, s.extents[index]))
        return replace(one, body=one.body.replace(lt, _less).replace(le, _at_most))

    elsewhere = term.xreplace({equation: sp.S.Zero})
    if there(elsewhere).body != 0:
        return None
    diagonal = there(term.xreplace({equation: sp.S.One}))
    d = diagonal
    return elsewhere, statement(d.target, d.op, d.domain, d.body, d.leaves, d.guards, d.origin)  # some leaves are gone


def _affine(e: sp.Expr, s: Statement) -> Affine | None:
    """A formula as an affine one of indices and sizes; None where it is another one, or has no index."""
    total = Affine()
    for term in sp.Add.make_args(e.expand()):
        number, symbol = term.as_coeff_Mul()
        if not number.is_Integer or not (symbol.is_Symbol or symbol == 1):
            return None
        factor = Extent.of(int(number))
        if symbol == 1:
            total = total + factor
        elif symbol.name in s.extents:
            total = total + Affine.index(symbol.name) * factor
        else:
            total = total + Extent.size(symbol.name) * factor
    return total if total.terms else None


def _less(a: sp.Expr, b: sp.Expr) -> sp.Expr:
    return lt(a - b, 0) if (a - b).is_number else lt(a, b)


def _at_most(a: sp.Expr, b: sp.Expr) -> sp.Expr:
    return le(a - b, 0) if (a - b).is_number else le(a, b)
