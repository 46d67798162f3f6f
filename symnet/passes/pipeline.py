"""From a network to the programs that are emitted: which passes run, in which order.

Network --lower--> Program --stabilise--> forward --differentiate, simplify, stabilise, share, ...--> with its adjoint
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from symnet.errors import UsageError
from symnet.ir.bundle import Bundle, Derivative, Differentiated, Shards
from symnet.ir.program import Program, fresh_name
from symnet.ir.verify import verify
from symnet.language.network import Network
from symnet.passes.collect import collect
from symnet.passes.deltas import without_deltas
from symnet.passes.differentiate import differentiate
from symnet.passes.finish import finish
from symnet.passes.lower import lower
from symnet.passes.order import ordered, split
from symnet.passes.recompute import Recomputed, recomputed
from symnet.passes.share import share
from symnet.passes.simplify import simplify
from symnet.passes.stabilise import stabilise
from symnet.passes.tuning.apart import named_parts
from symnet.passes.tuning.common import common_operands
from symnet.passes.tuning.contracted import name_contracted
from symnet.passes.tuning.diagonals import on_diagonals
from symnet.passes.tuning.differences import name_sums
from symnet.passes.tuning.dots import smaller_dots
from symnet.passes.tuning.factors import move_factors
from symnet.passes.tuning.hoist import hoist
from symnet.passes.tuning.joined import join
from symnet.passes.tuning.multiples import read_multiples
from symnet.passes.tuning.offsets import hold_offsets
from symnet.passes.tuning.placed import written_in_place
from symnet.passes.tuning.polynomials import factored
from symnet.passes.tuning.positives import ask_positives
from symnet.passes.tuning.products import name_products
from symnet.passes.tuning.quotients import quotients_read
from symnet.passes.tuning.roots import name_roots
from symnet.passes.tuning.scales import read_scales
from symnet.passes.tuning.side_by_side import side_by_side
from symnet.passes.tuning.slopes import slopes_first
from symnet.passes.tuning.sooner import results_first
from symnet.passes.tuning.sums import gather_sums
from symnet.passes.tuning.symmetric import share_weights
from symnet.passes.update import lower_update
from symnet.planning.budget import Budget, at_sizes
from symnet.planning.shards import find_shards

PASSES: Mapping[str, Callable[[Program], Program]] = {
    "stabilise": stabilise,
    "simplify": simplify,
    "share": share,
    "sums": gather_sums,
    "differences": name_sums,
    "products": name_products,
    "multiples": read_multiples,
    "roots": name_roots,
    "scales": read_scales,
    "offsets": hold_offsets,
    "polynomials": factored,
    "factors": move_factors,
    "dots": smaller_dots,
    "contracted": name_contracted,
    "quotients": quotients_read,
    "common": common_operands,
    "apart": named_parts,
    "positives": ask_positives,
    "diagonals": on_diagonals,
    "hoist": hoist,
    "joined": join,
    "symmetric": share_weights,
    "placed": written_in_place,
    "side by side": side_by_side,
    "slopes": slopes_first,
    "sooner": results_first,
    "deltas": without_deltas,
    "collect": collect,
    "finish": finish,
}

# While these run, every tensor that the spec names is kept, so that a gradient can be read from it: p - δ, not the
# formula of p once more. Sharing brings copies to light, and simplifying brings parts to light that can be shared.
WIDE = ("simplify", "stabilise", "share")
# Second derivatives need these before; see `derivatives.py`.
SECOND = ("deltas", "simplify", "collect")
# Then what is not wanted is dropped, and these run.
NARROW = ("share", "simplify", "share", "finish")
# What is emitted besides: it makes programs faster, and formulas no clearer.
EMITTED = (
    *("sums", "differences", "products", "multiples", "roots", "scales", "offsets", "polynomials", "factors"),
    *("dots", "contracted", "quotients", "common", "apart", "positives", "diagonals", "hoist", "joined"),
    *("symmetric", "placed", "side by side", "slopes", "sooner", "finish"),
)


def forward_program(net: Network, results: Sequence[str]) -> Program:
    """The statements that calculate some tensors of a network, safe in floating point, nothing calculated twice."""
    return tidied(stabilised(net, results), results)


def gradient_program(net: Network, also: Sequence[str] = (), keep: Sequence[str] = ()) -> Differentiated:
    """The loss and the gradients of the parameters that are not frozen, and of the tensors `also`.

    The tensors `keep` are results besides.
    """
    if net.objective is None:
        raise nothing_minimised(net)
    results = (net.objective, *next_states(net), *keep)
    return _adjoint(net, results, {net.objective: None}, (*parameters(net), *also))


def nothing_minimised(net: Network) -> UsageError:
    """The error for a network without an objective."""
    return UsageError(f"network {net.name!r} minimises nothing", hint="add a line such as `minimize loss` to the spec")


def outputs_program(net: Network, wrt: Sequence[str], keep: Sequence[str] = ()) -> Differentiated:
    """The outputs, and the pullback of upstream gradients of the real ones to the tensors `wrt`; `keep` as above."""
    seeds = {name: fresh_name(f"grad_{name}", net.tensors) for name in net.outputs if not net.tensors[name].integer}
    return _adjoint(net, (*net.outputs, *keep), seeds, wrt)


def pullback_program(net: Network) -> Differentiated:
    """Outputs and loss, and the pullback of upstream gradients to the parameters and the real inputs."""
    results = results_of(net)
    seeds = {name: fresh_name(f"grad_{name}", net.tensors) for name in results if not net.tensors[name].integer}
    inputs = tuple(n for n, d in net.tensors.items() if d.role == "input" and not d.integer)
    return _adjoint(net, (*results, *next_states(net)), seeds, (*parameters(net), *inputs))


def parameters(net: Network) -> tuple[str, ...]:
    """The parameters that gradients are taken for."""
    return tuple(n for n, d in net.tensors.items() if d.role == "param" and not d.frozen)


def results_of(net: Network) -> tuple[str, ...]:
    """What `forward` calculates: the outputs and the loss."""
    return tuple(dict.fromkeys((*net.outputs, *((net.objective,) if net.objective else ()))))


def next_states(net: Network) -> tuple[str, ...]:
    """The tensors that hold the next values of the states, calculated in training mode."""
    return tuple(name for _, name in net.next_state) if net.training else ()


def bundle(
    training: Network,
    inference: Network,
    options: Mapping[str, str] | None = None,
    derivatives: tuple[Derivative, ...] = (),
    budget: Budget | None = None,
) -> Bundle:
    """All programs that a module is made of. UsageError where a training step cannot be brought down to the budget."""
    evaluated = tuple(
        dict.fromkeys((*((inference.objective,) if inference.objective else ()), *(t for _, t in inference.metrics)))
    )
    step = step_program(training) if training.objective else None
    shards = _shards(training, step.program) if step is not None else None
    pull = emitted(pullback_program(training))
    if budget is not None:
        step = step and within(budget, training, step).derived
        pull = within(replace(budget, measure=None), training, pull, best=step is not None).derived
        options = {**(options or {}), "memory": str(budget)}
    return Bundle(
        training=training,
        inference=inference,
        step=step,
        pull=pull,
        predict=run_all(EMITTED, forward_program(inference, inference.outputs)),
        evaluate=run_all(EMITTED, forward_program(inference, evaluated)),
        update=lower_update(training.optimizer) if training.optimizer else None,
        digest=hashlib.sha256(training.source.text.encode()).hexdigest(),
        options=dict(options or {}),
        shards=shards,
        derivatives=derivatives,
    )


def _shards(net: Network, program: Program) -> Shards | None:
    states = next_states(net)
    forward = narrowed(program, (str(net.objective), *states))
    return find_shards(forward, str(net.objective), parameters(net), states)


def step_program(net: Network) -> Differentiated:
    """The loss and its gradients by the parameters, as a module runs them."""
    return emitted(gradient_program(net))


def within(budget: Budget, net: Network, derived: Differentiated, *, best: bool = False) -> Recomputed:
    """The program with as much calculated again as it takes to stay within a budget.

    UsageError where that cannot be; with `best`, what comes closest to it.
    """
    found = recomputed(derived, outliving(net, derived), budget.bytes, budget.sizes, budget.measure)
    if best or budget.bytes is None or found.after <= budget.bytes:
        return found
    traded = found.after < found.before
    raise UsageError(
        f"a step of {net.name!r} takes at least {found.after:,} bytes{at_sizes(budget.sizes)}, more than "
        f"{budget.bytes:,}",
        hint=f"allow that many (without a limit it takes {found.before:,}), or take a smaller batch"
        if traded
        else "to calculate values twice frees nothing here; take a smaller batch",
    )


def outliving(net: Network, derived: Differentiated) -> frozenset[str]:
    """The tensors that outlive the last statement: what a module returns."""
    values = results_of(net) if derived.seeds or net.objective is None else (net.objective,)
    return frozenset((*values, *next_states(net), *(adjoint for _, adjoint in derived.gradients)))


def emitted(d: Differentiated) -> Differentiated:
    """The program as a module runs it."""
    adjoints = {name for _, name in d.gradients}
    results = tuple(name for name in d.program.results if name not in adjoints)
    program, forward = split(run_all(EMITTED, d.program), results)
    return replace(d, program=program, forward=forward)


def stabilised(net: Network, results: Sequence[str]) -> Program:
    """The forward statements for some tensors, with every tensor that the spec names among the results."""
    wide = lower(net, results)
    named = tuple(n for n in wide.tensors if n in net.tensors and not wide.tensors[n].given)
    return run("stabilise", replace(wide, results=tuple(dict.fromkeys((*results, *named)))))


def narrowed(program: Program, results: Sequence[str]) -> Program:
    """The statements that these results need."""
    return ordered(replace(program, results=tuple(dict.fromkeys(results))))


def tidied(program: Program, results: Sequence[str]) -> Program:
    """The statements that these results need, as they are emitted."""
    return run_all(NARROW, narrowed(program, results))


def _adjoint(
    net: Network, results: Sequence[str], seeds: Mapping[str, str | None], wrt: Sequence[str]
) -> Differentiated:
    derived = differentiate(stabilised(net, results), seeds, wrt)
    program = tidied(run_all(WIDE, derived.program), (*results, *(d for _, d in derived.gradients)))
    program, forward = split(program, tuple(dict.fromkeys(results)))
    return replace(derived, program=program, forward=forward)


def run_all(names: Sequence[str], program: Program) -> Program:
    """Some passes one after the other."""
    for name in names:
        program = run(name, program)
    return program


def run(name: str, program: Program) -> Program:
    """One pass, and the proof that what it made is well formed; the program itself where it changes nothing."""
    result = PASSES[name](program)
    if result.same_as(program):
        return program
    verify(result)
    return result


def stages(net: Network) -> dict[str, Program]:
    """The program after each pass, by the name of the pass; the last run of it, where it runs twice."""
    results: tuple[str, ...] = (net.objective,) if net.objective else results_of(net)
    found = {"lower": lower(net, results)}
    program = stabilised(net, results)
    found["stabilise"] = narrowed(program, results)
    if net.objective:
        derived = differentiate(program, {net.objective: None}, parameters(net))
        results = (*results, *(d for _, d in derived.gradients))
        program = derived.program
        found["differentiate"] = narrowed(program, results)
        for name in WIDE:
            program = run(name, program)
            found |= {name: narrowed(program, results)} if name != "stabilise" else {}
    program = narrowed(program, results)
    for name in (*NARROW, *EMITTED):
        found[name] = program = run(name, program)
    return found
