"""Undo gzip, bzip2, xz and zstd without losing a byte that stands before damage.

A decoder that meets damage raises, and what it had decoded in that call is gone. So damage is approached twice: at
full speed until a call fails, and then, from a stream opened anew, byte by byte from where that call began.
"""

from __future__ import annotations

import bz2
import enum
import lzma
import zlib
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Protocol

Read = Callable[[int], bytes]
"""Return up to so many of the next bytes, none at the end."""

PIECE = 1 << 14
"""Bytes of compressed input that one call gets; what a failing call may lose where nothing can be opened anew."""

STEP = 1 << 18
"""Bytes of output that one call may return: large enough to cost little, small enough to bound a bomb."""

PIPE_STEP = 1 << 12
"""The same where nothing can be opened anew, and a failing call loses what it had decoded."""

HEAD = 16
"""Bytes at the start of a stream that tell its compression."""


class Compression(enum.StrEnum):
    """The compressions that are undone, by the usual ending of their files; the last two occur in ZIP archives only."""

    GZ = "gz"
    BZ2 = "bz2"
    XZ = "xz"
    ZST = "zst"
    DEFLATE = "deflate"
    LZMA = "lzma"


_BZ2_BLOCKS = (b"\x31\x41\x59\x26\x53\x59", b"\x17\x72\x45\x38\x50\x90")
_SKIPPABLE = b"\x2a\x4d\x18"


def compression_of(head: bytes) -> Compression | None:
    """Return how a stream that begins with ``head`` (at least ``HEAD`` bytes, or all) is compressed, by its magic."""
    if head.startswith(b"\x1f\x8b\x08"):
        return Compression.GZ
    if head[:3] == b"BZh" and head[3:4].isdigit() and head[4:10] in _BZ2_BLOCKS:
        return Compression.BZ2
    if head.startswith(b"\xfd7zXZ\x00"):
        return Compression.XZ
    if head.startswith(b"\x28\xb5\x2f\xfd") or (head[1:4] == _SKIPPABLE and head[0] & 0xF0 == 0x50):
        return Compression.ZST
    return None


@dataclass(frozen=True, slots=True)
class Break:
    """Why a compressed stream could not be read further, in whole sentences."""

    message: str


class _BrokenError(Exception):
    """A stream that cannot be read further; a second approach may go byte by byte from ``fine_from`` on."""

    def __init__(self, reason: Break, fine_from: int | None = None) -> None:
        super().__init__(reason.message)
        self.reason = reason
        self.fine_from = fine_from


