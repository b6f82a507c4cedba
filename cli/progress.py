"""Bars on a terminal: one for each phase of a run, with documents, rate and the time that is left."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, ProgressColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress
from rich.text import Text

from taoxi.cli.text import MEGABYTE, megabytes
from taoxi.corpus.report import Phase, Progress

MEASURED_IN_BYTES = frozenset({Phase.READ, Phase.FILES})
"""Phases that go over bytes; the others go over documents, but for ``ROWS``."""


class Bars:
    """The bars of one run. They vanish when it is over: the summary says what they said."""

    def __init__(self, console: Console | None = None) -> None:
        """Start to show bars on ``console``, standard error unless told."""
        self._progress = RichProgress(
            TextColumn("{task.description:6}"),
            BarColumn(),
            Done(),
            Rate(),
            TimeRemainingColumn(compact=True),
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


class Done(ProgressColumn):
    """How much is done: bytes and the documents that they gave, rows, or documents."""

    def render(self, task: Task) -> Text:
        """Return the cell."""
        documents = f"{task.fields['documents']:,} documents"
        if task.description == Phase.ROWS:
            return Text(f"{task.completed:,.0f} rows")
        if task.description not in MEASURED_IN_BYTES:
            return Text(documents)
        total = "" if task.total is None else f" of {megabytes(task.total)}"
        return Text(f"{megabytes(task.completed)}{total}{f', {documents}' if task.description == Phase.READ else ''}")


class Rate(ProgressColumn):
    """How fast a phase is: bytes a second while reading, documents or rows a second after it."""

    def render(self, task: Task) -> Text:
        """Return the cell, empty until there is something to measure."""
        speed = task.finished_speed or task.speed
        if speed is None:
            return Text("")
        return Text(f"{speed / MEGABYTE:,.1f} MB/s" if task.description in MEASURED_IN_BYTES else f"{speed:,.0f}/s")
