"""The buffers of a plan that is kept share memory: how long each is needed is read off the lines that were written.

    slot0 = np.empty(max(64 * N, 640), dtype)
    h = slot0[: 64 * N].reshape(N, 64)
    dlogits_W = slot0[:640].reshape(64, 10)

A buffer is needed from the first line that names it, or a view of it, to the last one; what a loop names, all through
the loop, unless it is a temporary of one statement. A line of one ufunc, or of one product by tiles, may write to the
place of an operand that is not needed any more.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from symnet.backends.numpy.code import Binding, Block
from symnet.backends.numpy.scope import DTYPES, WORD, Buffer, Scope
from symnet.language.extents import Extent
from symnet.planning.footprint import Made
from symnet.planning.memory import Piece, Place, Places, places

# A ufunc that writes each element of its result after it has read those at the same place.
ELEMENTWISE = re.compile(r"np\.(?!matmul\b)(\w+)\(([\w, ]+), out=(\w+)\)")

# A product with windows by tiles, which copies some images before it writes their results.
TILED = re.compile(r"\w+\.correlate\((\w+), \w+, (\w+)\)")

# A name for a part of what another name stands for.
LOCAL_VIEW = re.compile(r"(\w+) = (\w+(?:\[|\.T\b|\.reshape|\.transpose|\.view).*)")
OTHER_FORM = re.compile(r"(\w+)(?:\.view\(\w+\)|(\.reshape\([\w, *]+\)))")
LOOP = re.compile(r" *for .*:")
QUOTED = re.compile(r'("[^"]*")')

# Bytes lie among real numbers, four in the place of one, which takes four bytes at least.
BYTES = ("bool", "narrow")
POOLS = {"bits": "real"} | dict.fromkeys(BYTES, "real")


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it runs: its text with all of its indentation, and the number of its block."""

    text: str
    block: int

    @property
    def depth(self) -> int:
        return len(self.text) - len(self.text.lstrip())


@dataclass(frozen=True, slots=True)
class Shared:
    """Setup and blocks with shared memory."""

    setup: list[Binding]
    blocks: list[Block]


def share(scope: Scope, setup: Sequence[Binding], blocks: Sequence[Block], results: Collection[str]) -> Shared:
    """Setup and blocks of a plan whose buffers share memory. What `results` names is needed to the end."""
    buffers = {b.name: scope.buffers[b.name] for b in setup if b.name in scope.buffers}
    lines = [Line("    " * b.indent + text, number) for number, b in enumerate(blocks) for text in b.lines]
    found = places(_Lives(setup, buffers, lines).pieces(results))
    return _Writer(scope, buffers, found).shared(setup, blocks)


# --- how long buffers are needed -------------------------------------------------------------------


