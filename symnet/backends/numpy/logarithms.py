"""Sums of softplus over everything: the logarithms become one of products.

softplus(x) is max(x, 0) + log1p(e) with e = exp(-|x|). The logarithm takes as long as all the rest, and ten times as
long where NumPy has no vectorised one. `_sum_log1p` sums them by products, with few logarithms.
"""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from symnet.backends.numpy.domain import Task
from symnet.backends.numpy.elementwise import Formula
from symnet.backends.numpy.scope import Array, Scalar, Scope
from symnet.backends.numpy.table import softplus_parts
from symnet.ir.functions import log1p, softplus
from symnet.language.extents import Extent

# Of fewer values the logarithms are calculated one by one: the products take calls too.
FEW = 1024


def softplus_of_all(body: sp.Expr, task: Task, formula: Formula) -> tuple[sp.Expr, sp.Expr] | None:
    """(the term a*softplus(x), what else is added) of a body that is summed over everything; None for another body."""
    if task.free or task.masks or _volume(task).constant is not None and (_volume(task).constant or 0) < FEW:
        return None
    for term in sp.Add.make_args(body):
        factor, function = term.as_coeff_Mul()
        if isinstance(function, softplus) and formula.indices(function) == set(task.reduced):
            return term, body - term
    return None


def sum_of_softplus(
    scope: Scope,
    task: Task,
    order: tuple[str, ...],
    parts: tuple[sp.Expr, sp.Expr],
    scale: sp.Expr,
    total: Callable[[sp.Expr], Array | Scalar],
) -> Scalar:
    """The sum of a*softplus(x) and the rest, times the scale. `total` gives the sum of a body times the scale."""
    factor, function = parts[0].as_coeff_Mul()
    largest, tail = softplus_parts(function.args[0])
    assert isinstance(tail, log1p)
    formula = Formula(scope, task, order)
    e = formula.write(formula.value(tail.args[0]))
    assert isinstance(e, Array)
    scratch = scope.temporary(e.axes, task.box, "real")
    views = [scope.flattened(array, (e.axes,), task.box).source for array in (e, scratch)]
    halves = scope.bind(f"{e.source}_halves", f"_halves({', '.join(views)})")
    name = scope.fresh("log1p_sum")
    scope.line(f"{name} = _sum_log1p({halves})")
    scope.release(e)
    scope.release(scratch)
    rest = total(factor * largest + parts[1])
    assert isinstance(rest, Scalar)
    logarithms = Formula(scope, task, order)
    symbol = logarithms.named(Scalar(name, "real", atomic=True))
    return Scalar(f"{rest.operand} + {logarithms.scalar(scale * factor * symbol).source}", "real")


def _volume(task: Task) -> Extent:
    total = Extent.of(1)
    for name in task.reduced:
        total = total * task.box[name]
    return total
