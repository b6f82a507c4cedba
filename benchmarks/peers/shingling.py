"""What a user of a sketching library writes around it: reading documents, and shingles of characters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import orjson
from numpy.typing import NDArray

LENGTH = 5

AT_ONCE = 2000
"""Documents whose shingles are hashed at once: some ten megabytes, so that memory stays that of the library."""

_FACTORS = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F]
)
"""Odd numbers, one for each place in a shingle, so that order counts."""

Hashes = NDArray[np.uint64]


def read(docs: Path) -> tuple[list[int], list[str]]:
    """Return the numbers and the texts of the documents of a JSONL."""
    numbers, texts = [], []
    with docs.open("rb") as lines:
        for line in lines:
            document = orjson.loads(line)
            numbers.append(int(document["id"]))
            texts.append(document["text"])
    return numbers, texts


def hashed(texts: list[str], length: int = LENGTH) -> tuple[Hashes, Hashes]:
    """Return the hashes of the shingles of some texts in one array, and where those of each begin and the last end.

    A text of fewer characters than a shingle has none.
    """
    sizes = np.array([len(text) for text in texts], np.int64)
    points = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    count = max(0, len(points) - length + 1)
    hashes = np.zeros(count, np.uint64)
    for place, factor in enumerate(_FACTORS[:length].astype(np.uint64)):
        hashes += (points[place : place + count] + np.uint64(1)) * factor
    hashes ^= hashes >> np.uint64(31)
    hashes *= np.uint64(0xBF58476D1CE4E5B9)
    hashes ^= hashes >> np.uint64(29)
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
    whole = np.ones(count, np.bool_)
    for back in range(1, length):
        # A shingle that begins so near to the end of a text would run into the next one.
        ends = starts[1:][sizes >= back] - back
        whole[ends[ends < count]] = False
    kept = np.maximum(sizes - length + 1, 0)
    return hashes[whole], np.concatenate([np.zeros(1, np.uint64), np.cumsum(kept).astype(np.uint64)])


def portions(texts: list[str]) -> Iterator[tuple[Hashes, Hashes]]:
    """Yield what ``hashed`` returns for some documents at a time."""
    for start in range(0, len(texts), AT_ONCE):
        yield hashed(texts[start : start + AT_ONCE])


def grams(text: str, length: int = LENGTH) -> list[str]:
    """Return the shingles of a text as strings."""
    return [text[k : k + length] for k in range(len(text) - length + 1)]
