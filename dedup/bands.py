"""Which of many signatures share a bucket with one of a few: what a run asks of all documents that were ever kept.

A bucket is one of ``BANDS`` bands with the values in it (``taoxi.dedup.minhash``). Its key has 32 bits, so that two
buckets may have one key: whoever is found is compared value by value afterwards.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from taoxi.dedup.minhash import BANDS, ROWS
from taoxi.normalize.kernel import kernel, part
from taoxi.normalize.utf8 import Array, Number, frozen

_FREE = np.uint64(0)


def band_keys(signatures: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Return the keys of the buckets of n signatures (uint32, n by ``BANDS``)."""
    keys = np.empty((len(signatures), BANDS), np.uint32)
    _keys(frozen(np.asarray(signatures)), keys)
    return keys


class Buckets:
    """A set of buckets, by band and key, in an open-addressing hash table of 8 bytes a slot, half of them free."""

    def __init__(self, signatures: int) -> None:
        """Make room for the buckets of so many signatures."""
        slots = 16
        while slots < 2 * BANDS * signatures:
            slots *= 2
        self._slots = np.full(slots, _FREE)

    def add(self, keys: NDArray[np.uint32]) -> None:
        """Add the buckets of n signatures (uint32, n by ``BANDS``)."""
        _add(frozen(keys), self._slots)

    def hit(self, keys: NDArray[np.uint32]) -> NDArray[np.bool_]:
        """Return which of n signatures (uint32, n by ``BANDS``) have a bucket of the set (bool, n)."""
        found = np.zeros(len(keys), np.bool_)
        _hit(frozen(keys), self._slots, found)
        return found


@part
def _mixed(band: Number, key: Number) -> Number:
    """Return band and key as one number, which is never 0."""
    return (np.uint64(band + 1) << np.uint64(32)) | np.uint64(key)


@part
def _place(value: Number, slots: Array) -> Number:
    """Return the slot of a value, or the free one that it would get."""
    mask = np.uint64(len(slots) - 1)
    slot = (value * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(20) & mask
    while slots[slot] != 0 and slots[slot] != value:
        slot = (slot + np.uint64(1)) & mask
    return slot


@kernel
def _keys(signatures: Array, keys: Array) -> None:
    for row in range(len(signatures)):
        for band in range(BANDS):
            h = np.uint64(band + 1) * np.uint64(0x9E3779B97F4A7C15)
            for k in range(band * ROWS, band * ROWS + ROWS):
                h = (h ^ np.uint64(signatures[row, k])) * np.uint64(0xC2B2AE3D27D4EB4F)
                h ^= h >> np.uint64(29)
            keys[row, band] = np.uint32(h >> np.uint64(32))


@kernel
def _add(keys: Array, slots: Array) -> None:
    for row in range(len(keys)):
        for band in range(BANDS):
            value = _mixed(band, keys[row, band])
            slots[_place(value, slots)] = value


@kernel
def _hit(keys: Array, slots: Array, found: Array) -> None:
    for row in range(len(keys)):
        for band in range(BANDS):
            value = _mixed(band, keys[row, band])
            if slots[_place(value, slots)] == value:
                found[row] = True
                break
