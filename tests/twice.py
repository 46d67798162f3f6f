"""Modules in which everything that can be calculated twice is, next to the same ones in which nothing is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np

from symnet.backends.numpy.module import emit
from symnet.compile import imported
from symnet.contract import Contract
from symnet.ir.bundle import Bundle, Differentiated
from symnet.language.network import Network
from symnet.passes.pipeline import bundle, outliving
from symnet.passes.recompute import Search
from symnet.planning.recompute import KEPT, trades_of


def everything_twice(net: Network, derived: Differentiated, sizes: Mapping[str, int], *, apart: bool) -> Differentiated:
    """The program with every value calculated again that can be, whether that helps or not."""
    search = Search(derived, outliving(net, derived), sizes, None if apart else lambda _: 0)
    state = search.everything.copy()
    for value in reversed(state.values.of.values()):
        ways = list(trades_of(state, value)) if value.free and state.status[value.name] == KEPT else []
        if ways:
            state.make(ways[0])
    return search.applied(state.choice()).derived


def both_bundles(net: Network, sizes: Mapping[str, int]) -> tuple[Bundle, Bundle]:
    """The programs of a network, and the same with everything calculated twice."""
    plain = bundle(net, net)
    step = plain.step and everything_twice(net, plain.step, sizes, apart=False)
    return plain, replace(plain, step=step, pull=everything_twice(net, plain.pull, sizes, apart=True))


def both_modules(net: Network, sizes: Mapping[str, int]) -> tuple[ModuleType, ModuleType]:
    """The modules of a network, without and with everything calculated twice."""
    one, other = (imported(emit(b, gradient_error=None), net.name) for b in both_bundles(net, sizes))
    return one, other


def results(module: ModuleType, sizes: Mapping[str, int], dtype: Any, seed: int = 0) -> dict[str, Any]:
    """All that a module calculates in training mode at random parameters and inputs."""
    contract, rng = Contract.of(module), np.random.default_rng(seed)
    params, state = contract.init(rng, dtype), contract.init_state(dtype)
    inputs = contract.sample_inputs(rng, sizes)
    given = {
        contract.inputs[name].argument: value if contract.inputs[name].integer else np.asarray(value, dtype)
        for name, value in inputs.items()
    }
    given |= {"noise": module.draw(seed, **sizes)} if hasattr(module, "draw") else {}
    first = (params,) if state is None else (params, state)
    with np.errstate(all="ignore"):
        outputs, saved, *_ = module.forward(*first, **given)
        upstream = {
            name: rng.normal(size=value.shape).astype(dtype)
            for name, value in outputs.items()
            if value.dtype.kind == "f"
        }
        found = {"forward": outputs, "backward": module.backward(params, saved, upstream)}
        if hasattr(module, "loss_and_grad"):
            found["loss_and_grad"] = module.loss_and_grad(*first, **given)
    return found


def differences(one: Any, other: Any, name: str = "") -> Iterator[str]:
    """Where two results are not the same in every bit."""
    if isinstance(one, dict):
        for key in one:
            yield from differences(one[key], other[key], f"{name} {key}")
    elif isinstance(one, tuple):
        for number, (a, b) in enumerate(zip(one, other, strict=True)):
            yield from differences(a, b, f"{name} {number}")
    elif np.asarray(one).tobytes() != np.asarray(other).tobytes():
        yield f"{name.strip()} differs by {np.max(np.abs(np.asarray(one) - np.asarray(other)), initial=0)}"
