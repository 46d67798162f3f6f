"""Rules for quotients of exponentials."""

from __future__ import annotations

import sympy as sp

from symnet.ir.functions import sigmoid, where
from symnet.passes.conditions import conditional_product
from symnet.passes.stabilise.terms import Term, greatest, terms_of
from symnet.passes.stabilise.work import Context, Rule


def _of_sum(e: sp.Expr, context: Context) -> sp.Expr | None:
    """c*exp(w) / sum(exp(z)): both are divided by the greatest exp(z). c*exp(w) may have a condition, else it is 0."""
    divisors = [d for d in e.args if isinstance(d, sp.Pow) and d.exp == -1]
    for divisor in divisors:
        # A factor that is an exponential is taken before one that is a product with one.
        parts = {top: _conditional(top, context) for top in e.args}
        for top, (condition, others, exponent) in sorted(parts.items(), key=lambda item: item[1][1] != 1):
            pair = context.exponential_sum(divisor.base) if exponent != 0 else None
            if pair is None:
                continue
            others *= sp.Mul(*(a for a in e.args if a not in (divisor, top)))
            shifted = sp.exp(context.difference(exponent, pair[0])) / pair[1]
            return context.product(others, where(condition, shifted, 0))
    return None


def _conditional(top: sp.Expr, context: Context) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """A factor as (condition, others, exponent): others*exp(exponent) where the condition holds, else 0."""
    above, condition = context.look(top), sp.S.One
    if isinstance(above, where) and above.args[2] == 0:  # where it is 0, so is the quotient
        condition, above = above.args[:2]
    return condition, *context.factors(above)


def _tanh(e: sp.Expr, context: Context) -> sp.Expr | None:
    for divisor in e.args:
        below = terms_of(divisor.base, context) if _divides(divisor) and divisor.exp == -1 else ()
        for top in e.args if len(below) == 2 else ():
            above = terms_of(top, context)
            found = _tangent(above, below)
            if found is not None:
                return e / divisor / top * found
    return None


def _tangent(above: tuple[Term, ...], below: tuple[Term, ...]) -> sp.Expr | None:
    """(c*exp(a) - c*exp(b))/(d*exp(a) + d*exp(b))"""
    first, second = below
    numerator = {t.exponent: t.coefficient for t in above}
    c, other = numerator.get(first.exponent), numerator.get(second.exponent)
    if len(above) != 2 or c is None or other is None or c != -other or first.coefficient != second.coefficient:
        return None
    return c / first.coefficient * sp.tanh((first.exponent - second.exponent) / 2)


def _logistic(e: sp.Expr, context: Context) -> sp.Expr | None:
    """1 / (a + b*exp(x)), to any power, for numbers a and b above 0."""
    for divisor in sp.Mul.make_args(e):
        found = _sigmoid(divisor, context) if _divides(divisor) else None
        if found is None:
            continue
        others = e / divisor
        if all(len(terms_of(factor, context)) < 2 for factor in sp.Mul.make_args(others)):
            return others * found
    return None


def _sigmoid(divisor: sp.Expr, context: Context) -> sp.Expr | None:
    terms = {t.exponent: t.coefficient for t in terms_of(divisor.base, context)}
    if len(terms) != 2 or 0 not in terms or not all(c.is_number and c.is_positive for c in terms.values()):
        return None
    constant = terms.pop(sp.S.Zero)
    ((exponent, coefficient),) = terms.items()
    return (sigmoid(-exponent - sp.log(coefficient / constant)) / constant) ** -divisor.exp


def _logistic_product(e: sp.Expr, context: Context) -> sp.Expr | None:
    """exp(x)*sigmoid(-x), and with a number added to x."""
    for factor in e.args:
        base, exponent = factor.as_base_exp()
        if not isinstance(base, sigmoid) or not exponent.is_Integer or exponent < 1:
            continue
        x = -base.args[0]
        for other in e.args:
            shift = x - other.exp if isinstance(other, sp.exp) else x
            if shift.is_number:
                return e / factor / other * sp.exp(-shift) * sigmoid(x) * base ** (exponent - 1)
    return None


def _complement(e: sp.Expr, context: Context) -> sp.Expr | None:
    x = context.complement(context.look(e.base)) if _divides(e) else None
    return None if x is None else (1 + sp.exp(x)) ** -e.exp


def _exponentials(e: sp.Expr, context: Context) -> sp.Expr | None:
    """Above and below are divided by the exponential of the greatest exponent below."""
    if _logistic(e, context) is not None:
        return None
    for divisor in sp.Mul.make_args(e):
        below = terms_of(divisor.base, context) if _divides(divisor) else ()
        if len(below) < 2 or not all(context.positive(t.coefficient) for t in below):
            continue
        top, count = greatest(below), -divisor.exp
        above, left = sp.S.One, count
        for factor in sp.Mul.make_args(e / divisor):
            terms = terms_of(factor, context) if left else ()
            left -= 1 if terms else 0
            above = conditional_product(above, sp.Add(*(t.shifted(top, context) for t in terms)) if terms else factor)
        rest = sp.exp(-left * top) * sp.Add(*(t.shifted(top, context) for t in below)) ** -count
        return conditional_product(above, rest)
    return None


def _divides(e: sp.Expr) -> bool:
    return isinstance(e, sp.Pow) and not isinstance(e, sp.exp) and e.exp.is_Integer and bool(e.exp < 0)


QUOTIENTS = (
    Rule("exp(w)/sum(exp(z))  ->  exp(w - max(z))/sum(exp(z - max(z)))", "exp(x)/sum(i: exp(v[i]))", sp.Mul, _of_sum),
    Rule("(exp(x) - exp(-x))/(exp(x) + exp(-x))  ->  tanh(x)", "(exp(x) - exp(-x))/(exp(x) + exp(-x))", sp.Mul, _tanh),
    Rule(
        "1/(a + b*exp(x))  ->  sigmoid(-x - log(b/a))/a", "exp(x)/(1 + exp(x))", (sp.Mul, sp.Pow), _logistic, whole=True
    ),
    Rule("exp(x)*sigmoid(-x)  ->  sigmoid(x)", "exp(x)*sigmoid(-x)", sp.Mul, _logistic_product),
    Rule("1/(1 - sigmoid(x))  ->  1 + exp(x)", "1/(1 - sigmoid(x))", sp.Pow, _complement),
    Rule(
        "exp(z)/(exp(x) + exp(y) + ...)  ->  exp(z - m)/(exp(x - m) + exp(y - m) + ...), m the greatest exponent below",
        "exp(x)/(exp(x) + exp(2*x) + 1)",
        (sp.Mul, sp.Pow),
        _exponentials,
        whole=True,
    ),
)
