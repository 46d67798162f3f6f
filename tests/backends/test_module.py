"""The emitted module: what its contract says, tried on small specs."""

import ast
import inspect
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import symnet
from symnet.backends.numpy.module import NOT_CHECKED, emit, with_check
from symnet.compile import imported, load, network
from symnet.errors import UnsupportedError
from symnet.ir.interpret import interpret
from symnet.passes.pipeline import bundle
from tests.modules import compiled

CLASSIFIER = """network classifier
input x[N, 5] ~ uniform(0, 1)
input y[N] < 4
example N = 7
param W1[i: 5, j: 3] ~ glorot_uniform
param b1[j] ~ zeros
param W2[j, c: 4] ~ normal(0, 0.5)
a[n, j] = tanh(b1[j] + sum(i: x[n, i]*W1[i, j]))
z[n, c] = sum(j: a[n, j]*W2[j, c])
p[n, c] = exp(z[n, c])/sum(k: exp(z[n, k]))
output p, z
metric accuracy = mean(n: argmax(c: z[n, c]) == y[n])
minimize mean(n: -log(p[n, y[n]])) with adam(rate=0.05)
"""
SCALARS = """network scalars
param a ~ constant(2)
param b ~ constant(1)
c = a + b
d = b + 1
e = c*d
output e
minimize e
"""
FROZEN = CLASSIFIER.replace("with adam(rate=0.05)", "with sgd(rate=0.5) over W1, b1")
STATEFUL = """network centred
input x[N, 3]
param w[c: 3] ~ ones
state m[c: 3] ~ constant(2)
m'[c] = m[c] + 0.5*(mean(n: x[n, c]) - m[c])
y[n, c] = w[c]*(x[n, c] - m[c])
output y
minimize mean(n, c: y[n, c]**2) with sgd(rate=0.1)
"""
ONLY_INPUTS = """network distances
input u[N, K]
input v[M, K]
d[n, m] = sum(k: (u[n, k] - v[m, k])**2)
same[n] = argmin(m: d[n, m])
output d, u, same
"""


def source_of(text):
    spec = load(text)
    programs = bundle(network(spec), network(spec, training=False))
    return emit(programs, gradient_error=None)


@pytest.fixture(scope="module")
def sources():
    texts = {
        "stateful": STATEFUL,
        "classifier": CLASSIFIER,
        "scalars": SCALARS,
        "frozen": FROZEN,
        "only_inputs": ONLY_INPUTS,
    }
    return {name: source_of(text) for name, text in texts.items()}


@pytest.fixture(scope="module")
def module(sources):
    return imported(sources["classifier"], "classifier")


def data(dtype=np.float32, rows=7, seed=1):
    rng = np.random.default_rng(seed)
    x, y = rng.random((rows, 5)).astype(dtype), rng.integers(0, 4, rows)
    # Whatever writes to an input fails.
    x.flags.writeable = y.flags.writeable = False
    return x, y


# --- tables and initial values ---


def test_tables(module):
    assert module.PARAMETERS == {
        "W1": {"shape": (5, 3), "kind": "real"},
        "b1": {"shape": (3,), "kind": "real"},
        "W2": {"shape": (3, 4), "kind": "real"},
    }
    assert module.INPUTS == {
        "x": {"shape": ("N", 5), "kind": "real", "sampler": ("uniform", {"low": 0, "high": 1})},
        "y": {"shape": ("N",), "kind": "integer", "bound": 4},
    }
    assert module.OUTPUTS == {"p": {"shape": ("N", 4), "kind": "real"}, "z": {"shape": ("N", 4), "kind": "real"}}
    assert (module.STATE, module.METRICS, module.SIZES) == ({}, ("accuracy",), {"N": 7})


def test_init_takes_a_seed_or_a_generator(module):
    params = module.init(3)
    again = module.init(np.random.default_rng(3))
    assert {name: value.shape for name, value in params.items()} == {"W1": (5, 3), "b1": (3,), "W2": (3, 4)}
    assert all(value.dtype == np.float32 and np.array_equal(value, again[name]) for name, value in params.items())
    assert module.init(3, np.float64)["W1"].dtype == np.float64
    assert np.abs(params["W1"]).max() <= np.sqrt(6 / 8) and not params["b1"].any()
    with pytest.raises(TypeError, match="dtype: expected np.float32 or np.float64"):
        module.init(3, np.int32)


