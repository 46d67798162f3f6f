"""Program -> the program with its tangents: forward mode on statements, the transpose of `differentiate`.

    for  T[g(d)] += f(A[h(d)], ...)  over D      T'[g(d)] += A'[h(d)] * df/dA + ...   over the same D

The other reductions pass tangents on as they pass adjoints (`reductions.ROWS`). Tangents are statements as well, so
those of a program with its adjoint are second derivatives, forward over reverse.

The direction in which a tensor moves is an input of the program; or all directions are taken at once, and then it is
the Kronecker delta, and every tangent has the dimensions of that tensor behind its own: the tangent of a gradient is
the Hessian. (Griewank and Walther, Evaluating Derivatives, 2008, chapters 3 and 5.)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from string import ascii_lowercase

import sympy as sp

from symnet.ir.affine import Affine
from symnet.ir.bundle import Tangents
from symnet.ir.functions import where
from symnet.ir.program import Access, Program, Statement, Tensor, fresh_name, leaf, statement
from symnet.language.extents import Extent
from symnet.passes.conditions import FAR, Mask, WithLeaves, condition_at, conditional_product, mask_of
from symnet.passes.differentiate import partial
from symnet.passes.finite import guarded_roots, meets_infinity, wild_tensors
from symnet.passes.reductions import passed
from symnet.passes.simplify import canonical_indices, renamed

Box = tuple[tuple[str, Extent], ...]


def push(program: Program, directions: Mapping[str, str], wanted: Iterable[str]) -> Tangents:
    """The tangents of the tensors `wanted` where other tensors move in given directions.

    `directions` maps tensors to the names of their directions, which become inputs of the program. The result's
    program has the tangents of `wanted` as further results; they are 0 where no path leads to a tensor.
    """
    forward = _Forward(program, tuple(directions), tuple(dict.fromkeys(wanted)))
    for name, direction in directions.items():
        forward.tensors[direction] = Tensor(direction, program.tensors[name].extents, "input", of=name)
        forward.names[name] = direction
    return forward.run()


def jacobian(program: Program, name: str, wanted: Iterable[str]) -> Tangents:
    """The derivatives of the tensors `wanted` by every element of one tensor, whose dimensions come behind theirs."""
    forward = _Forward(program, (name,), tuple(dict.fromkeys(wanted)))
    forward.by, forward.span = name, span_of(program, name, forward.active)
    places = tuple(Affine.index(n) for n, _ in forward.span)
    delta = Access(forward.declare(name), places * 2)
    forward.statements.append(statement(delta, "+", forward.span, sp.S.One, {}, origin="delta"))
    return forward.run()


class _Forward:
    def __init__(self, program: Program, sources: tuple[str, ...], wanted: tuple[str, ...]) -> None:
        self.program = program
        self.sources = sources
        self.wanted = wanted
        self.writers, self.wild = program.writers, wild_tensors(program)
        self.active = moving(program, sources, wanted)
        self.by = ""  # the tensor of which all directions are taken at once,
        self.span: Box = ()  # and the indices of the direction
        self.tensors: dict[str, Tensor] = dict(program.tensors)
        self.statements: list[Statement] = []
        self.names: dict[str, str] = {}  # tensor to its tangent
        self.masks: dict[str, list[Mask]] = {}  # tensor to the conditions of the contributions to its tangent so far
        self.last = {s.target.tensor: k for k, s in enumerate(program.statements)}

    def run(self) -> Tangents:
        for name in self.program.tensors:
            if (name in self.active or name in self.wanted) and name not in self.names:
                self.declare(name)
        for k, s in enumerate(self.program.statements):
            self.statements.append(s)
            if s.target.tensor in self.active and s.target.tensor not in self.sources:
                self.push(s, k)
        still = [self.names[name] for name in self.wanted if name not in self.active and name not in self.sources]
        self.statements += [self.zero(name) for name in still]
        tangents = tuple((name, self.names[name]) for name in self.wanted)
        results = tuple(dict.fromkeys((*self.program.results, *(t for _, t in tangents))))
        result = replace(self.program, tensors=self.tensors, statements=tuple(self.statements), results=results)
        directions = tuple((name, self.names[name]) for name in self.sources if not self.by)
        return Tangents(result, directions, tangents)

    def declare(self, name: str) -> str:
        tangent = fresh_name(f"d{name}_d{self.by}" if self.by else f"{name}_dot", self.tensors)
        self.names[name] = tangent
        extents = (*self.tensors[name].extents, *(extent for _, extent in self.span))
        self.tensors[tangent] = Tensor(tangent, extents, "tangent", of=name, by=self.by)
        return tangent

    # --- the rule ---

    def push(self, s: Statement, position: int) -> None:
        """Add the contributions of what a statement reads to the tangent of its target."""
        s = renamed(s, {n: f"{n}2" for n, _ in self.span if n in s.extents})
        read = [k for k, a in enumerate(s.leaves) if a.tensor in self.active and partial(s.body, k) != 0]
        # What moves with every index of the domain is added up at once; a contraction stays a product of two tensors.
        together = [k for k in read if not self.span and set(s.extents) <= set(s.leaves[k].indices)]
        for group in ([together] if together else []) + [[k] for k in read if k not in together]:
            terms = [self.term(s, k, position) for k in group]
            self.contribute(s, sp.Add(*(e for e, _ in terms)), {x: a for _, leaves in terms for x, a in leaves.items()})

    def term(self, s: Statement, k: int, position: int) -> WithLeaves:
        """The tangent of a leaf times the local gradient."""
        access, slope = s.leaves[k], guarded_roots(partial(s.body, k), s, self.writers)
        number = FAR * (k + 2)  # for leaves that no other term has
        moved = self.moved(access)
        leaves = {leaf(number): moved}
        body = conditional_product(leaf(number), slope)
        # In a recurrence the tangent that is read is not complete here, so nothing is known of its zeros.
        complete = self.last.get(access.tensor, -1) < position and access.default is None
        if complete and meets_infinity(slope, s, self.wild):
            mask = condition_at(self.masks.get(access.tensor, []), moved.places, number + 1)
            if mask is not None:
                body = where(mask[0], body, 0)
                leaves |= mask[1]
        return body, leaves

    def contribute(self, s: Statement, body: sp.Expr, leaves: dict[sp.Symbol, Access]) -> None:
        body, more, extra = passed(s, body, self.tensors)
        self.statements += extra
        own = {leaf(k): a for k, a in enumerate(s.leaves)}
        target = self.moved(replace(s.target, default=None))
        pushed = statement(
            target, "+", (*s.domain, *self.span), body, own | leaves | more, s.guards, f"tangent of {s.target.tensor}"
        )
        self.statements.append(pushed)
        name = s.target.tensor
        self.masks.setdefault(name, []).append(mask_of(pushed, self.tensors[self.names[name]].extents))

    def moved(self, access: Access) -> Access:
        """An access to the tangent; outside of the range of a tensor its default was read, which does not move."""
        places = (*access.places, *(Affine.index(n) for n, _ in self.span))
        return Access(self.names[access.tensor], places, None if access.default is None else Fraction(0))

    def zero(self, name: str) -> Statement:
        box = tuple((f"i{k}", extent) for k, extent in enumerate(self.tensors[name].extents))
        target = Access(name, tuple(Affine.index(n) for n, _ in box))
        return statement(target, "=", box, sp.S.Zero, {}, origin="no path")


def moving(program: Program, sources: Iterable[str], wanted: Iterable[str]) -> set[str]:
    """The tensors that move with the sources, and with which the wanted ones move."""
    reads: dict[str, list[str]] = {}
    readers: dict[str, list[str]] = {}
    for s in program.statements:
        if s.op in ("argmax", "argmin") or program.tensors[s.target.tensor].integer:
            continue
        for k, access in enumerate(s.leaves):
            if not program.tensors[access.tensor].integer and partial(s.body, k) != 0:
                reads.setdefault(s.target.tensor, []).append(access.tensor)
                readers.setdefault(access.tensor, []).append(s.target.tensor)
    return _reached(sources, readers) & _reached(wanted, reads)


def _reached(start: Iterable[str], edges: Mapping[str, list[str]]) -> set[str]:
    found = set(start)
    pending = list(found)
    while pending:
        fresh = [n for n in edges.get(pending.pop(), ()) if n not in found]
        found.update(fresh)
        pending += fresh
    return found


def span_of(program: Program, name: str, active: Iterable[str]) -> Box:
    """Indices for the direction in which a tensor moves: the letters that follow those of its own indices.

    They are none by which formulas call the dimensions of the tensors that move with it.
    """
    names, extents = canonical_indices(program), program.tensors[name].extents
    taken = {*program.tensors, *program.sizes, *(n for other in active for n in names.get(other, ()))}
    found = []
    for own, extent in zip(names.get(name, "i" * len(extents)), extents, strict=True):
        letters = ascii_lowercase[ascii_lowercase.find(own) + 1 :] if len(own) == 1 else ""
        chosen = next(n for n in (*letters, *(f"{own}{k}" for k in range(2, 1000))) if n not in taken)
        taken.add(chosen)
        found.append((chosen, extent))
    return tuple(found)
