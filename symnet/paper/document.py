"""A derivation as LaTeX and as Markdown; `templates/paper/` holds the words that are always the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import sympy as sp

from symnet.backends import templates
from symnet.errors import UsageError
from symnet.files import write_atomically
from symnet.ir.formula import ATOM, Text
from symnet.ir.program import Tensor
from symnet.language.extents import Extent
from symnet.notation.expression import tensor_name
from symnet.notation.formula import Formula
from symnet.notation.latex import LatexPrinter, objective_name
from symnet.notation.names import with_marks
from symnet.notation.text import with_decimals
from symnet.paper.derive import Derivation, Reason, Ref, slope
from symnet.paper.lines import broken, width

# In em: a line of the text, what is left of it behind a number, and how far a broken formula's lines are moved in.
LINE, NUMBER, INDENT, SIGN, GAP = 44.0, 3.5, 1.5, 1.5, 1.0
BESIDE = (24.0, 17.0, 28.0)  # where reasons begin beside a formula: at least, so far behind its sign, at most
# What Markdown would take for its own, since a backslash before a sign is an escape there.
FOR_MARKDOWN = {"\\_": "\\text{-}", "\\{": "\\lbrace ", "\\}": "\\rbrace ", "\\operatorname": "\\mathrm"}
SMALL = 0.82  # the size of reasons


class Given(NamedTuple):
    """A row of the table of symbols."""

    symbol: str
    kind: str
    values: str
    name: str


class Row(NamedTuple):
    """A row of an aligned formula: left of the sign, right of it, and a reason, "" where there is none."""

    left: str
    right: str
    reason: str


class Block(NamedTuple):
    """A numbered formula."""

    key: str
    number: int
    rows: tuple[Row, ...]


class Group(NamedTuple):
    """Formulas below a heading, "" for none."""

    call: str
    layer: str
    blocks: tuple[Block, ...]


class View(NamedTuple):
    """What the templates fill in."""

    name: str
    objective: str
    objective_name: str
    given: tuple[Given, ...]
    definitions: tuple[Group, ...]
    adjoints: tuple[Block, ...]
    lead: str
    right: str
    has: frozenset[str]


@dataclass(frozen=True)
class Paper:
    """A document; `save` takes the kind from the name of the file, .tex or .md."""

    derivation: Derivation

    def latex(self) -> str:
        """A whole LaTeX document, whose body can be put into an appendix. Needs amsmath, longtable and geometry."""
        return templates.environment("paper").get_template("document.tex.jinja").render(paper=self.view("tex"))

    def markdown(self) -> str:
        """The same in Markdown with formulas between dollar signs."""
        text = templates.environment("paper").get_template("document.md.jinja").render(paper=self.view("md"))
        for latex, plain in FOR_MARKDOWN.items():
            text = text.replace(latex, plain)
        return text

    def save(self, path: str | Path) -> Path:
        """Write the document to a file, whole or not at all. UsageError for another kind of file."""
        makers = {".tex": self.latex, ".md": self.markdown}
        if Path(path).suffix not in makers:
            raise UsageError(f"{path}: a document is written as .tex or .md", hint=f"{Path(path).stem}.tex")
        text = makers[Path(path).suffix]()
        write_atomically(path, lambda stream: stream.write(text.encode()))
        return Path(path)

    def view(self, form: str) -> View:
        """Everything printed for one of the two forms, tex or md."""
        return _Writer(self.derivation, form).view()

    def __str__(self) -> str:
        return self.markdown()

    def _repr_markdown_(self) -> str:
        return self.markdown()


class PaperPrinter(LatexPrinter):
    """LaTeX with derivatives of one tensor by another; that of the objective is of its own equation alone."""

    of = ""  # the objective's name in the program
    equation = ""  # and the number of its equation

    def __init__(self, tensors: Mapping[str, Tensor], objective: str, order: Iterable[str]) -> None:
        super().__init__(tensors, objective, order)
        self.rows = ((slope, self.slope), *self.rows)

    def slope(self, node: sp.Expr) -> Text:
        above, below = map(self.plain, node.args)
        if tensor_name(node.args[0]) != self.of:
            return f"\\frac{{\\partial {above}}}{{\\partial {below}}}", ATOM
        return f"\\left.\\frac{{\\partial {self.objective}}}{{\\partial {below}}}\\right|_{{{self.equation}}}", ATOM

    def reading(self, factor: sp.Expr) -> tuple[int, list[int], str]:
        """The derivative by a tensor comes behind the one that it is multiplied by."""
        kind, ranks, text = super().reading(factor)
        return (kind + 10 if isinstance(factor, slope) else kind), ranks, text


class _Writer:
    def __init__(self, d: Derivation, form: str) -> None:
        self.d = d
        self.form = form
        self.objective = objective_name(d.program.tensors, d.objective)
        keys = [*(f.name for f in d.values), *(a.formula.name for a in d.adjoints)]
        self.numbers = {name: k + 1 for k, name in enumerate(keys)}

    def view(self) -> View:
        adjoints = tuple(self.adjoint(k) for k in range(len(self.d.adjoints)))
        text = "".join(row.right for block in adjoints for row in block.rows)
        has = {word for word in ("\\delta", "\\left[", "\\bmod", "\\lfloor") if word in text}
        return View(
            name=self.escaped(self.d.network.name),
            objective=self.objective,
            objective_name=self.escaped(self.d.names[self.d.objective]),
            given=tuple(map(self.given, self.d.given)),
            definitions=tuple(self.groups()),
            adjoints=adjoints,
            lead=f"{self.lead:.1f}em",
            right=f"{self.beside - self.lead:.1f}em",
            has=frozenset(has),
        )

    @cached_property
    def lead(self) -> float:
        """The width of the widest adjoint's left-hand side."""
        formulas = [derived.formula for derived in self.d.adjoints]
        return max(width(self.printer(f.indices).plain(f.left)) for f in formulas)

    @property
    def beside(self) -> float:
        least, behind, most = BESIDE
        return min(most, max(least, self.lead + behind))

    # --- definitions ---

    def given(self, t: Tensor) -> Given:
        values = f"0, \\dots, {self.extent(t.bound - 1)}" if t.bound is not None else "\\mathbb{R}"
        shape = " \\times ".join(map(self.extent, t.extents))
        if t.bound is not None:
            values = f"\\{{{values}\\}}"
        kind = {"param": "parameter", "random": "noise"}.get(t.role, t.role)
        kind += ", not learned" if t.frozen else ""
        symbol = self.math(with_marks(t.name, self.below(self.d.indices[t.name])))
        power = f"{values}^{{{shape}}}" if shape else values
        return Given(symbol, kind, self.math(power), self.escaped(self.d.names[t.name]))

    def below(self, indices: tuple[str, ...]) -> str:
        return "".join(indices) if all(len(i) == 1 for i in indices) else ", ".join(indices)

    def extent(self, extent: Extent) -> str:
        return str(extent).replace("*", " \\, ").replace("//", " \\operatorname{div} ")

    def groups(self) -> Iterator[Group]:
        """The forward formulas, those of one layer call below a heading."""
        for call, formulas in groupby(self.d.values, key=lambda f: self.call(self.d.names.get(f.name, f.name))):
            layer = self.d.network.groups.get(call, "")
            yield Group(self.escaped(call if layer else ""), self.escaped(layer), tuple(map(self.definition, formulas)))

    def call(self, name: str) -> str:
        """The layer call of the spec that a tensor belongs to."""
        first = re.split(r"[._]", name)[0] if "." not in name else name.split(".")[0]
        return next((c for c in (name.split(".")[0], first) if c in self.d.network.groups), "")

    def definition(self, formula: Formula) -> Block:
        left = self.printer(formula.indices).plain(formula.left)
        left = self.objective if formula.name == self.d.objective else left
        rows = self.laid(left, self.printer(formula.indices).plain(with_decimals(formula.value)), "", width(left))
        return Block(self.key(formula.name), self.numbers[formula.name], tuple(rows))

    # --- adjoints ---

    def adjoint(self, number: int) -> Block:
        derived = self.d.adjoints[number]
        printer = self.printer(derived.formula.indices)
        left = printer.plain(derived.formula.left)
        rows: list[Row] = []
        if derived.formula.name == self.d.adjoints[0].formula.name:
            left = f"\\frac{{\\partial {self.objective}}}{{\\partial {self.objective}}}"
        shown: set[str] = set()
        for line in derived.lines:
            right = printer.plain(with_decimals(line.value))
            if right in shown:
                continue
            shown.add(right)
            rows += self.laid("" if rows else left, right, self.reason(line.reason, printer), self.lead)
        return Block(self.key(derived.formula.name), self.numbers[derived.formula.name], tuple(rows))

    def laid(self, left: str, right: str, reason: str, lead: float) -> Iterator[Row]:
        """A formula in as many rows as it needs; its reason beside it, or below where there is no room."""
        room = LINE - NUMBER - lead - SIGN
        lines = broken(right, room, room - INDENT)
        printed = re.sub(r"\\eqref\{[^}]*\}", "(00)", reason)
        fits = SMALL * width(printed) <= LINE - NUMBER - self.beside - GAP
        beside = fits and width(lines[-1]) + (INDENT if len(lines) > 1 else 0) <= self.beside - lead - SIGN
        for k, line in enumerate(lines):
            text = f"= {line}" if k == 0 else f"\\quad {line.lstrip()}"
            yield Row(left if k == 0 else "", text, reason if beside and k == len(lines) - 1 else "")
        if reason and not beside:
            yield Row("", "", reason)

    def reason(self, reason: Reason, printer: LatexPrinter) -> str:
        """A reason as a formula with words in it."""
        parts = []
        for part in reason:
            if isinstance(part, Ref):
                parts.append(self.ref(part.name))
            elif isinstance(part, str):
                parts.append("".join(self.words(part)))
            else:
                parts.append(printer.plain(part))
        return "".join(parts)

    def words(self, text: str) -> Iterator[str]:
        for k, piece in enumerate(text.split("$")):
            if piece:
                yield piece if k % 2 else f"\\text{{{piece}}}"

    def ref(self, name: str) -> str:
        if self.form == "tex":
            return f"\\text{{\\eqref{{{self.key(name)}}}}}"
        return f"\\text{{({self.numbers[name]})}}"

    # --- printing ---

    def printer(self, order: tuple[str, ...]) -> PaperPrinter:
        printer = PaperPrinter(self.d.program.tensors, self.objective, order)
        printer.of, printer.equation = self.d.objective, self.ref(self.d.objective)
        return printer

    def key(self, name: str) -> str:
        return f"{self.d.network.name}:{name}".replace("'", "-next")

    def math(self, latex: str) -> str:
        return f"${latex}$"

    def escaped(self, name: str) -> str:
        return name.replace("_", "\\_") if self.form == "tex" else name
