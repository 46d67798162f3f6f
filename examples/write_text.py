"""Let a trained examples/gpt_small.sym go on with a text, one character after the other.

symnet compile examples/gpt_small.sym -o build/gpt.py
python examples/write_text.py build/gpt.py build/gpt.npz --start "The loss is "
"""

from __future__ import annotations

import argparse

import numpy as np
from text_data import decode, encode  # beside this file

from symnet.checkpoint import load_weights
from symnet.contract import Contract, load_module
from symnet.errors import SymnetError

CONTEXT = 64  # as in the spec: the network reads so many tokens at most


def written(module: object, params: dict[str, np.ndarray], start: str, length: int, heat: float, seed: int) -> str:
    """The start and `length` more characters, each drawn from exp(logits/heat)."""
    rng = np.random.default_rng(seed)
    tokens = encode(start)
    for _ in range(length):
        logits = module.predict(params, tokens[None, -CONTEXT:])["logits"][0, -1] / heat
        chances = np.exp(logits - logits.max())
        tokens = np.append(tokens, rng.choice(len(chances), p=chances / chances.sum()))
    return decode(tokens)


def main(arguments: list[str] | None = None) -> None:
    """Load module and weights, print a text."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("module", help="what `symnet compile` made of the spec")
    parser.add_argument("weights", help="what `symnet train --out` saved")
    parser.add_argument("--start", default="The ", help="the text to go on with (default: 'The ')")
    parser.add_argument("--length", type=int, default=200, help="so many characters (default: 200)")
    parser.add_argument("--heat", type=float, default=0.8, help="below 1 likelier, above 1 wilder (default: 0.8)")
    parser.add_argument("--seed", type=int, default=0, help="decides what is drawn (default: 0)")
    given = parser.parse_args(arguments)
    if not given.start or given.heat <= 0:
        parser.error("the start must not be empty, and the heat must be above 0")
    try:
        module = load_module(given.module)
        params, _ = load_weights(given.weights, Contract.of(module))
    except SymnetError as error:
        parser.error(str(error))
    print(written(module, params, given.start, given.length, given.heat, given.seed))


if __name__ == "__main__":
    main()
