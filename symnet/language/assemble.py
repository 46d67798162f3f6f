"""The last step of resolving: drafts whose extents are known become the network, after the checks of the whole."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import TypeVar

from symnet.errors import Place, SpecError, nearest
from symnet.language import tree
from symnet.language.cover import check_cover
from symnet.language.expand import Goals
from symnet.language.extents import Extent
from symnet.language.finish import finish
from symnet.language.formulas import spell
from symnet.language.kinds import kinds_of
from symnet.language.network import Equation, Network, TensorDecl
from symnet.language.optimizer import read_optimizer
from symnet.language.recurrence import check_cycles
from symnet.language.symbols import Registry, Tensor
from symnet.language.values import MAX_ELEMENTS

Result = TypeVar("Result")


def assemble(spec: tree.Spec, registry: Registry, goals: Goals) -> Network:
    """The network. Raises SpecError for extents in conflict, reads out of range, gaps, cycles and unsuitable goals."""
    kinds = kinds_of(registry)
    tensors = sorted(registry.tensors.values(), key=lambda tensor: tensor.key)
    equations = _equations(registry, tensors, kinds)
    registry.agenda.stop()
    _attempt(registry, lambda: check_cycles(equations))
    _attempt(registry, lambda: _check_sizes(registry))
    _attempt(registry, lambda: _check_goals(registry, goals, kinds))
    _attempt(registry, lambda: _check_examples(registry, goals))
    frozen = _attempt(registry, lambda: _frozen(registry, goals)) or set()
    minimize, frame = goals.minimize, goals.frame
    optimizer = None
    if minimize is not None and frame is not None and minimize.optimizer is not None:
        step = minimize.optimizer
        optimizer = _attempt(registry, lambda: read_optimizer(step, frame, registry))
    registry.agenda.stop()
    return Network(
        name=spec.name or "network",
        training=registry.training,
        source=spec.source,
        sizes=tuple(registry.sizes),
        tensors={tensor.name: _declared(tensor, kinds[tensor.name], tensor.name in frozen) for tensor in tensors},
        equations=tuple(equations),
        outputs=tuple(dict.fromkeys(name for name, _ in goals.outputs)),
        metrics=tuple((name, full) for name, full, _ in goals.metrics),
        objective=goals.objective[0] if goals.objective else None,
        optimizer=optimizer,
        next_state=tuple(registry.next_state.items()),
        groups={path: name for path, (_, name) in sorted(registry.groups.items(), key=lambda item: item[1])},
        examples={name: value for name, value, _ in goals.examples},
        conditions=tuple(registry.conditions.values()),
    )


def _attempt(registry: Registry, action: Callable[[], Result], blame: Place | None = None) -> Result | None:
    try:
        return action()
    except SpecError as error:
        registry.agenda.fail(error, (), blame)
        return None


def _declared(tensor: Tensor, integer: bool, frozen: bool) -> TensorDecl:
    shape = tensor.shape or ()
    return TensorDecl(tensor.name, shape, tensor.role, integer, tensor.bound, tensor.sampler, frozen, tensor.place)


def _equations(registry: Registry, tensors: list[Tensor], kinds: dict[str, bool]) -> list[Equation]:
    equations: list[Equation] = []
    for draft in sorted(registry.drafts, key=lambda draft: draft.key):
        try:
            equations.append(finish(registry, draft, kinds))
        except SpecError as error:
            registry.agenda.fail(error, (), draft.blame)
    for tensor in tensors:
        if tensor.drafts and not registry.agenda.errors:
            _covered(registry, tensor)
    return equations


def _covered(registry: Registry, tensor: Tensor) -> None:
    _attempt(registry, lambda: check_cover(registry, tensor), tensor.drafts[0].blame)


def _check_sizes(registry: Registry) -> None:
    """Every size must be the extent of some input, so that arrays give it a value."""
    inputs = [tensor for tensor in registry.tensors.values() if tensor.role == "input"]
    extents = [extent for tensor in inputs for extent in tensor.shape or ()]
    for tensor in inputs:
        for extent in tensor.shape or ():
            registry.require(Extent.of(1), "<=", extent, f"{tensor.name} has an empty dimension", tensor.place)
    for tensor in registry.tensors.values():
        _check_elements(tensor)
    for name, place in registry.sizes.items():
        if Extent.size(name) not in extents:
            hint = f"one input must have the dimension {name} by itself"
            raise SpecError(f"the size {name!r} gets no value: it stands inside of a formula only", place, hint=hint)


def _check_elements(tensor: Tensor) -> None:
    known = [extent.constant for extent in tensor.shape or () if extent.constant is not None]
    if prod(known) > MAX_ELEMENTS:
        least = f"2**{MAX_ELEMENTS.bit_length() - 1}"
        raise SpecError(f"{tensor.name}{tensor.shown()} has more than {least} elements", tensor.place)


def _check_goals(registry: Registry, goals: Goals, kinds: dict[str, bool]) -> None:
    for name, full, place in goals.metrics:
        _require_scalar(registry, full, f"the metric {name!r}", place)
    if goals.objective is None:
        return
    full, place = goals.objective
    _require_scalar(registry, full, "what is minimised", place)
    if kinds[full]:
        raise SpecError("what is minimised is an integer and has no gradient", place)


def _require_scalar(registry: Registry, full: str, what: str, place: Place) -> None:
    tensor = registry.tensors[full]
    if tensor.shape:
        labels = ", ".join(tensor.labels)
        hint = f"reduce it, as in mean({labels}: {full}[{labels}])"
        raise SpecError(f"{what} is one number, and this has the shape {tensor.shown()}", place, hint=hint)


def _check_examples(registry: Registry, goals: Goals) -> None:
    seen: dict[str, Place] = {}
    for name, _, place in goals.examples:
        if name not in registry.sizes:
            known = ", ".join(registry.sizes)
            hint = nearest(name, registry.sizes) or (f"the sizes are {known}" if known else "it has none")
            raise SpecError(f"{name!r} is no size that is known at run time only", place, hint=hint)
        if name in seen:
            raise SpecError(f"{name!r} has two examples", place, also=seen[name])
        seen[name] = place


def _frozen(registry: Registry, goals: Goals) -> set[str]:
    """The parameters outside of `over`."""
    minimize, frame = goals.minimize, goals.frame
    if minimize is None or frame is None or minimize.over is None:
        return set()
    parameters = [tensor.name for tensor in registry.tensors.values() if tensor.role == "param"]
    chosen: set[str] = set()
    for name, whole_group in minimize.over:
        text = spell(name, frame, registry)
        full = registry.aliases.get(text, text)
        found = [p for p in parameters if (p.startswith(f"{text}.") if whole_group else p == full)]
        found += [real for alias, real in registry.aliases.items() if whole_group and alias.startswith(f"{text}.")]
        if not found:
            hint = nearest(text, [*parameters, *registry.groups])
            if text in registry.groups and not whole_group:
                hint = f"all parameters of the call are {text}.*"
            message = f"{text}.* has no parameters" if whole_group else f"{text!r} is no parameter"
            raise SpecError(message, name.place, hint=hint)
        chosen.update(found)
    return {name for name in parameters if name not in chosen}
