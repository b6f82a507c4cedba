"""The talk of a command on standard error: for a person, or one JSON object a line for a program."""

from __future__ import annotations

import enum
import json
import sys
import traceback
from types import TracebackType
from typing import TYPE_CHECKING, Self

from taoxi.cli.params import DEFECT
from taoxi.cli.text import escape, on_terminal, say
from taoxi.corpus.complaints import Complaint, Remark, Verification
from taoxi.corpus.options import Options
from taoxi.corpus.report import Alarm, Event, Notice, Phase, Progress, Report

if TYPE_CHECKING:
    from taoxi.cli.progress import Bars


class LogFormat(enum.StrEnum):
    """For whom the command talks: a person or a program."""

    TEXT = "text"
    JSON = "json"


class Log:
    """Everything that a command says, in one place, so that nothing else writes to standard error.

    ``quiet`` leaves problems, alarms and errors. Used as a context, it takes the bars off the terminal at the end.
    """

    def __init__(self, style: LogFormat = LogFormat.TEXT) -> None:
        """Talk in ``style`` until the options say otherwise."""
        self.style = style
        self.quiet = False
        self._bars: Bars | None = None
        self._bars_wanted = False
        self._phase: Phase | None = None

    def __enter__(self) -> Self:
        """Return the log; bars appear with the first progress."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Take the bars off the terminal, whatever happened."""
        if self._bars is not None:
            self._bars.close()
            self._bars = None

    def start(self, options: Options) -> None:
        """Say what is about to be done, to a program only: a person has just typed it."""
        # Data that goes to the same terminal would be torn by bars that move.
        torn = options.out == "-" and on_terminal(sys.stdout)
        self._bars_wanted = not self.quiet and not torn and on_terminal(sys.stderr)
        if self.style is LogFormat.JSON and not self.quiet:
            fields = {"inputs": options.inputs, "out": options.out, "options": options.identity()}
            _emit("start", version=version(), **fields)

    def open(self, out: str) -> None:
        """Say that an output is about to be looked at, to a program only."""
        self._bars_wanted = not self.quiet and on_terminal(sys.stderr)
        if self.style is LogFormat.JSON and not self.quiet:
            _emit("start", version=version(), inputs=[], out=out, options={})

    def tell(self, message: str) -> None:
        """Say a sentence to a person, and as a notice to a program."""
        self._notice(Notice(message))

    def listen(self, event: Event | Complaint | Remark) -> None:
        """Say what happens while the library runs; a person reads problems and alarms at the end, all together."""
        if isinstance(event, Progress):
            self._progress(event)
        elif isinstance(event, Notice):
            self._notice(event)
        elif isinstance(event, Remark):
            if self.style is LogFormat.JSON:
                self._notice(Notice(event.message))
        elif self.style is LogFormat.TEXT:
            return
        elif isinstance(event, Alarm):
            _emit("alarm", name=event.name, documents=event.documents, removed=event.removed, lost=event.lost)
        elif isinstance(event, Complaint):
            places = {name: getattr(event, name) for name in ("file", "row", "id", "source", "byte")}
            _emit("complaint", kind=event.kind, **places, message=event.message)
        else:
            _emit("problem", source=event.source, member=event.member, byte=event.byte, message=event.message)

    def summary(self, report: Report, options: Options) -> None:
        """Say what came of the run."""
        if self.style is LogFormat.TEXT:
            from taoxi.cli import summary

            summary.show(report, options, quiet=self.quiet)
        elif not self.quiet:
            _emit("summary", **_figures(report))

    def verified(self, verification: Verification) -> None:
        """Say what came of verifying an output."""
        if self.style is LogFormat.TEXT:
            from taoxi.cli import verified

            verified.show(verification, quiet=self.quiet)
        elif not self.quiet:
            _emit("verification", **_found(verification))

    def fail(self, message: str, exit_code: int, trace: str | None = None) -> int:
        """Say why there is no result, in a message that ends with the next step, and return ``exit_code``."""
        if self.style is LogFormat.JSON:
            _emit("error", exit_code=int(exit_code), message=message, traceback=trace)
        else:
            for line in (trace or "").splitlines():
                say(escape(line))
            say(f"taoxi: {escape(message)}")
        return int(exit_code)

    def defect(self, error: Exception) -> int:
        """Say that taoxi itself failed, with what its makers need to mend it."""
        message = f"A defect in taoxi stopped it ({type(error).__name__}: {error}). Report it with the traceback."
        return self.fail(message, DEFECT, "".join(traceback.format_exception(error)))

    def _notice(self, event: Notice) -> None:
        """Say what a person should know while it lasts."""
        if self.quiet:
            return
        if self.style is LogFormat.JSON:
            _emit("notice", message=event.message)
        else:
            say(escape(event.message))

    def _progress(self, event: Progress) -> None:
        """Show how far the run is: as a bar on a terminal, as the name of a phase that begins in JSON."""
        if self.quiet:
            return
        if self.style is LogFormat.TEXT:
            self._move(event)
        elif event.phase is not self._phase:
            self._phase = event.phase
            _emit("phase", phase=event.phase, total=event.total)

    def _move(self, event: Progress) -> None:
        """Move the bars, if there is a terminal to show them."""
        if self._bars is None and self._bars_wanted:
            from taoxi.cli.progress import Bars

            self._bars = Bars()
        if self._bars is not None:
            self._bars.move(event)


def version() -> str | None:
    """Return the version of taoxi that is installed, None for a bare checkout."""
    import importlib.metadata

    try:
        return importlib.metadata.version("taoxi")
    except importlib.metadata.PackageNotFoundError:
        return None


def _emit(event: str, **fields: object) -> None:
    """Write one event. ASCII only, so that no locale and no byte of a file name can spoil a line."""
    say(json.dumps({"event": event, **fields}))


def _figures(report: Report) -> dict[str, object]:
    """Return the figures of a report; problems and alarms are counted, as each was an event of its own."""
    return {
        "exit_code": int(report.exit_code),
        "out": report.out,
        "run": report.run,
        "sources": report.sources,
        "unchanged": report.unchanged,
        "documents": report.documents,
        "kept": report.kept,
        "removed": report.removed,
        "cut": report.cut,
        "changes": report.changes,
        "characters": report.characters,
        "characters_kept": report.characters_kept,
        "encodings": report.encodings,
        "bytes": report.bytes,
        "problems": len(report.problems),
        "alarms": len(report.alarms),
        "seconds": round(report.seconds, 3),
    }


def _found(verification: Verification) -> dict[str, object]:
    """Return the figures of a verification; complaints and remarks were events of their own."""
    names = ("out", "runs", "files", "bytes", "rows", "documents", "pieces", "sources")
    states = ("replayed", "gone", "changed", "piped", "unread")
    return {
        "exit_code": int(verification.exit_code),
        **{name: getattr(verification, name) for name in (*names, *states)},
        "complaints": verification.complained,
        "notices": verification.remarked,
        "seconds": round(verification.seconds, 3),
    }
