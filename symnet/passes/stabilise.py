"""Rewrites that keep floating point safe: the user writes the textbook formula and gets the one that does not overflow.

The rules are the rows of `RULES`. A row sees one node of a body, whose arguments are already rewritten, and gives its
replacement or None. It may look through a leaf at the definition behind it, at most three deep: log(p[n, y[n]]) sees
the quotient that defines p. Every row names a formula on which it fires; the tests find the rows here and compare both
sides at 50 digits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import sympy as sp

from symnet.ir.affine import Affine
from symnet.ir.functions import INFINITY, absolute, expm1, log1p, lt, sigmoid, softplus, stop, where
from symnet.ir.program import Access, Program, Statement, Tensor, fresh_name, leaf, leaf_number, statement
from symnet.language.extents import Extent
from symnet.passes.definitions import definition, instantiate
from symnet.passes.order import ordered
from symnet.passes.simplify import renamed

DEEPEST = 3


def stabilise(program: Program) -> Program:
    """The program with every rule applied wherever it fires, without the statements that no result needs any more."""
    return ordered(_Stabiliser(program).run())


def rewrites(program: Program) -> tuple[tuple[str, str], ...]:
    """(tensor, rule) wherever `stabilise` rewrites this program, in the order of its statements."""
    work = _Stabiliser(program)
    work.run()
    return tuple(dict.fromkeys(work.fired))


@dataclass(frozen=True, slots=True)
class Rule:
    """`apply(node, context)` gives the replacement of a node or None. `fires_on` is a formula of the language."""

    name: str
    apply: Callable[[sp.Expr, Context], sp.Expr | None]
    fires_on: str


@dataclass
class Context:
    """What a rule may look at: the leaves of the statement in work, and what defines them."""

    stabiliser: _Stabiliser
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
        top, rest = (self.symbol(replace(access, tensor=name)) for name in pair)
        return stop(top), rest

    def difference(self, w: sp.Expr, top: sp.Expr) -> sp.Expr:
        """w - top, read from the tensor that holds it where w is an element of what top is the maximum of."""
        access, above = self.leaves.get(w), self.leaves[top.args[0]]
        shift = self.stabiliser.shifts.get(above.tensor)
        if access is None or shift is None or access.tensor != shift.tensor or access.default is not None:
            return w - top
        if tuple(access.places[k] for k in shift.dimensions) != above.places:
            return w - top
        return self.symbol(replace(access, tensor=shift.shifted))

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


class _Stabiliser:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.tensors: dict[str, Tensor] = dict(program.tensors)
        self.original = program.writers
        self.writers: dict[str, tuple[Statement, ...]] = {}
        self.statements: list[Statement] = []
        self.sums: dict[str, tuple[str, str] | None] = {}
        self.shifts: dict[str, Shift] = {}  # by the tensor of maxima
        self.positives: dict[str, bool] = {}
        self.fired: list[tuple[str, str]] = []

    def run(self) -> Program:
        for s in self.program.statements:
            done = self.rewrite(s)
            self.statements.append(done)
            name = done.target.tensor
            self.writers[name] = (*self.writers.get(name, ()), done)
        return replace(self.program, tensors=self.tensors, statements=tuple(self.statements))

    def rewrite(self, s: Statement) -> Statement:
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
        writers = self.writers.get(name, ())
        if len(writers) != 1 or len(self.original.get(name, ())) != 1:
            return None
        s = writers[0]
        if s.op != "+" or not s.reduced or s.target.plain is None:
            return None
        context = Context(self, {leaf(k): a for k, a in enumerate(s.leaves)})
        body, condition = context.look(s.body), sp.S.One
        if isinstance(body, where) and body.args[2] == 0:  # what a filter leaves out takes no part
            condition, body = body.args[:2]
        factors = [context.look(f) for f in sp.Mul.make_args(body)]
        exponent = sp.Add(*(f.exp for f in factors if isinstance(f, sp.exp)))
        others = sp.Mul(*(f for f in factors if not isinstance(f, sp.exp)))
        if exponent == 0 or context.look(exponent).has(stop):  # nothing to shift, or shifted already
            return None
        if not (others.is_Number or context.positive(others) or others.free_symbols.isdisjoint(context.leaves)):
            return None
        stem = self.stem(exponent, context, name)
        compared = where(condition, exponent, -INFINITY)
        top = self.made(f"{stem}_max", s, "max", compared, context.leaves)
        if context.look(exponent).has(INFINITY):
            # Where all are -inf, -inf less the greatest has no value; less 0 it is -inf, and its exponential 0.
            top = self.finite(top, s)
        above = context.symbol(Access(top, s.target.places))
        self.shift(top, above, exponent, s, context)
        shifted = where(condition, others * sp.exp(context.difference(exponent, stop(above))), 0)
        return top, self.made(f"{stem}_sumexp", s, "+", shifted, context.leaves)

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


def rewritten(e: sp.Expr, context: Context) -> sp.Expr:
    """An expression with the rules applied from the leaves to the root."""
    if not e.args:
        return e
    args = tuple(rewritten(a, context) for a in e.args)
    if args != e.args:
        e = e.func(*args)
    for rule in RULES:
        if isinstance(e, _HEADS):
            found = rule.apply(e, context)
            if found is not None and found != e:
                context.stabiliser.fired.append((context.target, rule.name))
                return rewritten(found, context)
    return e


_HEADS = (sp.log, sp.Add, sp.Mul, sp.Pow)

# --- the rules -------------------------------------------------------------------------------------


def _log_of_sum_of_exponentials(e: sp.Expr, context: Context) -> sp.Expr | None:
    if not isinstance(e, sp.log):
        return None
    pair = context.exponential_sum(e.args[0])
    return None if pair is None else pair[0] + sp.log(pair[1])


def _maximum_less_element(e: sp.Expr, context: Context) -> sp.Expr | None:
    """max(z) - z[y] as -(z - max(z))[y], where that is calculated anyway."""
    if not isinstance(e, sp.Add):
        return None
    for term in e.args:
        factor, top = term.as_coeff_Mul()
        if not isinstance(top, stop) or context.leaves.get(top.args[0]) is None:
            continue
        for other in e.args:
            element = other / -factor
            if element in context.leaves and context.difference(element, top) != element - top:
                return e - term - other - factor * context.difference(element, top)
    return None


def _log_of_sigmoid(e: sp.Expr, context: Context) -> sp.Expr | None:
    if not isinstance(e, sp.log):
        return None
    inner = context.look(e.args[0])
    if isinstance(inner, sigmoid):
        return -softplus(-inner.args[0])
    one, rest = inner.as_independent(*context.leaves) if isinstance(inner, sp.Add) else (0, inner)
    probability = context.look(-rest)
    if one == 1 and isinstance(probability, sigmoid):
        return -softplus(probability.args[0])
    return None


def _log_of_product(e: sp.Expr, context: Context) -> sp.Expr | None:
    """Only where the parts are known to be positive and one of them is an exponential, whose logarithm is exact."""
    if not isinstance(e, sp.log):
        return None
    inner = context.look(e.args[0])
    if isinstance(inner, sp.exp):
        return inner.exp
    factors = [context.look(f) for f in sp.Mul.make_args(inner)]
    bases = [context.look(f.base) if isinstance(f, sp.Pow) and not isinstance(f, sp.exp) else f for f in factors]
    exact = any(isinstance(b, sp.exp | sigmoid) or context.exponential_sum(b) is not None for b in bases)
    if len(factors) < 2 or not exact or not all(context.positive(f) for f in factors):
        return None
    return sp.Add(*(_log_of_factor(f) for f in factors))


def _log_of_factor(f: sp.Expr) -> sp.Expr:
    if isinstance(f, sp.Pow) and not isinstance(f, sp.exp):
        return f.exp * sp.log(f.base)
    return sp.log(f)


def _log_of_even_power(e: sp.Expr, context: Context) -> sp.Expr | None:
    if not isinstance(e, sp.log):
        return None
    inner = e.args[0]
    if isinstance(inner, sp.Pow) and inner.exp.is_Integer and inner.exp % 2 == 0:
        return inner.exp * sp.log(absolute(inner.base))
    return None


def _log_of_exponentials(e: sp.Expr, context: Context) -> sp.Expr | None:
    """log(1 + exp(x)) and log(exp(a) + exp(b))."""
    if not isinstance(e, sp.log) or not isinstance(e.args[0], sp.Add) or len(e.args[0].args) != 2:
        return None
    terms = [context.look(t) for t in e.args[0].args]
    exponents = [sp.S.Zero if t == 1 else t.exp for t in terms if t == 1 or isinstance(t, sp.exp)]
    if len(exponents) < 2:
        return None
    first, second = sorted(exponents, key=lambda x: (x != 0, sp.default_sort_key(x)))
    return first + softplus(second - first)


def _log_near_one(e: sp.Expr, context: Context) -> sp.Expr | None:
    if not isinstance(e, sp.log) or not isinstance(e.args[0], sp.Add):
        return None
    one, rest = e.args[0].as_independent(*e.args[0].free_symbols)
    return log1p(rest) if one == 1 else None


def _quotient_of_exponentials(e: sp.Expr, context: Context) -> sp.Expr | None:
    """exp(w) / sum(exp(z)): both are divided by the greatest exp(z). exp(w) may have a condition, else it is 0."""
    if not isinstance(e, sp.Mul):
        return None
    for divisor in e.args:
        if not (isinstance(divisor, sp.Pow) and divisor.exp == -1):
            continue
        for top in e.args:
            exponential, condition = context.look(top), sp.S.One
            if isinstance(exponential, where) and exponential.args[2] == 0:  # where it is 0, so is the quotient
                condition, exponential = exponential.args[0], context.look(exponential.args[1])
            pair = context.exponential_sum(divisor.base) if isinstance(exponential, sp.exp) else None
            if pair is not None:
                others = sp.Mul(*(a for a in e.args if a not in (divisor, top)))
                return others * where(condition, sp.exp(context.difference(exponential.exp, pair[0])) / pair[1], 0)
    return None


def _logistic(e: sp.Expr, context: Context) -> sp.Expr | None:
    """1 / (1 + exp(x)) and exp(x) / (1 + exp(x)), to any power."""
    if isinstance(e, sp.Pow) and e.exp.is_Integer and e.exp < 0:
        x = _one_plus_exponential(e.base, context)
        return None if x is None else sigmoid(-x) ** -e.exp
    if not isinstance(e, sp.Mul):
        return None
    for factor in e.args:
        if not (isinstance(factor, sp.Pow) and isinstance(factor.base, sigmoid) or isinstance(factor, sigmoid)):
            continue
        base, power = factor.as_base_exp()
        x = -base.args[0]
        if sp.exp(x) in e.args and power >= 1:
            others = sp.Mul(*(a for a in e.args if a not in (factor, sp.exp(x))))
            return others * sigmoid(x) * base ** (power - 1)
    return None


def _one_plus_exponential(e: sp.Expr, context: Context) -> sp.Expr | None:
    if not isinstance(e, sp.Add) or len(e.args) != 2 or 1 not in e.args:
        return None
    other = context.look(next(a for a in e.args if a != 1))
    return other.exp if isinstance(other, sp.exp) else None


def _exponential_less_one(e: sp.Expr, context: Context) -> sp.Expr | None:
    if not isinstance(e, sp.Add) or len(e.args) != 2:
        return None
    for one, other in (e.args, e.args[::-1]):
        for sign in (1, -1):
            if one == -sign and isinstance(sign * other, sp.exp):
                return sign * expm1((sign * other).exp)
    return None


def _one_plus_tanh(e: sp.Expr, context: Context) -> sp.Expr | None:
    """a + a*tanh(x) and a - a*tanh(x), a number: the relative error of the sum grows without bound far out."""
    if not isinstance(e, sp.Add):
        return None
    number, rest = e.as_coeff_Add()
    for term in sp.Add.make_args(rest):
        factor, function = term.as_coeff_Mul()
        if number != 0 and isinstance(function, sp.tanh) and abs(factor) == abs(number):
            return e - number - term + 2 * number * sigmoid(2 * factor / number * function.args[0])
    return None


def _softplus_of_both_signs(e: sp.Expr, context: Context) -> sp.Expr | None:
    """a*softplus(-x) + b*softplus(x) where a + b is a number: the cross-entropy of a probability and a label."""
    if not isinstance(e, sp.Add):
        return None
    factors: dict[sp.Expr, sp.Expr] = {}
    for term in e.args:
        for function in sp.Mul.make_args(term):
            if isinstance(function, softplus):
                factors[function.args[0]] = term / function
    for x, b in factors.items():
        a = factors.get(-x)
        if a is not None and not x.could_extract_minus_sign() and (a + b).is_Number:
            return e - a * softplus(-x) - b * softplus(x) + (a + b) * softplus(x) - a * x
    return None


RULES: tuple[Rule, ...] = (
    Rule("max(z) - z[y]  ->  -(z - max(z))[y]", _maximum_less_element, "log(sum(i: exp(v[i]))) - v[0]"),
    Rule(
        "log(sum(exp(z)))  ->  max(z) + log(sum(exp(z - max(z))))",
        _log_of_sum_of_exponentials,
        "log(sum(i: exp(v[i])))",
    ),
    Rule("log(sigmoid(x))  ->  -softplus(-x)", _log_of_sigmoid, "log(sigmoid(x))"),
    Rule("log(exp(a)/b)  ->  a - log(b)", _log_of_product, "log(exp(x) / sum(i: exp(v[i])))"),
    Rule("log(x**2)  ->  2*log(|x|)", _log_of_even_power, "log(x**2)"),
    Rule("log(1 + exp(x))  ->  softplus(x)", _log_of_exponentials, "log(1 + exp(x))"),
    Rule("log(1 + x)  ->  log1p(x)", _log_near_one, "log(1 + x**3)"),
    Rule(
        "exp(w)/sum(exp(z))  ->  exp(w - max(z))/sum(exp(z - max(z)))",
        _quotient_of_exponentials,
        "exp(x)/sum(i: exp(v[i]))",
    ),
    Rule("exp(x)/(1 + exp(x))  ->  sigmoid(x)", _logistic, "exp(x)/(1 + exp(x))"),
    Rule(
        "y*softplus(-x) + (1 - y)*softplus(x)  ->  softplus(x) - y*x",
        _softplus_of_both_signs,
        "-v[0]*log(sigmoid(x)) - (1 - v[0])*log(1 - sigmoid(x))",
    ),
    Rule("1 + tanh(x)  ->  2*sigmoid(2*x)", _one_plus_tanh, "1 + tanh(x)"),
    Rule("exp(x) - 1  ->  expm1(x)", _exponential_less_one, "exp(x) - 1"),
)
