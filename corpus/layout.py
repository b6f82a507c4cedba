"""The second pass, before documents are signed: site chrome goes, then furniture, and broken lines are joined.

What goes becomes pieces. With its joins and nothing removed, a document's text is its *whole* text, in which all
``offset`` of kinds ``chrome`` and ``furniture`` count: put back in the order of their offsets, they restore it. A piece
of kind ``break`` lists the joins of a document, so that they can be undone in the whole text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import orjson
import pyarrow as pa
from numpy.typing import NDArray

from taoxi.corpus.breaks import break_rows
from taoxi.corpus.options import CHROME_RULES, LINE_RULES
from taoxi.corpus.pieces import piece_rows
from taoxi.corpus.schema import CHANGES, DOCUMENTS, PIECES, text_array, text_buffers
from taoxi.dedup.chrome import Known, Lines, Reason, strip
from taoxi.dedup.chrome.counts import site_hashes
from taoxi.normalize.lines import Evidence, Marks, Mended, Options, Rule, mend_some
from taoxi.normalize.utf8 import Bytes, Offsets, frozen, lengths

_REASONS = [reason.name.lower() for reason in Reason]


@dataclass(frozen=True, slots=True)
class Learned:
    """What the first pass learned of all documents.

    ``chrome`` is the file of what sites repeat, None if chrome stays; ``marks`` are furniture and watermarks by the
    hash of a site; ``off`` names rules that leave everything alone, ``pins`` by site rules that leave that site alone
    (None: all sites).
    """

    chrome: Path | None
    marks: Marks
    off: frozenset[str]
    pins: Mapping[str | None, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LaidOut:
    """The documents of a unit after the changes to their lines, with all their pieces.

    ``changes`` (int64, one per rule of ``LAYOUT_RULES``) counts what was done; ``mostly`` (bool, n) are documents that
    were mostly chrome. ``changed`` tells whether anything differs from what came.
    """

    documents: pa.RecordBatch
    pieces: pa.RecordBatch
    changes: NDArray[np.int64]
    mostly: NDArray[np.bool_]
    changed: bool


@dataclass(frozen=True, slots=True)
class _Cut:
    """m stretches that leave a buffer of texts, in order: row, first byte, and end there; text, reason, evidence."""

    rows: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    texts: list[bytes]
    reasons: list[str]
    evidence: list[str]

    @classmethod
    def nothing(cls) -> _Cut:
        """Return no stretches."""
        nowhere = np.zeros(0, np.int64)
        return cls(nowhere, nowhere, nowhere, [], [], [])


def site_groups(documents: pa.RecordBatch) -> NDArray[np.int64]:
    """Return for each document a number for its site (int64, n), the same in every unit."""
    sites = documents.column("site").dictionary_encode()
    groups: NDArray[np.int64] = site_hashes(sites.dictionary.to_pylist()).view(np.int64)[sites.indices.to_numpy()]
    return groups


def lay_out(
    documents: pa.RecordBatch,
    pieces: pa.RecordBatch,
    learned: Learned,
    known: Known | None,
    lines: Lines | None,
    busy: NDArray[np.bool_],
) -> LaidOut:
    """Take chrome and furniture out of documents, and join their lines.

    Args:
        documents: documents of the spool.
        pieces: what left them before; ``offset`` of what belongs to a document counts bytes of its text.
        learned: what the first pass learned.
        known: what is chrome, None if it stays.
        lines: what was found out about the lines of the documents when chrome was counted.
        busy: the documents (bool, n) whose lines may need to be mended.
    """
    offsets, data = text_buffers(documents.column("text"))
    offsets, data = frozen(offsets), frozen(data)
    aside = np.flatnonzero(pieces.column("row").is_valid().to_numpy(zero_copy_only=False))
    asides = np.array(pieces.column("row").take(pa.array(aside)), np.int64)
    places = offsets[asides] + np.array(pieces.column("offset").take(pa.array(aside)), np.int64)
    mostly = np.zeros(len(documents), np.bool_)
    chrome = _Cut.nothing()
    if known is not None:
        stripped = strip(data, offsets, documents.column("site").to_pylist(), known, lines)
        mostly = stripped.mostly_chrome()
        chrome = _chrome(data, offsets, stripped.stretches, learned.off, places)
    text, bounds = _without(data, offsets, chrome)
    before = np.concatenate([np.zeros(1, np.int64), np.cumsum(chrome.ends - chrome.starts)])
    # Places in the text without chrome: of what was set aside earlier, and of the chrome.
    set_aside = places - before[np.searchsorted(chrome.starts, places)]
    walls = np.concatenate([set_aside, chrome.starts - before[:-1]])
    off = frozenset(rule for rule in Rule if rule.value in learned.off)
    busy = busy.copy()
    busy[asides] = busy[chrome.rows] = True
    mended = mend_some(text, bounds, site_groups(documents), learned.marks, Options(off), np.unique(walls), busy)
    changes = np.zeros((len(documents), len(LINE_RULES) + 1), np.int64)
    changes[:, :-1] = mended.changes
    changes[:, -1] = np.bincount(chrome.rows, minlength=len(documents))
    if not changes.any() and not len(aside):
        return LaidOut(documents, pieces, changes.sum(0), mostly, changed=False)
    furniture = _furniture(mended)
    joins = mended.edits[mended.edits[:, 2] >= 0]
    joined = np.searchsorted(bounds, joins[:, 0], "right") - 1
    order = _Order.of(
        np.concatenate([asides, chrome.rows, furniture.rows, joined]),
        np.concatenate([walls, furniture.starts, joins[:, 0]]),
        np.concatenate([places, chrome.starts, np.zeros(len(furniture.rows) + len(joins), np.int64)]),
        np.repeat([0, 1, 2, 3], [len(asides), len(chrome.rows), len(furniture.rows), len(joins)]),
    )
    sizes = [_characters(pieces, aside), _lengths([*chrome.texts, *furniture.texts]), np.zeros(len(joins), np.int64)]
    found = order.offsets(mended, np.concatenate(sizes))
    cuts = _pieces(documents, pieces, aside, chrome, furniture, found)
    breaks = break_rows(documents, text, joins, joined, found[len(found) - len(joins) :])
    return LaidOut(
        _documents(documents, mended, changes),
        cuts if breaks is None else pa.concat_batches([cuts, breaks]),
        changes.sum(0),
        mostly,
        changed=True,
    )


def _chrome(
    data: Bytes, offsets: Offsets, stretches: NDArray[np.int64], off: frozenset[str], walls: NDArray[np.int64]
) -> _Cut:
    """Return the stretches of chrome whose rules are on, those around something that was set aside in parts."""
    kept = [number for number, name in enumerate(_REASONS) if name in CHROME_RULES and name not in off]
    goes = np.isin(stretches[:, 3], kept)
    starts = offsets[stretches[:, 0]] + stretches[:, 1]
    ends = offsets[stretches[:, 0]] + stretches[:, 2]
    if not goes.all():
        _leave_line_ends(data, offsets, stretches[:, 0], starts, ends, goes)
    stretches, starts, ends = stretches[goes], starts[goes], ends[goes]
    whole = np.arange(len(stretches))
    inside = np.unique(walls)
    owner = np.searchsorted(starts, inside) - 1
    inside, owner = inside[owner >= 0], owner[owner >= 0]
    parted = (inside > starts[owner]) & (inside < ends[owner])
    whole = np.sort(np.concatenate([whole, owner[parted]]))
    starts = np.sort(np.concatenate([starts, inside[parted]]))
    ends = np.sort(np.concatenate([ends, inside[parted]]))
    view = data.data
    texts = [bytes(view[start:end]) for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
    reasons = [_REASONS[reason] for reason in stretches[whole, 3].tolist()]
    evidence = [
        orjson.dumps({"pages": pages, "of": of} if pages else {"lexicon": True}).decode()
        for pages, of in stretches[whole, 4:6].tolist()
    ]
    return _Cut(stretches[whole, 0], starts, ends, texts, reasons, evidence)


def _leave_line_ends(
    data: Bytes,
    offsets: Offsets,
    rows: NDArray[np.int64],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    goes: NDArray[np.bool_],
) -> None:
    """Move the bounds of stretches that go beside others that stay, so that each line keeps one end.

    Stretches at the end of a page have the line breaks before the first of them, and none behind the last one.

    Args:
        data: the texts.
        offsets: their bounds.
        rows: the text of each stretch (int64, n).
        starts: its first byte, in order; this is changed.
        ends: its end.
        goes: whether it goes (bool, n).
    """
    for at in np.flatnonzero(~goes).tolist():
        first = at
        while first and goes[first - 1] and ends[first - 1] == starts[first] and rows[first - 1] == rows[at]:
            first -= 1
        if first < at and data[starts[first]] == _LINE_FEED and data[starts[at]] != _LINE_FEED:
            starts[first] += 1
        behind = at + 1
        last = behind
        while last < len(goes) and goes[last] and starts[last] == ends[last - 1] and rows[last] == rows[at]:
            last += 1
        if behind < last and ends[last - 1] == offsets[rows[at] + 1]:
            while starts[behind] > starts[at] and data[starts[behind] - 1] == _LINE_FEED:
                starts[behind] -= 1


_LINE_FEED = 10


def _without(data: Bytes, offsets: Offsets, cut: _Cut) -> tuple[Bytes, Offsets]:
    """Return the texts without what is cut, and their bounds."""
    if not len(cut.starts):
        return data, offsets
    view = data.data
    bounds = [int(offsets[0]), *np.column_stack([cut.starts, cut.ends]).ravel().tolist(), int(offsets[-1])]
    text = b"".join(view[start:end] for start, end in zip(bounds[::2], bounds[1::2], strict=True))
    gone = np.concatenate([np.zeros(1, np.int64), np.cumsum(cut.ends - cut.starts)])
    return np.frombuffer(text, np.uint8), frozen(offsets - gone[np.searchsorted(cut.ends, offsets, "right")])


def _furniture(mended: Mended) -> _Cut:
    taken = mended.edits[mended.edits[:, 2] < 0]
    rows = np.array([stretch.row for stretch in mended.removed], np.int64)
    return _Cut(
        rows,
        taken[:, 0],
        taken[:, 1],
        [stretch.text for stretch in mended.removed],
        [stretch.rule.value for stretch in mended.removed],
        [_said(stretch.evidence) for stretch in mended.removed],
    )


def _said(evidence: Evidence) -> str:
    said: dict[str, float] = {"seen": evidence.count}
    if evidence.count > 1:
        said["cut"] = round(evidence.share, 4)
    if evidence.neighbours:
        said["neighbours"] = evidence.neighbours
    return orjson.dumps(said).decode()


@dataclass(frozen=True, slots=True)
class _Order:
    """The order of m pieces of a unit: ``places`` (int64, m) sorts them, ``rows`` and ``at`` (int64, m) are sorted.

    ``at`` is the place of a piece in the texts without chrome.
    """

    places: NDArray[np.int64]
    rows: NDArray[np.int64]
    at: NDArray[np.int64]

    @classmethod
    def of(
        cls, rows: NDArray[np.int64], at: NDArray[np.int64], before: NDArray[np.int64], step: NDArray[np.int64]
    ) -> _Order:
        """Sort pieces: at one place, furniture and joins that begin there stand behind what was taken out before.

        Args:
            rows: the document of each.
            at: its place in the texts without chrome.
            before: of what was set aside and of chrome, its place in the texts with chrome.
            step: 0 set aside, 1 chrome, 2 furniture, 3 a join.
        """
        places = np.lexsort((step, before, step >= 2, at, rows))  # noqa: PLR2004 - furniture and joins
        return cls(places, rows[places], at[places])

    def offsets(self, mended: Mended, sizes: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return for each piece (int64, m) its first character in the whole text of its document.

        Args:
            mended: the texts as they are now.
            sizes: characters of each piece.
        """
        edits = mended.edits
        less = np.concatenate([np.zeros(1, np.int64), np.cumsum(edits[:, 1] - edits[:, 0] - (edits[:, 2] > 0))])
        at = self.at - less[np.searchsorted(edits[:, 1], self.at, "right")]
        marks = np.unique(np.concatenate([mended.offsets, at]))
        counted = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths(frozen(mended.utf8), frozen(marks)))])
        characters = counted[np.searchsorted(marks, at)] - counted[np.searchsorted(marks, mended.offsets[self.rows])]
        mine = sizes[self.places]
        passed = np.cumsum(mine) - mine
        first = np.searchsorted(self.rows, self.rows)
        found = np.zeros(len(self.at), np.int64)
        found[self.places] = characters + passed - passed[first] if len(first) else characters
        return found


