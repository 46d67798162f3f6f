"""Extents of indices, from what an equation touches.

The sources, strongest first: what the equation gives (`i: I`, `p < k`), tensors read or written at the plain index,
joined indices of which one is unknown, what declarations gave to the name, tensors read at it with an `else`, and
last the largest extent that keeps affine reads inside.
"""

from __future__ import annotations

from symnet.errors import Place, SpecError
from symnet.language.agenda import Wait
from symnet.language.extents import Extent
from symnet.language.linear import interval, linear
from symnet.language.network import Expr, Index, Op, Ref
from symnet.language.symbols import Draft, Fact, Known, Registry, Span, Tensor, count
from symnet.language.values import whole


def infer(registry: Registry, draft: Draft, forced: bool) -> None:
    """Finds the extents of the draft's indices and of its target. Raises Wait for shapes that are still missing.

    `forced` allows what is weaker than a tensor whose shape may yet become known.
    """
    for ref in draft.reads:
        check_rank(registry, ref, draft.place)
    waits: list[str] = []
    facts = [fact for fact in draft.facts if _live(registry, draft, fact, waits)]
    _from_plain(registry, draft, facts)
    unknown = [name for name in (*draft.free, *draft.bound) if name not in draft.extents]
    while unknown:
        found = [name for name in unknown if _weaker(registry, draft, facts, name, forced)]
        _from_plain(registry, draft, facts)
        left = [name for name in unknown if name not in draft.extents]
        if not found and len(left) == len(unknown):
            break
        unknown = left
    settle(registry, registry.tensor(draft.target))
    if unknown and waits:
        raise Wait(waits)
    if unknown:
        raise undetermined(draft)


def check_rank(registry: Registry, ref: Ref, place: Place) -> None:
    """Raises SpecError if a read has not as many indices as its tensor has dimensions, as far as that is known."""
    tensor = registry.tensors.get(ref.tensor)
    if tensor is None or tensor.extents is None or len(tensor.extents) == len(ref.indices):
        return
    rank, given = len(tensor.extents), len(ref.indices)
    fix = f"{ref.tensor}[{', '.join(tensor.labels)}]" if rank else ref.tensor
    written = "1 index" if given == 1 else f"{given or 'no'} indices"
    message = f"{ref.tensor!r} has {count(rank, 'dimension')}, and {written} here"
    hint = f"write {fix}" + ("; nothing is broadcast, every tensor is indexed here" if rank and not given else "")
    raise SpecError(message, ref.place or place, hint=hint, also=tensor.place)


def _live(registry: Registry, draft: Draft, fact: Fact, waits: list[str]) -> bool:
    """Whether the extent at this fact is known; notes what to wait for where it is not."""
    if fact.left and draft.scatter and registry.tensor(fact.tensor).extents is None:
        waits.append(fact.tensor)
        return False
    tensor = registry.tensors.get(fact.tensor)
    if tensor is None or tensor.extents is None:
        waits.append(fact.tensor)
        registry.agenda.guard(fact.tensor)
        return False
    if fact.axis >= len(tensor.extents):
        return False
    if tensor.extents[fact.axis] is not None:
        return True
    registry.agenda.guard(fact.tensor)
    if fact.tensor != draft.target or tensor.equations + tensor.scatters > 1:
        waits.append(fact.tensor)
    return False


def _extent(registry: Registry, fact: Fact) -> Extent | None:
    extents = registry.tensors[fact.tensor].extents or []
    return extents[fact.axis] if fact.axis < len(extents) else None


def _origin(registry: Registry, fact: Fact) -> str:
    return f"dimension {fact.axis + 1} of {fact.tensor}{registry.tensors[fact.tensor].shown()}"


# --- plain and joined indices ----------------------------------------------------------------------


def _from_plain(registry: Registry, draft: Draft, facts: list[Fact]) -> None:
    changed = True
    while changed:
        changed = False
        for fact in facts:
            if fact.guarded or not _determines(draft, fact):
                continue
            extent = _extent(registry, fact)
            changed |= extent is not None and _learn(registry, draft, fact, extent)


def _determines(draft: Draft, fact: Fact) -> bool:
    """Whether the fact can still tell something."""
    expr = fact.expr
    if isinstance(expr, Index):
        return expr.name not in draft.extents
    return isinstance(expr, Op) and expr.name == "join" and len(_missing(draft, expr)) == 1


def _missing(draft: Draft, join: Op) -> list[str]:
    return [part.name for part in join.args if isinstance(part, Index) and part.name not in draft.extents]


def _learn(registry: Registry, draft: Draft, fact: Fact, extent: Extent) -> bool:
    expr = fact.expr
    origin = _origin(registry, fact)
    if isinstance(expr, Index):
        draft.extents[expr.name] = Known(extent, fact.place, origin, proper=True)
        return True
    if not isinstance(expr, Op) or not all(isinstance(part, Index) for part in expr.args):
        return False
    product = Extent.of(1)
    for part in expr.args:
        if isinstance(part, Index) and part.name in draft.extents:
            product = product * draft.extents[part.name].extent
    quotient = extent.divide_exactly(product)
    if quotient is None:
        message = f"{origin} cannot be split: {product} does not divide {extent}"
        raise SpecError(message, fact.place)
    draft.extents[_missing(draft, expr)[0]] = Known(quotient, fact.place, f"{origin} split by {product}")
    return True


