"""Compilations: a table of contents, and its titles again as headings, each above a document of its own."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from taoxi.normalize.dates import half_width
from taoxi.normalize.delimiter import Line, first_line, is_chapter, is_prose, last_line, numbering
from taoxi.normalize.model import Piece, PieceKind

HEAD_CHARS = 20_000
"""A table of contents stands at the front: behind a cover, an imprint, at most a preface of some pages."""

ENTRIES = 3
"""Lines with ascending page numbers that make a table of contents which is not called so."""

LINES = 5_000
"""The longest table of contents that is read: a yearbook has some two thousand entries."""

ENTRY_CHARS = 120
"""As a title, with numbering, leader dots and page number."""

STRANGERS = 5
"""Lines without a page number in a row, such as group headings and page heads, that do not end a table with page numbers."""

RETURNS = 2
"""One title that comes again is a title that is quoted."""

RETURN_SHARE = 0.5
"""Of the titles up to the last that returns, how many must return; below it the headings are found by chance."""

NUMBERED_SHARE = 0.2
"""From this share of numbered headings on the parts are sections of one text."""

COMMON_SHARE = 0.6
"""Of the titles, how many must be of one pattern: reports of many cities are, the chapters of a book are not."""

COMMON_WEIGHT = 4
"""How much of beginning or end makes a pattern: four Han characters or two words."""

TITLE_CHARS = 6
"""Median of the titles without numbering; section titles have two to four characters (概述, 人物经历), the dump's reports 13."""

BARE_TITLE_CHARS = 8
BARE_RETURNS = 3
"""Without page numbers and numbering, a table of contents is a list of lines: longer titles, one return more."""

BODY_CHARS = 200
"""Median of the documents: below it the titles head the sections of a notice or the fields of a form."""

COVER_CHARS = 400
"""Before and behind the table: up to this size it is cover and imprint, above it a preface, which is a document."""

