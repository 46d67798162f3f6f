"""`grammar.json` holds the tables that Lark makes of `grammar.lark`, and the parser builds with them what Lark builds.

`pytest --update-golden` writes the file anew.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lark import Token, Tree

from symnet.compile import read_source
from symnet.language.blocks import Block, Lexeme, cut
from symnet.language.lalr import Unexpected, parse_block, tables
from tests.language import grammar_tables

ROOT = Path(__file__).parents[2]
SPECS = [*sorted(ROOT.glob("symnet/library/*.sym")), *sorted(ROOT.glob("examples/*.sym"))]


class Shapes:
    """In the place of nodes: the name of the rule, its span, its values."""

    def __getattr__(self, rule: str) -> Any:
        return (lambda span, *values: (rule, tuple(span), list(values))) if rule else None


def shape(value: Any) -> Any:
    """Lark's tree in the same form."""
    if isinstance(value, Tree):
        meta = value.meta
        span = (meta.line, meta.column, meta.end_line, meta.end_column)
        return str(value.data), span, [shape(child) for child in value.children]
    return value and (str(value), value.line, value.column)


def plain(value: Any) -> Any:
    """Tokens without their kind."""
    if isinstance(value, Lexeme):
        return value.text, value.line, value.column
    return (value[0], value[1], [plain(child) for child in value[2]]) if value else value


def tokens(block: Block) -> list[Token]:
    """The tokens of a block as Lark has them."""
    names = {str(terminal.pattern.value): terminal.name for terminal in LARK.terminals}
    return [
        Token(names.get(t.text, t.kind), t.text, 0, t.line, t.column, t.line, t.column + len(t.text), 0)
        for t in block.lexemes
    ]


LARK = grammar_tables.lark()


def test_the_tables_are_those_of_the_grammar(pytestconfig: pytest.Config) -> None:
    path, text = grammar_tables.LANGUAGE / "grammar.json", grammar_tables.text()
    if pytestconfig.getoption("--update-golden"):
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text, "pytest --update-golden writes it anew"


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_the_trees_are_those_of_lark(path: Path) -> None:
    blocks = cut(read_source(path)).blocks
    assert blocks
    for block in blocks:
        assert plain(parse_block(block.lexemes, Shapes())) == shape(LARK.parse(tokens(block)))


@pytest.mark.parametrize("path", SPECS[::4], ids=lambda path: path.stem)
def test_what_is_expected_is_what_lark_expects(path: Path) -> None:
    texts = {terminal.name: str(terminal.pattern.value) for terminal in LARK.terminals}
    found = 0
    for block in cut(read_source(path)).blocks[:3]:
        for end in range(len(block.lexemes)):
            found += 1
            with pytest.raises(Unexpected) as error:
                parse_block([*block.lexemes[:end], Lexeme("NOTHING", "", 1, 1)], Shapes())
            parser = LARK.parse_interactive([])
            for token in tokens(Block(block.lexemes[:end])):
                parser.feed_token(token)
            assert error.value.position == end
            assert error.value.expected == {texts.get(name, name) for name in parser.accepts()}
    assert found > 10


def test_no_rule_is_empty() -> None:
    assert all(rule.size for rule in tables().rules)
