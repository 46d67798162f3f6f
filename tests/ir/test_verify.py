"""Every rule of a well-formed program, broken once."""

from fractions import Fraction
from time import process_time
from typing import Any

import pytest
import sympy as sp

from symnet.ir import functions as f
from symnet.ir.affine import Affine
from symnet.ir.order import components, cyclic_groups
from symnet.ir.program import Access, Indirect, Program, Statement, Tensor, index_symbol, leaf, size_symbol
from symnet.ir.verify import MalformedProgram, verify
from symnet.language.extents import Extent

N, K = Extent.size("N"), Extent.size("K")
FOUR = Extent.of(4)
i, j = Affine.index("i"), Affine.index("j")
a = leaf(0)

TENSORS = {
    t.name: t
    for t in (
        Tensor("x", (FOUR,), "input"),
        Tensor("w", (FOUR, N), "param"),
        Tensor("k", (FOUR,), "input", integer=True, bound=FOUR),
        Tensor("y", (FOUR,), "value"),
        Tensor("z", (FOUR,), "value"),
        Tensor("flat", (N * 4,), "value"),
    )
}
GOOD: dict[str, Any] = {
    "target": Access("y", (i,)),
    "op": "=",
    "domain": (("i", FOUR),),
    "guards": (),
    "leaves": (Access("x", (i,)),),
    "body": a,
}
INDEX, SIZE, STRANGER = index_symbol("i"), size_symbol("N"), sp.Symbol("q", real=True)


def made(**changes: Any) -> Program:
    return Program(TENSORS, (Statement(**(GOOD | changes)),), (), ("N",))


WELL_FORMED: list[dict[str, Any]] = [
    {},
    {"body": a * INDEX / SIZE + sp.sqrt(a) * sp.Integer(2) ** INDEX},
    {"body": f.where(f.lt(0, a), -f.INFINITY, sp.pi)},
    {"leaves": (Access("x", (i - 1,), Fraction(0)),)},
    {"leaves": (Access("x", (i - 1,)),), "guards": (i - 1,)},
    {"leaves": (Access("x", (Indirect("k", (i,)),)),)},
    {"target": Access("flat", (i * N + j,)), "domain": (("i", FOUR), ("j", N)), "body": a},
    {"target": Access("flat", (j * 4 + i,)), "domain": (("i", FOUR), ("j", N)), "body": a},
    {"target": Access("y", (Affine.of(3) - i,))},
    {"target": Access("y", (Affine.of(0),)), "op": "+"},
    {"target": Access("y", (Indirect("k", (i,)),)), "op": "+"},
]


@pytest.mark.parametrize("changes", WELL_FORMED, ids=str)
def test_well_formed_statements_pass(changes: dict[str, Any]) -> None:
    verify(made(**changes))


BROKEN: list[tuple[dict[str, Any], str]] = [
    ({"op": "mean"}, "there is no operation 'mean'"),
    ({"leaves": (Access("z", (i,)),)}, "'z' is read, and nothing writes it"),
    ({"domain": (("i", FOUR), ("i", FOUR))}, "an index occurs twice"),
    ({"domain": (("i", FOUR), ("N", FOUR)), "op": "+"}, "N is an index and a size"),
    ({"domain": (("i", FOUR), ("j", K)), "op": "+"}, "the size K is not declared"),
    ({"leaves": (Access("q", (i,)),)}, "'q' is not declared"),
    ({"leaves": (Access("w", (i,)),)}, "has 1 indices, its tensor has 2 dimensions"),
    ({"leaves": (Access("x", (j,)),)}, "the index j of j is not in the domain"),
    ({"guards": (j - 1,)}, "the index j of j - 1 is not in the domain"),
    ({"guards": (i - K,)}, "the size K is not declared"),
    ({"target": Access("x", (i,)), "leaves": (Access("k", (i,)),)}, "'x' is given and cannot be written"),
    ({"leaves": (Access("x", (Indirect("x", (i,)),)),)}, "'x' is used as an index, but is not an integer tensor"),
    ({"leaves": (Access("x", (Indirect("k", (i, i)),)),)}, "has 2 indices, its tensor has 1"),
    ({"leaves": (Access("x", (i - 1,)),)}, "leaves the range 0..3"),
    ({"leaves": (Access("x", (i * 2,)),)}, "leaves the range 0..3"),
    ({"leaves": (Access("x", (Indirect("k", (i + 1,)),)),)}, "leaves the range 0..3"),
    ({"leaves": (Access("x", (Indirect("k", (i,)),), Fraction(0)),)}, "has a default, which"),
    ({"target": Access("y", (i,), Fraction(0))}, "has a default, which"),
    ({"target": Access("y", (i + 1,))}, "leaves the range 0..3"),
    ({"domain": (("i", FOUR), ("j", FOUR))}, "'=' reduces nothing, but j is not"),
    (
        {"target": Access("flat", (i + j,)), "domain": (("i", FOUR), ("j", N))},
        "must write every element once",
    ),
    (
        {"target": Access("flat", (i * N + j,)), "domain": (("i", FOUR), ("j", N + 1)), "guards": (i,)},
        "must write every element once",
    ),
    ({"target": Access("y", (Indirect("k", (i,)),))}, "must write every element once"),
    ({"leaves": (Access("x", (i,)), Access("k", (i,)))}, r"the body uses the leaves \[0\] of 2"),
    ({"body": leaf(1)}, r"the body uses the leaves \[1\] of 1"),
    ({"leaves": (Access("x", (i,)), Access("x", (i,))), "body": a + leaf(1)}, "two leaves are the same access"),
    ({"body": a * STRANGER}, "the body's symbol q is no leaf"),
    ({"body": a * sp.Symbol("i", real=True)}, "the body's symbol i is no leaf"),
    ({"body": a * sp.zoo}, "the body holds the number zoo"),
    ({"body": f.max2(a, sp.oo)}, "the body holds the number oo"),
    ({"body": f.max2(a, sp.nan)}, "the body holds the number nan"),
    ({"body": f.max2(a, sp.I)}, "the body holds the number I"),
    ({"body": a * sp.Float(0.5)}, "the body holds the number 0.5"),
    ({"body": sp.Abs(a)}, "the body holds Abs"),
    ({"body": sp.Max(a, 0)}, "the body holds Max"),
    ({"body": sp.Piecewise((a, a > 0), (0, True))}, "the body holds Piecewise"),
    ({"body": sp.Heaviside(a)}, "the body holds Heaviside"),
    ({"body": sp.DiracDelta(a)}, "the body holds DiracDelta"),
    ({"body": sp.gamma(a)}, "the body holds gamma"),
    ({"body": sp.Function("g")(a)}, "the body holds g"),
    ({"body": sp.IndexedBase("x")[INDEX] + a}, "the body holds Indexed"),
    ({"body": a**a}, "the exponent of .* is not constant"),
]


