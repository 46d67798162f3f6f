"""Results come as soon as they can be calculated: what was kept for them is done with, and can be written to in place.

dr[n, i] = sum(o: dz[n, o]*W[i, o])         dW[i, o] = sum(n: r[n, i]*dz[n, o])
dW[i, o] = sum(n: r[n, i]*dz[n, o])         dr[n, i] = sum(o: dz[n, o]*W[i, o])
"""

from __future__ import annotations

from dataclasses import replace

from symnet.ir.order import cyclic_groups
from symnet.ir.program import Program


def results_first(program: Program) -> Program:
    """The same statements: each that is all of a result stands behind the last one that it needs."""
    group = {name: names for names in cyclic_groups(program) for name in names}
    alone = {name for name in program.results if len(program.writers.get(name, ())) == 1} - group.keys()
    behind: dict[str, int] = {}  # tensor to the number of the statement behind which it is complete
    numbers = []
    for number, s in enumerate(program.statements):
        name = s.target.tensor
        if name in alone:
            number = max((behind[read] for read in s.reads if read in behind), default=-1)
        behind |= dict.fromkeys(group.get(name, (name,)), number)
        numbers.append((number, name in alone))
    order = sorted(range(len(numbers)), key=numbers.__getitem__)
    return replace(program, statements=tuple(program.statements[number] for number in order))
