"""The second derivatives of a network as formulas that people read.

They are those of the program that `symnet compile --with hessian` emits, put into each other as long as the result can
be read: A + Aᵀ for xᵀAx, Xᵀ diag(p ∘ (1 - p)) X/N for logistic regression.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from symnet.gradients import Backward, Gradients, aligned, gradients, plain
from symnet.language.network import Network
from symnet.notation.formula import Formula
from symnet.notation.recognise import shortened
from symnet.notation.substitute import closed
from symnet.passes.hessian import hessian
from symnet.passes.pipeline import nothing_minimised, parameters, tidied

__all__ = ["Hessian", "Hessians", "hessians"]

Pair = tuple[str, str]


def hessians(network: Network, wrt: Iterable[str] | None = None) -> Hessians:
    """The second derivatives of what a network minimises.

    `wrt` names tensors, as for `gradients`: the mapping holds the block of every pair of them. Without it these are the
    blocks of each parameter with itself. UsageError where the network minimises nothing, or a name is unknown.
    """
    if network.objective is None:
        raise nothing_minimised(network)
    known: Gradients = gradients(network, wrt)
    chosen = tuple(known)
    return Hessians(network, [chosen] if wrt is not None else [(name,) for name in parameters(network)])


@dataclass(frozen=True)
class Hessian(Formula):
    """The second derivatives of the objective by the elements of two tensors, whose dimensions stand side by side.

    rows           the first tensor
    columns        the second one
    intermediates  the derivatives and the compiler's own values that it uses, in the order of calculation
    """

    rows: str
    columns: str
    intermediates: tuple[Formula, ...]

    def __str__(self) -> str:
        return aligned(f.formula for f in (*self.intermediates, self))


class Hessians(Mapping[Pair, Hessian]):
    """Second derivatives by (rows, columns); printed, all that they need."""

    def __init__(self, network: Network, groups: Iterable[tuple[str, ...]]) -> None:
        self.network = network
        self.groups = tuple(groups)

    @cached_property
    def made(self) -> dict[Pair, Hessian]:
        """The blocks of all groups."""
        return {pair: block for group in self.groups for pair, block in self._blocks(group)}

    def __iter__(self) -> Iterator[Pair]:
        return iter(self.made)

    def __len__(self) -> int:
        return len(self.made)

    def __getitem__(self, pair: Pair) -> Hessian:
        return self.made[pair]

    def _blocks(self, group: tuple[str, ...]) -> Iterator[tuple[Pair, Hessian]]:
        program, blocks = hessian(self.network, group)
        named = (name for name in self.network.tensors if name in program.writers)
        done = tidied(program, (*named, *blocks.values()))
        # What a derivative is of may be needed no more, but gives it its name in formulas.
        formulas = Backward(
            replace(done, tensors={**program.tensors, **done.tensors}), str(self.network.objective), self.network
        )
        for (rows, columns), name in blocks.items():
            own = self._closed(formulas[name], formulas)
            used = tuple(formulas[other] for other in self._uses(own, formulas))
            yield (
                (rows, columns),
                Hessian(own.name, own.indices, own.value, own.tensors, own.of, rows, columns, used),
            )

    def _closed(self, own: Formula, formulas: Backward) -> Formula:
        """The formula with derivatives put into it, and called by the names of the spec where it has some."""
        derived = {n: formulas[n] for n in formulas if own.tensors[n].derived and n != own.name}
        whole = closed(own, derived)
        return whole.with_value(shortened(whole.value, [formulas[n] for n in formulas.made_of(whole.value)]))

    def _uses(self, own: Formula, formulas: Backward) -> list[str]:
        """What a formula uses, directly or not, but for the spec's own tensors."""
        pending, found = [own], set[str]()
        while pending:
            for name in pending.pop().reads:
                if name not in found and name in formulas and name not in self.network.tensors:
                    found.add(name)
                    pending.append(formulas[name])
        return [name for name in formulas if name in found]

    @cached_property
    def lines(self) -> tuple[Formula, ...]:
        """All formulas, each once, what is used before what uses it."""
        found = {f.name: f for block in self.values() for f in (*block.intermediates, block)}
        return tuple(found.values())

    def listing(self, form: str = "text") -> str:
        """A formula per line: as `text`, `latex` (an aligned environment) or `matrix`."""
        if form == "latex":
            return self.latex()
        shown = [f.matrix_form() if form == "matrix" else None for f in self.lines]
        return aligned(
            f.formula if matrix is None else matrix.text for f, matrix in zip(self.lines, shown, strict=True)
        )

    def latex(self) -> str:
        """The formulas as an `aligned` environment."""
        rows = " \\\\\n".join("  " + f.latex().replace(" = ", " &= ", 1) for f in self.lines)
        return f"\\begin{{aligned}}\n{rows}\n\\end{{aligned}}"

    def to_json(self) -> str:
        """The blocks and every formula that they use, as JSON, in the form of `Gradients.to_json`."""
        own = {block.name: [block.rows, block.columns] for block in self.values()}
        rows = [{"of": own.get(f.name, f.tensors[f.name].of), "wanted": f.name in own, **plain(f)} for f in self.lines]
        found = {"network": self.network.name, "objective": self.network.objective}
        return json.dumps({**found, "formulas": rows}, ensure_ascii=False)

    def __str__(self) -> str:
        return self.listing()

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"
