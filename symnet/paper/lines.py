"""How wide a formula in LaTeX is, about, and where a long one is broken: before a plus or a minus, as people do."""

from __future__ import annotations

import re
from collections.abc import Iterator

TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[{}_^]|\s+|.")
NARROW = 0.55  # a letter, in em
SCRIPT = 0.72  # the size of what stands above and below
SIGNS = {"+": 1.2, "-": 1.2, "=": 1.3, "\\land": 1.4, "\\lor": 1.4, "\\le": 1.3, "\\ge": 1.3, "<": 1.3, ">": 1.3}
SPACES = {"\\,": 0.17, "\\ ": 0.3, "\\quad": 1.0, "\\left": 0.0, "\\right": 0.0, "\\Bigl": 0.2, "\\Bigr": 0.2}
UPRIGHT = ("\\mathrm", "\\operatorname", "\\text")
TALL = {"\\sum": 1.45, "\\prod": 1.3, "\\max": 1.9, "\\min": 1.8}
SHORT_WORDS = ("\\log", "\\sin", "\\cos", "\\tan", "\\exp", "\\tanh", "\\arctan", "\\argmax", "\\sinh", "\\cosh")


def width(latex: str) -> float:
    """The width of a formula in em, about."""
    return _Reader(latex).row()


class _Reader:
    """One walk over the tokens of a formula."""

    def __init__(self, latex: str) -> None:
        self.tokens: list[str] = [t for t in TOKEN.findall(latex) if not t.isspace()]
        self.at = 0

    def row(self) -> float:
        """Everything up to the end of the group; of rows below each other, the widest."""
        total, tall, widest = 0.0, 0.0, 0.0
        while self.at < len(self.tokens) and self.tokens[self.at] != "}":
            token = self.next()
            if token == "\\\\":
                total, widest = 0.0, max(widest, total)
                continue
            if token in "_^":
                script = SCRIPT * self.group()
                # What stands below a sum is centred there, what stands beside a letter adds to it.
                total += max(0.0, script - tall) if tall else script
                continue
            tall = TALL.get(token, 0.0)
            total += self.one(token)
        return max(widest, total)

    def one(self, token: str) -> float:
        if token in TALL:
            return TALL[token]
        if token == "\\frac":
            return max(self.group(), self.group()) + 0.25
        if token == "\\sqrt":
            return 0.9 + self.group()
        if token in UPRIGHT:
            return 0.45 * len(self.word())
        if token in ("{", "\\substack"):
            self.at -= token == "{"
            return self.group()
        if token in SHORT_WORDS:
            return 0.5 * len(token)
        return SIGNS.get(token, SPACES.get(token, 0.4 if token in "()[],.|" else NARROW))

    def group(self) -> float:
        """The next group in braces, or the next token."""
        if self.at < len(self.tokens) and self.tokens[self.at] == "{":
            self.at += 1
            found = self.row()
            self.at += 1
            return found
        return self.one(self.next()) if self.at < len(self.tokens) else 0.0

    def word(self) -> str:
        start = self.at
        self.group()
        return "".join(self.tokens[start + 1 : self.at - 1]).replace("\\", "")

    def next(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1]


def broken(latex: str, first: float, rest: float) -> list[str]:
    """A formula in lines of at most these widths, in em, broken before its signs where that is possible."""
    if width(latex) <= first:
        return [latex]
    parts, between = terms(latex), ""
    if len(parts) == 1:
        opened = _opened(latex)
        if opened:
            return broken(opened, first, rest)
        parts, between = factors(latex), "\\cdot"
    if len(parts) == 1:
        return [latex]
    lines = [parts[0]]
    for part in parts[1:]:
        room = first if len(lines) == 1 else rest
        if width(lines[-1]) + width(part) <= room:
            lines[-1] += part
        else:
            lines.append(f"{between}{part}")
    if between:
        return lines
    return [piece for k, line in enumerate(lines) for piece in _again(line, first if k == 0 else rest, rest)]


def _again(line: str, first: float, rest: float) -> list[str]:
    """A line that is one term, broken inside of its brackets or its product where it is still too long."""
    sign = line[:3] if line[:3] in (" + ", " - ") else ""
    found = broken(line[len(sign) :], first, rest) if width(line) > first else [line[len(sign) :]]
    return [sign + found[0], *found[1:]]


def terms(latex: str) -> list[str]:
    """The parts of a sum, each but the first with its sign in front."""
    cuts = [0, *(k for k, depth in _signs(latex) if depth == 0), len(latex)]
    return [latex[a:b] for a, b in zip(cuts, cuts[1:], strict=False)]


def factors(latex: str) -> list[str]:
    """The parts of a product, cut before fractions, deltas and brackets."""
    depth, cuts = 0, [0]
    for match in re.finditer(r"\\left|\\right|\\begin|\\end|\\[{}]|[{}]| (?=\\frac|\\delta|\\left)", latex):
        token = match[0]
        if token in ("\\left", "\\begin", "{"):
            depth += 1
        elif token in ("\\right", "\\end", "}"):
            depth -= 1
        elif token == " " and depth == 0:
            cuts.append(match.start())
    return [latex[a:b] for a, b in zip(cuts, [*cuts[1:], len(latex)], strict=True)]


def _signs(latex: str) -> Iterator[tuple[int, int]]:
    r"""Where a ` + ` or ` - ` stands, and inside of how many braces and brackets of \left and \right."""
    depth = 0
    for match in re.finditer(r"\\left|\\right|\\begin|\\end|\\[{}]|[{}]| [+-] ", latex):
        token = match[0]
        if token in ("\\left", "\\begin", "{"):
            depth += 1
        elif token in ("\\right", "\\end", "}"):
            depth -= 1
        elif token.strip() in ("+", "-"):
            yield match.start(), depth


def _opened(latex: str) -> str:
    r"""The longest outer \left( … \right) with brackets of fixed size, so that it may be broken; "" without one."""
    found: list[tuple[int, int]] = []
    stack: list[tuple[str, int]] = []
    for match in re.finditer(r"\\left\(|\\right\)|\\left|\\right|\\begin|\\end|\\[{}]|[{}]", latex):
        token = match[0]
        if token.startswith("\\left") or token in ("\\begin", "{"):
            stack.append((token, match.start()))
        elif stack and (token.startswith("\\right") or token in ("\\end", "}")):
            opening, start = stack.pop()
            if opening == "\\left(" and token == "\\right)" and not stack:
                found.append((start, match.start()))
    inside = [(a, b) for a, b in found if any(depth == 0 for _, depth in _signs(latex[a + 6 : b]))]
    if not inside:
        return ""
    start, stop = max(inside, key=lambda pair: pair[1] - pair[0])
    return f"{latex[:start]}\\Bigl({latex[start + 6 : stop]}\\Bigr){latex[stop + 7 :]}"
