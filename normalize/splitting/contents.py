"""Compilations: a table of contents, and its titles again as headings, each above a document of its own."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from statistics import median

from taoxi.normalize.model import Piece, PieceKind
from taoxi.normalize.splitting.dates import half_width
from taoxi.normalize.splitting.delimiter import (
    Line,
    first_line,
    is_chapter,
    is_prose,
    last_line,
    numbering,
    weight,
    words,
)

HEAD_CHARS = 20_000
"""A table of contents stands at the front: behind a cover, an imprint, at most a preface of some pages."""

COVER_CHARS = 400
"""Before and behind the table: up to this size it is cover and imprint, above it a preface, which is a document."""

ENTRIES = 3
"""Lines with ascending page numbers that make a table of contents, even where it is not called so."""

LINES = 5_000
"""The longest table of contents that is read: a yearbook has some two thousand entries."""

ENTRY_CHARS = 120
"""As a title, with numbering, leader dots and page number."""

STRANGERS = 5
"""Lines without a page number in a row, such as group headings and page heads, that do not end a table with numbers."""

ALIKE = 20
"""Entries of one title; above it, it is a word that returns everywhere (简介) and cannot be told apart."""

HEADINGS = 100_000
"""Lines that are compared with the entries; more are no headings, and to order them would take seconds."""

RETURNS = 2
"""One title that comes again is a title that is quoted."""

RETURN_SHARE = 0.5
"""Of the titles up to the last that returns, how many must return; below it the headings are found by chance."""

NUMBERED_SHARE = 0.2
"""From this share of numbered headings or chapter numbers in the table, the parts are sections of one text."""

TITLE_WEIGHT = 6
"""Median weight of the titles; section titles have two to four characters (概述, 人物经历), the dump's reports ten."""

BARE_TITLE_WEIGHT = 8
BARE_RETURNS = 3
"""Without page numbers and numbering a table is only a list of lines: heavier titles and one return more are wanted."""

PATTERN_WEIGHT = 4
PATTERN_SHARE = 0.6
"""Of the titles, how many must begin or end in the same four characters or two words, or name a genre of documents:
the reports of many cities do, the chapters of a book do not."""

BODY_CHARS = 200
"""Most documents have so much; shorter bodies are the sections of a notice or the fields of a form."""

