"""Bars on a terminal: one for each phase of a run, with documents, rate, the time that is left, and memory."""

from __future__ import annotations

import os
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, ProgressColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress
from rich.table import Column
from rich.text import Text

from taoxi.cli.text import MEGABYTE, megabytes
from taoxi.corpus.report import Phase, Progress

MEASURED_IN_BYTES = frozenset({Phase.READ, Phase.FILES})
"""Phases that go over bytes; the others go over documents, but for ``ROWS``."""

GIGABYTE = 10_000 * MEGABYTE
"""Bytes from which an amount is told in gigabytes: below, more digits say more."""


class Bars:
    """The bars of one run. They vanish when it is over: the summary says what they said."""

    def __init__(self, console: Console | None = None) -> None:
        """Start to show bars on ``console``, standard error unless told."""
        self._progress = RichProgress(
            TextColumn("{task.description:6}", table_column=_whole()),
            BarColumn(bar_width=None, table_column=Column(ratio=1, min_width=4)),
            Done(table_column=_whole()),
            Rate(table_column=_whole()),
            TimeRemainingColumn(compact=True, table_column=_whole()),
            Memory(table_column=_whole()),
            expand=True,
            console=console or Console(stderr=True, markup=False, emoji=False, highlight=False),
            transient=True,
        )
        self._tasks: dict[Phase, TaskID] = {}
        self._progress.start()

    def move(self, event: Progress) -> None:
        """Move the bar of the phase that ``event`` tells of; the ones before it are done."""
        if event.phase not in self._tasks:
            for before in self._progress.tasks:
                self._progress.update(before.id, total=before.completed)
            self._tasks[event.phase] = self._progress.add_task(event.phase, total=event.total, documents=0)
        task = self._tasks[event.phase]
        self._progress.update(task, total=event.total, completed=event.done, documents=event.documents)

    def close(self) -> None:
        """Take the bars off the terminal."""
        self._progress.stop()


def _whole() -> Column:
    """Return a column that is never broken: the bar makes room."""
    return Column(no_wrap=True)


class Done(ProgressColumn):
    """How much is done: bytes and the documents that they gave, rows, or documents."""

    def render(self, task: Task) -> Text:
        """Return the cell."""
        documents = f"{task.fields['documents']:,} documents"
        if task.description == Phase.ROWS:
            return Text(f"{task.completed:,.0f} rows")
        if task.description not in MEASURED_IN_BYTES:
            return Text(documents)
        unit, size = ("GB", 1000 * MEGABYTE) if max(task.completed, task.total or 0) >= GIGABYTE else ("MB", MEGABYTE)
        total = "" if task.total is None else f" of {task.total / size:,.1f}"
        done = f"{task.completed / size:,.1f}{total} {unit}"
        return Text(f"{done}, {documents}" if task.description == Phase.READ else done)


class Rate(ProgressColumn):
    """How fast a phase is: bytes a second while reading, documents or rows a second after it."""

    def render(self, task: Task) -> Text:
        """Return the cell, empty until there is something to measure."""
        speed = task.finished_speed or task.speed
        if speed is None:
            return Text("")
        return Text(f"{speed / MEGABYTE:,.1f} MB/s" if task.description in MEASURED_IN_BYTES else f"{speed:,.0f}/s")


class Memory(ProgressColumn):
    """How much memory the run has, with its processes, where the system tells; beside the phase that is going on."""

    max_refresh = 0.5

    def render(self, task: Task) -> Text:
        """Return the cell."""
        size = 0 if task.finished else resident()
        return Text(megabytes(size, digits=0) if size else "", style="dim")


def resident() -> int:
    """Return the bytes of memory that this process and those that it has started hold, 0 where nobody tells."""
    total = 0
    try:
        own = Path("/proc/self")
        started = [pid for path in own.glob("task/*/children") for pid in path.read_text("ascii").split()]
        page = os.sysconf("SC_PAGE_SIZE")
        for process in (own, *(Path("/proc", pid) for pid in started)):
            total += int((process / "statm").read_text("ascii").split()[1]) * page
    except (OSError, ValueError, IndexError):  # another system, or a process that has just ended
        pass
    return total
