"""Initialisers and distributions: what may stand after `~`.

A row gives the arguments with their defaults. Fan-based ones take fan_in and fan_out from the shape: both are the
extent of a vector, the two extents of a matrix, and beyond that the first extent and the product of the others.
"""

from __future__ import annotations

from fractions import Fraction

from symnet.errors import Place, SpecError, nearest
from symnet.language import tree
from symnet.language.extents import Extent
from symnet.language.formulas import Writer
from symnet.language.network import Num, Op, Sampler
from symnet.language.symbols import Frame, Registry
from symnet.language.values import Value, as_extent, describe

_FAN = {"fan_in": None, "fan_out": None, "gain": Fraction(1)}
SAMPLERS: dict[str, dict[str, Fraction | None]] = {
    "zeros": {},
    "ones": {},
    "constant": {"value": None},
    "uniform": {"low": Fraction(0), "high": Fraction(1)},
    "normal": {"mean": Fraction(0), "std": Fraction(1)},
    "orthogonal": {"gain": Fraction(1)},
    "glorot_uniform": _FAN,
    "glorot_normal": _FAN,
    "he_uniform": _FAN,
    "he_normal": _FAN,
    "lecun_uniform": _FAN,
    "lecun_normal": _FAN,
}
_FIXED = ("zeros", "ones", "constant")
ALLOWED: dict[str, tuple[str, ...]] = {
    "param": tuple(SAMPLERS),
    "state": _FIXED,
    "random": (*_FIXED, "uniform", "normal"),
    "input": (*_FIXED, "uniform", "normal"),
}


def sampler(node: tree.Expression, role: str, shape: tuple[Extent, ...], frame: Frame, registry: Registry) -> Sampler:
    """The sampler that stands after `~`. Raises SpecError for one that is unknown or does not suit."""
    name, arguments = _parts(node)
    if name not in SAMPLERS:
        hint = nearest(name, SAMPLERS) or f"it can be {', '.join(ALLOWED[role])}"
        raise SpecError(
            f"unknown {'distribution' if role in ('random', 'input') else 'initialiser'} {name!r}",
            node.place,
            hint=hint,
        )
    if name not in ALLOWED[role]:
        hint = f"it can be {', '.join(ALLOWED[role])}"
        raise SpecError(f"{name} is nothing for {'an' if role == 'input' else 'a'} {role}", node.place, hint=hint)
    if name == "orthogonal" and len(shape) < 2:
        raise SpecError("orthogonal needs two dimensions or more", node.place)
    given = _given(name, arguments, frame, registry)
    values: list[tuple[str, Fraction | Extent]] = []
    for key, default in SAMPLERS[name].items():
        value = given.get(key, default if default is not None else _fan(key, shape))
        if value is None:
            raise SpecError(f"{name} needs its {key}: {name}(…)", node.place)
        values.append((key, value))
    _check(name, dict(values), node.place)
    return Sampler(name, tuple(values))


def _parts(node: tree.Expression) -> tuple[str, tuple[tree.Argument, ...]]:
    if isinstance(node, tree.Call):
        return str(node.name), node.arguments
    if isinstance(node, tree.Access) and node.dims is None and not node.primed:
        return str(node.name), ()
    hint = "as in ~ zeros, ~ constant(2), ~ uniform(-0.1, 0.1), ~ glorot_uniform"
    raise SpecError("what follows ~ is the name of an initialiser or a distribution", node.place, hint=hint)


def _given(
    name: str, arguments: tuple[tree.Argument, ...], frame: Frame, registry: Registry
) -> dict[str, Fraction | Extent]:
    keys = list(SAMPLERS[name])
    given: dict[str, Fraction | Extent] = {}
    for position, argument in enumerate(arguments):
        if argument.keyword is None and position >= len(keys):
            raise SpecError(f"{name} takes no {'' if not keys else 'further '}arguments", argument.place)
        key = argument.keyword or keys[position]
        if key not in keys or key in given or isinstance(argument.value, tree.Ellipsis_):
            hint = f"its arguments are {', '.join(keys)}" if keys else "it takes none"
            raise SpecError(f"no argument {key!r} for {name} here", argument.place, hint=hint)
        value = Writer(registry).value(argument.value, frame)
        given[key] = _number(value, key, argument.place)
    return given


def _number(value: Value, key: str, place: Place) -> Fraction | Extent:
    extent = as_extent(value)
    if key.startswith("fan"):
        if extent is None or (extent.constant is not None and extent.constant < 1):
            raise SpecError(f"{key} is a whole number of at least 1, and this is {describe(value)}", place)
        return extent
    if isinstance(value, Num):
        return value.value
    if isinstance(value, Op):
        number = _rational(value)
        if number is not None:
            return number
    raise SpecError(f"{key} must be a number, and this is {describe(value)}", place)


def _rational(value: Op) -> Fraction | None:
    """A formula such as 1/sqrt(3) as a rational close to it: an initial value needs no more."""
    import math

    functions = {"sqrt": math.sqrt, "exp": math.exp, "log": math.log, "sin": math.sin, "cos": math.cos}
    binary = {"add": Fraction.__add__, "sub": Fraction.__sub__, "mul": Fraction.__mul__, "div": Fraction.__truediv__}
    args = [
        arg.value if isinstance(arg, Num) else _rational(arg) if isinstance(arg, Op) else None for arg in value.args
    ]
    known = [arg for arg in args if arg is not None]
    if len(known) < len(args):
        return None
    try:
        if value.name in functions:
            return Fraction(functions[value.name](float(known[0])))
        if value.name == "pow":
            return Fraction(math.pow(float(known[0]), float(known[1])))
        if value.name == "neg":
            return -known[0]
        result = binary[value.name](known[0], known[1]) if value.name in binary else None
        return result if isinstance(result, Fraction) else None
    except (ValueError, OverflowError, ZeroDivisionError):
        return None


def _fan(key: str, shape: tuple[Extent, ...]) -> Extent | None:
    if not key.startswith("fan"):
        return None
    if not shape:
        return Extent.of(1)
    if key == "fan_in" or len(shape) == 1:
        return shape[0]
    product = Extent.of(1)
    for extent in shape[1:]:
        product = product * extent
    return product


def _check(name: str, values: dict[str, Fraction | Extent], place: Place) -> None:
    if any(isinstance(value, Fraction) and abs(value) > 10**300 for value in values.values()):
        raise SpecError(f"a number beyond 1e300 in {name}", place)
    low, high, std = values.get("low"), values.get("high"), values.get("std")
    if isinstance(low, Fraction) and isinstance(high, Fraction) and low > high:
        raise SpecError("uniform(low, high) with low above high", place)
    if isinstance(std, Fraction) and std < 0:
        raise SpecError("a standard deviation below 0", place)
