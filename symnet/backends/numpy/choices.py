"""Choices by a mask on the bits of real numbers.

Copying through a mask takes up to fifty times as long as an addition where the mask is irregular. Here a mask becomes
integers with all bits set where it holds, and what is not chosen may be NaN or infinite.
"""

from __future__ import annotations

from symnet.backends.numpy.scope import Array, Box, Scalar, Scope
from symnet.planning.footprint import Made

# pseudo-ufuncs that make such integers of a mask, and of the opposite of a mask, to the ufunc and its second argument
SPREAD = {"spread": ("multiply", "-1"), "spread_not": ("subtract", "1")}


def spread_line(scope: Scope, ufunc: str, mask: str, place: str) -> str:
    """The line that makes integers of a mask."""
    function, number = SPREAD[ufunc]
    stem = "all_bits" if number == "-1" else "one_bit"
    bits = scope.bind(stem, f"np.array({number}, {scope.bits()})", made=(Made.of((), "bits"),))
    return f"np.{function}({mask}, {bits}, out={place})"


def spread_constant(scope: Scope, ufunc: str, mask: str) -> str:
    """The same for a mask of the plan, as an expression."""
    function, number = SPREAD[ufunc]
    return f"np.{function}({mask}, {number}, dtype={scope.bits()})"


def choice_lines(
    scope: Scope,
    where: Array,
    chosen: Array | Scalar,
    other: Array | Scalar,
    place: Array,
    axes: tuple[str, ...],
    box: Box,
) -> list[str]:
    """The lines that write what is chosen to a place, which may be the memory of `chosen` but not of `other`."""
    own, mask = _bits(scope, place, axes), scope.aligned(where, axes).source
    first = _bits(scope, chosen, axes)
    if isinstance(other, Scalar) and other.source == "0":
        return [f"np.bitwise_and({first}, {mask}, out={own})"]
    second = _bits(scope, other, axes)
    if where.fixed and not where.storage and isinstance(other, Scalar):
        made = Made.of((box[axis] for axis in where.axes), "bits")
        rest = scope.bind(f"{second}_elsewhere", f"~{mask} & {second}", made=(made,))
        return [f"np.bitwise_and({first}, {mask}, out={own})", f"np.bitwise_or({own}, {rest}, out={own})"]
    return [
        f"np.bitwise_xor({first}, {second}, out={own})",
        f"np.bitwise_and({own}, {mask}, out={own})",
        f"np.bitwise_xor({own}, {second}, out={own})",
    ]


def _bits(scope: Scope, value: Array | Scalar, axes: tuple[str, ...]) -> str:
    """A value seen as integers of the same size."""
    if isinstance(value, Scalar):
        name = scope.constant(value.source)
        return scope.bind(f"{name}_bits", f"{name}.view({scope.bits()})")
    array = scope.aligned(value, axes)
    return scope.view(array, f".view({scope.bits()})", "bits", array.axes).source
