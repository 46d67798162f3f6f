"""Slopes before what they are multiplied with, and quotients read where they are known: fewer arrays at a time."""

from __future__ import annotations

import numpy as np

from symnet.ir.interpret import interpret
from symnet.ir.program import Program
from symnet.passes.pipeline import gradient_program, run, step_program
from symnet.passes.tuning.quotients import quotients_read
from symnet.passes.tuning.slopes import slopes_first
from symnet.planning import rows
from tests.support import network_of, sample, shown

HEAD = "input x[N, 4]\ninput y[N, 4]\nparam W[i: 4, o: 4] ~ normal\nparam V[o: 4, k: 4] ~ normal\n"
GELU = (
    f"{HEAD}a[n, o] = sum(i: x[n, i]*W[i, o])\ns[n, o] = sigmoid(3*a[n, o]**3 + a[n, o])\nh[n, o] = a[n, o]*s[n, o]\n"
)
ATTENTION = (
    f"{HEAD}z[n, m: N] = sum(i, o: x[n, i]*W[i, o]*x[m, o])\np[n, m] = exp(z[n, m])/sum(k: exp(z[n, k]))\n"
    "h[n, o] = sum(m: p[n, m]*y[m, o])\n"
)
LOSS = "l[n, k] = sum(o: h[n, o]*V[o, k])\nminimize sum(n, k: l[n, k]**2)\n"


def program_of(text: str) -> Program:
    """A step as it is before both passes."""
    program = gradient_program(network_of(text)).program
    for name in ("sums", "differences", "products"):
        program = run(name, program)
    return program


def agree(one: Program, other: Program) -> None:
    values = sample(one)
    before, after = interpret(one, values), interpret(other, values)
    for name in one.results:
        np.testing.assert_allclose(after[name], before[name], rtol=1e-12, atol=1e-14)


# --- slopes ----------------------------------------------------------------------------------------


def test_a_slope_comes_before_what_it_is_multiplied_with() -> None:
    program = program_of(GELU + LOSS)
    found = slopes_first(program)
    lines = shown(found)
    slope = next(k for k, line in enumerate(lines) if line.startswith("da_slope[n, o] ="))
    assert lines[slope + 1] == "dh[n, o] = sum(k: 2*l[n, k]*V[o, k])"
    assert lines[slope + 2] == "da[n, o] = da_slope[n, o]*dh[n, o]"
    assert lines[slope - 1].startswith("dV[o, k] =")  # the last one besides that reads h
    agree(program, found)


def test_one_value_is_no_reason() -> None:
    program = program_of(f"{HEAD}a[n, o] = sum(i: x[n, i]*W[i, o])\nh[n, o] = tanh(a[n, o])\n{LOSS}")
    assert slopes_first(program) is program


def test_a_value_that_is_kept_is_no_reason() -> None:
    program = program_of(GELU + LOSS)
    kept = Program(program.tensors, program.statements, (*program.results, "a", "s", "h"), program.sizes)
    assert slopes_first(kept) is kept


def test_it_is_a_row() -> None:
    program = program_of(GELU + LOSS)
    with rows.forced(rows.SLOPES, rows.never):
        assert slopes_first(program) is program


# --- quotients -------------------------------------------------------------------------------------


def test_the_gradient_of_softmax_reads_the_quotient() -> None:
    program = program_of(ATTENTION + LOSS)
    found = quotients_read(program)
    assert any("dz_sumexp[n]*z_exp[n, m]" in line for line in shown(program))
    lines = shown(found)
    assert "dz_sumexp[n] = sum(m: -dp_product[n, m])" in lines
    assert "dz[n, m] = dp_product[n, m] + dz_sumexp[n]*p[n, m]" in lines
    assert sum("z_exp[n, " in line for line in lines) == 3  # its definition, its sum and p
    agree(program, found)


def test_other_divisors_and_further_readers_stay() -> None:
    other = ATTENTION.replace("sum(k: exp(z[n, k]))", "(1 + sum(k: exp(z[n, k])))")
    program = program_of(other + LOSS)
    assert not any("p[n, m]/" in line for line in shown(quotients_read(program)))
    agree(program, quotients_read(program))
    plain = program_of(f"{HEAD}h[n, o] = sum(i: x[n, i]*W[i, o])\n{LOSS}")
    assert quotients_read(plain) is plain


def test_an_attention_reads_no_exponential_behind_its_weights() -> None:
    text = "network t\nexample N = 2\nexample T = 3\ninput x[N, T, 8]\ny = multi_head_attention(x, x, 2, causal=1)\n"
    lines = shown(step_program(network_of(f"{text}minimize mean(n, t, d: y[n, t, d]**2)\n")).program)
    last = max(k for k, line in enumerate(lines) if "w_exp[" in line)
    assert ".a.p[" in lines[last].split(" = ")[0]
