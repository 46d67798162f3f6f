"""The command line: exit codes, messages, files, and what it does not import."""

import json
import os
import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pytest

import symnet
from symnet.check import check_module
from symnet.cli import COMMANDS, main
from symnet.commands.options import constants_of, sizes_of, values_of
from symnet.contract import Contract, load_module
from symnet.errors import CheckError, SpecError, UsageError
from symnet.files import write_text

MLP = Path(__file__).parent / "contract_mlp.py"
ROOT = Path(__file__).parent.parent


def run(*arguments, **extra):
    """The command in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **extra}
    command = [sys.executable, "-m", "symnet", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment, check=False)


@pytest.fixture
def rows(tmp_path):
    """A file of data for the module of these tests."""
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "rows.npz", x=rng.uniform(size=(50, 64)), y=rng.integers(0, 10, 50))
    return tmp_path / "rows.npz"


@pytest.fixture
def verbs(monkeypatch):
    """The package's verbs replaced: they note how they are called and give back something simple."""
    calls = {}

    def verb(name, result):
        def called(*arguments, **keywords):
            calls[name] = (arguments, keywords)
            return result

        monkeypatch.setattr(symnet, name, called, raising=False)

    module = load_module(MLP)
    source = "x = 1\n"
    compiled = types.SimpleNamespace(
        source=source, module=module, report=check_module(module), save=lambda path: write_text(path, source)
    )
    verb("load", "the spec")
    verb("compile", compiled)
    verb("gradients", types.SimpleNamespace(listing=lambda form: f"formulas as {form}"))
    verb("show", "a = b")
    verb("trace", "c = 3")
    verb("summary", "10 parameters")
    return calls


