"""Steps that nobody tuned for, emitted against written by hand: `python -m benchmarks.untuned [--rounds 31]`.

Networks of `examples/` that no row of the benchmark resembles, in float32. The contender of each is the best
NumPy that we could write for it (`by_hand.py`, `fresh.py`): every buffer, view, constant and function bound once,
results written in place, sums as products with ones, and the algebra that is cheapest. Its gradients are compared with
the module's in both precisions. It looks at no argument. Rounds of the two alternate; the ratio is the median over the
rounds. Times are those of the thread: what other programs take meanwhile does not count. Run it with
OPENBLAS_NUM_THREADS=1.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import thread_time
from typing import Any

import numpy as np

import symnet
from benchmarks.peers.compare import TOLERANCE
from benchmarks.untuned import fresh
from benchmarks.untuned.by_hand import Arrays, Step, contrastive, factorisation_machine, physics, structured
from symnet.contract import Contract

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@dataclass(frozen=True)
class Workload:
    """An example at some sizes, and what makes the step by hand from them."""

    name: str
    by_hand: Callable[..., Step]
    sizes: Mapping[str, int]
    constants: Mapping[str, int] = field(default_factory=dict)
    extents: Mapping[str, int] = field(default_factory=dict)  # of axes that the example gives small extents


WORKLOADS = (
    Workload("factorisation_machine", factorisation_machine, {"N": 256}, {"D": 100, "R": 16}),
    Workload("physics", physics, {"N": 256, "M": 64}, {"H": 64}),
    Workload("contrastive", contrastive, {"N": 128}),
    Workload("structured", structured, {"N": 256}),
    Workload("state_space", fresh.state_space, {"N": 64, "T": 32}),
    Workload("state_space", fresh.responses, {"N": 64, "T": 32}),
    Workload("digits_by_hand", fresh.digits_by_hand, {"N": 32}),
    Workload("formula", fresh.formula, {}, {"R": 4}, {"I": 64, "J": 32, "K": 32}),
    Workload("linear_classifier", fresh.linear_classifier, {}),
    Workload("dag", fresh.dag, {}),
)


def steps(work: Workload, dtype: Any) -> tuple[Step, Step, Arrays, Arrays]:
    """The step of the module and that by hand, with parameters and inputs for both."""
    text = (EXAMPLES / f"{work.name}.sym").read_text()
    for name, extent in work.extents.items():
        text = re.sub(rf"\b{name}: \d+", f"{name}: {extent}", text)
    spec = symnet.load(text)
    module = symnet.compile(spec, constants=work.constants, check=False).module
    contract, workspace = Contract.of(module), module.Workspace()
    rng = np.random.default_rng(20)
    params = {name: a + 0.05 * rng.normal(size=a.shape) for name, a in contract.init(rng).items()}
    inputs = contract.sample_inputs(rng, dict(work.sizes))
    params, inputs = (
        {n: a.astype(dtype) if a.dtype.kind == "f" else a for n, a in g.items()} for g in (params, inputs)
    )
    hand = work.by_hand(dtype, **work.sizes, **work.constants, **work.extents)
    return lambda p, x: module.loss_and_grad(p, **x, workspace=workspace), hand, params, inputs


def block(step: Callable[[], Any], calls: int) -> float:
    """The seconds that the thread takes for a step, over some calls."""
    start = thread_time()
    for _ in range(calls):
        step()
    return (thread_time() - start) / calls


def largest_error(found: tuple[float, Arrays], right: tuple[float, Arrays]) -> float:
    """The largest relative error of the loss and of any gradient, in the norm of the tensor."""
    (loss, grads), (right_loss, right_grads) = found, right
    assert set(grads) == set(right_grads)
    floor = 1e-6 * max(float(np.linalg.norm(g)) for g in right_grads.values())
    errors = [abs(loss - right_loss) / abs(right_loss)]
    for name, g in right_grads.items():
        errors.append(float(np.linalg.norm(grads[name] - g)) / max(float(np.linalg.norm(g)), floor))
    return max(errors)


def main() -> None:
    """Print both times of each workload and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=31)
    parser.add_argument("--only", default="", help="only workloads with this word in their name")
    options = parser.parse_args()
    print(f"{'example':36} {'symnet':>9} {'by hand':>9}  ratio")
    for work in WORKLOADS:
        if options.only not in work.name:
            continue
        for dtype, tolerance in ((np.float64, 1e-9), (np.float32, TOLERANCE)):
            emitted, hand, params, inputs = steps(work, dtype)
            error = largest_error(hand(params, inputs), emitted(params, inputs))
            assert error < tolerance, f"{work.name}: by hand and the module differ by {error:.0e} in {dtype.__name__}"
        calls = max(1, round(0.001 / min(block(lambda: hand(params, inputs), 3) for _ in range(3))))  # noqa: B023
        times: dict[str, list[float]] = {"emitted": [], "hand": []}
        for _ in range(options.rounds):
            for name, step in (("emitted", emitted), ("hand", hand)):
                times[name].append(min(block(lambda: step(params, inputs), calls) for _ in range(20)))  # noqa: B023
        ratio = median(e / h for e, h in zip(times["emitted"], times["hand"], strict=True))
        micro = {name: f"{median(found) * 1e6:.1f}" for name, found in times.items()}
        name = work.name if work.by_hand.__name__ == work.name else f"{work.name}, {work.by_hand.__name__}"
        print(f"{name:36} {micro['emitted']:>9} {micro['hand']:>9}  {ratio:.2f}", flush=True)


if __name__ == "__main__":
    main()