# --- values and gradients ---


def reference(params, x, y):
    """Loss, outputs and gradients in plain NumPy, by hand."""
    a = np.tanh(params["b1"] + x @ params["W1"])
    z = a @ params["W2"]
    e = np.exp(z - z.max(1, keepdims=True))
    p = e / e.sum(1, keepdims=True)
    dz = p.copy()
    dz[np.arange(len(y)), y] -= 1
    dz /= len(y)
    da = dz @ params["W2"].T * (1 - a * a)
    loss = -np.log(p[np.arange(len(y)), y]).mean()
    return loss, {"p": p, "z": z}, {"W1": x.T @ da, "b1": da.sum(0), "W2": a.T @ dz}


def test_loss_and_gradients(module):
    params, (x, y) = module.init(0, np.float64), data(np.float64)
    loss, outputs, grads = reference(params, x, y)
    found, found_grads = module.loss_and_grad(params, x, y)
    assert type(found) is float and found == pytest.approx(loss, rel=1e-13)
    assert module.loss(params, x, y) == pytest.approx(loss, rel=1e-13)
    assert list(found_grads) == list(grads)
    for name, grad in grads.items():
        assert found_grads[name] == pytest.approx(grad, rel=1e-11, abs=1e-15)
    values, saved = module.forward(params, x, y)
    assert list(values) == ["p", "z", "loss"] and values["loss"].shape == ()
    for name, value in outputs.items():
        assert values[name] == pytest.approx(value, rel=1e-12)
    pulled = module.backward(params, saved, {"loss": 1.0})
    assert list(pulled) == ["W1", "b1", "W2", "x"]
    for name, grad in grads.items():
        assert pulled[name] == pytest.approx(grad, rel=1e-11, abs=1e-15)


def test_backward_is_linear_in_what_comes_from_above(module):
    params, (x, y) = module.init(0, np.float64), data(np.float64)
    rng = np.random.default_rng(5)
    outputs, saved = module.forward(params, x, y)
    above = {name: rng.normal(size=value.shape) for name, value in outputs.items()}
    together = module.backward(params, saved, above)
    parts = [module.backward(params, saved, {name: value}) for name, value in above.items()]
    for name, value in together.items():
        assert value == pytest.approx(sum(part[name] for part in parts), rel=1e-9, abs=1e-13)
    # The slope of sum(above*outputs) along a direction of the input.
    direction, h = rng.normal(size=x.shape), 1e-6
    sums = []
    for sign in (1, -1):
        moved, _ = module.forward(params, x + sign * h * direction, y)
        sums.append(sum(np.sum(above[name] * moved[name]) for name in above))
    assert np.sum(together["x"] * direction) == pytest.approx((sums[0] - sums[1]) / (2 * h), rel=1e-7)


def test_a_caller_may_write_to_outputs_and_gradients(module):
    params, (x, y) = module.init(0), data()
    outputs, saved = module.forward(params, x, y)
    before = module.backward(params, saved, {"loss": 1.0, "p": outputs["p"].copy()})
    above = {"loss": 1.0, "p": outputs["p"].copy()}
    for value in outputs.values():
        value[...] = np.nan
    for value in module.backward(params, saved, above).values():
        value[...] = np.nan
    after = module.backward(params, saved, above)
    assert all(np.array_equal(before[name], after[name]) for name in before)


def test_a_workspace_changes_nothing_but_where_the_gradients_live(module):
    params, workspace = module.init(0), module.Workspace()
    first, second = data(seed=1), data(seed=2)
    fresh = module.loss_and_grad(params, *first)
    loss, grads = module.loss_and_grad(params, *first, workspace=workspace)
    assert loss == fresh[0] and all(np.array_equal(grads[name], fresh[1][name]) for name in grads)
    again = module.loss_and_grad(params, *second, workspace=workspace)[1]
    assert all(again[name] is grads[name] for name in grads)
    assert not np.array_equal(again["W1"], fresh[1]["W1"])
    assert not any(np.shares_memory(a, b) for a in again.values() for b in again.values() if a is not b)
    alone = module.loss_and_grad(params, *second)[1]
    assert not any(np.shares_memory(alone[name], again[name]) for name in alone)


