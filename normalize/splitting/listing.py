"""List pages: the same short line before each article, then its title, its body and its date."""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from taoxi.normalize.model import Piece, PieceKind
from taoxi.normalize.splitting.dates import date_line
from taoxi.normalize.splitting.delimiter import Line, first_line, is_prose, is_title, last_line

ENTRIES = 3
"""Two equal lines with a title below and a date above happen by chance, in letters and minutes; three do not."""

ENTRY_SHARE = 0.6
"""Of the stretches between the delimiters, how many must be whole entries: most of the page, with room for its tail."""

SAMPLE = 200
"""Stretches that are looked at before the others: a text of a million bullets is passed over at once."""

BODY_CHARS = 20
"""What is shorter has too few tokens to be compared with anything: an index of titles and dates stays one document."""

PROSE_SHARE = 0.6
"""Of the bodies, how many must hold a sentence; logs, changelogs and tables hold none."""

UNDATED_CHARS = 100
"""An entry without a date is believed from this length on; a menu entry of the page's tail is shorter."""

TAIL_LINES = 5
"""Lines of site chrome that may follow a date in the middle of a text, where one page was appended to another."""

LAST_TAIL_LINES = 20
"""The same behind the last date of a text, where the page ends: the pages at hand have three, portals some fifteen."""

TAIL_LINE_CHARS = 80
"""Links, addresses and copyright notes are shorter; a paragraph of an article is longer."""

HEAD_LINES = 8
HEAD_CHARS = 200
"""What stands before the first delimiter is the site's head up to this size, and a document of its own above it."""

BYLINE_CHARS = 60
"""Source and author, when they stand between title and date; a longer line is a paragraph."""


class _DateAt(enum.Enum):
    END = enum.auto()
    TITLE = enum.auto()


@dataclass(frozen=True, slots=True)
class _Stretch:
    """What lies from a delimiter to the next: ``[body, body_end)`` is its body, ``dated`` the line of its last date."""

    mark: Line
    end: int
    title: Line | None
    date: str | None
    dated: Line | None
    body: int
    body_end: int

    @property
    def whole(self) -> bool:
        return self.title is not None and self.date is not None and self.body_end - self.body >= BODY_CHARS

    @property
    def untitled(self) -> bool:
        return self.title is None and self.date is not None and self.body_end - self.body >= BODY_CHARS

    @property
    def undated(self) -> bool:
        return self.title is not None and self.date is None and self.body_end - self.body >= UNDATED_CHARS


def split_list_page(text: str, marks: Sequence[Line]) -> list[Piece] | None:
    """Cut a list page into its articles and lift title and date out of each.

    An article is a delimiter line, a title, a body and a date; the date may also stand below the title. A line like the
    delimiter inside an article stays in it, because no title and date surround it. We leave alone: indexes without
    bodies, logs and changelogs, because nothing in them could be compared with a document.

    Args:
        text: the normalized text.
        marks: what `mark_lines` found in it.

    Returns:
        Pieces that tile the text, or None when it is no list page.
    """
    groups: defaultdict[str, list[Line]] = defaultdict(list)
    for mark in marks:
        groups[mark.text].append(mark)
    for group in groups.values():
        if len(group) < ENTRIES:
            continue
        bounds = list(pairwise([*group, Line(len(text), len(text), "")]))
        if any(_is_list_page(text, _read_all(text, bounds[:SAMPLE], place)) for place in _DateAt):
            readings = [(_read_all(text, bounds, place), place) for place in _DateAt]
            stretches, place = max(readings, key=lambda reading: sum(stretch.whole for stretch in reading[0]))
            if _is_list_page(text, stretches):
                return _pieces(text, _entries(text, stretches, place), place)
    return None


def _read_all(text: str, bounds: Sequence[tuple[Line, Line]], place: _DateAt) -> list[_Stretch]:
    return [_read(text, mark, after.start, place) for mark, after in bounds]


def _is_list_page(text: str, stretches: Sequence[_Stretch]) -> bool:
    whole = [stretch for stretch in stretches if stretch.whole]
    prose = sum(is_prose(text, stretch.body, stretch.body_end, BODY_CHARS, 1) for stretch in whole)
    return len(whole) >= max(ENTRIES, ENTRY_SHARE * len(stretches)) and prose >= PROSE_SHARE * len(whole)


