"""Lines of UTF-16 among those of a codec of bytes: where they end, and what of them a reader of bytes may look at.

A dump that was put together from files or records of different origin may hold both. Read as bytes, a line of UTF-16
ends in mid-unit, and at each 上 (U+4E0A). So such lines are folded for the eyes of what looks for line feeds, quotes
and delimiters: of the two bytes of a unit that is ASCII the second one becomes that character, all other bytes become
``FILL``. Places stay what they are. What the lines say is decoded from the bytes themselves, line by line.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from taoxi.normalize.encodings.codec import unit_bytes, units

FILL = 0x80
"""Stands for bytes that are no sign of any format."""

FEW = 3
"""NUL bytes that a line of bytes may have without being UTF-16."""

SAME_SIDE = 0.6
"""Share of the NUL bytes of a line that lie on the same side of the units if it is UTF-16: 一 (U+4E00) has one, too."""

LONGEST = 1 << 20
"""Bytes of a line that are waited for before it is taken as it comes."""

Units = NDArray[np.uint8 | np.uint16 | np.uint32]


def _line_end(data: bytes, start: int) -> tuple[int, int | None]:
    r"""Return where the line that begins at ``start`` ends, -1 if it does not, and on which side of a unit NUL lies.

    >>> _line_end("[1]\n".encode("utf-16-le") + b"[2]\n", 0), _line_end(b"[2]\n", 0)
    ((8, 1), (4, None))
    """
    end = data.find(b"\n", start)
    stop = end if end >= 0 else len(data)
    zero = data.find(b"\0", start, stop)
    if zero < 0:
        return end + 1 if end >= 0 else -1, None
    places = np.flatnonzero(np.frombuffer(data, np.uint8, stop - start, start) == 0)
    behind = int(np.count_nonzero(places & 1))
    side = int(2 * behind > len(places))
    if len(places) < FEW or max(behind, len(places) - behind) < SAME_SIDE * len(places):
        return end + 1 if end >= 0 else -1, None
    found = data.find(b"\n\0" if side else b"\0\n", start)
    return found + 2 if found >= 0 else -1, side


def _fold(data: bytes, *, last: bool) -> tuple[bytes, int]:
    """Return the lines of ``data`` folded, and their size; the last one, which has no end, only if ``last``."""
    parts = []
    at = 0
    while at < len(data):
        end, side = _line_end(data, at)
        if end < 0:
            if not last:
                break
            end = len(data)
        parts.append(data[at:end] if side is None else _folded_line(data[at:end], side))
        at = end
    return b"".join(parts), at


def _folded_line(line: bytes, side: int) -> bytes:
    out = np.full(len(line), FILL, np.uint8)
    both = np.frombuffer(line, np.uint8, len(line) // 2 * 2).reshape(-1, 2)
    plain = (both[:, side] == 0) & (both[:, 1 - side] < FILL)
    out[1 : 2 * len(both) : 2][plain] = both[plain, 1 - side]
    if line.endswith(b"\n\0" if side else b"\0\n"):  # also where a byte before it was lost
        out[-1] = 0x0A
    return out.tobytes()


def looked_at(data: bytes, encoding: str) -> Units:
    """Return whole lines as the units that a reader looks for signs in."""
    if unit_bytes(encoding) > 1 or b"\0" not in data:
        return units(data, encoding)
    return np.frombuffer(_fold(data, last=True)[0], np.uint8)


class Folding:
    """Folds a source chunk by chunk."""

    def __init__(self, encoding: str) -> None:
        """Start at the beginning of a line."""
        self._encoding = encoding
        self._held = b""

    def feed(self, chunk: bytes) -> tuple[Units, int]:
        """Return the units to look at next, and how many bytes before ``chunk`` they begin."""
        if unit_bytes(self._encoding) > 1 or (not self._held and b"\0" not in chunk):
            return units(chunk, self._encoding), 0
        data = self._held + chunk
        before = len(self._held)
        folded, size = _fold(data, last=len(data) > LONGEST)
        self._held = data[size:]
        return np.frombuffer(folded, np.uint8), before
