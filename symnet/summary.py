"""What a network consists of and what it costs: shapes, parameters, operations, and what is kept for the way back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from textwrap import fill
from typing import Any

from symnet.errors import UnsupportedError
from symnet.ir.bundle import Differentiated
from symnet.ir.program import Statement
from symnet.language.extents import Extent
from symnet.language.network import Network, TensorDecl
from symnet.markup import escape, table
from symnet.passes.pipeline import emitted, forward_program, gradient_program, step_program, within
from symnet.passes.recompute import Recomputed
from symnet.planning.budget import Budget, at_sizes, bytes_text, known_sizes
from symnet.planning.costs import INTEGER_BYTES, REAL_BYTES, elements, flops, volume
from symnet.planning.footprint import Footprint, formula, whole_formula

TRADES = ("calculated again", "with", "kept instead", "bytes freed", "operations", "time")
HEADINGS = ("name", "kind", "shape", "parameters", "forward", "backward")
DEFAULT_SIZE = 1  # of a size that the spec gives no example for


@dataclass(frozen=True)
class Row:
    """A tensor, or a layer with all its tensors.

    kind        the role of a tensor (param, input, input < 10, ...), or the name of a layer
    shape       of the tensor, or of the layer's result
    parameters  how many numbers are learnt
    forward     operations of one forward pass
    backward    operations of one backward pass: what it takes to pass its adjoint on
    """

    name: str
    kind: str
    shape: tuple[Extent, ...]
    parameters: Extent
    forward: Extent
    backward: Extent


@dataclass(frozen=True)
class Summary:
    """A network in numbers. All of them are formulas in the sizes; `sizes` are those at which `str` shows them.

    saved        the tensors that the forward pass keeps for the backward pass
    saved_bytes  what they take in float32
    peak         the memory of a training step as it is emitted, results included, parameters and data not; None where
                 there is no such step, or it cannot be emitted
    budget       the most bytes that a training step may take, where that was said
    traded       what is calculated twice for it
    """

    network: str
    objective: str | None
    rows: tuple[Row, ...]
    sizes: Mapping[str, int]
    saved: tuple[str, ...]
    saved_bytes: Extent
    peak: Footprint | None = None
    budget: Budget | None = None
    traded: Recomputed | None = None

    @property
    def parameters(self) -> Extent:
        """How many numbers are learnt."""
        return _sum(row.parameters for row in self.rows)

    @property
    def forward(self) -> Extent:
        """Operations of a forward pass."""
        return _sum(row.forward for row in self.rows)

    @property
    def backward(self) -> Extent:
        """Operations of a backward pass."""
        return _sum(row.backward for row in self.rows)

    def __str__(self) -> str:
        return summary_text(self)

    def _repr_html_(self) -> str:
        rows = [
            (r.name, r.kind, shape_text(r.shape), *map(cost_text, (r.parameters, r.forward, r.backward)))
            for r in self.rows
        ]
        title = f"<div><b>{escape(self.network)}</b></div>"
        found = title + table(HEADINGS, rows) + table(("in all", "formula", "number", ""), totals(self))
        found += f"<div>peak of a step: {escape(peak_text(self))}</div>" if self.peak is not None else ""
        return found + (table(TRADES, trades(self)) + table(("", "", ""), balance(self)) if self.traded else "")

    def to_json(self) -> str:
        """Everything as JSON; each cost as a formula and as the number at `sizes`."""
        rows = [
            {
                "name": row.name,
                "kind": row.kind,
                "shape": [str(extent) for extent in row.shape],
                **{key: self._cost(getattr(row, key)) for key in ("parameters", "forward", "backward")},
            }
            for row in self.rows
        ]
        whole = {key: self._cost(getattr(self, key)) for key in ("parameters", "forward", "backward", "saved_bytes")}
        found: dict[str, Any] = {"network": self.network, "objective": self.objective, "sizes": dict(self.sizes)}
        found |= {"rows": rows, "saved": list(self.saved)} | whole
        if self.peak is not None:
            found["peak_bytes"] = {
                "formula": whole_formula(self.peak, self.sizes),
                "value": self.peak.value(self.sizes),
                "held": self.peak.held_bytes(self.sizes),
                "passing": self.peak.passing_bytes(self.sizes),
            }
        return json.dumps(found | ({"memory": self._memory()} if self.traded else {}), ensure_ascii=False)

    def _memory(self) -> dict[str, Any]:
        assert self.traded is not None and self.budget is not None
        rows = [
            {
                "tensor": t.tensor,
                "besides": list(t.besides),
                "instead": list(t.instead),
                "freed": t.freed,
                "operations": t.operations,
                "seconds": t.time * 1e-9,
            }
            for t in self.traded.trades
        ]
        whole = {"before": self.traded.before, "after": self.traded.after, "operations": self.traded.operations}
        return {"budget": self.budget.bytes} | whole | {"seconds": self.traded.time * 1e-9, "trades": rows}

    def _cost(self, extent: Extent) -> dict[str, str | int]:
        return {"formula": str(extent), "value": extent.value(self.sizes)}


def summary(
    network: Network,
    derived: Differentiated | None = None,
    *,
    memory: int | str | None = None,
    sizes: Mapping[str, int] | None = None,
    plan: bool = True,
) -> Summary:
    """The costs of a network's training step; of its outputs alone where it minimises nothing.

    `derived` is its program with adjoints, where the caller has it already. `sizes` are those at which numbers are
    shown, in the place of the spec's examples. With `memory`, a budget as `planning/budget.py` reads it, also what is
    calculated twice to stay within it; UsageError where that cannot be, or there is no training step. Without `plan`
    the peak is left out, for which the step has to be emitted.
    """
    from symnet.backends.numpy.footprint import step_budget

    known = dict.fromkeys(network.sizes, DEFAULT_SIZE) | known_sizes(network, sizes)
    derived = derived or (gradient_program(network) if network.objective else None)
    found = _Summary(network, derived, known).result()
    if memory is None:
        return replace(found, peak=_peak(network, emitted(derived))) if plan and derived is not None else found
    budget = step_budget(memory, network, sizes)
    traded = within(budget, network, step_program(network) if derived is None else emitted(derived))
    return replace(found, peak=_peak(network, traded.derived), budget=budget, traded=traded)


def _peak(network: Network, step: Differentiated) -> Footprint | None:
    from symnet.backends.numpy.footprint import step_footprint

    try:
        return step_footprint(network, step)
    except UnsupportedError:
        return None


class _Summary:
    def __init__(self, network: Network, derived: Differentiated | None, sizes: Mapping[str, int]) -> None:
        self.network = network
        self.sizes = sizes
        self.rows: dict[str, str] = {}  # tensor to the row that it belongs to
        for name in network.tensors:
            self.rows[name] = self.row_of(name)
        if derived is not None:
            self.program, self.forward = derived.program, derived.forward
        else:
            self.program = forward_program(network, network.outputs)
            self.forward = len(self.program.statements)

    def row_of(self, name: str) -> str:
        """The outermost layer that a tensor of the spec is part of, or the tensor itself."""
        first, _, rest = name.partition(".")
        return first if rest and (first in self.network.groups or first in self.network.tensors) else name

    def result(self) -> Summary:
        self.place_own_tensors()
        forward: dict[str, Extent] = {}
        backward: dict[str, Extent] = {}
        for number, s in enumerate(self.program.statements):
            into, name = (forward, s.target.tensor) if number < self.forward else (backward, self.passed_on(s))
            row = self.rows[name]
            into[row] = into.get(row, Extent()) + flops(s)
        names = dict.fromkeys(self.rows.values())
        rows = tuple(self.row(name, forward, backward) for name in names if self.is_shown(name, forward, backward))
        saved = self.saved()
        kept = _sum(elements(self.program, [n]) * self.bytes_of(n) for n in saved)
        return Summary(self.network.name, self.network.objective, rows, self.sizes, saved, kept)

    def place_own_tensors(self) -> None:
        """The compiler's own tensors belong to the row of the first tensor that is made of them."""
        for s in reversed(self.program.statements[: self.forward]):
            for name in s.reads:
                if name not in self.network.tensors:
                    self.rows[name] = self.rows[s.target.tensor]

    def passed_on(self, s: Statement) -> str:
        """The tensor whose adjoint a statement of the backward pass passes on; the objective where it reads none."""
        tensors = self.program.tensors
        adjoints = [tensors[name].of for name in s.reads if tensors[name].role == "adjoint"]
        own = [name for name in adjoints if name in self.rows]
        return own[-1] if own else str(self.network.objective)

    def is_shown(self, name: str, *costs: Mapping[str, Extent]) -> bool:
        """Inputs, layers, and what costs something; not the metrics, which no training step calculates."""
        tensor = self.network.tensors.get(name)
        given = tensor is not None and tensor.role != "value"
        return given or name in self.network.groups or any(name in cost for cost in costs)

    def row(self, name: str, forward: Mapping[str, Extent], backward: Mapping[str, Extent]) -> Row:
        tensor = self.network.tensors.get(name)
        inside = [d for n, d in self.network.tensors.items() if self.rows[n] == name]
        learnt = _sum(volume(d.extents) for d in inside if d.role == "param")
        shape = tensor.extents if tensor is not None else ()
        nothing = Extent()
        kind = self.network.groups.get(name) or _kind(tensor)
        return Row(name, kind, shape, learnt, forward.get(name, nothing), backward.get(name, nothing))

    def saved(self) -> tuple[str, ...]:
        """What the forward pass calculates and the backward pass reads."""
        later = {name for s in self.program.statements[self.forward :] for name in s.reads}
        made = dict.fromkeys(s.target.tensor for s in self.program.statements[: self.forward])
        return tuple(name for name in made if name in later)

    def bytes_of(self, name: str) -> int:
        return INTEGER_BYTES if self.program.tensors[name].integer else REAL_BYTES


