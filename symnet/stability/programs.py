"""The programs that a certificate speaks of: the one that is emitted, and the one that the spec says literally."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from symnet.ir.program import Program
from symnet.language.network import Network
from symnet.passes.differentiate import differentiate
from symnet.passes.lower import lower
from symnet.passes.pipeline import (
    forward_program,
    gradient_program,
    narrowed,
    next_states,
    parameters,
    run,
    stabilised,
)
from symnet.passes.stabilise import rewrites

Literal = tuple[Program, tuple[tuple[str, str], ...]]

FORWARD, BACKWARD = "forward", "backward"


@dataclass(frozen=True)
class Prepared:
    """What there is to look at.

    program   as it is emitted; its first `forward` statements calculate values, the others adjoints
    results   what is tested: (name as the user knows it, tensor of the program)
    rewrites  (part, tensor, rule) wherever a rule of `stabilise` fired
    literal   the program without any rewrite, and the same results
    """

    program: Program
    forward: int
    results: tuple[tuple[str, str], ...]
    rewrites: tuple[tuple[str, str, str], ...]
    make_literal: Callable[[], Literal]

    @cached_property
    def literal(self) -> Literal:
        """The program that the spec says, and the results in it."""
        return self.make_literal()


def prepared(net: Network) -> Prepared:
    """The programs of the training step; of the outputs alone where nothing is minimised."""
    values = tuple(dict.fromkeys((*((net.objective,) if net.objective else ()), *net.outputs, *next_states(net))))
    plain = lower(net, values)
    known = tuple((name, name) for name in values if not plain.tensors[name].integer)
    forward = [(FORWARD, tensor, rule) for tensor, rule in rewrites(plain)]
    if net.objective is None:
        program = forward_program(net, values)
        return Prepared(program, len(program.statements), known, tuple(forward), lambda: (plain, known))
    wrt, seeds = parameters(net), {net.objective: None}
    derived = gradient_program(net, keep=net.outputs)
    again = run("simplify", differentiate(stabilised(net, values), seeds, wrt).program)
    backward = [(BACKWARD, tensor, rule) for tensor, rule in rewrites(again)]

    def literal() -> Literal:
        found = differentiate(plain, seeds, wrt)
        gradients = _named(found.gradients)
        return narrowed(found.program, [t for _, t in (*known, *gradients)]), (*known, *gradients)

    results = (*known, *_named(derived.gradients))
    return Prepared(derived.program, derived.forward, results, tuple(forward + backward), literal)


def _named(gradients: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return tuple((f"d{tensor}", adjoint) for tensor, adjoint in gradients)
