"""Matrices that are read across their rows: block by block where rows begin in the same few sets of the cache."""

from __future__ import annotations

import numpy as np
import pytest

from symnet.backends.numpy import across
from symnet.compile import compile_spec, load
from symnet.ir.interpret import interpret
from symnet.planning import costs
from tests.backends.kernel_runs import function_source, run
from tests.backends.test_kernels import CASES
from tests.backends.test_kernels import values as case_values
from tests.programs import random_program

SPEC = "network turned\ninput A[300, 512]\ninput B[512, 300]\nS[i, j] = B[i, j]*exp(A[j, i]) - A[j, i]\noutput S\n"


def force(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the row for every matrix that is read across its rows, a few of them at a time."""
    monkeypatch.setattr(costs, "ALIASED", 1)
    monkeypatch.setattr(across, "LINE", 0)
    monkeypatch.setattr(across, "copy_time", lambda elements, piece: -1e9)
    monkeypatch.setattr(across, "FEWEST_ROWS", 1)
    monkeypatch.setattr(across, "MOST_ROWS", 2)


def test_rows_that_push_each_other_out_are_copied_a_few_at_a_time() -> None:
    compiled = compile_spec(load(SPEC))
    assert "for j in range(0, 300, 128):" in compiled.source
    rng = np.random.default_rng(1)
    for dtype in (np.float32, np.float64):
        a, b = rng.normal(size=(300, 512)).astype(dtype), rng.normal(size=(512, 300)).astype(dtype)
        found = compiled.module.forward({}, a, b)[0]["S"]
        np.testing.assert_allclose(found, b * np.exp(a.T) - a.T, rtol=1e-5 if dtype is np.float32 else 1e-13)


@pytest.mark.parametrize(("rows", "width"), [(300, 500), (8, 512), (300, 513)])
def test_others_are_read_as_they_lie(rows: int, width: int) -> None:
    text = SPEC.replace("300", str(rows)).replace("512", str(width))
    assert "for j in" not in compile_spec(load(text)).source


def test_the_same_values_where_every_matrix_is_turned_so(monkeypatch: pytest.MonkeyPatch) -> None:
    force(monkeypatch)
    taken = 0
    for p, given, sizes in (
        *((p, case_values(), None) for p in CASES.values()),
        *((r.program, r.values(), r.sizes) for r in map(random_program, range(60))),
    ):
        keep = tuple(p.writers)
        taken += "rows" in function_source(p, keep)[0]
        expected = interpret(p, given, sizes)
        found = run(p, given, sizes, keep=keep)
        for tensor in keep:
            np.testing.assert_allclose(found[tensor], expected[tensor], rtol=1e-9, atol=1e-11, err_msg=tensor)
    assert taken >= 3
