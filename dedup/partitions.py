"""Rows that are gathered batch by batch in any order, and come back such that all of one hash are together.

Those of a small run stay in memory. From ``HELD`` bytes on they are dealt to files by the top bits of their hashes, so
that one file at a time is read and sorted.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BufferedRandom
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

PARTITIONS = 64
"""Files: 1 GB of memory for 4 billion paragraphs, that is some terabytes of text."""

HELD = 32 << 20
"""Bytes of rows that are kept in memory."""

DEALT = 4 << 20
"""Bytes of rows that are dealt together once there are files."""


class Partitions:
    """Rows of one type, by the hash in one of their fields (uint64)."""

    def __init__(self, folder: Path, name: str, row: np.dtype[np.void], field: str, held: int = HELD) -> None:
        """Start with no rows.

        Args:
            folder: where files are made once there are many rows; it must exist.
            name: what the names of the files begin with.
            row: the type of a row.
            field: its hash.
            held: bytes of rows from which they are written to files.
        """
        self._folder, self._name, self._row, self._field, self._limit = folder, name, row, field, held
        self._held: list[NDArray[np.void]] = []
        self._bytes = 0
        self._files: list[BufferedRandom] = []
        self._open = True

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Forget the rows and close the files."""
        self._open, self._held = False, []
        for file in self._files:
            file.close()

    def add(self, rows: NDArray[np.void]) -> None:
        """Add the rows of a batch, which must not change afterwards.

        Raises:
            ValueError: if the partitions are closed; also when they are asked for their rows.
        """
        self._check()
        self._held.append(rows)
        self._bytes += rows.nbytes
        if self._bytes >= (min(DEALT, self._limit) if self._files else self._limit):
            self._spill()

    def __iter__(self) -> Iterator[NDArray[np.void]]:
        """Yield the rows, in the order of the ranges that their hashes are in; any number of times."""
        self._check()
        if not self._files:
            yield self._gathered()
            return
        self._spill()
        for file in self._files:
            file.seek(0)
            yield np.fromfile(file, self._row)

    def _check(self) -> None:
        if not self._open:
            message = "The partitions are closed."
            raise ValueError(message)

    def _gathered(self) -> NDArray[np.void]:
        """Return what is in memory, as one array."""
        if len(self._held) != 1:
            self._held = [np.concatenate([np.zeros(0, self._row), *self._held])]
        return self._held[0]

    def _spill(self) -> None:
        if not self._files:  # closed with the rest, so not in a block of their own
            self._files = [(self._folder / f"{self._name}-{k:02}").open("w+b") for k in range(PARTITIONS)]
        held, self._held, self._bytes = self._held[::-1], [], 0
        while held:  # one batch after another, each forgotten at once: together they would take a copy
            self._deal(held.pop())

    def _deal(self, rows: NDArray[np.void]) -> None:
        place = (rows[self._field] >> np.uint64(58)).astype(np.int64)
        rows = rows[np.argsort(place, kind="stable")]
        bounds = np.zeros(PARTITIONS + 1, np.int64)
        np.cumsum(np.bincount(place, minlength=PARTITIONS), out=bounds[1:])
        for k, file in enumerate(self._files):
            if bounds[k + 1] > bounds[k]:
                file.seek(0, 2)
                file.write(rows[bounds[k] : bounds[k + 1]].tobytes())  # numpy's tofile does not say why it fails
