"""scikit-learn: what its own estimators call for a loss and its gradients. It has networks for classes, and regression.

These are private functions, since no public one gives a gradient; `MLPClassifier` and `LogisticRegression` call them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.peers.rows import Problem, Unsupported

Built = tuple[Callable[[], Any], Callable[[Any], tuple[float, dict[str, Any]]]]

# Per spec: the layers and the function between them.
NETWORKS = {
    "mlp_tiny": (("h1", "h2", "y"), "tanh"),
    "mlp_digits": (("h", "logits"), "tanh"),
    "mlp_mnist": (("h1", "h2", "logits"), "relu"),
}


def build(problem: Problem, threads: int) -> Built:
    """The step, ready to be called, and what makes NumPy arrays of its result."""
    if problem.spec == "logistic_regression":
        return regression(problem, threads)
    if problem.spec in NETWORKS:
        return network(problem, *NETWORKS[problem.spec])
    raise Unsupported


def regression(problem: Problem, threads: int) -> Built:
    """Logistic regression: the function that its solver lbfgs minimises."""
    from sklearn._loss.loss import HalfBinomialLoss
    from sklearn.linear_model._linear_loss import LinearModelLoss

    model = LinearModelLoss(base_loss=HalfBinomialLoss(), fit_intercept=True)
    x, y = problem.data["x"], problem.data["y"].astype(np.float32)
    coefficients = np.append(problem.params["w"], problem.params["b"]).astype(np.float32)

    def step() -> Any:
        return model.loss_gradient(coefficients, x, y, n_threads=threads)

    return step, lambda found: (float(found[0]), {"w": found[1][:-1], "b": found[1][-1]})


def network(problem: Problem, layers: tuple[str, ...], activation: str) -> Built:
    """A network: the backward pass that its solvers call. Of the squared error it takes the half."""
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    x, y = problem.data["x"], problem.data.get("y")
    weights = [problem.params[f"{name}.W"] for name in layers]
    settings = {"activation": activation, "alpha": 0.0, "solver": "sgd"}
    widths = tuple(w.shape[1] for w in weights[:-1])
    if y is None:
        targets, scale = problem.data["t"], 2
        model = MLPRegressor(hidden_layer_sizes=widths, **settings).partial_fit(x, targets.ravel())
    else:
        targets, scale = np.eye(10, dtype=np.float32)[y], 1
        model = MLPClassifier(hidden_layer_sizes=widths, **settings).partial_fit(x, y, classes=np.arange(10))
    model.coefs_ = [w.copy() for w in weights]
    model.intercepts_ = [problem.params[f"{name}.b"].copy() for name in layers]
    shapes = [w.shape for w in weights]
    activations = [x, *(np.empty((len(x), shape[1]), np.float32) for shape in shapes)]
    deltas = [np.empty_like(a) for a in activations[1:]]
    coefficients = [np.empty(shape, np.float32) for shape in shapes]
    intercepts = [np.empty(shape[1], np.float32) for shape in shapes]

    def step() -> Any:
        return model._backprop(x, targets, None, activations, deltas, coefficients, intercepts)

    def result(found: Any) -> tuple[float, dict[str, Any]]:
        grads = {f"{name}.W": scale * g for name, g in zip(layers, found[1], strict=True)}
        grads |= {f"{name}.b": scale * g for name, g in zip(layers, found[2], strict=True)}
        return scale * float(found[0]), grads

    return step, result
