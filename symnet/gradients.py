"""The gradients of a network as formulas that people read.

`gradients(network)` maps the name of every parameter to a `Gradient`; any other real tensor can be asked for by name.
The formulas are those of the adjoint program, each tensor's contributions added up: what is printed is what is emitted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from symnet.errors import UsageError, nearest
from symnet.language.network import Network
from symnet.notation.formula import Formula, Formulas
from symnet.notation.substitute import closed
from symnet.passes.lower import lower
from symnet.passes.pipeline import gradient_program, parameters

__all__ = ["Gradient", "Gradients", "gradients"]


def gradients(network: Network, wrt: Iterable[str] | None = None) -> Gradients:
    """The gradients of what a network minimises.

    `wrt` names the tensors that the mapping holds: parameters, real inputs, or values on the way. Without it these are
    the parameters that are not frozen. UsageError where the network minimises nothing, or a name is unknown.
    """
    return Gradients(network, parameters(network) if wrt is None else tuple(dict.fromkeys(wrt)))


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
        return closed(self, {f.name: f for f in self.intermediates})

    def __str__(self) -> str:
        return "\n".join(f.formula for f in (*self.intermediates, self))


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
    def formulas(self) -> Formulas:
        """Every formula of the program that calculates the loss and the gradients."""
        return self._derived(self.wrt)

    @cached_property
    def _adjoints(self) -> dict[str, str]:
        return adjoints(self.formulas)

    def _derived(self, wrt: Iterable[str]) -> Formulas:
        net = self.network
        objective = net.objective or ""
        needed = lower(net, (objective,)).tensors if objective else {}
        keep = (*net.outputs, *(name for name in net.tensors if name in needed and net.tensors[name].role == "value"))
        derived = gradient_program(net, tuple(wrt), keep)
        return Formulas(derived.program, objective)

    def _known(self, name: str) -> None:
        """Raise an error that helps where a tensor has no gradient."""
        tensor = self.network.tensors.get(name)
        if tensor is None:
            raise UnknownTensor(f"the network has no tensor {name!r}", hint=nearest(name, self.network.tensors))
        if tensor.integer:
            raise UnknownTensor(f"{name!r} holds integers: it has no gradient")

    def _make(self, name: str, formulas: Formulas) -> Gradient:
        own = formulas[adjoints(formulas)[name]]
        used = [formulas[other] for other in self._uses(own, formulas)]
        return Gradient(own.name, own.indices, own.value, own.tensors, own.of, name, tuple(used))

    def _uses(self, own: Formula, formulas: Formulas) -> list[str]:
        """What a formula reads that has no formula in the spec, transitively, in the order of the program."""
        found: dict[str, None] = {}
        pending = [own]
        while pending:
            for name in pending.pop().reads:
                if name in found or name not in formulas or name in self.network.tensors:
                    continue
                found[name] = None
                pending.append(formulas[name])
        return [name for name in formulas if name in found]

    def __str__(self) -> str:
        return "\n".join(f.formula for f in self.lines)

    @cached_property
    def lines(self) -> tuple[Formula, ...]:
        """All formulas that the gradients need, each once, in the order in which they are calculated."""
        wanted = {f.name: f for gradient in self.values() for f in (*gradient.intermediates, gradient)}
        return tuple(wanted[name] for name in self.formulas if name in wanted)


def adjoints(formulas: Formulas) -> dict[str, str]:
    """Tensor to the name of its adjoint, for those that have one in a program."""
    tensors = formulas.program.tensors
    return {tensors[name].of: name for name in formulas if tensors[name].role == "adjoint"}
