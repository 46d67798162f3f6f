"""The summary: shapes, parameters and costs, as formulas and as numbers."""

from __future__ import annotations

import json

import pytest

from symnet.compile import load, network
from symnet.errors import UsageError
from symnet.summary import Summary, cost_text, summary
from tests.modules import EXAMPLES
from tests.support import network_of


def of_example(name: str) -> Summary:
    return summary(network(load(EXAMPLES / f"{name}.sym")))


def test_layers_are_rows_with_all_that_is_in_them() -> None:
    found = of_example("digits_mlp")
    assert [(row.name, row.kind) for row in found.rows] == [
        ("x", "input"),
        ("y", "input < 10"),
        ("h", "dense"),
        ("logits", "dense"),
        ("loss", "softmax_cross_entropy"),
    ]
    h = found.rows[2]
    assert (str(h.shape[0]), str(h.shape[1])) == ("N", "64")
    assert h.parameters.constant == 64 * 64 + 64
    # A product of N x 64 and 64 x 64, a sum and tanh; back, the gradient of W, that of b, and tanh' = 1 - h**2.
    assert str(h.forward) == f"{2 * 64 * 64 + 2 * 64}*N"
    assert str(h.backward) == f"{2 * 64 * 64 + 64 + 3 * 64}*N"


def test_totals_are_the_sums_of_the_rows() -> None:
    found = of_example("digits_mlp")
    assert found.parameters.constant == 4810
    assert found.forward.value({"N": 4}) == sum(row.forward.value({"N": 4}) for row in found.rows)
    assert found.backward.value({"N": 4}) == sum(row.backward.value({"N": 4}) for row in found.rows)
    assert "h" in found.saved
    assert found.saved_bytes.value({"N": 4}) == 4 * 4 * (64 + 10 + 1)


def test_layers_and_equations_cost_the_same() -> None:
    layers, by_hand = of_example("digits_mlp"), of_example("digits_by_hand")
    assert layers.parameters == by_hand.parameters
    assert layers.forward == by_hand.forward
    assert layers.backward == by_hand.backward


def test_text() -> None:
    text = str(of_example("digits_mlp")).split("\n")
    assert text[0] == "digits_mlp: minimises loss"
    assert text[5] == "h       dense                  [N, 64]       4,160  8,320*N   8,448*N"
    assert text[9] == "parameters   4,810                                   19,240 bytes in float32"
    assert max(map(len, text)) <= 100


def test_json() -> None:
    found = json.loads(of_example("digits_mlp").to_json())
    assert found["sizes"] == {"N": 4}
    assert found["parameters"] == {"formula": "4810", "value": 4810}
    assert found["rows"][2]["forward"] == {"formula": "8320*N", "value": 33280}


def test_a_network_that_minimises_nothing_has_no_way_back() -> None:
    found = summary(
        network_of("input x[N, 3]\nparam W[i: 3, j: 2] ~ zeros\ny[n, j] = sum(i: x[n, i]*W[i, j])\noutput y\n")
    )
    assert (found.objective, found.saved) == (None, ())
    assert found.backward.constant == 0
    assert str(found.forward) == "12*N"
    assert "backward" not in str(found).split("\n\n")[-1]


def test_a_wide_layer_costs_no_more_time_than_a_narrow_one() -> None:
    spec = "input x[N, D: 10000]\ny = dense(x, 10000)\nminimize sum(n, i: y[n, i]**2)\n"
    assert summary(network_of(spec)).parameters.constant == 10_000 * 10_001


def test_thousands_are_set_apart() -> None:
    found = of_example("digits_mlp")
    assert cost_text(found.forward).count(",") == 1
    assert cost_text(found.rows[0].parameters) == ""


def test_what_is_traded_for_memory():
    spec = """network chain
const depth = 6
example N = 4
input x[N, 64]
h{0} = x
for l in 0..depth:
    h{l+1} = dense(h{l}, 64, activation=tanh)
minimize mean(n, i: h{depth}[n, i]**2)
"""
    found = summary(network_of(spec), memory="least", sizes={"N": 512})
    assert found.sizes == {"N": 512}
    assert found.traded is not None and found.traded.after < 0.9 * found.traded.before
    text = str(found)
    assert "memory = least at N = 512" in text
    row = next(line.split() for line in text.splitlines() if line.startswith("h1  ") and "h1_sum" in line)
    # A product of 512 x 64 and 64 x 64, bias and tanh.
    assert row[:4] == ["h1", "h1_sum", f"{512 * 64 * 4:,}", f"{512 * 64 * (2 * 64 + 2):,}"]
    assert f"{found.traded.after:,}" in text
    data = json.loads(found.to_json())["memory"]
    assert (data["budget"], data["after"]) == (None, found.traded.after)
    assert sum(trade["operations"] for trade in data["trades"]) == data["operations"]
    assert {"tensor", "besides", "instead", "freed", "operations", "seconds"} == set(data["trades"][0])
    assert "h1_sum" in found._repr_html_()


def test_sizes_of_a_summary():
    spec = "network sized\ninput x[N, 3]\ny = dense(x, 2)\nminimize mean(n, j: y[n, j]**2)\n"
    assert summary(network_of(spec)).sizes == {"N": 1}
    assert summary(network_of(spec), sizes={"N": 7}).sizes == {"N": 7}
    with pytest.raises(UsageError, match="no size 'M'"):
        summary(network_of(spec), sizes={"M": 7})
