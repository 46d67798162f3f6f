"""The arrays of the interpreter: from what the caller gives to Python numbers, and back.

An array of the interpreter holds Python objects: the numbers of an arithmetic, ints for an integer tensor, and None
where nothing has been written yet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from symnet.errors import UsageError, nearest
from symnet.ir.arithmetic import FLOAT, Arithmetic, Number
from symnet.ir.program import Program, Tensor

Array = np.ndarray[Any, Any]
Point = tuple[int, ...]


def bind_sizes(program: Program, given: Mapping[str, Array], sizes: Mapping[str, int]) -> dict[str, int]:
    """Every size of the program, with the shapes of all arrays checked."""
    for name, array in given.items():
        if name not in program.tensors:
            raise UsageError(f"there is no tensor {name!r}", hint=nearest(name, program.tensors))
        if name in program.writers:
            raise UsageError(f"{name!r} is calculated by the program and cannot be given")
        if array.ndim != len(program.tensors[name].extents):
            expected = len(program.tensors[name].extents)
            raise UsageError(f"{name!r} has {expected} dimensions, the array given has {array.ndim}")
    for name in program.readers:
        if name not in given and name not in program.writers:
            raise UsageError(f"{name!r} is read, but no array was given for it")
    known = dict(sizes)
    for name, array in given.items():
        for extent, length in zip(program.tensors[name].extents, array.shape, strict=True):
            if extent.sizes and str(extent) == extent.sizes[0]:
                known.setdefault(extent.sizes[0], length)
    missing = [name for name in program.sizes if name not in known]
    if missing:
        raise UsageError(f"the size {missing[0]} cannot be told from the arrays", hint="give it in `sizes`")
    for name, array in given.items():
        shape = tuple(extent.value(known) for extent in program.tensors[name].extents)
        if array.shape != shape:
            raise UsageError(f"{name!r} must have the shape {shape}, but the array given has {array.shape}")
    for condition in program.conditions:
        if not condition.holds(known):
            raise UsageError(f"these sizes do not fit, {condition} must hold: {condition.message}")
    return known


def tensor_array(tensor: Tensor, given: Mapping[str, Array], sizes: Mapping[str, int], arithmetic: Arithmetic) -> Array:
    """The tensor's elements as Python numbers, in an array of objects; None where there is no value yet."""
    shape = tuple(max(0, extent.value(sizes)) for extent in tensor.extents)
    if tensor.name not in given:
        return np.full(shape, None, dtype=object)
    array = given[tensor.name]
    if not tensor.integer:
        return _each(arithmetic.number, array, shape)
    if array.dtype.kind not in "iub" and not all(isinstance(value, int) for value in array.flat):
        raise UsageError(f"{tensor.name!r} holds integers, but the array given is {array.dtype}")
    if tensor.bound is not None and array.size:
        bound = tensor.bound.value(sizes)
        outside = [int(value) for value in array.flat if not 0 <= value < bound]
        if outside:
            raise UsageError(f"{tensor.name!r} holds integers in 0..{bound - 1}, but {outside[0]} was given")
    return _each(int, array, shape)


def _each(function: Callable[[Any], Number], array: Array, shape: Point) -> Array:
    result = np.empty(shape, dtype=object)
    for place in np.ndindex(shape):
        result[place] = function(array.item(place))
    return result


def finished(array: Array, tensor: Tensor, arithmetic: Arithmetic) -> Array:
    if tensor.integer:
        return np.array([-1 if v is None else v for v in array.flat], dtype=np.int64).reshape(array.shape)
    nan = arithmetic.number(float("nan"))
    kind: Any = float if arithmetic is FLOAT else object
    filled = np.empty(array.size, dtype=kind)
    for number, value in enumerate(array.flat):
        filled[number] = nan if value is None else value
    return filled.reshape(array.shape)