@pytest.mark.parametrize(("changes", "message"), BROKEN, ids=[str(row) for row in BROKEN])
def test_a_broken_rule_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(MalformedProgram, match=message):
        verify(made(**changes))


def chain(*pairs: tuple[str, str], op: str = "=") -> tuple[Statement, ...]:
    return tuple(
        Statement(**(GOOD | {"target": Access(t, (i,)), "leaves": (Access(s, (i,)),), "op": op})) for t, s in pairs
    )


def test_a_tensor_is_read_after_its_last_statement() -> None:
    verify(Program(TENSORS, chain(("z", "x"), ("y", "z")), ("y",), ("N",)))
    for wrong in (chain(("y", "z"), ("z", "x")), chain(("z", "x"), ("y", "z"), ("z", "x"), op="+")):
        with pytest.raises(MalformedProgram, match="'z' is read before its last statement"):
            verify(Program(TENSORS, wrong, ("y",), ("N",)))


def test_a_recurrence_stands_at_its_last_statement() -> None:
    tensors = TENSORS | {"v": Tensor("v", (FOUR,), "value")}
    circle = (*chain(("z", "y")), Statement(**(GOOD | {"leaves": (Access("z", (i - 1,), Fraction(0)),)})))
    verify(Program(tensors, (*circle, *chain(("v", "z"))), ("v",), ("N",)))
    with pytest.raises(MalformedProgram, match="'z' is read before"):
        verify(Program(tensors, (circle[0], *chain(("v", "z")), circle[1]), ("v",), ("N",)))
    assert cyclic_groups(Program(tensors, circle, ("y",), ("N",))) == (("z", "y"),)


def test_results_are_written() -> None:
    with pytest.raises(MalformedProgram, match="nothing writes the result 'z'"):
        verify(Program(TENSORS, chain(("y", "x")), ("z",), ("N",)))
    with pytest.raises(MalformedProgram, match="the result 'q' is not declared"):
        verify(Program(TENSORS, chain(("y", "x")), ("q",), ("N",)))


def test_a_tensor_is_reduced_in_one_way() -> None:
    wrong = (*chain(("y", "x"), op="max"), *chain(("y", "x"), op="+"))
    with pytest.raises(MalformedProgram, match="'y' is reduced in two ways"):
        verify(Program(TENSORS, wrong, ("y",), ("N",)))


def test_components_come_after_those_that_they_point_to() -> None:
    edges = {"a": ["b"], "b": ["c", "a"], "c": ["d"], "d": ["c"], "e": ["a"]}
    assert [sorted(c) for c in components(edges)] == [["c", "d"], ["a", "b"], ["e"]]
    assert len(components({str(n): [str(n + 1)] for n in range(5000)} | {"5000": []})) == 5001


def test_verify_is_linear() -> None:
    many = 2000
    tensors = {"t0": Tensor("t0", (N, FOUR), "input")}
    statements = []
    for n in range(many):
        tensors[f"t{n + 1}"] = Tensor(f"t{n + 1}", (N, FOUR), "value")
        places = (Affine.index("n"), i)
        leaves = (Access(f"t{n}", places),)
        body = sp.tanh(a) / size_symbol("N")
        statements.append(Statement(Access(f"t{n + 1}", places), "=", (("n", N), ("i", FOUR)), (), leaves, body))
    start = process_time()
    verify(Program(tensors, tuple(statements), (f"t{many}",), ("N",)))
    assert process_time() - start < 1.0
