"""The optimiser of a spec as NumPy source: what `init_slots` and `update` of the emitted module do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp

from symnet.backends.numpy.infix import Infix
from symnet.backends.numpy.layout import call, lay_out, quoted
from symnet.backends.numpy.names import RESERVED, identifiers
from symnet.backends.numpy.print import number_source, tuple_source
from symnet.ir.bundle import Update
from symnet.ir.program import Statement, Tensor, leaf, leaf_number
from symnet.ir.show import show_statement


@dataclass(frozen=True, slots=True)
class UpdateView:
    """The optimiser, printed.

    head      the head of `update`, with the hyper-parameters as keywords
    keys      the keys of `slots`, as a tuple
    slots     (key, name, initial value): arrays of the parameters' shapes; `initial` is empty for 0
    counters  (key, name, initial value, new value's name)
    totals    (name, element, formula): sums of the element over all elements of all gradients
    before    lines that are run once
    each      lines that are run for every parameter
    quiet     whether a branch that is not chosen may raise a floating-point warning
    """

    name: str
    head: str
    keys: str
    slots: tuple[tuple[str, str, str], ...]
    counters: tuple[tuple[str, str, str, str], ...]
    totals: tuple[tuple[str, str, str], ...]
    total_reads_parameter: bool
    before: tuple[str, ...]
    each: tuple[str, ...]
    quiet: bool


def update_view(update: Update) -> UpdateView:
    """Print an optimiser."""
    names = _names(update)
    slots = tuple(name for name, _ in update.slots)
    arrays = frozenset(names[name] for name in ("p", "g", *slots))
    printer = _Printer(names, arrays, frozenset(names[name] for name, _ in update.totals))
    totals = tuple((names[name], printer.body(total), printer.total(name, total)) for name, total in update.totals)
    reads = {name for _, total in update.totals for name in total.reads}
    before = tuple(line for s in update.before for line in printer.scalar(s))
    each = tuple(printer.elementwise(update.program.statements, ("p", *slots)))
    hypers = [f"{names[name]}={number_source(value)}" for name, value in update.hypers]
    formals = ["params", "grads", "slots", *(["*", *hypers] if hypers else [])]
    return UpdateView(
        name=update.name,
        head="\n".join(lay_out(call("def update", formals, "):"))),
        keys=tuple_source(quoted(name) for name, _ in (*update.slots, *update.counters)),
        slots=tuple((name, names[name], number_source(value) if value else "") for name, value in update.slots),
        counters=tuple(
            (name, names[name], number_source(value), names.get(f"{name}'", names[name]))
            for name, value in update.counters
        ),
        totals=totals,
        total_reads_parameter="p" in reads,
        before=before,
        each=each,
        quiet=bool(totals) or any("np.where" in line for line in (*before, *each)),
    )


def _names(update: Update) -> Mapping[str, str]:
    known = ["p", "g", *(name for name, _ in (*update.hypers, *update.slots, *update.counters, *update.totals))]
    written = [s.target.tensor for s in (*update.before, *update.program.statements)]
    return identifiers([*known, *written], RESERVED | {"grad", "table", "total", "np"})


class _Printer:
    """Prints the statements of an optimiser; `names` changes as new values take the places of old ones."""

    def __init__(self, names: Mapping[str, str], arrays: frozenset[str], wide: frozenset[str]) -> None:
        self.names = dict(names)
        self.arrays = set(arrays)
        self.wide = wide
        self.tensors = {name: Tensor(name, (), "value") for name in names}

    def body(self, s: Statement) -> str:
        """The right-hand side of a statement."""
        return self._infix(s).source(s.body)

    def total(self, name: str, s: Statement) -> str:
        """The formula of a total."""
        return f"{name} = sum over all parameters({show_statement(s, self.tensors).partition(' = ')[2]})"

    def scalar(self, s: Statement) -> list[str]:
        """A statement over numbers."""
        source = self.body(s)
        whole = not any(mark in source for mark in ("np.", "/", "_erf", *self.wide))
        target = self.names[s.target.tensor]
        return [
            f"# {show_statement(s, self.tensors)}",
            f"{target} = {source}" if whole else f"{target} = float({source})",
        ]

    def elementwise(self, statements: tuple[Statement, ...], kept: tuple[str, ...]) -> list[str]:
        """The statements for one parameter; the tensors `kept` get their new values in place."""
        lines: list[str] = []
        late: list[str] = []
        for position, s in enumerate(statements):
            lines.append(f"# {show_statement(s, self.tensors)}")
            target = s.target.tensor
            old = target.removesuffix("'")
            needed = any(old in later.reads for later in statements[position + 1 :])
            if target.endswith("'") and old in kept and not needed:
                lines += self._in_place(s, old)
                self.names[target] = self.names[old]
                continue
            lines.append(f"{self.names[target]} = {self.body(s)}")
            self.arrays.add(self.names[target])
            if target.endswith("'") and old in kept:
                late.append(f"{self.names[old]}[...] = {self.names[target]}")
        return lines + late

    def _in_place(self, s: Statement, old: str) -> list[str]:
        infix, name = self._infix(s), self.names[old]
        symbol = next((leaf(k) for k, access in enumerate(s.leaves) if access.tensor == old), None)
        terms = infix.signed_terms(s.body)
        holding = [(negative, term) for negative, term in terms if symbol is not None and term.has(symbol)]
        rest = [signed for signed in terms if signed not in holding]
        if symbol is not None and (False, symbol) in terms and len(terms) > 1:
            return [self._added(infix, name, [signed for signed in terms if signed != (False, symbol)])]
        if symbol is not None and len(holding) == 1 and not holding[0][0]:
            factor = holding[0][1] / symbol
            if not factor.has(symbol):
                return [f"{name} *= {infix.source(factor)}", *([self._added(infix, name, rest)] if rest else [])]
        return [f"{name}[...] = {infix.source(s.body)}"]

    @staticmethod
    def _added(infix: Infix, name: str, terms: list[tuple[bool, sp.Expr]]) -> str:
        minus = all(negative for negative, _ in terms)
        total = sp.Add(*(term if negative is minus else -term for negative, term in terms))
        return f"{name} {'-=' if minus else '+='} {infix.source(total)}"

    def _infix(self, s: Statement) -> Infix:
        names = {}
        for symbol in sorted(s.body.free_symbols, key=str):
            number = leaf_number(symbol)
            if number is not None:
                names[symbol.name] = self.names[s.leaves[number].tensor]
        return Infix(names, frozenset(self.arrays), self.wide)
