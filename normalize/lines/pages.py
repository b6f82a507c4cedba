"""Which lines of a text may be page numbers or running heads, and what stands beside them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from taoxi.normalize.lines.classes import BLANK, COLON, NUMBERED, PAUSE, SEMICOLON, STOP
from taoxi.normalize.lines.furniture import Form, PageNumber, are_pages, edge_number, page_number, runs
from taoxi.normalize.lines.survey import EDGE, INTRUDER, NUMERIC, Survey
from taoxi.normalize.lines.table import COLUMNS, FLAGS, HEAD, PROSE, START, STOPS, TAIL

TITLE_LINES = 6
"""Lines at the top of a text, blank ones aside, in which a title may stand that its pages repeat as their head."""

HEAD_LEAST, HEAD_COLUMNS, HEAD_LETTERS = 8, 80, 3
"""Width of the shortest and the longest running head, and how many letters it has."""


def hinted(seen: Survey) -> Iterator[tuple[int, list[int]]]:
    """Yield the texts that have lines to be looked at, with these lines."""
    places = np.flatnonzero(seen.hints)
    texts = np.searchsorted(seen.lines.bounds, places, "right") - 1
    owners, firsts = np.unique(texts, return_index=True)
    bounds = [*firsts.tolist(), len(places)]
    lines = places.tolist()
    for number, text in enumerate(owners.tolist()):
        yield text, lines[bounds[number] : bounds[number + 1]]


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
        hint = int(seen.hints[k])
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
    """Return the lines that may be running heads, and whether each stands beside a page number.

    Bare numbers are page numbers only if their text says so: those of subtitles and sections of a novel have lines
    beside them, too.
    """
    numbered = {page.line for page in pages if page.alone}
    sure = {page.line for page, _ in proven(seen, pages) if page.alone}
    sure |= {page.line for page in pages if page.alone and page.number.form is not Form.BARE}
    between = [k for k in lines if seen.hints[k] & INTRUDER and k not in numbered]
    if not between and not sure:
        return []
    top = min(title_end(seen, text), body_start(seen, text))
    found = {k: False for k in between if k >= top and may_run(seen, k)}
    for k in sure:
        for other in neighbours(seen, text, k):
            if other >= top and other not in numbered and may_run(seen, other):
                found[other] = True
    return sorted(found.items())


def proven(seen: Survey, pages: Sequence[Page]) -> Iterator[tuple[Page, tuple[int, float]]]:
    """Yield the page numbers that their text proves: how many stand in a row, and what share of them cuts sentences."""
    for chosen, places, cuts in in_rows(seen, pages):
        form, alone = chosen[0].number.form, chosen[0].alone
        if (alone or form is Form.COUNTED or len(chosen) > 1) and are_pages(form, places, cuts):
            for page in chosen:
                yield page, (len(chosen), cuts / len(chosen))


def in_rows(seen: Survey, pages: Sequence[Page]) -> Iterator[tuple[list[Page], list[int], int]]:
    """Yield what looks like page numbers of one form that rise, with their bytes, and how many cut a sentence."""
    by_form: defaultdict[tuple[Form, bool], list[Page]] = defaultdict(list)
    for page in pages:
        by_form[page.number.form, page.alone].append(page)
    for same in by_form.values():
        for run in runs([page.number.number for page in same]):
            chosen = [same[place] for place in run]
            places = [int(seen.lines.rows[page.line, START]) for page in chosen]
            yield chosen, places, sum(page.cut for page in chosen)


def prose_beside(seen: Survey, text: int, k: int, short: Collection[int]) -> str:
    """Return the ends of the lines before and behind a line, page numbers and other heads aside.

    They are the same wherever the line is content: in copies of a text, too, whose pages differ.
    """
    first, end = int(seen.lines.bounds[text]), int(seen.lines.bounds[text + 1])
    said = ""
    for step in (-1, 1):
        other = k + step
        while first <= other < end and (seen.lines.rows[other, HEAD] == BLANK or other in short):
            other += step
        if first <= other < end:
            said += seen.line(other)[-4:]
    return said


def title_end(seen: Survey, text: int) -> int:
    """Return the first line behind the few at the top of a text in which title, date, speaker and address stand."""
    first, end = seen.lines.bounds[text], seen.lines.bounds[text + 1]
    full = np.flatnonzero(seen.lines.rows[first : min(end, first + 4 * TITLE_LINES), HEAD] != BLANK)
    return int(first + full[TITLE_LINES]) if len(full) > TITLE_LINES else int(end)


def body_start(seen: Survey, text: int) -> int:
    """Return the first line behind one in which a sentence ends: a title cut in two has no such line before it."""
    first, end = int(seen.lines.bounds[text]), int(seen.lines.bounds[text + 1])
    flags = seen.lines.rows[first:end, FLAGS]
    prose = np.flatnonzero((flags & PROSE != 0) & (flags & STOPS != 0))
    return first + int(prose[0]) + 1 if len(prose) else end


def may_run(seen: Survey, k: int) -> bool:
    """Tell whether a line can be a running head: short, no sentence, no salutation, no row of numbers or times.

    A chapter can be one, but not a heading with a number such as 三、 or (一): many reports share those.
    """
    row = seen.lines.rows[k]
    if not HEAD_LEAST <= row[COLUMNS] <= HEAD_COLUMNS or row[TAIL] in (STOP, PAUSE, SEMICOLON, COLON):
        return False
    line = seen.line(k)
    if row[HEAD] == NUMBERED and not line.lstrip().startswith("第"):
        return False
    return sum(char.isalpha() for char in line) >= HEAD_LETTERS