def _characters(pieces: pa.RecordBatch, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    offsets, data = text_buffers(pieces.column("text").take(pa.array(rows)).fill_null(""))
    return lengths(frozen(data), frozen(offsets))


def _lengths(texts: list[bytes]) -> NDArray[np.int64]:
    bounds = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(text) for text in texts], out=bounds[1:])
    return lengths(np.frombuffer(b"".join(texts), np.uint8), frozen(bounds))


def _documents(documents: pa.RecordBatch, mended: Mended, changes: NDArray[np.int64]) -> pa.RecordBatch:
    documents = documents.set_column(0, DOCUMENTS.field("text"), text_array(mended.utf8, mended.offsets))
    counters = documents.column("changes").flatten()[: len(CHANGES) - changes.shape[1]]
    counters += [pa.array(np.ascontiguousarray(changes[:, k]), pa.int32()) for k in range(changes.shape[1])]
    place = DOCUMENTS.get_field_index("changes")
    struct = pa.StructArray.from_arrays(counters, fields=list(CHANGES))
    return documents.set_column(place, DOCUMENTS.field("changes"), struct)


def _pieces(
    documents: pa.RecordBatch,
    pieces: pa.RecordBatch,
    aside: NDArray[np.int64],
    chrome: _Cut,
    furniture: _Cut,
    found: NDArray[np.int64],
) -> pa.RecordBatch:
    """Return all pieces of a unit; ``found`` are the offsets of those set aside, of chrome, and of furniture."""
    if len(aside):
        place = PIECES.get_field_index("offset")
        column = pieces.column(place).to_numpy(zero_copy_only=False).astype(np.float64)
        column[aside] = found[: len(aside)]
        old = pa.array(np.nan_to_num(column).astype(np.int64), pa.int64(), mask=np.isnan(column))
        pieces = pieces.set_column(place, PIECES.field("offset"), old)
    batches = [pieces]
    at = len(aside)
    for kind, cut in (("chrome", chrome), ("furniture", furniture)):
        batches.append(
            piece_rows(
                documents,
                cut.rows.tolist(),
                kind=kind,
                text=[text.decode() for text in cut.texts],
                reason=cut.reasons,
                evidence=cut.evidence,
                offset=found[at : at + len(cut.rows)],
            )
        )
        at += len(cut.rows)
    return pa.concat_batches(batches)
