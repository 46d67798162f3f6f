"""Training: what it reaches, what it remembers, and what it says when the data or a file is wrong."""

import types
from pathlib import Path

import numpy as np
import pytest

from symnet.checkpoint import load_checkpoint, load_weights, save_checkpoint, save_weights
from symnet.contract import Contract, load_module
from symnet.data import DATA_SETS, fit_data, load_data, split
from symnet.errors import UsageError
from symnet.files import read_arrays, write_arrays, write_text
from symnet.schedules import SCHEDULES, multiplier
from symnet.train import DivergedError, Settings, evaluate, train

MLP = Path(__file__).parent / "contract_mlp.py"


@pytest.fixture(scope="module")
def mlp():
    return load_module(MLP)


@pytest.fixture(scope="module")
def digits(mlp):
    pytest.importorskip("sklearn")
    return load_data("sklearn:digits", Contract.of(mlp))


def small(rows=50, seed=0):
    rng = np.random.default_rng(seed)
    return {"x": rng.uniform(size=(rows, 64)), "y": rng.integers(0, 10, rows)}


def same(first, second):
    return first.keys() == second.keys() and all(np.array_equal(first[name], second[name]) for name in first)


def test_digits_are_learnt(mlp, digits):
    result = train(mlp, digits, epochs=10)
    assert result.history[-1]["accuracy"] > 0.95
    assert result.history[-1]["loss"] < result.history[0]["loss"]
    assert [record["epoch"] for record in result.history] == list(range(1, 11))


def test_same_seed_same_bits(mlp):
    first, second, other = (train(mlp, small(), epochs=2, batch=8, seed=seed) for seed in (1, 1, 2))
    assert same(first.params, second.params)
    assert first.history == second.history
    assert not same(first.params, other.params)


@pytest.mark.parametrize("batches", [1, 4, 5, 6, 11])
@pytest.mark.parametrize("schedule", ["constant", "cosine"])
def test_resumed_run_gives_the_same_bits(mlp, tmp_path, batches, schedule):
    settings = {"epochs": 3, "batch": 8, "seed": 5, "schedule": schedule, "warmup": 0.5, "keep": "best"}
    whole = train(mlp, small(), **settings)
    file = tmp_path / "run.npz"
    left = iter([False] * (batches - 1) + [True])
    broken = train(mlp, small(), checkpoint=file, stop=lambda: next(left), **settings)
    assert broken.stopped
    resumed = train(mlp, small(), resume=file)
    assert same(resumed.params, whole.params)
    assert resumed.history == whole.history
    assert not resumed.stopped


def test_resuming_after_an_epoch_with_more_epochs(mlp, tmp_path):
    file = tmp_path / "run.npz"
    whole = train(mlp, small(), epochs=4)
    train(mlp, small(), epochs=2, checkpoint=file)
    assert same(train(mlp, small(), epochs=4, resume=file).params, whole.params)


def test_checkpoints_every_few_batches(mlp, tmp_path):
    file = tmp_path / "run.npz"
    seen = []

    def look(progress):
        if file.exists():
            seen.append((progress.batch, load_checkpoint(file)["run"]["batch"]))

    train(mlp, small(), epochs=1, batch=8, every=2, checkpoint=file, on_progress=look)
    assert (4, 2) in seen or (3, 2) in seen
    assert not list(tmp_path.glob(".*"))


def test_checkpoint_of_other_settings_data_or_network_is_refused(mlp, tmp_path):
    file = tmp_path / "run.npz"
    train(mlp, small(), epochs=1, checkpoint=file)
    with pytest.raises(UsageError, match="has batch 32, not 16"):
        train(mlp, small(), resume=file, batch=16)
    with pytest.raises(UsageError, match="other data"):
        train(mlp, small(seed=1), resume=file)
    narrow = tmp_path / "narrow.py"
    narrow.write_text(MLP.read_text().replace("64, 64, 10", "64, 32, 10"))
    with pytest.raises(UsageError, match="another network"):
        train(load_module(narrow), small(), resume=file)
    save_checkpoint(file, {"settings": {}, "data": "none", "run": {"params": 1}})
    with pytest.raises(UsageError, match="not one of a training run"):
        train(mlp, small(), resume=file)
    save_weights(file, mlp.init(0))
    with pytest.raises(UsageError, match="no checkpoint"):
        train(mlp, small(), resume=file)


