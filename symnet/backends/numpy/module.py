"""Bundle to the source of a standalone NumPy module: fills in `templates/numpy/module.py.jinja`.

Everything arrives at the template printed, in frozen views; the template holds the order of things and the words.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from symnet.backends import templates
from symnet.backends.numpy.arguments import Arguments, declared, needed_inputs, used_randoms
from symnet.backends.numpy.derivatives import DerivativeFunctions, DerivativeView
from symnet.backends.numpy.formulas import wrapped
from symnet.backends.numpy.functions import FunctionView
from symnet.backends.numpy.halves import calculated_again
from symnet.backends.numpy.helpers import helper_sources
from symnet.backends.numpy.layout import WIDTH, Item, dictionary, lay_out, quoted
from symnet.backends.numpy.names import identifiers
from symnet.backends.numpy.noise import PASSED, DrawView, draw_view, random_tensors
from symnet.backends.numpy.samplers import sample_source, sampler_row
from symnet.backends.numpy.update import UpdateView, update_view
from symnet.errors import UnsupportedError
from symnet.ir.bundle import Bundle, Shards
from symnet.ir.program import Program
from symnet.ir.show import show_statement
from symnet.language.extents import Extent
from symnet.language.network import Network, TensorDecl
from symnet.version import __version__

NOT_CHECKED = "The gradients of this file have not been checked against differences."


@dataclass(frozen=True, slots=True)
class HeadView:
    """What the docstring of the module says."""

    name: str
    equations: tuple[str, ...]
    check: str
    again: tuple[str, ...]
    made: tuple[str, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class InitView:
    """Initial values of a table of arrays, one `"name": expression` each, laid out."""

    values: str
    draws: bool


@dataclass(frozen=True, slots=True)
class LossView:
    """The formals of `loss`, and what it passes on to `forward`."""

    formals: str
    passed: str


@dataclass(frozen=True, slots=True)
class ModuleView:
    """All that the template fills in. A function that the network has no use for is None."""

    head: HeadView
    tables: str
    init: InitView
    init_state: InitView | None
    draw: DrawView | None
    forward: FunctionView
    backward: FunctionView
    loss: LossView | None
    loss_key: str
    loss_and_grad: FunctionView | None
    step: FunctionView | None
    predict: FunctionView
    evaluate: FunctionView | None
    update: UpdateView | None
    derivatives: tuple[DerivativeView, ...]
    trained: str
    frozen: bool
    parameter_count: int


def emit(bundle: Bundle, *, gradient_error: str | None) -> str:
    """The source of the module.

    `gradient_error` bounds the relative error that the gradient check found, as text; None where there was no check.
    UnsupportedError if the network has something that cannot be emitted yet.
    """
    view = _view(bundle, gradient_error)
    body = templates.environment("numpy").get_template("module.py.jinja").render(module=view)
    helpers, imports = helper_sources(body)
    body = body.replace("import numpy as np\n", "".join(f"{line}\n" for line in imports), 1)
    return "\n\n\n".join([body.rstrip("\n"), *helpers]) + "\n"


def with_check(source: str, gradient_error: str) -> str:
    """The source of a module that was emitted without a check, now with its result."""
    return source.replace(NOT_CHECKED, _checked(gradient_error), 1)


# --- the views -------------------------------------------------------------------------------------


def _view(bundle: Bundle, gradient_error: str | None) -> ModuleView:
    training, inference = bundle.training, bundle.inference
    _refuse_unsupported(training)
    names = identifiers(_all_names(bundle))
    functions = DerivativeFunctions(names)
    outputs = _outputs(training)
    randoms = random_tensors((training, inference))
    both = Arguments(training, declared(training, "input"), names, randoms if declared(training, "random") else ())
    evaluated = _evaluated(inference)
    step = plan = None
    if bundle.step is not None and training.objective is not None:
        plan = functions.step(bundle.step, both, training.objective)
        step = functions.loss_and_grad(bundle.step, both, plan.sizes)
    drawn = used_randoms(bundle.predict, randoms)
    predicting = Arguments(inference, needed_inputs(inference, bundle.predict, drawn), names, drawn)
    evaluating = Arguments(inference, declared(inference, "input"), names, used_randoms(bundle.evaluate, randoms))
    frozen = any(d.frozen for d in declared(training, "param"))
    return ModuleView(
        head=_head(bundle, gradient_error),
        tables="\n".join(_tables(bundle, names)),
        init=_init(declared(training, "param"), names),
        init_state=_init(declared(training, "state"), names) if declared(training, "state") else None,
        draw=draw_view(randoms, training.sizes, names) if randoms else None,
        forward=functions.forward(bundle.pull, both, outputs),
        backward=functions.backward(bundle.pull, both, outputs),
        loss=_loss(both) if training.objective is not None else None,
        loss_key=next((key for key, tensor in reversed(outputs) if tensor == training.objective), ""),
        loss_and_grad=step,
        step=plan,
        predict=functions.predict(bundle.predict, predicting, inference.outputs),
        evaluate=functions.evaluate(bundle.evaluate, evaluating, evaluated) if evaluated else None,
        update=update_view(bundle.update) if bundle.update is not None else None,
        derivatives=functions.views(bundle.derivatives, both, outputs),
        trained="TRAINED" if frozen else "PARAMETERS",
        frozen=frozen,
        parameter_count=sum(math.prod(_lengths(d)) for d in declared(training, "param")),
    )


def _refuse_unsupported(network: Network) -> None:
    for d in network.tensors.values():
        if d.role in ("param", "state") and any(extent.constant is None for extent in d.extents):
            size = next(size for extent in d.extents for size in extent.sizes)
            hint = "give the size a number, with `const` or --set"
            raise UnsupportedError(
                f"the shape of {d.role} {d.name!r} depends on {size!r}, which is known only at run time",
                d.place,
                hint=hint,
            )


def _all_names(bundle: Bundle) -> Iterable[str]:
    programs: list[Program] = [bundle.step.program] if bundle.step is not None else []
    programs += [bundle.pull.program, bundle.predict, bundle.evaluate]
    programs += [d.program for d in bundle.derivatives]
    for network in (bundle.training, bundle.inference):
        yield from network.sizes
        yield from (name for name, d in network.tensors.items() if d.role != "value")
    for program in programs:
        yield from program.tensors


def _loss(arguments: Arguments) -> LossView:
    formals, passed = [*arguments.formals], [*arguments.formals]
    if arguments.keywords:
        formals += ["*", *arguments.keywords]
        passed += PASSED
    return LossView(", ".join(formals), ", ".join(passed))


def _outputs(network: Network) -> tuple[tuple[str, str], ...]:
    """Key and tensor of what `forward` returns: the outputs, and the loss under "loss"."""
    rows = [(name, name) for name in network.outputs]
    if network.objective is not None and "loss" not in network.outputs:
        rows.append(("loss", network.objective))
    elif network.objective not in (None, "loss") and network.objective is not None:
        rows.append(("objective", network.objective))
    return tuple(rows)


def _evaluated(network: Network) -> tuple[tuple[str, str], ...]:
    metrics = tuple(network.metrics)
    if network.objective is None:
        return metrics
    key = "objective" if any(name == "loss" for name, _ in metrics) else "loss"
    return ((key, network.objective), *metrics)


def _lengths(d: TensorDecl) -> list[int]:
    return [extent.constant or 0 for extent in d.extents]


# --- docstring, tables, initial values -------------------------------------------------------------


def _head(bundle: Bundle, gradient_error: str | None) -> HeadView:
    options = "".join(f"{name} = {value}, " for name, value in bundle.options.items())
    made = f"Made by symnet {__version__}, {options and 'with '}{options}from a spec with the SHA-256 sum"
    return HeadView(
        name=bundle.training.name,
        equations=tuple(_equations(bundle)),
        check=NOT_CHECKED if gradient_error is None else _checked(gradient_error),
        again=tuple(_again(bundle)),
        made=tuple(wrapped(_printable(made), WIDTH, "", "")),
        digest=bundle.digest,
    )


def _checked(gradient_error: str) -> str:
    return f"Gradients checked against central differences: relative error at most {_printable(gradient_error)}."


def _again(bundle: Bundle) -> list[str]:
    """What the backward half calculates a second time: in loss_and_grad, where there is one."""
    names = calculated_again(bundle.step or bundle.pull)
    if not names:
        return []
    return wrapped(_printable(f"Calculated again on the way back, to save memory: {', '.join(names)}."), WIDTH, "", "")


def _equations(bundle: Bundle) -> list[str]:
    """The spec without its comments, which may hold anything; or the statements, where there is no text."""
    lines = [_printable(line.partition("#")[0].rstrip()) for line in bundle.training.source.text.splitlines()]
    kept = [line for line, before in zip(lines, ["", *lines], strict=False) if line or before]
    while kept and not kept[-1]:
        kept.pop()
    if kept:
        return [part for line in kept for part in _docstring_lines(line)]
    program = bundle.pull.program
    statements = program.statements[: bundle.pull.forward]
    return [part for s in statements for part in _docstring_lines(_printable(show_statement(s, program.tensors)))]


def _docstring_lines(line: str) -> list[str]:
    margin = line[: len(line) - len(line.lstrip())]
    return wrapped(line.lstrip(), WIDTH - 4, margin, margin + "    ")


def _printable(text: str) -> str:
    """Text that may stand in a docstring: printable ASCII without quotes or backslashes, else a question mark."""
    return re.sub(r'[^ -~]|["\\]', "?", text)


def _tables(bundle: Bundle, names: Mapping[str, str]) -> Iterable[str]:
    network = bundle.training
    outputs = {name: network.tensors[name] for name in network.outputs}
    tables = {
        "PARAMETERS": [_row(d, d.name) for d in declared(network, "param")],
        "INPUTS": [_row(d, names[d.name]) for d in declared(network, "input")],
        "OUTPUTS": [_row(d, d.name) for d in outputs.values()],
        "STATE": [_row(d, d.name) for d in declared(network, "state")],
    }
    randoms = random_tensors((network, bundle.inference))
    if randoms:
        tables["RANDOM"] = [_row(d, d.name) for d in randoms]
    for title, rows in tables.items():
        yield from lay_out(dictionary(rows, f"{title} = ", exploded=bool(rows)))
    metrics = [quoted(name) for name, _ in network.metrics]
    yield f"METRICS = ({', '.join(metrics)}{',' if len(metrics) == 1 else ''})"
    sizes = [(name, str(network.examples.get(name))) for name in network.sizes]
    yield from lay_out(dictionary(sizes, "SIZES = "))
    if network.objective is not None:
        yield from _batch(bundle.shards)
    if any(d.frozen for d in declared(network, "param")):
        yield 'TRAINED = {name: row for name, row in PARAMETERS.items() if not row.get("frozen")}'


def _batch(shards: Shards | None) -> list[str]:
    """How a batch may be cut: proved, or None."""
    if shards is None:
        return ["BATCH = None"]
    rows: list[tuple[str, Item]] = [("size", quoted(shards.size))]
    for key, places in (("inputs", shards.inputs), ("noise", shards.noise)):
        if places or key == "inputs":
            rows.append((key, dictionary([(name, str(k)) for name, k in places])))
    return lay_out(dictionary([*rows, ("loss", quoted(shards.loss))], "BATCH = "))


def _row(d: TensorDecl, argument: str) -> tuple[str, Item]:
    shape = ", ".join(_extent(extent) for extent in d.extents)
    fields: list[tuple[str, Item]] = [
        ("shape", f"({shape}{',' if len(d.extents) == 1 else ''})"),
        ("kind", '"integer"' if d.integer else '"real"'),
    ]
    if d.bound is not None:
        fields.append(("bound", _extent(d.bound)))
    if d.sampler is not None and d.role in ("input", "random"):
        fields.append(("sampler", sampler_row(d.sampler)))
    if d.frozen:
        fields.append(("frozen", "True"))
    if argument != d.name:
        fields.append(("argument", quoted(argument)))
    return d.name, dictionary(fields)


def _extent(extent: Extent) -> str:
    return quoted(str(extent)) if extent.constant is None else str(extent.constant)


def _init(declarations: Iterable[TensorDecl], names: Mapping[str, str]) -> InitView:
    rows: list[tuple[str, Item]] = []
    for d in declarations:
        shape = f"({', '.join(map(str, _lengths(d)))}{',' if len(d.extents) == 1 else ''})"
        rows.append((d.name, sample_source(d.sampler, shape, names) if d.sampler else f"np.zeros({shape})"))
    lines = lay_out(dictionary(rows, "values = ", exploded=bool(rows)), width=96)
    text = "\n".join(f"    {line}" for line in lines)
    return InitView(text, draws="rng" in text)
