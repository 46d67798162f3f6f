"""Lines of Python as a formatter would break them: everything on one line where it fits, else one item per line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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
    if len(text) <= width and not _exploded(item):
        return [text]
    if isinstance(item, str):
        return _expression(item, indent, after, width)
    if not item.items:
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


def quoted(text: str) -> str:
    """A string literal in double quotes. Names of a spec hold no quotes and no backslashes; others are escaped."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def literals(text: str, width: int) -> list[str]:
    """A text as string literals that make it when joined, each about that wide."""
    parts = wrap(text, width, drop_whitespace=False, break_long_words=False)
    return [quoted(part) for part in parts]


# --- code that comes printed ---

OPERATORS = ((" for ",), (" if ", " else "), (" or ",), (" and ",), (" | ",), (" & ",), (" + ", " - "), (" * ", " / "))
ASSIGNMENTS = (" = ", " += ", " -= ", " *= ")


def fitted(line: str, width: int) -> list[str]:
    """A statement on one line, or broken where a formatter would. A remark that does not fit moves above it."""
    if len(line) <= width:
        return [line]
    code, mark, remark = line.partition("  # ")
    margin = " " * (len(code) - len(code.lstrip()))
    if mark:
        return [f"{margin}# {remark}", *fitted(code, width)]
    target, value = _assignment(code)
    if not target:
        return lay_out(code.lstrip(), len(margin), width=width)
    parts = _operands(value)
    if len(parts) > 2 or (len(parts) == 2 and not _ends_in_call(parts[1])):
        return [f"{target}(", *_stacked(parts, len(margin) + 4, "", width), f"{margin})"]
    opened = _opened(code.lstrip(), len(margin), width, start=len(target) - len(margin))
    if opened and len(margin) + len(opened[0]) <= width:
        return _group_lines(opened, len(margin), "", width)
    return [f"{target}(", *lay_out(value, len(margin) + 4, width=width), f"{margin})"]


def _ends_in_call(text: str) -> bool:
    """Whether an operand, behind its operator, is a call, in whose brackets there is room for a break."""
    return text.endswith(")") and not text.partition(" ")[2].startswith("(")


def _assignment(code: str) -> tuple[str, str]:
    """What stands before a value, up to the sign and the space behind it, and the value."""
    for position, depth in depths(code):
        sign = next((sign for sign in ASSIGNMENTS if depth == 0 and code.startswith(sign, position)), "")
        if sign:
            return code[: position + len(sign)], code[position + len(sign) :]
    return "", code


def _expression(text: str, indent: int, after: str, width: int) -> list[str]:
    """An expression, or the head of a loop or test, on several lines."""
    parts = _operands(text)
    if len(parts) > 1:
        return _stacked(parts, indent, after, width)
    opened = _opened(text, indent, width)
    return _group_lines(opened, indent, after, width) if opened else [" " * indent + text + after]


def _stacked(parts: Sequence[str], indent: int, after: str, width: int) -> list[str]:
    """Operands, one below the other."""
    lines = [line for part in parts[:-1] for line in lay_out(part, indent, width=width)]
    return lines + lay_out(parts[-1], indent, after, width)


def _operands(text: str) -> list[str]:
    """The operands of the operators that bind least outside of all brackets, each behind its operator."""
    for signs in OPERATORS:
        cuts = [at for at, depth in depths(text) if at and depth == 0 and text.startswith(signs, at)]
        if cuts:
            return [text[start:end].strip() for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    return [text]


def _opened(text: str, indent: int, width: int, start: int = 0) -> tuple[str, str, str] | None:
    """(what comes before, inside of and behind the brackets) at which to break: the last that the line reaches."""
    ends: list[tuple[int, int]] = []
    for position, depth in depths(text):
        if position >= start and depth == 1 and text[position] in "([{":
            ends.append((position, position))
        if ends and depth == 1 and text[position] in ")]}":
            ends[-1] = (ends[-1][0], position)
    ends = [(begin, end) for begin, end in ends if end > begin + 1]
    if not ends:
        return None
    begin, end = next((pair for pair in reversed(ends) if indent + pair[0] + 1 <= width), ends[0])
    return text[: begin + 1], text[begin + 1 : end], text[end:]


def _group_lines(opened: tuple[str, str, str], indent: int, after: str, width: int) -> list[str]:
    head, inside, tail = opened
    items = _items(inside)
    bare = len(items) == 1 and not inside.rstrip().endswith(",")
    calls = head[-2:-1].isalnum() or head[-2:-1] in ("_", ")", "]")
    if bare and (" for " in inside or not calls or head.endswith("[")):  # no comma: it would make a tuple
        margin = " " * indent
        return [margin + head, *lay_out(inside, indent + 4, width=width), margin + tail + after]
    return lay_out(Group(head, tuple(items), tail, call=calls), indent, after, width)


def _items(inside: str) -> list[str]:
    cuts = [at for at, depth in depths(inside) if depth == 0 and inside.startswith(", ", at)]
    starts, ends = [0, *(cut + 2 for cut in cuts)], [*cuts, len(inside)]
    return [inside[start:end].rstrip(",") for start, end in zip(starts, ends, strict=True)]


def depths(text: str) -> Iterator[tuple[int, int]]:
    """Every position outside of string literals, and how many brackets are around it, its own among them."""
    depth, quote = 0, ""
    for position, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote and text[position - 1] != "\\" else quote
            continue
        if letter in "\"'":
            quote = letter
            continue
        depth += letter in "([{"
        yield position, depth
        depth -= letter in ")]}"
