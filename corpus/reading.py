"""From a block of bytes to documents: the first pass, as a function of the block alone."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from taoxi.corpus.schema import CHANGES, DOCUMENTS, PIECES, text_array
from taoxi.normalize import jsonl, table
from taoxi.normalize.characters import normalize_documents, normalize_stream
from taoxi.normalize.encoding import break_offsets, decode
from taoxi.normalize.model import Block, Format, Piece, PieceKind, Problem, Record
from taoxi.normalize.rules import RULES
from taoxi.normalize.split import split

_FIRST_BREAK, _LAST_BREAK = 0x0A, 0x0D


@dataclass(slots=True)
class Tally:
    """Counts of one source, added up over its blocks."""

    records: int = 0
    documents: int = 0
    bad_bytes: int = 0
    characters: int = 0
    encodings: dict[str, int] = field(default_factory=dict)
    changes: NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(RULES), np.int64))

    def add(self, other: Tally) -> None:
        """Add the counts of another block of the same source."""
        self.records += other.records
        self.documents += other.documents
        self.bad_bytes += other.bad_bytes
        self.characters += other.characters
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


@dataclass(slots=True)
class _Rows:
    """Columns of documents or pieces of one block, under construction; ``text`` is added as a whole."""

    columns: dict[str, list[object]] = field(
        default_factory=lambda: {
            name: [] for name in (*DOCUMENTS.names, "kind", "reason") if name not in {"text", "changes"}
        }
    )
    rows: list[int] = field(default_factory=list)

    def add(self, row: int, **values: object) -> None:
        """Add a row that takes text and changes from row ``row`` of the block."""
        self.rows.append(row)
        for name, column in self.columns.items():
            column.append(values.get(name))


def read_block(block: Block, *, width: str = "half", how: str = "auto") -> Read:
    """Read a block: decode, parse, normalize characters, split.

    Args:
        block: whole records of one source, or a window of a text.
        width: what becomes of full-width forms (``half``, ``full``, ``keep``).
        how: how text sources are split (``auto``, ``none`` or a regular expression).
    """
    if block.layout.format is Format.TEXT:
        return _read_text(block, width, how)
    records, problems = (jsonl if block.layout.format is Format.JSONL else table).parse_records(block)
    return _read_records(block, records, problems, width)


def _site(url: str | None, folder: str) -> str:
    if url and "//" in url:
        host = url.split("//", 1)[1].split("/", 1)[0].rsplit("@", 1)[-1].split("?", 1)[0]
        return host.lower() or folder
    return folder


def _read_records(block: Block, records: list[Record], problems: list[Problem], width: str) -> Read:
    texts = [record.text.encode() if isinstance(record.text, str) else record.text for record in records]
    offsets = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(text) for text in texts], out=offsets[1:])
    normalized = normalize_documents(np.frombuffer(b"".join(texts), np.uint8), offsets, width)
    sizes = np.diff(normalized.offsets).tolist()
    folder = block.source.folder
    documents, pieces = _Rows(), _Rows()
    tally = Tally(records=len(records))
    for row, (record, size) in enumerate(zip(records, sizes, strict=True)):
        tally.bad_bytes += record.bad_bytes
        length = record.end - record.start
        tally.encodings[record.encoding] = tally.encodings.get(record.encoding, 0) + length
        target = documents if size and record.lost is None else pieces
        target.add(
            row,
            kind="document" if record.lost is None else "record",
            reason="empty" if record.lost is None else record.lost.value,
            title=record.title,
            date=record.date,
            url=record.url,
            meta=None if record.meta is None else record.meta.decode(),
            site=_site(record.url, folder),
            source=block.source.name,
            record=record.record,
            part=0,
            byte_start=record.start,
            byte_end=record.end,
            encoding=record.encoding,
            bad_bytes=record.bad_bytes,
            order=block.order,
        )
    texts_out = text_array(normalized.text, normalized.offsets)
    return _finish(texts_out, normalized.changes, documents, pieces, tally, problems)


def _read_text(block: Block, width: str, how: str) -> Read:
    decoded = decode(block.data, block.layout.encoding)
    utf8 = np.frombuffer(decoded.utf8, np.uint8)
    marks = np.flatnonzero((utf8 >= _FIRST_BREAK) & (utf8 <= _LAST_BREAK)) + 1
    if not len(marks) or marks[-1] != len(utf8):
        marks = np.append(marks, len(utf8))
    normalized = normalize_stream(utf8, np.concatenate([np.zeros(1, np.int64), marks]), width)
    raw = break_offsets(block.data, decoded.encoding)
    starts = np.concatenate([[0], raw, [len(block.data)]])[: len(normalized.offsets)]
    starts[-1] = len(block.data)
    pieces_of = split(normalized.text.tobytes().decode(), how)
    documents, pieces = _Rows(), _Rows()
    tally = Tally(records=1, bad_bytes=decoded.bad_bytes, encodings={decoded.encoding: len(block.data)})
    texts: list[bytes] = []
    changes = []
    part = 0
    for piece, first, last in _placed(pieces_of, normalized.text, normalized.offsets):
        text = normalized.text[normalized.offsets[first] : normalized.offsets[last]].tobytes().strip(b"\n")
        whole = piece.kind is PieceKind.DOCUMENT
        (documents if text and whole else pieces).add(
            len(texts),
            kind=piece.kind.value,
            reason=piece.reason or "empty",
            title=piece.title,
            date=piece.date,
            site=block.source.folder,
            source=block.source.name,
            record=block.record,
            part=part if whole else None,
            byte_start=block.start + int(starts[first]),
            byte_end=block.start + int(starts[last]),
            encoding=decoded.encoding,
            bad_bytes=decoded.bad_bytes if len(pieces_of) == 1 else _bad_bytes(decoded.bad_bytes, text),
            order=block.order,
        )
        part += whole
        texts.append(text)
        changes.append(normalized.changes[first:last].sum(0))
    offsets = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(text) for text in texts], out=offsets[1:])
    array = text_array(np.frombuffer(b"".join(texts), np.uint8), offsets)
    problems = []
    if decoded.bad_bytes:
        problems.append(
            Problem(
                block.source.name,
                f"{decoded.bad_bytes:,} bytes are no {decoded.encoding}; U+FFFD stands for them in the text."
                " Compare with the original, or fetch the page again.",
                None if decoded.first_bad is None else block.start + decoded.first_bad,
            )
        )
    return _finish(array, np.array(changes, np.int64).reshape(-1, len(RULES)), documents, pieces, tally, problems)


def _bad_bytes(total: int, text: bytes) -> int:
    """Return the replaced bytes that a part of a damaged text holds: one replacement character stands for one."""
    return text.count("\ufffd".encode()) if total else 0


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
    texts: pa.LargeStringArray,
    changes: NDArray[np.int64],
    documents: _Rows,
    pieces: _Rows,
    tally: Tally,
    problems: list[Problem],
) -> Read:
    tally.documents = len(documents.rows) + sum(kind == "document" for kind in pieces.columns["kind"])
    tally.changes = changes.sum(0) if len(changes) else np.zeros(len(RULES), np.int64)
    return Read(
        _batch(texts, changes, documents, DOCUMENTS),
        _batch(texts, changes, pieces, PIECES),
        tally,
        problems,
    )


def _batch(texts: pa.LargeStringArray, changes: NDArray[np.int64], rows: _Rows, schema: pa.Schema) -> pa.RecordBatch:
    everything = len(rows.rows) == len(texts)
    chosen = np.array(rows.rows, np.int64)
    part = changes if everything else changes[chosen]
    counters = [pa.array(np.ascontiguousarray(part[:, k]), pa.int32()) for k in range(len(RULES))]
    columns: dict[str, pa.Array] = {
        "text": texts if everything else texts.take(pa.array(chosen)),
        "changes": pa.StructArray.from_arrays(counters, fields=list(CHANGES)),
    }
    for name in schema.names:
        if name not in columns:
            values = rows.columns.get(name)
            kind = schema.field(name).type
            columns[name] = pa.nulls(len(chosen), kind) if values is None else pa.array(values, kind)
    return pa.RecordBatch.from_arrays([columns[name] for name in schema.names], schema=schema)
