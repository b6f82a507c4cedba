"""From a block of bytes to documents: the first pass, as a function of the block alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from taoxi.corpus.aside import normalized_aside
from taoxi.corpus.gaps import gap_rows
from taoxi.corpus.normalizing import normalized_documents, normalized_stream, normalized_titles
from taoxi.corpus.schema import CHANGES, DOCUMENTS, PIECES, text_array, text_buffers
from taoxi.normalize.characters.rules import RULES
from taoxi.normalize.encodings.codec import unit_bytes, units
from taoxi.normalize.encodings.decoding import Decoded, Span, decode, unreadable
from taoxi.normalize.formats import elements, jsonl, table
from taoxi.normalize.formats.columns import Columns, joined
from taoxi.normalize.model import Block, Format, Piece, PieceKind, Problem

_PARSERS = {Format.JSON: elements.parse_records, Format.CSV: table.parse_records}
Column = Sequence[Any] | NDArray[np.int64]

_FIRST_BREAK, _LAST_BREAK = 0x0A, 0x0D

SHOWN_PLACES = 3
"""Places of bad bytes that a message names beside the first."""


@dataclass(slots=True)
class Tally:
    """Counts of one source, added up over its blocks."""

    records: int = 0
    documents: int = 0
    bad_bytes: int = 0
    encodings: dict[str, int] = field(default_factory=dict)
    changes: NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(RULES), np.int64))

    def add(self, other: Tally) -> None:
        """Add the counts of another block of the same source."""
        self.records += other.records
        self.documents += other.documents
        self.bad_bytes += other.bad_bytes
        self.changes += other.changes
        for name, size in other.encodings.items():
            self.encodings[name] = self.encodings.get(name, 0) + size


@dataclass(frozen=True, slots=True)
class Read:
    """What a block came to: batches of ``DOCUMENTS`` and ``PIECES``, counts, and what could not be read."""

    documents: pa.RecordBatch
    pieces: pa.RecordBatch
    tally: Tally
    problems: list[Problem]


def read_block(block: Block, *, width: str = "half", how: str = "auto", main: bool = True) -> Read:
    """Read a block: decode, parse, normalize characters, split.

    Args:
        block: whole records of one source, or a window of a text.
        width: what becomes of full-width forms (``half``, ``full``, ``keep``).
        how: how text sources are split (``auto``, ``none`` or a regular expression).
        main: whether the lines of pages that are not their main text become pieces.
    """
    if block.layout.format is Format.TEXT:
        return _read_text(block, width, how)
    if block.layout.format is Format.JSONL:
        return _read_records(block, *jsonl.parse_columns(block), width)
    if block.layout.format in {Format.HTML, Format.WARC}:
        from taoxi.normalize.web import html, warc  # only pages need their kernels

        pages = html if block.layout.format is Format.HTML else warc
        records, problems = pages.parse_records(block, main=main)
    elif block.layout.format is Format.PARQUET:
        from taoxi.normalize.formats import parquet  # few inputs need it

        records, problems = parquet.parse_records(block)
    else:
        records, problems = _PARSERS[block.layout.format](block)
    return _read_records(block, Columns.of(records), problems, width)


def _site(url: str, folder: str) -> str:
    if "//" in url:
        host = url.split("//", 1)[1].split("/", 1)[0].rsplit("@", 1)[-1].split("?", 1)[0]
        return host.lower() or folder
    return folder


def _read_records(block: Block, records: Columns, problems: list[Problem], width: str) -> Read:
    count = len(records)
    folder = block.source.folder
    tally = Tally(records=count, bad_bytes=sum(records.bad_bytes), encodings=_encodings(records))
    columns: dict[str, Column] = {
        "kind": ["document" if reason is None else "record" for reason in records.lost],
        "reason": ["empty" if reason is None else reason.value for reason in records.lost],
        "title": normalized_titles(records.title, width),
        "date": records.date,
        "url": records.url,
        "meta": records.meta,
        "site": [folder if url is None else _site(url, folder) for url in records.url],
        "record": records.record,
        "part": [0] * count,
        "byte_start": records.start,
        "byte_end": records.end,
        "encoding": records.encoding,
        "bad_bytes": records.bad_bytes,
    }
    whole = np.array([reason is None for reason in records.lost], np.bool_)
    if any(records.aside):
        read = _read_aside(block, records, columns, whole, tally, problems, width)
    else:
        normalized = normalized_documents(records.text, records.bounds, width)
        whole &= np.diff(normalized.offsets) > 0
        texts = text_array(normalized.text, normalized.offsets)
        read = _finish(block, texts, normalized.changes, columns, whole, tally, problems)
    gaps = gap_rows(block, records.start, records.end)
    return read if gaps is None else replace(read, pieces=pa.concat_batches([read.pieces, gaps]))


def _encodings(records: Columns) -> dict[str, int]:
    """Return how many bytes of the records were read by each encoding."""
    sizes = records.end - records.start
    names = list(dict.fromkeys(records.encoding))
    if len(names) == 1:
        return {names[0]: int(sizes.sum())}
    codes = {name: code for code, name in enumerate(names)}
    totals = np.bincount([codes[name] for name in records.encoding], sizes, len(names)) if names else ()
    return dict(zip(names, map(int, totals), strict=True))


def _read_aside(
    block: Block,
    records: Columns,
    columns: dict[str, Column],
    whole: NDArray[np.bool_],
    tally: Tally,
    problems: list[Problem],
    width: str,
) -> Read:
    """Finish records of which some set stretches of their text aside: these become pieces of their documents."""
    found = normalized_aside(records, width)
    owners = found.owner.tolist()
    columns = {name: [values[owner] for owner in owners] for name, values in columns.items()}
    piece = np.array([offset is not None for offset in found.offset], np.bool_)
    whole = whole[found.owner] & ~piece & (np.diff(text_buffers(found.texts)[0]) > 0)
    rows = np.cumsum(whole) - 1
    kinds, reasons = list(columns["kind"]), list(columns["reason"])
    for place in np.flatnonzero(piece).tolist():
        kinds[place] = "chrome"
        reasons[place] = found.reason[place]
    columns |= {"kind": kinds, "reason": reasons, "offset": found.offset}
    columns["row"] = [row if cut else None for row, cut in zip(rows.tolist(), piece.tolist(), strict=True)]
    return _finish(block, found.texts, found.changes, columns, whole, tally, problems)


def _read_text(block: Block, width: str, how: str) -> Read:
    from taoxi.normalize.splitting.split import (
        split,  # its patterns take a while to compile, and JSON lines do without them
    )

    decoded = decode(block.data, block.layout.encoding)
    utf8 = np.frombuffer(decoded.utf8, np.uint8)
    marks = np.flatnonzero((utf8 >= _FIRST_BREAK) & (utf8 <= _LAST_BREAK)) + 1
    if not len(marks) or marks[-1] != len(utf8):
        marks = np.append(marks, len(utf8))
    normalized = normalized_stream(utf8, np.concatenate([np.zeros(1, np.int64), marks]), width)
    # Where each segment starts in the source: what precedes the first break, a mark of byte order say, is the first's.
    starts = np.concatenate([[0], decoded.break_offsets(block.data), [len(block.data)]])
    starts = block.start + np.append(starts[: len(marks)], len(block.data))
    # What is nothing but marks and invisible characters still needs a row that spans its bytes.
    pieces = split(normalized.text.tobytes().decode(), how) or [Piece(0, 0, PieceKind.SEPARATOR, "blank")]
    placed = _placed(pieces, normalized.text, normalized.offsets)
    bounds = [(int(normalized.offsets[first]), int(normalized.offsets[last])) for _, first, last in placed]
    texts = [normalized.text[begin:end].tobytes().strip(b"\n") for begin, end in bounds]
    whole = np.array([piece.kind is PieceKind.DOCUMENT for piece, _, _ in placed], np.bool_)
    parts = np.cumsum(whole) - 1
    spans = [(int(starts[first]), int(starts[last])) for _, first, last in placed]
    bad = decoded.bad + block.start
    columns: dict[str, Column] = {
        "kind": [piece.kind.value for piece, _, _ in placed],
        "reason": [piece.reason or "empty" for piece, _, _ in placed],
        "title": [piece.title for piece, _, _ in placed],
        "date": [piece.date for piece, _, _ in placed],
        "site": [block.source.folder] * len(placed),
        "record": [block.record] * len(placed),
        "part": [int(part) if is_document else None for part, is_document in zip(parts, whole, strict=True)],
        "byte_start": [start for start, _ in spans],
        "byte_end": [end for _, end in spans],
        "encoding": [decoded.encoding_of(start - block.start, end - block.start) for start, end in spans],
        "bad_bytes": np.diff(np.searchsorted(bad, spans), axis=1)[:, 0].tolist(),
    }
    changes = [normalized.changes[first:last].sum(0) for _, first, last in placed]
    tally = Tally(records=1, bad_bytes=decoded.bad_bytes, encodings=decoded.sizes(len(block.data)))
    problems = []
    if not utf8.all():
        problems.append(
            block.problem(
                f"The text has NUL characters ({np.count_nonzero(utf8 == 0):,}), which were dropped."
                " Look at it if its text matters: something may have written over it.",
                block.start + _first_nul(block.data, decoded),
            )
        )
    if decoded.bad_bytes:
        problems.append(
            block.problem(
                f"{unreadable(decoded.bad_bytes, _names(decoded))}{_further(bad)}."
                " Compare with the original, or fetch the page again.",
                None if decoded.first_bad is None else block.start + decoded.first_bad,
            )
        )
    array = text_array(*joined(texts))
    whole &= np.array([len(text) > 0 for text in texts], np.bool_)
    return _finish(block, array, np.array(changes), columns, whole, tally, problems)


def _names(decoded: Decoded) -> str:
    """Return the encodings of a text for a message, the most frequent first."""
    sizes = decoded.sizes(0)
    return " or ".join(sorted(sizes, key=lambda name: -sizes[name]))


def _further(bad: NDArray[np.int64]) -> str:
    """Return where the next bad bytes stand, as a message goes on, if they do not follow the first one at once."""
    apart = bad[1:][np.diff(bad) > 1]
    if not len(apart):
        return ""
    shown = ", ".join(f"{place:,}" for place in apart[:SHOWN_PLACES].tolist())
    return f" (also at bytes {shown}{' and on' if len(apart) > SHOWN_PLACES else ''})"


def _first_nul(data: bytes, decoded: Decoded) -> int:
    """Return the offset of the first NUL character."""
    for span in decoded.spans or (Span(0, len(data), decoded.encoding),):
        found = np.flatnonzero(units(data[span.start : span.end], span.encoding) == 0)
        if len(found):
            return span.start + int(found[0]) * unit_bytes(span.encoding)
    return data.find(0)  # in units that a lost byte has shifted


def _placed(pieces: list[Piece], text: NDArray[np.uint8], bounds: NDArray[np.int64]) -> list[tuple[Piece, int, int]]:
    """Return the pieces with the segments that they span, bounds moved to the next line break of the source."""
    placed = []
    size = 0
    first = 0
    at = 0
    whole = text.tobytes().decode() if len(pieces) > 1 else ""
    for piece in pieces:
        if piece is pieces[-1]:
            last = len(bounds) - 1
        else:
            size += len(whole[at : piece.end].encode())
            at = piece.end
            last = int(np.searchsorted(bounds, size))
        if last > first or len(pieces) == 1:
            placed.append((piece, first, last))
        first = last
    return placed


def _finish(
    block: Block,
    texts: pa.LargeStringArray,
    changes: NDArray[np.int64],
    columns: dict[str, Column],
    whole: NDArray[np.bool_],
    tally: Tally,
    problems: list[Problem],
) -> Read:
    """Deal the rows of a block to documents (``whole``) and pieces."""
    count = len(whole)
    changes = changes.reshape(-1, len(RULES))
    counters = [pa.array(np.ascontiguousarray(changes[:, k]), pa.int32()) for k in range(len(RULES))]
    counters += [pa.repeat(pa.scalar(0, pa.int32()), count)] * (len(CHANGES) - len(RULES))
    arrays = {name: _column(column, PIECES.field(name).type) for name, column in columns.items()}
    arrays["text"] = texts
    arrays["changes"] = pa.StructArray.from_arrays(counters, fields=list(CHANGES))
    arrays["source"] = pa.repeat(pa.scalar(block.source.name), count)
    arrays["member"] = pa.repeat(pa.scalar(block.source.member, pa.string()), count)
    arrays["order"] = pa.repeat(pa.scalar(block.order, pa.int64()), count)
    rows = pa.RecordBatch.from_arrays(
        [arrays[name] if name in arrays else pa.nulls(count, PIECES.field(name).type) for name in PIECES.names],
        schema=PIECES,
    )
    tally.documents = list(columns["kind"]).count("document")
    tally.changes = changes.sum(0)
    documents = rows.select(DOCUMENTS.names)
    if not whole.all():
        documents = documents.filter(pa.array(whole))
    return Read(
        documents,
        rows.filter(pa.array(~whole)),
        tally,
        problems,
    )


def _column(values: Column, kind: pa.DataType) -> pa.Array:
    """Return values as an array; most columns of a block hold one value, which is not converted row by row."""
    if isinstance(values, np.ndarray):
        return pa.array(values, kind)
    if values and values.count(values[0]) == len(values):
        return pa.repeat(pa.scalar(values[0], kind), len(values))
    return pa.array(values, kind)
