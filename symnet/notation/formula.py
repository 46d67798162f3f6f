"""One tensor of a program with its formula, in every form in which people want to read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import sympy as sp

from symnet.ir.affine import Affine
from symnet.ir.program import Program, Tensor, index_symbol
from symnet.notation.expression import tensor_expression, tensor_symbol
from symnet.notation.latex import latex_equation
from symnet.notation.matrix import MatrixForm, matrix_form
from symnet.notation.substitute import bound_names, without_deltas
from symnet.notation.sympify import plain_sympy
from symnet.notation.text import expression_text, used_names
from symnet.passes.simplify import canonical_indices, joins

__all__ = ["Formula", "Formulas"]


@dataclass(frozen=True)
class Formula:
    """`name[indices] = value`.

    name     the tensor's name in the program: `dW1` for the gradient by W1
    value    the right-hand side, of Indexed, Sum, KroneckerDelta and the scalar functions of the language
    tensors  the tensors of the program, by name
    of       the scalar that adjoints are derivatives of
    """

    name: str
    indices: tuple[str, ...]
    value: sp.Expr
    tensors: Mapping[str, Tensor]
    of: str

    @cached_property
    def left(self) -> sp.Expr:
        """The left-hand side as a SymPy expression."""
        return tensor_symbol(self.tensors[self.name], tuple(map(index_symbol, self.indices)))

    @cached_property
    def expression(self) -> sp.Expr:
        """The right-hand side in SymPy's own functions: Sum, Indexed, KroneckerDelta, Piecewise."""
        return plain_sympy(self.value)

    @cached_property
    def formula(self) -> str:
        """One line in index notation: `dz[n, c] = (p[n, c] - δ(c, y[n]))/N`."""
        left = f"{self.name}[{', '.join(self.indices)}]" if self.indices else self.name
        return f"{left} = {expression_text(self.value, self.indices)}"

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """The tensors that the formula uses, sorted."""
        return used_names(self.value, self.tensors.__contains__)

    def with_value(self, value: sp.Expr) -> Formula:
        """The same left-hand side with another right-hand side."""
        return Formula(self.name, self.indices, value, self.tensors, self.of)

    def latex(self) -> str:
        """The formula in LaTeX, an adjoint as a partial derivative."""
        return latex_equation(self.left, self.value, self.tensors, self.of, self.indices)

    def matrix_form(self) -> MatrixForm | None:
        """The formula with matrix products, None where its indices do not have that structure."""
        return matrix_form(self.left, self.value, self.tensors, self.of)

    def __str__(self) -> str:
        return self.formula

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"


def plain_names(indices: tuple[str, ...], value: sp.Expr, program: Program) -> tuple[tuple[str, ...], sp.Expr]:
    """The same formula with k in the place of k2 wherever nothing else is called k."""
    taken = {*program.tensors, *program.sizes, *(s.name for s in value.atoms(sp.Symbol)), *indices}
    given = dict.fromkeys((*indices, *bound_names(value)))
    names: dict[str, str] = {}
    for name in given:
        stem = name.rstrip("0123456789")
        if stem and stem != name and stem not in taken:
            names[name] = stem
            taken.add(stem)
    value = value.xreplace({index_symbol(old): index_symbol(new) for old, new in names.items()})
    return tuple(names.get(n, n) for n in indices), value


class Formulas(Mapping[str, Formula]):
    """The formulas of all tensors that a program calculates, made where they are first read."""

    def __init__(self, program: Program, of: str) -> None:
        self.program = program
        self.of = of
        self.names = canonical_indices(program)
        self.made: dict[str, Formula] = {}

    def __getitem__(self, name: str) -> Formula:
        if name not in self.made:
            self.made[name] = self._make(name)
        return self.made[name]

    def __contains__(self, name: object) -> bool:
        return name in self.program.writers

    def __iter__(self) -> Iterator[str]:
        return iter(self.program.writers)

    def __len__(self) -> int:
        return len(self.program.writers)

    def _make(self, name: str) -> Formula:
        indices = self.names.get(name) or self._names_in_use(self.program.tensors[name])
        value = without_deltas(tensor_expression(self.program, name, indices), self.program.tensors)
        return Formula(name, *plain_names(indices, value, self.program), self.program.tensors, self.of)

    def _names_in_use(self, tensor: Tensor) -> tuple[str, ...]:
        """Names for the dimensions of a tensor that is never read at plain indices: of those that are, else letters.

        A dimension that is read at a joined index, h*K + k, is called by the last one.
        """
        own = tensor.of or tensor.name
        accesses = [(a, s) for s in self.program.statements for a in (s.target, *s.leaves) if a.tensor == own]
        # A Jacobian has more dimensions than the tensor whose derivative it is.
        taken = {*self.program.tensors, *self.program.sizes}
        names: list[str] = []
        for k, extent in enumerate(tensor.extents):
            places = [(a.places[k], s) for a, s in accesses if k < len(a.places)]
            affine = [(place, s) for place, s in places if isinstance(place, Affine)]
            found = [place.plain for place, _ in affine if place.plain]
            found += [_last(place) for place, s in affine if not place.plain and joins(place, s.extents, extent)]
            letters = (f"{letter}{n or ''}" for n in range(1000) for letter in "ijklmn")
            names.append(next(n for n in (*found, *letters) if n not in taken and n not in names))
        return tuple(names)


def _last(place: Affine) -> str:
    """The index of a joined one that counts single steps."""
    return next((name for name, c in reversed(place.terms) if c.constant == 1), place.indices[-1])
