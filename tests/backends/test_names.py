"""Names of a spec as identifiers, and lines as a formatter would break them."""

import keyword

import pytest

from symnet.backends.numpy.layout import call, dictionary, lay_out
from symnet.backends.numpy.names import RESERVED, identifiers


def test_a_plain_name_stays():
    assert identifiers(["x", "W1", "loss"]) == {"x": "x", "W1": "W1", "loss": "loss"}


@pytest.mark.parametrize(
    ("name", "identifier"),
    [("h.W", "h_W"), ("m'", "m_next"), ("lambda", "lambda_"), ("sum", "sum_"), ("np", "np_"), ("params", "params_")],
)
def test_other_names_get_the_nearest_identifier(name, identifier):
    assert identifiers([name]) == {name: identifier}


def test_no_two_names_become_one():
    names = ["h.W", "h_W", "h_W_", "h.dense.W", "h_dense.W", "np", "np_", "m'", "m_next", "grad_h.W", "1", "_1"]
    found = identifiers(names)
    assert list(found) == names
    assert len(set(found.values())) == len(names)
    assert found["h_W"] == "h_W"
    for identifier in found.values():
        assert identifier.isidentifier() and not identifier.startswith("_") and identifier not in RESERVED


def test_every_keyword_is_reserved():
    assert set(keyword.kwlist) <= RESERVED


def test_a_call_stays_on_one_line_where_it_fits():
    assert lay_out(call("f", ["a", "b"])) == ["f(a, b)"]


def test_the_arguments_of_a_call_move_to_a_line_of_their_own_and_then_apart():
    long = ["a" * 30, "b" * 30, "c" * 30]
    assert lay_out(call("f" * 20, long)) == ["f" * 20 + "(", "    " + ", ".join(long), ")"]
    assert lay_out(call("f", [*long, "d" * 30])) == ["f(", *(f"    {x}," for x in [*long, "d" * 30]), ")"]


def test_a_display_goes_one_item_per_line_inside_and_out():
    inner = dictionary([("shape", "(64, 64)"), ("kind", '"real"')])
    assert lay_out(dictionary([("W", inner)], "T = ", exploded=True)) == [
        "T = {",
        '    "W": {"shape": (64, 64), "kind": "real"},',
        "}",
    ]
    assert lay_out(dictionary([], "T = ")) == ["T = {}"]
