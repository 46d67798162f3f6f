"""Weights and checkpoints: what a training run leaves behind, in `.npz` files without pickled objects.

A checkpoint is a nested dict of arrays, numbers, strings, lists and None. Its arrays are members of the file; all else
is one JSON text, in which an array stands as {"array": number}. Floats keep every bit in JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from symnet.contract import Array, Contract, Row
from symnet.errors import UsageError, nearest
from symnet.files import read_arrays, write_arrays

FORMAT = "symnet checkpoint 1"


def save_checkpoint(path: str | Path, content: Mapping[str, Any]) -> None:
    """Write a checkpoint, whole or not at all."""
    arrays: dict[str, Array] = {}
    text = json.dumps({"format": FORMAT, "content": _packed(content, arrays)})
    write_arrays(path, {"checkpoint": np.array(text), **arrays})


def load_checkpoint(path: str | Path) -> dict[str, Any]:
    """What `save_checkpoint` wrote; UsageError for a file that is none."""
    arrays = read_arrays(path)
    try:
        head = json.loads(str(arrays["checkpoint"]))
        if head["format"] != FORMAT:
            raise UsageError(f"cannot read {path}: its format is {head['format']!r}, not {FORMAT!r}")
        content: dict[str, Any] = _unpacked(head["content"], arrays)
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise UsageError(f"cannot read {path}: it is no checkpoint of a training run") from error
    return content


def _packed(value: Any, arrays: dict[str, Array]) -> Any:
    if isinstance(value, Mapping):
        return {key: _packed(item, arrays) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_packed(item, arrays) for item in value]
    if isinstance(value, np.ndarray):
        name = f"a{len(arrays)}"
        arrays[name] = value
        return {"array": name}
    return value.item() if isinstance(value, np.generic) else value


def _unpacked(value: Any, arrays: Mapping[str, Array]) -> Any:
    if isinstance(value, list):
        return [_unpacked(item, arrays) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"array"} and isinstance(value["array"], str):
        return arrays[value["array"]].copy()
    return {key: _unpacked(item, arrays) for key, item in value.items()}


def save_weights(path: str | Path, params: Mapping[str, Array], state: Mapping[str, Array] | None = None) -> None:
    """Write parameters, and the state where there is one, by their names in the spec."""
    write_arrays(path, {**params, **(state or {})})


def load_weights(path: str | Path, contract: Contract) -> tuple[dict[str, Array], dict[str, Array] | None]:
    """The parameters and the state in a file, each held against the module's tables."""
    arrays = read_arrays(path)
    expected = {**contract.parameters, **contract.state}
    for name in arrays:
        if name not in expected:
            raise UsageError(f"{path} holds {name!r}, which is no parameter", hint=nearest(name, expected))
    fitted = {name: _fit(row, arrays, path) for name, row in expected.items()}
    dtypes = {str(fitted[name].dtype) for name in contract.parameters}
    if len(dtypes) > 1:
        raise UsageError(f"the parameters in {path} are of several dtypes: {', '.join(sorted(dtypes))}")
    state = {name: fitted[name] for name in contract.state} if contract.state else None
    return {name: fitted[name] for name in contract.parameters}, state


def _fit(row: Row, arrays: Mapping[str, Array], path: str | Path) -> Array:
    if row.name not in arrays:
        raise UsageError(f"{path} has no {row.name!r}; it holds {', '.join(arrays) or 'nothing'}")
    array = arrays[row.name]
    if array.shape != row.shape:
        raise UsageError(f"{row.name!r} in {path} has shape {list(array.shape)}, but {list(row.shape)} is expected")
    if str(array.dtype) not in ("float32", "float64"):
        raise UsageError(f"{row.name!r} in {path} must be float32 or float64, not {array.dtype}")
    return array
