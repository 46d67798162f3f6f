"""Which sums through windows are products with a banded matrix, and where that is faster than to copy windows.

    y[n, o, u, v] = sum(c, p, q: x[n, c, u + p, v + q]*w[o, c, p, q])

can be taken as rows x[(n, u), (p, j, c)] times band[(p, j, c), (v, o)], where band[p, j, c, v, o] = w[o, c, p, j - v].
The band may hold a part of the places v only: there are as many rows as there are such parts then, and fewer zeros.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from symnet.ir.affine import Affine
from symnet.ir.program import Access
from symnet.language.extents import Extent
from symnet.planning.contractions import nominal, volume
from symnet.planning.costs import copy_time, product_time
from symnet.planning.rows import BAND, BANDED, LINES
from symnet.planning.windows import Order, windowed

Box = Mapping[str, Extent]

ADDED = 0.7  # nanoseconds to add an element to a line of others


@dataclass(frozen=True)
class Band:
    """A place `step*stand + through + offset` in a dimension of length `extent`, which `row` goes along.

    rows, small  the tensor with the window, read along whole rows, and the other one
    extent       the length of a row
    gradient     whether `through` is kept and `stand` summed: the sum goes along the band
    block        the index of the blocks of places, each of which has a row of its own; empty where there is one block
    """

    big: Access
    rows: Access
    small: Access
    box: Box
    kept: frozenset[str]
    extents: tuple[Extent, ...]
    dimension: int
    stand: str
    through: str
    step: int
    offset: int
    extent: Extent
    gradient: bool
    row: str = "row"
    block: str = ""

    @property
    def positions(self) -> int:
        """The length of the window."""
        return self.box[self.through].constant or 0

    def first(self, position: int) -> int:
        """The first place of the window where this position is inside of the row."""
        return max(0, -((position + self.offset) // self.step))

    def length(self, position: int) -> Extent:
        """At how many places of the window this position is inside of the row."""
        last = ((self.extent.constant or 0) - 1 - position - self.offset) // self.step
        end = min(self.box[self.stand].constant or 0, last + 1)
        return Extent.of(max(0, end - self.first(position)))


def band_of(big: Access, small: Access, target: Access, box: Box, extents: tuple[Extent, ...]) -> Band | None:
    """How the innermost window of a sum of products goes into a banded matrix; None where it cannot."""
    kept = frozenset(target.indices)
    windows = windowed(big, box)
    if not windows or target.plain is None or not single(small) or big.default not in (None, 0):
        return None
    dimension = max(windows)
    stand, through = windows[dimension]
    place = big.places[dimension]
    assert isinstance(place, Affine)
    step, one = place.coefficient(stand).constant, place.coefficient(through).constant
    lengths = (box[stand].constant, box[through].constant, extents[dimension].constant, place.constant.constant)
    if one != 1 or step is None or step < 1 or None in lengths or {"row", "block"} & set(box):
        return None
    gradient = through in kept
    if (stand in kept) == gradient or sum(stand in a.indices for a in (big, small)) != 1 + gradient:
        return None
    if (through in small.indices) == gradient or kept & set(big.indices) & set(small.indices):
        return None
    if sum({stand, through} <= set(p.indices) for p in big.places) != 1 or not _once(big, (stand, through)):
        return None
    places = tuple(Affine.index("row") if d == dimension else p for d, p in enumerate(big.places))
    offset = place.constant.constant or 0
    rows, length = replace(big, places=places), extents[dimension]
    return Band(big, rows, small, box, kept, extents, dimension, stand, through, step, offset, length, gradient)


def single(access: Access) -> bool:
    """Whether each place has one index at most, and no index stands twice."""
    places = [place.indices if isinstance(place, Affine) else ("", "") for place in access.places]
    return all(len(names) < 2 for names in places) and len(access.indices) == sum(map(len, places))


def _once(access: Access, names: Sequence[str]) -> bool:
    """Whether each of these indices stands in one place of an access."""
    return all(sum(name in place.indices for place in access.places) == 1 for name in names)


def in_blocks(band: Band, width: int) -> Band:
    """The same with so many places of the window in a block, which has to go into all of them."""
    row = Affine.index(band.row) + Affine.index("block") * (band.step * width) + band.offset
    places = tuple(row if d == band.dimension else p for d, p in enumerate(band.big.places))
    places_in_all = band.box[band.stand].constant or 0
    box = {**band.box, band.stand: Extent.of(width), "block": Extent.of(places_in_all // width)}
    length = Extent.of(band.step * (width - 1) + band.positions)
    return replace(band, rows=replace(band.big, places=places), box=box, offset=0, extent=length, block="block")


# The index of a line of what windows are read of, where products are taken line by line.
LINE = "line"


@dataclass(frozen=True)
class Lines:
    """A second window, at `stand + sign*through + offset` in a dimension of `count` lines.

    stands, positions  at how many places it stands, and how many positions it has
    """

    stand: str
    through: str
    sign: int
    offset: int
    count: int
    stands: int
    positions: int

    @property
    def extent(self) -> Extent:
        """How many lines there are."""
        return Extent.of(self.count)

    def shift(self, position: int) -> int:
        """How many lines behind where the window stands this position reads."""
        return self.sign * position + self.offset


def lines_of(band: Band) -> Lines | None:
    """The window besides that of a band, where it is one whose positions may be added one by one; None for others."""
    windows = {d: names for d, names in windowed(band.big, band.box).items() if d != band.dimension}
    if len(windows) != 1 or band.gradient or LINE in band.box:
        return None
    ((dimension, (stand, through)),) = windows.items()
    place = band.big.places[dimension]
    assert isinstance(place, Affine)
    sign, extents = place.coefficient(through).constant, (band.box[stand], band.box[through], band.extents[dimension])
    numbers = [extent.constant for extent in (*extents, place.constant)]
    if place.coefficient(stand).constant != 1 or sign not in (1, -1) or None in numbers:
        return None
    sliding = stand in band.kept and through not in band.kept and through in band.small.indices
    if not sliding or stand in band.small.indices or not _once(band.big, (stand, through)):
        return None
    stands, positions, count, offset = (number or 0 for number in numbers)
    return Lines(stand, through, sign, offset, count, stands, positions)


def in_lines(big: Access, lines: Lines) -> Access:
    """The tensor with the window, read line by line."""
    return replace(
        big,
        places=tuple(
            Affine.index(LINE) if isinstance(p, Affine) and lines.stand in p.indices else p for p in big.places
        ),
    )


def lines_pay(band: Band, whole: Band, order: Order | None) -> bool:
    """Whether products line by line, `band`, are faster than with all positions of both windows at once."""

    def time(option: Band, orders: Order | None) -> float:
        return _time(option.rows, option, {**option.box, option.row: option.extent}, orders, True)

    results = volume(tuple(band.kept), band.box)
    windows = min(time(whole, order), _time(whole.big, whole, whole.box, order, False))
    return bool(LINES(time(band, order) + ADDED * results, windows))


def faster_band(band: Band, order: Order | None, *, blocks: bool) -> Band | None:
    """The band with as many places as are fastest, all or, with `blocks`, some; None where windows are faster."""
    count = band.box[band.stand].constant or 0
    widths = [width for width in range(count - 1, 1, -1) if count % width == 0] if blocks else []
    windows = _time(band.big, band, band.box, order, False)

    def time(option: Band) -> float:
        return _time(option.rows, option, {**option.box, option.row: option.extent}, order, True)

    best: Band = BAND([band, *(in_blocks(band, width) for width in widths)], time, windows)
    return best if BANDED(time(best), windows) else None


def _time(access: Access, band: Band, box: Box, order: Order | None, banded: bool) -> float:
    """The time for the copy of the windows or the rows, for the product, and for what goes into or out of the band."""
    strides = _strides(access, band.extents, order or tuple(range(len(band.extents))))
    others = {*band.small.indices} | ({band.stand} if banded and not band.gradient else set())
    if banded and not band.gradient:
        others = (others - {band.through}) | {band.row}
    shared = [n for n in access.indices if n in others]
    alone = [n for n in access.indices if n not in others]
    columns = [n for n in others if n not in access.indices]
    copy = min(_copy(names, strides, box) for names in (alone, shared))
    product = product_time(volume(alone, box), volume(columns, box), volume(shared, box))
    along = volume({*(band.kept if band.gradient else band.small.indices), band.stand}, band.box)
    return copy + product + (copy_time(along, 1) + 1000 * band.positions if banded else 0.0)


def _strides(access: Access, extents: tuple[Extent, ...], order: Order) -> dict[str, int]:
    found: dict[str, int] = {}
    weight = 1
    for dimension in reversed(order):
        place = access.places[dimension]
        for name, step in place.terms if isinstance(place, Affine) else ():
            found[name] = found.get(name, 0) + (step.constant or 1) * weight
        weight *= nominal(extents[dimension])
    return found


def _copy(last: Sequence[str], strides: Mapping[str, int], box: Box) -> float:
    """The time to copy everything with these indices last."""
    piece = 1
    for name in sorted(last, key=lambda n: abs(strides[n])):
        if strides[name] != piece:
            break
        piece *= nominal(box[name])
    return copy_time(volume(tuple(strides), box), piece)
