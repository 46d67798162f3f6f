"""Common factors out of sums: the last touch before an expression is printed.

SymPy multiplies a number into a sum by itself, so the products made here are unevaluated: `tidy` comes last.
"""

from __future__ import annotations

import sympy as sp

from symnet.ir.functions import where
from symnet.passes.conditions import singular


def tidy(e: sp.Expr) -> sp.Expr:
    """The same value with the factors that all terms share, and those that no bound index touches, outside."""
    if not e.args or isinstance(e, sp.Indexed):
        return e
    if isinstance(e, sp.Sum):
        return _sum(tidy(e.function), e.limits)
    args = tuple(tidy(a) for a in e.args)
    if isinstance(e, sp.Add):
        return factored(sp.Add(*args))
    if isinstance(e, sp.Mul):
        return product([f for a in args for f in factors(a)])
    return e if args == e.args else e.func(*args)


def factors(e: sp.Expr) -> tuple[sp.Expr, ...]:
    """The factors of a product; a number that stands before a sum stays apart."""
    return tuple(sp.Mul.make_args(e))


def product(parts: list[sp.Expr]) -> sp.Expr:
    """The product, with a number kept outside of a sum."""
    number = sp.Mul(*(p for p in parts if p.is_Number))
    rest = sp.Mul(*(p for p in parts if not p.is_Number))
    if number == 1:
        return rest
    if isinstance(rest, sp.Add):
        return -rest if number == -1 else sp.Mul(number, rest, evaluate=False)
    return number * rest


def factored(e: sp.Expr) -> sp.Expr:
    """A sum with the factors that all of its terms share in front."""
    terms = sp.Add.make_args(e)
    if len(terms) < 2:
        return e
    split = [term.as_coeff_mul() for term in terms]
    number = _common_number([coefficient for coefficient, _ in split])
    powers = [_powers(rest) for _, rest in split]
    shared = {
        base: exponent for base, exponent in powers[0].items() if all(p.get(base) == exponent for p in powers[1:])
    }
    if number == 1 and not shared:
        return e
    outside = [sp.Pow(base, exponent) for base, exponent in shared.items()]
    inside = sp.Add(*(_divided(c / number, p, shared) for (c, _), p in zip(split, powers, strict=True)))
    return product([number, *outside, inside])


def _divided(number: sp.Rational, powers: dict[sp.Expr, sp.Expr], shared: dict[sp.Expr, sp.Expr]) -> sp.Expr:
    return number * sp.Mul(*(sp.Pow(base, exponent) for base, exponent in powers.items() if base not in shared))


def _powers(rest: tuple[sp.Expr, ...]) -> dict[sp.Expr, sp.Expr]:
    found: dict[sp.Expr, sp.Expr] = {}
    for factor in rest:
        base, exponent = factor.as_base_exp() if isinstance(factor, sp.Pow) else (factor, sp.S.One)
        found[base] = found.get(base, sp.S.Zero) + exponent
    return found


def _common_number(numbers: list[sp.Rational]) -> sp.Expr:
    """The number before every term if it is the same but for its sign, negative where it is so in all; else 1."""
    common = abs(numbers[0])
    if any(abs(number) != common for number in numbers):
        return sp.S.One
    return -common if all(number < 0 for number in numbers) else common


def _sum(body: sp.Expr, limits: tuple[sp.Tuple, ...]) -> sp.Expr:
    bound = {limit[0] for limit in limits}
    if not (isinstance(body, where) and body.args[2] == 0):
        return _split(factors(body), limits)
    condition, value, _ = body.args
    if not condition.free_symbols & bound:
        return where(condition, _sum(value, limits), 0)
    return _split(factors(value), limits, condition)


def _split(parts: tuple[sp.Expr, ...], limits: tuple[sp.Tuple, ...], condition: sp.Expr | None = None) -> sp.Expr:
    """A sum with its constant factors outside; one that may be infinite stays behind the condition that guards it."""
    bound = {limit[0] for limit in limits}
    outside: list[sp.Expr] = []
    inside: list[sp.Expr] = []
    for part in parts:
        stays = part.free_symbols & bound or condition is not None and _may_be_infinite(part)
        (inside if stays else outside).append(part)
    if condition is None and not inside:
        inside, outside = outside, []
    rest = sp.Mul(*inside)
    total = sp.Sum(rest if condition is None else where(condition, rest, 0), *limits)
    return product([*outside, total])


def _may_be_infinite(e: sp.Expr) -> bool:
    """Whether it divides by something that is no size, or takes a logarithm."""
    return singular(e) and not all(symbol.is_integer and symbol.is_positive for symbol in e.free_symbols)
