"""Products that sum over the examples of a batch: for a batch of one they are outer products.

`dot` fills these with zeros and then adds to them row by row, and `matmul` multiplies every element in a loop of its
own. With a zero beside each element BLAS writes them at once, in half the time. Which it is is known when the plan is
made.
"""

from __future__ import annotations

from symnet.backends.numpy.scope import Box, Scope
from symnet.language.extents import Extent
from symnet.planning.contractions import Pair
from symnet.planning.costs import is_single, volume
from symnet.planning.footprint import Made
from symnet.planning.rows import OUTER


def outer_product(scope: Scope, pair: Pair, box: Box) -> str:
    """The function for a large product that is an outer one if a size is 1; empty for other products."""
    if not scope.often or not pair.rows or not pair.columns:
        return ""
    rows, columns = (volume(box[axis] for axis in axes) for axes in (pair.rows, pair.columns))
    elements = (rows * columns).constant
    summed = [box[axis] for axis in pair.contracted]
    sizes = [scope.extent(extent) for extent in summed if extent.sizes]
    if elements is None or not sizes or not is_single(summed) or not OUTER(elements):
        return ""
    made = f"_outer({rows.constant}, {columns.constant}, dtype)"
    single = next(size for extent in summed for size in extent.sizes)
    memory = tuple(Made.of((extent, Extent.of(2)), "real", single=single) for extent in (rows, columns))
    return scope.bind("product", f"{made} if {sizes[0]} == 1 else np.matmul", made=memory)
