"""Programs without dimensions calculate with numbers: one operation on arrays of shape () takes as long as twenty.

The numbers are Python's, in double precision whatever the dtype. Their sums and products follow IEEE arithmetic. Where
other operations give inf or nan there, Python raises an exception, and the step is taken again with NumPy's numbers.
What Python would answer otherwise, as (-1)**0.5, is calculated with NumPy's alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import sympy as sp

from symnet.backends.numpy.code import Block, Body
from symnet.backends.numpy.layout import WIDTH, call, lay_out
from symnet.ir.program import Program
from symnet.planning.rows import NUMBERS

# Functions of NumPy to those of `math` that give the same or raise an exception.
OWN = {name: name for name in ("cos", "cosh", "exp", "expm1", "log", "log1p", "sin", "sinh", "sqrt", "tan", "tanh")}
OWN |= {"arctan": "atan"}

# Those that Python's numbers are handed to as well: there are no others, or Python's differ for nan.
SHARED = frozenset(("sign", "floor", "maximum", "minimum", "logaddexp"))


def taken_out(program: Program) -> str:
    """How a number is taken out of an array of shape (): `.item()`, `[()]`; empty where there are other arrays."""
    used = {name for s in program.statements for name in (*s.reads, s.target.tensor)}
    if any(program.tensors[name].extents or program.tensors[name].integer for name in used):
        return ""
    if not NUMBERS():
        return ""
    plain = _is_elementwise(program) and all(_is_plain(s.body) for s in program.statements)
    return ".item()" if plain else "[()]"


def own_functions(program: Program, body: Body) -> dict[str, str] | None:
    """The functions that a body has bound, by name, for Python's numbers; None where it needs those of NumPy."""
    if taken_out(program) != "[()]" or body.helpers or body.views or not _is_elementwise(program):
        return None
    functions = {binding.name: binding.source.removeprefix("np.") for binding in body.setup}
    lines = "\n".join(line for block in body.blocks for line in block.lines)
    if not {*OWN, *SHARED} >= set(functions.values()) or "np." in lines or "dtype" in lines:
        return None
    if not all(_is_own(node) for s in program.statements for node in sp.preorder_traversal(s.body)):
        return None
    return {name: f"math.{OWN[f]}" if f in OWN else f"np.{f}" for name, f in functions.items()}


def taken_twice(body: Body, given: Mapping[str, str], functions: Mapping[str, str], results: Iterable[str]) -> Body:
    """The body that calls `calculate` with Python's numbers and, where that raises an exception, with NumPy's.

    given      name of a number to the array that holds it
    functions  name of a function to that for Python's numbers; the setup of the body has NumPy's
    results    the names of what comes back
    """
    names = ", ".join(results)
    mixed = any(source.startswith("np.") for source in functions.values())

    def calling(taken: str, own: Iterable[str], depth: int) -> list[str]:
        values = [f"{array}{taken}" for array in given.values()]
        lines = lay_out(call(f"{names} = calculate", [*values, *own]), width=WIDTH - 12 - depth)
        return [" " * depth + line for line in lines]

    silence = ['    with np.errstate(all="ignore"):'] if body.quiet and not mixed else []
    lines = (
        "try:",
        *calling(".item()", functions.values(), 4),
        "except (ArithmeticError, ValueError):  # where NumPy gives inf or nan",
        *silence,
        *calling("[()]", (binding.source for binding in body.setup), 8 if silence else 4),
    )
    return replace(body, setup=(), blocks=(Block((), lines),), results={}, quiet=body.quiet and mixed)


def _is_elementwise(program: Program) -> bool:
    return all(s.op in ("=", "+") and not s.domain for s in program.statements)


def _is_plain(body: sp.Expr) -> bool:
    return all(not node.args or isinstance(node, sp.Add | sp.Mul | sp.Rational) for node in sp.preorder_traversal(body))


def _is_own(node: sp.Basic) -> bool:
    """Whether Python's numbers give what NumPy's do, or raise an exception."""
    if isinstance(node, sp.Pow):
        return bool(node.exp.is_Integer) or abs(node.exp) == sp.S.Half
    return type(node).__name__ not in ("power", "mod", "floordiv")
