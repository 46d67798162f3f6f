"""The delicate operations of a program, statement by statement, and what keeps each from harm.

Whether an argument is above 0, or at most 0, is proved from the formulas alone, looking through the tensors that they
read. What is not proved is said to be open: the test at hostile points shows what it comes to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import sympy as sp

from symnet.ir.functions import (
    CONDITIONS,
    absolute,
    log1p,
    max2,
    min2,
    power,
    sigmoid,
    sign,
    softplus,
    step,
    stop,
    where,
)
from symnet.ir.program import Program, Statement, leaf_number
from symnet.ir.show import show_statement
from symnet.stability.programs import BACKWARD, FORWARD

DEEPEST = 12  # how many tensors a proof looks through


@dataclass(frozen=True)
class Operation:
    """A delicate operation: the part of the program, the statement as a formula, its name, and what guards it."""

    part: str
    formula: str
    operation: str
    guard: str


def operations(program: Program, forward: int) -> Iterator[Operation]:
    """The delicate operations of a program, each kind with each guard once in a statement."""
    signs = Signs(program)
    for number, s in enumerate(program.statements):
        found = [row for row in _REDUCTIONS if s.op in row[0]]
        pairs = [(name, guard) for _, name, guard in found]
        for node in sp.preorder_traversal(s.body):
            pairs += [(name, guard(node, s, signs)) for test, name, guard in _ROWS if test(node)]
        adds = len(program.writers[s.target.tensor]) > 1
        formula = show_statement(s, program.tensors, adds=adds) if pairs else ""
        part = FORWARD if number < forward else BACKWARD
        yield from (Operation(part, formula, name, guard) for name, guard in dict.fromkeys(pairs))


# --- what is proved --------------------------------------------------------------------------------

_POSITIVE = (sp.exp, sigmoid, softplus, sp.cosh)


class Signs:
    """Proofs about the values of a program: above 0, at least 0, at most 0."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.known: dict[tuple[str, str], bool] = {}

    def positive(self, e: sp.Expr, s: Statement, depth: int = DEEPEST) -> bool:
        """Whether an expression of a statement is proved to be above 0."""
        if isinstance(e, sp.Add):
            some = any(self.positive(a, s, depth) for a in e.args)
            return some and all(self.nonnegative(a, s, depth) for a in e.args)
        if isinstance(e, sp.Mul):
            return all(self.positive(a, s, depth) for a in e.args)
        if isinstance(e, sp.Pow) and not isinstance(e, sp.exp):
            return self.positive(e.base, s, depth)
        if isinstance(e, where):
            return all(self.positive(a, s, depth) for a in e.args[1:])
        if isinstance(e, _POSITIVE):
            return True
        return self.tensor("positive", e, s, depth, ("=", "+", "prod", "max", "min")) or bool(e.is_positive)

    def nonnegative(self, e: sp.Expr, s: Statement, depth: int = DEEPEST) -> bool:
        """Whether an expression of a statement is proved to be at least 0."""
        if isinstance(e, sp.Add | sp.Mul):
            return all(self.nonnegative(a, s, depth) for a in e.args)
        if isinstance(e, sp.Pow) and not isinstance(e, sp.exp):
            return bool(e.exp.is_even) or e.exp == sp.S.Half or self.nonnegative(e.base, s, depth)
        if isinstance(e, where):
            return all(self.nonnegative(a, s, depth) for a in e.args[1:])
        if isinstance(e, (*_POSITIVE, *CONDITIONS, absolute, step)):
            return True
        if isinstance(e, max2):
            return any(self.nonnegative(a, s, depth) for a in e.args)
        return self.tensor("nonnegative", e, s, depth, ("=", "+", "prod", "max", "min")) or bool(e.is_nonnegative)

    def bounded(self, e: sp.Expr, s: Statement, depth: int = DEEPEST) -> bool:
        """Whether an exponent is proved to be at most 0: something less the greatest such, min(x, 0), -|x|."""
        if isinstance(e, min2):
            return any(a.is_nonpositive for a in e.args)
        if isinstance(e, sp.Add):
            return any(self.greatest(-a, s) or _above(-a, e - a) for a in e.args)
        access = s.leaf_of(e) if e.is_Symbol else None
        writers = self.program.writers.get(access.tensor, ()) if access else ()
        if depth and len(writers) == 1 and writers[0].op == "=":
            return self.bounded(writers[0].body, writers[0], depth - 1)
        return self.nonnegative(-e, s)

    def greatest(self, e: sp.Expr, s: Statement) -> bool:
        """Whether an expression is the result of a maximum, or that with -inf made finite."""
        while isinstance(e, stop):
            e = e.args[0]
        access = s.leaf_of(e) if e.is_Symbol else None
        writers = self.program.writers.get(access.tensor, ()) if access else ()
        if len(writers) != 1:
            return False
        writer = writers[0]
        kept = isinstance(writer.body, where) and any(self.greatest(a, writer) for a in writer.body.args[1:])
        return writer.op == "max" or kept

    def tensor(self, what: str, e: sp.Expr, s: Statement, depth: int, ops: tuple[str, ...]) -> bool:
        """The same of a leaf: of every statement that writes its tensor."""
        if not e.is_Symbol or leaf_number(e) is None or not depth:
            return False
        access = s.leaves[leaf_number(e) or 0]
        key = (what, access.tensor)
        if key not in self.known:
            self.known[key] = False  # a recurrence proves nothing about itself
            writers = self.program.writers.get(access.tensor, ())
            prove = getattr(self, what)
            filled = all(w.op in ops and _is_filled(w, what) for w in writers)
            self.known[key] = bool(writers) and filled and all(prove(w.body, w, depth - 1) for w in writers)
        fits = access.default is None or (access.default > 0 if what == "positive" else access.default >= 0)
        return self.known[key] and fits


