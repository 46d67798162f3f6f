"""Random tensors in the emitted module: how they are drawn and given, and that they stay what they are in between."""

import inspect
import re

import numpy as np
import pytest

from symnet.contract import Contract
from symnet.data import fit_data
from symnet.language.library import examples_of, load_library
from symnet.predict import predict
from symnet.train import evaluate, train
from tests.modules import Point, compiled, disagreements, example

# Both distributions, a scalar, a shape that is a formula, and a random tensor under a reserved name.
SPEC = """network noisy
input x[N, 5] ~ uniform(0, 1)
input t[N, T]
example N = 4
example T = 3
param w[i: 5, k: 2] ~ glorot_uniform
random u[n: N, i: 5] ~ uniform(0.5, 2)
random noise[T - 1] ~ normal(3, 0.1)
random s ~ normal(0, 1)
if training:
    z[n, i] = where(u[n, i] < 1, 0, x[n, i]*u[n, i])
else:
    z = x
y[n, k] = tanh(s + sum(i: z[n, i]*w[i, k]))
output y
minimize mean(n, k: y[n, k]**2) + mean(j: noise[j]**2)*mean(n, t0: t[n, t0]**2) with sgd(rate=0.1)
"""
# No mode is told apart: inference has the random tensor as well.
ALWAYS = """network always
input x[N, 3]
param w[i: 3] ~ ones
random e[N] ~ normal(0, 1)
y[n] = e[n] + sum(i: x[n, i]*w[i])
output y
minimize mean(n: y[n]**2) with sgd(rate=0.01)
"""
DROPOUT = examples_of(load_library()["dropout"])


@pytest.fixture
def point():
    return Point.of(compiled(SPEC).module, "float64")


def same(one, other):
    return one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)


# --- draw ---


def test_draws_are_of_the_declared_shapes_and_distributions(point):
    drawn = point.contract.module.draw(0, N=2000, T=2001)
    assert {name: value.shape for name, value in drawn.items()} == {"u": (2000, 5), "noise": (2000,), "s": ()}
    assert all(value.dtype == np.float64 for value in drawn.values())
    assert 0.5 <= drawn["u"].min() < 0.51 and 1.99 < drawn["u"].max() <= 2
    assert abs(drawn["noise"].mean() - 3) < 0.01 and abs(drawn["noise"].std() - 0.1) < 0.01


def test_what_is_drawn_is_float64_whatever_the_sampler():
    text = "network n\ninput x[N]\nparam w ~ ones\nrandom a[N] ~ constant(2)\nrandom b ~ normal\n"
    found = compiled(text + "y[n] = a[n] + b*w*x[n]\noutput a, y\nminimize mean(n: y[n]**2) with sgd(rate=1)\n")
    assert found.report.ok and not disagreements(found)
    drawn = found.module.draw(0, N=2)
    assert [(type(value), value.dtype, value.shape) for value in drawn.values()] == [
        (np.ndarray, np.float64, (2,)),
        (np.ndarray, np.float64, ()),
    ]


def test_a_seed_gives_one_draw_and_a_generator_goes_on(point):
    draw, rng = point.contract.module.draw, np.random.default_rng(3)
    assert same(draw(3, N=4, T=3), draw(3, N=4, T=3))
    assert same(draw(3, N=4, T=3), draw(rng, N=4, T=3))
    assert not np.array_equal(draw(rng, N=4, T=3)["u"], draw(3, N=4, T=3)["u"])


@pytest.mark.parametrize(
    ("sizes", "error", "message"),
    [
        ({"N": 4}, TypeError, "T: missing"),
        ({"N": 4, "T": 3, "M": 2}, ValueError, "sizes: unknown 'M'"),
        ({"N": 0, "T": 3}, ValueError, "N: expected a whole number of at least 1, got 0"),
        ({"N": 4.5, "T": 3}, ValueError, "N: expected a whole number of at least 1, got 4.5"),
    ],
)
def test_sizes_that_are_wrong(point, sizes, error, message):
    with pytest.raises(error, match=re.escape(message)):
        point.contract.module.draw(0, **sizes)


