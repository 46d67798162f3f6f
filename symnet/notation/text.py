"""Expressions over indexed tensors as text, in the notation of the language, with δ for Kronecker's delta."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

import sympy as sp

from symnet.ir import functions as f
from symnet.ir.formula import ATOM, COMPARE, NEGATIVE, SUM, Printer, Text
from symnet.notation.expression import Extreme, padded

_FLIPPED: Mapping[type[sp.Function], str] = {f.lt: ">", f.le: ">="}


def expression_text(e: sp.Expr, order: Iterable[str] = ()) -> str:
    """An expression as one line. `order` is the order in which indices are read."""
    return IndexPrinter(order).text(with_decimals(e))[0]


LONGEST_NUMBER = 7  # how many digits a fraction may have above or below before it is written as a decimal


def with_decimals(e: sp.Expr) -> sp.Expr:
    """An expression with symbols called 0.3989422804 in the place of fractions of many digits."""
    long = [r for r in e.atoms(sp.Rational) if max(len(str(abs(r.p))), len(str(r.q))) > LONGEST_NUMBER or _is_small(r)]
    return e.xreplace({r: sp.sign(r) * sp.Symbol(_decimal(abs(float(r))), positive=True) for r in long})


def _decimal(value: float) -> str:
    """A number with ten digits: 0.3989422804, 1e-5."""
    return re.sub(r"e([+-])0+", r"e\1", f"{value:.10g}")


def _is_small(r: sp.Rational) -> bool:
    """Whether it is 1e-4, 2e-5, …: a number that is written as a power of ten."""
    return r.q >= 10_000 and str(r.q).strip("0") == "1" and abs(r.p) < 10


class IndexPrinter(Printer):
    """The printer of bodies, with rows for indexed tensors, sums, deltas and conditions."""

    def __init__(self, order: Iterable[str]) -> None:
        self.order = {name: number for number, name in enumerate(order)}
        self.known: dict[sp.Expr, Text] = {}
        super().__init__({}, {})
        self.rows = (
            (sp.Indexed, self.indexed),
            (sp.Sum, self.reduction),
            (sp.Product, self.reduction),
            (Extreme, self.reduction),
            (sp.KroneckerDelta, self.delta),
            (padded, self.padded),
            (f.lt, self.comparison),
            (f.le, self.comparison),
            *self.rows,
        )

    def text(self, node: sp.Expr) -> Text:
        if node not in self.known:
            self.known[node] = super().text(node)
        return self.known[node]

    # --- accesses ---

    def indexed(self, node: sp.Indexed) -> Text:
        return f"{node.base.label.name}[{', '.join(map(self.place, node.indices))}]", ATOM

    def place(self, e: sp.Expr) -> str:
        """An index expression: `2*u + p`, `i - 1`."""
        if not e.is_Add:
            return self.text(e)[0]
        terms = sorted(e.args, key=place_standing)
        text = self.within(terms[0], SUM)
        for term in terms[1:]:
            sign, magnitude = (" - ", -term) if term.could_extract_minus_sign() else (" + ", term)
            text += sign + self.within(magnitude, SUM + 1)
        return text

    def padded(self, node: padded) -> Text:
        return f"({self.text(node.args[0])[0]} else {self.within(node.args[1], NEGATIVE)})", ATOM

    def delta(self, node: sp.KroneckerDelta) -> Text:
        return f"δ({', '.join(map(self.place, delta_arguments(node)))})", ATOM

    # --- reductions ---

    def reduction(self, node: sp.Expr) -> Text:
        word, body, limits = reduction_parts(node)
        body, condition = filter_of(word, body)
        binders = ", ".join(self.binder(limit, body) for limit in limits)
        if condition is not None:
            binders += f" if {self.text(condition)[0]}"
        inner = type(self)([*self.order, *(limit[0].name for limit in limits)])
        return f"{word}({binders}: {inner.text(body)[0]})", ATOM

    def binder(self, limit: sp.Tuple, body: sp.Expr) -> str:
        return limit[0].name if runs_fully(limit, body) else f"{limit[0].name} < {self.place(limit[2] + 1)}"

    # --- conditions ---

    def comparison(self, node: sp.Expr) -> Text:
        """A number stands on the right: `z > 0`."""
        left, right = node.args
        sign = "<" if isinstance(node, f.lt) else "<="
        if is_constant(left) and not is_constant(right):
            left, right, sign = right, left, _FLIPPED[type(node)]
        return f"{self.side(left)} {sign} {self.side(right)}", COMPARE

    def side(self, e: sp.Expr) -> str:
        """One side of a comparison; a sum of indices and sizes reads like an index expression."""
        return self.place(e) if all(s.is_integer for s in e.free_symbols) else self.within(e, SUM)

    # --- the order in which things are read ---

    def reading(self, factor: sp.Expr) -> tuple[int, list[int], str]:
        kind, ranks, text = super().reading(factor)
        base = factor.base if isinstance(factor, sp.Pow) else factor
        late = 4 if base.has(sp.Sum, sp.Product, Extreme) else 2 if isinstance(base, sp.KroneckerDelta) else kind
        return max(kind, late), ranks, text

    def ranks(self, node: sp.Expr) -> list[int]:
        return sorted(self.order[s.name] for s in node.free_symbols if s.is_Symbol and s.name in self.order)


def place_standing(term: sp.Expr) -> tuple[bool, bool, bool, str]:
    """Positive terms first, those with a coefficient before plain indices, numbers last."""
    number, rest = term.as_coeff_Mul()
    return bool(number < 0), bool(rest == 1), abs(number) == 1 and bool(rest.is_symbol), str(rest)


def is_constant(e: sp.Expr) -> bool:
    """Whether an expression is made of numbers and sizes only."""
    return all(symbol.is_integer and symbol.is_positive for symbol in e.free_symbols)


def delta_arguments(node: sp.KroneckerDelta) -> tuple[sp.Expr, sp.Expr]:
    """Its arguments, a plain index first."""
    first, second = sorted(node.args, key=lambda a: (not a.is_Symbol, str(a)))
    return first, second


def reduction_parts(node: sp.Expr) -> tuple[str, sp.Expr, tuple[sp.Tuple, ...]]:
    """(name in the language, body, limits)"""
    if isinstance(node, Extreme):
        return node.args[0].name, node.args[1], node.limits
    return "sum" if isinstance(node, sp.Sum) else "prod", node.function, node.limits


_NEUTRAL = {"sum": sp.S.Zero, "prod": sp.S.One, "max": -f.INFINITY, "argmax": -f.INFINITY}


def filter_of(word: str, body: sp.Expr) -> tuple[sp.Expr, sp.Expr | None]:
    """(body, condition) where the points outside of a condition take no part."""
    if isinstance(body, f.where) and body.args[2] == _NEUTRAL.get(word, f.INFINITY):
        return body.args[1], body.args[0]
    return body, None


def runs_fully(limit: sp.Tuple, body: sp.Expr) -> bool:
    """Whether a tensor of the body shows how far an index runs."""
    index, _, last = limit
    return any(
        place == index and length - 1 == last
        for access in body.atoms(sp.Indexed)
        for place, length in zip(access.indices, access.base.shape, strict=True)
    )


def used_names(e: sp.Expr, test: Callable[[str], bool]) -> tuple[str, ...]:
    """The names of the tensors in an expression that pass a test, sorted."""
    return tuple(sorted({s.name for s in e.atoms(sp.Symbol) if test(s.name)}))
