"""What encodings the files of a folder had so far: evidence about the next one, and a short way to its own.

Sources are opened one after another, in the order of the run, whatever the number of processes and the size of batches,
so what is known at each of them is always the same.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Mapping

FOLDERS = 1_000
"""Folders that are remembered; the one that was not asked about for longest is forgotten."""

DOUBT = 2
"""Files of another encoding that each folder is taken to have: so one file alone makes nothing probable."""


class Neighbours:
    """Counts of encodings by folder.

    >>> known = Neighbours()
    >>> for _ in range(6):
    ...     known.add("news", "gb18030", "新闻".encode("gb18030"))
    >>> known.prior("news"), known.prior("blogs")
    ({'gb18030': 0.75}, {})
    """

    def __init__(self) -> None:
        """Know nothing."""
        self._folders: OrderedDict[str, Counter[str]] = OrderedDict()

    def prior(self, folder: str) -> Mapping[str, float]:
        """Return how probable each encoding is for the next file of a folder; what is missing is for all others."""
        counts = self._folders.get(folder)
        if not counts:
            return {}
        self._folders.move_to_end(folder)
        total = counts.total() + DOUBT
        return {name: count / total for name, count in counts.items()}

    def add(self, folder: str, encoding: str, head: bytes) -> None:
        """Learn the encoding of a file; ASCII says nothing about it.

        Args:
            folder: where the file lies.
            encoding: the codec that read it.
            head: how it begins.
        """
        if head.isascii():
            return
        counts = self._folders.setdefault(folder, Counter())
        counts[encoding] += 1
        self._folders.move_to_end(folder)
        if len(self._folders) > FOLDERS:
            self._folders.popitem(last=False)
