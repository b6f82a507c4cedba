"""What a run learned of the chrome of sites, as a table in its folder, from which later runs go on."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from taoxi.dedup.chrome import Chrome
from taoxi.dedup.chrome.counts import KEYS, PAGE, site_hash
from taoxi.dedup.chrome.learning import SCHEMA

CONTENT = pa.binary(4 * KEYS)

SITES = SCHEMA.append(pa.field("contents", pa.list_(CONTENT)))
"""The evidence of ``taoxi.dedup.chrome``; the row of a site itself (line 0) also lists the MinHash keys of the contents
that were counted, so that no later run counts them again."""


def site_table(chrome: Chrome) -> pa.Table:
    """Return what was learned as rows of ``SITES``."""
    table = chrome.table
    own = np.flatnonzero(table.column("line").to_numpy() == 0)
    names = table.column("site").take(pa.array(own)).to_pylist()
    hashes = np.array([site_hash(name) for name in names], np.uint64)
    order = np.argsort(chrome.contents["site"], kind="stable")
    contents = chrome.contents[order]
    starts, ends = (np.searchsorted(contents["site"], hashes, side) for side in ("left", "right"))
    sizes = np.zeros(len(table), np.int64)
    sizes[own] = ends - starts
    bounds = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
    # Where in the order of sites what the rows hold stands, one row after another.
    shift = np.zeros(len(table), np.int64)
    shift[own] = starts - bounds[own]
    keys = np.ascontiguousarray(contents["keys"][np.arange(bounds[-1]) + np.repeat(shift, sizes)])
    values = pa.FixedSizeBinaryArray.from_buffers(CONTENT, len(keys), [None, pa.py_buffer(keys)])
    others = np.ones(len(table), np.bool_)
    others[own] = False
    lists = pa.ListArray.from_arrays(
        pa.array(bounds.astype(np.int32)), values, SITES.field("contents").type, mask=pa.array(others)
    )
    return table.append_column(SITES.field("contents"), lists)


def chrome_of(table: pa.Table) -> Chrome:
    """Return what rows of ``SITES`` say was learned."""
    table = table.combine_chunks()
    named = table.filter(pa.compute.is_valid(table.column("contents")))
    lists = named.column("contents").combine_chunks()
    hashes = np.array([site_hash(name) for name in named.column("site").to_pylist()], np.uint64)
    counts = lists.value_lengths().to_numpy(zero_copy_only=False).astype(np.int64)
    contents = np.zeros(int(counts.sum()), PAGE)
    contents["site"] = np.repeat(hashes, counts)
    contents["keys"] = np.frombuffer(b"".join(lists.flatten().to_pylist()), np.uint32).reshape(-1, KEYS)
    return Chrome(table.select(SCHEMA.names), contents)
