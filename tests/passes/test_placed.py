"""What is only copied is written where the copy goes."""

from __future__ import annotations

import numpy as np
import pytest

from symnet.ir.interpret import interpret
from symnet.passes.pipeline import forward_program
from symnet.passes.tuning.placed import written_in_place
from symnet.planning import rows
from tests.support import network_of, sample, shown

HEAD = "input x[N, 4, 6]\ninput w[N, 6, 6]\ninput i[N] < 3\n"
PRODUCT = "a[n, h: 4, d: 6] = sum(s: x[n, h, s]*w[n, s, d])\n"

# A spec, and what is left of the copy.
TAKEN = {
    "joined": (
        f"{PRODUCT}y[n, (h, d)] = a[n, h, d]",
        ["y[n, 6*h + d] = sum(s: w[n, s, d]*x[n, h, s])"],
    ),
    "exchanged": (
        f"{PRODUCT}y[d, h, n] = a[n, h, d]",
        ["y[d, h, n] = sum(s: w[n, s, d]*x[n, h, s])"],
    ),
    "copied twice": (
        f"{PRODUCT}b[d, n, h] = a[n, h, d]\ny[n, (h, d)] = b[d, n, h]",
        ["y[n, 6*h + d] = sum(s: w[n, s, d]*x[n, h, s])"],
    ),
}

LEFT = {
    "read by others": f"{PRODUCT}y[n, (h, d)] = a[n, h, d]\noutput a",
    "read twice": f"{PRODUCT}y[n, (h, d)] = a[n, h, d]\nz[n] = max(h, d: a[n, h, d])\noutput z",
    "a part": f"{PRODUCT}y[n, d] = a[n, 2, d]",
    "into a part": f"{PRODUCT}y[n, h: 0..4, d: 6] = a[n, h, d]\ny[n, h: 4..5, d] = 1",
    "read backwards": f"{PRODUCT}y[n, h: 4, d: 6] = a[n, 3 - h, d]",
    "greatest": "a[n, h: 4] = max(d: x[n, h, d])\ny[h, n] = a[n, h]",
    "through windows": "a[n, h: 4, u: 5] = sum(p: 0..2, c < 4: x[n, c, u + p]*w[h, c, p])\ny[n, (h, u)] = a[n, h, u]",
    "repeated": f"{PRODUCT}y[n, k: 2, h, d] = a[n, h, d]",
    "gathered": f"{PRODUCT}y[n, d] = a[n, i[n], d]",
    "elementwise": "a[n, h: 4, d: 6] = exp(x[n, h, d])\ny[n, (h, d)] = a[n, h, d]\nz[n] = max(c: y[n, c])\noutput z",
    "changed": f"{PRODUCT}y[n, (h, d)] = 2*a[n, h, d]",
    "a recurrence": "y[n, t: 4] = 1 + sum(d, s if s < t: x[n, s, d]*(y[n, t - 1] else 0))",
}


@pytest.mark.parametrize("name", TAKEN)
def test_the_copy_is_gone(name: str) -> None:
    text, expected = TAKEN[name]
    net = network_of(f"{HEAD}{text}\noutput y\n", training=False)
    program = forward_program(net, net.outputs)
    found = written_in_place(program)
    assert shown(found) == expected
    values = sample(program)
    np.testing.assert_array_equal(interpret(found, values)["y"], interpret(program, values)["y"])


@pytest.mark.parametrize("name", LEFT)
def test_the_copy_stays(name: str) -> None:
    net = network_of(f"{HEAD}{LEFT[name]}\noutput y\n", training=False)
    program = forward_program(net, net.outputs)
    assert written_in_place(program).statements == program.statements


def test_it_is_a_row() -> None:
    net = network_of(f"{HEAD}{TAKEN['joined'][0]}\noutput y\n", training=False)
    program = forward_program(net, net.outputs)
    with rows.forced(rows.PLACED, rows.never):
        assert written_in_place(program) is program
