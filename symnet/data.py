"""Data for training and prediction: an `.npz` file with the inputs' names, or a data set of scikit-learn.

What comes from a file is held against the module's tables before anything is calculated: names, ranks, sizes, kinds,
ranges. Real arrays are converted to the dtype asked for, integers to int64.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from symnet.contract import Array, Contract, Row, extent_value
from symnet.errors import UsageError, nearest
from symnet.files import read_arrays


@dataclass(frozen=True)
class Data:
    """Arrays by input name. Those in `batched` have `rows` rows; the others are the same for every batch."""

    arrays: Mapping[str, Array]
    batched: tuple[str, ...]
    rows: int

    def take(self, rows: Array | slice) -> dict[str, Array]:
        """The inputs with these rows only."""
        return {name: value[rows] if name in self.batched else value for name, value in self.arrays.items()}

    def part(self, rows: Array) -> Data:
        """The data with these rows only."""
        return Data(self.take(rows), self.batched, len(rows))


def split(data: Data, held_out: float, seed: int) -> tuple[Data, Data | None]:
    """Data for training and data held out from it: a share of the rows chosen by the seed. None for a share of 0."""
    if not 0 <= held_out < 1:
        raise UsageError(f"the share of held-out rows must be at least 0 and below 1, not {held_out:g}")
    count = round(held_out * data.rows)
    if not count:
        return data, None
    if count == data.rows:
        raise UsageError(f"holding out {held_out:g} of {data.rows} rows leaves none to train on")
    order = np.random.default_rng([seed, 1]).permutation(data.rows)
    return data.part(np.sort(order[count:])), data.part(np.sort(order[:count]))


def load_data(
    source: str,
    contract: Contract,
    *,
    names: Iterable[str] | None = None,
    others: Iterable[str] = (),
    dtype: Any = np.float32,
) -> Data:
    """The data at `source` for the inputs `names` of a module (all of them if not said), and for `others` if there.

    `source` is the path of an `.npz` file whose arrays have the inputs' names, or `sklearn:digits` and its like.
    """
    if source.startswith("sklearn:"):
        arrays = _from_sklearn(source.removeprefix("sklearn:"), contract)
    else:
        arrays = read_arrays(source)
    wanted = tuple(contract.inputs if names is None else names)
    more = tuple(name for name in others if name in arrays and name not in wanted)
    return fit_data(arrays, contract, names=(*wanted, *more), dtype=dtype, source=source)


def fit_data(
    arrays: Mapping[str, Array],
    contract: Contract,
    *,
    names: Iterable[str] | None = None,
    dtype: Any = np.float32,
    source: str = "the data",
) -> Data:
    """The arrays as data for a module, each held against the module's table of inputs."""
    wanted = tuple(contract.inputs if names is None else names)
    for name in arrays:
        if name not in contract.inputs:
            known = ", ".join(contract.inputs) or "none"
            raise UsageError(
                f"{source} holds {name!r}, which is no input; the inputs are {known}",
                hint=nearest(name, contract.inputs),
            )
    missing = [name for name in wanted if name not in arrays]
    if missing:
        raise UsageError(f"{source} has no {missing[0]!r}; it holds {', '.join(arrays) or 'nothing'}")
    sizes: dict[str, int] = {}
    fitted = {name: _fit(contract.inputs[name], np.asarray(arrays[name]), sizes, dtype, source) for name in wanted}
    _check_formulas(contract, fitted, sizes, source)
    rows = sizes.get(contract.batch or "", 0)
    if not rows:
        raise UsageError(f"{source} holds no rows" if contract.batch else "no input has a run-time size to batch along")
    return Data(fitted, tuple(name for name in wanted if contract.batched(name)), rows)


def _fit(row: Row, array: Array, sizes: dict[str, int], dtype: Any, source: str) -> Array:
    about = f"{row.name!r} in {source}"
    expected = f"[{', '.join(map(str, row.shape))}]"
    if array.ndim != len(row.shape):
        raise UsageError(f"{about} has shape {list(array.shape)}, but {expected} is expected")
    for extent, length in zip(row.shape, array.shape, strict=True):
        if isinstance(extent, str) and not extent.isidentifier():
            continue
        known = extent if isinstance(extent, int) else sizes.setdefault(extent, length)
        if known != length:
            also = "" if isinstance(extent, int) else f", where {extent} = {known} in another input"
            raise UsageError(f"{about} has shape {list(array.shape)}, but {expected} is expected{also}")
    return _integers(row, array, sizes, about) if row.integer else _reals(array, dtype, about)


