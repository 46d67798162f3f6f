"""Which sums of products through windows of 3 x 3 places can do with fewer products, and where that is faster.

    y[n, o, u, v] = sum(c, p, q: x[n, c, u + p, v + q]*w[o, c, p, q])

and the gradient of w can be taken tile by tile: the 2 x 2 results of a tile of 4 x 4 places take 16 products for each
pair (c, o) instead of 36, and sums and differences. That is F(2x2, 3x3) of S. Winograd (Arithmetic complexity of
computations, 1980), used for networks by A. Lavin and S. Gray (Fast algorithms for convolutional neural networks,
2016).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from symnet.ir.affine import Affine
from symnet.ir.program import Access
from symnet.language.extents import Extent
from symnet.planning.bands import single
from symnet.planning.contractions import nominal
from symnet.planning.costs import copy_time
from symnet.planning.rows import TILED_AT_ONCE, TILES
from symnet.planning.windows import windowed

Box = Mapping[str, Extent]
Pair = tuple[int, int]

WINDOW = 3

# What a sum or a difference costs for each element, and what the calls for some images cost, in nanoseconds. Measured.
SUM_TIME = 0.22
CALLS_TIME = 25_000

# How many operations of products there are in a nanosecond.
OPERATIONS = 85


@dataclass(frozen=True)
class Tiling:
    """A sum over windows of images, or the gradient of what the windows are multiplied by.

    images    the images, over (lead, stand, channels) in any order
    kernel    what windows are multiplied by, over (through, channels, columns)
    results   what the sums are, over (lead, stand, columns)
    gradient  whether the kernel is calculated from the results
    places    how many rows and columns an image has; `lengths` are those of the results
    start     where in an image the window of the first result begins
    sizes     how many channels there are, and how many columns
    """

    images: Access
    kernel: Access
    results: Access
    gradient: bool
    lead: str
    channels: str
    columns: str
    stand: tuple[str, str]
    through: tuple[str, str]
    places: Pair
    lengths: Pair
    start: Pair
    sizes: Pair

    @property
    def tiles(self) -> int:
        """How many tiles an image has."""
        return (self.lengths[0] + 1) // 2 * ((self.lengths[1] + 1) // 2)

    @property
    def block(self) -> int:
        """How many images are taken at a time."""
        return int(TILED_AT_ONCE(16 * self.tiles * max(self.sizes)))

    @property
    def memory(self) -> int:
        """How many numbers a block takes: tiles, whole and transformed along one axis, products, and sums of these."""
        rows, columns = ((length + 1) // 2 for length in self.lengths)
        read = 8 * rows * (columns + 1) * self.sizes[0] + 16 * self.tiles * self.sizes[0]
        return self.block * (max(read, 12 * self.tiles * self.sizes[1]) + 16 * self.tiles * self.sizes[1])


def tiling_of(big: Access, small: Access, target: Access, box: Box, extents: tuple[Extent, ...]) -> Tiling | None:
    """The product of `big`, which is read through windows, and `small`, as one over tiles; None where it is none."""
    windows = windowed(big, box)
    if len(windows) != 2 or target.plain is None or not single(small) or big.default not in (None, 0):
        return None
    dimensions = sorted(windows)
    stand, through = ((windows[dimensions[0]][k], windows[dimensions[1]][k]) for k in (0, 1))
    gradient = through[0] in target.indices
    kernel, results = (target, small) if gradient else (small, target)
    parts = _parts(big, kernel, results, (*stand, *through))
    places = [place for d, place in enumerate(big.places) if d in windows and isinstance(place, Affine)]
    if parts is None or set(box) != {*parts, *stand, *through} or any(box[name].constant != WINDOW for name in through):
        return None
    stands = {d: Affine.index(where) for d, (where, _) in windows.items()}
    images = replace(big, places=tuple(stands.get(d, place) for d, place in enumerate(big.places)), default=None)
    if images.plain is None or any(step.constant != 1 for place in places for _, step in place.terms):
        return None
    if any(d not in windows and box[name] != extents[d] for d, name in enumerate(images.plain)):
        return None
    numbers = (
        _pair(extents[d] for d in dimensions),
        _pair(box[name] for name in stand),
        _pair(place.constant for place in places),
        _pair(box[name] for name in parts[1:]),
    )
    known = [pair for pair in numbers if pair is not None]
    return Tiling(images, kernel, results, gradient, *parts, stand, through, *known) if len(known) == 4 else None


def _parts(big: Access, kernel: Access, results: Access, window: tuple[str, ...]) -> tuple[str, str, str] | None:
    """The indices of images, channels and columns: each is in two of the three, and there is one of each."""
    pairs = ((big, results, kernel), (big, kernel, results), (kernel, results, big))
    found = [
        [name for name in a.indices if name in b.indices and name not in window and name not in other.indices]
        for a, b, other in pairs
    ]
    if any(len(names) != 1 for names in found):
        return None
    ((lead,), (channels,), (columns,)) = found
    stand, through = window[:2], window[2:]
    complete = set(kernel.indices) == {*through, channels, columns} and set(results.indices) == {lead, *stand, columns}
    return (lead, channels, columns) if complete else None


def _pair(extents: Iterable[Extent]) -> Pair | None:
    """Two numbers, where both are known."""
    found = [extent.constant for extent in extents]
    known = [number for number in found if number is not None]
    return (known[0], known[1]) if len(known) == 2 else None


def tiling_pays(tiling: Tiling, box: Box) -> bool:
    """Whether tiles are estimated to be faster than a copy of all windows, both with channels last."""
    images = nominal(box[tiling.lead])
    places = tiling.lengths[0] * tiling.lengths[1]
    read, written = tiling.sizes
    windows = copy_time(9 * places * read, 3 * read) + _products(places, 9 * read, written)
    moved = copy_time(places * (read + written), min(read, written)) + 24 * SUM_TIME * tiling.tiles * (read + written)
    tiled = moved + 16 * _products(tiling.tiles, read, written)
    return bool(TILES(images * tiled + CALLS_TIME * -(-images // tiling.block), images * windows))


def _products(rows: int, contracted: int, columns: int) -> float:
    """The time for a product of matrices, nanoseconds: in both forms it has the same columns, few or many."""
    return 2 * rows * contracted * columns / OPERATIONS
