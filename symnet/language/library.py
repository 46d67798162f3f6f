"""The library: layers, functions and optimizers that every spec can use, and the caller's own.

A definition's comment says what it computes, names its source, and holds a small complete spec that uses it: the
indented lines below a line that says `example:`. `examples_of` gives that spec.
"""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from textwrap import dedent
from typing import cast

from symnet.errors import Source, SpecError, SpecErrors
from symnet.language import tree
from symnet.language.parse import parse

Definition = tree.Layer | tree.Function | tree.Optimizer

_HEAD = re.compile(r"(?:layer|function|optimizer) (?P<name>\w+)")


def load_library(extra: Sequence[Source] = ()) -> Mapping[str, Definition]:
    """Every definition by its name: the built-in ones first, then those of `extra`, in the order of the text.

    Raises SpecError for a name that is defined twice, and for anything in a library that is no definition.
    """
    own: dict[str, Definition] = {}
    library = joined(own, _built_in())
    errors: list[SpecError] = []
    for source in extra:
        for statement in parse(source).statements:
            if not isinstance(statement, Definition):
                hint = "a library holds layers, functions and optimizers"
                errors.append(SpecError("this is no definition", statement.place, hint=hint))
            elif statement.name in library:
                other = library[statement.name].place
                errors.append(SpecError(f"{statement.name!r} is defined twice", statement.place, also=other))
            else:
                own[statement.name] = statement
    if errors:
        raise errors[0] if len(errors) == 1 else SpecErrors(errors)
    return library


def joined(own: dict[str, Definition], library: Mapping[str, Definition]) -> Mapping[str, Definition]:
    """The definitions of a library, then those of `own`, which hide them."""
    return ChainMap(own, cast("dict[str, Definition]", library))  # only the first is ever written to


class _BuiltIn(Mapping[str, Definition]):
    """The definitions of `library/*.sym`. One is parsed when it is asked for: a spec needs few of them."""

    def __init__(self, sources: Iterable[Source]) -> None:
        self._places = {name: (source, lines) for source in sources for name, lines in _outline(source)}
        self._parsed: dict[str, Definition] = {}

    def __getitem__(self, name: str) -> Definition:
        if name not in self._parsed:
            source, lines = self._places[name]
            (definition,) = parse(source, lines).statements
            assert isinstance(definition, Definition)
            self._parsed[name] = definition
        return self._parsed[name]

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


@lru_cache(maxsize=1)
def _built_in() -> Mapping[str, Definition]:
    found = (f for f in files("symnet").joinpath("library").iterdir() if f.name.endswith(".sym"))
    return _BuiltIn(
        Source(f"library/{f.name}", f.read_text(encoding="utf-8")) for f in sorted(found, key=lambda f: f.name)
    )


def _outline(source: Source) -> Iterator[tuple[str, range]]:
    """The name of every definition and its lines, the comment above it among them, counted from 1."""
    begin = 1
    name = ""
    for number, text in enumerate(source.text.split("\n"), 1):
        if name and text[:1] == "#":
            yield name, range(begin, number)
            begin, name = number, ""
        if found := _HEAD.match(text):
            if name:
                yield name, range(begin, number)
                begin = number
            name = found["name"]
    if name:
        yield name, range(begin, number + 1)


def examples_of(definition: Definition) -> str:
    """The text of the spec in a definition's comment. Raises SpecError where there is none."""
    lines = definition.comment.split("\n")
    if "example:" not in lines:
        hint = "a comment line 'example:' and below it, indented, a spec that uses the definition"
        raise SpecError(f"{definition.name!r} has no example in the comment above it", definition.place, hint=hint)
    example = []
    for line in lines[lines.index("example:") + 1 :]:
        if line.strip() and not line.startswith(" "):
            break
        example.append(line)
    return dedent("\n".join(example)).strip() + "\n"
