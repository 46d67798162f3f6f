"""The benchmark: its workloads against gradients taken by hand, and the arithmetic of its tables."""

from __future__ import annotations

import pytest

from benchmarks.peers import report
from benchmarks.peers.compare import TOLERANCE, error
from benchmarks.peers.hand import STEPS
from benchmarks.peers.machine import limit
from benchmarks.peers.match import Cell, Effort, Match, play
from benchmarks.peers.pool import Contestant, Crashed
from benchmarks.peers.prepare import by_hand, least_work, problem
from benchmarks.peers.rows import ROWS, Problem, Row
from symnet.compile import compile_spec, load

SMALL = {"N": 3, "T": 5}
SPECS = sorted({row.spec for row in ROWS.values()})
MACHINE = {"flops": 1e9, "bandwidths": [(1000, 1e9), (10**9, 1e8)]}


def small(spec: str) -> tuple[Row, Problem, object]:
    """A workload at a small batch."""
    row = next(row for row in ROWS.values() if row.spec == spec)
    row = Row(row.name, spec, {name: SMALL[name] for name in row.sizes})
    compiled = compile_spec(load(row.path), check=False)
    return row, problem(row, compiled.module, row.path), compiled.network


@pytest.mark.parametrize("spec", SPECS)
def test_workloads_agree_with_gradients_by_hand(spec):
    _, found, _ = small(spec)
    assert set(found.grads) == set(found.params)
    assert by_hand(found) < 1e-12


def test_every_workload_has_a_step_by_hand_and_a_row():
    assert set(STEPS) == set(SPECS)


def test_an_answer_is_wrong_if_one_gradient_is(tmp_path):
    _, found, _ = small("mlp_tiny")
    found.save(tmp_path / "tiny.npz")
    found = Problem.load(tmp_path / "tiny.npz")
    assert error(found, found.loss, found.grads) == 0
    for name, gradient in found.grads.items():
        assert error(found, found.loss, found.grads | {name: gradient * 1.001}) > TOLERANCE
    assert error(found, found.loss * 1.001, found.grads) > TOLERANCE
    assert error(found, found.loss, found.grads | {name: gradient.T[None]}) == float("inf")
    assert error(found, float("nan"), found.grads) == float("inf")


def test_products_are_counted_forward_and_back():
    row, found, network = small("mlp_digits")
    work = least_work(row, network, found)
    assert work["flops"] == 3 * 2 * (2 * 64 * 32 + 3 * 32 * 10)  # x needs no gradient, h does
    assert work["bytes"] == 4 * (2 * (64 * 32 + 32 + 32 * 10 + 10) + 3 * 64) + 8 * 3
    assert limit(2e9, 500, MACHINE["flops"], MACHINE["bandwidths"]) == pytest.approx(2 + 500 / 1e9)
    assert limit(0, 5000, MACHINE["flops"], MACHINE["bandwidths"]) == pytest.approx(5000 / 1e8)


# --- tables ---


def test_ratios_are_medians_of_rounds():
    ours, theirs = Cell([1.0, 10.0, 1.0]), Cell([2.0, 20.0, 1.0])
    assert ours.ratio(theirs) == 0.5
    assert ours.time == 1.0
    assert ours.ratio(Cell()) is None


def test_goals_are_met_or_not():
    rows = {
        "mlp_digits_b32": {"symnet": Cell([1.0]), "hand": Cell([2.0]), "jax": Cell([4.0])},
        "vae_b64": {"symnet": Cell([1.0]), "hand": Cell([0.5]), "jax": Cell(reason="wrong by 1e-01")},
    }
    match = Match(1, MACHINE, rows)
    found = {row[0]: row[1:] for row in report.goals([match]).rows}
    assert found["NumPy by hand, geometric mean"] == ("<= 0.7", "1.00", "no", "")
    assert found["best peer, worst row"] == ("<= 1.15", "2.00", "no", "vae_b64")
    assert found["JAX, geometric mean"] == ("<= 0.55", "0.25", "yes", "")
    assert found["PyTorch eager, geometric mean"][1:3] == ("-", "-")
    assert report.best_peer(rows["mlp_digits_b32"]) == "hand"
    table = report.times(match)
    assert table.rows[1] == ("vae_b64", "1,000,000", "500,000", "wrong")
    assert report.remarks(match) == ["vae_b64, jax: wrong by 1e-01"]
    assert "| vae_b64 | 1,000,000 | 500,000 | wrong |" in report.markdown(table)


# --- processes ---


def test_a_match_of_ours_with_numpy(tmp_path):
    row, _, _ = small("mlp_tiny")
    compiled = compile_spec(load(row.path), check=False)
    compiled.save(tmp_path / "tiny.py")
    problem(row, compiled.module, tmp_path / "tiny.py").save(tmp_path / f"{row.name}.npz")
    told = []
    match = play(
        [row.name],
        ["symnet", "flat", "hand"],
        1,
        Effort(2, 0.001),
        tmp_path,
        lambda text: None,
        lambda *a: told.append(a),
    )
    cells = match.rows[row.name]
    assert [len(cell.seconds) for cell in cells.values()] == [2, 2, 2]
    assert told[0][0] == row.name
    assert all(cell.error is not None and cell.error < 1e-5 for cell in cells.values())


def test_a_process_that_ends_is_started_anew(tmp_path):
    contestant = Contestant("hand", 1, tmp_path / "log")
    contestant.process.kill()
    with pytest.raises(Crashed, match="the process ended with code"):
        contestant.ask("calls", 0.001)
    with pytest.raises(Crashed, match="FileNotFoundError"):
        contestant.ask("load", str(tmp_path / "nothing.npz"))
    assert contestant.ask("calls", 0.001)["calls"] >= 1
    contestant.close()
