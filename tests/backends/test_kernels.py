"""Every kernel against the interpreter, statement by statement, and what the emitted lines must look like."""

from __future__ import annotations

import warnings
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from symnet.errors import UnsupportedError
from symnet.ir import functions as f
from symnet.ir.affine import Affine
from symnet.ir.interpret import interpret
from symnet.ir.program import (
    Access,
    Indirect,
    Place,
    Program,
    Statement,
    Tensor,
    in_range,
    index_symbol,
    leaf,
    size_symbol,
    statement,
)
from symnet.ir.verify import verify
from symnet.language.extents import Extent
from tests.backends.kernel_runs import function_source, run

N = Extent.size("N")
X, Y, Z = leaf(0), leaf(1), leaf(2)
i, j, k = (Affine.index(name) for name in "ijk")
SIZES = {"N": 5}


def at(tensor: str, *places: Place | int, default: Fraction | float | None = None) -> Access:
    return Access(tensor, tuple(Affine.of(p) if isinstance(p, int) else p for p in places), default)


def by(tensor: str, *places: Affine, checked: bool = True) -> Indirect:
    return Indirect(tensor, places, checked)


# Given tensors: v[N], w[4], A[N, 4], B[4, 3], C[3, 4, N], P[N, 4] > 0, s, ids[N] < 4, table[4, 3], one[6] < 3
TENSORS = {
    t.name: t
    for t in (
        Tensor("v", (N,), "input"),
        Tensor("w", (Extent.of(4),), "param"),
        Tensor("A", (N, Extent.of(4)), "input"),
        Tensor("B", (Extent.of(4), Extent.of(3)), "param"),
        Tensor("C", (Extent.of(3), Extent.of(4), N), "input"),
        Tensor("P", (N, Extent.of(4)), "input"),
        Tensor("s", (), "param"),
        Tensor("ids", (N,), "input", True, Extent.of(4)),
        Tensor("q", (Extent.of(12),), "param"),
    )
}


