"""A large file of lines, of which only windows are read, spread evenly over it."""

from __future__ import annotations

import hashlib
import os
from bisect import bisect_right
from collections.abc import Iterator
from typing import BinaryIO

from taoxi.normalize.containers.compression import Read, compression_of
from taoxi.normalize.containers.tars import is_tar
from taoxi.normalize.encodings.codec import unit_bytes
from taoxi.normalize.formats import kinds
from taoxi.normalize.formats.layout import HEAD, Refusal, sniff
from taoxi.normalize.model import Format, Source

WINDOW = HEAD
"""Bytes of a window: as many as the layout of a source is decided by, some hundred documents."""

REACH = 8 << 20
"""Bytes behind a window in which the end of its last line is looked for: a line that ends later is left out."""

LINE_FORMATS = frozenset({Format.JSONL, Format.TEXT})
"""Formats in which a reader may begin behind any line feed. A line feed of CSV may stand inside of a field."""


class Windows:
    """The bytes of a file as stored (``taoxi.normalize.containers.opening.Raw``), less what is between its windows.

    The file is cut into as many equal stretches as there are to be windows, and each has one, at a place that depends
    on the name of the file alone. A window begins behind a line feed and ends with one; the first is the head.

    Attributes:
        count: bytes read so far.
        size_at_open: the size of the file.
        error: what made the system stop reading.
    """

    def __init__(self, source: Source, share: float) -> None:
        """Open a source of which about ``share`` is to be read."""
        self.count = 0
        self.error: OSError | None = None
        self._file: BinaryIO | None = None
        self.size_at_open: int | None = None
        try:
            self._file = open(source.path, "rb", buffering=0)  # noqa: PTH123, SIM115 - close() closes it
            self.size_at_open = os.fstat(self._file.fileno()).st_size
        except OSError as error:
            self.error = error
        size = self.size_at_open or 0
        self._windows = list(_places(source.name, size, share))
        self._pending = b""
        self._at: list[int] = []
        self._before: list[int] = []
        self._chunks = self._read()

    def place(self, byte: int) -> int:
        """Return where in the file a byte stands that is the ``byte``-th of what was read."""
        window = bisect_right(self._before, byte) - 1
        return byte if window < 0 else self._at[window] + byte - self._before[window]

    def _read(self) -> Iterator[bytes]:
        """Yield the windows, and note where each begins."""
        at = given = 0
        for start, end in self._windows:
            if end <= at:
                continue
            begin, data = self._window(max(start, at), end, inside=start > at)
            at = begin + len(data)
            if data:
                self._at.append(begin)
                self._before.append(given)
                given += len(data)
                yield data

    def _window(self, start: int, end: int, *, inside: bool) -> tuple[int, bytes]:
        """Return the lines that begin between two places, and where the first one does."""
        if self._file is None:
            return start, b""
        self._file.seek(start)
        data = self._file.read(end - start)
        first = data.find(b"\n") + 1 if inside else 0
        while len(data) < end - start + REACH and (more := self._file.read(WINDOW)):
            last = more.find(b"\n") + 1
            data += more[:last] if last else more
            if last:
                break
        else:
            last = data.rfind(b"\n") + 1  # the end of the file, or a line of which nobody sees the end
            if inside or last > first:
                data = data if len(data) < end - start + REACH else data[:last]
        return (start + first, data[first:]) if first or not inside else (start, b"")

    # What ``Raw`` asks for

    @property
    def opened(self) -> bool:
        """Whether there is anything to read from."""
        return self._file is not None

    @property
    def can_reopen(self) -> bool:
        """Nobody can read the windows a second time."""
        return False

    def size(self) -> int | None:
        """Return the size of the file."""
        return self.size_at_open

    def read(self, size: int) -> bytes:
        """Return up to ``size`` of the next bytes, none at the end or behind an error."""
        if not self._pending:
            try:
                self._pending = next(self._chunks, b"")
            except OSError as error:
                self.error = error
        data, self._pending = self._pending[:size], self._pending[size:]
        self.count += len(data)
        return data

    def reopen(self) -> Read:
        """Return a reader of nothing."""
        return lambda _size: b""

    def digest(self) -> str:
        """Return nothing: no bytes were hashed, as none of them are answered for."""
        return ""

    def verdict(self) -> list[tuple[str, int | None]]:
        """Return nothing: nobody counted all bytes."""
        return []

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()


def has_windows(source: Source, form: str, text_field: str | None) -> bool:
    """Whether a file is of such a form that reading may begin behind any line feed of it."""
    try:
        with open(source.path, "rb") as file:  # noqa: PTH123 - the path as the system gave it
            head = file.read(HEAD)
    except OSError:
        return False
    if compression_of(head) is not None or head.startswith((kinds.ZIP, kinds.PARQUET)) or is_tar(head):
        return False
    found = sniff(head, source.name, eof=False, format=form, text_field=text_field)
    return not isinstance(found, Refusal) and found.format in LINE_FORMATS and unit_bytes(found.encoding) == 1


def fraction(*words: str | int) -> float:
    """Return a number from 0 to 1 that looks drawn at random and depends on the words alone."""
    digest = hashlib.blake2b("\0".join(map(str, words)).encode("utf-8", "surrogateescape"), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def _places(name: str, size: int, share: float) -> Iterator[tuple[int, int]]:
    """Yield where windows begin and end, before they are moved to line feeds."""
    count = max(1, round(size * share / WINDOW))
    stretch = size / count
    for number in range(count):
        spare = max(0.0, stretch - WINDOW)
        start = 0 if number == 0 else int(number * stretch + fraction(name, number) * spare)
        yield start, min(size, start + WINDOW)
