"""Syntax tree to text: `to_text(spec)` is the inverse of `parse`, up to layout and comments between statements."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any

from symnet.language import tree

# From the loosest to the tightest, as in grammar.lark.
_LOOSEST, _OR, _AND, _NOT, _COMPARE, _SUM, _PRODUCT, _SIGNED, _POWER, _ATOM = range(10)

# An operator: its level, the levels that its operands need, and how it is written.
_BINARY: dict[str, tuple[int, int, int, str]] = {
    "or": (_OR, _OR, _AND, " or "),
    "and": (_AND, _AND, _NOT, " and "),
    **{op: (_COMPARE, _SUM, _SUM, f" {op} ") for op in ("==", "!=", "<", "<=", ">", ">=")},
    "+": (_SUM, _SUM, _PRODUCT, " + "),
    "-": (_SUM, _SUM, _PRODUCT, " - "),
    **{op: (_PRODUCT, _PRODUCT, _POWER, op) for op in ("*", "/", "//")},
    "%": (_PRODUCT, _PRODUCT, _POWER, " % "),
    "**": (_POWER, _ATOM, _POWER, "**"),
}
# The grammar takes a sign behind any operator, as in a*-b; brackets read better.
_UNARY: dict[str, tuple[int, int, str]] = {
    "not": (_NOT, _NOT, "not "),
    "-": (_SIGNED, _SIGNED, "-"),
    "+": (_SIGNED, _SIGNED, "+"),
}
# Statements of one group stand together, those of different groups are set apart by an empty line.
_GROUPS: tuple[tuple[type, ...], ...] = (
    (tree.Constant, tree.Example),
    (tree.Input,),
    (tree.Declaration,),
    (tree.Equation,),
    (tree.Output, tree.Metric, tree.Minimize),
)
_INDENT = "    "
_EXACT = Context(prec=2000)  # a literal has at most 40 digits and an exponent up to 400


def to_text(spec: tree.Spec) -> str:
    """The text of a spec: `parse` makes an equal tree of it, but for the places."""
    lines = [f"network {spec.name}"] if spec.name else []
    before = -1
    for statement in spec.statements:
        group = _group(statement)
        if lines and (group < 0 or group != before):
            lines.append("")
        lines += _statement(statement)
        before = group
    return "\n".join(lines) + "\n"


def _group(statement: tree.Statement) -> int:
    """The number of the group, or -1 for a statement that stands alone."""
    return next((i for i, types in enumerate(_GROUPS) if isinstance(statement, types)), -1)


# --- expressions ---


def expression_text(node: tree.Expression, needed: int = _LOOSEST) -> str:
    """An expression as text, in brackets where it binds less tightly than is needed."""
    level, text = _EXPRESSIONS[type(node)](node)
    return text if level >= needed else f"({text})"


def _binary(node: tree.Binary) -> tuple[int, str]:
    level, left, right, sign = _BINARY[node.op]
    return level, expression_text(node.left, left) + sign + expression_text(node.right, right)


def _unary(node: tree.Unary) -> tuple[int, str]:
    level, needed, sign = _UNARY[node.op]
    return level, sign + expression_text(node.operand, needed)


def _number(node: tree.Number) -> tuple[int, str]:
    return _ATOM, str(node.value) if node.integer else decimal(node.value)


def decimal(value: Fraction) -> str:
    """The exact decimal text of a number that has one, with a point or an exponent: `0.5`, `2.0`, `1e-7`."""
    number = _EXACT.divide(Decimal(value.numerator), Decimal(value.denominator)).normalize(_EXACT)
    if not -7 < number.adjusted() < 16:
        return str(number).lower().replace("+", "")
    text = f"{number:f}"
    return text if "." in text else f"{text}.0"


def _access(node: tree.Access) -> tuple[int, str]:
    text = _name(node.name) + ("'" if node.primed else "") + _dims(node.dims)
    if node.default is None:
        return _ATOM, text
    default = node.default
    negative = isinstance(default, tree.Unary) and default.op == "-"
    sign, atom = ("-", default.operand) if isinstance(default, tree.Unary) and negative else ("", default)
    return _LOOSEST, f"{text} else {sign}{expression_text(atom, _ATOM)}"


def _call(node: tree.Call) -> tuple[int, str]:
    return _ATOM, f"{_name(node.name)}({', '.join(_argument(argument) for argument in node.arguments)})"


def _argument(argument: tree.Argument) -> str:
    keyword = f"{argument.keyword}=" if argument.keyword is not None else ""
    return keyword + ("..." if isinstance(argument.value, tree.Ellipsis_) else expression_text(argument.value))


def _reduce(node: tree.Reduce) -> tuple[int, str]:
    binders = ", ".join(_binder(binder) for binder in node.binders)
    condition = "" if node.condition is None else f" if {expression_text(node.condition)}"
    return _ATOM, f"{node.op}({binders}{condition}: {expression_text(node.body)})"


def _binder(binder: tree.Binder) -> str:
    if binder.high is None:
        return binder.name
    if binder.low is None:
        return f"{binder.name} < {expression_text(binder.high, _SUM)}"
    return f"{binder.name}: {expression_text(binder.low)}..{expression_text(binder.high)}"


def _over(node: tree.Over) -> tuple[int, str]:
    return _ATOM, f"{node.op}({node.variable} in {expression_text(node.collection)}: {expression_text(node.body)})"


def _listing(node: tree.Listing) -> tuple[int, str]:
    return _ATOM, f"[{', '.join(expression_text(item) for item in node.items)}]"


_EXPRESSIONS: dict[type, Callable[[Any], tuple[int, str]]] = {
    tree.Number: _number,
    tree.Access: _access,
    tree.Call: _call,
    tree.Reduce: _reduce,
    tree.Over: _over,
    tree.Unary: _unary,
    tree.Binary: _binary,
    tree.Listing: _listing,
}


# --- names and dimensions ---


def _name(name: tree.Name) -> str:
    return ".".join(text + ("" if suffix is None else f"{{{expression_text(suffix)}}}") for text, suffix in name.parts)


def _dims(dims: tuple[tree.Dimension, ...] | None) -> str:
    return "" if dims is None else f"[{', '.join(_dimension(dimension) for dimension in dims)}]"


def _dimension(dimension: tree.Dimension) -> str:
    if isinstance(dimension, tree.Ellipsis_):
        return "..."
    if isinstance(dimension, tree.Joined):
        return f"({', '.join(_dimension(part) for part in dimension.parts)})"
    if isinstance(dimension, tree.Plain):
        return expression_text(dimension.value)
    low = "" if dimension.low is None else f"{expression_text(dimension.low)}.."
    return f"{dimension.name}: {low}{expression_text(dimension.high)}"


# --- statements ---


def _statement(node: tree.Statement) -> Iterator[str]:
    """The lines of a statement."""
    return _STATEMENTS[type(node)](node)


def _block(statements: tuple[tree.Statement, ...]) -> Iterator[str]:
    for statement in statements:
        yield from (_INDENT + line for line in _statement(statement))


def _input(node: tree.Input) -> Iterator[str]:
    bound = "" if node.bound is None else f" < {expression_text(node.bound, _SUM)}"
    sampler = "" if node.sampler is None else f" ~ {expression_text(node.sampler)}"
    yield f"input {_name(node.name)}{_dims(node.dims)}{bound}{sampler}"


def _declaration(node: tree.Declaration) -> Iterator[str]:
    yield f"{node.role} {_name(node.name)}{_dims(node.dims)} ~ {expression_text(node.sampler)}"


def _constant(node: tree.Constant) -> Iterator[str]:
    yield f"const {node.name} = {expression_text(node.value)}"


def _example(node: tree.Example) -> Iterator[str]:
    yield f"example {node.name} = {expression_text(node.value)}"


def _target(target: tree.Target) -> str:
    return _name(target.name) + ("'" if target.primed else "") + _dims(target.dims)


def _equation(node: tree.Equation) -> Iterator[str]:
    targets = ", ".join(_target(target) for target in node.targets)
    yield f"{targets} {'+=' if node.scatter else '='} {expression_text(node.value)}"


def _output(node: tree.Output) -> Iterator[str]:
    yield f"output {', '.join(expression_text(name) for name in node.names)}"


def _metric(node: tree.Metric) -> Iterator[str]:
    yield f"metric {node.name} = {expression_text(node.value)}"


def _minimize(node: tree.Minimize) -> Iterator[str]:
    optimizer = "" if node.optimizer is None else f" with {expression_text(node.optimizer)}"
    groups = ", ".join(_name(name) + (".*" if whole else "") for name, whole in node.over or ())
    yield f"minimize {expression_text(node.value)}{optimizer}{' over ' + groups if groups else ''}"


def _comment(comment: str) -> Iterator[str]:
    if comment:
        yield from (f"# {line}".rstrip() for line in comment.split("\n"))


def _formals(formals: tuple[tree.Formal, ...]) -> str:
    shown = (
        formal.name + _dims(formal.dims) + ("" if formal.default is None else f"={expression_text(formal.default)}")
        for formal in formals
    )
    return f"({', '.join(shown)})"


def _layer(node: tree.Layer) -> Iterator[str]:
    yield from _comment(node.comment)
    head = f"layer {node.name}{_formals(node.formals)}"
    if node.value is not None:
        yield f"{head} = {expression_text(node.value)}"
        return
    yield f"{head} -> {', '.join(_target(result) for result in node.results)}:"
    yield from _block(node.body)


def _optimizer(node: tree.Optimizer) -> Iterator[str]:
    yield from _comment(node.comment)
    yield f"optimizer {node.name}{_formals(node.formals)}:"
    yield from _block(node.body)


def _function(node: tree.Function) -> Iterator[str]:
    yield from _comment(node.comment)
    yield f"function {node.name}{_formals(node.formals)} = {expression_text(node.value)}"


def _if(node: tree.If) -> Iterator[str]:
    yield f"if {expression_text(node.condition)}:"
    yield from _block(node.then)
    otherwise = node.otherwise
    while len(otherwise) == 1 and isinstance(otherwise[0], tree.If):
        chained = otherwise[0]
        yield f"else if {expression_text(chained.condition)}:"
        yield from _block(chained.then)
        otherwise = chained.otherwise
    if otherwise:
        yield "else:"
        yield from _block(otherwise)


def _for(node: tree.For) -> Iterator[str]:
    yield f"for {node.variable} in {expression_text(node.low)}..{expression_text(node.high)}:"
    yield from _block(node.body)


_STATEMENTS: dict[type, Callable[[Any], Iterator[str]]] = {
    tree.Input: _input,
    tree.Declaration: _declaration,
    tree.Constant: _constant,
    tree.Example: _example,
    tree.Equation: _equation,
    tree.Output: _output,
    tree.Metric: _metric,
    tree.Minimize: _minimize,
    tree.Layer: _layer,
    tree.Optimizer: _optimizer,
    tree.Function: _function,
    tree.If: _if,
    tree.For: _for,
}
