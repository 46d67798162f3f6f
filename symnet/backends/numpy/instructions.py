"""Straight lines of ufuncs: instructions over arrays and numbers, and where each of them puts its result.

Equal instructions are one. An instruction over constants alone goes into the plan. The result of any other goes to the
target, to an operand that is not read again, or to a temporary.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from symnet.backends.numpy.across import turned_lines
from symnet.backends.numpy.broadcast import repeated_constant, widened
from symnet.backends.numpy.choices import SPREAD, choice_lines, spread_constant, spread_line
from symnet.backends.numpy.passing import count_array, count_call
from symnet.backends.numpy.scope import DTYPES, Array, Box, Scalar, Scope
from symnet.planning.costs import is_single
from symnet.planning.footprint import Made
from symnet.planning.rows import BITS, FILLED

# ufuncs whose arguments may change places
COMMUTATIVE = frozenset(("add", "multiply", "maximum", "minimum"))

# ufuncs that are slow with a number: maximum(x, 0) takes three times as long as with an array of zeros
SLOW_WITH_NUMBERS = frozenset(("maximum", "minimum"))

# the arrays that the helper for the error function makes at one time
ERF = (*(3 * ["real"]), *(3 * ["double"]))

# what is no single ufunc: copies, and operations on bits
BROADCASTING = frozenset(("select", "choose", "convert", *SPREAD))


@dataclass(frozen=True, slots=True)
class Instruction:
    """One ufunc over values: arrays, scalars and results of earlier instructions."""

    ufunc: str
    arguments: tuple[Value, ...]
    axes: tuple[str, ...]
    kind: str


@dataclass(frozen=True, slots=True)
class Result:
    """The result of the instruction with this number."""

    number: int


Value = Array | Scalar | Result


class Instructions:
    """A list of instructions. `order` is the order of the axes of every result."""

    def __init__(self, scope: Scope, box: Box, order: tuple[str, ...]) -> None:
        self.scope = scope
        self.box = box
        self.order = order
        self.code: list[Instruction] = []
        self._emitted: dict[Instruction, Value] = {}

    def emit(self, ufunc: str, arguments: tuple[Value, ...], kind: str) -> Value:
        """The value of a ufunc: of an equal earlier instruction, or of a new one; a constant goes into the plan."""
        if ufunc in COMMUTATIVE and len(self.axes(arguments[0])) < len(self.axes(arguments[1])):
            arguments = arguments[::-1]  # the larger operand reads better first, and scalars last
        if kind == "real" and ufunc != "convert":
            arguments = tuple(map(self._as_real, arguments))
        found = {axis for argument in arguments for axis in self.axes(argument)}
        axes = tuple(axis for axis in self.order if axis in found)
        if ufunc == "select" and kind == "real" and self._by_bits(arguments):
            ufunc, arguments = "choose", self._spread(*arguments)
        instruction = Instruction(ufunc, arguments, axes, kind)
        if instruction not in self._emitted:
            if ufunc not in ("select", "choose") and all(map(_is_constant, arguments)):
                self._emitted[instruction] = self._planned(instruction)
            else:
                self.code.append(instruction)
                self._emitted[instruction] = Result(len(self.code) - 1)
        return self._emitted[instruction]

    def _as_real(self, value: Value) -> Value:
        """Integers in an array as real numbers: every ufunc that is given both kinds would convert them, and slowly."""
        return self.emit("convert", (value,), "real") if self.axes(value) and self.kind(value) == "int" else value

    def _by_bits(self, arguments: tuple[Value, ...]) -> bool:
        mask, *branches = arguments
        known = all(self.axes(value) or _is_number(value) for value in branches)
        return bool(self.axes(mask)) and known and any(map(self.axes, branches)) and bool(BITS())

    def _spread(self, mask: Value, chosen: Value, other: Value) -> tuple[Value, ...]:
        """The arguments of `choose`: a number, if there is one, is the other branch."""
        if _is_number(chosen):
            return self.emit("spread_not", (mask,), "bits"), other, chosen
        return self.emit("spread", (mask,), "bits"), chosen, other

    def _planned(self, instruction: Instruction) -> Array:
        arguments = [argument for argument in instruction.arguments if not isinstance(argument, Result)]
        literal = instruction.kind != "real" and all(argument.kind != "real" for argument in arguments)
        sources = [self.text(argument, instruction.axes, literal) for argument in arguments]
        call = f"np.{instruction.ufunc}({', '.join(sources)})"
        if instruction.ufunc == "convert":
            call = f"{sources[0]}.astype({DTYPES[instruction.kind]})"
        if instruction.ufunc in SPREAD:
            call = spread_constant(self.scope, instruction.ufunc, sources[0])
        # NumPy makes integers of masks and literals, whatever they stand for.
        kind = "int" if literal and instruction.kind == "real" and instruction.ufunc != "convert" else instruction.kind
        made = Made.of((self.box[axis] for axis in instruction.axes), kind)
        name = self.scope.bind("table", call, made=(made,))
        return Array(name, instruction.axes, instruction.kind, fixed=True, whole=True)

    def axes(self, value: Value) -> tuple[str, ...]:
        """The axes of a value."""
        if isinstance(value, Result):
            return self.code[value.number].axes
        return value.axes if isinstance(value, Array) else ()

    def kind(self, value: Value) -> str:
        """The kind of a value."""
        return self.code[value.number].kind if isinstance(value, Result) else value.kind

    def text(self, value: Array | Scalar, axes: tuple[str, ...], literal: bool) -> str:
        """A value as an argument of a ufunc whose result has these axes; numbers as literals among integers."""
        if isinstance(value, Array):
            return self.scope.aligned(value, axes).source
        if literal:
            return value.source
        if value.constant:
            return self.scope.constant(value.source)
        return self.scope.number(value.source) if value.kind == "real" else value.source

    # --- from instructions to lines ---

    def write(self, value: Value, out: Array | None = None) -> Array | Scalar:
        """Write the lines that calculate a value, into `out` where that is given."""
        if not isinstance(value, Result):
            return value if out is None else self._stored(value, out)
        places: dict[int, Array] = {}
        last = self._last_uses(value.number)
        for number in sorted(last):
            places[number] = self._write_one(number, value.number, out, places, last)
        result = places[value.number]
        if out is not None and result.source != out.source:
            return self._stored(result, out)
        return result

    def _last_uses(self, root: int) -> dict[int, int]:
        """The instructions that the root needs, each with the number of the last one that reads it."""
        last = {root: root + 1}
        for number in range(root, -1, -1):
            if number not in last:
                continue
            for argument in self.code[number].arguments:
                if isinstance(argument, Result):
                    last.setdefault(argument.number, number)
        return last

    def _write_one(
        self, number: int, root: int, out: Array | None, places: dict[int, Array], last: dict[int, int]
    ) -> Array:
        instruction = self.code[number]
        arguments = [places[a.number] if isinstance(a, Result) else a for a in instruction.arguments]
        dying = [places[a.number] for a in instruction.arguments if isinstance(a, Result) and last[a.number] == number]
        place = self._place(number, root, out, dying, last, places)
        rows = arguments
        if instruction.ufunc not in BROADCASTING:
            rows = [widened(self.scope, argument, instruction.axes, self.box, place) for argument in arguments]
        for line in self._lines(instruction, rows, place):
            self.scope.line(line)
        kept = {place.storage, *(own.storage for own in arguments if isinstance(own, Array) and own not in dying)}
        for array in (*dying, *rows):
            if isinstance(array, Array) and array.storage not in kept:
                self.scope.release(array)
        return place

    def _lines(self, instruction: Instruction, arguments: list[Array | Scalar], place: Array) -> list[str]:
        if instruction.ufunc == "choose":
            where, chosen, other = arguments
            assert isinstance(where, Array)
            where = repeated_constant(self.scope, where, instruction.axes, self.box)
            # All are integers as large as real numbers here.
            count_call(self.scope, [replace(where, kind="real"), chosen, other], place, self.box)
            return choice_lines(self.scope, where, chosen, other, place, instruction.axes, self.box)
        if instruction.ufunc == "turn":
            (matrix,) = arguments
            assert isinstance(matrix, Array)
            return turned_lines(self.scope, matrix, place, self.box)
        literal = all(argument.kind != "real" for argument in arguments)
        sources = [self.text(argument, instruction.axes, literal) for argument in arguments]
        self._count(instruction, arguments, place, literal)
        if instruction.ufunc in SPREAD:
            return [spread_line(self.scope, instruction.ufunc, sources[0], place.source)]
        if instruction.ufunc in SLOW_WITH_NUMBERS and instruction.kind == "real" and FILLED():
            sources = [
                self.scope.repeated(argument.source, instruction.axes, self.box) if _is_number(argument) else source
                for argument, source in zip(arguments, sources, strict=True)
            ]
        return _lines(instruction, sources, place.source)

    def _count(self, instruction: Instruction, arguments: list[Array | Scalar], place: Array, literal: bool) -> None:
        """Count what NumPy makes for a call, which calculates in integers where it is given masks and literals."""
        if instruction.ufunc == "erf":
            count_array(self.scope, instruction.axes, self.box, *ERF)
        elif instruction.ufunc not in ("select", "convert"):
            inner = "int" if literal and instruction.kind == "real" and len(arguments) > 1 else ""
            count_call(self.scope, arguments, place, self.box, inner)

    def _place(
        self,
        number: int,
        root: int,
        out: Array | None,
        dying: list[Array],
        last: dict[int, int],
        places: dict[int, Array],
    ) -> Array:
        """Where the result of an instruction goes: the target if it is free by now, a dying operand, a temporary."""
        instruction = self.code[number]
        fits = [a for a in dying if a.axes == instruction.axes and a.kind == instruction.kind]
        reading = number + 1
        if self.scope.often and number != root and is_single(self.box[axis] for axis in instruction.axes):
            out = None  # what follows would be written into it in place
        if instruction.ufunc == "select":  # it writes the other branch before it reads the chosen one
            other = instruction.arguments[2]
            fits = [a for a in fits if isinstance(other, Result) and a is places[other.number]]
            reading = number
        elif instruction.ufunc == "choose":  # it reads the other branch once more at the end
            chosen, other = instruction.arguments[1:]
            fits = [a for a in fits if isinstance(chosen, Result) and a is places[chosen.number] and other != chosen]
            if isinstance(other, Result):
                other = places[other.number]
            reading = number if _is_in(other, out) else number + 1
        if fits and number != root:
            return self.scope.beside(fits[0], self.box)
        if out is not None and out.axes == instruction.axes and out.kind == instruction.kind:
            held = any(a.source == out.source and last[n] >= reading and a not in fits for n, a in places.items())
            if not held and not self._is_read(out.storage, reading, root):
                return out
        if fits:
            return self.scope.beside(fits[0], self.box)
        return self.scope.temporary(instruction.axes, self.box, instruction.kind)

    def _is_read(self, storage: str, start: int, root: int) -> bool:
        """Whether this instruction or one behind it reads a leaf from this memory."""
        return bool(storage) and any(
            isinstance(argument, Array) and argument.storage == storage
            for instruction in self.code[start : root + 1]
            for argument in instruction.arguments
        )

    def _stored(self, value: Array | Scalar, out: Array) -> Array:
        if isinstance(value, Scalar):
            self.scope.line(f"{out.source}[...] = {value.source}")
            return out
        self.scope.line(f"{out.source}[...] = {self.scope.aligned(value, out.axes).source}")
        self.scope.release(value)
        return out


def _is_in(value: Value, out: Array | None) -> bool:
    """Whether a value may lie in the memory of the target."""
    return isinstance(value, Array) and out is not None and (value.storage == out.storage or value.source == out.source)


def _lines(instruction: Instruction, sources: list[str], place: str) -> list[str]:
    if instruction.ufunc == "select":
        mask, chosen, other = sources
        first = [] if other == place else [f"np.copyto({place}, {other})"]
        return [*first, f"np.copyto({place}, {chosen}, where={mask})"]
    if instruction.ufunc == "convert":
        return [f"{place}[...] = {sources[0]}"]  # in half the time of copyto
    if instruction.ufunc == "erf":
        return [f"_erf({sources[0]}, out={place})"]
    return [f"np.{instruction.ufunc}({', '.join(sources)}, out={place})"]


def _is_number(value: Value) -> bool:
    return isinstance(value, Scalar) and value.constant


def _is_constant(value: Value) -> bool:
    if isinstance(value, Array):
        return value.fixed and not value.storage
    return isinstance(value, Scalar) and value.constant
