"""Writes random statements: the bodies and accesses of `tests/programs.py`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from random import Random

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
    index_symbol,
    leaf,
    size_expression,
    statement,
)
from symnet.language.extents import Extent

N = Extent.size("N")
EXTENTS = (Extent.of(2), Extent.of(3), Extent.of(4), N)
Domain = tuple[tuple[str, Extent], ...]

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


class Writer:
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


def indices(domain: Domain) -> list[Affine]:
    return [Affine.index(name) for name, _ in domain]


def extents_of(domain: Domain) -> list[Extent]:
    return [extent for _, extent in domain]
