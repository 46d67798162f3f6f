"""SymPy expressions to expressions of the syntax tree.

What the user hands in is only looked at: classes are told by their names in the table at the end, so that this
file needs no import of SymPy, and what has no row is refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import reduce
from typing import Any

from symnet.errors import Place, Source, UsageError
from symnet.language import tree
from symnet.language.blocks import KEYWORDS, MAX_NAME
from symnet.language.nodes import REDUCTIONS
from symnet.language.parse import MAX_DEPTH

# The places of what is built come later, when its text is parsed.
NOWHERE = Place(Source("<python>", ""), 1, 1)

# A read with a value for what is outside of the tensor, as `padded` writes it. The blank keeps user functions apart.
PADDED = "padded read"

_DIGITS = 36  # of pi and the like: as many as a literal may have, and a few less
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)*'?", re.ASCII)
_ONE = tree.Number(Fraction(1), True, NOWHERE)
_ZERO = tree.Number(Fraction(0), True, NOWHERE)


def expression(value: Any) -> tree.Expression:
    """The expression of the language that a SymPy expression or a number stands for.

    Raises UsageError, naming what it is, for anything that the language has no word for.
    """
    if isinstance(value, float):
        return _decimal(repr(float(value)))
    if isinstance(value, int | Fraction):
        return _fraction(Fraction(value))
    if not hasattr(value, "args") or not hasattr(value, "func"):
        raise UsageError(f"{value!r} of type {type(value).__name__} is no formula")
    _check_depth(value)
    return _node(value)


def access(name: str) -> tree.Access:
    """A read of a whole tensor, or of a number, by its name. Raises UsageError for what cannot be a name."""
    if not isinstance(name, str) or not _NAME.fullmatch(name) or len(name) > MAX_NAME * 4:
        hint = "a name is a letter, followed by letters, digits and underscores, in plain ASCII"
        raise UsageError(f"{name!r} cannot be a name", hint=hint)
    parts = name.removesuffix("'").split(".")
    for part in parts:
        if part in KEYWORDS:
            raise UsageError(f"{part!r} is a word of the language and cannot be a name")
    dotted = tree.Name(tuple((part, None) for part in parts), NOWHERE)
    return tree.Access(dotted, name.endswith("'"), None, None, NOWHERE)


def dimension(value: Any, *, binds: bool) -> tree.Dimension:
    """One entry between brackets: an index expression, or joined ones in a tuple.

    Where the bracket binds its indices, on the left of an equation or in a declaration, an `Idx` brings its range.
    """
    if _is(value, "Tuple") or isinstance(value, tuple):
        return tree.Joined(tuple(dimension(part, binds=binds) for part in value), NOWHERE)
    if binds and _is(value, "Idx") and value.upper is not None:
        low, high = _range(value.lower, value.upper)
        return tree.Ranged(_index_name(value), low, high, NOWHERE)
    return tree.Plain(expression(value), NOWHERE)


def binder(limit: Any) -> tree.Binder:
    """A bound index: `i`, or `(i, low, high)` with both bounds included, as SymPy counts."""
    parts = tuple(limit) if isinstance(limit, tuple) or _is(limit, "Tuple") else (limit,)
    if len(parts) not in (1, 3) or not _is(parts[0], "Symbol", "Idx"):
        raise UsageError(f"{limit} binds no index", hint="an index is bound by i or by (i, 0, 9)")
    if len(parts) == 3:
        return tree.Binder(_index_name(parts[0]), *_range(parts[1], parts[2]), NOWHERE)
    if _is(parts[0], "Idx") and parts[0].upper is not None:
        return tree.Binder(_index_name(parts[0]), *_range(parts[0].lower, parts[0].upper), NOWHERE)
    return tree.Binder(_index_name(parts[0]), None, None, NOWHERE)


def _range(low: Any, high: Any) -> tuple[tree.Expression | None, tree.Expression]:
    """From bounds that are both included to the half-open ones of the language; no low bound where it is 0."""
    return (None if low == 0 else expression(low)), expression(high + 1)


def _index_name(index: Any) -> str:
    return str(access(str(index.name)).name)


def _is(value: Any, *names: str) -> bool:
    """Whether the value is an instance of one of these SymPy classes."""
    return any(c.__name__ in names and c.__module__.startswith("sympy.") for c in type(value).__mro__)


def _check_depth(value: Any) -> None:
    """Refuses what is nested so deep that recursion over it would not be safe."""
    stack = [(value, 0)]
    while stack:
        node, depth = stack.pop()
        if depth > MAX_DEPTH:
            hint = "give parts of it names of their own"
            raise UsageError(f"a formula is nested more than {MAX_DEPTH} operations deep", hint=hint)
        stack += [(child, depth + 1) for child in getattr(node, "args", ())]


def _node(e: Any) -> tree.Expression:
    for kind in type(e).__mro__:
        if kind.__name__ in _ROWS and kind.__module__.startswith("sympy."):
            return _ROWS[kind.__name__](e)
    hint = "what can be translated: sums, products, powers, Sum, Product, Piecewise, " + ", ".join(_FUNCTIONS)
    raise UsageError(f"{type(e).__name__} has no counterpart in the language: {str(e)[:80]}", hint=hint)


# --- numbers and names ---


def _fraction(value: Fraction) -> tree.Expression:
    number: tree.Expression = tree.Number(Fraction(abs(value.numerator)), True, NOWHERE)
    number = _negative(number) if value < 0 else number
    if value.denominator == 1:
        return number
    return _binary("/", number, tree.Number(Fraction(value.denominator), True, NOWHERE))


def _decimal(text: str) -> tree.Expression:
    if text.startswith("-"):
        return _negative(_decimal(text[1:]))
    if text == "inf":
        return access("inf")
    if text == "nan":
        raise UsageError("nan is no number of the language")
    return tree.Number(Fraction(text), False, NOWHERE)


def _float(e: Any) -> tree.Expression:
    # The text of a Python float is the shortest that gives it back; 53 is its precision in bits.
    return _decimal(repr(float(e)) if e._prec <= 53 else str(e))


def _indexed(e: Any) -> tree.Expression:
    read = access(str(e.base.label))
    dims = tuple(dimension(index, binds=False) for index in e.indices)
    return tree.Access(read.name, read.primed, dims, None, NOWHERE)


# --- operations ---


def _binary(op: str, left: tree.Expression, right: tree.Expression) -> tree.Expression:
    return tree.Binary(op, left, right, NOWHERE)


def _negative(operand: tree.Expression) -> tree.Expression:
    return tree.Unary("-", operand, NOWHERE)


def _call(name: str, arguments: Sequence[tree.Expression]) -> tree.Expression:
    """A call; `name` is any text that stands for a name."""
    return tree.Call(access(name).name, tuple(tree.Argument(None, a, NOWHERE) for a in arguments), NOWHERE)


def _is_negative(term: Any) -> bool:
    return bool(term.as_coeff_Mul()[0].is_negative)


def _add(e: Any) -> tree.Expression:
    terms = list(e.as_ordered_terms())
    # 1 - y reads better than -y + 1.
    first = next((i for i, term in enumerate(terms) if not _is_negative(term)), 0)
    result = _node(terms.pop(first))
    for term in terms:
        result = _binary("-", result, _node(-term)) if _is_negative(term) else _binary("+", result, _node(term))
    return result


def _mul(e: Any) -> tree.Expression:
    above: list[tree.Expression] = []
    below: list[tree.Expression] = []
    negative = _is_negative(e)
    for factor in (-e if negative else e).as_ordered_factors():
        if factor.is_Rational:
            above += [_fraction(Fraction(int(factor.p)))] if factor.p != 1 else []
            below += [_fraction(Fraction(int(factor.q)))] if factor.q != 1 else []
        elif factor.is_Pow and _is_negative(factor.exp):
            below.append(_power(factor.base, -factor.exp))
        else:
            above.append(_node(factor))
    first = above[0] if above else _ONE
    product = _product([_negative(first) if negative else first, *above[1:]])
    return _binary("/", product, _product(below)) if below else product


def _product(factors: Sequence[tree.Expression]) -> tree.Expression:
    return reduce(lambda a, b: _binary("*", a, b), factors)


def _pow(e: Any) -> tree.Expression:
    if _is_negative(e.exp):
        return _binary("/", _ONE, _power(e.base, -e.exp))
    return _power(e.base, e.exp)


def _power(base: Any, exponent: Any) -> tree.Expression:
    if exponent == 1:
        return _node(base)
    if exponent.is_Rational and (exponent.p, exponent.q) == (1, 2):
        return _call("sqrt", [_node(base)])
    return _binary("**", _node(base), _node(exponent))


def _floor(e: Any) -> tree.Expression:
    """`a // b` where a and b are integers, which makes an integer that can index; else the function."""
    above, below = e.args[0].as_numer_denom()
    if below != 1 and above.is_integer and below.is_integer:
        return _binary("//", _node(above), _node(below))
    return _call("floor", [_node(e.args[0])])


def _ceiling(e: Any) -> tree.Expression:
    return _negative(_call("floor", [_node(-e.args[0])]))


def _choice(name: str) -> Callable[[Any], tree.Expression]:
    """max or min of any number of arguments, two by two."""
    return lambda e: reduce(lambda a, b: _call(name, [a, b]), (_node(arg) for arg in e.args))


def _infix(op: str) -> Callable[[Any], tree.Expression]:
    return lambda e: reduce(lambda a, b: _binary(op, a, b), (_node(arg) for arg in e.args))


def _function(name: str) -> Callable[[Any], tree.Expression]:
    return lambda e: _call(name, [_node(arg) for arg in e.args])


def _piecewise(e: Any) -> tree.Expression:
    *cases, (last, condition) = e.args
    if not _is(condition, "BooleanTrue"):
        hint = "end it with a pair (value, True)"
        raise UsageError(f"a Piecewise that leaves out some cases: {str(e)[:80]}", hint=hint)
    result = _node(last)
    for value, condition in reversed(cases):
        result = _call("where", [_node(condition), _node(value), result])
    return result


def _delta(e: Any) -> tree.Expression:
    return _call("where", [_binary("==", _node(e.args[0]), _node(e.args[1])), _ONE, _ZERO])


def _reduction(op: str) -> Callable[[Any], tree.Expression]:
    return lambda e: tree.Reduce(op, tuple(map(binder, e.limits)), None, _node(e.function), NOWHERE)


def _applied(e: Any) -> tree.Expression:
    """An undefined function of SymPy is a function or layer of the library, by its name."""
    name = e.func.__name__
    if name == PADDED:
        read, default = (_node(arg) for arg in e.args)
        assert isinstance(read, tree.Access)
        return tree.Access(read.name, read.primed, read.dims, default, NOWHERE)
    if name in REDUCTIONS and e.args and _is(e.args[0], "Tuple"):
        limits, body, *condition = e.args
        bound = tuple(binder(limit) for limit in limits)
        return tree.Reduce(name, bound, _node(condition[0]) if condition else None, _node(body), NOWHERE)
    return _call(name, [_node(arg) for arg in e.args])


# --- the table: SymPy's classes ---

_FUNCTIONS = {
    **{name: name for name in ("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "erf", "sign")},
    "Abs": "abs",
    "atan": "arctan",
}
_ROWS: dict[str, Callable[[Any], tree.Expression]] = {
    "Rational": lambda e: _fraction(Fraction(int(e.p), int(e.q))),
    "Float": _float,
    "NumberSymbol": lambda e: _decimal(str(e.evalf(_DIGITS))),
    "Exp1": lambda e: _call("exp", [_ONE]),
    "Infinity": lambda e: access("inf"),
    "NegativeInfinity": lambda e: _negative(access("inf")),
    "Symbol": lambda e: access(e.name),
    "Idx": lambda e: access(str(e.name)),
    "IndexedBase": lambda e: access(str(e.label)),
    "Indexed": _indexed,
    "Add": _add,
    "Mul": _mul,
    "Pow": _pow,
    "Mod": _infix("%"),
    "Sum": _reduction("sum"),
    "Product": _reduction("prod"),
    "Piecewise": _piecewise,
    "KroneckerDelta": _delta,
    "Max": _choice("max"),
    "Min": _choice("min"),
    "floor": _floor,
    "ceiling": _ceiling,
    "Equality": _infix("=="),
    "Unequality": _infix("!="),
    "StrictLessThan": _infix("<"),
    "LessThan": _infix("<="),
    "StrictGreaterThan": _infix(">"),
    "GreaterThan": _infix(">="),
    "And": _infix("and"),
    "Or": _infix("or"),
    "Not": lambda e: tree.Unary("not", _node(e.args[0]), NOWHERE),
    "BooleanTrue": lambda e: _ONE,
    "BooleanFalse": lambda e: _ZERO,
    "AppliedUndef": _applied,
    **{theirs: _function(ours) for theirs, ours in _FUNCTIONS.items()},
}
