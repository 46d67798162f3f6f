"""Values of run-time sizes for tests and checks, where the spec does not give them all."""

from __future__ import annotations

from itertools import islice, product

from symnet.errors import SpecError
from symnet.language.network import Network

# Tried in this order for each size; different ones first, so that a mixed-up axis shows.
CANDIDATES = (4, 5, 3, 6, 7, 2, 1, *range(8, 33))
MOST_TRIED = 100_000


def example_sizes(net: Network) -> dict[str, int]:
    """The spec's `example` sizes, completed so that the conditions on the sizes hold.

    Without conditions the spec's own are enough. SpecError where none are found: the spec has to give them.
    """
    given = dict(net.examples)
    unknown = [name for name in net.sizes if name not in given]
    if not net.conditions:
        return given
    for values in islice(product(CANDIDATES, repeat=len(unknown)), MOST_TRIED):
        sizes = given | dict(zip(unknown, values, strict=True))
        if all(condition.holds(sizes) for condition in net.conditions):
            return sizes
    broken = next((c for c in net.conditions if unknown or not c.holds(given)), net.conditions[0])
    raise SpecError(
        f"no sizes were found for which {broken} holds: {broken.message}",
        broken.place,
        hint="give sizes that fit, for instance `example N = 4`",
    )
