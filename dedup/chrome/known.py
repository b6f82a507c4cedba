"""The lines that pages of a site share, as the table in which each line of a page is looked up."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from taoxi.normalize.kernel import kernel, part
from taoxi.normalize.utf8 import Array, Number, frozen

CHROME, AT_TOP, AT_BOTTOM, HEADS, WIDE, SURE = (np.uint8(1 << bit) for bit in range(6))
"""What is known of a line: it is chrome; in headers; in footers; a changing list follows; most pages have it, at least
``BROAD_PAGES``; eight in ten of many pages have it."""


@dataclass(frozen=True, slots=True)
class Known:
    """The lines that pages share, as an open-addressing hash table of n slots.

    ``keys`` (uint64, 0: free) are hashes of site and line, ``codes`` (uint8) what is known of each, ``pages`` (uint32)
    how many contents of the site have it. Line 0 of a site holds how many contents the site has.
    """

    keys: NDArray[np.uint64]
    codes: NDArray[np.uint8]
    pages: NDArray[np.uint32]

    @classmethod
    def of(cls, hashes: NDArray[np.uint64], codes: NDArray[np.uint8], pages: NDArray[np.uint32]) -> Self:
        """Return the table of n lines: their hashes, what is known of them, and their contents."""
        size = 16
        while size < 2 * len(hashes) + 2:
            size *= 2
        table = np.zeros(size, np.uint64), np.zeros(size, np.uint8), np.zeros(size, np.uint32)
        _fill(frozen(hashes), frozen(codes), frozen(pages), *table)
        return cls(*(frozen(array) for array in table))

    def save(self, path: Path) -> None:
        """Write the table to a file."""
        with path.open("wb") as file:
            for array in (self.keys, self.codes, self.pages):
                np.save(file, array)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the table from a file."""
        with path.open("rb") as file:
            return cls(*(frozen(np.load(file)) for _ in range(3)))


@part
def _slot(line: Number, keys: Array) -> Number:
    """Return the slot of a line, or the free one that it would get."""
    mask = np.uint64(len(keys) - 1)
    slot = line & mask
    while keys[slot] != 0 and keys[slot] != line:
        slot = (slot + np.uint64(1)) & mask
    return slot


@kernel
def _fill(hashes: Array, codes: Array, pages: Array, keys: Array, values: Array, counts: Array) -> None:
    for k in range(len(hashes)):
        slot = _slot(hashes[k], keys)
        keys[slot] = hashes[k]
        values[slot] |= codes[k]
        counts[slot] = max(counts[slot], pages[k])


@part
def look_up(line: Number, keys: Array, values: Array) -> Number:
    """Return what ``Known`` says of a line: its ``codes`` or its ``pages``, 0 if pages do not share it."""
    return values[_slot(line, keys)]
