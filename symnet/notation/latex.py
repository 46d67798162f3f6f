"""Expressions over indexed tensors in LaTeX, adjoints as partial derivatives.

The order in which things are read, and the parentheses, are those of the text; this file says how each looks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

import sympy as sp

from symnet.ir import functions as f
from symnet.ir.formula import AND, ATOM, COMPARE, NEGATIVE, NOT, OR, POWER, PRODUCT, SUM, Text
from symnet.ir.program import Tensor
from symnet.notation.expression import Extreme, padded, tensor_name
from symnet.notation.names import has_mark_above, index_name, is_letter, with_marks
from symnet.notation.text import (
    IndexPrinter,
    delta_arguments,
    filter_of,
    is_constant,
    reduction_parts,
    runs_fully,
    with_decimals,
)


def latex_equation(left: sp.Expr, value: sp.Expr, tensors: Mapping[str, Tensor], of: str, order: Iterable[str]) -> str:
    """`left = value` in LaTeX, without dollar signs. `of` is the scalar that adjoints are derivatives of."""
    printer = LatexPrinter(tensors, objective_name(tensors, of), order)
    return f"{printer.text(left)[0]} = {printer.text(with_decimals(value))[0]}"


def objective_name(tensors: Mapping[str, Tensor], of: str) -> str:
    """Its own name where that is a letter, or where a tensor is called L; else L."""
    return with_marks(of, "") if is_letter(of) or "L" in tensors else "L"


_FUNCTIONS: Mapping[type[sp.Function], str] = {
    **{getattr(sp, name): f"\\{name}" for name in ("log", "sin", "cos", "tan", "sinh", "cosh", "tanh")},
    sp.atan: "\\arctan",
    f.max2: "\\max",
    f.min2: "\\min",
}
_BRACKETS: Mapping[type[sp.Function], tuple[str, str]] = {
    f.absolute: ("\\left|", "\\right|"),
    f.floor: ("\\left\\lfloor ", "\\right\\rfloor"),
    sp.exp: ("e^{", "}"),
}
_RELATIONS: Mapping[type[sp.Function], tuple[str, str]] = {
    f.eq: ("=", "="),
    f.ne: ("\\neq", "\\neq"),
    f.lt: ("<", ">"),
    f.le: ("\\le", "\\ge"),
}
_OPERATORS: Mapping[str, str] = {"max": "\\max", "min": "\\min", "sum": "\\sum", "prod": "\\prod"}


def function_mark(kind: type[sp.Function]) -> str:
    """The name of a function: `\\tanh`, `\\operatorname{sigmoid}`."""
    return "\\exp" if kind is sp.exp else _FUNCTIONS.get(kind, f"\\operatorname{{{kind.__name__}}}")


def decimal(text: str) -> Text | None:
    """A decimal number, 1e-05 as a power of ten; None for what is no number."""
    match = re.fullmatch(r"([\d.]+)(?:e([+-]\d+))?", text)
    if not match:
        return None
    if not match[2]:
        return match[1], ATOM
    power = f"10^{{{int(match[2])}}}"
    return (power, POWER) if match[1] == "1" else (f"{match[1]} \\cdot {power}", PRODUCT)


class LatexPrinter(IndexPrinter):
    """The printer of index notation with the marks of LaTeX."""

    def __init__(self, tensors: Mapping[str, Tensor], objective: str, order: Iterable[str]) -> None:
        super().__init__(order)
        self.tensors = tensors
        self.objective = objective
        rows: tuple[tuple[type[sp.Basic], Callable[[sp.Expr], Text]], ...] = (
            (sp.Symbol, self.symbol),
            (type(sp.E), lambda node: ("e", ATOM)),
            (type(sp.pi), lambda node: ("\\pi", ATOM)),
            (f.where, self.choice),
            (f.both, self.conjunction),
            (f.either, lambda node: self.joined(node, "\\lor", OR)),
            (f.negation, lambda node: (f"\\lnot {self.within(node.args[0], COMPARE)}", NOT)),
            (
                f.floordiv,
                lambda node: (f"\\left\\lfloor {self.plain(node.args[0] / node.args[1])}\\right\\rfloor", ATOM),
            ),
            (
                f.mod,
                lambda node: (f"{self.within(node.args[0], POWER)} \\bmod {self.within(node.args[1], POWER)}", SUM),
            ),
            (f.power, lambda node: self.raised(node.args[0], node.args[1])),
            *((kind, self.comparison) for kind in _RELATIONS),
            *((kind, self.bracketed) for kind in _BRACKETS),
        )
        self.rows = (*rows, *self.rows)

    def plain(self, node: sp.Expr) -> str:
        return self.text(node)[0]

    def within(self, node: sp.Expr, needed: int) -> str:
        text, strength = self.text(node)
        return text if strength >= needed else f"\\left({text}\\right)"

    # --- names ---

    def symbol(self, node: sp.Symbol) -> Text:
        if node == f.INFINITY:
            return "\\infty", ATOM
        if node.name not in self.tensors:
            return decimal(node.name) or (index_name(node.name), ATOM)
        return self.access(node.name, ())

    def indexed(self, node: sp.Indexed) -> Text:
        return self.access(node.base.label.name, node.indices)

    def access(self, name: str, places: tuple[sp.Expr, ...]) -> Text:
        tensor = self.tensors[name]
        if not tensor.by or tensor.of not in self.tensors or len(places) != len(tensor.extents):
            return self.tensor(name, self.below(places))
        rank = len(places) - len(self.tensors[tensor.by].extents)
        return self.second(tensor, self.below(places[:rank]), self.below(places[rank:]))

    def below(self, places: tuple[sp.Expr, ...]) -> str:
        short = all(place.is_Symbol and len(place.name) == 1 for place in places)
        return ("" if short else ", ").join(map(self.place, places))

    def second(self, tensor: Tensor, above: str, below: str) -> Text:
        """The derivative of a tensor by another one, or of the objective by two."""
        of, by = self.tensors[tensor.of], with_marks(tensor.by, below)
        if of.role != "adjoint":
            return f"\\frac{{\\partial {with_marks(of.name, above)}}}{{\\partial {by}}}", ATOM
        return f"\\frac{{\\partial^2 {self.objective}}}{{\\partial {with_marks(of.of, above)} \\partial {by}}}", ATOM

    def tensor(self, name: str, below: str) -> Text:
        of = self.tensors[name].of if self.tensors[name].role == "adjoint" else ""
        if not of:
            return with_marks(name, below), ATOM
        return f"\\frac{{\\partial {self.objective}}}{{\\partial {with_marks(of, below)}}}", ATOM

    def padded(self, node: padded) -> Text:
        return self.plain(node.args[0]), ATOM

    def delta(self, node: sp.KroneckerDelta) -> Text:
        return f"\\delta_{{{', '.join(map(self.place, delta_arguments(node)))}}}", ATOM

    # --- sums and products over indices ---

    def reduction(self, node: sp.Expr) -> Text:
        name, body, limits = reduction_parts(node)
        body, condition = filter_of(name, body)
        sign = _OPERATORS.get(name, f"\\operatorname{{{name}}}")
        inner = type(self)(self.tensors, self.objective, [*self.order, *(limit[0].name for limit in limits)])
        whole = all(runs_fully(limit, body) for limit in limits)
        if not whole and condition is None and len(limits) == 1:
            index, first, last = limits[0]
            sign += f"_{{{self.plain(index)}={self.plain(first)}}}^{{{self.place(last)}}}"
        else:
            below = ", ".join(self.bound(limit, body) for limit in limits)
            sign += f"_{{{below}}}" if condition is None else f"_{{{inner.filtered(below, condition)}}}"
        return f"{sign} {inner.within(body, PRODUCT)}", PRODUCT

    def filtered(self, below: str, condition: sp.Expr) -> str:
        """Indices with the condition that they meet; several conditions stand below each other."""
        rows = self.conjuncts(condition)
        if len(rows) == 1:
            return f"{below} \\,:\\, {rows[0]}"
        return f"\\substack{{{' '.join((below, *(f'{chr(92) * 2} {row}' for row in rows)))}}}"

    def bound(self, limit: sp.Tuple, body: sp.Expr) -> str:
        index = self.plain(limit[0])
        return index if runs_fully(limit, body) else f"{index} < {self.place(limit[2] + 1)}"

    # --- conditions ---

    def comparison(self, node: sp.Expr) -> Text:
        left, right = node.args
        sign, flipped = _RELATIONS[type(node)]
        if is_constant(left) and not is_constant(right):
            left, right, sign = right, left, flipped
        return f"{self.side(left)} {sign} {self.side(right)}", COMPARE

    def conjunction(self, node: sp.Expr) -> Text:
        parts = self.conjuncts(node)
        return " \\land ".join(parts), AND if len(parts) > 1 else COMPARE

    def conjuncts(self, condition: sp.Expr) -> list[str]:
        """The parts of a conjunction; a lower and an upper bound of the same are one, 1 <= x < 5."""
        pending = [condition]
        parts: list[sp.Expr] = []
        while pending:
            part = pending.pop()
            if isinstance(part, f.both):
                pending += reversed(part.args)
            else:
                parts.append(part)
        shown: list[str] = []
        for k, part in enumerate(parts):
            above = next((p for p in parts if _is_between(part, p)), None)
            if above is not None:
                signs = [_RELATIONS[type(p)][0] for p in (part, above)]
                low, middle, high = self.side(part.args[0]), self.side(part.args[1]), self.side(above.args[1])
                shown.append(f"{low} {signs[0]} {middle} {signs[1]} {high}")
            elif not any(_is_between(p, part) for p in parts[:k] + parts[k + 1 :]):
                shown.append(self.within(part, AND))
        return shown

    def joined(self, node: sp.Expr, sign: str, strength: int) -> Text:
        return f" {sign} ".join(self.within(a, strength) for a in node.args), strength

    def choice(self, node: sp.Expr) -> Text:
        """where(c, a, 0) as Iverson's bracket times a, any other as cases."""
        test, yes, no = node.args
        if no == 0:
            bracket = f"\\left[{self.plain(test)}\\right]"
            return (bracket, ATOM) if yes == 1 else (f"{bracket}\\, {self.within(yes, PRODUCT)}", PRODUCT)
        rows = f"{self.plain(yes)} & \\text{{if }} {self.plain(test)} \\\\ {self.plain(no)} & \\text{{otherwise}}"
        return f"\\begin{{cases}} {rows} \\end{{cases}}", ATOM

    # --- functions and powers ---

    def bracketed(self, node: sp.Expr) -> Text:
        before, after = _BRACKETS[type(node)]
        return f"{before}{self.plain(node.args[0])}{after}", POWER if isinstance(node, sp.exp) else ATOM

    def call(self, node: sp.Expr, power: str = "") -> Text:
        return f"{function_mark(type(node))}{power}\\left({', '.join(map(self.plain, node.args))}\\right)", ATOM

    def power(self, node: sp.Pow) -> Text:
        if node.exp.is_negative and node.exp.is_number:
            return self.quotient(sp.S.One, [], [node])
        if node.exp == sp.Rational(1, 2):
            return f"\\sqrt{{{self.plain(node.base)}}}", ATOM
        return self.raised(node.base, node.exp)

    def raised(self, base: sp.Expr, exponent: sp.Expr) -> Text:
        if type(base) in _FUNCTIONS and exponent.is_Integer and len(base.args) == 1:
            return self.call(base, f"^{{{exponent}}}")
        text = self.within(base, ATOM)
        name = tensor_name(base) if isinstance(base, sp.Indexed | sp.Symbol) else ""
        if name and (has_mark_above(name) or self.is_adjoint(base)):
            text = f"\\left({text}\\right)"
        return f"{text}^{{{self.plain(exponent)}}}", POWER

    # --- products and quotients ---

    def reading(self, factor: sp.Expr) -> tuple[int, list[int], str]:
        """Derivatives come behind what they are multiplied by, sums over indices last."""
        kind, ranks, text = super().reading(factor)
        base = factor.base if isinstance(factor, sp.Pow) else factor
        return 2 * kind + (7 if self.is_adjoint(base) else 0), ranks, text

    def rational(self, node: sp.Rational) -> Text:
        if node.q == 1:
            return str(node), NEGATIVE if node < 0 else ATOM
        return f"{'-' if node < 0 else ''}\\frac{{{abs(node.p)}}}{{{node.q}}}", PRODUCT

    def quotient(self, number: sp.Rational, above: list[sp.Expr], below: list[sp.Expr]) -> Text:
        """A fraction of what is low, times what is tall: sums, brackets and derivatives."""
        above = sorted(above, key=self.reading)
        tall = [factor for factor in above if self.is_tall(factor)] if below or number.q != 1 else []
        low = [factor for factor in above if factor not in tall]
        divisors = sorted((sp.Pow(p.base, -p.exp) for p in below), key=self.reading)
        bottom = self.plain(divisors[0]) if number.q == 1 and len(divisors) == 1 else self.row(number.q, divisors)
        alone = self.plain(low[0]) if len(low) == 1 and low[0].is_Add and abs(number.p) == 1 else "\\frac"
        if bottom and "\\frac" not in alone:
            text = f"\\frac{{{alone}}}{{{bottom}}}"
        elif bottom and len(low) == 1 and low[0].is_Add:
            text = f"\\frac{{{abs(number.p)}}}{{{bottom}}} {self.row(1, low)}"
        else:
            top = self.row(abs(number.p), low)
            text = f"\\frac{{{top or 1}}}{{{bottom}}}" if bottom else top
        text = " ".join(part for part in (text, self.row(1, tall)) if part)
        return (f"-{text}" if number < 0 else text), PRODUCT

    def row(self, number: int, factors: list[sp.Expr]) -> str:
        """Factors side by side; a sum over an index may stand last as it is."""
        texts = [str(number)] if number != 1 else []
        for position, factor in enumerate(factors):
            last = position == len(factors) - 1
            texts.append(self.within(factor, PRODUCT if last and isinstance(factor, _LAST) else POWER))
        return " ".join(texts)

    def is_tall(self, e: sp.Expr) -> bool:
        """Whether a factor would look crowded in a numerator."""
        base = e.base if isinstance(e, sp.Pow) else e
        parts = sp.Add.make_args(base)
        return any(
            isinstance(part, _LAST) or self.is_adjoint(part) for term in parts for part in sp.Mul.make_args(term)
        )

    def is_adjoint(self, e: sp.Expr) -> bool:
        name = tensor_name(e) if isinstance(e, sp.Indexed | sp.Symbol) else ""
        return name in self.tensors and self.tensors[name].role == "adjoint"


def _is_between(low: sp.Expr, high: sp.Expr) -> bool:
    """Whether two comparisons are a bound from below and one from above: a <= x and x < b, with numbers or sizes."""
    return (
        isinstance(low, f.le | f.lt)
        and isinstance(high, f.le | f.lt)
        and low.args[1] == high.args[0]
        and is_constant(low.args[0])
        and is_constant(high.args[1])
    )


_LAST = (sp.Sum, sp.Product, Extreme, f.where)