class Decoder(Protocol):
    """One compressed stream, with the interface of the decoders of bz2 and lzma."""

    @property
    def eof(self) -> bool:
        """Whether the stream has ended."""

    @property
    def needs_input(self) -> bool:
        """Whether a call without input would give nothing."""

    @property
    def unused_data(self) -> bytes:
        """What was given to the decoder from behind the end of the stream."""

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Return up to ``max_length`` bytes."""


class _Deflate:
    """One gzip member, or one bare stream of deflate, as a decoder."""

    def __init__(self, wbits: int) -> None:
        self._inner = zlib.decompressobj(wbits=wbits)
        self._full = False

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail and not self._full

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        out = self._inner.decompress(self._inner.unconsumed_tail + data, max_length)
        self._full = len(out) == max_length
        return out


MEMORY = 512 << 20
"""Bytes that a decoder may take for what it looks back on: xz -9 takes 65 MB, and a hostile header asks for 4 GB."""


def _xz() -> Decoder:
    return lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=MEMORY)


_NEW: dict[Compression, Callable[[], Decoder]] = {
    Compression.GZ: lambda: _Deflate(31),
    Compression.DEFLATE: lambda: _Deflate(-15),
    Compression.BZ2: bz2.BZ2Decompressor,
    Compression.XZ: _xz,
}


class _Feed:
    """The compressed bytes, with a place to put some back; also the file that pyarrow reads from."""

    closed = False

    def __init__(self, read: Read, fine_from: int | None) -> None:
        self._read = read
        self._fine_from = fine_from
        self._held = b""
        self.position = 0
        self.starts = (0, 0)
        """Where the last two pieces began: the damage that a decoder meets lies behind the first of them."""

    def read(self, size: int = PIECE) -> bytes:
        """Return the next piece, a single byte of it where damage is near."""
        size = min(size, PIECE)
        if self._fine_from is not None:
            size = 1 if self.position >= self._fine_from else min(size, self._fine_from - self.position)
        if not self._held:
            self._held = self._read(PIECE)
        piece, self._held = self._held[:size], self._held[size:]
        self.starts = (self.starts[1], self.position)
        self.position += len(piece)
        return piece

    def unread(self, data: bytes) -> None:
        """Put back what a decoder left over."""
        self._held = data + self._held
        self.position -= len(data)

    def skip_padding(self) -> bytes:
        """Pass over the zeros that fill up a tape block, and return the head of what follows them."""
        while True:
            rest = self._held.lstrip(b"\0")
            self.position += len(self._held) - len(rest)
            self._held = rest
            if len(rest) >= HEAD or not (more := self._read(PIECE)):
                return rest[:HEAD]
            self._held += more

    def readable(self) -> bool:
        """Answer pyarrow."""
        return True

    def close(self) -> None:
        """Answer pyarrow; whoever opened the source closes it."""


@dataclass(frozen=True, slots=True)
class _Approach:
    """How fast to go: ``step`` bytes of output a call, and byte by byte behind both offsets where they are given."""

    step: int = STEP
    raw: int | None = None
    out: int = 0

    def next_step(self, out: int) -> int:
        """Return how many bytes the call after ``out`` bytes of output may give."""
        if self.raw is None:
            return self.step
        return min(self.step, self.out - out) if out < self.out else 1


def decompressed(
    read: Read,
    compression: Compression,
    reopen: Callable[[], Read] | None,
    new: Callable[[], Decoder] | None = None,
) -> Generator[bytes, None, Break | None]:
    """Yield the decompressed bytes of ``read``, all streams of it one after another, and return what broke it off.

    Args:
        read: the compressed bytes, from their start.
        compression: what they are, from ``compression_of``.
        reopen: opens the same bytes anew, for a second approach to damage; None where that is impossible
            (a pipe), and then what the last few compressed bytes before the damage hold is lost.
        new: makes a decoder, where the compression alone does not say how.
    """
    chunks = _pulled if compression is Compression.ZST else partial(_pushed, new=new or _NEW[compression])
    done = 0
    try:
        for chunk in chunks(read, compression, _Approach(STEP if reopen else PIPE_STEP)):
            done += len(chunk)
            yield chunk
    except _BrokenError as broken:
        if broken.fine_from is None:
            return broken.reason
        if reopen is None:
            return Break(broken.reason.message.replace("What came before", "Nearly all that came before"))
        again = chunks(reopen(), compression, _Approach(raw=broken.fine_from, out=done))
    else:
        return None
    skip = done
    try:
        for chunk in again:
            if len(chunk) > skip:
                yield chunk[skip:]
            skip = max(0, skip - len(chunk))
    except _BrokenError as broken:
        return broken.reason
    return None


def _pushed(read: Read, compression: Compression, approach: _Approach, new: Callable[[], Decoder]) -> Iterator[bytes]:
    """Decompress with the standard library."""
    feed = _Feed(read, approach.raw)
    out = 0
    while True:
        decoder = new()
        while not decoder.eof:
            piece = feed.read() if decoder.needs_input else b""
            if not piece and decoder.needs_input:
                raise _BrokenError(_cut_short(compression, feed.position))
            try:
                chunk = decoder.decompress(piece, approach.next_step(out))
            except (zlib.error, lzma.LZMAError, OSError, EOFError) as error:
                reason = _damaged(compression, feed.position, str(error))
                raise _BrokenError(reason, feed.starts[1]) from error
            out += len(chunk)
            if chunk:
                yield chunk
        feed.unread(decoder.unused_data)
        head = feed.skip_padding()
        if not head:
            return
        if compression_of(head) is not compression:
            raise _BrokenError(_garbage(compression, feed.position))


def _pulled(read: Read, compression: Compression, approach: _Approach) -> Iterator[bytes]:
    """Decompress with pyarrow, whose streams pull their input and lose a whole read to an error in it."""
    import pyarrow as pa  # noqa: PLC0415 - half a second that only zstd needs

    feed = _Feed(read, approach.raw)
    out = 0
    with pa.CompressedInputStream(pa.PythonFile(feed, mode="r"), "zstd") as stream:
        while True:
            try:
                chunk = stream.read(approach.next_step(out))
            except (pa.ArrowException, OSError) as error:
                raise _BrokenError(_arrow_reason(compression, feed.position, error), feed.starts[0]) from error
            if not chunk:
                return
            out += len(chunk)
            yield chunk


def _arrow_reason(compression: Compression, raw: int, error: Exception) -> Break:
    """Tell the ends of a stream apart by what the library says, all that it lets out."""
    said = str(error)
    if "Truncated" in said:
        return _cut_short(compression, raw)
    if "Unknown frame descriptor" in said:
        return _garbage(compression, raw)
    return _damaged(compression, raw, said)


def _cut_short(compression: Compression, raw: int) -> Break:
    return Break(
        f"The {compression} stream is cut short: it ends in the middle, after {raw:,} compressed bytes."
        " What came before was read; fetch the file again for the rest."
    )


def _damaged(compression: Compression, raw: int, said: str) -> Break:
    return Break(
        f"The {compression} stream is damaged near its compressed byte {raw:,} ({said.rstrip('.')})."
        " What came before was read; fetch the file again for the rest."
    )


def _garbage(compression: Compression, raw: int) -> Break:
    return Break(
        f"Behind the {compression} stream, from about compressed byte {raw:,} on, stand bytes that are no such stream;"
        " they were left out. If they are data, cut them off into a file of their own."
    )
