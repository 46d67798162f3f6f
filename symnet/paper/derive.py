"""The backward pass, one adjoint after the other: a chain of equal signs with a reason for every step.

    chain   the chain rule: for every tensor T that reads A, the adjoint of T times the derivative of T by A
    local   the derivatives written out; a read that is not plain, A[y[n]] or A[i + p], is a Kronecker delta
    solved  the deltas eliminated
    short   adjoints that are known put in, and values that have a name read from it, where that makes it shorter

The program is the spec's own, lowered and differentiated. What makes floating point safe is left out: it changes no
formula. Tensors have short names here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import sympy as sp

from symnet.ir import functions as f
from symnet.ir.affine import Affine
from symnet.ir.program import (
    Access,
    Indirect,
    Place,
    Program,
    Statement,
    Tensor,
    index_expression,
    index_symbol,
    size_expression,
    statement,
)
from symnet.language.network import Network
from symnet.notation.expression import tensor_expression, tensor_symbol
from symnet.notation.formula import Formula, Formulas
from symnet.notation.recognise import recognised, shortened
from symnet.notation.substitute import LONGEST, inserted, length, without_deltas
from symnet.notation.text import used_names
from symnet.notation.tidy import tidy
from symnet.paper.names import renamed, short_names
from symnet.passes.conditions import conditional_product
from symnet.passes.differentiate import differentiate
from symnet.passes.lower import lower
from symnet.passes.order import ordered
from symnet.passes.pipeline import nothing_minimised, parameters
from symnet.passes.share import share

DEEPEST = 4  # how often adjoints are put into each other to see whether things cancel
CANCELLED = 0.6  # the share of what was put in that may be left


class slope(sp.Function):  # type: ignore[misc]
    """∂T/∂A of one tensor by another one that it reads."""

    nargs = 2
    is_real = True


@dataclass(frozen=True)
class Ref:
    """The number of the equation that defines a tensor."""

    name: str


Reason = tuple["str | Ref | sp.Expr", ...]


@dataclass(frozen=True)
class Line:
    """One more equal sign: the right-hand side, and why."""

    value: sp.Expr
    reason: Reason


@dataclass(frozen=True)
class Derived:
    """The adjoint of a tensor; the last line is what the rest of the document uses."""

    formula: Formula
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Derivation:
    """What a document says.

    program    the loss and its adjoints, in short names
    given      the inputs, parameters and what else comes from outside
    indices    what the formulas call the dimensions of those
    names      short name to the name in the spec
    values     the forward formulas, in the order in which they are calculated
    adjoints   the backward pass
    """

    network: Network
    objective: str
    program: Program
    given: tuple[Tensor, ...]
    indices: Mapping[str, tuple[str, ...]]
    names: Mapping[str, str]
    values: tuple[Formula, ...]
    adjoints: tuple[Derived, ...]


def derivation(network: Network) -> Derivation:
    """The derivation of the gradients by the parameters. UsageError for a network that minimises nothing."""
    if network.objective is None:
        raise nothing_minimised(network)
    forward = share(lower(network, (network.objective,)))
    names = short_names(forward.tensors)
    forward = renamed(forward, names)
    objective = names[network.objective]
    wrt = tuple(names[name] for name in parameters(network) if name in names)
    program = ordered(differentiate(forward, {objective: None}, wrt).program)
    return _Deriver(program, objective).run(network, {short: name for name, short in names.items()})


class _Deriver:
    def __init__(self, program: Program, objective: str) -> None:
        self.program = program
        self.tensors = program.tensors
        self.objective = objective
        self.formulas = Formulas(program, objective)
        self.adjoints = {t.of: t.name for t in self.tensors.values() if t.role == "adjoint"}
        self.seed = {sp.Symbol(self.adjoints[objective], real=True): sp.S.One}
        self.known: dict[str, Formula] = {}  # adjoint to its last line

    def indices_of(self, name: str) -> tuple[str, ...]:
        """What the formulas call the dimensions of a given tensor; of one that only indexes others, too."""
        accesses = [a for s in self.program.statements for a in (s.target, *s.leaves)]
        inside = [p for a in accesses for p in a.places if isinstance(p, Indirect) and p.tensor == name]
        plain = [tuple(place.plain or "" for place in p.indices) for p in inside]
        return self.formulas.names.get(name) or next((names for names in plain if all(names)), ())

    def run(self, network: Network, names: Mapping[str, str]) -> Derivation:
        calculated = [name for name in self.program.writers if self.tensors[name].role != "adjoint"]
        given = [t for name, t in self.tensors.items() if t.given and name in self.used]
        derived = [self.derived(self.tensors[adjoint].of) for adjoint in self.backward_order()]
        indices = {t.name: self.indices_of(t.name) for t in given}
        values = tuple(self.formulas[name] for name in calculated)
        return Derivation(network, self.objective, self.program, tuple(given), indices, names, values, tuple(derived))

    @cached_property
    def used(self) -> frozenset[str]:
        return frozenset(name for s in self.program.statements for name in s.reads)

    def backward_order(self) -> list[str]:
        """The adjoints in the order in which they become complete."""
        last = {s.target.tensor: k for k, s in enumerate(self.program.statements)}
        return sorted(filter(last.__contains__, self.adjoints.values()), key=last.__getitem__)

    # --- one adjoint ---

    def derived(self, name: str) -> Derived:
        adjoint = self.adjoints[name]
        formula = self.formulas[adjoint]
        if name == self.objective:
            self.known[adjoint] = formula.with_value(sp.S.One)
            return Derived(self.known[adjoint], (Line(sp.S.One, ("by definition",)),))
        edges = [_Edge(self, s, formula.indices) for s in self.program.writers[adjoint] if self.child(s)]
        if not edges:
            self.known[adjoint] = formula
            return Derived(formula, (Line(formula.value, ("no path leads to it",)),))
        lines = list(self.lines(name, formula, edges))
        self.known[adjoint] = formula.with_value(lines[-1].value)
        return Derived(self.known[adjoint], tuple(lines))

    def lines(self, name: str, formula: Formula, edges: list[_Edge]) -> Iterator[Line]:
        children = tuple(dict.fromkeys(edge.child for edge in edges))
        if children != (self.objective,):
            yield Line(self.chain(edges), self.paths(children))
        local = sp.Add(*(tidy(edge.local().xreplace(self.seed)) for edge in edges))
        yield Line(local, self.local_reason(name, children, edges))
        base = local
        if any(edge.left for edge in edges):
            base = formula.value.xreplace(self.seed)
            base = shortened(base, self.definitions(base, children))
        left = [delta for edge in edges for delta in edge.deltas if delta not in base.atoms(sp.KroneckerDelta)]
        if left:
            yield Line(base, (*_listed(left), " eliminated"))
        value, used, read = self.closed(formula.with_value(base), children)
        if tidy(value) not in (base, tidy(local), local):
            yield Line(value, self.short_reason(base, used, read))

    def chain(self, edges: list[_Edge]) -> sp.Expr:
        terms: dict[str, list[sp.Expr]] = {}
        for edge in edges:
            found = terms.setdefault(edge.child, [])
            found += [edge.chained()] if edge.chained() not in found else []
        one = [found[0] if len(found) == 1 else self.everywhere(child, edges) for child, found in terms.items()]
        return sp.Add(*one)

    def everywhere(self, child: str, edges: list[_Edge]) -> sp.Expr:
        """The sum over all elements of a child that reads in more than one way."""
        edge = next(e for e in edges if e.child == child)
        names = edge.apart(self.formulas[child].indices)
        places = tuple(map(index_symbol, names.values()))
        if child == self.objective:
            return slope(sp.Symbol(child, real=True), edge.below)
        above = tensor_symbol(self.tensors[child], places)
        body = tensor_symbol(self.tensors[self.adjoints[child]], places) * slope(above, edge.below)
        limits = [(p, 0, size_expression(e - 1)) for p, e in zip(places, self.tensors[child].extents, strict=True)]
        return sp.Sum(body, *limits) if limits else body

    def paths(self, children: tuple[str, ...]) -> Reason:
        if len(children) == 1:
            return ("chain rule, ", Ref(children[0]))
        many = "both" if len(children) == 2 else f"all {len(children)}"
        return (f"sum over {many} paths, ", *_listed([Ref(child) for child in children]))

    def local_reason(self, name: str, children: tuple[str, ...], edges: list[_Edge]) -> Reason:
        direct = children == (self.objective,)
        word = "derivative of " if direct else "local gradients" if len(edges) > 1 else "local gradient"
        reason: Reason = (word, *((Ref(self.objective),) if direct else ()))
        found = [text for child in children for text in identities(self.formulas[child].value, name)]
        reason = (*reason, *(f", ${text}$" for text in dict.fromkeys(found)))
        deltas = list(dict.fromkeys(d for edge in edges for d in edge.trivial))
        if deltas:
            reason = (*reason, "; ", *_listed(deltas), " eliminated")
        return reason

    # --- the last line ---

    def closed(self, formula: Formula, children: tuple[str, ...]) -> tuple[sp.Expr, list[str], list[str]]:
        """The shortest form, the adjoints that were put in for it, and the values that were recognised."""
        value, read = self.simplified(formula.value, children)
        used: list[str] = []
        while (found := self.better(formula, value, children)) is not None:
            value, used, read = found[0], used + found[1], read + found[2]
        return value, list(dict.fromkeys(used)), list(dict.fromkeys(read))

    def better(
        self, formula: Formula, value: sp.Expr, children: tuple[str, ...]
    ) -> tuple[sp.Expr, list[str], list[str]] | None:
        """A form that is shorter since known adjoints were put in: one, or all, and what those are made of."""
        reads = self.known_in(value, formula)
        for chosen in (reads, *([name] for name in reads)) if len(reads) > 1 else (reads,):
            found, longer, used, read = value, value, list(chosen), list[str]()
            for _ in range(DEEPEST):
                longer = self.with_known(longer, chosen, formula)
                found, more = self.simplified(self.with_known(found, chosen, formula), children)
                read += more
                if not chosen or max(length(longer), length(found)) > LONGEST:
                    break
                if self.is_shorter(found, value, longer):
                    return found, used, read
                chosen = self.known_in(found, formula)
                used += chosen
        return None

    def with_known(self, value: sp.Expr, names: Iterable[str], formula: Formula) -> sp.Expr:
        for name in names:
            value = inserted(value, self.known[name], formula.indices)
        return value

    def known_in(self, value: sp.Expr, formula: Formula) -> list[str]:
        return [n for n in used_names(value, self.tensors.__contains__) if n in self.known and n != formula.name]

    def is_shorter(self, found: sp.Expr, value: sp.Expr, longer: sp.Expr) -> bool:
        """Whether a form is shorter than before, or is so for what was put in: then things have cancelled."""
        names = [len(used_names(e, self.tensors.__contains__)) for e in (found, value)]
        if uses(found) < uses(value) or uses(found) == uses(value) and names[0] < names[1]:
            return True
        adjoint = any(self.tensors[n].role == "adjoint" for n in used_names(found, self.tensors.__contains__))
        return not adjoint and (uses(found) <= uses(value) or uses(found) <= CANCELLED * uses(longer))

    def simplified(self, value: sp.Expr, children: tuple[str, ...]) -> tuple[sp.Expr, list[str]]:
        """A form without sums over deltas and with names for known values, and those names."""
        read: list[str] = []
        for _ in range(DEEPEST):
            before, value = value, matched(without_deltas(value, self.tensors))
            known = self.definitions(value, children)
            read += [d.name for d in known if recognised(value, [d]) != value]
            value = tidy(matched(shortened(value, known)))
            if value == before:
                break
        return value, read

    def definitions(self, value: sp.Expr, children: tuple[str, ...]) -> tuple[Formula, ...]:
        """The values that may be recognised: those of the children, and those made of what the formula uses."""
        used = used_names(value, self.program.readers.__contains__)
        made = dict.fromkeys([*children, *(s.target.tensor for name in used for s in self.program.readers[name])])
        return tuple(self.formulas[n] for n in made if self.tensors[n].role != "adjoint" and n not in (self.objective,))

    def matched_reason(self, e: sp.Expr) -> Reason:
        """The deltas that let a formula be written otherwise."""
        found = [d for d in sorted(e.atoms(sp.KroneckerDelta), key=str) if matched(e) != e]
        return (*_listed(found), " vanishes where its indices differ") if found else ()

    def short_reason(self, before: sp.Expr, used: list[str], read: list[str]) -> Reason:
        parts: list[Reason] = []
        if used:
            parts.append((*_listed([Ref(n) for n in used]), " inserted"))
        if read:
            parts.append(("by ", *_listed([Ref(n) for n in read])))
        if not parts:
            parts.append(self.matched_reason(before) or ("simplified",))
        return tuple(p for k, part in enumerate(parts) for p in ((*(("; ",) if k else ()), *part)))

    # --- helpers ---

    def child(self, s: Statement) -> str:
        """The tensor whose adjoint a statement passes on."""
        return next((self.tensors[a.tensor].of for a in s.leaves if self.tensors[a.tensor].role == "adjoint"), "")


class _Edge:
    """One statement of the adjoint, `dA[h] += dT[g]*f'` over D, with its indices in the words of dA[u].

    An index that stands alone in h is that of u: the delta between the two is trivial. The others are bound, and have
    names that are not those of u.
    """

    def __init__(self, deriver: _Deriver, s: Statement, names: tuple[str, ...]) -> None:
        self.deriver = deriver
        self.tensors = deriver.tensors
        self.statement = s
        self.names = names
        self.child = deriver.child(s)
        tensor = self.tensors[s.target.tensor]
        self.own: dict[str, str] = {}
        self.left: list[tuple[str, Place]] = []
        for name, place, extent in zip(names, s.target.places, tensor.extents, strict=True):
            plain = place.plain if isinstance(place, Affine) else None
            if plain is not None and plain not in self.own and s.extents[plain] == extent:
                self.own[plain] = name
            else:
                self.left.append((name, place))
        self.bound = self.apart([n for n in s.extents if n not in self.own])
        self.symbols = {index_symbol(n): index_symbol(m) for n, m in (self.own | self.bound).items()}
        self.below = tensor_symbol(self.tensors[tensor.of], tuple(map(index_symbol, names)))

    def apart(self, wanted: Iterable[str]) -> dict[str, str]:
        """Names for bound indices that are not those of the adjoint."""
        found: dict[str, str] = {}
        taken = {*self.names, *self.tensors, *(x for e in self.statement.extents.values() for x in e.sizes)}
        for name in wanted:
            letters = (name, *(f"{name}{k}" for k in range(2, 1000)))
            found[name] = next(n for n in letters if n not in taken and n not in found.values())
        return found

    @property
    def incoming(self) -> Access:
        return next(a for a in self.statement.leaves if self.tensors[a.tensor].role == "adjoint")

    @property
    def trivial(self) -> list[sp.Expr]:
        """The deltas of indices that A and T share."""
        shared = [n for p in self.incoming.places if isinstance(p, Affine) and (n := p.plain) in self.own]
        if not self.bound and len(shared) == len(self.names):
            return []
        # Primed, for no index of the language is.
        pairs = [(index_symbol(self.own[n]), sp.Symbol(f"{self.own[n]}'", integer=True)) for n in shared]
        return [sp.KroneckerDelta(one, other) for one, other in pairs]

    def chained(self) -> sp.Expr:
        """sum(v: dT[v]*∂T[v]/∂A[u]) over those of the child's indices that are not the adjoint's."""
        places = tuple(map(self.place, self.incoming.places))
        above = tensor_symbol(self.tensors[self.child], places)
        over = [n for n in self.incoming.indices if n in self.bound]
        if self.child == self.deriver.objective:
            return slope(above, self.below)
        body = tensor_symbol(self.tensors[self.incoming.tensor], places) * slope(above, self.below)
        return self.summed(body, over)

    def local(self) -> sp.Expr:
        """The same with the derivative written out, and a delta for every place that is not plain."""
        s = self.statement
        names = tuple((self.own | self.bound)[n] for n in s.extents)
        everywhere = Access("_", tuple(Affine.index(n) for n in s.extents))
        tensors = {**self.tensors, "_": Tensor("_", tuple(s.extents.values()), "value")}
        whole = statement(everywhere, "+", s.domain, s.body, s.leaves, s.guards)
        value = tensor_expression(Program(tensors, (whole,), ("_",)), "_", names)
        value = recognised(value, [self.deriver.formulas[self.child]] if self.child != self.deriver.objective else [])
        return self.summed(conditional_product(value, sp.Mul(*self.deltas)), list(self.bound))

    @property
    def deltas(self) -> list[sp.Expr]:
        """The deltas of the places that are not plain."""
        return [sp.KroneckerDelta(index_symbol(name), self.place(place)) for name, place in self.left]

    def summed(self, body: sp.Expr, over: list[str]) -> sp.Expr:
        extents = self.statement.extents
        limits = [(index_symbol(self.bound[n]), 0, size_expression(extents[n] - 1)) for n in over]
        return sp.Sum(body, *limits) if limits else body

    def place(self, place: Place) -> sp.Expr:
        if isinstance(place, Affine):
            return index_expression(place).xreplace(self.symbols)
        return tensor_symbol(self.tensors[place.tensor], tuple(map(self.place, place.indices)))


# What is known of the derivatives of scalar functions, in LaTeX.
IDENTITIES: Mapping[type[sp.Function], str] = {
    sp.exp: "\\exp' = \\exp",
    sp.log: "\\log' u = 1/u",
    sp.tanh: "\\tanh' = 1 - \\tanh^2",
    sp.sin: "\\sin' = \\cos",
    sp.cos: "\\cos' = -\\sin",
    sp.atan: "\\arctan' u = 1/(1 + u^2)",
    sp.erf: "\\operatorname{erf}' u = 2 e^{-u^2}\\!/\\sqrt{\\pi}",
    f.sigmoid: "s' = s(1 - s)\\text{ for }s = \\operatorname{sigmoid}",
    f.softplus: "\\operatorname{softplus}' = \\operatorname{sigmoid}",
    f.absolute: "|u|' = \\operatorname{sign} u",
}


def identities(e: sp.Expr, name: str) -> list[str]:
    """The derivatives of the functions through which a formula reads a tensor."""
    applied = [part for part in e.atoms(sp.Function) if type(part) in IDENTITIES]
    through = {type(part) for part in applied if name in used_names(part, name.__eq__)}
    return [text for kind, text in IDENTITIES.items() if kind in through]


def uses(e: sp.Expr) -> int:
    """How many tensors, sizes, indices and deltas stand in an expression."""
    if isinstance(e, sp.Indexed | sp.KroneckerDelta | sp.Symbol):
        return 1
    return sum(uses(a) for a in e.args if not isinstance(a, sp.Tuple))


def matched(e: sp.Expr) -> sp.Expr:
    """δ(c, y)*f(y) as δ(c, y)*f(c), for a product of a delta with what has its second argument in it."""
    return e.replace(lambda part: isinstance(part, sp.Mul) and part.has(sp.KroneckerDelta), _matched)


def _matched(product: sp.Expr) -> sp.Expr:
    deltas = [f for f in product.args if isinstance(f, sp.KroneckerDelta)]
    rest = sp.Mul(*(f for f in product.args if f not in deltas))
    for delta in deltas:
        index, place = sorted(delta.args, key=lambda a: (not a.is_Symbol, str(a)))
        rest = rest.xreplace({place: index}) if not place.is_number else rest
    return rest * sp.Mul(*deltas)


def _listed(items: Iterable[Ref | sp.Expr]) -> Reason:
    """`a`, `a and b`, `a, b and c`"""
    found = list(items)
    parts: list[str | Ref | sp.Expr] = []
    for k, item in enumerate(found):
        parts += [" and " if k == len(found) - 1 else ", "] if k else []
        parts.append(item)
    return tuple(parts)
