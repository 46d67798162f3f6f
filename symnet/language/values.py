"""Compile-time values, and the folding of formulas that are known when compiled.

    value = a number | an extent | any formula without indices | Items (a list) | Callee (what can be called)

Numbers are exact. Every calculation has a limit, so that `10**10**10` is refused and not computed.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from symnet.errors import Place, SpecError
from symnet.language import tree
from symnet.language.extents import Extent
from symnet.language.network import Expr, Num, Op, Ref, Size

MAX_BITS = 4096  # of a number that is calculated when compiled
MAX_EXTENT = 2**40  # of one dimension
MAX_ELEMENTS = 2**48  # of one tensor
MAX_TERMS = 100  # of a formula in sizes

Definition = tree.Layer | tree.Function | tree.Optimizer


@dataclass(frozen=True, slots=True)
class Items:
    """A compile-time list, `[64, 32]`."""

    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Callee:
    """What a name that is called stands for.

    `definition` is a definition, or the name of a built-in function. `bound` are arguments given already, as in
    `dense(x, 8, activation=leaky_relu(slope=0.1))`.
    """

    definition: Definition | str
    bound: tuple[tuple[str, Value], ...] = ()

    @property
    def name(self) -> str:
        """The name it was defined by."""
        return self.definition if isinstance(self.definition, str) else self.definition.name


Value = Expr | Items | Callee

ZERO, ONE = Num(Fraction(0)), Num(Fraction(1))


def whole(number: int) -> Num:
    """The integer as an expression."""
    return Num(Fraction(number))


def size(extent: Extent) -> Expr:
    """The value of an extent as an expression: a number where it depends on no size."""
    constant = extent.constant
    return Size(extent) if constant is None else whole(constant)


def as_extent(value: object) -> Extent | None:
    """The extent that a value is, or None."""
    if isinstance(value, Size):
        return value.extent
    if isinstance(value, Num) and value.value.denominator == 1:
        return Extent.of(value.value.numerator)
    return None


def as_integer(value: object) -> int | None:
    """The integer that a value is, or None."""
    if isinstance(value, Num) and value.value.denominator == 1:
        return value.value.numerator
    return None


def is_known(value: Value) -> bool:
    """Whether the value depends on no tensor: a scalar one may stand for a constant in a call, and nowhere else."""
    return all(map(is_known, value.values)) if isinstance(value, Items) else not isinstance(value, Ref)


def describe(value: Value) -> str:
    """A value in words, for errors."""
    if isinstance(value, Num):
        return str(value.value)
    if isinstance(value, Size):
        return str(value.extent)
    if isinstance(value, Items):
        return f"a list of {len(value.values)}"
    if isinstance(value, Callee):
        return f"the function {value.name}"
    return "a formula"


# --- folding ---------------------------------------------------------------------------------------


def _truth(test: Callable[[Fraction, Fraction], bool]) -> Callable[..., Fraction]:
    return lambda a, b: Fraction(test(a, b))


_EXACT: dict[str, Callable[..., Fraction]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "floordiv": lambda a, b: Fraction(a // b),
    "mod": operator.mod,
    "neg": operator.neg,
    "eq": _truth(operator.eq),
    "ne": _truth(operator.ne),
    "lt": _truth(operator.lt),
    "le": _truth(operator.le),
    "gt": _truth(operator.gt),
    "ge": _truth(operator.ge),
    "and": _truth(lambda a, b: bool(a) and bool(b)),
    "or": _truth(lambda a, b: bool(a) or bool(b)),
    "not": lambda a: Fraction(not a),
    "max2": max,
    "min2": min,
    "abs": abs,
    "sign": lambda a: Fraction((a > 0) - (a < 0)),
    "step": lambda a: Fraction(a > 0),
    "floor": lambda a: Fraction(a // 1),
}
_INTEGER = {"eq", "ne", "lt", "le", "gt", "ge", "and", "or", "not"}


def fold(name: str, args: tuple[Expr, ...], place: Place) -> Expr:
    """The operation, calculated where its arguments are known when compiled.

    Raises SpecError for a division by zero and for numbers beyond the limits.
    """
    if name == "where" and isinstance(args[0], Num):
        return args[1] if args[0].value else args[2]
    if name == "pow":
        return _power(args, place)
    if name not in _EXACT:
        return Op(name, args)
    if name in ("div", "floordiv", "mod") and isinstance(args[1], Num) and not args[1].value:
        raise SpecError("a division by zero", place)
    numbers = [arg for arg in args if isinstance(arg, Num)]
    if len(numbers) == len(args):
        return _calculate(name, numbers, place)
    return _neutral(name, args) or _in_sizes(name, args) or Op(name, args)


def _calculate(name: str, numbers: list[Num], place: Place) -> Num:
    values = [number.value for number in numbers]
    result = Fraction(_EXACT[name](*values))
    if max(abs(result.numerator), result.denominator).bit_length() > MAX_BITS:
        raise SpecError("a number too large to calculate with", place)
    real = any(number.real for number in numbers) and name not in _INTEGER
    return Num(result, real or (name == "div" and result.denominator != 1))


def _neutral(name: str, args: tuple[Expr, ...]) -> Expr | None:
    """x + 0, 0 + x, x - 0, x * 1, 1 * x without the neutral number; None for anything else."""
    if name in ("add", "sub") and args[1] == ZERO:
        return args[0]
    if name == "add" and args[0] == ZERO:
        return args[1]
    if name == "mul" and ONE in args:
        return args[1] if args[0] == ONE else args[0]
    return None


def _power(args: tuple[Expr, ...], place: Place) -> Expr:
    base, exponent = args
    if not isinstance(base, Num) or not isinstance(exponent, Num) or exponent.value.denominator != 1:
        return Op("pow", args)
    power = exponent.value.numerator
    bits = max(abs(base.value.numerator), base.value.denominator).bit_length()
    if bits > 1 and abs(power) * bits > MAX_BITS:
        raise SpecError("a power too large to calculate with", place, hint="a number here has some 1200 digits at most")
    if power < 0 and not base.value:
        raise SpecError("a division by zero", place)
    result = Fraction(base.value**power) if bits > 1 or power <= 0 else base.value ** (power % 2 + 2)
    return Num(result, base.real or result.denominator != 1)


def _in_sizes(name: str, args: tuple[Expr, ...]) -> Expr | None:
    """The operation on formulas in sizes, where it is one again; None elsewhere."""
    extents = [as_extent(arg) for arg in args if not (isinstance(arg, Num) and arg.real)]
    known = [extent for extent in extents if extent is not None]
    if len(known) < len(args):
        return None
    if name == "neg":
        return size(-known[0])
    left, right = known[0], known[-1]
    if name in _COMPARED:
        return _COMPARED[name](left, right)
    result = _in_extents(name, left, right)
    return None if result is None or len(result.terms) > MAX_TERMS else size(result)


def _in_extents(name: str, left: Extent, right: Extent) -> Extent | None:
    if name == "add":
        return left + right
    if name == "sub":
        return left - right
    if name == "mul":
        return left * right if len(left.terms) * len(right.terms) <= MAX_TERMS else None
    if name == "div":
        return left.divide_exactly(right)
    divisor = right.constant
    if divisor is None or divisor <= 0:
        return left.divide_exactly(right) if name == "floordiv" else None
    if name == "floordiv":
        return left // divisor
    if name == "mod":
        return left - left // divisor * divisor
    return None


def _proved(yes: bool, no: bool) -> Num | None:
    return ONE if yes else ZERO if no else None


_COMPARED: dict[str, Callable[[Extent, Extent], Num | None]] = {
    "eq": lambda a, b: _proved(a == b, a.at_least(b + 1) or b.at_least(a + 1)),
    "ne": lambda a, b: _proved(a.at_least(b + 1) or b.at_least(a + 1), a == b),
    "lt": lambda a, b: _proved(b.at_least(a + 1), a.at_least(b)),
    "le": lambda a, b: _proved(b.at_least(a), a.at_least(b + 1)),
    "gt": lambda a, b: _proved(a.at_least(b + 1), b.at_least(a)),
    "ge": lambda a, b: _proved(a.at_least(b), b.at_least(a + 1)),
}
