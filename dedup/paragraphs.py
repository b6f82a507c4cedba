"""Paragraphs that more than one document holds, found within bounded memory.

Only those can make a document contained in another, and in most corpora they are few.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from taoxi.dedup.partitions import HELD, Partitions

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

    def __init__(self, folder: Path, held: int = HELD) -> None:
        """Start with none; ``folder`` and ``held`` as for ``Partitions``."""
        self._rows = Partitions(folder, "paragraphs", ROW, "hash", held)

    def __enter__(self) -> Self:
        """Return itself."""
        self._rows.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Forget all."""
        self._rows.__exit__(kind, error, trace)

    def add(self, hashes: NDArray[np.uint64], documents: NDArray[np.int64], tokens: NDArray[np.int64]) -> None:
        """Add the paragraphs of a batch; ``documents`` are numbers in the whole run."""
        rows = np.empty(len(hashes), ROW)
        rows["hash"], rows["document"], rows["tokens"] = hashes, documents, tokens
        self._rows.add(rows)

    def shared(self, documents: int) -> Shared:
        """Return the paragraphs that at least two of the ``documents`` hold."""
        found = []
        hashes = []
        count = 0
        for unsorted in self._rows:
            rows = unsorted[np.lexsort((unsorted["document"], unsorted["hash"]))]
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
