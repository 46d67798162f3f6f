"""Random programs as the text of a spec: so that parser, resolver and lowering can be tried on them too."""

from __future__ import annotations

from symnet.ir.affine import Affine
from symnet.ir.program import Place, Statement, Tensor
from symnet.ir.show import _body, _shifted, show_guard, show_index
from symnet.language.extents import Extent
from tests.programs import RandomProgram

WORDS = {"+": "sum", "prod": "prod", "max": "max", "min": "min", "argmax": "argmax", "argmin": "argmin"}


def spec_of(r: RandomProgram, seeds: dict[str, str]) -> str:
    """The spec that says the same. `seeds` maps results to inputs: the loss is the sum of their products."""
    program = r.program
    lines = ["network random_program", *(f"example {name} = {size}" for name, size in r.sizes.items())]
    lines += [f"input anchor_{name}[{name}]" for name in r.sizes]
    lines += [_declaration(tensor) for tensor in program.tensors.values() if tensor.given]
    lines += [f"input {seed}{_shape(program.tensors[name])}" for name, seed in seeds.items()]
    based: set[str] = set()
    for s in program.statements:
        tensor = program.tensors[s.target.tensor]
        adds = s.op == "+" and (tensor.name in based or s.target.plain is None)
        if adds and tensor.name not in based:
            lines.append(f"{tensor.name}{_box(tensor)} = 0")
        lines.append(_equation(s, adds))
        based.add(tensor.name)
    lines.append(f"output {', '.join(seeds)}")
    lines.append(f"minimize {' + '.join(_term(program.tensors[name], seed) for name, seed in seeds.items())}")
    return "\n".join(lines) + "\n"


def _declaration(tensor: Tensor) -> str:
    if tensor.bound is not None:
        return f"input {tensor.name}{_shape(tensor)} < {tensor.bound}"
    return f"{tensor.role} {tensor.name}{_shape(tensor)}{' ~ normal' if tensor.role == 'param' else ''}"


def _shape(tensor: Tensor) -> str:
    return f"[{', '.join(map(str, tensor.extents))}]" if tensor.extents else ""


def _box(tensor: Tensor) -> str:
    return f"[{', '.join(f'i{k}: {extent}' for k, extent in enumerate(tensor.extents))}]" if tensor.extents else ""


def _equation(s: Statement, adds: bool) -> str:
    view = _shifted(s)
    moved = view.statement
    low = [
        view.low.get(place.plain or "", Extent()) if isinstance(place, Affine) else Extent()
        for place in moved.target.places
    ]
    places = [_dimension(place, start, s) for place, start in zip(moved.target.places, low, strict=True)]
    target = s.target.tensor + (f"[{', '.join(places)}]" if places else "")
    value = _body(moved)
    if s.reduced:
        binders = ", ".join(f"{name}: 0..{s.extents[name]}" for name in s.reduced)
        conditions = " and ".join(map(show_guard, s.guards))
        value = f"{WORDS[s.op]}({binders}{' if ' * bool(conditions)}{conditions}: {value})"
    return f"{target} {'+=' if adds else '='} {value}"


def _dimension(place: Place, low: Extent, s: Statement) -> str:
    if not isinstance(place, Affine) or not place.terms:
        return show_index(place)
    if place.plain:
        return f"{place.plain}: {low}..{low + s.extents[place.plain]}"
    terms = sorted(place.terms, key=lambda term: term[1].constant == 1)  # h*K + k: h comes first
    return f"({', '.join(f'{name}: {s.extents[name]}' for name, _ in terms)})"


def _term(tensor: Tensor, seed: str) -> str:
    names = [f"i{k}" for k in range(len(tensor.extents))]
    if not names:
        return f"{seed}*{tensor.name}"
    at = ", ".join(names)
    return f"sum({at}: {seed}[{at}]*{tensor.name}[{at}])"
