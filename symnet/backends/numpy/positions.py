"""Products through windows that keep the channel, one position of the window after the other.

    y[n, u, v, c] = sum(p, q: x[n, u + p, v + q, c]*w[p, q, c])        each channel with a window of its own

    for p in range(3):
        for q in range(3):
            np.multiply(x_view[p, q], w[p, q], out=t0)
            np.add(y, t0, out=y)

There is no matrix product in it whose sides are longer than the window. The gradient of w is one sum for each position.
"""

from __future__ import annotations

from symnet.backends.numpy.broadcast import lengthened
from symnet.backends.numpy.copies import in_memory_order, overlaps, result_place
from symnet.backends.numpy.passing import count_call
from symnet.backends.numpy.reduction import copied, grouped
from symnet.backends.numpy.scope import Array, Box, Scope
from symnet.planning.contractions import Pair, volume
from symnet.planning.rows import SHIFTED


def positions_of(big: Array, small: Array, pair: Pair, box: Box) -> tuple[str, ...]:
    """The indices that go through the window, where a product is best taken by their values; else none."""
    if not pair.batch or pair.columns or not pair.rows or not overlaps(big, box):
        return ()
    if in_memory_order(big, big.axes, box)[-1] not in pair.batch:
        return ()
    through = pair.contracted if set(small.axes) == {*pair.batch, *pair.contracted} else ()
    choices = [names for names in (through, pair.rows) if names and all(box[n].constant for n in names)]
    few = [names for names in choices if SHIFTED(volume(names, box))]
    return min(few, key=lambda names: volume(names, box), default=())


def product_by_positions(
    scope: Scope, big: Array, small: Array, pair: Pair, through: tuple[str, ...], box: Box, out: Array | None
) -> Array:
    """The product for one position after the other: added up, or each in its place."""
    rest = in_memory_order(big, tuple(n for n in big.axes if n not in through), box)
    view = scope.transposed(big, through + rest)
    counters = [scope.local(name) for name in through]
    here = f"[{', '.join(counters)}]"
    loops = [
        f"{'    ' * depth}for {counter} in range({scope.extent(box[name])}):"
        for depth, (counter, name) in enumerate(zip(counters, through, strict=True))
    ]
    inside = "    " * len(through)
    term = scope.temporary(rest, box, "real")
    if through == pair.contracted:
        place = result_place(scope, rest, box, "real", out)
        weights = _weights(scope, small, through, rest, box)
        body = [
            f"np.multiply({view.source}{here}, {weights.source}{here}, out={term.source})",
            f"np.add({place.source}, {term.source}, out={place.source})",
        ]
        loops.insert(0, f"{place.source}.fill(0)")
        count_call(scope, [big, weights], term, box)
        scope.release(weights)
    else:
        kept = tuple(name for name in rest if name in pair.batch)
        place = result_place(scope, through + kept, box, "real", out)
        other = scope.aligned(small, rest)
        count_call(scope, [big, small], term, box)
        body = [
            f"np.multiply({view.source}{here}, {other.source}, out={term.source})",
            _sum_line(scope, term, pair.contracted, kept, f"{place.source}{here}", box),
        ]
    for line in (*loops, *(inside + line for line in body)):
        scope.line(line)
    for array in (term, big, small):
        scope.release(array)
    return place


def _weights(scope: Scope, small: Array, through: tuple[str, ...], rest: tuple[str, ...], box: Box) -> Array:
    """The weights by position, repeated along rows that would be short without."""
    own = tuple(name for name in rest if name in small.axes)
    if rest[-len(own) :] != own:
        return scope.aligned(scope.transposed(small, through + own), through + rest)
    return copied(scope, small, through + lengthened(own, rest, box), box, small.kind)


def _sum_line(scope: Scope, term: Array, lost: tuple[str, ...], kept: tuple[str, ...], place: str, box: Box) -> str:
    if term.axes == lost + kept:
        table = grouped(scope, term, (lost, kept), box)
        return f"{scope.ones(tuple(box[axis] for axis in lost))}.dot({table.source}, out={place})"
    axes = tuple(term.axes.index(axis) for axis in lost)
    return f"np.add.reduce({term.source}, axis={axes}, out={place})"
