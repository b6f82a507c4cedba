"""Which lines of a text may be page numbers or running heads, and what stands beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from taoxi.normalize.lines.classes import BLANK, COLON, PAUSE, SEMICOLON, STOP
from taoxi.normalize.lines.furniture import PageNumber, edge_number, page_number
from taoxi.normalize.lines.survey import EDGE, INTRUDER, NUMERIC, Survey
from taoxi.normalize.lines.table import COLUMNS, HEAD, TAIL

TITLE_LINES = 6
"""Lines at the top of a text, blank ones aside, in which a title may stand that its pages repeat as their head."""

HEAD_LEAST, HEAD_COLUMNS = 8, 80
"""Width of the shortest and the longest running head."""


def hinted(seen: Survey) -> Iterator[tuple[int, list[int]]]:
    """Yield the texts that have lines to be looked at, with these lines."""
    places = np.flatnonzero(seen.hints)
    texts = np.searchsorted(seen.lines.bounds, places, "right") - 1
    for text in np.unique(texts).tolist():
        first, last = np.searchsorted(texts, [text, text + 1])
        yield text, places[first:last].tolist()


@dataclass(frozen=True, slots=True)
class Page:
    """What looks like a page number, on line ``line``; ``cut``: it stands where a sentence is cut."""

    line: int
    number: PageNumber
    cut: bool
    alone: bool


def pages_of(seen: Survey, lines: Sequence[int]) -> list[Page]:
    """Return what looks like page numbers among the hinted lines of a text."""
    pages = []
    for k in lines:
        hint = seen.hints[k]
        if hint & NUMERIC and seen.lines.rows[k, COLUMNS] <= 40 and (number := page_number(seen.line(k))):
            pages.append(Page(k, number, bool(hint & INTRUDER), alone=True))
        elif hint & EDGE:
            line = seen.line(k)
            if number := edge_number(line):
                beside = line[: number.start] or line[number.end :]
                pages.append(Page(k, number, bool(number.start) and beside[-1] not in "。!?:;…”！？：；", alone=False))
    return pages


def neighbours(seen: Survey, text: int, k: int) -> Iterator[int]:
    """Yield the next lines before and behind a line that are not blank."""
    first, end = seen.lines.bounds[text], seen.lines.bounds[text + 1]
    for step in (-1, 1):
        other = k + step
        while first <= other < end and seen.lines.rows[other, HEAD] == BLANK:
            other += step
        if first <= other < end:
            yield int(other)


def running_candidates(seen: Survey, text: int, lines: Sequence[int], pages: Sequence[Page]) -> list[tuple[int, bool]]:
    """Return the lines that may be running heads, and whether each stands beside a page number."""
    numbered = {page.line for page in pages if page.alone}
    top = title_end(seen, text)
    found = {
        k: False for k in lines if k >= top and seen.hints[k] & INTRUDER and k not in numbered and may_run(seen, k)
    }
    for k in numbered:
        for other in neighbours(seen, text, k):
            if other >= top and other not in numbered and may_run(seen, other):
                found[other] = True
    return sorted(found.items())


def title_end(seen: Survey, text: int) -> int:
    """Return the first line behind the few at the top of a text in which title, date, speaker and address stand."""
    first, end = seen.lines.bounds[text], seen.lines.bounds[text + 1]
    full = np.flatnonzero(seen.lines.rows[first : min(end, first + 4 * TITLE_LINES), HEAD] != BLANK)
    return int(first + full[TITLE_LINES]) if len(full) > TITLE_LINES else int(end)


def may_run(seen: Survey, k: int) -> bool:
    """Tell whether a line can be a running head: short, no sentence, no salutation."""
    row = seen.lines.rows[k]
    return bool(HEAD_LEAST <= row[COLUMNS] <= HEAD_COLUMNS and row[TAIL] not in (STOP, PAUSE, SEMICOLON, COLON))
