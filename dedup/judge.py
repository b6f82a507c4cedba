"""Who stays: sequential greedy judgement against kept documents only.

Invariant (DESIGN, guarantees 2 and 3): documents are judged in one total order; a document goes iff a kept document
before it

* has the same 128-bit hash of the fold (``exact``), or
* shares an LSH bucket with it and agrees in at least ``similarity`` of all signature values (``near``), or
* holds paragraphs that make up four fifths of its tokens (``contained``).

A removed document is never compared with again, so there are no chains, and the first of every cluster stays. What
earlier runs kept comes first in the order and is not judged again. Among several kept documents the leader is the one
that agrees most, and of equals the one earliest in the order.

Buckets are chained hash tables of document numbers only: the five values of a band are compared in the signatures
themselves, so a hash collision is never taken for a shared bucket.
"""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from taoxi.dedup.minhash import BANDS, PERMUTATIONS, ROWS, SHORTEST, matches
from taoxi.dedup.paragraphs import Shared
from taoxi.normalize.kernel import kernel, part
from taoxi.normalize.utf8 import Array, Number, frozen

CONTAINED = 0.8
"""Share of a document's tokens that must be paragraphs of one kept document (DESIGN §5)."""


class Verdict(enum.IntEnum):
    """What the judge says of a document."""

    KEPT = 0
    EXACT = 1
    NEAR = 2
    CONTAINED = 3


EXACT, NEAR, CONTAINED_IN = int(Verdict.EXACT), int(Verdict.NEAR), int(Verdict.CONTAINED)
# Plain integers: numba compiles no enumerations into assignments.


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Verdicts on n documents.

    ``verdict`` (uint8) holds a ``Verdict``, ``leader`` (int64) the number of a kept document or -1, ``similarity``
    (float64) 1 for exact, the share of equal signature values for near, the share of contained tokens; NaN if kept.
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
    known: int = 0,
) -> Verdicts:
    """Judge documents one after another.

    Args:
        order: the numbers of the n documents, first to be judged first (int64).
        tokens: tokens of each document (int32).
        exact: 128-bit hash of each fold, as two halves (uint64, n by 2).
        signatures: MinHash signatures (uint32, n by 128); may be a memory map.
        shared: paragraphs that several documents hold.
        similarity: share of equal signature values from which a document is a copy.
        known: how many documents at the head of the order were kept by earlier runs, and stay.
    """
    count = len(order)
    verdict = np.zeros(count, np.uint8)
    leader = np.full(count, -1, np.int64)
    figure = np.full(count, np.nan)
    bits = max(4, math.ceil(math.log2(count + 1)) + 1)
    needed = math.ceil(round(similarity * PERMUTATIONS, 6))
    _judge(
        frozen(order),
        frozen(tokens),
        frozen(exact),
        frozen(np.asarray(signatures)),
        shared.starts,
        shared.paragraphs,
        shared.tokens,
        shared.count,
        known,
        needed,
        bits,
        verdict,
        leader,
        figure,
    )
    return Verdicts(verdict, leader, figure)


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
def _near(
    document: Number, kept: Array, signatures: Array, heads: Array, links: Array, stamps: Array
) -> tuple[Number, Number]:
    """Return the place of the bucket mate (a kept document) that agrees most with this one, and in how many values."""
    best, most = np.int64(-1), np.int64(-1)
    own = signatures[document]
    mask = np.uint64(heads.shape[1] - 1)
    for band in range(BANDS):
        other = heads[band, _bucket(own, band, mask)]
        while other >= 0:
            if stamps[other] != document and _same_band(own, signatures[kept[other]], band):
                stamps[other] = document
                equal = np.int64(matches(own, signatures[kept[other]]))
                if equal > most or (equal == most and other < best):
                    best, most = np.int64(other), equal
            other = links[band, other]
    return best, most


@part
def _covered(left: Number, right: Number, starts: Array, paragraphs: Array, tokens: Array) -> Number:
    """Count the tokens of ``left`` in paragraphs that ``right`` holds too; both lists ascend."""
    i, stop = starts[left], starts[left + 1]
    j, end = starts[right], starts[right + 1]
    total: Number = 0
    while i < stop and j < end:
        if paragraphs[i] < paragraphs[j]:
            i += 1
        elif paragraphs[i] > paragraphs[j]:
            j += 1
        else:
            total += tokens[i]
            i += 1
    return total


