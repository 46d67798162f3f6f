"""The small examples at hostile points."""

from __future__ import annotations

from pathlib import Path

import pytest

from symnet.compile import load, module_of, network
from symnet.errors import UsageError
from symnet.stability import stability

EXAMPLES = Path(__file__).parents[2] / "examples"
# Those that take seconds; the others take minutes with 400 digits.
SMALL = ("dag", "linear_classifier", "logistic_regression", "scalar_graph", "structured")
# Their formulas break, as docs/stability.md says, and why they stay as they are.
FINDINGS = {"dag": "the graph of a lecture divides by exp(x) + x**2 + 1, which is infinite at 1000"}


@pytest.mark.parametrize("name", SMALL)
def test_an_example_has_no_findings(name: str) -> None:
    found = stability(network(load(EXAMPLES / f"{name}.sym")), module_of)
    assert found.ok is (name not in FINDINGS), str(found)
    assert any(test.word == "ok" for test in found.tests)


def test_what_is_too_large_is_refused() -> None:
    with pytest.raises(UsageError, match="too large to be calculated with 50 digits"):
        stability(network(load(EXAMPLES / "lenet.sym")), module_of)
