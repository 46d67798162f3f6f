"""A number that all readers of a tensor add to it is held with the tensor, and so is a factor that all of them have.

    e[n, i] = erf(x[n, i]/sqrt(2))                     e_total[n, i] = erf(x[n, i]/sqrt(2))/2 + 1/2
    y[n, i] = x[n, i]*(e[n, i] + 1)/2                  y[n, i] = x[n, i]*e_total[n, i]
    dx[n, i] = dy[n, i]*(1/2 + g[n, i] + e[n, i]/2)    dx[n, i] = dy[n, i]*(g[n, i] + e_total[n, i])

Only sums that stand in products and sums count. What a function or a power has as its argument stays there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import sympy as sp

from symnet.ir.functions import proper
from symnet.ir.order import looping_tensors
from symnet.ir.program import Program, Statement, fresh_name, leaf, statement
from symnet.passes.definitions import definition, whole
from symnet.passes.order import ordered


def hold_offsets(program: Program) -> Program:
    """The same values, with numbers that all readers of a tensor add to it added once."""
    tensors, looping = dict(program.tensors), looping_tensors(program)
    instead: dict[int, Statement] = {}
    for s in program.statements:
        readers = program.readers.get(s.target.tensor, ())
        if any(id(x) in instead for x in (s, *readers)) or not _may_change(s, readers, program, looping):
            continue
        form = _common(s.target.tensor, readers)
        if form is None:
            continue
        name = fresh_name(f"{s.target.tensor}_total", tensors)
        tensors[name] = replace(tensors[s.target.tensor], name=name, role="value", of="")
        body = proper(form.scale * s.body + form.number)
        instead[id(s)] = statement(replace(s.target, tensor=name), "=", s.domain, body, s.leaves, (), s.origin)
        instead.update((id(r), _reading(r, s.target.tensor, name, form)) for r in readers)
    if not instead:
        return program
    statements = tuple(instead.get(id(s), s) for s in program.statements)
    return ordered(replace(program, tensors=tensors, statements=statements))


@dataclass(frozen=True)
class _Form:
    """scale*t + number, both of them numbers that are not 0, for a tensor t."""

    scale: sp.Rational
    number: sp.Rational

    def times(self, factor: sp.Rational) -> _Form:
        """A multiple."""
        return _Form(factor * self.scale, factor * self.number)


def _may_change(s: Statement, readers: tuple[Statement, ...], program: Program, looping: frozenset[str]) -> bool:
    """Whether a statement defines a tensor that several others read, each in one order of its indices."""
    name = s.target.tensor
    if len(readers) < 2 or name in program.wanted or not s.domain or program.tensors[name].integer:
        return False
    if definition(program.writers[name]) is None or not whole(s, program.tensors):
        return False
    return looping.isdisjoint((name, *(r.target.tensor for r in readers))) and all(
        a.default is None and a.plain is not None and len(set(a.plain)) == len(a.plain)
        for r in readers
        for a in r.leaves
        if name in a.tensors
    )


def _common(name: str, readers: tuple[Statement, ...]) -> _Form | None:
    """The form that all readers hold, or hold multiples of; None where one reads the tensor in another way."""
    found: set[_Form] = set()
    for r in readers:
        for k, access in enumerate(r.leaves):
            for form in _forms(r.body, leaf(k)) if access.tensor == name else ():
                if form is None:
                    return None
                found.add(form)
    without_size = {form.times(1 / abs(form.scale)) for form in found}
    for multiples in (found, without_size, {form.times(1 / form.scale) for form in found}):
        if len(multiples) == 1:
            return multiples.pop()
    return None


def _forms(e: sp.Expr, symbol: sp.Symbol, factor: sp.Rational = sp.S.One) -> Iterator[_Form | None]:
    """The forms in which a body reads a leaf, with the numbers that each is multiplied with; None for no such form."""
    if not e.has(symbol):
        return
    if isinstance(e, sp.Mul):
        number, rest = e.as_coeff_Mul()
        for part in sp.Mul.make_args(rest):
            yield from _forms(part, symbol, factor * number)
        return
    if not isinstance(e, sp.Add):
        yield None
        return
    number, scale = e.as_coeff_Add()[0], e.coeff(symbol)
    if scale.is_Rational and scale != 0:
        yield _Form(scale, number).times(factor) if number.is_Rational and number != 0 else None
        e -= scale * symbol
    for term in sp.Add.make_args(e):
        yield from _forms(term, symbol, factor)


def _reading(r: Statement, name: str, total: str, form: _Form) -> Statement:
    """The statement with `total`, which is scale*t + number, for the tensor t of this name."""
    leaves = {leaf(k): replace(a, tensor=total) if a.tensor == name else a for k, a in enumerate(r.leaves)}
    own = [symbol for symbol, a in leaves.items() if a.tensor == total]
    body = r.body.xreplace({symbol: symbol / form.scale - form.number / form.scale for symbol in own})
    return statement(r.target, r.op, r.domain, proper(body), leaves, r.guards, r.origin)
