"""Sums that differ in factors, and conditions that a factor has already."""

from __future__ import annotations

import numpy as np

from symnet.ir.interpret import interpret
from symnet.passes.pipeline import gradient_program, run, step_program
from symnet.passes.tuning.sums import gather_sums
from tests.support import network_of, sample, shown

NORMALISED = """
input x[N, 4]
input y[N, 4]
param g[c: 4] ~ ones
param b[c: 4] ~ zeros
param w[i: 4] ~ ones
a[n, i] = w[i]*x[n, i]
m[c] = mean(n: a[n, c])
v[c] = mean(n: (a[n, c] - m[c])**2)
h[n, c] = max(0, g[c]*(a[n, c] - m[c])/sqrt(v[c] + 1/1000) + b[c])
loss = mean(n, c: (h[n, c] - y[n, c])**2)
minimize loss
"""
# The condition of `h` may not be dropped here: the root of v has an infinite derivative where v is 0.
BARE = NORMALISED.replace(" + 1/1000", "")
RECURRENT = """
input x[N, T, 2]
param w[i: 2] ~ normal
h[n, t, i] = tanh(w[i]*x[n, t, i] + (h[n, t - 1, i] else 0) - mean(j < 2: h[n, t - 1, j] else 0))
loss = mean(n, t, i: h[n, t, i]**2)
minimize loss
"""


def emitted(spec: str) -> list[str]:
    return shown(step_program(network_of(spec)).program)


def test_the_gradient_of_a_normalisation_is_that_of_the_textbooks() -> None:
    assert emitted(NORMALISED)[8:] == [
        "dh_kept[n, c] = where(not h[n, c] <= 0, h_difference[n, c]/(2*N), 0)",
        "db[c] = sum(n: dh_kept[n, c])",
        "dg_sum[c] = sum(n: a_difference[n, c]*dh_kept[n, c])",
        "dg[c] = dg_sum[c]*v_power[c]",
        "dv[c] = -dg[c]*g[c]*v_power[c]**2/2",
        "dw[i] = sum(n: x[n, i]*(2*dv[i]*a_difference[n, i]/N + g[i]*v_power[i]*dh_kept[n, i]"
        " - db[i]*g[i]*v_power[i]/N))",
    ]


def test_a_condition_in_front_of_an_infinite_factor_stays() -> None:
    assert sum("where(" in line for line in emitted(BARE)) > 1


def test_values_stay_what_they_are() -> None:
    for spec in (NORMALISED, BARE, RECURRENT):
        net = network_of(spec)
        program = run("share", gradient_program(net).program)
        values = sample(program)
        before, after = interpret(program, values), interpret(gather_sums(program), values)
        for name in program.results:
            assert np.allclose(before[name], after[name], rtol=1e-9, atol=1e-12), name
