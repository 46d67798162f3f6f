"""The memory of a training step as this backend emits it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from symnet.backends.numpy.functions import Functions
from symnet.backends.numpy.names import identifiers
from symnet.ir.bundle import Differentiated
from symnet.language.network import Network
from symnet.planning.budget import Budget, budget_of
from symnet.planning.footprint import Footprint


def step_footprint(net: Network, step: Differentiated) -> Footprint:
    """What a step of the emitted module holds beyond parameters and data, its results included."""
    names = identifiers([*step.program.tensors, *step.program.sizes])
    return Functions(names).step_footprint(step, str(net.objective), dict(net.next_state))


def step_budget(memory: int | str, net: Network, sizes: Mapping[str, int] | None = None) -> Budget:
    """The budget for the training step of a network, as `budget_of` reads it; what counts is its footprint."""
    return budget_of(memory, net, sizes, partial(step_footprint, net))
