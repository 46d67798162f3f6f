"""The text of a spec, cut into tokens and top-level blocks, so that each block can be parsed alone.

    block = a line that is not indented, with the indented lines that follow it
    line  = what ends at a newline outside of brackets

Whatever would make the parser drop tokens is found here, with its place: characters that are not allowed, tabs,
brackets that do not match, indentation that fits no line above, and everything that is too long or too deep.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from symnet.errors import Place, Source, SpecError

# The keywords that begin a line, and those that stand within one.
STARTERS = frozenset(
    {"network", "input", "param", "state", "random", "const", "example", "output", "metric", "minimize"}
    | {"layer", "function", "optimizer", "if", "else", "for"}
)
KEYWORDS = STARTERS | {"with", "over", "in", "and", "or", "not"}

MAX_BYTES = 256 * 1024
MAX_BRACKETS = 64
MAX_INDENTS = 16
MAX_LINE_TOKENS = 5000
MAX_NAME = 80
MAX_ERRORS = 20

NEWLINE, INDENT, DEDENT = "_NEWLINE", "_INDENT", "_DEDENT"

_TOKEN = re.compile(
    r"""(?P<blank>\ +)
      | (?P<comment>\#.*)
      | (?P<NUMBER>(?:[0-9]+(?:\.(?!\.)[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
      | (?P<NAME>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<sign>\.\.\.|\.\.|\*\*|//|->|\+=|==|!=|<=|>=|[-+*/%<>=~:,.'()\[\]{}])""",
    re.VERBOSE,
)
_CLOSES = {")": "(", "]": "[", "}": "{"}
_INSTEAD = {
    "\t": "use spaces in the place of tabs",
    "^": "a power is written a**b",
    "@": "a matrix product is written sum(k: a[i, k]*b[k, j])",
    "&": "write 'and'",
    "|": "write 'or'; the absolute value is abs(x)",
    "!": "write 'not', or != for 'is not equal'",
    ";": "one statement stands on one line",
    "\\": "a formula in brackets may go on in the next line",
    '"': "a spec holds no texts, only names and numbers",
    "$": "names have letters, digits and underscores",
    "\u2212": "the minus sign is -",
    "\u00d7": "the product is written a*b",
    "\u00b7": "the product is written a*b",
    "\u2264": "write <=",
    "\u2265": "write >=",
    "\u2260": "write !=",
    "\u2026": "write three dots, ...",
    "\u2032": "the prime is '",
    "\u2019": "the prime is '",
}


class Lexeme(NamedTuple):
    """One token. `kind` is NAME, NUMBER, _NEWLINE, _INDENT or _DEDENT, or empty where the text says what it is."""

    kind: str
    text: str
    line: int
    column: int

    def place(self, source: Source) -> Place:
        """Where it stands."""
        return Place(source, self.line, self.column, max(1, len(self.text)))


@dataclass(slots=True)
class Block:
    """The tokens of one top-level statement, its newlines and indentation among them."""

    lexemes: list[Lexeme]


@dataclass(slots=True)
class _Line:
    number: int
    indent: int
    lexemes: list[Lexeme]
    bad: bool = False

    @property
    def begins_anew(self) -> bool:
        """Whether this can only be the start of a statement, even where a bracket is still open."""
        return self.indent == 0 and bool(self.lexemes) and self.lexemes[0].text in STARTERS - {"if", "else"}


@dataclass(slots=True)
class Cut:
    """What `cut` gives: blocks to parse, comments by the number of the line below them, the mistakes so far."""

    source: Source
    lines: Sequence[str] = ()
    blocks: list[Block] = field(default_factory=list)
    comments: Mapping[int, str] = field(default_factory=dict)
    errors: list[SpecError] = field(default_factory=list)

    @property
    def full(self) -> bool:
        """Whether enough mistakes are known to stop."""
        return len(self.errors) >= MAX_ERRORS


def cut(source: Source, only: range | None = None) -> Cut:
    """The blocks of a text, or of some of its lines, counted from 1.

    Blocks with a mistake in them are left out and their mistakes are in `errors`.

    Raises SpecError if the text is longer than MAX_BYTES.
    """
    if len(source.text) > MAX_BYTES or len(source.text.encode("utf-8", "replace")) > MAX_BYTES:
        raise SpecError(f"{source.name}: the text is longer than {MAX_BYTES // 1024} kB, the limit for a spec")
    texts = source.text.removeprefix("\ufeff").split("\n")
    chosen = [(number, texts[number - 1]) for number in only or range(1, len(texts) + 1)]
    result = Cut(source, texts, comments=_comments(chosen))
    lines = []
    for number, text in chosen:
        if result.full:
            return result
        line = _scan(text.removesuffix("\r"), number, result)
        if line.lexemes or line.bad:
            lines.append(line)
    for group in _groups(_join(lines, result)):
        block = None if any(line.bad for line in group) else _block(group, result)
        if block is not None:
            result.blocks.append(block)
    return result


def _comments(texts: Sequence[tuple[int, str]]) -> Mapping[int, str]:
    """Runs of comment lines, by the number of the line that follows each."""
    found: dict[int, str] = {}
    run: list[str] = []
    for number, text in texts:
        stripped = text.strip()
        if stripped.startswith("#"):
            run.append(stripped[1:].removeprefix(" "))
            continue
        if run and stripped:
            found[number] = "\n".join(run)
        run = []
    return found


def _scan(text: str, number: int, result: Cut) -> _Line:
    """The tokens of one line of text. A mistake is noted and passed over, so that brackets still match."""
    line = _Line(number, len(text) - len(text.lstrip(" ")), [])
    position = 0
    while position < len(text) and not result.full:
        match = _TOKEN.match(text, position)
        if match is None:
            line.bad = True
            result.errors.append(_bad_character(text, position, Place(result.source, number, position + 1)))
            position = _after_bad(text, position)
            continue
        kind = match.lastgroup or ""
        if kind not in ("blank", "comment"):
            lexeme = Lexeme("" if kind == "sign" else kind, match.group(), number, position + 1)
            error = _bad_lexeme(lexeme, line.lexemes, result.source)
            if error:
                line.bad = True
                result.errors.append(error)
            line.lexemes.append(lexeme)
        position = match.end()
    return line


def _after_bad(text: str, position: int) -> int:
    # A run of bad characters, such as a word in full-width letters, is one mistake; so is a text in quotes.
    if text[position] == '"':
        return text.find('"', position + 1) + 1 or len(text)
    while position < len(text) and not _TOKEN.match(text, position):
        position += 1
    return position


def _bad_character(text: str, position: int, place: Place) -> SpecError:
    character = text[position]
    end = _after_bad(text, position)
    if character.isascii():
        what = "a tab" if character == "\t" else f"{character!r}"
        return SpecError(f"{what} has no meaning in a spec", place, hint=_INSTEAD.get(character, ""))
    run = text[position:end]
    hint = _INSTEAD.get(character, "")
    plain = unicodedata.normalize("NFKC", run[:MAX_NAME])
    if not hint and plain.isascii() and plain.isidentifier():
        hint = f"write {plain!r}"
    message = f"{character!r} (U+{ord(character):04X}): outside of comments a spec is written in plain ASCII"
    return SpecError(message, Place(place.source, place.line, place.column, len(run)), hint=hint)


def _bad_lexeme(lexeme: Lexeme, before: Sequence[Lexeme], source: Source) -> SpecError | None:
    if lexeme.kind != "NAME":
        return None
    name, place = lexeme.text, lexeme.place(source)
    last = before[-1] if before else None
    if last and last.kind == "NUMBER" and last.column + len(last.text) == lexeme.column:
        hint = (
            f"a product is written {last.text}*{name}" if name[0] != "_" else "digits are written without underscores"
        )
        return SpecError(f"a name follows the number {last.text} without a sign between", place, hint=hint)
    if name.startswith("_"):
        return SpecError(f"{name[:MAX_NAME]!r} is no name: a name begins with a letter", place)
    if len(name) > MAX_NAME:
        return SpecError(f"a name of {len(name)} characters; the limit is {MAX_NAME}", place)
    return None


def _join(lines: Sequence[_Line], result: Cut) -> list[_Line]:
    """Lines joined where a bracket is open at their end."""
    joined = []
    start = 0
    while start < len(lines) and not result.full:
        line, start = _logical(lines, start, result)
        joined.append(line)
    return joined


def _logical(lines: Sequence[_Line], start: int, result: Cut) -> tuple[_Line, int]:
    """The line that begins at `start`, through the end of its brackets, and where the next one begins."""
    opened: list[Lexeme] = []
    first = lines[start]
    line = _Line(first.number, first.indent, [])
    for position in range(start, len(lines)):
        part = lines[position]
        if opened and part.begins_anew:
            break
        line.bad |= part.bad
        error = _match(part, opened, result.source)
        line.lexemes += part.lexemes
        if error is None and len(line.lexemes) > MAX_LINE_TOKENS:
            place = part.lexemes[0].place(result.source)
            error = SpecError(f"a statement of more than {MAX_LINE_TOKENS} words and signs", place)
        if error:
            result.errors.append(error)
            return _Line(first.number, first.indent, first.lexemes, bad=True), position + 1
        if not opened:
            return line, position + 1
    bracket = opened[-1]
    result.errors.append(SpecError(f"{bracket.text!r} is never closed", bracket.place(result.source)))
    # Everything up to here was swallowed: go on with the first statement below the line with the bracket.
    later = start + 1
    while later < len(lines) and (lines[later].number <= bracket.line or lines[later].indent > 0):
        later += 1
    return _Line(first.number, first.indent, first.lexemes, bad=True), later


def _match(line: _Line, opened: list[Lexeme], source: Source) -> SpecError | None:
    for lexeme in line.lexemes:
        if lexeme.text in ("(", "[", "{"):
            opened.append(lexeme)
            if len(opened) > MAX_BRACKETS:
                return SpecError(f"brackets are nested more than {MAX_BRACKETS} deep", lexeme.place(source))
        if lexeme.text not in _CLOSES:
            continue
        if not opened:
            return SpecError(f"{lexeme.text!r} closes no bracket", lexeme.place(source))
        last = opened.pop()
        if last.text != _CLOSES[lexeme.text]:
            message = f"{lexeme.text!r} does not match {last.text!r}"
            return SpecError(message, lexeme.place(source), also=last.place(source))
    return None


def _groups(lines: Sequence[_Line]) -> list[list[_Line]]:
    """Lines in blocks: an indented line, and an `else`, belongs to the block above."""
    groups: list[list[_Line]] = []
    for line in lines:
        if groups and (line.indent or (line.lexemes and line.lexemes[0].text == "else")):
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups


def _block(lines: Sequence[_Line], result: Cut) -> Block | None:
    """The tokens of the lines with _NEWLINE, _INDENT and _DEDENT; None where the indentation is wrong."""
    if lines[0].indent:
        first = lines[0].lexemes[0]
        result.errors.append(SpecError("the first line is indented", first.place(result.source)))
        return None
    indents = [0]
    lexemes: list[Lexeme] = []
    for line in lines:
        first, last = line.lexemes[0], line.lexemes[-1]
        marks = _indentation(indents, line.indent)
        if marks is None or len(indents) > MAX_INDENTS:
            problem = "this indentation fits no line above" if marks is None else "blocks are nested too deep"
            result.errors.append(SpecError(problem, first.place(result.source)))
            return None
        lexemes += [Lexeme(mark, "", first.line, first.column) for mark in marks]
        lexemes += line.lexemes
        lexemes.append(Lexeme(NEWLINE, "", last.line, last.column + len(last.text)))
    end = lexemes[-1]
    lexemes += [Lexeme(DEDENT, "", end.line, end.column) for _ in indents[1:]]
    return Block(lexemes)


def _indentation(indents: list[int], indent: int) -> list[str] | None:
    """The marks that lead to this indentation, or None where no line above has it; `indents` is brought up to date."""
    if indent > indents[-1]:
        indents.append(indent)
        return [INDENT]
    marks = []
    while indents[-1] > indent:
        indents.pop()
        marks.append(DEDENT)
    return marks if indents[-1] == indent else None
