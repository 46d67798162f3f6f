"""What an emitted function does first: check its arguments, find the sizes and the dtype, bind arrays to names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from symnet.backends.numpy import noise
from symnet.backends.numpy.layout import WIDTH, call, fitted, lay_out, literals, quoted
from symnet.backends.numpy.print import extent_source, shape_source
from symnet.ir.affine import Affine
from symnet.ir.program import Program, Statement, symbols_of
from symnet.language.extents import Extent
from symnet.language.network import Condition, Network, TensorDecl

# More parameters than this are told by a loop over all of them.
MOST_NAMED = 8


@dataclass(frozen=True)
class Arguments:
    """The arguments that a function of the module takes, besides those that are its own.

    network  whose declarations count
    inputs   the inputs that the function takes, in the order of the spec
    names    spec names and sizes to identifiers
    randoms  the random tensors of the module, where the function uses some of them
    """

    network: Network
    inputs: tuple[TensorDecl, ...]
    names: Mapping[str, str]
    randoms: tuple[TensorDecl, ...] = ()

    @property
    def params(self) -> tuple[TensorDecl, ...]:
        """The declarations of the parameters."""
        return declared(self.network, "param")

    @property
    def state(self) -> tuple[TensorDecl, ...]:
        """The declarations of what is carried from step to step."""
        return declared(self.network, "state")

    @property
    def formals(self) -> list[str]:
        """The formals of the function, in order, but for keywords."""
        return ["params", *(["state"] if self.state else []), *(self.names[d.name] for d in self.inputs)]

    @property
    def keywords(self) -> tuple[str, ...]:
        """The formals that are given by keyword only: where random tensors come from."""
        return noise.FORMALS if self.randoms else ()

    @property
    def moving(self) -> list[str]:
        """What changes from call to call, in order: all but the parameters."""
        return [*self.formals[1:], *(["rng", "noise"] if self.randoms else [])]

    @property
    def noise_sizes(self) -> list[str]:
        """The sizes that the random tensors have."""
        return noise.sizes_of(self.randoms, self.network.sizes)

    def drawn(self, read: Iterable[str]) -> list[str]:
        """The lines that bind the random tensors that are read to their names."""
        return noise.noise_lines(self.randoms, read, self.network.sizes, self.names)

    def description(self, own: Sequence[tuple[str, str]] = (), last: Sequence[tuple[str, str]] = ()) -> list[str]:
        """One line for each formal, those of the function's `own` before the keywords, and the `last` ones."""
        rows = [("params", "a dict with an array for each of PARAMETERS, all float32 or all float64")]
        if self.state:
            rows.append(("state", "a dict with an array for each of STATE, of the dtype of params"))
        rows += [(self.names[d.name], self._described(d)) for d in self.inputs]
        rows += [*own, *(noise.DESCRIPTION if self.randoms else ()), *last]
        width = max(len(name) for name, _ in rows)
        return [f"{name:{width}}  {text}" for name, text in rows]

    def _described(self, d: TensorDecl) -> str:
        shape = f"shape ({', '.join(map(str, d.extents))}{',' if len(d.extents) == 1 else ''})"
        if d.integer:
            return f"{shape}, integers in 0..{d.bound - 1 if d.bound is not None else ''}"
        return f"{shape}, of the dtype of params" if self.params else f"{shape}, float32 or float64"

    def checks(self, program: Program) -> list[str]:
        """The lines that check all arguments and find the sizes and `dtype`."""
        lines = ['dtype = _check_arrays("params", params, PARAMETERS)'] if self.params else []
        if not self.params:
            reals = [self.names[d.name] for d in self.inputs if not d.integer]
            found = f"_float_dtype({_display(reals)})" if reals else "np.dtype(np.float64)"
            lines += ['_check_arrays("params", params, PARAMETERS)', f"dtype = {found}"]
        if self.state:
            lines.append('_check_arrays("state", state, STATE, dtype)')
        sizes = self._sizes()
        lines += [sizes[size] for size in self.network.sizes if size in sizes]
        for d in self.inputs:
            lines += self._checked(d)
        for condition in program.conditions:
            if {*condition.left.sizes, *condition.right.sizes} <= sizes.keys():
                lines += self._condition(condition)
        return lines

    def fits(self) -> list[str]:
        """Conditions that tell whether arrays need the checks: not where all of them hold.

        Parameters are the same arrays as before, under the names that they are bound to; inputs and state have the same
        shape and dtype. Inputs without dimensions and the values of indices are left to `rechecks`.
        """
        params = [(f"params[{quoted(d.name)}]", self.held(d)) for d in self.params]
        found = [f"{given} is {held}" for given, held in params]
        if len(params) > MOST_NAMED:
            found = ["_same(params, held)"]
        found.insert(0, f"len(params) == {len(params)}")
        for d in self.state:
            value = f"state[{quoted(d.name)}]"
            found += [f"{value}.shape == {shape_source(d.extents, self.names)}", f"{value}.dtype is dtype"]
        for d in self.inputs:
            name = self.names[d.name]
            if d.extents:
                found.append(f"{name}.shape == {shape_source(d.extents, self.names)}")
                found.append(f'{name}.dtype.kind in "iu"' if d.integer else f"{name}.dtype is dtype")
        return found

    def held(self, d: TensorDecl) -> str:
        """The name for a parameter as it was given: what stands for an array of shape () may be a number."""
        return self.names[d.name] if d.extents else self._beside(d, "given")

    def _beside(self, d: TensorDecl, word: str) -> str:
        """A second name for something of a tensor, that no other has."""
        name = f"{self.names[d.name]}_{word}"
        return name if name not in self.names.values() else f"{name}_{word}"

    def bound(self, read: Iterable[str], numbers: bool = False) -> list[str]:
        """The lines that bind parameters for all calls to come, and hold them so that `fits` knows them again.

        `numbers`: arrays of shape () are not read as they are; `numbers` takes their values out at every call.
        """
        wanted, named = set(read), len(self.params) <= MOST_NAMED
        lines = [] if named else ["held = [*map(params.get, PARAMETERS)]"]
        for d in self.params:
            given = f"params[{quoted(d.name)}]"
            if named and (not d.extents or d.name not in wanted):
                lines.append(f"{self.held(d)} = {given}")
                given = self.held(d)
            if d.name in wanted:
                own = self._beside(d, "array") if numbers else self.names[d.name]
                lines.append(f"{own} = {given if d.extents else f'np.asarray({given}, dtype)'}")
        return [line for line in lines if line.partition(" = ")[0] != line.partition(" = ")[2]]

    def numbers(self, read: Iterable[str]) -> dict[str, str]:
        """The numbers that are read, each with the array of shape () that holds it."""
        wanted = set(read)
        found = [(d, self._beside(d, "array")) for d in self.params]
        found += [(d, self.names[d.name]) for d in (*self.state, *self.inputs, *self.randoms)]
        return {self.names[d.name]: source for d, source in found if d.name in wanted}

    def rechecks(self) -> list[str]:
        """The lines that check what `fits` does not tell: the values of indices, and inputs without dimensions."""
        lines = []
        for d in self.inputs:
            name = self.names[d.name]
            if not d.extents and not d.integer:
                lines.append(f"{name} = _real({quoted(d.name)}, {name}, (), dtype)")
            elif d.extents and d.integer:
                lines.append(f"{name} = _indices({quoted(d.name)}, {name}, {self._bound(d)})")
            elif d.integer:
                lines.append(f"{name} = _integer({quoted(d.name)}, {name}, (), {self._bound(d)})")
        return lines

    def _sizes(self) -> dict[str, str]:
        """For each size that the inputs tell: the line that gives it the length of the first axis that has it."""
        found: dict[str, str] = {}
        for d in self.inputs:
            for axis, extent in enumerate(d.extents):
                size = str(extent)
                if extent == Extent.size(size) and size not in found:
                    given = f"{quoted(d.name)}, {self.names[d.name]}, {axis}"
                    found[size] = f"{self.names[size]} = _length({given})"
        return found

    def _checked(self, d: TensorDecl) -> list[str]:
        name, shape = self.names[d.name], shape_source(d.extents, self.names)
        if not d.integer:
            return [f"{name} = _real({quoted(d.name)}, {name}, {shape}, dtype)"]
        return [f"{name} = _integer({quoted(d.name)}, {name}, {shape}, {self._bound(d)})"]

    def _bound(self, d: TensorDecl) -> str:
        return extent_source(d.bound, self.names) if d.bound is not None else "np.iinfo(np.intp).max"

    def _condition(self, condition: Condition) -> list[str]:
        one, other = extent_source(condition.left, self.names), extent_source(condition.right, self.names)
        # The reason is quoted as a literal of its own: it may hold braces, which an f-string would read.
        words = {"==": "has to be", "<=": "has to be at most"}[condition.relation]
        text = f"{condition.left} {words} {condition.right}: {condition.message}"
        got = f'f"; got {{{one}}} and {{{other}}}"'
        raised = call("raise ValueError", [" + ".join([*literals(text, WIDTH - 20), got])])
        broken = {"==": "!=", "<=": ">"}[condition.relation]
        return [*fitted(f"if {one} {broken} {other}:", WIDTH - 4), *lay_out(raised, 4, width=WIDTH - 4)]

    def bindings(self, read: Iterable[str], source: str = "params", role: str = "param") -> list[str]:
        """The lines that bind parameters (or state) that are read to their names."""
        wanted = set(read)
        lines = []
        for d in declared(self.network, role):
            if d.name in wanted:
                value = f"{source}[{quoted(d.name)}]"
                lines.append(f"{self.names[d.name]} = {value if d.extents else f'np.asarray({value}, dtype)'}")
        return lines


