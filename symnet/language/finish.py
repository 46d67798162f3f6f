"""Drafts to equations: extents put in, joined indices written out, every access proved to stay inside.

What cannot be proved at compile time becomes a condition on the sizes; an access through a tensor is checked when
the module runs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from symnet.errors import Place, SpecError
from symnet.language.extents import Extent
from symnet.language.facts import Deduction, Facts
from symnet.language.infer import check_rank
from symnet.language.kinds import is_integer
from symnet.language.linear import canonical, interval, strides_of
from symnet.language.network import Equation, Expr, Index, Op, Reduce, Ref
from symnet.language.symbols import Draft, Registry
from symnet.language.values import MAX_EXTENT, ZERO, fold, size


def finish(registry: Registry, draft: Draft, kinds: dict[str, bool]) -> Equation:
    """The equation that a draft becomes. Raises SpecError for extents in conflict and reads out of range."""
    return _Finisher(registry, draft, kinds).equation()


@dataclass(eq=False)
class _Finisher:
    registry: Registry
    draft: Draft
    kinds: dict[str, bool]
    facts: Facts = ()  # what is known to be at least 0 at the place that is being read

    def equation(self) -> Equation:
        draft = self.draft
        for name in (*draft.free, *draft.bound):
            if not draft.extents[name].proper:
                self._check_extent(name)
        for ref in draft.reads:
            check_rank(self.registry, ref, draft.place)
        value = self.expr(draft.value)
        target = Ref(draft.target, draft.places, place=draft.place)
        shape = self.registry.shape(draft.target)
        places = tuple(self.index(place) for place in draft.places)
        for axis, place in enumerate(draft.places):
            self._require_integer(place, draft.place)
            if draft.scatter or isinstance(place, Index):
                self._axis(target, place, shape[axis], axis)
        indices = tuple((name, draft.extents[name].extent) for name in draft.free)
        return Equation(draft.target, indices, places, value, draft.scatter, draft.place)

    def _check_extent(self, name: str) -> None:
        # An extent is at least 1, or 0 for a range that the equation itself gives.
        known = self.draft.extents[name]
        constant = known.extent.constant
        least = 0 if name in self.draft.given else 1
        if constant is not None and constant > MAX_EXTENT:
            raise SpecError(f"the index {name!r} has more than 2**40 values", known.place)
        message = f"the index {name!r} has {known.extent} values, from {known.origin}"
        self.registry.require(Extent.of(least), "<=", known.extent, message, known.place, self.draft.place)

    # --- rewriting ---

    def index(self, expr: Expr) -> Expr:
        """An index expression, in its canonical form where it is affine."""
        return self.expr(canonical(expr, self.draft.extents))

    def expr(self, expr: Expr) -> Expr:
        """The expression with extents in binders and joined indices as arithmetic."""
        match expr:
            case Ref():
                return self._ref(expr)
            case Op(name="join"):
                return self._join(expr)
            case Op():
                args = self._args(expr)
                return expr if all(a is b for a, b in zip(args, expr.args, strict=True)) else Op(expr.name, args)
            case Reduce():
                binders = tuple((name, self.draft.extents[name].extent) for name, _ in expr.binders)
                condition = None if expr.condition is None else self.expr(expr.condition)
                known = () if expr.condition is None else self._facts(expr.condition)
                return Reduce(expr.op, binders, condition, self._under(known, expr.body), expr.place)
        return expr

    def _args(self, op: Op) -> tuple[Expr, ...]:
        """The arguments, each under what is known where it counts."""
        if op.name not in ("where", "and", "or"):
            return tuple(self.expr(arg) for arg in op.args)
        first, *others = op.args
        ways = (op.name != "or",) if len(others) == 1 else (True, False)
        known = [self._facts(first, way) for way in ways]
        return self.expr(first), *(self._under(facts, arg) for facts, arg in zip(known, others, strict=True))

    def _facts(self, condition: Expr, holds: bool = True) -> Facts:
        return Deduction(self.kinds, self._always).facts(condition, holds)

    def _under(self, facts: Facts, expr: Expr) -> Expr:
        """The expression where these facts hold, too."""
        before, self.facts = self.facts, (*self.facts, *facts)
        try:
            return self.expr(expr)
        finally:
            self.facts = before

    def _join(self, join: Op) -> Expr:
        strides = strides_of(join.args, self.draft.extents)
        if strides is None:
            hint = "all parts but the first must be plain indices, so that their extents are known: (h, k)"
            raise SpecError("a joined index of formulas", self.draft.place, hint=hint)
        total: Expr | None = None
        for part, stride in zip(join.args, strides, strict=True):
            term = fold("mul", (self.expr(part), size(stride)), self.draft.place)
            total = term if total is None else fold("add", (total, term), self.draft.place)
        assert total is not None
        return total

    def _ref(self, ref: Ref) -> Ref:
        shape = self.registry.shape(ref.tensor)
        place = ref.place or self.draft.place
        states = []
        for axis, index in enumerate(ref.indices):
            self._require_integer(index, place)
            states.append(self._axis(ref, index, shape[axis], axis))
        indices = tuple(self.index(index) for index in ref.indices)
        default = None
        if ref.default is not None and not all(state == "inside" for state in states):
            default = self.expr(ref.default)
        elif "guarded" in states:
            default = ZERO  # it is not looked at
        return replace(ref, indices=indices, default=default, checked=default is None and "unknown" in states)

    def _require_integer(self, index: Expr, place: Place) -> None:
        if not is_integer(index, self.kinds):
            hint = "an integer input has a bound, as in input y[N] < 10; // divides integers, / gives a real number"
            raise SpecError("an index must be an integer, and this is a real number", place, hint=hint)

    # --- ranges ---

    def _axis(self, ref: Ref, index: Expr, extent: Extent, axis: int) -> str:
        """`inside`, proved or by a condition on sizes; `guarded`, which is inside where it counts; or `unknown`."""
        place = ref.place or self.draft.place
        if ref.default is None and self._guarded(index, extent):
            return "guarded"
        if ref.default is None and self._is_whole(index):
            self._equal(ref, index, extent, axis, place)
            return "inside"
        between = interval(index, self.draft.extents, self.registry.bounds)
        if between is None:
            return "unknown"
        low, high = between
        if low.at_least(0) and (extent - 1).at_least(high):
            return "inside"
        if ref.default is not None or self._reads(index):
            return "unknown"
        message = f"{ref.tensor}[…] reaches {low}..{high} in its dimension {axis + 1}, which holds 0..{extent - 1}"
        try:
            self.registry.require(Extent(), "<=", low, message, place)
            self.registry.require(high + 1, "<=", extent, message, place)
        except SpecError as error:
            what = "say what it is outside of the range, as in x[i - 1] else 0, or give the index a smaller extent"
            error.hint = (
                "a scatter must stay inside" if ref.tensor == self.draft.target and self.draft.scatter else what
            )
            error.also = self._origin_of(index)
            raise
        return "inside"

    def _guarded(self, index: Expr, extent: Extent) -> bool:
        """Whether the index stays inside because of the facts, and would not without them."""
        if not self.facts:
            return False
        ends = index, fold("sub", (size(extent - 1), index), self.draft.place)
        return all(map(self._holds, ends)) and not all(map(self._always, ends))

    def _holds(self, expr: Expr) -> bool:
        """Whether an integer is at least 0 at all points, or because of one of the facts."""
        return self._always(expr) or any(self._always(Op("sub", (expr, fact))) for fact in self.facts)

    def _always(self, expr: Expr) -> bool:
        between = interval(expr, self.draft.extents, self.registry.bounds)
        return between is not None and between[0].at_least(0)

    def _is_whole(self, index: Expr) -> bool:
        """Whether the access runs over all of the dimension: plain or joined indices without ranges of their own."""
        if isinstance(index, Index):
            return index.name not in self.draft.given
        if isinstance(index, Op) and index.name == "join":
            return all(isinstance(part, Index) and part.name not in self.draft.given for part in index.args)
        return False

    def _equal(self, ref: Ref, index: Expr, extent: Extent, axis: int, place: Place) -> None:
        parts = index.args if isinstance(index, Op) else (index,)
        names = [part.name for part in parts if isinstance(part, Index)]
        product = Extent.of(1)
        for name in names:
            product = product * self.draft.extents[name].extent
        if product == extent:
            return
        origins = [self.draft.extents[name] for name in names]
        shown = f"the index {names[0]!r} has" if len(names) == 1 else f"the joined index ({', '.join(names)}) has"
        shape = self.registry.tensors[ref.tensor].shown()
        where = f"dimension {axis + 1} of {ref.tensor}{shape}"
        message = f"{shown} {product} values, from {origins[0].origin}, and {where} has {extent}"
        try:
            self.registry.require(product, "==", extent, message, place, also=origins[0].place)
        except SpecError as error:
            smaller = product.constant is not None and extent.at_least(product)
            if smaller and len(names) == 1 and origins[0].origin == "the extent given here":
                error.hint = f"to take a part of it, give a range: {names[0]}: 0..{product}"
            raise

    def _reads(self, expr: Expr) -> bool:
        match expr:
            case Ref() | Reduce():
                return True
            case Op():
                return any(self._reads(arg) for arg in expr.args)
        return False

    def _origin_of(self, expr: Expr) -> Place | None:
        match expr:
            case Index():
                known = self.draft.extents.get(expr.name)
                return known.place if known and known.place != self.draft.place else None
            case Op():
                return next((found for arg in expr.args if (found := self._origin_of(arg))), None)
        return None
