"""The examples learn what they are made for, by `symnet train` itself: held-out numbers, a fixed seed."""

from __future__ import annotations

import importlib
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from symnet.checkpoint import load_weights
from symnet.cli import main
from symnet.contract import Contract
from symnet.files import read_arrays
from tests.modules import EXAMPLES, compiled, example

NOUNS = "gradient loss tensor matrix weight layer kernel shape index window batch sum".split()
ADJECTIVES = "small large sparse dense hidden final noisy smooth square empty".split()
VERBS = "follows reads fills moves bounds scales crosses holds".split()


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The scripts in examples/, as modules."""
    monkeypatch.syspath_prepend(str(EXAMPLES))
    return importlib.import_module


def history(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, float]]:
    """What `symnet train` says of each epoch."""
    assert main(["train", *arguments, "--json"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_lenet_reads_98_of_100_digits(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("sklearn")
    spec = str(EXAMPLES / "lenet.sym")
    records = history(
        capsys, spec, "--data", "sklearn:digits", "--epochs", "10", "--rate", "0.004", "--schedule", "cosine"
    )
    assert records[-1]["accuracy"] >= 0.98


def test_lstm_remembers_over_59_steps(script: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The first of 60 tokens is named at the end, in sequences that were not learnt from."""
    data = str(tmp_path / "recall.npz")
    script("recall_data").main(["-o", data, "--rows", "2400", "--length", "60"])
    records = history(
        capsys, str(EXAMPLES / "lstm_recall.sym"), "--data", data, "--epochs", "4", "--schedule", "cosine"
    )
    assert records[-1]["accuracy"] >= 0.99


def sentences(count: int) -> str:
    """A text of a small grammar, with random words."""
    choice = random.Random(0).choice
    phrases = ((choice(ADJECTIVES), choice(NOUNS), choice(VERBS), choice(NOUNS)) for _ in range(count))
    return "".join("The {} {} {} the {}.\n".format(*words) for words in phrases)


def test_gpt_learns_sentences(script: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The loss on a part of the text that is not learnt from falls, far below what the frequencies of letters give."""
    rows, others, weights = (str(tmp_path / f"{name}.npz") for name in ("text", "others", "weights"))
    (tmp_path / "text.txt").write_text(sentences(2000), encoding="utf-8")
    script("text_data").main([str(tmp_path / "text.txt"), "-o", rows, "--validation", others])
    capsys.readouterr()
    run = ["--data", rows, "--validation", others, "--epochs", "3", "--batch", "16", "--rate", "0.003"]
    losses = [r["loss"] for r in history(capsys, str(EXAMPLES / "gpt_small.sym"), *run, "--out", weights)]
    assert losses[2] < losses[1] < losses[0] < np.log(96)
    assert losses[2] < letters_alone(rows, others) - 2
    module = compiled(example("gpt_small")).module
    params, _ = load_weights(weights, Contract.of(module))
    text = script("write_text").written(module, params, "The loss", 70, 0.8, 0)
    assert text.startswith("The loss") and len(text) == 78


def letters_alone(rows: str, others: str) -> float:
    """The loss of a model that knows how often each token comes, and nothing else."""
    counts = np.bincount(read_arrays(rows)["tokens"].ravel(), minlength=96) + 1
    return float(-np.log(counts / counts.sum())[read_arrays(others)["target"]].mean())


def test_text_becomes_rows_of_tokens_and_the_ones_after_them(script: Any, tmp_path: Path) -> None:
    text_data, text = script("text_data"), "All tokens: ASCII,\nand ~ is the last; é is not one of them."
    (tmp_path / "text.md").write_text(text, encoding="utf-8")
    text_data.main([str(tmp_path / "text.md"), "-o", str(tmp_path / "text.npz"), "--length", "10"])
    found = read_arrays(tmp_path / "text.npz")
    assert found["tokens"].shape == found["target"].shape == (5, 10)
    assert text_data.decode(found["tokens"].ravel()) == text.replace("é", "?")[:50]
    assert text_data.decode(found["target"].ravel()) == text.replace("é", "?")[1:51]
    assert len(text_data.VOCABULARY) == 96


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["missing.md"], "cannot read"), (["short.md"], "gives no row of 64")],
)
def test_what_is_no_text_is_told(
    script: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    (tmp_path / "short.md").write_text("short", encoding="utf-8")
    with pytest.raises(SystemExit) as caught:
        script("text_data").main([*(str(tmp_path / name) for name in arguments), "-o", str(tmp_path / "t.npz")])
    assert caught.value.code == 2
    assert message in capsys.readouterr().err
