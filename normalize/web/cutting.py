"""Cut a source into blocks of whole records whose ends only what follows them can tell: pages and archives."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Protocol

from taoxi.normalize.encodings.codec import unit_bytes
from taoxi.normalize.model import Format
from taoxi.normalize.web.archive import LONGEST_HEAD, Archive

PAGE_END = re.compile(rb"</html\s{0,64}>\s{0,1024}(?=<!doctype\s+html|<html[\s>]|<\?xml\s)", re.IGNORECASE)
"""Where a page ends and another one begins in the same source."""

LOOK_AHEAD = LONGEST_HEAD
"""Bytes behind a record that its end may take to be told: a shorter one must not be left out for what follows it."""

OVERLAP = 1 << 13
"""Bytes at the end of what was read that the sign of a record's end may still be cut in."""


class Cutter(Protocol):
    """Finds the ends of records in a buffer that grows at its end and loses what was cut off at its beginning."""

    def end(self, buffer: bytearray, start: int, *, eof: bool) -> int | None:
        """Return where the record that begins at ``start`` ends, None if that is still to come."""

    def lost_end(self, buffer: bytearray, *, eof: bool) -> int | None:
        """Return where a record ends that is too long to hold and whose beginning is gone, None if still to come."""

    def shift(self, gone: int) -> None:
        """Take note that the buffer lost its first ``gone`` bytes."""


def cut_blocks(
    read: Callable[[int], bytes], cutter: Cutter, size: int, most: int, leave_out: Callable[[int, int, int], None]
) -> Iterator[tuple[int, int, bytes]]:
    """Yield blocks of whole records: byte offset, number of the first record, data.

    Memory holds a record of up to ``most`` bytes and a chunk; longer ones are left out.

    Args:
        read: returns the next bytes of the source, none at its end.
        cutter: finds the ends of records.
        size: about how large a block is, in bytes.
        most: bytes from which a record is left out.
        leave_out: called with number, offset and size of each record that is.
    """
    buffer = bytearray()
    offset = record = 0  # of the first byte of the buffer, and of its first record
    at = count = 0  # where the record in progress begins in the buffer, and how many stand before it
    lost = -1  # where a record that is too long began in the source, -1 for none
    eof = False
    while not eof:
        chunk = read(size)
        eof = not chunk
        buffer += chunk
        while True:
            if lost >= 0:
                end = cutter.lost_end(buffer, eof=eof)
                if end is None:
                    gone = max(0, len(buffer) - OVERLAP)
                else:
                    leave_out(record, lost, offset + end - lost)
                    record, lost, gone = record + 1, -1, end
                del buffer[:gone]
                cutter.shift(gone)
                offset += gone
                if end is None:
                    break
                continue
            end = cutter.end(buffer, at, eof=eof) if at < len(buffer) else None
            if end is None and len(buffer) - at <= most + LOOK_AHEAD:
                break
            if end is not None and end - at <= most:
                at, count = end, count + 1
                if at < size:
                    continue
            if count:
                yield offset, record, bytes(buffer[:at])
                del buffer[:at]
                cutter.shift(at)
                offset, record, at, count = offset + at, record + count, 0, 0
            else:
                lost = offset
    if count:
        yield offset, record, bytes(buffer[:at])


class Pages:
    """Finds where one page ends and another one begins."""

    def __init__(self) -> None:
        """Start at the beginning of a source."""
        self._searched = 0

    def end(self, buffer: bytearray, start: int, *, eof: bool) -> int | None:
        """Return where the page that begins at ``start`` ends."""
        found = PAGE_END.search(buffer, max(start, self._searched - OVERLAP))
        if found is not None:
            return found.end()
        self._searched = len(buffer)
        return len(buffer) if eof else None

    def lost_end(self, buffer: bytearray, *, eof: bool) -> int | None:
        """Return where a page ends whose beginning is gone."""
        return self.end(buffer, 0, eof=eof)

    def shift(self, gone: int) -> None:
        """Take note that the buffer lost its first bytes."""
        self._searched = max(0, self._searched - gone)


class Whole:
    """Takes all of a source for one record: a page in an encoding of wide units, whose markup is no ASCII."""

    def end(self, buffer: bytearray, start: int, *, eof: bool) -> int | None:
        """Return the end of the source."""
        del start
        return len(buffer) if eof else None

    def lost_end(self, buffer: bytearray, *, eof: bool) -> int | None:
        """Return the end of the source."""
        return len(buffer) if eof else None

    def shift(self, gone: int) -> None:
        """Take no note: nothing was searched."""


def _pages(encoding: str, _most: int) -> Cutter:
    return Whole() if unit_bytes(encoding) > 1 else Pages()


CUTTERS: dict[Format, Callable[[str, int], Cutter]] = {
    Format.HTML: _pages,
    Format.WARC: lambda _encoding, most: Archive(most),
}
"""What makes the cutter of a format, from the encoding of a source and the bytes that a record may have."""