JOINED = """network joined
input x[N, 6]
param W[i: 2, j: 3, o: 4] ~ normal(0, 1)
y[n, o] = sum(i, j: x[n, (i, j)]*W[i, j, o])
output y
minimize mean(n, o: y[n, o]**2)
"""


@pytest.mark.parametrize("turned", [False, True])
def test_parameters_that_change_in_place_are_read_anew(turned):
    module = imported(source_of(JOINED), "joined")
    params, workspace, x = module.init(0, np.float64), module.Workspace(), np.arange(18.0).reshape(3, 6)
    if turned:  # a view of it in another shape is a copy
        params = {name: np.asfortranarray(value) for name, value in params.items()}
    for _ in range(3):
        loss, grads = module.loss_and_grad(params, x, workspace=workspace)
        again, fresh = module.loss_and_grad(params, x)
        assert loss == again
        np.testing.assert_array_equal(grads["W"], fresh["W"])
        params["W"] -= 0.01 * grads["W"]
    params["W"] = params["W"] + 1
    assert module.loss_and_grad(params, x, workspace=workspace)[0] == module.loss_and_grad(params, x)[0]


def test_a_workspace_keeps_the_last_few_shapes(module):
    params, workspace = module.init(0), module.Workspace()
    kept = {}
    for rows in (7, 3, 7, 8, 7, 9, 10, 7):
        grads = module.loss_and_grad(params, *data(rows=rows), workspace=workspace)[1]
        fresh = module.loss_and_grad(params, *data(rows=rows))[1]
        assert all(np.array_equal(grads[name], fresh[name]) for name in grads)
        assert rows not in kept or kept[rows] is grads["W1"]
        kept[rows] = grads["W1"]
    assert len(workspace._steps) == 4
    assert module.loss_and_grad(params, *data(rows=3), workspace=workspace)[1]["W1"] is not kept[3]


def test_the_dtype_follows_the_params(module):
    workspace = module.Workspace()
    for dtype in (np.float32, np.float64):
        params, (x, y) = module.init(0, dtype), data(dtype)
        outputs, saved = module.forward(params, x, y)
        grads = module.loss_and_grad(params, x, y, workspace=workspace)[1]
        pulled = module.backward(params, saved, {"loss": 1.0})
        for value in (*outputs.values(), *grads.values(), *pulled.values(), *module.predict(params, x).values()):
            assert value.dtype == dtype


def test_predict_needs_no_labels_and_evaluate_gives_floats(module):
    params, (x, y) = module.init(0, np.float64), data(np.float64)
    loss, outputs, _ = reference(params, x, y)
    predicted = module.predict(params, x)
    assert list(predicted) == ["p", "z"] and predicted["p"] == pytest.approx(outputs["p"], rel=1e-12)
    assert list(inspect.signature(module.predict).parameters) == ["params", "x"]
    found = module.evaluate(params, x, y)
    assert found == {"loss": pytest.approx(loss), "accuracy": pytest.approx(np.mean(outputs["z"].argmax(1) == y))}
    assert all(type(value) is float for value in found.values())


def test_inputs_may_have_any_strides_and_any_integer_dtype(module):
    params, (x, y) = module.init(0, np.float64), data(np.float64)
    expected = module.loss_and_grad(params, x, y)[1]
    params = {name: np.asfortranarray(value) for name, value in params.items()}
    wide = np.zeros((14, 10))
    wide[::2, ::-2] = x
    for other_x, other_y in ((np.asfortranarray(x), y.astype(np.uint8)), (wide[::2, ::-2], y.astype(np.int32))):
        found = module.loss_and_grad(params, other_x, other_y)[1]
        for name in expected:
            assert found[name] == pytest.approx(expected[name], rel=1e-12, abs=1e-15)


def test_the_programs_mean_the_same(module):
    spec = load(CLASSIFIER)
    programs = bundle(network(spec), network(spec, training=False))
    params, (x, y) = module.init(0, np.float64), data(np.float64)
    values = interpret(programs.step.program, params | {"x": x, "y": y})
    _, grads = module.loss_and_grad(params, x, y)
    for name, adjoint in programs.step.gradients:
        assert grads[name] == pytest.approx(values[adjoint], rel=1e-12, abs=1e-15)


