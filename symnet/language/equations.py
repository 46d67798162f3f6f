"""Equations of the text to drafts: the left side read, the mode told, the formula written.

An equation is indexed if brackets or a binder occur in it, else it is one of whole tensors, which get the indices
of their widest operand. Calls of layers inside of the formula become tensors of their own before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from symnet.errors import Place, SpecError
from symnet.language import tree
from symnet.language.agenda import Job, Key, Wait
from symnet.language.arguments import callee
from symnet.language.constants import LayerResult
from symnet.language.extents import Extent
from symnet.language.formulas import Writer, spell
from symnet.language.infer import infer, undetermined
from symnet.language.network import Expr, Index, Op
from symnet.language.survey import Survey, plain_name, survey, walk
from symnet.language.symbols import Draft, Fact, Frame, Known, Registry, Run, Span, Tensor
from symnet.language.values import Items, fold, size


@dataclass(frozen=True, slots=True)
class Text:
    """An equation as the text has it: `target` is the full name, `dims` what stands in brackets after it.

    `remedy` is the hint for an index that nothing binds, where it is not the usual one.
    """

    target: str
    dims: tuple[tree.Dimension, ...] | None
    value: tree.Expression
    scatter: bool
    frame: Frame
    place: Place
    remedy: str = ""


def is_layer(node: tree.Call, frame: Frame) -> bool:
    """Whether this call is one of a layer."""
    found = callee(node.name, frame)
    return found is not None and isinstance(found.definition, tree.Layer)


def take_stock(text: Text, registry: Registry) -> Survey:
    """What the formula of an equation contains."""
    frame = text.frame
    return survey(
        *(text.dims or ()),
        text.value,
        is_layer=lambda node: is_layer(node, frame),
        is_list=lambda node: isinstance(frame.value(spell(node.name, frame, registry)), Items),
    )


def equation_job(registry: Registry, text: Text, key: Key, stock: Survey, layers: dict[int, LayerResult]) -> Job:
    """The job that turns the equation into a draft once the shapes it needs are known."""

    def act(forced: bool) -> None:
        draft = draft_of(registry, text, key, stock, layers)
        tensor = registry.tensor(text.target)
        tensor.drafts.append(draft)
        registry.drafts.append(draft)
        draft.blame = blame(text.frame)
        registry.agenda.add(infer_job(registry, draft))

    return Job(key, act, (text.target,), text.place, blame=blame(text.frame))


def infer_job(registry: Registry, draft: Draft) -> Job:
    """The job that finds the extents of a draft."""
    return Job(
        draft.key,
        lambda forced: infer(registry, draft, forced),
        (draft.target,),
        draft.place,
        explain=lambda: undetermined(draft),
        blame=draft.blame,
    )


def blame(frame: Frame) -> Place | None:
    """The call that the frame belongs to: errors in a layer name it as the other place."""
    return frame.scope.place if frame.scope else None


def draft_of(registry: Registry, text: Text, key: Key, stock: Survey, layers: dict[int, LayerResult]) -> Draft:
    """The draft of an equation. Raises Wait for shapes that it needs, SpecError for what means nothing."""
    tensor = registry.tensor(text.target)
    indexed = stock.indexed or text.dims is not None
    if not indexed:
        return _whole(registry, text, key, stock, layers, tensor)
    frame = replace(text.frame, template=_template(registry, text, stock))
    writer = Writer(registry, layers=layers, binders=stock.binders, remedy=text.remedy)
    left = _Left(writer, frame, text)
    inner = replace(frame, indices=left.indices, run=left.run)
    places = left.places(inner)
    value = writer.expr(text.value, inner)
    if tensor.extents is None:
        tensor.extents = [None] * len(places)
        tensor.labels = left.labels
    elif len(tensor.extents) != len(places):
        message = f"{text.target!r} has {len(tensor.extents)} dimensions, and {len(places)} indices are written here"
        raise SpecError(message, text.place, also=tensor.place)
    return _draft(text, key, writer, places, left.spans, tuple(left.free), value)


def _draft(
    text: Text,
    key: Key,
    writer: Writer,
    places: tuple[Expr, ...],
    spans: list[Span],
    free: tuple[str, ...],
    value: Expr,
) -> Draft:
    facts = [Fact(text.target, axis, place, False, text.place, True) for axis, place in enumerate(places)]
    for ref in writer.reads:
        place = ref.place or text.place
        facts += [Fact(ref.tensor, a, i, ref.default is not None, place) for a, i in enumerate(ref.indices)]
    return Draft(
        key=key,
        target=text.target,
        places=places,
        spans=tuple(spans),
        free=free,
        value=value,
        scatter=text.scatter,
        place=text.place,
        bound=tuple(writer.bound),
        extents=writer.extents,
        given=writer.given,
        fallback=writer.fallback,
        reads=writer.reads,
        facts=tuple(facts),
    )


# --- whole tensors ---------------------------------------------------------------------------------


def _whole(
    registry: Registry, text: Text, key: Key, stock: Survey, layers: dict[int, LayerResult], tensor: Tensor
) -> Draft:
    operands = _operands(registry, text, stock, layers)
    missing = [operand.name for operand in operands if operand.shape is None]
    if missing:
        raise Wait(missing)
    widest = max(operands, key=lambda operand: len(operand.extents or ()), default=None)
    labels = () if widest is None else widest.labels
    if tensor.extents is None:
        tensor.extents, tensor.labels = [None] * len(labels), labels
    elif not labels:
        labels = tensor.labels
    if len(tensor.extents) != len(labels):
        message = f"{text.target!r} has the shape {tensor.shown()}, and the formula has {len(labels)} dimensions"
        raise SpecError(message, text.place, also=tensor.place)
    writer = Writer(registry, whole=labels, layers=layers)
    writer.used |= set(labels)
    value = writer.expr(text.value, text.frame)
    places = tuple(Index(label) for label in labels)
    return _draft(text, key, writer, places, [Span((label,), Extent()) for label in labels], labels, value)


def _operands(registry: Registry, text: Text, stock: Survey, layers: dict[int, LayerResult]) -> list[Tensor]:
    """The tensors that a formula of whole tensors reads."""
    writer = Writer(registry)
    names = [layers[id(call)].tensor for call in stock.layers]
    for access in stock.accesses:
        plain = plain_name(access)
        if plain is not None and (plain in text.frame.indices or text.frame.value(plain) is not None):
            continue
        name = spell(access.name, text.frame, registry) + "'" * access.primed
        full = writer.lookup(name, text.frame)
        names += [] if full is None else [full]
    return [registry.tensor(name) for name in dict.fromkeys(names)]


# --- the left side ---------------------------------------------------------------------------------


class _Left:
    """The left side of an indexed equation: its free indices, and where it writes.

    Plain indices and ranges bind indices. A scatter may write anywhere: the unknown bare names in its index
    expressions are its indices.
    """

    def __init__(self, writer: Writer, frame: Frame, text: Text) -> None:
        self.writer = writer
        self.frame = frame
        self.text = text
        self.indices: dict[str, Expr] = dict(frame.indices)
        self.free: list[str] = []
        self.run: tuple[Expr, ...] | None = None
        self.spans: list[Span] = []
        self._given: dict[int, tuple[Expr, ...]] = {}  # by the dimension: index expressions found when binding
        for dim in text.dims or ():
            self._bind_dim(dim)

    @property
    def labels(self) -> tuple[str, ...]:
        """Index names that suit the axes of the target, one each."""
        labels: list[str] = []
        for axis, span in enumerate(self.spans):
            name = span.indices[0] if len(span.indices) == 1 else f"i{axis + 1}"
            labels.append(name if name not in labels else f"{name}{axis + 1}")
        return tuple(labels)

    def places(self, inner: Frame) -> tuple[Expr, ...]:
        """The index expressions of the target, one per axis."""
        places: list[Expr] = []
        for dim in self.text.dims or ():
            found = self._given.get(id(dim))
            places += self.writer.dim(dim, inner) if found is None else found
        return tuple(places)

    def _bind_dim(self, dim: tree.Dimension) -> None:
        before = len(self.free)
        match dim:
            case tree.Ellipsis_():
                self._given[id(dim)] = self._bind_run(dim)
                self.spans += [Span((name,), Extent()) for name in self.free[before:]]
            case tree.Ranged():
                self._given[id(dim)] = (self._bind_range(dim),)
                low = None if dim.low is None else self.writer.extent(dim.low, self.frame, "a range's start", least=0)
                self.spans.append(Span((self.free[-1],), low or Extent()))
            case tree.Joined():
                self._given[id(dim)] = (self._bind_joined(dim),)
                self.spans.append(Span(tuple(self.free[before:]), Extent()))
            case tree.Plain():
                self._bind_plain(dim)

    def _bind_plain(self, dim: tree.Plain) -> None:
        name = plain_name(dim)
        if name is not None and self._is_index(name, dim.place):
            self._given[id(dim)] = (self._bind(name, dim.place),)
            self.spans.append(Span((name,), Extent()))
        elif self.text.scatter:
            self._bind_inside(dim)
            self.spans.append(Span((), None))
        else:
            self._given[id(dim)] = (self._position(dim),)

    def _position(self, dim: tree.Plain) -> Expr:
        for node in walk(dim.value):
            bare = plain_name(node)
            if isinstance(node, tree.Access) and (bare is None or self.frame.value(bare) is None):
                hint = "to write with a stride, join indices: y[n, (i, p: 2)] = …; to write where a tensor says, use +="
                raise SpecError("the left side takes plain indices, ranges and numbers", dim.place, hint=hint)
        low = self.writer.extent(dim.value, self.frame, "a position", least=0)
        self.spans.append(Span((), low))
        return size(low)

    def _bind_inside(self, dim: tree.Plain) -> None:
        for node in walk(dim.value):
            name = plain_name(node)
            known = name is None or name in self.indices or self.frame.value(name) is not None
            scope = self.frame.scope
            if name is None or known or (scope is not None and name in scope.names) or name == "training":
                continue
            self._bind(name, node.place)

    def _is_index(self, name: str, place: Place) -> bool:
        """False for a loop variable, whose number is a position; raises SpecError for other names that are taken."""
        scope = self.frame.scope
        if scope is not None and name in scope.loops and self.frame.value(name) is not None:
            return False
        if self.text.scatter and scope is not None and name in scope.names:
            return False
        self.writer.check_index(name, place, self.frame)
        return True

    def _bind(self, name: str, place: Place) -> Expr:
        if name in self.free:
            if self.text.scatter:
                return Index(name)
            hint = "a diagonal is read, not written; to write part of a tensor, scatter with +="
            raise SpecError(f"the index {name!r} stands twice on the left", place, hint=hint)
        self.free.append(name)
        self.writer.used.add(name)
        self.indices[name] = Index(name)
        if name in self.frame.declared:
            self.writer.fallback[name] = self.frame.declared[name]
        return Index(name)

    def _bind_range(self, dim: tree.Ranged) -> Expr:
        if dim.name == "...":
            raise SpecError("`...` takes no extent", dim.place)
        self.writer.check_index(dim.name, dim.place, self.frame)
        index = self._bind(dim.name, dim.place)
        high = self.writer.extent(dim.high, self.frame, "the extent of an index", least=0 if dim.low is not None else 1)
        if dim.low is None:
            self.writer.extents[dim.name] = Known(high, dim.place, "the extent given here")
            return index
        low = self.writer.extent(dim.low, self.frame, "a range's start", least=0)
        length = high - low
        if length.constant is not None and length.constant < 0:
            raise SpecError(f"the range {low}..{high} ends before it begins", dim.place)
        self.writer.extents[dim.name] = Known(length, dim.place, "the range given here")
        self.writer.given.add(dim.name)
        self.indices[dim.name] = fold("add", (index, size(low)), dim.place)
        return self.indices[dim.name]

    def _bind_joined(self, dim: tree.Joined) -> Expr:
        parts: list[Expr] = []
        for part in dim.parts:
            name = plain_name(part)
            if isinstance(part, tree.Ellipsis_):
                parts += self._bind_run(part)
            elif isinstance(part, tree.Ranged) and part.low is None:
                parts.append(self._bind_range(part))
            elif name is not None and self._is_index(name, part.place):
                parts.append(self._bind(name, part.place))
            else:
                raise SpecError("a joined index on the left takes plain indices, as in (h, k: 8)", part.place)
        return Op("join", tuple(parts))

    def _bind_run(self, dim: tree.Ellipsis_) -> tuple[Expr, ...]:
        if self.frame.template is None or self.run is not None:
            message = "`...` stands for nothing here" if self.run is None else "`...` stands twice on the left"
            raise SpecError(message, dim.place, hint="it stands for a run of indices of a tensor that is read with it")
        for name, extent in self.frame.template:
            self._bind(name, dim.place)
            self.writer.fallback.setdefault(name, Known(extent, dim.place, "`...`"))
        self.run = tuple(Index(name) for name, _ in self.frame.template)
        return self.run


# --- `...` outside of layers -----------------------------------------------------------------------


def _template(registry: Registry, text: Text, stock: Survey) -> Run | None:
    """What `...` stands for: the same in all of a layer; elsewhere told by the first tensor read with it."""
    scope = text.frame.scope
    if scope is not None and scope.run is not None:
        return scope.run
    dotted = [a for a in stock.accesses if any(isinstance(dim, tree.Ellipsis_) for dim in a.dims or ())]
    writer = Writer(registry)
    taken = {name for access in stock.accesses if (name := access.name.parts[0][0])} | set(stock.binders)
    for access in dotted:
        full = writer.lookup(spell(access.name, text.frame, registry) + "'" * access.primed, text.frame)
        if full is None or full == text.target:
            continue
        shape = registry.shape(full)
        dims = access.dims or ()
        first = next(i for i, dim in enumerate(dims) if isinstance(dim, tree.Ellipsis_))
        length = len(shape) - len(dims) + 1
        if length < 0:
            message = (
                f"{access.name} has {len(shape)} dimensions, and {len(dims) - 1} indices are written besides `...`"
            )
            raise SpecError(message, access.place)
        labels = clean_labels(registry.tensor(full).labels[first : first + length], lambda name: name in taken)
        return tuple(zip(labels, shape[first : first + length], strict=True))
    return None


def clean_labels(labels: tuple[str, ...], taken: Callable[[str], bool]) -> tuple[str, ...]:
    """Index names, all different, none of them taken."""
    found: list[str] = []
    for label in labels:
        name, number = label, 2
        while taken(name) or name in found:
            name, number = f"{label}{number}", number + 1
        found.append(name)
    return tuple(found)
