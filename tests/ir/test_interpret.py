"""The interpreter against NumPy, and its rules where a formula has no value."""

from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy as sp

from symnet.errors import UsageError
from symnet.ir import functions as f
from symnet.ir.affine import Affine
from symnet.ir.arithmetic import DIGITS50, FLOAT, Arithmetic
from symnet.ir.interpret import interpret
from symnet.ir.program import (
    Access,
    Indirect,
    Program,
    Statement,
    Tensor,
    index_expression,
    index_symbol,
    leaf,
    size_symbol,
    statement,
)
from symnet.ir.verify import MalformedProgram, verify
from symnet.language.extents import Extent

x, w = sp.symbols("x w", real=True)
N = Extent.size("N")
i, j, n, p, t = map(Affine.index, "ijnpt")
BOTH = pytest.mark.parametrize("arithmetic", [FLOAT, DIGITS50], ids=["float", "digits50"])
RNG = np.random.default_rng(0)
MATRIX = RNG.normal(size=(5, 4))


def program(tensors: list[Tensor], *statements: Statement, sizes: tuple[str, ...] = ()) -> Program:
    result = statements[-1].target.tensor
    made = Program({tensor.name: tensor for tensor in tensors}, statements, (result,), sizes)
    verify(made)
    return made


def scalar(body: sp.Expr, **values: float) -> Any:
    """The value of a body over scalar leaves."""
    tensors = [Tensor(name, (), "input") for name in values] + [Tensor("y", (), "value")]
    leaves = {sp.Symbol(name, real=True): Access(name) for name in values}
    return float(interpret(program(tensors, statement(Access("y"), "=", (), body, leaves)), values)["y"])


def of_matrix(
    op: str, target: tuple[Affine, ...], shape: tuple[Extent, ...], guards: tuple[Affine, ...] = ()
) -> Program:
    tensors = [
        Tensor("x", (N, Extent.of(4)), "input"),
        Tensor("y", shape, "value", integer=op.startswith("arg")),
    ]
    domain = (("n", N), ("i", Extent.of(4)))
    s = statement(Access("y", target), op, domain, x, {x: Access("x", (n, i))}, guards=guards)
    return program(tensors, s, sizes=("N",))


REDUCTIONS = [
    ("+", np.sum),
    ("prod", np.prod),
    ("max", np.max),
    ("min", np.min),
    ("argmax", np.argmax),
    ("argmin", np.argmin),
]


@BOTH
@pytest.mark.parametrize(("op", "numpy_op"), REDUCTIONS, ids=[op for op, _ in REDUCTIONS])
def test_reductions_agree_with_numpy(op: str, numpy_op: Any, arithmetic: Arithmetic) -> None:
    for target, shape, axis in (((n,), (N,), 1), ((i,), (Extent.of(4),), 0), ((), (), None)):
        made = interpret(of_matrix(op, target, shape), {"x": MATRIX}, arithmetic=arithmetic)["y"]
        np.testing.assert_allclose(made.astype(float), numpy_op(MATRIX, axis=axis), rtol=1e-14)


def test_the_first_of_equal_extremes_wins() -> None:
    ties = np.array([[1.0, 3, 3, 0], [2, 2, 2, 2]])
    assert interpret(of_matrix("argmax", (n,), (N,)), {"x": ties})["y"].tolist() == [1, 0]
    assert interpret(of_matrix("argmin", (), ()), {"x": ties})["y"] == 3


@pytest.mark.parametrize(("op", "empty"), [("+", 0), ("prod", 1), ("max", -np.inf), ("min", np.inf), ("argmax", 0)])
def test_a_reduction_over_nothing(op: str, empty: float) -> None:
    made = interpret(of_matrix(op, (n,), (N,), guards=(n - 1 - i,)), {"x": MATRIX})["y"]
    assert made[0] == empty
    assert made[1] == (0 if op == "argmax" else MATRIX[1, 0])


def test_accesses_of_every_kind() -> None:
    tensors = [
        Tensor("x", (N,), "input"),
        Tensor("k", (Extent.of(3),), "input", integer=True, bound=N),
        *(Tensor(name, (Extent.of(3),), "value") for name in ("window", "shifted", "picked")),
        Tensor("joined", (N * 2,), "value"),
    ]

    def put(name: str, place: Affine, extent: Extent, access: Access, guards: tuple[Affine, ...] = ()) -> Statement:
        return statement(Access(name, (place,)), "=", (("i", extent),), x, {x: access}, guards)

    three = Extent.of(3)
    made = interpret(
        program(
            tensors,
            put("window", i, three, Access("x", (i * 2 + 1,))),
            put("shifted", i, three, Access("x", (i - 1,), Fraction(7))),
            put("picked", i, three, Access("x", (Indirect("k", (i,)),))),
            put("joined", i * 2, N, Access("x", (i,))),
            put("joined", i * 2 + 1, N, Access("x", (Affine.of(N - 1) - i,))),
            sizes=("N",),
        ),
        {"x": np.arange(6.0), "k": [5, 0, 5]},
    )
    assert made["window"].tolist() == [1, 3, 5]
    assert made["shifted"].tolist() == [7, 0, 1]
    assert made["picked"].tolist() == [5, 0, 5]
    assert made["joined"].tolist() == [0, 5, 1, 4, 2, 3, 3, 2, 4, 1, 5, 0]