class _Lives:
    """Reads off the lines when each buffer is needed."""

    def __init__(self, setup: Sequence[Binding], buffers: Mapping[str, Buffer], lines: Sequence[Line]) -> None:
        self.buffers = buffers
        self.lines = lines
        self.roots: dict[str, frozenset[str]] = {}  # name to the buffers that it is in
        self.forms: dict[str, tuple[str, str]] = {}  # name to the buffer that it is all of, and how it is reshaped
        for binding in setup:
            self._known(binding)
        self.first: dict[str, int] = {}
        self.last: dict[str, int] = {}
        self.blocks: dict[str, set[int]] = {}
        self._read_lines()

    def _known(self, binding: Binding) -> None:
        name, source = binding.name, binding.source
        if name in self.buffers:
            self.roots[name], self.forms[name] = frozenset((name,)), (name, "")
            return
        self.roots[name] = self._roots_of(source)
        form = OTHER_FORM.fullmatch(source)
        base = form[1] if form else source
        if base in self.forms and not (form and form[2] and self.forms[base][1]):
            self.forms[name] = self.forms[base][0], (form[2] or "" if form else "") or self.forms[base][1]

    def _roots_of(self, source: str) -> frozenset[str]:
        return frozenset().union(*(self.roots.get(word, frozenset()) for word in WORD.findall(source)))

    def _read_lines(self) -> None:
        for number, line in enumerate(self.lines):
            local = LOCAL_VIEW.fullmatch(line.text.strip())
            if local:
                self.roots[local[1]] = self._roots_of(local[2])
            for name in self._roots_of(line.text):
                self.first.setdefault(name, number)
                self.last[name] = number
                self.blocks.setdefault(name, set()).add(line.block)

    def pieces(self, results: Collection[str]) -> list[Piece]:
        """The buffers in the order of the setup. What no line names is none."""
        kept = {root for name in results for root in self.roots.get(name, ())}
        outer, inner = self._loops(across=True), self._loops(across=False)
        spans: dict[str, tuple[int, int]] = {}
        for name in self.buffers:
            if name in self.first:
                brief = self.buffers[name].brief and len(self.blocks[name]) == 1
                loops = inner if brief else outer
                end = len(self.lines) if name in kept else loops[self.last[name]][1]
                spans[name] = loops[self.first[name]][0], end
        heirs = self._heirs(spans)
        return [
            Piece(name, room(self.buffers[name]), self._pool(name), *span, heirs.get(name, ()))
            for name, span in spans.items()
        ]

    def _pool(self, name: str) -> str:
        kind = self.buffers[name].kind
        return POOLS.get(kind, kind)

    def _loops(self, across: bool) -> list[tuple[int, int]]:
        """For each line the first and the last line of the outermost loop around it; of one block, or across them."""
        found: list[tuple[int, int]] = []
        while len(found) < len(self.lines):
            start = stop = len(found)
            head = self.lines[start]
            if LOOP.fullmatch(head.text):
                while stop + 1 < len(self.lines) and self._is_inside(self.lines[stop + 1], head, across):
                    stop += 1
            found += [(start, stop)] * (stop + 1 - start)
        return found

    @staticmethod
    def _is_inside(line: Line, head: Line, across: bool) -> bool:
        return line.depth > head.depth and (across or line.block == head.block)

    def _heirs(self, spans: Mapping[str, tuple[int, int]]) -> dict[str, tuple[str, ...]]:
        """The buffers that a line writes first, each with those that the same line reads last, element by element."""
        found = {}
        for number, line in enumerate(self.lines):
            operands, result = _in_place(line.text.strip())
            target, form = self.forms.get(result, ("", ""))
            if not target or spans.get(target, (-1, -1))[0] != number:
                continue
            dying = {name for word in operands for name in self.roots.get(word, ()) if spans[name][1] == number}
            dying = {name for name in dying if name != target and self._matches(operands, name, target, form)}
            if dying:
                found[target] = tuple(sorted(dying))
        return found

    def _matches(self, operands: Sequence[str], name: str, target: str, form: str) -> bool:
        """Whether all operands that are in a buffer are all of it, in the form of the target."""
        own, other = self.buffers[name], self.buffers[target]
        same = own.length == other.length and (own.kind in BYTES) == (other.kind in BYTES)
        if not same or (not form and own.extents != other.extents):
            return False
        return all(self.forms.get(word) == (name, form) for word in operands if name in self.roots.get(word, ()))


def _in_place(line: str) -> tuple[Sequence[str], str]:
    """What a line reads before it writes to the same place of its result, and the result; nothing of other lines."""
    ufunc, tiled = ELEMENTWISE.fullmatch(line), TILED.fullmatch(line)
    if ufunc:
        return ufunc[2].split(", "), ufunc[3]
    return ([tiled[1]], tiled[2]) if tiled else ((), "")


def room(buffer: Buffer) -> Extent:
    """How many elements of its slot a buffer takes."""
    return (buffer.length + 3) // 4 if buffer.kind in BYTES else buffer.length


# --- setup and lines with shared memory ------------------------------------------------------------


