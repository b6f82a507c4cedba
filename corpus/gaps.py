"""Rows of the ledger for what is no record: headers, empty lines, what is too long to be parsed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from taoxi.corpus.schema import LEDGER, PIECES
from taoxi.normalize.encodings.decoding import decode
from taoxi.normalize.model import Block, Format, Gap, GapReason

_KINDS = {GapReason.OVERSIZE: "record", GapReason.DAMAGED: "record"}


def gap_rows(block: Block, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> pa.RecordBatch | None:
    """Return the rows of ``PIECES`` for what the records of a block do not span, None if they span all of it.

    Args:
        block: whole records of one source, with the gaps that its reader knows.
        starts: where what was made of them begins in the source (int64, bytes), in order.
        ends: where it ends.
    """
    gaps = [*block.gaps, *_between(block, starts, ends)]
    if not gaps:
        return None
    columns: dict[str, list[Any]] = {name: [None] * len(gaps) for name in PIECES.names}
    read = [None if gap.data is None else decode(gap.data, block.layout.encoding) for gap in gaps]
    columns |= {
        "kind": [_KINDS.get(gap.reason, "separator") for gap in gaps],
        "reason": [gap.reason.value for gap in gaps],
        "text": [None if found is None else found.as_text().strip("\r\n") for found in read],
        "site": [block.source.folder] * len(gaps),
        "source": [block.source.name] * len(gaps),
        "member": [block.source.member] * len(gaps),
        "order": [block.order] * len(gaps),
        "record": [gap.record for gap in gaps],
        "byte_start": [gap.start for gap in gaps],
        "byte_end": [gap.end for gap in gaps],
        "encoding": [None if found is None else found.encoding for found in read],
        "bad_bytes": [None if found is None else found.bad_bytes for found in read],
    }
    return pa.RecordBatch.from_pydict(columns, schema=PIECES)


def _between(block: Block, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> Iterator[Gap]:
    """Yield the stretches of a block between its records: empty lines, as all else becomes a record."""
    size = len(block.data)
    if block.layout.format is Format.PARQUET or int((ends - starts).sum()) == size:
        return
    covered = np.maximum.accumulate(np.concatenate([[block.start], ends]))
    starts = np.append(starts, block.start + size)
    for k in np.flatnonzero(starts > covered).tolist():
        yield Gap(GapReason.BLANK, int(covered[k]), int(starts[k]), data=b"")


class BlankJoiner:
    """Makes one row of the empty lines that stand together, wherever a batch was cut.

    Attributes:
        joined: how many rows went into others.
    """

    def __init__(self) -> None:
        """Start with nothing held back."""
        self.joined = 0
        self._held = LEDGER.empty_table()

    def join(self, ledger: pa.Table) -> pa.Table:
        """Return the rows that are complete; a last row that the next unit may go on with is held back."""
        rows = pa.concat_tables([self._held, ledger]) if len(self._held) else ledger
        if not len(rows):
            return rows
        blank = _blank(rows)
        if not blank.any():
            self._held = LEDGER.empty_table()
            return rows
        rows, blank = self._joined(rows, blank)
        whole = len(rows) - int(blank[-1])
        self._held = rows.slice(whole)
        return rows.slice(0, whole)

    def rest(self) -> pa.Table:
        """Return what is held back at the end."""
        return self._held

    def _joined(self, rows: pa.Table, blank: NDArray[np.bool_]) -> tuple[pa.Table, NDArray[np.bool_]]:
        begins, ends = (rows.column(name).to_numpy() for name in ("byte_start", "byte_end"))
        follows = np.zeros(len(rows), np.bool_)
        follows[1:] = blank[1:] & blank[:-1] & (begins[1:] == ends[:-1])
        for name in ("source", "member"):
            values = rows.column(name).fill_null("")
            follows[1:] &= pc.equal(values.slice(1), values.slice(0, len(rows) - 1)).to_numpy()
        if not follows.any():
            return rows, blank
        heads = np.flatnonzero(~follows)
        tails = np.append(heads[1:], len(rows)) - 1
        self.joined += len(rows) - len(heads)
        rows = rows.take(pa.array(heads))
        place = rows.schema.get_field_index("byte_end")
        return rows.set_column(place, rows.schema.field(place), pa.array(ends[tails])), blank[heads]


def _blank(rows: pa.Table) -> NDArray[np.bool_]:
    """Return which rows are empty lines between records."""
    blank = pc.equal(rows.column("reason"), GapReason.BLANK.value)
    found: NDArray[np.bool_] = pc.fill_null(
        pc.and_(blank, pc.is_null(rows.column("record"))), fill_value=False
    ).to_numpy()
    return found
