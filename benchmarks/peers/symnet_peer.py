"""The generated module, with a workspace. Parameters are a dict of arrays, or of views of one flat array."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.peers.rows import Problem
from symnet.contract import Contract, load_module


def build(
    problem: Problem, threads: int, flat: bool = False
) -> tuple[Callable[[], Any], Callable[[Any], tuple[float, dict[str, Any]]]]:
    """The step, ready to be called, and what makes NumPy arrays of its result."""
    module: Any = load_module(problem.module)
    contract, workspace = Contract.of(module), module.Workspace()
    params: Any = module.unpack(module.pack(problem.params)) if flat else problem.params
    first = next(iter(params.values())).dtype
    state = contract.init_state(first)
    carried = () if state is None else (state,)
    arguments = {contract.inputs[name].argument: value for name, value in problem.inputs.items()}
    if problem.noise:
        arguments["noise"] = problem.noise
    function = module.loss_and_grad

    def step() -> Any:
        return function(params, *carried, **arguments, workspace=workspace)

    return step, lambda found: (found[0], found[1])
