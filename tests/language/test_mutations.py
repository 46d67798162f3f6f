"""Specs with a few words changed at random: a network or a SpecError comes out, and nothing else."""

import random
import re

import pytest

from symnet.errors import SpecError, SpecErrors
from tests.language.test_mistakes import HEAD, MISTAKES
from tests.language.test_resolve import BATCH_NORM, CONV, EQUATIONS, LSTM, X
from tests.language.written import network_of

SPECS = [
    *(X + text for text, _ in EQUATIONS.values()),
    *(HEAD + text for text, _, _ in MISTAKES.values() if len(text) < 500 and "0..1000" not in text),
    CONV + "input x[N, 3, 9, W]\ny = conv2d(x, 6, groups=3)\n",
    BATCH_NORM,
    LSTM + "input x[N, L, 5]\nh, last = lstm(x, 7)\n",
    "input x[N, 4]\ny = dense(x, 2)\nminimize sum(n, o: y[n, o]) with clip_norm(adam(rate=0.1), limit=5) over y.b\n",
]


def words(text: str) -> list[str]:
    return re.findall(r"[A-Za-z_]\w*|\d+\.?\d*|\n *|\.\.\.|\.\.|\S| ", text)


WORDS = [word for spec in SPECS for word in words(spec)]


def mutated(rng: random.Random) -> str:
    found = words(rng.choice(SPECS))
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        place, other = rng.randrange(len(found)), rng.randrange(len(found))
        match rng.randrange(5):
            case 0:
                found[place] = ""
            case 1:
                found[place] = rng.choice(WORDS)
            case 2:
                found[place] = found[other]
            case 3:
                found.insert(place, found[other])
            case 4:
                found[place], found[other] = found[other], found[place]
    return "".join(found)


@pytest.mark.parametrize("seed", range(20))
def test_a_changed_spec_is_resolved_or_refused(seed):
    rng = random.Random(seed)
    for _ in range(40):
        text = mutated(rng)
        try:
            network_of(text, training=rng.random() < 0.7)
        except SpecErrors as errors:
            assert all(error.place for error in errors.errors), text
        except SpecError as error:
            assert error.place, text
