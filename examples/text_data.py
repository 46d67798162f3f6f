"""Text files as data for a language model: rows of tokens, and for each token the one that comes after it.

python examples/text_data.py docs/*.md -o build/text.npz --validation build/text_valid.npz
symnet train examples/gpt_small.sym --data build/text.npz --validation build/text_valid.npz --out build/gpt.npz

A token is a character: 0 is the end of a line, 1 to 95 are the printable characters of ASCII in their order; any other
is read as '?'. The last part of the text is kept for validation, so that no row of it is next to one that was learnt.
"""

from __future__ import annotations

import argparse

import numpy as np

from symnet.errors import UsageError
from symnet.files import read_text, write_arrays

VOCABULARY = "\n" + "".join(map(chr, range(32, 127)))
MOST_TEXT = 50_000_000  # bytes of one file


def encode(text: str) -> np.ndarray:
    """The tokens of a text."""
    number = {letter: token for token, letter in enumerate(VOCABULARY)}
    return np.array([number.get(letter, number["?"]) for letter in text], np.int64)


def decode(tokens: np.ndarray) -> str:
    """The text of tokens."""
    return "".join(VOCABULARY[token] for token in tokens)


def rows(tokens: np.ndarray, length: int) -> dict[str, np.ndarray]:
    """The inputs of examples/gpt_small.sym: `tokens` and `target`, both of shape (rows, length)."""
    count = (len(tokens) - 1) // length
    if count < 1:
        raise UsageError(f"a text of {len(tokens)} characters gives no row of {length}")
    end = count * length
    return {"tokens": tokens[:end].reshape(count, length), "target": tokens[1 : end + 1].reshape(count, length)}


def main(arguments: list[str] | None = None) -> None:
    """Read texts, write arrays."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", metavar="FILE", help="texts in UTF-8, read one after the other")
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help="where to save the rows: text.npz")
    parser.add_argument("--validation", metavar="FILE", help="where to save the rows that are kept apart")
    parser.add_argument("--share", type=float, default=0.1, help="the share that is kept apart (default: 0.1)")
    parser.add_argument("--length", type=int, default=64, help="tokens in a row (default: 64)")
    given = parser.parse_args(arguments)
    try:
        tokens = encode("\n".join(read_text(path, MOST_TEXT) for path in given.files))
        kept = round(len(tokens) * given.share) if given.validation else 0
        write_arrays(given.output, rows(tokens[: len(tokens) - kept], given.length))
        if given.validation:
            write_arrays(given.validation, rows(tokens[len(tokens) - kept :], given.length))
    except UsageError as error:
        parser.error(str(error))
    print(f"{len(tokens)} tokens, {kept} of them for validation")


if __name__ == "__main__":
    main()
