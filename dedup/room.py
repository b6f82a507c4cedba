"""Arrays as long as a run has documents: in memory while they are small, mapped from files when they are not.

What the judge looks up takes some hundred bytes of each document. A mapped file holds it as well as memory does, and
the system may take its pages back when it has no others.
"""

from __future__ import annotations

import math
import os
import tempfile
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

HELD = 64 << 20
"""Bytes of arrays that are kept in memory: those of some fifty thousand documents."""

AT_ONCE = 1 << 20


class Room:
    """Makes arrays of zeros, which are gone with their last user."""

    def __init__(self, folder: Path | None = None, held: int = HELD) -> None:
        """Start with nothing taken.

        Args:
            folder: where files are made; without it, all arrays are in memory.
            held: bytes from which on arrays are mapped from files.
        """
        self._folder, self._left = folder, held

    def zeros(self, shape: int | tuple[int, ...], kind: DTypeLike) -> NDArray[Any]:
        """Return an array of zeros.

        Raises:
            OSError: if the disk has no room for it. Later it would be too late: who writes to a mapped file is ended.
        """
        size = math.prod(shape if isinstance(shape, tuple) else (shape,)) * np.dtype(kind).itemsize
        if self._folder is None or size <= self._left or not size:
            self._left -= size
            return np.zeros(shape, kind)
        with tempfile.TemporaryFile(dir=self._folder) as file:
            _reserve(file, size)
            return np.asarray(np.memmap(file, kind, "r+", shape=shape))


def _reserve(file: IO[bytes], size: int) -> None:
    """Make a file of zeros whose blocks are the file's."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file.fileno(), 0, size)
        return
    zeros = bytes(AT_ONCE)
    for start in range(0, size, AT_ONCE):
        file.write(zeros[: size - start])
    file.flush()
