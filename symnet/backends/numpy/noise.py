"""The random tensors of a network in its module: how they are drawn, and how a function gets at their arrays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from symnet.backends.numpy.layout import WIDTH, Item, call, dictionary, lay_out, quoted
from symnet.backends.numpy.print import shape_source
from symnet.backends.numpy.samplers import sample_source
from symnet.errors import UnsupportedError
from symnet.language.network import Network, TensorDecl

# The keywords of a function that uses random tensors, as formals and as they are passed on.
FORMALS = ("rng=None", "noise=None")
PASSED = ("rng=rng", "noise=noise")
DESCRIPTION = (
    ("rng", "a np.random.Generator, or a seed, to draw the random tensors with"),
    ("noise", "the random tensors themselves, as draw gives them; then rng is not used"),
)


@dataclass(frozen=True, slots=True)
class DrawView:
    """The function `draw`: the sizes that it takes, in words, and its code."""

    sizes: str
    code: str


def random_tensors(networks: Iterable[Network]) -> tuple[TensorDecl, ...]:
    """The random tensors of both modes, each once. UnsupportedError for one that is not the same in both."""
    found: dict[str, TensorDecl] = {}
    for d in (d for network in networks for d in network.tensors.values() if d.role == "random"):
        other = found.setdefault(d.name, d)
        if (d.extents, d.sampler) != (other.extents, other.sampler):
            raise UnsupportedError(
                f"the random tensor {d.name!r} is not the same in training and inference",
                d.place,
                hint="give it one declaration, or two names",
            )
    return tuple(found.values())


def sizes_of(randoms: Sequence[TensorDecl], order: Sequence[str]) -> list[str]:
    """The run-time sizes in the shapes of random tensors."""
    wanted = {size for d in randoms for extent in d.extents for size in extent.sizes}
    return [size for size in order if size in wanted]


def draw_view(randoms: Sequence[TensorDecl], order: Sequence[str], names: Mapping[str, str]) -> DrawView:
    """The function that draws all of `randoms`; `order` are the network's sizes."""
    sizes = sizes_of(randoms, order)
    rows: list[tuple[str, Item]] = []
    for d in randoms:
        shape = shape_source(d.extents, names)
        rows.append((d.name, sample_source(d.sampler, shape, names) if d.sampler else f"np.zeros({shape})"))
    result = lay_out(dictionary(rows, "values = ", exploded=True), width=WIDTH - 4)
    lines = ['_check_keys("sizes", sizes, SIZES)']
    lines += [f"{names[size]} = _size({quoted(size)}, sizes)" for size in sizes]
    if any("rng" in line for line in result):
        lines.append("rng = np.random.default_rng(rng)")
    words = f"a number for each of {', '.join(sizes)}" if sizes else "none are needed"
    result.append("return {name: np.asarray(value, np.float64) for name, value in values.items()}")
    return DrawView(words, "\n".join(f"    {line}" for line in [*lines, *result]))


def noise_lines(
    randoms: Sequence[TensorDecl], read: Iterable[str], order: Sequence[str], names: Mapping[str, str]
) -> list[str]:
    """The lines that bind those random tensors that are read: given as noise, else drawn from rng."""
    wanted = set(read)
    lines: list[str] = []
    for d in randoms:
        if d.name in wanted:
            given = call(
                f"{names[d.name]} = _drawn", [quoted(d.name), "noise", shape_source(d.extents, names), "dtype"]
            )
            lines += lay_out(given, width=WIDTH - 4)
    if lines:
        sizes = [f"{size}={names[size]}" for size in sizes_of(randoms, order)]
        lines[:0] = lay_out(call("noise = _noise", ["noise", "rng", *sizes]), width=WIDTH - 4)
    return lines