_NAMES = frozenset({"目录", "目錄", "目次", "总目录", "總目錄", "总目", "contents", "tableofcontents", "目录contents"})
_NAMED = re.compile(r"^[^\n]{0,16}(?:目[^\S\n]*[录錄次]|总目|contents)[^\n]{0,16}$", re.IGNORECASE | re.MULTILINE)
_ENDS_IN_DIGIT = re.compile(r"[0-9０-９][)）]?\n")
_PAGED = re.compile(r"(.*?[^\s.…·・‥_])[\s.…·・‥_]+[(]?(\d{1,4})[)]?")
_NO_ENTRY_END = frozenset("。；，,;:")
_NOISE = re.compile(r"[\W_]+")
_HAN = "\u3400-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7af"
_WORDS = re.compile(rf"[{_HAN}]|[^\W\d_{_HAN}]+")
_GENRES = re.compile(
    r"(?:报告|报告书|讲话|通知|意见|办法|规定|决定|决议|公报|公告|通告|致辞|发言|发言稿|演讲|总结|方案|批复|条例|规划|纲要|制度|倡议书|公开信|贺信)$"
)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line of a table of contents: its title without numbering, leader dots and page, and all that may return of it."""

    line: Line
    title: str
    keys: frozenset[str]
    page: int | None


@dataclass(frozen=True, slots=True)
class _Table:
    start: int
    end: int
    entries: list[_Entry]
    groups: frozenset[str]
    paged: bool


@dataclass(frozen=True, slots=True)
class _Heading:
    """A line that says what an entry says; ``entries`` are the places of those entries in the table."""

    line: Line
    entries: list[int]
    numbered: bool


def split_by_contents(text: str) -> list[Piece] | None:
    """Cut a compilation where the titles of its table of contents come again as headings, and lift these out.

    Cover and table are one separator; a title that never comes again gives no document; what stands above a heading belongs
    to the document before. We leave alone: books and reports, whose headings come again with their numbers or whose
    titles have nothing in common; encyclopedia pages and manuals, whose titles are short.

    Args:
        text: the normalized text.

    Returns:
        Pieces that tile the text, or None when it is no compilation.
    """
    for start in _table_starts(text[:HEAD_CHARS]):
        table = _read_table(text, start)
        if table is None:
            continue
        found = list(_headings(text, table))
        headings = _in_order([heading for heading in found if not heading.numbered])
        sections = len({entry for heading in found if heading.numbered for entry in heading.entries})
        if sections < NUMBERED_SHARE * (sections + len(headings)) and _are_documents(text, table, headings):
            return _pieces(text, table, [line for line, _ in headings])
    return None


def _table_starts(head: str) -> Iterator[int]:
    """Yield where a table of contents may start: at a line that says so, then at lines with ascending page numbers."""
    for found in _NAMED.finditer(head):
        if _fold(half_width(found.group())) in _NAMES:
            yield found.start()
    if len(_ENDS_IN_DIGIT.findall(head)) < ENTRIES:
        return
    starts: list[int] = []
    at = page = 0
    while line := first_line(head, at, len(head)):
        at = line.end
        entry = _entry(line)
        if entry is None or entry.page is None:
            starts = []
            continue
        starts = [*starts, line.start] if entry.page >= page else [line.start]
        page = entry.page
        if len(starts) == ENTRIES:
            yield starts[0]
            return


def _read_table(text: str, start: int) -> _Table | None:
    """Read entries up to a paragraph, a title that comes again, or the last page number."""
    lines: list[_Entry] = []
    seen: set[str] = set()
    at, paged, strangers = start, 0, 0
    while len(lines) < LINES and (line := first_line(text, at, len(text))):
        entry = _entry(line)
        if entry is None or (entry.page is None and seen & entry.keys):
            break
        strangers = strangers + 1 if entry.page is None else 0
        if paged >= ENTRIES and strangers > STRANGERS:
            break
        at = line.end
        paged += entry.page is not None
        if entry.title and not entry.keys & _NAMES:
            lines.append(entry)
            seen |= entry.keys
    entries = _joined(lines)
    pages = [entry.page for entry in entries if entry.page is not None]
    if len(pages) >= ENTRIES and pages == sorted(pages):
        groups = frozenset().union(*(entry.keys for entry in lines if entry.page is None))
        entries = [entry for entry in entries if entry.page is not None]
        return _Table(start, entries[-1].line.end, entries, groups, paged=True)
    return _Table(start, at, entries, frozenset(), paged=False) if len(entries) >= RETURNS else None


def _joined(lines: Sequence[_Entry]) -> list[_Entry]:
    """Let an entry that was broken into two lines return as one: only its second line has the page number."""
    entries = list(lines)
    for at, (entry, after) in enumerate(pairwise(lines), 1):
        if entry.page is None and after.page is not None:
            both = frozenset(first + second for first in entry.keys for second in after.keys)
            entries[at] = replace(after, keys=after.keys | both)
    return entries


def _entry(line: Line) -> _Entry | None:
    """Read a line of a table of contents; None when it is too long or ends as a sentence does."""
    if len(line.text) > ENTRY_CHARS or line.text[-1] in _NO_ENTRY_END:
        return None
    found = _PAGED.fullmatch(line.text)
    named = found.group(1) if found else line.text
    title = named[numbering(named) :]
    keys = frozenset(key for key in (_fold(line.text), _fold(named), _fold(title)) if len(key) > 1)
    return _Entry(line, title.strip() if _WORDS.search(title) else "", keys, int(found.group(2)) if found else None)


def _headings(text: str, table: _Table) -> Iterator[_Heading]:
    """Yield the lines behind the table that say what an entry says: spaces, punctuation and numbering do not count."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, entry in enumerate(table.entries):
        for key in entry.keys:
            places[key].append(place)
    if not places:
        return
    ends = {key[-1] for key in places}
    # Numbering, quotes and spaces make a heading longer than what is compared.
    longest = 2 * max(map(len, places)) + 20
    for found in re.compile(rf"\n([^\n]{{1,{longest}}})(?=\n|\Z)").finditer(text, max(table.end - 1, 0)):
        said = half_width(found.group(1)).strip()
        if not said or (said[-1].isalnum() and said[-1].casefold() not in ends):
            continue
        number = numbering(said)
        entries = places.get(_fold(said)) or places.get(_fold(said[number:]))
        if entries:
            line = Line(found.start(1), min(found.end() + 1, len(text)), said)
            yield _Heading(line, entries, bool(number) or _stands_under_number(text, line, table.end))


def _stands_under_number(text: str, line: Line, start: int) -> bool:
    above = last_line(text, start, line.start)
    return above is not None and 0 < len(above.text) == numbering(above.text)


