"""Certificates of numerical stability: which operations of a program are delicate, what guards them, and a test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from symnet.language.network import Network
from symnet.stability.certificate import Certificate, Rewrite
from symnet.stability.hostile import Test, tests
from symnet.stability.operations import Operation, operations
from symnet.stability.programs import prepared

__all__ = ["Certificate", "Operation", "Rewrite", "Test", "stability"]


def stability(network: Network, module_of: Callable[[Network], Any]) -> Certificate:
    """The certificate of a network: of its loss and gradients, or of its outputs where it minimises nothing.

    `module_of` gives the emitted module of a network. UsageError for one that is too large to be calculated with 50
    digits.
    """
    found = prepared(network)
    return Certificate(
        network.name,
        tuple(Rewrite(part, tensor, rule) for part, tensor, rule in found.rewrites),
        tuple(operations(found.program, found.forward)),
        tuple(tests(network, found, module_of(network))),
    )