# --- help, and what it costs ------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["train", "--help"], ["compile", "-h"]])
def test_help_imports_nothing_large(arguments):
    code = (
        "import sys\nfrom symnet.cli import main\n"
        f"assert main({arguments!r}) == 0\n"
        "loaded = {'sympy', 'numpy', 'lark', 'jinja2', 'rich'} & set(sys.modules)\nassert not loaded, loaded\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_examples(command, capsys):
    assert main([command, "--help"]) == 0
    text = capsys.readouterr().out
    assert "Examples:" in text
    assert f"symnet {command} " in text


def test_help_lists_every_command(capsys):
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(f"  {command} " in text for command in COMMANDS)
    assert "..." not in text.split("Commands:")[1]


def test_no_arguments_show_the_help(capsys):
    assert main([]) == 2
    assert "Usage: symnet" in capsys.readouterr().err


# --- mistakes in the call ---------------------------------------------------------------------------

MISUSES = [
    (["complie"], "there is no command 'complie'; did you mean 'compile'?"),
    (["net.sym"], "did you mean `symnet compile net.sym`?"),
    (["net.py"], "did you mean `symnet check net.py`?"),
    (["check"], "Missing argument 'SPEC|MODULE'"),
    (["check", "--sede", "3", "m.py"], "No such option"),
    (["check", "none.py"], "cannot read none.py: there is no such file"),
    (["check", str(MLP), "--size", "N=0"], "from 1 to 999999999, not '0'"),
    (["check", str(MLP), "--size", "N=10000000000"], "from 1 to 999999999, not '10000000000'"),
    (["check", str(MLP), "--size", "M=3"], "there is no size 'M'; the module's sizes are N"),
    (["check", str(MLP), "--size", "N"], "--size takes NAME=VALUE, not 'N'"),
    (["check", str(MLP), "--set", "a=1"], "is compiled already"),
    (["train", str(MLP)], "Missing option '--data'"),
    (["train", str(MLP), "--data", "none.npz"], "cannot read none.npz: no such file"),
    (["train", str(MLP), "--data", "sklearn:digit"], "did you mean 'digits'?"),
    (["train", str(MLP), "--data", "d.npz", "--every", "3"], "add --checkpoint FILE"),
    (["train", str(MLP), "--data", "d.npz", "--out", "no/such/w.npz"], "cannot write"),
    (["train", str(MLP), "--data", "d.npz", "--epochs", "many"], "'many' is not a valid integer"),
    (["predict", str(MLP), "--weights", "w.npz", "--data", "d.npz"], "cannot read w.npz: no such file"),
    (["gradients", "a.sym", "--format", "pdf"], "is not one of"),
]


@pytest.mark.parametrize(("arguments", "message"), MISUSES, ids=[" ".join(row[0])[-40:] for row in MISUSES])
def test_misuse_is_told_in_one_message(arguments, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.err.startswith("symnet: ")
    assert captured.out == ""
    assert "Traceback" not in captured.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("command", ["compile", "check", "show", "draw", "stability", "profile"])
@pytest.mark.parametrize("text", ["", "input x[N]\ny[n] = 2*x[n]\n"])
def test_a_spec_that_wants_nothing_is_told_so(command, text, capsys, tmp_path):
    path = tmp_path / "nothing.sym"
    path.write_text(text)
    assert main([command, str(path)]) == 2
    captured = capsys.readouterr()
    assert "there is nothing to calculate" in captured.err
    assert captured.out == ""


@pytest.mark.parametrize(
    ("error", "code"), [(SpecError("bad spec"), 2), (UsageError("bad call"), 2), (CheckError("wrong"), 1)]
)
def test_errors_of_the_verbs_become_exit_codes(error, code, monkeypatch, capsys):
    def load(path):
        raise error

    monkeypatch.setattr(symnet, "load", load, raising=False)
    assert main(["compile", "net.sym"]) == code
    assert capsys.readouterr().err == f"symnet: {error}\n"


def test_interrupt_and_own_mistakes_have_codes_of_their_own(monkeypatch, capsys):
    def interrupt(path):
        raise KeyboardInterrupt

    monkeypatch.setattr(symnet, "load", interrupt, raising=False)
    assert main(["compile", "net.sym"]) == 130
    monkeypatch.setattr(symnet, "load", lambda path: 1 / 0, raising=False)
    assert main(["compile", "net.sym"]) == 3
    assert "mistake of symnet's own" in capsys.readouterr().err


# --- values on the command line ---------------------------------------------------------------------


def test_constants_are_exact():
    assert constants_of(["a=0.1", "b=1/3", "c=[64, 32]", "d=7,8", "e=-2e-3"]) == {
        "a": symnet_fraction("0.1"),
        "b": symnet_fraction("1/3"),
        "c": (64, 32),
        "d": (7, 8),
        "e": symnet_fraction("-0.002"),
    }


def symnet_fraction(text):
    from fractions import Fraction

    return Fraction(text)


@pytest.mark.parametrize("text", ["a", "=1", "a=", "a=b", "a=__import__('os')", "a=1/0", "a=1e9999", "a=" + "9" * 99])
def test_constants_that_are_none(text):
    with pytest.raises(UsageError):
        constants_of([text])


def test_a_name_is_given_once():
    with pytest.raises(UsageError, match="a is given twice"):
        constants_of(["a=1", "a=2"])
    assert sizes_of(["N=3", "T=5"]) == {"N": 3, "T": 5}


def test_values_are_numbers_and_lists():
    assert values_of(["a=2", "x=[[1, 2.5], [3, -4]]"]) == {"a": 2, "x": [[1, 2.5], [3, -4]]}
    for text in ("a=two", 'a="2"', "a=true", "a={}", "a=" + "[" * 100_000):
        with pytest.raises(UsageError):
            values_of([text])


# --- commands over the verbs ------------------------------------------------------------------------


def test_compile_prints_or_saves(verbs, tmp_path, capsys):
    library = tmp_path / "mine.sym"
    library.write_text("function f(x) = x\n")
    assert main(["compile", "net.sym", "--set", "depth=3", "--library", str(library)]) == 0
    assert capsys.readouterr().out == "x = 1\n"
    arguments, keywords = verbs["compile"]
    assert arguments == ("the spec",)
    assert keywords["constants"] == {"depth": 3}
    assert [source.text for source in keywords["library"]] == ["function f(x) = x\n"]
    assert main(["compile", "net.sym", "-o", str(tmp_path / "net.py")]) == 0
    assert (tmp_path / "net.py").read_text() == "x = 1\n"
    assert "gradients checked, error below 1e-" in capsys.readouterr().out


def test_compile_does_not_begin_what_it_cannot_write(verbs, tmp_path, capsys):
    assert main(["compile", "net.sym", "-o", str(tmp_path / "none" / "net.py")]) == 2
    assert "cannot write" in capsys.readouterr().err
    assert "compile" not in verbs


def test_libraries_that_cannot_be_read(verbs, tmp_path, capsys):
    (tmp_path / "large.sym").write_text("#" * 300_000)
    (tmp_path / "binary.sym").write_bytes(b"\xff\xfe")
    for name, message in [
        ("none.sym", "no such file"),
        ("large.sym", "more than 262,144 bytes"),
        ("binary.sym", "UTF-8"),
    ]:
        assert main(["compile", "net.sym", "--library", str(tmp_path / name)]) == 2
        assert message in capsys.readouterr().err


def test_gradients_in_each_format(verbs, capsys):
    assert main(["gradients", "net.sym", "--wrt", "z", "--format", "latex"]) == 0
    assert capsys.readouterr().out == "formulas as latex\n"
    assert verbs["gradients"][1]["wrt"] == ("z",)
    assert main(["gradients", "net.sym", "--format", "matrix"]) == 0
    assert capsys.readouterr().out == "formulas as matrix\n"
    assert verbs["gradients"][1]["wrt"] is None


def test_show_trace_and_summary_print(verbs, capsys):
    assert main(["show", "net.sym", "--after", "lower"]) == 0
    assert main(["trace", "net.sym", "a=2", "b=-1", "--scalars"]) == 0
    assert main(["summary", "net.sym"]) == 0
    assert capsys.readouterr().out == "a = b\nc = 3\n10 parameters\n"
    assert verbs["show"][1]["after"] == "lower"
    assert verbs["trace"][0][1] == {"a": 2, "b": -1}
    assert verbs["trace"][1]["scalars"] is True


def test_a_budget_of_memory_and_its_sizes(verbs, capsys):
    assert main(["compile", "net.sym", "--memory", "64MB", "--size", "N=32"]) == 0
    assert main(["summary", "net.sym", "--memory", "least", "--size", "N=8"]) == 0
    assert (verbs["compile"][1]["memory"], verbs["compile"][1]["sizes"]) == ("64MB", {"N": 32})
    assert (verbs["summary"][1]["memory"], verbs["summary"][1]["sizes"]) == ("least", {"N": 8})
    assert main(["compile", "net.sym", "--size", "N=32"]) == 2
    assert "--size goes with --memory" in capsys.readouterr().err


# --- check, train, predict over a module ------------------------------------------------------------


def test_check_of_a_module(capsys):
    assert main(["check", str(MLP)]) == 0
    assert "gradients agree with differences" in capsys.readouterr().out
    assert main(["check", str(MLP), "--json", "--size", "N=2", "--seed", "3"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert (content["ok"], content["sizes"], content["seed"]) == (True, {"N": 2}, 3)


def test_check_of_a_wrong_module_exits_with_1(tmp_path, capsys):
    wrong = tmp_path / "wrong.py"
    wrong.write_text(MLP.read_text().replace("return 1 - h * h", "return 1 - 1.001 * h * h"))
    assert main(["check", str(wrong)]) == 1
    assert "WRONG gradient of W1, b1" in capsys.readouterr().out


def test_train_resume_and_predict(rows, tmp_path, capsys):
    whole, weights, again = tmp_path / "whole.npz", tmp_path / "w.npz", tmp_path / "again.npz"
    state = tmp_path / "run.npz"
    common = ["train", str(MLP), "--data", str(rows), "--batch", "8", "--seed", "3"]
    assert main([*common, "--epochs", "4", "--out", str(whole)]) == 0
    assert "epoch 4/4" in capsys.readouterr().out
    assert main([*common, "--epochs", "2", "--checkpoint", str(state), "--json"]) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [record["epoch"] for record in records] == [1, 2]
    assert {"train_loss", "loss", "accuracy", "rate"} <= records[0].keys()
    assert (
        main(["train", str(MLP), "--data", str(rows), "--epochs", "4", "--resume", str(state), "--out", str(weights)])
        == 0
    )
    assert weights.read_bytes() == whole.read_bytes()
    capsys.readouterr()
    predict = ["predict", str(MLP), "--weights", str(weights), "--data", str(rows)]
    assert main([*predict, "-o", str(tmp_path / "out.npz")]) == 0
    assert "logits: float32 [50, 10]" in capsys.readouterr().out
    assert main([*predict, "--batch", "7", "-o", str(again)]) == 0
    first, second = np.load(tmp_path / "out.npz")["logits"], np.load(again)["logits"]
    np.testing.assert_allclose(first, second, rtol=1e-5, atol=1e-6)


def test_predict_needs_no_labels(rows, tmp_path, capsys):
    module = load_module(MLP)
    np.savez(tmp_path / "w.npz", **module.init(0))
    np.savez(tmp_path / "x.npz", x=np.load(rows)["x"])
    assert Contract.of(module).takes("predict") == ("x",)
    assert main(["predict", str(MLP), "--weights", str(tmp_path / "w.npz"), "--data", str(tmp_path / "x.npz")]) == 0
    out = capsys.readouterr().out
    assert "logits" in out
    assert "accuracy" not in out


def test_training_that_diverges_exits_with_1(rows, capsys):
    with np.errstate(all="ignore"):
        assert main(["train", str(MLP), "--data", str(rows), "--rate", "1e39"]) == 1
    assert "the loss is" in capsys.readouterr().err


def test_ctrl_c_stops_between_batches_and_keeps_a_checkpoint(rows, tmp_path):
    script = (
        "import os, signal, sys\nfrom symnet.train import Trainer\nfrom symnet.cli import main\n"
        "step, count = Trainer.step, []\n"
        "def counted(self, *rest):\n    count.append(1)\n"
        "    len(count) == 9 and os.kill(os.getpid(), signal.SIGINT)\n    return step(self, *rest)\n"
        "Trainer.step = counted\nsys.exit(main(sys.argv[1:]))\n"
    )
    whole, rest, state = tmp_path / "whole.npz", tmp_path / "rest.npz", tmp_path / "run.npz"
    common = ["train", str(MLP), "--data", str(rows), "--batch", "8", "--epochs", "3"]
    done = subprocess.run(
        [sys.executable, "-c", script, *common, "--checkpoint", str(state)],
        capture_output=True, text=True, check=False, timeout=60, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 130
    assert f"go on with --resume {state}" in done.stderr
    assert main([*common, "--out", str(whole)]) == 0
    assert main(["train", str(MLP), "--data", str(rows), "--resume", str(state), "--out", str(rest)]) == 0
    assert rest.read_bytes() == whole.read_bytes()


def test_module_runs_as_a_command():
    done = run("check", MLP)
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    assert run("nonsense").returncode == 2


def test_output_into_a_closed_pipe_is_quiet():
    command = f"{sys.executable} -m symnet check {MLP} --json | head -1"
    done = subprocess.run(
        ["bash", "-c", command],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.stderr == ""
