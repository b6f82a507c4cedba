"""Open a source and give its decompressed bytes, counting and hashing what is stored and surviving what is damaged."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from collections.abc import Generator
from types import TracebackType
from typing import BinaryIO, Protocol, Self

from taoxi.normalize.containers.compression import HEAD, Break, Compression, Read, compression_of, decompressed
from taoxi.normalize.containers.expansion import Budget, bounded
from taoxi.normalize.model import Problem, Source
from taoxi.normalize.sources import STDIN

CHUNK = 8 << 20
"""Bytes that one read asks the system for: larger ones are not faster, and hashing goes by the same pieces."""

FIRST_CHUNK = 1 << 20
"""The same for the first read, which most sources end within."""


def open_source(source: Source, raw: Raw | None = None, budget: Budget | None = None) -> Opened:
    """Open a source for reading, as a context manager; what goes wrong is in its ``problems``, never raised.

    Args:
        source: what to open.
        raw: its bytes as stored; None to open its path.
        budget: what the input that it belongs to may become by decompression.
    """
    return Opened(source, _File(source) if raw is None else raw, budget or Budget())


class Raw(Protocol):
    """The bytes of a source as stored: read once, counted and hashed on the way.

    Attributes:
        count: bytes read so far.
        size_at_open: how many there are, None where nobody knows.
        error: what made the system stop reading.
    """

    count: int
    size_at_open: int | None
    error: OSError | None

    @property
    def opened(self) -> bool:
        """Whether there is anything to read from."""

    @property
    def can_reopen(self) -> bool:
        """Whether ``reopen`` gives the same bytes again."""

    def size(self) -> int | None:
        """Return the size as it is now, None for what has none."""

    def read(self, size: int) -> bytes:
        """Return up to ``size`` of the next bytes, none at the end or behind an error."""

    def reopen(self) -> Read:
        """Return a second reader from the start, which neither counts nor hashes."""

    def digest(self) -> str:
        """Return the SHA-256 of what was read."""

    def verdict(self) -> list[tuple[str, int | None]]:
        """Return what was wrong with the bytes once all were read: messages, and the bytes that they belong to."""

    def close(self) -> None:
        """Let go of what was opened."""


class _File:
    """The bytes of a file or pipe."""

    def __init__(self, source: Source) -> None:
        self.path = source.path
        self.count = 0
        self._hash = hashlib.sha256()
        self.error: OSError | None = None
        self.size_at_open: int | None = None
        self._file: BinaryIO | None = None
        try:
            if source.path == STDIN:
                if sys.stdin is None:
                    raise OSError(0, "standard input is closed")  # noqa: TRY301 - the same end as any other failure
                self._file = sys.stdin.buffer
            else:
                self._file = open(source.path, "rb", buffering=0)  # noqa: PTH123, SIM115 - __exit__ closes it
                self.size_at_open = self.size()
        except OSError as error:
            self.error = error

    @property
    def opened(self) -> bool:
        return self._file is not None

    def size(self) -> int | None:
        """Return the size that the system gives for the file now, None for what has none."""
        if self._file is None or self.path == STDIN:
            return None
        status = os.fstat(self._file.fileno())
        return status.st_size if stat.S_ISREG(status.st_mode) else None

    def read(self, size: int) -> bytes:
        """Return up to ``size`` of the next bytes; an error ends the source here and stays in ``error``."""
        if self._file is None or self.error is not None:
            return b""
        try:
            data = self._file.read(min(size, CHUNK)) or b""
        except OSError as error:
            self.error = error
            return b""
        self.count += len(data)
        self._hash.update(data)
        return data

    @property
    def can_reopen(self) -> bool:
        return self.size_at_open is not None

    def digest(self) -> str:
        return self._hash.hexdigest()

    def verdict(self) -> list[tuple[str, int | None]]:
        """Tell of a size that changed."""
        before, after, count = self.size_at_open, self.size(), self.count
        if before is None or after is None or before == after == count:
            return []
        message = (
            f"The file changed while it was read: it had {before:,} bytes at first, {after:,} in the end, and {count:,}"
            " were read. Run again when nothing writes to it any more."
        )
        return [(message, None)]

    def reopen(self) -> Read:
        """Return a second reader from the start, which neither counts nor hashes."""
        try:
            file = open(self.path, "rb", buffering=0)  # noqa: PTH123, SIM115 - it lives as long as its reader
        except OSError:
            return lambda _size: b""

        def read(size: int) -> bytes:
            try:
                return file.read(size) or b""
            except OSError:
                return b""

        return read

    def close(self) -> None:
        if self._file is not None and self.path != STDIN:
            self._file.close()


class Opened:
    """A source that is being read: ``read`` and ``peek`` give decompressed bytes, ``finish`` ends the account.

    Attributes:
        compression: how the source is compressed, None for not at all.
        problems: what went wrong so far.
        sha256: the hash of the bytes as stored, once ``finish`` saw all of them.
    """

    def __init__(self, source: Source, raw: Raw, budget: Budget) -> None:
        """Open ``source`` and look at its first bytes."""
        self.source = source
        self.budget = budget
        self.compression: Compression | None = None
        self.problems: list[Problem] = []
        self.sha256: str | None = None
        self._decompressed = 0
        self._held = b""
        self._at = 0
        self._raw = raw
        self._stream: Generator[bytes, None, Break | None] | None = None
        if not self._raw.opened:
            self._report_error()
            return
        head = self._first()
        self.compression = compression_of(head)
        if self.compression is None:
            self._held = head
            return
        pending = [head]

        def read(size: int) -> bytes:
            return pending.pop() if pending else self._raw.read(size)

        reopen = self._raw.reopen if self._raw.can_reopen else None
        chunks = decompressed(read, self.compression, reopen)
        self._stream = bounded(chunks, lambda: self._raw.count, budget)

    def __enter__(self) -> Self:
        """Return the opened source itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close what was opened."""
        if self._stream is not None:
            self._stream.close()
        self._raw.close()

    @property
    def raw_bytes(self) -> int:
        """How many bytes as stored were read so far."""
        return self._raw.count

    @property
    def stored_bytes(self) -> int:
        """How many bytes the source takes as stored, or how many were read where nobody knows."""
        size = self._raw.size_at_open
        return self._raw.count if size is None else size

    @property
    def is_plain_file(self) -> bool:
        """Whether its bytes are those of the file at its path, from the first to the last."""
        return self.source.member is None and self.compression is None and self._raw.can_reopen

    @property
    def failed(self) -> bool:
        """Whether the source could not be opened at all."""
        return not self._raw.opened

    def peek(self, size: int) -> bytes:
        """Return the next ``size`` decompressed bytes, fewer only at the end, and leave them to be read."""
        self._collect(size)
        return self._held if self._at == 0 and len(self._held) <= size else self._held[self._at : self._at + size]

    def read(self, size: int) -> bytes:
        """Return the next ``size`` decompressed bytes, fewer only at the end."""
        data = self.peek(size)
        self._at += len(data)
        if self._at == len(self._held):
            self._held, self._at = b"", 0
        return data

    def finish(self) -> None:
        """Read the rest of the stored bytes, so that their hash is whole, and compare their number with the size."""
        if self.failed:
            return
        while self._raw.read(CHUNK):
            pass
        if self._raw.error is not None:
            self._report_error()
            return
        self.sha256 = self._raw.digest()
        for message, byte in self._raw.verdict():
            self._problem(message, byte)

    def _collect(self, size: int) -> None:
        """Hold at least ``size`` bytes, or all that is left."""
        missing = size - (len(self._held) - self._at)
        if missing <= 0:
            return
        parts = [self._held[self._at :]] if self._held else []
        while missing > 0 and (chunk := self._next(missing)):
            parts.append(chunk)
            missing -= len(chunk)
        self._held, self._at = parts[0] if len(parts) == 1 else b"".join(parts), 0

    def _first(self) -> bytes:
        """Return the first bytes as stored, fewer than ``HEAD`` only at the end."""
        data = self._raw.read(FIRST_CHUNK)
        while 0 < len(data) < HEAD and (more := self._raw.read(FIRST_CHUNK)):
            data += more
        return data

    def _next(self, size: int) -> bytes:
        """Return some decompressed bytes, none at the end."""
        if self._stream is None:
            return self._raw.read(size)
        try:
            chunk = next(self._stream)
        except StopIteration as stop:
            broken: Break | None = stop.value
            if broken is not None and self._raw.error is None:
                self._problem(broken.message, self._decompressed)
            self._stream = None
            while self._raw.read(CHUNK):  # what is stored behind damage still belongs to the hash
                pass
            return b""
        self._decompressed += len(chunk)
        return chunk

    def _report_error(self) -> None:
        error = self._raw.error
        if error is None:
            return
        if isinstance(error, PermissionError):
            message = "Reading it is not permitted. Change its permissions or run as a user who may read it."
        elif self._raw.opened:
            message = (
                f"Reading stopped ({error.strerror}); what came before was read."
                " Check the disk or the network, then run again."
            )
        else:
            message = f"It cannot be opened ({error.strerror}). Check the path and the disk, then run again."
        self._problem(message, self._raw.count if self._raw.opened and self.compression is None else None)

    def _problem(self, message: str, byte: int | None = None) -> None:
        self.problems.append(Problem(self.source.name, message, byte, self.source.member))
