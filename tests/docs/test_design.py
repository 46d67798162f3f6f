"""docs/design.md: the programs that it shows are those that come, and what it names exists."""

import re
from pathlib import Path

import pytest

from symnet.compile import network
from symnet.errors import Source
from symnet.ir.show import show
from symnet.language.parse import parse
from symnet.passes.pipeline import PASSES, stages

ROOT = Path(__file__).parents[2]
PAGE = ROOT.joinpath("docs", "design.md").read_text(encoding="utf-8")
SPECS = re.findall(r"```sym\n(.*?)```", PAGE, re.DOTALL)
SHOWN = re.findall(r"```text (\w+)\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize(("stage", "program"), SHOWN, ids=[stage for stage, _ in SHOWN])
def test_the_programs_are_those_that_come(stage, program):
    (spec,) = SPECS
    text = show(stages(network(parse(Source("docs/design.md", spec))))[stage])
    _, statements, _ = text.strip().split("\n\n")
    assert statements == program.strip()


def test_every_pass_is_explained():
    table = PAGE.split("\n## The passes\n")[1].split("\n\n**")[0]
    assert set(re.findall(r"^\| `([\w ]+)` \|", table, re.MULTILINE)) == {"lower", "differentiate", *PASSES}


def test_the_files_exist():
    files = set(re.findall(r"`([\w/]+\.(?:py|sym|lark))`", PAGE))
    known = [str(path.relative_to(ROOT)) for path in ROOT.glob("*/**/*.*")]
    assert len(files) > 20
    assert not [file for file in files if not any(path.endswith(f"/{file}") or path == file for path in known)]


@pytest.mark.parametrize("link", re.findall(r"\]\(#([\w-]+)\)", PAGE))
def test_links_lead_to_headings(link):
    headings = re.findall(r"^## (.+)$", PAGE, re.MULTILINE)
    assert link in [re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings]
