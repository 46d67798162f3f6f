"""Products with windows a few examples at a time: what is copied is still in the cache when it is multiplied.

    for n in range(0, N, 2):
        part = x_view[n : n + 2]
        rows = t0[: len(part)]
        rows[...] = part
        rows.reshape(-1, 288).dot(w, out=result[256 * n : 256 * (n + 2)])

Nothing as large as all windows together is ever held.
"""

from __future__ import annotations

from symnet.backends.numpy.copies import (
    is_matrix,
    matrix,
    matrix_order,
    overlaps,
    result_place,
)
from symnet.backends.numpy.reduction import grouped
from symnet.backends.numpy.scope import Array, Box, Scope
from symnet.language.extents import Extent
from symnet.planning.contractions import Pair, nominal, volume
from symnet.planning.costs import volume as size
from symnet.planning.rows import BLOCK, BLOCKS


def takes_blocks(big: Array, pair: Pair, box: Box) -> bool:
    """Whether an operand, which has the rows, is copied block by block."""
    if not pair.rows or is_matrix(big, pair.rows, pair.contracted) or not overlaps(big, box):
        return False
    lead = matrix_order(big, pair.rows, pair.contracted, box)[0]
    return nominal(box[lead]) > 1 and bool(BLOCKS(volume(big.axes, box)))


def dot_in_blocks(scope: Scope, big: Array, small: Array, pair: Pair, box: Box, out: Array | None) -> Array:
    """The product of an operand that has the rows and is copied block by block, and one that has the columns."""
    order = matrix_order(big, pair.rows, pair.contracted, box)
    summed = order[0] in pair.contracted
    right = matrix(scope, small, pair.contracted, pair.columns, box)
    kept = (pair.rows, pair.columns)
    if summed and out is not None and out.axes == pair.columns + pair.rows:
        kept = (pair.columns, pair.rows)
    place = result_place(scope, kept[0] + kept[1], box, big.kind, out)
    target = grouped(scope, place, kept, box)
    if summed:
        scope.line(f"{target.source}.fill(0)")
    block = BLOCK(volume(order[1:], box))
    counter, part, rows = _copied_block(scope, big, order, block, box)
    first, second = (pair.contracted, pair.rows) if summed else (pair.rows, pair.contracted)
    one = _slice(scope, counter, block, first, box)
    width = scope.extent(size(box[axis] for axis in second))
    left = f"{rows}.reshape(-1, {width})"
    if not summed:
        scope.line(f"    {left}.dot({right.source}, out={target.source}[{one}])")
    else:
        term = scope.temporary(place.axes, box, big.kind)
        flat = grouped(scope, term, kept, box)
        product = f"{left}.T.dot({right.source}[{one}]" if kept[0] == pair.rows else ""
        product = product or f"{right.source}[{one}].T.dot({left}"
        scope.line(f"    {product}, out={flat.source})")
        scope.line(f"    np.add({target.source}, {flat.source}, out={target.source})")
        scope.release(term)
    for array in (big, small, right):
        scope.release(array)
    return place


def _copied_block(scope: Scope, big: Array, order: tuple[str, ...], block: int, box: Box) -> tuple[str, str, str]:
    """The head of the loop and the lines that copy a block: the names of counter, view and copy."""
    lead = order[0]
    view = scope.transposed(big, order)
    buffer = scope.temporary(order, {**box, lead: Extent.of(block)}, big.kind)
    scope.release(buffer)
    counter, part, rows = scope.local(lead), scope.local("part"), scope.local("rows")
    step = f", {block}" if block > 1 else ""
    stop = f"{counter} + {block}"
    length = scope.extent(box[lead])
    scope.line(f"for {counter} in range({f'0, {length}{step}' if step else length}):")
    scope.line(f"    {part} = {view.source}[{counter} : {stop}]")
    scope.line(f"    {rows} = {buffer.source}[: len({part})]")
    scope.line(f"    {rows}[...] = {part}")
    return counter, part, rows


def _slice(scope: Scope, counter: str, block: int, axes: tuple[str, ...], box: Box) -> str:
    """The rows of a matrix that belong to a block, where the rows are joined from these axes."""
    inner = size(box[axis] for axis in axes[1:])
    if inner.constant == 1:
        return f"{counter} : {counter} + {block}"
    factor = scope.factor(inner)
    return f"{factor} * {counter} : {factor} * ({counter} + {block})"
