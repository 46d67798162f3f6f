"""The generated modules stand alone: they need NumPy and nothing else, and a linter has nothing to say."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "generated").glob("*.py"))


def used(module: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """What `use_module.py` says of a module, from an empty folder and away from everybody's packages."""
    command = [sys.executable, "-I", str(ROOT / "tests" / "use_module.py"), str(module)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_only_numpy_is_needed(module: Path, tmp_path: Path) -> None:
    done = used(Path(shutil.copy(module, tmp_path)), tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"used {module.stem}\n"
    assert not done.stderr


@pytest.mark.parametrize("line", ["import sympy", "from symnet.errors import Source"])
def test_any_other_import_is_refused(line: str, tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text(f"{line}\n", encoding="utf-8")
    assert "is imported" in used(tmp_path / "module.py", tmp_path).stderr


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_a_linter_and_a_formatter_have_nothing_to_say(module: Path) -> None:
    ruff = shutil.which("ruff", path=str(Path(sys.executable).parent)) or shutil.which("ruff")
    if ruff is None:
        pytest.skip("ruff is not installed")
    options = ["--isolated", "--no-cache", "--line-length", "100"]
    for command in (["check", "--select", "E,F,W,I,B,UP,SIM,C4,PIE"], ["format", "--diff"]):
        done = subprocess.run([ruff, *command, *options, str(module)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_there_are_modules() -> None:
    assert len(MODULES) >= 8
