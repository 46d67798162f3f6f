"""What a condition says about integers, so that reads under it need no `else`: `sum(t if t >= 1: x[t] - x[t-1])`.

A fact is an integer expression that is at least 0 wherever the condition holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from symnet.language.kinds import is_integer
from symnet.language.network import Expr, Op
from symnet.language.values import ONE

Facts = tuple[Expr, ...]

_OPPOSITE = {"lt": "ge", "ge": "lt", "gt": "le", "le": "gt", "eq": "ne", "ne": "eq"}


@dataclass(frozen=True)
class Deduction:
    """From conditions to facts. `kinds` says which tensors hold integers, `always` what is at least 0 anyway."""

    kinds: Mapping[str, bool]
    always: Callable[[Expr], bool]

    def facts(self, condition: Expr, holds: bool = True) -> Facts:
        """What is at least 0 where a condition holds, or where it does not."""
        match condition:
            case Op(name="not"):
                return self.facts(condition.args[0], not holds)
            case Op(name="and" | "or"):
                if (condition.name == "and") != holds:
                    return ()
                return tuple(fact for arg in condition.args for fact in self.facts(arg, holds))
            case Op(name=name, args=(left, right)) if name in _OPPOSITE:
                if is_integer(left, self.kinds) and is_integer(right, self.kinds):
                    return self._compared(name if holds else _OPPOSITE[name], left, right)
        return ()

    def _compared(self, name: str, left: Expr, right: Expr) -> Facts:
        more, less = Op("sub", (left, right)), Op("sub", (right, left))
        match name:
            case "ge":
                return (more,)
            case "gt":
                return (Op("sub", (more, ONE)),)
            case "le":
                return (less,)
            case "lt":
                return (Op("sub", (less, ONE)),)
            case "eq":
                return more, less
        # Different from a bound is beyond it: t != 0 is t >= 1.
        return tuple(Op("sub", (way, ONE)) for way in (more, less) if self.always(way))