@part
def _container(
    document: Number,
    size: Number,
    kept: Array,
    starts: Array,
    paragraphs: Array,
    tokens: Array,
    lists: Array,
    lengths: Array,
    pool: Array,
    stamps: Array,
) -> tuple[Number, Number]:
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
    used = np.zeros(stop - first, np.bool_)
    best, most = np.int64(-1), np.int64(0)
    passed = np.int64(0)
    while passed <= spare:
        rarest = np.int64(-1)
        for k in range(first, stop):
            if not used[k - first] and (rarest < 0 or lengths[paragraphs[k]] < lengths[paragraphs[rarest]]):
                rarest = np.int64(k)
        used[rarest - first] = True
        passed += tokens[rarest]
        entry = lists[paragraphs[rarest]]
        while entry >= 0:
            other = pool[entry, 0]
            if stamps[other] != document:
                stamps[other] = document
                held = _covered(document, kept[other], starts, paragraphs, tokens)
                if held > most or (held == most and other < best):
                    best, most = np.int64(other), held
            entry = pool[entry, 1]
    return (best, most) if most >= needed else (np.int64(-1), np.int64(0))


@part
def _slot(document: Number, exact: Array, same: Array) -> Number:
    """Return the slot of the kept document with this one's exact hash, or the free slot where it belongs."""
    mask = np.uint64(len(same) - 1)
    slot = exact[document, 0] & mask
    while same[slot] >= 0:
        other = same[slot]
        if exact[other, 0] == exact[document, 0] and exact[other, 1] == exact[document, 1]:
            break
        slot = (slot + np.uint64(1)) & mask
    return np.int64(slot)


@part
def _insert(signature: Array, place: Number, heads: Array, links: Array) -> None:
    """Put a kept document into the bucket of each of its bands."""
    mask = np.uint64(heads.shape[1] - 1)
    for band in range(BANDS):
        bucket = _bucket(signature, band, mask)
        links[band, place] = heads[band, bucket]
        heads[band, bucket] = place


@part
def _enlist(
    document: Number,
    place: Number,
    starts: Array,
    paragraphs: Array,
    lists: Array,
    lengths: Array,
    pool: Array,
    pooled: Number,
) -> Number:
    """Put a kept document into the list of each of its shared paragraphs; return how many entries there are now."""
    for k in range(starts[document], starts[document + 1]):
        paragraph = paragraphs[k]
        if k > starts[document] and paragraphs[k - 1] == paragraph:
            continue
        pool[pooled, 0] = place
        pool[pooled, 1] = lists[paragraph]
        lists[paragraph] = pooled
        lengths[paragraph] += 1
        pooled += 1
    return pooled


@kernel
def _judge(
    order: Array,
    tokens: Array,
    exact: Array,
    signatures: Array,
    starts: Array,
    paragraphs: Array,
    sizes: Array,
    paragraph_count: Number,
    known: Number,
    needed: Number,
    bits: Number,
    verdict: Array,
    leader: Array,
    figure: Array,
) -> None:
    count = len(order)
    kept = np.empty(count, np.int64)  # place among the kept documents -> number of the document
    kept_count = 0
    same = np.full(1 << bits, -1, np.int64)  # open addressing by the exact hash
    heads = np.full((BANDS, 1 << bits), -1, np.int32)
    links = np.full((BANDS, count), -1, np.int32)
    stamps = np.full((2, count), -1, np.int64)
    lists = np.full(paragraph_count, -1, np.int64)
    lengths = np.zeros(paragraph_count, np.int64)
    pool = np.empty((len(paragraphs), 2), np.int64)
    pooled = 0
    for document in order:
        slot = _slot(document, exact, same)
        stays = kept_count < known
        if same[slot] >= 0 and not stays:
            verdict[document], leader[document], figure[document] = EXACT, same[slot], 1.0
            continue
        signed = tokens[document] >= SHORTEST
        if signed and not stays:
            best, most = _near(document, kept, signatures, heads, links, stamps[0])
            if most >= needed:
                verdict[document], leader[document], figure[document] = NEAR, kept[best], most / PERMUTATIONS
                continue
            best, most = _container(
                document, tokens[document], kept, starts, paragraphs, sizes, lists, lengths, pool, stamps[1]
            )
            if best >= 0:
                figure[document] = most / tokens[document]
                verdict[document], leader[document] = CONTAINED_IN, kept[best]
                continue
        if same[slot] < 0:
            same[slot] = document
        kept[kept_count] = document
        if signed:
            _insert(signatures[document], kept_count, heads, links)
            pooled = _enlist(document, kept_count, starts, paragraphs, lists, lengths, pool, pooled)
        kept_count += 1