def declared(network: Network, role: str) -> tuple[TensorDecl, ...]:
    """The tensors of a network that have this role, in order."""
    return tuple(d for d in network.tensors.values() if d.role == role)


def used_randoms(program: Program, randoms: tuple[TensorDecl, ...]) -> tuple[TensorDecl, ...]:
    """All random tensors if a program reads one of them, since they are drawn together; else none."""
    read = {name for s in program.statements for name in s.reads} | set(program.results)
    return randoms if any(d.name in read for d in randoms) else ()


def needed_inputs(network: Network, program: Program, randoms: tuple[TensorDecl, ...] = ()) -> tuple[TensorDecl, ...]:
    """The inputs that a program reads, and those that give the sizes it and `randoms` need their values."""
    read = {name for s in program.statements for name in s.reads} | set(program.results)
    inputs = declared(network, "input")
    chosen = [d for d in inputs if d.name in read]
    sizes = {size for s in program.statements for size in _sizes_in(s)} & set(network.sizes)
    sizes |= {
        size for d in (*chosen, *randoms) for extent in (*d.extents, d.bound or Extent()) for size in extent.sizes
    }
    for size in sorted(sizes):
        if not any(_gives(d, size) for d in chosen):
            chosen += [d for d in inputs if _gives(d, size)][:1]
    return tuple(d for d in inputs if d in chosen)