def test_the_table_names_them():
    assert compiled(SPEC).module.RANDOM["noise"] == {
        "shape": ("T - 1",),
        "kind": "real",
        "sampler": ("normal", {"mean": 3, "std": 0.1}),
    }


# --- given to the functions ---


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("text", [SPEC, ALWAYS, DROPOUT], ids=["spec", "always", "dropout"])
def test_the_module_agrees_with_the_interpreter(text, dtype):
    assert not disagreements(compiled(text), dtype)


@pytest.mark.parametrize("text", [SPEC, ALWAYS, DROPOUT], ids=["spec", "always", "dropout"])
def test_the_gradients_agree_with_differences(text):
    report = compiled(text).report
    assert report.ok and report.error < 1e-8, str(report)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_same_noise_gives_the_same_bits(dtype):
    point = Point.of(compiled(SPEC).module, dtype)
    loss, grads = point.call("loss_and_grad")
    workspace = point.contract.module.Workspace()
    for _ in range(2):
        again, kept = point.call("loss_and_grad", workspace=workspace)
        assert again == loss and same(kept, grads)
    assert grads["w"].dtype == dtype
    assert point.call("loss") == point.call("loss")


def test_noise_is_calculated_with_in_the_dtype_of_params():
    point = Point.of(compiled(ALWAYS.replace("output y", "output y, e")).module, "float32")
    single = {name: value.astype(np.float32) for name, value in point.noise.items()}
    outputs, loss = point.call("forward")[0], point.call("loss_and_grad")[0]
    assert outputs["e"].dtype == np.float32
    assert same(outputs, point.call("forward", noise=single)[0])
    assert loss == point.call("loss_and_grad", noise=single)[0]


def test_rng_draws_what_draw_draws(point):
    module, given = point.contract.module, point.inputs
    for seed in (0, 1):
        noise = module.draw(seed, N=4, T=3)
        loss, grads = module.loss_and_grad(point.params, **given, noise=noise)
        other, others = module.loss_and_grad(point.params, **given, rng=seed)
        assert other == loss and same(others, grads)
        assert module.loss(point.params, **given, rng=seed) == module.loss(point.params, **given, noise=noise)
        outputs = [module.forward(point.params, **given, **how)[0] for how in ({"rng": seed}, {"noise": noise})]
        assert same(*outputs)
    losses = {module.loss(point.params, **given, rng=seed) for seed in range(5)}
    assert len(losses) == 5


def test_a_workspace_draws_anew_at_each_call(point):
    module, rng = point.contract.module, np.random.default_rng(0)
    workspace = module.Workspace()
    losses = [module.loss_and_grad(point.params, **point.inputs, rng=rng, workspace=workspace)[0] for _ in range(5)]
    assert len(set(losses)) == 5


def test_noise_is_never_written_to(point):
    before = {name: np.array(value) for name, value in point.noise.items()}
    for value in point.noise.values():
        np.asarray(value).flags.writeable = False
    point.call("loss_and_grad")
    _, saved = point.call("forward")
    point.contract.module.backward(point.params, saved, {"loss": 1.0})
    assert same(point.noise, before)


@pytest.mark.parametrize("function", ["forward", "loss", "loss_and_grad"])
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (None, TypeError, "noise: the network has random tensors; give noise=draw(rng, N=4, T=3), or rng="),
        ([1.0], TypeError, "noise: expected a dict, got list [1.0]"),
        ({"u": None}, ValueError, "noise: missing 'u'"),
        ({"v": np.zeros(3)}, ValueError, "noise: unknown 'v'; expected some of 'u', 'noise', 's'"),
        (
            {"u": np.zeros((3, 5))},
            ValueError,
            "noise['u']: expected an array of shape (4, 5) and dtype float32 or float64, got shape (3, 5)",
        ),
        ({"noise": np.zeros(2, int)}, ValueError, "noise['noise']: expected an array of shape (2,) and dtype float32"),
        ({"noise": [1.0, 2.0]}, ValueError, "noise['noise']: expected an array of shape (2,)"),
    ],
)
def test_noise_that_is_wrong(point, function, change, error, message):
    noise = change
    if isinstance(change, dict):
        noise = {name: value for name, value in {**point.noise, **change}.items() if value is not None}
    with pytest.raises(error, match=re.escape(message)):
        getattr(point.contract.module, function)(point.params, **point.inputs, noise=noise)


