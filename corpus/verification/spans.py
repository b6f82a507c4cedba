"""The account of bytes: every byte that was read of a source is in the span of a row."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from taoxi.corpus.complaints import Complaint, Finding, Kind
from taoxi.corpus.verification.case import AGAIN, AMBIGUOUS, ELSEWHERE, Case, Run, Sources
from taoxi.normalize.model import INSIDE

_LONGEST = 1 << 48
"""Bytes that no source has: with them, the spans of several sources lie on one line."""


def joined_spans(places: NDArray[np.int64], starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the stretches that spans cover together (int64, m by 3: place, start, end), in order.

    Args:
        places: the number of each span's source (int64, n).
        starts: its first byte there.
        ends: its end.
    """
    if not len(places):
        return np.zeros((0, 3), np.int64)
    names, sources = np.unique(places, return_inverse=True)
    line = sources * _LONGEST
    order = np.argsort(line + starts, kind="stable")
    line, starts, ends = line[order], starts[order], ends[order]
    reach = np.maximum.accumulate(line + ends)
    first = np.ones(len(line), np.bool_)
    first[1:] = line[1:] + starts[1:] > reach[:-1]
    first[1:] |= line[1:] != line[:-1]
    heads = np.flatnonzero(first)
    tails = np.append(heads[1:], len(line)) - 1
    return np.stack([names[line[heads] // _LONGEST], starts[heads], reach[tails] - line[tails]], 1)


def check_spans(case: Case) -> Iterator[Finding]:
    """Name the stretches of sources that no row spans.

    How long a source is when decompressed is known of those only that were read again; of the others, a stretch that is
    missing at the end is not noticed.
    """
    for run in case.runs:
        if run.legible and run.sources is not None:
            yield from _gaps(run, run.sources)


def _gaps(run: Run, sources: Sources) -> Iterator[Finding]:
    spans = np.concatenate([np.zeros((0, 3), np.int64), *sources.spans])
    spans = spans[np.lexsort((spans[:, 1], spans[:, 0]))]
    bounds = np.searchsorted(spans[:, 0], np.arange(len(sources.table) + 1))
    file = run.files("sources")[0].path
    for row, state in enumerate(sources.state.tolist()):
        size = int(sources.sizes[row])
        if state in {AMBIGUOUS, ELSEWHERE} or (bounds[row] == bounds[row + 1] and size <= 0):
            continue
        source, member = sources.names[row]
        name = source if member is None else f"{source}{INSIDE}{member}"
        own = spans[bounds[row] : bounds[row + 1], 1:]
        reach = np.maximum.accumulate(np.append(0, own[:, 1]))
        starts = np.append(own[:, 0], max(size, int(reach[-1])))
        for place in np.flatnonzero(starts > reach).tolist():
            missing = f"Bytes {reach[place]:,} to {starts[place]:,} are in no row of corpus or ledger: rows were lost."
            yield Complaint(Kind.SPAN, file, f"{missing} {AGAIN}", row, None, name, int(reach[place]))
        if 0 <= size < reach[-1]:
            beyond = f"Rows span bytes up to {reach[-1]:,}, and the source ends at {size:,}."
            yield Complaint(Kind.SPAN, file, f"{beyond} {AGAIN}", row, None, name, size)
