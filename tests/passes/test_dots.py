"""Dots of a contraction and what is multiplied with it are taken of smaller tensors, and no value changes."""

from __future__ import annotations

import numpy as np
import pytest

from symnet.ir.affine import Affine
from symnet.ir.interpret import interpret
from symnet.ir.program import Access, Program, Statement, Tensor, leaf, statement
from symnet.language.extents import Extent
from symnet.passes import pipeline
from symnet.passes.pipeline import step_program
from symnet.passes.tuning.dots import smaller_dots
from tests.support import network_of, sample, shown

HEAD = "input x[N, 3]\ninput t[N, 30]\nparam c ~ ones\nparam W[i: 3, k: 30] ~ normal\n"
LOSS = "minimize mean(n: log(sum(k: exp(z[n, k]))) - z[n, 0])\n"
PRODUCT = "z[n, k] = exp(c)*sum(i: x[n, i]*W[i, k])\n"
CASES = {
    "temperature": HEAD + PRODUCT + LOSS,
    "a number besides": HEAD + PRODUCT.replace("exp(c)", "3*exp(c)/N") + LOSS,
    "squares": HEAD + PRODUCT + "minimize mean(n, k: (z[n, k] - t[n, k])**2)\n",
    "turned": HEAD + PRODUCT.replace("z[n, k]", "z[k, n]") + LOSS.replace("z[n, k]", "z[k, n]").replace("n, 0", "0, n"),
    "two operands": HEAD + "u[n, d] = tanh(x[n, d])\n" + PRODUCT.replace("x[n, i]", "u[n, i]") + LOSS,
}


def without(text: str, monkeypatch: pytest.MonkeyPatch) -> Program:
    """The program of a step as it is without the rule."""
    with monkeypatch.context() as patched:
        patched.setattr(pipeline, "PASSES", {**pipeline.PASSES, "dots": lambda program: program})
        return step_program(network_of(text)).program


@pytest.mark.parametrize("case", CASES)
def test_the_gradient_of_a_temperature_is_a_dot_with_that_of_the_weights(case: str) -> None:
    lines = shown(step_program(network_of(CASES[case])).program)
    (line,) = (line for line in lines if line.startswith("dc = "))
    assert "dW[" in line and "W[" in line.replace("dW[", ""), lines


@pytest.mark.parametrize("case", CASES)
def test_no_value_changes(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found, before = step_program(network_of(CASES[case])).program, without(CASES[case], monkeypatch)
    assert before.statements != found.statements
    values = sample(found, seed=1)
    expected, result = interpret(before, values), interpret(found, values)
    for tensor in found.results:
        np.testing.assert_allclose(result[tensor], expected[tensor], rtol=1e-11, atol=1e-13)


def test_a_dot_that_is_no_larger_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    text = CASES["temperature"].replace("[N, 3]", "[2, 300]").replace("i: 3,", "i: 300,").replace("k: 30]", "k: 3]")
    text = text.replace("t[N, 30]", "t[2, 3]")
    assert step_program(network_of(text)).program.statements == without(text, monkeypatch).statements


# --- statement by statement ------------------------------------------------------------------------

SHAPES = {"a": "nm", "x": "nd", "y": "nd", "w": "dm", "z": "nm", "q": "dm", "s": ""}
EXTENTS = {"n": 4, "d": 2, "m": 5}


def summed(target: str, number: int, factors: str, extents: dict[str, int] | None = None) -> Statement:
    """The sum of a number times tensors over all indices that the target lacks; the tensors have one letter each."""
    box = EXTENTS | (extents or {})
    names = dict.fromkeys("".join(SHAPES[name] for name in (target, *factors)))
    reads = {leaf(k): read(name) for k, name in enumerate(factors)}
    body = number * np.prod(list(reads))
    return statement(read(target), "+", tuple((n, Extent.of(box[n])) for n in names), body, reads, (), "forward")


def read(name: str) -> Access:
    return Access(name, tuple(map(Affine.index, SHAPES[name])))


def program_of(*statements: Statement) -> Program:
    written = {s.target.tensor for s in statements}
    tensors = {
        name: Tensor(name, tuple(Extent.of(EXTENTS[n]) for n in indices), "value" if name in written else "input")
        for name, indices in SHAPES.items()
    }
    return Program(tensors, statements, tuple(sorted(written)), ())


def test_numbers_of_all_three_sums_count() -> None:
    program = program_of(summed("z", 3, "xw"), summed("q", 5, "ax"), summed("s", 7, "az"))
    found = smaller_dots(program)
    assert any(line.startswith("s = sum(d, m: ") for line in shown(found)), shown(found)
    values = sample(program, seed=2)
    np.testing.assert_allclose(interpret(found, values)["s"], interpret(program, values)["s"], rtol=1e-12)


@pytest.mark.parametrize(
    "statements",
    [
        (summed("z", 1, "xw"), summed("q", 1, "ay"), summed("s", 1, "az")),
        (summed("z", 1, "xw"), summed("q", 1, "axy"), summed("s", 1, "az")),
        (summed("z", 1, "xw"), summed("q", 1, "ax", {"n": 3}), summed("s", 1, "az")),
        (summed("z", 1, "xw"), summed("q", 1, "ax"), summed("s", 1, "az", {"n": 3})),
        (summed("z", 1, "xw", {"d": 1}), summed("q", 1, "ax"), summed("s", 1, "az")),
        (summed("z", 1, "xw"), summed("q", 1, "ax"), summed("s", 1, "aaz")),
    ],
    ids=("another factor", "one more factor", "a shorter part", "a shorter dot", "a shorter product", "a square"),
)
def test_sums_of_anything_else_are_kept(statements: tuple[Statement, ...]) -> None:
    program = program_of(*statements)
    assert smaller_dots(program).statements == program.statements
