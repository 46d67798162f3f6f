"""Every entry of the library through the whole compiler: its example is compiled, checked and compared.

The entries are found in the library itself: a new one is tested by being there, and fails without an example.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import symnet
from symnet.errors import Source, SpecError
from symnet.language import tree
from symnet.language.library import Definition, examples_of, load_library
from tests.modules import RTOL, compiled, disagreements, inference_form

LIBRARY = load_library()
LIBRARY_FILES = sorted(Path(symnet.__file__).parent.joinpath("library").glob("*.sym"))


@pytest.mark.parametrize("entry", LIBRARY.values(), ids=LIBRARY)
def test_the_gradients_agree_with_differences(entry: Definition) -> None:
    report = compiled(examples_of(entry)).report
    assert report is not None
    assert report.ok, str(report)
    assert report.error < 1e-8


@pytest.mark.parametrize("dtype", RTOL)
@pytest.mark.parametrize("entry", LIBRARY.values(), ids=LIBRARY)
def test_the_module_agrees_with_the_interpreter(entry: Definition, dtype: str) -> None:
    found = compiled(examples_of(entry))
    assert not disagreements(found, dtype)
    assert hasattr(found.module, "update") == isinstance(entry, tree.Optimizer)


@pytest.mark.parametrize("entry", LIBRARY.values(), ids=LIBRARY)
def test_no_line_of_the_module_is_long(entry: Definition) -> None:
    assert not [line for line in compiled(examples_of(entry)).source.splitlines() if len(line) > 100]


def test_what_is_another_network_in_inference_has_right_gradients_there_too() -> None:
    forms = {name: inference_form(examples_of(entry)) for name, entry in LIBRARY.items()}
    found = {name: form for name, form in forms.items() if form is not None}
    assert set(found) >= {"batch_norm", "dropout", "gaussian_noise"}
    for name, form in found.items():
        report = form.check()
        assert report.ok and report.error < 1e-8, f"{name}\n{report}"
        assert not [f"{name}: {what}" for dtype in RTOL for what in disagreements(form, dtype)]


def test_entries_are_short() -> None:
    """A layer is its equations: some twelve lines for the longest, half a dozen for most."""
    texts = [path.read_text(encoding="utf-8") for path in LIBRARY_FILES]
    blocks = [block for text in texts for block in re.split(r"\n(?=#|layer |function |optimizer )", text)]
    lengths = [len(block.split("\n\n")[0].strip().splitlines()) for block in blocks if not block.startswith("#")]
    assert len(lengths) > 60
    assert max(lengths) <= 14
    assert sum(lengths) / len(lengths) < 6


def test_an_entry_without_an_example_fails() -> None:
    mine = Source("mine.sym", "# Twice its argument.\nfunction twice(x) = 2*x\n")
    with pytest.raises(SpecError, match="'twice' has no example"):
        test_the_gradients_agree_with_differences(load_library([mine])["twice"])
