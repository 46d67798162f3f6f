"""What many tests need: programs from the text of a spec, and values for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from symnet.compile import network
from symnet.errors import Source
from symnet.ir.program import Program
from symnet.ir.show import show_statement
from symnet.language.network import Network
from symnet.language.parse import parse


def network_of(text: str, *, training: bool = True, constants: Mapping[str, Any] | None = None) -> Network:
    """The network of a spec given as text."""
    return network(parse(Source("<test>", text)), training=training, constants=constants)


def shown(program: Program) -> list[str]:
    """The statements of a program, one line each."""
    return [
        show_statement(s, program.tensors, adds=len(program.writers[s.target.tensor]) > 1) for s in program.statements
    ]


def sample(program: Program, seed: int = 0, sizes: Mapping[str, int] | None = None) -> dict[str, Any]:
    """Values for everything that is given, by the extents and bounds of the tensors; sizes not named are 3, 4, ..."""
    rng = np.random.default_rng(seed)
    known = {name: 3 + k for k, name in enumerate(program.sizes)} | dict(sizes or {})
    values: dict[str, Any] = {}
    for tensor in program.tensors.values():
        if not tensor.given:
            continue
        shape = tuple(e.value(known) for e in tensor.extents)
        if tensor.integer:
            bound = tensor.bound.value(known) if tensor.bound is not None else 3
            values[tensor.name] = rng.integers(0, bound, shape)
        else:
            values[tensor.name] = rng.normal(size=shape)
    return values