def test_validation_takes_the_place_of_rows_held_out(mlp, tmp_path):
    file, others = tmp_path / "run.npz", tmp_path / "others.npz"
    write_arrays(others, small(30, seed=1))
    result = train(mlp, small(), epochs=1, validation=str(others), checkpoint=file)
    whole = train(mlp, small(), epochs=1, held_out=0.0)
    assert same(result.params, whole.params)
    measured = evaluate(mlp, result.params, load_data(str(others), Contract.of(mlp)))
    assert result.history[-1]["loss"] == measured["loss"]
    with pytest.raises(UsageError, match="other data .*30 rows.* for validation"):
        train(mlp, small(), epochs=2, resume=file)


def test_checkpoint_keeps_every_bit(tmp_path):
    content = {
        "a": np.float32([0.1, np.nan]),
        "b": {"s": 3, "f": 0.1 + 0.2, "none": None},
        "c": [1, {"array": 2.5}],
        "array": "text",
    }
    save_checkpoint(tmp_path / "c.npz", content)
    back = load_checkpoint(tmp_path / "c.npz")
    assert back["a"].tobytes() == content["a"].tobytes()
    assert {key: back[key] for key in "bc"} == {key: content[key] for key in "bc"}
    assert list(back) == list(content)


def test_last_batch_is_smaller_and_counts_by_its_rows(mlp):
    sizes = []
    copy = types.SimpleNamespace(**vars(mlp))

    def record(params, x, y, *, workspace=None):
        sizes.append(len(x))
        return mlp.loss_and_grad(params, x, y)

    copy.loss_and_grad = record
    result = train(copy, small(50), epochs=1, batch=32, rate=0.0, held_out=0.0)
    assert sizes == [32, 18]
    data = fit_data(small(50), Contract.of(mlp))
    assert result.history[0]["train_loss"] == pytest.approx(evaluate(mlp, result.params, data)["loss"], rel=1e-5)


def test_every_row_is_seen_once_per_epoch_in_a_new_order(mlp):
    seen = []
    copy = types.SimpleNamespace(**vars(mlp))

    def record(params, x, y, *, workspace=None):
        seen.append(x[:, 0].copy())
        return mlp.loss_and_grad(params, x, y)

    copy.loss_and_grad = record
    train(copy, small(20), epochs=2, batch=20, held_out=0.0)
    assert np.array_equal(np.sort(seen[0]), np.sort(small(20)["x"][:, 0].astype(np.float32)))
    assert np.array_equal(np.sort(seen[0]), np.sort(seen[1]))
    assert not np.array_equal(seen[0], seen[1])


def test_evaluation_in_parts_is_that_of_the_whole(mlp):
    data = fit_data(small(1200), Contract.of(mlp), dtype=np.float64)
    params = mlp.init(0, np.float64)
    whole = mlp.evaluate(params, **data.arrays)
    assert evaluate(mlp, params, data) == pytest.approx(whole, rel=1e-12)


def test_best_weights_are_kept(mlp):
    result = train(mlp, small(40), epochs=15, rate=0.3, keep="best")
    losses = [record["loss"] for record in result.history]
    assert min(losses) < losses[-1]
    data = fit_data(small(40), Contract.of(mlp))
    assert evaluate(mlp, result.params, split(data, 0.2, 0)[1])["loss"] == pytest.approx(min(losses), rel=1e-6)


def test_update_that_overflows_is_told(mlp):
    with np.errstate(all="ignore"), pytest.raises(DivergedError, match="epoch 1, batch 2 of 2") as caught:
        train(mlp, small(), epochs=3, rate=1e39)
    assert "the update of the step before had made 'W1' infinite" in str(caught.value)
    assert caught.value.exit_code == 1


BROKEN = [
    ("return np.tanh(a)", "return np.log(a)", "nan is in 'h', made by\n    h = activation("),
    ("return np.tanh(a)", "return np.exp(1000 * a)", "the first inf is in 'h'"),
    ("return 1 - h * h", "return 1 / (h - h)", "gradient of 'W1' is not finite"),
    ("dz *= grad", "# dz[n, c] = 0 / 0\n    dz /= 0 * dz\n    dz *= grad", "    # dz[n, c] = 0 / 0\n    dz /= 0 * dz"),
]


@pytest.mark.parametrize(("right", "wrong", "message"), BROKEN)
def test_first_line_that_made_it_is_told(tmp_path, right, wrong, message):
    broken = tmp_path / "broken.py"
    broken.write_text(MLP.read_text().replace(right, wrong))
    module = load_module(broken)
    with np.errstate(all="ignore"), pytest.raises(DivergedError, match="epoch 1, batch 1 of 2") as caught:
        train(module, small())
    assert message in str(caught.value)
    assert module.np is np


