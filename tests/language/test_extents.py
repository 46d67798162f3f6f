"""Extents: the normal form against plain integer arithmetic, and what can be proved."""

import random

import pytest

from symnet.language.extents import Extent, Floor

N, M = Extent.size("N"), Extent.size("M")


def any_extent(rng: random.Random, depth: int = 3) -> tuple[Extent, object]:
    """A random formula, and a function from sizes to its value by plain arithmetic."""
    if depth == 0 or rng.random() < 0.2:
        name = rng.choice("NM")
        number = rng.randint(-6, 6)
        return rng.choice([(Extent.size(name), lambda s: s[name]), (Extent.of(number), lambda s: number)])
    (left, value_left), (right, value_right) = any_extent(rng, depth - 1), any_extent(rng, depth - 1)
    divisor = rng.randint(1, 6)
    return rng.choice(
        [
            (left + right, lambda s: value_left(s) + value_right(s)),
            (left - right, lambda s: value_left(s) - value_right(s)),
            (left * right, lambda s: value_left(s) * value_right(s)),
            (left // divisor, lambda s: value_left(s) // divisor),
        ]
    )


@pytest.mark.parametrize("seed", range(300))
def test_the_normal_form_has_the_value_of_the_formula(seed):
    rng = random.Random(seed)
    extent, value = any_extent(rng)
    low = extent.lower_bound()
    for sizes in ({"N": n, "M": m} for n in (1, 2, 3, 7, 10) for m in (1, 4, 5, 9)):
        assert extent.value(sizes) == value(sizes)
        assert low is None or low <= value(sizes)


def test_equal_formulas_are_equal_objects():
    assert (N - 1) // 2 + 1 == (N + 1) // 2
    assert (2 * N + 5) // 2 == N + 2
    assert N // 2 // 3 == N // 6
    assert Extent() == N * M - M * N


@pytest.mark.parametrize(
    ("more", "less"),
    [
        (N, Extent.of(1)),
        (N + 1, N),
        (N * M, M),
        (N, N // 2),
        ((N + 1) // 2, N // 2),
        (N // 2 + M, (N - 1) // 2 + 1),
        (3 * ((N + 2) // 3), N),
    ],
)
def test_it_is_proved_that_one_is_at_least_the_other(more, less):
    assert more.at_least(less)
    assert not less.at_least(more + 1)


def test_what_is_not_so_is_not_proved():
    assert not N.at_least(2)
    assert not N.at_least(M)
    assert not (N // 2).at_least(1)


@pytest.mark.parametrize(
    ("extent", "divisor", "quotient"),
    [
        (12 * N, 4, 3 * N),
        (12 * N, 5, None),
        (N * M + 2 * M, M, N + 2),
        (N + 1, N, None),
        (N + 1, N + 1, Extent.of(1)),
    ],
)
def test_division_is_exact_or_refused(extent, divisor, quotient):
    assert extent.divide_exactly(divisor) == quotient


def test_it_reads_like_a_formula():
    assert str((N + 2 * M - 3) // 2 + 1) == "((N + 1)//2) + M - 1"
    assert str(N // 2) == "(N//2)"
    assert str(Extent()) == "0"


def test_sizes_are_replaced():
    assert (N // 2 + M).substitute({"N": 9, "M": N}) == N + 4
    assert isinstance((N // 2).terms[0][0][0], Floor)
