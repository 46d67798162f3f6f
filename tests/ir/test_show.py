"""Formulas and statements as text: what a reader sees in listings and in emitted modules."""

from fractions import Fraction

import pytest
import sympy as sp

from symnet.ir import functions as f
from symnet.ir.affine import Affine
from symnet.ir.formula import formula
from symnet.ir.program import Access, Indirect, Program, Statement, Tensor, index_symbol, size_symbol, statement
from symnet.ir.show import show, show_guard, show_index, show_statement
from symnet.language.extents import Extent

x, y, z, m = sp.symbols("x y z m", real=True)
n = size_symbol("N")

FORMULAS = [
    (1 - y**2, "1 - y**2"),
    (x - m, "x - m"),
    (x + 1, "x + 1"),
    (2 * x + 1, "2*x + 1"),
    (-x - 1, "-x - 1"),
    (1 - x - y, "1 - x - y"),
    (-x / 2, "-x/2"),
    (3 * x / 4, "3*x/4"),
    (x / (y * z), "x/(y*z)"),
    ((x + y) / (z - m), "(x + y)/(z - m)"),
    (1 / (1 + sp.exp(-x)), "1/(1 + exp(-x))"),
    (1 / sp.sqrt(x + 1), "1/sqrt(x + 1)"),
    (x**-2, "1/x**2"),
    (x ** sp.Rational(3, 2), "x**(3/2)"),
    (x * (1 - y), "x*(1 - y)"),
    ((z - f.eq(x, y)) / n, "(z - (x == y))/N"),
    (-1 / n * x, "-x/N"),
    (f.where(f.lt(0, x), x, 0), "where(x > 0, x, 0)"),
    (f.le(1, x), "x >= 1"),
    (f.eq(0, x + y), "x + y == 0"),
    (f.both(f.lt(x, y), f.le(y, z)), "x < y and y <= z"),
    (f.either(f.both(x, y), z), "x and y or z"),
    (f.both(f.either(x, y), z), "(x or y) and z"),
    (f.negation(f.lt(x, y)), "not x < y"),
    (f.power(x + 1, -y), "(x + 1)**(-y)"),
    (f.power(f.power(x, y), z), "(x**y)**z"),
    (f.floordiv(x, y * z), "x//(y*z)"),
    (f.mod(x + 1, y), "(x + 1) % y"),
    (f.absolute(x), "abs(x)"),
    (f.max2(x, 0), "max(x, 0)"),
    (x - (y - z) * m, "x - m*(y - z)"),
    (sp.E * x, "exp(1)*x"),
    (sp.atan(x), "arctan(x)"),
    (-f.INFINITY, "-inf"),
    (sp.Rational(1, 2), "1/2"),
    (x - sp.Rational(1, 2), "x - 1/2"),
    (m + x * y / sp.sqrt(1 + z), "m + x*y/sqrt(z + 1)"),
]


@pytest.mark.parametrize(("body", "text"), FORMULAS, ids=[text for _, text in FORMULAS])
def test_a_formula_reads_as_in_a_textbook(body: sp.Expr, text: str) -> None:
    assert formula(body, {}) == text


def test_factors_follow_the_order_of_the_names() -> None:
    assert formula(x * y, {y: "b", x: "a"}) == "b*a"
    assert formula(x * y, {x: "a", y: "b"}) == "a*b"


i, p, u = map(Affine.index, "ipu")
T = Extent.size("T")

GUARDS = [
    (i - 1, "i >= 1"),
    (Affine.of(7) - i, "i < 8"),
    (Affine.of(T - 1) - i, "i < T"),
    (i - p, "i >= p"),
    (i - p - 1, "i > p"),
    (i - p + 2, "p <= i + 2"),
    (i - p - 2, "i >= p + 2"),
    (i * 2 + p - T, "2*i + p >= T"),
]


@pytest.mark.parametrize(("guard", "text"), GUARDS, ids=[text for _, text in GUARDS])
def test_a_guard_is_a_comparison(guard: Affine, text: str) -> None:
    assert show_guard(guard) == text


