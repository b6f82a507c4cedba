"""Where the passes of a run keep what they hand to each other: in memory while there is room, then on disk.

A run in one process whose documents fit into memory would write them to the disk, map them again and remove them for
nothing, which took a tenth of it. What is kept is not told from what is read back: a shelf changes no result.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

ROOM = 256 << 20
"""Bytes that a run keeps in memory: few beside what a batch needs, and enough for some hundred thousand documents."""


class Shelf:
    """Keeps things by name."""

    def __init__(self, folder: Path, room: int = 0) -> None:
        """Start empty.

        Args:
            folder: where to write what does not fit into memory.
            room: bytes that may stay in memory. Processes share only what is in the folder: their room is 0.
        """
        self.folder = folder
        self._room = room
        self._held: dict[str, tuple[Any, int]] = {}

    def put(self, name: str, thing: object, size: int, save: Callable[[Path], object]) -> None:
        """Keep a thing of ``size`` bytes, in place of what had its name; ``save`` writes it if there is no room."""
        self.drop(name)
        if size <= self._room:
            self._room -= size
            self._held[name] = thing, size
            return
        # What is replaced may still be mapped, by the very thing that is written: never write into its file.
        fresh = self.folder / f"{name}.new"
        save(fresh)
        fresh.replace(self.folder / name)

    def get(self, name: str, load: Callable[[Path], T]) -> T:
        """Return what was kept; ``load`` reads what ``save`` wrote."""
        if name in self._held:
            held: T = self._held[name][0]
            return held
        return load(self.folder / name)

    def drop(self, name: str) -> None:
        """Make room: what was kept in memory is not needed any more."""
        if name in self._held:
            self._room += self._held.pop(name)[1]
