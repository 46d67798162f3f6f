"""Whole networks against JAX: `make test-jax`. A plain run of the tests does not look here, for JAX is an extra."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.jax import attention, dense, images, indices, losses, models, normalisation, sequences
from tests.jax.compare import Case, Values, disagreements

CASES = [
    case
    for family in (attention, dense, images, indices, losses, models, normalisation, sequences)
    for case in family.CASES
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values_and_gradients_agree_with_jax(case: Case) -> None:
    assert not disagreements(case)


def test_there_are_enough() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 25


@pytest.mark.parametrize("name", ["dag", "vae", "batch_norm"])
def test_a_model_that_is_slightly_off_is_found(name: str) -> None:
    """One part in 10^9, in one number."""
    case = next(case for case in CASES if case.name == name)

    def off(values: Values, training: bool) -> dict[str, Any]:
        calculated = case.model(values, training)
        return {**calculated, "loss": calculated["loss"] * (1 + 1e-9)}

    found = disagreements(replace(case, model=off))
    assert {line.split()[0] for line in found} >= {"forward", "backward", "loss,", "gradient,", "evaluate"}
