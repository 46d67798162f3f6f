"""The checker catches planted mistakes of every size, and does not cry wolf at kinks."""

import json
import types
from pathlib import Path

import numpy as np
import pytest

from symnet.check import check_module
from symnet.compile import compile_spec, load
from symnet.contract import Contract, extent_value, load_module
from symnet.differences import compare, noise_of
from symnet.errors import UsageError

MLP = Path(__file__).parent / "contract_mlp.py"


@pytest.fixture
def mlp():
    return load_module(MLP)


def faulty(module, function, fault):
    """The module with a fault planted in the gradients that one function gives."""
    right = getattr(module, function)
    copy = types.SimpleNamespace(**vars(module))

    def wrong(*args, **kwargs):
        result = right(*args, **kwargs)
        fault(result[1] if function == "loss_and_grad" else result)
        return result

    setattr(copy, function, wrong)
    return copy


def scale_one_entry(grads):
    grads["W2"][17, 3] *= 1.001


def scale_one_of_many(grads):
    grads["W1"][31, 40] *= 1.001


def scale_a_bias(grads):
    grads["b2"][7] *= 1.001


def transpose(grads):
    grads["W1"] = grads["W1"].T.copy()


def flip_a_sign(grads):
    grads["b1"] = -grads["b1"]


def drop_a_term(grads):
    grads["b2"] = grads["b2"] - grads["b2"].max() * (grads["b2"] == grads["b2"].max())


def add_a_constant(grads):
    grads["W2"] += 1e-6


def not_a_number(grads):
    grads["W1"][40, 7] = np.nan


def lose_one(grads):
    del grads["b1"]


def wrong_shape(grads):
    grads["b2"] = grads["b2"][None]


FAULTS = [
    (scale_one_entry, "W2", (17, 3)),
    (scale_one_of_many, "W1", (31, 40)),
    (scale_a_bias, "b2", (7,)),
    (transpose, "W1", None),
    (flip_a_sign, "b1", None),
    (drop_a_term, "b2", None),
    (add_a_constant, "W2", None),
    (not_a_number, "W1", None),
    (lose_one, "b1", None),
    (wrong_shape, "b2", None),
]


def test_right_gradients_pass(mlp):
    report = check_module(mlp)
    assert report.ok
    assert report.error < 1e-7
    assert [row.name for row in report.rows if row.function == "backward"] == ["W1", "b1", "W2", "b2", "x"]


@pytest.mark.parametrize("function", ["loss_and_grad", "backward"])
@pytest.mark.parametrize(("fault", "name", "entry"), FAULTS, ids=[fault.__name__ for fault, _, _ in FAULTS])
def test_planted_fault_is_caught(mlp, function, fault, name, entry):
    report = check_module(faulty(mlp, function, fault))
    wrong = [row for row in report.rows if row.wrong]
    assert [(row.function, row.name) for row in wrong] == [(function, name)]
    assert entry is None or wrong[0].worst == entry
    assert report.error > 1e-5
    assert f"WRONG gradient of {name}" in str(report)


@pytest.mark.parametrize("seed", range(5))
def test_fault_is_caught_among_kinks(mlp, seed):
    relu(mlp)
    seen = []

    def fault(grads):
        entry = np.unravel_index(np.argmax(np.abs(grads["W1"])), grads["W1"].shape)
        grads["W1"][entry] *= 1.001
        seen.append(entry)

    report = check_module(faulty(mlp, "loss_and_grad", fault), seed=seed)
    assert [row.name for row in report.rows if row.wrong] == ["W1"]


def relu(module):
    module.activation = lambda a: np.maximum(a, 0)
    module.slope = lambda h: (h > 0) * 1.0


@pytest.mark.parametrize("seed", range(5))
def test_kinks_do_not_fail(mlp, seed):
    relu(mlp)
    report = check_module(mlp, seed=seed)
    assert report.ok
    assert report.error < 1e-7


def test_wrong_rule_for_relu_fails(mlp):
    relu(mlp)
    mlp.slope = lambda h: np.where(h > 0, 1.0, 0.01)
    assert not check_module(mlp).ok


def test_report_is_the_same_for_the_same_seed(mlp):
    assert str(check_module(mlp, seed=3)) == str(check_module(mlp, seed=3))
    assert str(check_module(mlp, seed=3)) != str(check_module(mlp, seed=4))


