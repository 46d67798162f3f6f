"""Rules for logarithms. log1p(x) is seen as log(1 + x)."""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from symnet.ir.functions import absolute, log1p, sigmoid, softplus
from symnet.passes.stabilise.terms import Term, greatest, terms_of
from symnet.passes.stabilise.work import Context, Rule

LOG = (sp.log, log1p)


def _of(rule: Callable[[sp.Expr, Context], sp.Expr | None]) -> Callable[[sp.Expr, Context], sp.Expr | None]:
    """A rule for the argument of a logarithm as one for the logarithm."""

    def apply(e: sp.Expr, context: Context) -> sp.Expr | None:
        return rule(e.args[0] if isinstance(e, sp.log) else 1 + e.args[0], context)

    return apply


def _sum(e: sp.Expr, context: Context) -> sp.Expr | None:
    return context.logarithm(e) if e in context.leaves else None


def _sigmoid(e: sp.Expr, context: Context) -> sp.Expr | None:
    e = context.look(e)
    return context.logarithm(e) if isinstance(e, sigmoid | sp.Add) else None


def _product(e: sp.Expr, context: Context) -> sp.Expr | None:
    """The factors whose logarithms are known; the others keep their sign."""
    e = context.look(e)
    if not isinstance(e, sp.Mul | sp.Pow | sp.exp):
        return None
    others, logarithm = context.positive_factors(e)
    if logarithm == 0:
        return None
    if others == 1:
        return logarithm
    divides = all(f.is_number or f.as_base_exp()[1].is_negative for f in sp.Mul.make_args(others))
    return logarithm + (-sp.log(1 / others) if divides else sp.log(others))


def _reduced_product(e: sp.Expr, context: Context) -> sp.Expr | None:
    access = context.leaves.get(e)
    if access is None or access.default is not None:
        return None
    pair = context.stabiliser.split_product(access.tensor)
    if pair is None:
        return None
    total, rest = (context.read(access, name) for name in pair)
    return total + sp.log(rest)


def _even_power(e: sp.Expr, context: Context) -> sp.Expr | None:
    if isinstance(e, sp.Pow) and e.exp.is_Integer and e.exp % 2 == 0:
        return e.exp * sp.log(absolute(e.base))
    return None


def _two_exponentials(e: sp.Expr, context: Context) -> sp.Expr | None:
    terms = terms_of(e, context)
    if len(terms) != 2 or not all(t.coefficient.is_number and t.coefficient.is_positive for t in terms):
        return None
    first, second = sorted(map(_logarithm, terms), key=lambda x: (not x.is_number, sp.default_sort_key(x)))
    return first + softplus(second - first)


def _logarithm(t: Term) -> sp.Expr:
    return t.exponent + sp.log(t.coefficient)


def _exponentials(e: sp.Expr, context: Context) -> sp.Expr | None:
    terms = terms_of(e, context)
    if len(terms) < 2 or not all(context.positive(t.coefficient) for t in terms):
        return None
    top = greatest(terms)
    return top + sp.log(sp.Add(*(t.shifted(top, context) for t in terms)))


def _tanh_squared(e: sp.Expr, context: Context) -> sp.Expr | None:
    """1 - tanh(x)**2 is 4*exp(-2*x)/(1 + exp(-2*x))**2."""
    if not isinstance(e, sp.Add) or len(e.args) != 2 or sp.S.One not in e.args:
        return None
    square = context.look(1 - e)
    root = context.look(square.base) if isinstance(square, sp.Pow) and square.exp == 2 else None
    if not isinstance(root, sp.tanh):
        return None
    x = root.args[0]
    return 2 * (sp.log(2) - x - softplus(-2 * x))


def _near_one(e: sp.Expr, context: Context) -> sp.Expr | None:
    if not isinstance(e, sp.Add):
        return None
    one, rest = e.as_independent(*e.free_symbols)
    return log1p(rest) if one == 1 else None


LOGARITHMS = (
    Rule("log(sum(exp(z)))  ->  max(z) + log(sum(exp(z - max(z))))", "log(sum(i: exp(v[i])))", LOG, _of(_sum)),
    Rule("log(sigmoid(x))  ->  -softplus(-x)", "log(sigmoid(x))", LOG, _of(_sigmoid)),
    Rule("log(exp(a)*b)  ->  a + log(b)", "log(exp(x) / sum(i: exp(v[i])))", LOG, _of(_product)),
    Rule("log(prod(exp(a)*b))  ->  sum(a) + log(prod(b))", "log(prod(i: exp(v[i])*x))", LOG, _of(_reduced_product)),
    Rule("log(x**2)  ->  2*log(|x|)", "log(x**2)", LOG, _of(_even_power)),
    Rule("log(a + b*exp(x))  ->  log(a) + softplus(x + log(b/a))", "log(1 + exp(x))", LOG, _of(_two_exponentials)),
    Rule(
        "log(exp(x) + exp(y) + ...)  ->  m + log(exp(x - m) + exp(y - m) + ...), m the greatest exponent",
        "log(exp(x) + exp(2*x) + 1)",
        LOG,
        _of(_exponentials),
    ),
    Rule("log(1 - tanh(x)**2)  ->  2*(log(2) - x - softplus(-2*x))", "log(1 - tanh(x)**2)", LOG, _of(_tanh_squared)),
    Rule("log(1 + x)  ->  log1p(x)", "log(1 + x**3)", sp.log, _of(_near_one)),
)
