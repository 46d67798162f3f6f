"""Lark's parse tree of one block, turned into the nodes of the syntax tree. Imported by `parse` when it is needed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from importlib.resources import files
from typing import Any

from lark import Lark, Token, v_args
from lark.common import LexerConf
from lark.lexer import Lexer, LexerState
from lark.tree import Meta
from lark.visitors import Transformer_NonRecursive

from symnet.errors import Place, SpecError, nearest
from symnet.language import tree
from symnet.language.blocks import Cut

REDUCTIONS = ("sum", "mean", "prod", "max", "min", "argmax", "argmin")
MAX_DIGITS = 40
MAX_EXPONENT = 400

Expression = tree.Expression
Dims = tuple[tree.Dimension, ...] | None
Statements = tuple[tree.Statement, ...]


class BlockLexer(Lexer):
    """Hands the tokens of a block to Lark under the names that the grammar has for them."""

    __future_interface__ = 1  # `lex` is given Lark's state, with the block in the place of a text

    def __init__(self, conf: LexerConf) -> None:
        self.names = {terminal.pattern.value: terminal.name for terminal in conf.terminals}

    def lex(self, lexer_state: LexerState, parser_state: Any) -> Iterator[Token]:
        """The tokens, in order."""
        block: Any = lexer_state.text
        for kind, text, line, column in block.lexemes:
            name = self.names.get(text, kind)
            yield Token(name, text, line=line, column=column, end_line=line, end_column=column + len(text))


def make_parser() -> Lark:
    """The parser of one block: `parse(block)` gives Lark's tree."""
    grammar = files("symnet.language").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer=BlockLexer, propagate_positions=True)


@dataclass(frozen=True, slots=True)
class NetworkLine:
    """`network NAME`."""

    name: str
    place: Place


@dataclass(frozen=True, slots=True)
class _Span:
    """`t: 1..T` among the arguments of a reduction."""

    variable: Expression
    low: Expression
    high: Expression
    place: Place


