"""Which tensors hold integers: those whose equations only add, multiply, divide with rest, compare or select integers.

A tensor is taken for an integer one until one of its equations is real, so that recurrences need no rule of their own.
"""

from __future__ import annotations

from collections.abc import Mapping

from symnet.language.network import Expr, Index, Infinity, Num, Op, Reduce, Ref, Size
from symnet.language.symbols import Draft, Registry

_ALWAYS = {"eq", "ne", "lt", "le", "gt", "ge", "and", "or", "not"}
_OF_INTEGERS = {"add", "sub", "mul", "floordiv", "mod", "neg", "max2", "min2", "abs", "sign", "join", "stop"}


def is_integer(expr: Expr, tensors: Mapping[str, bool]) -> bool:
    """Whether the value is an integer; `tensors` says which tensors hold integers."""
    match expr:
        case Num():
            return not expr.real and expr.value.denominator == 1
        case Index() | Size():
            return True
        case Infinity():
            return False
        case Ref():
            return tensors[expr.tensor] and (expr.default is None or is_integer(expr.default, tensors))
        case Reduce():
            if expr.op in ("argmax", "argmin"):
                return True
            return expr.op != "mean" and is_integer(expr.body, tensors)
        case Op(name="where"):
            return all(is_integer(arg, tensors) for arg in expr.args[1:])
        case Op():
            return expr.name in _ALWAYS or (
                expr.name in _OF_INTEGERS and all(is_integer(arg, tensors) for arg in expr.args)
            )
    return False


def kinds_of(registry: Registry) -> dict[str, bool]:
    """For each tensor whether it holds integers."""
    kinds = {tensor.name: tensor.role == "value" or tensor.bound is not None for tensor in registry.tensors.values()}
    for name in registry.next_state.values():
        kinds[name] = False
    readers: dict[str, list[Draft]] = {}
    for draft in registry.drafts:
        for ref in draft.reads:
            readers.setdefault(ref.tensor, []).append(draft)
    todo = list(reversed(registry.drafts))
    while todo:
        draft = todo.pop()
        if kinds[draft.target] and not is_integer(draft.value, kinds):
            kinds[draft.target] = False
            todo += readers.get(draft.target, [])
    return kinds
