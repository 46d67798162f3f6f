"""Costs, the parts of indices in products, the order of products, layouts, and who shares a buffer with whom."""

from __future__ import annotations

import numpy as np
import pytest

from symnet.ir.interpret import interpret
from symnet.ir.program import Access, Program, Statement, leaf, statement
from symnet.language.extents import Extent
from symnet.passes.pipeline import gradient_program
from symnet.planning.contractions import cheapest_order, classify, volume
from symnet.planning.costs import elements, flops, inner_time, operations, product_time, program_flops, traffic
from symnet.planning.layout import relaid
from symnet.planning.liveness import lives, shared_buffers
from tests.programs import random_program
from tests.support import network_of, sample

N = Extent.size("N")
BOX = {"n": N, "i": Extent.of(64), "j": Extent.of(64), "c": Extent.of(10), "h": Extent.of(4)}

SPEC = """network small
input x[N, D: 8]
input y[N] < 3
param W1[i: D, j: 16] ~ normal
param b1[j] ~ zeros
param W2[j, c: 3] ~ normal
a[n, j] = tanh(b1[j] + sum(i: x[n, i]*W1[i, j]))
z[n, c] = sum(j: a[n, j]*W2[j, c])
p[n, c] = exp(z[n, c])/sum(k: exp(z[n, k]))
minimize mean(n: -log(p[n, y[n]]))
"""


@pytest.fixture(scope="module")
def program() -> Program:
    return gradient_program(network_of(SPEC)).program


def test_parts_of_indices() -> None:
    pair = classify(("n", "h", "i"), ("n", "i", "j"), {"n", "h", "j"})
    assert (pair.batch, pair.rows, pair.columns, pair.contracted) == (("n",), ("h",), ("j",), ("i",))
    assert pair.swapped().rows == ("j",)


@pytest.mark.parametrize(
    ("operands", "keep", "order"),
    [
        ([("n", "i"), ("i", "j"), ("j",)], ("n",), [(1, 2), (0, 1)]),  # the vector first
        ([("n",), ("n", "i"), ("i", "c")], ("c",), [(0, 1), (0, 1)]),
        ([("n", "i"), ("i", "j")], ("n", "j"), [(0, 1)]),
    ],
)
def test_the_cheapest_order(
    operands: list[tuple[str, ...]], keep: tuple[str, ...], order: list[tuple[int, int]]
) -> None:
    assert cheapest_order(operands, keep, BOX) == order


def test_many_operands_are_ordered_quickly() -> None:
    names = [f"k{number}" for number in range(40)]
    box = {name: Extent.of(2 + number % 3) for number, name in enumerate(names)}
    operands = [(left, right) for left, right in zip(names, names[1:], strict=False)]
    order = cheapest_order(operands, (names[0], names[-1]), box)
    assert len(order) == len(operands) - 1
    assert volume(names[:2], box) == 6


def product(body_factors: int = 2) -> Statement:
    leaves = (Access("A", ()), Access("B", ()))
    domain = (("n", N), ("i", Extent.of(64)), ("j", Extent.of(64)))
    return statement(Access("T", ()), "+", domain, leaf(0) * leaf(1), leaves)


def test_costs(program: Program) -> None:
    assert flops(product()) == N * 64 * 64 * 2
    assert operations(leaf(0) - leaf(1)) == 1
    assert operations((leaf(0) + 1) ** 3 * (leaf(0) + 1) ** -1 - leaf(1)) == 3
    assert elements(program, ("x", "W1", "b1")) == N * 8 + 8 * 16 + 16
    total = program_flops(program)
    assert total == sum((flops(s) for s in program.statements), Extent())
    assert total.value({"N": 10}) > 2 * 10 * (8 * 16 + 16 * 3)


def test_traffic_counts_what_is_touched_once(program: Program) -> None:
    def bytes_of(name: str, real: int = 4) -> int:
        (s,) = program.writers[name]
        return traffic(program, s, {"N": 10}, real)

    assert bytes_of("a_sum") == 4 * (10 * 8 + 8 * 16 + 10 * 16)
    assert bytes_of("a_sum", 8) == 2 * bytes_of("a_sum")
    # One z of each row is read, and the label that says which; the loss is a single number.
    assert bytes_of("loss") == 4 * (10 + 10 + 1) + 8 * 10