INDICES = [
    (u * 2 + p - 1, "2*u + p - 1"),
    (Affine.of(T - 1) - i, "T - 1 - i"),
    (i - Affine.of(T + 1), "i - T - 1"),
    (i - Affine.of(T - 1), "i + 1 - T"),
    (p - i, "p - i"),
    (p * -1, "-p"),
    (i * T + p, "T*i + p"),
    (Affine.of(0), "0"),
    (Indirect("y", (i,)), "y[i]"),
]


@pytest.mark.parametrize(("place", "text"), INDICES, ids=[text for _, text in INDICES])
def test_an_index_has_its_positive_terms_first(place: Affine | Indirect, text: str) -> None:
    assert show_index(place) == text


E8, E4, E3 = map(Extent.of, (8, 4, 3))
TENSORS = {
    t.name: t
    for t in (
        Tensor("a", (E8,), "input"),
        Tensor("idx", (E8,), "input", integer=True, bound=E4),
        Tensor("w", (E4, E3), "param"),
        Tensor("y", (E8,), "value"),
        Tensor("long", (Extent.of(16),), "value"),
        Tensor("m", (E4,), "value"),
    )
}
A_I = {x: Access("a", (i,))}
DOMAIN_I = (("i", E8),)

STATEMENTS = [
    (statement(Access("y", (i,)), "=", DOMAIN_I, sp.tanh(x), A_I), "y[i] = tanh(a[i])"),
    (statement(Access("long", (i,)), "=", DOMAIN_I, x, A_I), "long[i: 0..8] = a[i]"),
    (
        statement(Access("long", (i + 8,)), "=", DOMAIN_I, x * index_symbol("i"), A_I),
        "long[i: 8..16] = a[i - 8]*(i - 8)",
    ),
    (
        statement(Access("y", (i,)), "=", DOMAIN_I, x, {x: Access("a", (i - 1,), Fraction(1, 2))}),
        "y[i] = a[i - 1] else (1/2)",
    ),
    (
        statement(Access("y", (i,)), "=", DOMAIN_I, 2 * x, {x: Access("a", (i - 1,), Fraction(0))}),
        "y[i] = 2*(a[i - 1] else 0)",
    ),
    (statement(Access("m", (Indirect("idx", (i,)),)), "+", DOMAIN_I, x, A_I), "m[idx[i]] += a[i]"),
    (
        statement(Access("m", (u,)), "+", (("u", E4), ("p", E3)), x, {x: Access("w", (u, p))}),
        "m[u] = sum(p: w[u, p])",
    ),
    (
        statement(Access("m", (u,)), "max", (("u", E4), ("p", Extent.of(2))), x, {x: Access("a", (u * 2 + p,))}),
        "m[u] = max(p < 2: a[2*u + p])",
    ),
    (
        statement(Access("m", (u,)), "+", (("u", E4), ("i", E8)), x, A_I, guards=(i - u,)),
        "m[u] = sum(i if i >= u: a[i])",
    ),
    (statement(Access("y", (i,)), "+", DOMAIN_I, x, A_I, guards=(i - 1,)), "y[i] = a[i] if i >= 1 else 0"),
    (
        statement(Access("y", (i - 1,)), "+", DOMAIN_I, x, A_I, guards=(i - 1,)),
        "y[i - 1] += a[i] if i >= 1",
    ),
    (
        statement(Access("y", (u * 2 + p,)), "+", (("u", E4), ("p", Extent.of(2))), x, {x: Access("m", (u,))}),
        "y[2*u + p] += m[u] if p < 2",
    ),
]


@pytest.mark.parametrize(("s", "text"), STATEMENTS, ids=[text for _, text in STATEMENTS])
def test_a_statement_in_the_notation_of_the_language(s: Statement, text: str) -> None:
    assert show_statement(s, TENSORS) == text


def test_contributions_are_written_one_by_one() -> None:
    first, second = (statement(Access("y", (i,)), "+", DOMAIN_I, body, A_I) for body in (x, x**2))
    text = show(Program(TENSORS, (first, second), ("y",)))
    assert text.splitlines() == [
        "input a[8]",
        "input idx[8] < 4",
        "param w[4, 3]",
        "",
        "y[i] += a[i]",
        "y[i] += a[i]**2",
        "",
        "output y",
    ]
