"""One step of an optimiser by the interpreter, element by element."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from symnet.ir.interpret import interpret
from symnet.ir.program import Program, Statement, Tensor
from symnet.language.network import Optimizer
from symnet.passes.update import lower_update

Arrays = Mapping[str, np.ndarray[Any, Any]]


def step_of_interpreter(
    optimizer: Optimizer,
    params: Arrays,
    grads: Arrays,
    slots: Mapping[str, Any],
    hypers: Mapping[str, float] | None = None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """New params and new slots; `hypers` where they are not the default ones."""
    update = lower_update(optimizer)
    values: dict[str, Any] = {name: float(value) for name, value in update.hypers} | dict(hypers or {})
    values |= {name: slots[name] for name, _ in update.counters}
    for name, total in update.totals:
        values[name] = sum(
            scalar(total, {"g": g, "p": p})
            for key in params
            for g, p in zip(grads[key].ravel(), params[key].ravel(), strict=True)
        )
    for s in update.before:
        values[s.target.tensor] = scalar(s, values)
    new_params: dict[str, Any] = {}
    new_slots: dict[str, Any] = {name: values.get(f"{name}'", 0) for name, _ in update.counters}
    for key in params:
        arrays = {"p": params[key], "g": grads[key]} | {name: slots[name][key] for name, _ in update.slots}
        results = {name: np.empty_like(params[key]) for name in update.program.results}
        for place in np.ndindex(params[key].shape):
            given = values | {name: array[place] for name, array in arrays.items()}
            needed = {name: given[name] for name, t in update.program.tensors.items() if t.given}
            done = interpret(update.program, needed)
            for name in results:
                results[name][place] = done[name]
        new_params[key] = results.pop("p'")
        for name, array in results.items():
            new_slots.setdefault(name.removesuffix("'"), {})[key] = array
    return new_params, new_slots


def scalar(s: Statement, values: Mapping[str, Any]) -> float:
    """The value of one scalar statement."""
    name = s.target.tensor
    tensors = {read: Tensor(read, (), "input") for read in s.reads} | {name: Tensor(name, (), "value")}
    return float(interpret(Program(tensors, (s,), (name,)), {read: values[read] for read in s.reads})[name])
