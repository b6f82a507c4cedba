"""Turn clean bytes of codecs of one and two bytes a character into UTF-8, several times as fast as Python (Numba).

The characters are Python's own, asked for once. Whatever is not one byte or one pair that stands for one character
(four bytes of GB18030, three of EUC-JP, the letters of Big5-HKSCS with two marks, damage) is left to Python.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from taoxi.normalize.encodings.codec import MULTIBYTE
from taoxi.normalize.encodings.likelihood import characters
from taoxi.normalize.kernel import kernel
from taoxi.normalize.utf8 import Bytes, Number

Points = NDArray[np.uint16]

NONE = 0xFFFF
"""Stands for no character; the code point is none."""

MOST = 3
"""Bytes that one byte becomes at most: half-width katakana of Shift_JIS are one byte each."""


def transcode(data: bytes, encoding: str) -> bytes | None:
    r"""Return the characters of ``data`` as UTF-8, None if Python has to read them.

    >>> transcode("工作 ok".encode("gb18030"), "gb18030").decode(), transcode(b"\xff", "gb18030")
    ('工作 ok', None)
    """
    if encoding not in MULTIBYTE:
        return None
    out = np.empty(MOST * len(data), np.uint8)
    size = to_utf8(np.frombuffer(data, np.uint8), *_points(encoding), out)
    return None if size < 0 else out[:size].tobytes()


@cache
def _points(encoding: str) -> tuple[Points, Points]:
    """Return the code points of single bytes and of pairs (first * 256 + second)."""
    singles = np.full(256, NONE, np.uint16)
    for byte in range(256):
        char = bytes((byte,)).decode(encoding, "ignore")
        if char:
            singles[byte] = ord(char)
    pairs = np.full(1 << 16, NONE, np.uint16)
    slots, chars = characters(encoding, tuple(bytes((lead,)) for lead in range(0x80, 0x100) if singles[lead] == NONE))
    alone = (chars[0] == chars[1]) & (chars[0] < NONE)
    pairs[slots[alone]] = chars[0, alone]
    return singles, pairs


@kernel
def to_utf8(data: Bytes, singles: Points, pairs: Points, out: Bytes) -> Number:
    """Fill ``out`` with the characters of ``data``; return how many bytes they take, -1 if one has no code point.

    Args:
        data: bytes (uint8).
        singles: the code point of each byte that is a character (uint16, 256), ``NONE`` of others.
        pairs: the code point of each pair (uint16, 65,536), ``NONE`` of others.
        out: ``MOST`` times as many bytes (uint8).
    """
    at = np.uint64(0)
    end = np.uint64(len(data))
    to = np.uint64(0)
    one = np.uint64(1)
    two = np.uint64(2)
    while at < end:
        byte = np.uint64(data[at])
        if byte < 0x80:
            if singles[byte] != byte:
                return -1
            out[to] = byte
            at += one
            to += one
            continue
        point = np.uint64(singles[byte])
        at += one
        if point == NONE:
            if at == end:
                return -1
            point = np.uint64(pairs[byte << np.uint64(8) | np.uint64(data[at])])
            at += one
            if point == NONE:
                return -1
        last = np.uint64(0x80) | point & np.uint64(0x3F)
        if point >= 0x800:
            out[to] = np.uint64(0xE0) | point >> np.uint64(12)
            out[to + one] = np.uint64(0x80) | point >> np.uint64(6) & np.uint64(0x3F)
            out[to + two] = last
            to += two + one
        elif point >= 0x80:
            out[to] = np.uint64(0xC0) | point >> np.uint64(6)
            out[to + one] = last
            to += two
        else:
            out[to] = point
            to += one
    return np.int64(to)
