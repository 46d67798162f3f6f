"""What the resolver knows while it works: tensors, scopes, and the drafts of equations.

    Registry   everything that belongs to the whole network
    Scope      one namespace: of the spec, or of one layer call
    Frame      what the names in one formula mean
    Tensor     a tensor whose shape may not be known yet
    Draft      an equation whose extents may not be known yet

In a draft the binders of a Reduce have no extents yet, and a joined index is `Op("join", parts)`.
"""

from __future__ import annotations

import keyword
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from symnet.errors import Place, SpecError, nearest
from symnet.language import tree
from symnet.language.agenda import Agenda, Key, Wait
from symnet.language.extents import Extent
from symnet.language.network import Condition, Expr, Ref, Sampler
from symnet.language.values import Definition, Value

MAX_STATEMENTS = 50_000

UNKNOWN = Extent()  # stands where the extent of a binder will be

UNARY = "exp log sqrt sin cos tan tanh sinh cosh arctan erf abs sign step floor sigmoid softplus log1p expm1 stop"
PRIMITIVES: dict[str, int] = {**dict.fromkeys(UNARY.split(), 1), "where": 3, "max2": 2, "min2": 2, "pow": 2}
REDUCTIONS = ("sum", "mean", "prod", "max", "min", "argmax", "argmin")
_RESERVED = {*PRIMITIVES, *REDUCTIONS, "len", "inf", "training"}


# --- names -----------------------------------------------------------------------------------------


def check_name(name: str, place: Place) -> None:
    """Raises SpecError for a name that a tensor, constant, index or definition may not bear."""
    if keyword.iskeyword(name):
        raise SpecError(f"{name!r} is a keyword of Python and cannot be a name", place)
    if name in _RESERVED:
        raise SpecError(f"{name!r} is a word of the language and cannot be a name", place)


