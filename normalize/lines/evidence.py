"""Statistics of what stands at the edges of lines and between them, per group of texts: a source or a site.

A watermark repeats, but what stands beside it never does: it was stamped where a page ended, inside any sentence. So
of each line that ends inside a sentence the last characters are remembered, under the last four of them, and from
those that repeat the longest common end is taken. Each number counts as the same.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from taoxi.normalize.lines.classes import BLANK, COLON, PAUSE, SEMICOLON, STOP
from taoxi.normalize.lines.flow import CUT, GOES, SHORT
from taoxi.normalize.lines.furniture import PageNumber, edge_number, mask, page_number
from taoxi.normalize.lines.joining import MANY
from taoxi.normalize.lines.survey import EDGE, HEAD_WINDOW, INTRUDER, NUMERIC, TAIL_WINDOW, Survey, survey
from taoxi.normalize.lines.table import COLUMNS, HEAD, START, TAIL
from taoxi.normalize.utf8 import Bytes, Offsets

WINDOW = 36
"""Tokens of an edge that are remembered: the longest watermark that is found, and two tokens beside it."""

KEY = 4
"""Tokens that edges are grouped by; the shortest watermark."""

SAMPLE = 24
"""Different edges that are remembered of each group of them."""

MOST = 1 << 17
"""Entries that are held, some 100 MB. Above it, those with a high hash are forgotten: the rest stays exact."""

TITLE_LINES = 6
"""Lines at the top of a text, blank ones aside, in which a title may stand that its pages repeat as their head."""

HEAD_LEAST, HEAD_COLUMNS = 8, 80
"""Width of the shortest and the longest running head."""

ON = "\x01"
"""Stands in a remembered edge for: the next line reads as the rest of a sentence."""

_TOKEN = re.compile(r"[0-9]+|.", re.DOTALL)

Key = tuple[int, str, str]
"""Group, kind of entry, and what is counted."""

TAIL_KIND, HEAD_KIND, RUNNING_KIND, PAGE_KIND = "tail", "head", "running", "page"


@dataclass(slots=True)
class Tally:
    """How often something was seen.

    ``cuts``: so often where a sentence is cut. ``beside``: so often beside a page number. ``elsewhere``: how often a
    repeated edge stands inside the lines of its text, asked for ``checked`` of its occurrences. ``sample``: edges (of a
    running head what stands beside it) and how often each was seen, those with the lowest hash.
    """

    count: int = 0
    cuts: int = 0
    beside: int = 0
    elsewhere: int = 0
    checked: int = 0
    sample: dict[str, int] = field(default_factory=dict)

    def add(self, other: Tally) -> None:
        """Add what was seen in other texts."""
        self.count += other.count
        self.cuts += other.cuts
        self.beside += other.beside
        self.elsewhere += other.elsewhere
        self.checked += other.checked
        for edge, count in other.sample.items():
            self.see(edge, count)

    def see(self, edge: str, count: int = 1) -> None:
        """Remember an edge."""
        self.sample[edge] = self.sample.get(edge, 0) + count
        if len(self.sample) > SAMPLE:
            del self.sample[max(self.sample, key=lambda known: (zlib.crc32(known.encode()), known))]


@dataclass(slots=True)
class Counts:
    """The statistics of some texts. Which batches they came in does not show in them.

    ``level`` is the hash above which entries are forgotten; it only falls.
    """

    tallies: dict[Key, Tally] = field(default_factory=dict)
    level: int = 1 << 32
    most: int = MOST

    def add(self, other: Counts) -> None:
        """Add the statistics of other texts."""
        self.level = min(self.level, other.level)
        for key, tally in other.tallies.items():
            known = self.tallies.get(key)
            if known is None:
                known = self.tallies[key] = Tally()
            known.add(tally)
        self.forget()

    def of(self, group: int, kind: str, text: str) -> Tally:
        """Return the tally of something, a new one if it was not seen before."""
        tally = self.tallies.get((group, kind, text))
        if tally is None:
            tally = self.tallies[group, kind, text] = Tally()
        return tally

    def forget(self) -> None:
        """Drop the entries with the highest hashes if there are too many."""
        while len(self.tallies) > self.most or (self.level < 1 << 32 and not self._settled()):
            if self._settled():
                self.level //= 2
            self.tallies = {key: tally for key, tally in self.tallies.items() if _hash(key) < self.level}

    def _settled(self) -> bool:
        return all(_hash(key) < self.level for key in self.tallies)


def _hash(key: Key) -> int:
    return zlib.crc32(f"{key[0]} {key[1]} {key[2]}".encode())


def count(utf8: Bytes, offsets: Offsets, groups: NDArray[np.int64]) -> Counts:
    """Return the statistics of the n texts of a batch.

    Args:
        utf8: normalized text in valid UTF-8 (uint8), one text after another.
        offsets: their n+1 bounds (int64, bytes).
        groups: for each text a number for its source or site (int64, n).
    """
    seen = survey(utf8, offsets)
    counts = Counts()
    for text, lines in hinted(seen):
        group = int(groups[text])
        pages = pages_of(seen, lines)
        for page in pages:
            tally = counts.of(group, PAGE_KIND, page.number.form.value)
            tally.count += 1
            tally.cuts += page.cut
        for k, beside in running_candidates(seen, text, lines, pages):
            tally = counts.of(group, RUNNING_KIND, mask(seen.line(k)))
            tally.count += 1
            tally.cuts += bool(seen.hints[k] & INTRUDER)
            tally.beside += beside
            tally.see("".join(seen.line(other)[-4:] for other in neighbours(seen, text, k)))
        _edges(seen, text, lines, group, counts)
    counts.forget()
    return counts


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


def tokens(text: str) -> list[str]:
    """Return the characters of a text, with each number as one token ``0``.

    Example:
        >>> tokens("更多+vx:521")
        ['更', '多', '+', 'v', 'x', ':', '0']
    """
    return ["0" if token[0] in "0123456789" else token for token in _TOKEN.findall(text)]


def _edges(seen: Survey, text: int, lines: Sequence[int], group: int, counts: Counts) -> None:
    """Count the edges of lines at which a watermark may stand."""
    own: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    end = int(seen.lines.bounds[text + 1])
    for k in lines:
        hint = seen.hints[k]
        if not hint & (TAIL_WINDOW | HEAD_WINDOW):
            continue
        line = seen.line(k)
        if hint & TAIL_WINDOW:
            edge = tokens(line[-2 * WINDOW :])[-WINDOW:]
            on = _goes_on(seen, k, end)
            _see(counts, group, TAIL_KIND, "".join(edge[-KEY:]), "".join(edge) + (ON if on else ""), len(edge))
            own[TAIL_KIND, "".join(edge[-KEY:])].append(line[-WINDOW:])
        if hint & HEAD_WINDOW:
            edge = tokens(line[: 2 * WINDOW])[:WINDOW]
            before = next(iter(neighbours(seen, text, k)), k)
            on = before < k and bool(seen.states[before] & CUT)
            _see(counts, group, HEAD_KIND, "".join(edge[:KEY]), "".join(edge) + (ON if on else ""), len(edge))
            own[HEAD_KIND, "".join(edge[:KEY])].append(line[:WINDOW])
    whole = None
    for (kind, key), edges in own.items():
        if len(edges) < 2:
            continue
        if whole is None:
            rows = seen.lines.rows
            whole = bytes(seen.utf8[rows[seen.lines.bounds[text], START] : rows[end - 1, START + 1]])
        common = common_end(Counter(edges)) if kind == TAIL_KIND else common_end(Counter(e[::-1] for e in edges))[::-1]
        if len(common) < KEY:
            continue
        tally = counts.of(group, kind, key)
        tally.checked += len(edges)
        said = common.encode()
        at_edges = whole.count(said + b"\n") + whole.count(b"\n" + said) + whole.endswith(said)
        tally.elsewhere += max(0, whole.count(said) - at_edges)


def _goes_on(seen: Survey, k: int, end: int) -> bool:
    """Tell whether the sentence of a line goes on below it; page numbers and running heads may stand between."""
    for other in range(k + 1, min(end, k + 2 * MANY + 2)):
        state = seen.states[other]
        if seen.lines.rows[other, HEAD] == BLANK:
            continue
        if state & GOES and not state & SHORT:
            return True
        if not state & SHORT and not seen.hints[other] & NUMERIC:
            return False
    return False


def _see(counts: Counts, group: int, kind: str, key: str, edge: str, size: int) -> None:
    if size > KEY:
        tally = counts.of(group, kind, key)
        tally.count += 1
        tally.see(edge)


SHARED = 0.8
"""Share of remembered edges that must end alike for their common end to be taken."""


def common_end(edges: Counter[str]) -> str:
    """Return the longest end that ``SHARED`` of the edges have in common."""
    total = edges.total()
    common = ""
    for size in range(1, WINDOW):
        ends: Counter[str] = Counter()
        for edge, many in edges.items():
            if len(edge) > size:
                ends[edge[-size:]] += many
        if not ends or ends.most_common(1)[0][1] < SHARED * total:
            break
        common = max(ends, key=lambda end: (ends[end], end))
    return common
