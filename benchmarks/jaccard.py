"""The exact Jaccard similarity of documents, by brute force over the shingles that taoxi signs."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.cleaned import Cleaned
from taoxi.dedup.minhash import SHINGLE, SHORTEST
from taoxi.dedup.templates import compare
from taoxi.dedup.tokens import shingle_hashes

WIDTH = 0.05
"""Width of the bands of similarity in which pairs are counted."""

BELOW = 2
"""Bands below the threshold that are counted too, to show where removal ends."""

TOLERANCE = 0.1
"""What a removal may lie below the threshold: some two and a half standard errors of 128 values at 0.7."""

SETTLED_ABOVE, SETTLED_AT = 0.99, 0.95
"""Shares of the pairs a band or more above the threshold, and in the band at it, of which one has to go."""

Hashes = NDArray[np.uint32]


@dataclass(slots=True)
class Band:
    """Pairs of documents whose similarity lies in a band: of how many one went; of the rest, which are siblings.

    Siblings have the words of one template and other facts, and stay on purpose.
    """

    pairs: int = 0
    settled: int = 0
    siblings: int = 0


@dataclass(slots=True)
class Exact:
    """What brute force says of a run.

    ``bands`` by the lower end of each, in hundredths; ``removals`` the similarity of each document that went as near a
    copy to the one it went for; ``sampled`` how many documents were compared with all ``documents``.
    """

    similarity: float
    bands: dict[int, Band] = field(default_factory=dict)
    removals: list[float] = field(default_factory=list)
    sampled: int = 0
    documents: int = 0

    def share(self, low: int, high: int = 101) -> tuple[int, int, int]:
        """Return settled pairs, pairs, and siblings of the bands from ``low`` and below ``high``, in hundredths."""
        chosen = [band for start, band in self.bands.items() if low <= start < high]
        return (
            sum(band.settled for band in chosen),
            sum(band.pairs for band in chosen),
            sum(band.siblings for band in chosen),
        )

    @property
    def too_far(self) -> int:
        """Return how many removals lie further below the threshold than the estimate's error explains."""
        return sum(value < self.similarity - TOLERANCE for value in self.removals)

    @property
    def holds(self) -> bool:
        """Tell whether a run keeps what is asked of it."""
        line, step = round(100 * self.similarity), round(100 * WIDTH)
        for low, high, least in ((line + step, 101, SETTLED_ABOVE), (line, line + step, SETTLED_AT)):
            settled, pairs, siblings = self.share(low, high)
            if settled < least * (pairs - siblings):
                return False
        return not self.too_far


class Index:
    """Which documents hold a shingle: the answer to how many shingles a document shares with every other one."""

    def __init__(self, documents: Sequence[Hashes]) -> None:
        """Sort the shingles of all documents, each given as an array without repetitions (uint32)."""
        self.sizes = np.array([len(hashes) for hashes in documents], np.int64)
        owners = np.repeat(np.arange(len(documents), dtype=np.uint64), self.sizes)
        joined = np.concatenate([*documents, np.zeros(0, np.uint32)]).astype(np.uint64)
        postings = np.sort(joined << np.uint64(32) | owners)
        hashes = (postings >> np.uint64(32)).astype(np.uint32)
        self.owners = (postings & np.uint64(0xFFFFFFFF)).astype(np.int32)
        first = np.flatnonzero(np.concatenate([np.ones(min(1, len(hashes)), np.bool_), hashes[1:] != hashes[:-1]]))
        self.hashes = hashes[first]
        self.starts = np.concatenate([first, [len(hashes)]])

    def similarities(self, hashes: Hashes) -> NDArray[np.float64]:
        """Return the Jaccard similarity of a set of shingles, of documents of the index, to every document in it."""
        at = np.searchsorted(self.hashes, hashes)
        begins, ends = self.starts[at], self.starts[at + 1]
        counts = ends - begins
        # Runs begins[k]..ends[k] one after the other, as one array of places.
        places = np.arange(counts.sum()) + np.repeat(begins - np.cumsum(counts) + counts, counts)
        shared = np.bincount(self.owners[places], minlength=len(self.sizes))
        union = self.sizes + len(hashes) - shared
        return np.asarray(shared / np.maximum(union, 1))


def shingles(texts: pa.LargeStringArray) -> list[Hashes]:
    """Return the distinct shingles of each text; none of a text that is too short to be signed."""
    shortest = SHORTEST - SHINGLE + 1
    found = []
    for text in texts:
        hashes = shingle_hashes(text.as_py())
        found.append(np.unique(hashes) if len(hashes) >= shortest else hashes[:0])
    return found


def measure(cleaned: Cleaned, similarity: float, sample: int, seed: int) -> Exact:
    """Compare a sample of the documents with all of them, and each removed one with what it went for.

    Args:
        cleaned: what a run left.
        similarity: its threshold.
        sample: how many documents are compared with all.
        seed: what chance starts from.
    """
    documents = shingles(cleaned.texts)
    index = Index(documents)
    numbers = [0] * len(documents)
    for number, row in cleaned.rows.items():
        numbers[row] = number
    rows = [row for row, hashes in enumerate(documents) if len(hashes)]
    chosen = sorted(random.Random(seed).sample(rows, min(sample, len(rows))))
    result = Exact(similarity, sampled=len(chosen), documents=len(documents))
    lowest = similarity - BELOW * WIDTH
    taken = set(chosen)
    for row in chosen:
        near = index.similarities(documents[row])
        for other in np.flatnonzero(near >= lowest).tolist():
            if other == row or (other in taken and other < row):
                continue
            band = result.bands.setdefault(_band(float(near[other])), Band())
            band.pairs += 1
            if numbers[row] in cleaned.kept and numbers[other] in cleaned.kept:
                band.siblings += compare(cleaned.texts[row].as_py(), cleaned.texts[other].as_py()).sibling
            else:
                band.settled += 1
    for number, removal in cleaned.removed.items():
        if removal.reason == "near" and removal.leader is not None:
            own, kept = documents[cleaned.rows[number]], documents[cleaned.rows[removal.leader]]
            shared = len(np.intersect1d(own, kept, assume_unique=True))
            result.removals.append(shared / max(1, len(own) + len(kept) - shared))
    return result


def _band(similarity: float) -> int:
    """Return the lower end of the band that a similarity lies in, in hundredths; 1 is a band of its own."""
    step = round(100 * WIDTH)
    return int(100 * similarity + 1e-9) // step * step
