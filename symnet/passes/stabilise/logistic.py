"""Rules for sums with the logistic function, its integral softplus, and tanh."""

from __future__ import annotations

import sympy as sp

from symnet.ir.functions import sigmoid, softplus
from symnet.passes.stabilise.work import Context, Rule


def _one_plus_tanh(e: sp.Expr, context: Context) -> sp.Expr | None:
    """a + a*tanh(x) and a - a*tanh(x), a number: the relative error of the sum grows without bound far out."""
    number, rest = e.as_coeff_Add()
    for term in sp.Add.make_args(rest):
        factor, function = term.as_coeff_Mul()
        if number != 0 and isinstance(function, sp.tanh) and abs(factor) == abs(number):
            return e - number - term + 2 * number * sigmoid(2 * factor / number * function.args[0])
    return None


def _softplus_of_both_signs(e: sp.Expr, context: Context) -> sp.Expr | None:
    """a*softplus(-x) + b*softplus(x) where a + b is a number: the cross-entropy of a probability and a label."""
    factors: dict[sp.Expr, sp.Expr] = {}
    for term in e.args:
        for function in sp.Mul.make_args(term):
            if isinstance(function, softplus):
                factors[function.args[0]] = term / function
    for x, b in factors.items():
        a = factors.get(-x)
        if a is not None and not x.could_extract_minus_sign() and (a + b).is_Number:
            return e - a * softplus(-x) - b * softplus(x) + (a + b) * softplus(x) - a * x
    return None


LOGISTIC = (Rule("1 + tanh(x)  ->  2*sigmoid(2*x)", "1 + tanh(x)", sp.Add, _one_plus_tanh),)

# Both sides are safe, and the right one is shorter: what the rules for logarithms leave of a cross-entropy.
IDENTITIES = (
    Rule(
        "y*softplus(-x) + (1 - y)*softplus(x)  ->  softplus(x) - y*x",
        "softplus(x) - softplus(-x)",
        sp.Add,
        _softplus_of_both_signs,
    ),
)
