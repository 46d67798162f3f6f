"""The one family of errors that symnet raises for a mistake that is not its own.

Every error says where the mistake is and what would be right. The command line prints `str(error)`
and exits with `error.exit_code`; it never shows a traceback for one of these.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Source:
    """A text with the name that errors call it by (a path, or `<text>`)."""

    name: str
    text: str

    def line(self, number: int) -> str:
        """The line with this number, counted from 1, without its newline; empty past the end."""
        lines = self.text.split("\n")
        return lines[number - 1] if 0 < number <= len(lines) else ""


@dataclass(frozen=True, slots=True)
class Place:
    """A position in a source: line and column are counted from 1."""

    source: Source
    line: int
    column: int
    width: int = 1

    def __str__(self) -> str:
        return f"{self.source.name}:{self.line}:{self.column}"

    def excerpt(self) -> str:
        """The line itself with a caret below the place; long lines are cut around it."""
        text = self.source.line(self.line).replace("\t", " ").rstrip()
        start = max(0, self.column - 1 - 60)
        # A spec may come from a stranger: nothing in it may steer the terminal.
        shown = "".join(c if c.isprintable() else "\ufffd" for c in text[start : start + 120])
        caret = " " * (self.column - 1 - start) + "^" * max(1, min(self.width, 120 - (self.column - 1 - start)))
        return f"    {shown}\n    {caret}"


class SymnetError(Exception):
    """A mistake in a spec, in a call or in the data: the base of all errors that symnet raises."""

    exit_code: ClassVar[int] = 2

    def __init__(self, message: str, place: Place | None = None, *, hint: str = "", also: Place | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.hint = hint
        self.also = also

    def to_dict(self) -> dict[str, Any]:
        """The error as values that JSON knows; `place` is null where there is none, `hint` empty."""
        place = self.place and {"file": self.place.source.name, "line": self.place.line, "column": self.place.column}
        kind = type(self).__name__
        return {"kind": kind, "message": self.message, "place": place, "hint": self.hint, "exit_code": self.exit_code}

    def __str__(self) -> str:
        lines = [f"{self.place}: {self.message}" if self.place else self.message]
        if self.place:
            lines.append(self.place.excerpt())
        if self.also:
            lines += [f"  the other place is {self.also}:", self.also.excerpt()]
        if self.hint:
            lines.append(f"  {self.hint}")
        return "\n".join(lines)


class SpecError(SymnetError):
    """A spec that says something wrong: syntax, names, shapes, extents."""


class SpecErrors(SpecError):
    """Several mistakes found in one run; `errors` holds them in the order of the text."""

    def __init__(self, errors: Iterable[SpecError]) -> None:
        self.errors = tuple(errors)
        super().__init__("\n".join(str(error) for error in self.errors))

    def to_dict(self) -> dict[str, Any]:
        """As of any error, with each mistake under `errors`."""
        return {**super().to_dict(), "errors": [error.to_dict() for error in self.errors]}


class UsageError(SymnetError):
    """A call or an option that cannot work, or a file that cannot be read or written."""


class UnsupportedError(SymnetError):
    """A spec that is right but that the chosen backend cannot emit."""


class CheckError(SymnetError):
    """The gradients disagree with finite differences."""

    exit_code: ClassVar[int] = 1


def nearest(name: str, known: Iterable[str]) -> str:
    """`did you mean 'x'?` for the known name most like `name`, else an empty string."""
    matches = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"did you mean {matches[0]!r}?" if matches else ""
