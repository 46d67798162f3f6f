"""Horner's rule: which sums are polynomials, how many operations they take, and that values stay what they are."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from symnet.backends.numpy.polynomials import polynomial, steps
from symnet.compile import compile_spec, load
from symnet.planning import rows

x, y, n = sp.symbols("x y n", real=True)

# A sum, its coefficients by power, and what is multiplied with on the way down; None where it is left as it is.
SUMS = {
    "gelu": (x * 2 + 3 * x**3, {3: 3, 1: 2}, [2, 1]),
    "three terms": (5 * x**4 + x**2 * 2 - 7, {4: 5, 2: 2, 0: -7}, [2, 2]),
    "with a size": (x / n + x**2 / n**2, {2: n**-2, 1: 1 / n}, [1, 1]),
    "of a function": (sp.tanh(x) ** 3 + 3 * sp.tanh(x), {3: 1, 1: 3}, [2, 1]),
    "minus the highest": (4 - x + 2 * x**2 - x**3, {3: -1, 2: 2, 1: -1, 0: 4}, [1, 1, 1]),
    "one power": (1 - x**2, None, None),
    "no shorter": (x + x**2, None, None),
    "two arrays": (x + y**2 + y**3, None, None),
    "mixed": (x * y + 3 * x**2 + 2 * x**3, None, None),
    "high powers": (2 * x**40 + 3 * x**20, None, None),
}


def has_array(e: sp.Expr) -> bool:
    return bool(e.free_symbols & {x, y})


@pytest.mark.parametrize("name", SUMS)
def test_what_a_polynomial_is(name: str) -> None:
    body, coefficients, powers = SUMS[name]
    found = polynomial(body, has_array)
    assert (found is None) == (coefficients is None)
    if found is not None:
        assert list(found[1].items()) == list(coefficients.items())
        assert steps(found[1]) == powers


@pytest.mark.parametrize("formula", [rows.always, rows.never])
@pytest.mark.parametrize("body", ["2*x + x**3/3", "1 - x + 2*x**2 - x**3", "x**5 - x**2 - 3*x", "x**2 - x**4/3 + 7"])
def test_values_are_those_of_the_sum(body: str, formula: rows.Formula) -> None:
    text = "network polynomial\nexample N = 3\nparam w[i: 4] ~ normal\ninput x[N, 4]\n"
    spec = load(text + f"z[n, i] = w[i]*x[n, i]\nminimize sum(n, i: {body.replace('x', 'z[n, i]')})\n")
    with rows.forced(rows.HORNER, formula) as force:
        module = compile_spec(spec).module  # gradients are compared with differences
    assert force.asked
    rng = np.random.default_rng(5)
    w, x = rng.normal(size=4), rng.normal(size=(3, 4))
    loss, _ = module.loss_and_grad({"w": w}, x)
    assert loss == pytest.approx(eval(body, {"x": w * x}).sum(), rel=1e-13)
