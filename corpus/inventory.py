"""The sources of a run: their numbers, what was counted in each, what went wrong, and what became of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from taoxi.corpus.reading import Tally
from taoxi.corpus.report import Listener
from taoxi.corpus.schema import SOURCES
from taoxi.corpus.spool import UnitRead
from taoxi.normalize.characters.rules import RULES
from taoxi.normalize.formats.record import MAX_PROBLEMS_PER_BLOCK
from taoxi.normalize.model import Problem, Source, SourceFate

MAX_PROBLEMS = MAX_PROBLEMS_PER_BLOCK
"""Problems with the records of a source that are told one by one; a block tells as many, whatever its size."""


class Inventory:
    """All sources of a run, by their numbers.

    Attributes:
        sources: the sources, members of archives among them, in natural order.
        seen: the runs that read the sources which were not read again.
        bytes: what was read so far, as stored; a reader moves it while it reads.
    """

    def __init__(self, tell: Listener) -> None:
        """Start with none; problems are told as they come."""
        self._tell = tell
        self._fates: list[SourceFate] = []
        self._tallies: dict[int, Tally] = {}
        self._problems: list[tuple[int, Problem]] = []
        self._told: Counter[int] = Counter()
        self._untold: dict[int, Problem] = {}
        self.sources: list[Source] = []
        self.seen: dict[int, int] = {}
        self.bytes = 0

    def __len__(self) -> int:
        """Return the number of sources whose fate is known."""
        return len(self._fates)

    @property
    def documents(self) -> int:
        """The number of documents that were found."""
        return sum(tally.documents for tally in self._tallies.values())

    @property
    def changes(self) -> NDArray[np.int64]:
        """What each rule on characters changed (int64, one per rule of ``RULES``)."""
        return sum((tally.changes for tally in self._tallies.values()), np.zeros(len(RULES), np.int64))

    @property
    def encodings(self) -> Counter[str]:
        """Sources by the encoding that most of their bytes had."""
        found = (self._encoding(fate) for fate in self._fates)
        return Counter(encoding for encoding in found if encoding is not None)

    @property
    def problems(self) -> list[tuple[int, Problem]]:
        """All problems with the numbers of their sources; at one byte, which was found first depends on the batches."""
        return sorted(self._problems, key=_place)

    def deal(self, source: Source) -> int:
        """Give a source its number."""
        self.sources.append(source)
        return len(self.sources) - 1

    def add(self, unit: UnitRead) -> None:
        """Take what a unit counted, and its problems."""
        for order, tally in unit.tallies.items():
            self._tallies.setdefault(order, Tally()).add(tally)
        for order, problem in unit.problems:
            self._weigh(order, replace(problem, member=self.sources[order].member))

    def end(self, fate: SourceFate, before: int) -> None:
        """Note what became of a source, behind ``before`` bytes; the bytes of members are those of their archive."""
        self._fates.append(fate)
        if fate.source.member is None:
            self.bytes = before + fate.bytes
        for problem in fate.problems:
            self._note(fate.order, problem)

    def close(self) -> None:
        """Say how many problems were not told one by one."""
        for order, problem in sorted(self._untold.items()):
            message = f"From here on there are {problem.untold:,} more such problems. Repair the first ones first."
            self._note(order, replace(problem, message=message))

    def _weigh(self, order: int, problem: Problem) -> None:
        """Tell a problem of a record, or count it if its source has told enough."""
        if not problem.untold and self._told[order] < MAX_PROBLEMS:
            self._told[order] += 1
            self._note(order, problem)
            return
        first = self._untold.setdefault(order, replace(problem, untold=0))
        self._untold[order] = replace(first, untold=first.untold + max(1, problem.untold))

    def _note(self, order: int, problem: Problem) -> None:
        self._problems.append((order, problem))
        self._tell(problem)

    def table(self, run: int | None) -> pa.Table:
        """Return the table of sources in natural order; those that were read now were read by ``run``."""
        errors: dict[int, list[str]] = {}
        for order, problem in self.problems:
            place = "" if problem.byte is None else f"at byte {problem.byte:,}: "
            errors.setdefault(order, []).append(place + problem.message)
        rows = []
        for fate in sorted(self._fates, key=lambda fate: fate.order):
            tally = self._tallies.get(fate.order, Tally())
            rows.append(
                {
                    "source": fate.source.name,
                    "member": fate.source.member,
                    "bytes": fate.bytes,
                    "sha256": fate.sha256,
                    "format": fate.format,
                    "encoding": self._encoding(fate),
                    "bad_bytes": tally.bad_bytes,
                    "records": tally.records,
                    "documents": tally.documents,
                    "error": "\n".join(errors[fate.order]) if fate.order in errors else None,
                    "run": self.seen.get(fate.order, run),
                }
            )
        return pa.Table.from_pylist(rows, schema=SOURCES)

    def _encoding(self, fate: SourceFate) -> str | None:
        """Return the encoding that most bytes of a source had."""
        sizes = self._tallies.get(fate.order, Tally()).encodings
        return max(sizes, key=lambda name: sizes[name]) if sizes else fate.encoding


def _place(problem: tuple[int, Problem]) -> tuple[int, int, str]:
    """Return what problems are sorted by."""
    order, found = problem
    return order, -1 if found.byte is None else found.byte, "" if found.byte is None else found.message