# --- the optimiser and the vector ---


def test_training_lowers_the_loss(module):
    params, (x, y), workspace = module.init(0), data(rows=40), module.Workspace()
    slots = module.init_slots(params)
    first = module.loss(params, x, y)
    for _ in range(200):
        _, grads = module.loss_and_grad(params, x, y, workspace=workspace)
        module.update(params, grads, slots)
    assert module.loss(params, x, y) < 0.6 * first
    assert slots["s" if "s" in slots else "t"] == 200
    pickle.loads(pickle.dumps((params, slots)))


def test_pack_and_unpack(module):
    from scipy.optimize import minimize

    params, (x, y) = module.init(0, np.float64), data(np.float64, rows=40)
    theta = module.pack(params)
    assert theta.shape == (5 * 3 + 3 + 3 * 4,) and theta.dtype == np.float64
    assert all(np.array_equal(value, params[name]) for name, value in module.unpack(theta).items())
    assert module.pack(module.init(0)).dtype == np.float32

    def both(vector):
        loss, grads = module.loss_and_grad(module.unpack(vector), x, y)
        return loss, module.pack(grads)

    result = minimize(both, theta, jac=True, options={"maxiter": 30})
    assert result.fun < 0.9 * module.loss(params, x, y)
    with pytest.raises(ValueError, match=r"theta: expected shape \(30,\), got shape \(29,\)"):
        module.unpack(theta[1:])
    with pytest.raises(ValueError, match="params: missing 'W2'"):
        module.pack({"W1": params["W1"], "b1": params["b1"]})


# --- other shapes of networks ---


def test_a_scalar_graph_takes_numbers(sources):
    module = imported(sources["scalars"], "scalars")
    loss, grads = module.loss_and_grad({"a": 2.0, "b": 1.0})
    assert (loss, grads["a"], grads["b"]) == (6.0, 2.0, 5.0)
    assert grads["a"].shape == () and isinstance(grads["a"], np.ndarray)
    assert module.init(0)["a"] == 2 and module.init(0)["a"].shape == ()
    outputs, saved = module.forward(module.init(0))
    assert list(outputs) == ["e", "loss"]
    # The output and the loss are one tensor: what comes from above adds up.
    assert module.backward(module.init(0), saved, {"e": 1.0, "loss": 2.0})["b"] == 15.0
    assert not hasattr(module, "update")


def test_state_goes_in_and_comes_out_and_is_never_changed(sources):
    module = imported(sources["stateful"], "stateful")
    params, state = module.init(0, np.float64), module.init_state(np.float64)
    assert module.STATE == {"m": {"shape": (3,), "kind": "real"}} and np.array_equal(state["m"], [2, 2, 2])
    state["m"].flags.writeable = False
    x, workspace = np.arange(12.0).reshape(4, 3), module.Workspace()
    after = (state["m"] + x.mean(0)) / 2
    outputs, saved, later = module.forward(params, state, x)
    assert outputs["y"] == pytest.approx(x - 2) and later["m"] == pytest.approx(after)
    assert module.backward(params, saved, {"loss": 1.0})["w"] == pytest.approx(2 * ((x - 2) ** 2).sum(0) / 12)
    first = module.loss_and_grad(params, state, x, workspace=workspace)
    second = module.loss_and_grad(params, first[2], x, workspace=workspace)
    assert first[2]["m"] == pytest.approx(after) and second[2]["m"] == pytest.approx((after + x.mean(0)) / 2)
    assert module.predict(params, first[2], x)["y"] == pytest.approx(x - after)
    with pytest.raises(ValueError, match=r"state\['m'\]: expected shape \(3,\) and dtype float64, got shape \(2,\)"):
        module.loss_and_grad(params, {"m": np.zeros(2)}, x, workspace=workspace)


