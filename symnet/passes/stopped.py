"""The twin of a network with `stop`: every stop(e) is an input of its own, so that differences do not see through it.

The gradient of the network is that of its twin at stopped = e. The check compares the twin with finite differences, and
the network with its twin.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from symnet.ir.program import fresh_name
from symnet.language.extents import Extent
from symnet.language.network import Equation, Expr, Index, Network, Op, Reduce, Ref, TensorDecl


@dataclass(frozen=True)
class Twin:
    """`network` takes the tensors `stopped` as further inputs; `values` calculates them as its outputs."""

    network: Network
    values: Network
    stopped: tuple[str, ...]


def twin(net: Network) -> Twin | None:
    """The twin of a network, None where it stops nothing."""
    if not any(_stops(equation.value) for equation in net.equations):
        return None
    held = _Held(net)
    equations = tuple(replace(e, value=held.expression(e.value, dict(e.indices))) for e in net.equations)
    inputs = {n: replace(d, role="input") for n, d in held.tensors.items()}
    network = replace(net, tensors={**net.tensors, **inputs}, equations=equations)
    values = replace(
        net,
        tensors={**net.tensors, **held.tensors},
        equations=(*net.equations, *held.equations),
        outputs=tuple(held.tensors),
        metrics=(),
        objective=None,
        next_state=(),
    )
    return Twin(network, values, tuple(held.tensors))


@dataclass
class _Held:
    net: Network
    tensors: dict[str, TensorDecl] = field(default_factory=dict)
    equations: list[Equation] = field(default_factory=list)

    def expression(self, e: Expr, extents: dict[str, Extent]) -> Expr:
        """The formula with reads of new tensors in the place of what is stopped."""
        if isinstance(e, Op) and e.name == "stop":
            return self.hold(e.args[0], extents)
        if isinstance(e, Op):
            return replace(e, args=tuple(self.expression(a, extents) for a in e.args))
        if isinstance(e, Reduce):
            inner = extents | dict(e.binders)
            condition = None if e.condition is None else self.expression(e.condition, inner)
            return replace(e, condition=condition, body=self.expression(e.body, inner))
        if isinstance(e, Ref) and e.default is not None:
            return replace(e, default=self.expression(e.default, extents))
        return e

    def hold(self, e: Expr, extents: dict[str, Extent]) -> Expr:
        used = set(_free_indices(e))
        box = tuple((name, extent) for name, extent in extents.items() if name in used)
        name = fresh_name("stopped", {**self.net.tensors, **self.tensors})
        places = tuple(Index(n) for n, _ in box)
        self.tensors[name] = TensorDecl(name, tuple(x for _, x in box), "value")
        self.equations.append(Equation(name, box, places, e))
        return Ref(name, places)


def _parts(e: Expr) -> tuple[Expr, ...]:
    if isinstance(e, Op):
        return e.args
    if isinstance(e, Reduce):
        return (e.body,) if e.condition is None else (e.condition, e.body)
    if isinstance(e, Ref):
        return e.indices if e.default is None else (*e.indices, e.default)
    return ()


def _stops(e: Expr) -> bool:
    return (isinstance(e, Op) and e.name == "stop") or any(_stops(part) for part in _parts(e))


def _free_indices(e: Expr) -> Iterator[str]:
    if isinstance(e, Index):
        yield e.name
        return
    bound = {name for name, _ in e.binders} if isinstance(e, Reduce) else set()
    for part in _parts(e):
        yield from (name for name in _free_indices(part) if name not in bound)
