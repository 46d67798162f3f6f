"""The parts of a formula that hold a reduction and stand in it more than once: gelu(b[o] + sum(i: ...)) has three.

They are found before SymPy sees the formula, which would carry constant factors into sums and hide that they are equal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from symnet.language.network import Expr, Index, Infinity, Num, Op, Reduce, Ref, Size

Key = tuple[object, ...]


def repeated(formula: Expr) -> Mapping[int, Key]:
    """The repeated parts by the identity of their nodes. Equal parts have equal keys, whatever they sum over.

    What stands only in a part that is repeated itself is not among them: it is calculated once with that part.
    """
    holding = [node for node in _nodes(formula) if isinstance(node, (Op, Reduce)) and _reduces(node)]
    if len(holding) < 2:
        return {}
    keys = {id(node): key_of(node, {}) for node in holding}
    counts = Counter(keys[id(node)] for node in holding)
    inside = {
        keys[id(child)]
        for node in holding
        for child in _children(node)
        if id(child) in keys and counts[keys[id(node)]] == counts[keys[id(child)]]
    }
    return {node: key for node, key in keys.items() if counts[key] > 1 and key not in inside}


def key_of(node: Expr, bound: Mapping[str, int]) -> Key:
    """Equal for formulas that differ in the names of their bound indices alone."""
    if isinstance(node, Index):
        return ("index", bound.get(node.name, node.name))
    if isinstance(node, Num):
        return ("number", node.value, node.real)
    if isinstance(node, Infinity):
        return ("inf",)
    if isinstance(node, Size):
        return ("size", node.extent)
    if isinstance(node, Ref):
        default = () if node.default is None else key_of(node.default, bound)
        return ("read", node.tensor, node.checked, default, *(key_of(i, bound) for i in node.indices))
    if isinstance(node, Op):
        return (node.name, *(key_of(a, bound) for a in node.args))
    inner = {**bound, **{name: len(bound) + k for k, (name, _) in enumerate(node.binders)}}
    condition = () if node.condition is None else key_of(node.condition, inner)
    return (node.op, tuple(extent for _, extent in node.binders), condition, key_of(node.body, inner))


def _children(node: Expr) -> tuple[Expr, ...]:
    if isinstance(node, Op):
        return node.args
    if isinstance(node, Ref):
        return node.indices if node.default is None else (*node.indices, node.default)
    if isinstance(node, Reduce):
        return (node.body,) if node.condition is None else (node.condition, node.body)
    return ()


def _nodes(formula: Expr) -> Iterator[Expr]:
    yield formula
    for child in _children(formula):
        yield from _nodes(child)


def _reduces(node: Expr) -> bool:
    return any(isinstance(inner, Reduce) for inner in _nodes(node))
