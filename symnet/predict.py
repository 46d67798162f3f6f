"""Prediction: the outputs of a module for the rows of a data set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from symnet.contract import Array, Contract
from symnet.data import Data
from symnet.errors import UsageError


def predict(
    module: Any,
    params: Mapping[str, Array],
    data: Data,
    *,
    state: Mapping[str, Array] | None = None,
    batch: int | None = None,
) -> dict[str, Array]:
    """The outputs by name, in inference mode. With `batch`, so many rows at a time, which needs less memory.

    Random tensors that are left in that mode are drawn from a fixed seed: the same call gives the same outputs.
    UsageError if `batch` is given and an output has no row for each row of the data.
    """
    contract = Contract.of(module)
    if batch is None or batch >= data.rows:
        return _outputs(contract, params, state, data.arrays, 0)
    parts = []
    for start in range(0, data.rows, batch):
        rows = min(batch, data.rows - start)
        part = _outputs(contract, params, state, data.take(slice(start, start + rows)), start)
        whole = [name for name, value in part.items() if value.shape[:1] != (rows,)]
        if whole:
            raise UsageError(f"the output {whole[0]!r} does not have a row for each row of the data: leave out --batch")
        parts.append(part)
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _outputs(
    contract: Contract,
    params: Mapping[str, Array],
    state: Mapping[str, Array] | None,
    inputs: Mapping[str, Array],
    seed: int,
) -> dict[str, Array]:
    with np.errstate(all="ignore"):
        rng = np.random.default_rng(seed) if contract.draws("predict") else None
        outputs = contract.call("predict", params, state, inputs, rng=rng)
    return {name: np.asarray(value) for name, value in outputs.items()}