def test_kept_tensors_live_to_the_end(program: Program) -> None:
    after = len(program.statements)
    for name, life in lives(program, program.results).items():
        assert life.start <= life.end <= after
        assert (life.end == after) == (name in program.results)


@pytest.mark.parametrize("seed", range(30))
def test_sharing_never_overwrites_what_is_needed(seed: int) -> None:
    program = random_program(seed).program
    keep = program.results
    found = lives(program, keep)
    owner = shared_buffers(program, keep)
    users: dict[str, list[str]] = {}
    for name in found:
        users.setdefault(owner.get(name, name), []).append(name)
    for names in users.values():
        ordered = sorted(names, key=lambda name: found[name].start)
        for first, second in zip(ordered, ordered[1:], strict=False):
            assert found[first].end <= found[second].start
            assert program.tensors[first].extents == program.tensors[second].extents
            if found[first].end == found[second].start:
                s = program.statements[found[second].start]
                reads = [access for access in s.leaves if access.tensor == first]
                assert [access.plain for access in reads] == [s.target.plain]


def test_a_dead_buffer_is_used_again(program: Program) -> None:
    assert len(shared_buffers(program, program.results)) >= 3


def test_matrices_with_a_short_maximum_are_turned(program: Program) -> None:
    turned = relaid(program, program.results)
    changed = {name for name in turned.tensors if turned.tensors[name] != program.tensors[name]}
    assert "z" in changed
    assert not changed & set(program.results)
    given = sample(program)
    before, after = interpret(program, given), interpret(turned, given)
    for name in program.tensors:
        np.testing.assert_array_equal(after[name].T if name in changed else after[name], before[name])


# In which order u[n, k, i] is stored beside q[n, k] and R[k, i, j]: matrices by k, the longest index last.
STACKED = """network stacked
input x[N, 10]
param m[k: 25, j: 10] ~ normal
param R[k, i: 10, j] ~ normal
d[n, k, j] = x[n, j] - m[k, j]
u[n, k, i] = sum(j: R[k, i, j]*d[n, k, j])
q[n, k] = sum(i: u[n, k, i]**2)
minimize mean(n: max(k: q[n, k]))
"""


def test_stacks_of_matrices_are_stored_as_products_want_them() -> None:
    program = gradient_program(network_of(STACKED)).program
    turned = relaid(program, program.results)
    assert turned.tensors["d"].extents == (Extent.of(25), Extent.of(10), N)
    assert turned.tensors["u"].extents == (Extent.of(25), Extent.of(10), N)
    assert turned.tensors["q"].extents == (Extent.of(25), N)


def products_as_dots(program: Program) -> int:
    """How many products of matrices have what they sum innermost in both factors."""
    found = 0
    for s in program.statements:
        matrices = [access.indices for access in s.leaves if len(access.indices) == 2]
        found += len(matrices) == 2 and {names[-1] for names in matrices} <= set(s.reduced)
    return found


def test_few_products_have_their_sum_innermost_in_both_factors() -> None:
    layers = "".join(f"h{k} = dense(h{k - 1}, 64, activation=tanh)\n" for k in range(1, 9))
    text = f"network deep\ninput h0[N, 64]\n{layers}minimize mse(dense(h8, 64), h0)\n"
    program = gradient_program(network_of(text)).program
    assert products_as_dots(program) == 9
    assert products_as_dots(relaid(program, program.results)) <= 5  # every second one


@pytest.mark.parametrize(
    ("sides", "both", "more"),
    [
        ((32, 64, 64), True, True),
        ((32, 64, 64), False, False),
        ((10, 10, 1000), True, False),  # long dots
        ((8, 8, 32), True, False),  # few
        ((64, 128, 784), False, True),  # a large second factor is copied
        ((784, 256, 32), True, False),  # for many rows
    ],
)
def test_what_a_sum_innermost_costs(sides: tuple[int, int, int], both: bool, more: bool) -> None:
    assert (inner_time(*sides, both=both) > 0.1 * product_time(*sides)) == more


def test_no_order_is_changed_for_nothing() -> None:
    text = "network plain\ninput x[N, 64]\nminimize mse(dense(x, 64, activation=tanh), x)\n"
    program = gradient_program(network_of(text)).program
    assert relaid(program, program.results) is program
