"""How many bytes a plan takes, as a formula in the sizes.

    peak = sum over the arrays of the plan + max over the calls of what a call makes for itself

Whoever makes an array says so, with a `Made`. A slot is as long as the longest way into it, so that a formula is a
polynomial and some maxima: `1,024*N + max(256*N, 640) + min(32,768, 512*N)`. What is counted is the memory of arrays,
not that of the objects of an interpreter, and neither parameters nor data, which the caller has.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from symnet.language.extents import Extent

# Bytes of an element by its kind; of a real number, and of the integer as large as one, they go by the precision.
FIXED = {"int": 8, "bool": 1, "narrow": 1}
REAL_BYTES = 4
PRECISIONS = (4, 8)

# A number that a plan derives from the sizes: the largest of these, each the least of some extents.
Choices = tuple[tuple[Extent, ...], ...]


@dataclass(frozen=True, slots=True)
class Made:
    """Memory that is made.

    lengths  it has as many elements as the longest of these
    kind     real | bits (integers as large as real numbers) | int | bool | narrow (a byte) | double (a real number that
             is needed in double precision only)
    most     it never has more elements than that; None: there is no such bound
    single   it is only made where this size is 1; empty: always
    below    it is only made where it has fewer elements than that; None: always
    """

    lengths: tuple[Extent, ...]
    kind: str
    most: int | None = None
    single: str = ""
    below: int | None = None

    @staticmethod
    def of(
        extents: Iterable[Extent], kind: str, *, most: int | None = None, single: str = "", below: int | None = None
    ) -> Made:
        """An array of this shape."""
        total = Extent.of(1)
        for extent in extents:
            total = total * extent
        return Made((total,), kind, most, single, below)

    def element(self, real_bytes: int) -> int:
        """The bytes of an element."""
        if self.kind == "double" and real_bytes == REAL_BYTES:
            return 0
        return FIXED.get(self.kind, real_bytes)

    def value(self, sizes: Mapping[str, int], real_bytes: int) -> int:
        """The bytes at some sizes."""
        if (self.single and sizes[self.single] != 1) or not self.element(real_bytes):
            return 0
        count = max(length.value(sizes) for length in self.lengths)
        if self.below is not None and count >= self.below:
            return 0
        count = count if self.most is None else min(count, self.most)
        return self.element(real_bytes) * max(count, 0) or 1  # an array without elements takes a byte


@dataclass(frozen=True)
class Footprint:
    """The memory of a plan.

    held     what it makes once and keeps
    passing  what single calls make for themselves, while they run: one after the other
    derived  numbers that the plan derives from the sizes, in order; lengths may be formulas in these too
    """

    held: tuple[Made, ...]
    passing: tuple[tuple[Made, ...], ...] = ()
    derived: Mapping[str, Choices] = field(default_factory=dict)

    def value(self, sizes: Mapping[str, int], real_bytes: int = REAL_BYTES) -> int:
        """The most bytes that a step holds at some sizes."""
        return self.held_bytes(sizes, real_bytes) + self.passing_bytes(sizes, real_bytes)

    def held_bytes(self, sizes: Mapping[str, int], real_bytes: int = REAL_BYTES) -> int:
        """The bytes that stay."""
        known = self.known(sizes)
        return bytes_of(self.held, known, real_bytes)

    def passing_bytes(self, sizes: Mapping[str, int], real_bytes: int = REAL_BYTES) -> int:
        """The most bytes that a call makes for itself."""
        known = self.known(sizes)
        return max((bytes_of(call, known, real_bytes) for call in self.calls), default=0)

    @cached_property
    def calls(self) -> tuple[tuple[Made, ...], ...]:
        """What calls make, those left out that never make more than another."""
        found: list[tuple[Made, ...]] = []
        for call in dict.fromkeys(self.passing):
            if not any(_covers(other, call) for other in found):
                found = [*(other for other in found if not _covers(call, other)), call]
        return tuple(found)

    def known(self, sizes: Mapping[str, int]) -> dict[str, int]:
        """The sizes, and the numbers that the plan derives from them."""
        known = dict(sizes)
        for name, choices in self.derived.items():
            known[name] = max(min(extent.value(known) for extent in group) for group in choices)
        return known


def bytes_of(made: Iterable[Made], sizes: Mapping[str, int], real_bytes: int) -> int:
    """The bytes of several arrays."""
    return sum(one.value(sizes, real_bytes) for one in made)


def _covers(large: Sequence[Made], small: Sequence[Made]) -> bool:
    """Whether one call makes, array by array, at least what the other does, for all sizes."""
    rest = list(large)
    for made in small:
        match = next((other for other in rest if _is_at_least(other, made)), None)
        if match is None:
            return False
        rest.remove(match)
    return True


def _is_at_least(large: Made, small: Made) -> bool:
    """Whether one array is never smaller than the other."""
    if (
        large.below is not None
        or large.single not in ("", small.single)
        or any(large.element(n) < small.element(n) for n in PRECISIONS)
    ):
        return False
    if large.most is not None and (small.most is None or small.most > large.most):
        return False
    return all(any(other.at_least(length) for other in large.lengths) for length in small.lengths)


# --- as text ---------------------------------------------------------------------------------------


MOST_TERMS, MOST_CALLS = 6, 3
DIGITS, GROUPED = re.compile(r"\d{4,}"), re.compile(r"(?<=\d),(?=\d{3})")


@dataclass(frozen=True, slots=True)
class Term:
    """One summand: its text, and its bytes at some sizes."""

    text: str
    value: int


def formula(footprint: Footprint, sizes: Mapping[str, int], real_bytes: int = REAL_BYTES) -> str:
    """The bytes of a plan as text, the largest terms at these sizes first: `2,840*N + max(1,536*N, 803,840) + 12`.

    Of many terms the small ones are named by their number and their bytes at the sizes, and of many calls the largest.
    """
    terms = sorted(_terms(footprint, sizes, real_bytes, MOST_CALLS), key=lambda term: -term.value)
    if len(terms) > MOST_TERMS:
        rest = terms[MOST_TERMS - 1 :]
        left = sum(term.value for term in rest)
        terms = [*terms[: MOST_TERMS - 1], Term(f"{len(rest)} more terms ({left:,})", left)]
    return _joined(terms)


def whole_formula(footprint: Footprint, sizes: Mapping[str, int], real_bytes: int = REAL_BYTES) -> str:
    """The same with every term, as an expression: no commas in numbers."""
    return GROUPED.sub("", _joined(_terms(footprint, sizes, real_bytes, None)))


def _terms(footprint: Footprint, sizes: Mapping[str, int], real_bytes: int, most: int | None) -> list[Term]:
    """All summands. What every call makes alike is added to what the plan keeps."""
    calls = footprint.calls
    shared = [made for made in (calls[0] if calls else ()) if made.most is None and all(made in c for c in calls)]
    rest = tuple(tuple(made for made in call if made not in shared) for call in calls)
    alike = replace(footprint, held=(*footprint.held, *shared), passing=rest)
    return [*_held_terms(alike, sizes, real_bytes), *_call_terms(alike, sizes, real_bytes, most)]


def _held_terms(footprint: Footprint, sizes: Mapping[str, int], real_bytes: int) -> list[Term]:
    """What the plan keeps, collected: a polynomial, and the slots of several lengths."""
    known, plain = footprint.known(sizes), Extent()
    maxima: dict[tuple[Extent, ...], int] = {}
    short: dict[Made, int] = {}
    for made in footprint.held:
        if made.single:
            continue  # a number beside another, which only a batch of one needs
        if made.below is not None:
            short[made] = short.get(made, 0) + made.element(real_bytes)
            continue
        lengths = tuple(length * made.element(real_bytes) for length in made.lengths)
        common = _common(lengths)
        plain = plain + common
        if len(lengths) > 1:
            rest = tuple(sorted((length - common for length in lengths), key=str))
            maxima[rest] = maxima.get(rest, 0) + 1
    terms = [Term(_text(part), part.value(known)) for part in (Extent((term,)) for term in plain.terms)]
    for lengths, count in maxima.items():
        text = f"{count}*" * (count > 1) + f"max({', '.join(map(_text, lengths))})"
        terms.append(Term(text, count * max(length.value(known) for length in lengths)))
    for made, each in short.items():
        (length,) = made.lengths
        text = f"({_text(length * each)} if {_text(length)} < {made.below:,} else 0)"
        terms.append(Term(text, each // made.element(real_bytes) * made.value(known, real_bytes)))
    return terms


def _call_terms(footprint: Footprint, sizes: Mapping[str, int], real_bytes: int, most: int | None) -> list[Term]:
    """What calls make: the largest of so many that are largest at the sizes."""
    known = footprint.known(sizes)
    calls = [Term(_call(call, real_bytes), bytes_of(call, known, real_bytes)) for call in footprint.calls if call]
    calls = sorted(calls, key=lambda call: -call.value)[:most]
    if len(calls) < 2:
        return calls
    return [Term(f"max({', '.join(call.text for call in calls)})", calls[0].value)]


def _call(call: Iterable[Made], real_bytes: int) -> str:
    groups: dict[tuple[tuple[Extent, ...], int | None], int] = {}
    for made in call:
        key = made.lengths, made.most
        groups[key] = groups.get(key, 0) + made.element(real_bytes)
    return " + ".join(_bounded(lengths, most, each) for (lengths, most), each in groups.items())


def _bounded(lengths: Sequence[Extent], most: int | None, each: int) -> str:
    if len(lengths) == 1 and most is not None and lengths[0].constant is not None:
        return f"{each * min(lengths[0].constant, most):,}"
    parts = [_text(length * each) for length in lengths]
    text = parts[0] if len(parts) == 1 else f"max({', '.join(parts)})"
    return text if most is None else f"min({each * most:,}, {text})"


def _common(lengths: Sequence[Extent]) -> Extent:
    """The terms that all of some lengths have."""
    first, *others = lengths
    return Extent(tuple(term for term in first.terms if all(term in other.terms for other in others)))


def _joined(terms: Iterable[Term]) -> str:
    text = " + ".join(term.text for term in terms)
    return text.replace("+ -", "- ") or "0"


def _text(extent: Extent) -> str:
    return DIGITS.sub(lambda match: f"{int(match[0]):,}", str(extent))
