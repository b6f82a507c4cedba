"""Counts of lines per site, gathered batch by batch in any order and cut, until they are learned from.

For each page there is a record per line, and those of a line meet in one partition. A page itself is eight MinHash
values of its content, by which copies of one article are told from pages of their own: a line counts once per content,
however often that was mirrored.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from taoxi.dedup.chrome.forms import BARE, CODE, STRENGTH_MASK, STRENGTH_SHIFT, Lines, is_content, mix
from taoxi.dedup.chrome.lines import scan
from taoxi.dedup.partitions import HELD, Partitions
from taoxi.normalize.kernel import kernel, part
from taoxi.normalize.utf8 import Array, Bytes, Number, Offsets, frozen

EDGE = 80
"""Lines from either end of a page that are counted; between them only those that the lexicon knows. The longest header
of portals seen is some sixty lines, and what a long text repeats in its middle is the text's."""

KEYS = 8
CONTENT_TOKENS = 20
"""A line this long is content for telling copies of a page from each other (a paragraph, DESIGN §5)."""

MARGIN = 0.15
"""Share of a page's prose that may lie between a line and the page's edge for the line to be at the edge: cookie
banners and disclaimers are prose themselves."""

MARGIN_TOKENS = 80
"""So many tokens of prose may lie there in any page: that is a disclaimer, whatever the length of the article."""

AT_HEAD, AT_TAIL = np.uint32(1 << 20), np.uint32(1 << 21)
TOKENS_SHIFT = 24
FLAGS_MASK = np.uint32((1 << 20) - 1)

RECORD = np.dtype([("line", np.uint64), ("page", np.uint32), ("next", np.uint32), ("info", np.uint32)])
"""A line on a page: hash of site and line, number of the page, half the hash of the line behind it, and its flags with
its place (``AT_HEAD``, ``AT_TAIL``) and, from bit 24 up, its tokens (at most 255)."""

PAGE = np.dtype([("site", np.uint64), ("keys", np.uint32, KEYS)])


@dataclass(frozen=True, slots=True)
class Counts:
    """Pages and their lines, in memory: ``pages`` (``PAGE``), ``records`` (``RECORD``), and the names of the sites."""

    pages: NDArray[np.void]
    records: NDArray[np.void]
    names: dict[int, str]

    def add(self, other: Counts) -> Counts:
        """Return the counts of both; pages of the other get new numbers."""
        moved = other.records.copy()
        moved["page"] += np.uint32(len(self.pages))
        pages, records = np.concatenate([self.pages, other.pages]), np.concatenate([self.records, moved])
        return Counts(pages, records, {**self.names, **other.names})

    def partitions(self) -> Iterator[NDArray[np.void]]:
        """Yield records such that all of a line come together."""
        yield self.records


class Tally:
    """Counts of any size: records in ``Partitions``, 40 bytes of each page in memory."""

    def __init__(self, folder: Path, held: int = HELD) -> None:
        """Start with none; ``folder`` and ``held`` as for ``Partitions``."""
        self._records = Partitions(folder, "chrome-lines", RECORD, "line", held)
        self._pages = [np.zeros(0, PAGE)]
        self._count = 0
        self.names: dict[int, str] = {}

    def __enter__(self) -> Self:
        """Return itself."""
        self._records.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Forget the records."""
        self._records.__exit__(kind, error, trace)

    def add(self, counts: Counts) -> None:
        """Add the counts of a batch."""
        records = counts.records.copy()
        records["page"] += np.uint32(self._count)
        self._records.add(records)
        self._pages.append(counts.pages)
        self._count += len(counts.pages)
        self.names |= counts.names

    @property
    def pages(self) -> NDArray[np.void]:
        """All pages."""
        return np.concatenate(self._pages)

    def partitions(self) -> Iterator[NDArray[np.void]]:
        """Yield records such that all of a line come together."""
        yield from self._records


def site_hash(name: str) -> int:
    """Return the 64-bit hash of a site's name."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


def site_hashes(sites: Sequence[str]) -> NDArray[np.uint64]:
    """Return the hashes of the sites of n documents (uint64, n)."""
    if sites and sites.count(sites[0]) == len(sites):  # a dump is one site, unless its records have addresses
        return np.full(len(sites), site_hash(sites[0]), np.uint64)
    known = {name: site_hash(name) for name in set(sites)}
    return np.array([known[name] for name in sites], np.uint64)


