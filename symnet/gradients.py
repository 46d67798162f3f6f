"""The gradients of a network as formulas that people read.

`gradients(network)` maps the name of every parameter to a `Gradient`; any other real tensor can be asked for by name.
The formulas are those of the adjoint program, each tensor's contributions added up: what is printed is what is emitted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import sympy as sp

from symnet.errors import UsageError, nearest
from symnet.ir.program import Program
from symnet.language.network import Network
from symnet.notation.formula import Formula, Formulas
from symnet.notation.recognise import shortened
from symnet.notation.substitute import closed, inserted, length, with_deltas_solved
from symnet.notation.text import used_names
from symnet.passes.lower import lower
from symnet.passes.pipeline import gradient_program, nothing_minimised, outputs_program, parameters

__all__ = ["Gradient", "Gradients", "gradients"]


def gradients(network: Network, wrt: Iterable[str] | None = None) -> Gradients:
    """The gradients of what a network minimises; of any loss of its outputs, where it minimises nothing.

    `wrt` names the tensors that the mapping holds: parameters, real inputs, or values on the way. Without it these are
    the parameters that are not frozen, and with nothing minimised the real inputs, too. UsageError where the network
    has neither a loss nor real outputs, or a name is unknown.
    """
    if network.objective is None and not real_outputs(network):
        raise nothing_minimised(network)
    if wrt is None:
        wrt = (*parameters(network), *(() if network.objective is not None else real_inputs(network)))
    return Gradients(network, tuple(dict.fromkeys(wrt)))


def real_inputs(network: Network) -> tuple[str, ...]:
    """The inputs that may have a gradient."""
    return tuple(name for name, d in network.tensors.items() if d.role == "input" and not d.integer)


def real_outputs(network: Network) -> tuple[str, ...]:
    """The outputs that a loss can depend on."""
    return tuple(name for name in network.outputs if not network.tensors[name].integer)


class UnknownTensor(UsageError, KeyError):
    """A name that has no gradient."""


@dataclass(frozen=True)
class Gradient(Formula):
    """The derivative of the objective by one tensor.

    tensor         the tensor: `W1`
    name           the gradient's own name in formulas: `dW1`
    intermediates  the adjoints and the compiler's own values that it uses, directly or not, in the order in which they
                   are calculated
    """

    tensor: str
    intermediates: tuple[Formula, ...]

    @cached_property
    def expanded(self) -> Formula:
        """The same with intermediates put into each other as long as the formula stays short."""
        return closed(self, {f.name: f for f in self.intermediates if self.tensors[f.name].role == "adjoint"})

    def __str__(self) -> str:
        return aligned(f.formula for f in (*self.intermediates, self))


class Gradients(Mapping[str, Gradient]):
    """The gradients of one network by the name of the tensor; printed, the whole backward pass."""

    def __init__(self, network: Network, wrt: tuple[str, ...]) -> None:
        self.network = network
        self.wrt = wrt
        self.made: dict[str, Gradient] = {}
        for name in wrt:
            self._known(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.wrt)

    def __len__(self) -> int:
        return len(self.wrt)

    def __getitem__(self, name: str) -> Gradient:
        if name not in self.made:
            self._known(name)
            formulas = self.formulas if name in self._adjoints else self._derived((*self.wrt, name))
            self.made[name] = self._make(name, formulas)
        return self.made[name]

    @cached_property
    def formulas(self) -> Backward:
        """Every formula of the program that calculates the loss and the gradients."""
        return self._derived(self.wrt)

    @cached_property
    def _adjoints(self) -> dict[str, str]:
        return adjoints(self.formulas)

    def _derived(self, wrt: Iterable[str]) -> Backward:
        net = self.network
        if net.objective is None:
            return self._of_outputs(tuple(wrt))
        objective = str(net.objective)
        needed = lower(net, (objective,)).tensors
        keep = (*net.outputs, *(name for name in net.tensors if name in needed and net.tensors[name].role == "value"))
        derived = gradient_program(net, tuple(wrt), keep)
        return Backward(derived.program, objective, self.network)

    def _of_outputs(self, wrt: tuple[str, ...]) -> Backward:
        """The same for any loss of the outputs: the gradient by the output y is given, and called dy.

        Where another output is made of y, the gradient has a part more, and what is given is called grad_y.
        """
        net = self.network
        needed = lower(net, net.outputs)
        keep = tuple(name for name in net.tensors if name in needed.tensors and net.tensors[name].role == "value")
        derived = outputs_program(net, wrt, keep)
        program, tensors = derived.program, dict(derived.program.tensors)
        for output, seed in derived.seeds:
            name = f"d{output}"
            if output not in needed.readers and not {name} & {*program.writers, *net.tensors}:
                tensors[seed] = tensors[name] = replace(tensors[seed], name=name, role="adjoint", of=output)
        return Backward(replace(program, tensors=tensors), "", net)

    def _known(self, name: str) -> None:
        """Raise an error that helps where a tensor has no gradient."""
        tensor = self.network.tensors.get(name)
        if tensor is None:
            raise UnknownTensor(f"the network has no tensor {name!r}", hint=nearest(name, self.network.tensors))
        if tensor.integer:
            raise UnknownTensor(f"{name!r} holds integers: it has no gradient")

    def _make(self, name: str, formulas: Backward) -> Gradient:
        own = formulas[adjoints(formulas)[name]]
        used = [formulas[other] for other in self._uses([own], formulas) if other != own.name]
        return Gradient(own.name, own.indices, own.value, own.tensors, own.of, name, tuple(used))

    def _uses(self, wanted: Iterable[Formula], formulas: Backward) -> list[str]:
        """The wanted formulas and what they use, but for the spec's own tensors, in the order of the program."""
        pending = list(wanted)
        found = {formula.name for formula in pending}
        while pending:
            for name in pending.pop().reads:
                if name not in found and name in formulas and name not in self.network.tensors:
                    found.add(name)
                    pending.append(formulas[name])
        return [name for name in formulas if name in found]

    @cached_property
    def lines(self) -> tuple[Formula, ...]:
        """All formulas that the gradients need, each once, in the order in which they are calculated."""
        known = self._adjoints
        wanted = [self.formulas[known[name]] for name in self.wrt]
        return tuple(self.formulas[name] for name in self._uses(wanted, self.formulas))

    def listing(self, form: str = "text") -> str:
        """The backward pass, a formula per line: as `text`, `latex` (an aligned environment) or `matrix`."""
        if form == "latex":
            return self.latex()
        shown = [f.matrix_form() if form == "matrix" else None for f in self.lines]
        lines = [f.formula if matrix is None else matrix.text for f, matrix in zip(self.lines, shown, strict=True)]
        return aligned(lines)

    def latex(self) -> str:
        """The backward pass as an `aligned` environment."""
        rows = " \\\\\n".join("  " + f.latex().replace(" = ", " &= ", 1) for f in self.lines)
        return f"\\begin{{aligned}}\n{rows}\n\\end{{aligned}}"

    def to_json(self) -> str:
        """The gradients and every formula that they use, as JSON; `matrix` is null where there is no such form."""
        found = {"network": self.network.name, "objective": self.network.objective}
        own = {self._adjoints[name]: name for name in self.wrt}
        rows = [{"of": own.get(f.name, f.tensors[f.name].of), "wanted": f.name in own, **plain(f)} for f in self.lines]
        return json.dumps({**found, "formulas": rows}, ensure_ascii=False)

    def __str__(self) -> str:
        return self.listing()

    def __repr__(self) -> str:
        return f"Gradients of {self.network.name!r} by {', '.join(self.wrt)}"

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"


