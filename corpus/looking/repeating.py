"""The lines that documents of a site repeat most, and what a run would take them for."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
import pyarrow.compute as pc

from taoxi.corpus.looking.report import LineRow
from taoxi.corpus.schema import text_buffers

COUNTED = 16 << 20
"""Bytes of text whose lines are counted, the same share of each unit: some thousand pages, in half a second."""

LONGEST = 80
"""Characters of a line that is counted: a longer one is a paragraph, which copies have in common."""

FEWEST, SHARE = 3, 0.02
"""Documents that must have a line, and their share of those of the site that were counted."""

SITES, LINES = 8, 5
"""Sites of which lines are listed, and how many of each."""


class Repeated:
    """Counts the lines of documents, as they were before anything was taken off them."""

    def __init__(self) -> None:
        """Start with none."""
        self._tables: list[pa.Table] = []
        self._taken: list[int] = []
        self._documents: Counter[str] = Counter()
        self._goes: dict[tuple[str, str], str] = {}

    def count(self, documents: pa.RecordBatch, units: int) -> None:
        """Count lines of the first documents of the next unit, one of ``units``."""
        offsets, _ = text_buffers(documents.column("text"))
        room = COUNTED // units
        taken = 0
        while taken < len(documents) and (not taken or offsets[taken] - offsets[0] < room):
            taken += 1
        self._taken.append(taken)
        lines = pc.split_pattern(documents.column("text").slice(0, taken), "\n")
        owners = pc.list_parent_indices(lines)
        sites = documents.column("site").slice(0, taken)
        self._documents.update(Counter(sites.to_pylist()))
        flat = pc.list_flatten(lines)
        size = pc.utf8_length(flat)
        fits = pc.and_(pc.greater(size, 1), pc.less_equal(size, LONGEST))
        columns = {"site": sites.take(owners), "line": flat, "document": owners}
        table = pa.table(columns).filter(fits).group_by(["site", "line", "document"]).aggregate([])
        self._tables.append(table.group_by(["site", "line"]).aggregate([([], "count_all")]))

    def judge(self, unit: int, pieces: pa.RecordBatch) -> None:
        """Note what a run takes off the same documents."""
        taken = pc.and_(
            pc.is_in(pieces.column("kind"), pa.array(["chrome", "furniture"])),
            pc.less(pieces.column("row"), self._taken[unit]),
        )
        rows = pa.table(pieces.filter(taken).select(["site", "reason", "text"])).group_by(["site", "reason", "text"])
        for row in rows.aggregate([]).to_pylist():
            for line in row["text"].split("\n"):
                self._goes.setdefault((row["site"], line), row["reason"])

    def rows(self) -> tuple[LineRow, ...]:
        """Return the lines that most documents have, of the sites with the most documents."""
        if not self._tables:
            return ()
        table = pa.concat_tables(self._tables).group_by(["site", "line"]).aggregate([("count_all", "sum")])
        table = table.filter(pc.greater_equal(table.column("count_all_sum"), FEWEST))
        found: dict[str, list[tuple[int, str]]] = {}
        for row in table.to_pylist():
            if row["count_all_sum"] >= SHARE * self._documents[row["site"]]:
                found.setdefault(row["site"], []).append((row["count_all_sum"], row["line"]))
        sites = sorted(found, key=lambda site: (-self._documents[site], site))[:SITES]
        return tuple(
            LineRow(site, line, count, self._documents[site], self._goes.get((site, line)))
            for site in sites
            for count, line in sorted(found[site], key=lambda each: (-each[0], each[1]))[:LINES]
        )
