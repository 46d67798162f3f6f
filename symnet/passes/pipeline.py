"""From a network to the programs that are emitted: which passes run, in which order.

    Network --lower--> Program --stabilise--> forward --differentiate, simplify, stabilise, share, ...--> with its adjoint
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from symnet.errors import UsageError
from symnet.ir.bundle import Bundle, Differentiated
from symnet.ir.program import Program
from symnet.ir.verify import verify
from symnet.language.network import Network
from symnet.passes.differentiate import differentiate
from symnet.passes.finish import finish
from symnet.passes.lower import lower
from symnet.passes.order import ordered, split
from symnet.passes.share import share
from symnet.passes.simplify import simplify
from symnet.passes.stabilise import stabilise
from symnet.passes.update import lower_update

PASSES: Mapping[str, Callable[[Program], Program]] = {
    "stabilise": stabilise,
    "simplify": simplify,
    "share": share,
    "finish": finish,
}

# The passes behind differentiation, in order. Sharing brings copies to light, and simplifying brings parts to light
# that can be shared, so each runs twice.
FORWARD = ("simplify", "share", "finish")
ADJOINT = ("simplify", "stabilise", "share", "simplify", "share", "finish")



def forward_program(net: Network, results: Sequence[str]) -> Program:
    """The statements that calculate some tensors of a network, safe in floating point, nothing calculated twice."""
    program = _forward(net, results)
    for name in FORWARD:
        program = run(name, program)
    return program


def gradient_program(net: Network, also: Sequence[str] = (), keep: Sequence[str] = ()) -> Differentiated:
    """The loss and the gradients of the parameters that are not frozen, and of the tensors `also`.

    The tensors `keep` are results besides, so that what they calculate can be shared.
    """
    if net.objective is None:
        raise UsageError(f"network {net.name!r} minimises nothing", hint="add a line such as `minimize loss` to the spec")
    program = _forward(net, tuple(dict.fromkeys((net.objective, *keep))))
    return _adjoint(program, {net.objective: None}, (*parameters(net), *also))


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


def _forward(net: Network, results: Sequence[str]) -> Program:
    return ordered(run("stabilise", lower(net, results)))


def _adjoint(program: Program, seeds: Mapping[str, str | None], wrt: Sequence[str]) -> Differentiated:
    derived = differentiate(program, seeds, wrt)
    result = derived.program
    for name in ADJOINT:
        result = run(name, result)
    result, forward = split(result, program.results)
    return replace(derived, program=result, forward=forward)


def run(name: str, program: Program) -> Program:
    """One pass, and the proof that what it made is well formed."""
    result = PASSES[name](program)
    verify(result)
    return result


def stages(net: Network) -> dict[str, Program]:
    """The program after each pass, by the name of the pass; the last run of it, where it runs twice."""
    wanted = (net.objective,) if net.objective else results_of(net)
    found = {"lower": lower(net, wanted)}
    program = found["stabilise"] = ordered(run("stabilise", found["lower"]))
    if net.objective:
        program = found["differentiate"] = differentiate(program, {net.objective: None}, parameters(net)).program
    for name in ADJOINT if net.objective else FORWARD:
        program = run(name, program)
        found[name if name != "stabilise" else "stabilise again"] = program
    return found
