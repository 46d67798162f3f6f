"""Runs the emitted body of a program, as the emitted module would."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import nullcontext
from typing import Any

import numpy as np

from symnet.backends.numpy.body import function_body
from symnet.backends.numpy.code import Body
from symnet.backends.numpy.helpers import helper_sources
from symnet.ir.arrays import bind_sizes
from symnet.ir.program import Program


def python_names(program: Program) -> dict[str, str]:
    """Identifiers for all tensors and sizes, all different."""
    names: dict[str, str] = {}
    for name in (*program.tensors, *program.sizes):
        text = "".join(c if c.isalnum() else "_" for c in name)
        while text in names.values():
            text += "_"
        names[name] = text
    return names


def function_source(program: Program, keep: Collection[str], *, often: bool = False) -> tuple[str, Body]:
    """The body as the source of `f(given, sizes, dtype)`, which gives a dict of the tensors that are kept."""
    names = python_names(program)
    body = function_body(program, names=names, keep=keep, reserved=("given", "sizes"), often=often)
    given = [name for name in program.tensors if name not in program.writers]
    held = [name for name in given if program.tensors[name].role == "param"]
    lines = ["def step(sizes, dtype, given):"]
    lines += [f"    {names[size]} = sizes[{size!r}]" for size in program.sizes]
    lines += [f"    {b.name} = {b.source}" for b in body.setup]
    lines += [f"    {names[name]} = given[{name!r}]" for name in held]
    lines += [f"    {b.name} = {b.source}" for b in body.views]
    lines += ["", "    def run(given):"]
    lines += [f"        {names[name]} = given[{name!r}]" for name in given if name not in held]
    lines += [f"        {'    ' * block.indent}{line}" for block in body.blocks for line in block.lines]
    shown = ", ".join(f"{name!r}: {source}" for name, source in body.results.items())
    lines += [f"        return {{{shown}}}", "", "    return run"]
    return "\n".join(lines) + "\n", body


def _check_index(index: Any, extent: int, name: str, tensor: str) -> None:
    values = np.asarray(index)
    if values.size and (values.min() < 0 or values.max() >= extent):
        raise IndexError(f"index out of range: {name} holds {values.max()}, but {tensor} has 0..{extent - 1} there")


def _erf(x: Any, out: Any = None) -> Any:
    from math import erf

    result = np.vectorize(erf, otypes=[float])(x)
    if out is None:
        return result[()]
    out[...] = result
    return out


def run(
    program: Program,
    values: Mapping[str, Any],
    sizes: Mapping[str, int] | None = None,
    keep: Collection[str] | None = None,
    dtype: Any = np.float64,
    calls: int = 2,
    silent: bool = True,
) -> dict[str, np.ndarray[Any, Any]]:
    """What the emitted body makes of these values. It is called with others before: nothing may be left over."""
    keep = tuple(program.writers) if keep is None else keep
    source, body = function_source(program, keep, often=calls > 1)
    kinds = {name: np.intp if tensor.integer else dtype for name, tensor in program.tensors.items()}
    given = {name: np.array(value, kinds[name]) for name, value in values.items()}
    known = bind_sizes(program, given, sizes or {})
    helpers, _ = helper_sources(source)
    space: dict[str, Any] = {"np": np}
    exec("\n\n".join(helpers), space)
    space |= {"_check_index": _check_index, "_erf": _erf}
    exec(compile(source, "<emitted>", "exec"), space)
    function = space["step"](known, np.dtype(dtype), given)
    before = {name: array.copy() for name, array in given.items()}
    with np.errstate(all="ignore") if silent else nullcontext():
        for _ in range(calls - 1):
            _call_with_others(function, given, before)
        result = {name: np.array(value, kinds[name]) for name, value in function(given).items()}
    for name, array in before.items():
        assert np.array_equal(array, given[name], equal_nan=True), f"{name} was written to"
    return result


def _call_with_others(function: Any, given: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Call it with the real numbers in the opposite order, then put them back in place."""
    for array in given.values():
        if array.dtype.kind == "f":
            array[...] = array.reshape(-1)[::-1].reshape(array.shape).copy()
    function(given)
    for name, array in given.items():
        array[...] = values[name]
