"""The syntax tree: what the text of a spec says, before any name is looked up.

    statement  = Input | Parameter | State | Random | Constant | Example | Equation | Output | Metric
               | Minimize | Layer | Optimizer | Function | If | For
    expression = Number | Access | Call | Reduce | Over | Unary | Binary | Listing
    dimension  = Ellipsis_ | Plain | Ranged | Joined

Every node is immutable and knows its place. The tree is SymPy-free, so that syntax errors come at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from symnet.errors import Place, Source

# --- names -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Name:
    """A dotted name. A part is its text and the expression in braces: `h{l}.W` is (("h", l), ("W", None))."""

    parts: tuple[tuple[str, Expression | None], ...]
    place: Place

    def __str__(self) -> str:
        return ".".join(text + ("{…}" if suffix is not None else "") for text, suffix in self.parts)


# --- expressions -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Number:
    """A literal: the exact rational of its decimal text. `integer` is False for `1.0` or `1e-3`."""

    value: Fraction
    integer: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Access:
    """`x`, `m'`, `x[n, i - 1] else 0`. `dims` is None where there are no brackets."""

    name: Name
    primed: bool
    dims: tuple[Dimension, ...] | None
    default: Expression | None
    place: Place


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a call; `value` is an `Ellipsis_` for `...`."""

    keyword: str | None
    value: Expression | Ellipsis_
    place: Place


@dataclass(frozen=True, slots=True)
class Call:
    """`f(a, b, k=c)`: a function, a layer, an optimiser; which one is told by the resolver."""

    name: Name
    arguments: tuple[Argument, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Binder:
    """A bound index of a reduction: `i`, `p < k` (extent k), `t: 1..T` (low 1, high T), or `...` (name "...")."""

    name: str
    low: Expression | None
    high: Expression | None
    place: Place


@dataclass(frozen=True, slots=True)
class Reduce:
    """`sum(i, p < k if condition: body)`; `op` is sum, mean, prod, max, min, argmax or argmin."""

    op: str
    binders: tuple[Binder, ...]
    condition: Expression | None
    body: Expression
    place: Place


@dataclass(frozen=True, slots=True)
class Over:
    """`sum(p in weights: body)`: a reduction over parameters, expanded at compile time."""

    op: str
    variable: str
    collection: Expression
    body: Expression
    place: Place


@dataclass(frozen=True, slots=True)
class Unary:
    """`op` is `-`, `+` or `not`."""

    op: str
    operand: Expression
    place: Place


@dataclass(frozen=True, slots=True)
class Binary:
    """`op` is one of `+ - * / // % ** == != < <= > >= and or`."""

    op: str
    left: Expression
    right: Expression
    place: Place


@dataclass(frozen=True, slots=True)
class Listing:
    """`[64, 32]`, a compile-time list."""

    items: tuple[Expression, ...]
    place: Place


Expression = Number | Access | Call | Reduce | Over | Unary | Binary | Listing


# --- dimensions, between the brackets --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ellipsis_:
    """`...`: any run of indices, the same everywhere in a layer."""

    place: Place


@dataclass(frozen=True, slots=True)
class Plain:
    """An index expression, or a size in a declaration: `n`, `i - 1`, `64`, `y[n]`."""

    value: Expression
    place: Place


@dataclass(frozen=True, slots=True)
class Ranged:
    """`i: I` (low is None) or `j: 0..8`. `name` is "..." for `...: e`."""

    name: str
    low: Expression | None
    high: Expression
    place: Place


@dataclass(frozen=True, slots=True)
class Joined:
    """`(h, k)`: the row-major joined index."""

    parts: tuple[Dimension, ...]
    place: Place


Dimension = Ellipsis_ | Plain | Ranged | Joined


# --- statements ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Input:
    """`input y[N] < 10 ~ uniform(0.1, 1)`: `bound` makes it an integer tensor, `sampler` says what test data is."""

    name: Name
    dims: tuple[Dimension, ...] | None
    bound: Expression | None
    sampler: Call | Expression | None
    place: Place


@dataclass(frozen=True, slots=True)
class Declaration:
    """`param W[i: 64, j] ~ init(...)`, and the same with `state` and `random`: `role` says which."""

    role: str
    name: Name
    dims: tuple[Dimension, ...] | None
    sampler: Expression
    place: Place


@dataclass(frozen=True, slots=True)
class Constant:
    """`const NAME = e`."""

    name: str
    value: Expression
    place: Place


@dataclass(frozen=True, slots=True)
class Example:
    """`example N = 4`: the value of a size in tests and checks."""

    name: str
    value: Expression
    place: Place


@dataclass(frozen=True, slots=True)
class Target:
    """A left-hand side: `y[n, (c, i)]`, `m'`, `y[n, j: 0..8]`."""

    name: Name
    primed: bool
    dims: tuple[Dimension, ...] | None
    place: Place


@dataclass(frozen=True, slots=True)
class Equation:
    """`targets = e`, or `target += e` where `scatter` is True. Several targets only for a layer call."""

    targets: tuple[Target, ...]
    value: Expression
    scatter: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Output:
    """`output a, b`."""

    names: tuple[Access, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Metric:
    """`metric name = e`."""

    name: str
    value: Expression
    place: Place


@dataclass(frozen=True, slots=True)
class Minimize:
    """`minimize e [with optimizer(...)] [over a.*, b]`: `over` holds dotted names and whether they end in `.*`."""

    value: Expression
    optimizer: Expression | None
    over: tuple[tuple[Name, bool], ...] | None
    place: Place


@dataclass(frozen=True, slots=True)
class Formal:
    """A formal of a layer, optimiser or function: `x[..., i: I]` (dims given), `units`, `k=3` (default given)."""

    name: str
    dims: tuple[Dimension, ...] | None
    default: Expression | None
    place: Place


@dataclass(frozen=True, slots=True)
class Layer:
    """A template of equations. `results` is empty for the one-line form, where `value` is the expression."""

    name: str
    formals: tuple[Formal, ...]
    results: tuple[Target, ...]
    body: tuple[Statement, ...]
    value: Expression | None
    comment: str
    place: Place


@dataclass(frozen=True, slots=True)
class Optimizer:
    """`optimizer name(p[...], g[...], rate): block`, which defines `p'`."""

    name: str
    formals: tuple[Formal, ...]
    body: tuple[Statement, ...]
    comment: str
    place: Place


@dataclass(frozen=True, slots=True)
class Function:
    """`function f(x, k=1) = e`, a scalar function."""

    name: str
    formals: tuple[Formal, ...]
    value: Expression
    comment: str
    place: Place


@dataclass(frozen=True, slots=True)
class If:
    """A compile-time choice."""

    condition: Expression
    then: tuple[Statement, ...]
    otherwise: tuple[Statement, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class For:
    """A compile-time loop over `low..high`, half-open."""

    variable: str
    low: Expression
    high: Expression
    body: tuple[Statement, ...]
    place: Place


Definition = Layer | Optimizer | Function
Statement = Input | Declaration | Constant | Example | Equation | Output | Metric | Minimize | Definition | If | For


@dataclass(frozen=True, slots=True)
class Spec:
    """A parsed file. `name` is the `network` line's, empty in a library."""

    name: str
    statements: tuple[Statement, ...]
    source: Source
