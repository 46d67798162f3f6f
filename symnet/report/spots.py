"""What a layered drawing is made of while it is made: spots in columns, and the pieces of edges between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Key = Any  # whatever tells nodes apart


@dataclass(frozen=True)
class Link:
    """A piece of an edge, seen from one of its ends: the spot at the other one, and where it leaves and enters."""

    other: Spot
    here: float
    there: float

    @property
    def level(self) -> float:
        """Where this end would have to be for the piece to be level."""
        return self.other.y + self.there - self.here

    @property
    def rank(self) -> tuple[int, float]:
        """The place of the other end in its column."""
        return self.other.rank, self.there


@dataclass(eq=False)
class Spot:
    """A node, or the place where an edge passes a column (no key)."""

    key: Key
    column: int
    width: float
    height: float
    before: list[Link] = field(default_factory=list)
    after: list[Link] = field(default_factory=list)
    y: float = 0.0
    rank: int = 0

    @property
    def passing(self) -> bool:
        return self.key is None

    @property
    def hanging(self) -> bool:
        """Whether it only feeds one other node, as a parameter does: it makes way for what runs through."""
        return self.height > 0 and not self.before and len(self.after) == 1
