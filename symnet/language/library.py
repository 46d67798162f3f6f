"""The library: layers, functions and optimizers that every spec can use, and the caller's own.

A definition's comment says what it computes, names its source, and holds a small complete spec that uses it: the
indented lines below a line that says `example:`. `examples_of` gives that spec.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from textwrap import dedent
from types import MappingProxyType

from symnet.errors import Source, SpecError, SpecErrors
from symnet.language import tree
from symnet.language.parse import parse

Definition = tree.Layer | tree.Function | tree.Optimizer


def load_library(extra: Sequence[Source] = ()) -> dict[str, Definition]:
    """Every definition by its name: the built-in ones first, then those of `extra`, in the order of the text.

    Raises SpecError for a name that is defined twice, and for anything in a library that is no definition.
    """
    library = dict(_built_in())
    _add(library, extra)
    return library


@lru_cache(maxsize=1)
def _built_in() -> Mapping[str, Definition]:
    found = (f for f in files("symnet").joinpath("library").iterdir() if f.name.endswith(".sym"))
    library: dict[str, Definition] = {}
    _add(
        library,
        (Source(f"library/{f.name}", f.read_text(encoding="utf-8")) for f in sorted(found, key=lambda f: f.name)),
    )
    return MappingProxyType(library)


def _add(library: dict[str, Definition], sources: Iterable[Source]) -> None:
    errors: list[SpecError] = []
    for source in sources:
        for statement in parse(source).statements:
            if not isinstance(statement, Definition):
                hint = "a library holds layers, functions and optimizers"
                errors.append(SpecError("this is no definition", statement.place, hint=hint))
            elif statement.name in library:
                other = library[statement.name].place
                errors.append(SpecError(f"{statement.name!r} is defined twice", statement.place, also=other))
            else:
                library[statement.name] = statement
    if errors:
        raise errors[0] if len(errors) == 1 else SpecErrors(errors)


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
