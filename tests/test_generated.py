"""`generated/` holds what the examples compile to, byte for byte; `pytest --update-golden` writes it anew.

A change to the compiler shows there as a change to code that people read; one that only tidies the compiler leaves
every byte as it is.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from symnet.compile import compile_spec, load
from tests.modules import EXAMPLES

GENERATED = Path(__file__).parents[1] / "generated"
SPECS = sorted(EXAMPLES.glob("*.sym"))


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.stem)
def test_the_committed_module_is_what_the_example_compiles_to(spec: Path, pytestconfig: pytest.Config) -> None:
    path, source = GENERATED / f"{spec.stem}.py", compile_spec(load(spec)).source
    if pytestconfig.getoption("--update-golden"):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(source.encode())
    hint = "pytest --update-golden writes it anew"
    assert path.exists(), hint
    assert path.read_bytes().decode() == source, hint


def test_nothing_else_is_there() -> None:
    assert sorted(path.stem for path in GENERATED.glob("*.py")) == [spec.stem for spec in SPECS]
