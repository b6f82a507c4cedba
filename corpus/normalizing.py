"""What happens to the characters of a text: repairs of what other programs broke, then the rules of normalization."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from taoxi.normalize.characters.rules import REPAIRS, RULES
from taoxi.normalize.characters.walk import Normalized, normalize_documents, normalize_stream
from taoxi.normalize.formats.columns import joined
from taoxi.normalize.repairs.repair import Repaired, repair


def normalized_documents(utf8: NDArray[np.uint8], bounds: NDArray[np.int64], width: str) -> Normalized:
    """Repair and normalize n texts, each a document by itself, whose n+1 bounds are given."""
    repaired = repair(utf8, bounds)
    return _counted(normalize_documents(repaired.text, repaired.offsets, width), repaired)


def normalized_stream(utf8: NDArray[np.uint8], marks: NDArray[np.int64], width: str) -> Normalized:
    """Repair and normalize the segments of one text, whose n+1 bounds are given."""
    repaired = repair(utf8, marks, documents=False)
    return _counted(normalize_stream(repaired.text, repaired.offsets, width), repaired)


def normalized_titles(titles: Sequence[str | None], width: str) -> list[str | None]:
    """Repair and normalize titles as if they were texts; one that nothing is left of becomes None."""
    if titles.count(None) == len(titles):
        return list(titles)
    places = [place for place, title in enumerate(titles) if title is not None]
    done = normalized_documents(*joined([title.encode() for title in titles if title is not None]), width)
    data = done.text.tobytes()
    fresh: list[str | None] = [None] * len(titles)
    for place, (start, end) in zip(places, pairwise(done.offsets.tolist()), strict=True):
        fresh[place] = " ".join(data[start:end].decode().split("\n")) or None
    return fresh


def _counted(normalized: Normalized, repaired: Repaired) -> Normalized:
    """Enter what the repairs counted into the counters of normalization."""
    normalized.changes[:, len(RULES) - len(REPAIRS) :] += repaired.changes
    return normalized