# --- weaker sources --------------------------------------------------------------------------------


def _weaker(registry: Registry, draft: Draft, facts: list[Fact], name: str, forced: bool) -> bool:
    if not forced and _blocked(registry, draft, name):
        return False
    if name in draft.fallback:
        draft.extents[name] = draft.fallback[name]
        return True
    for fact in facts:
        if fact.guarded and fact.expr == Index(name):
            extent = _extent(registry, fact)
            if extent is not None:
                draft.extents[name] = Known(extent, fact.place, _origin(registry, fact), proper=True)
                return True
    return _largest_inside(registry, draft, facts, name)


def _blocked(registry: Registry, draft: Draft, name: str) -> bool:
    """Whether a tensor whose shape is not known yet may still tell this extent."""
    for fact in draft.facts:
        target = registry.tensors[draft.target]
        own = fact.tensor == draft.target and target.equations + target.scatters <= 1
        if own or not _mentions(fact.expr, name):
            continue
        tensor = registry.tensors.get(fact.tensor)
        if tensor is None or tensor.extents is None:
            return True
        if fact.axis < len(tensor.extents) and tensor.extents[fact.axis] is None:
            return True
    return False


def _mentions(expr: Expr, name: str) -> bool:
    match expr:
        case Index():
            return expr.name == name
        case Op():
            return any(_mentions(arg, name) for arg in expr.args)
    return False


def _largest_inside(registry: Registry, draft: Draft, facts: list[Fact], name: str) -> bool:
    best: Known | None = None
    for fact in facts:
        if fact.guarded or not _mentions(fact.expr, name):
            continue
        candidate = _inside(registry, draft, fact, name)
        if candidate is None:
            return False
        if best is None or best.extent.at_least(candidate.extent):
            best = candidate
        elif not candidate.extent.at_least(best.extent):
            message = f"the index {name!r} has {best.extent} values to stay inside here, and {candidate.extent} there"
            hint = f"it cannot be told which is less: give it, as in {name}: {best.extent}"
            raise SpecError(message, best.place, hint=hint, also=candidate.place)
    if best is None:
        return False
    draft.extents[name] = best
    return True


def _inside(registry: Registry, draft: Draft, fact: Fact, name: str) -> Known | None:
    """The largest extent of the index with which this affine read stays inside; None if that cannot be told."""
    extent = _extent(registry, fact)
    form = linear(fact.expr, draft.extents)
    coefficient = form.terms.get(Index(name), Extent()).constant
    if extent is None or not coefficient:
        return None
    rest = Op("sub", (fact.expr, Op("mul", (Index(name), whole(coefficient)))))
    between = interval(rest, draft.extents, registry.bounds)
    if between is None:
        return None
    room = extent - 1 - between[1] if coefficient > 0 else between[0]
    return Known(
        room // abs(coefficient) + 1, fact.place, f"the largest that stays inside of {_origin(registry, fact)}"
    )


def undetermined(draft: Draft) -> SpecError:
    """The error for a draft with an index whose extent nothing tells."""
    names = (*draft.free, *draft.bound)
    name = next(name for name in names if name not in draft.extents)
    example = f"{name}: 8 on the left" if name in draft.free else f"{name} < 8 where it is bound"
    hint = f"no tensor is read at the plain index {name}: give its extent, as in {example}"
    return SpecError(f"nothing tells how many values the index {name!r} has", draft.place, hint=hint)


# --- the target ------------------------------------------------------------------------------------


def settle(registry: Registry, tensor: Tensor) -> None:
    """Sets the extents of a tensor's axes as far as its equations tell them, and announces the tensor."""
    if tensor.extents is None:
        return
    changed = False
    for axis, extent in enumerate(tensor.extents):
        if extent is not None:
            continue
        found = _axis(tensor, axis)
        if found is not None:
            tensor.extents[axis] = found
            changed = True
    if changed or not tensor.extents:
        registry.agenda.announce(tensor.name)


def _axis(tensor: Tensor, axis: int) -> Extent | None:
    ends: list[Extent] = []
    for draft in tensor.drafts:
        span = draft.spans[axis]
        length = _product(draft, span)
        if length is not None and span.indices and not set(span.indices) & draft.given:
            return length
        if length is not None and span.low is not None and not draft.scatter:
            ends.append(span.low + length)
    if len(ends) < tensor.equations:
        return None
    return next((end for end in ends if all(end.at_least(other) for other in ends)), None)


def _product(draft: Draft, span: Span) -> Extent | None:
    product = Extent.of(1)
    for name in span.indices:
        if name not in draft.extents:
            return None
        product = product * draft.extents[name].extent
    return product
