"""Which texts may hold mojibake or entities, so that no other is looked at in Python (Numba).

The first pass compares bytes only, which compilers turn into vector code: it finds what clean Chinese hardly ever
holds. Measured at 2 GB/s on 115 MB of Chinese on one core, one document in fifty to look at again.

The second pass goes over the characters of what is left. Each code point of the basic plane has four bytes of
marks, with a bit for each kind of suspect: may it begin one, complete one behind such a beginning, stand in the
middle of one of three, end one of three. So one look-up and a few bit operations a character answer for all kinds.
"""

from __future__ import annotations

import dataclasses
from functools import cache

import numpy as np
from numpy.typing import NDArray

from taoxi.normalize.kernel import kernel
from taoxi.normalize.repairs.misread import LEADS, NARROW, WIDE, high_bytes, wide_classes
from taoxi.normalize.repairs.plausible import OTHER_LEVEL, costs
from taoxi.normalize.utf8 import Array, Bytes, Number, Offsets, frozen, unsigned_point

_REPLACED, _FILLED, NARROW_KIND = 2, 4, 8

ENTITY, LOST, LEGACY_KIND = 1, _REPLACED | _FILLED, 16
"""Kinds of suspect: what may be an entity, what says that text was lost, legacy text in Windows-1252."""

_U8 = np.uint8

WIDE_KINDS = (32, 64)

MISREADINGS = NARROW_KIND | LEGACY_KIND | sum(set(WIDE_KINDS))
"""What may be mojibake, a bit for each family: that one of them begins and another one goes on means nothing."""


@cache
def marks() -> NDArray[np.uint32]:
    """Return the marks of each code point of the basic plane (uint32, 65,536)."""
    begins = np.zeros(1 << 16, np.uint8)
    goes_on, joins, ends = (np.zeros(1 << 16, np.uint8) for _ in range(3))
    rare = np.frombuffer(costs(), np.uint8)
    begins[ord("&")] |= ENTITY
    goes_on[[ord("#"), *range(0x41, 0x5B), *range(0x61, 0x7B)]] |= ENTITY
    begins |= _REPLACED
    goes_on[0xFFFD] |= _REPLACED
    for char in "锟斤拷烫屯":
        begins[ord(char)] |= _FILLED
        goes_on[ord(char)] |= _FILLED
    for encoding in NARROW:
        for char, byte in high_bytes(encoding).items():
            leads = LEADS.get(encoding, range(0xC2, 0xF5))
            begins[ord(char)] |= NARROW_KIND * (byte in leads)
            goes_on[ord(char)] |= NARROW_KIND * (0x80 <= byte <= 0xBF)
    for char in high_bytes("cp1252"):
        begins[ord(char)] |= LEGACY_KIND
        goes_on[ord(char)] |= LEGACY_KIND
    for char in "·×°±§«»‘’“”–—…•":
        begins[ord(char)] &= ~np.uint8(LEGACY_KIND)  # they meet in every text
    for kind, encoding in zip(WIDE_KINDS, WIDE, strict=True):
        classes = wide_classes(encoding)
        first, last, middle, then = (np.array(list(map(ord, chars))) for chars in dataclasses.astuple(classes))
        begins[first[rare[first] >= OTHER_LEVEL]] |= kind
        goes_on[last[rare[last] >= OTHER_LEVEL]] |= kind
        joins[middle] |= kind
        ends[then] |= kind
    table = np.zeros(1 << 16, np.uint32)
    for k, part in enumerate((begins, goes_on, joins, ends)):
        table |= part.astype(np.uint32) << np.uint32(8 * k)
    return table


def suspects(utf8: Bytes, offsets: Offsets) -> NDArray[np.uint8]:
    """Return what each of n texts that stand one after another in valid UTF-8 is suspect of (bits, uint8, n)."""
    kinds = np.zeros(len(offsets) - 1, np.uint8)
    data, bounds = frozen(utf8), frozen(offsets)
    _telltale(data, bounds, kinds)
    if kinds.any():
        _pairs(data, bounds, frozen(marks()), kinds)
    return kinds