def test_schedules():
    assert [multiplier("step", k, 4) for k in range(4)] == [1.0, 1.0, 0.1, 0.01]
    assert multiplier("cosine", 1, 2) == pytest.approx(0.5)
    assert multiplier("linear", 3, 4) == 0.25
    assert [multiplier("constant", k, 9, 4) for k in range(5)] == [0.25, 0.5, 0.75, 1.0, 1.0]
    assert multiplier("linear", 4, 8, 4) == 1.0
    for schedule in SCHEDULES:
        assert multiplier(schedule, 0, 10) == 1.0
    with pytest.raises(UsageError, match="did you mean 'cosine'"):
        multiplier("cosin", 0, 1)


def test_rate_follows_the_schedule(mlp):
    rates = []
    copy = types.SimpleNamespace(**vars(mlp))

    def record(params, grads, slots, *, rate=0.1, momentum=0.9):
        rates.append(rate)

    copy.update = record
    train(copy, small(), epochs=2, batch=20, schedule="linear", rate=1.0)
    assert rates == [1.0, 0.75, 0.5, 0.25]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"epochs": -1}, "epochs must be at least 0"),
        ({"batch": 0}, "batch must be at least 1"),
        ({"rate": float("nan")}, "rate must be a finite number"),
        ({"schedule": "cosin"}, "no schedule 'cosin'"),
        ({"keep": "first"}, "last or best"),
        ({"held_out": 1.5}, "below 1"),
        ({"held_out": 0.999}, "leaves none"),
        ({"dtype": "int8"}, "float32 or float64"),
        ({"epoch": 3}, "no setting 'epoch'"),
    ],
)
def test_settings_that_make_no_sense(mlp, settings, message):
    with pytest.raises(UsageError, match=message):
        train(mlp, small(), **settings)


def test_settings_left_out_are_the_defaults(mlp):
    assert same(train(mlp, small(), epochs=1, rate=None, batch=None).params, train(mlp, small(), epochs=1).params)
    assert Settings().held_out == 0.2


# --- data -------------------------------------------------------------------------------------------

BAD_DATA = [
    ({"x": np.zeros((3, 64))}, "has no 'y'"),
    ({**small(), "z": np.zeros(3)}, "holds 'z', which is no input"),
    ({"X": np.zeros((3, 64)), "y": np.zeros(3, int)}, "holds 'X', which is no input; the inputs are x, y"),
    ({"x": np.zeros((3, 63)), "y": np.zeros(3, int)}, r"shape \[3, 63\], but \[N, 64\] is expected"),
    ({"x": np.zeros(64), "y": np.zeros(3, int)}, r"shape \[64\]"),
    ({"x": np.zeros((3, 64)), "y": np.zeros(4, int)}, "where N = 3 in another input"),
    ({"x": np.zeros((3, 64)), "y": np.zeros(3)}, "must hold integers, not float64"),
    ({"x": np.zeros((3, 64)), "y": np.array([0, 10, 0])}, r"holds 10, but its values are 0\.\.9"),
    ({"x": np.zeros((3, 64)), "y": np.array([0, -1, 0])}, "holds -1"),
    ({"x": np.full((3, 64), "a"), "y": np.zeros(3, int)}, "real numbers"),
    ({"x": np.where(np.arange(192).reshape(3, 64) == 70, np.nan, 0), "y": np.zeros(3, int)}, r"holds nan at \[1, 6\]"),
    ({"x": np.zeros((0, 64)), "y": np.zeros(0, int)}, "holds no rows"),
]


@pytest.mark.parametrize(("arrays", "message"), BAD_DATA)
def test_data_that_do_not_fit(mlp, tmp_path, arrays, message):
    np.savez(tmp_path / "d.npz", **arrays)
    with pytest.raises(UsageError, match=message):
        load_data(str(tmp_path / "d.npz"), Contract.of(mlp))


def test_files_that_are_no_data(mlp, tmp_path):
    contract = Contract.of(mlp)
    with pytest.raises(UsageError, match="no such file"):
        load_data(str(tmp_path / "none.npz"), contract)
    (tmp_path / "text.npz").write_text("no zip")
    with pytest.raises(UsageError, match=r"no \.npz file"):
        load_data(str(tmp_path / "text.npz"), contract)
    np.savez(tmp_path / "objects.npz", x=np.array([{}], object), y=np.zeros(1, int))
    with pytest.raises(UsageError, match="cannot read"):
        load_data(str(tmp_path / "objects.npz"), contract)


