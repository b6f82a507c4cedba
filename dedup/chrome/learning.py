"""What is chrome on each site, learned from counts.

A line is chrome when more of a site's pages have it than content explains. Pages are counted once per content; how many
of a site's n contents must have the line is ``needed(n)``, and the place decides what may be done with it. The table of
evidence is all that later runs need: figures of two runs add up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from taoxi.dedup.chrome.counts import AT_HEAD, AT_TAIL, FLAGS_MASK, KEYS, in_site, site_hash
from taoxi.normalize.kernel import kernel, part
from taoxi.normalize.utf8 import Array, Number, frozen

AGREED = 6
"""Of eight MinHash values, how many make two pages one content: about three quarters of their paragraphs are the same.
Two briefs of one paragraph under the same banner and disclaimer agree in half."""

FEWEST = 3
"""Contents that must have a line; two articles share a line by chance, quoting each other."""

SHARE = 0.2
ROOT = 2.0
"""``needed(n)`` is a fifth of the contents of a small site. On large sites sections have headers of their own, and
twice the square root of n is enough: a phrase that so many articles share is a heading or a slogan, which its place
excludes."""

BROAD = 0.5
BROAD_PAGES = 5
"""Share and number of contents from which a line is chrome even if it reads like a sentence."""

AT_EDGE, AT_THIS_EDGE = 0.8, 0.3
"""Share of a line's records that must lie at edges, and at one of them, for it to be taken there: some stand at both
(返回列表), and a title stands at the head of its page once and in the lists of others often."""

VARIED, VARIED_LEAST = 0.01, 5
"""Share and number of different followers from which a line heads a list whose entries change: a list of related
articles has others on every page, one of the day's news perhaps every hundredth page; other lines of chrome have one
or two."""

CHROME, AT_TOP, AT_BOTTOM, HEADS, WIDE, SURE = (np.uint8(1 << bit) for bit in range(6))
"""What is known of a line: it is chrome; in headers; in footers; a changing list follows; most pages have it, at least
``BROAD_PAGES``; eight in ten of many pages have it."""

SURE_SHARE, SURE_PAGES = 0.8, 8

SCHEMA = pa.schema(
    [
        ("site", pa.string()),
        ("line", pa.uint64()),
        ("pages", pa.int64()),
        ("records", pa.int64()),
        ("head", pa.int64()),
        ("tail", pa.int64()),
        ("varied", pa.int64()),
        ("flags", pa.uint32()),
    ]
)
"""Evidence: per site and line (hash of both; 0 is the site itself) the contents that have it, its records, how many of
them lie at the head and the tail of their page, how many different lines follow, and its form."""


class Source(Protocol):
    """What can be learned from: counts in memory or on disk."""

    @property
    def names(self) -> dict[int, str]:
        """The names of the sites by their hashes."""

    @property
    def pages(self) -> NDArray[np.void]:
        """All pages."""

    def partitions(self) -> Iterator[NDArray[np.void]]:
        """Yield records such that all of a line come together."""


@dataclass(frozen=True, slots=True)
class Known:
    """The lines that pages share, as an open-addressing hash table of n slots.

    ``keys`` (uint64, 0: free) are hashes of site and line, ``codes`` (uint8) what is known of each, ``pages`` (uint32)
    how many contents of the site have it. Line 0 of a site holds how many contents the site has.
    """

    keys: NDArray[np.uint64]
    codes: NDArray[np.uint8]
    pages: NDArray[np.uint32]

    def save(self, path: Path) -> None:
        """Write the table to a file."""
        with path.open("wb") as file:
            for array in (self.keys, self.codes, self.pages):
                np.save(file, array)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the table from a file."""
        with path.open("rb") as file:
            return cls(*(frozen(np.load(file)) for _ in range(3)))


@dataclass(frozen=True)
class Chrome:
    """What was learned: a table of ``SCHEMA``, one row per site (line 0) and one per line that pages share."""

    table: pa.Table

    def merge(self, other: Chrome) -> Chrome:
        """Return what both runs show together, as if the pages of both were different ones."""
        both = pa.concat_tables([self.table, other.table])
        sums = [(name, "sum") for name in ("pages", "records", "head", "tail", "varied")]
        merged = both.group_by(["site", "line"]).aggregate([*sums, ("flags", "max")])
        merged = merged.rename_columns([name.removesuffix("_sum").removesuffix("_max") for name in merged.column_names])
        return type(self)(_sorted(merged.select(SCHEMA.names).cast(SCHEMA)))

    @classmethod
    def empty(cls) -> Self:
        """Return what is known before any run: nothing but the lexicon."""
        return cls(SCHEMA.empty_table())

    @cached_property
    def known(self) -> Known:
        """What ``strip`` needs of it."""
        hashes, codes, pages = decide(self.table)
        size = 16
        while size < 2 * len(hashes) + 2:
            size *= 2
        table = np.zeros(size, np.uint64), np.zeros(size, np.uint8), np.zeros(size, np.uint32)
        _fill(frozen(hashes), frozen(codes), frozen(pages), *table)
        return Known(*(frozen(array) for array in table))


