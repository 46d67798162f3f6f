"""Loops of Python in emitted modules: over the steps of a recurrence, the windows of a kernel and blocks of them."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator

import pytest

from tests.modules import EXAMPLES, compiled, example

NAMES = sorted(path.stem for path in EXAMPLES.glob("*.sym"))
RECURRENT = {"lstm_recall", "state_space"}
WINDOWS = {"lenet": 3 * 3, "resnet": 3 * 3}  # where windows overlap and are added up: the size of the largest kernel
VIEW = re.compile(r"row(\[[^\]]*\]|\.T|\.(reshape|transpose)\([^()]*\))*")
CALCULATING = ("forward", "backward", "_step", "predict", "evaluate")


def loops(source: str, function: str) -> Iterator[tuple[ast.AST, list[str]]]:
    """Every loop in a function, and what it goes over; a comprehension may go over several things."""
    for node in ast.walk(body_of(source, function)):
        if isinstance(node, ast.While):
            yield node, ["while"]
        elif isinstance(node, ast.For):
            yield node, [ast.unparse(node.iter)]
        elif isinstance(node, ast.ListComp) and VIEW.fullmatch(ast.unparse(node.elt)):
            continue  # the views of all rows of an array, which the plan makes once
        elif isinstance(node, ast.ListComp | ast.DictComp | ast.SetComp | ast.GeneratorExp):
            yield node, [ast.unparse(generator.iter) for generator in node.generators]


def body_of(source: str, function: str) -> ast.AST:
    found = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef) and node.name == function]
    return found[0] if found else ast.Module([], [])


def is_time(over: list[str]) -> bool:
    return over[0] in ("range(T)", "reversed(range(T))")


def is_in_blocks(over: list[str]) -> bool:
    """Whether a loop takes several examples, or channels, at a time, as many as the cache holds."""
    block = re.fullmatch(r"range\(0, \w+, (\d+)\)", over[0])
    return block is not None and int(block[1]) > 1


def windows(over: list[str]) -> int | None:
    """How many windows a loop goes over, 0 for a loop over windows that were cut before, None for another loop."""
    if re.fullmatch(r"zip\(\w+_slices, \w+_slices, strict=True\)", over[0]):
        return 0
    counts = [re.fullmatch(r"range\((\d+)\)", text) for text in over]
    return math.prod(int(count[1]) for count in counts if count) if all(counts) else None


@pytest.mark.parametrize("name", NAMES)
def test_no_loop_is_over_elements(name: str) -> None:
    source = compiled(example(name)).source
    for function in CALCULATING:
        for _, over in loops(source, function):
            if name in RECURRENT and is_time(over):
                continue
            assert name in WINDOWS, f"{function} loops over {over}"
            if is_in_blocks(over):
                continue
            count = windows(over)
            assert count is not None and count <= WINDOWS[name], f"{function} loops over {over}"


@pytest.mark.parametrize("name", sorted(RECURRENT))
def test_a_recurrence_is_a_loop_forward_and_one_backward(name: str) -> None:
    over = [texts[0] for _, texts in loops(compiled(example(name)).source, "_step")]
    assert over.count("range(T)") >= 1
    assert over.count("reversed(range(T))") >= 1


def test_only_the_recurrence_of_an_lstm_is_in_its_loops() -> None:
    """The products with W are made for all times at once, and so are the gradients of W and U."""
    source = compiled(example("lstm_recall")).source
    found = [node for node, _ in loops(source, "_step")]
    inside = " ".join(ast.unparse(node) for node in found)
    assert len(found) == 2
    assert {"h_U"} <= words(inside)
    assert not words(inside) & {"h_W", "h_b", "dh_W", "dh_U", "dh_b"}
    assert {"h_W", "h_U", "dh_W", "dh_U", "dh_b"} <= words(ast.unparse(body_of(source, "_step")))
    assert products(inside) == 2


def words(text: str) -> set[str]:
    """The names in some code, without what views of arrays add to them."""
    return {re.sub(r"(_(2d|T\d*|flat|col|t|b\d+))+$", "", word) for word in re.findall(r"\w+", text)}


def products(text: str) -> int:
    return len(re.findall(r"\bdot\(|_dot\(|\bmatmul\(", text))


def test_a_loop_over_rows_would_be_seen() -> None:
    source = "def forward(x):\n    return [row.sum() for row in x]\n"
    ((_, over),) = loops(source, "forward")
    assert over == ["x"] and not is_time(over) and windows(over) is None
