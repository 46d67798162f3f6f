"""The emitted module as data: its text, the lines of the training step, and which of them calculate which tensor."""

from __future__ import annotations

import re
from typing import Any

_COMMENT = re.compile(r"\s*# ([\w.']+)(\[[^=]*\])? (?:\+|prod|max|min)?= ")


def code(source: str) -> dict[str, Any]:
    """The text, the numbers of the first and the last line of the step (from 0), and blocks (name, first, last)."""
    lines = source.split("\n")
    start = next((k for k, line in enumerate(lines) if line.startswith("def _step(")), 0)
    stop = next((k for k in range(start + 1, len(lines)) if lines[k] and not lines[k][0].isspace()), len(lines))
    while stop > start + 1 and not lines[stop - 1].strip():
        stop -= 1
    blocks: list[list[Any]] = []
    for k in range(start, stop):
        match = _COMMENT.match(lines[k])
        if match:
            blocks.append([match[1], k, _end(lines, k, stop)])
    return {"source": source, "first": start, "last": stop - 1, "blocks": blocks}


def _end(lines: list[str], start: int, stop: int) -> int:
    """The last line of the block below a comment."""
    indent = len(lines[start]) - len(lines[start].lstrip())
    end = start
    while end + 1 < stop:
        line = lines[end + 1]
        if not line.strip() or len(line) - len(line.lstrip()) < indent or line.lstrip().startswith("#"):
            break
        end += 1
    return end