def test_frozen_parameters_have_no_gradient_and_stay(sources):
    module = imported(sources["frozen"], "frozen")
    assert module.PARAMETERS["W2"]["frozen"] and list(module.TRAINED) == ["W1", "b1"]
    params, (x, y) = module.init(0), data()
    kept = params["W2"].copy()
    grads = module.loss_and_grad(params, x, y)[1]
    assert list(grads) == ["W1", "b1"]
    module.update(params, grads, module.init_slots(params))
    assert np.array_equal(params["W2"], kept)
    assert not module.pack(grads)[18:].any() and module.pack(grads)[:18].any()
    assert module.pack(params).shape == module.pack(grads).shape == (30,)


def test_a_network_without_parameters_and_loss(sources):
    module = imported(sources["only_inputs"], "only_inputs")
    assert not any(hasattr(module, name) for name in ("loss", "loss_and_grad", "Workspace", "update", "evaluate"))
    rng = np.random.default_rng(0)
    for dtype in (np.float32, np.float64):
        u, v = rng.random((3, 2)).astype(dtype), rng.random((4, 2)).astype(dtype)
        outputs, saved = module.forward({}, u, v)
        assert outputs["d"].dtype == dtype and outputs["same"].dtype == np.intp
        assert outputs["d"] == pytest.approx(((u[:, None] - v) ** 2).sum(2), rel=1e-6)
        assert np.array_equal(outputs["u"], u) and not np.shares_memory(outputs["u"], u)
        above = np.ones((3, 4), dtype)
        assert module.backward({}, saved, {"d": above})["v"] == pytest.approx(2 * (3 * v - u.sum(0)), rel=1e-5)
        assert module.backward({}, saved, {"u": np.ones((3, 2), dtype)})["u"] == pytest.approx(1)
        assert np.array_equal(module.predict({}, u, v)["same"], outputs["same"])
    with pytest.raises(ValueError, match="v: expected an array of shape \\(M, K\\) = \\(4, 2\\)"):
        module.forward({}, u, rng.random((4, 3)))
    assert module.pack({}).shape == (0,) and module.unpack(np.zeros(0)) == {}


def test_a_length_that_is_a_formula_in_a_size():
    text = "network n\ninput w[N]\ninput x[2*N + 1]\ns = sum(n: w[n]*x[2*n + 1])\noutput s\n"
    module = imported(source_of(text), "n")
    assert module.INPUTS["x"]["shape"] == ("2*N + 1",)
    assert module.predict({}, np.ones(3), np.arange(7.0))["s"] == 1 + 3 + 5
    with pytest.raises(ValueError, match=r"x: expected an array of shape \(2\*N \+ 1,\) = \(7,\)"):
        module.predict({}, np.ones(3), np.arange(6.0))


def test_names_that_python_keeps_for_itself():
    text = (
        "network n\ninput params[N]\nparam dtype ~ constant(3)\ny[n] = dtype*params[n]\nnp = sum(n: y[n])\noutput np\n"
    )
    module = imported(source_of(text), "n")
    assert module.predict({"dtype": np.array(3.0)}, np.arange(4.0))["np"] == 18
    assert module.INPUTS["params"]["argument"] == list(inspect.signature(module.predict).parameters)[1]


def test_a_random_tensor_is_the_same_in_both_modes():
    modes = "if training:\n    random u[N] ~ uniform(0, 1)\nelse:\n    random u[N] ~ normal(0, 1)\n"
    with pytest.raises(UnsupportedError, match="'u' is not the same in training and inference"):
        source_of(f"network n\ninput x[N]\n{modes}y[n] = x[n]*u[n]\noutput y\n")


