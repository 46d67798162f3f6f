"""Walks over the syntax tree of a formula, without recursion."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from symnet.errors import Place
from symnet.language import tree

Node = tree.Expression | tree.Dimension


def children(node: Node) -> tuple[Node, ...]:
    """The formulas and dimensions right below a node, in the order of the text."""
    match node:
        case tree.Access():
            return (*(node.dims or ()), *([node.default] if node.default is not None else []))
        case tree.Call():
            return tuple(argument.value for argument in node.arguments)
        case tree.Reduce():
            ends = [end for binder in node.binders for end in (binder.low, binder.high) if end is not None]
            return (*ends, *([node.condition] if node.condition is not None else []), node.body)
        case tree.Over():
            return (node.body,)
        case tree.Unary():
            return (node.operand,)
        case tree.Binary():
            return (node.left, node.right)
        case tree.Listing():
            return node.items
        case tree.Plain():
            return (node.value,)
        case tree.Ranged():
            return (node.high,) if node.low is None else (node.low, node.high)
        case tree.Joined():
            return node.parts
    return ()


def walk(*roots: Node, inside: Callable[[Node], bool] = lambda node: True) -> Iterator[Node]:
    """All nodes, each before those below it, in the order of the text; nothing below a node that is not `inside`."""
    stack = list(reversed(roots))
    while stack:
        node = stack.pop()
        yield node
        if inside(node):
            stack += reversed(children(node))


def plain_name(node: Node | None) -> str | None:
    """The name, if the node is a bare one without dots, braces, prime, brackets or `else`."""
    if isinstance(node, tree.Plain):
        node = node.value
    if not isinstance(node, tree.Access) or node.primed or node.dims is not None or node.default is not None:
        return None
    return node.name.parts[0][0] if len(node.name.parts) == 1 and node.name.parts[0][1] is None else None


@dataclass
class Survey:
    """What a formula contains.

    `indexed`: brackets or a binder occur, so every operand of rank > 0 is indexed. `layers` are the calls of layers,
    outermost only; what stands inside of their arguments counts for nothing here.
    """

    indexed: bool = False
    layers: list[tree.Call] = field(default_factory=list)
    accesses: list[tree.Access] = field(default_factory=list)
    binders: dict[str, Place] = field(default_factory=dict)


def survey(*roots: Node, is_layer: Callable[[tree.Call], bool], is_list: Callable[[tree.Access], bool]) -> Survey:
    """Takes stock of formulas. Brackets after a compile-time list are none in the sense of `indexed`."""
    found = Survey()
    for node in walk(*roots, inside=lambda node: not (isinstance(node, tree.Call) and is_layer(node))):
        match node:
            case tree.Access():
                found.accesses.append(node)
                found.indexed |= node.dims is not None and not is_list(node)
            case tree.Reduce():
                found.indexed = True
                found.binders |= {binder.name: node.place for binder in node.binders}
            case tree.Over():
                found.indexed = True
            case tree.Call() if is_layer(node):
                found.layers.append(node)
    return found
