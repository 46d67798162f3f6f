"""In which order a tensor's dimensions lie in memory.

What is written step by step in a loop is stored with the time first, so that each step is one piece. Tensors that meet
element by element are stored alike. All else is decided by what it costs (`orders.py`): a maximum, say, is several
times faster over a long first dimension than over a short last one, since it then works on whole rows. What is read
through windows has its channels last (`windows.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TypeVar

from symnet.ir.affine import Affine
from symnet.ir.program import Access, Indirect, Place, Program, Statement
from symnet.planning.orders import Order, cheapest_orders
from symnet.planning.windows import preferred_orders, slide, windowed

T = TypeVar("T")


def relaid(
    program: Program,
    keep: Collection[str],
    times: Mapping[str, Order] | None = None,
    like: Mapping[str, Order] | None = None,
) -> Program:
    """The program with the dimensions of some of its tensors in another order. What is given or kept stays as it is.

    `times` are the dimensions along which loops write a tensor, outermost loop first. `like` are orders that are known
    already, also of tensors that another program has written; one that is calculated a second time lies as it did.
    """
    if like is None:
        orders = chosen_orders(program, keep, times)
    else:
        named = {name: like.get(tensor.again or name) for name, tensor in program.tensors.items()}
        orders = {name: order for name, order in named.items() if order is not None}
    if not orders:
        return program
    tensors = {
        name: replace(tensor, extents=tuple(tensor.extents[d] for d in orders[name])) if name in orders else tensor
        for name, tensor in program.tensors.items()
    }

    def turned(tensor: str, places: tuple[T, ...]) -> tuple[T, ...]:
        order = orders.get(tensor)
        return places if order is None else tuple(places[d] for d in order)

    def place(p: Place) -> Place:
        return replace(p, indices=turned(p.tensor, p.indices)) if isinstance(p, Indirect) else p

    def turn(access: Access) -> Access:
        return replace(access, places=turned(access.tensor, tuple(map(place, access.places))))

    def change(s: Statement) -> Statement:
        return replace(s, target=turn(s.target), leaves=tuple(map(turn, s.leaves)))

    return replace(program.map(change), tensors=tensors)


def chosen_orders(
    program: Program, keep: Collection[str], times: Mapping[str, Order] | None = None
) -> dict[str, Order]:
    """The new order of the dimensions of every tensor that gets one. The arguments are those of `relaid`."""
    times = times or {}
    groups = _groups(program, keep)
    fixed: dict[str, Order] = {}
    for group in groups:
        wanted = next((times[name] for name in group if name in times), None)
        if wanted is not None:
            rank = len(program.tensors[group[0]].extents)
            fixed.update(dict.fromkeys(group, (*wanted, *(d for d in range(rank) if d not in wanted))))
    preferred = preferred_orders(program)
    for group in groups:
        wanted = next((preferred[name] for name in group if name in preferred), None)
        if wanted is not None and group[0] not in fixed:
            fixed.update(dict.fromkeys(group, wanted))
    orders = cheapest_orders(program, groups, fixed, times)
    return {name: order for name, order in orders.items() if order != tuple(range(len(order)))}


def _groups(program: Program, keep: Collection[str]) -> list[list[str]]:
    """The tensors that may be turned, in groups that meet element by element and should be turned together."""
    leader = {name: name for name in program.writers if len(program.tensors[name].extents) >= 2 and name not in keep}

    def find(name: str) -> str:
        while leader[name] != name:
            name = leader[name]
        return name

    for s in program.statements:
        if (s.reduced and s.op == "+") or s.target.tensor not in leader:
            continue
        for access in s.leaves:
            sliding = bool(windowed(access, s.extents) or windowed(s.target, s.extents)) and slide(access, s.target)
            if access.tensor in leader and ((not s.reduced and _meets(access, s.target)) or sliding):
                leader[find(access.tensor)] = find(s.target.tensor)
    groups: dict[str, list[str]] = {}
    for name in leader:
        groups.setdefault(find(name), []).append(name)
    return list(groups.values())


def _meets(access: Access, target: Access) -> bool:
    """Whether two accesses run through whole tensors alike. Times of loops do not count."""
    if len(access.places) != len(target.places) or _is_part(access) or _is_part(target):
        return False
    pairs = [
        (a, b)
        for a, b in zip(access.places, target.places, strict=True)
        if not (isinstance(a, Affine) and isinstance(b, Affine) and not a.terms and not b.terms)
    ]
    return bool(pairs) and all(isinstance(a, Affine) and a.plain is not None and a == b for a, b in pairs)


def _is_part(access: Access) -> bool:
    """Whether an access has a number for a place."""
    return any(isinstance(p, Affine) and not p.terms and p.constant.constant is not None for p in access.places)
