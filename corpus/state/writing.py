"""Enter what a run came to into the database. Everything here belongs into one transaction."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from taoxi.corpus.schema import hex_ids
from taoxi.corpus.state.store import Kept, Store
from taoxi.dedup.bands import band_keys
from taoxi.dedup.chrome import Chrome
from taoxi.dedup.chrome.counts import KEYS
from taoxi.dedup.minhash import BANDS, PERMUTATIONS
from taoxi.dedup.templates import SKETCH

Times = tuple[int | None, int | None, int | None]
"""When a file was modified and changed (nanoseconds), and its inode."""


def add_run(store: Store, run: int, manifest: str) -> None:
    """Enter a run by the digest of its manifest."""
    store.sql.execute("INSERT INTO runs VALUES (?, ?)", [run, manifest])


def add_documents(store: Store, run: int, first: int, kept: Kept) -> None:
    """Enter kept documents of a run; they are numbered from ``first`` on."""
    siblings = pa.array(kept.templates.any(1))
    fresh = pa.table(  # noqa: F841 - the query names it
        {
            "number": np.arange(first, first + len(kept.ids)),
            "id": hex_ids(kept.ids),
            "exact_a": np.ascontiguousarray(kept.exact[:, 0]),
            "exact_b": np.ascontiguousarray(kept.exact[:, 1]),
            "tokens": kept.tokens,
            "signature": _lists(kept.signatures, PERMUTATIONS),
            "bands": _lists(band_keys(kept.signatures), BANDS),
            "template": pc.if_else(siblings, hex_ids(kept.templates), pa.scalar(None, pa.string())),
            "facts": _lists(kept.facts, SKETCH),
            "sibling": siblings,
        }
    )
    store.sql.execute(
        "INSERT INTO documents SELECT number, ?, id::UUID, exact_a, exact_b, tokens, signature, bands, template::UUID,"
        " CASE WHEN sibling THEN facts END FROM fresh",
        [run],
    )


def _lists(values: NDArray[np.uint32], size: int) -> pa.FixedSizeListArray:
    return pa.FixedSizeListArray.from_arrays(pa.array(np.ascontiguousarray(values).ravel()), size)


def add_paragraphs(
    store: Store, hashes: NDArray[np.uint64], documents: NDArray[np.int64], tokens: NDArray[np.int64]
) -> None:
    """Enter paragraphs of kept documents, by the numbers of these."""
    fresh = pa.table({"hash": hashes, "document": documents, "tokens": tokens})  # noqa: F841 - the query names it
    store.sql.execute("INSERT INTO paragraphs SELECT hash, document, tokens FROM fresh")


def add_sources(store: Store, sources: pa.Table, times: Mapping[int, Times]) -> None:
    """Enter the sources that a run read (rows of ``SOURCES``), in the place of what was known of them.

    ``times`` are those of some of them, by row.
    """
    rows = range(len(sources))
    fresh = sources.select(["source", "member", "bytes", "sha256", "format", "encoding", "error", "run"])
    for place, name in enumerate(("modified", "changed", "inode")):
        values = [times.get(row, (None, None, None))[place] for row in rows]
        fresh = fresh.append_column(name, pa.array(values, pa.uint64() if name == "inode" else pa.int64()))
    store.sql.execute(
        "DELETE FROM sources AS old USING fresh WHERE old.source = fresh.source"
        " AND old.member IS NOT DISTINCT FROM fresh.member"
    )
    store.sql.execute("INSERT INTO sources SELECT * FROM fresh")


def add_chrome(store: Store, chrome: Chrome) -> None:
    """Enter what a run learned of sites, added to what was known of them (as ``Chrome.merge`` adds)."""
    fresh = chrome.table  # noqa: F841 - the query names it
    sql = store.sql
    sql.execute(
        "CREATE OR REPLACE TEMP TABLE merged AS SELECT site, line, sum(pages) AS pages, sum(records) AS records,"
        " sum(head) AS head, sum(tail) AS tail, sum(varied) AS varied, max(flags) AS flags FROM ("
        "SELECT * FROM chrome_lines SEMI JOIN fresh USING (site) UNION ALL SELECT * FROM fresh) GROUP BY site, line"
    )
    sql.execute("DELETE FROM chrome_lines WHERE site IN (SELECT site FROM merged)")
    sql.execute("INSERT INTO chrome_lines SELECT * FROM merged ORDER BY site, line")
    sql.execute("DROP TABLE merged")
    contents = pa.table(  # noqa: F841 - the query names it
        {
            "site": np.ascontiguousarray(chrome.contents["site"]),
            "keys": _lists(np.ascontiguousarray(chrome.contents["keys"]), KEYS),
        }
    )
    sql.execute("INSERT INTO chrome_contents SELECT site, keys FROM contents")
