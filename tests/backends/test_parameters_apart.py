"""Parameters whose values lie apart in memory: a workspace binds views where it can, and copies for one call else."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest

from tests.modules import compiled

VIEWS = """
input x[N, 3]
input t[N, 1]
y = dense(dense(x, 8, activation=tanh), 1)
minimize mse(y, t)
"""

COPIES = """
input x[N, 5, 3]
input t[N, 4]
h, last = lstm(x, 4)
minimize mse(last, t)
"""


def apart(module: ModuleType, form: str) -> dict[str, Any]:
    """Parameters of which every second value lies between those of others, or whose first dimension is innermost."""
    params = module.init(1, np.float64)
    if form == "columns":
        return {name: np.asfortranarray(value) for name, value in params.items()}
    wide = {name: np.zeros((*value.shape, 2)) for name, value in params.items()}
    for name, value in params.items():
        wide[name][..., 0] = value
    return {name: value[..., 0] for name, value in wide.items()}


def data(module: ModuleType) -> dict[str, Any]:
    rng = np.random.default_rng(3)
    return {name: rng.normal(size=(4, *row["shape"][1:])) for name, row in module.INPUTS.items()}


@pytest.mark.parametrize("form", ["gaps", "columns"])
@pytest.mark.parametrize("text", [VIEWS, COPIES], ids=["views", "copies"])
def test_parameters_that_change_in_place_are_read_again(text: str, form: str) -> None:
    module = compiled(text).module
    params, given, workspace = apart(module, form), data(module), module.Workspace()
    for factor in (1.0, -0.5, 3.0):
        for value in params.values():
            value *= factor
        loss, gradients = module.loss_and_grad(params, **given, workspace=workspace)
        expected, others = module.loss_and_grad({k: np.array(v, order="C") for k, v in params.items()}, **given)
        assert loss == pytest.approx(expected, rel=1e-12)
        for name, gradient in gradients.items():
            np.testing.assert_allclose(gradient, others[name], rtol=1e-9, atol=1e-12, err_msg=name)


@pytest.mark.parametrize(("text", "kept"), [(VIEWS, True), (COPIES, False)], ids=["views", "copies"])
def test_only_copies_are_bound_anew_for_every_call(text: str, kept: bool) -> None:
    module = compiled(text).module
    params, given, workspace = apart(module, "gaps"), data(module), module.Workspace()
    module.loss_and_grad(params, **given, workspace=workspace)
    assert workspace.fits(params, *given.values()) is kept
    assert ("c_contiguous" in compiled(text).source) is not kept
