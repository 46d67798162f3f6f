"""Logistic regression, fitted by SciPy through `pack` and `unpack`, against scikit-learn on the same data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from tests.modules import compiled, example

N, D, PENALTY = 300, 4, 0.01


def data() -> tuple[Any, Any]:
    """Two classes that overlap."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(N, D)) * (1, 2, 0.5, 1)
    p = 1 / (1 + np.exp(-(x @ (1.5, -1, 2, 0) + 0.5)))
    return x, (rng.random(N) < p).astype(int)


@pytest.fixture(scope="module")
def fit() -> tuple[Any, dict[str, Any], Any]:
    """The module, the fitted parameters, and what SciPy says."""
    module, (x, y) = compiled(example("logistic_regression")).module, data()

    def loss_and_gradient(theta: Any) -> tuple[float, Any]:
        loss, grads = module.loss_and_grad(module.unpack(theta), x, y)
        return loss, module.pack(grads)

    start = module.pack(module.init(0, np.float64))
    result = minimize(loss_and_gradient, start, jac=True, method="L-BFGS-B", options={"ftol": 0, "gtol": 1e-9})
    return module, module.unpack(result.x), result


def test_the_gradient_vanishes(fit: Any) -> None:
    module, params, result = fit
    grads = module.loss_and_grad(params, *data())[1]
    assert np.abs(module.pack(grads)).max() < 1e-8
    assert result.nit < 50
    assert result.fun == module.loss(params, *data()) < module.loss(module.init(0, np.float64), *data())


def test_it_is_the_optimum_that_others_find(fit: Any) -> None:
    """scikit-learn minimises C*sum(losses) + |w|^2/2, which is N*C times our mean loss + penalty*|w|^2."""
    module, params, _ = fit
    x, y = data()
    other = LogisticRegression(C=1 / (2 * N * PENALTY), tol=1e-10, max_iter=10_000).fit(x, y)
    assert params["w"] == pytest.approx(other.coef_[0], rel=1e-5)
    assert float(params["b"]) == pytest.approx(other.intercept_[0], rel=1e-5)
    assert module.evaluate(params, x, y)["accuracy"] == pytest.approx(other.score(x, y))
    probability = module.predict(params, x)["probability"]
    assert probability == pytest.approx(other.predict_proba(x)[:, 1], rel=1e-4)
