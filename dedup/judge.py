"""Who stays: sequential greedy judgement against kept documents only.

Invariant (DESIGN, guarantees 2 and 3): documents are judged in one total order; a document goes iff a kept document before it

* has the same 128-bit hash of the fold (``exact``), or
* shares an LSH bucket with it and agrees in at least ``similarity`` of all signature values (``near``), or
* holds paragraphs that make up four fifths of its tokens (``contained``).

A removed document is never compared with again, so there are no chains, and the first of every cluster stays. Among several
kept documents the leader is the one that agrees most, and of equals the one earliest in the order.

Buckets are chained hash tables of document numbers only: the five values of a band are compared in the signatures
themselves, so a hash collision is never taken for a shared bucket.
"""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from taoxi.dedup.minhash import BANDS, PERMUTATIONS, ROWS, SHORTEST, matches
from taoxi.dedup.paragraphs import Shared
from taoxi.normalize.characters import Array

CONTAINED = 0.8
"""Share of a document's tokens that must be paragraphs of one kept document (DESIGN §5)."""


class Verdict(enum.IntEnum):
    """What the judge says of a document."""

    KEPT = 0
    EXACT = 1
    NEAR = 2
    CONTAINED = 3


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Verdicts on n documents: ``verdict`` (uint8), ``leader`` (int64 number of a kept document, -1 for none) and
    ``similarity`` (float64: 1 for exact, share of equal signature values, or share of contained tokens; NaN if kept).
    """

    verdict: NDArray[np.uint8]
    leader: NDArray[np.int64]
    similarity: NDArray[np.float64]


def judge(
    order: NDArray[np.int64],
    tokens: NDArray[np.int32],
    exact: NDArray[np.uint64],
    signatures: NDArray[np.uint32],
    shared: Shared,
    similarity: float,
) -> Verdicts:
    """Judge documents one after another.

    Args:
        order: the numbers of the n documents, first to be judged first (int64).
        tokens: tokens of each document (int32).
        exact: 128-bit hash of each fold, as two halves (uint64, n by 2).
        signatures: MinHash signatures (uint32, n by 128); may be a memory map.
        shared: paragraphs that several documents hold.
        similarity: share of equal signature values from which a document is a copy.
    """
    count = len(order)
    verdict = np.zeros(count, np.uint8)
    leader = np.full(count, -1, np.int64)
    figure = np.full(count, np.nan)
    bits = max(4, math.ceil(math.log2(count + 1)) + 1)
    needed = math.ceil(round(similarity * PERMUTATIONS, 6))
    _judge(
        order,
        tokens,
        exact,
        np.asarray(signatures),
        shared.starts,
        shared.paragraphs,
        shared.tokens,
        shared.count,
        needed,
        bits,
        verdict,
        leader,
        figure,
    )
    return Verdicts(verdict, leader, figure)


@njit(cache=True, nogil=True)
def _bucket(signature: Array, band: int, mask: np.uint64) -> np.uint64:
    h = np.uint64(band + 1) * np.uint64(0x9E3779B97F4A7C15)
    for k in range(band * ROWS, band * ROWS + ROWS):
        h = (h ^ np.uint64(signature[k])) * np.uint64(0xC2B2AE3D27D4EB4F)
        h ^= h >> np.uint64(29)
    return h & mask


@njit(cache=True, nogil=True)
def _same_band(left: Array, right: Array, band: int) -> bool:
    for k in range(band * ROWS, band * ROWS + ROWS):
        if left[k] != right[k]:
            return False
    return True


@njit(cache=True, nogil=True)
def _near(document: int, kept: Array, signatures: Array, heads: Array, links: Array, stamps: Array) -> tuple[int, int]:
    """Return the place of the kept document that agrees most with this one among its bucket mates, and in how many values."""
    best, most = np.int64(-1), np.int64(-1)
    own = signatures[document]
    mask = np.uint64(heads.shape[1] - 1)
    for band in range(BANDS):
        other = heads[band, _bucket(own, band, mask)]
        while other >= 0:
            if stamps[other] != document and _same_band(own, signatures[kept[other]], band):
                stamps[other] = document
                equal = matches(own, signatures[kept[other]])
                if equal > most or (equal == most and other < best):
                    best, most = np.int64(other), equal
            other = links[band, other]
    return best, most


@njit(cache=True, nogil=True)
def _covered(left: int, right: int, starts: Array, paragraphs: Array, tokens: Array) -> int:
    """Count the tokens of ``left`` in paragraphs that ``right`` holds too; both lists ascend."""
    i, stop = starts[left], starts[left + 1]
    j, end = starts[right], starts[right + 1]
    total = np.int64(0)
    while i < stop and j < end:
        if paragraphs[i] < paragraphs[j]:
            i += 1
        elif paragraphs[i] > paragraphs[j]:
            j += 1
        else:
            total += tokens[i]
            i += 1
    return total


@njit(cache=True, nogil=True)
def _container(
    document: int,
    size: int,
    kept: Array,
    starts: Array,
    paragraphs: Array,
    tokens: Array,
    lists: Array,
    lengths: Array,
    pool: Array,
    stamps: Any,
) -> tuple[int, int]:
    """Return the place of the kept document that holds most of this one, and how many of its tokens.

    Whoever holds four fifths of the tokens misses at most ``spare``: so it holds one of any set of paragraphs
    longer than that, and only the documents in the shortest such lists need a look.
    """
    first, stop = starts[document], starts[document + 1]
    total = np.int64(0)
    for k in range(first, stop):
        total += tokens[k]
    needed = np.int64(math.ceil(CONTAINED * size))
    if total < needed:
        return np.int64(-1), np.int64(0)
    spare = total - needed
    common = np.empty(stop - first, np.int64)
    for k in range(first, stop):
        common[k - first] = lengths[paragraphs[k]]
    best, most = np.int64(-1), np.int64(0)
    passed = np.int64(0)
    for k in np.argsort(common):
        if passed > spare:
            break
        passed += tokens[first + k]
        entry = lists[paragraphs[first + k]]
        while entry >= 0:
            other = pool[entry, 0]
            if stamps[other] != document:
                stamps[other] = document
                held = _covered(document, kept[other], starts, paragraphs, tokens)
                if held > most or (held == most and other < best):
                    best, most = np.int64(other), held
            entry = pool[entry, 1]
    return (best, most) if most >= needed else (np.int64(-1), np.int64(0))


@njit(cache=True, nogil=True)
def _judge(  # noqa: PLR0913 - the arrays of one run
    order: Array,
    tokens: Array,
    exact: Array,
    signatures: Array,
    starts: Array,
    paragraphs: Array,
    lengths_of: Array,
    paragraph_count: int,
    needed: int,
    bits: int,
    verdict: Array,
    leader: Array,
    figure: Array,
) -> None:
    count = len(order)
    size = 1 << bits
    mask = np.uint64(size - 1)
    kept = np.empty(count, np.int64)  # place in the order of kept documents -> number of the document
    kept_count = 0
    same = np.full(size, -1, np.int64)  # open addressing by the exact hash
    heads = np.full((BANDS, size), -1, np.int32)
    links = np.full((BANDS, count), -1, np.int32)
    stamps = np.full(count, -1, np.int64)
    stamps_contained = np.full(count, -1, np.int64)
    lists = np.full(paragraph_count, -1, np.int64)
    lengths = np.zeros(paragraph_count, np.int64)
    pool = np.empty((len(paragraphs), 2), np.int64)
    pooled = 0
    for document in order:
        slot = exact[document, 0] & mask
        while same[slot] >= 0:
            other = same[slot]
            if exact[other, 0] == exact[document, 0] and exact[other, 1] == exact[document, 1]:
                break
            slot = (slot + np.uint64(1)) & mask
        if same[slot] >= 0:
            verdict[document] = 1
            leader[document] = same[slot]
            figure[document] = 1.0
            continue
        signed = tokens[document] >= SHORTEST
        if signed:
            best, most = _near(document, kept, signatures, heads, links, stamps)
            if best >= 0 and most >= needed:
                verdict[document] = 2
                leader[document] = kept[best]
                figure[document] = most / PERMUTATIONS
                continue
            best, most = _container(
                document, tokens[document], kept, starts, paragraphs, lengths_of, lists, lengths, pool, stamps_contained
            )
            if best >= 0:
                verdict[document] = 3
                leader[document] = kept[best]
                figure[document] = most / tokens[document]
                continue
        same[slot] = document
        kept[kept_count] = document
        if signed:
            for band in range(BANDS):
                bucket = _bucket(signatures[document], band, mask)
                links[band, kept_count] = heads[band, bucket]
                heads[band, bucket] = kept_count
            for k in range(starts[document], starts[document + 1]):
                paragraph = paragraphs[k]
                if k > starts[document] and paragraphs[k - 1] == paragraph:
                    continue
                pool[pooled, 0] = kept_count
                pool[pooled, 1] = lists[paragraph]
                lists[paragraph] = pooled
                lengths[paragraph] += 1
                pooled += 1
        kept_count += 1
