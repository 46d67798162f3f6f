"""The order of statements: every tensor complete before it is read, and only what the results need."""

from __future__ import annotations

from dataclasses import replace

from symnet.ir.program import Program, Statement


def ordered(program: Program) -> Program:
    """The statements that the results need, in a stable order in which every tensor is written before it is read.

    A statement keeps its place behind the earlier one wherever the dependences allow it. Statements of a cycle (a
    recurrence) stay together in their given order. Dead tensors are dropped, the given ones are kept.
    """
    writers = program.writers
    position = {id(s): k for k, s in enumerate(program.statements)}
    needed: dict[str, None] = {}
    order: list[Statement] = []
    on_stack: set[str] = set()
    for result in program.results:
        _visit(result, writers, needed, on_stack, order)
    order = _stable(order, position, writers)
    tensors = {name: t for name, t in program.tensors.items() if t.given or name in needed}
    return Program(tensors, tuple(order), program.results, program.sizes, program.conditions)


def _visit(
    root: str,
    writers: dict[str, tuple[Statement, ...]],
    done: dict[str, None],
    on_stack: set[str],
    order: list[Statement],
) -> None:
    # Depth first with a stack of our own: a chain of thousands of layers is no recursion.
    stack: list[tuple[str, list[str]]] = [(root, _reads_of(root, writers))]
    if root in done:
        return
    on_stack.add(root)
    while stack:
        name, pending = stack[-1]
        while pending and (pending[0] in done or pending[0] in on_stack):
            pending.pop(0)
        if pending:
            child = pending.pop(0)
            on_stack.add(child)
            stack.append((child, _reads_of(child, writers)))
            continue
        stack.pop()
        on_stack.discard(name)
        done[name] = None
        order.extend(writers.get(name, ()))


def _reads_of(name: str, writers: dict[str, tuple[Statement, ...]]) -> list[str]:
    return list(dict.fromkeys(read for s in writers.get(name, ()) for read in s.reads))


def _stable(
    order: list[Statement], position: dict[int, int], writers: dict[str, tuple[Statement, ...]]
) -> list[Statement]:
    """Keep the given order where it is already right, else the depth-first one."""
    wanted = sorted(order, key=lambda s: position[id(s)])
    last = {name: position[id(written[-1])] for name, written in writers.items()}
    right = all(last.get(read, -1) < position[id(s)] for s in wanted for read in s.reads if read != s.target.tensor)
    return wanted if right else order


def split(program: Program, results: tuple[str, ...]) -> tuple[Program, int]:
    """The statements that `results` need in front, the others behind, and how many are in front."""
    front = ordered(replace(program, results=results))
    first = {id(s) for s in front.statements}
    rest = [s for s in program.statements if id(s) not in first]
    return replace(program, statements=(*front.statements, *rest)), len(front.statements)
