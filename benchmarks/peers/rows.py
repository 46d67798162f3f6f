"""The workloads: which spec, at which sizes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

Array = np.ndarray
WORKLOADS = Path(__file__).resolve().parents[1] / "workloads"


@dataclass(frozen=True)
class Row:
    """One row of the table: a spec of `benchmarks/workloads/`, without its ending, and its run-time sizes."""

    name: str
    spec: str
    sizes: Mapping[str, int] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        """The spec."""
        return WORKLOADS / f"{self.spec}.sym"


ROWS = {
    row.name: row
    for row in (
        Row("scalar_graph", "scalar_graph"),
        Row("rosenbrock_1000", "rosenbrock"),
        Row("mlp_tiny_b1", "mlp_tiny", {"N": 1}),
        Row("mlp_tiny_b32", "mlp_tiny", {"N": 32}),
        Row("mlp_digits_b32", "mlp_digits", {"N": 32}),
        Row("mlp_mnist_b1", "mlp_mnist", {"N": 1}),
        Row("mlp_mnist_b32", "mlp_mnist", {"N": 32}),
        Row("mlp_mnist_b256", "mlp_mnist", {"N": 256}),
        Row("mlp_wide_b256", "mlp_wide", {"N": 256}),
        Row("deep_tanh_b32", "deep_tanh", {"N": 32}),
        Row("lenet_b32", "lenet", {"N": 32}),
        Row("resnet_block_b16", "resnet_block", {"N": 16}),
        Row("transformer_b8", "transformer", {"N": 8, "T": 32}),
        Row("lstm_b16", "lstm", {"N": 16, "T": 32}),
        Row("gaussian_mixture", "gaussian_mixture", {"N": 1000}),
        Row("logistic_regression", "logistic_regression", {"N": 10_000}),
        Row("vae_b64", "vae", {"N": 64}),
    )
}


@dataclass(frozen=True)
class Problem:
    """A row with its numbers: what every contender is given, and what it shall find.

    params, inputs  by their names in the spec, as arrays of float32 (labels: int64)
    noise           what is drawn at random, by name; the same for all
    loss, grads     the right answer, calculated in float64
    module          the file with the generated module
    """

    row: str
    spec: str
    module: Path
    params: dict[str, Array]
    inputs: dict[str, Array]
    noise: dict[str, Array]
    loss: float
    grads: dict[str, Array]

    def save(self, path: Path) -> None:
        """Write everything to an .npz file."""
        groups = {"params": self.params, "inputs": self.inputs, "noise": self.noise, "grads": self.grads}
        arrays = {f"{group}/{name}": array for group, found in groups.items() for name, array in found.items()}
        words = {"row": self.row, "spec": self.spec, "module": str(self.module), "loss": self.loss}
        np.savez(path, **arrays, **words)

    @staticmethod
    def load(path: str | Path) -> Problem:
        """Read what `save` wrote."""
        groups: dict[str, dict[str, Array]] = {"params": {}, "inputs": {}, "noise": {}, "grads": {}}
        with np.load(path) as file:
            for key in file.files:
                group, slash, name = key.partition("/")
                if slash:
                    groups[group][name] = file[key]
            words = {key: file[key].item() for key in ("row", "spec", "module", "loss")}
        return Problem(**(words | {"module": Path(words["module"])}), **groups)

    @property
    def data(self) -> dict[str, Array]:
        """Inputs and noise together: all that is no parameter."""
        return self.inputs | self.noise


class Unsupported(Exception):
    """A contender has nothing for a row; the table shows a dash."""
