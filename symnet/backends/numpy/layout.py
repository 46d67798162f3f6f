"""Lines of Python as a formatter would break them: everything on one line where it fits, else one item per line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from textwrap import wrap

WIDTH = 100


@dataclass(frozen=True, slots=True)
class Group:
    """`head item, item tail`, such as `f(a, b)` or `{"x": 1}`.

    call      the items may stand together on a line of their own between the brackets, as those of a call do
    exploded  one item per line even if all would fit
    """

    head: str
    items: tuple[Item, ...]
    tail: str
    call: bool = False
    exploded: bool = False

    def __str__(self) -> str:
        text = ", ".join(map(str, self.items))
        lone = len(self.items) == 1 and self.head.endswith("(") and not self.call
        return f"{self.head}{text}{',' if lone else ''}{self.tail}"


Item = str | Group


def lay_out(item: Item, indent: int = 0, after: str = "", width: int = WIDTH) -> list[str]:
    """The lines of an item, indented by so many columns; `after` is what follows on its last line."""
    margin = " " * indent
    text = f"{margin}{item}{after}"
    if isinstance(item, str) or not item.items or (len(text) <= width and not _exploded(item)):
        return [text]
    inside = f"{margin}    {', '.join(map(str, item.items))}"
    if item.call and len(inside) <= width and not any(map(_exploded, item.items)):
        return [margin + item.head, inside, margin + item.tail + after]
    lines = [margin + item.head]
    for part in item.items:
        lines += lay_out(part, indent + 4, ",", width)
    return [*lines, margin + item.tail + after]


def _exploded(item: Item) -> bool:
    return isinstance(item, Group) and (item.exploded or any(map(_exploded, item.items)))


def dictionary(rows: Iterable[tuple[str, Item]], head: str = "", *, exploded: bool = False) -> Group:
    """A dict display from keys (which are quoted here) and values."""
    items = tuple(_row(key, value) for key, value in rows)
    return Group(head + "{", items, "}", exploded=exploded)


def _row(key: str, value: Item) -> Item:
    if isinstance(value, str):
        return f"{quoted(key)}: {value}"
    return Group(f"{quoted(key)}: {value.head}", value.items, value.tail, value.call, value.exploded)


def call(function: str, arguments: Sequence[Item], tail: str = ")") -> Group:
    """A call, or the head of a definition with `tail` as `):`."""
    return Group(f"{function}(", tuple(arguments), tail, call=True)


# --- lines that come printed ---


def comment(text: str, width: int) -> list[str]:
    """A comment, on as many lines as it needs, broken before an operator and not at a comma."""
    glued = text.replace(", ", ",\0").replace(" + ", " +\0").replace(" - ", " -\0")
    lines = wrap(glued, width, initial_indent="# ", subsequent_indent="#     ", break_long_words=False)
    return [line.replace("\0", " ") for line in lines]


def fitted(line: str, width: int) -> list[str]:
    """An assignment on one line, or broken at its outermost operators or commas where it is longer than that."""
    margin = line[: len(line) - len(line.lstrip())]
    head, equals, value = line.partition("= ")
    if len(line) <= width or not equals or "(" in head:
        return [line]
    for signs in ((" + ", " - "), (" * ", " / ")):
        parts = _split(value, signs)
        if len(parts) > 1:
            return [f"{head}= (", *(f"{margin}    {part}" for part in parts), f"{margin})"]
    opened = value.find("(")
    if not value.endswith(")"):
        return [line]
    if opened == 0:  # brackets around a formula, where a comma would make a tuple
        return [f"{head}= (", f"{margin}    {value[1:-1]}", f"{margin})"] if _is_bracketed(value) else [line]
    group = call(
        f"{head.strip()} = {value[:opened]}",
        [part.removeprefix(", ") for part in _split(value[opened + 1 : -1], (", ",))],
    )
    return lay_out(group, len(margin), width=width)


def _is_bracketed(text: str) -> bool:
    """Whether the first bracket of a text is closed by its last character."""
    depth = 0
    for position, letter in enumerate(text):
        depth += (letter in "([{") - (letter in ")]}")
        if depth == 0:
            return position == len(text) - 1
    return False


def _split(text: str, marks: tuple[str, ...]) -> list[str]:
    """The text cut before every mark that stands outside of all brackets; a part begins with its operator."""
    depth, start, parts = 0, 0, []
    for position, letter in enumerate(text):
        depth += (letter in "([{") - (letter in ")]}")
        if depth == 0 and text.startswith(marks, position) and position:
            parts.append(text[start:position])
            start = position + 1 if text[position] == " " else position
    return [*parts, text[start:]]


def quoted(text: str) -> str:
    """A string literal in double quotes. Names of a spec hold no quotes and no backslashes; others are escaped."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
