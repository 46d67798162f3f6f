"""Sums over everything, in parts where that is cheaper than one sum of all terms.

A square, or a product of two tensors, is a `dot`, which reads its operands and writes nothing. softplus(x) is
max(x, 0) + log1p(e) with e = exp(-|x|): the logarithm takes as long as all the rest, and ten times as long where NumPy
has no vectorised one. `_sum_log1p` sums them by products, with few logarithms.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sympy as sp

from symnet.backends.numpy.domain import Task
from symnet.backends.numpy.elementwise import Formula
from symnet.backends.numpy.passing import iterator
from symnet.backends.numpy.scope import Array, Scalar, Scope
from symnet.backends.numpy.stepped import labels_of, stepped
from symnet.backends.numpy.table import softplus_parts
from symnet.ir.functions import softplus
from symnet.planning.costs import volume
from symnet.planning.rows import DOTS, LOGARITHM_OF_PRODUCT

# The sum over everything of a body, times a scale.
Summed = Callable[[sp.Expr, sp.Expr], Array | Scalar]


def total(
    scope: Scope, task: Task, order: tuple[str, ...], body: sp.Expr, scale: sp.Expr, summed: Summed
) -> Scalar | None:
    """The sum of a body over everything, times the scale, in parts; None where one sum is cheaper."""
    if task.free or task.masks:
        return None
    formula = Formula(scope, task, order)
    terms = sp.Add.make_args(body)
    logarithm = next((term for term in terms if _is_softplus(term, formula)), None)
    if logarithm is not None:
        return _sum_of_softplus(scope, formula, logarithm, body - logarithm, scale, summed)
    products = [term for term in terms if _is_product(term, formula)]
    rest = body - sp.Add(*products)
    if not products or _overlap([*products, rest], formula) or not DOTS(len(terms)):
        return None
    parts = [term.as_coeff_Mul() for term in products] + ([(sp.S.One, rest)] if rest != 0 else [])
    found = [summed(part, scale * factor) for factor, part in parts]
    assert all(isinstance(value, Scalar) for value in found)
    return Scalar(" + ".join(value.source for value in found), "real")


def _is_product(term: sp.Expr, formula: Formula) -> bool:
    """Whether a term is a positive multiple of a square, or of a product of two tensors, of all indices."""
    factor, product = term.as_coeff_Mul()
    everything = set(formula.task.reduced)
    if isinstance(product, sp.Pow) and product.exp == 2:
        return bool(factor > 0) and formula.indices(product) == everything
    factors = sp.Mul.make_args(product)
    return len(factors) == 2 and all(f.is_Symbol and formula.indices(f) == everything for f in factors)


def _overlap(parts: Sequence[sp.Expr], formula: Formula) -> bool:
    """Whether something is to be calculated for two of the parts."""
    seen: set[sp.Expr] = set()
    for part in parts:
        inner = {node for node in sp.preorder_traversal(part) if node.args and formula.has_array(node)}
        if seen & inner:
            return True
        seen |= inner
    return False


def _is_softplus(term: sp.Expr, formula: Formula) -> bool:
    """Whether a term is a multiple of softplus(x), x of all indices, which are many or of a number not known yet."""
    task = formula.task
    _, function = term.as_coeff_Mul()
    if not isinstance(function, softplus) or formula.indices(function) != set(task.reduced):
        return False
    count = volume(task.box[name] for name in task.reduced)
    return count.constant is None or bool(LOGARITHM_OF_PRODUCT(count.constant))


def _sum_of_softplus(
    scope: Scope, formula: Formula, term: sp.Expr, rest: sp.Expr, scale: sp.Expr, summed: Summed
) -> Scalar:
    factor, function = term.as_coeff_Mul()
    largest, tail = softplus_parts(function.args[0])
    e = formula.write(formula.value(tail.args[0]))
    assert isinstance(e, Array)
    half = (volume(formula.box[axis] for axis in e.axes) + 1) // 2
    scratch = scope.temporary(("#",), {"#": half}, "real")
    flat = scope.flattened(e, (e.axes,), formula.box)
    halves = scope.bind(f"{e.source}_halves", f"_halves({flat.source}, {scratch.source})")
    name = scope.fresh("log1p_sum")
    scope.line(f"{name} = _sum_log1p({halves})")
    scope.passing.append((iterator(),))
    scope.release(e)
    scope.release(scratch)
    x = function.args[0]
    labels = labels_of(x, rest / factor, formula)
    linear = None if labels is None else stepped(scope, formula, x, labels)
    both = formula.named(Scalar(name, "real", atomic=True))
    if linear is None:
        rest += factor * largest
    else:
        rest, both = rest + factor * labels * x, both + formula.named(linear)
    logarithms = formula.scalar(scale * factor * both)
    if rest == 0:
        return logarithms
    others = summed(rest, scale)
    assert isinstance(others, Scalar)
    return Scalar(f"{others.operand} + {logarithms.source}", "real")
