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
    Program,
    index_expression,
    index_symbol,
    leaf,
    size_expression,
    statement,
)
from symnet.language.extents import Extent
from tests.program_writer import EXTENTS, N, Writer, extents_of, indices


@dataclass(frozen=True)
class RandomProgram:
    """A program with values for what it is given. `wrt` are the tensors to differentiate for."""

    seed: int
    program: Program
    sizes: Mapping[str, int]
    wrt: tuple[str, ...]
    recurrences: bool = False

    def values(self, draw: int = 0) -> dict[str, np.ndarray[Any, Any]]:
        """Values for all given tensors; a later draw gives other and smaller real values, and the same integers."""
        integers = np.random.default_rng([self.seed, 0])
        reals = np.random.default_rng([self.seed, 1, draw])
        values: dict[str, np.ndarray[Any, Any]] = {}
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
    writer = Writer(Random(seed), spec)
    for _ in range(writer.random.randint(1, 3)):
        writer.parameter()
    kinds = tuple(kind for kind in KINDS if not spec or kind[0] not in NO_EQUATION)
    kinds += ((recurrence, 8),) if recurrences else ()
    return written(seed, writer, kinds, writer.random.randint(3, 7), recurrences)


def written(
    seed: int,
    writer: Writer,
    kinds: Sequence[tuple[Callable[[Writer], None], int]],
    wanted: int,
    recurrences: bool = False,
) -> RandomProgram:
    """The program of a writer after it has written so many statements, each kind as often as its weight says."""
    while len(writer.statements) < wanted:
        kind = writer.random.choices([kind for kind, _ in kinds], [weight for _, weight in kinds])[0]
        kind(writer)
        writer.complete()
    size = writer.random.choice((1, 2, 3, 3, 4))
    return RandomProgram(seed, writer.program(), {"N": size}, tuple(writer.parameters), recurrences)


# --- kinds of statements ---------------------------------------------------------------------------


def elementwise(w: Writer) -> None:
    """y[j, i] = body"""
    domain = w.domain()
    free = w.shuffled(domain)
    w.write(w.declare("e", extents_of(free), "value"), indices(free), "=", domain)


def reduction(w: Writer) -> None:
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
    w.write(w.declare("r", extents_of(free), "value"), indices(free), op, domain, guards)


def joined_target(w: Writer) -> None:
    """y[h*K + k, i] = body"""
    domain = w.domain(2, 3)
    (h, d), (k, e), *rest = w.shuffled(domain)
    place = Affine.index(h) * e + Affine.index(k)
    others = tuple(rest)
    w.write(w.declare("j", [d * e, *extents_of(others)], "value"), [place, *indices(others)], "=", domain)


def overlapping_scatter(w: Writer) -> None:
    """y[2*u + p] += body, or y[u, u] += body"""
    domain = w.domain(2, 3)
    (u, d), (p, e), *rest = w.shuffled(domain)
    others = tuple(rest)[: w.random.randint(0, 1)]
    if w.random.random() < 0.2:
        name = w.declare("s", [d, d, *extents_of(others)], "value")
        w.write(name, [Affine.index(u), Affine.index(u), *indices(others)], "+", domain)
        return
    stride = w.random.choice((1, 1, 2))
    place = Affine.index(u) * stride + Affine.index(p)
    name = w.declare("s", [(d - 1) * stride + e, *extents_of(others)], "value")
    w.write(name, [place, *indices(others)], "+", domain)


def indirect_scatter(w: Writer) -> None:
    """y[k[i], j] += body"""
    domain = w.domain(1, 2)
    (i, d), *rest = domain
    bound = w.random.choice(EXTENTS)
    place = w.indirect(((i, d),), bound)
    w.write(w.declare("g", [bound, *extents_of(tuple(rest))], "value"), [place, *indices(tuple(rest))], "+", domain)


def ranges(w: Writer) -> None:
    """y[j: 0..a] = body; y[j: a..b] = another; or the even and the odd elements"""
    domain = w.domain(1, 2)
    (i, d), *rest = domain
    others = tuple(rest)
    if w.random.random() < 0.3 and not w.spec:
        name = w.declare("c", [d * 2, *extents_of(others)], "value")
        for offset in (0, 1):
            w.write(name, [Affine.index(i) * 2 + offset, *indices(others)], "=", domain)
        return
    second = w.random.choice(EXTENTS)
    name = w.declare("c", [d + second, *extents_of(others)], "value")
    w.write(name, [Affine.index(i), *indices(others)], "=", domain)
    w.write(name, [Affine.index(i) + d, *indices(others)], "=", ((i, second), *others))


