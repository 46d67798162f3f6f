"""What simplifying and sharing give, and that they change no value."""

from __future__ import annotations

import numpy as np
import pytest

from symnet.ir.interpret import interpret
from symnet.ir.verify import verify
from symnet.passes.differentiate import differentiate
from symnet.passes.lower import lower
from symnet.passes.order import ordered
from symnet.passes.pipeline import NARROW, WIDE, gradient_program, parameters, run
from symnet.passes.stabilise import stabilise
from tests.support import network_of, sample, shown

SOFTMAX = """
input x[N, D: 3]
input y[N] < 4
param W[i: D, c: 4] ~ normal
param b[c: 4] ~ zeros
z[n, c] = b[c] + sum(i: x[n, i]*W[i, c])
p[n, c] = exp(z[n, c])/sum(k: exp(z[n, k]))
loss = mean(n: -log(p[n, y[n]]))
minimize loss
"""
GOLDEN = {
    "softmax cross-entropy by hand": (
        SOFTMAX,
        [
            "dz[n, c] += p[n, c]/N",
            "dz[n, y[n]] += -1/N",
            "db[c] = sum(n: dz[n, c])",
            "dW[i, c] = sum(n: x[n, i]*dz[n, c])",
        ],
    ),
    "a layer with tanh reads its own value": (
        "input x[N, 3]\nparam W[i: 3, j: 2] ~ normal\nh[n, j] = tanh(sum(i: x[n, i]*W[i, j]))\n"
        "loss = mean(n, j: h[n, j]**2)\nminimize loss\n",
        ["dh_sum[n, j] = h[n, j]*(1 - h[n, j]**2)/N", "dW[i, j] = sum(n: x[n, i]*dh_sum[n, j])"],
    ),
    "a layer with relu reads its own value": (
        "input x[N, 3]\nparam W[i: 3, j: 2] ~ normal\nparam b[j: 2] ~ normal\n"
        "h[n, j] = max(0, b[j] + sum(i: x[n, i]*W[i, j]))\nloss = mean(n, j: h[n, j]**2)\nminimize loss\n",
        [
            "dh_sum[n, j] = where(not h[n, j] <= 0, h[n, j]/N, 0)",
            "db[j] = sum(n: dh_sum[n, j])",
            "dW[i, j] = sum(n: x[n, i]*dh_sum[n, j])",
        ],
    ),
    "a sum that an activation reads three times has one adjoint": (
        "input x[N, 3]\nparam W[i: 3, j: 2] ~ normal\nparam b[j: 2] ~ normal\n"
        "h[n, j] = gelu_tanh(b[j] + sum(i: x[n, i]*W[i, j]))\nloss = mean(n, j: h[n, j])\nminimize loss\n",
        ["db[j] = sum(n: dh_part[n, j])", "dW[i, j] = sum(n: x[n, i]*dh_part[n, j])"],
    ),
    "the adjoint of padding is a slice": (
        "param x[i: 4] ~ normal\ny[j: 6] = x[j - 1] else 0\nloss = sum(j: sin(j*y[j]))\nminimize loss\n",
        None,
    ),
    "a convolution's input adjoint is a gather": (
        "param x[i: 9] ~ normal\nparam w[p: 3] ~ normal\ny[u] = sum(p: x[u + p]*w[p])\n"
        "loss = sum(u: y[u]**3)\nminimize loss\n",
        None,
    ),
    "equal statements are one": (
        "param x[i: 4] ~ normal\na[i] = exp(x[i])\nb[k] = exp(x[k])\n"
        "loss = sum(i: a[i]*b[i]) + sum(i: a[i]**2)\nminimize loss\n",
        None,
    ),
    "every reduction": (
        "param x[i: 2, j: 3] ~ normal\nm[i] = max(j: x[i, j]**2)\nq[i] = prod(j: x[i, j])\n"
        "r = min(i, j: sin(x[i, j]))\n"
        "loss = sum(i: m[i]*q[i])*r\nminimize loss\n",
        None,
    ),
    "concatenation": (
        "param x[i: 2] ~ normal\nparam z[i: 3] ~ normal\ny[j: 0..2] = x[j]**2\ny[j: 2..5] = sin(z[j - 2])\n"
        "loss = sum(j: y[j]**2)\nminimize loss\n",
        None,
    ),
}


@pytest.mark.parametrize("name", [name for name, (_, lines) in GOLDEN.items() if lines])
def test_golden(name: str) -> None:
    text, expected = GOLDEN[name]
    result = gradient_program(network_of(text))
    assert shown(result.program)[-len(expected) :] == expected


@pytest.mark.parametrize("name", GOLDEN)
def test_every_pass_keeps_the_values(name: str) -> None:
    net = network_of(GOLDEN[name][0])
    program = ordered(stabilise(lower(net, ("loss",))))
    derived = differentiate(program, {"loss": None}, parameters(net)).program
    values = sample(derived, seed=1)
    expected = interpret(derived, values)
    for stage in (*WIDE, *NARROW):
        derived = run(stage, derived)
        verify(derived)
        found = interpret(derived, values)
        for result in derived.results:
            np.testing.assert_allclose(found[result], expected[result], rtol=1e-11, atol=1e-12, err_msg=stage)


