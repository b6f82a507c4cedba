"""Buckets of documents that share all values of a band of their signatures: chained hash tables (Numba).

The tables hold numbers of documents only: the values of a band are compared in the signatures themselves, so a hash
collision is never taken for a shared bucket. Of each family a bucket has one document (``taoxi.dedup.families``).
"""

from __future__ import annotations

import numpy as np

from taoxi.dedup.minhash import BANDS, ROWS, matches
from taoxi.normalize.kernel import part
from taoxi.normalize.utf8 import Array, Number


@part
def _bucket(signature: Array, band: Number, mask: Number) -> Number:
    h = np.uint64(band + 1) * np.uint64(0x9E3779B97F4A7C15)
    for k in range(band * ROWS, band * ROWS + ROWS):
        h = (h ^ np.uint64(signature[k])) * np.uint64(0xC2B2AE3D27D4EB4F)
        h ^= h >> np.uint64(29)
    return h & mask


@part
def _same_band(left: Array, right: Array, band: Number) -> bool:
    for k in range(band * ROWS, band * ROWS + ROWS):  # noqa: SIM110 - numba compiles no generator
        if left[k] != right[k]:
            return False
    return True


@part
def share_bucket(left: Array, right: Array) -> bool:
    """Tell whether two signatures have all values of a band in common."""
    for band in range(BANDS):  # noqa: SIM110 - numba compiles no generator
        if _same_band(left, right, band):
            return True
    return False


@part
def mates(
    document: Number,
    kept: Array,
    signatures: Array,
    heads: Array,
    links: Array,
    stamps: Array,
    needed: Number,
    found: Array,
) -> Number:
    """Write the bucket mates that agree in so many values as ``needed``: their places and in how many; return how many.

    Those that agree most come first, and of equals the one kept first. ``stamps`` notes whom a document has met.
    ``heads`` has for each bucket of a band the place kept last, plus one, and ``links`` the one before it.
    """
    own = signatures[document]
    mask = np.uint64(heads.shape[1] - 1)
    count = 0
    for band in range(BANDS):
        other = np.int64(heads[band, _bucket(own, band, mask)]) - 1
        while other >= 0:
            if stamps[other] != document + 1 and _same_band(own, signatures[kept[other]], band):
                stamps[other] = document + 1
                equal = np.int64(matches(own, signatures[kept[other]]))
                if equal >= needed:
                    at = count
                    while at and (found[at - 1, 1] < equal or (found[at - 1, 1] == equal and found[at - 1, 0] > other)):
                        found[at] = found[at - 1]
                        at -= 1
                    found[at, 0], found[at, 1] = other, equal
                    count += 1
            other = np.int64(links[band, other]) - 1
    return count


@part
def insert(kept: Array, signatures: Array, place: Number, first: Array, heads: Array, links: Array) -> None:
    """Put a kept document into the bucket of each of its bands, but for those that have one of its family."""
    own = signatures[kept[place]]
    mask = np.uint64(heads.shape[1] - 1)
    for band in range(BANDS):
        bucket = _bucket(own, band, mask)
        there = False
        if first[place] != place:
            other = np.int64(heads[band, bucket]) - 1
            while other >= 0 and not there:
                there = first[other] == first[place] and _same_band(own, signatures[kept[other]], band)
                other = np.int64(links[band, other]) - 1
        if not there:
            links[band, place] = heads[band, bucket]
            heads[band, bucket] = place + 1