@kernel
def _telltale(data: Bytes, offsets: Offsets, kinds: Bytes) -> None:
    """Mark the texts that hold three bytes which clean Chinese hardly ever has; compilers make vector code of this."""
    two = np.uint64(2)
    for text in range(len(kinds)):
        start, end = np.uint64(offsets[text]), np.uint64(offsets[text + 1])
        if start + two >= end:
            continue
        found = _U8(0)
        for at in range(start, end - two):
            a, b, c = data[at], data[at + np.uint64(1)], data[at + two]
            # An ampersand before # or a letter.
            found |= _U8(a == 0x26) & (_U8(b == 0x23) | _U8(b >= 0x41))
            # A character of two bytes, but for the middle dot, before one of several; √ before one of two.
            found |= _U8(a >= 0xC2) & _U8(a < 0xE0) & _U8(c >= 0xC2) & _U8(b != 0xB7)
            found |= _U8(a == 0x88) & _U8(b == 0x9A) & _U8(c >= 0xC2) & _U8(c < 0xC4)
            # U+9280 to U+947F and U+9580 to U+95BF, half of what UTF-8 becomes in GBK; 锛 锟 涓 浜 鎴 璇 beside.
            found |= _U8(a == 0xE9) & (_U8(b >= 0x8A) & _U8(b < 0x92) | _U8(b == 0x96) | _U8(b == 0x88))
            found |= _U8(a == 0xE9) & _U8(b == 0x94) & (_U8(c == 0x9B) | _U8(c == 0x9F))
            found |= _U8(a == 0xE6) & (_U8(b == 0xB6) & _U8(c == 0x93) | _U8(b == 0xB5) & _U8(c == 0x9C))
            found |= _U8(a == 0xE6) & _U8(b == 0x88) & _U8(c == 0xB4)
            found |= _U8(a == 0xE7) & _U8(b == 0x92) & _U8(c == 0x87)
            # U+5B00 to U+5B3F, U+5D80 to U+5DBF, U+7000 to U+703F.
            found |= _U8(a == 0xE5) & (_U8(b == 0xAC) | _U8(b == 0xB6)) | _U8(a == 0xE7) & _U8(b == 0x80)
            # U+7E00 to U+7E7F but for 繁: kana of UTF-8 in code page 932.
            found |= _U8(a == 0xE7) & (_U8(b == 0xB8) | _U8(b == 0xB9) & _U8(c != 0x81))
            # 屯屯, 烫烫: the end of one and the start of the next.
            found |= _U8(a == 0xAF) & _U8(b == 0xE5) & _U8(c == 0xB1) | _U8(a == 0xAB) & _U8(b == 0xE7) & _U8(c == 0x83)
            # Private use, compatibility forms, half-width kana, U+FFFD.
            found |= _U8(a == 0xEE)
            found |= _U8(a == 0xEF) & (
                _U8(b >= 0xA3) & _U8(b < 0xA8) | _U8(b >= 0xBE) | _U8(b == 0xBD) & _U8(c >= 0xA1)
            )
        kinds[text] = found


@kernel
def _pairs(data: Bytes, offsets: Offsets, table: Array, kinds: Bytes) -> None:
    """Say of the texts that are marked which kinds of suspect they hold."""
    for text in range(len(kinds)):
        if not kinds[text]:
            continue
        place, end = np.uint64(offsets[text]), np.uint64(offsets[text + 1])
        found: Number = np.uint32(0)
        half: Number = np.uint32(0)
        before: Number = np.uint32(0xFF)
        while place < end:
            point, place = unsigned_point(data, place)
            mark = table[point] if point < np.uint64(0x10000) else np.uint32(0)
            found |= (before & (mark >> np.uint32(8))) | (half & (mark >> np.uint32(24)))
            half = before & (mark >> np.uint32(16))
            before = mark
        kinds[text] = np.uint8(found & np.uint32(0xFF))
