"""Extents: how long an index is, as an exact formula in the sizes.

    extent = a polynomial with integer coefficients over atoms
    atom   = the name of a size, or floor(extent / positive integer)

Both are kept in a normal form, so that two extents that are equal as formulas are equal as objects:
floor((2*q + r) / 2) is q + floor(r / 2) with the coefficients of r in 0..1, hence floor((I-1)/2) + 1
and floor((I+1)/2) are one object. What the normal form cannot decide is checked when arrays arrive.

Sizes are integers of at least 1; `lower_bound` rests on that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import gcd, lcm


@dataclass(frozen=True, slots=True)
class Floor:
    """The atom floor(numerator / denominator)."""

    numerator: Extent
    denominator: int

    def __str__(self) -> str:
        numerator = str(self.numerator)
        return f"({numerator if numerator.isidentifier() else f'({numerator})'}//{self.denominator})"


Atom = str | Floor
Monomial = tuple[Atom, ...]


@dataclass(frozen=True)
class Extent:
    """An integer polynomial over atoms. Make one with `Extent.of(3)` or `Extent.size("N")`; then calculate.

    `terms` holds (monomial, coefficient) in a fixed order, no coefficient 0; the empty monomial is the constant.
    """

    terms: tuple[tuple[Monomial, int], ...] = field(default=())

    # --- making ---

    @staticmethod
    def of(value: int | Extent) -> Extent:
        """The extent with this value."""
        if isinstance(value, Extent):
            return value
        return Extent((((), int(value)),)) if value else Extent()

    @staticmethod
    def size(name: str) -> Extent:
        """The extent that is the size of this name."""
        return Extent((((name,), 1),))

    @staticmethod
    def _collect(terms: Iterable[tuple[Monomial, int]]) -> Extent:
        total: dict[Monomial, int] = {}
        for monomial, coefficient in terms:
            total[monomial] = total.get(monomial, 0) + coefficient
        kept = [(m, c) for m, c in total.items() if c]
        if len(kept) > 1:
            kept.sort(key=lambda term: (-len(term[0]), tuple(map(str, term[0]))))
        return Extent(tuple(kept))

    # --- reading ---

    @property
    def constant(self) -> int | None:
        """The value as an int if it depends on no size, else None."""
        if not self.terms:
            return 0
        if len(self.terms) == 1 and not self.terms[0][0]:
            return self.terms[0][1]
        return None

    @cached_property
    def sizes(self) -> tuple[str, ...]:
        """The names of the sizes it depends on, sorted."""
        found: set[str] = set()
        for monomial, _ in self.terms:
            for atom in monomial:
                found |= {atom} if isinstance(atom, str) else set(atom.numerator.sizes)
        return tuple(sorted(found))

    def value(self, sizes: Mapping[str, int]) -> int:
        """The number, with every size given."""
        total = 0
        for monomial, coefficient in self.terms:
            for atom in monomial:
                if isinstance(atom, str):
                    coefficient *= sizes[atom]
                else:
                    coefficient *= atom.numerator.value(sizes) // atom.denominator
            total += coefficient
        return total

    def substitute(self, sizes: Mapping[str, Extent | int]) -> Extent:
        """The same formula with extents in the place of sizes."""
        total = Extent()
        for monomial, coefficient in self.terms:
            product = Extent.of(coefficient)
            for atom in monomial:
                if isinstance(atom, str):
                    product = product * (sizes[atom] if atom in sizes else Extent.size(atom))
                else:
                    product = product * (atom.numerator.substitute(sizes) // atom.denominator)
            total = total + product
        return total

    def __str__(self) -> str:
        if not self.terms:
            return "0"
        text = ""
        for monomial, coefficient in self.terms:
            factors = [str(atom) for atom in monomial]
            if abs(coefficient) != 1 or not factors:
                factors.insert(0, str(abs(coefficient)))
            sign = "-" if coefficient < 0 else "+"
            text += ("-" if sign == "-" else "") if not text else f" {sign} "
            text += "*".join(factors)
        return text

    def __repr__(self) -> str:
        return f"Extent({self})"

    # --- calculating ---

    def __add__(self, other: Extent | int) -> Extent:
        other = Extent.of(other)
        if not self.terms or not other.terms:
            return self if self.terms else other
        return Extent._collect((*self.terms, *other.terms))

    def __neg__(self) -> Extent:
        return Extent(tuple((m, -c) for m, c in self.terms))

    def __sub__(self, other: Extent | int) -> Extent:
        return self + -Extent.of(other)

    def __mul__(self, other: Extent | int) -> Extent:
        other = Extent.of(other)
        for one, factor in ((self, other.constant), (other, self.constant)):
            if factor is not None:  # the terms stay in their order
                return one if factor == 1 else Extent(tuple((m, c * factor) for m, c in one.terms if factor))
        return Extent._collect(
            (tuple(sorted((*m1, *m2), key=str)), c1 * c2) for m1, c1 in self.terms for m2, c2 in other.terms
        )

    __radd__ = __add__
    __rmul__ = __mul__

    def __rsub__(self, other: int) -> Extent:
        return Extent.of(other) - self

    def __floordiv__(self, divisor: int) -> Extent:
        """floor(self / divisor) for a positive int."""
        if divisor <= 0:
            raise ValueError("an extent is divided by a positive integer only")
        if len(self.terms) == 1 and self.terms[0][1] == 1 and len(self.terms[0][0]) == 1:
            atom = self.terms[0][0][0]
            if isinstance(atom, Floor):  # floor(floor(a / b) / c) = floor(a / (b * c))
                return atom.numerator // (atom.denominator * divisor)
        whole = Extent(tuple((m, c // divisor) for m, c in self.terms if c // divisor))
        rest = Extent(tuple((m, c % divisor) for m, c in self.terms if c % divisor))
        # The constant of the rest counts only as far as it can lift the floor: reduce by the common divisor.
        common = gcd(divisor, *(c for m, c in rest.terms if m))
        if common > 1 or all(not m for m, _ in rest.terms):
            constant = next((c for m, c in rest.terms if not m), 0) // common
            rest = Extent._collect([*((m, c // common) for m, c in rest.terms if m), ((), constant)])
            divisor //= common
        if divisor == 1:
            return whole + rest
        if rest.constant is not None:
            return whole + rest.constant // divisor
        return whole + Extent((((Floor(rest, divisor),), 1),))

    def divide_exactly(self, divisor: Extent | int) -> Extent | None:
        """self / divisor where the quotient is an extent for all sizes, else None. The divisor is a single term."""
        divisor = Extent.of(divisor)
        if len(divisor.terms) != 1:
            return Extent.of(1) if divisor.terms and self == divisor else None
        (factors, coefficient) = divisor.terms[0]
        quotient = []
        for monomial, c in self.terms:
            rest = list(monomial)
            for atom in factors:
                if atom not in rest:
                    return None
                rest.remove(atom)
            if c % coefficient:
                return None
            quotient.append((tuple(rest), c // coefficient))
        return Extent._collect(quotient)

    # --- proving ---

    def lower_bound(self) -> int | None:
        """A number that self is never below, with every size at least 1; None where none was found."""
        for formula in (self, self._paired_floors()):
            bound = formula._shifted_bound()
            if bound is not None:
                return bound
        scale = lcm(*(m[0].denominator for m, _ in self.terms if len(m) == 1 and isinstance(m[0], Floor)))
        bound = None if scale == 1 else (self * scale)._without_floors().lower_bound()
        return None if bound is None else -(-bound // scale)

    def _shifted_bound(self) -> int | None:
        # Write every atom as its own lower bound plus something not negative: if then no coefficient but the
        # constant is negative, the constant is a bound.
        total = Extent()
        for monomial, coefficient in self.terms:
            product = Extent.of(coefficient)
            for atom in monomial:
                if isinstance(atom, str):
                    low: int | None = 1
                else:
                    below = atom.numerator.lower_bound()
                    low = None if below is None else below // atom.denominator
                if low is None:
                    return None
                product = product * (Extent((((atom,), 1),)) + low)
            total = total + product
        if any(c < 0 for m, c in total.terms if m):
            return None
        return next((c for m, c in total.terms if not m), 0)

    def _paired_floors(self) -> Extent:
        # floor(a/d) - floor(b/d) >= floor((a - b)/d): a formula that is never above self and has fewer floors.
        floors = [(m[0], c) for m, c in self.terms if len(m) == 1 and isinstance(m[0], Floor)]
        for above, gained in floors:
            for below, lost in floors:
                if gained < 0 or lost > 0 or above.denominator != below.denominator:
                    continue
                pair = Extent((((above,), 1),)) - Extent((((below,), 1),))
                difference = (above.numerator - below.numerator) // above.denominator
                return (self + (difference - pair) * min(gained, -lost))._paired_floors()
        return self

    def _without_floors(self) -> Extent:
        # a/d - (d-1)/d <= floor(a/d) <= a/d: a formula that is never above self and has fewer floors.
        total = Extent()
        for monomial, coefficient in self.terms:
            if len(monomial) == 1 and isinstance(monomial[0], Floor) and coefficient % monomial[0].denominator == 0:
                atom = monomial[0]
                slack = atom.denominator - 1 if coefficient > 0 else 0
                total = total + (atom.numerator - slack) * (coefficient // atom.denominator)
            else:
                total = total + Extent(((monomial, coefficient),))
        return total

    def at_least(self, other: Extent | int) -> bool:
        """Whether self >= other is proved for all sizes."""
        low, high = Extent.of(other).constant, self.constant
        if low is not None and high is not None:
            return high >= low
        bound = (self - other).lower_bound()
        return bound is not None and bound >= 0
