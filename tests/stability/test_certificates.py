"""Certificates: what is written by hand is safe, and what is not safe is found. The library has its own page."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from symnet.commands.certifying import stability_command
from symnet.compile import module_of
from symnet.language.library import examples_of, load_library
from symnet.passes import stabilise
from symnet.stability import Certificate, emitted, stability
from tests.support import network_of

LIBRARY = load_library()
hostile = importlib.import_module("symnet.stability.hostile")  # symnet.stability is also the name of a function


def certificate(text: str) -> Certificate:
    return stability(network_of(text), module_of)


SOFTMAX = """
input x[n: 3, t: 4]
input keep[n, t] < 2
param w[t] ~ ones
s[n, t, u: 4] = x[n, t]*x[n, u]*w[t]
{equations}
minimize sum(n, t, u: p[n, t, u]*x[n, u])
"""
SAFE = {
    "causal, a condition over a filter": """
p[n, t, u] = where(u <= t, exp(s[n, t, u]), 0)/sum(r if r <= t: exp(s[n, t, r]))""",
    "causal, a tensor of weights": """
e[n, t, u] = where(u <= t, exp(s[n, t, u]), 0)
p[n, t, u] = e[n, t, u]/sum(r: e[n, t, r])""",
    "rows without keys, a filter": """
p[n, t, u] = where(keep[n, u] > 0, exp(s[n, t, u])/sum(r if keep[n, r] > 0: exp(s[n, t, r])), 0)""",
    "rows without keys, -inf": """
m[n, t, u] = where(keep[n, u] > 0, s[n, t, u], -inf)
q[n, t, u] = exp(m[n, t, u])/sum(r: exp(m[n, t, r]))
p[n, t, u] = where(max(r: keep[n, r]) > 0, q[n, t, u], 0)""",
}


@pytest.mark.parametrize("equations", SAFE.values(), ids=SAFE)
def test_a_softmax_by_hand_is_safe(equations: str) -> None:
    found = certificate(SOFTMAX.format(equations=equations))
    assert found.ok, str(found)
    assert all(test.word == "ok" for test in found.tests if test.result == "loss" and test.point != "inputs -inf")


def test_attention_without_keys_is_safe() -> None:
    found = certificate(
        """
input x[n: 2, t: 3, d: 4]
input keep[n, t] < 2
y = masked_attention(dense(x, 4), x, dense(x, 2), keep)
minimize mean(n, t, e: y[n, t, e]**2)
"""
    )
    assert found.ok, str(found)
    hostile = [test for test in found.tests if test.point == "inputs ±1000"]
    assert [test.word for test in hostile] == ["ok"] * len(hostile)


def test_without_the_rules_there_are_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stabilise, "RULES", ())
    for name in ("softmax", "softmax_cross_entropy", "kl_divergence", "binary_cross_entropy"):
        assert not certificate(examples_of(LIBRARY[name])).ok, name


GUARDED = {
    "a norm": "r = sqrt(sum(t: w[t]**2))\nminimize where(r > 0, r, 0)",
    "a quotient of a norm": "r = sum(t: w[t]**2)\nminimize where(r > 0, sum(t: t*w[t])/sqrt(r), 0)",
    "an absolute value": "minimize sum(t: abs(w[t]))",
}


@pytest.mark.parametrize("formula", GUARDED.values(), ids=GUARDED)
def test_a_guard_keeps_the_gradient_finite_at_zero(formula: str) -> None:
    found = certificate(f"param w[t: 4] ~ normal\n{formula}\n")
    assert {test.word for test in found.tests if test.point == "parameters 0"} == {"ok"}


def test_an_overflow_on_the_way_is_a_finding() -> None:
    found = certificate("param w[t: 4] ~ normal\nminimize sum(t: exp(-exp(w[t])))\n")
    assert {test.point for test in found.findings} == {"parameters ±1000"}
    assert "exp(w[t])" in next(test.first for test in found.findings if test.word == "wrong")
    assert "open: overflows above 709" in str(found)


MATRIX = "param w[i: 3] ~ ones\nparam v[i: 3] ~ ones\n{}\nminimize tanh(sum(i: a[i]*v[i]))\n"
DOT, LOG = "invalid value encountered in dot", "divide by zero encountered in log"


def test_a_matrix_product_that_overflows_on_the_way_warns() -> None:
    found = certificate(MATRIX.format("a[i] = 2e38*w[i]"))
    at_ones = [test for test in found.tests if test.point == "all 1"]
    assert {(test.precision, test.warnings) for test in at_ones} == {
        ("float64", ()),
        ("float32", ("overflow encountered in dot",)),
    }


@pytest.mark.parametrize(("warnings", "left"), [((DOT,), ()), ((LOG, DOT), (LOG,))])
def test_what_a_matrix_product_finds_in_its_memory_is_no_finding(
    warnings: tuple[str, ...], left: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The values of the program are finite, so the warning of a product is not of them."""

    def warned(*arguments: Any) -> emitted.Outcome:
        return emitted.Outcome(emitted.outcome(*arguments).results, warnings)

    monkeypatch.setattr(hostile, "outcome", warned)
    found = certificate(MATRIX.format("a[i] = 2*w[i]"))
    assert {test.warnings for test in found.tests if test.word == "ok"} == {left}


def test_what_no_double_holds_is_no_finding() -> None:
    found = certificate("param w[t: 4] ~ normal\nminimize sum(t: exp(w[t]))\n")
    assert found.ok
    assert {test.word for test in found.tests if test.point == "parameters ±1000"} == {"open"}


def test_towers_of_exponentials_end() -> None:
    assert certificate("param w ~ normal\nminimize exp(exp(exp(exp(w)))) + sin(exp(exp(exp(w))))\n").tests


def test_the_rewrites_and_the_guards_are_named() -> None:
    found = certificate("param w[t: 4] ~ normal\nminimize log(sum(t: exp(w[t]))) + sqrt(sum(t: w[t]**2) + 1)\n")
    assert ("forward", "loss") in {(r.part, r.tensor) for r in found.rewrites}
    pairs = {(o.operation, o.guard) for o in found.operations}
    assert {("exp", "exponent at most 0"), ("log", "argument above 0"), ("root", "radicand above 0")} <= pairs
    assert not any(guard.startswith("open") for _, guard in pairs)


def test_the_command_fails_where_there_is_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "wild.sym"
    path.write_text("param w ~ normal\nminimize exp(-exp(w))\n")
    done = CliRunner().invoke(stability_command, [str(path), "--json"], standalone_mode=False)
    assert done.return_value == 1
    assert json.loads(done.output)["ok"] is False
