"""The bytes of a plan as a formula in the sizes: its value, what it leaves out, its text."""

from __future__ import annotations

import pytest

from symnet.language.extents import Extent
from symnet.planning.footprint import Footprint, Made, formula, whole_formula

N, T = Extent.size("N"), Extent.size("T")


def test_an_array_takes_its_elements() -> None:
    assert Made.of((N, Extent.of(3)), "real").value({"N": 5}, 4) == 60
    assert Made.of((N, Extent.of(3)), "bits").value({"N": 5}, 8) == 120
    assert [Made.of((N,), kind).value({"N": 5}, 4) for kind in ("int", "bool", "narrow")] == [40, 5, 5]
    assert [Made.of((N,), "double").value({"N": 5}, n) for n in (4, 8)] == [0, 40]
    assert Made.of((), "real").value({}, 4) == 4
    assert Made.of((N - 1,), "real").value({"N": 1}, 4) == 1


def test_a_slot_is_as_long_as_the_longest_way_into_it() -> None:
    slot = Made((N * 64, Extent.of(640)), "real")
    assert [slot.value({"N": n}, 4) for n in (1, 10, 11)] == [2560, 2560, 2816]


def test_a_buffer_has_a_bound() -> None:
    buffer = Made.of((N,), "real", most=8192)
    assert [buffer.value({"N": n}, 8) for n in (5, 8192, 10**6)] == [40, 65536, 65536]


def test_what_only_a_batch_of_one_needs() -> None:
    apart = Made.of((N,), "real", single="N")
    assert [apart.value({"N": n}, 4) for n in (1, 2)] == [4, 0]


def test_the_peak_is_what_is_held_and_the_largest_call() -> None:
    held = (Made.of((N, Extent.of(10)), "real"), Made.of((N,), "int"))
    calls = ((Made.of((N,), "real"), Made.of((N,), "real")), (Made.of((Extent.of(100),), "bool"),))
    found = Footprint(held, calls)
    assert [found.value({"N": n}) for n in (1, 100)] == [48 + 100, 4800 + 800]
    assert [found.value({"N": n}, 8) for n in (1, 100)] == [88 + 100, 8800 + 1600]
    assert found.held_bytes({"N": 100}) + found.passing_bytes({"N": 100}) == found.value({"N": 100})
    assert Footprint(()).value({}) == 0


def test_numbers_that_the_plan_derives_from_the_sizes() -> None:
    end = Extent.size("end")
    found = Footprint((Made.of((end - 1,), "real"),), derived={"end": ((Extent.of(1),), (N - 4, T))})
    assert [found.value({"N": n, "T": 6}) for n in (2, 7, 30)] == [1, 8, 20]


@pytest.mark.parametrize(
    ("large", "small", "covered"),
    [
        (Made.of((N, T), "real", most=8192), Made.of((N,), "real", most=8192), True),
        (Made.of((N,), "real", most=8192), Made.of((N, T), "real", most=8192), False),
        (Made.of((N,), "real"), Made.of((N,), "real", most=8192), True),
        (Made.of((N,), "real", most=8192), Made.of((N,), "real"), False),
        (Made.of((N,), "int"), Made.of((N,), "real"), True),
        (Made.of((N,), "real"), Made.of((N,), "int"), False),
        (Made.of((N,), "real"), Made.of((N,), "double"), True),
        (Made.of((N,), "bool"), Made.of((N,), "double"), False),
        (Made.of((N,), "real", single="N"), Made.of((N,), "real"), False),
    ],
)
def test_calls_that_never_make_more_than_others_are_left_out(large: Made, small: Made, covered: bool) -> None:
    assert (Footprint((), ((small,), (large,))).calls == ((large,),)) is covered
    assert (Footprint((), ((large,), (small,))).calls == ((large,),)) is covered


def test_the_text_is_collected() -> None:
    held = (Made.of((N, Extent.of(784)), "real"), Made.of((N,), "real"), Made.of((N,), "int"), Made.of((), "real"))
    assert formula(Footprint(held), {"N": 32}) == "3,148*N + 4"
    assert formula(Footprint(held), {"N": 32}, 8) == "6,288*N + 8"
    assert formula(Footprint(()), {}) == "0"


def test_what_all_ways_into_a_slot_have_stands_before_the_maximum() -> None:
    slot = Made((N * 64 + 10, N * 64 + T), "real")
    assert formula(Footprint((slot, slot)), {"N": 32, "T": 2}) == "512*N + 2*max(4*T, 40)"


def test_the_text_of_calls() -> None:
    calls = ((Made.of((N,), "real", most=8192), Made.of((N,), "real", most=8192)),)
    assert formula(Footprint((), calls), {"N": 32}) == "min(65,536, 8*N)"
    assert formula(Footprint((Made.of((T,), "real"),), (*calls, (Made.of((T,), "int"),))), {"N": 32, "T": 1}) == (
        "max(min(65,536, 8*N), 8*T) + 4*T"
    )


def test_many_terms_are_cut_short_and_kept_whole_for_programs() -> None:
    sizes = {f"N{k}": k for k in range(1, 10)}
    found = Footprint(tuple(Made.of((Extent.size(name),), "real") for name in sizes))
    text = formula(found, sizes)
    assert text == "4*N9 + 4*N8 + 4*N7 + 4*N6 + 4*N5 + 4 more terms (40)"
    assert whole_formula(found, sizes).count("N") == 9


@pytest.mark.parametrize("n", [1, 7, 1000])
def test_the_whole_text_has_the_value(n: int) -> None:
    held = (Made((N * 64 - 3, Extent.of(640)), "real"), Made.of((N, N), "bool"), Made.of(((N + 1) // 2,), "int"))
    calls = ((Made.of((N,), "real", most=100),), (Made.of((Extent.of(30),), "real"), Made.of((Extent.of(9),), "bool")))
    found = Footprint(held, calls)
    text = whole_formula(found, {"N": n}).replace(",000", "000").replace("2,560", "2560")
    assert eval(text, {"N": n, "max": max, "min": min}) == found.value({"N": n})
