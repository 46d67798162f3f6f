"""What is known of a module that runs at a point: its results, and what NumPy says of floating point on the way."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from symnet.compile import module_of
from symnet.stability.emitted import outcome
from tests.support import network_of

NET = network_of("param w[i: 2] ~ zeros\nminimize sum(i: log(w[i]))\n")


@pytest.mark.parametrize(("value", "words"), [(1.0, ()), (0.0, ("divide by zero encountered in log",))])
def test_what_numpy_warns_of_is_found_and_nothing_else(value: float, words: tuple[str, ...]) -> None:
    """A warning of another library may come at any time, while memory is freed for instance."""
    module = module_of(NET)
    inner = module.loss_and_grad

    def loss_and_grad(*arguments: Any) -> Any:
        warnings.warn("not of NumPy", RuntimeWarning, stacklevel=1)
        return inner(*arguments)

    module.loss_and_grad = loss_and_grad  # type: ignore[attr-defined]
    with pytest.warns(RuntimeWarning, match="not of NumPy"):
        found = outcome(module, NET, {"w": np.array([value, 1.0])}, np.float64)
    assert tuple(w for w in found.warnings if "log" in w) == words
    assert value == 0 or found.warnings == ()
