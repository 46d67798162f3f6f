"""Is an answer right? Float32 against float64, tensor by tensor."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.peers.rows import Problem

# Of a float32 step with sums over thousands of numbers: the largest seen of a right answer is 3e-5.
TOLERANCE = 2e-4


def error(problem: Problem, loss: float, grads: dict[str, Any]) -> float:
    """The largest relative error of the loss and of any gradient, in the norm of the tensor.

    A gradient that is nothing beside the others is measured by a millionth of the largest one.
    """
    if set(grads) != set(problem.grads):
        return float("inf")
    floor = 1e-6 * max((float(np.linalg.norm(g)) for g in problem.grads.values()), default=1.0)
    errors = [abs(loss - problem.loss) / max(abs(problem.loss), 1e-6)]
    for name, right in problem.grads.items():
        found = np.asarray(grads[name], np.float64)
        if found.shape != right.shape:
            return float("inf")
        errors.append(float(np.linalg.norm(found - right)) / max(float(np.linalg.norm(right)), floor))
    return max(errors) if all(np.isfinite(errors)) else float("inf")
