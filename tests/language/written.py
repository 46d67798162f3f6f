"""Networks written in the notation of the language, for tests to compare with."""

from __future__ import annotations

from symnet.errors import Source
from symnet.language.library import load_library
from symnet.language.network import Equation, Expr, Index, Infinity, Network, Num, Op, Reduce, Ref, Size
from symnet.language.parse import parse
from symnet.language.resolve import resolve

_INFIX = {
    "add": "+", "sub": "-", "mul": "*", "div": "/", "floordiv": "//", "mod": "%", "pow": "**",
    "eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "and": "and", "or": "or",
}  # fmt: skip


def network_of(text: str, **options: object) -> Network:
    """The network of a spec, with the library."""
    return resolve(parse(Source("<test>", text)), library=load_library(), **options)


def write(expr: Expr) -> str:
    """An expression. Every operation but a lone one is in brackets; a checked read ends in `!`."""
    match expr:
        case Num():
            return str(expr.value)
        case Infinity():
            return "inf"
        case Index():
            return expr.name
        case Size():
            return f"<{expr.extent}>"
        case Ref():
            brackets = f"[{', '.join(map(write, expr.indices))}]" if expr.indices else ""
            default = "" if expr.default is None else f" else {write(expr.default)}"
            return expr.tensor + brackets + default + "!" * expr.checked
        case Op() if expr.name in _INFIX:
            return f"({write(expr.args[0])} {_INFIX[expr.name]} {write(expr.args[1])})"
        case Op():
            return f"{expr.name}({', '.join(map(write, expr.args))})"
        case Reduce():
            binders = ", ".join(f"{name} < {extent}" for name, extent in expr.binders)
            condition = "" if expr.condition is None else f" if {write(expr.condition)}"
            return f"{expr.op}({binders}{condition}: {write(expr.body)})"
    raise AssertionError(expr)


def write_equation(equation: Equation) -> str:
    """`n < N, k < 3 | y[n, k] = …`."""
    indices = ", ".join(f"{name} < {extent}" for name, extent in equation.indices)
    target = write(Ref(equation.target, equation.places))
    head = f"{indices} | " if indices else ""
    return f"{head}{target} {'+=' if equation.scatter else '='} {write(equation.value)}"


def equations_of(text: str, **options: object) -> list[str]:
    """The equations of a spec, one line each."""
    return [write_equation(equation) for equation in network_of(text, **options).equations]


def shapes_of(text: str, **options: object) -> dict[str, str]:
    """The shapes of all tensors of a spec."""
    network = network_of(text, **options)
    return {name: ", ".join(map(str, tensor.extents)) for name, tensor in network.tensors.items()}
