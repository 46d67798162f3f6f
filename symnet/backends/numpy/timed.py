"""Rows of arrays at the times of a loop: views that are made once, and not in every turn."""

from __future__ import annotations

import re
from dataclasses import dataclass

# A view of an array at the time of a loop, such as `h[t - 1, :, 3].T`: array, time, further indices, the rest.
ROW = re.compile(r"(\w+)\[((?::, )*)([^,\[\]:]+)(?:, ([^\[\]]+))?\](.*)")


@dataclass(frozen=True, slots=True)
class Row:
    """A view of an array's row at a time of a loop. `made` says what is made of the row, as an expression.

    The time is the dimension of the array that stands behind `before` others.
    """

    array: str
    time: str
    made: str
    before: int = 0

    @property
    def listed(self) -> str:
        """The views of all rows, to be made once: slicing in the loop would take longer than a short sum."""
        rows = f"np.moveaxis({self.array}, {self.before}, 0)" if self.before else self.array
        return f"list({rows})" if self.made == "row" else f"[{self.made} for row in {rows}]"