class _Writer:
    """Writes buffers as parts of slots; temporaries at one place become one."""

    def __init__(self, scope: Scope, buffers: Mapping[str, Buffer], found: Places) -> None:
        self.scope = scope
        self.buffers = buffers
        self.found = found
        self.slots: dict[int, str] = {}
        self.first: dict[object, str] = {}
        self.renamed: dict[str, str] = {}

    def shared(self, setup: Sequence[Binding], blocks: Sequence[Block]) -> Shared:
        whole = self._whole_slots()
        bound: dict[str, str] = {}
        result: list[Binding] = []
        for binding in setup:
            place = self.found.of.get(binding.name)
            if place is not None:
                result += self._placed(binding, place, place.slot in whole)
                continue
            view = replace(binding, source=self._spelled(binding.source))
            if view.source != binding.source and view.source in bound:
                self.renamed[view.name] = bound[view.source]  # the same view of temporaries that have become one
                continue
            bound.setdefault(view.source, view.name)
            result.append(view)
        lines = [replace(b, lines=tuple(map(self._spelled, b.lines))) for b in blocks]
        return Shared(result, lines)

    def _spelled(self, text: str) -> str:
        """A line with the names of temporaries that have become others; what is quoted stays."""
        if self.renamed.keys().isdisjoint(WORD.findall(text)):
            return text
        parts = QUOTED.split(text)
        parts[::2] = [WORD.sub(lambda word: self.renamed.get(word[0], word[0]), part) for part in parts[::2]]
        return "".join(parts)

    def _whole_slots(self) -> set[int]:
        """The slots that all of their buffers fill with one shape: the first of these is the slot."""
        looks: dict[int, set[object]] = {}
        for name, place in self.found.of.items():
            buffer = self.buffers[name]
            looks.setdefault(place.slot, set()).add((place.offset, buffer.extents, buffer.kind))
        return {slot for slot, found in looks.items() if len(found) == 1}

    def _placed(self, binding: Binding, place: Place, whole: bool) -> Iterator[Binding]:
        name, buffer = binding.name, self.buffers[binding.name]
        key = (place, buffer.extents, buffer.kind, buffer.brief)
        known = self.first.setdefault(key, name)
        if known != name and buffer.brief:
            self.renamed[name] = known
        elif known != name:
            yield Binding(name, known, f"{known} is not needed any more")
        elif whole and (place, buffer.extents, buffer.kind, not buffer.brief) not in self.first:
            yield binding
        elif whole:
            yield Binding(name, self.first[place, buffer.extents, buffer.kind, not buffer.brief])
        else:
            yield from self._slot(place.slot)
            yield from self._part(buffer, place, binding)

    def _slot(self, number: int) -> Iterator[Binding]:
        if number not in self.slots:
            slot = self.found.slots[number]
            self.slots[number] = name = self.scope.fresh(f"slot{len(self.slots)}")
            source = f"np.empty({self._length(slot.lengths)}, {DTYPES[slot.kind]})"
            yield Binding(name, source, made=(Made(slot.lengths, slot.kind),))

    def _length(self, lengths: Iterable[Extent]) -> str:
        sources = [self.scope.extent(length) for length in lengths]
        return sources[0] if len(sources) == 1 else f"max({', '.join(sources)})"

    def _part(self, buffer: Buffer, place: Place, binding: Binding) -> Iterator[Binding]:
        """A part of a slot in the shape of a buffer; bytes lie among real numbers, whose length is rounded up."""
        source, end = self.slots[place.slot], place.offset + room(buffer)
        if self.found.slots[place.slot].lengths != (end,) or place.offset.terms:
            source += self._slice(place.offset, end)
        if buffer.kind == "bits":
            source += f".view({self.scope.bits()})"
        if buffer.kind in BYTES:
            among = self.scope.fresh(f"{binding.name}_bytes")
            yield Binding(among, f"{source}.view({DTYPES[buffer.kind]})")
            source = among + self._slice(Extent(), buffer.length)
        if len(buffer.extents) != 1:
            source += f".reshape{self.scope.shape(buffer.extents)}"
        yield Binding(binding.name, source, binding.note)

    def _slice(self, start: Extent, end: Extent) -> str:
        first, last = self.scope.extent(start) if start.terms else "", self.scope.extent(end)
        if first.isalnum() or not first:
            return f"[{first}:{last}]" if last.replace("_", "").isalnum() else f"[{first} : {last}]".replace("[ ", "[")
        return f"[{first} : {last}]"