_NAMES = frozenset({"目录", "目錄", "目次", "总目录", "總目錄", "总目", "contents", "tableofcontents", "目录contents"})
_NAMED = re.compile(r"^[^\n]{0,16}(?:目[^\S\n]*[录錄次]|总目|contents)[^\n]{0,16}$", re.IGNORECASE | re.MULTILINE)
_PAGED = re.compile(r"(.*?[^\s.…·・‥_])[\s.…·・‥_]+[(]?(\d{1,4})[)]?")
_NO_ENTRY = re.compile(r"[=<>{}\\]|[。;，；：,:]$")
_NOISE = re.compile(r"[\W_]+")
_GENRES = re.compile(
    r"(?:报告书?|讲话|通知|意见|办法|规定|决定|决议|公报|公告|通告|致辞|发言稿?|演讲|总结|方案|批复|条例|规划|纲要|制度"
    r"|倡议书|公开信|贺信)$"
)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line of a table: the title without numbering, dots and page; all that may return of it; the page, 0 if none."""

    line: Line
    title: str
    keys: frozenset[str]
    page: int


@dataclass(frozen=True, slots=True)
class _Table:
    """A table of contents; ``groups`` are the folded lines between its entries."""

    start: int
    end: int
    entries: list[_Entry]
    groups: frozenset[str]
    bare: bool


@dataclass(frozen=True, slots=True)
class _Heading:
    """A line that says what an entry says; ``entries`` are the places of such entries in the table."""

    line: Line
    entries: list[int]
    numbered: bool


def split_by_contents(text: str) -> list[Piece] | None:
    """Cut a compilation where the titles of its table of contents come again as headings, and lift these out.

    Cover and table are one separator; a title that never comes again gives no document; what stands above a heading
    belongs to the document before. We leave alone: books and reports, because their headings come again with their
    numbers or have nothing in common; encyclopedia pages and manuals, because their titles are short.

    Args:
        text: the normalized text.

    Returns:
        Pieces that tile the text, or None when it is no compilation.
    """
    for start in _table_starts(text):
        table = _read_table(text, start)
        if table is None:
            continue
        found = list(islice(_headings(text, table), HEADINGS))
        headings = _in_order([heading for heading in found if not heading.numbered])
        sections = len({entry for heading in found if heading.numbered for entry in heading.entries})
        if sections < NUMBERED_SHARE * (sections + len(headings)) and _are_documents(text, table, headings):
            return _pieces(text, table, [line for line, _ in headings])
    return None


def _table_starts(text: str) -> Iterator[int]:
    """Yield where a table may start: at a line that says so, or at ascending page numbers right behind a cover."""
    for found in _NAMED.finditer(text[:HEAD_CHARS]):
        if _fold(half_width(found.group())) in _NAMES:
            yield found.start()
    entries: list[_Entry | None] = []
    at = 0
    while at < COVER_CHARS + ENTRIES * ENTRY_CHARS and (line := first_line(text, at, len(text))):
        entries.append(_entry(line))
        at = line.end
    for first in range(len(entries) - ENTRIES + 1):
        run = [entry for entry in entries[first : first + ENTRIES] if entry and entry.title and entry.page]
        if len(run) == ENTRIES and _ascend(run):
            yield run[0].line.start
            return


def _read_table(text: str, start: int) -> _Table | None:
    """Read entries up to a paragraph, a title that comes again, or the last page number."""
    lines: list[_Entry] = []
    seen: set[str] = set()
    at, paged, strangers = start, 0, 0
    while len(lines) < LINES and (line := first_line(text, at, len(text))):
        entry = _entry(line)
        if entry is None or (not entry.page and seen & entry.keys):
            break
        strangers = 0 if entry.page else strangers + 1
        if paged >= ENTRIES and strangers > STRANGERS:
            break
        at = line.end
        paged += entry.page > 0
        if entry.title and not entry.keys & _NAMES:
            lines.append(entry)
            seen |= entry.keys
    entries = _joined(lines)
    with_page = [entry for entry in entries if entry.page]
    if len(with_page) >= ENTRIES and _ascend(with_page):
        groups = frozenset(key for entry in lines if not entry.page for key in entry.keys)
        return _Table(start, with_page[-1].line.end, with_page, groups, bare=False)
    bare = not any(numbering(entry.line.text) for entry in entries)
    return _Table(start, at, entries, frozenset(), bare) if len(entries) >= RETURNS else None


def _ascend(entries: Sequence[_Entry]) -> bool:
    return all(entry.page <= after.page for entry, after in pairwise(entries))


def _joined(lines: Sequence[_Entry]) -> list[_Entry]:
    """Let an entry that was broken into two lines return as one: only its second line has the page number."""
    entries = list(lines)
    for at, (entry, after) in enumerate(pairwise(lines), 1):
        if after.page and not entry.page:
            both = frozenset(first + second for first in entry.keys for second in after.keys)
            entries[at] = replace(after, keys=after.keys | both)
    return entries


def _entry(line: Line) -> _Entry | None:
    """Read a line of a table of contents; None when it is too long, ends as a sentence does, or is code."""
    if len(line.text) > ENTRY_CHARS or _NO_ENTRY.search(line.text):
        return None
    found = _PAGED.fullmatch(line.text)
    named = found.group(1) if found else line.text
    title = named[numbering(named) :].strip()
    keys = frozenset(key for key in (_fold(line.text), _fold(named), _fold(title)) if len(key) > 1)
    return _Entry(line, title if words(title) else "", keys, int(found.group(2)) if found else 0)


def _headings(text: str, table: _Table) -> Iterator[_Heading]:
    """Yield the lines behind the table that say what an entry says: spaces, punctuation and numbering do not count."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, entry in enumerate(table.entries):
        for key in entry.keys:
            places[key].append(place)
    ends = {key[-1] for key in places}
    # Numbering, quotes and spaces make a heading longer than what is compared.
    longest = 2 * max(map(len, places), default=0) + 20
    for found in re.compile(rf"\n([^\n]{{1,{longest}}})(?=\n|\Z)").finditer(text, max(table.end - 1, 0)):
        said = half_width(found.group(1)).strip()
        if not said or (said[-1].isalnum() and said[-1].casefold()[-1] not in ends):
            continue
        number = numbering(said)
        entries = places.get(_fold(said)) or places.get(_fold(said[number:]))
        if entries and len(entries) <= ALIKE:
            above = last_line(text, table.end, found.start(1))
            under_number = above is not None and len(above.text) == numbering(above.text)
            line = Line(found.start(1), min(found.end() + 1, len(text)), said)
            yield _Heading(line, entries, number > 0 or under_number)


