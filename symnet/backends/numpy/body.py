"""A program as the body of one emitted function."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping

from symnet.backends.numpy.code import Binding, Block, Body
from symnet.backends.numpy.kernels import statement_lines
from symnet.backends.numpy.prebound import prebound
from symnet.backends.numpy.safety import tame_tensors, warns_in_vain
from symnet.backends.numpy.scope import Scope
from symnet.backends.numpy.views import tensor_kind
from symnet.errors import UnsupportedError
from symnet.ir.order import cyclic_groups
from symnet.ir.program import Program, Statement
from symnet.planning.layout import relaid
from symnet.planning.liveness import shared_buffers

WORD = re.compile(r"[A-Za-z_]\w*")


def function_body(
    program: Program,
    *,
    names: Mapping[str, str],
    keep: Collection[str],
    reserved: Collection[str] = (),
    formulas: Callable[[Statement], str] | None = None,
    often: bool = False,
) -> Body:
    """The blocks that run a program's statements, and the plan that they need.

    `names` are the Python names of all tensors and sizes, all different; a tensor that is read and never written has to
    be bound to its name before the blocks run. `keep` are the written tensors that must outlive the last block.
    `reserved` are names that the caller uses himself. `formulas` gives the comment above a statement.

    `often`: the blocks run again and again on one plan, so that NumPy's functions are looked up in the setup.

    Raises UnsupportedError for a recurrence.
    """
    circles = cyclic_groups(program)
    if circles:
        shown = ", ".join(repr(name) for name in circles[0])
        raise UnsupportedError(f"{shown}: a recurrence cannot be emitted yet, only interpreted")
    stored = relaid(program, keep)
    scope = Scope(stored, names, reserved)
    scope.tame = tame_tensors(program)
    scope.quiet = warns_in_vain(program, scope.tame)
    _buffers(scope, keep, {name for name in stored.tensors if stored.tensors[name] != program.tensors[name]})
    blocks = []
    met: dict[str, int] = {}
    for s, turned in zip(program.statements, stored.statements, strict=True):
        number = met.get(s.target.tensor, 0)
        met[s.target.tensor] = number + 1
        lines = tuple(statement_lines(scope, turned, number))
        blocks.append(Block((formulas(s),) if formulas else (), lines))
    body = _body(scope, blocks, keep)
    return prebound(body, scope.taken) if often else body


def _buffers(scope: Scope, keep: Collection[str], turned: Collection[str]) -> None:
    """A buffer for every tensor with dimensions that the statements write, or a share in an earlier one."""
    program = scope.program
    owners = shared_buffers(program, keep)
    for name in program.writers:
        tensor = program.tensors[name]
        if not tensor.extents:
            continue
        own = scope.names[name]
        owner = owners.get(name, name)
        scope.storage[name] = scope.names[owner]
        if owner == name:
            note = "dimensions exchanged" if name in turned else ""
            scope.buffer(own, tensor.extents, tensor_kind(scope, name), note)
        else:
            scope.define(own, scope.names[owner], f"{scope.names[owner]} is not needed any more")


def _body(scope: Scope, blocks: list[Block], keep: Collection[str]) -> Body:
    results = {name: scope.names[name] for name in keep}
    used = {word for block in blocks for line in block.lines for word in WORD.findall(line)} | set(results.values())
    needed = set(used)
    setup: list[Binding] = []
    for binding in reversed(scope.setup.values()):
        if binding.name in needed:
            setup.append(binding)
            needed |= set(WORD.findall(binding.source))
    setup.reverse()
    sizes = tuple(size for size in scope.program.sizes if scope.names.get(size, size) in needed)
    bound = tuple(binding.name for binding in setup if binding.name in used)
    helpers = tuple(sorted(word for word in used if word in ("_erf", "_check_index")))
    return Body(sizes, tuple(setup), bound, tuple(blocks), results, helpers, scope.quiet)
