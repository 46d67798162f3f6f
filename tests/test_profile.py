"""The profile: clocks between the blocks of the emitted step, and what each block costs by its formula."""

from __future__ import annotations

import json
from functools import cache

import numpy as np
import pytest

import symnet
from symnet.cli import main
from symnet.compile import Compiled, compile_spec, imported, load
from symnet.contract import Contract
from symnet.errors import UsageError
from symnet.passes.pipeline import step_program
from symnet.planning.costs import program_flops
from symnet.profile import MARK, Profile, profile, with_clocks
from tests.modules import EXAMPLES

LINE = """network line
example N = 4
input x[N]
input t[N]
param a ~ constant(2)
y[n] = a*x[n]
loss = mean(n: (y[n] - t[n])**2)
minimize loss
"""
# Plain, with a loop, with state, with random tensors.
NAMES = ("digits_mlp", "lstm_recall", "resnet", "vae")


@cache
def compiled(name: str) -> Compiled:
    return compile_spec(load(EXAMPLES / f"{name}.sym"), check=False)


@cache
def of_example(name: str) -> Profile:
    return profile(compiled(name), calls=2)


def gradients(module, seed=0):
    """Loss and gradients at a random point."""
    contract, rng = Contract.of(module), np.random.default_rng(seed)
    sizes = contract.example_sizes()
    params, noise = contract.init(rng, np.float64), contract.draw(rng, sizes)
    state, inputs = contract.init_state(np.float64), contract.sample_inputs(rng, sizes)
    extra = {"noise": noise} if noise else {}
    return contract.call("loss_and_grad", params, state, inputs, **extra)[:2]


@pytest.mark.parametrize("name", NAMES)
def test_clocks_change_nothing(name):
    source, blocks = with_clocks(compiled(name).source)
    module = imported(source, name)
    seen = []
    setattr(module, MARK, seen.append)
    loss, grads = gradients(module)
    plain_loss, plain_grads = gradients(compiled(name).module)
    assert loss == plain_loss
    assert all(np.array_equal(grads[key], plain_grads[key]) for key in plain_grads)
    assert set(seen) == set(range(len(blocks) + 1)), "a block was never entered"
    assert seen[-1] == 0


@pytest.mark.parametrize("name", NAMES)
def test_all_lines_of_the_step_belong_to_a_formula_of_the_program(name):
    program = step_program(compiled(name).network).program
    found = of_example(name)
    written = [cost.formula.split(" ")[0].split("[")[0] for cost in found.costs]
    assert set(written) == set(program.writers)
    assert all(cost.bytes > 0 for cost in found.costs), "a formula was not found in the program"
    assert all(cost.lines > 0 for cost in found.costs)


@pytest.mark.parametrize("name", ["digits_mlp", "resnet", "vae"])
def test_operations_are_those_of_the_program(name):
    program = step_program(compiled(name).network).program
    found = of_example(name)
    assert sum(cost.flops for cost in found.costs) == program_flops(program).value(found.sizes)


def test_a_statement_in_a_loop_counts_once_a_turn():
    found = profile(compiled("lstm_recall"), sizes={"N": 2, "T": 7}, calls=1)
    product = next(cost for cost in found.costs if "h.U[j, g, k]" in cost.formula and cost.formula.startswith("h.a["))
    assert product.flops == 7 * 2 * 2 * 4 * 32 * 32
    assert product.bytes == 7 * 4 * (2 * 4 * 32 + 2 * 32 + 32 * 4 * 32)


def test_times_add_up():
    found = of_example("digits_mlp")
    assert all(cost.seconds > 0 for cost in found.costs)
    assert found.seconds == pytest.approx(sum(cost.seconds for cost in found.costs) + found.around)
    assert found.step > 0
    ranked = found.by_time().costs
    assert list(ranked) == sorted(found.costs, key=lambda cost: cost.seconds, reverse=True)


def test_what_takes_long_shows():
    text = """network products
const large = 400
input x[n: 300, i: large]
param W[i, j: large] ~ normal
param v[j] ~ normal
y[n, j] = sum(i: x[n, i]*W[i, j])
minimize mean(n, j: (y[n, j] + v[j])**2)
"""
    ranked = profile(compile_spec(load(text), check=False), calls=9).by_time().costs
    assert {cost.formula.partition("[")[0] for cost in ranked[:2]} == {"y", "dW"}


def test_dtype_and_sizes_are_what_was_asked_for():
    small, large = (profile(compile_spec(load(LINE), check=False), calls=1, dtype=d) for d in ("float32", "float64"))
    assert [2 * cost.bytes for cost in small.costs] == [cost.bytes for cost in large.costs]
    assert (small.sizes, large.dtype) == ({"N": 4}, "float64")
    assert profile(compile_spec(load(LINE), check=False), calls=1, sizes={"N": 50}).sizes == {"N": 50}


@pytest.mark.parametrize(
    ("spec", "options", "message"),
    [
        (LINE.replace("minimize", "output"), {}, "minimises nothing"),
        (LINE, {"dtype": "float16"}, "there is no dtype 'float16'; there are float32 and float64"),
        (LINE, {"sizes": {"M": 3}}, "there is no size 'M'"),
        (LINE, {"calls": 0}, "at least one call"),
    ],
)
def test_what_cannot_be_profiled_is_said(spec, options, message):
    with pytest.raises(UsageError, match=message):
        symnet.profile(spec, **options)


def test_the_command_prints_a_table(tmp_path, capsys):
    (tmp_path / "line.sym").write_text(LINE)
    arguments = ["profile", str(tmp_path / "line.sym"), "--size", "N=8", "--calls", "3"]
    assert main([*arguments, "--sort", "order"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("line: ") and lines[0].endswith("per step, N = 8, float32, median of 3 calls")
    assert lines[2].split() == ["time", "share", "operations", "bytes", "Gop/s", "formula"]
    assert lines[3].endswith("y[n] = a*x[n]")
    assert [line.rpartition("  ")[2] for line in lines[-2:]] == ["(arguments and results)", "(all)"]
    assert main([*arguments, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    times = [row["seconds"] for row in found["statements"]]
    assert times == sorted(times, reverse=True)
    assert sum(row["share"] for row in found["statements"]) + found["around"] / (
        sum(times) + found["around"]
    ) == pytest.approx(1)
    assert (found["sizes"], found["dtype"], found["calls"]) == ({"N": 8}, "float32", 3)


def test_the_command_says_what_is_wrong(tmp_path, capsys):
    (tmp_path / "line.sym").write_text(LINE)
    assert main(["profile", str(tmp_path / "line.sym"), "--size", "N=none"]) == 2
    assert "the size N must be a whole number" in capsys.readouterr().err


def test_what_runs_a_second_time_has_its_costs():
    spec = """network chain
const depth = 5
example N = 4
input x[N, 64]
h{0} = x
for l in 0..depth:
    h{l+1} = dense(h{l}, 64, activation=tanh)
minimize mean(n, i: h{depth}[n, i]**2)
"""
    found = symnet.profile(spec, sizes={"N": 256}, memory="least", calls=1)
    costs = {cost.formula: cost for cost in found.costs}
    first, second = (
        costs["h1_sum[n, o] = sum(i: x[n, i]*h1.W[i, o])"],
        costs["again: h1_sum[n, o] = sum(i: x[n, i]*h1.W[i, o])"],
    )
    assert (second.flops, second.bytes) == (first.flops, first.bytes)
    assert first.flops == 2 * 256 * 64 * 64
