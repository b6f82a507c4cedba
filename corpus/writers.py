"""Writers of tables: Parquet, JSON lines and plain text, whose bytes do not depend on how rows arrive.

Rows come in batches of any size. What ends a row group or a file is decided by the rows themselves, so equal rows
give equal bytes.
"""

from __future__ import annotations

import contextlib
import errno
import gzip
import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from taoxi.corpus.json_lines import json_lines

GROUP_BYTES = 32 << 20
"""Text bytes in a row group: large enough to compress and scan well, small enough to hold several in memory."""

GROUP_ROWS = 1 << 16
ROWS_AT_ONCE = 1 << 12
"""Rows that become lines together: some MB."""

COMPRESSION_LEVEL = 1
"""Of zstd. On Chinese text level 3 takes twice as long and makes files a quarter to two fifths smaller."""

_REPEATING = ["kind", "reason", "site", "source", "member", "encoding", "date", "format"]
"""Columns with few distinct values: dictionary-encoded. On texts a dictionary only costs time."""


class Writer(Protocol):
    """Takes tables of one schema and writes one file."""

    def write(self, table: pa.Table) -> None:
        """Append rows."""

    def close(self) -> None:
        """Finish the file."""


class _Abandonable(pq.ParquetWriter):  # type: ignore[misc]  # pyarrow has no types
    """Is not completed when it is given up: the disk may be full, and Python would say so amid our message."""

    def __del__(self) -> None:
        """Leave the file as it is."""


class ParquetWriter:
    """Writes Parquet with row groups of about ``GROUP_BYTES`` of text."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        """Open the file."""
        self._schema = schema
        self._waiting: list[pa.Table] = []
        self._bytes = 0
        self._rows = 0
        self._writer = _Abandonable(
            path,
            schema,
            compression="zstd",
            compression_level=COMPRESSION_LEVEL,
            use_dictionary=[name for name in _REPEATING if name in schema.names],
            write_statistics=[name for name in schema.names if name not in {"text", "meta"}],
        )

    def write(self, table: pa.Table) -> None:
        """Append rows; write the row groups that are full."""
        while len(table):
            room = self._room(table)
            self._take(table.slice(0, room))
            table = table.slice(room)

    def _room(self, table: pa.Table) -> int:
        """Return how many rows of a table end the waiting row group, or all of them."""
        sizes = text_sizes(table)
        full = int(np.searchsorted(self._bytes + np.cumsum(sizes), GROUP_BYTES)) + 1
        return min(len(table), full, GROUP_ROWS - self._rows)

    def _take(self, rows: pa.Table) -> None:
        self._waiting.append(rows)
        self._bytes += int(text_sizes(rows).sum())
        self._rows += len(rows)
        if self._bytes >= GROUP_BYTES or self._rows >= GROUP_ROWS:
            self._flush()

    def _flush(self) -> None:
        if self._waiting:
            group = pa.concat_tables(self._waiting).combine_chunks()
            self._writer.write_table(group, row_group_size=len(group))
        self._waiting, self._bytes, self._rows = [], 0, 0

    def close(self) -> None:
        """Write what waits and the footer."""
        self._flush()
        self._writer.close()


def text_sizes(table: pa.Table) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return the bytes of each row's text (int64, n); zeros if there is no such column."""
    if "text" not in table.schema.names:
        return np.zeros(len(table), np.int64)
    sizes: np.ndarray[Any, np.dtype[np.int64]] = pc.fill_null(pc.binary_length(table.column("text")), 0).to_numpy()
    return sizes


Data = bytes | memoryview


class Stream(Protocol):
    """Takes all bytes that it is given."""

    def write(self, data: Data, /) -> object:
        """Append bytes."""


class StandardOutput:
    """Standard output without a buffer: what could not be written must not be tried again when Python ends."""

    def __init__(self) -> None:
        """Find it behind whatever Python wraps it in; notebooks and tests put something else in its place."""
        if sys.stdout is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        sys.stdout.flush()
        try:
            self._stream: IO[bytes] = open(sys.stdout.fileno(), "wb", buffering=0, closefd=False)  # noqa: SIM115 - it is not ours to close
        except io.UnsupportedOperation:
            self._stream = sys.stdout.buffer

    def write(self, data: Data, /) -> None:
        """Write all of ``data``: the system may take a part of it, when the disk fills up for one."""
        rest = memoryview(data)
        while rest:
            rest = rest[self._stream.write(rest) :]

    def flush(self) -> None:
        """Hand on what a stand-in may hold."""
        self._stream.flush()


class LineWriter:
    """Writes rows as lines of bytes to a stream that may compress."""

    def __init__(self, stream: Stream, close: Callable[[], object], lines: Callable[[pa.RecordBatch], Data]) -> None:
        """Take a stream, what closes it, and what makes bytes of rows."""
        self._stream = stream
        self._close = close
        self._lines = lines

    def write(self, table: pa.Table) -> None:
        """Append rows."""
        for first in range(0, len(table), ROWS_AT_ONCE):
            # Columns come in pieces that end at different rows: by these alone, batches would be of a few rows each.
            (rows,) = table.slice(first, ROWS_AT_ONCE).combine_chunks().to_batches()
            self._stream.write(self._lines(rows))

    def close(self) -> None:
        """Finish the stream."""
        self._close()


def plain_text(rows: pa.RecordBatch) -> bytes:
    """Return texts with one paragraph a line and an empty line after each document."""
    texts = rows.column("text").to_pylist()
    return "".join("\n".join(line for line in (text or "").split("\n") if line) + "\n\n" for text in texts).encode()


def open_writer(path: Path | None, ending: str, schema: pa.Schema) -> Writer:
    """Open a writer for a file by its ending (.parquet, .txt, .jsonl, .jsonl.gz …); no path is standard output."""
    if ending.endswith(".parquet") and path is not None:
        return ParquetWriter(path, schema)
    lines = plain_text if ending.endswith(".txt") else json_lines
    if path is None:
        stdout = StandardOutput()
        return LineWriter(stdout, stdout.flush, lines)
    if ending.endswith(".gz"):
        raw = path.open("wb")
        # No name and no time in the header: equal rows give equal bytes.
        packed = gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0, compresslevel=6)
        return LineWriter(packed, _closer(packed, raw), lines)
    if ending.endswith(".zst"):
        sink = pa.OSFile(str(path), "wb")
        stream = pa.CompressedOutputStream(sink, "zstd")
        return LineWriter(stream, _closer(stream, sink), lines)
    raw = path.open("wb")
    return LineWriter(raw, raw.close, lines)


def _closer(*files: Any) -> Callable[[], None]:  # noqa: ANN401 - anything that can be closed
    def close() -> None:
        with contextlib.ExitStack() as stack:
            for file in reversed(files):
                stack.callback(file.close)

    return close
