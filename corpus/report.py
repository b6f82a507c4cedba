"""What a run says of itself: events while it goes on and one report at its end."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass

from taoxi.normalize.model import Problem


class ExitCode(enum.IntEnum):
    """The exit codes of the command (DESIGN §6)."""

    DONE = 0
    UNREADABLE = 1
    USAGE = 2
    GUARD = 3
    OUTPUT = 4
    INTERRUPTED = 130


class Phase(enum.StrEnum):
    """The three passes of a run, and those of a verification."""

    READ = "read"
    JUDGE = "judge"
    WRITE = "write"
    FILES = "files"
    ROWS = "rows"
    REPLAY = "replay"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a pass is.

    ``done`` and ``total`` count bytes of the sources as stored (read), bytes of the output (files), rows (rows) or
    documents (judge, write, replay); ``total`` is None where it is not known (standard input).
    """

    phase: Phase
    done: int
    total: int | None
    documents: int


class Lost(enum.StrEnum):
    """What an alarm is about: documents that were removed, or documents of which little was left."""

    DOCUMENTS = "documents"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Alarm:
    """A site or source that lost an abnormal share of its documents, or an abnormal share of the text of many."""

    name: str
    documents: int
    removed: int
    lost: Lost = Lost.DOCUMENTS

    def __str__(self) -> str:
        """Return the line that a person reads."""
        if self.lost is Lost.TEXT:
            return (
                f"{self.name}: {self.removed:,} of {self.documents:,} documents lost over nine tenths of their text as"
                " site chrome. Look at its rows of kind chrome in the ledger before you trust this run."
            )
        return (
            f"{self.name}: {self.removed:,} of {self.documents:,} documents were removed. "
            "Look at its rows in the ledger before you trust this run."
        )


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that a person should know while it lasts."""

    message: str

    def __str__(self) -> str:
        """Return the line that a person reads."""
        return self.message


Event = Progress | Problem | Alarm | Notice
Listener = Callable[[Event], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The figures of a finished run.

    ``removed`` counts documents by reason (``exact``, ``near``, ``contained``, ``empty``, …), ``cut`` counts pieces
    of text that are in the ledger without being documents, by ``kind/reason``. ``changes`` counts what each
    normalization rule changed, in kept documents and removed ones alike. Characters are code points of normalized
    text. ``templates`` counts kept documents that have the words of another one and other facts. ``encodings`` counts
    sources. ``bytes`` counts what was read as stored; ``seconds`` is wall time without
    that of compiling kernels. ``unchanged`` counts sources that an earlier run has read as they are; if there was
    nothing else (no ``news``), nothing was written, and there is no ``run``.
    """

    out: str
    run: int | None
    news: bool
    sources: int
    unchanged: int
    documents: int
    kept: int
    removed: dict[str, int]
    cut: dict[str, int]
    changes: dict[str, int]
    characters: int
    characters_kept: int
    encodings: dict[str, int]
    bytes: int
    seconds: float
    problems: tuple[Problem, ...]
    alarms: tuple[Alarm, ...]
    strict: bool
    templates: int = 0

    @property
    def exit_code(self) -> ExitCode:
        """The exit code that tells a shell how the run went."""
        if self.strict and self.alarms:
            return ExitCode.GUARD
        return ExitCode.UNREADABLE if self.problems else ExitCode.DONE
