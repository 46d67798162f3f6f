"""HTML for notebooks: everything escaped, tables with light and dark in mind, nothing loaded from anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

__all__ = ["escape", "listing", "table"]

CELL = "padding: 0.15em 0.8em; text-align: left; vertical-align: top"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], marked: Iterable[bool] = ()) -> str:
    """A table of texts; rows that are marked stand out."""
    head = "".join(f'<th style="{CELL}">{escape(text)}</th>' for text in headings)
    marks = list(marked)
    body = []
    for k, row in enumerate(rows):
        style = CELL + ("; color: #d1242f; font-weight: bold" if k < len(marks) and marks[k] else "")
        cells = "".join(f'<td style="{style}; font-family: monospace">{escape(text)}</td>' for text in row)
        body.append(f"<tr>{cells}</tr>")
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"


def listing(title: str, text: str) -> str:
    """A text whose line breaks and columns count, below a title."""
    head = f"<div><b>{escape(title)}</b></div>" if title else ""
    return f'{head}<pre style="line-height: 1.35; overflow-x: auto">{escape(text)}</pre>'
