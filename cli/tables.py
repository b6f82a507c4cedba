"""Tables and sentences that fit a terminal, in which Chinese characters take two columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from taoxi.cli.summary import aligned, counted
from taoxi.cli.text import MEGABYTE, escape

if TYPE_CHECKING:
    from taoxi.corpus.looking.report import Figure

Line = tuple[str, str]
"""A line and its style: ``bold``, ``dim`` or none."""


def table(
    head: str, columns: Sequence[str], rows: Sequence[tuple[str, ...]], width: int, *, last_left: bool = False
) -> Iterator[Line]:
    """Yield a table, the first column cut so that it fits ``width``; nothing if it has no rows."""
    if not rows:
        return
    from rich.cells import cell_len

    rest = [max(cell_len(row[k + 1]) for row in [("", *columns), *rows]) for k in range(len(columns))]
    room = max(12, width - sum(rest) - 2 * len(rest) - 2)
    first = [escape(row[0]) for row in rows]
    first = [tail(name, room) if "/" in name and name == name.strip() else fitted(name, room) for name in first]
    cells = [(fitted(head, room), *columns), *((name, *row[1:]) for name, row in zip(first, rows, strict=True))]
    if last_left:
        cells = [(*row[:-1], row[-1] + " " * (rest[-1] - cell_len(row[-1]))) for row in cells]
    yield "", ""
    for number, line in enumerate(aligned(cells)):
        yield ("  " + line if number else line), ("" if number else "bold")


def figure_cells(figure: Figure) -> tuple[str, str]:
    """Return a figure, and the range in which it should lie."""
    if figure.low == figure.high:
        return f"{figure.estimate:,}", ""
    return f"~{rounded(figure.estimate):,}", f"({rounded(figure.low):,} to {rounded(figure.high):,})"


def rounded(count: int) -> int:
    """Return a count with three digits that count: more would look as if they were known.

    >>> rounded(419463)
    419000
    """
    digits = len(str(count)) - 3
    return round(count, -digits) if digits > 0 else count


def size_of(count: int) -> str:
    """Return bytes for a person to read.

    >>> size_of(512), size_of(74_222), size_of(1_234_567_890)
    ('512 bytes', '74.2 kB', '1.2 GB')
    """
    for unit, size in (("GB", 1000 * MEGABYTE), ("MB", MEGABYTE), ("kB", 1000)):
        if count >= size:
            return f"{count / size:,.1f} {unit}"
    return counted(count, "byte")


def wrapped(text: str, width: int, indent: str = "") -> Iterator[Line]:
    """Yield sentences as lines of at most ``width`` columns."""
    from rich.cells import cell_len

    line = indent
    for word in text.split(" "):
        if line.strip() and cell_len(line) + cell_len(word) + 1 > width:
            yield line, ""
            line = f"{indent}  " if indent else ""
        line += word if not line.strip() else f" {word}"
    yield line, ""


def fitted(text: str, width: int) -> str:
    """Return ``text``, cut so that it takes at most ``width`` columns; Chinese characters take two.

    >>> fitted("全省营商环境", 9)
    '全省营商…'
    """
    from rich.cells import cell_len, set_cell_size

    return text if cell_len(text) <= width else set_cell_size(text, width - 1).rstrip() + "…"


def tail(text: str, width: int) -> str:
    """Return the end of a text, so that it takes at most ``width`` columns.

    >>> tail("dumps/2024/a.txt", 9)
    '…24/a.txt'
    """
    cut = fitted(text[::-1], width)
    return cut[::-1]
