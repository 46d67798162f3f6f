"""Formulas as products of matrices, where their index structure is that of one.

    sum(n: a[n, j]*dz[n, c]) -> aᵀ dz       sum(n: dz[n, c]) -> 1ᵀ dz       da[n, j]*(1 - a[n, j]**2) -> da ∘ (1 - a∘a)

Only the indices count. Tensors of rank 1 are columns; `1` is the column of ones, ∘ and ⊘ work element by element, and
diag(v) is the diagonal matrix of a vector. A formula with an index that is not plain has no matrix form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import sympy as sp

from symnet.ir import functions as f
from symnet.ir.program import Tensor
from symnet.notation.expression import tensor_name
from symnet.notation.latex import LatexPrinter, function_mark, objective_name
from symnet.notation.paths import Factors, NoForm, path_product
from symnet.notation.pieces import (
    ATOM,
    HADAMARD,
    IDENTITY,
    ONES,
    SUM,
    MatrixForm,
    Piece,
    divided,
    hadamard,
    matrix_product,
    squared,
    total,
)
from symnet.notation.text import IndexPrinter, is_constant, with_decimals

__all__ = ["MatrixForm", "matrix_form"]

Index: TypeAlias = "sp.Symbol | None"


def matrix_form(left: sp.Expr, value: sp.Expr, tensors: Mapping[str, Tensor], of: str) -> MatrixForm | None:
    """`left = value` in matrix notation, None where it has no such form."""
    places = left.indices if isinstance(left, sp.Indexed) else ()
    if len(places) > 2:
        return None
    latex = LatexPrinter(tensors, objective_name(tensors, of), ())
    rows, columns = (*places, None, None)[:2]
    try:
        right = _Matrices(latex).form(with_decimals(value), rows, columns)
    except NoForm:
        return None
    name = tensor_name(left)
    return MatrixForm(f"{name} = {right.text}", f"{latex.tensor(name, '')[0]} = {right.latex}")


class _Matrices:
    """The piece for an expression, its rows and columns at two indices; None where there is no such index."""

    def __init__(self, latex: LatexPrinter) -> None:
        self.latex = latex
        self.printer = IndexPrinter(())
        self.rows: tuple[tuple[type[sp.Basic], Callable[[sp.Expr, Index, Index], Piece]], ...] = (
            (sp.Indexed, self.access),
            (sp.KroneckerDelta, self.delta),
            (sp.Add, self.sum),
            (sp.Mul, self.product),
            (sp.Sum, self.reduction),
            (sp.Pow, self.power),
            (f.where, self.selected),
            (sp.Function, self.call),
        )

    def form(self, e: sp.Expr, rows: Index, columns: Index) -> Piece:
        """The expression itself, or its transpose transposed, if that has fewer transpositions."""
        straight = self.piece(e, rows, columns)
        if straight.turned < 2 or rows is None or columns is None:
            return straight
        turned = self.piece(e, columns, rows).transposed()
        return turned if turned.turned < straight.turned else straight

    def piece(self, e: sp.Expr, rows: Index, columns: Index) -> Piece:
        if not e.atoms(sp.Indexed):
            return self.number(e, rows, columns)
        row = next((row for kind, row in self.rows if isinstance(e, kind)), None)
        if row is None:
            raise NoForm
        return row(e, rows, columns)

    def number(self, e: sp.Expr, rows: Index, columns: Index) -> Piece:
        deltas = [f for f in sp.Mul.make_args(e) if isinstance(f, sp.KroneckerDelta) and set(f.args) == {rows, columns}]
        rest = e / deltas[0] if deltas else e
        if any(symbol.is_integer and not symbol.is_positive for symbol in rest.free_symbols):
            raise NoForm  # the value of an index
        if deltas:
            return self.times(rest, IDENTITY)
        return Piece(self.printer.text(e)[0], self.latex.text(e)[0], SUM if e.is_Add else ATOM)

    # --- leaves ---

    def named(self, access: sp.Indexed) -> Piece:
        name = access.base.label.name
        return Piece(name, self.latex.tensor(name, "")[0])

    def access(self, e: sp.Indexed, rows: Index, columns: Index) -> Piece:
        piece, places = self.named(e), tuple(e.indices)
        if places in ((rows, columns), (rows,) if columns is None else None):
            return piece
        if places in ((columns, rows), (columns,) if rows is None else None):
            return piece.transposed()
        if places == (rows,):
            return matrix_product((piece, ONES.transposed()))
        if places == (columns,):
            return matrix_product((ONES, piece.transposed()))
        raise NoForm

    def delta(self, e: sp.KroneckerDelta, rows: Index, columns: Index) -> Piece:
        """δ(c, y[n]) as the matrix with a 1 in each row, at the column of its label."""
        for label, position in ((rows, columns), (columns, rows)):
            labels = next((a for a in e.args if isinstance(a, sp.Indexed) and a.indices == (label,)), None)
            if labels is not None and position in e.args:
                hot = self.named(labels).called("onehot", "\\operatorname{onehot}")
                return hot if label == rows else hot.transposed()
        raise NoForm

    # --- element by element ---

    def sum(self, e: sp.Add, rows: Index, columns: Index) -> Piece:
        terms = sorted(e.args, key=self.printer.standing)
        signs = [bool(term.as_coeff_Mul()[0] < 0) for term in terms]
        return total((s, self.piece(-t if s else t, rows, columns)) for s, t in zip(signs, terms, strict=True))

    def power(self, e: sp.Pow, rows: Index, columns: Index) -> Piece:
        base = self.piece(e.base, rows, columns)
        if e.exp == 2:
            return squared(base)
        if e.exp == sp.Rational(1, 2):
            return Piece(f"sqrt({base.text})", f"\\sqrt{{{base.latex}}}", ATOM, base.turned)
        if e.exp == -1:
            return divided(ONES, base)
        raise NoForm

    def call(self, e: sp.Expr, rows: Index, columns: Index) -> Piece:
        if len(e.args) != 1:
            raise NoForm
        name = self.printer.text(e)[0].partition("(")[0]
        return self.piece(e.args[0], rows, columns).called(name, function_mark(type(e)))

    def selected(self, e: sp.Expr, rows: Index, columns: Index) -> Piece:
        """where(z > 0, e, 0) as [z > 0] ∘ e."""
        test, value, other = e.args
        if not isinstance(test, f.lt | f.le) or other != 0:
            raise NoForm
        left, right = (self.piece(a, rows, columns) for a in test.args)
        strict = isinstance(test, f.lt)
        sign, mark = ("<", "<") if strict else ("<=", "\\le")
        if is_constant(test.args[0]):
            left, right = right, left
            sign, mark = (">", ">") if strict else (">=", "\\ge")
        bracket = Piece(f"[{left.text} {sign} {right.text}]", f"\\left[{left.latex} {mark} {right.latex}\\right]")
        return bracket if value == 1 else hadamard((bracket, self.piece(value, rows, columns)))

    # --- products ---

    def product(self, e: sp.Mul, rows: Index, columns: Index) -> Piece:
        return self.scaled(e, rows, columns, ())

    def reduction(self, e: sp.Sum, rows: Index, columns: Index) -> Piece:
        return self.scaled(e.function, rows, columns, tuple(limit[0] for limit in e.limits))

    def scaled(self, e: sp.Expr, rows: Index, columns: Index, bound: tuple[sp.Symbol, ...]) -> Piece:
        """The product of the factors of e, summed over bound indices, with its scalar factors in front."""
        indices = {i for i in (rows, columns, *bound) if i is not None}
        factors = Factors(self.piece)
        scalar: sp.Expr = sp.S.One
        for factor in sorted(sp.Mul.make_args(e), key=self.printer.reading):
            used = frozenset(factor.free_symbols & indices)
            if used or factor.atoms(sp.Indexed):
                factors.add(used, factor)
            else:
                scalar = scalar * factor
        return self.times(scalar, path_product(factors, rows, columns, bound))

    def times(self, scalar: sp.Expr, piece: Piece) -> Piece:
        """A number times a matrix: the numerator in front, the denominator behind."""
        above, below = scalar.as_numer_denom()
        sign = "-" if above.could_extract_minus_sign() else ""
        above = -above if sign else above
        shown = piece.within(HADAMARD if above == below == 1 else HADAMARD + 1)
        front = "" if above == 1 else f"{self.printer.within(above, 7)} "
        behind = "" if below == 1 else f"/{self.printer.within(below, 8)}"
        fraction = sp.Mul(above, sp.Pow(below, -1))
        mark = "" if fraction == 1 else f"{self.latex.within(fraction, 6)} "
        strength = SUM if sign else shown.strength
        return Piece(f"{sign}{front}{shown.text}{behind}", f"{sign}{mark}{shown.latex}", strength, shown.turned)
