"""Formulas as MathML, read off their LaTeX: one way in which a formula is laid out, and two in which it is said.

Only the LaTeX that `latex.py`, `matrix.py` and `pieces.py` write is known; anything else is an error. A formula becomes
a tree of plain lists, [element, {attributes}, child, …], so that it can be data in a page; `markup` writes it out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeAlias
from xml.sax.saxutils import escape, quoteattr

Tree: TypeAlias = "list[Any]"  # [element, attributes?, children or texts]

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[0-9]+(?:\.[0-9]+)?|[^\s]", re.DOTALL)

_SPACES = {"\\,": "0.17em", "\\;": "0.28em", "\\quad": "1em"}
_LETTERS = {
    "\\pi": "π", "\\infty": "∞", "\\partial": "∂", "\\ell": "ℓ",
    "\\alpha": "α", "\\beta": "β", "\\gamma": "γ", "\\delta": "δ", "\\epsilon": "ε", "\\zeta": "ζ", "\\eta": "η",
    "\\theta": "θ", "\\iota": "ι", "\\kappa": "κ", "\\lambda": "λ", "\\mu": "μ", "\\nu": "ν", "\\xi": "ξ", "\\rho": "ρ",
    "\\sigma": "σ", "\\tau": "τ", "\\upsilon": "υ", "\\phi": "φ", "\\chi": "χ", "\\psi": "ψ", "\\omega": "ω",
    "\\Gamma": "Γ", "\\Delta": "Δ", "\\Theta": "Θ", "\\Lambda": "Λ", "\\Xi": "Ξ", "\\Pi": "Π", "\\Sigma": "Σ",
    "\\Upsilon": "Υ", "\\Phi": "Φ", "\\Psi": "Ψ", "\\Omega": "Ω",
}  # fmt: skip
_OPERATORS = {
    "\\cdot": "·", "\\circ": "∘", "\\oslash": "⊘", "\\odot": "⊙", "\\neq": "≠", "\\le": "≤", "\\ge": "≥", "\\land": "∧",
    "\\lor": "∨", "\\lnot": "¬", "\\bmod": "mod", "\\top": "⊤", "\\times": "×", "-": "−", "*": "∗",
}  # fmt: skip
_LARGE = {"\\sum": "∑", "\\prod": "∏"}
_NAMES = ("log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "arctan", "max", "min", "exp")
_LIMITS = frozenset(("\\max", "\\min", "argmax", "argmin"))
_SCRIPTS = ("msub", "msup", "msubsup", "munder", "mover", "munderover")
_FENCES = {"\\lfloor": "⌊", "\\rfloor": "⌋", "\\lbrace": "{", "\\rbrace": "}", ".": ""}


class UnknownLatex(ValueError):
    """LaTeX that symnet does not write."""


def mathml(latex: str) -> Tree:
    """The tree of a formula: the children of a `math` element, as one `mrow`."""
    reader = _Reader(latex)
    row = reader.row(())
    if reader.peek():
        raise UnknownLatex(f"{reader.peek()!r} in {latex!r}")
    return row


def markup(tree: Tree | str) -> str:
    """A tree as MathML text, escaped, without the `math` element around it."""
    if isinstance(tree, str):
        return escape(tree)
    name, *children = tree
    attributes: Mapping[str, str] = {}
    if children and isinstance(children[0], dict):
        attributes, *children = children
    shown = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return f"<{name}{shown}>{''.join(map(markup, children))}</{name}>"


class _Reader:
    """A reader of tokens from left to right; every method takes what it gives the tree of."""

    def __init__(self, latex: str) -> None:
        self.latex = latex
        self.tokens = _TOKEN.findall(latex)
        self.at = 0

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self.at += 1
        return token

    def expect(self, token: str) -> None:
        if self.take() != token:
            raise UnknownLatex(f"no {token!r} where one has to be in {self.latex!r}")

    # --- rows and scripts ---

    def row(self, ends: tuple[str, ...]) -> Tree:
        """Everything up to one of some tokens, which is left where it is."""
        children: list[Tree] = []
        while self.peek() and self.peek() not in ends:
            child = self.scripted(children)
            if children and _is_apart(children[-1], child):
                children.append(["mspace", {"width": _SPACES["\\,"]}])
            children.append(child)
        return children[0] if len(children) == 1 else ["mrow", *children]

    def group(self) -> Tree:
        """`{…}`, or a single token."""
        if self.peek() != "{":
            return self.atom([])
        self.take()
        row = self.row(("}",))
        self.expect("}")
        return row

    def scripted(self, before: list[Tree]) -> Tree:
        """An atom with what stands below and above it."""
        start = self.peek()
        base = self.atom(before)
        below = above = None
        while self.peek() in ("_", "^"):
            if self.take() == "_":
                below = self.group()
            else:
                above = self.group()
        if below is None and above is None:
            return base
        limits = start in _LARGE or start in _LIMITS or base == ["mi", base[-1]] and base[-1] in _LIMITS
        return _with_scripts(base, below, above, limits)

    # --- atoms ---

    def atom(self, before: list[Tree]) -> Tree:
        token = self.take()
        if token == "{":
            self.at -= 1
            return self.group()
        if token in _COMMANDS:
            return _COMMANDS[token](self)
        if token in _LETTERS:
            return ["mi", _LETTERS[token]]
        if token in _LARGE:
            return ["mo", _LARGE[token]]
        if token in _SPACES:
            return ["mspace", {"width": _SPACES[token]}]
        if token in _OPERATORS:
            prefix = token == "-" and (not before or before[-1][0] == "mo")
            return ["mo", {"form": "prefix"}, "−"] if prefix else ["mo", _OPERATORS[token]]
        if token.startswith("\\") and token[1:] in _NAMES:
            return ["mi", token[1:]]
        if token[:1].isdigit():
            return ["mn", token]
        if token.isalpha():
            return ["mi", token]
        if token in ("'", "."):
            return ["mo", {"lspace": "0", "rspace": "0"}, "′" if token == "'" else "."]
        if token in tuple("+=<>,:()[]|/!"):
            return ["mo", {"stretchy": "false"}, token] if token in "()[]|" else ["mo", token]
        raise UnknownLatex(f"{token!r} in {self.latex!r}")

    def fraction(self) -> Tree:
        return ["mfrac", self.group(), self.group()]

    def root(self) -> Tree:
        return ["msqrt", self.group()]

    def upright(self) -> Tree:
        """`\\mathrm{…}`, `\\operatorname{…}`, `\\mathbf{…}`: letters that make one word."""
        text = self.word()
        return ["mi", {"mathvariant": "normal"}, text] if len(text) == 1 else ["mi", text]

    def words(self) -> Tree:
        """`\\text{if }`."""
        return ["mtext", f"\u00a0{self.word()}\u00a0"]

    def word(self) -> str:
        self.expect("{")
        found = ""
        while self.peek() not in ("}", ""):
            found += self.take().removeprefix("\\")
        self.expect("}")
        return found

    def fenced(self) -> Tree:
        """`\\left( … \\right)`."""
        opening = self.take()
        inner = self.row(("\\right",))
        self.expect("\\right")
        closing = self.take()
        inside = inner[1:] if inner[0] == "mrow" else [inner]
        return ["mrow", _fence("prefix", opening), *inside, _fence("postfix", closing)]

    def environment(self) -> Tree:
        """`\\begin{cases} a & b \\\\ c & d \\end{cases}`."""
        name = self.word()
        if name != "cases":
            raise UnknownLatex(f"the environment {name!r} in {self.latex!r}")
        rows: list[Tree] = []
        cells: list[Tree] = []
        while True:
            cells.append(["mtd", self.row(("&", "\\\\", "\\end"))])
            token = self.take()
            if token == "&":
                continue
            rows.append(["mtr", *cells])
            cells = []
            if token == "\\end":
                break
            if not token:
                raise UnknownLatex(f"no end of cases in {self.latex!r}")
        self.word()
        return ["mrow", _fence("prefix", "{"), ["mtable", {"class": "cases"}, *rows]]

    def stack(self) -> Tree:
        """`\\substack{a \\\\ b}`: lines below each other."""
        self.expect("{")
        rows: list[Tree] = []
        while True:
            rows.append(["mtr", ["mtd", self.row(("\\\\", "}"))]])
            if self.take() != "\\\\":
                return ["mtable", {"class": "stack"}, *rows]


_COMMANDS = {
    "\\frac": _Reader.fraction,
    "\\sqrt": _Reader.root,
    "\\mathrm": _Reader.upright,
    "\\operatorname": _Reader.upright,
    "\\mathbf": _Reader.upright,
    "\\text": _Reader.words,
    "\\left": _Reader.fenced,
    "\\begin": _Reader.environment,
    "\\substack": _Reader.stack,
}


def _is_apart(left: Tree, right: Tree) -> bool:
    """Whether two factors want a little space between them: fractions, and words of several letters."""
    if {"mo", "mspace", "mtext"} & {left[0], right[0]} or _core(left)[0] == "mo":
        return False
    return "mfrac" in (left[0], right[0]) or _is_word(left) and right[0] != "mrow" or _is_word(right)


def _core(tree: Tree) -> Tree:
    """What scripts are put to."""
    return tree[1] if tree[0] in _SCRIPTS else tree


def _is_word(tree: Tree) -> bool:
    base = _core(tree)
    return base[0] == "mi" and len(base[-1]) > 1


def _fence(form: str, token: str) -> Tree:
    return ["mo", {"fence": "true", "form": form}, _FENCES.get(token, token)]


def _with_scripts(base: Tree, below: Tree | None, above: Tree | None, limits: bool) -> Tree:
    under, over, both = ("munder", "mover", "munderover") if limits else ("msub", "msup", "msubsup")
    if above is None:
        return [under, base, below]
    return [over, base, above] if below is None else [both, base, below, above]
