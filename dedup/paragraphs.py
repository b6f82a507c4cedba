"""Paragraphs that more than one document holds, found within bounded memory.

Only those can make a document contained in another, and in most corpora they are few. The hashes are dealt to
partitions by their top bits on disk, so that one partition at a time is sorted in memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

PARTITIONS = 64
"""A partition of 64 is sorted at a time: 1 GB of memory for 4 billion paragraphs, that is some terabytes of text."""

ROW = np.dtype([("hash", np.uint64), ("document", np.int64), ("tokens", np.int32)])


@dataclass(frozen=True, slots=True)
class Shared:
    """Shared paragraphs by document, in rows compressed by document (CSR).

    ``starts`` (int64, n+1) bounds the rows of each document; ``paragraphs`` (int64) numbers the paragraph of a
    row, ascending within a document; ``tokens`` (int64) its length. ``hashes`` (uint64) belongs to each paragraph.
    """

    starts: NDArray[np.int64]
    paragraphs: NDArray[np.int64]
    tokens: NDArray[np.int64]
    hashes: NDArray[np.uint64]

    @property
    def count(self) -> int:
        """The number of shared paragraphs."""
        return len(self.hashes)


class ParagraphIndex:
    """Collects paragraph hashes batch by batch and tells which are shared."""

    def __init__(self, folder: Path) -> None:
        """Open the partitions as files in ``folder``, which must exist."""
        self._files = [(folder / f"paragraphs-{k:02}").open("w+b") for k in range(PARTITIONS)]

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the partitions."""
        for file in self._files:
            file.close()

    def add(self, hashes: NDArray[np.uint64], documents: NDArray[np.int64], tokens: NDArray[np.int64]) -> None:
        """Add the paragraphs of a batch; ``documents`` are numbers in the whole run."""
        rows = np.empty(len(hashes), ROW)
        rows["hash"], rows["document"], rows["tokens"] = hashes, documents, tokens
        place = (hashes >> np.uint64(58)).astype(np.int64)
        rows = rows[np.argsort(place, kind="stable")]
        bounds = np.zeros(PARTITIONS + 1, np.int64)
        np.cumsum(np.bincount(place, minlength=PARTITIONS), out=bounds[1:])
        for k, file in enumerate(self._files):
            if bounds[k + 1] > bounds[k]:
                file.write(rows[bounds[k] : bounds[k + 1]].tobytes())  # numpy's tofile does not say why it fails

    def shared(self, documents: int) -> Shared:
        """Return the paragraphs that at least two of the ``documents`` hold."""
        found = []
        hashes = []
        count = 0
        for file in self._files:
            file.seek(0)
            rows = np.fromfile(file, ROW)
            rows = rows[np.lexsort((rows["document"], rows["hash"]))]
            if not len(rows):
                continue
            starts = np.flatnonzero(np.r_[True, rows["hash"][1:] != rows["hash"][:-1]])
            ends = np.r_[starts[1:], len(rows)]
            several = rows["document"][starts] != rows["document"][ends - 1]
            group = np.repeat(np.cumsum(several) - 1, ends - starts)
            chosen = np.repeat(several, ends - starts)
            number = group[chosen] + count
            count += int(several.sum())
            hashes.append(rows["hash"][starts[several]])
            found.append(np.stack([rows["document"][chosen], number, rows["tokens"][chosen].astype(np.int64)], 1))
        table = np.concatenate(found) if found else np.zeros((0, 3), np.int64)
        table = table[np.lexsort((table[:, 1], table[:, 0]))]
        starts = np.searchsorted(table[:, 0], np.arange(documents + 1)).astype(np.int64)
        return Shared(
            starts,
            np.ascontiguousarray(table[:, 1]),
            np.ascontiguousarray(table[:, 2]),
            np.concatenate(hashes) if hashes else np.zeros(0, np.uint64),
        )
