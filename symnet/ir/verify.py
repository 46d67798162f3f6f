"""The rules that every program keeps, tested between any two passes.

A program that breaks one is a mistake in symnet and not in a spec, so the error is no SymnetError. One traversal per
statement, and one per distinct body, place and guard: the answers are kept, since the layers of a network repeat them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

import sympy as sp

from symnet.ir import functions as f
from symnet.ir.affine import Affine
from symnet.ir.order import cyclic_groups
from symnet.ir.program import REDUCTIONS, Access, Indirect, Program, Statement, index_symbol, leaf_number, size_symbol
from symnet.language.extents import Extent

# What a body may be made of.
_OWN = tuple(c for c in vars(f).values() if isinstance(c, type) and issubclass(c, f._Real) and c.nargs is not None)
_SYMPY = (sp.exp, sp.log, sp.sin, sp.cos, sp.tan, sp.sinh, sp.cosh, sp.tanh, sp.atan, sp.erf, sp.Add, sp.Mul)
FUNCTIONS = frozenset((*_OWN, *_SYMPY))


class MalformedProgram(Exception):
    """A pass has made a program that breaks a rule."""


def verify(program: Program) -> None:
    """Raises MalformedProgram if the program breaks a rule; the message shows the statement and says why."""
    for problem in _declarations(program):
        raise MalformedProgram(problem)
    for s in program.statements:
        # All that the rules look at besides the statement: one that has been tested with these need not be again.
        known = (program.sizes, *map(program.tensors.get, (s.target.tensor, *s.reads)))
        if s.notes.get(verify) == known:
            continue
        for rule in RULES:
            for problem in rule(s, program):
                raise MalformedProgram(f"{problem}\n  in {_shown(s)}")
        s.notes[verify] = known
    for problem in _order(program):
        raise MalformedProgram(problem)


def _shown(s: Statement) -> str:
    domain = ", ".join(f"{name} < {extent}" for name, extent in s.domain)
    guards = "".join(f", {guard} >= 0" for guard in s.guards)
    leaves = ", ".join(f"_{number} = {access}" for number, access in enumerate(s.leaves))
    return f"for {domain or 'one point'}{guards}: {s.target} {s.op} {s.body} with {leaves or 'no leaves'} ({s.origin})"


# --- one statement ---------------------------------------------------------------------------------

Rule = Callable[[Statement, Program], Iterator[str]]


def _operation(s: Statement, program: Program) -> Iterator[str]:
    if s.op != "=" and s.op not in REDUCTIONS:
        yield f"there is no operation {s.op!r}"
    if len(s.extents) != len(s.domain):
        yield "an index occurs twice in the domain"
    for name, extent in s.domain:
        if name in program.sizes:
            yield f"{name} is an index and a size"
        yield from _known_sizes(extent, program)


def _accesses(s: Statement, program: Program) -> Iterator[str]:
    for access in (s.target, *s.leaves):
        tensor = program.tensors.get(access.tensor)
        if tensor is None:
            yield f"{access.tensor!r} is not declared"
            return
        if len(tensor.extents) != len(access.places):
            yield f"{access} has {len(access.places)} indices, its tensor has {len(tensor.extents)} dimensions"
            return
        for place in access.places:
            if isinstance(place, Indirect):
                yield from _indirect(place, s, program)
            else:
                yield from _affine(place, s, program)
        if access.default is not None and (access is s.target or any(isinstance(p, Indirect) for p in access.places)):
            yield f"{access} has a default, which a target and an indirect access cannot have"
        if access is not s.target and not tensor.given and access.tensor not in program.writers:
            yield f"{access.tensor!r} is read, and nothing writes it"
    if program.tensors[s.target.tensor].given:
        yield f"{s.target.tensor!r} is given and cannot be written"
    for guard in s.guards:
        yield from _affine(guard, s, program)


def _indirect(place: Indirect, s: Statement, program: Program) -> Iterator[str]:
    tensor = program.tensors.get(place.tensor)
    if tensor is None:
        yield f"{place.tensor!r} is not declared"
    elif not tensor.given and place.tensor not in program.writers:
        yield f"{place.tensor!r} is read, and nothing writes it"
    elif not tensor.integer:
        yield f"{place.tensor!r} is used as an index, but is not an integer tensor"
    elif len(tensor.extents) != len(place.indices):
        yield f"{place} has {len(place.indices)} indices, its tensor has {len(tensor.extents)} dimensions"
    else:
        for affine, extent in zip(place.indices, tensor.extents, strict=True):
            yield from _affine(affine, s, program)
            yield from _range(affine, extent, place, s)


def _affine(affine: Affine, s: Statement, program: Program) -> Iterator[str]:
    for name, coefficient in affine.terms:
        if name not in s.extents:
            yield f"the index {name} of {affine} is not in the domain"
        yield from _known_sizes(coefficient, program)
    yield from _known_sizes(affine.constant, program)


def _known_sizes(extent: Extent, program: Program) -> Iterator[str]:
    for name in extent.sizes if extent.terms else ():
        if name not in program.sizes:
            yield f"the size {name} is not declared"


def _ranges(s: Statement, program: Program) -> Iterator[str]:
    for access in (s.target, *s.leaves):
        if access.default is not None:
            continue
        for place, extent in zip(access.places, program.tensors[access.tensor].extents, strict=True):
            if isinstance(place, Affine):
                yield from _range(place, extent, access, s)


def _range(place: Affine, extent: Extent, access: Access | Indirect, s: Statement) -> Iterator[str]:
    """Reads that are proved to leave the range. With guards nothing is proved, since the point may be cut off."""
    if s.guards:
        return
    name = place.plain
    if name is not None and s.extents[name] == extent:
        return
    box = tuple((name, s.extents[name]) for name in place.indices)
    if _leaves(place, box, extent):
        yield f"{place} of {access} leaves the range 0..{extent - 1}"


@lru_cache(maxsize=100_000)
def _leaves(place: Affine, box: tuple[tuple[str, Extent], ...], extent: Extent) -> bool:
    bounds = place.bounds(dict(box))
    if bounds is None or not all(length.at_least(1) for _, length in box):
        return False
    return (-bounds[0]).at_least(1) or bounds[1].at_least(extent)


def _target(s: Statement, program: Program) -> Iterator[str]:
    if s.op != "=":
        return
    if s.reduced:
        yield f"'=' reduces nothing, but {', '.join(s.reduced)} is not on its left-hand side"
    elif s.target.plain is None and not _injective(s.target, s.domain):
        yield "'=' must write every element once, and this target was not proved to"


@lru_cache(maxsize=100_000)
def _injective(target: Access, domain: tuple[tuple[str, Extent], ...]) -> bool:
    """Whether different points are proved to hit different elements: place by place, what it tells of the indices."""
    extents = dict(domain)
    unknown = {name for name, extent in domain if extent.constant != 1}
    places = [place for place in target.places if isinstance(place, Affine)]
    found = True
    while found:
        found = False
        for place in places:
            terms = [(c, extents[name]) for name, c in place.terms if name in unknown]
            if terms and _digits(terms):
                unknown.difference_update(place.indices)
                found = True
    return not unknown


def _digits(terms: list[tuple[Extent, Extent]]) -> bool:
    """Whether a sum of coefficient * index tells all its indices, like the digits of a number: h*K + k with k < K.

    One index after the other is taken off whose coefficient is more than what the rest can add up to.
    """
    rest = [(c if c.at_least(0) else -c, extent) for c, extent in terms]
    while rest:
        leading = next((n for n in range(len(rest)) if _leads(rest[n][0], rest[:n] + rest[n + 1 :])), None)
        if leading is None:
            return False
        del rest[leading]
    return True


def _leads(coefficient: Extent, others: list[tuple[Extent, Extent]]) -> bool:
    return (coefficient - sum((c * (extent - 1) for c, extent in others), Extent())).at_least(1)


def _leaf_numbers(s: Statement, program: Program) -> Iterator[str]:
    facts = _facts(s.body)
    if facts.problem:
        yield facts.problem
    if facts.leaves != tuple(range(len(s.leaves))):
        yield f"the body uses the leaves {list(facts.leaves)} of {len(s.leaves)}"
    if len(set(map(str, s.leaves))) != len(s.leaves):
        yield "two leaves are the same access"
    for symbol in facts.symbols:
        index = symbol.name in s.extents and symbol == index_symbol(symbol.name)
        size = symbol.name in program.sizes and symbol == size_symbol(symbol.name)
        if not index and not size and symbol != f.INFINITY:
            yield f"the body's symbol {symbol} is no leaf, index or size"


class _Facts(NamedTuple):
    """What a body holds: its leaves' numbers, its other symbols, and what is wrong with it."""

    leaves: tuple[int, ...]
    symbols: tuple[sp.Symbol, ...]
    problem: str