def _integers(row: Row, array: Array, sizes: Mapping[str, int], about: str) -> Array:
    if array.dtype.kind not in "iub":
        raise UsageError(f"{about} must hold integers, not {array.dtype}", hint="convert it with astype(int)")
    if row.bound is not None and array.size:
        bound, low, high = extent_value(row.bound, sizes), int(array.min()), int(array.max())
        if low < 0 or high >= bound:
            wrong = low if low < 0 else high
            raise UsageError(f"{about} holds {wrong}, but its values are 0..{bound - 1}")
    return np.ascontiguousarray(array, np.int64)


def _reals(array: Array, dtype: Any, about: str) -> Array:
    if array.dtype.kind not in "fiub":
        raise UsageError(f"{about} must hold real numbers, not {array.dtype}")
    if np.isnan(array).any():
        place = ", ".join(str(int(k)) for k in np.argwhere(np.isnan(array))[0])
        raise UsageError(f"{about} holds nan at [{place}]")
    return np.ascontiguousarray(array, dtype)


def _check_formulas(contract: Contract, arrays: Mapping[str, Array], sizes: Mapping[str, int], source: str) -> None:
    for name, array in arrays.items():
        for axis, extent in enumerate(contract.inputs[name].shape):
            if isinstance(extent, str) and extent_value(extent, sizes) != array.shape[axis]:
                raise UsageError(f"{name!r} in {source} has {array.shape[axis]} along axis {axis}, not {extent}")


# --- scikit-learn -----------------------------------------------------------------------------------


def _sixteenths(x: Array) -> Array:
    return x / 16


def _standardised(x: Array) -> Array:
    scaled: Array = (x - x.mean(0)) / x.std(0)
    return scaled


def _as_it_is(x: Array) -> Array:
    return x


Scaling = Callable[[Array], Array]
DATA_SETS: dict[str, tuple[Scaling, Scaling, str]] = {
    "digits": (_sixteenths, _as_it_is, "1,797 images of 8x8 pixels, scaled to 0..1; 10 classes"),
    "iris": (_standardised, _as_it_is, "150 flowers, 4 lengths with mean 0 and deviation 1; 3 classes"),
    "wine": (_standardised, _as_it_is, "178 wines, 13 properties with mean 0 and deviation 1; 3 classes"),
    "breast_cancer": (_standardised, _as_it_is, "569 tumours, 30 properties with mean 0 and deviation 1; 2 classes"),
    "diabetes": (
        _standardised,
        _standardised,
        "442 patients, 10 properties, all with mean 0 and deviation 1; a number",
    ),
}


def _from_sklearn(name: str, contract: Contract) -> dict[str, Array]:
    if name not in DATA_SETS:
        raise UsageError(
            f"there is no data set sklearn:{name}; there are {', '.join(DATA_SETS)}", hint=nearest(name, DATA_SETS)
        )
    try:
        sets = importlib.import_module("sklearn.datasets")
    except ImportError as error:
        hint = "install it with: pip install 'symnet[demo]'"
        raise UsageError(f"sklearn:{name} needs scikit-learn, which is not installed", hint=hint) from error
    x, y = getattr(sets, f"load_{name}")(return_X_y=True)
    scale_x, scale_y, _ = DATA_SETS[name]
    features, target = _roles(contract, x.shape[1], name)
    arrays = {features: _shaped(scale_x(x), contract.inputs[features])}
    if target:
        arrays[target] = _shaped(scale_y(y), contract.inputs[target])
    return arrays


def _roles(contract: Contract, width: int, name: str) -> tuple[str, str]:
    """The names of the inputs that take the features and the target: `x` and `y`, or those that fit by shape."""
    fitting = [row.name for row in contract.inputs.values() if not row.integer and _width(row) == width]
    features = "x" if "x" in fitting else next(iter(fitting), "")
    if not features:
        raise UsageError(f"no real input fits sklearn:{name}, whose rows have {width} numbers")
    others = [name for name in contract.inputs if name != features and contract.batched(name)]
    return features, "y" if "y" in others else next(iter(others), "")


def _width(row: Row) -> int | None:
    """How many numbers a row of this input has; None where that is not known."""
    lengths = [extent for extent in row.shape[1:] if isinstance(extent, int)]
    return math.prod(lengths) if row.shape and len(lengths) == len(row.shape) - 1 else None


def _shaped(array: Array, row: Row) -> Array:
    """The array with its rows in the input's shape: 64 pixels as [1, 8, 8], a target as [N, 1]."""
    tail = tuple(extent for extent in row.shape[1:] if isinstance(extent, int))
    return array.reshape(len(array), *tail) if array.size == len(array) * math.prod(tail) else array
