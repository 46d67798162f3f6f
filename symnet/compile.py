"""The driver: every stage from the text of a spec to the source of a module, one line each. Read this first.

    text --parse--> Spec --resolve--> Network --lower--> Program --stabilise, differentiate, simplify, share--> Program
         --plan, emit--> source --check--> the gradient error, written into the source
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from symnet.errors import Source, UsageError
from symnet.language.library import load_library
from symnet.language.network import Network
from symnet.language.parse import parse
from symnet.language.resolve import resolve
from symnet.language.tree import Spec

if TYPE_CHECKING:
    from symnet.ir.bundle import Bundle, Differentiated
    from symnet.ir.program import Program

Constants = Mapping[str, Fraction | int | tuple[Fraction | int, ...]]
Progress = Callable[[str], None]


# --- text to network -------------------------------------------------------------------------------


def network(
    spec: Spec, *, training: bool = True, constants: Constants | None = None, library: Sequence[Source] = ()
) -> Network:
    """The network of a spec, for training or for inference."""
    return resolve(spec, training=training, constants=constants or {}, library=load_library(library))


# --- network to programs ---------------------------------------------------------------------------


def forward_program(net: Network, results: Sequence[str]) -> Program:
    """The statements that calculate some tensors of a network, safe in floating point, nothing calculated twice."""
    program = _forward(net, results)
    for name in ("simplify", "share"):
        program = _pass(name)(program)
    return program


def gradient_program(net: Network) -> Differentiated:
    """The loss and the gradients of the parameters that are not frozen."""
    if net.objective is None:
        raise UsageError(f"network {net.name!r} minimises nothing", hint="add a line such as `minimize loss` to the spec")
    program = _forward(net, (net.objective,))
    return _adjoint(program, {net.objective: None}, parameters(net))


def pullback_program(net: Network) -> Differentiated:
    """Outputs and loss, and the pullback of upstream gradients to the parameters and the real inputs."""
    results = results_of(net)
    program = _forward(net, results)
    seeds = {name: f"grad_{name}" for name in results if not program.tensors[name].integer}
    inputs = tuple(n for n, d in net.tensors.items() if d.role == "input" and not d.integer)
    return _adjoint(program, seeds, (*parameters(net), *inputs))


def parameters(net: Network) -> tuple[str, ...]:
    """The parameters that gradients are taken for."""
    return tuple(n for n, d in net.tensors.items() if d.role == "param" and not d.frozen)


def results_of(net: Network) -> tuple[str, ...]:
    """What `forward` calculates: the outputs and the loss."""
    return tuple(dict.fromkeys((*net.outputs, *((net.objective,) if net.objective else ()))))


def bundle(training: Network, inference: Network, options: Mapping[str, str] | None = None) -> Bundle:
    """All programs that a module is made of."""
    from symnet.ir.bundle import Bundle
    from symnet.passes.update import lower_update

    evaluated = tuple(
        dict.fromkeys((*((inference.objective,) if inference.objective else ()), *(t for _, t in inference.metrics)))
    )
    return Bundle(
        training=training,
        inference=inference,
        step=gradient_program(training) if training.objective else None,
        pull=pullback_program(training),
        predict=forward_program(inference, inference.outputs),
        evaluate=forward_program(inference, evaluated),
        update=lower_update(training.optimizer) if training.optimizer else None,
        digest=hashlib.sha256(training.source.text.encode()).hexdigest(),
        options=dict(options or {}),
    )


# The passes behind differentiation, in order. Sharing brings copies to light, and simplifying brings parts to light
# that can be shared, so each runs twice.
ADJOINT_PASSES = ("simplify", "stabilise", "share", "simplify", "share")


def _forward(net: Network, results: Sequence[str]) -> Program:
    from symnet.passes.lower import lower
    from symnet.passes.order import ordered

    return ordered(_pass("stabilise")(lower(net, results)))


def _adjoint(program: Program, seeds: Mapping[str, str | None], wrt: Sequence[str]) -> Differentiated:
    from symnet.passes.differentiate import differentiate
    from symnet.passes.order import split

    derived = differentiate(program, seeds, wrt)
    result = derived.program
    for name in ADJOINT_PASSES:
        result = _pass(name)(result)
    result, forward = split(result, program.results)
    return replace(derived, program=result, forward=forward)


def _pass(name: str) -> Callable[[Program], Program]:
    from symnet.ir.verify import verify
    from symnet.passes import share, simplify, stabilise

    run: Callable[[Program], Program] = {
        "simplify": simplify.simplify,
        "share": share.share,
        "stabilise": stabilise.stabilise,
    }[name]

    def checked(program: Program) -> Program:
        result = run(program)
        verify(result)
        return result

    return checked


def stages(net: Network) -> dict[str, Program]:
    """The program after each pass, by the name of the pass, for `symnet show`."""
    from symnet.passes.differentiate import differentiate
    from symnet.passes.lower import lower
    from symnet.passes.order import ordered

    if net.objective is None:
        program = lower(net, results_of(net))
        return {"lower": program, "stabilise": _pass("stabilise")(program)}
    program = lower(net, (net.objective,))
    found = {"lower": program, "stabilise": ordered(_pass("stabilise")(program))}
    found["differentiate"] = differentiate(found["stabilise"], {net.objective: None}, parameters(net)).program
    program = found["differentiate"]
    for name in ADJOINT_PASSES:
        program = _pass(name)(program)
        found[name] = program
    return found
