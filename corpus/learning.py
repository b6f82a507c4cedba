"""Between the passes: what all documents together show of chrome, furniture and watermarks."""

from __future__ import annotations

from pathlib import Path

from taoxi.corpus.layout import Learned
from taoxi.corpus.spool import UnitRead
from taoxi.dedup import chrome
from taoxi.normalize import lines


class Learning:
    """Gathers the statistics of units, in any order, in ``folder``."""

    def __init__(self, folder: Path) -> None:
        """Start with nothing seen."""
        self._folder = folder
        self._lines = lines.Counts()
        self._chrome: chrome.Tally | None = None

    def add(self, unit: UnitRead) -> None:
        """Add what a unit shows."""
        self._lines.add(unit.lines)
        if unit.chrome is not None:
            if self._chrome is None:
                self._chrome = chrome.Tally(self._folder)
            self._chrome.add(unit.chrome)

    def learn(self, off: frozenset[str]) -> Learned:
        """Return what was learned; ``off`` names the rules that are not applied."""
        path = None
        if self._chrome is not None:
            path = self._folder / "chrome"
            with self._chrome as tally:
                chrome.learn(tally).known.save(path)
        return Learned(path, lines.decide(self._lines), off)
