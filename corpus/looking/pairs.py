"""Pairs of documents about which a threshold decides, for a person to judge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from taoxi.corpus.differences import differences
from taoxi.corpus.judging import concatenated
from taoxi.corpus.looking.passes import Looked
from taoxi.corpus.looking.report import Pair, Side
from taoxi.corpus.schema import hex_ids
from taoxi.corpus.spool import unit_batches
from taoxi.dedup.judge import Verdict, Verdicts

SHORT, LONG = 100, 4_000
"""Characters between which a document is one that a person likes to compare with another."""

_FIELDS = ["source", "member", "record", "part", "byte_start", "title", "text"]


def pairs_of(looked: Looked, verdicts: Verdicts, members: NDArray[np.int64], steps: Sequence[float]) -> Iterator[Pair]:
    """Yield for each step of similarity the pair that is least above it, of texts that are neither long nor short.

    Args:
        looked: the documents.
        verdicts: those at the lowest similarity, on some of them.
        members: the numbers of these (int64).
        steps: similarities, ascending.
    """
    sizes = concatenated(looked.roll.characters)
    near = np.flatnonzero(verdicts.verdict == Verdict.NEAR)
    figures = verdicts.similarity[near]
    left, right = members[verdicts.leader[near]], members[near]
    long = np.maximum(sizes[left], sizes[right])
    odd = (long < SHORT) | (long > LONG)
    for low, high in zip(steps, [*steps[1:], 1.0], strict=True):
        own = np.flatnonzero((figures >= low) & (figures < high))
        if not len(own):
            continue
        best = own[np.lexsort((right[own], long[own], figures[own], odd[own]))[0]]
        (kept, text), (removed, other) = _side(looked, int(left[best])), _side(looked, int(right[best]))
        yield Pair(round(float(figures[best]), 4), kept, removed, tuple(differences(text, other)))


def _side(looked: Looked, document: int) -> tuple[Side, str]:
    """Return a document and its text."""
    roll = looked.roll
    unit = int(np.searchsorted(roll.starts, document, side="right")) - 1
    row = document - roll.starts[unit]
    documents, _ = unit_batches(unit, looked.shelf)
    found = documents.select(_FIELDS).slice(row, 1).to_pylist()[0]
    text = found.pop("text")
    byte = found.pop("byte_start")
    windows = looked.windows.get(found["source"])
    if windows is not None:
        byte, found["record"] = windows.place(byte), None
    id_ = hex_ids(roll.ids[unit][row : row + 1])[0].as_py()
    return Side(id=id_, byte=byte, characters=len(text), **found), text
