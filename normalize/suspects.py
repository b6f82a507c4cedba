"""One pass over UTF-8 that says which texts may hold mojibake or entities (Numba).

Each code point of the basic plane has two bytes of marks: the low one says which kinds of suspect may begin with it,
the high one which may go on with it. A text is suspect of a kind when a character that goes on stands right behind one that
begins, so one table look-up and three bit operations a character answer for all kinds at once.

Measured on 115 MB of clean Chinese on one core: 2 GB/s and more.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from taoxi.normalize.kernel import kernel
from taoxi.normalize.misread import LEADS, NARROW, WIDE, high_bytes, wide_classes
from taoxi.normalize.utf8 import Array, Bytes, Offsets, frozen, unsigned_point

ENTITY, LOST = 1, 2
"""Kinds of suspect: what may be an entity, and what says that text was lost."""

_WESTERN, _LEGACY, _CYRILLIC, _FIRST_WIDE = 4, 8, 16, 32

MISREADINGS = 0xFF & ~(ENTITY | LOST)
"""What may be mojibake, a bit for each family: that one of them begins and another one goes on means nothing."""


@cache
def marks() -> NDArray[np.uint16]:
    """Return the marks of each code point of the basic plane (uint16, 65,536)."""
    begins = np.zeros(1 << 16, np.uint8)
    goes_on = np.zeros(1 << 16, np.uint8)
    begins[ord("&")] |= ENTITY
    goes_on[[ord("#"), *range(0x41, 0x5B), *range(0x61, 0x7B)]] |= ENTITY
    begins |= LOST
    goes_on[[0xFFFD, ord("锟"), ord("烫"), ord("屯")]] |= LOST
    for encoding in NARROW:
        kind = _CYRILLIC if encoding in {"cp1251", "koi8-r"} else _WESTERN
        for char, byte in high_bytes(encoding).items():
            leads = LEADS.get(encoding, range(0xC2, 0xF5))
            begins[ord(char)] |= kind * (byte in leads)
            goes_on[ord(char)] |= kind * (0x80 <= byte <= 0xBF)
    for char in high_bytes("cp1252"):
        begins[ord(char)] |= _LEGACY
        goes_on[ord(char)] |= _LEGACY
    for char in "·×°±§«»‘’“”–—…•":
        begins[ord(char)] &= ~np.uint8(_LEGACY)  # they meet in every text
    for number, encoding in enumerate(WIDE):
        kind = _FIRST_WIDE << min(number, 2)
        first, then = wide_classes(encoding)
        begins[list(map(ord, first))] |= kind
        goes_on[list(map(ord, then))] |= kind
    return begins.astype(np.uint16) | goes_on.astype(np.uint16) << 8


def suspects(utf8: Bytes, offsets: Offsets) -> NDArray[np.uint8]:
    """Return what each of n texts that stand one after another in valid UTF-8 is suspect of (bits, uint8, n)."""
    kinds = np.zeros(len(offsets) - 1, np.uint8)
    _suspects(frozen(utf8), frozen(offsets), frozen(marks()), kinds)
    return kinds


@kernel
def _suspects(data: Bytes, offsets: Offsets, table: Array, kinds: Bytes) -> None:
    for text in range(len(kinds)):
        place, end = np.uint64(offsets[text]), np.uint64(offsets[text + 1])
        found = np.uint16(0)
        before = np.uint16(0xFF)
        while place < end:
            point, place = unsigned_point(data, place)
            mark = table[point & np.uint64(0xFFFF)]
            found |= before & (mark >> np.uint16(8))
            before = mark
        kinds[text] = np.uint8(found)
