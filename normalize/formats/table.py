"""Parse a block of CSV rows into records with exact byte spans."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from itertools import pairwise

from taoxi.normalize.encodings.codec import unit_bytes
from taoxi.normalize.encodings.decoding import decode
from taoxi.normalize.formats.layout import FIELD_LIMIT
from taoxi.normalize.formats.record import Place, RecordMaker
from taoxi.normalize.formats.widths import looked_at
from taoxi.normalize.model import Block, Layout, Lost, Problem, Record


def parse_records(block: Block) -> tuple[list[Record], list[Problem]]:
    """Return the records of a block and what is wrong with them.

    A record's span includes the line break that ends its row. Empty rows are none; a row without the text column
    becomes a record with ``lost`` set. Fields beyond the header are kept under ``column_N``.
    """
    csv.field_size_limit(FIELD_LIMIT)
    maker = RecordMaker(block)
    columns = block.layout.columns
    records = []
    for row, place, stray in _rows(block):
        decoded = decode(row, block.layout.encoding)
        text = decoded.as_text()
        if stray is not None:
            maker.problem(STRAY_QUOTE, place[1])
            before = decode(row[:stray], block.layout.encoding).as_text() if stray else ""
            text = before + _HELD[0] + text[len(before) + 1 :]
        try:
            cells = _cells(text, block.layout)
        except csv.Error as error:
            message = f"The row is not CSV ({error}) and is in the ledger as it stands. Repair it, and run again."
            records.append(maker.lose(Lost.UNPARSED, message, row, place))
            continue
        if stray is not None:
            cells = [cell.replace(_HELD[0], block.layout.quote) for cell in cells]
        if cells:
            fields = dict(zip(columns, cells, strict=False))
            fields |= {f"column_{number}": cell for number, cell in enumerate(cells[len(columns) :], len(columns) + 1)}
            records.append(maker.make(fields, row, place, decoded.encoding, decoded.bad_bytes))
    return records, maker.problems()


STRAY_QUOTE = (
    "A quote opens in this row, and rows follow before it is closed, so it was read as a character."
    " Double it and close the field, if it should be more."
)

_HELD = ("\ufdd0", "\ufdd1", "\ufdd2", "\ufdd3", "\ufdd4")
"""Code points that no text may have (noncharacters of Unicode): they stand for what must not be read as a sign."""


def _cells(text: str, layout: Layout) -> list[str]:
    """Return the fields of a row."""
    escape = layout.escape and not any(mark in text for mark in _HELD[1:]) and layout.escape in text
    if escape:
        signs = (layout.quote, layout.delimiter, layout.escape, "\n")
        held = {sign: mark for sign, mark in zip(signs, _HELD[1:], strict=True) if sign}
        text = re.sub(
            re.escape(layout.escape) + "(.)", lambda match: held.get(match[1], match[0]), text, flags=re.DOTALL
        )
    cells = next(csv.reader((text,), delimiter=layout.delimiter, quotechar=layout.quote), [])
    if escape:
        back = str.maketrans({mark: sign for sign, mark in held.items()})
        cells = [cell.translate(back) for cell in cells]
    return cells


def _rows(block: Block) -> Iterator[tuple[bytes, Place, int | None]]:
    """Yield the rows of a block with their places, and where in the row a quote is that nobody closes."""
    from taoxi.normalize.formats.quotes import RowScanner  # noqa: PLC0415 - its kernel brings numba, which only CSV needs here

    data, layout = block.data, block.layout
    scanner = RowScanner(layout.delimiter, layout.quote, layout.escape, len(layout.columns))
    width = unit_bytes(layout.encoding)
    ends = scanner.feed_last(looked_at(data, layout.encoding))
    edges = [0, *(ends * width).tolist()]
    if edges[-1] != len(data):
        edges.append(len(data))
    offset = block.start
    for number, (start, end) in enumerate(pairwise(edges), block.record):
        stray = scanner.strays.get(end // width)
        at = None if stray is None else stray * width - start
        yield data[start:end], (number, offset + start, offset + end), at
