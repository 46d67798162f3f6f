"""The work of stabilise: statements are rewritten in order, and rules may look at what defines what they read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce

import sympy as sp

from symnet.ir.affine import Affine
from symnet.ir.functions import CONDITIONS, INFINITY, both, lt, ne, sigmoid, softplus, stop, where
from symnet.ir.program import Access, Program, Statement, Tensor, fresh_name, leaf, leaf_number, statement
from symnet.language.extents import Extent
from symnet.passes.conditions import conditional_product
from symnet.passes.definitions import definition, instantiate
from symnet.passes.simplify import renamed

DEEPEST = 3


@dataclass(frozen=True, slots=True)
class Rule:
    """A row: its name, the formula of the language on which it fires, the nodes that it sees, and what it does.

    `apply(node, context)` gives the replacement of a node, or None. `whole`: it sees a product, not its factors.
    """

    name: str
    fires_on: str
    heads: type | tuple[type, ...]
    apply: Callable[[sp.Expr, Context], sp.Expr | None]
    whole: bool = False


@dataclass
class Context:
    """What a rule may look at: the leaves of the statement in work, and what defines them."""

    stabiliser: Stabiliser
    leaves: dict[sp.Symbol, Access] = field(default_factory=dict)
    target: str = ""

    def symbol(self, access: Access) -> sp.Symbol:
        """A symbol for an access in the statement in work."""
        for symbol, known in self.leaves.items():
            if known == access:
                return symbol
        symbol = leaf(max((leaf_number(s) or 0 for s in self.leaves), default=-1) + 1)
        self.leaves[symbol] = access
        return symbol

    def read(self, access: Access, tensor: str) -> sp.Symbol:
        """A symbol for another tensor at the places of an access."""
        return self.symbol(replace(access, tensor=tensor))

    def look(self, e: sp.Expr, depth: int = DEEPEST) -> sp.Expr:
        """The expression with a leaf replaced by what defines it, until it is no leaf or nothing is known."""
        while depth and e in self.leaves:
            deeper = self._definition(e)
            if deeper is None:
                return e
            e, depth = deeper, depth - 1
        return e

    def _definition(self, symbol: sp.Symbol) -> sp.Expr | None:
        access = self.leaves[symbol]
        s = definition(self.stabiliser.writers.get(access.tensor, ()))
        found = instantiate(s, access) if s is not None else None
        if found is None:
            return None
        body, accesses = found
        return body.xreplace({leaf(k): self.symbol(a) for k, a in enumerate(accesses)})

    def exponential_sum(self, e: sp.Expr) -> tuple[sp.Expr, sp.Expr] | None:
        """For a leaf that is sum(exp(w)): (the greatest w, sum(exp(w - greatest))), so that it is exp(first)*second."""
        if e not in self.leaves or self.leaves[e].default is not None:
            return None
        access = self.leaves[e]
        pair = self.stabiliser.shifted_sum(access.tensor)
        if pair is None:
            return None
        top, rest = (self.read(access, name) for name in pair)
        return stop(top), rest

    def difference(self, w: sp.Expr, top: sp.Expr) -> sp.Expr:
        """w - top, read from the tensor that holds it where w is an element of what top is the maximum of."""
        access, above = self.leaves.get(w), self.leaves[top.args[0]]
        shift = self.stabiliser.shifts.get(above.tensor)
        if access is None or shift is None or access.tensor != shift.tensor or access.default is not None:
            return w - top
        if tuple(access.places[k] for k in shift.dimensions) != above.places:
            return w - top
        return self.read(access, shift.shifted)

    def factors(self, e: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        """A product as (others, exponent): it is others*exp(exponent). Factors are looked through."""
        known = [self.look(f) for f in sp.Mul.make_args(self.look(e))]
        exponent = sp.Add(*(f.exp for f in known if isinstance(f, sp.exp)))
        return sp.Mul(*(f for f in known if not isinstance(f, sp.exp))), exponent

    def positive_factors(self, e: sp.Expr, depth: int = DEEPEST) -> tuple[sp.Expr, sp.Expr]:
        """A product as (others, logarithm): it is others*exp(logarithm), with no factor in others whose logarithm is
        more exact than the factor is."""
        others, logarithm = sp.S.One, sp.S.Zero
        for factor in sp.Mul.make_args(self.look(e)):
            base, exponent = self.base(factor)
            known = self.logarithm(base) if exponent.is_number else None
            if known is not None:
                logarithm += exponent * known
                continue
            inner = (factor, sp.S.Zero)
            if depth and isinstance(base, sp.Mul) and exponent.is_number:
                rest, found = self.positive_factors(base, depth - 1)
                inner = (rest**exponent, exponent * found) if found != 0 else inner
            others, logarithm = others * inner[0], logarithm + inner[1]
        return others, logarithm

    def base(self, factor: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        """A factor as (base, exponent), its base looked through as long as that is a product or power of one thing."""
        factor = self.look(factor)
        if isinstance(factor, sp.exp) or not isinstance(factor, sp.Pow):
            return factor, sp.S.One
        return self.look(factor.base), factor.exp

    def logarithm(self, e: sp.Expr) -> sp.Expr | None:
        """The logarithm of what is an exponential or a sigmoid, or 1 less a sigmoid, or a sum of exponentials."""
        if isinstance(e, sp.exp):
            return e.exp
        if isinstance(e, sigmoid):
            return -softplus(-e.args[0])
        complement = self.complement(e)
        if complement is not None:
            return -softplus(complement)
        pair = self.exponential_sum(e)
        return None if pair is None else pair[0] + sp.log(pair[1])

    def complement(self, e: sp.Expr) -> sp.Expr | None:
        """x for 1 - sigmoid(x)."""
        if not isinstance(e, sp.Add) or len(e.args) != 2 or sp.S.One not in e.args:
            return None
        probability = self.look(1 - e)
        return probability.args[0] if isinstance(probability, sigmoid) else None

    def may_be_infinite(self, exponent: sp.Expr) -> bool:
        """Whether an exponent has a term that is -inf: as the spec says, or in what it is given."""
        known = self.look(exponent)
        terms = [self.leaves.get(term) for term in sp.Add.make_args(known)]
        given = any(a is not None and self.stabiliser.tensors[a.tensor].role == "input" for a in terms)
        return bool(known.has(INFINITY)) or given

    def nonzero(self, e: sp.Expr) -> bool:
        """Whether an expression is no 0, because it is positive or divides."""
        if isinstance(e, sp.Mul):
            return all(map(self.nonzero, e.args))
        if isinstance(e, sp.Pow) and e.exp.is_negative:
            return True
        return self.positive(e) or e.is_number or e.free_symbols.isdisjoint(self.leaves)

    def weighs(self, e: sp.Expr) -> bool:
        """Whether an expression is a product of what is above 0, and of masks of 0 and 1."""
        return self._is_count(e) or self.positive(e) or (isinstance(e, sp.Mul) and all(map(self.weighs, e.args)))

    def product(self, others: sp.Expr, exponential: sp.Expr) -> sp.Expr:
        """others*exponential, which is 0 where a mask among the others is 0, even if the exponential is infinite."""
        masks = [where(ne(f, 0), f, 0) if self._is_count(f) else f for f in sp.Mul.make_args(others)]
        return reduce(conditional_product, (*masks, exponential))

    def _is_count(self, e: sp.Expr) -> bool:
        access = self.leaves.get(e)
        return access is not None and self.stabiliser.tensors[access.tensor].bound is not None

    def positive(self, e: sp.Expr) -> bool:
        """Whether an expression is proved to be above 0."""
        if e.is_Number:
            return bool(e > 0)
        if isinstance(e, sp.exp | sigmoid | softplus):
            return True
        if isinstance(e, sp.Mul | sp.Add):
            return all(self.positive(a) for a in e.args)
        if isinstance(e, sp.Pow):
            return self.positive(e.base)
        if e in self.leaves:
            return self.stabiliser.positive(self.leaves[e].tensor)
        return e.is_positive is True


@dataclass(frozen=True, slots=True)
class Shift:
    """`shifted` holds the elements of `tensor` less a maximum over all but these `dimensions` of it."""

    tensor: str
    shifted: str
    dimensions: tuple[int, ...]


class Stabiliser:
    """Rewrites the statements of a program, the first one first, by some rules.

    fired    (tensor, rule) wherever one fired
    """

    def __init__(self, program: Program, rules: Sequence[Rule]) -> None:
        self.program = program
        self.rules = rules
        self.tensors: dict[str, Tensor] = dict(program.tensors)
        self.original = program.writers
        self.writers: dict[str, tuple[Statement, ...]] = {}
        self.statements: list[Statement] = []
        self.sums: dict[str, tuple[str, str] | None] = {}
        self.products: dict[str, tuple[str, str] | None] = {}
        self.shifts: dict[str, Shift] = {}  # by the tensor of maxima
        self.positives: dict[str, bool] = {}
        self.fired: list[tuple[str, str]] = []

    def run(self) -> Program:
        """The program with every rule applied; what a rule made stands before what reads it."""
        for s in self.program.statements:
            done = self.rewrite(s)
            self.statements.append(done)
            name = done.target.tensor
            self.writers[name] = (*self.writers.get(name, ()), done)
        return replace(self.program, tensors=self.tensors, statements=tuple(self.statements))

    def rewrite(self, s: Statement) -> Statement:
        """A statement with the rules applied to its body."""
        context = Context(self, {leaf(k): a for k, a in enumerate(s.leaves)}, s.target.tensor)
        body = rewritten(s.body, context)
        if body == s.body:
            return s
        return statement(s.target, s.op, s.domain, body, context.leaves, s.guards, s.origin)

    def positive(self, name: str) -> bool:
        """Whether every statement of a tensor gives values above 0."""
        if name not in self.positives:
            self.positives[name] = False  # a recurrence proves nothing about itself
            writers = self.writers.get(name, ())
            self.positives[name] = bool(writers) and all(
                s.op in ("=", "+", "max", "min", "prod")
                and Context(self, {leaf(k): a for k, a in enumerate(s.leaves)}).positive(s.body)
                for s in writers
            )
        return self.positives[name]

    def shifted_sum(self, name: str) -> tuple[str, str] | None:
        """For a tensor that is sum(exp(w)): the tensors max(w) and sum(exp(w - max(w))), made where first wanted."""
        if name not in self.sums:
            self.sums[name] = self._make_shifted_sum(name)
        return self.sums[name]

    def _make_shifted_sum(self, name: str) -> tuple[str, str] | None:
        s = self.sole(name, "+")
        if s is None:
            return None
        context = Context(self, {leaf(k): a for k, a in enumerate(s.leaves)})
        body, condition = context.look(s.body), sp.S.One
        if isinstance(body, where) and body.args[2] == 0:  # what a filter leaves out takes no part
            condition, body = body.args[:2]
        others, exponent = context.factors(body)
        if exponent == 0 or context.look(exponent).has(stop):  # nothing to shift, or shifted already
            return None
        others, condition = _unmasked(others, condition)  # nor does what is multiplied by 0
        if not context.nonzero(others):
            condition = both(condition, ne(others, 0))
        stem = self.stem(exponent, context, name)
        compared = where(condition, exponent, -INFINITY)
        top = self.made(f"{stem}_max", s, "max", compared, context.leaves)
        if context.may_be_infinite(exponent):
            # Where all are -inf, -inf less the greatest has no value; less 0 it is -inf, and its exponential 0.
            top = self.finite(top, s)
        above = context.symbol(Access(top, s.target.places))
        self.shift(top, above, exponent, s, context)
        shifted = where(condition, others * sp.exp(context.difference(exponent, stop(above))), 0)
        rest = self.made(f"{stem}_sumexp", s, "+", shifted, context.leaves)
        if context.weighs(others):
            self.positives[rest] = True  # or nothing takes part in it
        return top, rest

    def sole(self, name: str, op: str) -> Statement | None:
        """The statement of a tensor that is one reduction over all of it; None for any other."""
        writers = self.writers.get(name, ())
        if len(writers) != 1 or len(self.original.get(name, ())) != 1:
            return None
        s = writers[0]
        return s if s.op == op and s.reduced and s.target.plain is not None else None

    def split_product(self, name: str) -> tuple[str, str] | None:
        """For a tensor that is prod(exp(w)*c): the tensors sum(w) and prod(c), made where first wanted."""
        if name not in self.products:
            self.products[name] = self._split_product(name)
        return self.products[name]

    def _split_product(self, name: str) -> tuple[str, str] | None:
        s = self.sole(name, "prod")
        if s is None:
            return None
        context = Context(self, {leaf(k): a for k, a in enumerate(s.leaves)})
        others, logarithm = context.positive_factors(s.body)
        if logarithm == 0:
            return None
        total = self.made(f"{name}_log", s, "+", logarithm, context.leaves)
        return total, self.made(f"{name}_rest", s, "prod", others, context.leaves)

    def shift(self, top: str, above: sp.Symbol, exponent: sp.Expr, s: Statement, context: Context) -> None:
        """Name the differences of a whole tensor and its maxima: an element less the maximum is then read, not a
        difference of two large numbers that comes out of a sum."""
        access = context.leaves.get(exponent)
        names = access.plain if access is not None else None
        if access is None or names is None or s.guards or access.default is not None:
            return
        if tuple(s.extents[n] for n in names) != self.tensors[access.tensor].extents or len(names) < len(s.domain):
            return
        over = replace(s, target=Access(s.target.tensor, tuple(Affine.index(n) for n in names)))
        extents = self.tensors[access.tensor].extents
        name = self.made(f"{access.tensor}_shifted", over, "=", exponent - stop(above), context.leaves, extents)
        # Its indices are called as in the formula of the tensor.
        called = self.writers[access.tensor][0].target.plain if access.tensor in self.writers else None
        if called is not None and len(set(called)) == len(names):
            self.statements[-1] = renamed(self.statements[-1], dict(zip(names, called, strict=True)))
            self.writers[name] = (self.statements[-1],)
        dimensions = tuple(names.index(p.plain or "") for p in s.target.places if isinstance(p, Affine))
        self.shifts[top] = Shift(access.tensor, name, dimensions)

    def made(
        self,
        stem: str,
        s: Statement,
        op: str,
        body: sp.Expr,
        leaves: dict[sp.Symbol, Access],
        extents: tuple[Extent, ...] | None = None,
    ) -> str:
        """A new tensor of the shape of the target of `s`, with a statement over the same domain; its name."""
        name = fresh_name(stem, self.tensors)
        self.tensors[name] = Tensor(name, extents or self.tensors[s.target.tensor].extents, "value")
        made = statement(replace(s.target, tensor=name), op, s.domain, body, leaves, s.guards, s.origin)
        self.statements.append(made)
        self.writers[name] = (made,)
        return name

    def finite(self, top: str, s: Statement) -> str:
        """A tensor with 0 where `top`, of the shape of the target of `s`, is -inf; its name."""
        read = Access(top, s.target.places)
        body = where(lt(-INFINITY, leaf(0)), leaf(0), 0)
        over = replace(s, domain=tuple((n, s.extents[n]) for n in s.free), guards=())
        return self.made(f"{top}_finite", over, "=", body, {leaf(0): read})

    def stem(self, exponent: sp.Expr, context: Context, name: str) -> str:
        """The name of the tensor in the exponent where it is one, else that of the sum."""
        return context.leaves[exponent].tensor if exponent in context.leaves else name


def _unmasked(others: sp.Expr, condition: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """The factors of a product that are masks as conditions: (the other factors, all conditions)."""
    kept = sp.S.One
    for factor in sp.Mul.make_args(others):
        if isinstance(factor, where) and factor.args[2] == 0:
            condition, factor = both(condition, factor.args[0]), factor.args[1]
        elif isinstance(factor, CONDITIONS):
            condition, factor = both(condition, factor), sp.S.One
        kept *= factor
    return kept, condition


def rewritten(e: sp.Expr, context: Context, factor: bool = False) -> sp.Expr:
    """An expression, perhaps a factor of a product, with the rules applied from the leaves to the root.

    What is a number stays as it is: it is calculated when the spec is compiled.
    """
    if not e.args or not e.free_symbols:
        return e
    args = tuple(rewritten(a, context, isinstance(e, sp.Mul)) for a in e.args)
    if args != e.args:
        e = e.func(*args)
    for rule in context.stabiliser.rules:
        if isinstance(e, rule.heads) and not (factor and rule.whole):
            found = rule.apply(e, context)
            if found is not None and found != e:
                context.stabiliser.fired.append((context.target, rule.name))
                return rewritten(found, context, factor)
    return e