def test_parameters_are_left_as_they_were(mlp):
    params = mlp.init(0, np.float64)
    before = {name: value.copy() for name, value in params.items()}
    mlp.init = lambda rng, dtype: params
    check_module(mlp)
    assert all(np.array_equal(params[name], before[name]) for name in params)


def test_frozen_parameters_have_no_gradient_to_check(mlp):
    mlp.PARAMETERS["b1"]["frozen"] = True
    report = check_module(faulty(faulty(mlp, "loss_and_grad", lose_one), "backward", lose_one))
    assert report.ok
    assert "b1" not in {row.name for row in report.rows}


@pytest.mark.parametrize(("least", "expected"), [(0, 4), (5, 8), (10, 16)])
def test_sizes_that_fit_are_found(mlp, least, expected):
    mlp.SIZES = {"N": None, "M": None}
    mlp.INPUTS["y"]["shape"] = ("M",)
    forward = mlp.forward

    def strict(params, x, y):
        if len(x) != len(y) or len(x) < least:
            raise ValueError("N has to be M")
        return forward(params, x, y)

    mlp.forward = strict
    assert check_module(mlp).sizes == {"N": expected, "M": expected}
    with pytest.raises(UsageError, match="forward: N has to be M"):
        check_module(mlp, sizes={"N": 3, "M": 5})


def test_a_network_too_large_to_check_is_refused():
    text = "param W[i: 2**24, j: 2**24] ~ normal\nminimize sum(i, j: W[i, j]**2)"
    with pytest.raises(UsageError, match="more memory than there is"):
        compile_spec(load(text))


def test_report_as_json(mlp):
    content = json.loads(check_module(faulty(mlp, "backward", not_a_number)).to_json())
    assert content["ok"] is False
    assert content["error"] is None
    assert {row["name"] for row in content["rows"] if row["wrong"]} == {"W1"}


def test_bound_is_coarse_and_not_below_the_error(mlp):
    assert {check_module(mlp, seed=seed).bound for seed in range(5)} == {"1e-8"}
    assert check_module(faulty(mlp, "backward", transpose)).bound == "inf"


def test_sizes_are_taken(mlp):
    assert check_module(mlp, sizes={"N": 2}).sizes == {"N": 2}
    with pytest.raises(UsageError, match="no size 'M'"):
        check_module(mlp, sizes={"M": 2})


def many_tensors(count, size):
    """A module with so many parameters: the loss is the mean of cos(w) * x over all of them, weighted unevenly."""
    names = [f"w{k}" for k in range(count)]
    scales = {name: 10.0 ** -(k % 4) for k, name in enumerate(names)}
    shape = (size, 1)

    def loss(params, x):
        return sum(scales[name] * float((np.cos(params[name]).T @ x).sum()) for name in names) / count

    def backward(params, saved, grad_outputs):
        slope = grad_outputs["loss"] / count
        grads = {name: -slope * scales[name] * np.sin(params[name]) * saved for name in names}
        grads["x"] = slope * sum(scales[name] * np.cos(params[name]) for name in names)
        return grads

    def gradient(params, x, workspace=None):
        grads = backward(params, x, {"loss": 1.0})
        return loss(params, x), {name: grads[name] for name in names}

    return types.SimpleNamespace(
        PARAMETERS={name: {"shape": shape, "kind": "real"} for name in names},
        INPUTS={"x": {"shape": shape, "kind": "real"}},
        SIZES={},
        init=lambda rng, dtype: {name: rng.normal(size=shape).astype(dtype) for name in names},
        forward=lambda params, x: ({"loss": np.array(loss(params, x))}, x),
        loss=loss,
        backward=backward,
        loss_and_grad=gradient,
        predict=None,
        evaluate=None,
    )


def test_many_tensors_are_checked_with_few_calls():
    module = many_tensors(400, 50)
    calls, loss = [], module.loss
    module.loss = lambda params, x: calls.append(1) or loss(params, x)
    report = check_module(module)
    assert report.ok
    assert len(calls) < 500
    assert all(row.directions == 4 for row in report.rows if row.function == "loss_and_grad")


@pytest.mark.parametrize(("name", "entry"), [("w7", 11), ("w250", 49), ("w399", 0)])
def test_wrong_entry_among_many_tensors_is_found(name, entry):
    def fault(grads):
        grads[name][entry] *= 1.001

    report = check_module(faulty(many_tensors(400, 50), "loss_and_grad", fault))
    assert [(row.name, row.worst) for row in report.rows if row.wrong] == [(name, (entry, 0))]


HUGE = 10**12  # operations of one call, so many that the check affords next to none


