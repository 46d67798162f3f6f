"""The numbers that a trace starts from: those that the caller gives, and drawn ones for the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import prod, sqrt
from typing import Any

import numpy as np

from symnet.errors import UsageError, nearest
from symnet.language.extents import Extent
from symnet.language.network import Network, Sampler, TensorDecl

Array = np.ndarray[Any, Any]
Shape = tuple[int, ...]

GIVEN = ("input", "param", "state", "random")
DEFAULT_SIZE = 2  # of a size that neither an array nor the spec's `example` tells
LARGEST = 2_000_000  # how many numbers all given tensors may have together


def starting_values(
    network: Network, values: Mapping[str, Any], seed: int = 0
) -> tuple[dict[str, Array], dict[str, int]]:
    """(an array for each given tensor, the sizes). Random numbers are rounded, so that one can follow them by hand.

    UsageError for an unknown name, a wrong shape or kind, or too many numbers.
    """
    given = {name: _array(network, name, value) for name, value in values.items()}
    sizes = _sizes(network, given)
    declared = [d for d in network.tensors.values() if d.role in GIVEN]
    shapes = {d.name: tuple(extent.value(sizes) for extent in d.extents) for d in declared}
    if sum(map(prod, shapes.values())) > LARGEST:
        raise UsageError("the network is too large to be traced", hint="give it smaller sizes, e.g. with --set")
    rng = np.random.default_rng(seed)
    found: dict[str, Array] = {}
    for d in declared:
        drawn = _drawn(d, shapes[d.name], sizes, rng)
        found[d.name] = given.get(d.name, drawn)
        if found[d.name].shape != shapes[d.name]:
            expected, got = _shape_text(shapes[d.name]), _shape_text(found[d.name].shape)
            raise UsageError(f"{d.name!r} must be {expected}, but what is given is {got}")
    return found, sizes


def _shape_text(shape: Shape) -> str:
    return f"an array of shape {shape}" if shape else "a number"


def _array(network: Network, name: str, value: Any) -> Array:
    """A value of the caller as an array of the tensor's kind."""
    declared = network.tensors.get(name)
    if declared is None or declared.role not in GIVEN:
        known = [n for n, d in network.tensors.items() if d.role in GIVEN]
        why = "is calculated by the network" if declared else "is no tensor of the network"
        raise UsageError(f"{name!r} {why}", hint=nearest(name, known) or f"what can be given is {', '.join(known)}")
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError) as error:
        raise UsageError(f"the value of {name!r} is no number and no regular array of numbers") from error
    if array.ndim != len(declared.extents):
        expected = f"{len(declared.extents)} dimensions" if declared.extents else "no dimensions: a number"
        raise UsageError(f"{name!r} has {expected}, but what is given has the shape {array.shape}")
    if not declared.integer:
        return array
    if np.any(array != np.floor(array)):
        raise UsageError(f"{name!r} holds integers")
    return array.astype(np.int64)


def _sizes(network: Network, given: Mapping[str, Array]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for name, array in given.items():
        for extent, length in zip(network.tensors[name].extents, array.shape, strict=True):
            if extent.sizes and str(extent) == extent.sizes[0]:
                sizes.setdefault(extent.sizes[0], length)
    for name in network.sizes:
        sizes.setdefault(name, network.examples.get(name, DEFAULT_SIZE))
    return sizes


# --- drawing ---------------------------------------------------------------------------------------


def _drawn(d: TensorDecl, shape: Shape, sizes: Mapping[str, int], rng: np.random.Generator) -> Array:
    if d.integer:
        bound = d.bound.value(sizes) if d.bound is not None else 2
        return rng.integers(0, max(1, bound), shape)
    sampler = d.sampler or Sampler("normal")
    arguments = {name: _number(value, sizes) for name, value in sampler.arguments}
    drawn = np.asarray(_ROWS[sampler.name](rng, shape, arguments), dtype=float)
    return drawn if sampler.name in _EXACT else np.round(drawn, 2)


def _number(value: Fraction | Extent, sizes: Mapping[str, int]) -> float:
    return float(value.value(sizes)) if isinstance(value, Extent) else float(value)


Row = Callable[[np.random.Generator, Shape, Mapping[str, float]], Any]


def _fan(limit: Callable[[float, float], float], draw: str) -> Row:
    """A distribution whose width depends on fan-in and fan-out."""

    def row(rng: np.random.Generator, shape: Shape, given: Mapping[str, float]) -> Any:
        width = given.get("gain", 1.0) * sqrt(limit(given["fan_in"], given.get("fan_out", 0.0)))
        return rng.uniform(-width, width, shape) if draw == "uniform" else rng.normal(0.0, width, shape)

    return row


def _orthogonal(rng: np.random.Generator, shape: Shape, given: Mapping[str, float]) -> Any:
    rows = shape[0] if shape else 1
    columns = prod(shape[1:])
    square, _ = np.linalg.qr(rng.normal(size=(max(rows, columns), min(rows, columns))))
    return given.get("gain", 1.0) * (square if rows >= columns else square.T).reshape(shape)


_EXACT = ("zeros", "ones", "constant")
_ROWS: Mapping[str, Row] = {
    "zeros": lambda rng, shape, given: np.zeros(shape),
    "ones": lambda rng, shape, given: np.ones(shape),
    "constant": lambda rng, shape, given: np.full(shape, given["value"]),
    "uniform": lambda rng, shape, given: rng.uniform(given.get("low", 0.0), given.get("high", 1.0), shape),
    "normal": lambda rng, shape, given: rng.normal(given.get("mean", 0.0), given.get("std", 1.0), shape),
    "orthogonal": _orthogonal,
    "glorot_uniform": _fan(lambda fan_in, fan_out: 6 / (fan_in + fan_out), "uniform"),
    "glorot_normal": _fan(lambda fan_in, fan_out: 2 / (fan_in + fan_out), "normal"),
    "he_uniform": _fan(lambda fan_in, fan_out: 6 / fan_in, "uniform"),
    "he_normal": _fan(lambda fan_in, fan_out: 2 / fan_in, "normal"),
    "lecun_uniform": _fan(lambda fan_in, fan_out: 3 / fan_in, "uniform"),
    "lecun_normal": _fan(lambda fan_in, fan_out: 1 / fan_in, "normal"),
}