def _in_order(headings: Sequence[_Heading]) -> list[tuple[Line, int]]:
    """Choose the most headings whose entries ascend, the earliest of each: a longest increasing subsequence.

    It passes over running heads (the same entry again) and over a title that is quoted in another document (an entry out
    of order). Patience sorting: ``ends[k]`` is the smallest entry that ends an ascent of ``k + 1`` headings.
    """
    ends: list[int] = []
    tops: list[int] = []
    nodes: list[tuple[int, int, int]] = []
    for place, heading in enumerate(headings):
        for entry in sorted(heading.entries, reverse=True):
            length = bisect_left(ends, entry)
            if length < len(ends) and ends[length] == entry:
                continue
            nodes.append((place, entry, tops[length - 1] if length else -1))
            ends[length : length + 1] = [entry]
            tops[length : length + 1] = [len(nodes) - 1]
    chain: list[tuple[int, int]] = []
    node = tops[-1] if tops else -1
    while node >= 0:
        place, entry, node = nodes[node]
        chain.append((place, entry))
    chosen: list[tuple[Line, int]] = []
    begin = 0
    for last, entry in reversed(chain):
        place = next(place for place in range(begin, last + 1) if entry in headings[place].entries)
        chosen.append((headings[place].line, entry))
        begin = place + 1
    return chosen


def _are_documents(text: str, table: _Table, headings: Sequence[tuple[Line, int]]) -> bool:
    """Tell whether what stands under the headings are documents of their own and not the sections of one."""
    if len(headings) < RETURNS or len(headings) < RETURN_SHARE * (headings[-1][1] + 1):
        return False
    if sum(is_chapter(entry.line.text) for entry in table.entries) >= NUMBERED_SHARE * len(table.entries):
        return False
    titles = [table.entries[entry].title for _, entry in headings]
    length = median(len(_fold(title)) for title in titles)
    bare = not table.paged and not any(numbering(entry.line.text) for entry in table.entries)
    if length < (BARE_TITLE_CHARS if bare else TITLE_CHARS) or (bare and len(headings) < BARE_RETURNS):
        return False
    ends = [line.start for line, _ in headings[1:]] + [len(text)]
    bodies = [is_prose(text, line.end, end, BODY_CHARS, 1) for (line, _), end in zip(headings, ends, strict=True)]
    return 2 * sum(bodies) > len(bodies) and _have_pattern(titles)


def _have_pattern(titles: Sequence[str]) -> bool:
    """Tell whether most titles begin or end alike, or name a genre of documents."""
    words = [_WORDS.findall(half_width(title).lower()) for title in titles]
    heads = Counter(_weighed(line) for line in words)
    tails = Counter(_weighed(line[::-1]) for line in words)
    heads.pop((), None)
    tails.pop((), None)
    genres = sum(_GENRES.search(_fold(title)) is not None for title in titles)
    return max(genres, *heads.values(), *tails.values(), 0) >= COMMON_SHARE * len(titles)


def _weighed(words: Sequence[str]) -> tuple[str, ...]:
    """Return the first words until they weigh enough to be a pattern, or nothing."""
    weight = 0
    for count, word in enumerate(words, 1):
        weight += 1 if len(word) == 1 else 2
        if weight >= COMMON_WEIGHT:
            return tuple(words[:count])
    return ()


def _pieces(text: str, table: _Table, headings: Sequence[Line]) -> list[Piece]:
    floors = [table.end, *(heading.end for heading in headings)]
    tops = [_above_groups(text, table, floor, heading) for floor, heading in zip(floors, headings, strict=False)]
    start = table.start if len(text[: table.start].strip()) > COVER_CHARS else 0
    end = table.end if len(text[table.end : tops[0]].strip()) > COVER_CHARS else tops[0]
    pieces = [
        Piece(0, start, PieceKind.DOCUMENT),
        Piece(start, end, PieceKind.SEPARATOR, "contents"),
        Piece(end, tops[0], PieceKind.DOCUMENT),
    ]
    for heading, top, after in zip(headings, tops, [*tops[1:], len(text)], strict=True):
        title = text[heading.start : heading.end].strip()
        pieces += [
            Piece(top, heading.start, PieceKind.SEPARATOR, "contents"),
            Piece(heading.start, heading.end, PieceKind.SEPARATOR, "title"),
            Piece(heading.end, after, PieceKind.DOCUMENT, None, title),
        ]
    return pieces


def _above_groups(text: str, table: _Table, floor: int, heading: Line) -> int:
    """Return where a heading starts, together with the group headings of the table that stand directly above it."""
    top = heading.start
    while (above := last_line(text, floor, top)) and _fold(above.text) in table.groups:
        top = above.start
    return top


def _fold(line: str) -> str:
    """Return what of a half-width line counts when titles are compared: neither spaces nor punctuation nor case."""
    return _NOISE.sub("", line).casefold()