@v_args(inline=True, meta=True)
class NodeBuilder(Transformer_NonRecursive[Token, Any]):
    """One method per rule of the grammar, in its order. Raises SpecError for what the grammar cannot tell."""

    def __init__(self, pieces: Cut) -> None:
        super().__init__(visit_tokens=False)
        self.source = pieces.source
        self.lines = pieces.lines
        self.comments = pieces.comments

    def _place(self, meta: Meta) -> Place:
        end = meta.end_column
        if meta.end_line > meta.line:
            end = len(self.lines[meta.line - 1].rstrip()) + 1
        return Place(self.source, meta.line, meta.column, max(1, end - meta.column))

    def _token(self, token: Token) -> Place:
        return Place(self.source, token.line or 1, token.column or 1, len(token))

    # --- statements ---

    def network(self, meta: Meta, name: Token) -> NetworkLine:
        return NetworkLine(str(name), self._place(meta))

    def input(
        self, meta: Meta, name: tree.Name, dims: Dims, bound: Expression | None, sampler: Expression | None
    ) -> tree.Input:
        return tree.Input(name, dims, bound, sampler, self._place(meta))

    def declaration(
        self, meta: Meta, role: Token, name: tree.Name, dims: Dims, sampler: Expression
    ) -> tree.Declaration:
        return tree.Declaration(str(role), name, dims, sampler, self._place(meta))

    def constant(self, meta: Meta, name: Token, value: Expression) -> tree.Constant:
        return tree.Constant(str(name), value, self._place(meta))

    def example(self, meta: Meta, name: Token, value: Expression) -> tree.Example:
        return tree.Example(str(name), value, self._place(meta))

    def equation(self, meta: Meta, *parts: Any) -> tree.Equation:
        *targets, value = parts
        if len(targets) > 1 and not isinstance(value, tree.Call):
            hint = "one equation defines one tensor; only a layer gives several, as in h, last = lstm(x, 8)"
            raise SpecError("several targets without a layer call", self._place(meta), hint=hint)
        return tree.Equation(tuple(targets), value, False, self._place(meta))

    def scatter(self, meta: Meta, target: tree.Target, value: Expression) -> tree.Equation:
        return tree.Equation((target,), value, True, self._place(meta))

    def output(self, meta: Meta, *names: tree.Access) -> tree.Output:
        return tree.Output(names, self._place(meta))

    def metric(self, meta: Meta, name: Token, value: Expression) -> tree.Metric:
        return tree.Metric(str(name), value, self._place(meta))

    def minimize(self, meta: Meta, value: Expression, optimizer: Expression | None, *over: Any) -> tree.Minimize:
        groups = tuple(group for group in over if group is not None)
        return tree.Minimize(value, optimizer, groups or None, self._place(meta))

    def group(self, meta: Meta, name: tree.Name) -> tuple[tree.Name, bool]:
        return name, False

    def whole_group(self, meta: Meta, name: tree.Name) -> tuple[tree.Name, bool]:
        return name, True

    # --- definitions ---

    def layer(self, meta: Meta, name: Token, formals: tuple[tree.Formal, ...], *rest: Any) -> tree.Layer:
        *results, body = rest
        comment = self.comments.get(meta.line, "")
        return tree.Layer(str(name), formals, tuple(results), body, None, comment, self._token(name))

    def expression_layer(
        self, meta: Meta, name: Token, formals: tuple[tree.Formal, ...], value: Expression
    ) -> tree.Layer:
        return tree.Layer(str(name), formals, (), (), value, self.comments.get(meta.line, ""), self._token(name))

    def optimizer(self, meta: Meta, name: Token, formals: tuple[tree.Formal, ...], body: Statements) -> tree.Optimizer:
        return tree.Optimizer(str(name), formals, body, self.comments.get(meta.line, ""), self._token(name))

    def function(self, meta: Meta, name: Token, formals: tuple[tree.Formal, ...], value: Expression) -> tree.Function:
        return tree.Function(str(name), formals, value, self.comments.get(meta.line, ""), self._token(name))

    def formals(self, meta: Meta, *formals: tree.Formal | None) -> tuple[tree.Formal, ...]:
        return tuple(formal for formal in formals if formal is not None)

    def formal(self, meta: Meta, name: Token, dims: Dims, default: Expression | None) -> tree.Formal:
        return tree.Formal(str(name), dims, default, self._place(meta))

    def result(self, meta: Meta, name: Token, dims: Dims) -> tree.Target:
        place = self._token(name)
        return tree.Target(tree.Name(((str(name), None),), place), False, dims, self._place(meta))

    # --- compile time ---

    def if_(self, meta: Meta, condition: Expression, then: Statements, otherwise: Any) -> tree.If:
        if isinstance(otherwise, tree.If):
            otherwise = (otherwise,)
        return tree.If(condition, then, otherwise or (), self._place(meta))

    def for_(self, meta: Meta, variable: Token, low: Expression, high: Expression, body: Statements) -> tree.For:
        return tree.For(str(variable), low, high, body, self._place(meta))

    def block(self, meta: Meta, *statements: tree.Statement) -> Statements:
        return statements

    # --- names and dimensions ---

    def target(self, meta: Meta, name: tree.Name, prime: Token | None, dims: Dims) -> tree.Target:
        return tree.Target(name, prime is not None, dims, self._place(meta))

    def reference(self, meta: Meta, name: tree.Name, prime: Token | None) -> tree.Access:
        return tree.Access(name, prime is not None, None, None, self._place(meta))

    def name(self, meta: Meta, *parts: Any) -> tree.Name:
        if len(parts) == 1:
            return tree.Name(parts, self._place(meta))
        before, part = parts
        return tree.Name((*before.parts, part), self._place(meta))

    def part(self, meta: Meta, text: Token, suffix: Expression | None) -> tuple[str, Expression | None]:
        return str(text), suffix

    def dims(self, meta: Meta, *dims: tree.Dimension) -> tuple[tree.Dimension, ...]:
        return dims

    def ellipsis(self, meta: Meta, dots: Token) -> tree.Ellipsis_:
        return tree.Ellipsis_(self._place(meta))

    def plain(self, meta: Meta, value: Expression) -> tree.Plain:
        return tree.Plain(value, self._place(meta))

    def range(self, meta: Meta, name: Token, first: Expression, second: Expression | None) -> tree.Ranged:
        low, high = (None, first) if second is None else (first, second)
        return tree.Ranged(str(name), low, high, self._place(meta))

    def joined(self, meta: Meta, *parts: tree.Dimension) -> tree.Joined:
        return tree.Joined(parts, self._place(meta))

    # --- expressions ---

    def binary(self, meta: Meta, left: Expression, op: Token, right: Expression) -> tree.Binary:
        return tree.Binary(str(op), left, right, self._place(meta))

    def unary(self, meta: Meta, op: Token, operand: Expression) -> tree.Unary:
        return tree.Unary(str(op), operand, self._place(meta))

    def number(self, meta: Meta, token: Token) -> tree.Number:
        return number(str(token), self._place(meta))

    def listing(self, meta: Meta, *items: Expression | None) -> tree.Listing:
        return tree.Listing(tuple(item for item in items if item is not None), self._place(meta))

    def access(
        self, meta: Meta, name: tree.Name, prime: Token | None, dims: Dims, default: Expression | None
    ) -> tree.Access:
        for dim in dims or ():
            if isinstance(dim, tree.Ranged):
                hint = "an extent or a range is given where an index is bound: on the left of =, or in a reduction"
                raise SpecError("a read takes plain indices", dim.place, hint=hint)
        return tree.Access(name, prime is not None, dims, default, self._place(meta))

    # --- calls and reductions ---

    def call(self, meta: Meta, name: tree.Name, *arguments: Any) -> tree.Call:
        return tree.Call(name, tuple(self._argument(a) for a in arguments if a is not None), self._place(meta))

    def _argument(self, argument: Any) -> tree.Argument:
        if isinstance(argument, tree.Argument):
            return argument
        if isinstance(argument, Token):
            place = self._token(argument)
            return tree.Argument(None, tree.Ellipsis_(place), place)
        if isinstance(argument, _Span):
            hint = "a range stands in a reduction: sum(t: 1..T: body)"
            raise SpecError("a range is no argument of a call", argument.place, hint=hint)
        return tree.Argument(None, argument, argument.place)

    def keyword(self, meta: Meta, name: Token, value: Expression) -> tree.Argument:
        return tree.Argument(str(name), value, self._place(meta))

    def span(self, meta: Meta, variable: Expression, low: Expression, high: Expression) -> _Span:
        return _Span(variable, low, high, self._place(meta))

    def reduction(self, meta: Meta, name: tree.Name, *parts: Any) -> tree.Reduce:
        *binders, condition, body = parts
        bound = tuple(self._binder(binder) for binder in binders)
        return tree.Reduce(self._reduction(name), bound, condition, body, self._place(meta))

    def over(self, meta: Meta, name: tree.Name, variable: Token, collection: Expression, body: Expression) -> tree.Over:
        return tree.Over(self._reduction(name), str(variable), collection, body, self._place(meta))

    def _reduction(self, name: tree.Name) -> str:
        text = str(name)
        if text not in REDUCTIONS:
            hint = f"the reductions are {', '.join(REDUCTIONS)}; a function is called without ':'"
            guess = nearest(text, REDUCTIONS)
            raise SpecError(f"{text!r} is no reduction", name.place, hint=f"{guess} {hint}" if guess else hint)
        return text

    def _binder(self, binder: Any) -> tree.Binder:
        if isinstance(binder, Token):
            return tree.Binder("...", None, None, self._token(binder))
        low, high, variable = None, None, binder
        if isinstance(binder, _Span):
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
