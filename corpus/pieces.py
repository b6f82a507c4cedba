"""Rows for what is taken out of documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from taoxi.corpus.schema import CHANGES, PIECES


def piece_rows(documents: pa.RecordBatch, rows: Sequence[int] | pa.Array, **columns: Any) -> pa.RecordBatch:  # noqa: ANN401 - a value for all or one for each
    """Return n rows of ``PIECES`` that say of which documents they were part.

    Args:
        documents: documents of the spool.
        rows: for each piece the row of its document.
        columns: ``text`` and whatever else differs from the document's own columns: n values, or one word for all.
    """
    places = pa.array(rows, pa.int64())
    taken = documents.drop_columns(["text", "changes"]).take(places)
    own = dict(zip(taken.schema.names, taken.columns, strict=True))
    # A piece has no counts of its own: they are its document's.
    own["changes"] = pa.StructArray.from_arrays(
        [pa.repeat(pa.scalar(0, rule.type), len(places)) for rule in CHANGES],
        fields=list(CHANGES),
        mask=pa.repeat(pa.scalar(value=True), len(places)),
    )
    own["row"] = places
    for name, values in columns.items():
        kind = PIECES.field(name).type
        whole = isinstance(values, str)
        own[name] = pa.repeat(pa.scalar(values, kind), len(places)) if whole else pa.array(values, kind)
    arrays = [own[name] if name in own else pa.nulls(len(places), PIECES.field(name).type) for name in PIECES.names]
    return pa.RecordBatch.from_arrays(arrays, schema=PIECES)