def _entries(text: str, stretches: Sequence[_Stretch], place: _DateAt) -> list[_Stretch]:
    """Join what is no article to the article before it; what comes before the first article stays outside.

    An article that lacks its date is believed once: a second one in a row may be a later part of the first. One that
    lacks its title is believed behind a date, because there an article must begin.
    """
    entries: list[_Stretch] = []
    for stretch in stretches:
        before = entries[-1] if entries else None
        undated = stretch.undated and not (before and before.undated)
        untitled = stretch.untitled and before and before.date
        if stretch.whole or undated or untitled:
            entries.append(stretch)
        elif before:
            joined = _read(text, before.mark, stretch.end, place)
            entries[-1] = joined if joined.date or not before.date else replace(before, end=stretch.end)
    return entries


def _read(text: str, mark: Line, end: int, place: _DateAt) -> _Stretch:
    first = first_line(text, mark.end, end)
    title = first if first and is_title(first.text) else None
    body = title.end if title else mark.end
    if place is _DateAt.END:
        dated = _last_date(text, body, end)
        return _Stretch(mark, end, title, _date(text, dated), dated, body, dated.start if dated else end)
    under = first_line(text, body, end) if title else None
    if under and _date(text, under):
        return _Stretch(mark, end, title, _date(text, under), None, under.end, end)
    below = first_line(text, under.end, end) if under and len(under.text) <= BYLINE_CHARS else None
    return _Stretch(mark, end, title, _date(text, below), None, body, end)


def _last_date(text: str, start: int, end: int) -> Line | None:
    """Find the last date line, if only a few short lines follow it."""
    at = end
    for _ in range((LAST_TAIL_LINES if end == len(text) else TAIL_LINES) + 1):
        line = last_line(text, start, at)
        if line is None or len(line.text) > TAIL_LINE_CHARS:
            return None
        if _date(text, line):
            return line
        at = line.start
    return None


def _date(text: str, line: Line | None) -> str | None:
    return date_line(text[line.start : line.end].strip()) if line else None


def _pieces(text: str, entries: Sequence[_Stretch], place: _DateAt) -> list[Piece]:
    start = entries[0].mark.start
    before = _read(text, Line(0, 0, ""), start, place)
    if before.whole:  # the delimiters stand between the articles, not before each
        entries = [before, *entries]
        start = 0
    head = text[:start].strip()
    pieces = []
    if head and len(head) <= HEAD_CHARS and head.count("\n") < HEAD_LINES:
        pieces.append(Piece(0, start, PieceKind.CHROME, "head"))
    elif start:
        pieces.append(Piece(0, start, PieceKind.DOCUMENT))
    for entry in entries:
        pieces += _entry_pieces(text, entry)
    return pieces


def _entry_pieces(text: str, entry: _Stretch) -> Iterator[Piece]:
    """Yield delimiter, title, body, date and tail in the order in which they stand."""
    at = entry.mark.end
    if entry.title:
        at = entry.title.start
    if entry.mark.start < at:
        yield Piece(entry.mark.start, at, PieceKind.SEPARATOR, "delimiter")
    title = None
    if entry.title:
        title = text[entry.title.start : entry.title.end].strip()
        yield Piece(at, entry.title.end, PieceKind.SEPARATOR, "title")
        at = entry.title.end
    if at < entry.body:
        yield Piece(at, entry.body, PieceKind.SEPARATOR, "date")
    yield Piece(entry.body, entry.body_end, PieceKind.DOCUMENT, None, title, entry.date)
    if entry.dated:
        tail = first_line(text, entry.dated.end, entry.end)
        end = tail.start if tail else entry.end
        yield Piece(entry.dated.start, end, PieceKind.SEPARATOR, "date")
        if tail:
            yield _tail(text, end, entry.end)


def _tail(text: str, start: int, end: int) -> Piece:
    lines = text[start : min(end, start + 2 * LAST_TAIL_LINES * TAIL_LINE_CHARS)].split("\n")
    if len(lines) <= 2 * LAST_TAIL_LINES and max(map(len, lines)) <= TAIL_LINE_CHARS:
        return Piece(start, end, PieceKind.CHROME, "tail")
    return Piece(start, end, PieceKind.DOCUMENT)
