"""symnet: differentiate tensor equations and turn them into readable NumPy modules.

    spec = symnet.load("examples/digits_mlp.sym")
    print(symnet.gradients(spec)["h.W"])
    compiled = symnet.compile(spec)
    compiled.save("digits.py")

The verbs are below, one line each but for their words; each imports what it needs when it is called. Where a verb takes
a spec it takes what `load` returned, a path, the text itself, or a `Builder`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from symnet.errors import CheckError, Source, SpecError, SymnetError, UnsupportedError, UsageError
from symnet.version import __version__

if TYPE_CHECKING:
    from fractions import Fraction

    from symnet.check_report import Report
    from symnet.compile import Compiled
    from symnet.data import Data
    from symnet.gradients import Gradients
    from symnet.hessians import Hessians
    from symnet.language.build import Builder, indices, padded, reduction
    from symnet.language.network import Network
    from symnet.language.tree import Spec
    from symnet.paper import Paper
    from symnet.profile import Profile
    from symnet.report import Page
    from symnet.report.draw import Drawing
    from symnet.stability import Certificate
    from symnet.summary import Summary
    from symnet.trace import Trace
    from symnet.train import Result

    SpecLike = Spec | Builder | str | Path
    Constants = Mapping[str, Fraction | int | tuple[Fraction | int, ...]]

__all__ = [
    "Builder",
    "CheckError",
    "SpecError",
    "SymnetError",
    "UnsupportedError",
    "UsageError",
    "__version__",
    "check",
    "compile",
    "draw",
    "gradients",
    "hessians",
    "indices",
    "interpret",
    "load",
    "network",
    "padded",
    "profile",
    "paper",
    "reduction",
    "report",
    "show",
    "stability",
    "summary",
    "trace",
    "train",
]


def load(spec: str | Path) -> Spec:
    """Read a spec: a path, or the text itself where it has more than one line.

    UsageError where the file cannot be read, SpecError for mistakes of syntax.
    """
    from symnet.compile import load

    return load(spec)


def network(
    spec: SpecLike, *, training: bool = True, constants: Constants | None = None, library: Sequence[Source] = ()
) -> Network:
    """The network of a spec: its names looked up, its layers expanded, its extents known. SpecError for mistakes."""
    from symnet.compile import network

    return network(_spec(spec), training=training, constants=constants, library=library)


def compile(
    spec: SpecLike,
    *,
    check: bool = True,
    constants: Constants | None = None,
    library: Sequence[Source] = (),
    further: Sequence[str] = (),
    memory: int | str | None = None,
    sizes: Mapping[str, int] | None = None,
) -> Compiled:
    """Compile a spec into a NumPy module, and prove its gradients unless `check` is False.

    `constants` gives `const`s other values, `library` holds more definitions. `further` names derivatives that the
    module is to have besides: jvp, hvp, hessian, hessian:W, diagonal, diagonal:W, per_example. With `memory`, such as
    64MB, 1.5GiB, a number of bytes or "least", values are calculated twice instead of kept until a training step takes
    no more in float32, at these `sizes` or the spec's examples. The result has `.source`, `.module`, `.report` and
    `.save(path)`. SpecError for a mistake in the spec, CheckError for gradients that are wrong, UsageError for a budget
    that cannot be reached.
    """
    from symnet.compile import compile_spec

    return compile_spec(
        _spec(spec), check=check, constants=constants, library=library, further=further, memory=memory, sizes=sizes
    )


def gradients(
    spec: SpecLike,
    wrt: Iterable[str] | None = None,
    *,
    constants: Constants | None = None,
    library: Sequence[Source] = (),
) -> Gradients:
    """The gradients of the loss as formulas, by the name of the tensor; of `wrt`, or of every parameter."""
    from symnet.gradients import gradients

    return gradients(network(spec, constants=constants, library=library), wrt)


def hessians(
    spec: SpecLike,
    wrt: Iterable[str] | None = None,
    *,
    constants: Constants | None = None,
    library: Sequence[Source] = (),
) -> Hessians:
    """The second derivatives of the loss as formulas, by (rows, columns): of all pairs of `wrt`, or of every parameter
    with itself."""
    from symnet.hessians import hessians

    return hessians(network(spec, constants=constants, library=library), wrt)


def paper(spec: SpecLike, *, constants: Constants | None = None, library: Sequence[Source] = ()) -> Paper:
    """The derivation of the gradients as a document: `.latex()`, `.markdown()`, `.save("gradients.tex")`."""
    from symnet.paper import paper

    return paper(network(spec, constants=constants, library=library))


def check(
    spec: SpecLike | ModuleType,
    *,
    constants: Constants | None = None,
    library: Sequence[Source] = (),
    **options: Any,
) -> Report:
    """Compare the gradients of a module, or of a spec's, with finite differences.

    `options` are those of `symnet.check.check_module`: `seed`, `sizes`, `tolerance`, `entries`.
    """
    from symnet.check import check_module

    if isinstance(spec, ModuleType):
        return check_module(spec, **options)
    return compile(spec, check=False, constants=constants, library=library).check(**options)


def show(
    spec: SpecLike,
    after: str | None = None,
    *,
    constants: Constants | None = None,
    library: Sequence[Source] = (),
) -> str:
    """The program of a spec after a pass (the last one if not said), as text. UsageError for an unknown pass."""
    from symnet.compile import purposeful
    from symnet.errors import nearest
    from symnet.ir.show import show
    from symnet.passes.pipeline import stages

    programs = stages(purposeful(network(spec, constants=constants, library=library)))
    chosen = list(programs)[-1] if after is None else after
    if chosen not in programs:
        hint = nearest(chosen, programs)
        raise UsageError(f"there is no pass {chosen!r}; the passes are {', '.join(programs)}", hint=hint)
    return show(programs[chosen])


def trace(
    spec: SpecLike,
    values: Mapping[str, Any] | None = None,
    *,
    scalars: bool = False,
    constants: Constants | None = None,
    library: Sequence[Source] = (),
) -> Trace:
    """Forward and backward pass with numbers, node by node; with `scalars`, every index unrolled."""
    from symnet.trace import trace

    return trace(network(spec, constants=constants, library=library), values or {}, scalars=scalars)


def summary(
    spec: SpecLike,
    *,
    memory: int | str | None = None,
    sizes: Mapping[str, int] | None = None,
    constants: Constants | None = None,
    library: Sequence[Source] = (),
) -> Summary:
    """Shapes, parameters, operations and bytes of a network; with `memory`, what is traded for it, as in `compile`.

    Its `peak` is the memory of a training step: `peak.value({"N": 32})` bytes in float32.
    """
    from symnet.summary import summary

    return summary(network(spec, constants=constants, library=library), memory=memory, sizes=sizes)


def profile(
    spec: SpecLike,
    *,
    sizes: Mapping[str, int] | None = None,
    dtype: str = "float32",
    calls: int = 100,
    memory: int | str | None = None,
    constants: Constants | None = None,
    library: Sequence[Source] = (),
) -> Profile:
    """Time, operations and bytes of each statement of the training step, with its formula; `memory` as in `compile`."""
    from symnet.profile import profile

    compiled = compile(spec, check=False, constants=constants, library=library, memory=memory, sizes=sizes)
    return profile(compiled, sizes=sizes, dtype=dtype, calls=calls)


def draw(
    spec: SpecLike,
    values: Mapping[str, Any] | None = None,
    *,
    scalars: bool = False,
    open: bool | None = None,
    constants: Constants | None = None,
    library: Sequence[Source] = (),
) -> Drawing:
    """The graph of a network as a picture, with layers open or closed, or unrolled to operations on numbers.

    The result has `.svg()`, `.dot()`, `.png()` and `.save(path)`.
    """
    from symnet.compile import purposeful
    from symnet.report.draw import draw

    return draw(purposeful(network(spec, constants=constants, library=library)), values, scalars=scalars, open=open)


def report(
    spec: SpecLike,
    values: Mapping[str, Any] | None = None,
    *,
    check: bool = True,
    constants: Constants | None = None,
    library: Sequence[Source] = (),
) -> Page:
    """A page to look at: graph, player, formulas, code, check and cost in one HTML file.

    `values` are those of `trace`. The result has `.html`, `.data` and `.save(path)`.
    """
    from symnet.compile import compile_spec
    from symnet.report import report

    loaded = _spec(spec)

    def emit() -> Compiled:
        return compile_spec(loaded, check=check, constants=constants, library=library)

    return report(network(loaded, constants=constants, library=library), emit, values)


def stability(spec: SpecLike, *, constants: Constants | None = None, library: Sequence[Source] = ()) -> Certificate:
    """What guards the delicate operations of a network, and its results against 50 digits at hostile points."""
    from symnet.compile import module_of, purposeful
    from symnet.stability import stability

    return stability(purposeful(network(spec, constants=constants, library=library)), module_of)


def interpret(program: Any, values: Mapping[str, Any], sizes: Mapping[str, int] | None = None) -> dict[str, Any]:
    """What a program means, element by element: slow, and what everything else has to agree with."""
    from symnet.ir.interpret import interpret

    return interpret(program, values, sizes)


def train(spec: SpecLike | ModuleType, data: Data | Mapping[str, Any] | str, **settings: Any) -> Result:
    """Train a module, or the one that a spec compiles to. See `symnet.train.train`."""
    from symnet.train import train

    return train(_module(spec), data, **settings)


def _spec(spec: SpecLike) -> Spec:
    from symnet.language.build import Builder

    if isinstance(spec, str | Path):
        return load(spec)
    return spec.spec() if isinstance(spec, Builder) else spec


def _module(spec: SpecLike | ModuleType) -> Any:
    return spec if isinstance(spec, ModuleType) else compile(spec, check=False).module


class _Package(ModuleType):
    """Keeps the verbs: importing the file `symnet/compile.py` must not put the module in the verb's place."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (isinstance(value, ModuleType) and name in __all__):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    if name in ("Builder", "indices", "padded", "reduction"):
        from symnet.language import build

        return getattr(build, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
