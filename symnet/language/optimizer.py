"""Optimisers: the update of one element of a parameter, from its equations.

An optimiser that takes another one calls it with the parameter and a changed gradient: `inner(p, g*scale)`. The
equations of the inner one are put in its place, its hyper-parameters and slots stand next to those of the outer one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from symnet.errors import Place, SpecError, nearest
from symnet.language import tree
from symnet.language.arguments import bind, callee, signature
from symnet.language.formulas import Writer, spell
from symnet.language.network import Expr, Num, Op, Optimizer, Ref
from symnet.language.samplers import sampler
from symnet.language.survey import plain_name
from symnet.language.symbols import Frame, Registry, Scope, check_name
from symnet.language.values import Value

_INITIAL = {"zeros": Fraction(0), "ones": Fraction(1)}


def read_optimizer(node: tree.Expression, frame: Frame, registry: Registry) -> Optimizer:
    """The optimiser that `with` names. Raises SpecError."""
    step = _Step(registry)
    name = step.apply(node, frame, Ref("g", ()), node.place)
    return Optimizer(
        name=name,
        hypers=tuple(step.hypers.items()),
        slots=tuple(step.slots.items()),
        counters=tuple(step.counters.items()),
        totals=tuple(step.totals),
        equations=tuple(step.equations),
    )


@dataclass(frozen=True, slots=True)
class _Given:
    """An optimiser as an argument: the expression of the call, and the frame it stands in."""

    node: tree.Expression
    frame: Frame


@dataclass(eq=False)
class _Step:
    """The step as it grows, over all optimisers that are nested in it."""

    registry: Registry
    hypers: dict[str, Fraction] = field(default_factory=dict)
    slots: dict[str, Fraction] = field(default_factory=dict)
    counters: dict[str, Fraction] = field(default_factory=dict)
    totals: list[tuple[str, Expr]] = field(default_factory=list)
    equations: list[tuple[str, Expr]] = field(default_factory=list)
    depth: int = 0

    def apply(self, node: tree.Expression, frame: Frame, g: Expr, place: Place) -> str:
        """Adds the equations of an optimiser for this gradient. Returns its name."""
        if self.depth > 8:
            raise SpecError("optimisers nested more than 8 deep", place)
        definition, call = self._definition(node, frame)
        hypers = [formal for formal in definition.formals if formal.dims is None]
        given = bind(definition.name, tuple(hypers), call)
        values: dict[str, Value] = {}
        inner: dict[str, _Given] = {}
        for formal in hypers:
            self._formal(definition, formal, given.get(formal.name), frame, call, values, inner)
        tensors = [formal.name for formal in definition.formals if formal.dims is not None]
        if len(tensors) != 2:
            raise SpecError(f"the optimizer {definition.name} has not the two formals p[...], g[...]", definition.place)
        if not isinstance(g, Ref):
            name = self._free(f"{tensors[1]}_{definition.name}")
            self.equations.append((name, g))
            g = Ref(name, ())
        values |= {tensors[0]: Ref("p", ()), tensors[1]: g}
        body = _Body(self, definition, tensors[0], g, values, inner)
        body.read(definition.body)
        if not body.updated:
            hint = f"write {tensors[0]}' = …"
            raise SpecError(
                f"the optimizer {definition.name} does not define {tensors[0]}'", definition.place, hint=hint
            )
        return definition.name

    def _definition(self, node: tree.Expression, frame: Frame) -> tuple[tree.Optimizer, tree.Call]:
        call = node
        if isinstance(node, tree.Access) and plain_name(node):
            call = tree.Call(node.name, (), node.place)
        if not isinstance(call, tree.Call):
            raise SpecError("an optimiser is called by its name, as in name(rate=0.1)", node.place)
        found = callee(call.name, frame)
        if found is None or not isinstance(found.definition, tree.Optimizer):
            known = [name for name, definition in frame.home.items() if isinstance(definition, tree.Optimizer)]
            hint = nearest(str(call.name), known) or f"the optimisers are {', '.join(known) or 'none'}"
            raise SpecError(f"unknown optimiser {str(call.name)!r}", call.name.place, hint=hint)
        return found.definition, call

    def _formal(
        self,
        definition: tree.Optimizer,
        formal: tree.Formal,
        argument: tree.Argument | Value | None,
        frame: Frame,
        call: tree.Call,
        values: dict[str, Value],
        inner: dict[str, _Given],
    ) -> None:
        """Makes a hyper-parameter of a number, and notes an optimiser that is given as an argument."""
        node = argument.value if isinstance(argument, tree.Argument) else formal.default
        home = frame if isinstance(argument, tree.Argument) else Frame(self.registry.home(definition))
        if node is None or isinstance(node, tree.Ellipsis_):
            hint = signature(definition.name, tuple(f for f in definition.formals if f.dims is None))
            raise SpecError(f"{definition.name} needs {formal.name!r}", call.place, hint=hint)
        found = callee(node.name, home) if isinstance(node, tree.Call | tree.Access) else None
        if found is not None and isinstance(found.definition, tree.Optimizer):
            inner[formal.name] = _Given(node, home)
            return
        number = Writer(self.registry).value(node, home)
        if not isinstance(number, Num):
            raise SpecError(f"{formal.name!r} of {definition.name} is a number or an optimiser", node.place)
        name = self._free(formal.name)
        self.hypers[name] = number.value
        values[formal.name] = Ref(name, ())

    def _free(self, name: str) -> str:
        """A name that nothing in the step bears yet."""
        taken = {"p", "g", *self.hypers, *self.slots, *self.counters, *dict(self.totals), *dict(self.equations)}
        found, number = name, 2
        while found in taken or f"{found}'" in taken:
            found, number = f"{name}{number}", number + 1
        return found


@dataclass(eq=False)
class _Body:
    """The body of one optimiser while it is read. `local` says what its names stand for."""

    step: _Step
    definition: tree.Optimizer
    parameter: str
    gradient: Expr
    local: dict[str, Value]
    inner: dict[str, _Given]
    updated: bool = False
    states: dict[str, str] = field(default_factory=dict)
    advanced: set[str] = field(default_factory=set)

    def read(self, statements: tuple[tree.Statement, ...]) -> None:
        """Reads the statements. Raises SpecError for one that has no place in an optimiser."""
        self._statements(statements)
        for local, full in self.states.items():
            if full not in self.advanced:
                message = f"the optimizer {self.definition.name} does not define the next value {local}'"
                raise SpecError(message, self.definition.place)

    def _statements(self, statements: tuple[tree.Statement, ...]) -> None:
        for node in statements:
            match node:
                case tree.Declaration(role="state"):
                    self._state(node)
                case tree.Constant():
                    self._new(node.name, node.place)
                    self.local[node.name] = Writer(self.step.registry).value(node.value, self._frame())
                case tree.If():
                    condition = Writer(self.step.registry).value(node.condition, self._frame())
                    if not isinstance(condition, Num):
                        raise SpecError("the condition of an if is known when compiled", node.condition.place)
                    self._statements(node.then if condition.value else node.otherwise)
                case tree.Equation(scatter=False) if len(node.targets) == 1:
                    self._equation(node)
                case _:
                    hint = "there are state, const, if, and equations of one element each"
                    raise SpecError("this has no place in an optimizer", node.place, hint=hint)

    def _frame(self) -> Frame:
        names = {f"{local}'": f"{full}'" for local, full in self.states.items() if full in self.advanced}
        return Frame(self.step.registry.home(self.definition), Scope("", names), self.local, run=(), template=())

    def _new(self, name: str, place: Place) -> None:
        check_name(name, place)
        if name in self.local:
            raise SpecError(f"{name!r} is defined twice", place)

    def _state(self, node: tree.Declaration) -> None:
        local = str(node.name)
        self._new(local, node.place)
        dims = node.dims or ()
        if len(dims) > 1 or not all(isinstance(dim, tree.Ellipsis_) for dim in dims):
            hint = f"state {local}[...] for one value per element of the parameter, state {local} for a counter"
            raise SpecError("the state of an optimizer has no other shape", node.place, hint=hint)
        drawn = sampler(node.sampler, "state", (), self._frame(), self.step.registry)
        initial = dict(drawn.arguments).get("value", _INITIAL.get(drawn.name, Fraction(0)))
        assert isinstance(initial, Fraction)
        full = self.step._free(local)
        (self.step.slots if dims else self.step.counters)[full] = initial
        self.states[local] = full
        self.local[local] = Ref(full, ())

    def _equation(self, node: tree.Equation) -> None:
        target = node.targets[0]
        local = spell(target.name, self._frame(), self.step.registry)
        if target.dims is not None and not all(isinstance(dim, tree.Ellipsis_) for dim in target.dims):
            raise SpecError("an optimizer's equations are of one element and have no indices", target.place)
        given = self._inner_call(node.value)
        if given is not None and isinstance(node.value, tree.Call):
            self._apply(given, node.value, local, target)
            return
        value = self._expr(node.value, local)
        if target.primed and local == self.parameter:
            self._update(target.place)
            self.step.equations.append(("p'", value))
            return
        if target.primed:
            self._advance(local, value, target.place)
            return
        self._new(local, target.place)
        if isinstance(value, Ref) and value.tensor in dict(self.step.totals) and value.tensor == local:
            self.local[local] = value
            return
        full = self.step._free(local)
        self.step.equations.append((full, value))
        self.local[local] = Ref(full, ())

    def _update(self, place: Place) -> None:
        if self.updated:
            raise SpecError(f"{self.parameter}' is defined twice", place)
        self.updated = True

    def _advance(self, local: str, value: Expr, place: Place) -> None:
        full = self.states.get(local)
        if full is None:
            hint = nearest(local, [*self.states, self.parameter])
            raise SpecError(f"{local}' is the next value of a state, and {local!r} is none", place, hint=hint)
        if full in self.advanced:
            raise SpecError(f"{local}' is defined twice", place)
        self.advanced.add(full)
        self.step.equations.append((f"{full}'", value))

    # --- formulas ---

    def _expr(self, node: tree.Expression, local: str) -> Expr:
        return _StepWriter(self.step, self.gradient, local).expr(node, self._frame())

    def _inner_call(self, node: tree.Expression) -> _Given | None:
        return self.inner.get(str(node.name)) if isinstance(node, tree.Call) else None

    def _apply(self, given: _Given, call: tree.Call, local: str, target: tree.Target) -> None:
        if not target.primed or local != self.parameter:
            hint = f"as in {self.parameter}' = {call.name}(p, g*scale)"
            raise SpecError("an inner optimiser defines the parameter's next value", call.place, hint=hint)
        arguments = [argument.value for argument in call.arguments if argument.keyword is None]
        if len(arguments) != 2 or len(call.arguments) != 2 or plain_name(_expression(arguments[0])) != self.parameter:
            raise SpecError(f"an inner optimiser is called as {call.name}({self.parameter}, gradient)", call.place)
        self._update(target.place)
        g = self._expr(_expression(arguments[1]), f"{call.name}")
        self.step.depth += 1
        self.step.apply(given.node, given.frame, g, call.place)
        self.step.depth -= 1


class _StepWriter(Writer):
    """Writes formulas of one element; a sum over all gradients becomes a total."""

    def __init__(self, step: _Step, gradient: Expr, local: str) -> None:
        super().__init__(step.registry)
        self.step = step
        self.gradient = gradient
        self.local = local

    def over(self, node: tree.Over, frame: Frame) -> Expr:
        """The total that a sum over the elements of all gradients, or of all parameters, becomes."""
        collection = plain_name(node.collection)
        if node.op != "sum" or collection not in ("grads", "params"):
            raise SpecError(
                "an optimizer sums over grads or params", node.place, hint="sum(q in grads: sum(...: q[...]**2))"
            )
        body = node.body
        if not isinstance(body, tree.Reduce) or body.op != "sum" or [b.name for b in body.binders] != ["..."]:
            raise SpecError("the sum over all elements is written sum(...: …)", body.place)
        self.check_index(node.variable, node.place, frame)
        element = _in_gradients(self.gradient, dict(self.step.equations)) if collection == "grads" else Ref("p", ())
        value = self.expr(body, replace(frame, values={**frame.values, node.variable: element}))
        name = self.step._free(self.local)
        self.step.totals.append((name, _in_gradients(value, dict(self.step.equations))))
        return Ref(name, ())

    def _access(self, node: tree.Access, frame: Frame) -> Expr:
        # In an optimizer every tensor is one element, with or without [...].
        if node.dims is not None and all(isinstance(dim, tree.Ellipsis_) for dim in node.dims):
            node = replace(node, dims=None)
        return super()._access(node, frame)


def _in_gradients(expr: Expr, equations: Mapping[str, Expr]) -> Expr:
    """The expression with the names of equations replaced by what they stand for."""
    match expr:
        case Ref() if expr.tensor in equations:
            return _in_gradients(equations[expr.tensor], equations)
        case Op():
            return Op(expr.name, tuple(_in_gradients(arg, equations) for arg in expr.args))
    return expr


def _expression(node: tree.Expression | tree.Ellipsis_) -> tree.Expression:
    if isinstance(node, tree.Ellipsis_):
        raise SpecError("`...` is no argument of a call", node.place)
    return node
