"""The nouns that pass from bytes to documents: sources, blocks, problems, records, pieces."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

INSIDE = "!/"
"""What stands between an archive and the path of a member."""


class Format(enum.StrEnum):
    """What delimits the records of a source."""

    TEXT = "text"
    JSONL = "jsonl"
    JSON = "json"
    CSV = "csv"
    HTML = "html"
    WARC = "warc"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class Source:
    r"""One input as it will be opened and as provenance names it.

    ``path`` is what the operating system opens (``-`` is standard input). ``name`` is the same in valid
    UTF-8 with ``/`` between folders; bytes that are not UTF-8 stand in it as ``\xNN``. ``folder`` is
    the part of ``name`` before the last ``/``: the site of a source that has no URL. ``error`` is set when the walk
    already knows that the source cannot be read (a symlink loop, no permission); ``size`` is in
    bytes, -1 when unknown. ``member`` is the path inside of an archive, with ``!/`` behind an archive in the archive;
    ``path`` and ``name`` are then those of the outermost archive.
    """

    path: str
    name: str
    folder: str
    size: int = -1
    hidden: bool = False
    error: str | None = None
    member: str | None = None

    @property
    def label(self) -> str:
        """The name that a person reads, ``archive!/member`` for what lies in an archive."""
        return self.name if self.member is None else f"{self.name}{INSIDE}{self.member}"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something of the input that could not be read as it stands, for a person to see.

    ``byte`` counts from the start of the decompressed source; ``message`` is one sentence that ends with the
    next step and does not repeat the source's name. ``untold`` is not 0 in the one that stands for so many others,
    which are not told one by one.
    """

    source: str
    message: str
    byte: int | None = None
    member: str | None = None
    untold: int = field(default=0, compare=False)

    def __str__(self) -> str:
        """Return the line that a person reads: source, position, what is wrong and what to do."""
        name = self.source if self.member is None else f"{self.source}{INSIDE}{self.member}"
        place = "" if self.byte is None else f" at byte {self.byte:,}"
        return f"{name}{place}: {self.message}"


@dataclass(frozen=True, slots=True)
class Layout:
    """What the head of a source says about the rest, so that any block of it can be read alone.

    ``encoding`` is a Python codec name and only a hint: a block that does not decode with it chooses anew.
    ``delimiter``, ``quote``, ``escape`` (each one ASCII character, or empty for none), ``columns`` and ``header``
    (whether the first row holds their names) belong to CSV; ``depth`` to JSON: how many brackets enclose a record.
    ``text_field`` is None when each record is searched for the usual names.
    """

    format: Format
    encoding: str
    text_field: str | None = None
    delimiter: str = ","
    columns: tuple[str, ...] = ()
    quote: str = '"'
    escape: str = ""
    header: bool = True
    depth: int = 0


class GapReason(enum.StrEnum):
    """Why a stretch between the records of a source is none itself; also the ledger's reason for it."""

    HEADER = "header"
    FOOTER = "footer"
    BLANK = "blank"
    OVERSIZE = "oversize"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch ``[start, end)`` of a source that no record spans; ``data`` is None where its bytes are not kept."""

    reason: GapReason
    start: int
    end: int
    record: int | None = None
    data: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Block:
    """A run of whole records of one source: the unit that a worker reads.

    ``start`` is the byte offset of ``data`` in the decompressed source, ``record`` the place of its first
    record in the source, ``order`` the place of the source in the run. ``gaps`` are stretches beside its records.
    """

    source: Source
    order: int
    layout: Layout
    start: int
    record: int
    data: bytes = field(repr=False)
    gaps: tuple[Gap, ...] = ()

    def problem(self, message: str, byte: int | None = None) -> Problem:
        """Return a problem of the source; ``byte`` counts from its start."""
        return Problem(self.source.name, message, byte, self.source.member)


@dataclass(frozen=True, slots=True)
class SourceFate:
    """What became of a source once its last byte was read: a row of the table ``sources``, but for its counts."""

    order: int
    source: Source
    format: str
    encoding: str | None
    bytes: int
    sha256: str | None
    problems: tuple[Problem, ...] = ()


class Lost(enum.StrEnum):
    """Why a record never became a document; also the ledger's reason for it."""

    UNPARSED = "unparsed"
    NO_TEXT = "no_text"
    NOT_TEXT = "not_text"
    NOT_PAGE = "not_page"
    STATUS = "status"


@dataclass(slots=True)
class Record:
    """One record of a block that is no plain text, before its characters are normalized.

    ``text`` is str, or bytes of UTF-8 known to be valid. ``start`` and ``end`` are byte offsets in the
    decompressed source. When ``lost`` is set there is no document and ``text`` is the raw record.
    ``aside`` are stretches of the text that do not belong to the document: start, end (bytes) and reason, in order,
    each of whole lines with the line feed behind them.
    """

    text: str | bytes
    record: int
    start: int
    end: int
    encoding: str
    bad_bytes: int = 0
    title: str | None = None
    date: str | None = None
    url: str | None = None
    meta: bytes | None = None
    lost: Lost | None = None
    aside: tuple[tuple[int, int, str], ...] = ()


class PieceKind(enum.StrEnum):
    """What a stretch of a text source is."""

    DOCUMENT = "document"
    SEPARATOR = "separator"
    CHROME = "chrome"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch ``[start, end)`` of a normalized text, in characters; the pieces of a text tile it.

    ``reason`` says of a piece that is no document what it is (``delimiter``, ``contents``, ``date``, ``title``,
    ``tail``); ``title`` and ``date`` belong to documents.
    """

    start: int
    end: int
    kind: PieceKind
    reason: str | None = None
    title: str | None = None
    date: str | None = None
