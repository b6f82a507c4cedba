"""Take what records set aside out of their documents, so that document and pieces together restore the whole text."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from taoxi.corpus.normalizing import normalized_documents
from taoxi.corpus.schema import text_array
from taoxi.normalize.characters.rules import RULES
from taoxi.normalize.formats.columns import Columns, joined


@dataclass(frozen=True, slots=True)
class Aside:
    """n rows: each record, and behind it what it set aside.

    ``owner`` (int64, n) is the place of the record that a row belongs to, ``offset`` the byte of that record's text
    before which a piece stood, None for the record's own row; ``reason`` says why it was set aside.
    """

    texts: pa.LargeStringArray
    changes: NDArray[np.int64]
    owner: NDArray[np.int64]
    offset: list[int | None]
    reason: list[str | None]


def normalized_aside(records: Columns, width: str) -> Aside:
    """Normalize records, the stretches that they set aside each by itself.

    The whole text of a record is its normalized stretches, one line after another; empty ones are none. A piece holds
    the line feed that parts it from the document, so that the document plus its pieces at their places is the whole; it
    stands at the start of a line, or at the end of the text.
    """
    segments: list[bytes] = []
    kinds: list[tuple[int, str | None]] = []
    for place, (text, aside) in enumerate(zip(records.texts(), records.aside, strict=True)):
        at = 0
        for start, end, reason in (*aside, (len(text), len(text), None)):
            if start > at or (start == end and not aside):
                segments.append(text[at:start])
                kinds.append((place, None))
            if end > start:
                segments.append(text[start:end])
                kinds.append((place, reason))
            at = end
    done = normalized_documents(*joined(segments), width)
    data = done.text.tobytes()
    bounds = done.offsets.tolist()
    ready = [data[start:end] for start, end in pairwise(bounds)]
    return _rows(len(records), ready, kinds, done.changes)


def _rows(
    records: int, segments: list[bytes], kinds: list[tuple[int, str | None]], changes: NDArray[np.int64]
) -> Aside:
    """Deal normalized segments to documents and pieces."""
    own: list[list[int]] = [[] for _ in range(records)]
    for k, (place, _) in enumerate(kinds):
        own[place].append(k)
    texts: list[bytes] = []
    counts: list[NDArray[np.int64]] = []
    owner: list[int] = []
    offset: list[int | None] = []
    reason: list[str | None] = []
    for place, mine in enumerate(own):
        full = [k for k in mine if segments[k]]
        # A document whose every kept line turns out to be empty takes back what it set aside.
        kept = [k for k in full if kinds[k][1] is None] or full
        texts.append(b"\n".join(segments[k] for k in kept))
        counts.append(changes[kept].sum(0) if kept else changes[mine].sum(0))
        owner.append(place)
        offset.append(None)
        reason.append(None)
        size = passed = 0
        for k in full:
            text = segments[k]
            if passed < len(kept) and k == kept[passed]:
                size += len(text) + (passed > 0)
                passed += 1
                continue
            behind = passed == len(kept)
            texts.append(b"\n" + text if behind else text + b"\n")
            counts.append(changes[k])
            owner.append(place)
            offset.append(size + (not behind and passed > 0))
            reason.append(kinds[k][1])
    bounds = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(text) for text in texts], out=bounds[1:])
    array = text_array(np.frombuffer(b"".join(texts), np.uint8), bounds)
    return Aside(array, np.array(counts, np.int64).reshape(-1, len(RULES)), np.array(owner, np.int64), offset, reason)
