"""What statements and tensors cost, as formulas in the sizes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from math import prod

import sympy as sp

from symnet.ir.program import Program, Statement, leaf_number, symbols_of
from symnet.language.extents import Extent
from symnet.planning.contractions import classify

INTEGER_BYTES = 8
REAL_BYTES = 4  # of a float32


def flops(s: Statement) -> Extent:
    """How many scalar operations a statement takes: +, *, / and functions count 1 each, whatever the function.

    A matrix product of n x k and k x m thus takes 2*n*k*m. Points that guards exclude are counted too.
    """
    each = operations(s.body) + (1 if s.reduced and s.op in ("+", "prod", "max", "min", "argmax", "argmin") else 0)
    return volume(extent for _, extent in s.domain) * each


def program_flops(program: Program, start: int = 0, stop: int | None = None) -> Extent:
    """The operations of the statements with these numbers, by default of all."""
    return sum((flops(s) for s in program.statements[start:stop]), Extent())


def elements(program: Program, names: Iterable[str]) -> Extent:
    """How many numbers some tensors hold together."""
    return sum((volume(program.tensors[name].extents) for name in names), Extent())


def volume(extents: Iterable[Extent]) -> Extent:
    """The product of some extents."""
    total = Extent.of(1)
    for extent in extents:
        total = total * extent
    return total


def is_single(extents: Iterable[Extent]) -> bool:
    """Whether they hold one number, or one for each of what a single size counts, which may be 1: a batch of one.

    NumPy's ufuncs take four times as long in place on one number as elsewhere.
    """
    others = [extent for extent in extents if extent.constant != 1]
    return len(others) < 2 and all(extent == Extent.size("".join(extent.sizes)) for extent in others)


@lru_cache(maxsize=100_000)
def operations(body: sp.Expr) -> int:
    """The operations of one evaluation of a body, equal subexpressions once. A sign costs nothing."""
    return sum(_own_operations(node) for node in set(sp.preorder_traversal(body)))


def _own_operations(node: sp.Basic) -> int:
    if not node.args or isinstance(node, sp.Number):
        return 0
    if isinstance(node, sp.Mul):
        return len(node.args) - (2 if node.args[0] is sp.S.NegativeOne else 1)
    if isinstance(node, sp.Add):
        return len(node.args) - 1
    return 1


def passes_over(s: Statement) -> tuple[int, int]:
    """How many operations a statement takes on arrays with all of its indices, and how many on smaller ones.

    Equal subexpressions count once; a product takes its smaller factors first.
    """
    large = small = 0
    for node in set(sp.preorder_traversal(s.body)):
        for names in _steps(node, s):
            large += names == frozenset(s.extents)
            small += bool(names) and names != frozenset(s.extents)
    return large, small


def _steps(node: sp.Basic, s: Statement) -> list[frozenset[str]]:
    """The indices of the result of each operation that makes the root of an expression from its arguments."""
    if not _own_operations(node):
        return []
    if isinstance(node, sp.Pow) and node.exp.is_Integer:
        exponent = abs(int(node.exp))
        times = exponent.bit_length() - 1 + bin(exponent).count("1") - 1 + int(node.exp.is_negative)
        return [indices_of(node, s)] * times
    if not isinstance(node, sp.Add | sp.Mul):
        return [indices_of(node, s)]
    operands = sorted((indices_of(x, s) for x in node.args if x is not sp.S.NegativeOne), key=len)
    arrays = [names for names in operands if names]
    groups = list(dict.fromkeys(arrays))
    steps = [names for names in groups for _ in range(arrays.count(names) - 1)]
    joined = [frozenset[str]().union(*groups[: k + 1]) for k in range(1, len(groups))]
    return [*steps, *joined, *(groups[:1] if len(arrays) < len(operands) else ())]


def indices_of(e: sp.Basic, s: Statement) -> frozenset[str]:
    """The indices of a statement that an expression in its body depends on, through leaves too."""
    found: set[str] = set()
    for symbol in symbols_of(e):
        number = leaf_number(symbol)
        found.update(s.leaves[number].indices if number is not None else {symbol.name} & set(s.extents))
    return frozenset(found)


def traffic(program: Program, s: Statement, sizes: Mapping[str, int], real_bytes: int) -> int:
    """The bytes of the elements that a statement reads and writes, each once: no less can go to and from the processor.

    An access touches at most as many elements as its indices have values, and as its tensor holds.
    """
    touched: dict[str, int] = {}
    for access in (s.target, *s.leaves):
        reach = volume(s.extents[name] for name in access.indices).value(sizes)
        for name in access.tensors:
            held = volume(program.tensors[name].extents).value(sizes)
            touched[name] = max(touched.get(name, 0), min(reach, held))
    return sum(
        count * (INTEGER_BYTES if program.tensors[name].integer else real_bytes) for name, count in touched.items()
    )


# --- nanoseconds -----------------------------------------------------------------------------------


def copy_time(elements: int, piece: int) -> float:
    """How long it takes to copy so many elements in pieces of so many neighbours, in nanoseconds.

    Measured: 0.1 ns for an element, 4 ns for a piece, but 0.8 ns for lone elements.
    """
    return elements * min(0.1 + 4 / piece, 0.8 if piece == 1 else 4)


SMALL_PRODUCT = 1_000_000  # pairs of numbers in a product that BLAS does not copy before
OPERATIONS = 85  # of products of large matrices in a nanosecond


def product_time(rows: float, columns: float, contracted: float) -> float:
    """How long a product of matrices takes, in nanoseconds: with 3 operations in each for every column of a narrow one.

    Measured, as the above, for float32 on one core with AVX2 or AVX-512. Only ratios count.
    """
    return 2 * rows * columns * contracted / min(OPERATIONS, 3 * min(rows, columns))


def inner_time(rows: float, columns: float, contracted: float, both: bool) -> float:
    """How much longer a product takes whose second factor has what is summed innermost, or `both` have, in nanoseconds.

    BLAS takes small products as they lie, and those where both have as dots: in 1.5 to 2.5 times the time, but where
    the dots are long or few. Of large ones it copies the second factor, across its rows: the fewer rows the first has,
    the more that is of the whole.
    """
    if rows * columns * contracted > SMALL_PRODUCT:
        return 16 / rows * product_time(rows, columns, contracted)
    dots = both and rows * columns >= 256 and contracted <= 12 * min(rows, columns)
    return 0.75 * product_time(rows, columns, contracted) if dots else 0.0


# Elements of a line of the cache, and how far apart rows are that begin in one of two sets out of 64, for float32.
LINE, ALIASED = 16, 512


def across_time(elements: int, pitch: int) -> float:
    """How long it takes to read a matrix across its rows, which are so many elements apart, in nanoseconds.

    Measured: 0.9 ns for an element, but 2.3 and more where the lines of a column push each other out of the cache.
    """
    return elements * (2.3 if pitch % ALIASED == 0 else 0.9)


def symmetric_time(rows: int, contracted: int) -> float:
    """How long a product of a matrix with its own transpose takes, in nanoseconds: one triangle, copied to the other.

    Measured: little more than half of the time of the product, all of it where there are few rows, and 1.3 ns for each
    element of the result, 3.3 where it is large.
    """
    triangle = (0.55 + 6 / rows) * product_time(rows, rows, contracted)
    return triangle + rows**2 * (1.3 if rows < 512 else 3.3)


CALL = 500.0  # of a function of NumPy, before its first element
ARITHMETIC, FUNCTION = 0.13, 0.5  # for an element: of + * /, comparisons and reductions; of exp, tanh and their kind


def statement_time(s: Statement, sizes: Mapping[str, int]) -> float:
    """About how long a statement takes, in nanoseconds. Measured as the above; what is read is in the cache."""
    product = _product_time(s, sizes)
    if product is not None:
        return CALL + product
    points = volume(extent for _, extent in s.domain).value(sizes)
    calls, each = _elementwise_time(s.body)
    reduction = ARITHMETIC if s.reduced else 0.0
    return CALL * (calls + bool(s.reduced)) + points * (max(each, ARITHMETIC) + reduction)


def _product_time(s: Statement, sizes: Mapping[str, int]) -> float | None:
    """That of a sum of products over different indices: the largest two as a product of matrices. None for others."""
    operands = sorted(dict.fromkeys(frozenset(access.indices) for access in s.leaves), key=len)[-2:]
    if s.op != "+" or not s.reduced or len(operands) < 2 or not isinstance(s.body, sp.Mul):
        return None
    extents = {name: extent.value(sizes) for name, extent in s.domain}
    a, b = ([name for name in extents if name in names] for names in operands)
    pair = classify(a, b, set(s.free))

    def count(names: Iterable[str]) -> int:
        return prod(extents[name] for name in names)

    if not pair.contracted:
        return None
    return count(pair.batch) * product_time(count(pair.rows), count(pair.columns), count(pair.contracted))


@lru_cache(maxsize=100_000)
def _elementwise_time(body: sp.Expr) -> tuple[int, float]:
    """How many functions of NumPy a body takes, and the nanoseconds for each element."""
    calls, each = 1, 0.0
    for node in set(sp.preorder_traversal(body)):
        count = _own_operations(node)
        plain = isinstance(node, sp.Add | sp.Mul) or (isinstance(node, sp.Pow) and node.exp in (2, -1))
        calls += count
        each += count * (ARITHMETIC if plain else FUNCTION)
    return calls, each
