"""Matrix forms: each row has a formula in index notation, its matrix form, and the same in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from symnet.ir.interpret import interpret
from symnet.notation.formula import Formulas
from symnet.passes.lower import lower
from tests.support import network_of

HEAD = """
input A[n: 3, j: 4]
input B[n: 3, c: 5]
input C[j: 4, c: 5]
input u[n: 3]
input v[j: 4]
input w[c: 5]
input S[i: 3, m: 3]
input q
input y[n: 3] < 5
"""

Row = tuple[str, str, Callable[..., Any]]
ROWS: list[Row] = [
    ("out[j, c] = sum(n: A[n, j]*B[n, c])", "Aᵀ B", lambda A, B, **_: A.T @ B),
    ("out[c, j] = sum(n: A[n, j]*B[n, c])", "Bᵀ A", lambda A, B, **_: B.T @ A),
    ("out[n, j] = sum(c: B[n, c]*C[j, c])", "B Cᵀ", lambda B, C, **_: B @ C.T),
    ("out[n, c] = sum(j: A[n, j]*v[j]*C[j, c])", "A diag(v) C", lambda A, C, v, **_: A @ np.diag(v) @ C),
    ("out[j, c] = sum(n: u[n]*A[n, j]*B[n, c])", "Aᵀ diag(u) B", lambda A, B, u, **_: A.T @ np.diag(u) @ B),
    ("out[c] = sum(n: B[n, c])", "1ᵀ B", lambda B, **_: np.ones(3) @ B),
    ("out[n] = sum(c: B[n, c])", "B 1", lambda B, **_: B @ np.ones(5)),
    ("out[j] = sum(n: A[n, j]*u[n])", "Aᵀ u", lambda A, u, **_: A.T @ u),
    ("out[n] = sum(j, c: A[n, j]*C[j, c]*w[c])", "A C w", lambda A, C, w, **_: A @ C @ w),
    ("out = sum(n: u[n]**2)", "1ᵀ (u∘u)", lambda u, **_: np.ones(3) @ (u * u)),
    ("out = sum(n, j: u[n]*A[n, j]*v[j])", "uᵀ A v", lambda u, A, v, **_: u @ A @ v),
    ("out = sum(n, c: B[n, c])", "1ᵀ B 1", lambda B, **_: np.ones(3) @ B @ np.ones(5)),
    ("out[n, j] = u[n]*v[j]", "u vᵀ", lambda u, v, **_: np.outer(u, v)),
    ("out[n, c] = u[n]*B[n, c]*w[c]/2", "diag(u) B diag(w)/2", lambda u, B, w, **_: np.diag(u) @ B @ np.diag(w) / 2),
    ("out[n, c] = B[n, c]*(1 - B[n, c]**2)", "B ∘ (1 - B∘B)", lambda B, **_: B * (1 - B * B)),
    ("out[c, n] = 1 - tanh(q*B[n, c])", "1 - tanh(q Bᵀ)", lambda B, q, **_: 1 - np.tanh(q * B.T)),
    ("out[n, c] = B[n, c] + u[n]", "B + u 1ᵀ", lambda B, u, **_: B + np.outer(u, np.ones(5))),
    ("out[n, c] = w[c] - B[n, c]", "1 wᵀ - B", lambda B, w, **_: np.outer(np.ones(3), w) - B),
    ("out[n, c] = where(B[n, c] > 0, B[n, c], 0)", "[B > 0] ∘ B", lambda B, **_: (B > 0) * B),
    ("out[n, c] = where(c == y[n], 1, 0) - B[n, c]", "onehot(y) - B", lambda B, y, **_: np.eye(5)[y] - B),
    ("out[n, c] = B[n, c]/u[n]", "diag(1 ⊘ u) B", lambda B, u, **_: np.diag(1 / u) @ B),
    ("out[n] = sum(c: w[c])*u[n]", "out_sum u", lambda w, u, **_: w.sum() * u),
]
NONE = [
    "out[i] = S[i, i]",
    "out[n, j, c] = A[n, j]*C[j, c]",
    "out[n, j] = A[n, j]*n",
    "out[n] = sum(c if c <= n: B[n, c])",
    "out[n, c] = B[n, c] + (B[n - 1, c] else 0)",
    "out[n] = sum(j, c: B[n, c]*C[j, c]*A[n, j])",
    "out[n] = max(c: B[n, c])",
]


def formulas_of(equation: str) -> tuple[Formulas, dict[str, Any]]:
    network = network_of(f"{HEAD}{equation}\noutput out\n")
    program = lower(network, ("out",))
    rng = np.random.default_rng(0)
    values = {
        t.name: rng.integers(0, 5, 3) if t.integer else rng.normal(size=[e.value({}) for e in t.extents])
        for t in program.tensors.values()
        if t.given
    }
    return Formulas(program, "out"), interpret(program, values)


@pytest.mark.parametrize(("equation", "text", "meaning"), ROWS, ids=[row[0] for row in ROWS])
def test_the_form_and_what_it_means(equation: str, text: str, meaning: Callable[..., Any]) -> None:
    formulas, numbers = formulas_of(equation)
    form = formulas["out"].matrix_form()
    assert str(form) == f"out = {text}"
    given = {name: value for name, value in numbers.items() if name in "ABCuvwqy"}
    np.testing.assert_allclose(meaning(**given), numbers["out"], rtol=1e-12)
    assert form is not None
    assert form.latex.count("{") == form.latex.count("}")


@pytest.mark.parametrize("equation", NONE)
def test_no_form(equation: str) -> None:
    formulas, _ = formulas_of(equation)
    assert formulas["out"].matrix_form() is None
