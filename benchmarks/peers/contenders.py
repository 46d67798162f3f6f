"""Who takes part: the name in the table, the words for it, and the function that builds its step."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks.peers.rows import Problem

Step = tuple[Callable[[], Any], Callable[[Any], Any]]


@dataclass(frozen=True)
class Contender:
    """One column of the table.

    title    what it is, in words
    file     the file of this package with its `build`
    package  what has to be installed for it
    own      whether it is ours, and no peer
    """

    name: str
    title: str
    file: str
    package: str
    own: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)

    def build(self, problem: Problem, threads: int) -> Step:
        """Its step for a problem. Unsupported where it has none."""
        found: Step = importlib.import_module(f"benchmarks.peers.{self.file}").build(problem, threads, **self.options)
        return found


CONTENDERS = {
    contender.name: contender
    for contender in (
        Contender("symnet", "generated module, parameters in a dict", "symnet_peer", "numpy", own=True),
        Contender("flat", "generated module, parameters in one vector", "symnet_peer", "numpy", True, {"flat": True}),
        Contender("hand", "NumPy by hand", "hand", "numpy"),
        Contender("jax", "JAX, jit", "jax_peer", "jax"),
        Contender("torch", "PyTorch, eager", "torch_peer", "torch"),
        Contender("compiled", "PyTorch, torch.compile", "torch_peer", "torch", options={"compiled": True}),
        Contender("pytensor", "PyTensor", "pytensor_peer", "pytensor"),
        Contender("autograd", "autograd", "autograd_peer", "autograd"),
        Contender("sklearn", "scikit-learn", "sklearn_peer", "sklearn"),
    )
}
