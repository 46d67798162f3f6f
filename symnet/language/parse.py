"""Text to syntax tree: `parse(source)` gives a `tree.Spec`.

    source -> blocks (blocks.py) -> rules of each (grammar.lark, lalr.py) -> nodes of tree.py (nodes.py)

One run reports the first mistake of every block.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from symnet.errors import Place, Source, SpecError, SpecErrors
from symnet.language import tree
from symnet.language.blocks import Block, Cut, cut
from symnet.language.expected import syntax_error
from symnet.language.lalr import Unexpected, parse_block
from symnet.language.nodes import NetworkLine, NodeBuilder

MAX_DEPTH = 100  # the passes that follow recurse over one expression, never over the network

_DEFINITIONS: dict[type, str] = {tree.Layer: "layer", tree.Optimizer: "optimizer", tree.Function: "function"}
_OF_THE_SPEC: dict[type, str] = {
    tree.Input: "input",
    tree.Output: "output",
    tree.Metric: "metric",
    tree.Minimize: "minimize",
    tree.Example: "example",
}


def parse(source: Source, lines: range | None = None) -> tree.Spec:
    """The syntax tree of a text, or of some of its lines, counted from 1.

    Raises SpecError for one mistake in it and SpecErrors for several, in the order of the text.
    """
    pieces = cut(source, lines)
    name: str | None = None
    statements: list[tree.Statement] = []
    for block in pieces.blocks:
        if pieces.full:
            break
        try:
            statement = _parse_block(block, pieces)
            if not isinstance(statement, NetworkLine):
                _check_depth(statement)
                _check_level(statement)
                statements.append(statement)
            elif statements or name is not None:
                raise SpecError("the network line comes first, and once", statement.place)
            else:
                name = statement.name
        except SpecError as error:
            pieces.errors.append(error)
    if pieces.errors:
        raise _collected(pieces.errors)
    return tree.Spec(name or "", tuple(statements), source)


def _parse_block(block: Block, pieces: Cut) -> Any:
    try:
        return parse_block(block.lexemes, NodeBuilder(pieces))
    except Unexpected as error:
        raise syntax_error(error, block, pieces.source) from None


def _collected(errors: list[SpecError]) -> SpecError:
    if len(errors) == 1:
        return errors[0]
    return SpecErrors(
        sorted(errors, key=lambda error: (error.place.line, error.place.column) if error.place else (0, 0))
    )


# --- checks of a whole statement ---


def _check_depth(statement: tree.Statement) -> None:
    """Refuses what is nested so deep that a recursive walk over it would not be safe."""
    stack: list[tuple[Any, int]] = [(statement, 0)]
    while stack:
        node, depth = stack.pop()
        if depth > MAX_DEPTH:
            hint = "give parts of it names of their own"
            raise SpecError(f"a formula is nested more than {MAX_DEPTH} operations deep", node.place, hint=hint)
        below = depth + (not isinstance(node, tree.Argument | tree.Plain | tree.Name))
        stack += [(child, below) for child in _children(node)]


def _children(node: Any) -> Iterator[Any]:
    for item in fields(node):
        value = getattr(node, item.name)
        values = value if isinstance(value, tuple) else (value,)
        for child in values:
            if isinstance(child, tuple):  # the parts of a name, the groups of `over`
                yield from (part for part in child if is_dataclass(part))
            elif is_dataclass(child) and not isinstance(child, Place):
                yield child


def _check_level(statement: tree.Statement) -> None:
    """Refuses statements of the whole spec in a layer, and definitions in a block."""
    stack: list[tuple[tree.Statement, str]] = [(statement, "")]
    while stack:
        node, inside = stack.pop()
        kind = _DEFINITIONS.get(type(node))
        if isinstance(node, tree.Layer | tree.Optimizer | tree.Function) and inside:
            hint = "definitions stand at the left margin"
            raise SpecError(f"a definition of {node.name!r} inside of another block", node.place, hint=hint)
        keyword = _OF_THE_SPEC.get(type(node))
        if keyword and inside in _DEFINITIONS.values():
            raise SpecError(f"{keyword!r} belongs to the spec and has no place in a definition", node.place)
        stack += [(child, kind or inside or "block") for child in _statements(node)]


def _statements(node: tree.Statement) -> tuple[tree.Statement, ...]:
    if isinstance(node, tree.If):
        return (*node.otherwise, *node.then)
    if isinstance(node, tree.For | tree.Layer | tree.Optimizer):
        return node.body
    return ()