def test_convolution_gathers() -> None:
    text = GOLDEN["a convolution's input adjoint is a gather"][0]
    result = gradient_program(network_of(text))
    (line,) = [x for x in shown(result.program) if x.startswith("dx[")]
    assert line == "dx[i] = sum(p: (dy[i - p] else 0)*w[p])"


PADDED = (
    "param x[c: {C}, i: 9] ~ normal\nparam w[c: {C}, p: 3] ~ normal\n"
    "y[g: {C}, u: {U}] = sum(p: (x[g, {S}*u + p - 1] else 0)*w[g, p])\nloss = sum(g, u: y[g, u]**3)\nminimize loss\n"
)


def adjoint_of_x(text: str) -> str:
    (line,) = [x for x in shown(gradient_program(network_of(text)).program) if x.startswith("dx[")]
    return line


def test_the_adjoint_of_a_padded_convolution_reads_zeros_outside() -> None:
    line = adjoint_of_x(PADDED.format(C=2, U=9, S=1))
    assert line == "dx[g, i] = sum(p: (dy[g, i + 1 - p] else 0)*w[g, p])"


def test_a_stride_stays_a_scatter() -> None:
    """Solved for p, it would be a sum over all u with nearly all terms left out."""
    line = adjoint_of_x(PADDED.format(C=2, U=5, S=2))
    assert line == "dx[g, 2*u + p - 1] += w[g, p]*dy[g, u] if 2*u + p >= 1 and 2*u + p < 10"


def test_joined_indices_stay_joined() -> None:
    text = (
        "param x[c: 6] ~ normal\nparam w[k: 3] ~ normal\n"
        "y[h: 2] = sum(k < 3: x[(h, k)]*w[k])\nloss = sum(h: y[h]**3)\nminimize loss\n"
    )
    assert adjoint_of_x(text) == "dx[3*h + k] = dy[h]*w[k]"


def test_copies_and_zeros_that_the_spec_names_are_read_through() -> None:
    text = (
        "input x[N, 3]\nparam w[i: 3] ~ normal\nz[i: 3] = 0\nq[n, i] = x[n, i]\n"
        "s[n] = z[1] + sum(i: q[n, i]*w[i])\nloss = sum(n: s[n]**2)\nminimize loss\n"
    )
    lines = shown(gradient_program(network_of(text)).program)
    assert lines[0] == "s[n] = sum(i: x[n, i]*w[i])"
    assert not any("q[" in line or "z[" in line for line in lines)


def test_an_index_of_one_value_next_to_another_is_gone() -> None:
    text = (
        "const G = 1\nparam x[c: 6] ~ normal\nparam w[k: 6] ~ normal\n"
        "y[(h: G, k)] = x[(h, k)]*w[(h, k)]\nloss = sum(h: y[h]**3)\nminimize loss\n"
    )
    assert shown(lower(network_of(text), ("loss",)))[0] == "y[k] = w[k]*x[k]"


def test_one_group_leaves_no_trace_where_a_sum_is_named() -> None:
    text = (
        "const G = 1\nparam x[c: 6] ~ normal\nparam w[k: 4, c: 6] ~ normal\n"
        "y[(g: G, o: 4)] = tanh(sum(c: w[(g, o), c]*x[(g, c)]))\nloss = sum(k: y[k]**2)\nminimize loss\n"
    )
    assert shown(lower(network_of(text), ("loss",)))[:2] == ["y_sum[o] = sum(c: w[o, c]*x[c])", "y[o] = tanh(y_sum[o])"]


REPEATED = """
input x[N, 3]
param W[i: 3, j: 2] ~ normal
param b[j: 2] ~ normal
y[n, j] = {formula}
"""


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        (
            "gelu_tanh(b[j] + sum(i: x[n, i]*W[i, j]))",
            ["y_part[n, j] += sum(i: x[n, i]*W[i, j])", "y_part[n, j] += b[j]"],
        ),
        (
            "tanh(sum(i: x[n, i]*W[i, j])) + sum(k: x[n, k]*W[k, j])",
            ["y_sum[n, j] = sum(i: x[n, i]*W[i, j])", "y[n, j] = y_sum[n, j] + tanh(y_sum[n, j])"],
        ),
        (
            "sum(i: x[n, i]*W[i, j]) - sum(i: x[n, i]*b[j])",
            ["y_sum2[n] = sum(i2: x[n, i2])", "y[n, j] += sum(i: x[n, i]*W[i, j])"],
        ),
    ],
)
def test_what_a_formula_holds_more_than_once_is_lowered_once(formula: str, expected: list[str]) -> None:
    lines = shown(lower(network_of(REPEATED.format(formula=formula) + "output y\n"), ("y",)))
    assert lines[: len(expected)] == expected
    assert sum("sum(" in line for line in lines) == sum("sum(" in line for line in expected)


def test_equal_statements_are_calculated_once() -> None:
    result = gradient_program(network_of(GOLDEN["equal statements are one"][0]))
    assert sum("exp(" in line for line in shown(result.program)) == 1