@lru_cache(maxsize=100_000)
def _facts(body: sp.Expr) -> _Facts:
    leaves: dict[int, None] = {}
    symbols: dict[sp.Symbol, None] = {}
    problem = ""
    for node in sp.preorder_traversal(body):
        if isinstance(node, sp.Symbol):
            number = leaf_number(node)
            if number is None:
                symbols[node] = None
            else:
                leaves[number] = None
        else:
            problem = problem or _improper(node)
    return _Facts(tuple(sorted(leaves)), tuple(sorted(symbols, key=str)), problem)


def _improper(node: sp.Basic) -> str:
    if node in f.IMPROPER or isinstance(node, sp.Float):
        return f"the body holds the number {node}"
    if isinstance(node, (sp.Rational, sp.NumberSymbol)):
        return ""
    if isinstance(node, sp.Pow):
        constant = isinstance(node.exp, sp.Rational) or node.base.is_positive and node.base.is_number
        return "" if constant else f"the exponent of {node} is not constant: write power"
    return "" if type(node) in FUNCTIONS else f"the body holds {type(node).__name__}"


RULES: tuple[Rule, ...] = (_operation, _accesses, _ranges, _target, _leaf_numbers)


# --- the whole program -----------------------------------------------------------------------------


def _declarations(program: Program) -> Iterator[str]:
    for name, tensor in program.tensors.items():
        if tensor.name != name:
            yield f"the tensor {tensor.name!r} is declared as {name!r}"
        for extent in tensor.extents:
            yield from _known_sizes(extent, program)
    for name in program.results:
        if name not in program.tensors:
            yield f"the result {name!r} is not declared"
        elif not program.tensors[name].given and name not in program.writers:
            yield f"nothing writes the result {name!r}"
    for name, writers in program.writers.items():
        reductions = sorted({s.op for s in writers} - {"="})
        if len(reductions) > 1:
            yield f"{name!r} is reduced in two ways: {', '.join(reductions)}"


def _order(program: Program) -> Iterator[str]:
    """Every tensor is read after its last statement. A recurrence stands, as a whole, at its last statement."""
    last = {s.target.tensor: number for number, s in enumerate(program.statements)}
    if not any(_early(program, last)):
        return
    groups = {name: group for group in cyclic_groups(program) for name in group}
    for name, group in groups.items():
        last[name] = max(last[other] for other in group if other in last)
    yield from _early(program, last, groups)


def _early(program: Program, last: Mapping[str, int], groups: Mapping[str, tuple[str, ...]] = {}) -> Iterator[str]:
    for number, s in enumerate(program.statements):
        group = groups.get(s.target.tensor, ())
        here = last[s.target.tensor] if group else number
        for name in s.reads:
            if name in last and last[name] >= here and name not in group:
                yield f"{name!r} is read before its last statement\n  in {_shown(s)}"