def plain(f: Formula) -> dict[str, Any]:
    """A formula in every form, as values that JSON knows."""
    matrix = f.matrix_form()
    return {
        "name": f.name,
        "indices": list(f.indices),
        "formula": f.formula,
        "latex": f.latex(),
        "matrix": None if matrix is None else matrix.text,
        "uses": list(f.reads),
    }


WIDEST = 30


def aligned(lines: Iterable[str]) -> str:
    """Equations with their signs below each other; a long left-hand side stands out."""
    sides = [line.split(" = ", 1) for line in lines]
    width = max((len(left) for left, _ in sides if len(left) <= WIDEST), default=0)
    return "\n".join(f"{left:<{width}} = {right}" for left, right in sides)


class Backward(Formulas):
    """The formulas of a program with its adjoint, the adjoints in the form in which a person would write them.

    Adjoints of the compiler's own tensors that only one formula reads are put into it, and values that the spec has a
    name for are called by it.
    """

    SHORT = 30

    def __init__(self, program: Program, of: str, network: Network) -> None:
        super().__init__(program, of)
        self.network = network

    def _make(self, name: str) -> Formula:
        formula = super()._make(name)
        if not self._is_adjoint(name):
            return formula
        value = formula.value
        for other in formula.reads:
            if self._is_passing(other) and length(self[other].value) <= self.SHORT:
                value = inserted(value, self[other], formula.indices)
        value = with_deltas_solved(value)
        return formula.with_value(shortened(value, [self[other] for other in self.made_of(value)]))

    def made_of(self, value: sp.Expr) -> tuple[str, ...]:
        """The values of the spec that are made of a tensor which an expression uses too."""
        used = used_names(value, self.program.readers.__contains__)
        made = dict.fromkeys(s.target.tensor for name in used for s in self.program.readers[name])
        return tuple(n for n in made if n in self.network.tensors and not self._is_adjoint(n))

    def _is_adjoint(self, name: str) -> bool:
        return name in self.program.writers and self.program.tensors[name].role == "adjoint"

    def _is_passing(self, name: str) -> bool:
        """Whether an adjoint is that of a tensor that the spec does not name, and read by one other tensor only."""
        readers = {s.target.tensor for s in self.program.readers.get(name, ())}
        return (
            self._is_adjoint(name)
            and self.program.tensors[name].of not in self.network.tensors
            and len(readers - {name}) == 1
            and name not in readers
        )


def adjoints(formulas: Backward) -> dict[str, str]:
    """Tensor to the name of its adjoint, for those that have one in a program."""
    tensors = formulas.program.tensors
    return {tensors[name].of: name for name in formulas if tensors[name].role == "adjoint"}
