"""Compile a workload and make its numbers: `python -m benchmarks.peers.prepare SPEC FOLDER`, a process of its own."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.peers.compare import error
from benchmarks.peers.rows import ROWS, Problem, Row


def prepare(spec: str, folder: Path) -> dict[str, Any]:
    """Write the module of a spec and an .npz file for each of its rows. Says what the rows cost at least."""
    import symnet

    path = next(row.path for row in ROWS.values() if row.spec == spec)
    start = perf_counter()
    compiled = symnet.compile(symnet.load(path), check=False)
    seconds = perf_counter() - start
    module = folder / f"{spec}.py"
    compiled.save(module)
    rows = {}
    for row in ROWS.values():
        if row.spec == spec:
            found = problem(row, compiled.module, module)
            found.save(folder / f"{row.name}.npz")
            rows[row.name] = least_work(row, compiled.network, found) | {"by_hand": by_hand(found)}
    return {"compile_with_sympy": seconds, "rows": rows}


def problem(row: Row, module: Any, path: Path) -> Problem:
    """Parameters away from their zeros, inputs as the spec draws them, and the answer in float64."""
    from symnet.contract import Contract

    contract = Contract.of(module)
    rng = np.random.default_rng(20)
    params = {name: value + 0.05 * rng.normal(size=value.shape) for name, value in contract.init(rng).items()}
    params = {name: np.asarray(value, np.float32) for name, value in params.items()}
    sizes = contract.example_sizes(row.sizes)
    inputs = {name: narrow(value) for name, value in contract.sample_inputs(rng, sizes).items()}
    noise = {name: narrow(value) for name, value in (contract.draw(rng, sizes) or {}).items()}
    extra = {"noise": wide(noise)} if noise else {}
    loss, grads, *_ = contract.call(
        "loss_and_grad", wide(params), contract.init_state(np.float64), wide(inputs), **extra
    )
    return Problem(row.name, row.spec, path, params, inputs, noise, float(loss), grads)


def narrow(value: Any) -> Any:
    """Real numbers as float32."""
    return np.asarray(value, np.float32) if value.dtype.kind == "f" else value


def wide(arrays: dict[str, Any]) -> dict[str, Any]:
    """Real numbers as float64."""
    return {name: a.astype(np.float64) if a.dtype.kind == "f" else a for name, a in arrays.items()}


def by_hand(found: Problem) -> float:
    """How far the step by hand, in float64 as well, is from the answer: a second opinion that owes symnet nothing."""
    from benchmarks.peers.hand import STEPS

    loss, grads = STEPS[found.spec](wide(found.params), wide(found.data))
    return error(found, loss, grads)


def least_work(row: Row, network: Any, found: Problem) -> dict[str, int]:
    """Operations of the products of a step, and the bytes that no step can avoid.

    flops  of the forward pass's products of two tensors, 2 for each term, and as many again for each factor that
           depends on parameters: its gradient is a product of the same size
    bytes  each parameter and input read once, each gradient written once
    """
    from symnet.passes.pipeline import forward_program
    from symnet.planning.costs import volume

    program = forward_program(network, (network.objective,))
    sizes = dict(network.examples) | dict(row.sizes)
    learned = {name for name, tensor in program.tensors.items() if tensor.role == "param"}
    flops = 0
    for s in program.statements:
        moving = [leaf.tensor in learned for leaf in s.leaves]
        if any(moving):
            learned.add(s.target.tensor)
        plain = s.body.is_Mul and all(factor.is_Symbol or factor.is_Number for factor in s.body.args)
        if s.op == "+" and s.reduced and len(moving) == 2 and plain:
            flops += 2 * volume(extent for _, extent in s.domain).value(sizes) * (1 + sum(moving))
    arrays = [*found.params.values(), *found.params.values(), *found.inputs.values(), *found.noise.values()]
    return {"flops": flops, "bytes": sum(array.nbytes for array in arrays)}


if __name__ == "__main__":
    print(json.dumps(prepare(sys.argv[1], Path(sys.argv[2]))))