def guarded_halves(w: Writer) -> None:
    """y[i, j] = body where i >= j; y[i, j] = another where i < j"""
    domain = w.domain(2, 2)
    one, other = indices(domain)
    name = w.declare("h", extents_of(domain), "value")
    for guard in (one - other, other - one - 1):
        w.write(name, (one, other), "=", domain, (guard,))


def base_and_scatters(w: Writer) -> None:
    """y[i] = base; y[k[j]] += body; y[i] += another"""
    domain = w.domain(1, 2)
    name = w.declare("b", extents_of(domain), "value")
    w.write(name, indices(domain), "=", domain)
    over = w.domain(1, 2)
    w.write(name, [w.indirect(over, extent) for extent in extents_of(domain)], "+", over)
    if w.random.random() < 0.5:
        w.write(name, indices(domain), "+", domain)


def position_of_extreme(w: Writer) -> None:
    """k[i] = argmax(j: body)"""
    domain = w.domain(1, 2)
    free = w.shuffled(domain)[: len(domain) - 1]
    (reduced,) = [pair for pair in domain if pair not in free]
    name = w.declare("m", extents_of(free), "value", reduced[1])
    w.write(name, indices(free), w.random.choice(("argmax", "argmin")), domain)


def integer_arithmetic(w: Writer) -> None:
    """k[i] = (k2[i] + 2*i) % extent"""
    domain = w.domain(1, 1)
    bound = w.random.choice(EXTENTS)
    place = w.indirect(domain, w.random.choice(EXTENTS))
    assert isinstance(place, Indirect)
    body = f.mod(leaf(0) + 2 * index_expression(indices(domain)[0]), size_expression(bound))
    name = w.declare("q", extents_of(domain), "value", bound)
    access = Access(place.tensor, place.indices)
    w.statements.append(statement(Access(name, tuple(indices(domain))), "=", domain, body, (access,), (), "forward"))


def contraction(w: Writer) -> None:
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
    name = w.declare("t", extents_of(free), "value")
    body = leaf(0) * leaf(1) / w.random.choice((1, 1, size_expression(N)))
    op = "+" if len(free) < len(box) or w.random.random() < 0.5 else "="
    w.statements.append(statement(Access(name, tuple(indices(free))), op, box, body, tuple(accesses), (), "forward"))


def convolution(w: Writer) -> None:
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
    x = Access(source, (*indices(others), u * stride + p - pad), Fraction(0))
    op = w.random.choice(("+", "+", "max"))
    name = w.declare("v", extents_of(outer), "value")
    leaves = (x, Access(window, (p,)))
    w.statements.append(statement(Access(name, tuple(indices(outer))), op, domain, leaf(0) * leaf(1), leaves))


def softmax(w: Writer) -> None:
    """e = exp(z), s[...] = sum(c: e[..., c]), p = e/s, and now and then log(p) at a label"""
    source = w.random.choice([name for name in w.reals if w.tensors[name].extents] or w.reals)
    extents = w.tensors[source].extents
    if not extents:
        return
    box = tuple(zip("ijka", extents, strict=False))
    places = tuple(indices(box))
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


def again(w: Writer) -> None:
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


def recurrence(w: Writer) -> None:
    """h[t, k] = f(h[t-1, k] else 0, body), forward or backward in t, or with the step in a tensor of its own"""
    domain = w.domain(1, 2)
    lag = w.random.choice((-1, -1, 1, -2))
    name = w.declare("h", extents_of(domain), "value")
    (t, *others) = indices(domain)
    earlier = Access(name, (t + lag, *others), Fraction(w.random.choice((0, 1)), 2))
    body, leaves = w.body(domain, None)
    mixed = f.proper(w.random.choice((sp.tanh, f.sigmoid, lambda e: e))(body + leaf(90) / 2))
    if w.random.random() < 0.5:
        made = statement(Access(name, (t, *others)), "=", domain, mixed, leaves | {leaf(90): earlier}, (), "forward")
        w.statements.append(made)
    else:
        inner = w.declare("a", extents_of(domain), "value")
        here = Access(inner, (t, *others))
        w.statements.append(statement(here, "=", domain, mixed, leaves | {leaf(90): earlier}, (), "forward"))
        w.statements.append(statement(Access(name, (t, *others)), "=", domain, sp.sin(leaf(0)), (here,), (), "forward"))


KINDS: tuple[tuple[Callable[[Writer], None], int], ...] = (
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
