"""What the parser makes of the rules of the grammar: the nodes of the syntax tree."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from symnet.errors import Place, SpecError, nearest
from symnet.language import tree
from symnet.language.blocks import Cut, Lexeme
from symnet.language.lalr import Span

REDUCTIONS = ("sum", "mean", "prod", "max", "min", "argmax", "argmin")
MAX_DIGITS = 40
MAX_EXPONENT = 400

Expression = tree.Expression
Dims = tuple[tree.Dimension, ...] | None
Statements = tuple[tree.Statement, ...]


@dataclass(frozen=True, slots=True)
class NetworkLine:
    """`network NAME`."""

    name: str
    place: Place


@dataclass(frozen=True, slots=True)
class _Between:
    """`t: 1..T` among the arguments of a reduction."""

    variable: Expression
    low: Expression
    high: Expression
    place: Place


class NodeBuilder:
    """One method per rule of the grammar, in its order. Raises SpecError for what the grammar cannot tell."""

    def __init__(self, pieces: Cut) -> None:
        self.source = pieces.source
        self.lines = pieces.lines
        self.comments = pieces.comments

    def _place(self, span: Span) -> Place:
        end = span.end_column
        if span.end_line > span.line:
            end = len(self.lines[span.line - 1].rstrip()) + 1
        return Place(self.source, span.line, span.column, max(1, end - span.column))

    def _token(self, token: Lexeme) -> Place:
        return token.place(self.source)

    # --- statements ---

    def network(self, span: Span, name: Lexeme) -> NetworkLine:
        return NetworkLine(name.text, self._place(span))

    def input(
        self, span: Span, name: tree.Name, dims: Dims, bound: Expression | None, sampler: Expression | None
    ) -> tree.Input:
        return tree.Input(name, dims, bound, sampler, self._place(span))

    def declaration(
        self, span: Span, role: Lexeme, name: tree.Name, dims: Dims, sampler: Expression
    ) -> tree.Declaration:
        return tree.Declaration(role.text, name, dims, sampler, self._place(span))

    def constant(self, span: Span, name: Lexeme, value: Expression) -> tree.Constant:
        return tree.Constant(name.text, value, self._place(span))

    def example(self, span: Span, name: Lexeme, value: Expression) -> tree.Example:
        return tree.Example(name.text, value, self._place(span))

    def equation(self, span: Span, *parts: Any) -> tree.Equation:
        *targets, value = parts
        if len(targets) > 1 and not isinstance(value, tree.Call):
            hint = "one equation defines one tensor; only a layer gives several, as in h, last = lstm(x, 8)"
            raise SpecError("several targets without a layer call", self._place(span), hint=hint)
        return tree.Equation(tuple(targets), value, False, self._place(span))

    def scatter(self, span: Span, target: tree.Target, value: Expression) -> tree.Equation:
        return tree.Equation((target,), value, True, self._place(span))

    def output(self, span: Span, *names: tree.Access) -> tree.Output:
        return tree.Output(names, self._place(span))

    def metric(self, span: Span, name: Lexeme, value: Expression) -> tree.Metric:
        return tree.Metric(name.text, value, self._place(span))

    def minimize(self, span: Span, value: Expression, optimizer: Expression | None, *over: Any) -> tree.Minimize:
        groups = tuple(group for group in over if group is not None)
        return tree.Minimize(value, optimizer, groups or None, self._place(span))

    def group(self, span: Span, name: tree.Name) -> tuple[tree.Name, bool]:
        return name, False

    def whole_group(self, span: Span, name: tree.Name) -> tuple[tree.Name, bool]:
        return name, True

    # --- definitions ---

    def layer(self, span: Span, name: Lexeme, formals: tuple[tree.Formal, ...], *rest: Any) -> tree.Layer:
        *results, body = rest
        comment = self.comments.get(span.line, "")
        return tree.Layer(name.text, formals, tuple(results), body, None, comment, self._token(name))

    def expression_layer(
        self, span: Span, name: Lexeme, formals: tuple[tree.Formal, ...], value: Expression
    ) -> tree.Layer:
        return tree.Layer(name.text, formals, (), (), value, self.comments.get(span.line, ""), self._token(name))

    def optimizer(self, span: Span, name: Lexeme, formals: tuple[tree.Formal, ...], body: Statements) -> tree.Optimizer:
        return tree.Optimizer(name.text, formals, body, self.comments.get(span.line, ""), self._token(name))

    def function(self, span: Span, name: Lexeme, formals: tuple[tree.Formal, ...], value: Expression) -> tree.Function:
        return tree.Function(name.text, formals, value, self.comments.get(span.line, ""), self._token(name))

    def formals(self, span: Span, *formals: tree.Formal | None) -> tuple[tree.Formal, ...]:
        return tuple(formal for formal in formals if formal is not None)

    def formal(self, span: Span, name: Lexeme, dims: Dims, default: Expression | None) -> tree.Formal:
        return tree.Formal(name.text, dims, default, self._place(span))

    def result(self, span: Span, name: Lexeme, dims: Dims) -> tree.Target:
        place = self._token(name)
        return tree.Target(tree.Name(((name.text, None),), place), False, dims, self._place(span))

    # --- compile time ---

    def if_(self, span: Span, condition: Expression, then: Statements, otherwise: Any) -> tree.If:
        if isinstance(otherwise, tree.If):
            otherwise = (otherwise,)
        return tree.If(condition, then, otherwise or (), self._place(span))

    def for_(self, span: Span, variable: Lexeme, low: Expression, high: Expression, body: Statements) -> tree.For:
        return tree.For(variable.text, low, high, body, self._place(span))

    def block(self, span: Span, *statements: tree.Statement) -> Statements:
        return statements

    # --- names and dimensions ---

    def target(self, span: Span, name: tree.Name, prime: Lexeme | None, dims: Dims) -> tree.Target:
        return tree.Target(name, prime is not None, dims, self._place(span))

    def reference(self, span: Span, name: tree.Name, prime: Lexeme | None) -> tree.Access:
        return tree.Access(name, prime is not None, None, None, self._place(span))

    def name(self, span: Span, *parts: Any) -> tree.Name:
        if len(parts) == 1:
            return tree.Name(parts, self._place(span))
        before, part = parts
        return tree.Name((*before.parts, part), self._place(span))

    def part(self, span: Span, text: Lexeme, suffix: Expression | None) -> tuple[str, Expression | None]:
        return text.text, suffix

    def dims(self, span: Span, *dims: tree.Dimension) -> tuple[tree.Dimension, ...]:
        return dims

    def ellipsis(self, span: Span, dots: Lexeme) -> tree.Ellipsis_:
        return tree.Ellipsis_(self._place(span))

    def plain(self, span: Span, value: Expression) -> tree.Plain:
        return tree.Plain(value, self._place(span))

    def range(self, span: Span, name: Lexeme, first: Expression, second: Expression | None) -> tree.Ranged:
        low, high = (None, first) if second is None else (first, second)
        return tree.Ranged(name.text, low, high, self._place(span))

    def joined(self, span: Span, *parts: tree.Dimension) -> tree.Joined:
        return tree.Joined(parts, self._place(span))

    # --- expressions ---

    def binary(self, span: Span, left: Expression, op: Lexeme, right: Expression) -> tree.Binary:
        return tree.Binary(op.text, left, right, self._place(span))

    def unary(self, span: Span, op: Lexeme, operand: Expression) -> tree.Unary:
        return tree.Unary(op.text, operand, self._place(span))

    def number(self, span: Span, token: Lexeme) -> tree.Number:
        return number(token.text, self._place(span))

    def listing(self, span: Span, *items: Expression | None) -> tree.Listing:
        return tree.Listing(tuple(item for item in items if item is not None), self._place(span))

    def access(
        self, span: Span, name: tree.Name, prime: Lexeme | None, dims: Dims, default: Expression | None
    ) -> tree.Access:
        for dim in dims or ():
            if isinstance(dim, tree.Ranged):
                hint = "an extent or a range is given where an index is bound: on the left of =, or in a reduction"
                raise SpecError("a read takes plain indices", dim.place, hint=hint)
        return tree.Access(name, prime is not None, dims, default, self._place(span))

    # --- calls and reductions ---

    def call(self, span: Span, name: tree.Name, *arguments: Any) -> tree.Call:
        return tree.Call(name, tuple(self._argument(a) for a in arguments if a is not None), self._place(span))

    def _argument(self, argument: Any) -> tree.Argument:
        if isinstance(argument, tree.Argument):
            return argument
        if isinstance(argument, Lexeme):
            place = self._token(argument)
            return tree.Argument(None, tree.Ellipsis_(place), place)
        if isinstance(argument, _Between):
            hint = "a range stands in a reduction: sum(t: 1..T: body)"
            raise SpecError("a range is no argument of a call", argument.place, hint=hint)
        return tree.Argument(None, argument, argument.place)

    def keyword(self, span: Span, name: Lexeme, value: Expression) -> tree.Argument:
        return tree.Argument(name.text, value, self._place(span))

    def span(self, span: Span, variable: Expression, low: Expression, high: Expression) -> _Between:
        return _Between(variable, low, high, self._place(span))

    def reduction(self, span: Span, name: tree.Name, *parts: Any) -> tree.Reduce:
        *binders, condition, body = parts
        bound = tuple(self._binder(binder) for binder in binders)
        return tree.Reduce(self._reduction(name), bound, condition, body, self._place(span))

    def over(
        self, span: Span, name: tree.Name, variable: Lexeme, collection: Expression, body: Expression
    ) -> tree.Over:
        return tree.Over(self._reduction(name), variable.text, collection, body, self._place(span))

    def _reduction(self, name: tree.Name) -> str:
        text = str(name)
        if text not in REDUCTIONS:
            hint = f"the reductions are {', '.join(REDUCTIONS)}; a function is called without ':'"
            guess = nearest(text, REDUCTIONS)
            raise SpecError(f"{text!r} is no reduction", name.place, hint=f"{guess} {hint}" if guess else hint)
        return text

    def _binder(self, binder: Any) -> tree.Binder:
        if isinstance(binder, Lexeme):
            return tree.Binder("...", None, None, self._token(binder))
        low, high, variable = None, None, binder
        if isinstance(binder, _Between):
            low, high, variable = binder.low, binder.high, binder.variable
        elif isinstance(binder, tree.Binary) and binder.op == "<":
            high, variable = binder.right, binder.left
        name = _plain_name(variable)
        if name is None:
            hint = "what is bound is written i, i < 3 (three values, from 0), t: 1..T or ..."
            raise SpecError("a reduction binds an index here", binder.place, hint=hint)
        return tree.Binder(name, low, high, binder.place)


def _plain_name(expression: object) -> str | None:
    """The name, if the expression is a bare one."""
    if not isinstance(expression, tree.Access) or expression.primed or expression.dims is not None:
        return None
    parts = expression.name.parts
    if expression.default is not None or len(parts) > 1 or parts[0][1] is not None:
        return None
    return parts[0][0]


def number(text: str, place: Place) -> tree.Number:
    """The exact rational of a decimal text. Raises SpecError for too many digits or too large an exponent."""
    digits, _, exponent = text.lower().partition("e")
    if len(digits) > MAX_DIGITS + 1:
        raise SpecError(f"a number of more than {MAX_DIGITS} digits", place)
    if len(exponent) > 6 or abs(int(exponent or "0")) > MAX_EXPONENT:
        hint = "write inf for infinity" if not exponent.startswith("-") else ""
        raise SpecError(f"an exponent beyond {MAX_EXPONENT}", place, hint=hint)
    integer = not exponent and "." not in digits
    return tree.Number(Fraction(text), integer, place)
