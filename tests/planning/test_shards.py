"""A batch that is cut: gradients of its parts, weighed as the module says, are those of the whole."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest

from symnet.compile import compile_spec, load
from symnet.contract import Contract
from symnet.language.library import examples_of, load_library
from tests.modules import EXAMPLES, compiled

HEAD = "input x[N, 3]\nparam w[i: 3] ~ normal\ns[n] = sum(i: x[n, i]*w[i])\n"

CUT = {
    "a mean": ("minimize mean(n: s[n]**2)", "mean"),
    "a mean and a penalty": ("minimize mean(n: s[n]**2) + 0.1*sum(i: w[i]**2)", "mean"),
    "half of two means": ("minimize (mean(n: s[n]**2) + mean(n: exp(s[n])))/2", "mean"),
    "over places too": ("z[n, t: 4] = s[n]*t\nminimize mean(n, t: z[n, t]**2)", "mean"),
    "a sum": ("minimize sum(n: s[n]**2)/7", "sum"),
    "a constant for each": ("b[n: N] = w[0]\nminimize mean(n: (s[n] + b[n])**2)", "mean"),
    "labels": ("input y[N] < 3\nminimize mean(n: (s[n] - w[y[n]])**2)", "mean"),
    "a recurrence": (
        "input u[N, T]\nh[n, t] = tanh(w[0]*(h[n, t-1] else 0) + u[n, t])\nminimize mean(n, t: (s[n] - h[n, t])**2)",
        "mean",
    ),
    "a state that follows a mean": ("state m ~ zeros\nm' = m/2 + mean(n: s[n])/2\nminimize mean(n: s[n]**2)", "mean"),
    "noise": ("random u[n: N] ~ normal(0, 1)\nminimize mean(n: (s[n] + u[n])**2)", "mean"),
    "what all share": ("input c[3]\nminimize mean(n: (s[n] - c[0])**2)", "mean"),
}
WHOLE = {
    "a sum and a penalty": "minimize sum(n: s[n]**2) + sum(i: w[i]**2)",
    "weights that are data": "input m[N] < 2\nminimize sum(n: m[n]*s[n]**2)/(1 + sum(n: m[n]))",
    "data normalised over the batch": "c[i: 3] = mean(n < N: x[n, i])\nminimize mean(n: (s[n] - sum(i: c[i]*w[i]))**2)",
    "values normalised over the batch": "m = mean(n: s[n])\nz[n] = s[n] - m\nminimize mean(n: z[n]**2)",
    "pairs": "minimize mean(n, m < N: (s[n] - s[m])**2)",
    "the number of examples in a formula": "minimize mean(n: s[n]**2*exp(-N))",
    "examples that are counted": "minimize mean(n: s[n]**2*n)",
    "one that is picked out": "minimize mean(n: s[n]**2) + s[0]**2",
    "a sum over sqrt(N)": "minimize sum(n: s[n]**2)/sqrt(N)",
    "a state that counts": "state m ~ zeros\nm' = m + sum(n: s[n])\nminimize mean(n: s[n]**2)",
    "the examples twice": "input k[N, N]\nminimize mean(n: s[n]**2*k[n, 0])",
    "a batch of fixed length": "input v[8]\nminimize mean(k: (v[k]*w[0])**2)",
    "a loss that is normalised": "q = mean(n: s[n]**2)\nminimize q**2",
}


def module_of(text: str) -> Any:
    return compile_spec(load("network cut\n" + text + "\n"), check=False).module


@pytest.mark.parametrize("name", CUT)
def test_parts_weighed_as_proved_give_the_whole(name: str) -> None:
    text, loss = CUT[name]
    module = module_of(HEAD + text)
    assert module.BATCH["size"] == "N" and module.BATCH["loss"] == loss
    assert_parts_give_the_whole(module)


@pytest.mark.parametrize("name", WHOLE)
def test_what_cannot_be_cut_is_not(name: str) -> None:
    assert module_of(HEAD + WHOLE[name]).BATCH is None


@pytest.mark.parametrize("name", ["digits_mlp", "lenet", "lstm_recall", "gpt_small", "vae", "physics", "state_space"])
def test_examples_that_are_cut(name: str) -> None:
    module = compile_spec(load(EXAMPLES / f"{name}.sym"), check=False).module
    assert module.BATCH["loss"] == "mean"
    assert_parts_give_the_whole(module)


@pytest.mark.parametrize("name", ["contrastive", "resnet"])
def test_examples_that_are_not(name: str) -> None:
    """Pairs of a batch, and values that are normalised over it."""
    assert compile_spec(load(EXAMPLES / f"{name}.sym"), check=False).module.BATCH is None


def test_the_losses_of_the_library_are_means_but_for_those_that_compare_examples() -> None:
    losses = [d for d in load_library().values() if d.place.source.name.endswith("losses.sym")]
    batches = {d.name: compiled(examples_of(d), check=False).module.BATCH for d in losses}
    whole = {name for name, batch in batches.items() if batch is None}
    assert len(batches) > 10
    assert whole == {"info_nce", "sequence_cross_entropy"}  # pairs; a mean over as many places as the data say
    assert {batch["loss"] for name, batch in batches.items() if name not in whole} == {"mean"}


def assert_parts_give_the_whole(module: ModuleType, cuts: tuple[int, ...] = (2, 3, 7)) -> None:
    """Loss, gradients and next states, from parts of different lengths."""
    contract, rng = Contract.of(module), np.random.default_rng(3)
    batch, examples = module.BATCH, cuts[-1]
    sizes = contract.example_sizes({batch["size"]: examples})
    params = contract.init(0, np.float64)
    state = contract.init_state(np.float64)
    inputs = {name: np.asarray(v) for name, v in contract.sample_inputs(rng, sizes).items()}
    noise = contract.draw(rng, sizes)
    whole = contract.call("loss_and_grad", params, state, inputs, noise=noise)
    total: list[Any] = []
    for start, stop in zip((0, *cuts[:-1]), cuts, strict=True):
        part = cut(inputs, batch["inputs"], start, stop)
        part_noise = None if noise is None else cut(noise, batch["noise"], start, stop)
        weight = (stop - start) / examples if batch["loss"] == "mean" else 1.0
        result = contract.call("loss_and_grad", params, state, part, noise=part_noise)
        total.append([weight * np.asarray(v, dtype=float) for v in flat(result)])
    for got, expected in zip(map(sum, zip(*total, strict=True)), flat(whole), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-10, atol=1e-12)


def cut(arrays: dict[str, Any], places: dict[str, int], start: int, stop: int) -> dict[str, Any]:
    return {n: v.take(range(start, stop), axis=places[n]) if n in places else v for n, v in arrays.items()}


def flat(result: Any) -> list[Any]:
    loss, *tables = result
    return [loss, *(value for table in tables for value in table.values())]
