"""What an explanation of an id consists of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from taoxi.corpus.differences import Difference


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Where a row of the output lies, and where in the input it came from; all numbers count from 0."""

    run: int
    file: str
    row: int
    source: str
    member: str | None
    record: int | None
    part: int | None
    byte_start: int
    byte_end: int
    title: str | None
    date: str | None
    url: str | None
    site: str | None
    encoding: str | None
    bad_bytes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A row of the ledger that is no document.

    ``offset`` counts in the text of ``document`` from which it was cut; ``before`` and ``behind`` stand around it
    there. ``leader`` keeps the same passage. They are None where the piece was part of no document.
    """

    where: Where
    kind: str
    reason: str
    text: str | None
    evidence: dict[str, Any] | None
    document: str | None
    offset: int | None
    leader: str | None
    before: str | None = None
    behind: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """What became of line ends in a text, and at how many places."""

    was: str
    now: str
    places: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A removed document that a kept one stands for."""

    id: str
    where: Where
    reason: str
    similarity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaced:
    """A text that run ``of`` held, until ``taoxi restore`` undid the rules ``back`` in it; now ``by`` stands there."""

    id: str
    where: Where
    of: int
    by: str
    back: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A kept or removed document: its text, what was changed in it (counters by rule), and what was cut from it."""

    id: str
    where: Where
    text: str
    changes: dict[str, int]
    pieces: tuple[Piece, ...]
    joins: tuple[Join, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A document of the corpus, and the first of the removed ones that it stands for.

    ``stands_for`` counts all of these, ``passages`` the passages that were cut from others because it keeps them;
    ``restored`` says that it had been removed, and was put back. ``instead`` is the text in whose place it stands, with
    lines in it that a rule had taken out.
    """

    document: Document
    copies: tuple[Copy, ...]
    stands_for: int
    passages: int
    restored: bool
    instead: Replaced | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """A document of the ledger, and in what it differs from its leader (left) where that could be read."""

    document: Document
    reason: str
    similarity: float | None
    leader: str | None
    leader_where: Where | None
    differences: tuple[Difference, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """All that has an id: kept, replaced by another text, removed, cut from documents.

    Of many alike there are the first ones, and how many there are. Of a text that was replaced, ``kept`` is the one
    that stands in its place.
    """

    id: str
    replaced: tuple[Replaced, ...]
    kept: tuple[Kept, ...]
    removed: tuple[Removed, ...]
    removed_count: int
    pieces: tuple[Piece, ...]
    pieces_count: int
