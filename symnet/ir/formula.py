"""Bodies as text, in the notation of the language and in the order in which a textbook has them.

Few parentheses, quotients as a/b, positive terms before negative ones, numbers and plain names before the long factors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial

import sympy as sp

from symnet.ir import functions as f

# How strongly an expression holds together, from the weakest to the strongest.
OR, AND, NOT, COMPARE, SUM, PRODUCT, NEGATIVE, POWER, ATOM = range(1, 10)

# Operators of the language: the text between the arguments, what it binds like, and what the left and right need.
_INFIX: dict[type[sp.Function], tuple[str, int, int, int]] = {
    f.eq: (" == ", COMPARE, SUM, SUM),
    f.ne: (" != ", COMPARE, SUM, SUM),
    f.lt: (" < ", COMPARE, SUM, SUM),
    f.le: (" <= ", COMPARE, SUM, SUM),
    f.both: (" and ", AND, AND, NOT),
    f.either: (" or ", OR, OR, AND),
    f.floordiv: ("//", PRODUCT, PRODUCT, NEGATIVE),
    f.mod: (" % ", PRODUCT, PRODUCT, NEGATIVE),
    f.power: ("**", POWER, ATOM, POWER),
}

# Comparisons seen from the other side, so that x > 0 is not written as 0 < x.
_MIRRORED = {" == ": " == ", " != ": " != ", " < ": " > ", " <= ": " >= "}

# Functions whose name in the language is not that of the class.
_NAMES: dict[type[sp.Function], str] = {sp.atan: "arctan", f.absolute: "abs", f.max2: "max", f.min2: "min"}

Text = tuple[str, int]


def formula(body: sp.Expr, names: Mapping[sp.Symbol, str]) -> str:
    """The body in the notation of the language.

    `names` says how the leaves are written; a name with an operator in it has to bring its parentheses. The order of
    `names` is the order in which factors of equal standing are read. Other symbols are written as they are called.
    """
    rank = {symbol: number for number, symbol in enumerate(names)}
    return Printer(names, rank).text(body)[0]


class Printer:
    """One traversal: every method gives the text of a node and how strongly it holds together."""

    def __init__(self, names: Mapping[sp.Symbol, str], rank: Mapping[sp.Symbol, int]) -> None:
        self.names = names
        self.rank = rank
        self.known: dict[sp.Expr, Text] = {}
        self.rows: tuple[tuple[type[sp.Basic], Callable[[sp.Expr], Text]], ...] = (
            (sp.Symbol, lambda node: (self.names.get(node, node.name), ATOM)),
            (sp.Rational, self.rational),
            (type(sp.E), lambda node: ("exp(1)", ATOM)),
            (sp.Add, self.sum),
            (sp.Mul, self.product),
            (sp.Pow, self.power),
            (f.negation, lambda node: (f"not {self.within(node.args[0], COMPARE)}", NOT)),
            *((kind, partial(self.infix, row)) for kind, row in _INFIX.items()),
            (sp.Function, self.call),
        )

    def text(self, node: sp.Expr) -> Text:
        """The text of a node; what has no row is an atom that SymPy can name, like pi."""
        if node not in self.known:
            row = next((row for kind, row in self.rows if isinstance(node, kind)), None)
            self.known[node] = row(node) if row else (str(node), ATOM)
        return self.known[node]

    def within(self, node: sp.Expr, needed: int) -> str:
        """The text, in parentheses where it would fall apart in its place."""
        text, strength = self.text(node)
        return text if strength >= needed else f"({text})"

    # --- atoms and calls ---

    def rational(self, node: sp.Rational) -> Text:
        if node.q != 1:
            return f"{node.p}/{node.q}", PRODUCT
        return str(node.p), NEGATIVE if node.p < 0 else ATOM

    def infix(self, row: tuple[str, int, int, int], node: sp.Expr) -> Text:
        operator, strength, left, right = row
        one, other = node.args
        if operator in _MIRRORED and one.is_number and not other.is_number:
            operator, one, other = _MIRRORED[operator], other, one
        return f"{self.within(one, left)}{operator}{self.within(other, right)}", strength

    def call(self, node: sp.Expr) -> Text:
        name = _NAMES.get(type(node), type(node).__name__)
        return f"{name}({', '.join(self.text(argument)[0] for argument in node.args)})", ATOM

    # --- powers ---

    def power(self, node: sp.Pow) -> Text:
        if node.exp.is_negative and node.exp.is_number:
            return self.quotient(sp.S.One, [], [node])
        if node.exp == sp.Rational(1, 2):
            return f"sqrt({self.text(node.base)[0]})", ATOM
        return f"{self.within(node.base, ATOM)}**{self.within(node.exp, POWER)}", POWER

    # --- products ---

    def product(self, node: sp.Mul) -> Text:
        number, factors = node.as_coeff_mul()
        below = [factor for factor in factors if _divides(factor)]
        return self.quotient(number, [factor for factor in factors if factor not in below], below)

    def quotient(self, number: sp.Rational, above: list[sp.Expr], below: list[sp.Expr]) -> Text:
        """number * above / below, as one quotient."""
        top = self.factors(abs(number.p), sorted(above, key=self.reading))
        bottom = self.factors(number.q, sorted((sp.Pow(p.base, -p.exp) for p in below), key=self.reading))
        text = "*".join(top or ["1"])
        if bottom:
            text += "/" + (f"({'*'.join(bottom)})" if len(bottom) > 1 else bottom[0])
        alone = len(top) == 1 and not bottom and number == -1
        if number < 0:
            return f"-{text}", NEGATIVE if alone else PRODUCT
        return text, PRODUCT

    def factors(self, number: int, others: Iterable[sp.Expr]) -> list[str]:
        shown = [self.within(factor, POWER) for factor in others]
        return shown if number == 1 else [str(number), *shown]

    def reading(self, factor: sp.Expr) -> tuple[int, list[int], str]:
        """Plain names first, then calls, then sums; among equals the order of the names, then the text."""
        base = factor.base if isinstance(factor, sp.Pow) else factor
        kind = 3 if base.is_Add else 0 if base.is_number else 1 if base.is_symbol else 2
        return kind, self.ranks(factor), self.text(factor)[0]

    def ranks(self, node: sp.Expr) -> list[int]:
        return sorted(self.rank.get(symbol, -1) for symbol in node.free_symbols)

    # --- sums ---

    def sum(self, node: sp.Add) -> Text:
        terms = sorted(node.args, key=self.standing)
        if all(_linear(term) for term in terms) and _negative(terms[-1]) == _negative(terms[0]):
            terms.sort(key=_is_number)
        text = self.within(terms[0], SUM)
        for term in terms[1:]:
            text += f" - {self.within(-term, PRODUCT)}" if _negative(term) else f" + {self.within(term, PRODUCT)}"
        return text, SUM

    def standing(self, term: sp.Expr) -> tuple[bool, int, str]:
        """Positive terms first; among equals numbers, plain names by name, then what is longer."""
        kind = 0 if term.is_number else 1 if term.is_symbol else 2
        return _negative(term), kind, self.text(-term if _negative(term) else term)[0]


def _divides(factor: sp.Expr) -> bool:
    return isinstance(factor, sp.Pow) and bool(factor.exp.is_number and factor.exp.is_negative)


def _negative(term: sp.Expr) -> bool:
    return bool(term.as_coeff_Mul()[0] < 0)


def _is_number(term: sp.Expr) -> bool:
    """Whether it is a number, or a symbol in the place of one, called 1e-5."""
    return bool(term.is_number or term.is_Symbol and term.name[0].isdigit())


def _linear(term: sp.Expr) -> bool:
    return bool(term.is_number or term.as_coeff_Mul()[1].is_symbol)
