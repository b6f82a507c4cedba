"""Web archives: the bounds of WARC and ARC records in a stream, and the head of one record.

WARC 1.0 and 1.1 (ISO 28500), its 0.x drafts, WET (WARC with ``conversion`` records) and ARC 1 of the Internet Archive.
A record says how long it is. Where the next one does not begin there, the length is wrong, and the next line that
begins a record ends this one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST_HEAD = 1 << 16
"""Bytes in which the head of a record must end."""

SIGN_BYTES = 1 << 12
"""Bytes behind a record that are enough to tell whether another one begins there, empty lines and all."""

_WARC = re.compile(rb"WARC/[01]\.\d{1,2}\r?\n")
_ARC = re.compile(
    rb"(?:[A-Za-z][A-Za-z0-9+.-]{1,15}:[^\s]{0,4096}) [^\s]{1,64} \d{8,14} [^\n\r]{0,200}? ?(\d{1,12})\r?\n"
)
_NEXT = re.compile(rb"(?:^|\n)(?=WARC/[01]\.\d{1,2}\r?\n)")
_NEXT_ARC = re.compile(rb"\n(?=(?:https?|ftp|dns):[^\s]{0,4096} [^\s]{1,64} \d{14} [^\n\r]{1,200} \d{1,12}\r?\n)")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_BREAKS = re.compile(rb"[\r\n]*")


def is_archive(head: bytes) -> bool:
    """Whether a source that begins with ``head`` is a web archive."""
    return _WARC.match(head) is not None or (head.startswith(b"filedesc://") and _ARC.match(head) is not None)


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a record: its fields by name in lower case, and where its content begins and should end."""

    fields: dict[str, str]
    start: int
    end: int


def read_head(data: bytes | bytearray | memoryview, at: int = 0) -> Head | None:
    """Return the head of the record that begins at ``at``, None if there is none or its end is not in ``data``."""
    if _WARC.match(data, at):
        stop = _HEAD_END.search(data, at, at + LONGEST_HEAD)
        if stop is None:
            return None
        lines = bytes(data[at : stop.start()]).decode("utf-8", "replace").splitlines()
        fields = {name.strip().lower(): value.strip() for line in lines[1:] for name, _, value in [line.partition(":")]}
        length = fields.get("content-length", "")
        size = int(length) if length.isascii() and length.isdigit() and len(length) <= 18 else 0
        return Head(fields, stop.end(), stop.end() + size)
    line = _ARC.match(data, at)
    if line is None:
        return None
    parts = line[0].decode("utf-8", "replace").split()
    kind = "warcinfo" if parts[0].startswith("filedesc://") else "response"
    fields = {"warc-type": kind, "warc-target-uri": parts[0], "warc-date": _arc_date(parts[2])}
    return Head(fields, line.end(), line.end() + int(line[1]))


def _arc_date(digits: str) -> str:
    """Return the time of an ARC record in the form of WARC."""
    if len(digits) < 14:
        return digits
    year, month, day, hour, minute, second = digits[:4], *(digits[k : k + 2] for k in range(4, 14, 2))
    return f"{year}-{month}-{day}T{hour}:{minute}:{second}Z"


class Archive:
    """Finds where one record ends and another one begins."""

    def __init__(self, most: int) -> None:
        """Start at the beginning of an archive; a record that says it has over ``most`` bytes is not believed."""
        self._most = most
        self._searched = 0
        self._sign: re.Pattern[bytes] | None = None

    def end(self, buffer: bytearray, start: int, *, eof: bool) -> int | None:
        """Return where the record that begins at ``start`` ends, with the empty lines behind it."""
        if self._sign is None:
            self._sign = _NEXT_ARC if _ARC.match(buffer, start) else _NEXT
        head = read_head(buffer, start)
        if head is None:
            if not eof and len(buffer) - start < LONGEST_HEAD:
                return None
            return self._search(buffer, start, eof=eof)
        if head.end - start <= self._most and head.end + SIGN_BYTES > len(buffer) and not eof:
            return None
        if head.end - start > self._most or head.end > len(buffer):
            return self._search(buffer, head.start, eof=eof)
        breaks = _BREAKS.match(buffer, head.end)
        place = head.end if breaks is None else breaks.end()
        if place == len(buffer) or read_head(buffer, place) is not None or _WARC.match(buffer, place):
            return place
        return self._search(buffer, head.start, eof=eof)

    def lost_end(self, buffer: bytearray, *, eof: bool) -> int | None:
        """Return where the next record begins behind one whose beginning is gone."""
        return self._search(buffer, 0, eof=eof)

    def shift(self, gone: int) -> None:
        """Take note that the buffer lost its first bytes."""
        self._searched = max(0, self._searched - gone)

    def _search(self, buffer: bytearray, start: int, *, eof: bool) -> int | None:
        begin = max(start, self._searched - LONGEST_HEAD)
        for found in (self._sign or _NEXT).finditer(buffer, begin):
            if found.end() > start:
                return found.end()
        self._searched = len(buffer)
        return len(buffer) if eof else None
