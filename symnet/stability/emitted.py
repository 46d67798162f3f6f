"""The emitted module at a point: what users run is what is certified."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from symnet.contract import Contract
from symnet.language.network import Network

Array = np.ndarray[Any, Any]
Build = Callable[[Network], Any]


class _Told(dict[str, None]):
    """What NumPy says of floating point, each text once; not what others warn of, in this thread or another."""

    def write(self, text: str) -> None:
        """Keep a text, as NumPy writes it to a log."""
        self[text.strip().removeprefix("Warning: ")] = None


@dataclass(frozen=True)
class Outcome:
    """What a module gives at a point: its results by name, and the warnings of NumPy on the way."""

    results: Mapping[str, Array]
    warnings: tuple[str, ...]


def outcome(module: Any, net: Network, values: Mapping[str, Array], dtype: Any) -> Outcome:
    """Loss, gradients, outputs and next states, in one precision."""
    contract = Contract.of(module)
    given = {name: array if array.dtype.kind in "iu" else array.astype(dtype) for name, array in values.items()}
    params, inputs, state, noise = (
        {name: array for name, array in given.items() if net.tensors[name].role == role}
        for role in ("param", "input", "state", "random")
    )
    results: dict[str, Any] = {}
    told = _Told()
    with np.errstate(divide="log", over="log", invalid="log", call=told):
        for function in ("forward", "loss_and_grad"):
            if not hasattr(module, function):
                continue
            own = {"noise": noise} if contract.draws(function) else {}
            returned = contract.call(function, params, state if contract.state else None, inputs, **own)
            results |= _named(function, net, returned)
    return Outcome({name: np.asarray(value) for name, value in results.items()}, tuple(told))


def _named(function: str, net: Network, returned: Any) -> dict[str, Any]:
    """The results by the names that a certificate calls them."""
    next_state = {tensor: returned[2][name] for name, tensor in net.next_state} if len(returned) > 2 else {}
    if function == "forward":
        return dict(returned[0]) | next_state
    loss, gradients = returned[:2]
    return {net.objective or "loss": loss, **{f"d{name}": value for name, value in gradients.items()}} | next_state