def test_scatters_add_and_unwritten_elements_are_nan() -> None:
    tensors = [
        Tensor("x", (Extent.of(4),), "input"),
        Tensor("k", (Extent.of(4),), "input", integer=True, bound=Extent.of(3)),
        Tensor("y", (Extent.of(3),), "value"),
        Tensor("half", (Extent.of(8),), "value"),
    ]
    domain = (("i", Extent.of(4)),)
    access = {x: Access("x", (i,))}
    made = interpret(
        program(
            tensors,
            statement(Access("y", (Indirect("k", (i,)),)), "+", domain, x, access),
            statement(Access("half", (i * 2,)), "=", domain, x, access),
        ),
        {"x": [1, 2, 3, 4], "k": [0, 2, 0, 2]},
    )
    assert made["y"].tolist() == [4, 0, 6]
    assert np.isnan(made["half"][1::2]).all() and not np.isnan(made["half"][::2]).any()


@BOTH
def test_a_recurrence_and_its_reversal(arithmetic: Arithmetic) -> None:
    tensors = [Tensor("x", (N,), "input"), Tensor("h", (N,), "value"), Tensor("g", (N,), "value")]
    tensors += [Tensor("a", (N,), "value")]
    domain = (("t", N),)
    made = program(
        tensors,
        statement(Access("h", (t,)), "=", domain, x + w, {x: Access("x", (t,)), w: Access("a", (t,))}),
        statement(Access("a", (t,)), "=", domain, x / 2, {x: Access("h", (t - 1,), Fraction(0))}),
        statement(Access("g", (t,)), "+", domain, x, {x: Access("x", (t,))}),
        statement(Access("g", (t - 1,)), "+", domain, x / 2, {x: Access("g", (t,))}, guards=(t - 1,)),
        sizes=("N",),
    )
    values = interpret(made, {"x": [1, 2, 3]}, arithmetic=arithmetic)
    assert values["h"].tolist() == [1, 2.5, 4.25]
    assert values["g"].tolist() == [2.75, 3.5, 3]


def test_a_long_recurrence_needs_no_recursion() -> None:
    tensors = [Tensor("h", (N,), "value")]
    s = statement(Access("h", (t,)), "=", (("t", N),), x + 1, {x: Access("h", (Affine.of(0) + t + 1,), Fraction(0))})
    assert interpret(program(tensors, s, sizes=("N",)), {}, {"N": 3000})["h"][0] == 3000


def test_a_circle_of_elements_is_malformed() -> None:
    s = statement(Access("h", (t,)), "=", (("t", N),), x + 1, {x: Access("h", (t,))})
    with pytest.raises(MalformedProgram, match="depends on itself"):
        interpret(program([Tensor("h", (N,), "value")], s, sizes=("N",)), {}, {"N": 3})


IEEE = [
    (1 / x, 0, np.inf),
    (sp.log(x), 0, -np.inf),
    (sp.log(x), -1, np.nan),
    (sp.sqrt(x), -1, np.nan),
    (sp.exp(x), 1000, np.inf),
    (1 / sp.sqrt(x), 0, np.inf),
    (x * sp.exp(-x), np.inf, np.nan),
    (f.where(f.lt(0, x), 1 / x, 0), 0, 0),
    (f.where(f.lt(0, x), 0, sp.log(x)), -1, np.nan),
    (f.sigmoid(x), -1000, 0),
    (f.softplus(x), 1000, 1000),
    (f.max2(x, 0), np.nan, np.nan),
    (f.max2(0, x), np.nan, np.nan),
    (f.sign(x), -3, -1),
    (f.step(x), 0, 0),
    (f.floor(x), -0.5, -1),
    (f.mod(x, 3), -1, 2),
    (f.power(x, x), 0, 1),
    (x ** sp.Rational(1, 3), -8, np.nan),
    (x**-2, 2, 0.25),
    (f.stop(x), 2, 2),
    (-f.INFINITY * x, 2, -np.inf),
]


