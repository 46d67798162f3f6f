"""The check as data: errors per tensor, and how the error of plain differences depends on their step."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from symnet.check_report import Report
from symnet.contract import Array, Contract
from symnet.report.walk import plain

STEPS = tuple(10.0 ** (-k / 2) for k in range(1, 29))
MOST_PLOTTED = 16  # parameters


def proof(report: Report | None) -> dict[str, Any] | None:
    """What the check found."""
    if report is None:
        return None
    rows = [
        {
            "function": row.function,
            "name": row.name,
            "shape": list(row.shape),
            "size": math.prod(row.shape),
            "checked": row.checked,
            "directions": row.directions,
            "error": plain(row.error),
            "worst": list(row.worst) if row.checked else None,
            "claimed": plain(row.claimed),
            "measured": plain(row.measured),
            "kinks": row.kinks,
            "open": row.open,
            "wrong": row.wrong,
            "note": row.note,
        }
        for row in report.rows
    ]
    found = {"verdict": report.verdict(), "ok": report.ok, "error": plain(report.error), "tolerance": report.tolerance}
    return {**found, "rows": rows}


def step_plots(contract: Contract, values: Mapping[str, Array], seed: int) -> list[dict[str, Any]]:
    """For each parameter, at the entry of its greatest gradient, the relative error of differences for each step.

    One-sided differences have a truncation error of order h, central ones of order h²; both have a rounding error of
    order 1/h. The error is measured against the module's gradient.
    """
    module = contract.module
    params = {name: np.array(values[name], np.float64) for name in contract.parameters}
    state = {name: np.array(values[name], np.float64) for name in contract.state} or None
    inputs = {name: values[name] for name in contract.inputs}
    noise = contract.draw(np.random.default_rng(seed), contract.sizes_of(inputs)) if hasattr(module, "draw") else None

    def loss() -> float:
        return float(contract.call("loss", params, state, inputs, noise=noise))

    with np.errstate(all="ignore"):
        grads = {
            n: np.array(g) for n, g in contract.call("loss_and_grad", params, state, inputs, noise=noise)[1].items()
        }
        plots = [
            _plot(loss, name, params[name], grads[name]) for name in list(grads)[:MOST_PLOTTED] if grads[name].size
        ]
    return plots


def _plot(loss: Callable[[], float], name: str, array: Array, gradient: Array) -> dict[str, Any]:
    flat = array.reshape(-1)
    where = int(np.argmax(np.abs(np.nan_to_num(gradient.reshape(-1)))))
    exact, base, middle = float(gradient.reshape(-1)[where]), float(flat[where]), loss()

    def at(value: float) -> float:
        flat[where] = value
        try:
            return loss()
        finally:
            flat[where] = base

    above, below = [at(base + h) for h in STEPS], [at(base - h) for h in STEPS]
    scale = abs(exact) or 1.0
    one = [abs((up - middle) / h - exact) / scale for up, h in zip(above, STEPS, strict=True)]
    two = [abs((up - low) / (2 * h) - exact) / scale for up, low, h in zip(above, below, STEPS, strict=True)]
    entry = [int(k) for k in np.unravel_index(where, array.shape)] if array.shape else []
    return {"name": name, "entry": entry, "exact": plain(exact), "oneSided": _errors(one), "central": _errors(two)}


def _errors(values: list[float]) -> list[Any]:
    return [float(f"{v:.4g}") if math.isfinite(v) else None for v in values]