def values(seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    n = SIZES["N"]
    return {
        "v": rng.normal(size=n),
        "w": rng.normal(size=4),
        "A": rng.integers(-3, 4, size=(n, 4)) / 2,  # with ties
        "B": rng.normal(size=(4, 3)),
        "C": rng.normal(size=(3, 4, n)),
        "P": rng.uniform(0.1, 2, size=(n, 4)),
        "s": np.array(0.7),
        "ids": rng.integers(0, 4, size=n),
        "q": rng.normal(size=12),
    }


Shape = tuple[Extent | int, ...]


def program(*statements: Statement, shapes: dict[str, Shape], integer: tuple[str, ...] = ()) -> Program:
    tensors = dict(TENSORS)
    for name, shape in shapes.items():
        tensors[name] = Tensor(name, tuple(map(Extent.of, shape)), "value", name in integer)
    result = Program(tensors, statements, tuple(shapes), ("N",))
    verify(result)
    return result


def one(
    target: Access,
    op: str,
    body: sp.Expr,
    *leaves: Access,
    shape: Shape,
    guards: tuple[Affine, ...] = (),
    integer: bool = False,
    **domain: Extent | int,
) -> Program:
    """A program of one statement. The domain is given as keywords, in order."""
    box = tuple((name, Extent.of(extent)) for name, extent in domain.items())
    s = statement(target, op, box, body, leaves, guards)
    return program(s, shapes={target.tensor: shape}, integer=(target.tensor,) if integer else ())


def first_column_negated(columns: int) -> Program:
    """A column to which a row has `columns` elements, negated where it lies."""
    box = (("i", N), ("j", Extent.of(columns)))
    rest = (("i", N), ("j", Extent.of(columns - 1)))
    return program(
        statement(at("a", i, j), "=", box, X + index_symbol("j"), (at("v", i),)),
        statement(at("T", i, 0), "=", box[:1], -X, (at("a", i, 0),)),
        statement(at("T", i, j + 1), "=", rest, X, (at("a", i, j + 1),)),
        shapes={"a": (N, columns), "T": (N, columns)},
    )


INF = float("inf")
HALF = Fraction(1, 2)
HALVES = sp.Rational(1, 2)
MAP = at("T", i, j)
ROWS = {"shape": (N, 4), "i": N, "j": 4}

CASES: dict[str, Program] = {
    # elementwise
    "copy": one(MAP, "=", X, at("A", i, j), **ROWS),
    "transposed": one(at("T", j, i), "=", X, at("A", i, j), shape=(4, N), i=N, j=4),
    "row and column": one(MAP, "=", X * Y + Z, at("A", i, j), at("v", i), at("w", j), **ROWS),
    "quotient": one(MAP, "=", (X - 2) / (Y * Z), at("A", i, j), at("P", i, j), at("s"), **ROWS),
    "polynomial": one(MAP, "=", X**3 - 2 * X**2 + X / 3 - 1, at("A", i, j), **ROWS),
    "roots": one(MAP, "=", sp.sqrt(X) + X**-HALVES + X ** (3 * HALVES) + X**-2, at("P", i, j), **ROWS),
    "power": one(MAP, "=", f.power(X, Y), at("P", i, j), at("A", i, j), **ROWS),
    "functions": one(
        MAP,
        "=",
        sp.exp(-X) * sp.log(X) + sp.sin(X) * sp.cos(X) + sp.tanh(X) + f.sigmoid(X) * f.softplus(-X) + sp.erf(X),
        at("P", i, j),
        **ROWS,
    ),
    "more functions": one(
        MAP,
        "=",
        f.log1p(X) + f.expm1(-X) + sp.atan(X) + sp.sinh(X) / sp.cosh(X) + f.absolute(Y) + f.sign(Y) + f.floor(Y),
        at("P", i, j),
        at("A", i, j),
        **ROWS,
    ),
    "constants": one(MAP, "=", sp.pi * X + sp.sqrt(2) + sp.Rational(1, 3) + size_symbol("N"), at("A", i, j), **ROWS),
    "only a number": one(MAP, "=", sp.Rational(1, 7) / size_symbol("N"), **ROWS),
    "only an index": one(MAP, "=", index_symbol("i") - 2 * index_symbol("j") / size_symbol("N"), **ROWS),
    "kronecker": one(MAP, "=", f.eq(index_symbol("j"), X) - Y, at("ids", i), at("P", i, j), **ROWS),
    "relu": one(MAP, "=", f.where(f.lt(0, X), X, 0), at("A", i, j), **ROWS),
    "clipped": one(MAP, "=", f.max2(f.min2(X, 1), -1), at("A", i, j), **ROWS),
    "guarded root": one(MAP, "=", f.where(f.lt(0, X), sp.sqrt(X) / X, 0), at("A", i, j), **ROWS),
    "guarded logarithm": one(MAP, "=", f.where(f.le(X, 0), Y, sp.log(X)), at("A", i, j), at("P", i, j), **ROWS),
    "conditions": one(
        MAP,
        "=",
        f.both(f.lt(X, Y), f.ne(X, 1)) + f.either(f.le(X, Y), f.negation(X)) + f.step(X) * f.step(Y),
        at("A", i, j),
        at("P", i, j),
        **ROWS,
    ),
    "a condition alone": one(MAP, "=", f.lt(X, 1), at("A", i, j), **ROWS),
    "two conditions": one(MAP, "=", f.lt(X, 1) + f.lt(X, 0), at("A", i, j), **ROWS),
    "a condition on indices, chosen": one(
        MAP,
        "=",
        f.where(f.lt(0, X), f.where(f.lt(index_symbol("i"), 2), 1, 0), 0) * Y,
        at("A", i, j),
        at("w", j),
        **ROWS,
    ),
    "a condition on indices, or a number": one(
        MAP, "=", f.where(f.lt(0, X), f.where(f.lt(index_symbol("i"), 2), 1, 0), Y), at("A", i, j), at("w", j), **ROWS
    ),
    "how often indices differ": one(
        at("T", j), "+", f.where(f.ne(index_symbol("i"), index_symbol("j")), 1, 0), shape=(4,), i=N, j=4
    ),
    "remainder": one(MAP, "=", f.mod(X + index_symbol("j"), 3) + f.floordiv(X, 2), at("ids", i), integer=True, **ROWS),
    "scalar": one(at("T"), "=", sp.exp(X) / 3 - f.where(f.lt(X, 0), sp.log(X), X), at("s"), shape=()),
    "one element": one(at("T"), "=", X + Y, at("A", 2, 3), at("A", Affine.of(N - 1), 0), shape=()),
    "overflow": one(MAP, "=", f.sigmoid(-1000 * X), at("P", i, j), **ROWS),
    **{f"a column of {columns} negated": first_column_negated(columns) for columns in (2, 4, 8, 16)},
    # views
    "shifted": one(at("T", i), "=", X - Y, at("w", i + 1), at("w", i), shape=(3,), i=3),
    "strided": one(at("T", i), "=", X, at("q", i * 3 + 1), shape=(4,), i=4),
    "reversed": one(at("T", i), "=", X, at("v", i * -1 + (N - 1)), shape=(N,), i=N),
    "reversed steps": one(at("T", i), "=", X, at("q", i * -2 + 10), shape=(4,), i=4),
    "diagonal": one(at("T", i), "=", X, at("B", i, i), shape=(3,), i=3),
    "window": one(at("T", i, j), "=", X, at("q", i * 2 + j), shape=(5, 3), i=5, j=3),
    "joined": one(at("T", i, j), "=", X, at("q", i * 3 + j), shape=(4, 3), i=4, j=3),
    "joined target": one(at("T", i * 4 + j), "=", X, at("A", i, j), shape=(N * 4,), i=N, j=4),
    "repeated": one(at("T", i * 2 + j), "=", X, at("v", i), shape=(N * 2,), i=N, j=2),
    "a column of many": one(at("T", i), "=", X, at("C", 1, 2, i), shape=(N,), i=N),
    # defaults and guards
    "padded": one(at("T", i), "=", X, at("v", i + -2, default=0), shape=(N + 4,), i=N + 4),
    "padded with infinity": one(at("T", i), "max", X, at("v", i * 2 + j + -1, default=-INF), shape=(3,), i=3, j=3),
    "padded twice": one(MAP, "=", X + Y, at("A", i, j + 1, default=HALF), at("A", i + -1, j, default=0), **ROWS),
    "guard": one(at("T", i), "+", X, at("v", i), shape=(N,), guards=(i + -1, Affine.of(3) - i), i=N),
    "guard beyond the range": one(at("T", i), "+", X, at("v", i), shape=(N,), guards=(i + -7,), i=N),
    "guard joins indices": one(
        at("T", i), "+", X * Y, at("A", i, j), at("w", j), shape=(N,), guards=(i - j,), i=N, j=4
    ),
    "guarded maximum": one(at("T", i), "max", X, at("A", i, j), shape=(N,), guards=(i - j + -1,), i=N, j=4),
    "guarded product": one(at("T", i), "prod", X, at("P", i, j), shape=(N,), guards=(i - j,), i=N, j=4),
    "guard keeps in range": one(
        at("T", i),
        "+",
        X * Y,
        at("q", i * 2 + j + -1),
        at("w", j),
        shape=(6,),
        guards=in_range(i * 2 + j + -1, Extent.of(12)),
        i=6,
        j=4,
    ),
    "stored under a guard": program(
        statement(MAP, "=", (("i", N), ("j", Extent.of(4))), X, (at("A", i, j),), (i - j,)),
        statement(MAP, "=", (("i", N), ("j", Extent.of(4))), -X, (at("A", i, j),), (j - i + -1,)),
        shapes={"T": (N, 4)},
    ),
    # sums over everything, in parts
    "a count, and an index that it lacks": one(
        at("T"), "+", X * f.lt(Y, 0) / 3, at("s"), at("v", i), shape=(), i=N, j=4
    ),
    "a sum of indices": one(at("T"), "+", X * (index_symbol("i") + 1) / 2, at("s"), shape=(), i=3, j=2),
    "a product and a number": one(at("T"), "+", X * Y - sp.sin(Z), at("v", i), at("v", i), at("s"), shape=(), i=N),
    "a square, a column and a number": one(
        at("T"), "+", X**2 + sp.exp(Y) + Z, at("A", i, j), at("v", i), at("s"), shape=(), i=N, j=4
    ),
    "a softplus and a number": one(at("T"), "+", f.softplus(X) - Y, at("C", 1, i, j), at("s"), shape=(), i=4, j=N),
    # sums of products
    "matrix product": one(at("T", i, k), "+", X * Y, at("A", i, j), at("B", j, k), shape=(N, 3), i=N, j=4, k=3),
    "product, turned": one(at("T", k, i), "+", X * Y, at("A", i, j), at("B", j, k), shape=(3, N), i=N, j=4, k=3),
    "matrix and vector": one(at("T", i), "+", 2 * X * Y, at("A", i, j), at("w", j), shape=(N,), i=N, j=4),
    "vector and matrix": one(at("T", k), "+", -X * Y, at("w", j), at("B", j, k), shape=(3,), j=4, k=3),
    "inner product": one(at("T"), "+", X * Y, at("A", i, j), at("P", i, j), shape=(), i=N, j=4),
    "squares": one(at("T"), "+", X**2 / size_symbol("N"), at("A", i, j), shape=(), i=N, j=4),
    "outer product": one(MAP, "+", X * Y, at("v", i), at("w", j), **ROWS),
    "two contracted": one(at("T", k), "+", X * Y, at("C", k, j, i), at("A", i, j), shape=(3,), i=N, j=4, k=3),
    "batch": one(at("T", i, k), "+", X * Y, at("C", k, j, i), at("A", i, j), shape=(N, 3), i=N, j=4, k=3),
    "batch of matrices": one(
        at("T", j, k, Affine.index("l")),
        "+",
        X * Y,
        at("C", k, j, i),
        at("C", Affine.index("l"), j, i),
        shape=(4, 3, 3),
        i=N,
        j=4,
        k=3,
        l=3,
    ),
    "rows by rows": one(at("T", i), "+", X * Y, at("A", i, j), at("P", i, j), shape=(N,), i=N, j=4),
    "columns by columns": one(at("T", j), "+", X * Y, at("A", i, j), at("P", i, j), shape=(4,), i=N, j=4),
    "three factors": one(
        at("T", k), "+", X * Y * Z / 2, at("v", i), at("A", i, j), at("B", j, k), shape=(3,), i=N, j=4, k=3
    ),
    "function in a product": one(
        at("T", j, k), "+", X * (1 - Y**2), at("C", k, j, i), at("A", i, j), shape=(4, 3), i=N, j=4, k=3
    ),
    "factor outside of the sum": one(at("T", i), "+", X / Y, at("A", i, j), at("v", i), shape=(N,), i=N, j=4),
    "sum of rows": one(at("T", i), "+", X, at("A", i, j), shape=(N,), i=N, j=4),
    "sum of columns": one(at("T", j), "+", X / size_symbol("N"), at("A", i, j), shape=(4,), i=N, j=4),
    "sum in the middle": one(at("T", k, i), "+", X, at("C", k, j, i), shape=(3, N), i=N, j=4, k=3),
    "sum of everything": one(at("T"), "+", sp.exp(X), at("C", k, j, i), shape=(), i=N, j=4, k=3),
    "sum of nothing": one(at("T", i), "+", sp.Integer(3), shape=(N,), i=N, j=4),
    "sum of an index": one(at("T", j), "+", X * index_symbol("i"), at("A", i, j), shape=(4,), i=N, j=4),
    "spread": one(MAP, "+", X, at("v", i), **ROWS),
    "integers": one(at("T", j), "+", X * f.eq(X, index_symbol("j")), at("ids", i), shape=(4,), integer=True, i=N, j=4),
    "convolution": one(at("T", i, k), "+", X * Y, at("q", i + j), at("B", j, k), shape=(9, 3), i=9, j=4, k=3),
    # the other reductions
    "maximum": one(at("T", i), "max", X, at("A", i, j), shape=(N,), i=N, j=4),
    "minimum of columns": one(at("T", j), "min", X * Y, at("A", i, j), at("v", i), shape=(4,), i=N, j=4),
    "product": one(at("T", k), "prod", X, at("C", k, j, i), shape=(3,), i=N, j=4, k=3),
    "product of a constant": one(at("T", i), "prod", X, at("v", i), shape=(N,), i=N, j=4),
    "maximum of everything": one(at("T"), "max", X, at("A", i, j), shape=(), i=N, j=4),
    "argmax": one(at("T", i), "argmax", X, at("A", i, j), shape=(N,), integer=True, i=N, j=4),
    "argmin of columns": one(at("T", j), "argmin", X, at("A", i, j), shape=(4,), integer=True, i=N, j=4),
    "argmax of two": one(at("T", j), "argmax", X, at("C", k, j, i), shape=(4,), integer=True, i=N, j=4, k=3),
    "argmax of everything": one(at("T"), "argmax", X, at("A", i, j), shape=(), integer=True, i=N, j=4),
    "guarded argmax": one(at("T", i), "argmax", X, at("A", i, j), shape=(N,), guards=(j + -2,), integer=True, i=N, j=4),
    # gathers and scatters
    "label": one(at("T", i), "=", X, at("A", i, by("ids", i)), shape=(N,), i=N),
    "label, unchecked": one(at("T", i), "=", X, at("A", i, by("ids", i, checked=False)), shape=(N,), i=N),
    "embedding": one(at("T", i, k), "=", X, at("B", by("ids", i), k), shape=(N, 3), i=N, k=3),
    "gathered in a product": one(
        at("T", i), "+", X * Y, at("B", by("ids", i), k), at("C", k, 0, i), shape=(N,), i=N, k=3
    ),
    "histogram": one(at("T", by("ids", i)), "+", sp.S.One, shape=(4,), i=N),
    "embedding gradient": one(at("T", by("ids", i), k), "+", X, at("C", k, 1, i), shape=(4, 3), i=N, k=3),
    "label gradient": one(at("T", i, by("ids", i)), "+", -1 / size_symbol("N"), shape=(N, 4), i=N),
    "greatest of each class": one(at("T", by("ids", i)), "max", X, at("v", i), shape=(4,), i=N),
    "trace of a scatter": one(at("T", i, i), "+", X, at("w", i), shape=(4, 4), i=4),
    "overlapping scatter": one(at("T", i * 2 + j), "+", X, at("C", j, 0, i), shape=(N * 2 + 1,), i=N, j=3),
    "overlapping maximum": one(at("T", i + j), "max", X, at("C", j, 0, i), shape=(N + 2,), i=N, j=3),
    "scatter through a padding": one(
        at("T", i * 2 + j + -1),
        "+",
        X,
        at("C", j, 0, i),
        shape=(N,),
        guards=in_range(i * 2 + j + -1, N),
        i=N,
        j=3,
    ),
    "base and scatters": program(
        statement(at("T", i), "=", (("i", Extent.of(4)),), X, (at("w", i),)),
        statement(at("T", by("ids", i)), "+", (("i", N),), X, (at("v", i),)),
        statement(at("T", i), "+", (("i", Extent.of(4)),), X * Y, (at("w", i), at("s"))),
        shapes={"T": (4,)},
    ),
    "ranges": program(
        statement(at("T", i), "=", (("i", Extent.of(4)),), X, (at("w", i),)),
        statement(at("T", i + 4), "=", (("i", N),), X, (at("v", i),)),
        shapes={"T": (N + 4,)},
    ),
    "in place": program(
        statement(at("a", i, j), "=", (("i", N), ("j", Extent.of(4))), sp.exp(X), (at("A", i, j),)),
        statement(at("b", i, j), "=", (("i", N), ("j", Extent.of(4))), X * (1 - X**2), (at("a", i, j),)),
        statement(at("T", i, j), "=", (("i", N), ("j", Extent.of(4))), sp.sin(X) + Y, (at("b", i, j), at("v", i))),
        shapes={"a": (N, 4), "b": (N, 4), "T": (N, 4)},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_kernel_agrees_with_the_interpreter(name: str) -> None:
    p = CASES[name]
    for seed in range(2):
        given = values(seed)
        expected = interpret(p, given)
        for keep in (tuple(p.writers), ("T",)):
            found = run(p, given, keep=keep)
            for tensor in keep:
                np.testing.assert_allclose(found[tensor], expected[tensor], rtol=1e-12, atol=1e-14, err_msg=tensor)


@pytest.mark.parametrize("name", CASES)
def test_float32_stays_float32(name: str) -> None:
    p = CASES[name]
    expected = interpret(p, values())
    found = run(p, values(), keep=("T",), dtype=np.float32, calls=1)["T"]
    np.testing.assert_allclose(found, expected["T"], rtol=2e-4, atol=1e-4)


@pytest.mark.parametrize("name", CASES)
def test_no_element_is_looped_over(name: str) -> None:
    source, _ = function_source(CASES[name], ("T",))
    run_part = source[source.index("def run") :]
    assert "range(" not in run_part
    assert run_part.count("for ") == run_part.count("for part")


@pytest.mark.parametrize("name", [name for name in CASES if "guarded" in name or name in ("overflow", "functions")])
def test_the_branch_that_is_not_chosen_is_silent(name: str) -> None:
    p = CASES[name]
    _, body = function_source(p, ("T",))
    with warnings.catch_warnings(), np.errstate(all="ignore" if body.quiet else "warn"):
        warnings.simplefilter("error")
        run(p, values(), keep=("T",), silent=False)


@pytest.mark.parametrize(("value", "shown"), [(-1, "-1"), (4, "4")])
def test_an_index_out_of_range_is_an_error(value: int, shown: str) -> None:
    given = values()
    given["ids"][2] = value
    for name in ("embedding", "label", "histogram"):
        with pytest.raises(IndexError, match="ids"):
            run(CASES[name], given, keep=("T",))


def test_a_circle_that_is_no_recurrence_is_refused() -> None:
    tensors = {**TENSORS, "T": Tensor("T", (N,), "value")}
    s = statement(at("T", i), "=", (("i", N),), X + Y, (at("T", i), at("v", i)))
    with pytest.raises(UnsupportedError, match="recurrence"):
        function_source(Program(tensors, (s,), ("T",), ("N",)), ("T",))


def emitted(name: str) -> str:
    return function_source(CASES[name], ("T",))[0]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("matrix product", "A.dot(B, out=T)"),
        ("product, turned", "B.T.dot(A.T, out=T)"),
        ("row and column", "np.add(T, w, out=T)"),
        ("sum of columns", "weights.dot(A, out=T)"),
        ("inner product", "T = A.reshape(-1).dot(P.reshape(-1))"),
        ("relu", "np.maximum(A, zero, out=T)"),
        ("shifted", "np.subtract(w[1:], w[:3], out=T)"),
        ("strided", "T[...] = q[1::3]"),
        ("label gradient", "T_flat[ids_position] += minus_1_over_N"),
        ("joined target", "T_split[...] = A"),
    ],
)
def test_lines_read_as_one_would_write_them(name: str, line: str) -> None:
    assert line in [text.strip() for text in emitted(name).splitlines()]


def test_the_same_program_gives_the_same_text() -> None:
    assert all(emitted(name) == emitted(name) for name in CASES)


def test_a_tensor_takes_over_a_buffer_that_is_done() -> None:
    source = emitted("in place")
    assert "b = a\n" in source
    assert "T = a\n" in source
    assert source.count("np.empty") == 2  # and one temporary
