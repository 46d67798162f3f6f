"""Single operations on numbers: their values, how they are written, and their local gradients.

Nothing is known here of any operation: its formula is the one that programs are made of, and SymPy differentiates it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from typing import Any

import sympy as sp

from symnet.ir.arithmetic import FLOAT
from symnet.ir.formula import formula
from symnet.ir.functions import OPERATIONS, proper, where

_INFIX = {
    "add": "{} + {}",
    "sub": "{} - {}",
    "mul": "{}*{}",
    "div": "{}/{}",
    "pow": "{}**{}",
    "neg": "-{}",
    "copy": "{}",
}
_EXACT: Mapping[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b, "neg": lambda a: -a,
    "floordiv": lambda a, b: a // b, "mod": lambda a, b: a % b,
}  # fmt: skip
_FLOAT: Mapping[str, Callable[..., Any]] = {
    "add": _EXACT["add"],
    "sub": _EXACT["sub"],
    "mul": _EXACT["mul"],
    "neg": _EXACT["neg"],
    "div": FLOAT.divide,
}


@cache
def symbols(count: int) -> tuple[sp.Symbol, ...]:
    """The symbols that stand for an operation's arguments."""
    return tuple(sp.Symbol(f"_{k}", real=True) for k in range(count))


@cache
def operation_body(name: str, count: int) -> sp.Expr:
    """An operation on symbols."""
    return symbols(1)[0] if name == "copy" else proper(OPERATIONS[name](*symbols(count)))


@cache
def partial(name: str, count: int, position: int) -> sp.Expr:
    """The local gradient of an operation by one of its arguments, through its own value where it has that in it."""
    body = operation_body(name, count)
    derivative = proper(body.diff(symbols(count)[position]))
    return derivative.xreplace({body: sp.Symbol("_own", real=True)}) if isinstance(body, sp.Function) else derivative


def value_of(name: str, arguments: tuple[Any, ...]) -> Any:
    """The value of an operation, exact for integers and fractions where it can be."""
    exact = all(isinstance(a, int | Fraction) for a in arguments)
    if exact and name in _EXACT and not (name in ("floordiv", "mod") and arguments[1] == 0):
        return _EXACT[name](*arguments)
    if exact and name == "div" and arguments[1] != 0:
        return Fraction(arguments[0]) / Fraction(arguments[1])
    if name in _FLOAT:
        return _FLOAT[name](*map(float, arguments))
    return evaluated(operation_body(name, len(arguments)), dict(zip(symbols(len(arguments)), arguments, strict=True)))


def local_gradient(name: str, arguments: tuple[Any, ...], own: float, position: int) -> float:
    """The derivative by one argument, at the values of all."""
    values = dict(zip(symbols(len(arguments)), arguments, strict=True)) | {sp.Symbol("_own", real=True): own}
    return float(evaluated(partial(name, len(arguments), position), values))


def local_text(name: str, arguments: tuple[str, ...], own: str, position: int) -> str:
    """The derivative by one argument as a formula, over the names of the arguments and of the result."""
    names = dict(zip(symbols(len(arguments)), arguments, strict=True)) | {sp.Symbol("_own", real=True): own}
    return formula(partial(name, len(arguments), position), names)


def operation_text(name: str, arguments: tuple[str, ...]) -> str:
    """`a + b`, `log(a)`; an argument that is a negative number brings its parentheses."""
    if name in _INFIX:
        return _INFIX[name].format(*arguments)
    return formula(operation_body(name, len(arguments)), dict(zip(symbols(len(arguments)), arguments, strict=True)))


def evaluated(e: sp.Expr, values: dict[sp.Symbol, Any]) -> Any:
    """The number that an expression has, by the rules of IEEE 754."""
    if e in values:
        return values[e]
    if e in FLOAT.constants:
        return FLOAT.constants[e]
    if isinstance(e, sp.Rational):
        return int(e.p) if e.q == 1 else int(e.p) / int(e.q)
    if isinstance(e, where):
        return evaluated(e.args[1 if evaluated(e.args[0], values) != 0 else 2], values)
    arguments = [evaluated(a, values) for a in e.args]
    if isinstance(e, sp.Add):
        return sum(arguments[1:], arguments[0])
    if isinstance(e, sp.Mul):
        return math.prod(arguments[1:], start=arguments[0])
    if isinstance(e, sp.Pow):
        return FLOAT.divide(1.0, arguments[0]) if e.exp == -1 else FLOAT.power(*arguments)
    return FLOAT.functions[type(e)](*arguments)
