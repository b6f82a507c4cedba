"""The form of a line: its flags, its signs, how dates and headings look, and what is kept of the lines of a batch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from taoxi.dedup.fold import table
from taoxi.normalize.kernel import part
from taoxi.normalize.utf8 import Bytes, Number, unsigned_point

REASON_MASK, STRENGTH_SHIFT, STRENGTH_MASK = 15, 4, 3
"""Of the lexicon: a ``Reason`` in the lowest four bits of a line's flags, its strength in the next two."""

PROSE, HEADING, CODE, DATE, LABELS, CRUMB, BARE, LISTING, LONG, OPEN, NUMBERS, KEPT, VALUE, CALL = (
    np.uint32(1 << bit) for bit in range(6, 20)
)
"""Flags of a line: reads like a sentence; begins like a numbered or Markdown heading; belongs to code or a table; is
a date; has labels; is a breadcrumb; holds no token; heads a list; is too long to be unknown chrome; ends with a sign
that leads to the next line; holds nothing but numbers; opens with words that are never chrome; is a label without
value; is one sentence that ends with ! or ?, as titles may."""

M1, M2, M3 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F), np.uint64(0x165667B19E3779F9)

_MONTHS = (
    "january february march april may june july august september october november december "
    "jan feb mar apr jun jul aug sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday "
    "mon tue wed thu fri sat sun am pm"
)
SIGNS = np.zeros(0x10000, np.uint8)
END_SIGN, COMMA_SIGN, COLON_SIGN, CRUMB_SIGN, BAR_SIGN, DOT_SIGN, CLOSE_SIGN, CALL_SIGN = range(1, 9)
for _chars, _value in (
    ("。;\uff1b…", END_SIGN),
    ("!\uff01?\uff1f", CALL_SIGN),
    (",\uff0c", COMMA_SIGN),
    (":\uff1a", COLON_SIGN),
    (">\uff1e»›→", CRUMB_SIGN),
    ("|\uff5c·•丨│¦", BAR_SIGN),
    (".", DOT_SIGN),
    ('”』」)\uff09"', CLOSE_SIGN),
):
    for _char in _chars:
        SIGNS[ord(_char)] = _value


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of n documents that are not empty, one after another.

    ``bounds`` (int64, n+1) are the first lines of the documents; ``starts`` and ``ends`` (int64) the bytes of a line in
    the buffer, with the empty lines behind it; ``hashes`` (uint64) the masked folds, ``exact`` (uint64) the folds with
    their digits, ``skeletons`` (uint64, 0: none), ``tokens`` (int32) and ``flags`` (uint32) as above.
    """

    bounds: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    hashes: NDArray[np.uint64]
    exact: NDArray[np.uint64]
    skeletons: NDArray[np.uint64]
    tokens: NDArray[np.int32]
    flags: NDArray[np.uint32]

    def __len__(self) -> int:
        """Return the number of lines."""
        return len(self.starts)

    @property
    def nbytes(self) -> int:
        """Return the bytes that all of it takes."""
        return sum(getattr(self, name).nbytes for name in self.__slots__)

    def save(self, path: Path) -> None:
        """Write all of it to a file."""
        with path.open("wb") as file:
            for name in self.__slots__:
                np.save(file, getattr(self, name))

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read it from a file."""
        with path.open("rb") as file:
            return cls(*(np.load(file) for _ in cls.__slots__))


def month_slots() -> NDArray[np.uint64]:
    """Return a hash table of the words that dates hold, in the hashes of words that the scan makes."""
    slots = np.zeros(1024, np.uint64)
    entries = table()
    for word in _MONTHS.split():
        value = np.uint64(0)
        with np.errstate(over="ignore"):
            for char in word:
                value = (value ^ np.uint64(entries[ord(char)])) * M3 + np.uint64(1)
            value = (value * M2) | np.uint64(1)
            slot = int(value >> np.uint64(54))
        while slots[slot]:
            slot = (slot + 1) % len(slots)
        slots[slot] = value
    return slots


@part
def mix(value: Number) -> Number:
    """Spread 64 bits (the finalizer of MurmurHash3)."""
    h = np.uint64(value)
    h = (h ^ (h >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    h = (h ^ (h >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return h ^ (h >> np.uint64(33))


@part
def heads(data: Bytes, start: Number, end: Number) -> bool:  # noqa: PLR0911 - one answer per form
    """Tell whether a line begins like a heading: 一、 (一) 第三章 1. 1.2 ## and such, but not a date."""
    at, stop = np.uint64(start), np.uint64(end)
    point, after = unsigned_point(data, at)
    if point == 0x23:
        while after < stop and data[after] == 0x23:
            after += np.uint64(1)
        return bool(after < stop and data[after] == 32)
    if point in (0x28, 0xFF08) and after < stop:
        point, after = unsigned_point(data, after)
        if _is_number(point):
            while after < stop and _is_number(point):
                point, after = unsigned_point(data, after)
            return bool(point in (0x29, 0xFF09))
        return False
    if point == 0x7B2C and after < stop:
        point, after = unsigned_point(data, after)
        numbers = 0
        while after < stop and _is_number(point):
            point, after = unsigned_point(data, after)
            numbers += 1
        return bool(numbers > 0 and point in (0x7AE0, 0x8282, 0x6761, 0x90E8, 0x7BC7, 0x7F16, 0x5377, 0x56DE))
    if not _is_number(point):
        return False
    digits = dots = 0
    while after < stop and (_is_number(point) or (point == 0x2E and digits > 0)):
        digits += point != 0x2E
        dots += point == 0x2E
        last = point
        point, after = unsigned_point(data, after)
        if last == 0x2E and not _is_number(point):
            return bool(digits <= 3)
    return bool(digits <= 3 and (point in (0x3001, 0xFF0E, 0x29, 0xFF09) or (point == 0x20 and dots > 0)))


@part
def _is_number(point: Number) -> bool:
    """Tell ASCII digits and 一 to 十, 百 and 零."""
    return bool(
        0x30 <= point <= 0x39
        or point in (0x4E00, 0x4E8C, 0x4E09, 0x56DB, 0x4E94, 0x516D, 0x4E03, 0x516B, 0x4E5D, 0x5341, 0x767E, 0x96F6)
    )


@part
def is_content(flags: Number) -> bool:
    """Tell lines that read like text from those that may be chrome by their form alone."""
    return bool(flags & (PROSE | LONG))