def test_data_are_converted_to_the_dtype_asked_for(mlp):
    data = fit_data({"x": np.ones((3, 64), np.uint8), "y": np.zeros(3, np.int8)}, Contract.of(mlp))
    assert (data.arrays["x"].dtype, data.arrays["y"].dtype) == (np.float32, np.int64)


def test_split_is_disjoint_and_whole(mlp):
    data = fit_data(small(50), Contract.of(mlp))
    train_part, held = split(data, 0.2, 3)
    together = np.concatenate([train_part.arrays["x"][:, 0], held.arrays["x"][:, 0]])
    assert (train_part.rows, held.rows) == (40, 10)
    assert np.array_equal(np.sort(together), np.sort(data.arrays["x"][:, 0]))
    assert not np.array_equal(split(data, 0.2, 4)[1].arrays["x"], held.arrays["x"])


def module_for(features, shape, bound):
    target = {"shape": ("N",), "kind": "integer", "bound": bound} if bound else {"shape": ("N", 1), "kind": "real"}
    inputs = {"image": {"shape": shape, "kind": "real"}, "label": target}
    functions = dict.fromkeys(["init", "forward", "backward", "predict", "evaluate"])
    return types.SimpleNamespace(PARAMETERS={}, INPUTS=inputs, SIZES={"N": None}, **functions)


SHAPES = {
    "digits": ((("N", 1, 8, 8), 10), (1797, 1, 8, 8)),
    "iris": ((("N", 4), 3), (150, 4)),
    "wine": ((("N", 13), 3), (178, 13)),
    "breast_cancer": ((("N", 30), 2), (569, 30)),
    "diabetes": ((("N", 10), None), (442, 10)),
}


@pytest.mark.parametrize("name", DATA_SETS)
def test_data_sets_fit_by_shape(name):
    pytest.importorskip("sklearn")
    (shape, bound), expected = SHAPES[name]
    data = load_data(f"sklearn:{name}", Contract.of(module_for(4, shape, bound)))
    assert data.arrays["image"].shape == expected
    assert np.abs(data.arrays["image"]).max() < 20
    assert data.arrays["label"].dtype == (np.int64 if bound else np.float32)


def test_data_set_that_does_not_fit(mlp):
    pytest.importorskip("sklearn")
    with pytest.raises(UsageError, match="did you mean 'digits'"):
        load_data("sklearn:digit", Contract.of(mlp))
    with pytest.raises(UsageError, match="rows have 4 numbers"):
        load_data("sklearn:iris", Contract.of(mlp))


# --- files ------------------------------------------------------------------------------------------


def test_weights_come_back(mlp, tmp_path):
    params = mlp.init(0)
    save_weights(tmp_path / "w.npz", params)
    back, state = load_weights(tmp_path / "w.npz", Contract.of(mlp))
    assert same(back, params)
    assert state is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda p: p.pop("b1"), "has no 'b1'"),
        (lambda p: p.update(b3=p.pop("b2")), "holds 'b3', which is no parameter"),
        (lambda p: p.update(b1=np.zeros(3, np.float32)), r"shape \[3\], but \[64\] is expected"),
        (lambda p: p.update(b1=p["b1"].astype(int)), "float32 or float64, not int64"),
        (lambda p: p.update(b1=p["b1"].astype(float)), "several dtypes"),
    ],
)
def test_weights_that_do_not_fit(mlp, tmp_path, change, message):
    params = mlp.init(0)
    change(params)
    save_weights(tmp_path / "w.npz", params)
    with pytest.raises(UsageError, match=message):
        load_weights(tmp_path / "w.npz", Contract.of(mlp))


def test_nothing_half_written_stays(tmp_path):
    target = tmp_path / "out.npz"
    write_arrays(target, {"a": np.arange(3)})
    before = target.read_bytes()
    with pytest.raises(ValueError, match="allow_pickle"):
        write_arrays(target, {"a": np.arange(3), "b": np.array([{}], object)})
    assert target.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["out.npz"]
    assert np.array_equal(read_arrays(target)["a"], np.arange(3))


def test_paths_that_cannot_be_written(tmp_path):
    for path in (tmp_path / "none" / "out.py", tmp_path, Path("/proc/none.py")):
        with pytest.raises(UsageError, match=f"cannot write {path}: "):
            write_text(path, "x")
    write_text("/dev/null", "x")
    assert Path("/dev/null").is_char_device()
    assert not list(tmp_path.iterdir())
