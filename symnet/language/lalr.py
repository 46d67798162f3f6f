"""The parser of one block: an LALR(1) automaton over the tables in `grammar.json`, which are made from `grammar.lark`.

    table = the rules, and for every state its actions by terminal and its gotos by rule
    action >= 0: shift and go to that state;  action < 0: reduce by rule -1 - action

Nodes are made while rules are reduced. Lark makes the tables and is needed only where the grammar is changed: a test
makes them anew and compares (`tests/language/test_grammar.py`). The symbol of a terminal is its text, or its kind where
the grammar has no text for it. Source: Aho, Sethi, Ullman, Compilers: Principles, Techniques, and Tools, 1986, 4.7.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from symnet.errors import SpecError
from symnet.language.blocks import Lexeme

END = "$END"


class Span(NamedTuple):
    """From the first to the last token of what was reduced; columns are counted from 1, the last one is excluded."""

    line: int
    column: int
    end_line: int
    end_column: int


class Rule(NamedTuple):
    """One alternative of a rule of the grammar.

    origin   its name
    size     how many symbols it has
    method   what makes its node; empty where its values become those of the rule around it
    single   whether a value that is alone stays as it is
    values   what the node is made of: places among the symbols, None where an option was left out; of the symbols in
             `inlined`, the values are taken
    """

    origin: str
    size: int
    method: str
    single: bool
    values: Sequence[int | None]
    inlined: Sequence[int]

    @property
    def passes(self) -> bool:
        """Whether it only hands on the value of its one symbol."""
        return self.single and self.size == 1 and not self.inlined and len(self.values) == 1


@dataclass(frozen=True, slots=True)
class Tables:
    """What the parser runs on; states are numbers, the first one is 0 and the last one `final`."""

    rules: Sequence[Rule]
    actions: Sequence[Mapping[str, int]]
    gotos: Sequence[Mapping[str, int]]
    final: int
    texts: frozenset[str]

    def symbol(self, lexeme: Lexeme) -> str:
        """The terminal that a token is."""
        return lexeme.text if lexeme.text in self.texts else lexeme.kind


class Unexpected(Exception):
    """A token that fits nothing. `position` counts the tokens, `expected` has the terminals that would have fitted."""

    def __init__(self, position: int, expected: frozenset[str]) -> None:
        super().__init__(position, expected)
        self.position = position
        self.expected = expected


@cache
def tables() -> Tables:
    """The tables of the language."""
    found = json.loads(files("symnet.language").joinpath("grammar.json").read_text(encoding="utf-8"))
    rules = [Rule(*rule) for rule in found["rules"]]
    actions, gotos = ([dict(row) for row in found[name]] for name in ("actions", "gotos"))
    return Tables(rules, actions, gotos, found["final"], frozenset(found["texts"]))


def parse_block(lexemes: Sequence[Lexeme], builder: Any) -> Any:
    """What the methods of `builder` make of a statement: each is given the span of its rule and the values in it.

    Raises Unexpected at the first token that does not fit. An error of the builder comes after the whole was read.
    """
    run = _Run(tables(), builder)
    for position, lexeme in enumerate(lexemes):
        run.read(position, run.tables.symbol(lexeme), lexeme)
    run.read(len(lexemes), END, None)
    if run.error:
        raise run.error
    return run.values[-1]


class _Run:
    """The stacks of a parse: states, and above the first one for each a value and its span."""

    def __init__(self, found: Tables, builder: Any) -> None:
        self.tables = found
        self.states = [0]
        self.values: list[Any] = []
        self.spans: list[Span] = []
        self.error: SpecError | None = None
        self.methods: list[Callable[..., Any] | None] = [getattr(builder, rule.method, None) for rule in found.rules]

    def read(self, position: int, symbol: str, lexeme: Lexeme | None) -> None:
        """Reduce what the next token ends, and shift it."""
        actions, gotos, states = self.tables.actions, self.tables.gotos, self.states
        while (action := actions[states[-1]].get(symbol)) is not None:
            if action >= 0 and lexeme is not None:
                _, text, line, column = lexeme
                states.append(action)
                self.values.append(lexeme)
                self.spans.append(Span(line, column, line, column + len(text)))
                return
            rule = self.tables.rules[-1 - action]
            if rule.passes:
                states.pop()
            else:
                self.reduce(-1 - action, rule)
            states.append(gotos[states[-1]][rule.origin])
            if lexeme is None and states[-1] == self.tables.final:
                return
        raise Unexpected(position, self.expected())

    def reduce(self, number: int, rule: Rule) -> None:
        """Put what a rule makes in the place of its symbols. Every rule has some."""
        size = rule.size
        values, spans = self.values[-size:], self.spans[-size:]
        del self.states[-size:], self.values[-size:], self.spans[-size:]
        span = spans[0]._replace(end_line=spans[-1].end_line, end_column=spans[-1].end_column)
        self.spans.append(span)
        self.values.append(None if self.error else self.node(number, rule, span, values))

    def node(self, number: int, rule: Rule, span: Span, values: list[Any]) -> Any:
        """The value of a rule."""
        parts: list[Any] = []
        for place in rule.values:
            if place is not None and place in rule.inlined:
                parts += values[place]
            else:
                parts.append(None if place is None else values[place])
        if rule.single and len(parts) == 1:
            return parts[0]
        make = self.methods[number]
        if make is None:
            return parts
        try:
            return make(span, *parts)
        except SpecError as error:
            self.error = error
            return None

    def expected(self) -> frozenset[str]:
        """The terminals that can follow: those after whose reductions there is a shift, or the end."""
        return frozenset(symbol for symbol in self.tables.actions[self.states[-1]] if self.fits(symbol))

    def fits(self, symbol: str) -> bool:
        """Whether a terminal can follow."""
        states = list(self.states)
        while (action := self.tables.actions[states[-1]].get(symbol)) is not None:
            if action >= 0 or states[-1] == self.tables.final:
                return True
            rule = self.tables.rules[-1 - action]
            del states[-rule.size :]
            states.append(self.tables.gotos[states[-1]][rule.origin])
            if symbol == END and states[-1] == self.tables.final:
                return True
        return False
