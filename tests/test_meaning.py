"""The whole compiler against the meaning of the equations, on small unusual specs and on random ones."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from symnet.ir.interpret import interpret
from symnet.language.network import Network
from symnet.passes.lower import lower
from symnet.passes.pipeline import gradient_program
from tests.meaning import Meaning
from tests.modules import Point, Values, compiled, inference_of
from tests.random_specs import random_spec
from tests.specs import RECURRENCES, SPECS
from tests.support import network_of, sample

STEP = 1e-4
SEEDS = range(30)


def given(point: Point) -> Values:
    return {**point.params, **point.inputs, **(point.state or {})}


def loss(network: Network, point: Point, moved: Values) -> float:
    assert network.objective is not None
    return float(Meaning(network, {**given(point), **moved}, point.sizes).element(network.objective))


def slope(network: Network, point: Point, direction: Values) -> float:
    """The derivative of the loss along a direction of the parameters, by central differences of two steps."""

    def at(step: float) -> float:
        return loss(network, point, {name: point.params[name] + step * move for name, move in direction.items()})

    return central_difference(at)


def central_difference(at: Callable[[float], float]) -> float:
    return (8 * (at(STEP) - at(-STEP)) - (at(2 * STEP) - at(-2 * STEP))) / (12 * STEP)


def disagreements(text: str) -> list[str]:
    """What a compiled spec and the meaning of its equations do not agree on."""
    found = compiled(text, check=False)
    point, network, inference = Point.of(found.module, "float64"), found.network, inference_of(found)
    wrong = []
    if network.objective:
        wanted = loss(network, point, {})
        value, grads = point.call("loss_and_grad")[:2]
        if not np.allclose([point.call("loss"), value], wanted, rtol=1e-9, atol=1e-12):
            wrong.append(f"the loss is {value}, should be {wanted}")
        rng = np.random.default_rng(0)
        direction = {name: rng.normal(size=np.shape(grad)) for name, grad in grads.items()}
        claimed = sum(np.vdot(grads[name], move) for name, move in direction.items())
        wanted = slope(network, point, direction)
        if "stop(" not in text and not np.isclose(claimed, wanted, rtol=1e-6, atol=1e-7):
            wrong.append(f"the slope is {claimed}, should be {wanted}")
    meaning = Meaning(inference, given(point), point.sizes)
    for name, value in point.call("predict").items():
        if not np.allclose(value, meaning.tensor(name), rtol=1e-9, atol=1e-12):
            wrong.append(f"the output {name} is {value}, should be {meaning.tensor(name)}")
    return wrong


@pytest.mark.parametrize("name", SPECS)
def test_unusual_specs(name: str) -> None:
    assert not disagreements(f"network {name}\n{SPECS[name]}")


@pytest.mark.parametrize("seed", SEEDS)
def test_random_specs(seed: int) -> None:
    text = random_spec(seed)
    assert not disagreements(text), text


@pytest.mark.parametrize("name", RECURRENCES)
def test_recurrences(name: str) -> None:
    network = network_of(f"network {name}\n{RECURRENCES[name]}")
    assert network.objective is not None
    derived = gradient_program(network)
    lowered = lower(network, (network.objective,))
    values = sample(lowered, sizes=network.examples)
    meaning = Meaning(network, values, network.examples)
    for program in (lowered, derived.program):
        found = interpret(program, values, network.examples)
        assert np.isclose(found[network.objective], meaning.element(network.objective))
    rng = np.random.default_rng(0)
    direction = {tensor: rng.normal(size=found[gradient].shape) for tensor, gradient in derived.gradients}

    def at(step: float) -> float:
        moved = {tensor: values[tensor] + step * move for tensor, move in direction.items()}
        return float(Meaning(network, {**values, **moved}, network.examples).element(network.objective))

    claimed = sum(np.vdot(found[gradient], direction[tensor]) for tensor, gradient in derived.gradients)
    assert np.isclose(claimed, central_difference(at), rtol=1e-6)
