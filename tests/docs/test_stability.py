"""docs/stability.md: the certificate that it shows comes, every rule is listed, and the table of the library is true.

The table is calculated anew, entry by entry. A figure may differ by one step of 1, 2, 5, 10, ...: mathematical
functions round differently on different processors. So a test fails where an error grows, and where the page is stale.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from symnet.compile import module_of
from symnet.language import tree
from symnet.language.library import examples_of, load_library
from symnet.passes.stabilise import RULES
from symnet.stability import stability
from symnet.stability.library import HEAD, KNOWN, Row, definition_row, function_row, rounded_up
from tests.support import network_of

PAGE = Path(__file__).parents[2].joinpath("docs", "stability.md").read_text(encoding="utf-8")
SHOWN = dict(re.findall(r"```text (\w+)\n(.*?)```", PAGE, re.DOTALL))
(SPEC,) = re.findall(r"```sym\n(.*?)```", PAGE, re.DOTALL)
TABLE = {line.split()[0]: re.split(r"  +", line)[1:] for line in SHOWN["library"].splitlines()[1:]}
ENTRIES = {name: entry for name, entry in load_library().items() if not isinstance(entry, tree.Optimizer)}

# Entries that have findings, and what the page says of them.
FINDINGS = {"transformer_block": "This is the finding of `transformer_block`"}


def test_the_certificate_is_the_one_that_comes() -> None:
    """Up to the figures, whose digits depend on the processor."""
    found, shown = (
        text.split("\nfloat64\n")[0] for text in (str(stability(network_of(SPEC), module_of)), SHOWN["by_hand"])
    )
    assert found == shown
    assert SHOWN["by_hand"].count(" / ") > 20


def test_every_rule_is_listed() -> None:
    listed = re.findall(r"^- `(.+)` becomes `(.+)`$", PAGE, re.MULTILINE)
    assert listed == [tuple(rule.name.split("  ->  ")) for rule in RULES]


def test_the_table_is_complete() -> None:
    assert list(TABLE) == [*KNOWN, *ENTRIES]
    assert re.split(r"  +", SHOWN["library"].splitlines()[0].strip()) == list(HEAD[1:])


@pytest.mark.parametrize("name", [*KNOWN, *ENTRIES])
def test_the_table_is_true(name: str) -> None:
    row = function_row(name, network_of, module_of) if name in KNOWN else row_of(name)
    assert not row.findings or FINDINGS.get(name, "no finding is known") in PAGE, row.findings
    assert all(close(shown, found) for shown, found in zip(TABLE[name], row.cells[1:], strict=True)), row.cells
    assert set(row.cells[1:5]) != {"-"}, "nothing was compared"


def row_of(name: str) -> Row:
    row = definition_row(ENTRIES[name], network_of, module_of)
    assert row is not None
    assert isinstance(ENTRIES[name], tree.Function) or examples_of(ENTRIES[name])
    return row


def close(shown: str, found: str) -> bool:
    """Whether two cells have the same form, and figures that are at most a step apart."""
    forms = [re.sub(r"\d[\d.e+]*", "#", cell) for cell in (shown, found)]
    figures = [list(map(float, re.findall(r"\d[\d.e+]*", cell))) for cell in (shown, found)]
    return forms[0] == forms[1] and all(adjacent(a, b) for a, b in zip(*figures, strict=True))


def adjacent(a: float, b: float) -> bool:
    return a == b or max(a, b) == rounded_up(1.01 * min(a, b))


@pytest.mark.parametrize(
    ("a", "b", "same"), [("2, abs 0.5", "5, abs 0.5", True), ("2", "10", False), ("2", "-", False)]
)
def test_figures_may_differ_by_a_step(a: str, b: str, same: bool) -> None:
    assert close(a, b) is close(b, a) is same


@pytest.mark.parametrize("link", re.findall(r"\]\(#([\w-]+)\)", PAGE))
def test_links_lead_to_headings(link: str) -> None:
    headings = re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)
    assert link in [re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings]
