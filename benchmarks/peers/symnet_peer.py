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
    return step(problem, load_module(problem.module), flat), lambda found: (found[0], found[1])


def step(problem: Problem, module: Any, flat: bool = False) -> Callable[[], Any]:
    """The step of a module, with a workspace of its own."""
    contract = Contract.of(module)
    params: Any = module.unpack(module.pack(problem.params)) if flat else problem.params
    state = contract.init_state(next(iter(params.values())).dtype)
    given = {"params": params} | ({} if state is None else {"state": state})
    given |= {contract.inputs[name].argument: value for name, value in problem.inputs.items()}
    given |= {"noise": problem.noise} if problem.noise else {}
    given["workspace"] = module.Workspace()
    # The call is written out, as a user writes it: to unpack arguments takes as long as the smallest step.
    call = f"lambda: loss_and_grad({', '.join(f'{name}={name}' for name in given)})"
    return eval(call, given | {"loss_and_grad": module.loss_and_grad})
