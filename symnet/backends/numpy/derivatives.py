"""The functions that a module has when they are asked for: products with Jacobian and Hessian, Hessians, parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from symnet.backends.numpy.arguments import Arguments
from symnet.backends.numpy.functions import Functions, FunctionView, Own
from symnet.backends.numpy.layout import WIDTH, Item, call, dictionary, lay_out, quoted
from symnet.backends.numpy.names import RESERVED, identifiers
from symnet.backends.numpy.print import shape_source
from symnet.ir.bundle import Derivative
from symnet.ir.program import Program

Rows = tuple[tuple[tuple[str, ...], str], ...]


@dataclass(frozen=True, slots=True)
class DerivativeView:
    """One such function: its name in the module, what it is of, and its lines."""

    name: str
    kind: str
    of: str
    function: FunctionView


class DerivativeFunctions(Functions):
    """Prints the further functions of one module."""

    def views(
        self, derivatives: Sequence[Derivative], arguments: Arguments, outputs: Sequence[tuple[str, str]]
    ) -> tuple[DerivativeView, ...]:
        """The functions in order. `outputs` are key and tensor of what `forward` returns."""
        names = identifiers((d.function for d in derivatives), RESERVED)
        return tuple(
            DerivativeView(names[d.function], d.kind, d.of, self.derivative(names[d.function], d, arguments, outputs))
            for d in derivatives
        )

    def derivative(
        self, name: str, d: Derivative, arguments: Arguments, outputs: Sequence[tuple[str, str]]
    ) -> FunctionView:
        """One function: what it returns is keyed by parameter, by rows and columns, or by output."""
        program = d.program
        body = self._body(program, [*d.values, *(tensor for _, tensor in d.results)])
        values = self._values(program, body)
        found = self._owned(program, values, (*d.values, *(tensor for _, tensor in d.results)))
        rows = tuple((key, source) for (key, _), source in zip(d.results, found[len(d.values) :], strict=True))
        if d.kind == "jvp":
            given = dict(zip(d.values, found, strict=False))
            tangents = {key: source for (key,), source in rows}
            result = self._lines(dictionary([(key, given[t]) for key, t in outputs], "outputs = "))
            result += self._lines(
                dictionary([(key, tangents[t]) for key, t in outputs if t in tangents], "tangents = ")
            )
            result.append("return outputs, tangents")
        else:
            result = self._lines(_nested(rows, "return "))
        own = self._direction(d) if d.directions else None
        return self._function(name, arguments, program, body, result, own)

    def _owned(self, program: Program, values: Mapping[str, str], tensors: Sequence[str]) -> list[str]:
        """Results as arrays that nothing else refers to."""
        seen: set[str] = set()
        found = []
        for tensor in tensors:
            found.append(self._own(program, values[tensor], tensor, values[tensor] in seen))
            seen.add(values[tensor])
        return found

    def _direction(self, d: Derivative) -> Own:
        """The argument v: a dict with the direction in which each tensor moves."""
        formal = next(name for name in ("v", "v_", "vector", "vector_") if name not in self.names.values())
        read = {name for s in d.program.statements for name in s.reads} | {tensor for _, tensor in d.results}
        keys = [quoted(name) for name, _ in d.directions]
        lines = self._lines(call("_check_keys", ['"v"', formal, f"({', '.join(keys)}{',' * (len(keys) == 1)})"]))
        for name, direction in d.directions:
            if direction in read:
                shape = shape_source(d.program.tensors[direction].extents, self.names)
                given = call(f"{self.names[direction]} = _direction", [quoted(name), formal, shape, "dtype"])
                lines += self._lines(given)
        what = "parameters and real inputs" if d.kind == "jvp" else "parameters"
        text = f"a dict of arrays like the {what}; a missing one counts as zeros"
        return Own(formal, text, tuple(lines))

    def _lines(self, item: Item) -> list[str]:
        return lay_out(item, width=WIDTH - 4)


def _nested(rows: Rows, head: str = "") -> Item:
    """A dict, or a dict of dicts; a single array without a key stands alone."""
    if rows[0][0] == ():
        return head + rows[0][1]
    inner: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for key, source in rows:
        inner.setdefault(key[0], []).append((key[1:], source))
    return dictionary([(key, _nested(tuple(parts))) for key, parts in inner.items()], head)
