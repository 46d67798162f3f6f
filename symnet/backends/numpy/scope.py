"""What the emitters of one function share: the names taken, the plan made so far, the temporaries and the lines.

An `Array` is a value of the emitted code: a Python expression with the index that runs along each of its axes. Arrays
that live in the plan are `fixed`: every view of one is made once, in the plan, and gets a name there.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from symnet.backends.numpy.code import Binding
from symnet.backends.numpy.names import constant_stem
from symnet.backends.numpy.print import extent_source, factor_source, tuple_source
from symnet.backends.numpy.timed import ROW, Row
from symnet.ir.program import Program
from symnet.language.extents import Extent
from symnet.planning.costs import is_single
from symnet.planning.costs import volume as elements
from symnet.planning.footprint import Choices, Made
from symnet.planning.rows import APART, FILLED_ALONG
from symnet.planning.tame import Tame

DTYPES = {"real": "dtype", "int": "np.intp", "bool": "bool", "narrow": "np.int8"}

WORD = re.compile(r"[A-Za-z_]\w*")

Box = Mapping[str, Extent]


@dataclass(frozen=True, slots=True)
class Array:
    """An array in the emitted code.

    axes     the index that runs along each axis
    kind     real | int | bool | bits (integers as large as real numbers)
    storage  the buffer whose memory it is in; empty for what the function is given and for constants
    fixed    whether it depends on the plan alone, or on arrays that stay the same from call to call
    whole    whether it is C-contiguous
    temp     whether it is a temporary that may be overwritten after its last use
    strides  for a view: (axis, how many elements lie between two neighbours), nominally; else the array is in order
    """

    source: str
    axes: tuple[str, ...]
    kind: str
    storage: str = ""
    fixed: bool = False
    whole: bool = False
    temp: bool = False
    strides: tuple[tuple[str, int], ...] = ()

    def renamed(self, axes: tuple[str, ...]) -> Array:
        """The same array with other names of its axes."""
        return replace(self, axes=axes)


@dataclass(frozen=True, slots=True)
class Scalar:
    """A number in the emitted code. `constant`: it depends on sizes alone; `atomic`: it needs no parentheses."""

    source: str
    kind: str
    constant: bool = False
    atomic: bool = False

    @property
    def operand(self) -> str:
        """The source as an operand of any operator."""
        return self.source if self.atomic else f"({self.source})"


@dataclass(frozen=True, slots=True)
class Buffer:
    """An array of the plan whose memory others may use while it is not needed.

    `brief`: it is written before it is read wherever it is used, and does not outlive a statement.
    """

    extents: tuple[Extent, ...]
    kind: str
    brief: bool = False

    @property
    def length(self) -> Extent:
        """How many elements it has."""
        return elements(self.extents)


@dataclass(frozen=True, slots=True)
class Level:
    """What was known before a loop or a test."""

    moving: set[str]
    local: dict[str, str]
    padded: dict[object, Array]
    positions: dict[object, Array]
    checked: set[str]


class Scope:
    """The state of emitting one function."""

    def __init__(self, program: Program, names: Mapping[str, str], reserved: Collection[str]) -> None:
        self.program = program
        self.names = dict(names)
        self.taken = {*self.names.values(), *reserved, "np", "dtype"}
        self._numbers: dict[str, int] = {}  # stem to the first number that it may be free with
        self.setup: dict[str, Binding] = {}
        self.buffers: dict[str, Buffer] = {}
        self.lines: list[str] = []
        self.checked: set[str] = set()
        self.quiet = False
        self.often = False  # whether the plan is used again from call to call
        self.tame = Tame()
        self.storage: dict[str, str] = {}
        self.held: Collection[str] = ()
        self.padded: dict[object, Array] = {}
        self.positions: dict[object, Array] = {}
        self.gathered: dict[object, Array | Scalar] = {}
        self._pinned: set[str] = set()
        self.narrow: Mapping[str, str] = {}
        self.orders: Mapping[str, tuple[int, ...]] = {}
        self.times: dict[str, str] = {}
        self.before: dict[str, str] = {}
        self.written: set[str] = set()
        self._moving: set[str] = set()
        self._levels: list[Level] = []
        self._by_source: dict[str, str] = {}
        self._local: dict[str, str] = {}
        self._rows: dict[str, Row] = {}
        self._locals: dict[str, str] = {}
        self._free: dict[tuple[str, str], list[str]] = {}
        self._temps: dict[str, tuple[str, str]] = {}
        self._count = 0
        self._beside: dict[str, str] = {}
        self.derived: dict[str, Choices] = {}
        self.passing: list[tuple[Made, ...]] = []
        self._lying: dict[str, tuple[int, ...]] = {}

    @property
    def looping(self) -> bool:
        """Whether what is written now may run several times, or not at all."""
        return bool(self._levels)

    # --- names and bindings ---

    def fresh(self, stem: str) -> str:
        """A name that nobody uses: the stem, or the stem with a number."""
        name, number = stem, self._numbers.get(stem, 2)
        while name in self.taken:
            name, number = f"{stem}{number}" if not stem[-1].isdigit() else f"{stem}_{number}", number + 1
        self.taken.add(name)
        self._numbers[stem] = number
        return name

    def local(self, stem: str) -> str:
        """A name for use within one block; blocks may use the same."""
        if stem not in self._locals:
            self._locals[stem] = self.fresh(stem)
        return self._locals[stem]

    def bind(self, stem: str, source: str, note: str = "", made: tuple[Made, ...] = ()) -> str:
        """The name in the plan of the value of this expression, which makes this memory; the same one gets the same."""
        if source.isidentifier():
            return source
        if self._moving and not self._moving.isdisjoint(WORD.findall(source)):
            return self._bind_locally(stem, source)
        if source not in self._by_source:
            name = self.fresh(stem)
            self._by_source[source] = name
            self.setup[name] = Binding(name, source, note, made)
        return self._by_source[source]

    def _bind_locally(self, stem: str, source: str) -> str:
        """The same for a value that changes with the time of a loop: a line where it is first wanted."""
        key = source
        if key not in self._local:
            name = self._local[key] = self.fresh(stem)
            self._moving.add(name)
            row = self._row_of(source)
            if row is not None:
                self._rows[name] = row
                source = f"{self.bind(f'{row.array}_rows', row.listed)}[{row.time}]"
            self.line(f"{name} = {source}")
        return self._local[key]

    def _row_of(self, source: str) -> Row | None:
        """The row of an array that stays the same from call to call which a view at the time of a loop is made of."""
        if not self.often:
            return None
        base = WORD.match(source)
        if base is not None and base[0] in self._rows:
            row, tail = self._rows[base[0]], source[base.end() :]
            return None if self._moves(tail) else replace(row, made=row.made + tail)
        found = ROW.fullmatch(source)
        if found is None or not (found[1] in self.setup or found[1] in self.held):
            return None
        array, before, time, rest, tail = found.groups(default="")
        made = f"row[{before}{rest}]{tail}" if rest else f"row{tail}"
        return None if self._moves(rest + tail) else Row(array, time, made, before.count(":"))

    def _moves(self, source: str) -> bool:
        return not self._moving.isdisjoint(WORD.findall(source))

    def _bind_before(self, stem: str, source: str) -> str:
        """The same for a view of what the function is given: a line before the outermost loop, unless it moves."""
        if not self._moving.isdisjoint(WORD.findall(source)):
            return self._bind_locally(stem, source)
        if source not in self.before:
            self.before[source] = self.fresh(stem)
        return self.before[source]

    def enter(self, moving: Iterable[str] = ()) -> None:
        """Begin a part that may run several times, or not at all; these names change from run to run."""
        self._levels.append(
            Level(set(self._moving), dict(self._local), dict(self.padded), dict(self.positions), set(self.checked))
        )
        self._moving.update(moving)

    def leave(self) -> None:
        """End that part: what it calculated is not known behind it."""
        level = self._levels.pop()
        self._moving, self._local = level.moving, level.local
        self.padded, self.positions, self.checked = level.padded, level.positions, level.checked

    def is_moving(self, extent: Extent) -> bool:
        """Whether an extent changes with the time of a loop."""
        return bool(self.times) and any(size in self.times for size in extent.sizes)

    def define(self, name: str, source: str, note: str = "", made: tuple[Made, ...] = ()) -> None:
        """Bind a name that is already ours, such as that of a tensor, to an expression that makes this memory."""
        self.buffers.pop(name, None)
        self.setup[name] = Binding(name, source, note, made)

    def length(self, stem: str, choices: Choices) -> Extent:
        """A number of the plan that may be 0, such as the length of a range that sizes may leave empty.

        A size is never below 1, so that the plan holds one more than the number: the largest of some choices, each the
        least of some extents.
        """
        parts = [", ".join(map(self.extent, group)) for group in choices]
        parts = [part if len(group) == 1 else f"min({part})" for part, group in zip(parts, choices, strict=True)]
        name = self.bind(stem, f"max({', '.join(parts)})")
        self.derived[name] = choices
        return Extent.size(name) - 1

    def extent(self, extent: Extent) -> str:
        """An extent as Python source."""
        return extent_source(self._timed(extent), self.names)

    def factor(self, extent: Extent) -> str:
        """An extent as Python source, in parentheses where it is to be a factor."""
        return factor_source(self._timed(extent), self.names)

    def _timed(self, extent: Extent) -> Extent:
        """The extent over the times of loops themselves: proofs count them from 1."""
        if not self.is_moving(extent):
            return extent
        return extent.substitute({size: Extent.size(time) + 1 for size, time in self.times.items()})

    def shape(self, extents: Iterable[Extent]) -> str:
        """A shape as Python source, a single length without its tuple."""
        lengths = [self.extent(extent) for extent in extents]
        return lengths[0] if len(lengths) == 1 else tuple_source(lengths)

    def is_real(self, tensor: str) -> bool:
        """Whether a tensor holds real numbers."""
        return not self.program.tensors[tensor].integer

    def is_read(self, name: str) -> bool:
        """Whether a statement reads the tensor with this Python name."""
        return any(self.names[tensor] == name for s in self.program.statements for tensor in s.reads)

    def line(self, text: str) -> None:
        """Add a line to the block being written."""
        self.lines.append(text)

    # --- constants ---

    def constant(self, text: str) -> str:
        """A real constant as a 0-d array of the plan's dtype: a Python float would double the cost of a small call."""
        return self.bind(constant_stem(text), f"np.array({text}, dtype)", made=(Made.of((), "real"),))

    def number(self, source: str) -> str:
        """A number of a loop that no turn of it changes: a 0-d array before it, which takes a ufunc half the time."""
        words = set(WORD.findall(source))
        if not self._moving or words & self._moving or words & self.written:
            return source
        tensors = self.program.tensors
        given = any(tensor.given and self.names.get(name) == source for name, tensor in tensors.items())
        return source if given else self._bind_before("number", f"np.array({source}, dtype)")

    def stride(self, extent: Extent) -> str:
        """How many elements apart neighbours lie, as a factor of positions: in a plan that is kept a 0-d array too."""
        if not self.often or self.is_moving(extent):
            return self.factor(extent)
        return self.bind("stride", f"np.array({self.extent(extent)})", made=(Made.of((), "int"),))

    def bits(self) -> str:
        """The dtype of integers that are as large as real numbers."""
        return self.bind("bits", 'np.dtype(f"i{dtype.itemsize}")')

    def repeated(self, text: str, axes: Iterable[str], box: Box) -> str:
        """A real constant as an array that can be broadcast over these axes without loss of speed.

        It goes along the last axes that together are long enough. Where the plan is made anew for every call it is a
        number: filling an array would cost more.
        """
        if not self.often:
            return self.constant(text)
        extents: tuple[Extent, ...] = ()
        total = Extent.of(1)
        for axis in reversed(tuple(axes)):
            if not FILLED_ALONG(total.constant or 0):
                break
            extents, total = (box[axis], *extents), total * box[axis]
        shape, made = self.shape(extents), (Made.of(extents, "real"),)
        if text == "0":
            return self.bind("zeros", f"np.zeros({shape}, dtype)", made=made)
        return self.bind(f"{constant_stem(text)}s", f"np.full({shape}, {text}, dtype)", made=made)

    def ones(self, extents: tuple[Extent, ...], scale: str = "") -> str:
        """A vector of ones, or of another constant, as long as the product of the extents."""
        total = Extent.of(1)
        for extent in extents:
            total = total * extent
        length, made = self.extent(total), (Made((total,), "real"),)
        stem, source = (
            ("weights", f"np.full({length}, {scale}, dtype)") if scale else ("ones", f"np.ones({length}, dtype)")
        )
        return self.bind(stem, source, made=made)

    def arange(self, name: str, extent: Extent, kind: str) -> Array:
        """The values of an index along its own axis."""
        source = f"np.arange({self.extent(extent)})"
        if kind == "real":
            source = f"np.arange({self.extent(extent)}, dtype=dtype)"
        stem = f"{name}_values" if kind == "real" else f"{name}_index"
        bound = self.bind(stem, source, made=(Made((extent,), "real" if kind == "real" else "int"),))
        return Array(bound, (name,), kind, fixed=True, whole=True)

    # --- buffers ---

    def buffer(self, name: str, extents: tuple[Extent, ...], kind: str, note: str = "", *, brief: bool = False) -> None:
        """A buffer of the plan under a name that is already ours; `brief` as in `Buffer`."""
        source = f"np.empty({self.shape(extents)}, {DTYPES.get(kind) or self.bits()})"
        self.define(name, source, note, (Made.of(extents, kind),))
        sizes = {size for extent in extents for size in extent.sizes}
        if extents and sizes <= set(self.program.sizes) - set(self.times):
            self.buffers[name] = Buffer(extents, kind, brief)

    def temporary(self, axes: tuple[str, ...], box: Box, kind: str) -> Array:
        """A buffer for a value that does not outlive its statement.

        In a plan that is kept each is a buffer of its own: which of them share memory is seen when all lines are known.
        """
        extents = tuple(box[axis] for axis in axes)
        free = self._free.setdefault((self.shape(extents), kind), [])
        if free:
            name = free.pop()
        else:
            name = self.fresh(f"t{self._count}")
            self._count += 1
            self.buffer(name, extents, kind, brief=True)
            if not self.often or name not in self.buffers:
                self._temps[name] = (self.shape(extents), kind)
        return Array(name, axes, kind, storage=name, fixed=True, whole=True, temp=True)

    def beside(self, array: Array, box: Box) -> Array:
        """Where to write what would be written into an array in place: the array, but where it holds one number.

        NumPy's ufuncs take four times as long in place on one number as elsewhere. Both names stand for one buffer.
        """
        extents = tuple(box[axis] for axis in array.axes)
        if not self._is_apart(extents):
            return array
        if array.source not in self._beside:
            name = self.fresh(f"{array.source}_apart")
            self.share(name, array.source, extents, array.kind)
            self._beside.update({name: array.source, array.source: name})
        return replace(array, source=self._beside[array.source])

    def share(self, name: str, owner: str, extents: tuple[Extent, ...], kind: str, note: str = "") -> None:
        """A second name for a buffer, for what is written in place; another buffer where that would be slow."""
        sizes = [self.extent(extent) for extent in extents if extent.sizes]
        if self._is_apart(extents):
            apart = f"np.empty({self.shape(extents)}, {DTYPES.get(kind) or self.bits()})"
            single = next((size for extent in extents for size in extent.sizes), "")
            made = Made.of(extents, kind, single=single)
            self.define(name, f"{apart} if {sizes[0]} == 1 else {owner}" if sizes else apart, note, (made,))
        else:
            self.define(name, owner, note)

    def _is_apart(self, extents: Sequence[Extent]) -> bool:
        return self.often and is_single(extents) and APART()

    def release(self, array: Array) -> None:
        """Give a temporary back; anything else is left alone."""
        key = self._temps.get(array.storage)
        if key is not None and array.storage not in self._pinned and array.storage not in self._free[key]:
            self._free[key].append(array.storage)

    def pin(self, array: Array) -> Array:
        """Keep a temporary until the end of the statement: it is not to be overwritten."""
        self._pinned.add(array.storage)
        return replace(array, temp=False)

    def own(self, stem: str, axes: tuple[str, ...], box: Box, kind: str) -> Array:
        """A buffer for a value that later statements use again."""
        name = self.fresh(stem)
        self.buffer(name, tuple(box[axis] for axis in axes), kind)
        return Array(name, axes, kind, storage=name, fixed=True, whole=True)

    def release_all(self) -> None:
        """Give all temporaries back, so that the next statement takes the first ones first."""
        self._pinned.clear()
        self.gathered.clear()
        for names in self._free.values():
            names.clear()
        for name in reversed(self._temps):
            self._free[self._temps[name]].append(name)

    # --- views ---

    def view(self, array: Array, suffix: str, stem: str, axes: tuple[str, ...], *, whole: bool = False) -> Array:
        """The array with a suffix such as `[:, None]` or `.T`, bound in the plan where that can be."""
        source = array.source + suffix
        if suffix and array.fixed:
            source = self.bind(f"{array.source}_{stem}", source)
        elif suffix and self._moving and array.source.isidentifier():
            source = self._bind_before(f"{array.source}_{stem}", source)
        return replace(array, source=source, axes=axes, whole=whole)

    def aligned(self, array: Array, order: tuple[str, ...]) -> Array:
        """The array with its axes in this order and None for those that it lacks, as broadcasting wants it.

        Leading axes that it lacks are left out. Axes of the result that are None are named by the empty string.
        """
        array = self.transposed(array, tuple(axis for axis in order if axis in array.axes))
        if not array.axes:
            return array
        tail = order[order.index(array.axes[0]) :]
        if tail == array.axes:
            return array
        index = ", ".join(":" if axis in array.axes else "None" for axis in tail)
        stem = "col" if len(tail) == 2 else "b" + "".join("1" if axis in array.axes else "0" for axis in tail)
        return self.view(array, f"[{index}]", stem, tuple(axis if axis in array.axes else "" for axis in tail))

    def transposed(self, array: Array, order: tuple[str, ...]) -> Array:
        """The array with its axes in another order."""
        if order == array.axes:
            return array
        places = [str(array.axes.index(axis)) for axis in order]
        suffix, stem = f".transpose({', '.join(places)})", f"T{''.join(places)}"
        if order == array.axes[::-1]:
            suffix, stem = ".T", "T"
        view = self.view(array, suffix, stem, order)
        self._lying[view.source] = tuple(order.index(axis) for axis in self.memory_order(array))
        return view

    def memory_order(self, array: Array) -> tuple[str, ...]:
        """The axes of an array, or of one that was turned, in the order in which they lie in memory."""
        known = self._lying.get(array.source)
        return array.axes if known is None or len(known) != len(array.axes) else tuple(array.axes[k] for k in known)

    def flattened(self, array: Array, groups: tuple[tuple[str, ...], ...], box: Box) -> Array:
        """The array reshaped so that each group of neighbouring axes becomes one axis, named by its joined names.

        A copy is made at run time where the array's strides do not allow a view.
        """
        if all(len(group) == 1 for group in groups):
            return array
        axes = tuple(",".join(group) for group in groups)
        if len(groups) == 1:
            return self.view(array, ".reshape(-1)", "flat", axes, whole=array.whole)
        extents = []
        for group in groups:
            total = Extent.of(1)
            for axis in group:
                total = total * box[axis]
            extents.append(total)
        suffix = f".reshape{self.shape(extents)}"
        return self.view(array, suffix, f"{len(groups)}d", axes, whole=array.whole)