def count(utf8: Bytes, offsets: Offsets, sites: Sequence[str], lines: Lines | None = None) -> Counts:
    """Count the lines of a batch of pages.

    Args:
        utf8: normalized text in valid UTF-8 (uint8).
        offsets: n+1 bounds of the n pages (int64, bytes).
        sites: the site of each page.
        lines: what ``scan`` says of them, if it is known.
    """
    lines = lines or scan(utf8, offsets)
    hashes = site_hashes(sites)
    pages = np.zeros(len(hashes), PAGE)
    pages["site"] = hashes
    most = 2 * len(lines)
    line, page = np.empty(most, np.uint64), np.empty(most, np.uint32)
    follow, info = np.empty(most, np.uint32), np.empty(most, np.uint32)
    keys = np.full((len(hashes), KEYS), 0xFFFFFFFF, np.uint32)
    size = _count(*line_arrays(lines), frozen(lines.exact), frozen(hashes), keys, line, page, follow, info)
    pages["keys"] = keys
    records = np.empty(size, RECORD)
    records["line"], records["page"], records["next"], records["info"] = (
        line[:size],
        page[:size],
        follow[:size],
        info[:size],
    )
    return Counts(pages, records, {site_hash(name): name for name in set(sites)})


def line_arrays(lines: Lines) -> tuple[Array, Array, Array, Array, Array]:
    """Return bounds, hashes, skeletons, tokens and flags of lines as kernels take them."""
    return (
        frozen(lines.bounds),
        frozen(lines.hashes),
        frozen(lines.skeletons),
        frozen(lines.tokens),
        frozen(lines.flags),
    )


@kernel
def in_site(line: Number, site: Number) -> Number:
    """Return the hash of a line of a site; never 0."""
    return mix(line ^ site) | np.uint64(1)


@part
def _key(value: Number, which: Number) -> Number:
    return np.uint32(mix(value + np.uint64(which) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(32))


@part
def _page_keys(
    first: Number, stop: Number, exact: Array, hashes: Array, tokens: Array, flags: Array, keys: Array
) -> None:
    """Write the MinHash of the set of a page's content lines; without such lines, of the page as a whole.

    Numbers count in it: two days' weather in the same words are two pages. In a page without a paragraph they do not,
    because there a mirror can only be told by its lines, and these count visitors.
    """
    some = False
    for k in range(first, stop):
        if is_content(flags[k]) and tokens[k] >= CONTENT_TOKENS:
            some = True
            for which in range(KEYS):
                keys[which] = min(keys[which], _key(exact[k], which))
    if not some:
        whole = np.uint64(0)
        for k in range(first, stop):
            whole = mix(whole ^ hashes[k])
        for which in range(KEYS):
            keys[which] = _key(whole, which)


@kernel
def _count(
    bounds: Array,
    hashes: Array,
    skeletons: Array,
    tokens: Array,
    flags: Array,
    exact: Array,
    sites: Array,
    keys: Array,
    out_line: Array,
    out_page: Array,
    out_next: Array,
    out_info: Array,
) -> Number:
    size = 0
    for page in range(len(bounds) - 1):
        first, stop = bounds[page], bounds[page + 1]
        _page_keys(first, stop, exact, hashes, tokens, flags, keys[page])
        prose = 0
        for k in range(first, stop):
            if is_content(flags[k]):
                prose += tokens[k]
        margin = max(MARGIN * prose, MARGIN_TOKENS)
        before = 0
        for k in range(first, stop):
            own = tokens[k] if is_content(flags[k]) else 0
            known = (flags[k] >> np.uint32(STRENGTH_SHIFT)) & np.uint32(STRENGTH_MASK)
            edge = k < first + EDGE or k >= stop - EDGE
            if (edge or known >= 2) and not flags[k] & (CODE | BARE):
                info = flags[k] | np.uint32(min(tokens[k], 255)) << np.uint32(TOKENS_SHIFT)
                if before <= margin:
                    info |= AT_HEAD
                if prose - before - own <= margin:
                    info |= AT_TAIL
                follow = np.uint32(hashes[k + 1] >> np.uint64(32)) if k + 1 < stop else np.uint32(0)
                for which in range(2):
                    line = skeletons[k] if which else hashes[k]
                    if line != 0:
                        out_line[size] = in_site(line, sites[page])
                        out_page[size] = page
                        out_next[size] = follow
                        out_info[size] = info
                        size += 1
            before += own
    return size
