"""The driver: every stage from the text of a spec to the source of a module, one line each. Read this first.

text --parse--> Spec --resolve--> Network --lower--> Program --stabilise, differentiate, simplify, share--> Program
     --plan, emit--> source --check--> the gradient error, written into the source
"""

from __future__ import annotations

import gc
import linecache
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from symnet.errors import CheckError, Source, SpecError
from symnet.files import MOST_TEXT, read_text, write_atomically
from symnet.language.examples import example_sizes
from symnet.language.library import load_library
from symnet.language.network import Network
from symnet.language.parse import parse
from symnet.language.resolve import resolve
from symnet.language.tree import Spec
from symnet.markup import escape, listing

if TYPE_CHECKING:
    from symnet.check_report import Report

Constants = Mapping[str, Fraction | int | tuple[Fraction | int, ...]]
Progress = Callable[[str], None]


# --- text to network -------------------------------------------------------------------------------


def load(spec: str | Path) -> Spec:
    """Read a spec: a path, or the text itself where it has more than one line.

    UsageError where there is no such file, SpecError with every mistake of syntax.
    """
    if isinstance(spec, Path) or "\n" not in spec:
        return parse(read_source(spec))
    return parse(Source("<text>", spec))


def read_source(path: str | Path) -> Source:
    """The text of a file. UsageError where it cannot be read, is no text or is longer than a spec may be."""
    return Source(str(path), read_text(path, MOST_TEXT))


def network(
    spec: Spec, *, training: bool = True, constants: Constants | None = None, library: Sequence[Source] = ()
) -> Network:
    """The network of a spec, for training or for inference."""
    net = resolve(spec, training=training, constants=constants or {}, library=load_library(library))
    return replace(net, examples=example_sizes(net))


def purposeful(net: Network) -> Network:
    """The network itself; SpecError where nothing of it is wanted."""
    if net.outputs or net.metrics or net.objective:
        return net
    raise SpecError(
        f"{net.source.name}: there is nothing to calculate",
        hint="say what is wanted with `output`, `metric` or `minimize`",
    )


# --- network to module -----------------------------------------------------------------------------


@dataclass
class Compiled:
    """What `compile` gives: the source of a module, and what was found out about it.

    source   the text of the module
    report   the gradient check, None where it was not run or there is nothing to check
    network  the network in training mode
    further  the derivatives that were asked for besides
    """

    source: str
    report: Report | None
    network: Network
    further: Sequence[str] = ()

    @cached_property
    def module(self) -> ModuleType:
        """The module, imported."""
        return imported(self.source, self.network.name)

    def check(self, **options: Any) -> Report:
        """Check the gradients, again or for the first time. `options` are those of `symnet.check.check_module`."""
        from symnet.check_network import check_network

        return check_network(self.network, self.module, self._build, **options)

    def _build(self, net: Network) -> ModuleType:
        return module_of(net, self.further if net.objective else ())

    def _repr_html_(self) -> str:
        proof = "" if self.report is None else self.report._repr_html_()
        lines = self.source.count("\n")
        head = f"{escape(self.network.name)}: a module of {lines:,} lines"
        code = listing("", self.source)
        return f"<div><b>{head}</b></div>{proof}<details><summary>the module</summary>{code}</details>"

    def save(self, path: str | Path) -> Path:
        """Write the source to a file, whole or not at all. UsageError where that cannot be done."""
        write_atomically(path, lambda stream: stream.write(self.source.encode()))
        return Path(path)


def compile_spec(
    spec: Spec,
    *,
    check: bool = True,
    constants: Constants | None = None,
    library: Sequence[Source] = (),
    further: Sequence[str] = (),
    memory: int | str | None = None,
    sizes: Mapping[str, int] | None = None,
    progress: Progress = lambda stage: None,
) -> Compiled:
    """Source code for a spec, its gradients compared with finite differences unless `check` is False.

    `further` names derivatives that the module is to have besides: `hvp`, `hessian:W`; see `passes/derivatives.py`.
    `memory` is the most that a training step may take, as `planning/budget.py` reads it: 64MB, at `sizes`.
    SpecError for a mistake in the spec; CheckError, with the table of the check, where the gradients are wrong.
    """
    with few_collections():
        return _compiled(spec, check, constants, library, further, (memory, sizes), progress)


def _compiled(
    spec: Spec,
    check: bool,
    constants: Constants | None,
    library: Sequence[Source],
    further: Sequence[str],
    memory: tuple[int | str | None, Mapping[str, int] | None],
    progress: Progress,
) -> Compiled:
    from symnet.backends.numpy.footprint import step_budget
    from symnet.backends.numpy.module import emit, with_check
    from symnet.passes.derivatives import derivatives
    from symnet.passes.pipeline import bundle

    progress("resolving")
    training = purposeful(network(spec, constants=constants, library=library))
    inference = network(spec, training=False, constants=constants, library=library)
    budget = None if memory[0] is None else step_budget(memory[0], training, memory[1])
    progress("differentiating")
    programs = bundle(training, inference, derivatives=derivatives(training, further), budget=budget)
    progress("emitting")
    source = emit(programs, gradient_error=None)
    if not check or not programs.pull.gradients:
        return Compiled(source, None, training, further)
    progress("checking")
    report = Compiled(source, None, training, further).check()
    if not report.ok:
        raise CheckError(f"the gradients of {training.name!r} disagree with finite differences\n{report}")
    return Compiled(with_check(source, report.bound), report, training, further)


@contextmanager
def few_collections() -> Iterator[None]:
    """Python looks for garbage in circles less often: programs are large, live long and hold none to speak of.

    What is old is not looked through at all: it is the most of a large program, and it stays.
    """
    before = gc.get_threshold()
    gc.set_threshold(max(before[0], 100_000) if before[0] else 0, 1_000, 1_000)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def module_of(net: Network, further: Sequence[str] = ()) -> ModuleType:
    """The module of a network that is the same in both modes: for what is checked, and not for users."""
    from symnet.backends.numpy.module import emit
    from symnet.passes.derivatives import derivatives
    from symnet.passes.pipeline import bundle

    return imported(emit(bundle(net, net, derivatives=derivatives(net, further)), gradient_error=None), net.name)


def imported(source: str, name: str) -> ModuleType:
    """A module made from its source, outside of `sys.modules`."""
    module = ModuleType(name or "module")
    filename = f"<symnet {name}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    exec(compile(source, filename, "exec"), module.__dict__)
    return module
