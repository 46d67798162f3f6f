"""Conditions ask the positive part of what is read for nothing else; no value changes by that."""

from __future__ import annotations

import numpy as np
import pytest

from symnet.ir.interpret import interpret
from symnet.passes import pipeline
from symnet.passes.pipeline import step_program
from symnet.planning.liveness import lives
from tests.support import network_of, sample, shown

HEAD = "input x[N, 6]\nparam v[j: 6] ~ normal\nu[n, j] = x[n, j]*v[j]\nz[n, j] = tanh(u[n, j]) + v[j]\n"

TAKEN = {
    "relu": "r[n, j] = relu(z[n, j])\nminimize mean(n, j: r[n, j]**2*v[j])\n",
    "in a condition": "r[n, j] = max(0, z[n, j])\nminimize mean(n, j: r[n, j]**3 + where(z[n, j] <= 0, 0, v[j]))\n",
}

LEFT = {
    "read besides": "r[n, j] = relu(z[n, j])\nminimize mean(n, j: r[n, j]**2*z[n, j])\n",
    "another question": "r[n, j] = relu(z[n, j])\nminimize mean(n, j: r[n, j]**2*where(z[n, j] <= 1, 1, v[j]))\n",
    "another bound": "r[n, j] = max(1, z[n, j])\nminimize mean(n, j: r[n, j]**2*v[j])\n",
}


def asked(text: str) -> bool:
    """Whether the gradient asks r, and z is needed no longer than r is made."""
    program = step_program(network_of(HEAD + text)).program
    found = lives(program, program.results)
    return found["z"].end <= found["r"].start and any(
        "not r[" in line or "r[n, j] <= 0" in line for line in shown(program)
    )


@pytest.mark.parametrize("name", TAKEN)
def test_the_positive_part_is_asked(name: str) -> None:
    assert asked(TAKEN[name])


@pytest.mark.parametrize("name", LEFT)
def test_what_is_read_besides_is_left(name: str) -> None:
    assert not asked(LEFT[name])


@pytest.mark.parametrize("name", [*TAKEN, *LEFT])
def test_no_value_changes(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    net = network_of(HEAD + (TAKEN | LEFT)[name])
    found = step_program(net).program
    monkeypatch.setattr(pipeline, "PASSES", {**pipeline.PASSES, "positives": lambda program: program})
    plain = step_program(net).program
    values = sample(found, sizes={"N": 5})
    values["x"][0, :3] = 0, -np.inf, np.nan
    one, other = (interpret(program, values) for program in (found, plain))
    for result in plain.results:
        np.testing.assert_array_equal(one[result], other[result])
