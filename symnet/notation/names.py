"""Names of tensors and indices in LaTeX: one letter in italics, Greek letters as such, words upright.

W1 -> W^{(1)}     h.W -> W^{h}     z_max -> z^{\\mathrm{max}}     alpha -> \\alpha     c2 (an index) -> c'
"""

from __future__ import annotations

import re

GREEK = frozenset(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi "
    "omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega".split()
)


def word(name: str) -> str:
    """A name by itself."""
    if name in GREEK:
        return f"\\{name}"
    return name if len(name) == 1 else f"\\mathrm{{{name.replace('_', chr(92) + '_')}}}"


def tensor_name(name: str) -> tuple[str, str]:
    """(the letter or word, what stands above it on the right) of a tensor's name, with its dots, digits and primes."""
    *owners, core = name.split(".")
    bare = core.rstrip("'")
    primes = core[len(bare) :]
    head, _, tail = bare.partition("_")
    if not tail or not is_letter(head):
        head, tail = bare, ""
    match = re.fullmatch(r"(.*?[A-Za-z])(\d+)", head)
    stem, number = (match[1], match[2]) if match else (head, "")
    above = [f"({number})"] if number else []
    above += [word(tail)] if tail else []
    above += [".".join(map(word, owners))] if owners else []
    return word(stem) + primes, ",".join(above)


def is_letter(name: str) -> bool:
    """Whether a name is a letter, Latin or Greek, maybe with a number."""
    stem = name.rstrip("0123456789")
    return len(stem) == 1 or stem in GREEK


def index_name(name: str) -> str:
    """An index, or a number written out; an index that was renamed, c2, is c'."""
    if not name.isidentifier():
        return name
    match = re.fullmatch(r"([A-Za-z])([2-4])", name)
    return match[1] + "'" * (int(match[2]) - 1) if match else word(name)


def with_marks(name: str, below: str) -> str:
    """A tensor with its indices below and the rest of its name above."""
    stem, above = tensor_name(name)
    if above and stem.endswith("'"):
        stem = f"{{{stem}}}"
    return stem + (f"^{{{above}}}" if above else "") + (f"_{{{below}}}" if below else "")


def has_mark_above(name: str) -> bool:
    """Whether a power of the tensor needs parentheses."""
    stem, above = tensor_name(name)
    return bool(above) or stem.endswith("'")