# --- inference ---


def test_predict_takes_noise_only_where_some_is_left():
    without, within = compiled(DROPOUT).module, compiled(ALWAYS).module
    assert "noise" not in inspect.signature(without.predict).parameters
    assert "noise" not in inspect.signature(without.evaluate).parameters
    params, x = within.init(0), np.ones((4, 3), np.float32)
    with pytest.raises(TypeError, match="noise: the network has random tensors"):
        within.predict(params, x)
    noise = within.draw(0, N=4)
    assert same(within.predict(params, x, noise=noise), within.predict(params, x, rng=0))
    assert np.allclose(within.predict(params, x, noise=noise)["y"], 3 + noise["e"])


def test_a_module_without_random_tensors_has_nothing_of_them():
    source = compiled("network n\ninput x[N]\nparam w ~ ones\ny[n] = w*x[n]\nminimize mean(n: y[n]**2)\n").source
    assert not re.search(r"\b(noise|RANDOM|draw)\b", source)


# --- training and prediction ---


def test_training_draws_by_seed_and_step():
    module = compiled(ALWAYS).module
    rng = np.random.default_rng(0)
    rows = fit_data({"x": rng.normal(size=(40, 3)).astype(np.float32)}, Contract.of(module))
    runs = [train(module, rows, epochs=3, batch=8, seed=seed) for seed in (1, 1, 2)]
    assert same(runs[0].params, runs[1].params)
    assert not same(runs[0].params, runs[2].params)
    params = runs[0].params
    assert same(predict(module, params, rows), predict(module, params, rows))
    assert evaluate(module, params, rows) == evaluate(module, params, rows)


def test_an_autoencoder_learns():
    module = compiled(example("vae"), False).module
    rng = np.random.default_rng(0)
    kinds = rng.integers(0, 2, (4, 64))
    rows = {"x": kinds[rng.integers(0, 4, 200)].astype(np.float32)}
    history = train(module, rows, epochs=30, seed=0).history
    assert history[-1]["loss"] < history[0]["loss"] / 3


# --- the library ---


@pytest.mark.parametrize("rate", [0, 0.25, 0.5])
def test_dropout_keeps_the_mean(rate):
    text = f"network n\ninput x[N, 1000]\nparam w ~ ones\nz[n, i] = w*x[n, i]\ny = dropout(z, rate={rate})\noutput y\n"
    module = compiled(text + "minimize mean(n, i: y[n, i])\n").module
    params, x = module.init(0), np.full((50, 1000), 3, np.float32)
    y = module.forward(params, x, rng=0)[0]["y"]
    assert set(np.unique(y)) == ({0, np.float32(3 / (1 - rate))} if rate else {3})
    assert abs((y == 0).mean() - rate) < 0.01 and abs(y.mean() - 3) < 0.05
    assert np.array_equal(module.predict(params, x)["y"], x)


def test_gaussian_noise_has_the_deviation_that_is_said():
    text = (
        "network n\ninput x[N, 1000]\nparam w ~ ones\nz[n, i] = w*x[n, i]\ny = gaussian_noise(z, std=0.2)\noutput y\n"
    )
    module = compiled(text + "minimize mean(n, i: y[n, i])\n").module
    params, x = module.init(0), np.full((50, 1000), 3, np.float32)
    y = module.forward(params, x, rng=0)[0]["y"]
    assert abs(y.mean() - 3) < 0.01 and abs(y.std() - 0.2) < 0.01
    assert np.array_equal(module.predict(params, x)["y"], x)
