"""Index expressions of the IR: affine in the indices of a statement, with extents as coefficients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from symnet.language.extents import Extent


@dataclass(frozen=True)
class Affine:
    """constant + sum of coefficient * index. `terms` holds (index, coefficient) sorted by index, no coefficient 0."""

    terms: tuple[tuple[str, Extent], ...] = field(default=())
    constant: Extent = field(default=Extent())

    @staticmethod
    @lru_cache(maxsize=4096)
    def index(name: str) -> Affine:
        """The index of this name itself."""
        return Affine(((name, Extent.of(1)),))

    @staticmethod
    def of(value: int | Extent) -> Affine:
        """A constant."""
        return Affine((), Extent.of(value))

    # --- reading ---

    @cached_property
    def indices(self) -> tuple[str, ...]:
        """The indices it depends on, sorted."""
        return tuple(name for name, _ in self.terms)

    @cached_property
    def plain(self) -> str | None:
        """The index name if it is a single index and nothing else, else None."""
        if len(self.terms) == 1 and not self.constant.terms and self.terms[0][1].constant == 1:
            return self.terms[0][0]
        return None

    def coefficient(self, name: str) -> Extent:
        """The coefficient of an index, 0 where it does not occur."""
        return dict(self.terms).get(name, Extent())

    def value(self, indices: Mapping[str, int], sizes: Mapping[str, int]) -> int:
        """The number, with every index and size given."""
        return self.constant.value(sizes) + sum(c.value(sizes) * indices[n] for n, c in self.terms)

    def bounds(self, extents: Mapping[str, Extent]) -> tuple[Extent, Extent] | None:
        """The least and the greatest value over a box of indices; None where the sign of a coefficient is not known."""
        low = high = self.constant
        for name, coefficient in self.terms:
            span = coefficient * (extents[name] - 1)
            if coefficient.at_least(0):
                high = high + span
            elif (-coefficient).at_least(0):
                low = low + span
            else:
                return None
        return low, high

    def joined(self, extents: Mapping[str, Extent], extent: Extent) -> tuple[str, ...] | None:
        """The indices, slowest first, whose joined position this is, as i*K + k, where it meets 0..extent - 1 once."""
        if self.constant.terms:
            return None
        rest = dict(self.terms)
        names: list[str] = []
        weight = Extent.of(1)
        while rest:
            name = next((n for n, c in rest.items() if c == weight), None)
            if name is None:
                return None
            del rest[name]
            names.insert(0, name)
            weight = weight * extents[name]
        return tuple(names) if weight == extent else None

    # --- calculating ---

    def __add__(self, other: Affine | Extent | int) -> Affine:
        other = other if isinstance(other, Affine) else Affine.of(other)
        total = dict(self.terms)
        for name, coefficient in other.terms:
            total[name] = total.get(name, Extent()) + coefficient
        kept = tuple(sorted((n, c) for n, c in total.items() if c.terms))
        return Affine(kept, self.constant + other.constant)

    def __mul__(self, factor: Extent | int) -> Affine:
        factor = Extent.of(factor)
        if not factor.terms:
            return Affine()
        return Affine(tuple((n, c * factor) for n, c in self.terms), self.constant * factor)

    def __sub__(self, other: Affine | Extent | int) -> Affine:
        return self + (other if isinstance(other, Affine) else Affine.of(other)) * -1

    def substitute(self, indices: Mapping[str, Affine]) -> Affine:
        """The same expression with affine expressions in the place of indices."""
        name = self.plain
        if name is not None:
            return indices.get(name, self)
        total = Affine((), self.constant)
        for name, coefficient in self.terms:
            total = total + indices.get(name, Affine.index(name)) * coefficient
        return total

    def called(self, names: Mapping[str, str]) -> str:
        """Its text with other names for its indices. Where they are different and complete, equal texts are equal."""
        name = self.plain
        if name is not None:
            return names.get(name, name)
        return self.substitute({old: Affine.index(new) for old, new in names.items()})._text()

    def __str__(self) -> str:
        return self.plain or self._text()

    def _text(self) -> str:
        text = ""
        parts = list(self.terms)
        if self.constant.terms or not self.terms:
            parts.append(("", self.constant))
        for name, coefficient in parts:
            number = coefficient.constant
            negative = number is not None and number < 0
            magnitude = -coefficient if negative else coefficient
            shown = str(magnitude)
            if name:
                factor = "" if number in (1, -1) else (f"({shown})*" if len(magnitude.terms) > 1 else f"{shown}*")
                shown = factor + name
            text += ("-" if negative else "") if not text else (" - " if negative else " + ")
            text += shown
        return text
