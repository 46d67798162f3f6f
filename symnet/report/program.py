"""The operations of a scalar graph as data that a page can calculate with: postfix programs over a few known words.

x0 x1 * =  the product of the arguments        y  the operation's own value        a number stands for itself
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import sympy as sp

from symnet.ir import functions as f
from symnet.language.network import Expr, Network, Op, Reduce, Ref
from symnet.trace.operations import operation_body, partial, symbols
from symnet.trace.unroll import CONDITIONS, Scalar

Postfix = list[str | float]

# The words that the page knows besides + * / ^ (which take two values) and the numbers.
WORDS: Mapping[type, str] = {
    f.eq: "eq", f.ne: "ne", f.lt: "lt", f.le: "le", f.both: "and", f.either: "or", f.negation: "not", f.where: "where",
    f.max2: "max", f.min2: "min", f.sign: "sign", f.step: "step", f.absolute: "abs", f.power: "^", f.floor: "floor",
    f.floordiv: "floordiv", f.mod: "mod", f.sigmoid: "sigmoid", f.softplus: "softplus", f.log1p: "log1p",
    f.expm1: "expm1", f.stop: "stop", sp.exp: "exp", sp.log: "log", sp.sin: "sin", sp.cos: "cos", sp.tan: "tan",
    sp.sinh: "sinh", sp.cosh: "cosh", sp.tanh: "tanh", sp.atan: "atan", sp.erf: "erf",
}  # fmt: skip
_CHOOSING = CONDITIONS | {"stop"}  # becomes a plain number when a network is unrolled


def program(network: Network, scalars: Sequence[Scalar]) -> dict[str, Any] | None:
    """What the page needs to calculate every number again when an input changes.

    nodes  for each scalar (its operation, its arguments: the number of a scalar, or [a constant]); null for a given one
    words  operation and number of arguments to the postfix of its value and of each local gradient

    None where the graph itself may change with its inputs, since then the operations would be others.
    """
    if any(_chooses(equation.value, network) for equation in network.equations):
        return None
    number = {id(s): k for k, s in enumerate(scalars)}
    nodes: list[Any] = []
    words: dict[str, Any] = {}
    for s in scalars:
        if not s.op:
            nodes.append(None)
            continue
        name = f"{s.op}/{len(s.args)}"
        if name not in words:
            partials = [postfix(partial(s.op, len(s.args), k), len(s.args)) for k in range(len(s.args))]
            words[name] = {"value": postfix(operation_body(s.op, len(s.args)), len(s.args)), "partials": partials}
        nodes.append([name, [number[id(a)] if isinstance(a, Scalar) else [_double(a)] for a in s.args]])
    return {"nodes": nodes, "words": words}


def postfix(e: sp.Expr, count: int) -> Postfix:
    """An expression over the symbols of an operation with so many arguments."""
    names = {symbol: f"x{k}" for k, symbol in enumerate(symbols(count))} | {sp.Symbol("_own", real=True): "y"}
    return _postfix(e, names)


def _postfix(e: sp.Expr, names: Mapping[sp.Expr, str]) -> Postfix:
    if e in names:
        return [names[e]]
    if e == f.INFINITY:
        return ["inf"]
    if not e.args:
        return [float(e)]
    if isinstance(e, sp.Pow) and e.exp == -1:
        return [1.0, *_postfix(e.base, names), "/"]
    arguments = [_postfix(a, names) for a in e.args]
    flat = [token for argument in arguments for token in argument]
    if isinstance(e, sp.Add | sp.Mul):
        return [*flat, *["+" if isinstance(e, sp.Add) else "*"] * (len(arguments) - 1)]
    return [*flat, "^" if isinstance(e, sp.Pow) else WORDS[type(e)]]


def _double(value: int | float | Fraction | Scalar) -> float:
    assert not isinstance(value, Scalar)
    return float(value)


def _chooses(e: Expr, network: Network) -> bool:
    """Whether an equation holds a condition, a position or a constant that depends on real numbers."""
    if isinstance(e, Op):
        decides = e.args if e.name in _CHOOSING else e.args[:1] if e.name == "where" else ()
        return any(_is_real(a, network) for a in decides) or any(_chooses(a, network) for a in e.args)
    if isinstance(e, Reduce):
        condition = () if e.condition is None else (e.condition,)
        decides = (e.body,) if e.op in ("argmax", "argmin") else condition
        return any(_is_real(d, network) for d in decides) or any(_chooses(p, network) for p in (e.body, *condition))
    if isinstance(e, Ref):
        inner = e.indices if e.default is None else (*e.indices, e.default)
        return any(_chooses(i, network) for i in inner)
    return False


def _is_real(e: Expr, network: Network) -> bool:
    """Whether a real tensor is read in an expression."""
    if isinstance(e, Ref):
        return not network.tensors[e.tensor].integer or any(_is_real(i, network) for i in e.indices)
    if isinstance(e, Op):
        return any(_is_real(a, network) for a in e.args)
    return isinstance(e, Reduce) and _is_real(e.body, network)
