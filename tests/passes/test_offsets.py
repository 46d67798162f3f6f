"""A number that all readers of a tensor add to it is held with it, and no value changes."""

from __future__ import annotations

import numpy as np
import pytest

from symnet.ir.interpret import interpret
from symnet.ir.program import Program
from symnet.passes import pipeline
from symnet.passes.pipeline import step_program
from tests.support import network_of, sample, shown

HEAD = "input x[N, 4]\ninput t[N, 4]\ninput a[4]\nparam c[k: 4] ~ normal\n"
LOSS = "minimize mean(n, k: (y[n, k] - t[n, k])**2) + mean(n, k: z[n, k]**2)\n"
GELU = HEAD + "y[n, k] = gelu(x[n, k]*c[k])\nz[n, k] = c[k]*a[k]*x[n, k]\n" + LOSS


def two_readers(first: str, second: str) -> str:
    """A network in which two tensors read h, and no gradient does."""
    return (
        f"{HEAD}h[n, k] = sin(x[n, k]*a[k])\ny[n, k] = c[k] + a[k]*{first}\nz[n, k] = c[k] + x[n, k]*{second}\n{LOSS}"
    )


HELD = {
    "a number": ("(h[n, k] + 2)", "(h[n, k] + 2)", "2 + sin(x[n, k]*a[k])"),
    "a factor too": ("(h[n, k] + 2)/3", "(c[k] + h[n, k]/3 + 2/3)", "2/3 + sin(x[n, k]*a[k])/3"),
    "other factors": ("(h[n, k] + 2)", "(5*h[n, k] + 10)", "2 + sin(x[n, k]*a[k])"),
    "a sign": ("(1 - h[n, k])", "(c[k] + 1 - h[n, k])", "1 - sin(x[n, k]*a[k])"),
    "in sums of products": ("(a[k] + t[n, k]*(h[n, k] - 1))", "(h[n, k] - 1)", "sin(x[n, k]*a[k]) - 1"),
}
KEPT = {
    "another number": ("(h[n, k] + 2)", "(h[n, k] + 3)"),
    "no number": ("(h[n, k] + 2)", "h[n, k]"),
    "no number in a sum": ("(h[n, k] + 2)", "(h[n, k] + c[k])"),
    "a product besides": ("(h[n, k] + 2)", "(h[n, k] + 2 + x[n, k]*h[n, k])"),
    "in a function": ("(h[n, k] + 2)", "exp(h[n, k] + 2)"),
    "in a power": ("(h[n, k] + 2)", "(h[n, k] + 2)**3"),
    "along a diagonal": ("(h[n, k] + 2)", "(h[k, k] + 2)"),
}


def without(text: str, monkeypatch: pytest.MonkeyPatch) -> Program:
    """The program of a step as it is without the rule."""
    with monkeypatch.context() as patched:
        patched.setattr(pipeline, "PASSES", {**pipeline.PASSES, "offsets": lambda program: program})
        return step_program(network_of(text)).program


def test_the_error_function_is_held_as_its_readers_need_it() -> None:
    lines = shown(step_program(network_of(GELU)).program)
    assert sum("erf(" in line for line in lines) == 1, lines
    (name,) = (line.split("[")[0] for line in lines if "erf(" in line)
    assert sum(f"{name}[n, k]*" in line or f"*{name}[n, k]" in line for line in lines) >= 1, lines
    assert sum("1/2" in line and "=" in line for line in lines) == 1, lines


@pytest.mark.parametrize("case", HELD)
def test_what_all_readers_add_is_added_once(case: str) -> None:
    first, second, body = HELD[case]
    lines = shown(step_program(network_of(two_readers(first, second))).program)
    assert f"h_total[n, k] = {body}" in lines, lines


@pytest.mark.parametrize("case", KEPT)
def test_a_tensor_that_is_read_in_another_way_is_kept(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = two_readers(*KEPT[case])
    assert step_program(network_of(text)).program.statements == without(text, monkeypatch).statements


@pytest.mark.parametrize("text", [GELU, *(two_readers(*case[:2]) for case in HELD.values())])
def test_no_value_changes(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found, before = step_program(network_of(text)).program, without(text, monkeypatch)
    assert before.statements != found.statements
    values = sample(found, seed=1)
    expected, result = interpret(before, values), interpret(found, values)
    for tensor in found.results:
        np.testing.assert_allclose(result[tensor], expected[tensor], rtol=1e-12, atol=1e-14)
