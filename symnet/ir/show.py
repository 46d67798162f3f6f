"""Programs as text, in the notation of the language: for listings, for the comments of emitted modules, for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

import sympy as sp

from symnet.ir.affine import Affine
from symnet.ir.formula import formula
from symnet.ir.program import Access, Indirect, Place, Program, Statement, Tensor, index_expression, index_symbol, leaf
from symnet.language.extents import Extent

__all__ = ["formula", "show", "show_access", "show_guard", "show_index", "show_statement"]

# The reductions' names in the language, and what they give where no point takes part.
_WORDS = {"+": "sum", "prod": "prod", "max": "max", "min": "min", "argmax": "argmax", "argmin": "argmin"}
_EMPTY = {"+": "0", "prod": "1", "max": "-inf", "min": "inf"}


def show(program: Program) -> str:
    """The whole program: what is given, the statements in order, and the results. No newline at the end."""
    given = [_declaration(tensor) for tensor in program.tensors.values() if tensor.given]
    given += [f"# {condition}: {condition.message}" for condition in program.conditions]
    statements = [
        show_statement(s, program.tensors, adds=len(program.writers[s.target.tensor]) > 1) for s in program.statements
    ]
    results = [f"output {', '.join(program.results)}"] if program.results else []
    return "\n\n".join("\n".join(part) for part in (given, statements, results) if part)


def show_statement(s: Statement, tensors: Mapping[str, Tensor], *, adds: bool = False) -> str:
    """One statement on one line.

    `adds` is True where the tensor has other statements too: a sum is then a contribution, written with `+=`.
    """
    view = _shifted(s)
    s = view.statement
    adds = s.op != "=" and (adds or (s.target.plain is None and not _sums_once(s, tensors)))
    reduces = bool(s.reduced) or s.op in ("argmax", "argmin")
    conditions = [show_guard(guard) for guard in s.guards]
    conditions += [f"{name} < {s.extents[name]}" for name in s.free if not view.implied(name, tensors)]
    body = _body(s)
    if reduces:
        binders = ", ".join(view.binder(name, tensors) for name in s.reduced)
        body = f"{_WORDS[s.op]}({binders}{_filter(conditions)}: {body})"
    elif conditions:
        body += _filter(conditions) + ("" if adds or s.op == "=" else f" else {_EMPTY[s.op]}")
    sign = "=" if not adds else "+=" if s.op == "+" else f"{_WORDS[s.op]}="
    return f"{view.target(tensors)} {sign} {body}"


def _sums_once(s: Statement, tensors: Mapping[str, Tensor]) -> bool:
    """Whether each element of the target is one reduction: at plain indices, or at joined ones such as i*K + k."""
    if not s.reduced:
        return False
    names: list[str] = []
    for place, extent in zip(s.target.places, tensors[s.target.tensor].extents, strict=True):
        found = place.joined(s.extents, extent) if isinstance(place, Affine) and place.terms else None
        if found is None:
            return False
        names += found
    return len(set(names)) == len(names)


def _filter(conditions: list[str]) -> str:
    return f" if {' and '.join(conditions)}" if conditions else ""


def _declaration(tensor: Tensor) -> str:
    extents = f"[{', '.join(map(str, tensor.extents))}]" if tensor.extents else ""
    bound = f" < {tensor.bound}" if tensor.bound is not None else ""
    return f"{tensor.role} {tensor.name}{extents}{bound}"


# --- ranges of indices -----------------------------------------------------------------------------


@dataclass(frozen=True)
class _View:
    """A statement whose indices start at `low` (0 where it does not say)."""

    statement: Statement
    low: Mapping[str, Extent]

    def target(self, tensors: Mapping[str, Tensor]) -> str:
        """The target, with the range of an index that does not run over the whole dimension."""
        target = self.statement.target
        extents = tensors[target.tensor].extents
        places = [self.dimension(place, extent) for place, extent in zip(target.places, extents, strict=True)]
        return f"{target.tensor}[{', '.join(places)}]" if places else target.tensor

    def dimension(self, place: Place, extent: Extent) -> str:
        name = place.plain if isinstance(place, Affine) else None
        if name is None:
            return show_index(place)
        low = self.low.get(name, Extent())
        high = low + self.statement.extents[name]
        return name if low == Extent() and high == extent else f"{name}: {low}..{high}"

    def implied(self, name: str, tensors: Mapping[str, Tensor]) -> bool:
        """Whether the extent of an index can be seen: from the target's dimension, or from a tensor it runs over."""
        if any(isinstance(place, Affine) and place.plain == name for place in self.statement.target.places):
            return True
        if name in self.statement.target.indices and _sums_once(self.statement, tensors):
            return True
        return any(
            place.plain == name and tensors[tensor].extents[number] == self.statement.extents[name]
            for tensor, places in _runs(self.statement)
            for number, place in enumerate(places)
            if isinstance(place, Affine)
        )

    def binder(self, name: str, tensors: Mapping[str, Tensor]) -> str:
        return name if self.implied(name, tensors) else f"{name} < {self.statement.extents[name]}"


