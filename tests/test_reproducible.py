"""The same spec and options give the same bytes, whatever the seed of Python's hashes, which orders its sets."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SEEDS = (0, 1, 2, 12345, 4294967295)
PROGRAM = """
from hashlib import sha256
from pathlib import Path

from symnet.compile import compile_spec, load
from symnet.language.library import examples_of, load_library
from tests.specs import SPECS

library = load_library()
texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted(Path("examples").glob("*.sym"))}
texts |= {name: examples_of(library[name]) for name in ("layer_norm", "gelu_tanh", "clip_norm")}
texts |= {name: f"network {name}\\n{text}" for name, text in list(SPECS.items())[::3]}
for name, text in texts.items():
    print(name, sha256(compile_spec(load(text), check=False).source.encode()).hexdigest())
for name, sizes in (("gpt_small", {"N": 8, "T": 32}), ("vae", {"N": 64})):
    less = compile_spec(load(texts[name]), check=False, memory="least", sizes=sizes)
    print(name, sha256(less.source.encode()).hexdigest())
"""


def started(seed: int) -> subprocess.Popen[str]:
    """A fresh process that prints the digests of the modules it makes."""
    environment = {**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", PROGRAM]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def test_five_hash_seeds_give_the_same_bytes() -> None:
    running = [started(seed) for seed in SEEDS]
    first, *others = (process.communicate(timeout=300)[0].splitlines() for process in running)
    assert all(process.returncode == 0 for process in running)
    assert len(first) > 30
    assert all(other == first for other in others)
