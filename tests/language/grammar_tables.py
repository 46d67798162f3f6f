"""The tables of the parser, made from `grammar.lark` by Lark."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lark import Lark
from lark.common import LexerConf
from lark.lexer import Lexer
from lark.parsers.lalr_analysis import Shift

from symnet.language.lalr import END

LANGUAGE = Path(__file__).parents[2] / "symnet" / "language"


class Given(Lexer):
    """Hands on tokens that were made elsewhere: any iterable of Lark's tokens is parsed."""

    __future_interface__ = 1

    def __init__(self, conf: LexerConf) -> None:
        """Nothing of the configuration is needed."""

    def lex(self, lexer_state: Any, parser_state: Any) -> Any:
        """The tokens."""
        return iter(lexer_state.text)


def lark() -> Lark:
    """Lark's parser for the grammar."""
    text = (LANGUAGE / "grammar.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", lexer=Given, propagate_positions=True)


def tables() -> dict[str, Any]:
    """What `grammar.json` holds. States are numbered as they are reached, from 0."""
    made = lark()
    table = made.parser.parser._parse_table
    texts = {terminal.name: str(terminal.pattern.value) for terminal in made.terminals}
    rules = {rule: number for number, rule in enumerate(made.rules)}
    states = numbered(table)
    actions: list[dict[str, int]] = [{} for _ in states]
    gotos: list[dict[str, int]] = [{} for _ in states]
    for state, number in states.items():
        for symbol, (action, then) in sorted(table.states[state].items()):
            if symbol.isupper() or symbol == END:
                actions[number][texts.get(symbol, symbol)] = states[then] if action is Shift else -1 - rules[then]
            else:
                gotos[number][symbol] = states[then]
    return {
        "texts": sorted(texts.values()),
        "final": states[table.end_states["start"]],
        "rules": [rule_row(rule) for rule in made.rules],
        "actions": actions,
        "gotos": gotos,
    }


def numbered(table: Any) -> dict[Any, int]:
    """The states, numbered in the order in which they are reached."""
    order = [table.start_states["start"]]
    for state in order:
        reached = [then for _, (action, then) in sorted(table.states[state].items()) if action is Shift]
        order += [then for then in dict.fromkeys(reached) if then not in order]
    return {state: number for number, state in enumerate(order)}


def rule_row(rule: Any) -> list[Any]:
    """A rule as `lalr.Rule` has it, by Lark's rules for the shape of a tree."""
    options = rule.options
    inlined = [n for n, symbol in enumerate(rule.expansion) if not symbol.is_term and symbol.name.startswith("_")]
    kept = [n for n, symbol in enumerate(rule.expansion) if not (symbol.is_term and symbol.filter_out)]
    values: list[int | None] = []
    place = 0
    for left_out in options.empty_indices or [False] * len(rule.expansion):
        if left_out:
            values.append(None)
            continue
        values += [place] if place in kept else []
        place += 1
    name = rule.alias or rule.origin.name
    method = "" if rule.origin.name.startswith("_") else name
    single = bool(options.expand1 and not rule.alias)
    return [rule.origin.name, len(rule.expansion), method, single, values, inlined]


def text() -> str:
    """The file: one rule or state a line."""
    parts = []
    for name, value in tables().items():
        rows = ",\n".join(json.dumps(row) for row in value) if isinstance(value, list) and name != "texts" else ""
        parts.append(f'"{name}": [\n{rows}\n]' if rows else f'"{name}": {json.dumps(value)}')
    return "{\n" + ",\n".join(parts) + "\n}\n"
