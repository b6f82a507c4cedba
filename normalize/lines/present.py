"""Which marks of a group may stand in which text, so that no other text has to be searched for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from taoxi.normalize.lines.evidence import KEY
from taoxi.normalize.lines.marks import GroupMarks, Marks, Watermark
from taoxi.normalize.utf8 import Bytes, Offsets, frozen, occurrences


def present(data: Bytes, offsets: Offsets, groups: NDArray[np.int64], marks: Marks) -> dict[int, GroupMarks]:
    """Return for the texts in which some may stand the watermarks and running heads of their group.

    Args:
        data: texts one after another, in UTF-8 (uint8).
        offsets: their n+1 bounds (int64, bytes).
        groups: the group of each text (int64, n).
        marks: what is known of each group.
    """
    found: dict[int, GroupMarks] = {}
    for group in np.unique(groups).tolist():
        known = marks.get(group)
        if known is None or not (known.watermarks or known.heads):
            continue
        runs = list(_runs(np.flatnonzero(groups == group)))
        for mark in known.watermarks:
            for text in sorted({*_holding(data, offsets, runs, _sign_of(mark)), *_slipped(data, offsets, runs, mark)}):
                found.setdefault(text, GroupMarks(forms=known.forms)).watermarks.append(mark)
        for head, evidence in known.heads.items():
            for text in _holding(data, offsets, runs, _literal(head)):
                found.setdefault(text, GroupMarks(forms=known.forms)).heads[head] = evidence
    return found


def _sign_of(mark: Watermark) -> bytes:
    """Return bytes that each text with a watermark has, unless one of its characters is another."""
    return mark.text[:KEY].encode() if mark.variant is not None else _literal(mark.text)


def _literal(masked: str) -> bytes:
    """Return the longest part of a masked text that has no number."""
    return max(masked.split("0"), key=len).encode()


def _runs(texts: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Yield first and end of the runs of numbers that follow each other."""
    edges = np.flatnonzero(np.diff(texts) != 1) + 1
    for run in np.split(texts, edges):
        yield int(run[0]), int(run[-1]) + 1


def _holding(data: Bytes, offsets: Offsets, runs: Iterable[tuple[int, int]], sign: bytes) -> Iterator[int]:
    """Yield the texts of some runs that hold ``sign``."""
    wanted = frozen(np.frombuffer(sign, np.uint8))
    for first, end in runs:
        places = occurrences(data, offsets[first], offsets[end], wanted)
        yield from np.unique(np.searchsorted(offsets, places, "right") - 1).tolist()


_STOPS, _MARKS = np.array([0x82, 0x21, 0x3F, 0x3B], np.uint8), np.array([0x3A, 0x2B, 0xE3, 0xEF], np.uint8)
"""Last bytes of what stands before a watermark with a slip (。!?;), first bytes of what follows its stem (:+【：)."""


def _slipped(data: Bytes, offsets: Offsets, runs: Iterable[tuple[int, int]], mark: Watermark) -> Iterator[int]:
    """Yield the texts that may hold a watermark with another character in its stem: half of the stem is as it was."""
    if mark.slip is None:
        return
    half = KEY // 2
    left, right = (frozen(np.frombuffer(part.encode(), np.uint8)) for part in (mark.text[:half], mark.text[half:KEY]))
    for first, end in runs:
        places = occurrences(data, offsets[first] + 1, offsets[end], left)
        kept = [places[np.isin(data[places - 1], _STOPS)]]
        places = occurrences(data, offsets[first], offsets[end] - 1, right)
        kept.append(places[np.isin(data[places + len(right)], _MARKS)])
        yield from np.unique(np.searchsorted(offsets, np.concatenate(kept), "right") - 1).tolist()
