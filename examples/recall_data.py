"""Sequences for examples/lstm_recall.sym, whose task is to name at the end of a sequence its first token.

python examples/recall_data.py --length 60 -o build/recall.npz
symnet train examples/lstm_recall.sym --data build/recall.npz --epochs 4 --schedule cosine
"""

from __future__ import annotations

import argparse

import numpy as np

from symnet.errors import UsageError
from symnet.files import write_arrays

SYMBOLS = 4  # as in the spec


def sequences(rows: int, length: int, seed: int) -> dict[str, np.ndarray]:
    """The input of the spec: `x` of shape (rows, length), tokens that are drawn independently."""
    return {"x": np.random.default_rng(seed).integers(0, SYMBOLS, (rows, length))}


def main(arguments: list[str] | None = None) -> None:
    """Draw sequences, write them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help="where to save them: recall.npz")
    parser.add_argument("--rows", type=int, default=4000, help="how many sequences (default: 4000)")
    parser.add_argument("--length", type=int, default=60, help="tokens in each of them (default: 60)")
    parser.add_argument("--seed", type=int, default=0, help="decides what is drawn (default: 0)")
    given = parser.parse_args(arguments)
    if given.rows < 1 or given.length < 1:
        parser.error("--rows and --length must be at least 1")
    try:
        write_arrays(given.output, sequences(given.rows, given.length, given.seed))
    except UsageError as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
