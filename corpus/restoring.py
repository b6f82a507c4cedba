"""Put corpus and ledger together again: every document of a run, with the texts that it had on its way."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from taoxi.corpus.breaks import BREAK, parted
from taoxi.corpus.manifest import withdrawing
from taoxi.corpus.options import OutputError
from taoxi.corpus.output import Output
from taoxi.corpus.schema import CORPUS, LEDGER

Row = dict[str, Any]
RESTORE = "restore"
"""What the manifest of a run says that puts removed documents back."""

RESTORED = "restored"
"""The reason in the ledger of such a run of a document that is in the corpus again."""

REWORKED = "reworked"
"""The reason there of a text in whose place another one stands, with lines in it that a rule had taken out."""

NO_DOCUMENT = ("empty", RESTORED, REWORKED)
"""Reasons of rows of kind ``document`` that are none of their run: nothing was in the record, or another run has it."""

Place = tuple[int, int, int, int]
"""Where a document stands in a run: the number of its source, its first byte there, record and part."""


Spot = tuple[str, str | None, int, int, int]
"""The same by name: source, member, first byte, record and part."""

SPOT = ("source", "member", "byte_start", "record", "part")
"""The columns of it."""


def spot(row: Row) -> Spot:
    """Return where the document of a row stands."""
    return row["source"], row["member"], row["byte_start"], row["record"], row["part"]


@dataclass(frozen=True, slots=True)
class Document:
    """A document of a run, kept or removed.

    ``row`` is its row in the corpus (``kept``) or in the ledger, ``pieces`` are what the ledger holds
    of its parts, in order, and ``place`` is where it stands. ``successor`` is the id of the text that a later run put
    in its place, None if it stands in the corpus as its run left it.
    """

    row: Row
    kept: bool
    pieces: list[Row]
    place: Place
    successor: str | None = None

    @property
    def judged(self) -> str:
        """The text as it was judged: passages that were cut because another document keeps them are in it again."""
        return _put_back(self.row["text"], [row for row in self.pieces if is_shared(row)])

    @property
    def signed(self) -> str:
        """The text that was signed: with the passages, too, that stood in it before."""
        return _put_back(self.judged, [row for row in self.pieces if row["kind"] == "passage" and not is_shared(row)])

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


def is_shared(row: Row) -> bool:
    """Whether a piece was cut because another document keeps it."""
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


@dataclass(frozen=True, slots=True)
class Before:
    """What a row of reason ``reworked`` says of the text in whose place another one stands.

    ``run`` held that text. It came from the document ``document`` that the run ``read`` met, kept or removed there; it
    stood for ``copies`` documents, was a sibling of ``template`` or of none, and ``back`` are all rules that are undone
    in it now.
    """

    run: int
    read: int
    document: str
    copies: int
    back: tuple[str, ...]
    template: str | None

    @classmethod
    def of(cls, row: Row) -> Before:
        """Read the evidence of a row.

        Raises:
            OutputError: if it says something else.
        """
        try:
            found = orjson.loads(row["evidence"])
            run, read, copies = (int(found[name]) for name in ("run", "read", "copies"))
            template = found["template"]
            own = None if template is None else bytes.fromhex(template).hex()
            return cls(run, read, str(found["document"]), copies, tuple(map(str, found["back"])), own)
        except (ValueError, KeyError, TypeError) as error:
            raise OutputError(
                f"The evidence of {row['id']}, which was reworked, is damaged: {row['evidence']}."
            ) from error

    def dumped(self) -> str:
        """Return it as evidence."""
        return orjson.dumps(self).decode()


def documents(output: Output, run: int, stray: Callable[[Row], None] | None = None) -> Iterator[Document]:
    """Yield all documents of a run in natural order, as it left them, but for records that held nothing.

    Args:
        output: the folder.
        run: the number of the run.
        stray: called with each piece whose document does not stand where the piece does.

    Raises:
        OutputError: if a file of the run is missing or damaged.
    """
    names = [(row["source"], row["member"]) for row in output.rows("sources", run)]
    kept = _placed(output.rows("corpus", run), names)
    before = [_placed(_withdrawn(output, run, later), names) for later in withdrawing(output.manifests.values(), run)]
    ledger = _placed((row for row in output.rows("removed", run) if _of_a_document(row)), names)
    for place, group in groupby(heapq.merge(kept, *before, ledger, key=itemgetter(0)), key=itemgetter(0)):
        rows = [row for _place, row in group]
        own = [row for row in rows if row.get("kind", "document") == "document"]
        for row in own:
            pieces = [piece for piece in rows if piece.get("document") == row["id"]]
            yield Document(row, "kind" not in row, pieces, place, row.pop("successor", None))
        if stray is not None:
            ids = {row["id"] for row in own}
            for row in rows:
                if row.get("document") is not None and row["document"] not in ids:
                    stray(row)


def successors(output: Output) -> dict[str, str]:
    """Return for the ids of texts in whose place others stand the ids of those that stand there now.

    Raises:
        OutputError: if the ledger of a run that put them there is missing or damaged.
    """
    found: dict[str, str] = {}
    for run in output.runs:
        if "withdraws" in output.manifests[run]:
            for table in output.tables(
                "removed", run, pa.schema([LEDGER.field(n) for n in ("id", "reason", "leader")])
            ):
                rows = table.filter(pc.equal(table.column("reason"), REWORKED))
                fresh = dict(zip(rows.column("id").to_pylist(), rows.column("leader").to_pylist(), strict=True))
                found = {old: fresh.get(new, new) for old, new in found.items()} | fresh
    return found


def _withdrawn(output: Output, run: int, later: int) -> Iterator[Row]:
    """Yield the rows that a run wrote into the corpus, and that a later one took out of it, in natural order."""
    for row in output.rows("removed", later, REWORKED):
        before = Before.of(row)
        if before.run == run:
            held = {name: row[name] for name in (*CORPUS.names, "file", "row") if name in row}
            yield held | {"copies": before.copies, "template": before.template, "successor": row["leader"]}


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
