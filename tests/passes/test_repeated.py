"""Parts of a formula that hold a reduction and are repeated: they are calculated, and differentiated, once."""

import pytest

from symnet.compile import load, network
from symnet.ir.show import show_statement
from symnet.passes.lower import lower
from symnet.passes.pipeline import gradient_program


def lowered(formula: str, head: str = "y[n]") -> list[str]:
    net = network(load(f"network f\ninput x[N, 3]\nparam w[i: 3] ~ normal\n{head} = {formula}\noutput y\n"))
    program = lower(net, ("y",))
    return [show_statement(s, program.tensors) for s in program.statements]


@pytest.mark.parametrize(
    "formula",
    [
        "sum(i: x[n, i]*w[i])*sum(k: x[n, k]*w[k])",
        "exp(-sum(i: x[n, i]*w[i])) + sin(sum(k: x[n, k]*w[k]))",
        "max(i: x[n, i]*w[i])*tanh(max(k: x[n, k]*w[k]))",
    ],
)
def test_equal_reductions_are_one_whatever_their_index_is_called(formula):
    assert len(lowered(formula)) == 2


def test_what_is_around_a_repeated_reduction_is_named_with_it():
    z = "(2 + sum({0}: x[n, {0}]*w[{0}]))"
    lines = lowered(f"{z.format('i')}/2*(1 + tanh({z.format('j')}**3 + {z.format('k')}))")
    assert lines == [
        "y_part[n] = sum(i: x[n, i]*w[i])",
        "y_part[n] = 2",
        "y[n] = y_part[n]*(1 + tanh(y_part[n] + y_part[n]**3))/2",
    ]


@pytest.mark.parametrize("other", ["sum(k: x[n, k]*w[k]**2)", "sum(k: x[n, 0]*w[k])", "max(k: x[n, k]*w[k])"])
def test_different_reductions_stay_two(other):
    assert len(lowered(f"exp(sum(i: x[n, i]*w[i]))*{other}")) == 3


def test_there_is_one_product_for_the_gradient_of_a_matrix_behind_a_function_with_several_reads():
    net = network(
        load("network f\ninput x[N, 3]\nh = dense(x, 4, activation=gelu_tanh)\nminimize mean(n, o: h[n, o]**2)\n")
    )
    program = gradient_program(net).program
    assert [len(program.writers[name]) for name in ("dh.W", "dh.b")] == [1, 1]