# --- wrong arguments ---


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"x": np.zeros((7, 4), np.float32)},
            ValueError,
            "x: expected an array of shape (N, 5) = (7, 5) and dtype float32",
        ),
        (
            {"x": np.zeros((7, 5))},
            ValueError,
            "x: expected an array of shape (N, 5) = (7, 5) and dtype float32, got shape (7, 5) and dtype float64",
        ),
        (
            {"x": np.zeros((0, 5), np.float32), "y": np.zeros(0, int)},
            ValueError,
            "x: expected N in shape (N, 5) to be at least 1",
        ),
        ({"x": np.zeros(5, np.float32)}, TypeError, "x: expected an array of shape (N, 5)"),
        ({"x": [[0.0] * 5] * 7}, TypeError, "x: expected an array of shape (N, 5), got list"),
        ({"y": np.zeros(6, int)}, ValueError, "y: expected shape (N,) = (7,), got shape (6,)"),
        ({"y": np.full(7, 4)}, IndexError, "y: expected values in 0..3, got 4"),
        ({"y": np.full(7, -1)}, IndexError, "y: expected values in 0..3, got -1"),
        ({"y": np.zeros(7)}, TypeError, "y: expected an array of integers"),
        ({"params": {}}, ValueError, "params: missing 'W1', 'b1', 'W2'"),
        ({"params": None}, TypeError, "params: expected a dict of arrays, got NoneType"),
    ],
)
def test_wrong_arguments_are_named(module, change, error, message):
    x, y = data()
    given = {"params": module.init(0), "x": x, "y": y} | change
    for name in ("forward", "loss", "loss_and_grad", "evaluate"):
        with pytest.raises(error) as caught:
            getattr(module, name)(**given)
        assert message in str(caught.value)


CHAIN = """network chain
const depth = 2
example N = 3
input x[N, 4]
h{0} = x
for l in 0..depth:
    h{l+1} = dense(h{l}, 4, activation=tanh)
minimize mean(n, i: h{depth}[n, i]**2)
"""


@pytest.mark.parametrize("depth", [2, 9])
def test_a_workspace_knows_parameters_by_their_names(depth):
    """Few parameters are told by a test for each, many by a loop: the same arrays under other names are others."""
    found = symnet.compile(CHAIN, constants={"depth": depth}, check=False)
    module, x = found.module, np.random.default_rng(1).normal(size=(3, 4)).astype(np.float32)
    params, workspace = module.init(0), module.Workspace()
    module.loss_and_grad(params, x, workspace=workspace)
    exchanged = {"h1.W": "h2.W", "h2.W": "h1.W"}
    others = {exchanged.get(name, name): value for name, value in params.items()}
    expected = module.loss_and_grad(others, x)[0]
    assert expected != module.loss_and_grad(params, x)[0]
    assert module.loss_and_grad(others, x, workspace=workspace)[0] == expected


def test_a_workspace_does_not_forget_to_check(module):
    params, workspace, (x, y) = module.init(0), module.Workspace(), data()
    module.loss_and_grad(params, x, y, workspace=workspace)
    wrong = (
        ({"y": np.full(7, 4)}, IndexError),
        ({"y": y.astype(float)}, TypeError),
        ({"x": x.astype(float)}, ValueError),
        ({"x": x.tolist()}, TypeError),
        ({"x": x[:6]}, ValueError),
        ({"params": params | {"W1": params["W1"].T}}, ValueError),
        ({"params": params | {"W1": params["W1"].astype(float)}}, ValueError),
        ({"params": params | {"b1": params["b1"][None]}}, ValueError),
        ({"params": params | {"W3": params["W1"]}}, ValueError),
        ({"params": list(params)}, TypeError),
    )
    for change, error in wrong:
        with pytest.raises(error):
            module.loss_and_grad(**({"params": params, "x": x, "y": y, "workspace": workspace} | change))
    expected = module.loss_and_grad(params, x, y)
    moved = {name: value + 0 for name, value in params.items()}
    for given in (moved, params, moved):
        found = module.loss_and_grad(given, x, y.astype(np.int8), workspace=workspace)
        assert found[0] == expected[0] and np.array_equal(found[1]["W1"], expected[1]["W1"])


@pytest.mark.parametrize(
    ("above", "error", "message"),
    [
        ({"q": 1.0}, ValueError, "grad_outputs: unknown 'q'; expected some of 'p', 'z', 'loss'"),
        ({"p": np.zeros((7, 4))}, ValueError, "grad_outputs['p']: expected an array of shape (7, 4) and dtype float32"),
        ([1.0], TypeError, "grad_outputs: expected a dict"),
    ],
)
def test_wrong_upstream_gradients(module, above, error, message):
    params = module.init(0)
    _, saved = module.forward(params, *data())
    with pytest.raises(error) as caught:
        module.backward(params, saved, above)
    assert message in str(caught.value)


# --- the text ---


