"""The opening of a layer's scope: arguments bound to formals, shapes matched, sizes named."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from symnet.errors import Place, SpecError
from symnet.language import tree
from symnet.language.agenda import Key, Wait
from symnet.language.arguments import bind, require_all
from symnet.language.equations import clean_labels
from symnet.language.extents import Extent
from symnet.language.formulas import Writer, spell
from symnet.language.network import Ref
from symnet.language.survey import plain_name, walk
from symnet.language.symbols import Frame, Known, Registry, Scope, Tensor, capital, check_name, count
from symnet.language.values import Value, size


@dataclass(eq=False)
class CallFrame:
    """A call of a layer with its arguments by the names of the formals. `tensors` are those that have one already."""

    path: str
    definition: tree.Layer
    bound: tuple[tuple[str, Value], ...]
    call: tree.Call
    frame: Frame
    given: dict[str, tree.Argument | Value] = field(default_factory=dict)
    tensors: dict[str, str] = field(default_factory=dict)

    def tensor_arguments(self, registry: Registry) -> list[tuple[str, tree.Expression]]:
        """The arguments for tensor formals. Raises SpecError if the arguments do not fit the formals."""
        layer = self.definition
        self.given = bind(layer.name, layer.formals, self.call, self.bound, ("params",))
        require_all(layer.name, layer.formals, self.given, self.call.place)
        found: list[tuple[str, tree.Expression]] = []
        for formal in layer.formals:
            argument = self.given.get(formal.name)
            if formal.dims is None:
                continue
            if not isinstance(argument, tree.Argument) or isinstance(argument.value, tree.Ellipsis_):
                raise SpecError(f"{layer.name} needs a tensor for {formal.name!r}", self.call.place)
            found.append((formal.name, argument.value))
        return found

    def tensor(self, formal: str, registry: Registry) -> Tensor:
        """The tensor for this formal. Raises Wait before its shape is known, SpecError if there is none."""
        full = self.tensors.get(formal)
        if full is None:
            argument = self.given[formal]
            assert isinstance(argument, tree.Argument) and isinstance(argument.value, tree.Access)
            full = self._named(argument.value, formal, registry)
        registry.shape(full)
        return registry.tensor(full)

    def _named(self, access: tree.Access, formal: str, registry: Registry) -> str:
        writer = Writer(registry)
        expr = writer.expr(access, self.frame)
        if writer.reads and expr is writer.reads[-1]:
            return writer.reads[-1].tensor
        raise SpecError(f"{self.definition.name} needs a tensor for {formal!r}", access.place)


def open_call(
    registry: Registry, opened: CallFrame, targets: tuple[str, ...], depth: int, key: Key
) -> tuple[Scope, Frame, dict[str, Known]]:
    """The scope of a call, its frame, and the extents of the indices that its formals name.

    Raises Wait for shapes, and SpecError for arguments that do not fit.
    """
    layer, call = opened.definition, opened.call
    donor = _donor(registry, opened)
    tensors = {f.name: opened.tensor(f.name, registry) for f in layer.formals if f.dims is not None}
    results = [str(result.name) for result in layer.results]
    if layer.value is None and len(targets) > len(results):
        raise SpecError(f"{layer.name} gives {count(len(results), 'result')}, and {len(targets)} are taken", call.place)
    prefix = opened.path + "."
    scope = Scope(prefix, path=opened.path, donor=donor, depth=depth, results=frozenset(results), place=call.place)
    scope.names |= {name: tensor.name for name, tensor in tensors.items()}
    scope.names |= dict(zip(results, targets, strict=False))
    for name in results[len(targets) :]:
        scope.names[name] = prefix + name
        registry.add(Tensor(prefix + name, "value", key, call.place))
    values: dict[str, Value] = {}
    frame = Frame(registry.home(layer), scope, values)
    late = _constants(registry, opened, frame, values)
    matcher = _Matcher(registry, opened, frame)
    for formal in layer.formals:
        if formal.dims is not None:
            matcher.match(formal, formal.dims, tensors[formal.name])
    for formal in late:
        assert formal.default is not None
        values[formal.name] = Writer(registry).value(formal.default, frame)
    return scope, frame, matcher.declared


def _donor(registry: Registry, opened: CallFrame) -> str | None:
    """The path of the call that `params=` names, or that the same call in the caller's donor has."""
    outer = opened.frame.scope
    argument = opened.given.get("params") if "params" not in {f.name for f in opened.definition.formals} else None
    path = None
    if isinstance(argument, tree.Argument) and not isinstance(argument.value, tree.Ellipsis_):
        if not isinstance(argument.value, tree.Access) or argument.value.dims is not None:
            raise SpecError(
                "params= takes the name of a layer call", argument.place, hint="as in params=a, after a = enc(x)"
            )
        local = spell(argument.value.name, opened.frame, registry)
        path = (outer.prefix if outer else "") + local
        if path not in registry.groups:
            raise SpecError(f"{local!r} is no layer call whose parameters could be shared", argument.place)
    elif outer is not None and outer.donor is not None and opened.path.startswith(outer.prefix):
        path = f"{outer.donor}.{opened.path[len(outer.prefix) :]}"
    if path is None:
        return None
    if path not in registry.calls:
        registry.agenda.guard(f"call {path}")
        raise Wait([f"call {path}"])
    if registry.calls[path] is not opened.definition:
        message = f"the parameters of {path} are those of another layer, {registry.calls[path].name}"
        raise SpecError(message, opened.call.place)
    return path


