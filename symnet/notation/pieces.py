"""Parts of a formula in matrix notation, as text and as LaTeX side by side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

# How strongly a piece holds together.
SUM, HADAMARD, PRODUCT, ATOM = range(4)


@dataclass(frozen=True)
class MatrixForm:
    """A formula in matrix notation, as text and as LaTeX."""

    text: str
    latex: str

    def __str__(self) -> str:
        return self.text

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex}$"


@dataclass(frozen=True)
class Piece:
    """Part of a formula; `turned` counts the transpositions in it."""

    text: str
    latex: str
    strength: int = ATOM
    turned: int = 0

    def within(self, needed: int) -> Piece:
        """In parentheses where it would fall apart."""
        if self.strength >= needed:
            return self
        return Piece(f"({self.text})", f"\\left({self.latex}\\right)", ATOM, self.turned)

    def transposed(self) -> Piece:
        inner = self.within(ATOM)
        tall = inner.latex.startswith("\\frac")
        latex = f"\\left({inner.latex}\\right)" if tall else f"{{{inner.latex}}}" if "^" in inner.latex else inner.latex
        return Piece(f"{inner.text}ᵀ", f"{latex}^{{\\top}}", ATOM, self.turned + 1)

    def called(self, text: str, latex: str) -> Piece:
        """A function of it."""
        return Piece(f"{text}({self.text})", f"{latex}\\left({self.latex}\\right)", ATOM, self.turned)


ONES = Piece("1", "\\mathbf{1}")
IDENTITY = Piece("I", "I")


def matrix_product(pieces: Iterable[Piece]) -> Piece:
    return _joined(list(pieces), " ", " ", PRODUCT)


def hadamard(pieces: Iterable[Piece]) -> Piece:
    return _joined(list(pieces), " ∘ ", " \\circ ", HADAMARD)


def squared(piece: Piece) -> Piece:
    return _joined([piece, piece], "∘", " \\circ ", HADAMARD)


def divided(piece: Piece, by: Piece) -> Piece:
    return _joined([piece.within(PRODUCT), by.within(PRODUCT)], " ⊘ ", " \\oslash ", HADAMARD)


def diagonal(vector: Piece) -> Piece:
    return vector.called("diag", "\\operatorname{diag}")


def total(terms: Iterable[tuple[bool, Piece]]) -> Piece:
    """A sum of (whether it is subtracted, term)."""
    text = latex = ""
    turned = 0
    for negative, term in terms:
        term = term.within(HADAMARD)
        sign = ("-" if negative else "") if not text else " - " if negative else " + "
        text, latex, turned = text + sign + term.text, latex + sign + term.latex, turned + term.turned
    return Piece(text, latex, SUM, turned)


def _joined(parts: list[Piece], text: str, latex: str, strength: int) -> Piece:
    if len(parts) == 1:
        return parts[0]
    shown = [part.within(strength) for part in parts]
    turned = sum(part.turned for part in parts)
    return Piece(text.join(part.text for part in shown), latex.join(part.latex for part in shown), strength, turned)
