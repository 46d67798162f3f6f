"""How much memory a training step may take: a number of bytes, at sizes that are known."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from symnet.errors import UsageError, nearest
from symnet.ir.bundle import Differentiated
from symnet.language.network import Network
from symnet.planning.footprint import Footprint

LEAST = "least"
UNITS = {"b": 1, "": 1} | {
    f"{letter}{kind}b": base**power
    for power, letter in enumerate("kmgt", 1)
    for kind, base in (("", 1000), ("i", 1024))
}
AMOUNT = re.compile(r"(\d{1,18}(?:\.\d{1,18})?) ?([a-z]*)")


# How many bytes a program takes when it runs.
Measure = Callable[[Differentiated], int]


@dataclass(frozen=True)
class Budget:
    """At most so many bytes, or as few as can be, where every size that is known only at run time has this value.

    `measure` tells how many a training step takes as a backend emits it; without it the tensors alive are what counts.
    """

    bytes: int | None
    sizes: Mapping[str, int]
    measure: Measure | None = None

    def __str__(self) -> str:
        return (LEAST if self.bytes is None else f"{self.bytes:,} bytes") + at_sizes(self.sizes)


def at_sizes(sizes: Mapping[str, int]) -> str:
    """` at N = 32 and T = 64`; nothing where there are no sizes."""
    known = [f"{name} = {size}" for name, size in sizes.items()]
    return f" at {', '.join(known[:-1])}{' and ' if known[1:] else ''}{known[-1]}" if known else ""


def budget_of(
    memory: int | str,
    net: Network,
    sizes: Mapping[str, int] | None = None,
    footprint: Callable[[Differentiated], Footprint] | None = None,
) -> Budget:
    """The budget for a network: `memory` as `bytes_of` reads it, at these sizes, and its examples for others.

    `footprint` gives the memory of a training step as a backend emits it.

    UsageError for a text that is no amount, a size that there is not, and one that is not known.
    """
    most, known = bytes_of(memory), known_sizes(net, sizes, needed=True)
    return Budget(most, known, footprint and (lambda step: footprint(step).value(known)))


def known_sizes(net: Network, sizes: Mapping[str, int] | None = None, *, needed: bool = False) -> dict[str, int]:
    """The sizes of a network that are given or have an example; with `needed`, UsageError where one is not known."""
    given = dict(sizes or {})
    for name, size in given.items():
        if name not in net.sizes:
            hint = nearest(name, net.sizes)
            raise UsageError(
                f"there is no size {name!r}; the sizes are {', '.join(net.sizes) or 'all known'}", hint=hint
            )
        if not isinstance(size, int) or size < 1:
            raise UsageError(f"the size {name} must be a whole number of at least 1, not {size!r}")
    found = {name: given.get(name, net.examples.get(name)) for name in net.sizes}
    unknown = [name for name, size in found.items() if size is None]
    if unknown and needed:
        raise UsageError(
            f"how many bytes a step takes depends on {unknown[0]}, which is not known",
            hint=f"give it with --size {unknown[0]}=32, or write `example {unknown[0]} = 32` in the spec",
        )
    return {name: size for name, size in found.items() if size is not None}


def bytes_of(memory: int | str) -> int | None:
    """`64MB`, `1.5GiB` or 200000 as a number of bytes; None for `least`. UsageError for anything else."""
    text = str(memory).strip().lower().replace(",", "").replace("_", "")
    if text == LEAST:
        return None
    found = AMOUNT.fullmatch(text)
    if isinstance(memory, bool) or found is None or found[2] not in UNITS or not Fraction(found[1]):
        raise UsageError(f"{memory!r} is no amount of memory", hint=f"write 64MB, 1.5GiB, 200000 (bytes) or {LEAST}")
    return int(Fraction(found[1]) * UNITS[found[2]])


def bytes_text(count: int) -> str:
    """A number of bytes for people: `832.4 kB`, `13.1 MB`."""
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= size:
            return f"{count / size:.3g} {unit}" if count < 100 * size else f"{count / size:,.0f} {unit}"
    return f"{count} bytes"
