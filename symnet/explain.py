"""Where a number that is not finite came from: the first line of an emitted module that made one.

The module's own code runs again with the same arrays, and after each of its lines the arrays in sight are looked at.
So it is the arithmetic of the training step itself that is explained, in its own dtype.
"""

from __future__ import annotations

import linecache
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

import numpy as np

from symnet.contract import Array, Contract


@dataclass(frozen=True, slots=True)
class Origin:
    """The line that first made a `value`, nan or inf, in the array `name`; `formula` is the comment above the line."""

    value: str
    name: str
    line: str
    formula: tuple[str, ...]

    def __str__(self) -> str:
        lines = [f"  the first {self.value} is in {self.name!r}, made by", *(f"    {text}" for text in self.formula)]
        return "\n".join([*lines, f"    {self.line}"])


def explain(
    contract: Contract,
    params: Mapping[str, Array],
    state: Mapping[str, Array] | None,
    inputs: Mapping[str, Array],
    noise: Any = None,
) -> str:
    """In words, which lines of `loss_and_grad` first made an infinite value and one that is not a number.

    Empty where all values are finite.
    """
    watch = Watch(contract.module.loss_and_grad)
    with np.errstate(all="ignore"), _zeroed(contract.module), watch:
        contract.call("loss_and_grad", params, state, inputs, noise=noise)
    origins = [watch.origins[value] for value in ("inf", "nan") if value in watch.origins]
    return "\n".join(str(origin) for origin in sorted(origins, key=lambda origin: watch.order.index(origin)))


class Watch:
    """Follows the lines of one source file while it is entered, and notes the first nan and the first inf."""

    def __init__(self, function: Callable[..., Any]) -> None:
        code = getattr(function, "__wrapped__", function).__code__
        self.filename: str = code.co_filename
        self.origins: dict[str, Origin] = {}
        self.order: list[Origin] = []
        self._done: dict[FrameType, int] = {}
        self._before: Any = None

    def __enter__(self) -> Watch:
        self._before = sys.gettrace()
        sys.settrace(self._enter_frame)
        return self

    def __exit__(self, *exception: object) -> None:
        sys.settrace(self._before)
        self._done.clear()

    def _enter_frame(self, frame: FrameType, event: str, argument: Any) -> Any:
        return self._follow if frame.f_code.co_filename == self.filename else None

    def _follow(self, frame: FrameType, event: str, argument: Any) -> Any:
        if event in ("line", "return"):
            if frame in self._done:
                self._look(frame, self._done[frame])
            self._done[frame] = frame.f_lineno
        return self._follow

    def _look(self, frame: FrameType, number: int) -> None:
        line = linecache.getline(self.filename, number).strip()
        broken = {name: _broken(value) for name, value in frame.f_locals.items()}
        for value in ("nan", "inf"):
            names = [name for name, found in broken.items() if value in found]
            if names and value not in self.origins:
                written = next((name for name in names if name in line), names[0])
                origin = Origin(value, written, line, self._formula(number))
                self.origins[value] = origin
                self.order.append(origin)

    def _formula(self, number: int) -> tuple[str, ...]:
        """The comment that heads the block of a line."""
        above: list[str] = []
        for k in range(number - 1, 0, -1):
            text = linecache.getline(self.filename, k).strip()
            if text.startswith("#"):
                above.insert(0, text)
            elif above or text.startswith("def "):
                break
        return tuple(above)


def _broken(value: Any) -> tuple[str, ...]:
    if not isinstance(value, np.ndarray | float) or np.asarray(value).dtype.kind != "f":
        return ()
    finite = np.isfinite(value)
    if finite.all():
        return ()
    return tuple(word for word, test in (("nan", np.isnan), ("inf", np.isinf)) if test(value).any())


class _Zeros:
    """NumPy, but for `empty`: an array that is not written yet must not look like a result."""

    empty = staticmethod(np.zeros)
    empty_like = staticmethod(np.zeros_like)

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)


@contextmanager
def _zeroed(module: Any) -> Iterator[None]:
    before = module.np
    module.np = _Zeros()
    try:
        yield
    finally:
        module.np = before