def test_the_docstring_says_where_it_comes_from(sources):
    tree = ast.parse(sources["classifier"])
    text = ast.get_docstring(tree)
    assert text.startswith("classifier: ") and "    p[n, c] = exp(z[n, c])/sum(k: exp(z[n, k]))" in text
    assert NOT_CHECKED in text and "symnet 0" in text
    checked = with_check(sources["classifier"], "1e-9")
    assert "relative error at most 1e-9." in ast.get_docstring(ast.parse(checked)) and NOT_CHECKED not in checked
    spec = load(CLASSIFIER)
    assert checked == emit(bundle(network(spec), network(spec, training=False)), gradient_error="1e-9")


def test_a_comment_of_a_spec_cannot_get_out_of_the_docstring():
    comments = ('# """ + exec("1/0")', '# \\"""', "# \N{RIGHT-TO-LEFT OVERRIDE}")
    lines = ("network n", "param a ~ constant(1)", "output a", "minimize a**2")
    text = "\n".join(f"{line} {comment}" for line, comment in zip(lines, (*comments, ""), strict=True))
    source = source_of(text)
    assert source.isascii() and "exec" not in source
    assert imported(source, "n").loss({"a": 3.0}) == 9


@pytest.mark.parametrize("name", ["classifier", "scalars", "frozen", "stateful", "only_inputs"])
def test_a_linter_and_a_formatter_have_nothing_to_say(sources, name, tmp_path):
    ruff = shutil.which("ruff") or shutil.which("ruff", path=str(Path(sys.executable).parent))
    if ruff is None:
        pytest.skip("ruff is not installed")
    path = tmp_path / "module.py"
    path.write_text(sources[name])
    for command in (["check", "--select", "E,F,W,I,B,UP"], ["format", "--diff"]):
        options = ["--isolated", "--no-cache", *(["--line-length", "100"])]
        done = subprocess.run([ruff, *command, *options, str(path)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_no_helper_is_there_for_nothing(sources):
    for source in sources.values():
        defined = [node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
        for name in defined:
            assert not name.startswith("_") or source.count(f"{name}(") > 1


def test_it_runs_where_only_numpy_can_be_imported(sources, tmp_path):
    (tmp_path / "classifier.py").write_text(sources["classifier"])
    program = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("sympy", "symnet", "jinja2", "lark", "click", "rich", "scipy", "sklearn"):
            raise ImportError(name)
sys.meta_path.insert(0, Refuse())
import numpy as np
import classifier as m
p = m.init(0)
x, y = np.ones((3, 5), np.float32), np.arange(3)
loss, grads = m.loss_and_grad(p, x, y, workspace=m.Workspace())
m.update(p, grads, m.init_slots(p))
print(sorted(name for name in sys.modules if name in ("sympy", "symnet")), m.evaluate(p, x, y)["loss"] < loss)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.stdout.strip() == "[] True", done.stderr


def test_the_same_bytes_under_any_hash_seed(sources, tmp_path):
    (tmp_path / "n.sym").write_text(CLASSIFIER)
    program = """
import hashlib
from symnet.backends.numpy.module import emit
from symnet.compile import load, network
from symnet.passes.pipeline import bundle
spec = load("n.sym")
source = emit(bundle(network(spec), network(spec, training=False)), gradient_error=None)
print(hashlib.sha256(source.encode()).hexdigest())
"""
    root = str(Path(symnet.__file__).parent.parent)
    found = set()
    for seed in ("0", "1"):
        environment = {"PYTHONHASHSEED": seed, "PYTHONPATH": root}
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path, check=True, env=environment
        )
        found.add(done.stdout)
    assert len(found) == 1


@pytest.mark.parametrize("formula", ["y = w*N", "y = u[N - 1]*w", "y = sum(i if i < N: u[i]*w)"])
def test_predict_is_given_the_sizes_that_only_a_formula_has(formula: str) -> None:
    text = f"example N = 2\ninput x[N]\nparam w ~ ones\nparam u[i: 4] ~ normal\n{formula}\noutput y\n"
    module = compiled(f"{text}minimize sum(n: x[n]*y)\n", check=False).module
    params = module.init(0, np.float64)
    expected = {"y = w*N": 3.0, "y = u[N - 1]*w": params["u"][2]}.get(formula, params["u"][:3].sum())
    assert module.predict(params, np.zeros(3))["y"] == pytest.approx(expected)
