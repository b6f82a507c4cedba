"""Statistics of what stands at the edges of lines and between them, per group of texts: a source or a site.

A watermark repeats, but what stands beside it never does: it was stamped where a page ended, inside any sentence. So
of each line that ends inside a sentence the last characters are remembered, under the last four of them, and from
those that repeat the longest common end is taken. Each number counts as the same.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from taoxi.normalize.lines.classes import BLANK
from taoxi.normalize.lines.flow import CUT, FULL, GOES, SHORT
from taoxi.normalize.lines.furniture import mask
from taoxi.normalize.lines.joining import MANY
from taoxi.normalize.lines.pages import hinted, neighbours, pages_of, prose_beside, running_candidates
from taoxi.normalize.lines.survey import HEAD_WINDOW, INTRUDER, NUMERIC, TAIL_WINDOW, Survey, survey
from taoxi.normalize.lines.table import DOCUMENT, HEAD, START
from taoxi.normalize.utf8 import Bytes, Offsets

WINDOW = 36
"""Tokens of an edge that are remembered: the longest watermark that is found, and two tokens beside it."""

KEY = 4
"""Tokens that edges are grouped by; the shortest watermark."""

SINGLE = 5
"""Characters of an edge that are looked for in its text if no other edge of the text is like it."""

SAMPLE = 24
"""Different edges that are remembered of each group of them."""

MOST = 1 << 17
"""Entries that are held, some 100 MB. Above it, those with a high hash are forgotten: the rest stays exact."""

ON = "\x01"
"""Stands in a remembered edge for: the next line reads as the rest of a sentence."""

_NUMBER = re.compile(r"[0-9]+")

Key = tuple[int, str, str]
"""Group, kind of entry, and what is counted."""

TAIL_KIND, HEAD_KIND, RUNNING_KIND, PAGE_KIND = "tail", "head", "running", "page"


@dataclass(slots=True)
class Tally:
    """How often something was seen.

    ``cuts``: so often where a sentence is cut. ``beside``: so often beside a page number. ``elsewhere``: how often a
    edge stands inside the lines of its text, asked for ``checked`` of its occurrences; ``bonded``: how often the two
    characters on both sides of its break stand in its text once more, as they do where nothing was stamped.
    ``sample``: edges (of a running head what stands beside it) and how often each was seen, those with the lowest hash;
    ``last`` is the one of a full sample that goes first, None if that is not known.
    """

    count: int = 0
    cuts: int = 0
    beside: int = 0
    elsewhere: int = 0
    checked: int = 0
    bonded: int = 0
    sample: dict[str, int] = field(default_factory=dict)
    last: tuple[int, str] | None = field(default=None, repr=False, compare=False)

    def add(self, other: Tally) -> None:
        """Add what was seen in other texts."""
        self.count += other.count
        self.cuts += other.cuts
        self.beside += other.beside
        self.elsewhere += other.elsewhere
        self.checked += other.checked
        self.bonded += other.bonded
        for edge, count in other.sample.items():
            self.see(edge, count)

    def see(self, edge: str, count: int = 1) -> None:
        """Remember an edge, unless the sample is full of others that go before it."""
        known = self.sample.get(edge)
        if known is not None:
            self.sample[edge] = known + count
            return
        if len(self.sample) == SAMPLE:
            # Most edges of a large group end here: one hash each, whatever the sample holds.
            self.last = self.last or max(map(rank, self.sample))
            if rank(edge) > self.last:
                return
            del self.sample[self.last[1]]
            self.last = None
        self.sample[edge] = count


def rank(edge: str) -> tuple[int, str]:
    """Return what decides whether an edge is remembered: those with the lowest hash are."""
    return zlib.crc32(edge.encode()), edge


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
    """Return the statistics of the n texts of a batch; the arguments are those of ``look_over``."""
    return look_over(utf8, offsets, groups)[0]


def look_over(utf8: Bytes, offsets: Offsets, groups: NDArray[np.int64]) -> tuple[Counts, NDArray[np.bool_]]:
    """Return the statistics of the n texts of a batch, and which texts (bool, n) ``mend`` may find work in.

    The others it would leave as they are, unless they hold a mark of their group.

    Args:
        utf8: normalized text in valid UTF-8 (uint8), one text after another.
        offsets: their n+1 bounds (int64, bytes).
        groups: for each text a number for its source or site (int64, n).
    """
    seen = survey(utf8, offsets)
    busy = np.zeros(len(offsets) - 1, np.bool_)
    busy[seen.lines.rows[(seen.hints != 0) | (seen.states & (CUT | FULL) != 0), DOCUMENT]] = True
    counts = Counts()
    for text, lines in hinted(seen):
        group = int(groups[text])
        pages = pages_of(seen, lines)
        for page in pages:
            tally = counts.of(group, PAGE_KIND, page.number.form.value)
            tally.count += 1
            tally.cuts += page.cut
        candidates = running_candidates(seen, text, lines, pages)
        short = {page.line for page in pages if page.alone} | {k for k, _ in candidates}
        for k, beside in candidates:
            tally = counts.of(group, RUNNING_KIND, mask(seen.line(k)))
            tally.count += 1
            tally.cuts += bool(seen.hints[k] & INTRUDER)
            tally.beside += beside
            tally.see(prose_beside(seen, text, k, short))
        _edges(seen, text, lines, group, counts)
    counts.forget()
    return counts, busy


def tokens(text: str) -> str:
    """Return a text with one character for each token: each number becomes a ``0``.

    Example:
        >>> tokens("更多+vx:521")
        '更多+vx:0'
    """
    return _NUMBER.sub("0", text)


class _Edge(NamedTuple):
    """The edge of a line, and the two characters that its break parts: empty if no sentence goes on over it."""

    text: str
    pair: str


def _edges(seen: Survey, text: int, lines: Sequence[int], group: int, counts: Counts) -> None:
    """Count the edges of lines at which a watermark may stand."""
    own: defaultdict[tuple[str, str], list[_Edge]] = defaultdict(list)
    end = int(seen.lines.bounds[text + 1])
    for k in lines:
        hint = int(seen.hints[k])
        if not hint & (TAIL_WINDOW | HEAD_WINDOW):
            continue
        line = seen.line(k)
        if hint & TAIL_WINDOW:
            below = _continuation(seen, k, end)
            pair = line.rstrip()[-1:] + seen.line(below).lstrip()[:1] if below is not None else ""
            edge = tokens(line[-2 * WINDOW :])[-WINDOW:]
            if _see(counts, group, TAIL_KIND, edge, pair):
                own[TAIL_KIND, edge[-KEY:]].append(_Edge(line[-WINDOW:], pair))
        if hint & HEAD_WINDOW:
            above = next(iter(neighbours(seen, text, k)), k)
            cut = above < k and seen.states[above] & CUT
            pair = seen.line(above).rstrip()[-1:] + line.lstrip()[:1] if cut else ""
            edge = tokens(line[: 2 * WINDOW])[:WINDOW]
            if _see(counts, group, HEAD_KIND, edge, pair):
                own[HEAD_KIND, edge[:KEY]].append(_Edge(line[:WINDOW], pair))
    if own:
        rows = seen.lines.rows
        whole = bytes(seen.utf8.data[rows[seen.lines.bounds[text], START] : rows[end - 1, START + 1]])
        for (kind, key), edges in own.items():
            _check(counts.of(group, kind, key), kind, edges, whole)


def _check(tally: Tally, kind: str, edges: Sequence[_Edge], whole: bytes) -> None:
    """Look for what edges have in common, and for what their breaks part, in the rest of their text."""
    tally.bonded += sum(bool(edge.pair) and edge.pair.encode() in whole for edge in edges)
    texts = [edge.text if kind == TAIL_KIND else edge.text[::-1] for edge in edges]
    common = common_end(Counter(texts)) if len(edges) > 1 else texts[0][-SINGLE:]
    if len(common) < KEY:
        return
    said = (common if kind == TAIL_KIND else common[::-1]).encode()
    tally.checked += len(edges)
    all_places = whole.count(said)
    if all_places > len(edges):
        at_edges = whole.count(said + b"\n") + whole.count(b"\n" + said) + whole.endswith(said)
        tally.elsewhere += max(0, all_places - at_edges)


def _continuation(seen: Survey, k: int, end: int) -> int | None:
    """Return the line on which the sentence of a line goes on; page numbers and running heads may stand between."""
    for other in range(k + 1, min(end, k + 2 * MANY + 2)):
        state = int(seen.states[other])
        if seen.lines.rows[other, HEAD] == BLANK:
            continue
        if state & GOES and not state & SHORT:
            return other
        if not state & SHORT and not seen.hints[other] & NUMERIC:
            return None
    return None


def _see(counts: Counts, group: int, kind: str, edge: str, pair: str) -> bool:
    """Count an edge that is long enough to have a neighbour; tell whether it is."""
    if len(edge) <= KEY:
        return False
    tally = counts.of(group, kind, edge[-KEY:] if kind == TAIL_KIND else edge[:KEY])
    tally.count += 1
    tally.see(edge + (ON if pair else ""))
    return True


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
