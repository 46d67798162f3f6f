"""A sum of products as a chain of matrices: the indices are the stations, the factors the ways between them.

sum(j, k: A[i, j]*w[j]*B[j, k]*u[k])     i --A-- j --B-- k     A diag(w) B u
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import sympy as sp

from symnet.notation.pieces import ATOM, ONES, Piece, diagonal, divided, hadamard, matrix_product

Index: TypeAlias = "sp.Symbol | None"
Oriented = Callable[[sp.Expr, Index, Index], Piece]


class NoForm(Exception):
    """The index structure is not that of a product of matrices."""


@dataclass
class Factors:
    """The factors of a product by the set of indices that they have; `piece` gives a factor at two indices."""

    piece: Oriented
    groups: dict[frozenset[sp.Symbol], list[sp.Expr]] = field(default_factory=dict)

    def add(self, indices: frozenset[sp.Symbol], factor: sp.Expr) -> None:
        if len(indices) > 2:
            raise NoForm
        self.groups.setdefault(indices, []).append(factor)

    def take(self, rows: Index, columns: Index = None) -> Piece | None:
        """The elementwise product of all factors with exactly these indices, and no longer hold them."""
        found = self.groups.pop(frozenset(i for i in (rows, columns) if i is not None), None)
        if not found:
            return None
        above = [f for f in found if not _divides(f)]
        below = [self.piece(1 / f, rows, columns) for f in found if _divides(f)]
        piece = hadamard(self.piece(f, rows, columns) for f in above) if above else ONES
        return divided(piece, hadamard(below)) if below else piece

    def next(self, station: sp.Symbol) -> sp.Symbol | None:
        """A station that one way leads to from here. NoForm at a fork."""
        ways = [other for group in self.groups if station in group and len(group) == 2 for other in group - {station}]
        if len(ways) > 1:
            raise NoForm
        return ways[0] if ways else None


def _divides(factor: sp.Expr) -> bool:
    return isinstance(factor, sp.Pow) and bool(factor.exp.is_number and factor.exp.is_negative)


def path_product(factors: Factors, rows: Index, columns: Index, bound: tuple[sp.Symbol, ...]) -> Piece:
    """The product of all factors, summed over the bound indices."""
    scalar = factors.take(None)
    left = _Walk(factors, bound)
    if scalar is not None and not factors.groups and not bound:
        return scalar
    if rows is None and columns is None:
        piece = left.between_ends()
    elif rows is None or columns is None:
        piece = left.vector(rows if rows is not None else columns)
    else:
        piece = left.matrix(rows, columns)
    if factors.groups or left.unseen:
        raise NoForm
    return piece if scalar is None else matrix_product((scalar.within(ATOM), piece))


class _Walk:
    def __init__(self, factors: Factors, bound: tuple[sp.Symbol, ...]) -> None:
        self.factors = factors
        self.unseen = dict.fromkeys(bound)

    def along(self, start: sp.Symbol, stop: Index) -> tuple[list[Piece], sp.Symbol]:
        """The pieces from a station to another, or to where the ways end, and the last station."""
        pieces: list[Piece] = []
        here = start
        while True:
            vector = self.factors.take(here) if here == start or self.factors.next(here) is not None else None
            if vector is not None:
                pieces.append(diagonal(vector))
            there = self.factors.next(here)
            if there is None:
                return pieces, here
            way = self.factors.take(here, there)
            if way is None or there != stop and there not in self.unseen:
                raise NoForm
            pieces.append(way)
            self.unseen.pop(there, None)
            here = there
            if here == stop:
                vector = self.factors.take(here)
                return [*pieces, *([diagonal(vector)] if vector is not None else [])], here

    def matrix(self, rows: sp.Symbol, columns: sp.Symbol) -> Piece:
        if not any(len(group) == 2 for group in self.factors.groups):
            return matrix_product((self.vector(rows), self.vector(columns).transposed()))
        pieces, last = self.along(rows, columns)
        if last != columns:
            raise NoForm
        return matrix_product(pieces)

    def vector(self, start: sp.Symbol) -> Piece:
        """A column; where it would end with ones, a row that begins with them."""
        own = self.factors.take(start)
        if self.factors.next(start) is None:
            return ONES if own is None else own
        backward = _copy(self.factors)
        pieces, last = self.along(start, None)
        end = self.factors.take(last)
        column = matrix_product((*pieces, ONES if end is None else end))
        if end is None and own is None:
            row = matrix_product((ONES.transposed(), *_backward(backward, start)))
            return row if row.turned <= column.turned else column
        return column if own is None else hadamard((own, column))

    def between_ends(self) -> Piece:
        """A scalar: from one end of the ways to the other."""
        if not self.unseen:
            raise NoForm
        ends = [i for i in self.unseen if sum(i in group and len(group) == 2 for group in self.factors.groups) < 2]
        if not ends:
            raise NoForm
        start = ends[0]
        del self.unseen[start]
        if self.factors.next(start) is None:
            return self.inner(start)
        own = self.factors.take(start)
        pieces, last = self.along(start, None)
        end = self.factors.take(last)
        first = (ONES if own is None else own).transposed()
        return matrix_product((first, *pieces, ONES if end is None else end))

    def inner(self, index: sp.Symbol) -> Piece:
        """sum(k: u[k]*v[k]) is uᵀ v, and sum(k: u[k]) is 1ᵀ u."""
        found = self.factors.groups.pop(frozenset((index,)), [])
        if not found or any(map(_divides, found)):
            raise NoForm
        pieces = [self.factors.piece(f, index, None) for f in found]
        first, rest = (pieces[0], pieces[1:]) if len(pieces) == 2 else (ONES, pieces)
        return matrix_product((first.transposed(), hadamard(rest)))


def _copy(factors: Factors) -> Factors:
    return Factors(factors.piece, {group: list(found) for group, found in factors.groups.items()})


def _backward(factors: Factors, start: sp.Symbol) -> list[Piece]:
    """The pieces of the way that begins at a station, walked from its end."""
    found: list[Piece] = []
    here: sp.Symbol | None = start
    while here is not None:
        there = factors.next(here)
        vector = factors.take(here) if here != start and there is not None else None
        way = factors.take(there, here) if there is not None else None
        found += [diagonal(vector)] if vector is not None else []
        found += [way] if way is not None else []
        here = there
    return found[::-1]