def _runs(s: Statement) -> list[tuple[str, tuple[Place, ...]]]:
    """Tensors with the places at which a statement reads them without a default, those of index positions too."""
    found: list[tuple[str, tuple[Place, ...]]] = [(a.tensor, a.places) for a in s.leaves if a.default is None]
    for access in (s.target, *s.leaves):
        found += [(place.tensor, place.indices) for place in access.places if isinstance(place, Indirect)]
    return found


def _shifted(s: Statement) -> _View:
    """The statement with y[j + 8] on its left-hand side written as y[j], j from 8."""
    low: dict[str, Extent] = {}
    for place in s.target.places:
        if isinstance(place, Affine) and len(place.terms) == 1 and place.constant.terms:
            name, coefficient = place.terms[0]
            if coefficient.constant == 1 and place.constant.at_least(0):
                low.setdefault(name, place.constant)
    if not low:
        return _View(s, low)
    moves = {name: Affine.index(name) - start for name, start in low.items()}
    moved = replace(
        s,
        target=s.target.substitute(moves),
        guards=tuple(guard.substitute(moves) for guard in s.guards),
        leaves=tuple(access.substitute(moves) for access in s.leaves),
        body=s.body.xreplace({index_symbol(name): index_expression(affine) for name, affine in moves.items()}),
    )
    return _View(moved, low)


# --- accesses, bodies, guards ----------------------------------------------------------------------


def show_index(place: Place) -> str:
    """An index expression, positive terms first: `2*u + p`, `n - i`, `T - 1 - t`, `y[n]`."""
    if isinstance(place, Indirect):
        inner = f"[{', '.join(map(show_index, place.indices))}]" if place.indices else ""
        return place.tensor + inner
    indices = [(_times(c, name), _negative(c), c.constant in (1, -1)) for name, c in place.terms]
    constants = [(str(Extent(((m, abs(c)),))), c < 0, True) for m, c in place.constant.terms]
    forward = any(not minus for _, minus, _ in indices)
    terms = [*indices, *constants] if forward else [*constants, *indices]
    terms.sort(key=lambda term: (term[1], term[2]))
    text = "".join((" - " if minus else " + ") + shown for shown, minus, _ in terms) or " + 0"
    return text[3:] if text.startswith(" + ") else "-" + text[3:]


def _times(coefficient: Extent, name: str) -> str:
    if coefficient.constant in (1, -1):
        return name
    magnitude = -coefficient if _negative(coefficient) else coefficient
    return f"({magnitude})*{name}" if len(magnitude.terms) > 1 else f"{magnitude}*{name}"


def show_access(access: Access) -> str:
    """`x[n, i - 1]`, without its default."""
    return f"{access.tensor}[{', '.join(map(show_index, access.places))}]" if access.places else access.tensor


def _default(value: Fraction | float) -> str:
    text = str(value)
    return f"({text})" if "/" in text else text.removesuffix(".0")


def _body(s: Statement) -> str:
    """The body, its factors read in the order of the target's indices, then of the reduced ones."""
    order = {name: number for number, name in enumerate((*s.target.indices, *s.reduced))}
    ranked = sorted(
        range(len(s.leaves)), key=lambda number: sorted(order.get(name, -1) for name in s.leaves[number].indices)
    )
    names: dict[sp.Symbol, str] = {}
    for number in ranked:
        access = s.leaves[number]
        text = show_access(access)
        names[leaf(number)] = text if access.default is None else f"({text} else {_default(access.default)})"
    text = formula(s.body, names)
    whole = len(s.leaves) == 1 and s.body == leaf(0) and s.leaves[0].default is not None
    return text[1:-1] if whole else text


def show_guard(guard: Affine) -> str:
    """A guard, affine >= 0, as a comparison: `i >= 1`, `i < T`, `p <= i`, `t > u`."""
    left = Affine(tuple((name, c) for name, c in guard.terms if not _negative(c)))
    right = Affine(tuple((name, -c) for name, c in guard.terms if _negative(c)))
    rest = guard.constant
    if not guard.terms:  # a test of sizes alone, such as the time of a loop
        more = Extent(tuple((m, c) for m, c in rest.terms if c > 0))
        less = more - rest
        return f"{less} <= {more}" if not less.terms or less.constant is None else f"{more} >= {less}"
    if not left.terms:
        below = rest + 1
        return f"{show_index(right)} < {below}"
    if not right.terms:
        return f"{show_index(left)} >= {-rest}"
    if rest.constant == -1:
        return f"{show_index(left)} > {show_index(right)}"
    if not rest.terms or _negative(rest):
        return f"{show_index(left)} >= {show_index(right - rest)}"
    return f"{show_index(right)} <= {show_index(left + rest)}"


def _negative(extent: Extent) -> bool:
    """Whether an extent is written with a minus: all its coefficients are negative."""
    return bool(extent.terms) and all(coefficient < 0 for _, coefficient in extent.terms)
