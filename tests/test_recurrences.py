"""Random recurrences as modules, against the slow meaning of their equations."""

from __future__ import annotations

from random import Random

import pytest

from tests.modules import compiled, disagreements
from tests.random_recurrences import recurrence_spec

SEEDS = range(12)


@pytest.mark.parametrize("seed", SEEDS)
def test_modules_agree_with_their_equations(seed: int) -> None:
    found = compiled(recurrence_spec(seed), check=False)
    rng = Random(seed)
    for sizes in (None, {name: rng.choice((1, 2, 3, 5, 6)) for name in ("N", "M", "T")}):
        for dtype in ("float64", "float32"):
            assert not disagreements(found, dtype, sizes, seed), (sizes, found.network.source.text)
