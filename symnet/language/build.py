"""A network built from Python, with SymPy expressions where the text of a spec has formulas.

    net = Builder("line")
    N = net.size("N", example=5)
    n, = indices("n")
    x, t = net.input("x", (N,)), net.input("t", (N,))
    a, b = net.param("a"), net.param("b")
    y = net.define("y", (n,), a*x[n] + b)
    net.minimize(Sum((y[n] - t[n])**2, (n, 0, N - 1))/N, "sgd(rate=0.1)")
    spec = net.spec()

What is built is written out as text and parsed (`net.text()` shows it), so there is one way into the compiler, the
same errors, and places in them. SymPy is imported when the first name is made.

SymPy calculates while one writes: x[n]/x[n] is 1 and exp(log(x[n])) is x[n] before symnet sees them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from symnet.errors import Source, UsageError
from symnet.language import tree
from symnet.language.from_sympy import NOWHERE, PADDED, access, binder, dimension, expression
from symnet.language.nodes import REDUCTIONS
from symnet.language.parse import parse
from symnet.language.unparse import to_text

_BUILT = "<built from Python>"

Formula = Any  # a SymPy expression, a number, or the text of a formula
Dims = Sequence[Any]


# --- what SymPy has no word for ---


def indices(names: str) -> tuple[Any, ...]:
    """Index symbols: `n, i = indices("n i")`. SymPy's `Idx` serves as well, and brings a range along."""
    from sympy import Symbol

    return tuple(Symbol(str(access(name).name), integer=True) for name in names.replace(",", " ").split())


def padded(read: Any, default: Formula = 0) -> Any:
    """`x[i - 1] else 0`: the value that a read has outside of the tensor. Raises UsageError for what is no read."""
    from sympy import Function, Indexed

    if not isinstance(read, Indexed):
        raise UsageError(f"{read} is no read of a tensor", hint="padded takes a read with brackets, x[n, i - 1]")
    return Function(PADDED)(read, default)


def reduction(op: str, over: Any, body: Any, where: Any = None) -> Any:
    """`max(k: z[n, k])`, written `reduction("max", k, z[n, k])`.

    `op` is one of sum, mean, prod, max, min, argmax, argmin. `over` is an index, or a list of them; an index is a
    symbol, whose range follows from the tensors, or (i, first, last). What `where` excludes takes no part.
    Raises UsageError for an unknown op.
    """
    from sympy import Function, Tuple

    if op not in REDUCTIONS:
        raise UsageError(f"{op!r} is no reduction", hint=f"the reductions are {', '.join(REDUCTIONS)}")
    limits = over if isinstance(over, list) else [over]
    for limit in limits:
        binder(limit)
    condition = [] if where is None else [where]
    integer = {"integer": True} if op in ("argmax", "argmin") else {}
    return Function(op, **integer)(Tuple(*limits), body, *condition)


# --- the builder ---


