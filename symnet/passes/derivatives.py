"""More derivatives of a network, all by the rule and its transpose: the programs of further functions of a module.

jvp          how outputs and loss move with parameters and inputs
hvp          the Hessian of the loss times a vector, without the Hessian
hessian      the second derivatives of the loss by the elements of a parameter, or of all of them
diagonal     those by the same element twice
per_example  what each example of a batch contributes to the gradient
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from symnet.errors import UnsupportedError, UsageError, nearest
from symnet.ir.bundle import Derivative
from symnet.ir.program import Program, fresh_name
from symnet.language.network import Network
from symnet.passes.differentiate import differentiate
from symnet.passes.hessian import diagonals, gradient_of, hessian
from symnet.passes.per_example import per_example
from symnet.passes.pipeline import (
    EMITTED,
    SECOND,
    WIDE,
    narrowed,
    nothing_minimised,
    parameters,
    results_of,
    run_all,
    stabilised,
    tidied,
)
from symnet.passes.tangent import push
from symnet.planning.batch import find_batch
from symnet.planning.costs import program_flops, volume

# More second derivatives than this do not fit into most memories.
MOST_ELEMENTS = 10**8

# The size that is taken for one without an example, where costs are compared.
TYPICAL = 32


def derivatives(net: Network, wanted: Sequence[str]) -> tuple[Derivative, ...]:
    """The functions that a module is to have besides, each asked for as `kind` or `kind:parameter`.

    UsageError for what is not known or not to be had, UnsupportedError where examples cannot be told apart.
    """
    found = (_derivative(net, *text.partition(":")[::2]) for text in dict.fromkeys(wanted))
    return tuple(replace(d, program=run_all(EMITTED, d.program)) for d in found)


def _derivative(net: Network, kind: str, name: str) -> Derivative:
    if kind not in KINDS:
        raise UsageError(f"there is no derivative {kind!r}; there are {', '.join(KINDS)}", hint=nearest(kind, KINDS))
    if name and kind not in OF_ONE:
        raise UsageError(f"{kind} is taken for all parameters together", hint=f"write {kind}, without {name!r}")
    known = parameters(net)
    if name and name not in known:
        raise UsageError(f"{name!r} is no parameter that gradients are taken for", hint=nearest(name, known))
    if kind != "jvp" and net.objective is None:
        raise nothing_minimised(net)
    if kind != "jvp" and not known:
        raise UsageError(f"network {net.name!r} has no parameter to differentiate by")
    return KINDS[kind](net, name)


# --- products with vectors -------------------------------------------------------------------------


def _jvp(net: Network, _: str) -> Derivative:
    values = results_of(net)
    inputs = tuple(name for name, d in net.tensors.items() if d.role == "input" and not d.integer)
    directions = _directions(net, (*parameters(net), *inputs))
    moved = push(stabilised(net, values), directions, [n for n in values if not net.tensors[n].integer])
    program = tidied(run_all(WIDE, moved.program), (*values, *(t for _, t in moved.tangents)))
    return Derivative("jvp", "jvp", program, moved.directions, values, _keyed(dict(moved.tangents)))


def _hvp(net: Network, _: str) -> Derivative:
    """Forward over reverse or the rule twice, whichever takes fewer operations."""
    known = parameters(net)
    gradient = gradient_of(net, known)
    adjoints = dict(gradient.gradients)
    directions = _directions(net, known)
    moved = push(gradient.program, directions, adjoints.values())
    tangents = dict(moved.tangents)
    again = differentiate(gradient.program, {adjoints[name]: v for name, v in directions.items()}, known)
    forward = moved.program, {name: tangents[adjoint] for name, adjoint in adjoints.items()}
    reverse = again.program, dict(again.gradients)
    found = [
        (tidied(run_all((*SECOND, *WIDE), program), tuple(results.values())), results)
        for program, results in (forward, reverse)
    ]
    program, results = min(found, key=lambda each: _operations(net, each[0]))
    return Derivative("hvp", "hvp", program, tuple(directions.items()), (), _keyed(results))


def _operations(net: Network, program: Program) -> int:
    return program_flops(program).value({size: net.examples.get(size, TYPICAL) for size in net.sizes})


def _directions(net: Network, names: Sequence[str]) -> dict[str, str]:
    return {name: fresh_name(f"v_{name}", net.tensors) for name in names}


# --- matrices --------------------------------------------------------------------------------------


def _hessian(net: Network, name: str) -> Derivative:
    chosen = (name,) if name else parameters(net)
    _refuse_many(net, chosen)
    program, blocks = hessian(net, chosen)
    function = f"hessian_{name}" if name else "hessian"
    results = tuple((() if name else key, tensor) for key, tensor in blocks.items())
    return Derivative("hessian", function, tidied(program, tuple(blocks.values())), (), (), results, name)


def _diagonal(net: Network, name: str) -> Derivative:
    chosen = (name,) if name else parameters(net)
    for one in chosen:
        _refuse_many(net, (one,))
    program, found = diagonals(net, chosen)
    function = f"hessian_diagonal_{name}" if name else "hessian_diagonal"
    results = tuple((() if name else (key,), tensor) for key, tensor in found.items())
    return Derivative("diagonal", function, tidied(program, tuple(found.values())), (), (), results, name)


def _refuse_many(net: Network, chosen: Sequence[str]) -> None:
    count = sum(volume(net.tensors[name].extents).constant or 0 for name in chosen)
    if count**2 > MOST_ELEMENTS:
        raise UsageError(
            f"the Hessian of {net.name!r} by {', '.join(chosen)} has {count:,}**2 elements: that is too many",
            hint="take hessian:NAME for a small parameter, or products with vectors, hvp",
        )


def _per_example(net: Network, _: str) -> Derivative:
    objective, known = net.objective or "", parameters(net)
    program = narrowed(stabilised(net, (objective,)), (objective,))
    batch, culprit = find_batch(program, objective, known)
    if batch is None:
        why = f"{culprit!r} mixes them" if culprit else "no input has them along its first dimension"
        raise UnsupportedError(f"the gradient of {net.name!r} cannot be told apart by examples: {why}")
    derived = per_example(program, batch, objective, known)
    results = dict(derived.gradients)
    program = tidied(run_all(WIDE, derived.program), tuple(results.values()))
    return Derivative("per_example", "per_example_grads", program, (), (), _keyed(results))


def _keyed(tensors: Mapping[str, str]) -> tuple[tuple[tuple[str, ...], str], ...]:
    return tuple(((name,), tensor) for name, tensor in tensors.items())


KINDS: Mapping[str, Callable[[Network, str], Derivative]] = {
    "jvp": _jvp,
    "hvp": _hvp,
    "hessian": _hessian,
    "diagonal": _diagonal,
    "per_example": _per_example,
}
# Those that may be taken for one parameter: hessian:W.
OF_ONE = ("hessian", "diagonal")
