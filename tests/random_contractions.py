"""Random contractions: products of up to four tensors, summed over some of their indices, one built on another.

`contraction_spec(seed)` gives the text of a spec. An index may belong to one factor alone, to the result alone once a
gradient is taken, to all; sizes may be 1, a tensor may be its own partner with other indices, and dimensions of a
result come in any order.
"""

from __future__ import annotations

from random import Random

LETTERS = "abcdefgh"
EXTENTS = ("1", "2", "3", "4", "N", "M")
FACTORS = ("{}", "{}", "arctan({})", "{}**2", "({} + 1)")
REDUCTIONS = ("sum", "sum", "sum", "mean", "max")


def contraction_spec(seed: int) -> str:
    """The text of the spec of this seed."""
    return _Writer(Random(seed)).spec()


class _Writer:
    def __init__(self, rng: Random) -> None:
        self.rng = rng
        kinds = rng.sample(EXTENTS, 3)
        self.extents = {letter: rng.choice(kinds) for letter in LETTERS}
        self.tensors: dict[str, list[str]] = {}  # name to the extents of its dimensions

    def spec(self) -> str:
        """Inputs and parameters, up to three contractions, and a loss that reads them all."""
        lines = ["network contractions", "example N = 3", "example M = 2", "input anchor[N, M]", "param w ~ normal"]
        for number in range(self.rng.choice((2, 3, 3, 4))):
            indices = self.rng.sample(LETTERS, self.rng.choice((1, 2, 2, 3, 3, 4)))
            lines.append(self.declaration(f"x{number}", [self.extents[i] for i in indices]))
        ends = []
        for number in range(self.rng.choice((1, 2, 3))):
            equation, end = self.contraction(f"y{number}")
            lines.append(equation)
            ends.append(end)
        return "\n".join([*lines, f"minimize w*({' + '.join(ends)})"]) + "\n"

    def declaration(self, name: str, extents: list[str]) -> str:
        """A parameter where its size is known, and an input now and then."""
        self.tensors[name] = extents
        given = self.rng.random() < 0.4 or not {"N", "M"}.isdisjoint(extents)
        return f"{'input' if given else 'param'} {name}[{', '.join(extents)}]{'' if given else ' ~ normal'}"

    def contraction(self, name: str) -> tuple[str, str]:
        """An equation, and what it contributes to the loss."""
        reads = [self.read() for _ in range(self.rng.choice((1, 2, 2, 2, 3, 4)))]
        indices = list(dict.fromkeys(index for _, names in reads for index in names))
        self.rng.shuffle(indices)
        kept = indices[: self.rng.randint(0, min(4, len(indices)))]
        lost = indices[len(kept) :]
        factors = [self.rng.choice(FACTORS).format(f"{t}[{', '.join(names)}]") for t, names in reads]
        body = ("*" if self.rng.random() < 0.8 else " + ").join(factors)
        body = f"{self.rng.choice(REDUCTIONS)}({', '.join(lost)}: {body})" if lost else body
        body = self.rng.choice(FACTORS).format(f"({body})")
        if not kept:
            return f"{name} = {body}", f"log1p({name}**2)"
        self.tensors[name] = [self.extents[i] for i in kept]
        dims, places = ", ".join(f"{i}: {self.extents[i]}" for i in kept), ", ".join(kept)
        return f"{name}[{dims}] = {body}", f"sum({places}: log1p({name}[{places}]**2))"

    def read(self) -> tuple[str, list[str]]:
        """A tensor, with indices that have the extents of its dimensions; another tensor where there are too few."""
        while True:
            name = self.rng.choice(list(self.tensors))
            names: list[str] = []
            for extent in self.tensors[name]:
                names += self.rng.sample([i for i in LETTERS if self.extents[i] == extent and i not in names], 1)
            return name, names
