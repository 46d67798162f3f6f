"""Scalar bodies over arrays as straight lines of ufuncs.

A body becomes a list of instructions, one ufunc each.
"""

from __future__ import annotations

import sympy as sp

from symnet.backends.numpy.across import is_slow_across
from symnet.backends.numpy.domain import Task
from symnet.backends.numpy.instructions import Instructions, Value
from symnet.backends.numpy.operands import operand
from symnet.backends.numpy.reduction import copied
from symnet.backends.numpy.scalars import ScalarPrinter
from symnet.backends.numpy.scope import Array, Scalar, Scope
from symnet.backends.numpy.table import (
    COMPOSED,
    CONDITIONS,
    MINUS_ONE,
    NEGATED,
    ONE,
    UFUNCS,
    WHOLE,
    ZERO,
    softplus_parts,
)
from symnet.ir.functions import INFINITY, softplus
from symnet.ir.program import leaf, leaf_number, symbols_of
from symnet.planning.contractions import volume
from symnet.planning.costs import operations
from symnet.planning.rows import COMMON_NUMBER, MASKED, POWERS, TURNED_COPY


class Formula(Instructions):
    """The instructions for bodies of one task."""

    def __init__(self, scope: Scope, task: Task, order: tuple[str, ...]) -> None:
        super().__init__(scope, task.box, order)
        self.task = task
        self._known: dict[tuple[sp.Expr, bool], Value] = {}
        self._leaves: dict[int, Array | Scalar] = {}

    # --- from SymPy to instructions ---

    def whole_value(self, body: sp.Expr) -> Value:
        """The value of a body as the number that its tensor holds, never a mask."""
        integer = self.scope.program.tensors[self.task.target.tensor].integer and self.integral(body)
        return self.number(self.value(body, not integer), "int" if integer else "real")

    def value(self, body: sp.Expr, real: bool = True) -> Value:
        """The value of a body. `real`: where it is read as a real number, so that indices may be real as well."""
        key = (body, real)
        if key not in self._known:
            self._known[key] = self._value(body, real)
        return self._known[key]

    def _value(self, body: sp.Expr, real: bool) -> Value:
        if not self.has_array(body):
            return self.scalar(body)
        if isinstance(body, sp.Symbol):
            number = leaf_number(body)
            if number is not None:
                return self._turned(self.leaf(number))
            return self.scope.arange(body.name, self.task.box[body.name], "real" if real else "int")
        for kind, rule in self._RULES:
            if isinstance(body, kind):
                return rule(self, body, real)
        return self._function(body, real)

    def leaf(self, number: int) -> Array | Scalar:
        """The values of a leaf."""
        if number not in self._leaves:
            found = operand(self.scope, self.task, self.task.leaves[number])
            self._leaves[number] = self._ordered(found) if isinstance(found, Array) else found
        return self._leaves[number]

    def _turned(self, found: Array | Scalar) -> Value:
        """The values of a leaf, as they are or turned to our order block by block."""
        order = tuple(axis for axis in self.order if axis in self.axes(found))
        if isinstance(found, Array) and is_slow_across(found, order, self.box):
            return self.emit("turn", (found,), found.kind)
        return found

    def _ordered(self, found: Array) -> Array:
        """The array with its axes in our order. A small one whose elements would lie apart is copied before.

        One that is to be turned block by block is left as it is.
        """
        order = tuple(axis for axis in self.order if axis in found.axes)
        often = volume(self.order, self.box) // volume(order, self.box)
        if order and order[-1] != found.axes[-1] and not found.temp and TURNED_COPY(often):
            return self.scope.pin(copied(self.scope, found, order, self.box, found.kind))
        if is_slow_across(found, order, self.box):
            return found
        return self.scope.transposed(found, order)

    def named(self, found: Array | Scalar) -> sp.Expr:
        """A symbol for a value that has been calculated before."""
        number = len(self.task.leaves) + len(self._leaves)
        self._leaves[number] = found
        return leaf(number)

    def has_array(self, body: sp.Expr) -> bool:
        """Whether the value depends on an index."""
        return any(self._is_array(symbol) for symbol in sorted(symbols_of(body), key=lambda x: x.name))

    def _is_array(self, symbol: sp.Symbol) -> bool:
        number = leaf_number(symbol)
        if number is None:
            return symbol.name in self.task.box
        if number in self._leaves:
            return isinstance(self._leaves[number], Array)
        return bool(self.task.leaves[number].indices)

    def indices(self, body: sp.Expr) -> frozenset[str]:
        """The indices that a body depends on, through its leaves too."""
        found: set[str] = set()
        for symbol in sorted(body.free_symbols, key=str):
            number = leaf_number(symbol)
            if number is not None:
                known = number < len(self.task.leaves)
                found.update(self.task.leaves[number].indices if known else self.axes(self._leaves[number]))
            elif symbol.name in self.task.box:
                found.add(symbol.name)
        return frozenset(found)

    def integral(self, body: sp.Expr) -> bool:
        """Whether the value is an integer whatever the leaves are."""
        if isinstance(body, sp.Symbol):
            number = leaf_number(body)
            if number is not None:
                return number < len(self.task.leaves) and not self.scope.is_real(self.task.leaves[number].tensor)
            return bool(body != INFINITY)
        if not body.args or isinstance(body, sp.Pow):
            return bool(body.is_Integer) or (
                isinstance(body, sp.Pow) and body.exp.is_Integer and body.exp > 0 and self.integral(body.base)
            )
        name = type(body).__name__
        if name in CONDITIONS:
            return True
        return (name in WHOLE or isinstance(body, (sp.Add, sp.Mul))) and all(
            self.integral(argument) for argument in (body.args[1:] if name == "where" else body.args)
        )

    def scalar(self, body: sp.Expr) -> Scalar:
        """The value of a body that no index moves."""
        printer, constant = self._printer(body)
        text = printer.source(body)
        atomic = text.replace("_", "").replace(".", "").isalnum()
        return Scalar(text, "int" if self.integral(body) else "real", constant, atomic)

    def _printer(self, body: sp.Expr) -> tuple[ScalarPrinter, bool]:
        """A printer that knows the symbols of a body, and whether there are no leaves among them."""
        names = {size: self.scope.names.get(size, size) for size in sorted(map(str, body.free_symbols))}
        constant = True
        for symbol in sorted(symbols_of(body), key=lambda x: x.name):
            number = leaf_number(symbol)
            if number is None:
                continue
            found = self.leaf(number)
            assert isinstance(found, Scalar)
            names[symbol.name] = found.operand
            constant = False
        return ScalarPrinter(names), constant

    # --- rules ---

    def _sum(self, body: sp.Expr, real: bool) -> Value:
        kind = "int" if not real and self.integral(body) else "real"
        real = kind == "real"
        number, rest = without_number(body) if real else (sp.S.One, body)
        if number != 1:
            return self.emit("multiply", (self.value(rest), self.scalar(number)), "real")
        terms, tails = without_tails(body)
        constant = sp.Add(*(term for term in terms if not self.has_array(term)))
        arrays = [term for term in terms if self.has_array(term)]
        plus = self._in_turn([term for term in arrays if not is_negative(term)])
        minus = self._in_turn([-term for term in arrays if is_negative(term)])
        if constant != 0:
            plus.insert(min(1, len(plus)), constant)

        def term_value(term: sp.Expr) -> Value:
            return self.number(self.value(term, real), kind) if self.has_array(term) else self.scalar(term)

        total = term_value(plus.pop(0)) if plus else self._minus(term_value(minus.pop(0)), kind)
        for term in plus:
            total = self.emit("add", (total, term_value(term)), kind)
        for term in minus:
            total = self.emit("subtract", (total, term_value(term)), kind)
        for tail in tails:
            negative = is_negative(tail)
            value = self.value(-tail if negative else tail)
            total = self.emit("subtract" if negative else "add", (total, value), "real")
        return total

    def _in_turn(self, parts: list[sp.Expr]) -> list[sp.Expr]:
        """Terms or factors, those with few indices first, in the order in which the fewest values wait for others.

        Of those with equally many indices the one first that takes most, and before the next one all that lie in
        arrays: they need no temporary, and their memory may be free behind.
        """
        groups: dict[int, list[sp.Expr]] = {}
        for part in parts:
            groups.setdefault(len(self.indices(part)), []).append(part)
        found: list[sp.Expr] = []
        for _, group in sorted(groups.items()):
            composed = sorted((part for part in group if part.args), key=operations, reverse=True)
            found += [*composed[:1], *(part for part in group if not part.args), *composed[1:]]
        return found

    def _product(self, body: sp.Expr, real: bool) -> Value:
        kind = "int" if not real and self.integral(body) else "real"
        real = kind == "real"
        above: list[sp.Expr] = []
        below: list[sp.Expr] = []
        coefficient = sp.S.One
        for factor in body.args:
            if real and isinstance(factor, sp.Add):
                number, factor = without_number(factor)
                coefficient = coefficient * number
            base, exponent = factor.as_base_exp()
            if not self.has_array(factor):
                coefficient = coefficient * factor
            elif exponent.is_number and exponent.is_negative and not isinstance(factor, sp.exp):
                below.append(base**-exponent)
            else:
                above.append(factor)
        few = [min((len(self.indices(factor)) for factor in factors), default=0) for factors in (below, above)]
        if below and above and coefficient not in (1, -1) and few[0] < few[1]:
            divisor, coefficient = 1 / coefficient, sp.S.One  # the fewest elements take the scalar
        else:
            divisor = sp.S.One
        total = self._folded(above, coefficient, kind, real)
        return total if not below else self.emit("divide", (total, self._folded(below, divisor, "real", True)), "real")

    def _minus(self, value: Value, kind: str) -> Value:
        """A product, which takes no longer than `np.negative`: that is wrong in NumPy 2.2 to 2.4 where elements lie as
        many elements apart as they have bytes, as in a column of eight doubles."""
        return self.emit("multiply", (value, MINUS_ONE), kind)

    def _folded(self, factors: list[sp.Expr], number: sp.Expr, kind: str, real: bool) -> Value:
        """The product of factors and a number: one after the other, but smaller ones over the same indices before."""
        if not factors:
            return self.scalar(number)
        groups: dict[frozenset[str], list[sp.Expr]] = {}
        for factor in self._in_turn(factors):
            groups.setdefault(self.indices(factor), []).append(factor)
        *smaller, largest = groups.values()
        values = [self._folded(group, sp.S.One, kind, real) for group in smaller]
        total: Value | None = None
        for factor in [*values, *largest]:
            value = self.value(factor, real) if isinstance(factor, sp.Expr) else factor
            if total is not None:
                kinds = {self.kind(total), self.kind(value)}
                total = self.emit("multiply", (total, value), "bool" if kinds == {"bool"} else kind)
                continue
            total = value
            if number == -1:
                total = self._minus(self.number(total, kind), kind)
            elif number != 1:
                total = self.emit("multiply", (total, self.scalar(number)), kind)
        assert total is not None
        return total

    def _power(self, body: sp.Expr, real: bool) -> Value:
        base, exponent = body.args
        if exponent.is_negative:
            below = self.number(self.value(base**-exponent), "real")
            return self.emit("divide", (ONE, below), "real")
        kind = "int" if not real and self.integral(body) else "real"
        value = self.number(self.value(base, kind == "real"), kind)
        if exponent == sp.Rational(1, 2):
            return self.emit("sqrt", (value,), "real")
        if exponent.is_Integer and POWERS(exponent):
            return self._whole_power(value, int(exponent), kind)
        if exponent == sp.Rational(3, 2):
            return self.emit("multiply", (value, self.emit("sqrt", (value,), "real")), "real")
        return self.emit("power", (value, self.number(self.value(exponent), "real")), "real")

    def _whole_power(self, value: Value, exponent: int, kind: str) -> Value:
        if exponent == 1:
            return value
        half = self._whole_power(value, exponent // 2, kind)
        square = self.emit("square", (half,), kind)
        return self.emit("multiply", (square, value), kind) if exponent % 2 else square

    def _function(self, body: sp.Expr, real: bool) -> Value:
        name = type(body).__name__
        if name == "where":
            return self._where(body, real)
        if name == "stop":
            return self.value(body.args[0], real)
        if name == "step":
            return self.emit("greater", (self.value(body.args[0]), ZERO), "bool")
        if name == "negation" and type(body.args[0]).__name__ in NEGATED:
            return self._negated(body.args[0])
        if name in COMPOSED:
            return COMPOSED[name](self, body.args[0])
        whole = all(map(self.integral, body.args))
        arguments = tuple(self.value(argument, not whole) for argument in body.args)
        if name in CONDITIONS:
            return self.emit(CONDITIONS[name], arguments, "bool")
        kind = "int" if self.integral(body) else "real"
        numbers = tuple(self.number(argument, kind) for argument in arguments)
        ufunc = "float_power" if name == "power" and whole else UFUNCS[name]
        return self.emit(ufunc, numbers, kind)

    def _negated(self, condition: sp.Expr) -> Value:
        """The opposite of a comparison, as one comparison. Comparisons with NaN are taken as the opposite too."""
        whole = all(map(self.integral, condition.args))
        arguments = tuple(self.value(argument, not whole) for argument in condition.args)
        return self.emit(NEGATED[type(condition).__name__], arguments, "bool")

    def _where(self, body: sp.Expr, real: bool) -> Value:
        condition, chosen, other = body.args
        kind = "int" if not real and self.integral(body) else "real"
        if other == 0 and _is_positive(condition, chosen):
            return self.emit("maximum", (self.value(chosen, real), ZERO), kind)
        mask = self.condition(condition)
        if other == 0 and self.scope.tame.is_finite(chosen, self.task.leaves) and MASKED():
            return self.emit("multiply", (self.value(chosen, real), mask), kind)
        branches = tuple(self.number(self.value(branch, kind == "real"), kind) for branch in (chosen, other))
        return self.emit("select", (mask, *branches), kind)

    def condition(self, body: sp.Expr) -> Value:
        """The value as a mask."""
        if not self.has_array(body):
            return Scalar(self._printer(body)[0].condition(body), "bool")
        value = self.value(body, not self.integral(body))
        return value if self.kind(value) == "bool" else self.emit("not_equal", (value, ZERO), "bool")

    def number(self, value: Value, kind: str) -> Value:
        """The value with a mask's truth values turned into numbers: the sum of two masks is no mask."""
        return value if self.kind(value) != "bool" else self.emit("convert", (value,), kind)

    _RULES = ((sp.Add, _sum), (sp.Mul, _product), (sp.Pow, _power))


def without_number(body: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """2 and a - b for 2*a - 2*b: a number that all terms have, where it is cheaper to multiply by it once."""
    number, rest = body.primitive()
    before, after = (sum(abs(t.as_coeff_Mul()[0]) != 1 for t in e.args if not t.is_Number) for e in (body, rest))
    return (number, rest) if COMMON_NUMBER(before, after) else (sp.S.One, body)


def without_tails(body: sp.Expr) -> tuple[list[sp.Expr], list[sp.Expr]]:
    """The terms of a sum, of softplus(x) only max(x, 0), and what that leaves out.

    softplus(x) - y*x is exact for a label y of 0 or 1 where max(x, 0) - y*x is calculated first.
    """
    terms, tails = [], []
    for term in sp.Add.make_args(body):
        factor, function = term.as_coeff_Mul()
        if isinstance(function, softplus) and body != term:
            largest, tail = softplus_parts(function.args[0])
            tails.append(factor * tail)
            term = factor * largest
        terms.append(term)
    return terms, tails


def is_negative(term: sp.Expr) -> bool:
    """Whether a term is written with a minus."""
    return bool(term.as_coeff_Mul()[0].is_negative)


def _is_positive(condition: sp.Expr, value: sp.Expr) -> bool:
    """Whether the condition says that the value is above 0."""
    name = type(condition).__name__
    return (name in ("lt", "le") and condition.args == (sp.S.Zero, value)) or (
        name == "step" and condition.args == (value,)
    )
