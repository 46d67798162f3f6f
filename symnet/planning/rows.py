"""The choices of planner and backend, a row each: with a formula in the sizes that decides when code is written.

A row is asked where both answers are right, and answers by what is faster: by how many elements, positions or calls
there are, or by times in nanoseconds (`costs.py`). Sizes known only at run time count as `nominal` ones. All numbers
were measured with NumPy 2.4 on one core. No row asks a clock, so that the same spec gives the same module anywhere.

`forced` puts another formula in the place of one: with every row forced in turn, all that a module calculates has to
stay the same. `tests/test_rows.py` does that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")
Formula = Callable[..., Any]

# Half of a cache of the second level, in elements.
CACHED = 1 << 17


def always(*_: object) -> bool:
    """The way is taken wherever it can be."""
    return True


def never(*_: object) -> bool:
    """The way is taken nowhere."""
    return False


def one(*_: object) -> int:
    """The number 1."""
    return 1


def two(*_: object) -> int:
    """The number 2."""
    return 2


def cheapest(options: Sequence[T], cost: Callable[[T], float]) -> T:
    """The option that costs least, the first of equal ones."""
    return min(options, key=cost)


def dearest(options: Sequence[T], cost: Callable[[T], float]) -> T:
    """The option that costs most."""
    return max(options, key=cost)


def widest(options: Sequence[T], cost: Callable[[T], float]) -> T:
    """The first option that costs little more than the cheapest."""
    least = min(map(cost, options))
    return next(option for option in options if cost(option) <= 1.1 * least)


def narrowest(options: Sequence[T], *_: object) -> T:
    """The last option."""
    return options[-1]


@dataclass(frozen=True, eq=False)
class Row:
    """One choice. Called with sizes or costs, it gives what its formula says.

    name     what it is called
    what     what is chosen, where it can be
    formula  the answer, from sizes
    others   the formulas that it is tested with besides
    behind   the row that has to be taken before this one is asked
    """

    name: str
    what: str
    formula: Formula
    others: tuple[Formula, ...] = (always, never)
    behind: Row | None = None

    def __call__(self, *sizes: Any) -> Any:
        """The answer for these sizes."""
        for force in _FORCED.get():
            if force.row is self:
                force.asked += 1
                return force.formula(*sizes)
        return self.formula(*sizes)


@dataclass
class Force:
    """Another formula in the place of a row's own, and how often it was asked."""

    row: Row
    formula: Formula
    asked: int = 0


_FORCED: ContextVar[tuple[Force, ...]] = ContextVar("forced", default=())


@contextmanager
def forced(row: Row, formula: Formula) -> Iterator[Force]:
    """Let a row answer by another formula in this block."""
    force = Force(row, formula)
    token = _FORCED.set((force, *_FORCED.get()))
    try:
        yield force
    finally:
        _FORCED.reset(token)


# --- where tensors lie -----------------------------------------------------------------------------

TURNED = Row(
    "turned",
    "the dimensions of a tensor lie in another order",
    lambda cost, least: cost < 0.9 * least,  # a little is not worth an order that surprises a reader
)
CHANNELS_LAST = Row("channels last", "what is read through windows is stored with its channels last", always)
TURNED_COPY = Row(
    "turned copy",
    "an operand whose elements would lie apart is copied before, if it is read so often",
    lambda often: often >= 4,
)
REPEATED = Row(
    "repeated",
    "a short row that meets many longer ones is repeated until it is long",
    lambda row, rows: row < 64 and rows >= 1024,
)
WIDENED = Row(
    "widened",
    "what lacks dimensions of a result of so many elements is repeated along them, whose rows may be as long as a size",
    lambda elements, open_rows: elements <= (2048 if open_rows else 16384),  # beyond that memory is what costs
)
SLOPES = Row(
    "slopes",
    "a slope that ends so many lives is calculated before what it is multiplied with",
    lambda ending: ending >= 2,
)
DIAGONALS = Row(
    "diagonals", "what is chosen where two indices are equal is added there, and not chosen for all", always
)
PLACED = Row("placed", "what is only copied is written where the copy goes", always)
APART = Row("apart", "where there is one number, a result is written beside an operand and not in place", always)
LENGTHENED = Row(
    "lengthened",
    "such a row is repeated along one more dimension",
    lambda row: row < 256,
    behind=REPEATED,
)
FILLED = Row("filled", "a number in a maximum is an array of it: a third of the time", always)
FILLED_ALONG = Row(
    "filled along",
    "such an array goes along one more dimension",
    lambda elements: elements < 512,  # from there on, inner loops hide what it costs to begin one
    behind=FILLED,
)

# --- windows ---------------------------------------------------------------------------------------

