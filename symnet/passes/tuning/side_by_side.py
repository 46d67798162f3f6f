"""What is calculated by the same formula twice, from tensors of one shape, is calculated once for both, side by side.

    a[n, o] = tanh(b[n, o])                 pair[p, n, o] = tanh(pair2[p, n, o])
    c[n, o] = tanh(d[n, o])

The tensors that differ become parts of one, pair[0, n, o] and pair[1, n, o], in whose place others write and read. To
begin a function of NumPy takes as long as a thousand elements, so two small encoders run in little more time than one.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace

from symnet.ir.affine import Affine
from symnet.ir.order import components, cyclic_groups
from symnet.ir.program import Program, Statement, Tensor, fresh_name, index_symbol, statement, symbols_of
from symnet.language.extents import Extent
from symnet.passes.definitions import definition, whole
from symnet.passes.order import ordered
from symnet.passes.tuning.parts import Parts, in_parts, part_of_one
from symnet.planning.contractions import volume
from symnet.planning.costs import operations
from symnet.planning.rows import SIDE_BY_SIDE

# How many statements of one form are looked at for each, the latest first.
MOST_TRIED = 8

Pair = tuple[str, str]


def side_by_side(program: Program) -> Program:
    """The same values, with equal formulas over tensors of one shape calculated together."""
    pairing = _Pairing(program)
    pairing.run()
    return ordered(_paired(program, pairing)) if pairing.merged else program


class _Pairing:
    """Which tensors become parts of one, and which statements become one."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.looping = {name: group[0] for group in cyclic_groups(program) for name in group}
        self.number = {name: k for k, name in enumerate(program.writers)}
        self.above: dict[str, int] = {}  # tensor to what it depends on, a bit each
        for s in program.statements:
            found = self.above.get(s.target.tensor, 0)
            for name in s.reads:
                found |= self.above.get(name, 0) | (1 << self.number[name] if name in self.number else 0)
            self.above[s.target.tensor] = found
        self.pair_of: dict[str, Pair] = {}
        self.merged: dict[int, Statement] = {}  # the later one of two statements to the first

    def run(self) -> None:
        """Find the pairs, in the order of the statements."""
        waiting: dict[Hashable, list[Statement]] = {}
        for s in self.program.statements:
            key = self.form(s)
            if key is None:
                continue
            others = waiting.setdefault(key, [])
            for first in others[: -MOST_TRIED - 1 : -1]:
                if self.joined(first, s) or self.joined(s, first):
                    self.merged[id(s)] = first
                    others.remove(first)
                    break
            else:
                others.append(s)

    def form(self, s: Statement) -> Hashable | None:
        """What two statements have in common that may become one; None for those that may not."""
        names, tensor = s.target.plain, s.target.tensor
        if names is None or not s.domain or definition(self.program.writers[tensor]) is None:
            return None
        if tensor in self.looping or not whole(s, self.program.tensors) or not operations(s.body):
            return None
        if any(a.plain is None or a.default is not None for a in s.leaves) or not SIDE_BY_SIDE(
            volume(names, s.extents)
        ):
            return None
        if symbols_of(s.body) & {index_symbol(n) for n in names}:
            return None
        called = {n: f"i{k}" for k, n in enumerate(names)}
        places = tuple(tuple(called[n] for n in a.plain or ()) for a in s.leaves)
        return s.body, tuple(s.extents[n] for n in names), places

    def joined(self, first: Statement, other: Statement) -> bool:
        """Whether two statements of one form become one, with new pairs noted."""
        wanted = [(first.target.tensor, other.target.tensor)]
        wanted += [
            (a.tensor, b.tensor) for a, b in zip(first.leaves, other.leaves, strict=True) if a.tensor != b.tensor
        ]
        new = [pair for pair in dict.fromkeys(wanted) if self.pair_of.get(pair[0]) != pair]
        alone = [name for pair in new for name in pair]
        if len(wanted) < 2 or len(set(alone)) < len(alone) or not all(map(self.may_pair, new)):
            return False
        before = dict(self.pair_of)
        self.pair_of.update((name, pair) for pair in new for name in pair)
        if self.goes_in_a_circle():
            self.pair_of = before
            return False
        return True

    def may_pair(self, pair: Pair) -> bool:
        """Whether two tensors may be parts of one: alike, calculated as wholes, and independent of each other."""
        tensors = [self.program.tensors[name] for name in pair]
        if any(t.given or t.integer or t.name in self.program.wanted or t.name in self.looping for t in tensors):
            return False
        if tensors[0].extents != tensors[1].extents or any(name in self.pair_of for name in pair):
            return False
        if any(self.above[a] >> self.number[b] & 1 for a, b in (pair, pair[::-1])):
            return False
        writers = [s for name in pair for s in self.program.writers[name]]
        return all(s.op in ("+", "=") and not s.guards and whole(s, self.program.tensors) for s in writers)

    def goes_in_a_circle(self) -> bool:
        """Whether what depends on each other would go in a circle, with each pair as one."""
        below: dict[str, dict[str, None]] = {}
        for s in self.program.statements:
            target = self.one_of(s.target.tensor)
            reads = (self.one_of(name) for name in s.reads)
            below.setdefault(target, {}).update((name, None) for name in reads if name != target)
        return has_circle(below)

    def one_of(self, name: str) -> str:
        """The first of the tensors that are one with this: the other of a pair, those of a recurrence."""
        return self.pair_of[name][0] if name in self.pair_of else self.looping.get(name, name)


def has_circle(edges: Mapping[str, Mapping[str, None]]) -> bool:
    """Whether nodes depend on each other; what has no edges of its own is left out."""
    inner = {name: [other for other in others if other in edges] for name, others in edges.items()}
    return any(len(group) > 1 for group in components(inner))


def _paired(program: Program, pairing: _Pairing) -> Program:
    """The program with pairs as one tensor each."""
    tensors = dict(program.tensors)
    names: dict[Pair, str] = {}
    for pair in dict.fromkeys(pairing.pair_of.values()):
        names[pair] = fresh_name(f"{pair[0]}_pair", tensors)
        tensors[names[pair]] = Tensor(names[pair], (Extent.of(2), *tensors[pair[0]].extents), "value")
    place = {name: (names[pair], pair.index(name)) for name, pair in pairing.pair_of.items()}
    both = {id(first) for first in pairing.merged.values()}
    out = []
    for s in program.statements:
        if id(s) in both:
            continue  # it stands where the later one of both does
        first = pairing.merged.get(id(s))
        out.append(in_parts(s, place) if first is None else _one(first, s, place))
    return replace(program, tensors=tensors, statements=tuple(out))


def _one(first: Statement, other: Statement, place: Parts) -> Statement:
    """One statement for both parts."""
    p = next(name for name in "pqrsijkl" if name not in first.extents and not _is_size(name, first))
    leaves = tuple(
        part_of_one(a, place, Affine.index(p)) if a.tensor != b.tensor else part_of_one(a, place)
        for a, b in zip(first.leaves, other.leaves, strict=True)
    )
    domain = ((p, Extent.of(2)), *first.domain)
    return statement(
        part_of_one(first.target, place, Affine.index(p)), "=", domain, first.body, leaves, (), first.origin
    )


def _is_size(name: str, s: Statement) -> bool:
    return any(name in extent.sizes for extent in s.extents.values())