def _kind(tensor: TensorDecl | None) -> str:
    if tensor is None:
        return ""
    if tensor.role == "param" and tensor.frozen:
        return "param, frozen"
    bound = f" < {tensor.bound}" if tensor.bound is not None else ""
    return "" if tensor.role == "value" else tensor.role + bound


def _sum(extents: Iterable[Extent]) -> Extent:
    return sum(extents, Extent())


# --- as text ---------------------------------------------------------------------------------------


def summary_text(s: Summary) -> str:
    """The table of rows, and the totals as formulas and as numbers."""
    lines = [
        (row.name, row.kind, shape_text(row.shape), *map(cost_text, (row.parameters, row.forward, row.backward)))
        for row in s.rows
    ]
    title = f"{s.network}: minimises {s.objective}" if s.objective else f"{s.network}: minimises nothing"
    parts = [title, _table([HEADINGS, *lines], left=3), _table(totals(s), left=4)]
    if s.peak is not None:
        parts.append(fill(f"peak of a step: {peak_text(s)}", 100, subsequent_indent="    ", break_long_words=False))
    if s.traded is not None:
        parts += [
            f"keep or recompute: memory = {s.budget}",
            *([_table([TRADES, *trades(s)], left=3)] if s.traded.trades else []),
        ]
        parts += [_table(balance(s), left=3)]
    return "\n\n".join(parts)