def needed(pages: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return how many of a site's contents must have a line for it to be chrome.

    >>> needed(np.array([5, 20, 100, 5000])).round(1).tolist()
    [3.0, 4.0, 20.0, 141.4]
    """
    least: NDArray[np.float64] = np.maximum(FEWEST, np.minimum(SHARE * pages, ROOT * np.sqrt(pages)))
    return least


def decide(table: pa.Table) -> tuple[NDArray[np.uint64], NDArray[np.uint8], NDArray[np.uint32]]:
    """Return the lines that pages share (uint64), what is known of each (uint8), and their contents (uint32).

    Without ``CHROME`` they have half the pages that make them chrome: enough for an entry of a list. Line 0 of each
    site is among them, with the number of its contents and without a code.
    """
    column = {name: table.column(name).to_numpy() for name in SCHEMA.names if name != "site"}
    sites = table.column("site").combine_chunks().dictionary_encode()
    which = sites.indices.to_numpy()
    own = column["line"] == 0
    contents = np.zeros(len(sites.dictionary), np.int64)
    contents[which[own]] = column["pages"][own]
    total = contents[which]
    pages, records = column["pages"], np.maximum(column["records"], 1)
    share = pages / np.maximum(total, 1)
    found = ~own & (pages >= np.maximum(2, np.ceil(needed(total) / 2)))
    codes = np.where(pages >= needed(total), CHROME, np.uint8(0))
    outside = column["head"] + column["tail"] >= AT_EDGE * records
    codes |= np.where(outside & (column["head"] >= np.maximum(AT_THIS_EDGE * records, 2)), AT_TOP, np.uint8(0))
    codes |= np.where(outside & (column["tail"] >= np.maximum(AT_THIS_EDGE * records, 2)), AT_BOTTOM, np.uint8(0))
    codes |= np.where(column["varied"] >= np.maximum(VARIED * records, VARIED_LEAST), HEADS, np.uint8(0))
    codes |= np.where((share >= BROAD) & (pages >= BROAD_PAGES), WIDE, np.uint8(0))
    codes |= np.where((share >= SURE_SHARE) & (pages >= SURE_PAGES), SURE, np.uint8(0))
    names = sites.dictionary.to_pylist()
    whole = np.array([in_site(np.uint64(0), np.uint64(site_hash(name))) for name in names], np.uint64)
    return (
        np.concatenate([column["line"][found], whole]),
        np.concatenate([codes[found], np.zeros(len(whole), np.uint8)]),
        np.concatenate([pages[found], contents]).astype(np.uint32),
    )


def learn(source: Source) -> Chrome:
    """Learn what is chrome from counts; the result does not depend on their order or on how they were cut.

    Keeps one partition in memory, some fifty bytes per page, and the lines that at least half as many contents share as
    would make them chrome (so that the next run may).
    """
    pages = source.pages
    contents = frozen(cluster(pages))
    sites, site_of = np.unique(pages["site"], return_inverse=True)
    firsts = np.zeros(len(pages), np.bool_)
    firsts[np.unique(contents)] = True
    totals = np.bincount(site_of[firsts], minlength=len(sites))
    enough = np.maximum(2, np.ceil(needed(totals) / 2)).astype(np.int64)
    names = np.array([source.names[int(site)] for site in sites], object)
    zero = np.zeros(len(sites), np.int64)
    parts = [_rows(names, zero.astype(np.uint64), totals, zero, zero, zero, zero, zero.astype(np.uint32))]
    parts.extend(_learn_lines(records, contents, site_of, enough, names) for records in source.partitions())
    return Chrome(_sorted(pa.concat_tables(parts)))


def _learn_lines(
    records: NDArray[np.void],
    contents: NDArray[np.int64],
    site_of: NDArray[np.int64],
    enough: NDArray[np.int64],
    names: NDArray[np.object_],
) -> pa.Table:
    """Return evidence of the lines of one partition that enough contents share."""
    line = records["line"]
    order = np.argsort(line)
    starts = np.flatnonzero(np.r_[True, line[order][1:] != line[order][:-1]]) if len(line) else np.zeros(0, np.int64)
    sizes = np.diff(np.r_[starts, len(line)])
    site = site_of[records["page"][order[starts]]]
    # Most lines stand on one page only: of those nothing needs to be counted.
    chosen = sizes >= enough[site]
    order = order[np.repeat(chosen, sizes)]
    rows = records[order]
    group = np.repeat(np.arange(int(chosen.sum())), sizes[chosen])
    count = int(chosen.sum())
    pages = _distinct(group, contents[rows["page"]], count)
    varied = _distinct(group, rows["next"], count)
    head = np.bincount(group, (rows["info"] & AT_HEAD) != 0, count).astype(np.int64)
    tail = np.bincount(group, (rows["info"] & AT_TAIL) != 0, count).astype(np.int64)
    flags = np.zeros(count, np.uint32)
    np.bitwise_or.at(flags, group, rows["info"] & FLAGS_MASK)
    keep = pages >= enough[site[chosen]]
    return _rows(
        names[site[chosen][keep]],
        line[order[np.searchsorted(group, np.flatnonzero(keep))]] if len(order) else line[:0],
        pages[keep],
        sizes[chosen][keep],
        head[keep],
        tail[keep],
        varied[keep],
        flags[keep],
    )


def _distinct(group: NDArray[np.int64], value: NDArray[np.generic], count: int) -> NDArray[np.int64]:
    """Count the different values in each group."""
    order = np.lexsort((value, group))
    g, v = group[order], value[order]
    new = np.ones(len(g), np.bool_)
    new[1:] = (g[1:] != g[:-1]) | (v[1:] != v[:-1])
    return np.bincount(g[new], minlength=count)


def _rows(
    names: NDArray[np.object_],
    line: NDArray[np.uint64],
    pages: NDArray[np.int64],
    records: NDArray[np.int64],
    head: NDArray[np.int64],
    tail: NDArray[np.int64],
    varied: NDArray[np.int64],
    flags: NDArray[np.uint32],
) -> pa.Table:
    columns = (names, line, pages, records, head, tail, varied, flags)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)]
    return pa.Table.from_arrays(arrays, schema=SCHEMA)


def _sorted(table: pa.Table) -> pa.Table:
    return table.sort_by([("site", "ascending"), ("line", "ascending")]).combine_chunks()


def cluster(pages: NDArray[np.void]) -> NDArray[np.int64]:
    """Return the content of each page (int64, n), the number of one of its pages.

    Pages of a site that agree in ``AGREED`` values are one content. Pages that share a value are compared with the
    first of them in the order of their values, so that the result does not depend on the order of pages.
    """
    keys = np.ascontiguousarray(pages["keys"])
    parent = np.arange(len(pages))
    with np.errstate(over="ignore"):
        digest = pages["site"].copy()
        for k in range(KEYS):
            digest = digest * np.uint64(0x9E3779B97F4A7C15) + keys[:, k]
        for k in range(KEYS):
            bucket = (pages["site"] ^ keys[:, k].astype(np.uint64)) * np.uint64(0xC2B2AE3D27D4EB4F)
            _join(frozen(np.argsort(bucket)), frozen(bucket), frozen(digest), frozen(keys), parent)
    _flatten(parent)
    return parent


@kernel
def _flatten(parent: Array) -> None:
    """Point each page at its root; every parent stands before its child."""
    for page in range(len(parent)):
        parent[page] = parent[parent[page]]


@part
def _root(parent: Array, page: Number) -> Number:
    while parent[page] != page:
        parent[page] = parent[parent[page]]
        page = parent[page]
    return page


@kernel
def _join(order: Array, bucket: Array, digest: Array, keys: Array, parent: Array) -> None:
    """Compare the pages of each bucket with the one of the smallest digest."""
    start = 0
    while start < len(order):
        stop = start + 1
        leader = order[start]
        while stop < len(order) and bucket[order[stop]] == bucket[leader]:
            if digest[order[stop]] < digest[leader]:
                leader = order[stop]
            stop += 1
        for k in range(start, stop):
            page = order[k]
            agreed = 0
            for which in range(KEYS):
                agreed += keys[page, which] == keys[leader, which]
            if agreed >= AGREED:
                one, two = _root(parent, page), _root(parent, leader)
                parent[max(one, two)] = min(one, two)
        start = stop


@part
def _slot(line: Number, keys: Array) -> Number:
    """Return the slot of a line, or the free one that it would get."""
    mask = np.uint64(len(keys) - 1)
    slot = line & mask
    while keys[slot] != 0 and keys[slot] != line:
        slot = (slot + np.uint64(1)) & mask
    return slot


@kernel
def _fill(hashes: Array, codes: Array, pages: Array, keys: Array, values: Array, counts: Array) -> None:
    for k in range(len(hashes)):
        slot = _slot(hashes[k], keys)
        keys[slot] = hashes[k]
        values[slot] |= codes[k]
        counts[slot] = max(counts[slot], pages[k])


@part
def look_up(line: Number, keys: Array, values: Array) -> Number:
    """Return what ``Known`` says of a line: its ``codes`` or its ``pages``, 0 if pages do not share it."""
    return values[_slot(line, keys)]
