"""An emitted module, seen from outside: import one from a file, read its tables, draw inputs, call it.

Everything that people do with a module (check, train, predict) rests on the tables and functions that every
emitted module has, and on nothing else, so it works as well for a module that was saved long ago.
"""

from __future__ import annotations

import ast
import importlib.util
import inspect
import operator
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from symnet.errors import UsageError

Array = np.ndarray[Any, Any]
Extent = int | str

DEFAULT_SIZES = (4, 3, 5, 2)  # for sizes without an `example`: small, and different from each other
FUNCTIONS = ("init", "forward", "backward", "predict")
OPERATORS: dict[type, Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a module's table: a tensor's shape (ints, size names, formulas over them) and its kind."""

    name: str
    shape: tuple[Extent, ...]
    kind: str
    bound: Extent | None
    sampler: tuple[str, Mapping[str, float]] | None
    argument: str

    @property
    def integer(self) -> bool:
        """Whether its values are integers."""
        return self.kind != "real"


def extent_value(extent: Extent, sizes: Mapping[str, int]) -> int:
    """The number that an extent such as `2*N + 1` stands for. It is calculated here, not evaluated as Python."""
    if isinstance(extent, int):
        return extent
    if extent in sizes:
        return sizes[extent]
    return _value(ast.parse(extent, mode="eval").body, sizes)


def _value(node: ast.expr, sizes: Mapping[str, int]) -> int:
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return node.value
    if isinstance(node, ast.Name) and node.id in sizes:
        return sizes[node.id]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand, sizes)
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        return OPERATORS[type(node.op)](_value(node.left, sizes), _value(node.right, sizes))
    raise UsageError(f"the extent {ast.unparse(node)!r} in the module's tables is no formula over its sizes")


@dataclass(frozen=True)
class Contract:
    """The tables of one emitted module and calls to its functions, with state and noise passed where there are any."""

    module: Any

    @staticmethod
    def of(module: Any) -> Contract:
        """The contract of this module; UsageError if it is not one that symnet emitted."""
        missing = [name for name in ("PARAMETERS", "INPUTS", *FUNCTIONS) if not hasattr(module, name)]
        if missing:
            name = getattr(module, "__name__", "this")
            raise UsageError(f"{name} is no module that symnet emitted: it has no {missing[0]!r}")
        return Contract(module)

    @cached_property
    def parameters(self) -> dict[str, Row]:
        """The parameters by name."""
        return self._rows("PARAMETERS")

    @cached_property
    def inputs(self) -> dict[str, Row]:
        """The inputs by name."""
        return self._rows("INPUTS")

    @cached_property
    def state(self) -> dict[str, Row]:
        """What is carried from step to step; often empty."""
        return self._rows("STATE")

    @cached_property
    def derivatives(self) -> dict[str, tuple[str, str]]:
        """The further derivatives: function to its kind, and the parameter that it is of, "" for all of them."""
        return dict(getattr(self.module, "DERIVATIVES", {}))

    @cached_property
    def trainable(self) -> bool:
        """Whether there is a loss to minimise and a rule to do it with."""
        return hasattr(self.module, "loss_and_grad") and hasattr(self.module, "update")

    def _rows(self, table: str) -> dict[str, Row]:
        rows = getattr(self.module, table, {})
        return {
            name: Row(
                name,
                tuple(row["shape"]),
                row["kind"],
                row.get("bound"),
                row.get("sampler"),
                row.get("argument", name),
            )
            for name, row in rows.items()
        }

    @cached_property
    def batch(self) -> str | None:
        """The size that counts the rows of a batch: the first run-time size that leads an input."""
        leading = (row.shape[0] for row in self.inputs.values() if row.shape)
        return next((extent for extent in leading if isinstance(extent, str) and extent.isidentifier()), None)

    def batched(self, name: str) -> bool:
        """Whether this input has one entry per row of the batch."""
        shape = self.inputs[name].shape
        return bool(shape) and self.batch is not None and shape[0] == self.batch

    def sizes_of(self, inputs: Mapping[str, Array]) -> dict[str, int]:
        """The run-time sizes that these inputs have."""
        sizes: dict[str, int] = {}
        for name, value in inputs.items():
            for extent, length in zip(self.inputs[name].shape, np.shape(value), strict=True):
                if isinstance(extent, str) and extent.isidentifier():
                    sizes[extent] = length
        return sizes

    # --- making what the functions take ---

    def example_sizes(self, given: Mapping[str, int] | None = None, other: int | None = None) -> dict[str, int]:
        """A value for every run-time size: the given one, else its `example`, else `other`, else one of its own."""
        given = dict(given or {})
        known: Mapping[str, int | None] = getattr(self.module, "SIZES", {})
        unknown = [name for name in given if name not in known]
        if unknown:
            raise UsageError(f"there is no size {unknown[0]!r}; the module's sizes are {', '.join(known) or 'none'}")
        sizes = {}
        for position, (name, example) in enumerate(known.items()):
            sizes[name] = given.get(name) or example or other or DEFAULT_SIZES[position % len(DEFAULT_SIZES)]
        return sizes

    def sample_inputs(self, rng: np.random.Generator, sizes: Mapping[str, int]) -> dict[str, Array]:
        """Inputs drawn as the spec says: by their samplers, below their bounds, else from a normal distribution."""
        return {name: _sample(row, rng, sizes) for name, row in self.inputs.items()}

    def init(self, rng: np.random.Generator | int, dtype: Any = np.float32) -> dict[str, Array]:
        """Fresh parameters."""
        params: dict[str, Array] = self.module.init(rng, dtype)
        return params

    def init_state(self, dtype: Any = np.float32) -> dict[str, Array] | None:
        """The state before the first step; None where the network has none."""
        if not self.state:
            return None
        return {name: np.asarray(value, dtype) for name, value in self.module.init_state().items()}

    def draw(self, rng: np.random.Generator, sizes: Mapping[str, int]) -> Any:
        """One draw of the network's random tensors; None where it has none."""
        return self.module.draw(rng, **sizes) if hasattr(self.module, "draw") else None

    def draws(self, function: str) -> bool:
        """Whether this function uses random tensors, and so takes `rng` and `noise`."""
        return "noise" in inspect.signature(getattr(self.module, function)).parameters

    # --- calling ---

    def call(
        self,
        function: str,
        params: Mapping[str, Array],
        state: Mapping[str, Array] | None,
        inputs: Mapping[str, Array],
        **extra: Any,
    ) -> Any:
        """`module.function(params, [state,] x=…, …)`; without what is None in `extra` and inputs it does not take."""
        carried = () if state is None else (state,)
        given = {self.inputs[name].argument: value for name, value in inputs.items() if name in self.takes(function)}
        extra = {name: value for name, value in extra.items() if value is not None}
        try:
            return getattr(self.module, function)(params, *carried, **given, **extra)
        except (ValueError, TypeError, IndexError) as error:  # what an emitted module raises for arrays that do not fit
            raise UsageError(f"{function}: {error}") from error

    def takes(self, function: str) -> tuple[str, ...]:
        """The inputs that this function has an argument for: `predict` needs no labels."""
        if function not in self._taken:
            arguments = inspect.signature(getattr(self.module, function)).parameters
            anything = any(argument.kind is argument.VAR_KEYWORD for argument in arguments.values())
            taken = (name for name, row in self.inputs.items() if anything or row.argument in arguments)
            self._taken[function] = tuple(taken)
        return self._taken[function]

    @cached_property
    def _taken(self) -> dict[str, tuple[str, ...]]:
        return {}


def _sample(row: Row, rng: np.random.Generator, sizes: Mapping[str, int]) -> Array:
    shape = tuple(extent_value(extent, sizes) for extent in row.shape)
    if row.bound is not None:
        return np.asarray(rng.integers(0, extent_value(row.bound, sizes), shape))
    if row.integer:
        return np.asarray(rng.integers(0, 2, shape))
    kind, arguments = row.sampler or ("normal", {})
    if kind == "uniform":
        return np.asarray(rng.uniform(arguments.get("low", 0.0), arguments.get("high", 1.0), shape))
    if kind in ("zeros", "ones", "constant"):
        value = {"zeros": 0.0, "ones": 1.0}.get(kind, arguments.get("value", 0.0))
        return np.full(shape, value)
    return np.asarray(rng.normal(arguments.get("mean", 0.0), arguments.get("std", 1.0), shape))


def load_module(path: str | Path) -> ModuleType:
    """The emitted module in this file, imported. UsageError for a file that is not there, or is something else."""
    path = Path(path)
    if not path.is_file():
        raise UsageError(f"cannot read {path}: there is no such file")
    name = f"symnet_module_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise UsageError(f"{path} is no Python module")
    module = importlib.util.module_from_spec(spec)
    written, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise UsageError(f"cannot import {path}: {type(error).__name__}: {error}") from error
    finally:
        sys.dont_write_bytecode = written
    Contract.of(module)
    return module
