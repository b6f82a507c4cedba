"""What a look over an output says: complaints, remarks, and the figures at its end."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass, field

from taoxi.corpus.report import ExitCode, Notice, Progress

LISTED = 20
"""Complaints of a kind, or remarks of a kind, that are told one by one; the rest is counted."""


class Kind(enum.StrEnum):
    """What a complaint is about."""

    MANIFEST = "manifest"
    FILE = "file"
    ROW = "row"
    ID = "id"
    COUNT = "count"
    LEADER = "leader"
    PIECE = "piece"
    SIMILARITY = "similarity"
    SPAN = "span"
    SOURCE = "source"
    REPLAY = "replay"
    DATABASE = "database"


@dataclass(frozen=True, slots=True)
class Complaint:
    """Something that does not hold: the output is damaged, or was changed by something else than taoxi.

    ``file`` is the path in the output. ``row`` counts from 0 in that file, ``id`` is that of the row, ``byte`` counts
    in the decompressed ``source``. ``message`` ends with the next step.
    """

    kind: Kind
    file: str
    message: str
    row: int | None = None
    id: str | None = None
    source: str | None = None
    byte: int | None = None

    def __str__(self) -> str:
        """Return the line that a person reads: file, place, what is wrong and what to do."""
        parts = [
            self.file,
            *([] if self.row is None else [f"row {self.row:,}"]),
            *([] if self.id is None else [f"id {self.id}"]),
            *([] if self.source is None else [self.source]),
            *([] if self.byte is None else [f"byte {self.byte:,}"]),
        ]
        return f"{', '.join(parts)}: {self.message}"


class About(enum.StrEnum):
    """What a remark is about."""

    REST = "rest"
    STRANGER = "stranger"
    TEXT = "text"
    VERSION = "version"
    UNCHECKED = "unchecked"
    STANDARD_INPUT = "standard input"
    GONE = "gone"
    CHANGED = "changed"
    ALIKE = "alike"


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that a person should know and that is no damage: what could not be checked, what is of no use."""

    about: About
    message: str

    def __str__(self) -> str:
        """Return the line that a person reads."""
        return self.message


Finding = Complaint | Remark
Listener = Callable[[Finding | Progress | Notice], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What came of verifying an output.

    ``files`` and ``bytes`` count what the manifests in force list, ``rows`` those of corpus and ledger, ``documents``
    and ``pieces`` what corpus and ledger were put together from. ``sources`` counts the inputs of the runs, members of
    archives not among them: ``replayed`` were read again, ``gone`` are not there, ``changed`` are not what was read,
    ``piped`` came by standard input, ``unread`` had not been read in the first place.
    ``complaints`` and ``remarks`` hold the first ``LISTED`` of each kind, ``complained`` and ``remarked`` count all.
    ``seconds`` is wall time without that of compiling kernels.
    """

    out: str
    runs: int
    files: int
    bytes: int
    rows: int
    documents: int
    pieces: int
    sources: int
    replayed: int
    gone: int
    changed: int
    piped: int
    unread: int
    seconds: float
    complaints: tuple[Complaint, ...] = ()
    complained: dict[str, int] = field(default_factory=dict)
    remarks: tuple[Remark, ...] = ()
    remarked: dict[str, int] = field(default_factory=dict)

    @property
    def exit_code(self) -> ExitCode:
        """The exit code that tells a shell whether all holds."""
        return ExitCode.OUTPUT if self.complained else ExitCode.DONE
