"""Sums that several statements read get a name: the x - m of a normalisation, the difference in a squared error.

The derivative of (a - b)**2 reads 2*(a - b), which is as costly as a - b itself. Multiples of one sum are the same sum.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import sympy as sp

from symnet.ir.affine import Affine
from symnet.ir.functions import proper
from symnet.ir.program import Access, Program, Statement, Tensor, fresh_name, leaf, leaf_number, statement
from symnet.passes.definitions import definition, whole
from symnet.passes.order import ordered
from symnet.passes.share import Key, Part, part_of, read_of
from symnet.passes.simplify import canonical_indices, renamed
from symnet.planning.costs import operations


def name_sums(program: Program) -> Program:
    """The same values, with each sum of tensors that several statements hold calculated by one of its own."""
    return ordered(_Sums(program).run())


@dataclass(frozen=True, slots=True)
class _Held:
    """A tensor that is `factor` times a sum in its normal form, and the position of its indices in the part."""

    tensor: str
    factor: sp.Expr
    positions: tuple[int, ...]


class _Sums:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.tensors: dict[str, Tensor] = dict(program.tensors)
        self.indices = canonical_indices(program)
        self.held: dict[Key, _Held] = {}
        self.last = {s.target.tensor: k for k, s in enumerate(program.statements)}

    def run(self) -> Program:
        wanted = self.repeated(self.repeated(set()))
        out: list[Statement] = []
        for k, s in enumerate(self.program.statements):
            leaves = {leaf(n): a for n, a in enumerate(s.leaves)}
            instead: dict[sp.Expr, sp.Expr] = {}
            for e, factor, part in self.sums(s, k, wanted) if wanted else ():
                if part.key not in wanted or self.keeps(s, e, factor, part):
                    continue
                if part.key not in self.held:
                    out.append(self.named(e, factor, part, s))
                held = self.held[part.key]
                instead[e] = factor / held.factor * read_of(part.held_by(held.tensor, held.positions), leaves)
            if instead:
                body = proper(s.body.xreplace(instead))
                s = statement(s.target, s.op, s.domain, body, leaves, s.guards, s.origin)
            out.append(s)
        return replace(self.program, tensors=self.tensors, statements=tuple(out))

    def repeated(self, outermost: set[Key]) -> set[Key]:
        """The sums that several statements hold, not counting what stands inside of the outermost ones."""
        found: dict[Key, set[int]] = {}
        for k, s in enumerate(self.program.statements):
            for _, _, part in self.sums(s, k, outermost):
                found.setdefault(part.key, set()).add(k)
        return {key for key, statements in found.items() if len(statements) > 1}

    def keeps(self, s: Statement, e: sp.Expr, factor: sp.Expr, part: Part) -> bool:
        """Whether a statement defines a tensor as this sum; then that is the tensor to read."""
        names = s.target.plain
        if s.body != e or definition((s,)) is None or not whole(s, self.tensors) or names is None:
            return False
        if set(names) != set(part.indices) or part.key in self.held or len(self.program.writers[s.target.tensor]) > 1:
            return False
        self.held[part.key] = _Held(s.target.tensor, factor, tuple(part.indices.index(n) for n in names))
        return True

    def sums(self, s: Statement, position: int, outermost: set[Key]) -> Iterator[tuple[sp.Expr, sp.Expr, Part]]:
        """(sum, factor, the sum divided by the factor as a part) in a body; nothing inside of the outermost ones."""
        stack = [s.body] if self.ready(s, position) else []
        while stack:
            e = stack.pop()
            if isinstance(e, sp.Add) and self.is_plain_sum(e, s):
                factor, part = normal_form(part_of(e, s))
                yield e, factor, part
                if part.key in outermost:
                    continue
            stack += reversed(e.args)

    def ready(self, s: Statement, position: int) -> bool:
        """Whether all that the statement reads is there before it, and in range at all points of its box.

        A recurrence keeps its formulas, and so does a statement with guards.
        """
        return not s.guards and all(self.last.get(name, -1) < position for name in s.reads)

    def is_plain_sum(self, e: sp.Expr, s: Statement) -> bool:
        """Whether it takes two operations at least on tensors with indices, and nothing in it divides or is a function.

        1 - h**2 is such a sum, and a - b; 1 - h is as cheap as to read it.
        """
        accesses = [s.leaves[leaf_number(x) or 0] for x in e.free_symbols if leaf_number(x) is not None]
        if any(a.default is not None or not all(isinstance(p, Affine) for p in a.places) for a in accesses):
            return False
        if all(self.tensors[a.tensor].integer or not a.indices for a in accesses):
            return False
        if len({a for a in accesses if a.indices}) < 2 and operations(e) < 2:
            return False
        return all(
            not node.args
            or isinstance(node, sp.Add | sp.Mul | sp.Rational)
            or (isinstance(node, sp.Pow) and node.exp.is_Integer and (node.exp > 0 or not node.has(*e.free_symbols)))
            for node in sp.preorder_traversal(e)
        )

    def named(self, e: sp.Expr, factor: sp.Expr, part: Part, s: Statement) -> Statement:
        """The statement that defines a sum as it is first met, without the number that all its terms have."""
        negative = [term for term in e.args if term.could_extract_minus_sign()]
        used = [k for k in range(len(s.leaves)) if e.has(leaf(k))]
        used.sort(key=lambda k: any(term.has(leaf(k)) for term in negative))  # what something is taken from first
        reads = [s.leaves[k] for k in used]
        whole_reads = [a for a in reads if a.plain is not None and sorted(a.plain) == sorted(part.indices)]
        stem = next(a.tensor for a in (*whole_reads, s.target))
        name = fresh_name(f"{stem}_{'difference' if negative else 'total'}", self.tensors)
        order = whole_reads[0].plain if whole_reads else None  # dimensions lie as in the tensor it is made of
        domain = tuple((n, s.extents[n]) for n in order or s.extents if n in part.indices)
        self.tensors[name] = Tensor(name, tuple(x for _, x in domain), "value")
        target = Access(name, tuple(Affine.index(n) for n, _ in domain))
        self.held[part.key] = _Held(name, sp.sign(factor), tuple(part.indices.index(n) for n, _ in domain))
        made = statement(target, "=", domain, e / abs(factor), s.leaves, (), origin=s.origin)
        called = self.indices.get(whole_reads[0].tensor) if whole_reads else None
        return made if called is None or order is None else renamed(made, dict(zip(order, called, strict=True)))


def normal_form(part: Part) -> tuple[sp.Expr, Part]:
    """A sum as a number times one whose terms have no number in common, the same for all its multiples."""
    body, *rest = part.key
    assert isinstance(body, sp.Add)
    number, body = body.primitive()
    number, body = (-number, -body) if body.could_extract_minus_sign() else (number, body)
    return number, Part((body, *rest), part.indices)
