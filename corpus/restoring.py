"""Put corpus and ledger together again: every document of a run, with the texts that it had on its way."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from taoxi.corpus.breaks import BREAK, parted
from taoxi.corpus.output import Output

Row = dict[str, Any]
RESTORE = "restore"
"""What the manifest of a run says that puts removed documents back."""

RESTORED = "restored"
"""The reason in the ledger of such a run."""

NO_DOCUMENT = ("empty", RESTORED)
"""Reasons of rows of kind ``document`` that are none: nothing was in the record, or the text is in the corpus again."""

Place = tuple[int, int, int, int]
"""Where a document stands in a run: the number of its source, its first byte there, record and part."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document of a run, kept or removed.

    ``row`` is its row in the corpus (``kept``) or in the ledger, ``pieces`` are what the ledger holds
    of its parts, in order, and ``place`` is where it stands.
    """

    row: Row
    kept: bool
    pieces: list[Row]
    place: Place

    @property
    def judged(self) -> str:
        """The text as it was judged: passages that were cut because another document keeps them are in it again."""
        return _put_back(self.row["text"], [row for row in self.pieces if _shared(row)])

    @property
    def signed(self) -> str:
        """The text that was signed: with the passages, too, that stood in it before."""
        return _put_back(self.judged, [row for row in self.pieces if row["kind"] == "passage" and not _shared(row)])

    @property
    def joined(self) -> str:
        """The whole text with its lines still joined, in which the offsets of chrome and furniture count."""
        return _put_back(self.signed, [row for row in self.pieces if row["kind"] in {"chrome", "furniture"}])

    @property
    def whole(self) -> str:
        """The normalized text that was read: with all that was cut from it, and its lines as they were."""
        text = self.joined
        for row in self.pieces:
            if row["kind"] == BREAK:
                text = parted(text, row["evidence"])
        return text


def _shared(row: Row) -> bool:
    return bool(row["kind"] == "passage" and row["leader"] != row["document"])


def _put_back(text: str, rows: list[Row]) -> str:
    """Insert the texts of rows at their offsets, which count in the text that comes of it."""
    parts: list[str] = []
    taken = size = 0
    for row in sorted(rows, key=lambda row: int(row["offset"])):
        before = text[taken : taken + row["offset"] - size]
        parts += [before, row["text"]]
        taken += len(before)
        size += len(before) + len(row["text"])
    return "".join([*parts, text[taken:]])


def documents(output: Output, run: int, stray: Callable[[Row], None] | None = None) -> Iterator[Document]:
    """Yield all documents of a run in natural order, but for records that held nothing.

    Args:
        output: the folder.
        run: the number of the run.
        stray: called with each piece whose document does not stand where the piece does.

    Raises:
        OutputError: if a file of the run is missing or damaged.
    """
    names = [(row["source"], row["member"]) for row in output.rows("sources", run)]
    kept = _placed(output.rows("corpus", run), names)
    ledger = _placed((row for row in output.rows("removed", run) if _of_a_document(row)), names)
    for place, group in groupby(heapq.merge(kept, ledger, key=itemgetter(0)), key=itemgetter(0)):
        rows = [row for _place, row in group]
        own = [row for row in rows if row.get("kind", "document") == "document"]
        for row in own:
            pieces = [piece for piece in rows if piece.get("document") == row["id"]]
            yield Document(row, "kind" not in row, pieces, place)
        if stray is not None:
            ids = {row["id"] for row in own}
            for row in rows:
                if row.get("document") is not None and row["document"] not in ids:
                    stray(row)


def _of_a_document(row: Row) -> bool:
    return bool(row["document"] is not None or (row["kind"] == "document" and row["reason"] not in NO_DOCUMENT))


def _placed(rows: Iterable[Row], names: list[tuple[str, str | None]]) -> Iterator[tuple[Place, Row]]:
    """Yield rows with their places; both follow the order of the sources."""
    at = 0
    for row in rows:
        name = (row["source"], row["member"])
        while at < len(names) and names[at] != name:
            at += 1
        yield (at, row["byte_start"], row["record"], row["part"]), row
