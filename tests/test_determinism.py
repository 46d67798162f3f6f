"""The same spec gives the same bytes, whatever the seed of Python's hashes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROGRAM = """
from hashlib import sha256
from pathlib import Path

from symnet.compile import compile_spec, load
from tests.specs import SPECS

texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted(Path("examples").glob("*.sym"))}
texts |= {name: f"network {name}\\n{text}" for name, text in list(SPECS.items())[::3]}
for name, text in texts.items():
    print(name, sha256(compile_spec(load(text), check=False).source.encode()).hexdigest())
"""


def start(seed: int) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )


def test_the_hash_seed_does_not_matter() -> None:
    running = [start(1), start(2)]
    first, second = (process.communicate()[0] for process in running)
    assert all(process.returncode == 0 for process in running)
    assert first.splitlines() == second.splitlines()
    assert len(first.splitlines()) > 20
