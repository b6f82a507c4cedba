"""Parse a block of CSV rows into records with exact byte spans."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import pairwise

from taoxi.normalize.codec import unit_bytes, units
from taoxi.normalize.encoding import decode
from taoxi.normalize.layout import FIELD_LIMIT
from taoxi.normalize.model import Block, Lost, Problem, Record
from taoxi.normalize.record import Place, RecordMaker


def parse_records(block: Block) -> tuple[list[Record], list[Problem]]:
    """Return the records of a block and what is wrong with them.

    A record's span includes the line break that ends its row. Empty rows are none; a row without the text column
    becomes a record with ``lost`` set. Fields beyond the header are kept under ``column_N``.
    """
    csv.field_size_limit(FIELD_LIMIT)
    maker = RecordMaker(block)
    columns = block.layout.columns
    records = []
    for row, place in _rows(block):
        decoded = decode(row, block.layout.encoding)
        try:
            cells = next(csv.reader((decoded.as_text(),), delimiter=block.layout.delimiter), [])
        except csv.Error as error:
            message = f"The row is not CSV ({error}) and is in the ledger as it stands. Repair it, and run again."
            records.append(maker.lose(Lost.UNPARSED, message, row, place))
            continue
        if cells:
            fields = dict(zip(columns, cells, strict=False))
            fields |= {f"column_{number}": cell for number, cell in enumerate(cells[len(columns) :], len(columns) + 1)}
            records.append(maker.make(fields, row, place, decoded.encoding, decoded.bad_bytes))
    return records, maker.problems()


def _rows(block: Block) -> Iterator[tuple[bytes, Place]]:
    from taoxi.normalize.quotes import row_ends  # noqa: PLC0415 - its kernel brings numba, which only CSV needs here

    data, encoding = block.data, block.layout.encoding
    ends, _ = row_ends(units(data, encoding), block.layout.delimiter)
    edges = [0, *(ends * unit_bytes(encoding)).tolist()]
    if edges[-1] != len(data):
        edges.append(len(data))
    offset = block.start
    for number, (start, end) in enumerate(pairwise(edges), block.record):
        yield data[start:end], (number, offset + start, offset + end)
