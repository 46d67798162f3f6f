"""The derivation of a network's gradients as a document: definitions, then every adjoint with the rules that gave it.

derive.py makes the lines, document.py prints them, lines.py breaks long ones, names.py shortens names.
"""

from __future__ import annotations

from symnet.language.network import Network
from symnet.paper.derive import derivation
from symnet.paper.document import Paper

__all__ = ["Paper", "paper"]


def paper(network: Network) -> Paper:
    """The derivation of the gradients of what a network minimises. UsageError where it minimises nothing."""
    return Paper(derivation(network))
