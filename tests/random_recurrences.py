"""Random recurrences: over one index or two, of one tensor or several that read each other, with long lags.

`recurrence_spec(seed)` gives the text of a spec. Lags may be longer than the sequence, and a sequence may have one
element; a read goes back along one index and now and then along the other too, forward or backward in time.
"""

from __future__ import annotations

from random import Random

TIMES = ("t", "s")
SHAPES = ("tanh({})", "sin({})", "{}", "sigmoid({})", "({})/2", "max({}, 0.1)", "({})**2/4")
FACTORS = ("1", "w", "0.5", "-0.4")


def recurrence_spec(seed: int) -> str:
    """The text of the spec of this seed."""
    return _Writer(Random(seed)).spec()


class _Writer:
    """Writes one spec. `box` is the index box of every tensor: index to extent, in the order of the dimensions."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        extents = {"t": rng.choice(("N", "1", "2", "3", "4", "T"))}
        if rng.random() < 0.6:
            extents["s"] = rng.choice(("1", "2", "3", "4", "N", "M"))
        if rng.random() < 0.5:
            extents["k"] = rng.choice(("2", "3"))
        self.box = dict(rng.sample(list(extents.items()), len(extents)))
        self.towards = {name: rng.choice((-1, 1)) for name in TIMES}
        self.tensors = ("a", "b", "c")[: rng.choice((1, 2, 2, 3))]

    def spec(self) -> str:
        """Declarations, one equation for each tensor, and a loss that reads the last one at least."""
        shape = ", ".join(self.box.values())
        lines = ["network recurrences", *(f"example {n} = {self.rng.randint(1, 4)}" for n in ("N", "M", "T"))]
        lines += ["input anchor[N, M, T]", f"input x[{shape}]", "param w ~ normal", "param v ~ normal(0, 0.5)"]
        if "k" in self.box:
            lines.append(f"param U[j: {self.box['k']}, k: {self.box['k']}] ~ normal(0, 0.4)")
        lines += [self.equation(position, name) for position, name in enumerate(self.tensors)]
        kept = [name for name in self.tensors[:-1] if self.rng.random() < 0.4] + [self.tensors[-1]]
        lines += [f"minimize {' + '.join(map(self.end, kept))}", f"output {', '.join(kept)}"]
        return "\n".join(lines) + "\n"

    def equation(self, position: int, name: str) -> str:
        """A function of the input and of up to three reads."""
        terms = [f"{self.rng.choice(('w', 'v', '0.3'))}*x[{self.at({})}]"]
        for _ in range(self.rng.choice((1, 2, 2, 3))):
            terms.append(f"{self.rng.choice(FACTORS)}*{self.rng.choice(SHAPES).format(self.read(position))}")
        dims = ", ".join(f"{index}: {extent}" for index, extent in self.box.items())
        return f"{name}[{dims}] = {self.rng.choice(SHAPES).format(' + '.join(terms))}"

    def read(self, position: int) -> str:
        """An element of any tensor, back in time where that tensor is not known yet; perhaps through a matrix."""
        source = self.rng.randrange(len(self.tensors))
        first, *other = self.rng.sample([name for name in TIMES if name in self.box], len(self.box.keys() & set(TIMES)))
        lags = {first: self.rng.choice((0, 1, 1, 2, 3, 5) if source < position else (1, 1, 2, 3, 5))}
        if other and self.rng.random() < 0.2:
            lags[other[0]] = self.rng.choice((1, 2))
        through = "k" in self.box and self.rng.random() < 0.4
        text = f"{self.tensors[source]}[{self.at(lags, 'j' if through else 'k')}]"
        if any(lags.values()):
            text = f"({text} else {self.rng.choice(('0', '0', '1', '1/2'))})"
        if through:
            return f"sum(j: U[j, k]*{text})"
        return f"{text}*x[{self.at({})}]" if self.rng.random() < 0.3 else text

    def at(self, lags: dict[str, int], feature: str = "k") -> str:
        """The places of a read, so far back in time; all tensors go the same way."""
        steps = {name: self.towards[name] * lag for name, lag in lags.items() if lag}
        names = {name: feature if name == "k" else name for name in self.box}
        return ", ".join(
            f"{names[n]} {'-' if steps[n] < 0 else '+'} {abs(steps[n])}" if n in steps else names[n] for n in self.box
        )

    def end(self, name: str) -> str:
        """What a tensor contributes to the loss: all elements, or those at the end of one index."""
        places = ", ".join(self.box)
        if self.rng.random() < 0.7:
            return f"sum({places}: {name}[{places}]**2*x[{places}])"
        last = self.rng.choice(list(self.box))
        read = ", ".join(f"{self.box[n]} - 1" if n == last else n for n in self.box)
        rest = ", ".join(n for n in self.box if n != last)
        return f"sum({rest}: {name}[{read}]**2)" if rest else f"{name}[{read}]**2"
