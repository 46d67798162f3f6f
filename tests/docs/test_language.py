"""docs/language.md: every block is a spec, and what the page says about words, entries and errors is so."""

import re
from pathlib import Path

import pytest

from symnet.errors import Source, SpecError
from symnet.language import blocks
from symnet.language.library import load_library
from symnet.language.nodes import REDUCTIONS
from symnet.language.parse import parse
from tests.modules import compiled

PAGE = Path(__file__).parents[2].joinpath("docs", "language.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sym\n(.*?)```", PAGE, re.DOTALL)
NAMES = [re.search(r"network (\w+)", block).group(1) for block in BLOCKS]
QUOTED = re.findall(r"`([^`\n]+)`", PAGE.replace("\n  ", " "))


def section(title: str) -> str:
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


@pytest.mark.parametrize("block", BLOCKS, ids=NAMES)
def test_blocks_compile_and_their_gradients_are_right(block):
    report = compiled(block).report
    assert report is None or report.ok, str(report)


def test_the_names_of_the_blocks_differ():
    assert len(set(NAMES)) == len(NAMES) > 15


def test_the_keywords_are_listed():
    assert any(set(text.split()) == blocks.KEYWORDS for text in QUOTED)


def test_the_reductions_are_listed():
    assert set(REDUCTIONS) <= set(re.findall(r"`(\w+)`", section("Reductions")))


def test_the_table_of_the_library_is_complete():
    assert set(re.findall(r"`(\w+)`", section("The library"))) == set(load_library())


def test_the_error_that_is_shown_is_the_one_that_comes():
    shown = re.search(r"```text\n(.*?)```", PAGE, re.DOTALL).group(1).rstrip()
    line, formula = int(shown.split(":")[1]), shown.split("\n")[1][4:]
    with pytest.raises(SpecError) as caught:
        parse(Source("digits.sym", "\n" * (line - 1) + formula))
    assert str(caught.value) == shown


@pytest.mark.parametrize("link", re.findall(r"\]\(#([\w-]+)\)", PAGE))
def test_links_lead_to_headings(link):
    headings = re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)
    assert link in [re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings]
