"""Learning-rate schedules: multipliers of the rate over the course of a run, from 0 (its start) to 1 (its end)."""

from __future__ import annotations

import math
from collections.abc import Callable

from symnet.errors import UsageError, nearest


def constant(progress: float) -> float:
    """1 throughout."""
    return 1.0


def cosine(progress: float) -> float:
    """Half a cosine, from 1 to 0 (Loshchilov and Hutter, SGDR, 2017, without restarts)."""
    return 0.5 * (1 + math.cos(math.pi * progress))


def step(progress: float) -> float:
    """1, then a tenth after half of the run, then a hundredth after three quarters."""
    return 1.0 if progress < 0.5 else 0.1 if progress < 0.75 else 0.01


def linear(progress: float) -> float:
    """A straight line from 1 to 0."""
    return 1 - progress


SCHEDULES: dict[str, Callable[[float], float]] = {
    "constant": constant,
    "cosine": cosine,
    "step": step,
    "linear": linear,
}


def multiplier(schedule: str, position: int, total: int, warmup: int = 0) -> float:
    """The factor of the rate for step `position` of `total`; over the first `warmup` steps it rises in a line."""
    if schedule not in SCHEDULES:
        known = ", ".join(SCHEDULES)
        raise UsageError(f"there is no schedule {schedule!r}; there are {known}", hint=nearest(schedule, SCHEDULES))
    if position < warmup:
        return (position + 1) / warmup
    return SCHEDULES[schedule]((position - warmup) / max(1, total - warmup))