def _in_order(headings: Sequence[_Heading]) -> list[tuple[Line, int]]:
    """Choose the most headings whose entries ascend, the earliest of each: a longest increasing subsequence.

    It passes over running heads (the same entry again) and over a title that is quoted in another document (an entry
    out of order). Patience sorting: ``ends[k]`` is the smallest entry that ends an ascent of ``k + 1`` headings.
    """
    ends: list[int] = []
    tops: list[int] = []
    nodes: list[tuple[int, int]] = []
    for heading in headings:
        for entry in sorted(heading.entries, reverse=True):
            length = bisect_left(ends, entry)
            if length < len(ends) and ends[length] == entry:
                continue
            nodes.append((entry, tops[length - 1] if length else -1))
            ends[length : length + 1] = [entry]
            tops[length : length + 1] = [len(nodes) - 1]
    ascent: list[int] = []
    node = tops[-1] if tops else -1
    while node >= 0:
        entry, node = nodes[node]
        ascent.append(entry)
    rest = iter(headings)
    return [(next(heading.line for heading in rest if entry in heading.entries), entry) for entry in reversed(ascent)]


def _are_documents(text: str, table: _Table, headings: Sequence[tuple[Line, int]]) -> bool:
    """Tell whether what stands under the headings are documents of their own and not the sections of one."""
    fewest = BARE_RETURNS if table.bare else RETURNS
    if len(headings) < fewest or len(headings) < RETURN_SHARE * (headings[-1][1] + 1):
        return False
    if sum(is_chapter(entry.line.text) for entry in table.entries) >= NUMBERED_SHARE * len(table.entries):
        return False
    titles = [words(table.entries[entry].title) for _, entry in headings]
    if median(map(weight, titles)) < (BARE_TITLE_WEIGHT if table.bare else TITLE_WEIGHT):
        return False
    ends = [line.start for line, _ in headings[1:]] + [len(text)]
    bodies = [is_prose(text, line.end, end, BODY_CHARS, 1) for (line, _), end in zip(headings, ends, strict=True)]
    shared = Counter(pattern for title in titles for pattern in _patterns(title))
    return 2 * sum(bodies) > len(bodies) and max(shared.values(), default=0) >= PATTERN_SHARE * len(titles)


def _patterns(title: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield what a title may share with others: its beginning, its end, that it names a genre of documents."""
    for place, line in (("beginning", title), ("end", title[::-1])):
        heavy = (end for end in range(1, len(line) + 1) if weight(line[:end]) >= PATTERN_WEIGHT)
        for end in islice(heavy, 1):
            yield place, *line[:end]
    if _GENRES.search("".join(title)):
        yield ("genre",)


def _pieces(text: str, table: _Table, headings: Sequence[Line]) -> list[Piece]:
    floors = [table.end, *(heading.end for heading in headings)]
    tops = [_above_groups(text, table, floor, heading) for floor, heading in zip(floors, headings, strict=False)]
    start = table.start if len(text[: table.start].strip()) > COVER_CHARS else 0
    end = table.end
    if len(text[table.end : tops[0]].strip()) <= COVER_CHARS:
        end = tops[0] = headings[0].start
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
