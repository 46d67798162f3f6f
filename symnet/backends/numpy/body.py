"""A program as the body of one emitted function."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from symnet.backends.numpy.code import Binding, Block, Body
from symnet.backends.numpy.kernels import begin, initial_lines, statement_lines
from symnet.backends.numpy.loops import (
    Part,
    Repeated,
    Step,
    exclude_each_other,
    fill,
    flat,
    inner_size,
    parts,
    scheduled,
    steps_of,
    time_dimensions,
    written_in,
)
from symnet.backends.numpy.memory import share
from symnet.backends.numpy.prebound import prebound
from symnet.backends.numpy.scope import WORD, Scope
from symnet.backends.numpy.views import tensor_kind
from symnet.ir.program import Program, Statement
from symnet.language.extents import Extent
from symnet.planning.footprint import Footprint
from symnet.planning.layout import chosen_orders, relaid
from symnet.planning.liveness import shared_buffers
from symnet.planning.orders import Order
from symnet.planning.parts import part_of_target
from symnet.planning.tame import tame_tensors, warns_in_vain
from symnet.planning.windows import narrow_positions, turned_when_read

# A row that is read at the time of a loop.
FROM_ROWS = re.compile(r" *(\w+) = \w+_rows\d*\[[^\[\]]+\]")


def function_body(
    program: Program,
    *,
    names: Mapping[str, str],
    keep: Collection[str],
    reserved: Collection[str] = (),
    formulas: Callable[[Statement], str] | None = None,
    often: bool = False,
    like: Mapping[str, Order] | None = None,
) -> Body:
    """The blocks that run a program's statements, and the plan that they need.

    `names` are the Python names of all tensors and sizes, all different; a tensor that is read and never written has to
    be bound to its name before the blocks run. `keep` are the written tensors that must outlive the last block.
    `reserved` are names that the caller uses himself. `formulas` gives the comment above a statement.

    `often`: the blocks run again and again on one plan and with the same parameters, so that NumPy's functions are
    looked up in the setup, and views of parameters are made beforehand.

    `like`: how tensors lie in memory, where another program has decided it; see `orders_of`.

    Raises UnsupportedError for a circle that is no recurrence.
    """
    items = scheduled(program)
    written = flat(program, items)
    stored = relaid(written, keep, time_dimensions(items), like)
    scope = Scope(stored, names, reserved)
    scope.narrow = narrow_positions(stored)
    scope.orders = turned_when_read(stored)
    scope.tame = tame_tensors(program)
    scope.quiet = warns_in_vain(program, scope.tame)
    scope.often = often
    if often:
        scope.held = {names[n] for n, tensor in program.tensors.items() if tensor.role == "param" and tensor.extents}
    turned = {name: t.extents for name, t in program.tensors.items() if stored.tensors[name] != t}
    _buffers(scope, keep, turned, steps_of(items))
    blocks = _Blocks(scope, formulas).of(parts(items, stored))
    body = _body(scope, blocks, keep, program.sizes)
    return prebound(body, scope.taken) if often else body


def orders_of(program: Program, keep: Collection[str]) -> dict[str, Order]:
    """How the tensors of a program lie in memory that do not lie as they are written."""
    items = scheduled(program)
    return chosen_orders(flat(program, items), keep, time_dimensions(items))


class _Blocks:
    """Writes the blocks of statements, loops and tests, in order."""

    def __init__(self, scope: Scope, formulas: Callable[[Statement], str] | None) -> None:
        self.scope = scope
        self.formulas = formulas
        self.begun: set[str] = set()
        self.parts: set[tuple[str, int]] = set()
        self.looping: set[str] = set()
        self.lengths: dict[str, Extent] = {}

    def of(self, items: Sequence[Part], indent: int = 0, inside: bool = False) -> list[Block]:
        """The blocks of some statements and loops."""
        blocks: list[Block] = []
        self.looping.update(s.target.tensor for item in items if isinstance(item, Repeated) for s in written_in(item))
        for item in items:
            if isinstance(item, Repeated):
                blocks += self._loop(item, indent)
            else:
                blocks.append(self._statement(item, indent, inside))
        return blocks

    def _loop(self, part: Repeated, indent: int) -> list[Block]:
        loop, scope = part.loop, self.scope
        time = scope.names.get(loop.index) or scope.fresh(loop.index)
        scope.names[loop.index], scope.times[inner_size(loop.index)] = time, loop.index
        self.lengths[loop.index] = loop.extent
        scope.derived[inner_size(loop.index)] = ((loop.extent,),)  # the most that it counts to
        steps = f"range({scope.extent(loop.extent)})"
        before = self._beginnings(part)
        head = Block((), (f"for {time} in {steps if loop.step > 0 else f'reversed({steps})'}:",), indent)
        if not indent:
            scope.written = {scope.names[s.target.tensor] for s in written_in(part)}
        scope.enter([time])
        written = self.of(part.items, indent + 1, inside=True)
        scope.leave()
        if not indent:
            before += [f"{name} = {source}" for source, name in scope.before.items()]
            scope.before.clear()
        blocks = [head, *written] if any(block.lines for block in written) else []
        return [Block((), tuple(before), indent), *blocks] if before else blocks

    def _beginnings(self, part: Repeated) -> list[str]:
        """Initial values for the tensors that are first written in a loop, and not everywhere."""
        lines: list[str] = []
        written = list(written_in(part))
        for name in dict.fromkeys(s.target.tensor for s in written if s.target.tensor not in self.begun):
            self.begun.add(name)
            own = [s for s in written if s.target.tensor == name]
            everywhere = len(own) == len(self.scope.program.writers[name]) and fill(
                own, self.scope.program.tensors[name].extents, self.lengths
            )
            lines += [] if everywhere else initial_lines(self.scope, name)
        return lines

    def _statement(self, step: Step, indent: int, inside: bool) -> Block:
        s, scope = step.emitted, self.scope
        tests = [guard.constant for guard in s.guards if not guard.terms]
        s = replace(s, guards=tuple(guard for guard in s.guards if guard.terms))
        scope.lines = []
        name = s.target.tensor
        part = None if name in self.looping else part_of_target(s, scope.program.writers[name], scope.program.tensors)
        if part is not None:
            first = (name, part) not in self.parts
            self.parts.add((name, part))
        elif name in self.begun:
            first = s.op == "=" or (inside and exclude_each_other(scope.program.writers[name]))
        else:
            self.begun.add(name)
            first = begin(scope, s, bool(tests))
        before, scope.lines = scope.lines, []
        if tests:
            scope.enter()
        lines = statement_lines(scope, s, first)
        if tests:
            scope.leave()
            lines = [f"if {' and '.join(map(self._test, tests))}:", *(f"    {line}" for line in lines)] if lines else []
        return Block((self.formulas(step.shown),) if self.formulas else (), (*before, *lines), indent)

    def _test(self, test: Extent) -> str:
        """The condition that an extent is not below 0, solved for the time where there is one."""
        scope = self.scope
        for size, time in scope.times.items():
            name, last = scope.names[time], self.lengths[time] - 1
            below, above = Extent.size(size) - 1 - test, test + Extent.size(size) - 1
            if size not in below.sizes:
                return f"{name} {'==' if below == last else '>='} {scope.extent(below)}"
            if size not in above.sizes:
                return f"{name} {'<=' if above.terms else '=='} {scope.extent(above)}"
        return f"{scope.extent(test)} >= 0"


def _buffers(
    scope: Scope, keep: Collection[str], turned: Mapping[str, tuple[Extent, ...]], steps: Sequence[int]
) -> None:
    """A buffer for every tensor with dimensions that the statements write, or a share in an earlier one.

    `turned` are the extents as they are written of the tensors that lie in another order.
    """
    program = scope.program
    owners = shared_buffers(program, keep, steps, scope.narrow, in_place=scope.often)
    for name in program.writers:
        tensor = program.tensors[name]
        if not tensor.extents:
            continue
        own = scope.names[name]
        owner = owners.get(name, name)
        scope.storage[name] = scope.names[owner]
        if owner == name:
            note = _order_note(scope, tensor.extents, turned[name]) if name in turned else ""
            scope.buffer(own, tensor.extents, "narrow" if name in scope.narrow else tensor_kind(scope, name), note)
        else:
            shared = scope.names[owner]
            scope.share(own, shared, tensor.extents, tensor_kind(scope, name), f"{shared} is not needed any more")


def _order_note(scope: Scope, extents: tuple[Extent, ...], written: tuple[Extent, ...]) -> str:
    if len(extents) == 2:
        return "dimensions exchanged"
    first = scope.extent(extents[0])
    return "dimensions in another order" if extents[0] == written[0] else f"stored with {first} first"


def _reached(setup: Sequence[Binding], used: Collection[str]) -> list[Binding]:
    """The bindings that outlive the making of a plan: what is used, and what that is a view of."""
    reached, found = set(used), []
    for binding in reversed(setup):
        if binding.name in reached:
            found.append(binding)
            if binding.holds:
                reached |= set(WORD.findall(binding.source))
    return found[::-1]


def _words(blocks: Iterable[Block]) -> Iterator[str]:
    return (word for block in blocks for line in block.lines for word in WORD.findall(line))


def _without_unread_rows(blocks: list[Block]) -> list[Block]:
    """The blocks without rows that only other rows were made of."""
    count = Counter(_words(blocks))

    def is_read(line: str) -> bool:
        found = FROM_ROWS.fullmatch(line)
        return found is None or count[found[1]] > 1

    return [replace(block, lines=tuple(filter(is_read, block.lines))) for block in blocks]


def _body(scope: Scope, blocks: list[Block], keep: Collection[str], known: Sequence[str]) -> Body:
    results = {name: scope.names[name] for name in keep}
    blocks = _without_unread_rows(blocks)
    used = set(results.values()).union(_words(blocks))
    needed = set(used)
    setup: list[Binding] = []
    for binding in reversed(scope.setup.values()):
        if binding.name in needed:
            setup.append(binding)
            needed |= set(WORD.findall(binding.source))
    setup.reverse()
    if scope.often:
        shared = share(scope, setup, blocks, results.values())
        setup, blocks = shared.setup, shared.blocks
        used = set(results.values()).union(_words(blocks))
    sizes = tuple(size for size in known if scope.names.get(size, size) in needed)
    bound = tuple(binding.name for binding in setup if binding.name in used)
    helpers = tuple(sorted(word for word in used if word in ("_erf", "_check_index")))
    views: list[Binding] = []
    moved = set(scope.held)
    for binding in setup:
        if not moved.isdisjoint(WORD.findall(binding.source)):
            views.append(binding)
            moved.add(binding.name)
    fixed = tuple(binding for binding in setup if binding.name not in moved)
    held = tuple(made for binding in _reached(setup, used) for made in binding.made)
    footprint = Footprint(held, tuple(scope.passing), scope.derived)
    return Body(sizes, fixed, bound, tuple(blocks), results, helpers, tuple(views), scope.quiet, footprint)
