"""Cut a text source that is larger than memory where a cut harms least."""

from __future__ import annotations

import codecs

import numpy as np
import numpy.typing as npt

from taoxi.normalize.encodings.codec import break_offsets, unit_bytes, units

TEXT_WINDOW = 64 << 20
"""Bytes of a text source that are split into documents at once. It is part of the result, so no option changes it."""

DELIMITER_BYTES = 256
"""Bytes up to which a line may be a delimiter: 80 characters of three bytes, or 64 in UTF-32."""


def cut_window(data: bytes, encoding: str) -> int:
    """Return where in a full window the next one begins.

    That is the last such place in the last quarter of the window: before a delimiter line, else behind an empty line,
    else behind a line break; and the last place between two characters if there is not even a break.

    Args:
        data: the window, from the start of a line or at least of a character.
        encoding: the codec of the source.
    """
    width = unit_bytes(encoding)
    size = len(data) // width * width
    tail = size - size // 4 // width * width
    ends = _line_ends(data[tail:size], encoding) + tail
    if not len(ends):
        return _between_characters(data[:size], encoding)
    lengths = np.diff(ends)
    for place in np.flatnonzero((lengths > width) & (lengths <= DELIMITER_BYTES))[::-1].tolist():
        start, end = int(ends[place]), int(ends[place + 1])
        line = data[start:end].decode(encoding, "replace").strip()
        if line and not any(map(str.isalnum, line)):
            return start
    empty = np.flatnonzero(lengths <= 2 * width)
    for place in empty[::-1].tolist():
        if not data[int(ends[place]) : int(ends[place + 1])].decode(encoding, "replace").strip():
            return int(ends[place + 1])
    return int(ends[-1])


def _line_ends(data: bytes, encoding: str) -> npt.NDArray[np.int64]:
    """Return where lines end for sure: not behind a carriage return that a line feed follows, or may follow."""
    width = unit_bytes(encoding)
    found = units(data, encoding)
    ends = break_offsets(data, encoding) // width
    following = np.append(found, found.dtype.type(ord("\n")))[ends]
    sure: npt.NDArray[np.bool_] = (found[ends - 1] != ord("\r")) | (following != ord("\n"))
    return ends[sure] * width


def _between_characters(data: bytes, encoding: str) -> int:
    """Return the last place that a character ends at."""
    width = unit_bytes(encoding)
    if len(data) > width and units(data[-width:], encoding)[0] == ord("\r"):
        return len(data) - width  # a line feed may follow, and belongs to it
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    decoder.decode(data)
    pending, _ = decoder.getstate()
    return len(data) - len(pending)
