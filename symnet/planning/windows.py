"""Windows: statements that read a tensor at sums of indices, such as x[n, c, 2*u + p]; and how to read them fast.

The longer index of such a sum is where the window stands, the shorter one goes through the window. Copies out of a
tensor are fast where they take long pieces of memory: the window and what is summed besides are best stored last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product

import sympy as sp

from symnet.ir.affine import Affine
from symnet.ir.functions import eq
from symnet.ir.program import Access, Program, Statement, index_expression, index_symbol, leaf, statement
from symnet.language.extents import Extent
from symnet.planning.contractions import nominal, volume
from symnet.planning.rows import BY_POSITION, BYTES, CHANNELS_LAST

Order = tuple[int, ...]
Box = Mapping[str, Extent]

# More positions than a byte can tell apart.
BYTE = 128


def windowed(access: Access, box: Box) -> dict[int, tuple[str, str]]:
    """The dimensions that are read through a window: (the index where it stands, the one that goes through it)."""
    found: dict[int, tuple[str, str]] = {}
    for dimension, place in enumerate(access.places):
        if isinstance(place, Affine) and len(place.terms) == 2:
            names = sorted(place.indices, key=lambda name: nominal(box[name]))
            found[dimension] = (names[1], names[0])
    return found


# --- in which order to store -----------------------------------------------------------------------


def preferred_orders(program: Program) -> dict[str, Order]:
    """How sums of products would have the tensors lie that they read through windows, and their results.

    First what windows slide over at a whole, such as examples, then where they stand, then what is summed with them:
    channels last.
    """
    found: dict[str, Order] = {}
    for s in program.statements:
        if s.op != "+" or not s.reduced or len(s.leaves) < 2 or not CHANNELS_LAST():
            continue
        for access in s.leaves:
            _vote(s, access, found)
    return found


def turned_when_read(program: Program) -> dict[str, Order]:
    """The tensors that windows are read of, and that do not lie as preferred: windows are read of a copy that does."""
    return {
        name: order
        for name, order in preferred_orders(program).items()
        if name in program.readers
        and name not in program.writers
        and not is_same_order(order, program.tensors[name].extents)
    }


def with_windows(program: Program) -> frozenset[str]:
    """The tensors that sums read through windows, and the results of these sums.

    Two indices that another factor has as well are the parts of a joined one.
    """
    found: set[str] = set()
    for s in program.statements:
        for access in s.leaves if s.reduced else ():
            others = {name for other in s.leaves if other != access for name in other.indices}
            if any(not others.issuperset(pair) for pair in windowed(access, s.extents).values()):
                found.update((access.tensor, s.target.tensor))
    return frozenset(found)


def is_same_order(order: Order, extents: Sequence[Extent]) -> bool:
    """Whether dimensions in this order lie as before: those of length 1 do not count."""
    long = [d for d in order if extents[d].constant != 1]
    return long == sorted(long)


def _vote(s: Statement, access: Access, found: dict[str, Order]) -> None:
    others = {name for other in s.leaves if other != access for name in other.indices}
    sliding = [(where, through) for where, through in windowed(access, s.extents).values() if where not in others]
    stand = [where for where, through in sliding if where in s.free and through in s.reduced]
    if not stand or len(stand) < len(sliding):
        return
    alone = [name for name in access.indices if name in s.free and name not in others and name not in stand]

    def order(places: Sequence[object]) -> Order:
        used = [place.indices if isinstance(place, Affine) else () for place in places]
        front = [d for d, names in enumerate(used) if set(names) & set(alone)]
        middle = [d for d, names in enumerate(used) if set(names) & set(stand)]
        return (*front, *middle, *(d for d in range(len(used)) if d not in front and d not in middle))

    found.setdefault(access.tensor, order(access.places))
    found.setdefault(s.target.tensor, order(s.target.places))


def slide(a: Access, b: Access) -> bool:
    """Whether two accesses go through their tensors side by side, dimension by dimension, one perhaps in windows."""
    return len(a.places) == len(b.places) and all(
        isinstance(p, Affine) and isinstance(q, Affine) and (p == q or set(p.indices) & set(q.indices))
        for p, q in zip(a.places, b.places, strict=True)
    )


# --- which way to count ----------------------------------------------------------------------------


def counted_forwards(s: Statement) -> Statement:
    """The same sum with bound indices counted the other way where the largest operand is read backwards by them."""
    if s.op != "+" or s.guards:
        return s
    largest = max(s.leaves, key=lambda access: volume(access.indices, s.extents), default=None)
    if largest is None:
        return s
    back = [
        name
        for place in largest.places
        if isinstance(place, Affine)
        for name, step in place.terms
        if name in s.reduced and (-step).at_least(1) and sum(name in p.indices for p in _affine(largest)) == 1
    ]
    turned = {name: Affine.of(s.extents[name] - 1) - Affine.index(name) for name in back}
    if not turned:
        return s
    body = s.body.xreplace({index_symbol(name): index_expression(place) for name, place in turned.items()})
    return replace(s, leaves=tuple(access.substitute(turned) for access in s.leaves), body=body)


def _affine(access: Access) -> list[Affine]:
    return [place for place in access.places if isinstance(place, Affine)]


# --- one position after the other ------------------------------------------------------------------


def by_positions(s: Statement) -> tuple[Statement, ...]:
    """A statement that writes windows as one statement for each position in them, in row-major order.

    A position is a slice of the target: no index of it is as short as those of a window, and each element of windows
    that do not overlap is written once. The statement itself where it writes no windows, or large ones, or something
    that is read at each position.
    """
    through = [name for _, name in windowed(s.target, s.extents).values()]
    names = tuple(name for name in s.extents if name in through)
    lengths = [s.extents[name].constant for name in names]
    known = [length for length in lengths if length is not None]
    if s.op not in ("=", "+") or s.reduced or not names or len(known) < len(names):
        return (s,)
    if any(name in access.indices for access in s.leaves for name in names):
        return (s,)
    if not BY_POSITION(volume(names, s.extents)):
        return (s,)
    parts = [at_position(s, dict(zip(names, at, strict=True))) for at in product(*(range(n) for n in known))]
    tests = [guard.constant for part in parts for guard in part.guards if not guard.terms]
    if any(test.constant is None for test in tests):
        return (s,)
    return tuple(part for part in parts if all(guard.terms for guard in part.guards))


def at_position(s: Statement, position: Mapping[str, int]) -> Statement:
    """The part of a statement where some indices have these values."""
    fixed = {name: Affine.of(value) for name, value in position.items()}
    return statement(
        s.target.substitute(fixed),
        s.op,
        tuple((name, extent) for name, extent in s.domain if name not in position),
        s.body.xreplace({index_symbol(name): value for name, value in position.items()}),
        tuple(access.substitute(fixed) for access in s.leaves),
        tuple(guard.substitute(fixed) for guard in s.guards),
        s.origin,
    )


# --- positions in windows --------------------------------------------------------------------------


def through_windows(access: Access, box: Box, reduced: Sequence[str]) -> dict[int, str]:
    """The dimensions of an access that a bound index goes through a window in, and that index."""
    found: dict[int, str] = {}
    for dimension, place in enumerate(access.places):
        bound = [name for name in place.indices if name in reduced] if isinstance(place, Affine) else []
        if len(bound) == 1 and isinstance(place, Affine) and len(place.terms) == 2:
            found[dimension] = bound[0]
    names = list(found.values())
    return {d: name for d, name in found.items() if names.count(name) == 1 and box[name].constant is not None}


def narrow_positions(program: Program) -> dict[str, str]:
    """The tensors of positions in windows that are only compared: a byte is enough for each of their elements.

    Each with the tensor of the extreme values, which the emitted code reads besides what the statement says.
    """
    found = {name: _extremes(program, name, writers) for name, writers in program.writers.items()}
    return {name: extremes for name, extremes in found.items() if extremes is not None}


def _extremes(program: Program, name: str, writers: Sequence[Statement]) -> str | None:
    s = writers[0]
    if len(writers) > 1 or s.op not in ("argmax", "argmin") or s.guards or s.body != leaf(0):
        return None
    windows = through_windows(s.leaves[0], s.extents, s.reduced)
    positions = volume(s.reduced, s.extents)
    if set(windows.values()) != set(s.reduced) or not 2 <= positions <= BYTE or not BYTES(positions):
        return None
    compared = all(
        _only_compares(reader, number)
        for reader in program.readers.get(name, ())
        for number, access in enumerate(reader.leaves)
        if name in access.tensors
    )
    return holder(s, program) if compared else None


def holder(own: Statement, program: Program) -> str | None:
    """The tensor, written before, that holds the extreme values whose positions a statement looks for.

    Of one that is calculated a second time it is the last before.
    """
    found = None
    first = {name: tensor.again for name, tensor in program.tensors.items() if tensor.again}
    wanted = tuple(access.renamed(first) for access in own.leaves)
    for s in program.statements:
        if s is own:
            return found
        same = s.op == own.op.removeprefix("arg") and s.domain == own.domain and s.body == own.body
        if same and (s.guards, s.target.places) == (own.guards, own.target.places):
            leaves = tuple(access.renamed(first) for access in s.leaves)
            found = s.target.tensor if leaves == wanted else found
    return found


def _only_compares(reader: Statement, number: int) -> bool:
    symbol = leaf(number)
    inside = [e for e in sp.preorder_traversal(reader.body) if isinstance(e, eq) and symbol in e.args]
    return not reader.body.xreplace(dict.fromkeys(inside, sp.S.Zero)).has(symbol) and bool(inside)
