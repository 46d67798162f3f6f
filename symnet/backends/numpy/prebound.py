"""The lines of a function that is called often, with what costs time to look up or to pass looked up before.

`np.add(x, b, out=h)` becomes `add(x, b, h)`, and `x.dot(W, out=t)` becomes `x.dot(W, t)`: a small network spends a
twentieth of its step on the difference.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

from symnet.backends.numpy.code import Binding, Body

CALL = re.compile(r"\bnp\.([a-z_0-9]+(?:\.reduce)?)\(")
REDUCED = re.compile(r"^( *np\.[a-z_0-9]+\.reduce\()([\w.]+), axis=([^=]+), out=(\w+)\)$")
LAST = re.compile(r"^( *(?:np\.[a-z_0-9]+|[^=]*\.dot)\([^=]*), out=(\w+)\)$")

# functions that want the place of their result by keyword
KEYWORD = ("np.maximum(", "np.minimum(", "np.einsum(")


def prebound(body: Body, taken: Collection[str]) -> Body:
    """The body with the NumPy functions of its blocks bound in the setup; `taken` are names that are in use."""
    used = sorted({name for block in body.blocks for line in block.lines for name in CALL.findall(line)})
    plain = {name: name.replace(".", "_") for name in used}
    names = {name: short if short not in taken else f"np_{short}" for name, short in plain.items()}
    blocks = tuple(replace(b, lines=tuple(_shortened(line, names) for line in b.lines)) for b in body.blocks)
    functions = tuple(Binding(short, f"np.{name}") for name, short in names.items())
    return replace(body, blocks=blocks, setup=(*functions, *body.setup))


def _shortened(line: str, names: dict[str, str]) -> str:
    line = REDUCED.sub(r"\1\2, \3, None, \4)", line)
    if not line.lstrip().startswith(KEYWORD):
        line = LAST.sub(r"\1, \2)", line)
    return CALL.sub(lambda call: f"{names[call.group(1)]}(", line)
