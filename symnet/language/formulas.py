"""Formulas of the syntax tree to expressions of the network: names looked up, functions substituted.

A writer serves one equation. It notes what it reads and which indices it binds; extents come later (infer.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from symnet.errors import Place, SpecError
from symnet.language import tree
from symnet.language.agenda import Wait
from symnet.language.arguments import bind, callee, require_all, required_callee
from symnet.language.extents import Extent
from symnet.language.network import Expr, Index, Infinity, Num, Op, Reduce, Ref, Size
from symnet.language.survey import plain_name
from symnet.language.symbols import (
    PRIMITIVES,
    UNKNOWN,
    Closure,
    Frame,
    Known,
    Registry,
    check_name,
    suggest,
)
from symnet.language.values import (
    MAX_EXTENT,
    ONE,
    ZERO,
    Callee,
    Items,
    Value,
    as_extent,
    as_integer,
    describe,
    fold,
    size,
    whole,
)

MAX_NODES = 30_000  # operations in one equation, after functions have been put in
MAX_NESTING = 150

_BINARY = {
    "+": "add", "-": "sub", "*": "mul", "/": "div", "//": "floordiv", "%": "mod", "**": "pow", "==": "eq", "!=": "ne",
    "<": "lt", "<=": "le", ">": "gt", ">=": "ge", "and": "and", "or": "or",
}  # fmt: skip
_OVER = {
    "sum": ("add", ZERO),
    "mean": ("add", ZERO),
    "prod": ("mul", ONE),
    "max": ("max2", None),
    "min": ("min2", None),
}


@dataclass(frozen=True, slots=True)
class LayerResult:
    """The tensor that stands for a call of a layer in a formula, and the indices that it is read with."""

    tensor: str
    dims: tuple[tree.Dimension, ...] | None = None


class Writer:
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

    # --- expressions ---

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

    def _number(self, node: tree.Number, frame: Frame) -> Expr:
        return Num(node.value, not node.integer)

    def _listing(self, node: tree.Listing, frame: Frame) -> Expr:
        raise SpecError("a list is no number", node.place, hint="take one of its values, as in widths[0]")

    def _unary(self, node: tree.Unary, frame: Frame) -> Expr:
        operand = self.expr(node.operand, frame)
        return operand if node.op == "+" else fold("neg" if node.op == "-" else "not", (operand,), node.place)

    def _binary(self, node: tree.Binary, frame: Frame) -> Expr:
        args = (self.expr(node.left, frame), self.expr(node.right, frame))
        return fold(_BINARY[node.op], args, node.place)

    # --- names ---

    def _access(self, node: tree.Access, frame: Frame) -> Expr:
        name = spell(node.name, frame, self.registry)
        if not node.primed and node.dims is None and node.default is None:
            found = self._bare(name, node, frame)
            if found is not None:
                return found
        elif node.dims is not None and not node.primed:
            items = frame.value(name)
            if isinstance(items, Items):
                return self._as_expr(self.item(items, node, frame), node)
        try:
            full = self.lookup(name + "'" * node.primed, frame)
        except Wait as wait:
            wait.place = node.name.place
            raise
        if full is None:
            raise self._unknown(name, node, frame)
        return self._read(full, node, frame)

    def _bare(self, name: str, node: tree.Access, frame: Frame) -> Expr | None:
        if name in frame.arguments:
            argument = frame.arguments[name]
            return (
                self.expr(argument.value, argument.frame)
                if isinstance(argument, Closure)
                else self._as_expr(argument, node)
            )
        if name in frame.indices:
            return frame.indices[name]
        if name == "inf":
            return Infinity()
        if name == "training":
            return whole(self.registry.training)
        value = frame.value(name)
        return None if value is None else self._as_expr(value, node)

    def _as_expr(self, value: Value, node: tree.Access) -> Expr:
        if isinstance(value, Items | Callee):
            hint = (
                f"call it: {value.name}(…)" if isinstance(value, Callee) else "take one of its values, as in widths[0]"
            )
            raise SpecError(f"{node.name} is {describe(value)}, no number", node.place, hint=hint)
        if isinstance(value, Ref):
            self.reads.append(value)
        return value

    def lookup(self, name: str, frame: Frame) -> str | None:
        """The full name of the tensor that a name stands for, or None. Raises Wait for one of a call not yet expanded."""
        if name in frame.aliases:
            return frame.aliases[name]
        scope = frame.scope
        if scope is None:
            return None
        if name in scope.names:
            return scope.names[name]
        head, _, rest = name.partition(".")
        if not rest or head not in scope.names:
            return None
        full = scope.prefix + name
        full = self.registry.aliases.get(full, full)
        return self.registry.tensor(full).name

    def _read(self, full: str, node: tree.Access, frame: Frame) -> Expr:
        if node.dims is not None:
            self._brackets += 1
            indices = tuple(index for dim in node.dims for index in self.dim(dim, frame))
            self._brackets -= 1
        else:
            indices = self._whole_indices(full, node)
        default = None if node.default is None else self.expr(node.default, frame)
        ref = Ref(full, indices, default, place=node.place)
        self.reads.append(ref)
        return ref

    def _whole_indices(self, full: str, node: tree.Access) -> tuple[Expr, ...]:
        if not self.whole:
            return ()
        rank = len(self.registry.shape(full))
        if rank not in (0, len(self.whole)):
            tensor = self.registry.tensor(full)
            hint = "nothing is broadcast: write the indices, as in y[n, k] = h[n, k] + b[k]"
            message = f"{node.name} has the shape {tensor.shown()} next to tensors of {len(self.whole)} dimensions"
            raise SpecError(message, node.place, hint=hint)
        return tuple(Index(name) for name in self.whole) if rank else ()

    def dim(self, dim: tree.Dimension, frame: Frame) -> tuple[Expr, ...]:
        """The index expressions that one entry between brackets stands for. Raises SpecError for `i: I`."""
        match dim:
            case tree.Plain():
                return (self.expr(dim.value, frame),)
            case tree.Joined():
                return (Op("join", tuple(index for part in dim.parts for index in self.dim(part, frame))),)
            case tree.Ellipsis_():
                if frame.run is None:
                    hint = "bind it, as in sum(...: x[...]), or write it on the left"
                    raise SpecError("`...` stands for nothing here", dim.place, hint=hint)
                return frame.run
        hint = "an extent or a range is given where an index is bound: on the left of =, or in a reduction"
        raise SpecError("a read takes plain indices", dim.place, hint=hint)

    def _unknown(self, name: str, node: tree.Access, frame: Frame) -> SpecError:
        if callee(node.name, frame) is not None:
            return SpecError(f"{name!r} is a function", node.place, hint=f"call it: {name}(…)")
        hint = suggest(name, frame, self.registry)
        if plain_name(node) is not None and name in self.binders:
            message = f"the index {name!r} is used outside of the reduction that binds it"
            return SpecError(message, node.place, also=self.binders[name], hint=hint)
        if plain_name(node) is not None and self._brackets:
            message = f"the index {name!r} is neither on the left nor bound by a reduction"
            return SpecError(
                message, node.place, hint=f"{hint} {self.remedy or f'to add up over it, write sum({name}: …)'}".strip()
            )
        place = node.name.place if "." in name or node.dims is not None else node.place
        return SpecError(f"unknown name {name + chr(39) * node.primed!r}", place, hint=hint)

    # --- calls ---

    def _call(self, node: tree.Call, frame: Frame) -> Expr:
        if id(node) in self.layers:
            result = self.layers[id(node)]
            return self._read(result.tensor, tree.Access(node.name, False, result.dims, None, node.place), frame)
        found = required_callee(node, frame, self.registry)
        if isinstance(found.definition, str):
            return self._primitive(found.definition, node, frame)
        if isinstance(found.definition, tree.Function):
            return self._function(found, found.definition, node, frame)
        kind = "layer" if isinstance(found.definition, tree.Layer) else "optimizer"
        where = "in the body of a function or under a reduction" if kind == "layer" else "in a formula"
        raise SpecError(f"the {kind} {found.name!r} cannot be called {where}", node.place)

    def _primitive(self, name: str, node: tree.Call, frame: Frame) -> Expr:
        for argument in node.arguments:
            if argument.keyword is not None:
                raise SpecError(f"{name} takes no keywords", argument.place)
        values = [argument.value for argument in node.arguments if not isinstance(argument.value, tree.Ellipsis_)]
        if name == "len":
            return self._length(values, node, frame)
        expected = PRIMITIVES.get(name)
        if (expected is None and len(values) < 2) or (expected is not None and expected != len(values)):
            wanted = "two or more arguments" if expected is None else f"{expected} argument{'s' * (expected > 1)}"
            hint = f"to reduce over an index, write {name}(i: …)" if expected is None else ""
            raise SpecError(f"{name} takes {wanted}, and {len(values)} are given", node.place, hint=hint)
        args = [self.expr(value, frame) for value in values]
        if expected is not None:
            return fold(name, tuple(args), node.place)
        return _balanced(f"{name}2", args, node.place)

    def _length(self, values: list[tree.Expression], node: tree.Call, frame: Frame) -> Expr:
        items = self.value(values[0], frame) if len(values) == 1 else None
        if not isinstance(items, Items):
            raise SpecError("len takes one list", node.place, hint="the length of an index is the name of its size")
        return whole(len(items.values))

    def _function(self, found: Callee, definition: tree.Function, node: tree.Call, frame: Frame) -> Expr:
        given = bind(definition.name, definition.formals, node, found.bound)
        require_all(definition.name, definition.formals, given, node.place)
        arguments: dict[str, Closure | Value] = {}
        inner = Frame(self.registry.home(definition), arguments=arguments)
        for formal in definition.formals:
            argument = given.get(formal.name)
            if isinstance(argument, tree.Argument):
                assert not isinstance(argument.value, tree.Ellipsis_)
                arguments[formal.name] = Closure(argument.value, frame)
            elif argument is not None:
                arguments[formal.name] = argument
            elif formal.default is not None:
                arguments[formal.name] = Closure(formal.default, inner)
        return self.expr(definition.value, inner)

    # --- reductions ---

    def _reduce(self, node: tree.Reduce, frame: Frame) -> Expr:
        indices = dict(frame.indices)
        run = frame.run
        names: list[str] = []
        low: Expr = ZERO
        for binder in node.binders:
            if binder.name == "...":
                run = self._bind_run(binder, frame, names)
                continue
            name, low = self._bind(binder, frame)
            names.append(name)
            indices[binder.name] = fold("add", (Index(name), low), binder.place)
        inner = replace(frame, indices=indices, run=run)
        condition = None if node.condition is None else self.expr(node.condition, inner)
        body = self.expr(node.body, inner)
        if not names:
            return _over_nothing(node, condition, body)
        reduced = Reduce(node.op, tuple((name, UNKNOWN) for name in names), condition, body, node.place)
        return fold("add", (reduced, low), node.place) if node.op.startswith("arg") and len(names) == 1 else reduced

    def _bind_run(self, binder: tree.Binder, frame: Frame, names: list[str]) -> tuple[Expr, ...]:
        if binder.low is not None or binder.high is not None:
            raise SpecError("`...` takes no extent", binder.place)
        if frame.template is None:
            hint = "`...` stands for the indices of a tensor that is read with it in the same equation"
            raise SpecError("`...` stands for nothing here", binder.place, hint=hint)
        run = []
        for label, extent in frame.template:
            name = self.fresh(label)
            self.fallback[name] = Known(extent, binder.place, "`...`")
            run.append(name)
        names += run
        self.bound += run
        return tuple(Index(name) for name in run)

    def _bind(self, binder: tree.Binder, frame: Frame) -> tuple[str, Expr]:
        self.check_index(binder.name, binder.place, frame)
        name = self.fresh(binder.name)
        self.bound.append(name)
        if binder.high is None:
            if binder.name in frame.declared:
                self.fallback[name] = frame.declared[binder.name]
            return name, ZERO
        low = Extent() if binder.low is None else self.extent(binder.low, frame, "the first value of an index", least=0)
        high = self.extent(binder.high, frame, "the extent of an index", least=0)
        self.extents[name] = Known(high - low, binder.place, "the extent given here")
        self.given.add(name)
        return name, size(low)

    def fresh(self, name: str) -> str:
        """A name for an index that no other in the equation has."""
        found = name
        while found in self.used:
            self._numbers[name] = self._numbers.get(name, 1) + 1
            found = f"{name}{self._numbers[name]}"
        self.used.add(found)
        return found

    def check_index(self, name: str, place: Place, frame: Frame) -> None:
        """Raises SpecError if an index may not bear this name."""
        check_name(name, place)
        value = frame.value(name)
        if value is not None:
            kind = "size" if isinstance(value, Size) else "constant"
            raise SpecError(f"an index may not bear the name of the {kind} {name!r}", place)
        if name in frame.arguments:
            raise SpecError(f"an index may not bear the name of the argument {name!r}", place)
        if frame.scope is not None and name in frame.scope.names:
            raise SpecError(f"an index may not bear the name of the tensor {name!r}", place)

    def over(self, node: tree.Over, frame: Frame) -> Expr:
        """A reduction over parameters, written out. Raises Wait before all parameters are known."""
        if node.op not in _OVER:
            raise SpecError(f"{node.op} does not run over parameters", node.place, hint=f"it can be {', '.join(_OVER)}")
        self.check_index(node.variable, node.place, frame)
        values = [
            self.expr(node.body, self._parameter_frame(node, name, frame)) for name in self._collection(node, frame)
        ]
        operation, nothing = _OVER[node.op]
        if not values:
            if nothing is None:
                raise SpecError(f"there is no parameter to take the {node.op} of", node.place)
            return nothing
        total = _balanced(operation, values, node.place)
        return fold("div", (total, whole(len(values))), node.place) if node.op == "mean" else total

    def _parameter_frame(self, node: tree.Over, name: str, frame: Frame) -> Frame:
        tensor = self.registry.tensor(name)
        template = tuple(zip(tensor.labels, self.registry.shape(name), strict=True))
        return replace(frame, aliases={**frame.aliases, node.variable: name}, template=template, run=None)

    def _collection(self, node: tree.Over, frame: Frame) -> list[str]:
        name = spell(node.collection.name, frame, self.registry) if isinstance(node.collection, tree.Access) else ""
        head, _, last = name.rpartition(".")
        if last not in ("params", "weights"):
            hint = "write `p in params`, or `p in weights` for those with two or more dimensions"
            raise SpecError("no collection of parameters", node.collection.place, hint=hint)
        if not self.registry.parameters_known:
            raise Wait(["params"])
        least = 2 if last == "weights" else 0
        prefix = f"{frame.scope.prefix if frame.scope else ''}{head}." if head else ""
        found = [tensor for tensor in self.registry.tensors.values() if tensor.role == "param"]
        found = [tensor for tensor in found if tensor.name.startswith(prefix)]
        if head and not found:
            raise SpecError(f"{head!r} has no parameters", node.collection.place)
        found.sort(key=lambda tensor: tensor.key)
        return [tensor.name for tensor in found if len(tensor.extents or ()) >= least]

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
            items = frame.value(spell(node.name, frame, self.registry))
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


def spell(name: tree.Name, frame: Frame, registry: Registry) -> str:
    """The text of a name, with `h{l}` as the name h followed by the number l."""
    parts = []
    for text, suffix in name.parts:
        if suffix is None:
            parts.append(text)
            continue
        number = Writer(registry).integer(suffix, frame, "what stands in braces")
        if not 0 <= number < 10**9:
            raise SpecError(f"{text}{{{number}}} is no name: the number in braces is at least 0", name.place)
        parts.append(f"{text}{number}")
    return ".".join(parts)


def _over_nothing(node: tree.Reduce, condition: Expr | None, body: Expr) -> Expr:
    # `...` may stand for no index at all: the reduction then has one point.
    if node.op.startswith("arg"):
        return ZERO
    if condition is None:
        return body
    nothing: dict[str, Expr] = {"prod": ONE, "max": Op("neg", (Infinity(),)), "min": Infinity()}
    return fold("where", (condition, body, nothing.get(node.op, ZERO)), node.place)


def _balanced(operation: str, values: list[Expr], place: Place) -> Expr:
    """The values combined pairwise, so that two thousand of them nest eleven deep."""
    while len(values) > 1:
        pairs = [values[i : i + 2] for i in range(0, len(values), 2)]
        values = [fold(operation, (pair[0], pair[1]), place) if len(pair) == 2 else pair[0] for pair in pairs]
    return values[0]


def _closed(expr: Expr) -> bool:
    match expr:
        case Op():
            return all(_closed(arg) for arg in expr.args)
        case Num() | Size() | Infinity():
            return True
    return False