def count(number: int, noun: str) -> str:
    """`1 result`, `2 results`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def capital(name: str) -> bool:
    """Whether the name is one for a size."""
    return name[:1].isupper()


@dataclass(frozen=True, slots=True)
class Known:
    """An extent, and where it came from; `proper` if a tensor has it, so that it is checked there."""

    extent: Extent
    place: Place
    origin: str
    proper: bool = False


# --- drafts ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Span:
    """What an equation covers of one axis of its target.

    An index or joined indices that cover all of it; a range from `low` on as long as the index; or, without any
    index, the one place `low`. Without both, an expression in a scatter.
    """

    indices: tuple[str, ...]
    low: Extent | None


@dataclass(frozen=True, slots=True)
class Fact:
    """That `expr` stands at this axis of this tensor, in a read or on the left. `guarded`: the read has an `else`."""

    tensor: str
    axis: int
    expr: Expr
    guarded: bool
    place: Place
    left: bool = False


@dataclass(eq=False)
class Draft:
    """An equation with its names resolved; `extents` fills up as shapes become known.

    `free` and `bound` are its indices, `given` those whose range the equation itself gives (they may cover a part
    of a tensor), `fallback` extents that hold where nothing else tells.
    """

    key: Key
    target: str
    places: tuple[Expr, ...]
    spans: tuple[Span, ...]
    free: tuple[str, ...]
    value: Expr
    scatter: bool
    place: Place
    bound: tuple[str, ...] = ()
    extents: dict[str, Known] = field(default_factory=dict)
    given: set[str] = field(default_factory=set)
    fallback: dict[str, Known] = field(default_factory=dict)
    reads: list[Ref] = field(default_factory=list)
    facts: tuple[Fact, ...] = ()
    blame: Place | None = None  # the call whose layer it stands in


@dataclass(eq=False)
class Tensor:
    """A tensor on its way into the network. `extents` is None while its rank is unknown.

    `equations` and `scatters` count what the text has for it; `drafts` are those read so far.
    """

    name: str
    role: str
    key: Key
    place: Place
    extents: list[Extent | None] | None = None
    labels: tuple[str, ...] = ()  # index names that suit its axes
    bound: Extent | None = None
    sampler: Sampler | None = None
    equations: int = 0
    scatters: int = 0
    drafts: list[Draft] = field(default_factory=list)

    @property
    def shape(self) -> tuple[Extent, ...] | None:
        """The extents, once all are known."""
        if self.extents is None:
            return None
        known = tuple(extent for extent in self.extents if extent is not None)
        return known if len(known) == len(self.extents) else None

    def shown(self) -> str:
        """The shape for errors: `[N, 64]`."""
        axes = ["?" if extent is None else str(extent) for extent in self.extents or ()]
        return f"[{', '.join(axes)}]"


# --- scopes ----------------------------------------------------------------------------------------

Run = tuple[tuple[str, Extent], ...]


@dataclass(eq=False)
class Scope:
    """One namespace. `prefix` begins the full names of its tensors, `run` is what `...` stands for.

    `names` maps local names of tensors to full ones, `results` are the local names that stand for the targets of
    the call, `donor` is the path of the call whose parameters are used, where there is one, `loops` are the loop
    variables, whose numbers may stand on the left, `failed` are indices of declarations that failed, and `place` is
    where the call stands.
    """

    prefix: str
    names: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, Value] = field(default_factory=dict)
    run: Run | None = None
    results: frozenset[str] = frozenset()
    depth: int = 0
    path: str = ""
    donor: str | None = None
    loops: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Closure:
    """An argument of a function, with the frame in which its names have their meaning."""

    value: tree.Expression
    frame: Frame


@dataclass(frozen=True, slots=True)
class Frame:
    """What names mean in a formula.

    scope      the namespace, None in the body of a function
    values     constants, loop variables and constant formals
    indices    the visible indices
    run        what `...` in brackets stands for, None where it means nothing yet
    template   names and extents for the indices that a `...` on the left or in a binder makes
    arguments  of the function whose body this is
    aliases    the variable of a reduction over parameters, by the parameter's full name
    declared   extents that declarations gave to index names
    """

    home: Mapping[str, Definition]
    scope: Scope | None = None
    values: Mapping[str, Value] = field(default_factory=dict)
    indices: Mapping[str, Expr] = field(default_factory=dict)
    run: tuple[Expr, ...] | None = None
    template: Run | None = None
    arguments: Mapping[str, Closure | Value] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    declared: Mapping[str, Known] = field(default_factory=dict)

    def value(self, name: str) -> Value | None:
        """The compile-time value of this name, if it has one."""
        if name in self.values:
            return self.values[name]
        return self.scope.sizes.get(name) if self.scope else None


# --- the network as it grows -----------------------------------------------------------------------

BodyReader = Callable[["Registry", tree.Layer, Scope, Frame, Key, Mapping[str, Known]], None]


@dataclass(eq=False)
class Registry:
    """Everything that belongs to the whole network, as it grows."""

    training: bool
    spec_home: Mapping[str, Definition]
    library: Mapping[str, Definition]
    agenda: Agenda = field(default_factory=Agenda)
    sizes: dict[str, Place] = field(default_factory=dict)
    tensors: dict[str, Tensor] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)  # full names that stand for other tensors
    bounds: dict[str, Extent] = field(default_factory=dict)  # of the integer inputs
    drafts: list[Draft] = field(default_factory=list)
    groups: dict[str, tuple[Key, str]] = field(default_factory=dict)
    calls: dict[str, Definition] = field(default_factory=dict)  # path of an expanded call to its definition
    conditions: dict[tuple[Extent, str, Extent], Condition] = field(default_factory=dict)
    next_state: dict[str, str] = field(default_factory=dict)
    parameters_known: bool = False
    statements: int = 0
    read_body: BodyReader | None = None  # reads the body of a layer in the scope of a call
    _words: dict[int, frozenset[str]] = field(default_factory=dict)

    def words_of(self, layer: tree.Layer, find: Callable[[tree.Layer], frozenset[str]]) -> frozenset[str]:
        """The words in the definition of a layer, found once."""
        if id(layer) not in self._words:
            self._words[id(layer)] = find(layer)
        return self._words[id(layer)]

    def home(self, definition: Definition) -> Mapping[str, Definition]:
        """The definitions that the body of this one may call: a library never sees those of a spec."""
        return self.library if self.library.get(definition.name) is definition else self.spec_home

    def spend(self, place: Place) -> None:
        """Counts a statement. Raises SpecError when there are too many."""
        self.statements += 1
        if self.statements > MAX_STATEMENTS:
            raise SpecError(f"the spec grows to more than {MAX_STATEMENTS} statements", place)

    def add(self, tensor: Tensor) -> None:
        """Takes in a new tensor. Raises SpecError if its name is taken."""
        old = self.tensors.get(tensor.name)
        if old is not None:
            hint = "a tensor is defined once, or by several equations with disjoint ranges: y[n, j: 0..8] = …"
            raise SpecError(f"{tensor.name!r} is defined twice", tensor.place, hint=hint, also=old.place)
        if self.parameters_known and tensor.role == "param":
            hint = "the call that brings it reads a sum over params or weights: let it read something else"
            raise SpecError(
                f"the parameter {tensor.name!r} comes after parameters were summed", tensor.place, hint=hint
            )
        self.tensors[tensor.name] = tensor
        if tensor.bound is not None:
            self.bounds[tensor.name] = tensor.bound
        self.agenda.announce(tensor.name)

    def unique(self, name: str) -> str:
        """This full name, or with the first number from 2 on that makes it free."""
        if name not in self.tensors and name not in self.groups:
            return name
        number = 2
        while f"{name}{number}" in self.tensors or f"{name}{number}" in self.groups:
            number += 1
        return f"{name}{number}"

    def tensor(self, name: str) -> Tensor:
        """The tensor of this full name. Raises Wait before it exists, Broken if it never will."""
        name = self.aliases.get(name, name)
        self.agenda.guard(name)
        found = self.tensors.get(name)
        if found is None:
            raise Wait([name])
        return found

    def shape(self, name: str) -> tuple[Extent, ...]:
        """The shape of this tensor. Raises Wait before it is known."""
        tensor = self.tensor(name)
        shape = tensor.shape
        if shape is None:
            raise Wait([tensor.name])
        return shape

    def require(
        self, left: Extent, relation: str, right: Extent, message: str, place: Place, also: Place | None = None
    ) -> None:
        """Proves `left == right` or `left <= right`, or leaves it as a condition for run time.

        Raises SpecError where it is false for all sizes.
        """
        if left == right:
            return
        constants = left.constant, right.constant
        if relation == "<=" and None not in constants and (left.constant or 0) <= (right.constant or 0):
            return
        below, above = right.at_least(left), left.at_least(right)
        if (below and above) if relation == "==" else below:
            return
        fails = left.at_least(right + 1) or (relation == "==" and right.at_least(left + 1))
        if fails:
            raise SpecError(message, place, also=also)
        self.conditions.setdefault((left, relation, right), Condition(left, relation, right, message, place))


def suggest(name: str, frame: Frame, registry: Registry, extra: tuple[str, ...] = ()) -> str:
    """`did you mean …?` among everything that is visible in the frame."""
    scope = frame.scope
    known = [*frame.values, *frame.indices, *frame.arguments, *extra]
    if scope is not None:
        known += [*scope.names, *scope.sizes]
        cut = len(scope.prefix)
        known += [full[cut:] for full in registry.tensors if full.startswith(scope.prefix)] if "." in name else []
    return nearest(name, known)
