"""Between the passes: what all documents together show of chrome, furniture and watermarks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from taoxi.corpus.layout import Learned
from taoxi.corpus.spool import UnitRead
from taoxi.dedup import chrome
from taoxi.normalize import lines

if TYPE_CHECKING:
    from taoxi.corpus.state.memory import Memory


class Learning:
    """Gathers the statistics of units, in any order, in ``folder``.

    Attributes:
        chrome: what the run itself learned of sites; None before that, and if chrome stays.
    """

    def __init__(self, folder: Path) -> None:
        """Start with nothing seen."""
        self._folder = folder
        self._lines = lines.Counts()
        self._chrome: chrome.Tally | None = None
        self.chrome: chrome.Chrome | None = None

    def add(self, unit: UnitRead) -> None:
        """Add what a unit shows."""
        self._lines.add(unit.lines)
        if unit.chrome is not None:
            if self._chrome is None:
                self._chrome = chrome.Tally(self._folder)
            self._chrome.add(unit.chrome)

    def learn(self, off: frozenset[str], pins: Mapping[str | None, frozenset[str]], memory: Memory | None) -> Learned:
        """Return what was learned; ``off`` names the rules that are not applied, ``pins`` those by site.

        With a ``memory``, what earlier runs learned of the sites counts as well.
        """
        path = None
        if self._chrome is not None:
            path = self._folder / "chrome"
            with self._chrome as tally:
                before = chrome.Chrome.empty() if memory is None else memory.chrome(tally.names.values())
                self.chrome = chrome.learn(tally, before.before)
                (before.merge(self.chrome) if memory is not None else self.chrome).known.save(path)
        marks, self._lines = lines.decide(self._lines), lines.Counts()
        return Learned(path, marks, off, pins)
