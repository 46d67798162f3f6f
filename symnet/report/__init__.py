"""A network as a page to look at: graph, player, formulas, code, check and cost in one HTML file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from symnet.check_report import Report as CheckReport
from symnet.files import write_text
from symnet.language.network import Network
from symnet.passes.pipeline import nothing_minimised
from symnet.report.data import drawn_data, listed_data
from symnet.report.page import page
from symnet.report.pictures import MOST_DRAWN

__all__ = ["Page", "report"]


class Emitted(Protocol):
    """What the driver makes of a network: its module, as text and imported, and what the check found."""

    source: str
    report: CheckReport | None

    @property
    def module(self) -> Any:
        """The module, imported."""


@dataclass(frozen=True)
class Page:
    """A report. `data` is all that it shows, and the JSON that the page holds."""

    data: Mapping[str, Any]

    @cached_property
    def html(self) -> str:
        """The page as text."""
        return page(self.data)

    def save(self, path: str | Path) -> Path:
        """Write the page to a file, whole or not at all. UsageError where that cannot be done."""
        write_text(path, self.html)
        return Path(path)

    def _repr_html_(self) -> str:
        import html

        frame = 'style="width:100%;height:900px;border:0" sandbox="allow-scripts"'
        return f'<iframe {frame} srcdoc="{html.escape(self.html)}"></iframe>'


def report(
    network: Network, emit: Callable[[], Emitted], values: Mapping[str, Any] | None = None, *, seed: int = 0
) -> Page:
    """The report of a network that minimises something.

    `emit` compiles it; this is not done for a network of more than a thousand tensors, whose statements are listed
    instead of drawn. `values` are numbers for inputs and parameters, the rest is drawn with `seed`.

    UsageError for a network that minimises nothing, values that do not fit, or sizes that are too large to be traced.
    """
    if network.objective is None:
        raise nothing_minimised(network)
    if len(network.tensors) > MOST_DRAWN:
        return Page(listed_data(network, values or {}, seed))
    return Page(drawn_data(network, emit, values or {}, seed))