BY_POSITION = Row(
    "by position",
    "what is written through windows is one statement for each position in them",
    lambda positions: positions <= 16,
)
BYTES = Row(
    "bytes",
    "positions in windows that are only compared take a byte each",
    lambda positions: positions <= 16,
)
REFILLED = Row(
    "refilled",
    "what has a border, or is 0 outside of a band, gives its memory to others and is filled anew, so many elements",
    lambda elements: elements >= 4096,  # there it takes a thousandth of the time of the product that reads it
)
SLICES = Row(
    "slices",
    "a reduction over windows combines slices, one for each position along a dimension",
    lambda longest: longest <= 16,
)
BANDED = Row(
    "banded",
    "the innermost dimension of a window goes into a banded matrix",
    lambda banded, windows: banded < windows,
)
BAND = Row(
    "band",
    "how many places of a window a banded matrix holds: all, or a part that is much faster than windows",
    lambda bands, time, windows: widest(bands[:1] + [b for b in bands if 2 * time(b) < windows], time),
    (narrowest,),
    BANDED,
)
LINES = Row(
    "lines",
    "products with a banded matrix are taken line by line, and added where windows meet a line",
    lambda lines, windows: lines < windows,
    behind=BANDED,
)
TILES = Row(
    "tiles",
    "a product with windows of 3 x 3 places is taken by tiles, with fewer products",
    lambda tiles, windows: tiles < windows,
)
TILED_AT_ONCE = Row(
    "tiled at once",
    "how many examples are cut into tiles at a time, each into so many elements",
    lambda elements: max(1, CACHED // elements),
    (one, two),
    TILES,
)
SHIFTED = Row(
    "shifted",
    "a product that keeps the channel is a sum over the positions in the window",
    lambda positions: positions <= 64,
)
KEPT = Row(
    "kept",
    "copied windows are kept for the next product",
    lambda elements: elements <= CACHED,
)
BLOCKS = Row(
    "blocks",
    "windows are copied and multiplied a few examples at a time",
    lambda elements: elements > CACHED,
)
BLOCK = Row(
    "block",
    "how many examples are copied at a time, each of so many elements",
    lambda elements: max(1, CACHED // 2 // elements),
    (one, two),
    BLOCKS,
)

# --- products and sums -----------------------------------------------------------------------------

ORDER_OF_FACTORS = Row(
    "order of factors",
    "which of several factors are multiplied first",
    cheapest,
    (dearest,),
)
PRODUCT_SHARED = Row(
    "product shared",
    "what so many sums of products would multiply first is calculated once, and kept until the last of them",
    always,
)
ORDER_OF_COPY = Row(
    "order of copy",
    "in which order the indices of a matrix are copied",
    cheapest,
    (dearest,),
)
ORDER_OF_WINDOWS = Row(
    "order of windows",
    "the result of a product with windows is in their order, so many times as large as it",
    lambda windows, result: result * 4 <= windows,
)
STACKED = Row(
    "stacked",
    "products of a batch are written where they go, with rows of so many elements that are so many apart",
    lambda row, pitch: row >= 64 or pitch <= 8 * row,  # else each row takes a line of the cache from elsewhere
)
OUTER = Row(
    "outer",
    "a product of so many elements is made one for BLAS where it turns out to be an outer one",
    lambda elements: elements >= 16384,  # a method is called faster than a function
)
ONES = Row("ones", "a sum over neighbouring dimensions is a product with ones", always)
WEIGHTED = Row(
    "weighted",
    "a constant factor of a sum is in the ones, so many of them, and not a call of its own",
    lambda length: length < 4096,  # from there on a call for what is left costs little, and ones serve other sums too
    behind=ONES,
)
EINSUM = Row(
    "einsum",
    "so many products of two arrays are summed as they are made, along rows of such a length",
    lambda products, row: products >= 4096 and row >= 32,  # einsum itself takes 2 microseconds
)
TOTALS = Row(
    "totals", "whether a sum over everything is a product is seen when its length is known", always, behind=ONES
)
DOTS = Row("dots", "a sum of squares and products over everything is taken apart into dots", lambda terms: terms >= 2)
LOGARITHM_OF_PRODUCT = Row(
    "logarithm of product",
    "a sum of logarithms over everything is one of few logarithms of products",
    lambda elements: elements >= 1024,  # the products take calls too
)
STEPPED = Row(
    "stepped",
    "besides logarithms, max(x, 0) - k x, k whole numbers, is summed as x times a step less k, in bytes",
    always,
    behind=LOGARITHM_OF_PRODUCT,
)

# --- elementwise -----------------------------------------------------------------------------------

BITS = Row("bits", "a choice by a mask is made on the bits of numbers", always)
MASKED = Row("masked", "a finite value or 0 is a product with the mask", always)
POWERS = Row("powers", "a whole power is taken by squares and products", lambda exponent: exponent <= 16)
COMMON_NUMBER = Row(
    "common number",
    "a number that all terms of a sum have is multiplied with once; so many products with numbers before and after",
    lambda before, after: before > after + 1,
)

FEWER_PASSES = Row(
    "fewer passes",
    "a sum of products is written in another form; so many operations on large and on small arrays before and after",
    lambda before, after: after < before,
)

FACTOR_MOVED = Row(
    "factor moved",
    "a factor goes along a sum of products; so many elements that it meets before and after",
    lambda before, after: after < before,
)
COMMON_OPERAND = Row(
    "common operand",
    "products with a common operand are one, with the sum of the others; nanoseconds saved, and for that sum",
    lambda products, total: total < products,
)
SIDE_BY_SIDE = Row(
    "side by side",
    "equal formulas for two tensors of so many elements each are calculated at once",
    lambda elements: elements <= 4096,  # to begin a function takes as long as a thousand
)
SCALED_OPERAND = Row(
    "scaled operand",
    "a number is multiplied with an operand of a product of matrices, of so many elements, and not with the result",
    lambda operand, result: operand < result,
)

# --- scatters and loops ----------------------------------------------------------------------------

ADDED_SLICES = Row(
    "added slices",
    "an affine scatter is a loop that adds slices, so many of them",
    lambda slices: slices <= 1024,
)
HOISTED = Row(
    "hoisted",
    "what a recurrence does not change in its products is calculated before the loop, with so many operations",
    lambda operations: operations > 0,
)
JOINED = Row("joined", "statements of a loop that do the same to neighbouring parts, so many, are one", always)
NUMBERS = Row("numbers", "a step without dimensions calculates with numbers", always)

ROWS = tuple(value for value in list(globals().values()) if isinstance(value, Row))
