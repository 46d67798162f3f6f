"""Short names for a document: `h1.a.multi_head_attention.q.W` is `q.W` where nothing else could be meant by that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from symnet.ir.program import Access, Indirect, Place, Program, Tensor


def short_names(names: Iterable[str]) -> dict[str, str]:
    """Each name with as few of its owners as tell it from all others: none, the last one, the first and the last, …"""
    names = tuple(names)
    counts = Counter(candidate for name in names for candidate in dict.fromkeys(_candidates(name)))
    return {name: next(c for c in _candidates(name) if counts[c] == 1 or c == name) for name in names}


def _candidates(name: str) -> Iterator[str]:
    """From the shortest to the whole name. One owner is always kept: it says which layer is meant."""
    *owners, core = name.split(".")
    if len(owners) > 1:
        yield f"{owners[-1]}.{core}"
        yield f"{owners[0]}.{core}"
    for last in range(1, len(owners) - 1):
        yield ".".join((owners[0], *owners[-last:], core))
    yield name


def renamed(program: Program, names: Mapping[str, str]) -> Program:
    """A program whose tensors are called otherwise."""

    def place(p: Place) -> Place:
        return replace(p, tensor=names[p.tensor]) if isinstance(p, Indirect) else p

    def access(a: Access) -> Access:
        return replace(a, tensor=names[a.tensor], places=tuple(map(place, a.places)))

    def tensor(t: Tensor) -> Tensor:
        return replace(t, name=names[t.name])

    statements = tuple(
        replace(s, target=access(s.target), leaves=tuple(map(access, s.leaves))) for s in program.statements
    )
    tensors = {names[name]: tensor(t) for name, t in program.tensors.items()}
    results = tuple(names[name] for name in program.results)
    return replace(program, tensors=tensors, statements=statements, results=results)
