"""A weight that is never negative is shared out to both sides of a symmetric product; no value changes by that."""

from __future__ import annotations

import random

import numpy as np
import pytest

from symnet.compile import compile_spec, load
from symnet.ir.interpret import interpret
from symnet.ir.program import Program
from symnet.passes import pipeline
from symnet.passes.pipeline import EMITTED, forward_program, run_all
from symnet.passes.tuning import symmetric
from tests.backends.kernel_runs import run
from tests.support import network_of, sample, shown

HEAD = "input x[N, 64]\ninput z[N]\ninput k[N] < 3\ninput v[64]\n"

TAKEN = {
    "exponential": "w[n] = exp(z[n])\nG[i, j] = sum(n: x[n, i]*w[n]*x[n, j])",
    "in one line": "G[i, j] = sum(n: x[n, i]*(z[n]**2 + 1)*x[n, j])/N",
    "below zero": "G[i, j] = -sum(n: x[n, i]*x[n, j]*3*abs(z[n]))",
    "sigmoid": "p[n] = sigmoid(z[n])\ny[n, j] = p[n]*(1 - p[n])*x[n, j]\nG[i, j] = sum(n: x[n, i]*y[n, j])",
    "condition": "G[i, j] = sum(n: x[n, i]*x[n, j]*where(k[n] == 1, 2, 0))",
    "in a batch": "y[b: 2, n: N, i: 64] = x[n, i] + b\nG[b, i, j] = sum(n: y[b, n, i]*exp(z[n])*y[b, n, j])",
    "rows": "q[n: 64, i: N] = x[i, n]\nG[n, m] = sum(i: q[n, i]*z[i]**2*q[m, i])",
    "joined": "y[n, i: 8, a: 8] = x[n, (i, a)]\nG[i, a, j, c] = sum(n: y[n, i, a]*exp(z[n])*y[n, j, c])",
}

LEFT = {
    "sign not known": "G[i, j] = sum(n: x[n, i]*z[n]*x[n, j])",
    "may be negative": "p[n] = sigmoid(z[n])\nG[i, j] = sum(n: x[n, i]*(1 - 2*p[n])*x[n, j])",
    "rounded beyond 1": "G[i, j] = sum(n: x[n, i]*(1 - tanh(z[n])**2)*x[n, j])",
    "weight of one side": "G[i, j] = sum(n: x[n, i]*v[i]**2*x[n, j])",
    "two tensors": "y[n, i] = x[n, i]**3\nG[i, j] = sum(n: x[n, i]*z[n]**2*y[n, j])",
    "no mirror": "G[i, j: 64] = sum(n: x[n, i]*exp(z[n])*x[n, 63 - j])",
    "read by others": "y[n, j] = x[n, j]*exp(z[n])\nG[i, j] = sum(n: x[n, i]*y[n, j])\noutput y",
    "some of them": "G[i, j] = sum(n if n < 4: x[n, i]*x[n, j]*z[n]**2)",
    "few of them": "q[m: 20, i: 64] = x[m, i]\nr[m: 20] = z[m]\nG[i, j] = sum(m: q[m, i]*exp(r[m])*q[m, j])",
    "no sum over it": "G[i, j] = sum(n: x[n, i]*x[n, j])",
}


def programs(text: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Program, Program]:
    """What is emitted for some outputs, and the same without the pass."""
    net = network_of(f"{HEAD}{text}\noutput G\n", training=False)
    found = run_all(EMITTED, forward_program(net, net.outputs))
    monkeypatch.setattr(pipeline, "PASSES", {**pipeline.PASSES, "symmetric": lambda program: program})
    return found, run_all(EMITTED, forward_program(net, net.outputs))


def is_taken(program: Program) -> bool:
    return any("_weighted[" in line for line in shown(program))


@pytest.mark.parametrize("name", TAKEN)
def test_the_weight_is_shared_out(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found, plain = programs(TAKEN[name], monkeypatch)
    assert is_taken(found) and not is_taken(plain)
    given = sample(plain, seed=3, sizes={"N": 5})
    right = run(plain, given)["G"]
    np.testing.assert_allclose(run(found, given)["G"], right, rtol=1e-12, atol=1e-12 * np.abs(right).max())


@pytest.mark.parametrize("name", LEFT)
def test_others_stay_as_they_are(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found, plain = programs(LEFT[name], monkeypatch)
    assert found.statements == plain.statements


@pytest.mark.parametrize("seed", range(40))
def test_random_products(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Products of all sizes and orders, weights of all signs: what the pass makes agrees with the interpreter."""
    monkeypatch.setattr(symmetric, "symmetric_time", lambda rows, contracted: -1.0)
    draw = random.Random(seed)
    weights = ["exp(z[n])", "z[n]**2", "abs(z[n])", "sigmoid(z[n])", "(1 - sigmoid(z[n]))", "z[n]", "-softplus(z[n])"]
    weights += ["where(z[n] < 0, 0, z[n])", "max(z[n], 1/2)", "(k[n] + 1)", "u[a]**2", "v[i]", "2/N", "-1/3"]
    factors = ["x[n, a, i]", "x[n, a, j]", *draw.sample(weights, draw.randint(1, 4))]
    draw.shuffle(factors)
    target, bound = draw.choice([("a, i, j", "n"), ("i, j", "a, n"), ("j, a, i", "n"), ("j, i", "n, a")])
    text = f"input x[N, A: 2, I: 3]\ninput z[N]\ninput k[N] < 3\ninput u[A]\ninput v[I]\nG[{target}] = "
    net = network_of(f"{text}sum({bound}: {'*'.join(factors)})\noutput G\n", training=False)
    program = forward_program(net, net.outputs)
    found = run_all(EMITTED, program)
    given = sample(program, seed=seed, sizes={"N": 4})
    expected = interpret(program, given)["G"]
    assert np.isfinite(expected).all()
    for result in (interpret(found, given)["G"], run(found, given)["G"]):
        np.testing.assert_allclose(result, expected, rtol=1e-11, atol=1e-12)


def test_a_weight_of_the_wrong_sign_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(symmetric, "is_nonnegative", lambda body, known: True)
    found, plain = programs(LEFT["sign not known"], monkeypatch)
    given = sample(plain, seed=3, sizes={"N": 5})
    assert is_taken(found) and np.isnan(run(found, given)["G"]).any() and np.isfinite(run(plain, given)["G"]).all()


def test_a_hessian_is_symmetric_to_the_last_bit() -> None:
    spec = (
        "network regression\ninput x[N, 64]\ninput y[N] < 2\nparam w[i: 64] ~ normal(0, 0.1)\n"
        "p[n] = 1/(1 + exp(-sum(i: x[n, i]*w[i])))\nminimize mean(n: -y[n]*log(p[n]) - (1 - y[n])*log(1 - p[n]))\n"
    )
    compiled = compile_spec(load(spec), further=["hessian:w"])
    assert "x_weighted_T.dot(x_weighted, out=ddw_dw)" in compiled.source
    rng = np.random.default_rng(5)
    for dtype, tolerance in ((np.float32, 2e-6), (np.float64, 1e-14)):
        x, w = rng.normal(size=(900, 64)).astype(dtype), rng.normal(size=64).astype(dtype) * 8
        found = compiled.module.hessian_w({"w": w}, x=x, y=rng.integers(0, 2, 900))
        z = x.astype(float) @ w.astype(float)
        right = (x.T.astype(float) / (2 + np.exp(z) + np.exp(-z)) / 900) @ x
        assert np.array_equal(found, found.T)
        assert np.abs(found - right).max() <= tolerance * np.abs(right).max()
