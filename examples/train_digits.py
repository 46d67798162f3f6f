"""Train a compiled digits network with five seeds and print its accuracy on rows it has not seen.

symnet compile examples/digits_mlp.sym -o build/digits_mlp.py
python examples/train_digits.py build/digits_mlp.py
"""

import sys

from symnet.contract import Contract, load_module
from symnet.data import load_data
from symnet.train import train

SEEDS = range(5)
GOAL = 0.97


def main(path: str) -> int:
    module = load_module(path)
    data = load_data("sklearn:digits", Contract.of(module))
    found = []
    for seed in SEEDS:
        result = train(module, data, epochs=60, batch=16, seed=seed)
        found.append(result.history[-1]["accuracy"])
        print(f"seed {seed}: held-out accuracy {found[-1]:.2%}")
    mean = sum(found) / len(found)
    print(f"mean of {len(found)} seeds: {mean:.2%}")
    return 0 if mean >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "build/digits_mlp.py"))
