"""The formula for the memory of a step against what NumPy tells tracemalloc of its arrays.

Counted are arrays: those of the workspace, results, and what NumPy makes inside of its calls. Python's own objects are
not, which matter below some kB only: of them the benchmark takes off as many as there are in the end.
"""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from benchmarks.peers.rows import ROWS
from symnet.backends.numpy.code import Binding
from symnet.backends.numpy.footprint import step_footprint
from symnet.backends.numpy.module import emit
from symnet.backends.numpy.scope import Scope
from symnet.compile import imported, load, network
from symnet.contract import Contract
from symnet.language.network import Network
from symnet.passes.pipeline import bundle
from symnet.planning.footprint import Footprint
from tests.modules import EXAMPLES
from tests.random_specs import random_spec
from tests.support import network_of

# What interpreter and iterators may take beyond the formula.
OBJECTS = 4000

WORKLOADS = {row.path.stem: row.path for row in ROWS.values()}
NETWORKS = {**{path.stem: path for path in sorted(EXAMPLES.glob("*.sym"))}, **WORKLOADS}
OTHERS = [
    ("mlp_tiny", {"N": 1000}),
    ("mlp_digits", {"N": 1}),
    ("mlp_digits", {"N": 2000}),
    ("mlp_mnist", {"N": 3}),
    ("mlp_mnist", {"N": 2000}),
    ("deep_tanh", {"N": 1}),
    ("lenet", {"N": 1}),
    ("lenet", {"N": 7}),
    ("resnet_block", {"N": 1}),
    ("resnet_block", {"N": 5}),
    ("transformer", {"N": 1, "T": 9}),
    ("transformer", {"N": 20, "T": 50}),
    ("lstm", {"N": 1, "T": 5}),
    ("lstm", {"N": 100, "T": 3}),
    ("gaussian_mixture", {"N": 1}),
    ("gaussian_mixture", {"N": 4321}),
    ("logistic_regression", {"N": 1}),
    ("logistic_regression", {"N": 1024}),
    ("vae", {"N": 1}),
    ("vae", {"N": 999}),
    ("gpt_small", {"N": 2, "T": 5}),
    ("gpt_small", {"N": 16, "T": 20}),
    ("contrastive", {"N": 30}),
    ("factorisation_machine", {"N": 200}),
    ("lstm_recall", {"N": 9, "T": 12}),
    ("physics", {"N": 100, "M": 20}),
    ("resnet", {"N": 3}),
    ("state_space", {"N": 50, "T": 30}),
    ("structured", {"N": 100}),
]
CASES = [*((row.path.stem, dict(row.sizes)) for row in ROWS.values()), *OTHERS]


class Measured(NamedTuple):
    """Bytes: the peak of two steps as the benchmark takes it, and the arrays that are there in the end."""

    peak: int
    held: int


class Planned(NamedTuple):
    contract: Contract
    footprint: Footprint


def planned(net: Network) -> Planned:
    programs = bundle(net, net)
    assert programs.step is not None
    module = imported(emit(programs, gradient_error=None), net.name)
    return Planned(Contract.of(module), step_footprint(net, programs.step))


@cache
def of_file(path: Path) -> Planned:
    return planned(network(load(path)))


def measured(contract: Contract, sizes: dict[str, int], dtype: Any) -> Measured:
    rng = np.random.default_rng(20)

    def cast(arrays: dict[str, Any]) -> dict[str, Any]:
        return {name: np.asarray(a, dtype if a.dtype.kind == "f" else None) for name, a in arrays.items()}

    params, state = contract.init(rng, dtype), contract.init_state(dtype)
    inputs, noise = cast(contract.sample_inputs(rng, sizes)), contract.draw(rng, sizes)
    extra = {"noise": cast(noise)} if noise else {}

    def step(workspace: Any) -> Any:
        with np.errstate(all="ignore"):
            return contract.call("loss_and_grad", params, state, inputs, workspace=workspace, **extra)

    step(contract.module.Workspace())
    workspace = contract.module.Workspace()
    gc.collect()
    tracemalloc.start()
    try:
        kept = [step(workspace)]
        kept[0] = step(workspace)
        peak = tracemalloc.get_traced_memory()[1]
        own, arrays = (
            sum(trace.size for trace in tracemalloc.take_snapshot().filter_traces([only]).traces)
            for only in (tracemalloc.DomainFilter(True, d) for d in (0, np.lib.tracemalloc_domain))
        )
    finally:
        tracemalloc.stop()
    return Measured(max(peak - own, arrays), arrays)


def wrong(found: Planned, sizes: dict[str, int], dtype: Any) -> Iterator[str]:
    """How the formula disagrees with what was measured: every array that stays has to be in it, and the peak within
    10 %, or within what objects take."""
    size, known = np.dtype(dtype).itemsize, found.contract.example_sizes(sizes)
    real = measured(found.contract, known, dtype)
    held, peak = found.footprint.held_bytes(known, size), found.footprint.value(known, size)
    if held != real.held:
        yield f"{np.dtype(dtype)} at {known}: arrays of {real.held:,} bytes stay, of which {held:,} are known"
    if abs(peak - real.peak) > max(0.1 * real.peak, OBJECTS):
        yield f"{np.dtype(dtype)} at {known}: {real.peak:,} bytes at most, {peak:,} by the formula"


@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])
@pytest.mark.parametrize(("name", "sizes"), CASES, ids=lambda value: str(value).replace(" ", ""))
def test_the_formula_gives_the_measured_bytes(name: str, sizes: dict[str, int], dtype: Any) -> None:
    assert not list(wrong(of_file(NETWORKS[name]), sizes, dtype))


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.sym")), ids=lambda path: path.stem)
def test_every_array_of_the_examples_is_known(path: Path) -> None:
    assert not [*wrong(of_file(path), {}, np.float32), *wrong(of_file(path), {}, np.float64)]


@pytest.mark.parametrize("seed", range(12))
def test_every_array_of_random_networks_is_known(seed: int) -> None:
    net = network_of(random_spec(seed))
    found = planned(net)
    sizes: list[dict[str, int]] = [{"N": n} for n in (1, 4, 33)] if "N" in net.sizes else [{}]
    assert not [text for at in sizes for dtype in (np.float32, np.float64) for text in wrong(found, at, dtype)]


def test_an_array_that_nobody_recorded_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted fault: the vectors of ones say nothing of their memory."""
    ones = Scope.ones

    def silent(self: Scope, *arguments: Any) -> str:
        name = ones(self, *arguments)
        binding: Binding = self.setup[name]
        self.setup[name] = replace(binding, made=())
        return name

    monkeypatch.setattr(Scope, "ones", silent)
    found = planned(network(load(NETWORKS["mlp_digits"])))
    assert [text for text in wrong(found, {"N": 32}, np.float32) if "stay" in text]


def test_buffers_that_nobody_recorded_are_found() -> None:
    found = of_file(NETWORKS["lstm"])
    silent = found._replace(footprint=replace(found.footprint, passing=()))
    assert [text for text in wrong(silent, {"N": 1, "T": 32}, np.float32) if "at most" in text]
