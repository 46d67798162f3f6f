"""What a syntax error says: what was expected, in words, and what came."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from symnet.errors import Source, SpecError
from symnet.language.blocks import DEDENT, INDENT, KEYWORDS, NEWLINE, STARTERS, Block, Lexeme
from symnet.language.lalr import END, Unexpected

_OPERATORS = frozenset({"+", "-", "*", "/", "//", "%", "**", "==", "!=", "<", "<=", ">", ">=", "and", "or"})
# What may also follow a name or a formula; naming all of it would hide the rest.
_CONTINUATIONS = frozenset({"(", "[", "{", ".", "'", "else", "..."}) | _OPERATORS
# A kind of token: what it is called, a token that tells it, and all that the word covers.
_KINDS: tuple[tuple[str, str, frozenset[str]], ...] = (
    ("a statement", "output", STARTERS | {"NAME"}),
    ("a value", "NUMBER", frozenset({"NUMBER", "NAME", "(", "[", "-", "+", "not"})),
    ("a name", "NAME", frozenset({"NAME"})),
    ("'='", "+=", frozenset({"=", "+=", ","})),
    ("an operator", "*", _OPERATORS),
)
_MARKS = {NEWLINE: "the end of the line", INDENT: "an indented block", DEDENT: "the end of the block"}


class _Situation(NamedTuple):
    """Where the parser stopped: the token there, its neighbours, and the tokens that could have come."""

    found: Lexeme
    before: str
    after: str
    expected: frozenset[str]

    @property
    def wants_value(self) -> bool:
        return "NUMBER" in self.expected

    @property
    def after_formula(self) -> bool:
        return "+" in self.expected and not self.wants_value


_HINTS: tuple[tuple[Callable[[_Situation], bool], str], ...] = (
    (lambda s: s.before == "lambda", "a function is defined on a line of its own: function f(x) = x**2"),
    (lambda s: s.before == "elif", "write else if"),
    (lambda s: s.before in ("def", "class"), "write layer, function or optimizer"),
    (lambda s: s.before in ("import", "from"), "a spec opens no other file; libraries are given to the compiler"),
    (
        lambda s: s.found.kind == NEWLINE and s.before in _OPERATORS,
        "a formula that goes on in the next line stands in brackets",
    ),
    (lambda s: s.found.text == "=" and "==" in s.expected, "equality is written =="),
    (
        lambda s: s.after == "=" and "+=" in s.expected and s.found.text in _OPERATORS,
        "an equation is written with =, a scatter with +=",
    ),
    (
        lambda s: s.found.text in ("<", "<=", ">", ">=", "==", "!=") and s.after_formula,
        "comparisons do not chain: write a < b and b < c",
    ),
    (lambda s: s.found.kind == INDENT, "only the lines of a block are indented; a long formula stands in brackets"),
    (lambda s: s.found.text == "if" and s.after_formula, "a choice between values is written where(condition, a, b)"),
    (lambda s: s.found.text == "'" and s.wants_value, "a prime follows a name, as in m'; a spec holds no texts"),
    (lambda s: s.found.text == "{" and s.wants_value, "braces follow a name, as in h{l}; a list is written [1, 2]"),
    (lambda s: "~" in s.expected, "a declaration says how the tensor begins, for instance ~ zeros"),
    (lambda s: "+=" in s.expected, "a line is an equation, name[indices] = formula, or begins with a keyword"),
)


def syntax_error(error: Unexpected, block: Block, source: Source) -> SpecError:
    """The error for a token that does not fit."""
    position = min(error.position, len(block.lexemes) - 1)
    found = block.lexemes[position]
    if position < error.position:
        found = Lexeme(NEWLINE, "", found.line, found.column)
    before = block.lexemes[position - 1].text if position else ""
    after = block.lexemes[position + 1].text if position + 1 < len(block.lexemes) else ""
    situation = _Situation(found, before, after, error.expected)
    hint = next((text for applies, text in _HINTS if applies(situation)), "")
    message = f"expected {_wanted(error.expected)}, found {_found(found)}"
    if error.expected == {END}:  # only more indentation can follow a statement that is complete
        message = "this line is indented, but no block begins above it"
    return SpecError(message, found.place(source), hint=hint)


def _found(lexeme: Lexeme) -> str:
    if lexeme.kind in _MARKS:
        return {INDENT: "a line that is indented more"}.get(lexeme.kind, _MARKS[lexeme.kind])
    if lexeme.text in KEYWORDS:
        return f"{lexeme.text!r}, a word of the language that cannot be a name"
    return repr(lexeme.text)


def _wanted(expected: frozenset[str]) -> str:
    """`a value`, `an operator or ')'`, …: the kinds of tokens in words."""
    rest = set(expected)
    words = []
    for word, sign, covers in _KINDS:
        if sign in rest:
            words.append(word)
            rest -= covers
    plain = rest - _CONTINUATIONS
    words += [_MARKS.get(text, repr(text)) for text in sorted(plain)]
    words = words or [repr(text) for text in sorted(rest)]
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