def _sizes_in(s: Statement) -> Iterator[str]:
    """The sizes in the extents, places, guards and formula of a statement; of the formula all other symbols, too."""
    yield from (size for _, extent in s.domain for size in extent.sizes)
    yield from (symbol.name for symbol in symbols_of(s.body))
    affine = [*s.guards]
    for place in (place for access in (s.target, *s.leaves) for place in access.places):
        affine += [place] if isinstance(place, Affine) else place.indices
    for a in affine:
        yield from (size for extent in (a.constant, *(factor for _, factor in a.terms)) for size in extent.sizes)


def unused_removed(lines: Sequence[str], rest: str, names: Iterable[str]) -> list[str]:
    """The lines without those assignments `name = call` to one of the names that nothing after them reads."""
    kept: list[str] = []
    removable = set(names)
    for line in reversed(lines):
        name, equals, value = line.partition(" = ")
        if equals and name in removable and not _occurs(name, [*kept, rest]):
            # A check still has to run; a look-up need not.
            line = value if value.startswith("_") else ""
        kept += [line] if line else []
    return kept[::-1]


def _occurs(name: str, texts: Iterable[str]) -> bool:
    word = re.compile(rf"\b{re.escape(name)}\b")
    return any(word.search(text) for text in texts)


def _gives(d: TensorDecl, size: str) -> bool:
    return Extent.size(size) in d.extents


def _display(items: Sequence[str]) -> str:
    return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"