def totals(s: Summary) -> list[tuple[str, str, str, str]]:
    """What all rows come to: name, formula, number, remark."""
    at = " at " + ", ".join(f"{name} = {size}" for name, size in s.sizes.items()) if s.sizes else ""

    def line(name: str, cost: Extent, unit: str, note: str = "") -> tuple[str, str, str, str]:
        number = f"{cost.value(s.sizes):,} {unit}"
        return name, cost_text(cost) or "0", "" if cost.constant is not None else f"= {number}{at}", note

    found = [
        line("parameters", s.parameters, "numbers", f"{s.parameters.value(s.sizes) * REAL_BYTES:,} bytes in float32"),
        line("forward", s.forward, "operations"),
    ]
    if s.objective:
        found.append(line("backward", s.backward, "operations", _ratio(s)))
        found.append(line("bytes saved", s.saved_bytes, "in float32", f"for {', '.join(s.saved)}" if s.saved else ""))
    return found


def peak_text(s: Summary) -> str:
    """The most bytes that a training step holds, as a formula and at the sizes: `3,072*N + 640 bytes; 1 MB at …`."""
    if s.peak is None:
        return ""
    text, number = formula(s.peak, s.sizes), s.peak.value(s.sizes)
    return (
        f"{text} bytes in float32; {bytes_text(number)}{at_sizes(s.sizes)}"
        if s.sizes
        else f"{number:,} bytes in float32"
    )


def _ratio(s: Summary) -> str:
    forward, backward = s.forward.value(s.sizes), s.backward.value(s.sizes)
    return f"{backward / forward:.2g} times forward" if forward else ""


def trades(s: Summary) -> list[tuple[str, ...]]:
    """What is calculated twice, or later, to stay within the budget: a row for each tensor that is not kept."""
    found = s.traded.trades if s.traded else ()
    return [
        (
            t.tensor,
            ", ".join(t.besides),
            ", ".join(t.instead),
            f"{t.freed:,}",
            f"{t.operations:,}",
            _microseconds(t.time),
        )
        for t in found
    ]


def balance(s: Summary) -> list[tuple[str, str, str]]:
    """What was gained and what it costs: name, number, remark."""
    traded = s.traded
    assert traded is not None
    whole = (s.forward + s.backward).value(s.sizes)
    share = f"{traded.operations / whole:.1%} of a step" if whole else ""
    saved = f"{traded.after / traded.before:.1%} of that" if traded.before else ""
    return [
        ("bytes of a step before", f"{traded.before:,}", "results, buffers and temporaries in float32"),
        ("bytes of a step after", f"{traded.after:,}", saved),
        ("operations added", f"{traded.operations:,}", share),
        ("time added, about", _microseconds(traded.time), "as estimated for one core"),
    ]


def _microseconds(nanoseconds: float) -> str:
    return f"{nanoseconds / 1000:,.1f} us" if nanoseconds < 1e7 else f"{nanoseconds / 1e6:,.1f} ms"


def cost_text(extent: Extent) -> str:
    """A cost with its thousands apart, empty for none: `8,256*N`."""
    text = str(extent) if extent.terms else ""
    return re.sub(r"\d{4,}", lambda match: f"{int(match[0]):,}", text)


def shape_text(extents: tuple[Extent, ...]) -> str:
    """A shape as in the language."""
    return f"[{', '.join(map(str, extents))}]"


def _table(rows: Sequence[Sequence[str]], left: int) -> str:
    """Columns below each other, the first ones flush left and the others flush right."""
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if k < left else cell.rjust(width)
            for k, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
