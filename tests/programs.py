"""Random programs: small DAGs of statements that use everything the IR has, told by a seed.

Accesses are plain, constant, strided, shifted, reversed, windowed, joined, diagonal and indirect, with defaults or
guards where they can leave the range; tensors are shared, operands are repeated, extremes tie for good, integer tensors
are calculated and index, and a tensor may have several statements: ranges, guarded halves, a base value and scatters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
import sympy as sp

from symnet.ir import functions as f
from symnet.ir.affine import Affine
from symnet.ir.program import (
    Access,
    Indirect,
    Place,
    Program,
    Statement,
    Tensor,
    in_range,
    index_expression,
    index_symbol,
    leaf,
    size_expression,
    statement,
)
from symnet.language.extents import Extent

N = Extent.size("N")
EXTENTS = (Extent.of(2), Extent.of(3), Extent.of(4), N)
Domain = tuple[tuple[str, Extent], ...]


@dataclass(frozen=True)
class RandomProgram:
    """A program with values for what it is given. `wrt` are the tensors to differentiate for."""

    seed: int
    program: Program
    sizes: Mapping[str, int]
    wrt: tuple[str, ...]

    def values(self, draw: int = 0) -> dict[str, np.ndarray[Any, Any]]:
        """Values for all given tensors; a later draw gives other and smaller real values, and the same integers."""
        integers = np.random.default_rng([self.seed, 0])
        reals = np.random.default_rng([self.seed, 1, draw])
        values = {}
        for tensor in self.program.tensors.values():
            shape = tuple(extent.value(self.sizes) for extent in tensor.extents)
            if tensor.given and tensor.bound is not None:
                values[tensor.name] = integers.integers(0, tensor.bound.value(self.sizes), size=shape)
            elif tensor.given:
                values[tensor.name] = reals.normal(size=shape) * 0.6**draw
        return values


def random_program(seed: int, *, recurrences: bool = False, spec: bool = False) -> RandomProgram:
    """The random program of this seed.

    With `recurrences`, some tensors read their own earlier elements; with `spec`, it has only what a spec can say.
    """
    writer = _Writer(Random(seed), spec)
    for _ in range(writer.random.randint(1, 3)):
        writer.parameter()
    kinds = tuple(kind for kind in KINDS if not spec or kind[0] not in NO_EQUATION)
    kinds += ((recurrence, 8),) if recurrences else ()
    wanted = writer.random.randint(3, 7)
    while len(writer.statements) < wanted:
        kind = writer.random.choices([kind for kind, _ in kinds], [weight for _, weight in kinds])[0]
        kind(writer)
        writer.complete()
    size = writer.random.choice((1, 2, 3, 3, 4))
    return RandomProgram(seed, writer.program(), {"N": size}, tuple(writer.parameters))


# --- bodies ----------------------------------------------------------------------------------------

Body = Callable[[sp.Expr], sp.Expr]

SMOOTH: tuple[Body, ...] = (
    sp.tanh,
    sp.sin,
    sp.cos,
    sp.atan,
    sp.erf,
    f.sigmoid,
    f.softplus,
    lambda a: a**2 / 2,
    lambda a: a**3 / 8,
    lambda a: sp.exp(sp.tanh(a)),
    lambda a: sp.exp(-(a**2)),
    lambda a: sp.log(1 + a**2),
    lambda a: f.log1p(a**2),
    lambda a: f.expm1(sp.sin(a)),
    lambda a: sp.sqrt(1 + a**2),
    lambda a: 1 / (2 + sp.sin(a)),
    lambda a: a * f.sigmoid(a),
    lambda a: a / sp.sqrt(2 + a**2),
    lambda a: sp.sinh(sp.sin(a)) - sp.cosh(sp.cos(a)),
)
KINKED: tuple[Body, ...] = (
    lambda a: f.max2(a, 0),
    lambda a: f.max2(a / 10, a),
    lambda a: f.min2(a, sp.Rational(1, 2)),
    f.absolute,
    lambda a: f.where(f.lt(0, a), sp.log(1 + a), a),
    lambda a: f.where(f.le(a, 0), 0, sp.sqrt(a)),
    lambda a: f.where(f.both(f.lt(-1, a), f.negation(f.lt(1, a))), a**2, 2 * f.absolute(a) - 1),
    lambda a: f.sign(a) * a**2,
    lambda a: f.step(a) * sp.sin(a),
    lambda a: a - f.floor(a),
    lambda a: f.mod(a, 2) / 2,
    lambda a: a + f.stop(f.step(a)) * sp.sin(a),
)
PAIRS: tuple[Callable[[sp.Expr, sp.Expr], sp.Expr], ...] = (
    *(lambda a, b: a * b,) * 4,
    *(lambda a, b: a + b,) * 2,
    lambda a, b: a - b,
    lambda a, b: a / (1 + b**2),
    lambda a, b: f.max2(a, b),
    lambda a, b: f.min2(a, b),
    lambda a, b: f.where(f.lt(a, b), a * b, b),
    lambda a, b: f.power(1 + a**2, sp.tanh(b)),
    lambda a, b: (a - b) ** 2 / 2,
)


# --- the generator ---------------------------------------------------------------------------------


class _Writer:
    """A program in the making."""

    def __init__(self, random: Random, spec: bool) -> None:
        self.random = random
        self.spec = spec  # write only what a spec can say
        self.tensors: dict[str, Tensor] = {}
        self.statements: list[Statement] = []
        self.parameters: list[str] = []
        self.reals: list[str] = []
        self.integers: list[tuple[str, Extent]] = []  # integer tensors with a bound for their values
        self.open: list[tuple[str, Extent | None]] = []  # what is being written, and cannot be read yet

    def program(self) -> Program:
        """All statements; the results are the tensors that nothing reads, and now and then one more."""
        read = {name for s in self.statements for name in s.reads}
        written = [s.target.tensor for s in self.statements]
        results = [name for name in dict.fromkeys(written) if name not in read and name in self.reals]
        results += [name for name in self.reals if name in written and self.random.random() < 0.1]
        results = results or [name for name in self.reals if name in written][-1:]
        return Program(self.tensors, tuple(self.statements), tuple(dict.fromkeys(results)), ("N",))

    # --- tensors ---

    def declare(self, stem: str, extents: Sequence[Extent], role: str, bound: Extent | None = None) -> str:
        name = f"{stem}{len(self.tensors)}"
        if self.spec and role == "param" and any(extent.sizes for extent in extents):
            role = "input"  # a parameter has no size known only at run time
        integer = bound is not None
        self.tensors[name] = Tensor(name, tuple(extents), role, integer, bound if role == "input" else None)
        if role == "value":  # until the statement is finished, nothing may read it
            self.open.append((name, bound))
        elif bound is not None:
            self.integers.append((name, bound))
        else:
            self.reals.append(name)
        return name

    def complete(self) -> None:
        """What was declared may be read from now on."""
        self.reals += [name for name, bound in self.open if bound is None]
        self.integers += [(name, bound) for name, bound in self.open if bound is not None]
        self.open = []

    def parameter(self) -> None:
        extents = [self.random.choice(EXTENTS) for _ in range(self.random.choice((0, 1, 1, 2, 2, 2, 3)))]
        role = self.random.choice(("param", "param", "input"))
        self.parameters.append(self.declare("p" if role == "param" else "x", extents, role))

    def domain(self, least: int = 1, most: int = 3) -> Domain:
        names = self.random.sample("ijklab", self.random.randint(least, most))
        return tuple((name, self.random.choice(EXTENTS)) for name in names)

    # --- accesses ---

    def read(self, domain: Domain, guards: list[Affine] | None) -> Access:
        """An access to a random tensor. One that may leave the range gets a default, or guards where wanted."""
        recent = self.reals[-3:] if self.random.random() < 0.5 else self.reals
        name = self.random.choice(recent)
        extents = self.tensors[name].extents
        places = tuple(self.place(domain, extent) for extent in extents)
        outside = [(p, e) for p, e in zip(places, extents, strict=True) if not _inside(p, e, domain)]
        if not outside:
            return Access(name, places)
        if guards is not None and not self.spec and self.random.random() < 0.5:
            guards += [guard for p, e in outside if isinstance(p, Affine) for guard in in_range(p, e)]
            return Access(name, places)
        if any(isinstance(place, Indirect) for place in places):
            places = tuple(Affine.of(0) if pair in outside else pair[0] for pair in zip(places, extents, strict=True))
            return Access(name, places)
        return Access(name, places, Fraction(self.random.choice((0, 0, 1, -1)), self.random.choice((1, 2))))

    def place(self, domain: Domain, extent: Extent) -> Place:
        """An index expression for a dimension of this extent."""
        options: list[tuple[Callable[[], Place], int]] = [(lambda: self.constant(extent), 1)]
        plain = [name for name, e in domain if e == extent]
        if plain:
            options.append((lambda: Affine.index(self.random.choice(plain)), 12))
            options.append((lambda: Affine.of(extent - 1) - Affine.index(self.random.choice(plain)), 1))
        options.append((lambda: self.affine(domain), 3))
        options.append((lambda: self.indirect(domain, extent), 3))
        pairs = [(h, k, e) for h, d in domain for k, e in domain if h != k and d * e == extent]
        if pairs:
            options.append((lambda: self.joined(*self.random.choice(pairs)), 12))
        chosen = self.random.choices([option for option, _ in options], [weight for _, weight in options])[0]
        return chosen()

    def constant(self, extent: Extent) -> Affine:
        if extent.constant is None:
            return Affine.of(self.random.choice((Extent(), extent - 1)))
        return Affine.of(self.random.randrange(extent.constant))

    def affine(self, domain: Domain) -> Affine:
        """A stride and an offset, over one index or two."""
        chosen = self.random.sample(domain, min(len(domain), self.random.choice((1, 1, 2))))
        total = Affine.of(self.random.choice((-2, -1, 0, 0, 0, 1)))
        for name, _ in chosen:
            total = total + Affine.index(name) * self.random.choice((1, 1, 2, -1))
        return total + 1 if self.spec and total.plain else total  # a plain index runs over the whole dimension

    def joined(self, h: str, k: str, extent: Extent) -> Affine:
        return Affine.index(h) * extent + Affine.index(k)

    def indirect(self, domain: Domain, extent: Extent) -> Place:
        """A look-up in an integer tensor whose values are in range; a new input if there is none."""
        fitting = [
            (name, places)
            for name, bound in self.integers
            if bound == extent and (places := self.plain_places(name, domain)) is not None
        ]
        if fitting and self.random.random() < 0.7:
            return Indirect(*self.random.choice(fitting))
        over = self.random.sample(domain, self.random.choice((0, 1, 1, 1, 2)) if len(domain) > 1 else 1)
        name = self.declare("k", [e for _, e in over], "input", extent)
        return Indirect(name, tuple(Affine.index(n) for n, _ in over))

    def plain_places(self, name: str, domain: Domain) -> tuple[Affine, ...] | None:
        """An index of the domain for every dimension of a tensor, if there are such."""
        fitting = [[n for n, e in domain if e == extent] for extent in self.tensors[name].extents]
        if not all(fitting):
            return None
        return tuple(Affine.index(self.random.choice(names)) for names in fitting)

    # --- statements ---

    def body(self, domain: Domain, guards: list[Affine] | None) -> tuple[sp.Expr, dict[sp.Symbol, Access]]:
        """An expression of one to three operands, now and then with an index, a size or an integer tensor in it."""
        leaves = {leaf(k): self.read(domain, guards) for k in range(self.random.choice((1, 2, 2, 3)))}
        operands = list(leaves)
        if len(operands) == 2 and self.random.random() < 0.15:
            operands.append(self.random.choice(operands))
        total: sp.Expr = self.bent(operands[0])
        for operand in operands[1:]:
            total = self.random.choice(PAIRS)(total, self.bent(operand))
        total = self.bent(total)
        integers = [
            (name, places) for name, _ in self.integers if (places := self.plain_places(name, domain)) is not None
        ]
        extra = self.random.random()
        if extra < 0.08:
            total = total * (index_symbol(self.random.choice(domain)[0]) + 1) / 2
        elif extra < 0.14:
            total = total / size_expression(N)
        elif extra < 0.20 and len(domain) > 1:
            one, other = self.random.sample([index_symbol(name) for name, _ in domain], 2)
            total = total * self.random.choice((f.eq, f.ne, f.le))(one, other)
        elif extra < 0.28 and integers:
            symbol = leaf(len(leaves))
            leaves[symbol] = Access(*self.random.choice(integers))
            total = total + sp.tanh(symbol * operands[0]) if self.random.random() < 0.5 else total * f.eq(symbol, 1)
        return total, leaves

    def bent(self, e: sp.Expr) -> sp.Expr:
        """The expression itself, or a function of it."""
        chance = self.random.random()
        if chance < 0.6:
            return e
        return self.random.choice(SMOOTH if chance < 0.87 else KINKED)(e)

    def write(self, name: str, places: Sequence[Place], op: str, domain: Domain, guards: Sequence[Affine] = ()) -> None:
        """One statement with a random body."""
        wanted = list(guards)
        body, leaves = self.body(domain, wanted if op == "+" else None)
        body = f.proper(body)
        if op == "prod":
            body = 1 + body / 2
        s = statement(Access(name, tuple(places)), op, domain, body, leaves, tuple(wanted), "forward")
        self.statements.append(s)

    def shuffled(self, domain: Domain) -> Domain:
        return tuple(self.random.sample(domain, len(domain)))


def _inside(place: Place, extent: Extent, domain: Domain) -> bool:
    """Whether an index expression is proved to stay in range."""
    if isinstance(place, Indirect):
        return True
    bounds = place.bounds(dict(domain))
    return bounds is not None and bounds[0].at_least(0) and extent.at_least(bounds[1] + 1)


def _indices(domain: Domain) -> list[Affine]:
    return [Affine.index(name) for name, _ in domain]


def _extents(domain: Domain) -> list[Extent]:
    return [extent for _, extent in domain]


# --- kinds of statements ---------------------------------------------------------------------------


def elementwise(w: _Writer) -> None:
    """y[j, i] = body"""
    domain = w.domain()
    free = w.shuffled(domain)
    w.write(w.declare("e", _extents(free), "value"), _indices(free), "=", domain)


def reduction(w: _Writer) -> None:
    """y[j] = op(i: body), with a filter now and then that never leaves nothing over."""
    domain = w.domain(1, 3)
    kept = w.random.randrange(len(domain))
    free = w.shuffled(domain)[:kept]
    op = w.random.choice(("+", "+", "+", "max", "min", "prod"))
    guards = []
    rest = [name for name, _ in domain if (name, dict(domain)[name]) not in free]
    if free and w.random.random() < 0.2:
        guards.append(Affine.index(free[0][0]) - Affine.index(w.random.choice(rest)))
    elif op in ("+", "prod") and w.random.random() < 0.15:
        guards.append(Affine.index(rest[0]) * w.random.choice((1, -1)) + w.random.choice((-1, 0, 1)))
    w.write(w.declare("r", _extents(free), "value"), _indices(free), op, domain, guards)


def joined_target(w: _Writer) -> None:
    """y[h*K + k, i] = body"""
    domain = w.domain(2, 3)
    (h, d), (k, e), *rest = w.shuffled(domain)
    place = Affine.index(h) * e + Affine.index(k)
    others = tuple(rest)
    w.write(w.declare("j", [d * e, *_extents(others)], "value"), [place, *_indices(others)], "=", domain)


def overlapping_scatter(w: _Writer) -> None:
    """y[2*u + p] += body, or y[u, u] += body"""
    domain = w.domain(2, 3)
    (u, d), (p, e), *rest = w.shuffled(domain)
    others = tuple(rest)[: w.random.randint(0, 1)]
    if w.random.random() < 0.2:
        name = w.declare("s", [d, d, *_extents(others)], "value")
        w.write(name, [Affine.index(u), Affine.index(u), *_indices(others)], "+", domain)
        return
    stride = w.random.choice((1, 1, 2))
    place = Affine.index(u) * stride + Affine.index(p)
    name = w.declare("s", [(d - 1) * stride + e, *_extents(others)], "value")
    w.write(name, [place, *_indices(others)], "+", domain)


def indirect_scatter(w: _Writer) -> None:
    """y[k[i], j] += body"""
    domain = w.domain(1, 2)
    (i, d), *rest = domain
    bound = w.random.choice(EXTENTS)
    place = w.indirect(((i, d),), bound)
    w.write(w.declare("g", [bound, *_extents(tuple(rest))], "value"), [place, *_indices(tuple(rest))], "+", domain)


def ranges(w: _Writer) -> None:
    """y[j: 0..a] = body; y[j: a..b] = another; or the even and the odd elements"""
    domain = w.domain(1, 2)
    (i, d), *rest = domain
    others = tuple(rest)
    if w.random.random() < 0.3 and not w.spec:
        name = w.declare("c", [d * 2, *_extents(others)], "value")
        for offset in (0, 1):
            w.write(name, [Affine.index(i) * 2 + offset, *_indices(others)], "=", domain)
        return
    second = w.random.choice(EXTENTS)
    name = w.declare("c", [d + second, *_extents(others)], "value")
    w.write(name, [Affine.index(i), *_indices(others)], "=", domain)
    w.write(name, [Affine.index(i) + d, *_indices(others)], "=", ((i, second), *others))


def guarded_halves(w: _Writer) -> None:
    """y[i, j] = body where i >= j; y[i, j] = another where i < j"""
    domain = w.domain(2, 2)
    one, other = _indices(domain)
    name = w.declare("h", _extents(domain), "value")
    for guard in (one - other, other - one - 1):
        w.write(name, (one, other), "=", domain, (guard,))


def base_and_scatters(w: _Writer) -> None:
    """y[i] = base; y[k[j]] += body; y[i] += another"""
    domain = w.domain(1, 2)
    name = w.declare("b", _extents(domain), "value")
    w.write(name, _indices(domain), "=", domain)
    over = w.domain(1, 2)
    w.write(name, [w.indirect(over, extent) for extent in _extents(domain)], "+", over)
    if w.random.random() < 0.5:
        w.write(name, _indices(domain), "+", domain)


def position_of_extreme(w: _Writer) -> None:
    """k[i] = argmax(j: body)"""
    domain = w.domain(1, 2)
    free = w.shuffled(domain)[: len(domain) - 1]
    (reduced,) = [pair for pair in domain if pair not in free]
    name = w.declare("m", _extents(free), "value", reduced[1])
    w.write(name, _indices(free), w.random.choice(("argmax", "argmin")), domain)


def integer_arithmetic(w: _Writer) -> None:
    """k[i] = (k2[i] + 2*i) % extent"""
    domain = w.domain(1, 1)
    bound = w.random.choice(EXTENTS)
    place = w.indirect(domain, w.random.choice(EXTENTS))
    assert isinstance(place, Indirect)
    body = f.mod(leaf(0) + 2 * index_expression(_indices(domain)[0]), size_expression(bound))
    name = w.declare("q", _extents(domain), "value", bound)
    access = Access(place.tensor, place.indices)
    w.statements.append(statement(Access(name, tuple(_indices(domain))), "=", domain, body, (access,), (), "forward"))


def contraction(w: _Writer) -> None:
    """y[i, j] = sum(k: a[i, k]*b[k, j]), of two tensors or of one with itself, and a new parameter now and then"""
    first, second = w.random.choice(w.reals), w.random.choice(w.reals)
    if w.random.random() < 0.4:
        extents = w.tensors[first].extents[-1:] or (N,)
        second = w.declare("p", [*extents, w.random.choice(EXTENTS)], "param")
        w.parameters.append(second)
    domain: dict[str, Extent] = {}
    accesses = []
    for name in (first, second):
        places = []
        for extent in w.tensors[name].extents:
            same = [n for n, e in domain.items() if e == extent]
            index = w.random.choice(same) if same and w.random.random() < 0.6 else "ijklab"[len(domain)]
            if len(domain) >= 4 and index not in domain:
                places.append(w.constant(extent))
                continue
            domain[index] = extent
            places.append(Affine.index(index))
        accesses.append(Access(name, tuple(places)))
    box = tuple(domain.items())
    free = w.shuffled(box)[: w.random.randint(0, min(2, len(box)))]
    name = w.declare("t", _extents(free), "value")
    body = leaf(0) * leaf(1) / w.random.choice((1, 1, size_expression(N)))
    op = "+" if len(free) < len(box) or w.random.random() < 0.5 else "="
    w.statements.append(statement(Access(name, tuple(_indices(free))), op, box, body, tuple(accesses), (), "forward"))


def convolution(w: _Writer) -> None:
    """y[u] = sum(p: w[p]*(x[s*u + p - 1] else 0)), the windows of a tensor's last dimension"""
    source = w.random.choice([name for name in w.reals if w.tensors[name].extents] or w.reals)
    extents = w.tensors[source].extents
    if not extents:
        return
    window = w.declare("p", [Extent.of(w.random.choice((2, 3)))], "param")
    w.parameters.append(window)
    stride, pad = w.random.choice((1, 1, 2)), w.random.choice((0, 1))
    u, p = Affine.index("u"), Affine.index("p")
    others = tuple((name, extent) for name, extent in zip("ijk", extents[:-1], strict=False))
    outer = (*others, ("u", (extents[-1] - 1) // stride + 1))
    domain = (*outer, ("p", w.tensors[window].extents[0]))
    x = Access(source, (*_indices(others), u * stride + p - pad), Fraction(0))
    op = w.random.choice(("+", "+", "max"))
    name = w.declare("v", _extents(outer), "value")
    leaves = (x, Access(window, (p,)))
    w.statements.append(statement(Access(name, tuple(_indices(outer))), op, domain, leaf(0) * leaf(1), leaves))


def softmax(w: _Writer) -> None:
    """e = exp(z), s[...] = sum(c: e[..., c]), p = e/s, and now and then log(p) at a label"""
    source = w.random.choice([name for name in w.reals if w.tensors[name].extents] or w.reals)
    extents = w.tensors[source].extents
    if not extents:
        return
    box = tuple(zip("ijka", extents, strict=False))
    places = tuple(_indices(box))
    exponential = w.declare("e", extents, "value")
    total = w.declare("s", extents[:-1], "value")
    quotient = w.declare("o", extents, "value")
    over, under = Access(exponential, places), Access(total, places[:-1])
    w.statements += [
        statement(over, "=", box, sp.exp(leaf(0)), (Access(source, places),), (), "forward"),
        statement(under, "+", box, leaf(0), (over,), (), "forward"),
        statement(Access(quotient, places), "=", box, leaf(0) / leaf(1), (over, under), (), "forward"),
    ]
    if w.random.random() < 0.5:
        label = w.indirect(box[:-1], extents[-1]) if len(box) > 1 else w.constant(extents[-1])
        name = w.declare("l", extents[:-1], "value")
        at = Access(quotient, (*places[:-1], label))
        w.statements.append(statement(Access(name, places[:-1]), "=", box[:-1], -sp.log(leaf(0)), (at,), (), "forward"))


def again(w: _Writer) -> None:
    """A statement once more, with its indices renamed: an expression that is calculated twice"""
    plain = [s for s in w.statements if s.op in ("=", "+") and s.target.plain is not None and not s.guards]
    if not plain:
        return
    s = w.random.choice(plain)
    if len([other for other in w.statements if other.target.tensor == s.target.tensor]) > 1:
        return
    renamed = {name: Affine.index(name * 2) for name in s.extents}
    body = s.body.xreplace({index_symbol(name): index_expression(affine) for name, affine in renamed.items()})
    source = w.tensors[s.target.tensor]
    if source.integer:
        return
    name = w.declare("d", source.extents, "value")
    domain = tuple((index * 2, extent) for index, extent in s.domain)
    target = Access(name, s.target.substitute(renamed).places)
    if w.random.random() < 0.5:
        body = sp.sin(body)
    w.statements.append(statement(target, s.op, domain, body, tuple(a.substitute(renamed) for a in s.leaves)))


def recurrence(w: _Writer) -> None:
    """h[t, k] = f(h[t-1, k] else 0, body), forward or backward in t, or with the step in a tensor of its own"""
    domain = w.domain(1, 2)
    lag = w.random.choice((-1, -1, 1, -2))
    name = w.declare("h", _extents(domain), "value")
    (t, *others) = _indices(domain)
    earlier = Access(name, (t + lag, *others), Fraction(w.random.choice((0, 1)), 2))
    body, leaves = w.body(domain, None)
    mixed = f.proper(w.random.choice((sp.tanh, f.sigmoid, lambda e: e))(body + leaf(90) / 2))
    if w.random.random() < 0.5:
        made = statement(Access(name, (t, *others)), "=", domain, mixed, leaves | {leaf(90): earlier}, (), "forward")
        w.statements.append(made)
    else:
        inner = w.declare("a", _extents(domain), "value")
        here = Access(inner, (t, *others))
        w.statements.append(statement(here, "=", domain, mixed, leaves | {leaf(90): earlier}, (), "forward"))
        w.statements.append(statement(Access(name, (t, *others)), "=", domain, sp.sin(leaf(0)), (here,), (), "forward"))


KINDS: tuple[tuple[Callable[[_Writer], None], int], ...] = (
    (elementwise, 8),
    (reduction, 12),
    (contraction, 6),
    (convolution, 3),
    (softmax, 2),
    (again, 3),
    (joined_target, 2),
    (overlapping_scatter, 3),
    (indirect_scatter, 3),
    (ranges, 2),
    (guarded_halves, 2),
    (base_and_scatters, 2),
    (position_of_extreme, 2),
    (integer_arithmetic, 1),
)

# What no equation of a spec says: a guard on a plain equation, a scatter without a base and through a sum of indices.
NO_EQUATION = (guarded_halves, overlapping_scatter)
