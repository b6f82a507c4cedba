"""Lift the text out of JSON lines without making objects of it (Numba).

A text is most of its line. Python would decode it, copy it, encode it again and copy it once more; here its bytes go
straight from the line into one buffer, and what is left of the line (a *shell*: the same object with an empty text)
is small enough for orjson, which also checks it. A line that is not quite as expected is left to the ordinary parser:
this module only has to be right about the lines that it takes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from taoxi.normalize.kernel import kernel, part
from taoxi.normalize.utf8 import Bytes, Number, Offsets, append

_QUOTE, _BACKSLASH, _OPEN, _CLOSE, _COMMA, _COLON = (np.int64(ord(char)) for char in '"\\{},:')
_OPEN_LIST, _CLOSE_LIST = np.int64(ord("[")), np.int64(ord("]"))


_SPECIAL = np.array([byte < 32 or byte in b'"\\' for byte in range(256)])
"""Bytes that do not stand for themselves within a string."""

_BLOCK = np.uint64(64)
"""Bytes of a text that are copied at once; what stands behind the first special one is written over later."""


@dataclass(frozen=True, slots=True)
class Lifted:
    """What n lines came to.

    ``shells`` is a JSON array of their objects with an empty text, null for a line that was not understood. ``text``
    (uint8) holds the texts in UTF-8, bounded by ``bounds`` (int64, n+1).
    """

    shells: memoryview
    text: Bytes
    bounds: Offsets


def lift(data: bytes, starts: Offsets, ends: Offsets, name: str) -> Lifted:
    """Lift the string called ``name`` out of each line.

    Args:
        data: lines in valid UTF-8.
        starts: where the n lines begin (int64, bytes), in order.
        ends: where they end.
        name: the member that holds the text; a line without it, or with another kind of value, is not taken.
    """
    count = len(starts)
    shells = np.empty(len(data) + 5 * count + 2, np.uint8)
    text = np.empty(len(data), np.uint8)
    bounds = np.zeros(count + 1, np.int64)
    key = np.frombuffer(name.encode(), np.uint8)
    size = _lift(np.frombuffer(data, np.uint8), starts, ends, key, shells, text, bounds)
    return Lifted(shells[:size].data, text[: bounds[-1]], bounds)


@part
def _blank(data: Bytes, at: Number, end: Number) -> Number:
    """Return where the next byte stands that is no white space."""
    while at < end and (data[at] == 32 or 9 <= data[at] <= 10 or data[at] == 13):
        at += 1
    return at


@part
def _string_end(data: Bytes, at: Number, end: Number) -> Number:
    """Return where the string that starts at ``at`` is closed, -1 if nowhere."""
    at += 1
    while at < end:
        if data[at] == _QUOTE:
            return at
        at += 2 if data[at] == _BACKSLASH else 1
    return -1


@part
def _value_end(data: Bytes, at: Number, end: Number) -> Number:
    """Return the end of the value that starts at ``at``, -1 if there is none; orjson checks it later."""
    depth = 0
    while at < end:
        byte = data[at]
        if byte == _QUOTE:
            at = _string_end(data, at, end)
            if at < 0:
                return -1
        elif byte in (_OPEN, _OPEN_LIST):
            depth += 1
        elif byte in (_CLOSE, _CLOSE_LIST):
            if depth == 0:
                return at
            depth -= 1
        elif byte == _COMMA and depth == 0:
            return at
        at += 1
    return -1


@part
def _hex(data: Bytes, at: Number, end: Number) -> Number:
    """Return the value of the four hexadecimal digits at ``at``, -1 if they are not there."""
    if at + 4 > end:
        return -1
    value: Number = 0
    for k in range(at, at + 4):
        byte = np.int64(data[k])
        if 48 <= byte <= 57:
            digit = byte - 48
        elif 65 <= byte <= 70 or 97 <= byte <= 102:
            digit = (byte & 0x0F) + 9
        else:
            return -1
        value = value << 4 | digit
    return value


@part
def _escape(data: Bytes, at: Number, end: Number, out: Bytes, size: Number) -> tuple[Number, Number]:
    """Write the character of the escape at ``at``; return where text and output go on, or -1 for one that is odd."""
    byte = data[at + 1] if at + 1 < end else np.uint8(0)
    if byte in (_QUOTE, _BACKSLASH, 0x2F):
        out[size] = byte
        return at + 2, size + 1
    for k in range(5):
        if byte == (0x62, 0x66, 0x6E, 0x72, 0x74)[k]:
            out[size] = (0x08, 0x0C, 0x0A, 0x0D, 0x09)[k]
            return at + 2, size + 1
    point = _hex(data, at + 2, end) if byte == 0x75 else -1
    at += 6
    if 0xD800 <= point < 0xDC00 and at + 1 < end and data[at] == _BACKSLASH and data[at + 1] == 0x75:
        low = _hex(data, at + 2, end)
        point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00) if 0xDC00 <= low < 0xE000 else -1
        at += 6
    if point <= 0 or 0xD800 <= point < 0xE000:
        return -1, size  # NUL and halves of pairs are problems to tell
    if point < 0x80:
        out[size] = point
        return at, size + 1
    lead = 2 if point < 0x800 else 3 if point < 0x10000 else 4
    for k in range(lead - 1, 0, -1):
        out[size + k] = 0x80 | point & 0x3F
        point >>= 6
    out[size] = (0xF00 >> lead & 0xFF) | point
    return at, size + lead


@part
def _copied(data: Bytes, place: Number, out: Bytes, to: Number) -> bool:
    """Copy ``_BLOCK`` bytes; return whether all of them stand for themselves. Every value is a byte, for vectors."""
    u8 = np.uint8
    special = u8(0)
    for k in range(_BLOCK):
        byte = data[place + k]
        out[to + k] = byte
        special = u8(special | u8(u8(byte < u8(32)) | u8(u8(byte == u8(34)) | u8(byte == u8(92)))))
    return bool(special == u8(0))


@part
def _text(data: Bytes, at: Number, end: Number, out: Bytes, size: Number) -> tuple[Number, Number]:
    """Write the string whose first character stands at ``at``; return where it is closed (-1: odd), and the size."""
    while at < end:
        # Unsigned: for a signed index numba asks each time whether it counts from the end (three times as slow).
        place, last, shift = np.uint64(at), np.uint64(end), np.uint64(size) - np.uint64(at)
        while place + _BLOCK <= last and _copied(data, place, out, place + shift):
            place += _BLOCK
        while place < last and not _SPECIAL[data[place]]:
            out[place + shift] = data[place]
            place += np.uint64(1)
        size += np.int64(place) - at
        at = np.int64(place)
        if at == end or data[at] < 32:
            return -1, size
        if data[at] == _QUOTE:
            return at, size
        at, size = _escape(data, at, end, out, size)
        if at < 0:
            return -1, size
    return -1, size


@part
def _same(data: Bytes, at: Number, key: Bytes) -> bool:
    for k in range(len(key)):  # noqa: SIM110 - numba compiles no generator
        if data[at + k] != key[k]:
            return False
    return True


@part
def _object(  # noqa: PLR0911 - each oddity ends it
    data: Bytes, at: Number, end: Number, key: Bytes, out: Bytes, size: Number
) -> tuple[Number, Number, Number]:
    """Find the text of the object in ``[at, end)``; return its bounds (-1: odd) and the size of the output."""
    first, last = -1, -1
    at = _blank(data, at, end)
    if at >= end or data[at] != _OPEN:
        return -1, -1, size
    while True:
        at = _blank(data, at + 1, end)
        close = _string_end(data, at, end) if at < end and data[at] == _QUOTE else -1
        if close < 0:
            return -1, -1, size
        wanted = close - at - 1 == len(key) and _same(data, at + 1, key)
        at = _blank(data, close + 1, end)
        if at >= end or data[at] != _COLON:
            return -1, -1, size
        at = _blank(data, at + 1, end)
        if wanted:
            if first >= 0 or at >= end or data[at] != _QUOTE:
                return -1, -1, size
            first = at + 1
            last, size = _text(data, first, end, out, size)
            at = _blank(data, last + 1, end) if last >= 0 else end
        else:
            at = _value_end(data, at, end)
        if at < 0 or at >= end:
            return -1, -1, size
        if data[at] == _CLOSE:
            return (first, last, size) if _blank(data, at + 1, end) == end else (-1, -1, size)
        if data[at] != _COMMA:
            return -1, -1, size


@kernel
def _lift(
    data: Bytes, starts: Offsets, ends: Offsets, key: Bytes, shells: Bytes, text: Bytes, bounds: Offsets
) -> Number:
    size = 0
    for line in range(len(starts)):
        shells[size] = _OPEN_LIST if line == 0 else _COMMA
        size += 1
        start, end = starts[line], ends[line]
        first, last, used = _object(data, start, end, key, text, bounds[line])
        if first < 0:
            for char in (0x6E, 0x75, 0x6C, 0x6C):
                shells[size] = char
                size += 1
            bounds[line + 1] = bounds[line]
            continue
        bounds[line + 1] = used
        size = append(data, start, first, shells, size)
        size = append(data, last, end, shells, size)
    shells[size] = _CLOSE_LIST
    return size + 1