class Builder:
    """Collects the statements of a spec, one call for each; `spec()` is the result.

    Every method that makes a tensor gives back the SymPy object to use in formulas: a `Symbol` for a single number,
    an `IndexedBase` for a tensor. Dimensions are given as in the text: sizes in declarations, index symbols on the
    left of an equation, a tuple for joined indices. A text in the place of a formula is one of the language.
    """

    def __init__(self, name: str) -> None:
        self._name = str(access(name).name)
        self._statements: list[tree.Statement] = []

    def __getitem__(self, name: str) -> Any:
        """The tensor of this name, for those that a layer made: `net["h.W"][i, o]`."""
        return _tensor(name)

    # --- declarations ---

    def size(self, name: str, *, example: int | None = None) -> Any:
        """A size that is known when the module runs; `example` is its value in checks."""
        from sympy import Symbol

        node = access(name)
        if example is not None:
            self._add(tree.Example(str(node.name), expression(example), NOWHERE))
        return Symbol(name, integer=True, positive=True)

    def const(self, name: str, value: Formula) -> Any:
        """`const name = value`: known when compiled, and open to being set from outside."""
        from sympy import Symbol

        self._add(tree.Constant(str(access(name).name), _formula(value), NOWHERE))
        return Symbol(name, integer=True) if isinstance(value, int) else Symbol(name)

    def input(self, name: str, shape: Dims = (), *, below: Formula = None, sampler: str | None = None) -> Any:
        """`input name[shape]`: real, or an integer from 0 to `below` - 1. `sampler` says what test data looks like."""
        bound = None if below is None else _formula(below)
        looks = None if sampler is None else _formula(sampler)
        self._add(tree.Input(access(name).name, _dims(shape), bound, looks, NOWHERE))
        return _made(name, shape, integer=below is not None)

    def param(self, name: str, shape: Dims = (), init: Formula = "zeros") -> Any:
        """`param name[shape] ~ init`: what is learned."""
        return self._declare("param", name, shape, init)

    def state(self, name: str, shape: Dims = (), init: Formula = "zeros") -> Any:
        """`state name[shape] ~ init`: carried from step to step; `define(name + "'", …)` says what comes next."""
        return self._declare("state", name, shape, init)

    def random(self, name: str, shape: Dims = (), sampler: Formula = "normal") -> Any:
        """`random name[shape] ~ sampler`: drawn anew at each step."""
        return self._declare("random", name, shape, sampler)

    def _declare(self, role: str, name: str, shape: Dims, init: Formula) -> Any:
        self._add(tree.Declaration(role, access(name).name, _dims(shape), _formula(init), NOWHERE))
        return _made(name, shape)

    # --- equations ---

    def define(self, name: str, over: Dims | None, value: Formula) -> Any:
        """`name[over] = value`. `()` defines a single number, None a tensor whose formula has no brackets, as h + x."""
        self._equation(name, over, value, scatter=False)
        return _tensor(name) if over is None else _made(name, over)

    def scatter(self, name: str, places: Dims, value: Formula) -> None:
        """`name[places] += value`: adds to elements that an index tensor chooses, next to an equation of `define`."""
        self._equation(name, places, value, scatter=True)

    def _equation(self, name: str, over: Dims | None, value: Formula, *, scatter: bool) -> None:
        self._add(tree.Equation((_target(name, over),), _formula(value), scatter, NOWHERE))

    def layer(self, names: str, layer: str, *arguments: Any, **options: Any) -> Any:
        """`names = layer(arguments, options)`: `net.layer("h", "dense", x, 32, activation="tanh")`.

        Several results have their names in one text, "h last", and come back as a tuple.
        """
        targets = names.replace(",", " ").split()
        given = [tree.Argument(None, _formula(value), NOWHERE) for value in arguments]
        given += [tree.Argument(str(access(key).name), _formula(value), NOWHERE) for key, value in options.items()]
        call = tree.Call(access(layer).name, tuple(given), NOWHERE)
        self._add(tree.Equation(tuple(_target(name, None) for name in targets), call, False, NOWHERE))
        results = tuple(_tensor(name) for name in targets)
        return results if len(results) > 1 else results[0]

    # --- what comes out ---

    def output(self, *tensors: Any) -> None:
        """`output a, b`: tensors, or their names."""
        names = tuple(access(tensor) if isinstance(tensor, str) else expression(tensor) for tensor in tensors)
        reads = tuple(name for name in names if isinstance(name, tree.Access) and name.dims is None)
        if not names or len(reads) < len(names):
            raise UsageError("an output is a whole tensor", hint="net.output(p), net.output(p, h)")
        self._add(tree.Output(reads, NOWHERE))

    def metric(self, name: str, value: Formula) -> None:
        """`metric name = value`: a number to report."""
        self._add(tree.Metric(str(access(name).name), _formula(value), NOWHERE))

    def minimize(self, value: Formula, optimizer: str | None = None, *, over: Iterable[str] = ()) -> None:
        """`minimize value with optimizer over …`; `over` names parameters, or whole layers as in "h.*"."""
        groups = tuple((access(name.removesuffix(".*")).name, name.endswith(".*")) for name in over)
        with_ = None if optimizer is None else _formula(optimizer)
        self._add(tree.Minimize(_formula(value), with_, groups or None, NOWHERE))

    # --- the spec ---

    def add(self, text: str) -> None:
        """Statements as text: definitions of layers and functions, `if training`, whatever is shorter that way."""
        for statement in parse(Source(_BUILT, text if text.endswith("\n") else text + "\n")).statements:
            self._add(statement)

    def text(self) -> str:
        """The text of the spec so far."""
        return to_text(tree.Spec(self._name, tuple(self._statements), NOWHERE.source))

    def spec(self) -> tree.Spec:
        """The spec, as if parsed from `text()`. Raises SpecError where the language does not allow what was built."""
        return parse(Source(_BUILT, self.text()))

    def _add(self, statement: tree.Statement) -> None:
        self._statements.append(statement)


def _formula(value: Formula) -> tree.Expression:
    """The expression that a SymPy expression, a number, a list of those, or a text stands for."""
    if isinstance(value, list | tuple):
        return tree.Listing(tuple(_formula(item) for item in value), NOWHERE)
    if not isinstance(value, str):
        return expression(value)
    statements = parse(Source(_BUILT, f"value = {value}\n")).statements
    if len(statements) == 1 and isinstance(statements[0], tree.Equation) and len(statements[0].targets) == 1:
        return statements[0].value
    raise UsageError(f"{value!r} is no formula")


def _dims(entries: Dims) -> tuple[tree.Dimension, ...] | None:
    if isinstance(entries, str) or not isinstance(entries, Sequence):
        raise UsageError(f"{entries!r} is no tuple of dimensions", hint="one dimension is written (N,)")
    return tuple(dimension(entry, binds=True) for entry in entries) or None


def _target(name: str, over: Dims | None) -> tree.Target:
    node = access(name)
    return tree.Target(node.name, node.primed, None if over is None else _dims(over), NOWHERE)


def _made(name: str, dims: Dims, *, integer: bool = False) -> Any:
    from sympy import Symbol

    assumptions = {"integer": True} if integer else {}
    return _tensor(name, **assumptions) if len(dims) else Symbol(name, **assumptions)


def _tensor(name: str, **assumptions: bool) -> Any:
    from sympy import IndexedBase

    access(name)
    return IndexedBase(name, **assumptions)
