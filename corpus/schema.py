"""The tables of a run: columns of the corpus, of the ledger and of the sources (DESIGN §6)."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from taoxi.corpus.options import LAYOUT_RULES
from taoxi.dedup.blake2b import DIGEST, blake2b
from taoxi.normalize.characters.rules import RULES
from taoxi.normalize.utf8 import frozen, lengths

CHANGES = pa.struct([pa.field(rule, pa.int32()) for rule in (*RULES, *LAYOUT_RULES)])
"""Counters of what was changed in a document: its characters, then its lines."""

_PLACE = [
    ("title", pa.string()),
    ("date", pa.string()),
    ("url", pa.string()),
    ("meta", pa.string()),
    ("site", pa.string()),
    ("source", pa.string()),
    ("member", pa.string()),
    ("record", pa.int64()),
    ("part", pa.int64()),
    ("byte_start", pa.int64()),
    ("byte_end", pa.int64()),
    ("encoding", pa.string()),
    ("bad_bytes", pa.int64()),
]

CORPUS = pa.schema(
    [
        ("id", pa.string()),
        ("text", pa.large_string()),
        *_PLACE,
        ("copies", pa.int64()),
        ("template", pa.string()),
        ("changes", CHANGES),
    ]
)

LEDGER = pa.schema(
    [
        ("id", pa.string()),
        ("kind", pa.string()),
        ("reason", pa.string()),
        ("leader", pa.string()),
        ("similarity", pa.float64()),
        ("text", pa.large_string()),
        ("document", pa.string()),
        ("offset", pa.int64()),
        ("evidence", pa.string()),
        *_PLACE,
        ("changes", CHANGES),
        ("leader_run", pa.int64()),
    ]
)

SOURCES = pa.schema(
    [
        ("source", pa.string()),
        ("member", pa.string()),
        ("bytes", pa.int64()),
        ("sha256", pa.string()),
        ("format", pa.string()),
        ("encoding", pa.string()),
        ("bad_bytes", pa.int64()),
        ("records", pa.int64()),
        ("documents", pa.int64()),
        ("error", pa.string()),
        ("run", pa.int64()),
    ]
)

DOCUMENTS = pa.schema([("text", pa.large_string()), *_PLACE, ("changes", CHANGES), ("order", pa.int64())])
"""Documents in the spool; ``order`` is the place of the source in the run."""

PIECES = pa.schema(
    [
        ("kind", pa.string()),
        ("reason", pa.string()),
        ("offset", pa.int64()),
        ("row", pa.int64()),
        ("owner", pa.int64()),
        ("evidence", pa.string()),
        *DOCUMENTS,
    ]
)
"""What left the way of the data before the verdicts. ``row`` is the document of the unit that a piece was cut from
(null: it was part of none), ``owner`` the number in the run of the document that keeps the passage. The ``offset`` of
what a page set aside counts bytes of its document's text until ``taoxi.corpus.layout`` has mended that."""


def text_ids(texts: pa.LargeStringArray) -> NDArray[np.uint8]:
    """Return the ids of n texts: the 128-bit BLAKE2b of their UTF-8 bytes (uint8, n by 16)."""
    offsets, data = text_buffers(texts)
    return blake2b(data, offsets)


def hex_ids(ids: NDArray[np.uint8]) -> pa.StringArray:
    """Return n ids (uint8, n by 16) as the 32 hex digits that users see."""
    bounds = np.arange(len(ids) + 1, dtype=np.int32) * (2 * DIGEST)
    return pa.StringArray.from_buffers(len(ids), pa.py_buffer(bounds), pa.py_buffer(ids.tobytes().hex().encode()))


def text_buffers(texts: pa.LargeStringArray) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Return the n+1 offsets (int64) and the UTF-8 bytes (uint8) of an array of texts, without copying."""
    _valid, offsets, data = texts.buffers()
    bounds = np.frombuffer(offsets, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    return bounds, np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)


def text_lengths(texts: pa.LargeStringArray) -> NDArray[np.int64]:
    """Return how many characters each text has."""
    offsets, data = text_buffers(texts)
    return lengths(frozen(data), frozen(offsets))


def text_array(data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> pa.LargeStringArray:
    """Wrap UTF-8 bytes and n+1 offsets as an array of texts, without copying."""
    return pa.LargeStringArray.from_buffers(
        len(offsets) - 1, pa.py_buffer(np.ascontiguousarray(offsets)), pa.py_buffer(data)
    )
