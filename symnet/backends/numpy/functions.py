"""The functions of the emitted module that calculate: their bodies as lines, around the blocks of the kernels."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from symnet.backends.numpy.arguments import Arguments, unused_removed
from symnet.backends.numpy.body import function_body
from symnet.backends.numpy.code import Body
from symnet.backends.numpy.formulas import comment
from symnet.backends.numpy.halves import (
    AGAIN,
    backward_half,
    backward_orders,
    forward_half,
    forward_orders,
    saved_tensors,
    step_orders,
    tensors_read,
    written,
)
from symnet.backends.numpy.layout import WIDTH, Group, Item, call, dictionary, fitted, lay_out, quoted
from symnet.backends.numpy.names import RESERVED
from symnet.backends.numpy.numbers import own_functions, taken_out, taken_twice
from symnet.backends.numpy.print import shape_source
from symnet.ir.bundle import Differentiated
from symnet.ir.program import Program, Statement
from symnet.ir.show import show_statement
from symnet.language.extents import Extent
from symnet.planning.footprint import Footprint, Made
from symnet.planning.orders import Order

# What is a view of an array however that lies in memory; of others, such as `W.reshape(64, 10)`, NumPy may make a copy.
ALWAYS_A_VIEW = re.compile(r"\w+(\[[^\[\]]*\]|\.T|\.transpose\([\d, ]+\)|\.view\(bits\)|\.reshape\(\(\)\))*")


@dataclass(frozen=True, slots=True)
class FunctionView:
    """One emitted function: the lines of its head, of its docstring about arguments, and of its code, indented.

    `sizes` is what a plan for it depends on besides the dtype; `copies` says that it may hold copies of parameters
    whose values lie apart in memory, in the place of views.
    """

    head: str
    arguments: str
    code: str
    quiet: bool = False
    sizes: tuple[str, ...] = ()
    copies: bool = False


@dataclass(frozen=True, slots=True)
class Own:
    """An argument that a function has besides those of all: its name, what it is to be, and the lines that check it."""

    formal: str
    description: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Functions:
    """Prints the functions of one module. `names` are the identifiers of all tensors and sizes."""

    names: Mapping[str, str]

    def forward(self, pull: Differentiated, arguments: Arguments, outputs: Sequence[tuple[str, str]]) -> FunctionView:
        """`forward`: the outputs, by key and tensor, and what `backward` reads."""
        program = forward_half(pull)
        kept = saved_tensors(pull)
        next_state = dict(arguments.network.next_state)
        wanted = [*(tensor for _, tensor in outputs), *next_state.values()]
        body = self._body(program, [*wanted, *kept], like=forward_orders(pull, wanted))
        values = self._values(program, body)
        rows = [(key, self._own(program, values[tensor], tensor, tensor in kept)) for key, tensor in outputs]
        result = [
            *_laid(dictionary(rows, "outputs = ")),
            *_laid(_tuple("saved = ", [*self._saved_sizes(pull, arguments), *(values[name] for name in kept)])),
        ]
        returned = "return outputs, saved"
        if next_state:
            states = [(name, self._own(program, values[t], t, True)) for name, t in next_state.items()]
            result += _laid(dictionary(states, "state_next = "))
            returned += ", state_next"
        return self._function("forward", arguments, program, body, [*result, returned])

    def backward(self, pull: Differentiated, arguments: Arguments, outputs: Sequence[tuple[str, str]]) -> FunctionView:
        """`backward`: the gradients of the parameters and of the real inputs, for any upstream gradient."""
        program = backward_half(pull)
        written = set(program.writers)
        wanted = [adjoint for _, adjoint in pull.gradients]
        before = [*(tensor for _, tensor in outputs), *dict(arguments.network.next_state).values()]
        body = self._body(program, wanted, like=backward_orders(pull, before, wanted))
        read = tensors_read(program) | {name for name in wanted if name not in written}
        saved = [*self._saved_sizes(pull, arguments), *(self.names[name] for name in saved_tensors(pull))]
        lines = ['dtype = _check_arrays("params", params, PARAMETERS)'] if arguments.params else []
        lines += _laid(_targets(saved, "saved")) if saved else []
        lines += self._upstream(pull, outputs)
        lines += arguments.bindings(read)
        return_lines = _laid(self._gradients(program, body, pull.gradients))
        return FunctionView(
            head=_head("def backward", ["params", "saved", "grad_outputs"]),
            arguments="",
            code=_code(
                _paragraphs(
                    _fit(unused_removed(lines, _text(body, return_lines), ["dtype"])), *_inline(body), return_lines
                )
            ),
            quiet=body.quiet,
        )

    def step(self, step: Differentiated, arguments: Arguments, objective: str) -> FunctionView:
        """What `_step` of the module holds: setup, what is bound to parameters, and what runs at every call."""
        program, gradients = step.program, [adjoint for _, adjoint in step.gradients]
        next_state = dict(arguments.network.next_state)
        body = self.step_body(step, objective, next_state)
        read = tensors_read(program) | {name for name in (objective, *gradients) if name not in program.writers}
        before = [*arguments.rechecks(), *arguments.drawn(read), *arguments.bindings(read, "state", "state")]
        numbers, own, slots = taken_out(program), own_functions(program, body), self._slots(step)
        given, calculate = arguments.numbers(read) if numbers else {}, list[str]()
        if own is None:
            before += [f"{name} = {array}{numbers}" for name, array in given.items()]
        else:
            wanted = {name: self.names[name] for name in (objective, *slots, *next_state.values())}
            calculate = self._calculate(body, [*given, *own], wanted)
            body = taken_twice(body, given, own, wanted.values())
        stored = [f"{slot}[()] = {self._values(program, body)[adjoint]}" for adjoint, slot in slots.items()]
        result = [*stored, *_returned(self._returns(step, body, objective, next_state, slots))]
        run = [*(['@np.errstate(all="ignore")'] if body.quiet else []), _head("def run", arguments.moving)]
        run += _indented(_paragraphs(_fit(before, WIDTH - 12), _blocks(body, WIDTH - 12), result))
        views = [f"{b.name} = {b.source}" for b in body.views]
        bound = _fit([*arguments.bound(read, bool(numbers)), *views], WIDTH - 8)
        inner = ["def bind(params):", *_indented(_paragraphs(bound, _fits(arguments), run, ["return fits, run"]))]
        used = {size for d in arguments.inputs for e in (*d.extents, d.bound or Extent()) for size in e.sizes}
        used |= {*body.sizes, *arguments.noise_sizes}
        sizes = tuple(self.names[size] for size in arguments.network.sizes if size in used)
        setup = [*_setup(body), *(f"{slot} = np.empty((), dtype)" for slot in slots.values())]
        head = _head("def _step", [*sizes, "dtype"])
        return FunctionView(
            head,
            "",
            _code([*([] if setup else [""]), *_paragraphs(setup, calculate, inner, ["return bind"])]),
            sizes=sizes,
            copies=not all(ALWAYS_A_VIEW.fullmatch(b.source) for b in body.views),
        )

    def _calculate(self, body: Body, arguments: Sequence[str], wanted: Mapping[str, str]) -> list[str]:
        """A function of the numbers and functions that a step of numbers is taken with; `wanted` have names."""
        values = ", ".join(body.results.get(tensor, name) for tensor, name in wanted.items())
        about = '"""The loss and the gradients, with these functions of numbers."""'
        return [_head("def calculate", arguments), *_indented([about, *_blocks(body, WIDTH - 8), f"return {values}"])]

    def step_body(self, step: Differentiated, objective: str, next_state: Mapping[str, str]) -> Body:
        """The setup and the blocks of a step."""
        kept = (objective, *(adjoint for _, adjoint in step.gradients), *next_state.values())
        return self._body(step.program, kept, often=True, like=step_orders(step, kept))

    def step_footprint(self, step: Differentiated, objective: str, next_state: Mapping[str, str]) -> Footprint:
        """The memory of a step: of its body, and of gradients without dimensions."""
        found = self.step_body(step, objective, next_state).footprint
        tensors = step.program.tensors
        copies = [
            Made.of(tensors[name].extents, "int" if tensors[name].integer else "real") for name in next_state.values()
        ]
        return replace(found, held=(*found.held, *(Made.of((), "real") for _ in self._slots(step)), *copies))

    def _slots(self, step: Differentiated) -> dict[str, str]:
        """The arrays of the workspace for gradients without dimensions."""
        tensors = {adjoint: step.program.tensors.get(adjoint) for _, adjoint in step.gradients}
        wanted = [name for name, tensor in tensors.items() if tensor is not None and not tensor.extents]
        slots: dict[str, str] = {}
        for adjoint in wanted:
            name = f"{self.names[adjoint]}_out"
            slots[adjoint] = name if name not in self.names.values() else f"{name}_out"
        return slots

    def _returns(
        self,
        step: Differentiated,
        body: Body,
        objective: str,
        next_state: Mapping[str, str],
        slots: Mapping[str, str],
    ) -> list[Item]:
        values = self._values(step.program, body)
        gradients = self._gradients(step.program, body, step.gradients, "", slots)
        parts: list[Item] = [f"float({values[objective]})", gradients]
        if next_state:
            rows = [(name, self._own(step.program, values[t], t, True)) for name, t in next_state.items()]
            parts.append(dictionary(rows))
        return parts

    def loss_and_grad(self, step: Differentiated, arguments: Arguments, sizes: Sequence[str]) -> FunctionView:
        """`loss_and_grad`: checks, and a call of what `_step` makes."""
        prepared = call("workspace.prepare", ["params", *sizes, "dtype"])
        lines = [
            "if workspace is None:",
            "    workspace = Workspace()",
            f"if not {call('workspace.fits', arguments.formals)}:",
            *_indented(_fit([*arguments.checks(step.program), str(prepared)], WIDTH - 8)),
            *_laid(call("return workspace.run", arguments.moving)),
        ]
        last = ("workspace", "a Workspace, whose arrays are used again; None makes fresh ones")
        head = _head("def loss_and_grad", [*arguments.formals, "*", *arguments.keywords, "workspace=None"])
        return FunctionView(head, _code(arguments.description(last=[last])), _code(lines))

    def predict(self, program: Program, arguments: Arguments, outputs: Sequence[str]) -> FunctionView:
        """`predict`: the outputs in inference mode."""
        body = self._body(program, outputs)
        values = self._values(program, body)
        rows = [(name, self._own(program, values[name], name, False)) for name in outputs]
        return self._function("predict", arguments, program, body, _laid(dictionary(rows, "return ")))

    def evaluate(self, program: Program, arguments: Arguments, rows: Sequence[tuple[str, str]]) -> FunctionView:
        """`evaluate`: the loss and the metrics, by key and tensor, as floats."""
        body = self._body(program, [tensor for _, tensor in rows])
        values = self._values(program, body)
        shown = [(key, f"float({values[tensor]})") for key, tensor in rows]
        return self._function("evaluate", arguments, program, body, _laid(dictionary(shown, "return ")))

    # --- parts of functions ---

    def _body(
        self, program: Program, keep: Iterable[str], *, often: bool = False, like: Mapping[str, Order] | None = None
    ) -> Body:
        return function_body(
            program,
            names=self.names,
            keep=written(program, keep),
            reserved=RESERVED | {"state"},
            formulas=_formulas(program),
            often=often,
            like=like,
        )

    def _values(self, program: Program, body: Body) -> dict[str, str]:
        """Tensor to the expression that holds it: a result of the body, or what the function was given."""
        return {name: body.results.get(name, self.names[name]) for name in program.tensors}

    def _function(
        self,
        name: str,
        arguments: Arguments,
        program: Program,
        body: Body,
        result: list[str],
        own: Own | None = None,
    ) -> FunctionView:
        read = tensors_read(program) | set(program.results)
        bound = [*(own.lines if own else ()), *arguments.drawn(read)]
        bound += [*arguments.bindings(read), *arguments.bindings(read, "state", "state")]
        keywords = ["*", *arguments.keywords] if arguments.keywords else []
        used = _text(body, [*bound, *result])
        checks = unused_removed(arguments.checks(program), used, self._removable(arguments))
        return FunctionView(
            head=_head(f"def {name}", [*arguments.formals, *([own.formal] if own else []), *keywords]),
            arguments=_code(arguments.description([(own.formal, own.description)] if own else [])),
            code=_code(_paragraphs(_fit([*checks, *bound]), *_inline(body), result)),
            quiet=body.quiet,
        )

    def _removable(self, arguments: Arguments) -> list[str]:
        given = [d.name for d in arguments.inputs]
        return ["dtype", *map(self._name, (*arguments.network.sizes, *given))]

    def _name(self, spec_name: str) -> str:
        return self.names.get(spec_name, spec_name)

    def _own(self, program: Program, source: str, tensor: str, shared: bool) -> str:
        """A result as an array that nothing else refers to."""
        declared = program.tensors[tensor]
        if not declared.extents:
            return f"np.array({source})" if declared.integer else f"np.array({source}, dtype)"
        return f"{source}.copy()" if shared or tensor not in program.writers else source

    def _gradients(
        self,
        program: Program,
        body: Body,
        gradients: Sequence[tuple[str, str]],
        head: str = "return ",
        slots: Mapping[str, str] = MappingProxyType({}),
    ) -> Group:
        values = self._values(program, body)
        seen: set[str] = set()
        rows = []
        for name, adjoint in gradients:
            shared = adjoint in seen
            slot = slots.get(adjoint, "") + (".copy()" if shared else "")
            own = slot if adjoint in slots else self._gradient(program, values, name, adjoint, shared)
            rows.append((name, own))
            seen.add(adjoint)
        return dictionary(rows, head)

    def _gradient(self, program: Program, values: Mapping[str, str], name: str, adjoint: str, shared: bool) -> str:
        if adjoint not in program.tensors:
            shape = shape_source(program.tensors[name].extents, self.names)
            return f"np.zeros({shape}, dtype)"
        return self._own(program, values[adjoint], adjoint, shared)

    def _saved_sizes(self, pull: Differentiated, arguments: Arguments) -> list[str]:
        """Sizes are saved as well, and the dtype where no parameter tells it."""
        return [*([] if arguments.params else ["dtype"]), *map(self._name, pull.program.sizes)]

    def _upstream(self, pull: Differentiated, outputs: Sequence[tuple[str, str]]) -> list[str]:
        seeds = dict(pull.seeds)
        keys = [key for key, tensor in outputs if tensor in seeds]
        lines = _laid(call("_check_keys", ['"grad_outputs"', "grad_outputs", str(_tuple("", map(quoted, keys)))]))
        for tensor, seed in seeds.items():
            if seed not in tensors_read(pull.program) and seed not in {adjoint for _, adjoint in pull.gradients}:
                continue
            shape = shape_source(pull.program.tensors[tensor].extents, self.names)
            given = [f"_upstream({quoted(key)}, grad_outputs, {shape}, dtype)" for key, t in outputs if t == tensor]
            lines.append(f"{self.names[seed]} = {' + '.join(given)}")
        return lines


# --- lines -----------------------------------------------------------------------------------------


def _laid(item: Item) -> list[str]:
    """Lines of the body of a function, which are indented by four columns later."""
    return lay_out(item, width=WIDTH - 4)


def _formulas(program: Program) -> Callable[[Statement], str]:
    """What stands above a statement. One that runs a second time says so, and has the formula of the first time."""
    first = {name: tensor.again for name, tensor in program.tensors.items() if tensor.again}

    def formula(s: Statement) -> str:
        shown = show_statement(s.renamed(first), program.tensors, adds=len(program.writers[s.target.tensor]) > 1)
        return f"{AGAIN}{shown}" if s.target.tensor in first else shown

    return formula


def _head(name: str, formals: Sequence[str]) -> str:
    return "\n".join(lay_out(call(name, list(formals), "):")))


def _tuple(head: str, items: Iterable[str]) -> Group:
    return Group(head + "(", tuple(items), ")")


def _targets(names: Sequence[str], source: str) -> Item:
    if len(names) > 1 and len(", ".join(names)) + len(source) < 90:
        return f"{', '.join(names)} = {source}"
    return Group("(", tuple(names), f") = {source}")


def _returned(parts: Sequence[Item]) -> list[str]:
    line = f"return {', '.join(map(str, parts))}"
    width = WIDTH - 12
    return [line] if len(line) <= width else lay_out(Group("return (", tuple(parts), ")", exploded=True), width=width)


def _setup(body: Body) -> list[str]:
    lines = [f"{b.name} = {b.source}" + (f"  # {b.note}" if b.note else "") for b in body.setup]
    return _fit(lines)


def _fit(lines: Iterable[str], width: int = WIDTH - 4) -> list[str]:
    return [line for long in lines for line in fitted(long, width)]


def _blocks(body: Body, width: int = WIDTH - 4) -> list[str]:
    lines = []
    for block in body.blocks:
        own = [line for text in block.formula for line in comment(text, width - 4 * block.indent)]
        own += _fit(block.lines, width - 4 * block.indent)
        lines += ["    " * block.indent + line for line in own]
    return lines


def _fits(arguments: Arguments) -> list[str]:
    """The function that tells whether arrays need no check, since they are like those of the last call."""
    conditions = arguments.fits()
    text = f"return {' and '.join(conditions)}"
    if len(text) > WIDTH - 16:
        rest = [f"    and {condition}" for condition in conditions[1:]]
        lines = ["return (", f"    {conditions[0]}", *rest, ")"]
    else:
        lines = [text]
    return [
        _head("def fits", arguments.formals),
        '    """Whether these are the parameters of the last call, and inputs like those."""',
        "    try:",
        *_indented(_indented(lines)),
        "    except (AttributeError, KeyError, TypeError):",
        "        return False",
    ]


def _inline(body: Body) -> tuple[list[str], list[str]]:
    return _setup(body), _blocks(body)


def _paragraphs(*parts: list[str]) -> list[str]:
    """Lists of lines with an empty line between them; empty lists are left out."""
    lines: list[str] = []
    for part in parts:
        lines += [*([""] if lines and part else []), *part]
    return lines


def _text(body: Body, lines: Iterable[str]) -> str:
    return "\n".join([*_setup(body), *_blocks(body), *lines])


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"    {line}" if line else "" for line in lines]


def _code(lines: Iterable[str]) -> str:
    return "\n".join(_indented(lines))
