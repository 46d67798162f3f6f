"""A compiled spec next to the slow meaning of its equations: what the tests of whole modules compare.

The reference is the program as it is lowered, before anything is stabilised, simplified or shared, and its adjoint as
the rule alone gives it, both read by the interpreter in float64. The module may use nothing of either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from symnet.backends.numpy.module import emit
from symnet.compile import Compiled, compile_spec, load, network
from symnet.contract import Contract
from symnet.ir.bundle import Differentiated
from symnet.ir.interpret import interpret
from symnet.ir.program import Program
from symnet.ir.show import show
from symnet.language.network import Network
from symnet.passes.differentiate import differentiate
from symnet.passes.lower import lower
from symnet.passes.order import ordered
from symnet.passes.pipeline import bundle, gradient_program, next_states, parameters, pullback_program, results_of
from tests.optimizers import step_of_interpreter

EXAMPLES = Path(__file__).parents[1] / "examples"
# How far a module may be from the interpreter, as a part of the greatest element: in float32 every number has some
# 7 digits, and a sum of hundreds of them loses two or three.
RTOL = {"float64": 1e-10, "float32": 2e-4}

Values = dict[str, Any]


def example(name: str) -> str:
    """The text of a spec in examples/."""
    return (EXAMPLES / f"{name}.sym").read_text(encoding="utf-8")


@cache
def compiled(text: str, check: bool = True) -> Compiled:
    """A spec compiled, once for all tests that ask for it."""
    return compile_spec(load(text), check=check)


def inference_form(text: str) -> Compiled | None:
    """A spec as it is in inference, compiled as if it were trained that way; None where that is no difference."""
    spec = load(text)
    net = network(spec, training=False)
    if shown(net) == shown(network(spec)):
        return None
    return Compiled(emit(bundle(net, net), gradient_error=None), None, net)


def shown(net: Network) -> str:
    """The equations of a network, as the text of a program."""
    return show(lower(net, (*results_of(net), *next_states(net))))


def inference_of(found: Compiled) -> Network:
    """The network of a compiled spec in inference mode."""
    return network(load(found.network.source.text), training=False)


# --- a point, and the module there -----------------------------------------------------------------


@dataclass(frozen=True)
class Point:
    """What the functions of a module take, all of one dtype."""

    contract: Contract
    sizes: Mapping[str, int]
    params: Values
    state: Values | None
    inputs: Values
    noise: Any

    @staticmethod
    def of(module: Any, dtype: str, sizes: Mapping[str, int] | None = None, seed: int = 0) -> Point:
        """A random one, of the example sizes. Parameters that start at a constant are moved away from it."""
        contract, rng = Contract.of(module), np.random.default_rng(seed)
        sizes = contract.example_sizes(sizes)
        params = {name: value + 0.1 * rng.normal(size=value.shape) for name, value in contract.init(rng).items()}
        inputs = contract.sample_inputs(rng, sizes)
        state = contract.init_state(dtype)
        if state is not None:
            state = {name: value + 0.1 * rng.random(value.shape).astype(dtype) for name, value in state.items()}
        return Point(
            contract,
            sizes,
            {name: np.asarray(value, dtype) for name, value in params.items()},
            state,
            {name: value.astype(dtype) if value.dtype.kind == "f" else value for name, value in inputs.items()},
            contract.draw(rng, sizes),
        )

    @property
    def values(self) -> Values:
        """Everything by its name."""
        return {**self.params, **self.inputs, **(self.state or {}), **(self.noise or {})}

    def call(self, function: str, **extra: Any) -> Any:
        """A function of the module, here."""
        if self.contract.draws(function):
            extra = {"noise": self.noise, **extra}
        return self.contract.call(function, self.params, self.state, self.inputs, **extra)


# --- the module against the interpreter ------------------------------------------------------------


def disagreements(
    found: Compiled, dtype: str = "float64", sizes: Mapping[str, int] | None = None, seed: int = 0
) -> list[str]:
    """What a module calculates otherwise than its equations say, in training and in inference."""
    point = Point.of(found.module, dtype, sizes, seed)
    parts = [_training(found, point, seed), _inference(found, point)]
    if hasattr(found.module, "update"):
        parts.append(_two_steps(found, point))
    # One at a time: the next call writes to the same workspace, the next step to the same parameters.
    return [what for what, ours, theirs in chain(*parts) if not near(ours, theirs, RTOL[dtype])]


def near(ours: Any, theirs: Any, rtol: float) -> bool:
    """Whether two arrays are equal up to a part of their greatest element."""
    ours, theirs = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    if ours.shape != theirs.shape or not np.isfinite(ours).all():
        return False
    return bool(np.all(np.abs(ours - theirs) <= rtol * np.abs(theirs).max(initial=1e-6)))


Pair = tuple[str, Any, Any]


def _training(found: Compiled, point: Point, seed: int) -> Iterator[Pair]:
    net, results = found.network, results_of(found.network)
    values = evaluated(lower(net, (*results, *next_states(net))), point)
    outputs, saved, *carried = point.call("forward")
    yield from _states("forward", net, carried, values)
    # The loss is an output under the name `loss`, whatever its equation calls it.
    shown = {name: name if name in net.outputs else "loss" for name in results}
    yield from ((f"forward: {name}", outputs[shown[name]], values[name]) for name in results)
    rng = np.random.default_rng([seed, 1])
    real = {name: outputs[name] for name in shown.values() if outputs[name].dtype.kind == "f"}
    above = {name: rng.normal(size=value.shape).astype(value.dtype) for name, value in real.items()}
    pulled = found.module.backward(point.params, saved, above)
    for which, derived in (("rule", plain_pullback(net)), ("passes", pullback_program(net))):
        exact = evaluated(derived.program, point, {seed: above[shown[name]] for name, seed in derived.seeds})
        yield from ((f"backward, {which}: {name}", pulled[name], exact[d]) for name, d in derived.gradients)
    if net.objective is None:
        return
    yield "loss", point.call("loss"), values[net.objective]
    workspace = found.module.Workspace()
    references = {"rule": plain_gradient(net), "passes": gradient_program(net)}
    exact_by = {which: evaluated(derived.program, point) for which, derived in references.items()}
    for how, extra in (("fresh", {}), ("workspace", {"workspace": workspace}), ("again", {"workspace": workspace})):
        loss, grads, *carried = point.call("loss_and_grad", **extra)
        yield f"loss_and_grad, {how}: loss", loss, values[net.objective]
        yield from _states(f"loss_and_grad, {how}", net, carried, values)
        for which, derived in references.items():
            exact = exact_by[which]
            yield from ((f"loss_and_grad, {how}, {which}: {n}", grads[n], exact[d]) for n, d in derived.gradients)


def _states(function: str, net: Network, carried: list[Values], values: Values) -> Iterator[Pair]:
    """The next states, which a function returns last where there are any."""
    assert len(carried) == bool(net.next_state)
    yield from ((f"{function}: {name}'", carried[0][name], values[tensor]) for name, tensor in net.next_state)


def _inference(found: Compiled, point: Point) -> Iterator[Pair]:
    net = inference_of(found)
    values = evaluated(lower(net, net.outputs), point)
    predicted = point.call("predict")
    yield from ((f"predict: {name}", predicted[name], values[name]) for name in net.outputs)
    if net.objective is None:
        return
    values = evaluated(lower(net, (net.objective, *(tensor for _, tensor in net.metrics))), point)
    measured = point.call("evaluate")
    for name, tensor in (("loss", net.objective), *net.metrics):
        yield f"evaluate: {name}", measured[name], values[tensor]


def _two_steps(found: Compiled, point: Point) -> Iterator[Pair]:
    module, optimizer = found.module, found.network.optimizer
    assert optimizer is not None
    params = {name: value.copy() for name, value in point.params.items()}
    grads = point.call("loss_and_grad")[1]
    slots = module.init_slots(params)
    exact = {name: np.array(params[name], np.float64) for name in grads}
    exact_slots = {key: dict(value) if isinstance(value, dict) else value for key, value in slots.items()}
    for step in (1, 2):
        exact, exact_slots = step_of_interpreter(optimizer, exact, grads, exact_slots)
        module.update(params, grads, slots)
        yield from ((f"update {step}: {name}", params[name], value) for name, value in exact.items())
        grads = {name: value[::-1].copy() if value.ndim else -value for name, value in grads.items()}
    yield from ((f"frozen: {name}", params[name], point.params[name]) for name in params if name not in exact)


# --- the reference ---------------------------------------------------------------------------------


def evaluated(program: Program, point: Point, also: Mapping[str, Any] | None = None) -> Values:
    """All tensors of a program at a point, by the interpreter."""
    values = {**point.values, **(also or {})}
    given = {name: value for name, value in values.items() if name in program.tensors}
    return dict(interpret(program, given, point.sizes))


def plain_gradient(net: Network) -> Differentiated:
    """The adjoint of the loss by the rule alone."""
    assert net.objective is not None
    return _plain(net, (net.objective,), {net.objective: None}, parameters(net))


def plain_pullback(net: Network) -> Differentiated:
    """The pullback of upstream gradients by the rule alone."""
    results = results_of(net)
    seeds: dict[str, str | None] = {name: f"grad_{name}" for name in results if not net.tensors[name].integer}
    inputs = tuple(name for name, t in net.tensors.items() if t.role == "input" and not t.integer)
    return _plain(net, results, seeds, (*parameters(net), *inputs))


def _plain(
    net: Network, results: tuple[str, ...], seeds: Mapping[str, str | None], wrt: tuple[str, ...]
) -> Differentiated:
    derived = differentiate(ordered(lower(net, results)), seeds, wrt)
    return Differentiated(ordered(derived.program), derived.forward, derived.seeds, derived.gradients)
