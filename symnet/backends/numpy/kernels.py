"""One statement as lines: its kind is told, its value calculated and delivered to its target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import sympy as sp

from symnet.backends.numpy.banded import banded_product
from symnet.backends.numpy.contraction import contract
from symnet.backends.numpy.domain import Task, task_of
from symnet.backends.numpy.elementwise import Formula
from symnet.backends.numpy.instructions import Value
from symnet.backends.numpy.operands import mask_array, operand
from symnet.backends.numpy.passing import count_array
from symnet.backends.numpy.reduction import COMBINE, IDENTITY, copied, grouped, reduce_axes
from symnet.backends.numpy.scatter import scatter
from symnet.backends.numpy.scope import Array, Scalar, Scope
from symnet.backends.numpy.target import Target, covers, is_affine, is_injective, target_of, uncovered
from symnet.backends.numpy.totals import total
from symnet.backends.numpy.views import stays_inside, tensor_kind
from symnet.backends.numpy.windowed import extreme_in_windows, reduced_windows
from symnet.backends.numpy.winograd import tiled_product
from symnet.ir.affine import Affine
from symnet.ir.program import Statement, in_range, leaf_number, size_expression
from symnet.planning.tame import is_safe
from symnet.planning.windows import by_positions, counted_forwards


def statement_lines(scope: Scope, s: Statement, first: bool) -> list[str]:
    """The lines of a statement. `first`: it may store what it calculates, for nothing is there to combine it with."""
    scope.lines = []
    for part in by_positions(counted_forwards(s)):
        scope.release_all()
        _write(scope, part, first)
    return scope.lines


def _write(scope: Scope, s: Statement, first: bool) -> None:
    task = task_of(scope, s)
    if task.empty:
        return
    target = target_of(scope, task, first)
    if target is None:
        scatter(scope, task, lambda part: values(scope, part, None))
    elif task.op in ("argmax", "argmin"):
        if target.array is not None and extreme_in_windows(scope, task, target.array):
            return
        target.deliver(scope, _extreme_position(scope, task, target), task.box)
    elif task.op == "=":
        _store(scope, task, target)
    else:
        target.deliver(scope, values(scope, task, target), task.box)


def begin(scope: Scope, s: Statement, tested: bool) -> bool:
    """Give a tensor its initial value before its first statement; whether that statement may simply store.

    No initial value is needed where the statements that store cover the tensor. `tested`: the statement may not run.
    """
    name = s.target.tensor
    writers = scope.program.writers[name]
    if all(w.op == "=" for w in writers):
        return True
    stored = [w for w in writers if w.op == "="] or [s]
    tasks = [task_of(scope, w) for w in stored]
    plain = all(is_affine(t.target) and is_injective(t.target, t.box) for t in tasks)
    always = not tested and all(guard.terms for w in stored for guard in w.guards)
    whole = plain and always and not any(t.masks and t.op == "=" for t in tasks) and not any(t.empty for t in tasks)
    if whole and covers(scope, [(t.target, t.box) for t in tasks]):
        return True
    rest = uncovered(scope, tasks[0].target, tasks[0].box) if whole and stored == [s] else None
    if rest is not None and s.op != "=":
        for part in rest:
            scope.line(f"{part}.fill({IDENTITY[s.op, tensor_kind(scope, name)]})")
        return True
    for line in initial_lines(scope, name):
        scope.line(line)
    return s.op == "="


def initial_lines(scope: Scope, name: str) -> list[str]:
    """The line that gives a tensor the value of its reduction over nothing, if it is reduced at all."""
    tensor, source = scope.program.tensors[name], scope.names[name]
    reduction = next((w.op for w in scope.program.writers[name] if w.op != "="), None)
    if reduction is None:
        return []
    identity = IDENTITY[reduction, tensor_kind(scope, name)]
    if tensor.extents:
        return [f"{source}.fill({identity})"]
    return [f"{source} = {identity if tensor.integer else scope.constant(identity)}"]


# --- values ----------------------------------------------------------------------------------------


def values(scope: Scope, task: Task, target: Target | None) -> Array | Scalar:
    """The value of a task for every point of its free indices, reduced over the others."""
    out = None if target is None else target.place()
    found = reduced_windows(scope, task, out)
    if found is not None:
        return found
    if task.op == "+" and task.reduced:
        return _sum_of_products(scope, task, out, () if target is None or target.array is None else target.array.axes)
    if not task.reduced:
        return _elementwise(scope, task, out)
    return _reduced(scope, task, out)


def _elementwise(scope: Scope, task: Task, out: Array | None) -> Array | Scalar:
    order = out.axes if out is not None else _natural_order(scope, task)
    formula = Formula(scope, task, order)
    value = _masked(scope, formula, task, task.body)
    return formula.write(value, out)


def _masked(scope: Scope, formula: Formula, task: Task, body: sp.Expr) -> Value:
    """The value of a body with the identity of the reduction where a mask excludes the point."""
    if task.op == "=":
        return formula.value(body, scope.is_real(task.target.tensor) or not formula.integral(body))
    value = formula.whole_value(body)
    if not task.masks:
        return value
    kind = "int" if formula.kind(value) == "int" else "real"
    identity = Scalar(IDENTITY[task.op, kind], kind, constant=True, atomic=True)
    return formula.emit("select", (mask_array(scope, task.masks, task.box), value, identity), kind)


def _natural_order(scope: Scope, task: Task) -> tuple[str, ...]:
    """The order of the axes in which the largest leaf lies in memory; the indices it lacks come before."""
    largest = max((access.indices for access in task.leaves), key=len, default=())
    return (*(name for name in task.box if name not in largest), *largest)


def _store(scope: Scope, task: Task, target: Target) -> None:
    if task.masks:
        target = replace(target, where=mask_array(scope, task.masks, task.box))
    target.deliver(scope, _elementwise(scope, task, target.place()), task.box)


# --- sums of products ------------------------------------------------------------------------------


def _sum_of_products(scope: Scope, task: Task, out: Array | None, lies: tuple[str, ...]) -> Array | Scalar:
    """The sum, in `out` where that could be; else with its axes as the target `lies`, to be combined with it."""
    task = _absorbed(task, scope)
    formula = Formula(scope, task, _natural_order(scope, task))
    scalars, kept, summed = _factors(formula, task)
    if len(summed) == 1 and not kept and scalars != 1 and formula.integral(summed[0]):
        count = _sum_of_products(scope, replace(task, body=summed[0]), None, lies)  # exact, as the quotient then is
        return formula.write(formula.value(scalars * formula.named(count)), out)
    scalars = scalars * _repeats(formula, task, summed)
    scale = None if scalars == 1 else formula.scalar(scalars)
    if len(summed) == 1 and not kept:

        def scaled_sum(body: sp.Expr, factor: sp.Expr) -> Array | Scalar:
            factor = factor * _repeats(formula, task, [body])
            if not formula.has_array(body):
                return formula.scalar(factor * body)
            number = None if factor == 1 else formula.scalar(factor)
            return contract(scope, _operands(scope, task, formula, [body]), (), task.box, None, number)

        in_parts = total(scope, task, formula.order, summed[0], scalars, scaled_sum)
        if in_parts is not None:
            return in_parts
    for row in () if kept else (tiled_product, banded_product):
        found = row(scope, task, summed, out, scale)
        if found is not None:
            return found
    operands = _operands(scope, task, formula, summed)
    if not operands:
        return _elementwise(scope, replace(task, body=scalars * sp.Mul(*kept)), out)
    order = lies if set(lies) == set(task.free) else _natural_order(scope, task)
    keep = tuple(axis for axis in order if axis in task.free)
    if not kept:
        return contract(scope, operands, keep, task.box, out, scale)
    product = contract(scope, operands, keep, task.box, out, None)
    finish = Formula(scope, task, keep)
    return finish.write(finish.value(scalars * sp.Mul(*kept) * finish.named(product)), out)


def _repeats(formula: Formula, task: Task, factors: Sequence[sp.Expr]) -> sp.Expr:
    """How often a sum has the same term: the extents of the reduced indices that no factor and no mask has."""
    seen = {axis for factor in factors for axis in formula.indices(factor)}
    seen |= {axis for mask in task.masks for axis in mask.indices}
    return sp.Mul(*(size_expression(task.box[name]) for name in task.reduced if name not in seen))


def _absorbed(task: Task, scope: Scope) -> Task:
    """The task without its masks where they only keep factors in their ranges: the product is 0 outside of them if its
    leaves are."""
    if not task.masks or not is_safe(task.body) or not all(map(is_affine, task.leaves)):
        return task
    factors = {leaf_number(factor) for factor in sp.Mul.make_args(task.body) if isinstance(factor, sp.Symbol)}
    left = dict.fromkeys(task.masks)
    leaves = []
    for number, access in enumerate(task.leaves):
        extents = scope.program.tensors[access.tensor].extents
        places = [place for place in access.places if isinstance(place, Affine)]
        if access.default is None and not all(
            stays_inside(p, e, task.box) for p, e in zip(places, extents, strict=True)
        ):
            access = replace(access, default=0)
        if number in factors and access.default == 0:
            for guard in (guard for p, e in zip(places, extents, strict=True) for guard in in_range(p, e)):
                left.pop(guard, None)
        leaves.append(access)
    return task if left else replace(task, leaves=tuple(leaves), masks=())


def _factors(formula: Formula, task: Task) -> tuple[sp.Expr, list[sp.Expr], list[sp.Expr]]:
    """The factors of the body: the product of those without an index, those that no reduced index moves, the others."""
    scalars = sp.S.One
    kept: list[sp.Expr] = []
    summed: list[sp.Expr] = []
    for factor in sp.Mul.make_args(task.body):
        if not formula.has_array(factor):
            scalars = scalars * factor
        elif task.masks or formula.indices(factor) & set(task.reduced):
            summed.append(factor)
        else:
            kept.append(factor)
    return scalars, kept, summed


def _operands(scope: Scope, task: Task, formula: Formula, factors: list[sp.Expr]) -> list[Array]:
    """The factors as arrays: those over the same indices are multiplied before."""
    groups: dict[frozenset[str], list[sp.Expr]] = {}
    for factor in factors:
        groups.setdefault(formula.indices(factor), []).append(factor)
    if task.masks:
        return _masked_operands(scope, task, formula, groups)
    if len(groups) > 1:
        return [_operand(scope, task, sp.Mul(*group)) for group in groups.values()]
    parts = next(iter(groups.values()), [])
    if len(parts) == 1 and isinstance(parts[0], sp.Pow) and parts[0].exp == 2:
        parts = [parts[0].base, parts[0].base]
    if len(parts) < 2:
        return [_operand(scope, task, part) for part in parts]
    parts.sort(key=lambda part: not isinstance(part, sp.Symbol))
    left = _operand(scope, task, parts[0])
    return [left, left if parts[1:] == parts[:1] else _operand(scope, task, sp.Mul(*parts[1:]))]


def _masked_operands(
    scope: Scope, task: Task, formula: Formula, groups: dict[frozenset[str], list[sp.Expr]]
) -> list[Array]:
    """The operands with 0 where a mask excludes the point: in one of them, where that decides the whole product."""
    masked = frozenset(name for mask in task.masks for name in mask.indices)
    plain = all(isinstance(factor, sp.Symbol) for group in groups.values() for factor in group)
    host = next((names for names in groups if plain and masked <= names), None)
    if host is None:
        everything = sp.Mul(*(factor for group in groups.values() for factor in group))
        return [_masked_operand(scope, task, everything)]
    return [
        (_masked_operand if names == host else _operand)(scope, task, sp.Mul(*group)) for names, group in groups.items()
    ]


def _operand(scope: Scope, task: Task, body: sp.Expr) -> Array:
    number = leaf_number(body) if isinstance(body, sp.Symbol) else None
    if number is not None:
        found = operand(scope, task, task.leaves[number])
    else:
        formula = Formula(scope, task, _order_for(task, body))
        found = formula.write(formula.whole_value(body))
    assert isinstance(found, Array)
    return found


def _masked_operand(scope: Scope, task: Task, body: sp.Expr) -> Array:
    formula = Formula(scope, task, _order_for(task, body))
    found = formula.write(_masked(scope, formula, task, body))
    assert isinstance(found, Array)
    return found


def _order_for(task: Task, body: sp.Expr) -> tuple[str, ...]:
    """The order in which the largest leaf of the body has its indices; the others come before."""
    numbers = sorted(n for n in (leaf_number(symbol) for symbol in body.free_symbols) if n is not None)
    largest = max((task.leaves[number].indices for number in numbers), key=len, default=())
    return (*(name for name in task.box if name not in largest), *largest)


# --- the other reductions --------------------------------------------------------------------------


def _reduced(scope: Scope, task: Task, out: Array | None) -> Array | Scalar:
    """max, min and prod over some indices."""
    formula = Formula(scope, task, _natural_order(scope, task))
    found = formula.write(_masked(scope, formula, task, task.body))
    missing = [name for name in task.reduced if isinstance(found, Scalar) or name not in found.axes]
    if isinstance(found, Scalar) or (task.op == "prod" and missing) or any(name in task.cut for name in missing):
        axes = tuple(name for name in formula.order if name in task.reduced or name in _axes(found))
        found = _filled(scope, found, axes, task)
    kept = tuple(axis for axis in found.axes if axis in task.free)
    lost = tuple(axis for axis in found.axes if axis not in task.free)
    if not lost:
        return found
    empty = any(name in task.cut for name in lost) or _may_be_empty(task, lost)
    initial = IDENTITY[task.op, found.kind] if empty else ""
    return reduce_axes(scope, COMBINE[task.op], found, kept, lost, task.box, found.kind, out, initial)


def _may_be_empty(task: Task, axes: Sequence[str]) -> bool:
    """Whether one of the axes can be without an element when the module runs, as t: 1..T where T is 1."""
    return not all(task.box[name].at_least(1) for name in axes)


def _axes(value: Array | Scalar) -> tuple[str, ...]:
    return value.axes if isinstance(value, Array) else ()


def _filled(scope: Scope, value: Array | Scalar, axes: tuple[str, ...], task: Task) -> Array:
    """The value repeated along the axes that it lacks."""
    if isinstance(value, Array):
        return copied(scope, value, axes, task.box, "int" if value.kind == "bool" else value.kind)
    result = scope.temporary(axes, task.box, "int" if value.kind != "real" else "real")
    scope.line(f"{result.source}.fill({value.source})")
    return result


def _extreme_position(scope: Scope, task: Task, target: Target) -> Array | Scalar:
    """argmax and argmin: the joined position over the reduced indices, in the order of the domain."""
    if not task.reduced:
        return Scalar("0", "int", constant=True, atomic=True)
    free = target.array.axes if target.array is not None else ()
    order = (*free, *task.reduced)
    formula = Formula(scope, task, order)
    found = formula.write(_masked(scope, formula, task, task.body))
    axes = tuple(name for name in order if name in task.reduced or name in _axes(found))
    if isinstance(found, Scalar) or found.axes != axes or (len(task.reduced) > 1 and not found.whole):
        found = _filled(scope, found, axes, task)
    kept = tuple(axis for axis in axes if axis in free)
    table = grouped(scope, found, (*((axis,) for axis in kept), task.reduced), task.box)
    empty = _may_be_empty(task, task.reduced)
    if not kept:
        position = f"{table.source}.{task.op}()"
        if empty:
            return Scalar(f"({position} if {table.source}.size else 0)", "int")
        return Scalar(position, "int", atomic=True)
    place = target.place(kept)
    if place is None or place.kind != "int":
        place = scope.temporary(kept, task.box, "int")
    if not found.whole:  # it wants the last dimension in one piece
        count_array(scope, axes, task.box, found.kind)
    found_at = f"np.{task.op}({table.source}, axis=-1, out={place.source})"
    if empty:  # over nothing, 0: NumPy has no answer there
        scope.line(f"{place.source}.fill(0)")
        scope.line(f"if {table.source}.size:")
        found_at = f"    {found_at}"
    scope.line(found_at)
    return place
