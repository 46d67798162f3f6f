"""The two halves of a program with its adjoint: what passes from one to the other, and what runs in both.

Where values are calculated a second time, all tensors lie in memory as they would if nothing were: results then are
the same in every bit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set

from symnet.backends.numpy.body import orders_of
from symnet.ir.bundle import Differentiated
from symnet.ir.program import Program
from symnet.planning.orders import Order

AGAIN = "again: "  # stands before the formula of what is calculated a second time


def forward_half(d: Differentiated) -> Program:
    """The statements that calculate the values."""
    return d.program.with_statements(d.program.statements[: d.forward])


def backward_half(d: Differentiated) -> Program:
    """The statements that calculate the adjoints."""
    return d.program.with_statements(d.program.statements[d.forward :])


def saved_tensors(pull: Differentiated) -> tuple[str, ...]:
    """What `backward` reads and neither calculates nor is given: it comes from `forward`."""
    behind = backward_half(pull)
    given = {seed for _, seed in pull.seeds}
    wanted = tensors_read(behind) | {adjoint for _, adjoint in pull.gradients if adjoint in pull.program.tensors}
    return tuple(
        name
        for name, tensor in pull.program.tensors.items()
        if name in wanted and name not in behind.writers and name not in given and tensor.role != "param"
    )


def tensors_read(program: Program) -> set[str]:
    """The tensors that the statements read."""
    return {name for s in program.statements for name in s.reads}


def calculated_again(d: Differentiated) -> tuple[str, ...]:
    """The tensors of the forward half that are calculated a second time, in the order of the first time."""
    again = {tensor.again for tensor in d.program.tensors.values()}
    return tuple(name for name in d.program.writers if name in again)


# --- how tensors lie in memory where some are calculated a second time; None where none is ---


def step_orders(step: Differentiated, keep: Iterable[str]) -> dict[str, Order] | None:
    """For both halves as one function."""
    return None if step.plain is None else _orders(step.plain.program, keep)


def forward_orders(pull: Differentiated, keep: Sequence[str]) -> dict[str, Order] | None:
    """For the first half; `keep` are its results."""
    return None if pull.plain is None else _orders(forward_half(pull.plain), [*keep, *saved_tensors(pull.plain)])


def backward_orders(pull: Differentiated, before: Sequence[str], keep: Sequence[str]) -> dict[str, Order] | None:
    """For the second half; `before` and `keep` are the results of the first one and its own."""
    first = forward_orders(pull, before)
    return None if first is None or pull.plain is None else first | _orders(backward_half(pull.plain), keep)


def _orders(program: Program, keep: Iterable[str]) -> dict[str, Order]:
    return orders_of(program, written(program, keep))


def written(program: Program, names: Iterable[str]) -> Set[str]:
    """Those of some tensors that a program writes, in their order."""
    return {name: None for name in names if name in program.writers}.keys()
