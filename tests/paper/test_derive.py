"""The derivation: every line says what the interpreter calculates, and the lines are those of a textbook."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from textwrap import dedent
from types import MappingProxyType

import pytest
import sympy as sp

from symnet.compile import load, network
from symnet.errors import UsageError
from symnet.ir.interpret import interpret
from symnet.language.library import Definition, examples_of, load_library
from symnet.notation.text import expression_text
from symnet.paper.derive import Derivation, Ref, derivation, slope
from symnet.paper.names import short_names
from tests.modules import EXAMPLES
from tests.notation.meaning import disagrees
from tests.support import network_of, sample

LIBRARY = load_library()
SIZES = {"N": 2, "T": 3, "M": 2}
SMALL = {"gpt_small": {"width": 8, "heads": 2, "depth": 1, "vocabulary": 5, "context": 6}, "path_blowup": {"depth": 3}}
SPECS = sorted(path.stem for path in EXAMPLES.glob("*.sym"))
SLOW = {"resnet", "lenet", "digits_by_hand", "digits_mlp", "vae", "lstm_recall"}  # too many points for the interpreter


def derived(name: str) -> Derivation:
    return derivation(network(load(EXAMPLES / f"{name}.sym"), constants=SMALL.get(name)))


def lines_of(d: Derivation, name: str) -> list[str]:
    """The right-hand sides for one adjoint, without the chain rule that stands first."""
    found = next(a for a in d.adjoints if a.formula.name == name)
    return [expression_text(x.value, found.formula.indices) for x in found.lines if not x.value.has(slope)]


def said(d: Derivation, name: str) -> str:
    """The reasons for one adjoint."""
    found = next(a for a in d.adjoints if a.formula.name == name)
    return "; ".join(
        "".join(part.name if isinstance(part, Ref) else str(part) for part in x.reason) for x in found.lines
    )


@pytest.mark.parametrize("name", [name for name in SPECS if name not in SLOW])
def test_every_line_is_what_the_interpreter_calculates(name: str) -> None:
    assert not list(wrong_lines(derived(name)))


TEXTS = {
    "digits": """
        input x[N, 3]
        input y[N] < 4
        h = dense(x, 5, activation=tanh)
        p = softmax(dense(h, 4))
        minimize mean(n: -log(p[n, y[n]]))
    """,
    "lstm": """
        input x[N, T, 2]
        input y[N] < 3
        h, last = lstm(x, 3)
        minimize softmax_cross_entropy(dense(last, 3), y)
    """,
    "convolution": """
        input x[N, 2, 4, 4]
        input y[N] < 3
        f = conv2d(x, 2, activation=relu)
        minimize softmax_cross_entropy(dense(flatten(max_pool2d(f)), 3), y)
    """,
    "batch norm": """
        input x[N, 3]
        input t[N, 2]
        minimize mse(dense(batch_norm(x), 2), t)
    """,
    "pieces, diagonals, products, a reader in two ways": """
        input x[N, 3]
        param A[i: 3, j: 3] ~ normal
        y[n, k: 0..2] = prod(i: A[i, k]*x[n, i])
        y[n, k: 2..4] = max(i: A[i, i]*x[n, k - 2])
        minimize mean(n, k: y[n, k]**2) + sum(i, j: A[i, j]*A[j, i])
    """,
    "scatter and stop": """
        input g[N] < 3
        param w[k: 3] ~ ones
        t[k: 3] = w[k]
        t[g[n]] += w[g[n]]**2
        minimize sum(k: t[k]*stop(t[k]))
    """,
}


@pytest.mark.parametrize("name", TEXTS)
def test_every_line_of_small_networks(name: str) -> None:
    assert not list(wrong_lines(derivation(network_of(dedent(TEXTS[name])))))


@pytest.mark.parametrize("entry", LIBRARY.values(), ids=LIBRARY)
def test_every_line_of_the_library(entry: Definition) -> None:
    net = network(load(examples_of(entry)))
    assert not list(wrong_lines(derivation(net), dict.fromkeys(net.sizes, 3) | dict(net.examples)))


def test_a_wrong_line_is_seen() -> None:
    assert list(wrong_lines(derivation(network_of(dedent(TEXTS["digits"]))), factor=sp.Rational(1001, 1000)))


def wrong_lines(
    d: Derivation, sizes: Mapping[str, int] = MappingProxyType(SIZES), factor: sp.Expr = sp.S.One
) -> Iterator[str]:
    """The lines that say something else than the interpreter calculates."""
    given = sample(d.program, 1, sizes)
    values = given | interpret(d.program, given, sizes)
    checked = 0
    for adjoint in d.adjoints:
        for line in adjoint.lines:
            if line.value.has(slope):
                continue
            checked += 1
            if disagrees(adjoint.formula, line.value * factor, values, sizes, 12):
                yield f"{adjoint.formula.name} = {expression_text(line.value, adjoint.formula.indices)}"
    assert checked >= len(d.adjoints)


# --- what is said ---


def test_softmax_and_cross_entropy_written_out() -> None:
    d = derived("digits_by_hand")
    assert lines_of(d, "dp") == ["-δ(c, y[n])/(N*p[n, y[n]])", "-δ(c, y[n])/(N*p[n, c])"]
    assert lines_of(d, "dz")[-1] == "(p[n, c] - δ(c, y[n]))/N"
    assert lines_of(d, "da")[-1] == "sum(c: dz[n, c]*W2[j, c])"
    assert lines_of(d, "da_sum")[-1] == "da[n, j]*(1 - a[n, j]**2)"
    assert "tanh" in said(d, "da_sum") and "both paths, p and p_sum" in said(d, "dz_exp")
    assert "inserted; by p" in said(d, "dz")


def test_the_classifier_of_the_lecture() -> None:
    d = derived("linear_classifier")
    assert lines_of(d, "dz")[-1] == "p[k]*sum(k2: t[k2]) - t[k]"
    assert lines_of(d, "dW")[-1] == "dz[k]*x[i]"


def test_the_scalar_graph_adds_up_two_paths() -> None:
    d = derived("scalar_graph")
    assert lines_of(d, "db") == ["dc + dd", "c + d"]
    assert "both paths, d and c" in said(d, "db")


def test_a_delta_is_named_that_is_eliminated() -> None:
    d = derivation(
        network_of(
            "input x[N, 6]\nparam w[i: 4] ~ ones\ny[n, i] = w[i]*x[n, i + 2]\n"
            "z[n, u] = sum(p < 2: y[n, u + p])\nminimize mean(n, u: z[n, u]**2)"
        )
    )
    assert "KroneckerDelta(i, p + u) eliminated" in said(d, "dy")


def test_the_order_is_that_of_the_backward_pass() -> None:
    for name in ("digits_mlp", "dag", "gaussian_mixture"):
        d = derived(name)
        known: set[str] = set()
        for adjoint in d.adjoints:
            reads = {s.name for line in adjoint.lines for s in line.value.atoms(sp.Symbol)}
            tensors = {n for n in reads if n in d.program.tensors and d.program.tensors[n].role == "adjoint"}
            assert tensors <= known, adjoint.formula.name
            known.add(adjoint.formula.name)


def test_a_network_without_a_loss() -> None:
    with pytest.raises(UsageError, match="minimises nothing"):
        derivation(network_of("input x[3]\noutput x"))


def test_short_names_tell_tensors_apart() -> None:
    short = short_names(["x", "h.W", "h1.a.q.W", "h2.a.q.W", "h1.a.k.W", "h1.b.k.W", "h3.a.m.W"])
    assert short["x"] == "x" and short["h.W"] == "h.W" and short["h3.a.m.W"] == "m.W"
    assert short["h1.a.q.W"] == "h1.q.W" and short["h1.a.k.W"] == "h1.a.k.W"
    assert len(set(short.values())) == len(short)
