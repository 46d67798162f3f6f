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
    assert line == "dx[i] = sum(p if i >= p and i <= p + 6: dy[i - p]*w[p])"


def test_equal_statements_are_calculated_once() -> None:
    result = gradient_program(network_of(GOLDEN["equal statements are one"][0]))
    assert sum("exp(" in line for line in shown(result.program)) == 1