def _above(e: sp.Expr, other: sp.Expr) -> bool:
    """Whether an expression is max(..., other, ...)."""
    while isinstance(e, stop):
        e = e.args[0]
    return e == other or (isinstance(e, max2) and any(_above(a, other) for a in e.args))


def _is_filled(s: Statement, what: str) -> bool:
    """Whether what a reduction starts from shows nowhere, or does no harm: an empty sum is 0, an empty maximum -inf."""
    if s.op in ("=", "prod", "min"):
        return True
    return not s.guards and s.target.plain is not None or (s.op == "+" and what == "nonnegative")


# --- the table -------------------------------------------------------------------------------------

Test = Callable[[sp.Basic], bool]
Guard = Callable[[sp.Expr, Statement, Signs], str]


def _guarded(proved: str, otherwise: str, which: Callable[[sp.Expr], sp.Expr]) -> Guard:
    """A guard for operations whose argument has to be above 0."""

    def guard(e: sp.Expr, s: Statement, signs: Signs) -> str:
        return proved if signs.positive(which(e), s) else otherwise

    return guard


def _exponential(e: sp.Expr, s: Statement, signs: Signs) -> str:
    return "exponent at most 0" if signs.bounded(e.args[0], s) else "open: overflows above 709"


def _divided(e: sp.Expr, s: Statement, signs: Signs) -> str:
    if e.base.is_number or all(leaf_number(symbol) is None for symbol in e.base.free_symbols):
        return "divisor of numbers and sizes"
    return "divisor above 0" if signs.positive(e.base, s) else "open: nothing keeps the divisor from 0"


def _always(text: str) -> Guard:
    return lambda e, s, signs: text


def _power(e: sp.Basic) -> bool:
    return isinstance(e, sp.Pow) and not isinstance(e, sp.exp)


_TIES = "ties go to the first; a NaN stays NaN"
_ROWS: tuple[tuple[Test, str, Guard], ...] = (
    (lambda e: isinstance(e, sp.log), "log", _guarded("argument above 0", "open: log(0) = -inf", lambda e: e.args[0])),
    (
        lambda e: isinstance(e, log1p),
        "log1p",
        _guarded("argument above -1", "open: log1p(-1) = -inf", lambda e: 1 + e.args[0]),
    ),
    (lambda e: isinstance(e, sp.exp), "exp", _exponential),
    (lambda e: _power(e) and e.exp.is_negative is True, "division", _divided),
    (
        lambda e: _power(e) and e.exp.is_Rational and not e.exp.is_Integer,
        "root",
        _guarded("radicand above 0", "open: the slope at 0 is infinite", lambda e: e.base),
    ),
    (lambda e: _power(e) and not e.exp.is_Rational, "power", _always("open: 0 to a power below 0 is inf")),
    (lambda e: isinstance(e, power), "power", _always("0**y has no slope in y, x**0 none in x")),
    (lambda e: isinstance(e, where), "where", _always("the branch not taken is never evaluated")),
    (lambda e: isinstance(e, absolute), "|x|", _always("|x|'(0) = 0")),
    (lambda e: isinstance(e, sign | step), "sign, step", _always("sign(0) = step(0) = 0")),
    (lambda e: isinstance(e, max2 | min2), "max, min", _always(_TIES)),
)
_REDUCTIONS: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (("max", "min"), "max, min", _TIES),
    (("argmax", "argmin"), "argmax, argmin", _TIES),
)
