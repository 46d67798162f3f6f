"""Random specs as people might write them: nested reductions, filters, pieces, scatters, reads with `else`.

`random_spec(seed)` gives the text. Unlike the random programs they go through parser and resolver, and formulas are
nested as deep as the language allows people to think.
"""

from __future__ import annotations

from random import Random

SIZES = ("N", "2", "3", "4")
Box = dict[str, str]  # index to its extent
# How often each is drawn is how often it stands here.
FUNCTIONS = (
    "tanh({})",
    "sin({})",
    "exp(-({})**2)",
    "sigmoid({})",
    "softplus({})",
    "({})**2",
    "({})**3",
    "sqrt(1 + ({})**2)",
    "1/(2 + sin({}))",
    "abs({})",
    "relu({})",
    "max({}, 0.1)",
    "log(1 + exp({}))",
    "gelu({})",
    "arctan({})",
    "log1p(({})**2)",
)
REDUCTIONS = ("sum", "sum", "sum", "mean", "max", "min", "prod")
ENDS = ("{}**2", "tanh({})", "{}", "sin({})", "log(1 + {}**2)", "abs({})")


def random_spec(seed: int) -> str:
    """The text of a spec; every read is in range or has an `else`."""
    return _Writer(Random(seed)).spec()


class _Writer:
    def __init__(self, random: Random) -> None:
        self.random = random
        self.tensors: dict[str, list[str]] = {}
        self.lines: list[str] = []
        self.count = 0

    def one(self, *choices: str) -> str:
        return self.random.choice(choices)

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def shape(self, most: int, first: tuple[str, ...] = ()) -> list[str]:
        return [*first, *(self.one(*SIZES) for _ in range(self.random.randint(0, most)))]

    # --- statements ---

    def spec(self) -> str:
        self.lines = ["network random_spec", f"example N = {self.random.randint(2, 4)}"]
        self.lines += ["input group[N] < 3", "input pair[N, 2] < 4"]
        for k in range(self.random.randint(1, 2)):
            self.declare("input", f"x{k}", self.shape(2, ("N",)), "")
        for k in range(self.random.randint(1, 3)):
            shape = [extent for extent in self.shape(2) if extent != "N"]
            self.declare("param", f"w{k}", shape, " ~ " + self.one("normal", "uniform(0.5, 1.5)", "normal(0, 0.5)"))
        for _ in range(self.random.randint(2, 6)):
            self.equation()
        values = [name for name in self.tensors if name.startswith("v")]
        self.lines.append("minimize " + " + ".join(self.end(name) for name in values[-3:]))
        self.lines.append(f"output {', '.join(values)}")
        return "\n".join(self.lines) + "\n"

    def declare(self, role: str, name: str, shape: list[str], sampler: str) -> None:
        self.lines.append(f"{role} {name}{_brackets(shape)}{sampler}")
        self.tensors[name] = shape

    def end(self, name: str) -> str:
        indices = [f"i{k}" for k in range(len(self.tensors[name]))]
        body = self.one(*ENDS).format(name + _brackets(indices))
        return f"{self.one('sum', 'mean')}({', '.join(indices)}: {body})" if indices else body

    def equation(self) -> None:
        name, shape = self.fresh("v"), self.shape(2)
        box = {f"a{k}": extent for k, extent in enumerate(shape)}
        if shape and shape[0] != "N" and self.chance(0.15):
            self.pieces(name, box)
        else:
            self.lines.append(f"{name}{_brackets([f'{i}: {e}' for i, e in box.items()])} = {self.formula(box, 3)}")
        if shape[:1] == ["3"] and self.chance(0.4):
            rest = {f"b{k}": extent for k, extent in enumerate(shape[1:])}
            places = _brackets(["group[b]", *rest])
            self.lines.append(f"{name}{places} += {self.formula({'b': 'N', **rest}, 2)}")
        self.tensors[name] = shape

    def pieces(self, name: str, box: Box) -> None:
        (index, extent), *others = box.items()
        cut = self.random.randint(1, int(extent) - 1)
        rest = [f"{i}: {e}" for i, e in others]
        for bounds in (f"0..{cut}", f"{cut}..{extent}"):
            self.lines.append(f"{name}{_brackets([f'{index}: {bounds}', *rest])} = {self.formula(dict(others), 2)}")

    def fresh(self, stem: str) -> str:
        self.count += 1
        return f"{stem}{self.count}"

    # --- formulas ---

    def formula(self, box: Box, depth: int) -> str:
        draw = self.random.random()
        if depth == 0 or draw < 0.12:
            return self.read(box)
        if draw < 0.3:
            return f"({self.formula(box, depth - 1)})*({self.formula(box, depth - 1)})"
        if draw < 0.45:
            return f"{self.formula(box, depth - 1)} {self.one('+', '-')} ({self.formula(box, depth - 1)})"
        if draw < 0.6:
            return self.one(*FUNCTIONS).format(self.formula(box, depth - 1))
        if draw < 0.68:
            values = (self.formula(box, depth - 1) for _ in range(2))
            return f"where({self.condition(box)}, {', '.join(values)})"
        if draw < 0.93 and len(box) < 4:
            return self.reduction(box, depth)
        return f"{self.one('2', '0.5', '1/3')}*{self.read(box)}"

    def reduction(self, box: Box, depth: int) -> str:
        op, index, extent = self.one(*REDUCTIONS), self.fresh("k"), self.one(*SIZES)
        inner = {**box, index: extent}
        filtered = f" if {self.condition(inner)}" if op in ("sum", "mean", "prod") and self.chance(0.25) else ""
        return f"{op}({index} < {extent}{filtered}: {self.formula(inner, depth - 1)})"

    def condition(self, box: Box) -> str:
        if box and self.chance(0.5):
            sign = self.one("<", "<=", "==", "!=", ">")
            return f"{self.one(*box)} {sign} {self.one(*box, '1', '2')}"
        return f"{self.read(box)} {self.one('<', '>')} {self.one('0', '0.3', self.read(box))}"

    def read(self, box: Box) -> str:
        name = self.one(*self.tensors)
        places = [self.place(extent, box) for extent in self.tensors[name]]
        text = name + _brackets([place for place, _ in places])
        if all(inside for _, inside in places):
            return text
        return f"({text} else {self.one('0', '0', '1', '1/2')})"

    def place(self, extent: str, box: Box) -> tuple[str, bool]:
        """An index expression, and whether it is sure to be in range."""
        same = [index for index, e in box.items() if e == extent]
        rows = [index for index, e in box.items() if e == "N"]
        columns = [index for index, e in box.items() if e == "2"]
        draw = self.random.random()
        if same and draw < 0.7:
            return self.one(*same), True
        if extent == "3" and rows and draw < 0.9:
            return f"group[{rows[0]}]", True
        if extent == "4" and rows and columns and draw < 0.95:
            return f"pair[{rows[0]}, {columns[0]}]", True
        if box and draw < 0.97:
            return self.one("", "2*") + self.one(*box) + self.one("", " + 1", " - 1"), False
        return "0", True


def _brackets(entries: list[str]) -> str:
    return f"[{', '.join(entries)}]" if entries else ""
