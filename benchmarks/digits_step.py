"""One step of the digits network, emitted against written by hand: `python benchmarks/digits_step.py`.

Loss and gradients of x[32, 64] -> tanh 64 -> 10 -> softmax cross-entropy in float32. The contender is the best NumPy
that we could write for it: every buffer, view, constant and function bound once, results written in place, sums as
products with ones, the classes first so that the maximum is fast, labels picked by flat position. It keeps one promise
of the emitted module, that a label out of range is refused, and none of the others: it looks at no shape and no dtype.
Rounds of the two alternate; the ratio is the median over the rounds. Run it with OPENBLAS_NUM_THREADS=1.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

import symnet

SPEC = Path(__file__).resolve().parent.parent / "examples" / "digits_mlp.sym"
Arrays = Mapping[str, Any]
Step = Callable[[Arrays, Any, Any], tuple[float, dict[str, Any]]]


def by_hand(n: int, dtype: Any = np.float32, inputs: int = 64, hidden: int = 64, classes: int = 10) -> Step:
    """The step with everything bound that can be bound beforehand."""
    a, da, square = (np.empty((n, hidden), dtype) for _ in range(3))
    z, dz = (np.empty((classes, n), dtype) for _ in range(2))  # class by class: the maximum is then fast
    top, total, picked = (np.empty(n, dtype) for _ in range(3))
    d_w1, d_w2 = np.empty((inputs, hidden), dtype), np.empty((hidden, classes), dtype)
    d_b1, d_b2 = np.empty(hidden, dtype), np.empty(classes, dtype)
    flat, samples = np.empty(n, np.intp), np.arange(n)
    z_flat, dz_flat, dz_t, a_t = z.reshape(-1), dz.reshape(-1), dz.T, a.T
    ones_n, ones_c, mean = np.ones(n, dtype), np.ones(classes, dtype), np.full(n, 1 / n, dtype)
    count, share = np.array(n, dtype), np.array(1 / n, dtype)
    add, subtract, multiply, divide = np.add, np.subtract, np.multiply, np.divide
    exp, log, tanh, greatest = np.exp, np.log, np.tanh, np.maximum.reduce
    dz_dot, dz_t_dot, a_t_dot = dz.dot, dz_t.dot, a_t.dot
    ones_n_dot, ones_c_dot, mean_dot = ones_n.dot, ones_c.dot, mean.dot
    grads = {"W1": d_w1, "b1": d_b1, "W2": d_w2, "b2": d_b2}

    def step(params: Arrays, x: Any, y: Any) -> tuple[float, dict[str, Any]]:
        if y.item(y.argmin()) < 0 or y.item(y.argmax()) >= classes:
            raise IndexError("a label is out of range")
        w2 = params["W2"]
        x.dot(params["W1"], a)
        add(a, params["b1"], a)
        tanh(a, a)
        w2.T.dot(a_t, z)
        add(z, params["b2"][:, None], z)
        greatest(z, 0, None, top)
        subtract(z, top, z)
        exp(z, dz)
        ones_c_dot(dz, total)
        multiply(y, n, flat)
        add(samples, flat, flat)
        z_flat.take(flat, None, picked, "clip")
        multiply(total, count, top)
        divide(dz, top, dz)
        log(total, total)
        subtract(total, picked, picked)
        loss = float(mean_dot(picked))
        dz_flat[flat] -= share
        dz_dot(ones_n, d_b2)
        a_t_dot(dz_t, d_w2)
        dz_t_dot(w2.T, da)
        multiply(a, da, square)
        multiply(square, a, square)
        subtract(da, square, da)
        ones_n_dot(da, d_b1)
        x.T.dot(da, d_w1)
        return loss, grads

    return step


def seconds(step: Callable[[], Any], calls: int) -> float:
    """The time of one call."""
    start = perf_counter()
    for _ in range(calls):
        step()
    return (perf_counter() - start) / calls


def main() -> None:
    """Print both times and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=31)
    parser.add_argument("--calls", type=int, default=400)
    parser.add_argument("--batch", type=int, default=32)
    options = parser.parse_args()
    module = symnet.compile(SPEC, check=False).module
    rng = np.random.default_rng(0)
    params = module.init(rng)
    x = rng.random((options.batch, 64), dtype=np.float32)
    y = rng.integers(0, 10, options.batch)
    workspace, hand = module.Workspace(), by_hand(options.batch)
    own = dict(zip(("W1", "b1", "W2", "b2"), params.values(), strict=True))
    loss, grads = module.loss_and_grad(params, x, y, workspace=workspace)
    loss_by_hand, grads_by_hand = hand(own, x, y)
    assert abs(loss - loss_by_hand) < 1e-5 * abs(loss)
    for gradient, other in zip(grads.values(), grads_by_hand.values(), strict=True):
        np.testing.assert_allclose(gradient, other, rtol=1e-4, atol=1e-6)
    emitted_times, hand_times = [], []
    for _ in range(options.rounds):
        emitted_times.append(seconds(lambda: module.loss_and_grad(params, x, y, workspace=workspace), options.calls))
        hand_times.append(seconds(lambda: hand(own, x, y), options.calls))
    ratio = median(e / h for e, h in zip(emitted_times, hand_times, strict=True))
    print(
        f"emitted {median(emitted_times) * 1e6:6.1f} us  by hand {median(hand_times) * 1e6:6.1f} us  ratio {ratio:.2f}"
    )


if __name__ == "__main__":
    main()
