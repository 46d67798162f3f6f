"""What the kernels hand to the module's template: the body of one emitted function, as printed source.

    def f(params, x, *, workspace=None):
        <params and inputs bound to their names, sizes and dtype found>       the module's part
        t, h, one, ... = <the plan for these sizes and this dtype>            Body.bound
        # h[n, j] = tanh(t[n, j])                                             Block.formula
        np.tanh(t, out=h)                                                     Block.lines
        return <Body.results>

A plan is made once for each set of sizes and dtype by running `Body.setup` in order. Everything in it depends on the
sizes and the dtype alone: buffers, constants and views of buffers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from symnet.planning.footprint import Footprint, Made


@dataclass(frozen=True, slots=True)
class Binding:
    """`name = source`, where the source reads sizes, `dtype`, `np` and the names of earlier bindings.

    `note` is a short remark for the reader, empty where the source speaks for itself. `made` is the memory that the
    source makes: nothing for views, numbers and names.
    """

    name: str
    source: str
    note: str = ""
    made: tuple[Made, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether the value holds what the source reads: not where that is only read to make an array."""
        return not self.made or self.source.startswith("_") or any(made.single for made in self.made)


@dataclass(frozen=True, slots=True)
class Block:
    """The lines for one statement, headed by its formula, one comment line each; or the head of a loop.

    `indent` is how many loops and tests are around it.
    """

    formula: tuple[str, ...]
    lines: tuple[str, ...]
    indent: int = 0


@dataclass(frozen=True, slots=True)
class Body:
    """The body of one emitted function.

    sizes      names of the sizes that setup or blocks read, in the order of the program
    setup      what a plan holds, in order
    bound      those names of the setup that the blocks or the results read, in order
    blocks     what runs at every call
    results    tensor name to a Python expression, for every tensor that was asked for
    views      views of what is given for all calls to come; made when that is known
    helpers    names of the module's helper functions that the lines call, sorted: `_erf`, `_check_index`, ...
    quiet      whether the blocks can raise floating-point warnings that mean nothing (a branch that is not chosen, an
               exp that overflows to the right limit) and so run under `np.errstate(all="ignore")`
    footprint  the memory of setup, views and blocks
    """

    sizes: tuple[str, ...]
    setup: tuple[Binding, ...]
    bound: tuple[str, ...]
    blocks: tuple[Block, ...]
    results: Mapping[str, str]
    helpers: tuple[str, ...] = ()
    views: tuple[Binding, ...] = ()
    quiet: bool = False
    footprint: Footprint = Footprint(())
