"""What a formula writer is, and what is known when compiled: constants, sizes, list elements.

The writer is built up over three files: here the walk over a formula and compile-time values, in names.py names and
accesses, in formulas.py operators, calls and reductions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from symnet.errors import Place, SpecError
from symnet.language import tree
from symnet.language.arguments import bind, callee
from symnet.language.extents import Extent
from symnet.language.network import Expr, Infinity, Num, Op, Ref, Size
from symnet.language.survey import plain_name
from symnet.language.symbols import Closure, Frame, Known, Registry
from symnet.language.values import MAX_EXTENT, Callee, Items, Value, as_extent, as_integer, describe

MAX_NODES = 30_000  # operations in one equation, after functions have been put in
MAX_NESTING = 150


@dataclass(frozen=True, slots=True)
class LayerResult:
    """The tensor that stands for a call of a layer in a formula, and the indices that it is read with."""

    tensor: str
    dims: tuple[tree.Dimension, ...] | None = None


class CompileTime:
    """Writes the expressions of one equation.

    `whole` are the indices of bare tensors where the equation is one of whole tensors, None where it is indexed.
    `layers` maps the calls of layers in the equation to what stands for their results, `binders` are the names that
    its reductions bind, and `remedy` is the hint for an index that nothing binds.
    """

    def __init__(
        self,
        registry: Registry,
        *,
        whole: tuple[str, ...] | None = None,
        layers: Mapping[int, LayerResult] | None = None,
        binders: Mapping[str, Place] | None = None,
        remedy: str = "",
    ) -> None:
        self.registry = registry
        self.whole = whole
        self.layers = layers or {}
        self.binders = binders or {}
        self.remedy = remedy
        self.reads: list[Ref] = []
        self.bound: list[str] = []
        self.extents: dict[str, Known] = {}
        self.given: set[str] = set()
        self.fallback: dict[str, Known] = {}
        self.used: set[str] = set()
        self._numbers: dict[str, int] = {}
        self._nodes = 0
        self._depth = 0
        self._brackets = 0

    def expr(self, node: tree.Expression, frame: Frame) -> Expr:
        """The expression that a formula stands for. Raises SpecError for what means nothing."""
        self._nodes += 1
        if self._nodes > MAX_NODES:
            hint = "give parts of it names, in equations of their own"
            raise SpecError(f"a formula grows to more than {MAX_NODES} operations", node.place, hint=hint)
        if self._depth > MAX_NESTING:
            hint = "give parts of it names, in equations of their own"
            raise SpecError(f"a formula is nested more than {MAX_NESTING} operations deep", node.place, hint=hint)
        self._depth += 1
        try:
            write: Callable[[Any, Frame], Expr] = getattr(self, _WRITE[type(node)])
            return write(node, frame)
        finally:
            self._depth -= 1

    # --- what is known when compiled ---

    def value(self, node: tree.Expression, frame: Frame) -> Value:
        """The compile-time value of a formula. Raises SpecError if it depends on an index or a tensor.

        A single scalar tensor may stand for a constant.
        """
        if isinstance(node, tree.Listing):
            return Items(tuple(self.value(item, frame) for item in node.items))
        if isinstance(node, tree.Call):
            partial = self._partial(node, frame)
            if partial is not None:
                return partial
        name = plain_name(node)
        if isinstance(node, tree.Access) and name is not None:
            argument = frame.arguments.get(name)
            if isinstance(argument, Closure):
                return self.value(argument.value, argument.frame)
            known = argument if argument is not None else frame.value(name)
            if known is not None:
                return known
            found = callee(node.name, frame)
            if found is not None and (frame.scope is None or name not in frame.scope.names):
                return found
        if isinstance(node, tree.Access) and node.dims is not None:
            items = frame.value(self.spell(node.name, frame))
            if isinstance(items, Items):
                return self.item(items, node, frame)
        result = self.expr(node, frame)
        if not isinstance(result, Ref) and not _closed(result):
            raise SpecError("this is not known when the spec is compiled", node.place)
        return result

    def _partial(self, node: tree.Call, frame: Frame) -> Callee | None:
        """A call that leaves out formals without a default stands for the function with the others bound."""
        found = callee(node.name, frame)
        if found is None or not isinstance(found.definition, tree.Function | tree.Layer):
            return None
        given = bind(found.name, found.definition.formals, node, found.bound)
        missing = any(f.name not in given and f.default is None for f in found.definition.formals)
        if not missing and isinstance(found.definition, tree.Function):
            return None
        bound: list[tuple[str, Value]] = []
        for name, argument in given.items():
            if not isinstance(argument, tree.Argument):
                bound.append((name, argument))
            elif not isinstance(argument.value, tree.Ellipsis_):
                bound.append((name, self.value(argument.value, frame)))
        return Callee(found.definition, tuple(bound))

    def item(self, items: Items, node: tree.Access, frame: Frame) -> Value:
        """The element of a compile-time list. Raises SpecError for an index that is not in it."""
        value: Value = items
        for dim in node.dims or ():
            position = as_integer(self.value(dim.value, frame)) if isinstance(dim, tree.Plain) else None
            if position is None or not isinstance(value, Items):
                raise SpecError("a list takes one index that is known when compiled", dim.place)
            if not 0 <= position < len(value.values):
                message = (
                    f"{node.name} has {len(value.values)} values, and {position} is not among 0..{len(value.values)}"
                )
                raise SpecError(message, dim.place)
            value = value.values[position]
        return value

    def extent(self, node: tree.Expression, frame: Frame, what: str, *, least: int = 1) -> Extent:
        """The extent that a formula gives. Raises SpecError if it is no whole number, or out of bounds."""
        value = self.value(node, frame)
        extent = as_extent(value)
        if extent is None:
            shown = f": {describe(value)}" if isinstance(value, Num | Items | Callee) else ""
            hint = "use // where a remainder may be dropped" if isinstance(value, Num) or not shown else ""
            raise SpecError(f"{what} must be a whole number of sizes and constants{shown}", node.place, hint=hint)
        constant = extent.constant
        if constant is not None and not least <= constant <= MAX_EXTENT:
            bounds = f"at least {least}" if constant < least else f"at most 2**{MAX_EXTENT.bit_length() - 1}"
            shown = str(constant) if abs(constant) < 10**30 else "a huge number"
            raise SpecError(f"{what} must be {bounds}, and this is {shown}", node.place)
        return extent

    def integer(self, node: tree.Expression, frame: Frame, what: str) -> int:
        """The integer that a formula gives. Raises SpecError if it is none, or not known when compiled."""
        value = self.value(node, frame)
        number = as_integer(value)
        if number is None:
            raise SpecError(
                f"{what} must be a whole number known when compiled, and this is {describe(value)}", node.place
            )
        return number

    def spell(self, name: tree.Name, frame: Frame) -> str:
        """The text of a name, with `h{l}` as the name h followed by the number l. Raises SpecError for other braces."""
        parts = []
        for text, suffix in name.parts:
            if suffix is None:
                parts.append(text)
                continue
            number = self.integer(suffix, frame, "what stands in braces")
            if not 0 <= number < 10**9:
                raise SpecError(f"{text}{{{number}}} is no name: the number in braces is at least 0", name.place)
            parts.append(f"{text}{number}")
        return ".".join(parts)


_WRITE: dict[type, str] = {
    tree.Number: "_number",
    tree.Access: "_access",
    tree.Call: "_call",
    tree.Reduce: "_reduce",
    tree.Over: "over",
    tree.Unary: "_unary",
    tree.Binary: "_binary",
    tree.Listing: "_listing",
}


def _closed(expr: Expr) -> bool:
    match expr:
        case Op():
            return all(_closed(arg) for arg in expr.args)
        case Num() | Size() | Infinity():
            return True
    return False
