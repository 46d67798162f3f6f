"""The costs of a training step as data: each as a formula in the sizes, and as a number."""

from __future__ import annotations

from typing import Any

from symnet.language.extents import Extent
from symnet.summary import Summary, cost_text


def cost(found: Summary, sizes: dict[str, int]) -> dict[str, Any]:
    """A row per layer or tensor, and the totals, at these sizes."""

    def both(extent: Extent) -> list[Any]:
        return [cost_text(extent) or "0", extent.value(sizes)]

    rows = [
        {
            "name": row.name,
            "kind": row.kind,
            "shape": "×".join(map(str, row.shape)),
            **{key: both(getattr(row, key)) for key in ("parameters", "forward", "backward")},
        }
        for row in found.rows
    ]
    totals = {key: both(getattr(found, key)) for key in ("parameters", "forward", "backward", "saved_bytes")}
    return {"sizes": sizes, "rows": rows, "totals": totals, "saved": list(found.saved)}
