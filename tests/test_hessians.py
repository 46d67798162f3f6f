"""Second derivatives as formulas: the closed forms of textbooks, and what they say in numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from symnet.cli import main
from symnet.errors import UsageError
from symnet.hessians import Hessians, hessians
from symnet.ir.interpret import interpret
from symnet.passes.hessian import hessian
from symnet.passes.pipeline import tidied
from tests.notation.meaning import disagrees
from tests.passes.test_derivatives import LOGISTIC, QUADRATIC, SPECS
from tests.support import network_of, sample


def of(text: str, *wrt: str) -> Hessians:
    return hessians(network_of(text), wrt or None)


def test_quadratic_form() -> None:
    found = of(QUADRATIC)
    assert found.listing() == "ddx_dx[i, j] = A[i, j] + A[j, i]"
    assert found.listing("matrix") == "ddx_dx = A + Aᵀ"
    assert r"\frac{\partial^2 L}{\partial x_{i} \partial x_{j}} &= A_{ij} + A_{ji}" in found.listing("latex")


def test_logistic_regression() -> None:
    found = of(LOGISTIC, "w", "b")
    assert set(found) == {("w", "w"), ("w", "b"), ("b", "w"), ("b", "b")}
    assert found.listing("matrix").splitlines()[0] == "ddw_dw = xᵀ diag(p ∘ (1 - p)) x/N"
    assert found["b", "b"].formula == "ddb_db = sum(n: p[n]*(1 - p[n]))/N"
    assert r"\frac{\partial^2 L}{\partial b \partial w_{i}}" in found["b", "w"].latex()


def test_values_on_the_way() -> None:
    """The Hessian of a cross-entropy by its logits is (diag(p) - p pᵀ)/N for each example."""
    text = """
input z0[N, 3]
input y[N] < 3
param s ~ ones
z[n, c] = s*z0[n, c]
p[n, c] = exp(z[n, c])/sum(k: exp(z[n, k]))
output p
minimize mean(n: -log(p[n, y[n]]))
"""
    found = of(text, "z")["z", "z"]
    assert found.formula == "ddz_dz[n, c, o, d] = p[n, c]*δ(n, o)*(δ(c, d) - p[n, d])/N"


def test_a_penalty_is_a_multiple_of_the_identity() -> None:
    assert of("param w[i: 3] ~ normal\nminimize sum(i: w[i]**2)\n").listing("matrix") == "ddw_dw = 2 I"


@pytest.mark.parametrize("name", [name for name in SPECS if name != "recurrence"])
def test_the_formulas_mean_what_the_program_calculates(name: str) -> None:
    net = network_of(SPECS[name])
    found = of(SPECS[name])
    assert found
    for rows, columns in found:
        program, blocks = hessian(net, (rows,))
        done = tidied(program, (*(n for n in net.tensors if n in program.writers), *blocks.values()))
        values = sample(program, 1)
        numbers = interpret(program, values) | interpret(done, {n: v for n, v in values.items() if n in done.tensors})
        sizes = {size: 3 + k for k, size in enumerate(net.sizes)}
        block = found[rows, columns]
        for formula in (*block.intermediates, block):
            assert not disagrees(formula, formula.value, numbers, sizes), formula.formula


def test_mistakes() -> None:
    with pytest.raises(UsageError, match="no tensor 'q'"):
        of(QUADRATIC, "q")
    with pytest.raises(UsageError, match="minimises nothing"):
        of("input x[3]\ny[i] = x[i]**2\noutput y\n")


def test_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "quadratic.sym"
    spec.write_text(QUADRATIC)
    assert main(["gradients", str(spec), "--order", "2", "--format", "matrix"]) == 0
    assert capsys.readouterr().out.strip() == "ddx_dx = A + Aᵀ"