def _constants(registry: Registry, opened: CallFrame, frame: Frame, values: dict[str, Value]) -> list[tree.Formal]:
    """Gives the constant formals their values; returns those whose defaults use sizes of the tensors."""
    sizes = {name for formal in opened.definition.formals for name in _size_names(formal)}
    late: list[tree.Formal] = []
    for formal in opened.definition.formals:
        if formal.dims is not None:
            continue
        argument = opened.given.get(formal.name)
        if isinstance(argument, tree.Argument):
            assert not isinstance(argument.value, tree.Ellipsis_)
            values[formal.name] = _value(registry, opened, formal.name, argument.value)
        elif argument is not None:
            values[formal.name] = argument
        elif formal.default is not None and _names(formal.default) & (sizes | {f.name for f in late}):
            late.append(formal)
        elif formal.default is not None:
            values[formal.name] = Writer(registry).value(formal.default, frame)
    return late


def _value(registry: Registry, opened: CallFrame, formal: str, node: tree.Expression) -> Value:
    try:
        value = Writer(registry).value(node, opened.frame)
        shape = registry.shape(value.tensor) if isinstance(value, Ref) else ()
        if shape:
            raise SpecError(f"this is a tensor of {count(len(shape), 'dimension')}", node.place)
        return value
    except SpecError as error:
        if error.hint == "":
            error.hint = f"{formal!r} of {opened.definition.name} is a constant or a function"
        raise


def _names(node: tree.Expression) -> set[str]:
    return {name for inner in walk(node) if (name := plain_name(inner)) is not None}


def _size_names(formal: tree.Formal) -> list[str]:
    names = []
    stack = list(formal.dims or ())
    for dim in stack:
        if isinstance(dim, tree.Joined):
            stack += dim.parts
        elif isinstance(dim, tree.Ranged):
            names += [dim.name, *([n] if (n := plain_name(dim.high)) else [])]
        elif (name := plain_name(dim)) is not None:
            names.append(name)
    return names


