"""Figures as Markdown tables, to be read in a terminal and pasted into a page."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table whose columns line up; the first is aligned to the left, the others to the right."""
    widths = [max(map(_columns, cells)) for cells in zip(head, *rows, strict=True)]
    rule = [f"{'-' * width}{':' if k else '-'}" for k, width in enumerate(widths)]
    lines = [_line(head, widths), f"|{'|'.join(['-' + cell for cell in rule])}|"]
    return "\n".join([*lines, *(_line(row, widths) for row in rows)])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = []
    for k, (cell, width) in enumerate(zip(cells, widths, strict=True)):
        space = " " * (width - _columns(cell))
        padded.append(space + cell if k else cell + space)
    return f"| {' | '.join(padded)} |"


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def percent(part: int, whole: int) -> str:
    """Return a share with two decimals, or a dash where there is nothing to share."""
    return f"{100 * part / whole:.2f}%" if whole else "–"