def test_a_huge_network_is_checked_with_next_to_no_calls():
    module = many_tensors(400, 50)
    calls, loss = [], module.loss
    module.loss = lambda params, x: calls.append(1) or loss(params, x)
    report = check_module(module, operations=HUGE)
    assert report.ok
    assert len(calls) < 30
    assert all(row.directions == 1 for row in report.rows)
    assert "by 1 direction through all of them" in report.verdict()


@pytest.mark.parametrize("function", ["loss_and_grad", "backward"])
@pytest.mark.parametrize("number", range(0, 400, 21))
def test_a_scaled_tensor_of_a_huge_network_is_found(function, number):
    def fault(grads):
        grads[f"w{number}"] *= 1.001

    report = check_module(faulty(many_tensors(400, 50), function, fault), operations=HUGE)
    assert [(row.function, row.name) for row in report.rows if row.wrong] == [(function, f"w{number}")]


@pytest.mark.parametrize(("name", "entry"), [("w7", 11), ("w250", 49), ("w399", 0)])
def test_a_wrong_entry_of_a_huge_network_is_found(name, entry):
    def fault(grads):
        grads[name][entry] *= 1.001

    report = check_module(faulty(many_tensors(400, 50), "loss_and_grad", fault), operations=HUGE)
    assert [(row.name, row.worst) for row in report.rows if row.wrong] == [(name, (entry, 0))]


def line_verdict(f, claimed, tolerance=1e-6):
    with np.errstate(all="ignore"):
        return compare(f, claimed, unit=1.0, noise=noise_of(f, f(0.0)), tolerance=tolerance)


LINES = [
    ("smooth", np.exp, 1.0, "right"),
    ("smooth, 1e-5 off", np.exp, 1.00001, "wrong"),
    ("stiff", lambda t: np.sin(300 * t), 300.0, "right"),
    ("stiff, wrong", lambda t: np.sin(300 * t), 300.1, "wrong"),
    ("flat", lambda t: t * t, 0.0, "right"),
    ("kink, left slope", lambda t: max(t, 0.0), 0.0, "kink"),
    ("kink, right slope", lambda t: max(t, 0.0), 1.0, "kink"),
    ("kink, no slope", lambda t: max(t, 0.0), 1.1, "wrong"),
    ("kink and curvature", lambda t: abs(t) + np.exp(t), 1.0, "kink"),
    ("kink nearby", lambda t: max(t - 1e-4, 0.0) + np.exp(t), 1.0, "right"),
    ("kink nearby, wrong", lambda t: max(t - 1e-4, 0.0) + np.exp(t), 1.001, "wrong"),
    ("kink very near", lambda t: max(t - 3e-6, 0.0) + np.exp(t), 1.0, "right"),
    ("jump nearby", lambda t: float(t > 2e-3) + np.exp(t), 1.0, "right"),
    ("pole nearby", lambda t: np.log(t + 1e-3), 1000.0, "right"),
    ("large offset", lambda t: 1e6 + np.exp(t), 1.0, "right"),
    ("not a number", np.exp, np.nan, "wrong"),
    ("nowhere finite", lambda t: np.nan, 1.0, "open"),
]


@pytest.mark.parametrize(("f", "claimed", "word"), [row[1:] for row in LINES], ids=[row[0] for row in LINES])
def test_verdict_along_a_line(f, claimed, word):
    assert line_verdict(f, claimed).word == word


def test_extents_are_formulas_over_sizes():
    assert extent_value("(I + 1)//2 - 1", {"I": 8}) == 3
    assert extent_value(7, {}) == 7
    with pytest.raises(UsageError, match="no formula"):
        extent_value("__import__('os')", {})


def test_modules_that_are_none(tmp_path):
    with pytest.raises(UsageError, match="no such file"):
        load_module(tmp_path / "none.py")
    (tmp_path / "other.py").write_text("x = 1\n")
    with pytest.raises(UsageError, match="no module that symnet emitted"):
        load_module(tmp_path / "other.py")
    (tmp_path / "broken.py").write_text("x = \n")
    with pytest.raises(UsageError, match="SyntaxError"):
        load_module(tmp_path / "broken.py")


def test_predict_gets_only_what_it_takes(mlp):
    contract = Contract.of(mlp)
    inputs = contract.sample_inputs(np.random.default_rng(0), {"N": 3})
    assert contract.takes("predict") == ("x",)
    assert contract.call("predict", mlp.init(0), None, inputs)["logits"].shape == (3, 10)
