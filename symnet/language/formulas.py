"""Formulas of the syntax tree to expressions of the network: functions put in, operations and reductions written.

A writer serves one equation. It notes what it reads and which indices it binds; extents come later (infer.py).
"""

from __future__ import annotations

from dataclasses import replace

from symnet.errors import Place, SpecError
from symnet.language import tree
from symnet.language.agenda import Wait
from symnet.language.arguments import bind, require_all, required_callee
from symnet.language.extents import Extent
from symnet.language.names import Names
from symnet.language.network import Expr, Index, Infinity, Num, Op, Reduce
from symnet.language.symbols import PRIMITIVES, UNKNOWN, Closure, Frame, Known, Registry
from symnet.language.values import ONE, ZERO, Callee, Items, Value, fold, size, whole

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


class Writer(Names):
    """Writes the expressions of one equation."""

    # --- operators ---

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
        name = self.spell(node.collection.name, frame) if isinstance(node.collection, tree.Access) else ""
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


def spell(name: tree.Name, frame: Frame, registry: Registry) -> str:
    """The text of a name in this frame: see `Writer.spell`."""
    return Writer(registry).spell(name, frame)


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
