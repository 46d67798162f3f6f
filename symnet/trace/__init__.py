"""A network with numbers: the forward pass, the local gradient of every edge, and the backward pass node by node."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from symnet.language.network import Network
from symnet.passes.pipeline import nothing_minimised
from symnet.trace.graph import Contribution, Edge, Node, Step, Trace
from symnet.trace.scalars import trace_scalars
from symnet.trace.tensors import trace_tensors
from symnet.trace.values import starting_values

__all__ = ["Contribution", "Edge", "Node", "Step", "Trace", "trace"]


def trace(network: Network, values: Mapping[str, Any] | None = None, *, scalars: bool = False, seed: int = 0) -> Trace:
    """Forward and backward pass of what a network minimises, with numbers.

    `values` gives numbers or nested lists to inputs and parameters; what is not given is drawn from its distribution
    with `seed`. The nodes are the network's tensors; with `scalars`, every index is unrolled and every node is one
    operation on numbers. UsageError for values that do not fit, a network that minimises nothing, or one too large.
    """
    if network.objective is None:
        raise nothing_minimised(network)
    starting, sizes = starting_values(network, values or {}, seed)
    follow = trace_scalars if scalars else trace_tensors
    return follow(network, network.objective, starting, sizes)