class _Matcher:
    """Matches the shapes of arguments with the dimensions of formals: names sizes and indices, binds `...`."""

    def __init__(self, registry: Registry, opened: CallFrame, frame: Frame) -> None:
        self.registry = registry
        self.opened = opened
        self.frame = frame
        self.declared: dict[str, Known] = {}

    def match(self, formal: tree.Formal, dims: tuple[tree.Dimension, ...], tensor: Tensor) -> None:
        """Raises SpecError if the tensor's shape does not fit."""
        shape = tensor.shape or ()
        dots = [position for position, dim in enumerate(dims) if isinstance(dim, tree.Ellipsis_)]
        fixed = len(dims) - len(dots)
        if len(dots) > 1:
            raise SpecError("`...` stands twice in one formal", formal.place)
        if len(shape) < fixed or (not dots and len(shape) != fixed):
            least = "or more " if dots else ""
            message = f"{self.opened.definition.name} takes {formal.name} with {fixed} {least}dimensions"
            raise SpecError(
                f"{message}, and {tensor.name} has the shape {tensor.shown()}", self._place(formal), also=formal.place
            )
        axis = 0
        for dim in dims:
            if isinstance(dim, tree.Ellipsis_):
                length = len(shape) - fixed
                self._run(formal, tensor, axis, length)
                axis += length
                continue
            self._axis(dim, shape[axis], f"dimension {axis + 1} of {tensor.name}{tensor.shown()}", self._place(formal))
            axis += 1

    def _place(self, formal: tree.Formal) -> Place:
        argument = self.opened.given.get(formal.name)
        return argument.place if isinstance(argument, tree.Argument) else self.opened.call.place

    def _run(self, formal: tree.Formal, tensor: Tensor, axis: int, length: int) -> None:
        scope = self.frame.scope
        assert scope is not None
        extents = (tensor.shape or ())[axis : axis + length]
        if scope.run is None:
            words = self.registry.words_of(self.opened.definition, _words)
            labels = clean_labels(tensor.labels[axis : axis + length], lambda name: name in words)
            scope.run = tuple(zip(labels, extents, strict=True))
            return
        if len(scope.run) != length:
            first = count(len(scope.run), "dimension")
            message = f"`...` stands for {first} of the first argument and {length} of {tensor.name}"
            raise SpecError(f"{message}{tensor.shown()}", self._place(formal))
        for (_, extent), other in zip(scope.run, extents, strict=True):
            message = (
                f"the dimensions that `...` stands for differ: {extent}, and {other} in {tensor.name}{tensor.shown()}"
            )
            self.registry.require(extent, "==", other, message, self._place(formal))

    def _axis(self, dim: tree.Dimension, extent: Extent, origin: str, place: Place) -> None:
        match dim:
            case tree.Joined():
                self._joined(dim, extent, origin, place)
            case tree.Ranged() if dim.low is None:
                self._part(dim.high, extent, origin, place)
                self._name(dim.name, extent, dim.place, origin, place)
            case tree.Plain():
                name = plain_name(dim)
                if name is not None and not capital(name) and self.frame.value(name) is None:
                    self._name(name, extent, dim.place, origin, place)
                else:
                    self._part(dim.value, extent, origin, place)
            case _:
                raise SpecError("a formal's dimension is an index, a size, or an index with its size", dim.place)

    def _name(self, name: str, extent: Extent, where: Place, origin: str, place: Place) -> None:
        scope = self.frame.scope
        assert scope is not None
        if name in self.declared:
            known = self.declared[name].extent
            message = f"{name} is {known} in {self.declared[name].origin}, and {extent} in {origin}"
            self.registry.require(known, "==", extent, message, place)
            return
        Writer(self.registry).check_index(name, where, self.frame)
        if capital(name):
            scope.sizes[name] = size(extent)
        else:
            self.declared[name] = Known(extent, place, origin)

    def _part(self, node: tree.Expression, extent: Extent, origin: str, place: Place) -> None:
        """Names a size that is new, else requires the extent to be this one."""
        name = plain_name(node)
        scope = self.frame.scope
        assert scope is not None
        if name is not None and self.frame.value(name) is None and name not in scope.names:
            check_name(name, node.place)
            scope.sizes[name] = size(extent)
            return
        wanted = Writer(self.registry).extent(node, self.frame, "a size")
        message = f"{self.opened.definition.name} needs {wanted} in {origin}"
        self.registry.require(wanted, "==", extent, message, place, also=node.place)

    def _joined(self, dim: tree.Joined, extent: Extent, origin: str, place: Place) -> None:
        """Splits a dimension: of the sizes of its parts one may be new."""
        product = Extent.of(1)
        unknown: list[tree.Dimension] = []
        for part in dim.parts:
            known = self._known_part(part)
            if known is None:
                unknown.append(part)
            else:
                product = product * known
                self._axis(part, known, origin, place)
        if len(unknown) > 1:
            raise SpecError("of the joined sizes one may be unknown, not several", dim.place)
        if not unknown:
            self.registry.require(product, "==", extent, f"{origin} must be {product}", place, also=dim.place)
            return
        quotient = extent.divide_exactly(product)
        if quotient is None:
            raise SpecError(f"{origin} cannot be split: {product} does not divide {extent}", place, also=dim.place)
        self._axis(unknown[0], quotient, origin, place)

    def _known_part(self, part: tree.Dimension) -> Extent | None:
        node = part.high if isinstance(part, tree.Ranged) else part.value if isinstance(part, tree.Plain) else None
        name = plain_name(node)
        if node is None:
            raise SpecError("a joined index here has plain parts, as in (g: groups, c: C)", part.place)
        if name is not None and self.frame.value(name) is None:
            return self.declared[name].extent if name in self.declared else None
        return Writer(self.registry).extent(node, self.frame, "a size")


def _words(layer: tree.Layer) -> frozenset[str]:
    """Every word in the definition of a layer: the indices that `...` stands for must bear other names."""
    words: set[str] = set()
    stack: list[Any] = [layer.formals, layer.results, layer.body, layer.value]
    while stack:
        node = stack.pop()
        if isinstance(node, tuple):
            stack += node
        elif isinstance(node, str):
            words.add(node)
        elif is_dataclass(node) and not isinstance(node, Place):
            stack += [getattr(node, item.name) for item in fields(node)]
    return frozenset(words)
