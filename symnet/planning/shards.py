"""The proof that a step over a batch is made of steps over its parts: what data parallelism rests on.

Let a batch of N examples be cut into parts of N_s examples. What a tensor is for the whole follows from the parts:

    each       one value for every example, made of that example alone: those of the parts, one behind the other
    total      the sum over examples: the sum of the parts' values
    constant   the same for every part

each times N to some power, since a mean has 1/N in it. A total times 1/N is a mean: the parts' values weighed with
N_s/N. So is a constant, for the weights add up to 1: a penalty may be added to a mean, but not to a sum.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import sympy as sp

from symnet.ir.affine import Affine
from symnet.ir.bundle import Shards
from symnet.ir.program import (
    Access,
    Indirect,
    Program,
    Statement,
    index_expression,
    index_symbol,
    leaf,
    size_expression,
    size_symbol,
)
from symnet.language.extents import Extent
from symnet.planning.batch import Batch, affine_places, find_batch

EACH, TOTAL, CONSTANT = "each", "total", "constant"


@dataclass(frozen=True, slots=True)
class Kind:
    """How a tensor follows from those of the parts; `power` is that of N in its formula."""

    spread: str
    power: int


MEAN, SUM, FIXED = Kind(TOTAL, -1), Kind(TOTAL, 0), Kind(CONSTANT, 0)


def find_shards(program: Program, objective: str, parameters: Collection[str], states: Iterable[str]) -> Shards | None:
    """How the batch of a program may be cut so that its loss and its next states follow; None without a proof."""
    batch, _ = find_batch(program, objective, parameters)
    size = str(batch.extent) if batch is not None else ""
    if batch is None or size not in program.sizes:
        return None
    places = _given_places(program, size)
    if places is None or any(size in (*c.left.sizes, *c.right.sizes) for c in program.conditions):
        return None
    kinds = _Proof(program, batch, size).run()
    found = {kinds.get(name) for name in (objective, *states)}
    loss = "mean" if found <= {MEAN, FIXED} else "sum" if found == {SUM} else None
    if loss is None:
        return None
    noise = tuple((name, k) for name, k in places if program.tensors[name].role == "random")
    return Shards(size, tuple(row for row in places if row not in noise), noise, loss)


def _given_places(program: Program, size: str) -> tuple[tuple[str, int], ...] | None:
    """Where the examples stand in what is given; None where a tensor has them twice, or a formula of their number."""
    found = []
    for t in program.tensors.values():
        held = [k for k, extent in enumerate(t.extents) if size in extent.sizes]
        if not t.given or not held:
            continue
        if len(held) > 1 or t.extents[held[0]] != Extent.size(size):
            return None
        found.append((t.name, held[0]))
    return tuple(found)


class _Proof:
    def __init__(self, program: Program, batch: Batch, size: str) -> None:
        self.program = program
        self.batch = batch
        self.size = size_symbol(size)
        self.kinds: dict[str, Kind | None] = {
            name: Kind(EACH, 0) if name in batch.places else FIXED
            for name in program.tensors
            if name not in program.writers
        }

    def run(self) -> dict[str, Kind | None]:
        """The kind of every tensor, None where nothing is known of it.

        In a recurrence a tensor is read before its kind is known: then it is taken for what has no N in its formula,
        which has to come out.
        """
        taken: set[str] = set()
        for name, writers in self.program.writers.items():
            for read in {r for s in writers for r in s.reads if r not in self.kinds}:
                taken.add(read)
                self.kinds[read] = Kind(EACH, 0) if read in self.batch.places else FIXED
            found = _joined(self.kind(s) for s in writers)
            if name in taken and found != self.kinds[name]:
                return {}
            self.kinds[name] = found
        return self.kinds

    def kind(self, s: Statement) -> Kind | None:
        """What a statement makes of what it reads."""
        index = self.batch.index(s) or next((n for n, e in s.domain if e == self.batch.extent), None)
        known = {leaf(k): self.kinds[a.tensor] for k, a in enumerate(s.leaves)}
        if not all(known.values()) or not self.is_told_apart(s, index):
            return None
        kinds = {symbol: kind for symbol, kind in known.items() if kind is not None}
        if any(kind.spread == TOTAL for kind in kinds.values()):
            linear = index is None and s.op in ("=", "+")
            return _joined(self.term(t, kinds) for t in sp.Add.make_args(sp.expand_mul(s.body))) if linear else None
        power = self.power(s.body, {symbol: kind.power for symbol, kind in kinds.items()})
        if power is None or s.op not in ("=", "+") and power != 0:
            return None
        if index is None:
            return Kind(CONSTANT, power)
        if index in s.target.indices:
            return Kind(EACH, power)
        return Kind(TOTAL, power) if s.op == "+" else None

    def is_told_apart(self, s: Statement, index: str | None) -> bool:
        """Whether a statement uses the index of the examples to tell them apart and for nothing else."""
        others = [extent for name, extent in s.domain if name != index]
        affine = [*s.guards, *(a for access in (s.target, *s.leaves) for a in affine_places(access))]
        if any(size_expression(extent).has(self.size) for extent in others):
            return False
        if any(index_expression(a).has(self.size) for a in affine):
            return False
        if index is None:
            return True
        own = [a for access in (s.target, *s.leaves) for a in self.example_places(access)]
        used = [a for a in affine if index in a.indices]
        return not s.body.has(index_symbol(index)) and used == own and all(a.plain == index for a in own)

    def example_places(self, access: Access) -> list[Affine]:
        """What stands in the dimensions that count examples."""
        found: list[Affine] = []
        place = self.batch.places.get(access.tensor)
        for k, p in enumerate(access.places):
            if isinstance(p, Indirect) and p.tensor in self.batch.places:
                found.append(p.indices[self.batch.places[p.tensor]])
            elif isinstance(p, Affine) and k == place:
                found.append(p)
        return found

    def term(self, term: sp.Expr, kinds: dict[sp.Symbol, Kind]) -> Kind | None:
        """A product with one total in it, or none."""
        totals = [symbol for symbol, kind in kinds.items() if kind.spread == TOTAL and term.has(symbol)]
        power = self.power(term, {symbol: kind.power for symbol, kind in kinds.items()})
        if power is None or len(totals) > 1 or any(term.diff(t).has(t) for t in totals):
            return None
        return Kind(TOTAL if totals else CONSTANT, power)

    def power(self, e: sp.Expr, powers: dict[sp.Symbol, int]) -> int | None:
        """The power of N in an expression; None where it is no product of such a power and what has no N."""
        if e == self.size:
            return 1
        if not e.args:
            return powers.get(e, 0)
        found = [self.power(a, powers) for a in e.args]
        known = [p for p in found if p is not None]
        if len(known) < len(found):
            return None
        if isinstance(e, sp.Mul):
            return sum(known)
        if isinstance(e, sp.Pow) and e.exp.is_Integer:
            return known[0] * int(e.exp)
        same = len(set(known)) == 1
        return known[0] if same and (isinstance(e, sp.Add) or known[0] == 0) else None


def _joined(kinds: Iterable[Kind | None]) -> Kind | None:
    """The kind of a sum."""
    found = set(kinds)
    if found == {MEAN, FIXED}:
        return MEAN
    return found.pop() if len(found) == 1 else None
