"""The joins of a document's lines as one row of the ledger, and how they are undone."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import orjson
import pyarrow as pa
from numpy.typing import NDArray

from taoxi.corpus.pieces import piece_rows
from taoxi.normalize.utf8 import Bytes

BREAK = "break"
"""The kind of such a row in the ledger."""


def break_rows(
    documents: pa.RecordBatch,
    utf8: Bytes,
    joins: NDArray[np.int64],
    rows: NDArray[np.int64],
    offsets: NDArray[np.int64],
) -> pa.RecordBatch | None:
    """Return a row of ``PIECES`` for each document with joins, None if there is none.

    Its ``evidence`` is ``{"joined": [[was, now, [offset, …]], …]}``: at each of the offsets, in characters of the whole
    text, ``now`` (nothing or a space) stands where ``was`` stood.

    Args:
        documents: documents of the spool.
        utf8: their texts before they were joined (uint8).
        joins: first byte, end, and the byte that stands there now or 0, of each join (int64, m by 3), in order.
        rows: the document of each (int64, m).
        offsets: the place of each in the whole text of its document (int64, m, characters).
    """
    if not len(joins):
        return None
    found: dict[int, dict[tuple[str, str], list[int]]] = defaultdict(lambda: defaultdict(list))
    view = utf8.data
    for row, (start, end, put), offset in zip(rows.tolist(), joins.tolist(), offsets.tolist(), strict=True):
        was, now = bytes(view[start:end]).decode(), chr(put) if put else ""
        found[row][was, now].append(offset)
    evidence = [
        orjson.dumps({"joined": [[was, now, places] for (was, now), places in sorted(forms.items())]}).decode()
        for forms in found.values()
    ]
    return piece_rows(documents, list(found), kind=BREAK, reason="joined", evidence=evidence)


def parted(text: str, evidence: str) -> str:
    """Return a whole text with its joins undone, as the ``evidence`` of its row in the ledger lists them."""
    joins = [(place, was, now) for was, now, places in orjson.loads(evidence)["joined"] for place in places]
    parts: list[str] = []
    at = 0
    for place, was, now in sorted(joins):
        parts += [text[at:place], was]
        at = place + len(now)
    return "".join([*parts, text[at:]])
