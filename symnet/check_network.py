"""Check the module of a network, through its twin where the network stops gradients on purpose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np

from symnet.check import check_module
from symnet.check_report import Report, Row
from symnet.contract import Array, Contract
from symnet.language.network import Network
from symnet.passes.lower import lower
from symnet.passes.pipeline import results_of
from symnet.passes.stopped import Twin, twin
from symnet.planning.costs import program_flops

Build = Callable[[Network], ModuleType]


def check_network(net: Network, module: ModuleType, build: Build, **options: Any) -> Report:
    """The report on a network's module. `build` makes the module of another network, for the twin.

    `options` are those of `check_module`.
    """
    options = {"operations": _operations(net, options.get("sizes")), **options}
    pair = twin(net)
    if pair is None:
        return replace(check_module(module, **options), name=net.name)
    other = build(pair.network)
    report = check_module(other, **options)
    rows = tuple(row for row in report.rows if row.name not in pair.stopped)
    agreement = _agreement(module, other, build(pair.values), pair, report)
    return replace(report, name=net.name, rows=(*rows, *agreement))


def _operations(net: Network, given: Mapping[str, int] | None) -> int | None:
    """The operations of one evaluation; None where a size is known to the module alone."""
    sizes = {**net.examples, **(given or {})}
    if not sizes.keys() >= set(net.sizes):
        return None
    return program_flops(lower(net, results_of(net))).value(sizes)


def _agreement(module: ModuleType, other: ModuleType, values: ModuleType, pair: Twin, report: Report) -> list[Row]:
    """The gradients of the network against those of its twin, at the values that it stops."""
    contract, twin_contract, value_contract = Contract.of(module), Contract.of(other), Contract.of(values)
    rng, sizes = np.random.default_rng(report.seed), report.sizes
    inputs, state = contract.sample_inputs(rng, sizes), contract.init_state(np.float64)
    params, noise = contract.init(rng, np.float64), contract.draw(rng, sizes)
    stopped = value_contract.call("forward", params, state, inputs, noise=noise)[0]
    held = {**inputs, **{name: np.asarray(stopped[name]) for name in pair.stopped}}
    outputs, saved, *_ = contract.call("forward", params, state, inputs, noise=noise)
    _, twin_saved, *_ = twin_contract.call("forward", params, state, held, noise=noise)
    upstream = {name: rng.normal(size=np.shape(value)) for name, value in outputs.items()}
    found = module.backward(params, saved, upstream)
    expected = other.backward(params, twin_saved, upstream)
    return [_row(name, np.asarray(found[name]), np.asarray(expected[name]), report.tolerance) for name in found]


def _row(name: str, found: Array, expected: Array, tolerance: float) -> Row:
    scale = max(float(np.abs(expected).max(initial=0.0)), 1e-300)
    error = np.abs(found - expected) / scale
    worst = float(error.max(initial=0.0))
    return Row(
        "with stop",
        name,
        tuple(found.shape),
        checked=found.size,
        error=worst,
        worst=tuple(int(k) for k in np.unravel_index(int(error.argmax()), found.shape)) if found.size else (),
        wrong=not worst <= tolerance,
    )
