"""Blocks of statements to jobs: declarations at once, equations and calls of layers when what they need is known.

A block is the spec itself or the body of a layer. It is read twice: first the names, then the formulas, so that a
formula may read what is defined below it. `if` and `for` are compile time and leave nothing behind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from symnet.errors import Place, SpecError
from symnet.language import tree
from symnet.language.agenda import Broken, Job, Key, Wait
from symnet.language.calls import LayerCall, call_layer, define, nested_path
from symnet.language.declare import declared_tensor, local_name
from symnet.language.equations import Text, is_layer
from symnet.language.formulas import Writer
from symnet.language.network import Num
from symnet.language.survey import plain_name
from symnet.language.symbols import Frame, Known, Registry, Scope, Tensor, check_name
from symnet.language.values import Value, is_known, whole

MAX_LOOP = 50_000


Handler = Callable[["Block", Any, Frame, Key], None]


@dataclass(eq=False)
class Goals:
    """What the spec asks for: outputs, metrics by the tensor that holds them, examples, and what is minimised."""

    outputs: list[tuple[str, Place]] = field(default_factory=list)
    metrics: list[tuple[str, str, Place]] = field(default_factory=list)
    examples: list[tuple[str, int, Place]] = field(default_factory=list)
    objective: tuple[str, Place] | None = None
    minimize: tree.Minimize | None = None
    frame: Frame | None = None


@dataclass(eq=False)
class Block:
    """One block while it is read. `overrides` are the constants that the caller sets."""

    registry: Registry
    scope: Scope
    frame: Frame
    key: Key
    goals: Goals | None = None
    overrides: Mapping[str, Value] = field(default_factory=dict)
    declared: Mapping[str, Known] = field(default_factory=dict)
    defined: dict[str, str] = field(default_factory=dict)  # local names: "equation", "call" or "declaration"
    constants: set[str] = field(default_factory=set)
    _later: list[tuple[Callable[[], None], tuple[str, ...]]] = field(default_factory=list)
    _count: int = 0

    def read(self, statements: tuple[tree.Statement, ...], values: dict[str, Value]) -> None:
        """Reads the statements of the block and puts their jobs on the agenda."""
        self._statements(statements, values)
        for action, defines in self._later:
            self._guarded(action, defines)
        for local in self.defined:
            self._check_base(local)

    def _statements(self, statements: tuple[tree.Statement, ...], values: dict[str, Value]) -> None:
        for node in statements:
            self.registry.spend(node.place)
            self._count += 1
            handler = _STATEMENTS.get(type(node))
            if handler is not None:
                frame = replace(self.frame, values=values, declared=self.declared)
                self._handle(handler, node, frame)

    def _handle(self, handler: Handler, node: tree.Statement, frame: Frame) -> None:
        try:
            handler(self, node, frame, (*self.key, self._count))
        except Wait:
            raise SpecError("this needs what is not known when the spec is compiled", node.place) from None

    def _guarded(self, action: Callable[[], None], defines: tuple[str, ...]) -> None:
        try:
            action()
        except SpecError as error:
            self.registry.agenda.fail(error, defines, self.scope.place)
        except Broken:
            self.registry.agenda.give_up(defines)

    def _check_base(self, local: str) -> None:
        tensor = self.registry.tensors.get(self.scope.names[local])
        if self.defined[local] != "scatter" or tensor is None:
            return
        hint = f"next to {local}[…] += …, an equation gives the value that is added to: {local}[…] = 0"
        error = SpecError(f"{local!r} has no base value", tensor.place, hint=hint)
        self.registry.agenda.fail(error, (tensor.name,), self.scope.place)

    # --- compile time ---

    def _constant(self, node: tree.Constant, frame: Frame, key: Key) -> None:
        check_name(node.name, node.place)
        if frame.value(node.name) is not None or node.name in self.scope.names:
            raise SpecError(f"{node.name!r} is defined twice", node.place)
        override = self.overrides.get(node.name)
        assert isinstance(frame.values, dict)
        value = Writer(self.registry).value(node.value, frame) if override is None else override
        if not is_known(value):
            raise SpecError("this is not known when the spec is compiled", node.value.place)
        frame.values[node.name] = value
        self.constants.add(node.name)

    def _if(self, node: tree.If, frame: Frame, key: Key) -> None:
        condition = Writer(self.registry).value(node.condition, frame)
        if not isinstance(condition, Num):
            hint = "to select at run time, write where(condition, a, b)"
            raise SpecError("the condition of an if is known when compiled", node.condition.place, hint=hint)
        assert isinstance(frame.values, dict)
        self._statements(node.then if condition.value else node.otherwise, frame.values)

    def _for(self, node: tree.For, frame: Frame, key: Key) -> None:
        check_name(node.variable, node.place)
        if frame.value(node.variable) is not None or node.variable in self.scope.names:
            raise SpecError(f"{node.variable!r} is defined already and cannot be a loop's variable", node.place)
        low, high = (Writer(self.registry).integer(end, frame, "the end of a loop") for end in (node.low, node.high))
        if high - low > MAX_LOOP:
            raise SpecError(f"a loop of more than {MAX_LOOP} rounds", node.place)
        self.scope.loops.add(node.variable)
        for number in range(low, high):
            self._statements(node.body, {**frame.values, node.variable: whole(number)})

    # --- declarations ---

    def _declaration(self, node: tree.Declaration | tree.Input, frame: Frame, key: Key) -> None:
        local = local_name(node.name, frame, self.registry)
        full = self.scope.prefix + local
        self._guarded(lambda: self._declare(node, local, full, frame, key), (full,))

    def _declare(self, node: tree.Declaration | tree.Input, local: str, full: str, frame: Frame, key: Key) -> None:
        self._check_new(local, node.place, frame)
        self.scope.names[local] = full
        self.defined[local] = "declaration"
        try:
            tensor, self.declared = declared_tensor(self.registry, node, full, frame, key)
        except SpecError:
            self.scope.failed |= {dim.name for dim in node.dims or () if isinstance(dim, tree.Ranged)}
            raise
        if tensor.role == "param" and self.scope.donor is not None:
            self._share(local, tensor)
        else:
            self.registry.add(tensor)

    def _share(self, local: str, tensor: Tensor) -> None:
        """Uses the parameter of the call that `params=` names in the place of a new one."""
        donor = self.registry.tensor(f"{self.scope.donor}.{local}")
        if donor.extents != tensor.extents:
            message = f"{donor.name}{donor.shown()} cannot be shared: here its shape is {tensor.shown()}"
            raise SpecError(message, self.scope.place or tensor.place, also=donor.place)
        self.registry.aliases[tensor.name] = donor.name
        self.scope.names[local] = donor.name
        self.registry.agenda.announce(tensor.name)

    def _check_new(self, local: str, place: Place, frame: Frame) -> None:
        if local in self.scope.names:
            old = self.registry.tensors.get(self.scope.names[local])
            raise SpecError(f"{local!r} is defined twice", place, also=old.place if old else None)
        if frame.value(local) is not None:
            raise SpecError(f"{local!r} is a constant or a size already", place)

    # --- equations ---

    def _equation(self, node: tree.Equation, frame: Frame, key: Key) -> None:
        direct = self._is_call(node, frame)
        kind = "call" if direct else "scatter" if node.scatter else "equation"
        targets: list[str] = []
        try:
            for target in node.targets:
                targets.append(self._define(target, kind, frame, key))
        except SpecError as error:
            self.registry.agenda.fail(error, targets, self.scope.place)
            return
        locals_ = tuple(local_name(target.name, frame, self.registry) for target in node.targets)
        later = replace(frame, declared=self.declared)
        self._later.append((lambda: self._formula(node, locals_, tuple(targets), later, key), tuple(targets)))

    def _is_call(self, node: tree.Equation, frame: Frame) -> bool:
        bare = all(target.dims is None for target in node.targets) and not node.scatter
        return bare and isinstance(node.value, tree.Call) and is_layer(node.value, frame)

    def _define(self, target: tree.Target, kind: str, frame: Frame, key: Key) -> str:
        """Notes that an equation defines this name, and returns the full one."""
        local = local_name(target.name, frame, self.registry) + "'" * target.primed
        old = self.defined.get(local)
        pending = local in self.scope.results and old is None
        if old is None and not pending:
            self._check_new(local, target.place, frame)
        full = self.scope.names.setdefault(local, self.scope.prefix + local)
        tensor = self.registry.tensors.get(full)
        if tensor is None:
            tensor = Tensor(full, "value", key, target.place)
            if target.primed:
                self._next_state(local[:-1], tensor, target.place)
            self.registry.add(tensor)
        if old is not None and not {old, kind} <= {"equation", "scatter"}:
            hint = "a tensor is defined once, or by several equations with disjoint ranges: y[n, j: 0..8] = …"
            raise SpecError(f"{local!r} is defined twice", target.place, hint=hint, also=tensor.place)
        tensor.equations += kind == "equation"
        tensor.scatters += kind == "scatter"
        self.defined[local] = old if old is not None and kind == "scatter" else kind
        return full

    def _next_state(self, local: str, tensor: Tensor, place: Place) -> None:
        state = self.registry.tensors.get(self.scope.names.get(local, ""))
        if state is None or state.role != "state":
            hint = f"declare it above, as in state {local}[c: 8] ~ zeros"
            raise SpecError(f"{local}' is the next value of a state, and {local!r} is none", place, hint=hint)
        tensor.extents, tensor.labels = list(state.extents or ()), state.labels
        self.registry.next_state[state.name] = tensor.name

    def _formula(
        self, node: tree.Equation, locals_: tuple[str, ...], targets: tuple[str, ...], frame: Frame, key: Key
    ) -> None:
        if self._is_call(node, frame):
            assert isinstance(node.value, tree.Call)
            first = node.targets[0]
            nested = first.primed or locals_[0] in self.scope.results
            path = nested_path(self.registry, targets[0], node.value) if nested else targets[0]
            call_layer(self.registry, LayerCall(path, targets, node.value, frame, key, node.place))
            return
        text = Text(targets[0], node.targets[0].dims, node.value, node.scatter, frame, node.place)
        define(self.registry, text, key)

    # --- what the spec asks for ---

    def _output(self, node: tree.Output, frame: Frame, key: Key) -> None:
        def act(forced: bool) -> None:
            assert self.goals is not None
            found = [(self._tensor_named(access, frame), access.place) for access in node.names]
            self.goals.outputs += found

        self._later.append((lambda: self.registry.agenda.add(Job(key, act, (), node.place)), ()))

    def _tensor_named(self, access: tree.Access, frame: Frame) -> str:
        writer = Writer(self.registry)
        expr = writer.expr(access, frame)
        if not writer.reads or expr is not writer.reads[-1]:
            raise SpecError(f"{access.name} is no tensor", access.place)
        return writer.reads[-1].tensor

    def _metric(self, node: tree.Metric, frame: Frame, key: Key) -> None:
        self._guarded(lambda: self._add_metric(node, frame, key), ())

    def _add_metric(self, node: tree.Metric, frame: Frame, key: Key) -> None:
        assert self.goals is not None
        if any(name == node.name for name, _, _ in self.goals.metrics):
            raise SpecError(f"the metric {node.name!r} is defined twice", node.place)
        check_name(node.name, node.place)
        full = node.name
        if plain_name(node.value) != node.name:
            self._check_new(node.name, node.place, frame)
            self.scope.names[node.name] = full
            self.registry.add(Tensor(full, "value", key, node.place, equations=1))
            later = replace(frame, declared=self.declared)
            text = Text(full, None, node.value, False, later, node.place)
            self._later.append((lambda: define(self.registry, text, key), (full,)))
        self.goals.metrics.append((node.name, full, node.place))

    def _minimize(self, node: tree.Minimize, frame: Frame, key: Key) -> None:
        assert self.goals is not None
        if self.goals.minimize is not None:
            raise SpecError("there is one minimize", node.place, also=self.goals.minimize.place)
        self.goals.minimize = node
        self.goals.frame = replace(frame, declared=self.declared)
        self._later.append((lambda: self._objective(node, frame, key), ("loss",)))

    def _objective(self, node: tree.Minimize, frame: Frame, key: Key) -> None:
        assert self.goals is not None
        name = plain_name(node.value)
        named = self.registry.tensors.get(self.scope.names.get(name or "", ""))
        # What is minimised is calculated: a parameter by itself gets an equation of its own.
        if named is not None and (named.role == "value" or named.shape):
            self.goals.objective = named.name, node.place
            return
        full = "loss" if "loss" not in self.registry.tensors else self.registry.unique("objective")
        self.registry.add(Tensor(full, "value", key, node.place, equations=1))
        self.goals.objective = full, node.place
        define(self.registry, Text(full, None, node.value, False, frame, node.place), key)

    def _example(self, node: tree.Example, frame: Frame, key: Key) -> None:
        def act() -> None:
            assert self.goals is not None
            number = Writer(self.registry).integer(node.value, frame, "the example of a size")
            if not 1 <= number <= 10**6:
                raise SpecError("the example of a size is between 1 and a million", node.place)
            self.goals.examples.append((node.name, number, node.place))

        self._guarded(act, ())


_STATEMENTS: dict[type, Handler] = {
    tree.Input: Block._declaration,
    tree.Declaration: Block._declaration,
    tree.Constant: Block._constant,
    tree.Example: Block._example,
    tree.Equation: Block._equation,
    tree.Output: Block._output,
    tree.Metric: Block._metric,
    tree.Minimize: Block._minimize,
    tree.If: Block._if,
    tree.For: Block._for,
}


def read_body(
    registry: Registry, definition: tree.Layer, scope: Scope, frame: Frame, key: Key, declared: Mapping[str, Known]
) -> None:
    """Reads the body of a layer in the scope of a call. Raises SpecError if a result is not defined there."""
    block = Block(registry, scope, frame, key, declared=declared)
    block.read(definition.body, dict(frame.values))
    for result in definition.results:
        name = str(result.name)
        if name not in block.defined:
            raise SpecError(f"the layer {definition.name} does not define its result {name!r}", result.place)
