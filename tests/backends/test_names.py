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


ATTENTION = [
    "h1.a.multi_head_attention.q.W",
    "h1.a.multi_head_attention.dense.merge_heads",
    "h2.a.multi_head_attention",
]


def test_calls_of_several_words_become_their_initials_where_names_are_long():
    assert list(identifiers(ATTENTION).values()) == ["h1_a_mha_q_W", "h1_a_mha_dense_merge_heads", "h2_a_mha"]
    assert identifiers(["h.layer_norm.g"]) == {"h.layer_norm.g": "h_layer_norm_g"}


@pytest.mark.parametrize("other", ["h1.mha.W", "h1.a.my_hidden_activation.the_very_last.W"])
def test_initials_that_might_mean_another_part_are_not_taken(other):
    assert identifiers([*ATTENTION, other])[ATTENTION[0]] == "h1_a_multi_head_attention_q_W"


def test_of_a_name_that_is_still_too_long_its_ends_are_left():
    deep = ".".join(["encoder", *(f"layer{k}" for k in range(20)), "dense", "W"])
    names = [deep, deep.replace("layer1", "level1")]
    short, other = identifiers(names).values()
    assert short.startswith("encoder_") and short.endswith("layer19_dense_W") and len(short) <= 60
    assert other not in (short, deep)


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
