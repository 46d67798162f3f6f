"""The examples: all compile, agree with what their equations mean, and show what their comments promise."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import pytest

from symnet.compile import Compiled, compile_spec, load
from symnet.ir.interpret import DIGITS50, interpret
from tests.modules import EXAMPLES, RTOL, Point, compiled, disagreements, example, inference_form, near, plain_gradient

NAMES = sorted(path.stem for path in EXAMPLES.glob("*.sym"))
# The interpreter takes its time: smaller sizes and constants for it.
SMALLER = {"digits_mlp": {"N": 2}, "digits_by_hand": {"N": 2}, "lenet": {"N": 1}, "gpt_small": {"N": 1, "T": 3}}
NARROWER = {
    "lenet": {"channels": "1", "hidden": "2"},
    "gpt_small": {"vocabulary": "5", "context": "5", "width": "4", "heads": "2", "depth": "1"},
    "resnet": {"widths": "[2, 3]"},
    "lstm_recall": {"units": "3"},
}


# Differences in doubles tell small entries of this recurrence only to some 5e-8, depending on the point that is drawn;
# the comparison with the interpreter below is as sharp for it as for the others.
RESOLUTION = {"lstm_recall": 1e-7}


def test_they_are_there() -> None:
    assert len(NAMES) >= 8


@pytest.mark.parametrize("name", NAMES)
def test_the_gradients_agree_with_differences(name: str) -> None:
    report = compiled(example(name)).report
    assert report is not None
    assert report.ok, str(report)
    assert report.error < RESOLUTION.get(name, 1e-8)


@pytest.mark.parametrize("dtype", RTOL)
@pytest.mark.parametrize("name", NAMES)
def test_the_module_agrees_with_the_interpreter(name: str, dtype: str) -> None:
    assert not disagreements(compiled(narrow(name)), dtype, SMALLER.get(name))


def test_what_is_another_network_in_inference_has_right_gradients_there_too() -> None:
    forms = {name: inference_form(narrow(name)) for name in NAMES}
    found = {name: form for name, form in forms.items() if form is not None}
    assert set(found) >= {"resnet", "vae"}
    for name, form in found.items():
        report = form.check()
        assert report.ok and report.error < 1e-8, f"{name}\n{report}"
        assert not [f"{name}: {what}" for dtype in RTOL for what in disagreements(form, dtype, SMALLER.get(name))]


def narrow(name: str) -> str:
    """The text of an example with constants that the interpreter can manage."""
    text = example(name)
    for constant, value in NARROWER.get(name, {}).items():
        text = re.sub(rf"(?m)^const {constant} = .*$", f"const {constant} = {value}", text)
    return text


# --- the scalar graph ---


def test_scalar_graph() -> None:
    """e = (a + b)*(b + 1) at a = 2, b = 1: c = 3, d = 2, and b counts on both paths."""
    module = compiled(example("scalar_graph")).module
    loss, grads = module.loss_and_grad({"a": 2.0, "b": 1.0})
    assert (loss, float(grads["a"]), float(grads["b"])) == (6.0, 2.0, 5.0)


# --- the digits, with layers and by hand ---

WEIGHTS = {"h.W": "W1", "h.b": "b1", "logits.W": "W2", "logits.b": "b2"}


@pytest.mark.parametrize("dtype", RTOL)
def test_layers_are_nothing_but_their_equations(dtype: str) -> None:
    layers, by_hand = (compiled(example(name)).module for name in ("digits_mlp", "digits_by_hand"))
    point = Point.of(layers, dtype)
    loss, grads = point.call("loss_and_grad")
    params = {WEIGHTS[name]: value for name, value in point.params.items()}
    hand_loss, hand_grads = by_hand.loss_and_grad(params, **point.inputs)
    assert near(loss, hand_loss, RTOL[dtype])
    assert {WEIGHTS[name] for name in grads} == set(hand_grads)
    for name, grad in grads.items():
        assert near(grad, hand_grads[WEIGHTS[name]], RTOL[dtype])


@pytest.mark.parametrize("size", [30, 1000])
@pytest.mark.parametrize("dtype", RTOL)
def test_the_textbook_formula_is_safe_for_extreme_logits(dtype: str, size: int) -> None:
    """log(exp(z)/sum(exp(z))) with logits of +-1000, against the formula as it is written, at 50 digits."""
    found = compiled(example("digits_by_hand"))
    point = extreme(Point.of(found.module, dtype), size)
    loss, grads = point.call("loss_and_grad")
    exact = at_fifty_digits(found, point)
    assert near(loss, exact["loss"], RTOL[dtype])
    assert loss > size / 2
    for name in WEIGHTS.values():
        assert near(grads[name], exact[f"d{name}"], RTOL[dtype]), name
    assert np.abs(grads["b2"]).max() > 0.1
    predicted, measured = point.call("predict"), point.call("evaluate")
    assert near(predicted["p"], exact["p"], RTOL[dtype])
    assert near(measured["loss"], exact["loss"], RTOL[dtype])


def extreme(point: Point, size: float) -> Point:
    """A point with logits around +-size, of which two are greatest and close together."""
    b2 = size * np.array([1, -1, 0.5, 1, 0, -1, 0.25, -0.5, 1, -1])
    b2[3] += 0.7
    params = {**point.params, "b2": b2.astype(point.params["b2"].dtype)}
    # A label for the greatest logit, one for the least, and two between.
    return replace(point, params=params, inputs={**point.inputs, "y": np.array([0, 1, 3, 6])})


def at_fifty_digits(found: Compiled, point: Point) -> dict[str, Any]:
    """The network as it is written and its adjoint by the rule alone, without rounding to speak of."""
    program = plain_gradient(found.network).program
    values = interpret(program, {n: v for n, v in point.values.items() if n in program.tensors}, arithmetic=DIGITS50)
    return {name: value.astype(float) for name, value in values.items() if value.dtype == object}


# --- the chain of diamonds ---


@pytest.mark.parametrize("depth", [40, 160])
def test_path_blowup(depth: int) -> None:
    found = chain(depth)
    _, grads = found.module.loss_and_grad({"x": 0.5})
    assert float(grads["x"]) == pytest.approx(derivative(0.5, depth), rel=1e-11)


def test_path_blowup_grows_with_its_depth() -> None:
    """With the edges, not with the paths: what is added from 80 to 160 is twice what is added from 40 to 80."""
    short, middle, long = (len(chain(depth).source) for depth in (40, 80, 160))
    assert (long - middle) / (middle - short) == pytest.approx(2, rel=0.1)


@cache
def chain(depth: int) -> Compiled:
    return compile_spec(load(example("path_blowup")), check=False, constants={"depth": Fraction(depth)})


def derivative(x: float, depth: int) -> float:
    """The chain rule by hand, link by link."""
    slope = 1.0
    for _ in range(depth):
        slope *= 2 * np.cos(x) - 1 / np.cosh(x) ** 2
        x = 2 * np.sin(x) - np.tanh(x)
    return slope


# --- deep and wide networks ---


def test_a_transformer_grows_with_its_depth_alone() -> None:
    """Each block adds as many lines as the one before, however wide it is: so do time and memory of compiling."""
    one, two, three, wide = (
        len(gpt(depth, width).source.splitlines()) for depth, width in ((1, 64), (2, 64), (3, 64), (3, 3072))
    )
    assert three - two == pytest.approx(two - one, rel=0.02)
    assert wide == pytest.approx(three, rel=0.02)


def gpt(depth: int, width: int) -> Compiled:
    constants = {"depth": Fraction(depth), "width": Fraction(width)}
    return compile_spec(load(example("gpt_small")), check=False, constants=constants)
