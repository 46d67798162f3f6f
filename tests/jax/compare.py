"""A compiled network next to the same network in JAX, which shares nothing with symnet but the mathematics.

A case is a spec and a function that says in `jax.numpy` what the spec says in index notation. JAX differentiates that
function; every number that the module gives is compared with what JAX gives: outputs, loss, next states, the gradients
of the loss, the pullback of random upstream gradients to the parameters and the real inputs, and what `predict` and
`evaluate` say in inference mode.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from textwrap import dedent
from typing import Any

import numpy as np

# Each function runs once: what XLA's optimiser would save is less than what it takes.
os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} --xla_backend_optimization_level=0"
import jax

from tests.modules import Point, compiled

jax.config.update("jax_enable_x64", True)

RTOL = 1e-10
# An array of gradients is held against its own greatest element; one that is zero but for rounding (a shift in front
# of a normalisation) against this part of the greatest of all.
FLOOR = 1e-3

Values = Mapping[str, Any]
# From parameters, inputs, states and noise by their names, and whether this is training, to outputs, the loss, metrics
# and, in training, the next states under their names with a prime.
Model = Callable[[Values, bool], dict[str, Any]]
Pair = tuple[str, Any, Any]


@dataclass(frozen=True)
class Case:
    """A spec, what it means in JAX, the run-time sizes at which the two are compared, and what is not learned."""

    name: str
    spec: str
    model: Model
    sizes: tuple[Mapping[str, int], ...] = ({},)
    frozen: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return self.name


def cases(*rows: tuple[Any, ...]) -> list[Case]:
    """A table of cases: name, spec, model and, if there are run-time sizes, one dict or more of those."""
    return [Case(name, dedent(spec), model, tuple(sizes) or ({},)) for name, spec, model, *sizes in rows]


def disagreements(case: Case) -> list[str]:
    """What the module calculates otherwise than JAX, and how far it is off."""
    module = compiled(case.spec, check=False).module
    found = []
    for seed, sizes in enumerate(case.sizes):
        for what, pairs in comparisons(case, Point.of(module, "float64", sizes, seed), seed):
            found += [f"{what} {name} at {sizes}: {off}" for name, off in errors(pairs) if not off <= RTOL]
    return found


def errors(pairs: list[Pair]) -> Iterator[tuple[str, float]]:
    """How far ours is from theirs, relative to the greatest element; inf where the shapes differ."""
    greatest = max((float(np.max(np.abs(theirs), initial=0)) for _, _, theirs in pairs), default=0.0)
    for name, ours, theirs in pairs:
        ours, theirs = np.asarray(ours), np.asarray(theirs)
        if ours.shape != theirs.shape:
            yield name, np.inf
            continue
        scale = max(float(np.max(np.abs(theirs), initial=0)), FLOOR * greatest)
        off = float(np.max(np.abs(ours - theirs), initial=0))
        yield name, off / scale if off else 0.0


def comparisons(case: Case, point: Point, seed: int) -> Iterator[tuple[str, list[Pair]]]:
    """Everything that the module gives, with what JAX gives for it."""
    module, carried = point.contract.module, [f"{name}'" for name in point.contract.state]
    results = {*module.OUTPUTS, *module.METRICS, "loss"}
    given = {name: jax.numpy.asarray(value) for name, value in point.values.items()}
    moved = {
        name: given[name] for name in (*point.params, *point.inputs) if jax.numpy.issubdtype(given[name].dtype, float)
    }

    outputs, saved, *after = point.call("forward")
    real = [name for name, value in outputs.items() if value.dtype.kind == "f"]
    rng = np.random.default_rng([seed, 1])
    above = {name: rng.normal(size=outputs[name].shape) for name in real}

    @jax.jit
    def pulled_back(moved: Values, above: Values) -> tuple[Any, Any]:
        def differentiable(moved: Values) -> tuple[Any, Any]:
            calculated = case.model({**given, **moved}, True)
            assert set(calculated) == {*results, *carried}, f"the model gives {sorted(calculated)}"
            return {name: calculated[name] for name in real}, calculated

        _, pullback, calculated = jax.vjp(differentiable, moved, has_aux=True)
        return calculated, pullback(above)[0]

    theirs, pulled = pulled_back(moved, above)
    _, gradients = pulled_back(
        moved, {name: np.full(np.shape(value), float(name == "loss")) for name, value in above.items()}
    )
    inferred = jax.jit(lambda moved: case.model({**given, **moved}, False))(moved)
    yield "forward", [(name, value, theirs[name]) for name, value in outputs.items()]
    yield "state", [(f"{name}'", value, theirs[f"{name}'"]) for states in after for name, value in states.items()]
    ours = module.backward(point.params, saved, above)
    assert set(ours) == set(moved) - case.frozen, f"backward gives {sorted(ours)}"
    yield "backward", [(name, value, pulled[name]) for name, value in ours.items()]
    for how in ("fresh", "workspace"):
        extra = {"workspace": module.Workspace()} if how == "workspace" else {}
        loss, grads, *_ = point.call("loss_and_grad", **extra)
        assert set(grads) == set(point.params) - case.frozen, f"loss_and_grad gives {sorted(grads)}"
        yield f"loss, {how}", [("", loss, theirs["loss"])]
        yield f"gradient, {how}", [(name, grad, gradients[name]) for name, grad in grads.items()]
    yield "predict", [(name, value, inferred[name]) for name, value in point.call("predict").items()]
    yield "evaluate", [(name, value, inferred[name]) for name, value in point.call("evaluate").items()]
