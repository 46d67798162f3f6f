"""Modules under stress: those of the examples, and random ones. What each check is for is planted, and found."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from types import ModuleType
from typing import Any

import pytest

from symnet.compile import imported, load, module_of, network
from tests.backends.test_memory import GENERATED
from tests.random_specs import random_spec
from tests.stress import CHECKS, stressed
from tests.support import network_of

NAMES = [path.stem for path in sorted(GENERATED.glob("*.py"))]
SMALL = """
network small
example N = 3
input x[N, 4]
param W[i: 4, k: 2] ~ normal
param b[k] ~ zeros
h[n, k] = tanh(b[k] + sum(i: x[n, i]*W[i, k]))
minimize sum(n, k: h[n, k]**2)
"""


@pytest.mark.parametrize("name", NAMES)
def test_the_modules_of_the_examples(name: str) -> None:
    source = (GENERATED / f"{name}.py").read_text(encoding="utf-8")
    assert not list(stressed(imported(source, name)))


@pytest.mark.parametrize("seed", range(20))
def test_modules_of_random_specs(seed: int) -> None:
    assert not list(stressed(module_of(network(load(random_spec(seed))))))


# --- faults ----------------------------------------------------------------------------------------

Step = Callable[..., Any]


def unwritten(module: ModuleType, step: Step) -> Step:
    def faulty(params: Any, x: Any, workspace: Any) -> Any:
        loss, grads = step(params, x, workspace=workspace)
        grads["b"] += module.np.empty(2, x.dtype) * 0
        return loss, grads

    return faulty


def used_again(module: ModuleType, step: Step) -> Step:
    def faulty(params: Any, x: Any, workspace: Any) -> Any:
        loss, grads = step(params, x, workspace=workspace)
        workspace.used = getattr(workspace, "used", 0) + 1
        grads["b"] += workspace.used == 3
        return loss, grads

    return faulty


def in_place(module: ModuleType, step: Step) -> Step:
    """Arrays are known by their identity."""
    kept: dict[int, Any] = {}

    def faulty(params: Any, x: Any, workspace: Any) -> Any:
        found = step(params, x, workspace=workspace)
        kept[id(x)] = (x, *kept.get(id(x), (None, found[0]))[1:])
        return kept[id(x)][1], found[1]

    return faulty


def apart(module: ModuleType, step: Step) -> Step:
    def faulty(params: Any, x: Any, workspace: Any) -> Any:
        loss, grads = step(params, x, workspace=workspace)
        return loss, grads | {"b": grads["W"][0]}

    return faulty


def forms(module: ModuleType, step: Step) -> Step:
    """Elements are taken in the order of memory."""

    def faulty(params: Any, x: Any, workspace: Any) -> Any:
        return step(params, x.ravel("K").reshape(x.shape), workspace=workspace)

    return faulty


def mistakes(module: ModuleType, step: Step) -> Step:
    """The last result stands in for one that cannot be had."""
    last: list[Any] = []

    def faulty(params: Any, x: Any, workspace: Any) -> Any:
        with suppress(TypeError, ValueError):
            last[:] = step(params, x, workspace=workspace)
        return tuple(last)

    return faulty


FAULTS = (unwritten, used_again, in_place, apart, forms, mistakes)


@pytest.mark.parametrize(("fault", "check"), list(zip(FAULTS, CHECKS, strict=True)), ids=lambda f: f.__name__)
def test_what_is_planted_is_found(fault: Callable[[ModuleType, Step], Step], check: Any) -> None:
    assert fault.__name__ == check.__name__
    module = module_of(network_of(SMALL))
    inner = fault(module, module.loss_and_grad)

    @wraps(module.loss_and_grad)
    def loss_and_grad(params: Any, x: Any, *, workspace: Any = None) -> Any:
        return inner(params, x, workspace or module.Workspace())

    module.loss_and_grad = loss_and_grad  # type: ignore[attr-defined]
    assert list(stressed(module, (check,)))
    assert not list(stressed(module_of(network_of(SMALL))))
