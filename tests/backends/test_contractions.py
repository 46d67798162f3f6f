"""Contractions of every form as modules, against the slow meaning of their equations."""

from __future__ import annotations

import pytest

from tests.modules import compiled, disagreements
from tests.random_contractions import contraction_spec

# Products whose result has other indices than the tensor that they go to.
OTHER_INDICES = {
    "one factor has an index alone": """network alone
example N = 3
input x[2, N, 2]
param w ~ ones
t[i, l] = sum(j, k: x[i, j, l]*x[i, j, k])
minimize sum(i, l: w*t[i, l]**2)
""",
    "the gradient is the same along an index": """network same
example N = 5
example M = 3
input x0[1, M, N, 4]
input x1[N, M, 1, M]
param w ~ ones
y[e: M, d: 4, g: N, a: M] = sum(c, b: x0[b, e, g, d]**2*x1[c, e, b, a]**2)**2
minimize w*sum(e, d, g, a: y[e, d, g, a]**2)
""",
}


@pytest.mark.parametrize("text", OTHER_INDICES.values(), ids=OTHER_INDICES)
def test_products_with_other_indices_than_their_place(text: str) -> None:
    assert not disagreements(compiled(text, check=False))


@pytest.mark.parametrize("seed", range(16))
def test_random_contractions(seed: int) -> None:
    text = contraction_spec(seed)
    found = compiled(text, check=False)
    for sizes in ({"N": 3, "M": 2}, {"N": 1, "M": 4}):
        assert not disagreements(found, sizes=sizes, seed=seed), text