@pytest.mark.parametrize(("body", "at", "expected"), IEEE, ids=[str(row[0]) + f" at {row[1]}" for row in IEEE])
def test_arithmetic_follows_ieee(body: sp.Expr, at: float, expected: float) -> None:
    np.testing.assert_equal(scalar(body, x=at), expected)


FUNCTIONS = [
    *(function(x) for function in (sp.exp, sp.log, sp.sin, sp.cos, sp.tan, sp.sinh, sp.cosh, sp.tanh, sp.atan, sp.erf)),
    *(function(x) for function in (f.sigmoid, f.softplus, f.log1p, f.expm1, f.absolute, f.floor, f.sign, f.step)),
    *(f.max2(x, w), f.min2(x, w), f.power(x, w), f.mod(x, w), f.floordiv(x, w), x**5, x**-3, sp.pi * x, sp.E + x),
    *(f.eq(x, w), f.ne(x, w), f.lt(x, w), f.le(x, w), f.both(x, w), f.either(x, w), f.negation(x)),
]


@pytest.mark.parametrize("body", FUNCTIONS, ids=str)
def test_fifty_digits_agree_with_doubles(body: sp.Expr) -> None:
    tensors = [Tensor("x", (), "input"), Tensor("w", (), "input"), Tensor("y", (), "value")]
    made = program(tensors, statement(Access("y"), "=", (), body, {x: Access("x"), w: Access("w")}))
    values = {"x": 1.75, "w": 0.625}
    exact = interpret(made, values, arithmetic=DIGITS50)["y"]
    assert float(exact[()]) == pytest.approx(float(interpret(made, values)["y"]), rel=1e-15)


def test_fifty_digits_are_fifty() -> None:
    tensors = [Tensor("y", (), "value")]
    body = sp.exp(leaf(0)) - 1
    tensors.insert(0, Tensor("x", (), "input"))
    made = interpret(
        program(tensors, statement(Access("y"), "=", (), body, (Access("x"),))),
        {"x": Fraction(1, 10**30)},
        arithmetic=DIGITS50,
    )
    assert abs(made["y"][()] / mpmath.mpf("1e-30") - 1) < 1e-15


def test_indices_and_sizes_in_bodies() -> None:
    body = index_symbol("t") / size_symbol("N") + index_expression(Affine.of(N // 2))
    s = statement(Access("y", (t,)), "=", (("t", N),), body, {})
    made = program([Tensor("y", (N,), "value")], s, sizes=("N",))
    assert interpret(made, {}, {"N": 5})["y"].tolist() == [2.0, 2.2, 2.4, 2.6, 2.8]


MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"z": 1}, "there is no tensor 'z'"),
    ({"y": [1.0]}, "'y' is calculated"),
    ({"x": 1.0, "k": [0]}, "'x' has 1 dimensions"),
    ({"x": [1.0], "k": [0, 1]}, "'k' must have the shape"),
    ({"k": [0]}, "'x' is read, but"),
    ({"x": [1.0], "k": [0.5]}, "'k' holds integers"),
    ({"x": [1.0, 2], "k": [0, 2]}, "'k' holds integers in 0..1, but 2"),
]


@pytest.mark.parametrize(("values", "message"), MISTAKES, ids=[message for _, message in MISTAKES])
def test_values_that_do_not_fit(values: dict[str, Any], message: str) -> None:
    tensors = [
        Tensor("x", (N,), "input"),
        Tensor("k", (N,), "input", integer=True, bound=N),
        Tensor("y", (N,), "value"),
    ]
    s = statement(Access("y", (i,)), "=", (("i", N),), x, {x: Access("x", (Indirect("k", (i,)),))})
    with pytest.raises(UsageError, match=message):
        interpret(program(tensors, s, sizes=("N",)), values)


def test_a_size_that_no_array_tells() -> None:
    s = statement(Access("y", (t,)), "=", (("t", N),), index_symbol("t"), {})
    with pytest.raises(UsageError, match="the size N cannot be told"):
        interpret(program([Tensor("y", (N,), "value")], s, sizes=("N",)), {})


def test_an_index_out_of_range_does_not_wrap() -> None:
    tensors = [Tensor("x", (N,), "input"), Tensor("k", (N,), "input", integer=True), Tensor("y", (N,), "value")]
    s = statement(Access("y", (i,)), "=", (("i", N),), x, {x: Access("x", (Indirect("k", (i,)),))})
    for bad in (-1, 3):
        with pytest.raises(UsageError, match=rf"x\[k\[i\]\]: index 1 is {bad}, but has to be in 0..2"):
            interpret(program(tensors, s, sizes=("N",)), {"x": [1.0, 2, 3], "k": [0, bad, 1]})
