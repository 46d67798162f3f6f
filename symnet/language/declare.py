"""Declarations: the shapes of inputs, parameters, states and random tensors.

A dimension is a size (`64`, `N`), an index that has its extent already (`o`), or gives one (`o: units`); in an input
a capital name that is new becomes a size known at run time. `D: 64` gives a size its value.
"""

from __future__ import annotations

from dataclasses import dataclass

from symnet.errors import Place, SpecError, nearest
from symnet.language import tree
from symnet.language.agenda import Broken
from symnet.language.extents import Extent
from symnet.language.formulas import Writer, spell
from symnet.language.samplers import sampler
from symnet.language.survey import plain_name, walk
from symnet.language.symbols import Frame, Known, Registry, Tensor, capital, check_name
from symnet.language.values import as_extent, size

_POOL = ("i", "j", "k", "l", "p", "q", "r", "s")


@dataclass
class Axes:
    """The dimensions of a declaration, read one after the other. `declared` is updated, never changed in place."""

    registry: Registry
    frame: Frame
    fresh: bool  # whether a capital name may become a size known at run time

    def read(self, dims: tuple[tree.Dimension, ...]) -> tuple[list[Extent], tuple[str, ...], dict[str, Known]]:
        """The extents, an index name for each, and the extents that index names now have."""
        self.declared: dict[str, Known] = dict(self.frame.declared)
        extents: list[Extent] = []
        labels: list[str | None] = []
        for dim in dims:
            if isinstance(dim, tree.Ellipsis_):
                run = self.frame.scope.run if self.frame.scope else None
                if run is None:
                    raise SpecError("`...` stands for nothing here: a declaration gives its sizes", dim.place)
                extents += [extent for _, extent in run]
                labels += [label for label, _ in run]
                continue
            extents.append(self._axis(dim))
            labels.append(self._label(dim))
        return extents, _named(labels), self.declared

    def _label(self, dim: tree.Dimension) -> str | None:
        name = dim.name if isinstance(dim, tree.Ranged) else plain_name(dim) if isinstance(dim, tree.Plain) else None
        return None if name is None else name.lower() if capital(name) else name

    def _axis(self, dim: tree.Dimension) -> Extent:
        match dim:
            case tree.Joined():
                product = Extent.of(1)
                for part in dim.parts:
                    product = product * self._axis(part)
                return product
            case tree.Ranged():
                return self._given(dim)
            case tree.Plain():
                name = plain_name(dim)
                return self._size(dim.value) if name is None else self._name(name, dim)
        raise SpecError("`...` stands for nothing here", dim.place)

    def _given(self, dim: tree.Ranged) -> Extent:
        if dim.low is not None or dim.name == "...":
            raise SpecError("a declaration gives the extent of an index, as in i: 64", dim.place)
        extent = self._size(dim.high)
        known = self.frame.value(dim.name)
        if known is not None and as_extent(known) == extent and capital(dim.name):
            return extent
        Writer(self.registry).check_index(dim.name, dim.place, self.frame)
        if capital(dim.name) and self.frame.scope is not None:
            self.frame.scope.sizes[dim.name] = size(extent)
        else:
            self.declared[dim.name] = Known(extent, dim.place, f"the extent of {dim.name} given here")
        return extent

    def _name(self, name: str, dim: tree.Plain) -> Extent:
        if name in self.declared:
            return self.declared[name].extent
        if self.frame.value(name) is not None or capital(name):
            return self._size(dim.value)
        check_name(name, dim.place)
        if self.frame.scope is not None and name in self.frame.scope.failed:
            raise Broken
        hint = nearest(name, self.declared) or f"give it, as in {name}: 32"
        raise SpecError(f"the index {name!r} has no extent yet", dim.place, hint=hint)

    def _size(self, node: tree.Expression) -> Extent:
        name = plain_name(node)
        scope = self.frame.scope
        if name is not None and capital(name) and self.frame.value(name) is None and scope is not None:
            if not self.fresh:
                hint = (
                    nearest(name, [*scope.sizes, *self.frame.values])
                    or f"give it a value: {name}: 64, or const {name} = 64"
                )
                raise SpecError(f"unknown size {name!r}", node.place, hint=hint)
            check_name(name, node.place)
            Writer(self.registry).check_index(name, node.place, self.frame)
            self.registry.sizes[name] = node.place
            scope.sizes[name] = size(Extent.size(name))
        self._check_sizes(node)
        return Writer(self.registry).extent(node, self.frame, "a size")

    def _check_sizes(self, node: tree.Expression) -> None:
        for inner in walk(node):
            name = plain_name(inner)
            if self.fresh and name is not None and capital(name) and self.frame.value(name) is None:
                hint = f"an input before has it as a dimension of its own: input x[{name}]"
                raise SpecError(f"the size {name!r} has no value yet", inner.place, hint=hint)


def _named(labels: list[str | None]) -> tuple[str, ...]:
    """Each axis with a name of its own: what the declaration says, or i, j, k, …"""
    named: list[str] = []
    taken = {label for label in labels if label is not None}
    for label in labels:
        choice = label
        if choice is None or choice in named:
            pool = [name for name in _POOL if name not in taken and name not in named]
            choice = pool[0] if pool else f"i{len(named) + 1}"
        named.append(choice)
    return tuple(named)


def declared_tensor(
    registry: Registry, node: tree.Input | tree.Declaration, full: str, frame: Frame, key: tuple[int, ...]
) -> tuple[Tensor, dict[str, Known]]:
    """The tensor of a declaration, and the extents that index names have after it. Raises SpecError."""
    role = "input" if isinstance(node, tree.Input) else node.role
    extents, labels, declared = Axes(registry, frame, fresh=role == "input").read(node.dims or ())
    if role in ("param", "state"):
        _require_known(extents, full, role, node.place)
    bound = None
    if isinstance(node, tree.Input) and node.bound is not None:
        bound = Writer(registry).extent(node.bound, frame, "the bound of an integer input")
    given = None
    if node.sampler is not None:
        if bound is not None:
            raise SpecError("an integer input is drawn from 0 to its bound", node.sampler.place)
        given = sampler(node.sampler, role, tuple(extents), frame, registry)
    tensor = Tensor(full, role, key, node.place, list(extents), labels, bound, given)
    return tensor, declared


def _require_known(extents: list[Extent], full: str, role: str, place: Place) -> None:
    for extent in extents:
        if extent.sizes:
            what = "parameter" if role == "param" else "state"
            hint = f"give the size a value where it is declared, as in {extent.sizes[0]}: 64, or as a const"
            raise SpecError(f"the {what} {full!r} needs the size {extent}, known only at run time", place, hint=hint)


def local_name(name: tree.Name, frame: Frame, registry: Registry) -> str:
    """The name that a declaration or an equation defines. Raises SpecError for dots and words of the language."""
    text = spell(name, frame, registry)
    if "." in text:
        raise SpecError(f"{text!r} belongs to a layer call and is defined there", name.place)
    check_name(text, name.place)
    return text
