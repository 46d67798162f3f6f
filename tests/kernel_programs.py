"""Random programs that are full of what the planner has rows for: windows, gathers, scatters, softmax, recurrences.

`kernel_program(seed)` gives one, on top of the statements of `tests/programs.py`. Sizes are small, for the interpreter
is slow; a row that pays for large ones only is forced.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from random import Random

import sympy as sp

from symnet.ir import functions as f
from symnet.ir.affine import Affine
from symnet.ir.program import Access, Place, leaf, statement
from symnet.language.extents import Extent
from tests import programs
from tests.program_writer import EXTENTS, Domain, N, Writer, extents_of, indices

NUMBERS = EXTENTS[:3]


def kernel_program(seed: int) -> programs.RandomProgram:
    """The random program of this seed.

    Its first kind is dealt: in each turn of as many seeds as there are cards, a kind has as many as its weight.
    """
    random = Random(f"kernels {seed}")
    writer = Writer(random, False)
    writer.parameter()
    cards = [kind for kind, weight in KINDS for _ in range(weight)]
    turn, number = divmod(seed, len(cards))
    first = Random(f"turn {turn}").sample(cards, len(cards))[number]
    first(writer)
    writer.complete()
    return programs.written(seed, writer, KINDS, random.randint(2, 4))


def given(w: Writer, *extents: Extent) -> str:
    """A tensor of this shape to read: one that there is, or a new parameter."""
    fitting = [name for name in w.reals if w.tensors[name].extents == extents]
    if fitting and w.random.random() < 0.7:
        return w.random.choice(fitting)
    name = w.declare("p", extents, w.random.choice(("param", "param", "input")))
    w.parameters.append(name)
    return name


def some(w: Writer, count: int) -> list[Extent]:
    """Extents, the first one often that of the examples."""
    return [w.random.choice((N, N, *NUMBERS)), *(w.random.choice(NUMBERS) for _ in range(count - 1))]


def write(
    w: Writer, stem: str, free: Domain, op: str, body: sp.Expr, leaves: tuple[Access, ...], bound: Domain = ()
) -> str:
    """A tensor with one statement that gives it all of its values."""
    name = w.declare(stem, extents_of(free), "value")
    target = Access(name, tuple(indices(free)))
    w.statements.append(statement(target, op, (*free, *bound), f.proper(body), leaves, (), "forward"))
    return name


def at(name: str, *places: Place, default: Fraction | float | None = None) -> Access:
    return Access(name, places, default)


# --- windows ---------------------------------------------------------------------------------------


def windows(w: Writer) -> None:
    """y[n, o, u] = sum(c, p: w[o, c, p]*(x[n, c, s*u + p - 1] else 0)), in one dimension or in two"""
    n, c, o = some(w, 3)
    two = w.random.random() < 0.6
    lengths = [w.random.choice((3, 4, 5)) for _ in range(1 + two)]
    window, stride, pad = w.random.choice((2, 3, 3)), w.random.choice((1, 1, 2)), w.random.choice((0, 1))
    x = given(w, n, c, *map(Extent.of, lengths))
    filters = given(w, o, c, *(Extent.of(window) for _ in lengths))
    at_end = [(length + 2 * pad - window) // stride + 1 for length in lengths]
    stand = tuple(zip("uv", map(Extent.of, at_end), strict=False))
    through = tuple(zip("pq", (Extent.of(window) for _ in lengths), strict=False))
    places = [Affine.index(u) * stride + Affine.index(p) - pad for (u, _), (p, _) in zip(stand, through, strict=True)]
    default = Fraction(0) if pad else None
    big = at(x, *map(Affine.index, "nc"), *places, default=default)
    small = at(filters, *map(Affine.index, "oc"), *(Affine.index(p) for p, _ in through))
    y = write(w, "y", (("n", n), ("o", o), *stand), "+", leaf(0) * leaf(1), (big, small), (("c", c), *through))
    w.complete()
    if w.random.random() < 0.6:
        bias(w, y)


def bias(w: Writer, y: str) -> None:
    """z[n, o, u] = f(y[n, o, u] + b[o])"""
    box = tuple(zip("noijk", w.tensors[y].extents, strict=False))
    at_all = at(y, *indices(box))
    k = w.random.randrange(len(box))
    shift = at(given(w, box[k][1]), Affine.index(box[k][0]))
    bent = w.random.choice((sp.tanh, f.softplus, lambda e: f.max2(e, 0), lambda e: f.where(f.lt(0, e), e, e / 4)))
    write(w, "z", box, "=", bent(leaf(0) + leaf(1)), (at_all, shift))


def grouped(w: Writer) -> None:
    """y[n, g, o, u] = sum(c, p: w[g, o, c, p]*x[n, g, c, u + p]); without o and c, each channel by itself"""
    n, g, o, c = some(w, 4)
    more = w.random.random() < 0.4
    lengths = [w.random.choice((4, 5)) for _ in range(w.random.choice((1, 2)))]
    window = w.random.choice((2, 3))
    stand = tuple(zip("uv", (Extent.of(length - window + 1) for length in lengths), strict=False))
    through = tuple(zip("pq", (Extent.of(window) for _ in lengths), strict=False))
    filters = given(w, g, *([o, c] if more else []), *extents_of(through))
    slid = [Affine.index(u) + Affine.index(p) for (u, _), (p, _) in zip(stand, through, strict=True)]
    channels = [(Affine.index("g"), g), *([(Affine.index("c"), c)] if more else [])]
    rows = list(zip(slid, map(Extent.of, lengths), strict=True))
    order = [(Affine.index("n"), n), *(channels + rows if w.random.random() < 0.5 else rows + channels)]
    big = at(given(w, *(extent for _, extent in order)), *(place for place, _ in order))
    small = at(filters, *map(Affine.index, "goc" if more else "g"), *indices(through))
    free = w.shuffled((("n", n), ("g", g), *((("o", o),) if more else ()), *stand))
    bound = (*((("c", c),) if more else ()), *through)
    write(w, "y", free, "+", leaf(0) * leaf(1), (big, small), bound)


def pooling(w: Writer) -> None:
    """y[n, u, v] = max(p, q: x[n, s*u + p, s*v + q]), or the sum, or the least; with a border now and then"""
    (n,) = some(w, 1)
    lengths = [w.random.choice((4, 5, 6)) for _ in range(w.random.choice((1, 2)))]
    window, stride, pad = w.random.choice(((2, 2, 0), (2, 1, 0), (3, 2, 0), (3, 2, 1), (2, 2, 1)))
    x = given(w, n, *map(Extent.of, lengths))
    stand = tuple(zip("uv", (Extent.of((length + 2 * pad - window) // stride + 1) for length in lengths), strict=False))
    through = tuple(zip("pq", (Extent.of(window) for _ in lengths), strict=False))
    places = [Affine.index(u) * stride + Affine.index(p) - pad for (u, _), (p, _) in zip(stand, through, strict=True)]
    op, outside = w.random.choice(
        (("max", float("-inf")), ("max", float("-inf")), ("min", float("inf")), ("+", 0), ("+", 0))
    )
    big = at(x, Affine.index("n"), *places, default=outside if pad else None)
    write(w, "y", (("n", n), *stand), op, leaf(0), (big,), through)


# --- rows and tables -------------------------------------------------------------------------------


def looked_up(w: Writer) -> None:
    """y[n, d] = f(E[ids[n], d]): whole rows of a table; backwards that is a scatter"""
    n, rows, d = some(w, 3)
    table = given(w, rows, d)
    box = (("n", n), ("d", d))
    body = w.random.choice((leaf(0), sp.sin(leaf(0)), leaf(0) ** 2))
    write(w, "y", box, "=", body, (at(table, w.indirect((box[0],), rows), Affine.index("d")),))


def softmax(w: Writer) -> None:
    """z - max z, exp, sum, and the quotient"""
    n, c = some(w, 2)
    box, row = (("n", n), ("c", c)), (("n", n),)
    own, alone = tuple(indices(box)), (Affine.index("n"),)
    z = given(w, n, c)
    top = write(w, "m", row, "max", leaf(0), (at(z, *own),), box[1:])
    e = write(w, "e", box, "=", sp.exp(leaf(0) - f.stop(leaf(1))), (at(z, *own), at(top, *alone)))
    total = write(w, "s", row, "+", leaf(0), (at(e, *own),), box[1:])
    write(w, "o", box, "=", leaf(0) / leaf(1), (at(e, *own), at(total, *alone)))


def normalised(w: Writer) -> None:
    """m[c] = mean(n: x[n, c]), v[c] = mean(n: (x[n, c] - m[c])**2), y = g*(x - m)/sqrt(v + 1/10)"""
    extents = some(w, 3)
    box = tuple(zip("nci", extents, strict=True))
    kept = w.random.choice(((0,), (1,), (0, 1), (1, 2)))
    own = tuple(box[k] for k in kept)
    rest = tuple(pair for pair in box if pair not in own)
    count = sp.Integer(1)
    for _, extent in rest:
        count = count * programs.size_expression(extent)
    x, all_of = given(w, *extents), tuple(indices(box))
    m = write(w, "m", own, "+", leaf(0) / count, (at(x, *all_of),), rest)
    mean = at(m, *indices(own))
    v = write(w, "v", own, "+", (leaf(0) - leaf(1)) ** 2 / count, (at(x, *all_of), mean), rest)
    gain = at(given(w, box[1][1]), Affine.index("c"))
    leaves = (at(x, *all_of), mean, at(v, *indices(own)), gain)
    write(w, "y", box, "=", leaf(3) * (leaf(0) - leaf(1)) / sp.sqrt(leaf(2) + sp.Rational(1, 10)), leaves)


def short_reduction(w: Writer) -> None:
    """A reduction of three dimensions to one or two of them, in any order"""
    extents = some(w, 3)
    box = tuple(zip("nci", extents, strict=True))
    free = w.shuffled(box)[: w.random.choice((1, 2))]
    rest = tuple(pair for pair in box if pair not in free)
    op = w.random.choice(("+", "+", "max", "min"))
    body = w.random.choice((leaf(0), leaf(0) ** 2, sp.tanh(leaf(0))))
    write(w, "r", free, op, body, (at(given(w, *extents), *indices(box)),), rest)


def total(w: Writer) -> None:
    """Squares, products and softplus over everything, now and then with labels"""
    n, c = some(w, 2)
    box = (("n", n), ("c", c))
    places = tuple(indices(box))
    x, y = at(given(w, n, c), *places), at(given(w, n, c), *places)
    factor = sp.Rational(w.random.choice((1, 2, 3)), 2)
    body = w.random.choice(
        (
            leaf(0) ** 2 * factor + leaf(0) * leaf(1),
            leaf(0) ** 2 - leaf(1),
            f.softplus(leaf(0)) - leaf(0) * leaf(1),
            f.softplus(leaf(0) * leaf(1)),
            factor * f.softplus(-leaf(0)) + leaf(1) ** 2,
            f.softplus(leaf(0)) - leaf(2) * leaf(0),
            f.softplus(leaf(0)) - 2 * leaf(2) * leaf(0),
            factor * (f.softplus(leaf(0)) - leaf(2) * leaf(0)) + leaf(1),
        )
    )
    labels = at(w.declare("k", [n, c], "input", Extent.of(3)), *places)
    write(w, "t", (), "+", body, (x, y, labels), box)


# --- elementwise -----------------------------------------------------------------------------------


def chosen(w: Writer) -> None:
    """where(c, a, b) and numbers in maxima"""
    n, c = some(w, 2)
    box = (("n", n), ("c", c))
    x = at(given(w, n, c), *w.random.choice((indices(box), indices(box))))
    y = at(given(w, c, n), Affine.index("c"), Affine.index("n"))
    body = w.random.choice(
        (
            f.where(f.lt(leaf(0), leaf(1)), leaf(0), leaf(1) ** 2),
            f.where(f.lt(0, leaf(0)), sp.sqrt(leaf(0)), 0) + leaf(1),
            f.where(f.le(leaf(1), 1), leaf(0) * leaf(1), sp.Rational(1, 2)),
            f.where(f.lt(leaf(1), leaf(0)), leaf(0), 0),
            f.max2(leaf(0), sp.Rational(1, 4)) * f.min2(leaf(1), 1),
            2 * leaf(0) - 2 * leaf(1) + 2 * leaf(0) * leaf(1),
            3 * (2 * leaf(0) ** 3 - 4 * leaf(1) ** 4 - 2),
        )
    )
    write(w, "w", box, "=", body, (x, y))


def polynomial(w: Writer) -> None:
    """x + x**3/3 and longer ones, alone and as a factor"""
    n, c = some(w, 2)
    box = (("n", n), ("c", c))
    x, y = at(given(w, n, c), *indices(box)), at(given(w, c), Affine.index("c"))
    body = w.random.choice(
        (
            leaf(1) * (leaf(0) ** 3 / 3 + 2 * leaf(0)),
            1 - leaf(0) + 2 * leaf(0) ** 2 - leaf(0) ** 3,
            sp.tanh(leaf(0)) ** 3 - sp.tanh(leaf(0)) / 2 + leaf(1),
        )
    )
    write(w, "p", box, "=", body, (x, y))


def spread(w: Writer) -> None:
    """y[n, c, i] = f(x[n, c, i], b[i], d[i, c]): operands that are short, or lie in another order"""
    n, c, i = some(w, 3)
    box = (("n", n), ("c", c), ("i", i))
    one, two = at(given(w, i), Affine.index("i")), at(given(w, i, c), Affine.index("i"), Affine.index("c"))
    leaves = (at(given(w, n, c, i), *indices(box)), one, two)
    write(w, "b", box, "=", sp.tanh(leaf(0) + leaf(1)) * leaf(2), leaves)


# --- products and recurrences ----------------------------------------------------------------------


def chain(w: Writer) -> None:
    """y[n, k] = sum(i, j: a[n, i]*b[i, j]*c[j, k]*d[n, j])"""
    n, i, j, k = some(w, 4)
    extents = dict(zip("nijk", (n, i, j, k), strict=True))
    names = ["ni", "ij", "jk", w.random.choice(("nj", "ik", "n", "j"))]
    leaves = tuple(at(given(w, *map(extents.__getitem__, pair)), *map(Affine.index, pair)) for pair in names)
    kept = w.random.choice(("nk", "kn", "n", "k"))
    free = tuple((name, extents[name]) for name in kept)
    rest = tuple(pair for pair in extents.items() if pair not in free)
    write(w, "c", free, "+", sp.Mul(*(leaf(number) for number in range(len(leaves)))), leaves, rest)


def stacked(w: Writer) -> None:
    """y[n, h, i, j] = sum(k: a[n, i, h, k]*b[n, j, h, k]): a product for each n and h"""
    n, h, i, k = some(w, 4)
    extents = {"n": n, "h": h, "i": i, "j": i, "k": k}
    orders = ("nihk", "nhik", "hnki")
    first, second = w.random.choice(orders), w.random.choice(orders).replace("i", "j")
    leaves = tuple(at(given(w, *map(extents.__getitem__, o)), *map(Affine.index, o)) for o in (first, second))
    free = tuple((name, extents[name]) for name in w.random.choice(("nhij", "hnji", "nij")))
    rest = tuple(pair for pair in extents.items() if pair not in free)
    write(w, "c", free, "+", leaf(0) * leaf(1), leaves, rest)


def gated(w: Writer) -> None:
    """a[n, o] = sum(i: x[n, i]*w[i, o]), h = a*sigmoid(a), y[n, k] = sum(o: h[n, o]*v[o, k])"""
    n, i, o, k = some(w, 4)
    box, own = (("n", n), ("o", o)), (Affine.index("n"), Affine.index("o"))
    leaves = (at(given(w, n, i), *map(Affine.index, "ni")), at(given(w, i, o), *map(Affine.index, "io")))
    a = at(write(w, "a", box, "+", leaf(0) * leaf(1), leaves, (("i", i),)), *own)
    s = at(write(w, "s", box, "=", w.random.choice((f.sigmoid, sp.tanh))(leaf(0)), (a,)), *own)
    h = at(write(w, "h", box, "=", leaf(0) * leaf(1), (a, s)), *own)
    v = at(given(w, o, k), *map(Affine.index, "ok"))
    write(w, "y", (("n", n), ("k", k)), "+", leaf(0) * leaf(1), (h, v), (("o", o),))


def copied(w: Writer) -> None:
    """c[n, i, j] = sum(k: a[n, i, k]*b[n, k, j]), and its elements at other places: joined ones, or in another order"""
    n, i, j, k = some(w, 4)
    extents = {"n": n, "i": i, "j": j, "k": k}
    leaves = tuple(at(given(w, *map(extents.__getitem__, o)), *map(Affine.index, o)) for o in ("nik", "nkj"))
    free = tuple((name, extents[name]) for name in "nij")
    c = at(write(w, "c", free, "+", leaf(0) * leaf(1), leaves, (("k", k),)), *indices(free))
    if w.random.random() < 0.5:
        write(w, "y", w.shuffled(free), "=", leaf(0), (c,))
        return
    y = w.declare("y", [n, i * j], "value")
    target = Access(y, (Affine.index("n"), Affine.index("i") * j + Affine.index("j")))
    w.statements.append(statement(target, "=", free, leaf(0), (c,), (), "forward"))


def inner(w: Writer) -> None:
    """y[n, c] = sum(i: a[n, i, c]*b[n, i, c]): a dot for each n and c"""
    n, i, c = some(w, 3)
    box = (("n", n), ("i", i), ("c", c))
    first, second = (
        at(given(w, *extents_of(order)), *indices(order)) for order in (box, w.random.choice((box, box[::-1])))
    )
    body, leaves = w.random.choice(((leaf(0) ** 2, (first,)), (leaf(0) * leaf(1), (first, second))))
    write(w, "d", w.shuffled((box[0], box[2])), "+", body, leaves, (box[1],))


def recurrence(w: Writer) -> None:
    """a[t, j] = x[t, j] + sum(k: (h[t-1, k] else 0)*U[k, j]); h = tanh(a)*g"""
    steps, k = Extent.of(w.random.choice((3, 4))), w.random.choice(NUMBERS)
    box = (("t", steps), ("j", k))
    t, j, i = map(Affine.index, "tji")
    h = w.declare("h", [steps, k], "value")
    a = w.declare("a", [steps, k], "value")
    x, gate, weights = given(w, steps, k), given(w, steps, k), given(w, k, k)
    before = at(h, t - 1, i, default=Fraction(0))
    body = leaf(0) * leaf(1) * (leaf(2) if w.random.random() < 0.5 else 1)
    leaves = (before, at(weights, i, j), at(gate, t, j))
    w.statements += [
        statement(at(a, t, j), "=", box, leaf(0) / 2, (at(x, t, j),), (), "forward"),
        statement(at(a, t, j), "+", (*box, ("i", k)), body, leaves, (), "forward"),
        statement(at(h, t, j), "=", box, sp.tanh(leaf(0)) * leaf(1), (at(a, t, j), at(gate, t, j)), (), "forward"),
    ]
    write(w, "l", box, "=", leaf(0) ** 2, (at(h, t, j),))  # what only a circle reads is no result


def weighed(w: Writer) -> None:
    """h[n, k] = f(x[n]*t[k] + b[k]), y[n, c] = sum(k: h[n, k]*v[k, c]), z[n] = sum(c: r[n]*y[n, c])

    Backwards the weights r of the examples meet a matrix that is only summed.
    """
    n, k, c = some(w, 3)
    box, own = (("n", n), ("k", k)), tuple(map(Affine.index, "nk"))
    x, weights, number = at(given(w, n), own[0]), at(given(w, n), own[0]), at(given(w))
    slope, shift = (at(given(w, k), own[1]) for _ in "tb")
    line = at(write(w, "a", box, "=", leaf(0) * leaf(1) + leaf(2), (x, slope, shift)), *own)
    bent = w.random.choice((sp.tanh(leaf(0)), leaf(0) ** 2 * leaf(1) + leaf(0) * leaf(1), sp.tanh(leaf(0)) * leaf(2)))
    h = at(write(w, "h", box, "=", bent, (line, weights, number)), *own)
    matrix = at(given(w, k, c), own[1], Affine.index("c"))
    y = write(w, "y", (("n", n), ("c", c)), "+", leaf(0) * leaf(1), (h, matrix), (("k", k),))
    write(w, "z", (("n", n),), "+", leaf(0) * leaf(1), (at(y, own[0], Affine.index("c")), weights), (("c", c),))


def twins(w: Writer) -> None:
    """a[n, o] = sum(i: x[n, i]*w[i, o]) and h = f(a), twice; y[n, m] = sum(o: h[n, o]*g[m, o])"""
    n, i, o = some(w, 3)
    box, own = (("n", n), ("o", o)), tuple(map(Affine.index, "no"))
    bent = w.random.choice((sp.tanh(leaf(0)), f.sigmoid(leaf(0)), leaf(0) ** 2 + 1, f.max2(leaf(0), 0)))
    pair = []
    for _ in range(2):
        x = w.declare("p", [n, i], "param")
        w.parameters.append(x)
        leaves = (at(x, *map(Affine.index, "ni")), at(given(w, i, o), *map(Affine.index, "io")))
        a = at(write(w, "a", box, "+", leaf(0) * leaf(1), leaves, (("i", i),)), *own)
        pair.append(write(w, "h", box, "=", bent, (a,)))
    h, g = (at(name, Affine.index(row), own[1]) for name, row in zip(pair, "nm", strict=True))
    write(w, "y", (("n", n), ("m", n)), "+", leaf(0) * leaf(1), (h, g), (("o", o),))


def gates(w: Writer) -> None:
    """a[t, g, j] = x[t, g, j] + (h[t-1, j] else 0)*u[g, j]; h = sin(a[t, 0, j])*p[t, j] + sin(a[t, 1, j])*a[t, 2, j]"""
    steps, k, three = Extent.of(w.random.choice((3, 4))), w.random.choice(NUMBERS), Extent.of(3)
    box = (("t", steps), ("j", k))
    t, j, g = map(Affine.index, "tjg")
    h, s, r = (w.declare(stem, [steps, k], "value") for stem in "hsr")
    a = w.declare("a", [steps, three, k], "value")
    x, p, u = given(w, steps, three, k), given(w, steps, k), given(w, three, k)
    leaves = (at(x, t, g, j), at(h, t - 1, j, default=Fraction(0)), at(u, g, j))
    first = w.random.choice((0, 1))
    numbers = [Affine.of(number) for number in w.random.sample((first, first + 1), 2)]
    parts = [at(a, t, number, j) for number in (*numbers, Affine.of(2 - 2 * first))]
    w.statements += [
        statement(at(a, t, g, j), "=", (*box, ("g", three)), leaf(0) + leaf(1) * leaf(2), leaves, (), "forward"),
        statement(at(s, t, j), "=", box, sp.sin(leaf(0)), tuple(parts[:1]), (), "forward"),
        statement(at(r, t, j), "=", box, sp.sin(leaf(0)), tuple(parts[1:2]), (), "forward"),
    ]
    own = (at(s, t, j), at(p, t, j), at(r, t, j), parts[2])
    w.statements.append(statement(at(h, t, j), "=", box, leaf(0) * leaf(1) + leaf(2) * leaf(3), own, (), "forward"))
    write(w, "l", box, "=", leaf(0) ** 2, (at(h, t, j),))


def common(w: Writer) -> None:
    """y[n, i] = sum(j: x[n, j]*a[i, j]) + sum(j: x[n, j]*b[i, j]*c[j]) - x[n, i]: at once, or a product held apart"""
    n, i = some(w, 2)
    box, rest, own = (("n", n), ("i", i)), (("j", i),), tuple(map(Affine.index, "ni"))
    x, there = given(w, n, i), tuple(map(Affine.index, w.random.choice(("ij", "ji"))))
    others = (at(given(w, i, i), *map(Affine.index, "ij")), at(given(w, i, i), *there))
    scale = at(given(w, i), Affine.index("j"))
    apart = w.random.random() < 0.5
    y = w.declare("y", [n, i], "value")
    for k, other in enumerate(others):
        body = leaf(0) * leaf(1) * (leaf(2) if k else 1)
        leaves = (at(x, own[0], Affine.index("j")), other, scale)
        if apart and k:
            held = at(write(w, "a", box, "+", body, leaves, rest), *own)
            w.statements.append(statement(at(y, *own), "+", box, -leaf(0) / 2, (held,), (), "forward"))
        else:
            w.statements.append(statement(at(y, *own), "+", (*box, *rest), body, leaves, (), "forward"))
    if w.random.random() < 0.5:
        w.statements.append(statement(at(y, *own), "+", box, -leaf(0), (at(x, *own),), (), "forward"))


def diagonal(w: Writer) -> None:
    """y[n, i, j] = where(j < i, a[n, i, j], where(i == j, e[n, i, j], 0)), or a*b + where(i == j + 1, b[i], 0); sums"""
    n, i = some(w, 2)
    j = w.random.choice((i, *NUMBERS))
    box = (("n", n), ("i", i), ("j", j))
    row, column = sp.Symbol("i", integer=True), sp.Symbol("j", integer=True)
    a = at(given(w, n, i, j), *indices(box))
    e = at(write(w, "e", box, "=", sp.exp(leaf(0)), (a,)), *indices(box))
    b = at(given(w, i), Affine.index("i"))
    on = f.eq(row, column + w.random.choice((0, 0, 1, -1)))
    body = w.random.choice(
        (
            f.where(f.lt(column, row), leaf(0), f.where(f.eq(row, column), leaf(1), 0)),
            f.where(f.lt(row, column), f.where(f.eq(row, column), leaf(1), 0), leaf(0) * leaf(2)),
            leaf(0) * leaf(2) + f.where(on, leaf(2), 0),
            leaf(0) * f.where(f.both(on, f.lt(0, row)), leaf(1), 0),
            f.where(f.eq(row, w.random.choice((0, 1))), leaf(2), 0) * leaf(0) - leaf(2) ** 2,
            f.where(on, leaf(0), leaf(2)),
        )
    )
    free = w.random.choice((box, box, box[:2], box[::2]))
    op = "=" if free == box else "+"
    write(w, "y", free, op, body, (a, e, b), tuple(pair for pair in box if pair not in free))


KINDS: tuple[tuple[Callable[[Writer], None], int], ...] = (
    (windows, 9),
    (grouped, 6),
    (pooling, 6),
    (looked_up, 1),
    (softmax, 2),
    (normalised, 2),
    (short_reduction, 1),
    (total, 10),
    (chosen, 3),
    (spread, 2),
    (polynomial, 2),
    (chain, 2),
    (stacked, 6),
    (copied, 4),
    (gated, 3),
    (inner, 2),
    (recurrence, 2),
    (weighed, 4),
    (twins, 5),
    (common, 3),
    (diagonal, 4),
    (gates, 4),
    (programs.overlapping_scatter, 1),
    (programs.indirect_scatter, 1),
    (programs.elementwise, 1),
    (programs.reduction, 1),
)
