"""Count what a run writes, and keep the few texts that its page shows.

The tables of a run go by once, as they are written or as they are read back, and nothing that is kept grows with their
number of rows: figures by site and reason, texts that were cut most often, and the texts that were chosen.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from taoxi.corpus.conventions.languages import FIRST, language_of
from taoxi.corpus.page.choice import Choice

LENGTHS = (50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)
"""Characters at which the classes of text lengths begin, behind the first one."""

CANDIDATES = 4
"""Pieces of each kind and reason that may be shown in their places; some of their documents may not be kept."""

PIECE = 300
"""Characters of a piece of text, of what is cut most often, and of what stands around a sample, that are kept."""

AROUND = 40
"""Characters of a document before and behind a piece."""

COMMON = 4000
"""Texts that were cut, of each kind, whose number is known; when as many again have come, the rarest are forgotten."""

LONGEST = 20_000
"""Characters of a chosen document that are kept to be compared."""

_LINES = ("chrome", "furniture")
_PLACE = ["source", "member", "byte_start", "record", "part"]
_PIECE = ["kind", "reason", "text", "document", "offset", "evidence", "site", *_PLACE]
_WHERE = ["source", "member", "record", "part", "title", "date", "url", "site"]


@dataclass(slots=True)
class Site:
    """What a site came to, in documents and characters; ``chrome`` are characters cut from its pages."""

    documents: int = 0
    kept: int = 0
    characters: int = 0
    characters_kept: int = 0
    chrome: int = 0


@dataclass(frozen=True, slots=True)
class Text:
    """A document that a page shows: its text, cut off at ``LONGEST``, and where it came from."""

    text: str
    characters: int
    where: dict[str, Any]


@dataclass(slots=True)
class Piece:
    """A piece, and what stood around it: ``at`` is its place in the text that was left, None where that is not known.

    ``before`` and ``behind`` are None until its document has come by.
    """

    kind: str
    reason: str
    text: str
    characters: int
    evidence: dict[str, Any] | None
    source: str
    site: str | None
    at: int | None = None
    before: str | None = None
    behind: str | None = None


@dataclass(slots=True)
class Line:
    """A text that was cut often: how many times, and the evidence of the first time."""

    count: int
    evidence: dict[str, Any] | None


@dataclass(slots=True)
class Gathered:
    """What came by. Feed the ledger of a stretch of the run before or after its corpus, each in natural order."""

    choice: Choice
    kept: int = 0
    characters_kept: int = 0
    rows: Counter[str] = field(default_factory=Counter)
    characters: Counter[str] = field(default_factory=Counter)
    before: NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(LENGTHS) + 1, np.int64))
    after: NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(LENGTHS) + 1, np.int64))
    sites: dict[str, Site] = field(default_factory=lambda: defaultdict(Site))
    texts: dict[str, Text] = field(default_factory=dict)
    pieces: dict[str, list[Piece]] = field(default_factory=dict)
    lines: dict[str, dict[str, Line]] = field(default_factory=lambda: {kind: {} for kind in _LINES})
    languages: Counter[str] = field(default_factory=Counter)
    _owners: dict[str, list[Piece]] = field(default_factory=dict)
    _floor: dict[str, int] = field(default_factory=dict)

    def keep(self, table: pa.Table) -> None:
        """Take rows of the corpus."""
        lengths = pc.utf8_length(table.column("text"))
        sizes = lengths.to_numpy()
        texts = table.column("text")
        for row in _looked_at(self.kept, len(table)):
            self.languages[language_of(texts[row].as_py() or "") or ""] += 1
        self.kept += len(table)
        self.characters_kept += int(sizes.sum())
        classes = _classes(sizes)
        self.before += classes
        self.after += classes
        for site, documents, characters in _by_name(table.column("site"), lengths):
            found = self.sites[site]
            found.documents += documents
            found.kept += documents
            found.characters += characters
            found.characters_kept += characters
        self._pick(table, None)

    def remove(self, table: pa.Table) -> None:
        """Take rows of the ledger."""
        lengths = pc.fill_null(pc.utf8_length(table.column("text")), 0)
        names = pc.binary_join_element_wise(table.column("kind"), table.column("reason"), "/")
        for name, rows, characters in _by_name(names, lengths):
            self.rows[name] += rows
            self.characters[name] += characters
        documents = pc.equal(table.column("kind"), "document")
        sizes = lengths.filter(documents)
        self.before += _classes(sizes.to_numpy())
        for site, count, characters in _by_name(table.column("site").filter(documents), sizes):
            self.sites[site].documents += count
            self.sites[site].characters += characters
        pieces = pc.invert(documents)
        # Of documents no text is copied: nearly all of them are not shown.
        rest = table.select(_PIECE).take(pc.indices_nonzero(pieces))
        if len(rest):
            self._cut(rest, lengths.filter(pieces))
        self._pick(table, documents)

    def _cut(self, rows: pa.Table, lengths: pa.ChunkedArray) -> None:
        """Take pieces: whose they are, and what was cut most often."""
        chrome = pc.equal(rows.column("kind"), "chrome")
        for site, _count, characters in _by_name(rows.column("site").filter(chrome), lengths.filter(chrome)):
            self.sites[site].characters += characters
            self.sites[site].chrome += characters
        for row in self._samples(rows).to_pylist():
            self._sample(row, rows)
        for kind, known in self.lines.items():
            own = pc.and_(pc.equal(rows.column("kind"), kind), pc.is_valid(rows.column("text")))
            own = rows.select(["reason", "text", "evidence"]).filter(own)
            if len(own):
                self._count(kind, known, own)

    def _count(self, kind: str, known: dict[str, Line], rows: pa.Table) -> None:
        """Count texts that were cut; the rarest are forgotten when there are many."""
        keys = pc.binary_join_element_wise(rows.column("reason"), rows.column("text").cast(pa.string()), "/")
        coded = keys.combine_chunks().dictionary_encode().indices.to_numpy()
        _, places, counts = np.unique(coded, return_index=True, return_counts=True)
        for row, count in zip(rows.take(pa.array(places)).to_pylist(), counts.tolist(), strict=True):
            key = f"{row['reason']}/{row['text'][:PIECE].strip()}"
            line = known.get(key)
            if line is None:
                evidence = None if row["evidence"] is None else orjson.loads(row["evidence"])
                # Whatever was forgotten had come at most so often.
                line = known[key] = Line(self._floor.get(kind, 0), evidence)
            line.count += count
        if len(known) > 2 * COMMON:
            often = sorted(known, key=lambda key: -known[key].count)
            self._floor[kind] = known[often[COMMON]].count
            for key in often[COMMON:]:
                del known[key]

    def _samples(self, rows: pa.Table) -> pa.Table:
        """Return the rows of kinds and reasons of which not enough candidates are known."""
        names = pc.binary_join_element_wise(rows.column("kind"), rows.column("reason"), "/")
        full = [name for name, found in self.pieces.items() if len(found) >= CANDIDATES]
        wanted = pc.invert(pc.is_in(names, pa.array(full, pa.string())))
        places = pc.indices_nonzero(wanted).to_numpy()
        names = names.take(pa.array(places)).to_numpy() if len(places) else np.array([], object)
        chosen: list[int] = []
        for name in dict.fromkeys(names.tolist()):
            own = places[names == name]
            chosen += own[: 4 * CANDIDATES].tolist()
        return rows.take(pa.array(sorted(chosen), pa.int64()))

    def _sample(self, row: dict[str, Any], rows: pa.Table) -> None:
        """Keep a piece as a candidate, unless one with the same text is known."""
        if row["kind"] == "break" or row["text"] is None or not row["text"].strip():
            return
        found = self.pieces.setdefault(f"{row['kind']}/{row['reason']}", [])
        text = row["text"]
        if len(found) >= CANDIDATES or any(piece.text == text[:PIECE] for piece in found):
            return
        piece = Piece(
            kind=row["kind"],
            reason=row["reason"],
            text=text[:PIECE],
            characters=len(text),
            evidence=None if row["evidence"] is None else orjson.loads(row["evidence"]),
            source=row["source"] if row["member"] is None else f"{row['source']}!/{row['member']}",
            site=row["site"],
            at=_place(row, rows) if row["kind"] in _LINES and row["document"] is not None else None,
        )
        found.append(piece)
        if piece.at is not None:
            self._owners.setdefault(row["document"], []).append(piece)

    def _pick(self, table: pa.Table, documents: pa.ChunkedArray | None) -> None:
        """Keep the texts that were chosen, and those around pieces; ``documents`` says which rows are documents."""
        wanted = self.choice.wanted - self.texts.keys()
        mask = pc.is_in(table.column("id"), pa.array([*wanted, *self._owners], pa.string()))
        if documents is not None:
            mask = pc.and_(mask, documents)
        columns = table.select(["id", "text", *_WHERE])
        for place in pc.indices_nonzero(mask).to_pylist():
            row = columns.slice(place, 1).to_pylist()[0]
            text = row["text"] or ""
            if row["id"] in wanted:
                where = {name: row[name] for name in _WHERE}
                self.texts.setdefault(row["id"], Text(text[:LONGEST], len(text), where))
            for piece in self._owners.pop(row["id"], ()):
                if piece.at is not None and piece.at <= len(text):
                    piece.before, piece.behind = text[max(0, piece.at - AROUND) : piece.at], text[piece.at :][:AROUND]


def _place(row: dict[str, Any], rows: pa.Table) -> int | None:
    """Return where a piece stood in the text that is left of its document: its offset less what went before it."""
    own = rows.filter(pc.equal(rows.column("document"), row["document"]))
    at: int = row["offset"]
    for other in own.to_pylist():
        if any(other[name] != row[name] for name in _PLACE):
            continue
        if other["kind"] == "passage":
            return None  # its offset counts in another text
        if other["kind"] in _LINES and (other["offset"], other["text"]) < (row["offset"], row["text"]):
            at -= len(other["text"] or "")
    return at if at >= 0 else None


def _looked_at(first: int, rows: int) -> list[int]:
    """Return the rows whose language is looked at, of those that are number ``first`` of the run and so on."""
    every = range(-first % FIRST, rows, FIRST)
    return [*range(min(rows, FIRST - first)), *(row for row in every if first + row >= FIRST)]


def _classes(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count texts by their length."""
    return np.bincount(np.searchsorted(LENGTHS, sizes, side="right"), minlength=len(LENGTHS) + 1)


def _by_name(names: pa.ChunkedArray, lengths: pa.ChunkedArray) -> list[tuple[str, int, int]]:
    """Return for each name, such as that of a site, its rows and their characters."""
    # For some thousand rows this takes a tenth of what Arrow's own grouping does.
    coded = pc.fill_null(names, "").combine_chunks().dictionary_encode()
    groups = coded.indices.to_numpy()
    found = coded.dictionary.to_pylist()
    rows = np.bincount(groups, minlength=len(found)).tolist()
    characters = np.bincount(groups, lengths.to_numpy(), len(found)).astype(np.int64).tolist()
    return list(zip(found, rows, characters, strict=True))
