"""The same spec and options give the same bytes, whatever the seed of Python's hashes, which orders its sets."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SEEDS = (0, 1, 2, 12345, 4294967295)
SPECS = ("digits_mlp", "formula", "logistic_regression")
PROGRAM = """
import sys
from hashlib import sha256
from symnet.compile import compile_spec, load
from symnet.language.library import examples_of, load_library

library = load_library()
texts = [open(f"examples/{name}.sym").read() for name in sys.argv[1:]]
texts += [examples_of(library[name]) for name in ("layer_norm", "gelu_tanh", "clip_norm")]
for text in texts:
    print(sha256(compile_spec(load(text), check=False).source.encode()).hexdigest())
"""


def digests(seed: int) -> list[str]:
    """The digests of the modules that a fresh process makes."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *SPECS],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": str(seed)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_five_hash_seeds_give_the_same_bytes() -> None:
    first, *others = (digests(seed) for seed in SEEDS)
    assert len(set(first)) == len(SPECS) + 3
    assert all(other == first for other in others)
