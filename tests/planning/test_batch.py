"""The proof that a loss is a sum over the examples of a batch."""

from __future__ import annotations

import pytest

from symnet.passes.pipeline import narrowed, parameters, stabilised
from symnet.planning.batch import Batch, find_batch
from tests.support import network_of

HEAD = "input x[N, 3]\nparam w[i: 3] ~ normal\ns[n] = sum(i: x[n, i]*w[i])\n"

PROVED = {
    "a mean": "minimize mean(n: s[n]**2)",
    "a sum and a penalty": "minimize sum(n: s[n]**2)/7 + sum(i: w[i]**2)",
    "what is repeated for each": "b[n: N] = w[0]\nminimize mean(n: (s[n] + b[n])**2)",
    "weights that are data": "input m[N] < 2\nminimize sum(n: m[n]*s[n]**2)/(1 + sum(n: m[n]))",
    "data normalised over the batch": "c[i: 3] = mean(n < N: x[n, i])\nminimize mean(n: (s[n] - sum(i: c[i]*w[i]))**2)",
}
MIXED = {
    "a maximum": ("minimize max(n: s[n])", ""),
    "values normalised over the batch": ("m = mean(n: s[n])\nz[n] = s[n] - m\nminimize mean(n: z[n]**2)", "z"),
    "neighbours": ("z[n] = s[n]*(s[n - 1] else 0)\nminimize mean(n: z[n])", "z"),
    "pairs": ("minimize mean(n, m < N: (s[n] - s[m])**2)", ""),
    "the logarithm of a sum": ("minimize log(sum(n: s[n]**2))", ""),
}


def proof(text: str) -> tuple[Batch | None, str]:
    net = network_of(HEAD + text + "\n")
    objective = net.objective or ""
    program = narrowed(stabilised(net, (objective,)), (objective,))
    return find_batch(program, objective, parameters(net))


@pytest.mark.parametrize("name", PROVED)
def test_examples_are_told_apart(name: str) -> None:
    batch, _ = proof(PROVED[name])
    assert batch is not None
    assert str(batch.extent) == "N" and batch.places["s"] == 0


@pytest.mark.parametrize("name", MIXED)
def test_examples_are_mixed(name: str) -> None:
    text, culprit = MIXED[name]
    batch, found = proof(text)
    assert batch is None
    assert found and (not culprit or found == culprit)
