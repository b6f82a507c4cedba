"""What is chrome on each site, learned from counts.

A line is chrome when more of a site's pages have it than content explains. Pages are counted once per content; how many
of a site's n contents must have the line is ``needed(n)``, and the place decides what may be done with it. The table of
evidence is all that later runs need: figures of two runs add up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from taoxi.dedup.chrome.contents import cluster
from taoxi.dedup.chrome.counts import AT_HEAD, AT_TAIL, FLAGS_MASK, PAGE, in_site, site_hash
from taoxi.dedup.chrome.known import AT_BOTTOM, AT_TOP, CHROME, HEADS, SURE, WIDE, Known

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

SURE_SHARE, SURE_PAGES = 0.8, 8
"""Share and number of contents from which nearly every page of a site has a line."""

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
class Before:
    """What earlier runs saw of the sites of a run: contents (``PAGE``) and lines (uint64, sorted)."""

    contents: NDArray[np.void]
    lines: NDArray[np.uint64]

    @classmethod
    def nothing(cls) -> Self:
        """Return what is seen before any run."""
        return cls(np.zeros(0, PAGE), np.zeros(0, np.uint64))


@dataclass(frozen=True)
class Chrome:
    """What was learned: a table of ``SCHEMA``, one row per site (line 0) and one per line that pages share.

    ``contents`` (``PAGE``) is a page of each content that was counted, so that a later run does not count it again.
    """

    table: pa.Table
    contents: NDArray[np.void] = field(default_factory=lambda: np.zeros(0, PAGE))

    def merge(self, other: Chrome) -> Chrome:
        """Return what two runs show together, of which the second knew the contents of the first."""
        both = pa.concat_tables([self.table, other.table])
        sums = [(name, "sum") for name in ("pages", "records", "head", "tail", "varied")]
        merged = both.group_by(["site", "line"]).aggregate([*sums, ("flags", "max")])
        merged = merged.rename_columns([name.removesuffix("_sum").removesuffix("_max") for name in merged.column_names])
        contents = np.concatenate([self.contents, other.contents])
        return type(self)(_sorted(merged.select(SCHEMA.names).cast(SCHEMA)), contents)

    @classmethod
    def empty(cls) -> Self:
        """Return what is known before any run: nothing but the lexicon."""
        return cls(SCHEMA.empty_table())

    @property
    def before(self) -> Before:
        """What the next run needs of it to count what is new."""
        return Before(self.contents, np.sort(self.table.column("line").to_numpy()))

    @cached_property
    def known(self) -> Known:
        """What ``strip`` needs of it."""
        return Known.of(*decide(self.table))


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


def learn(source: Source, before: Before | None = None) -> Chrome:
    """Learn what is chrome from counts; the result does not depend on their order or on how they were cut.

    Keeps one partition in memory, some fifty bytes per page, and the lines that at least half as many contents share as
    would make them chrome (so that the next run may), or that earlier runs knew.

    Args:
        source: the pages of this run and their lines.
        before: what earlier runs saw; a page whose content they have seen says nothing new.

    Returns:
        What this run adds.
    """
    before = before or Before.nothing()
    own = source.pages
    contents = cluster(np.concatenate([before.contents, own]))[len(before.contents) :] - len(before.contents)
    fresh = contents >= 0
    sites, site_of = np.unique(own["site"], return_inverse=True)
    firsts = np.unique(contents[fresh])
    totals = np.bincount(site_of[firsts], minlength=len(sites))
    enough = np.maximum(2, np.ceil(needed(totals) / 2)).astype(np.int64)
    names = np.array([source.names[int(site)] for site in sites], object)
    zero = np.zeros(len(sites), np.int64)
    parts = [_rows(names, zero.astype(np.uint64), totals, zero, zero, zero, zero, zero.astype(np.uint32))]
    for records in source.partitions():
        new = records if fresh.all() else records[fresh[records["page"]]]
        parts.append(_learn_lines(new, contents, site_of, enough, names, before.lines))
    return Chrome(_sorted(pa.concat_tables(parts)), own[firsts])


def _learn_lines(
    records: NDArray[np.void],
    contents: NDArray[np.int64],
    site_of: NDArray[np.int64],
    enough: NDArray[np.int64],
    names: NDArray[np.object_],
    before: NDArray[np.uint64],
) -> pa.Table:
    """Return evidence of the lines of one partition that enough contents share, or that were known ``before``."""
    line = records["line"]
    order = np.argsort(line)
    starts = np.flatnonzero(np.r_[True, line[order][1:] != line[order][:-1]]) if len(line) else np.zeros(0, np.int64)
    sizes = np.diff(np.r_[starts, len(line)])
    site = site_of[records["page"][order[starts]]]
    # Most lines stand on one page only: of those nothing needs to be counted.
    least = np.where(np.isin(line[order[starts]], before), 1, enough[site])
    chosen = sizes >= least
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
    keep = pages >= least[chosen]
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
