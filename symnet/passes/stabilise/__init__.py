"""Rewrites that keep floating point safe: the user writes the textbook formula and gets the one that does not overflow.

The rules are the rows of `RULES`. A row sees one node of a body, whose arguments are already rewritten, and gives its
replacement or None. It may look through a leaf at the definition behind it, at most three deep: log(p[n, y[n]]) sees
the quotient that defines p. Every row names a formula on which it fires; the tests find the rows here and compare both
sides at 50 digits. `IDENTITIES` are applied with them: they make nothing safer, but what the rules leave shorter.
"""

from __future__ import annotations

from symnet.ir.program import Program
from symnet.passes.order import ordered
from symnet.passes.stabilise.logarithms import LOGARITHMS
from symnet.passes.stabilise.logistic import IDENTITIES, LOGISTIC
from symnet.passes.stabilise.quotients import QUOTIENTS
from symnet.passes.stabilise.sums import SUMS
from symnet.passes.stabilise.work import Rule, Stabiliser

__all__ = ["IDENTITIES", "RULES", "Rule", "rewrites", "stabilise"]

# Of two rules that fit, the first one fires.
RULES: tuple[Rule, ...] = (*SUMS, *LOGARITHMS, *QUOTIENTS, *LOGISTIC)


def stabilise(program: Program) -> Program:
    """The program with every rule applied wherever it fires, without the statements that no result needs any more."""
    return ordered(Stabiliser(program, (*RULES, *IDENTITIES)).run())


def rewrites(program: Program) -> tuple[tuple[str, str], ...]:
    """(tensor, rule) wherever `stabilise` rewrites this program, in the order of its statements."""
    work = Stabiliser(program, (*RULES, *IDENTITIES))
    work.run()
    return tuple(dict.fromkeys(work.fired))
