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
from typing import TypeVar

from symnet.ir.affine import Affine
from symnet.ir.program import Access
from symnet.language.extents import Extent
from symnet.planning.bands import single
from symnet.planning.contractions import nominal
from symnet.planning.costs import OPERATIONS, copy_time
from symnet.planning.rows import TILED_AT_ONCE, TILES

Box = Mapping[str, Extent]
Pair = tuple[int, int]
T = TypeVar("T")

TRANSFORM = 16 * 9  # numbers of the matrix that makes 16 parts of a kernel of 9
WINDOW = 3

# What a sum or a difference costs for each element, and what the calls for some images cost, in nanoseconds. Measured.
SUM_TIME = 0.22
CALLS_TIME = 25_000


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
        """How many numbers a block takes: padded images, the kernel, tiles, and what the tiles become.

        The tiles are transformed along one axis and then along the other. Sums of products take their place, and before
        and behind the tiles the gradient of the kernel.
        """
        rows, columns = ((length + 1) // 2 for length in self.lengths)
        read, written = self.sizes
        padded = 4 * (rows + 1) * (columns + 1) * read
        strips = max(8 * self.block * rows * (columns + 1) * read, 16 * read * written)
        tiles = max(strips + 16 * self.block * self.tiles * read, 12 * self.block * self.tiles * written)
        return self.block * padded + 16 * read * written + tiles + 16 * self.block * self.tiles * written


def tiling_of(big: Access, small: Access, target: Access, box: Box, extents: tuple[Extent, ...]) -> Tiling | None:
    """The product of `big`, which is read through windows, and `small`, as one over tiles; None where it is none."""
    windows = {d: p for d, p in enumerate(big.places) if isinstance(p, Affine) and len(p.terms) == 2}
    if len(windows) != 2 or target.plain is None or not single(small) or big.default not in (None, 0):
        return None
    if any(step.constant != 1 for place in windows.values() for _, step in place.terms):
        return None
    inner, outer = (_pair(n for p in windows.values() for n in p.indices if n in a.indices) for a in (small, target))
    if inner is None or outer is None:
        return None
    gradient = any(box[name].constant != WINDOW for name in inner)
    kernel, results = (target, small) if gradient else (small, target)
    through, stand = (outer, inner) if gradient else (inner, outer)
    parts = _parts(big, kernel, results, (*stand, *through))
    if parts is None or set(box) != {*parts, *stand, *through} or any(box[name].constant != WINDOW for name in through):
        return None
    stands = dict(zip(windows, map(Affine.index, stand), strict=True))
    images = replace(big, places=tuple(stands.get(d, place) for d, place in enumerate(big.places)), default=None)
    if images.plain is None or any(d not in windows and box[n] != extents[d] for d, n in enumerate(images.plain)):
        return None
    places, lengths, start, sizes = (
        _pair(extent.constant for extent in group if extent.constant is not None)
        for group in (
            [extents[d] for d in windows],
            [box[name] for name in stand],
            [place.constant for place in windows.values()],
            [box[name] for name in parts[1:]],
        )
    )
    if places is None or lengths is None or start is None or sizes is None:
        return None
    return Tiling(images, kernel, results, gradient, *parts, stand, through, places, lengths, start, sizes)


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


def _pair(values: Iterable[T]) -> tuple[T, T] | None:
    """The values, where they are two."""
    found = tuple(values)
    return (found[0], found[1]) if len(found) == 2 else None


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
