"""Cut a text source that is larger than memory where a cut harms least."""

from __future__ import annotations

import codecs

import numpy as np

from taoxi.normalize.codec import break_offsets, unit_bytes

TEXT_WINDOW = 64 << 20
"""Bytes of a text source that are split into documents at once. It is part of the result, so no option changes it."""

DELIMITER_BYTES = 256
"""Bytes up to which a line may be a delimiter: 80 characters of three bytes, or 64 in UTF-32."""


def cut_window(data: bytes, encoding: str) -> int:
    """Return where in a full window the next one begins: before a delimiter line, else behind an empty line, else
    behind a line break, each in the last quarter of the window, else between two characters.

    Args:
        data: the window, from the start of a line or at least of a character.
        encoding: the codec of the source.
    """
    width = unit_bytes(encoding)
    size = len(data) // width * width
    tail = size - size // 4 // width * width
    ends = break_offsets(data[tail:size], encoding) + tail
    ends = ends[_ends_line(data, ends, width)]
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


def _ends_line(data: bytes, ends: np.ndarray, width: int) -> np.ndarray:
    """Return which breaks end a line for sure: a carriage return does not before a line feed or at the very end."""
    raw = np.frombuffer(data, np.uint8)
    # The unit's one byte that is not zero lies first or last in it, so the sum over the unit is the unit itself.
    last = sum(raw[ends - place].astype(np.int64) for place in range(1, width + 1))
    following = np.zeros(len(ends), np.int64)
    inside = ends + width <= len(data)
    following[inside] = sum(raw[ends[inside] + place] for place in range(width))
    return (last != ord("\r")) | (inside & (following != ord("\n")))


def _between_characters(data: bytes, encoding: str) -> int:
    """Return the last place that a character ends at."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    decoder.decode(data)
    pending, _ = decoder.getstate()
    return len(data) - len(pending)
