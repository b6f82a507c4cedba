"""Put every document together again: its pieces fit, its figures hold, and its source gives the same text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from taoxi.corpus.breaks import BREAK
from taoxi.corpus.complaints import About, Complaint, Finding, Kind, Remark
from taoxi.corpus.differences import agreeing
from taoxi.corpus.options import OutputError
from taoxi.corpus.report import Phase
from taoxi.corpus.restoring import Document, Place, documents
from taoxi.corpus.verification.case import AGAIN, AMBIGUOUS, Case, Located, Run, Sources
from taoxi.corpus.verification.figures import Figures
from taoxi.corpus.verification.replay import COMPARED, Again, Replay
from taoxi.corpus.verification.withdrawn import check_successors
from taoxi.normalize.model import INSIDE

TOLD_EVERY = 1 << 8
"""Documents between two reports of progress."""

LONGEST = 80
"""Characters of a value that a complaint shows."""

Row = dict[str, Any]


def check_documents(case: Case) -> Iterator[Finding]:
    """Check the documents of all legible runs, one after another, then what they were removed for."""
    figures = Figures(case.scratch, case.leaders, case.judged)
    legible = [run for run in case.runs if run.legible]
    total = sum(int(run.sources.documents.sum()) for run in legible if run.sources is not None)
    case.progress(Phase.REPLAY, 0, total)
    for run in legible:
        try:
            yield from _run(case, run, figures, total)
        except OutputError as error:
            yield Complaint(Kind.FILE, f"runs/{run.number:06}.json", str(error))
    case.progress(Phase.REPLAY, total, total, case.figures.documents)
    yield from figures.check()


def _run(case: Case, run: Run, figures: Figures, total: int) -> Iterator[Finding]:
    """Check the documents of a run beside those that its sources give."""
    sources = run.sources
    if sources is None:
        return
    strays: list[Row] = []
    beside = None if run.options is None else _Beside(Replay(case, run, sources, run.options))
    for document in documents(Located(case.path), run.number, stray=strays.append):
        case.figures.documents += 1
        case.figures.pieces += len(document.pieces)
        if case.figures.documents % TOLD_EVERY == 0:
            case.progress(Phase.REPLAY, case.figures.documents, total, case.figures.documents)
        if sources.state[document.place[0]] == AMBIGUOUS:
            continue
        wrong = [*_strays(sources, strays), *_misplaced(document)]
        yield from wrong
        if not wrong:
            figures.add(run, document)
            yield from check_successors(case, run, document)
        if beside is not None:
            yield from beside.compare(document, fits=not wrong)
    yield from _strays(sources, strays)
    if beside is not None:
        yield from beside.rest()


class _Beside:
    """The documents that the sources of a run give now, beside those of the output: both come in natural order."""

    def __init__(self, replay: Replay) -> None:
        self._replay = replay
        self._fresh = replay.documents()
        self._next = next(self._fresh, None)

    def compare(self, document: Document, *, fits: bool) -> Iterator[Finding]:
        """Compare the next document of the output; one whose pieces do not fit has no text to compare."""
        yield from self._lost(document.place)
        again = self._next
        if again is not None and again.place == document.place:
            yield from _differs(self._replay, document, again) if fits else ()
            self._next = next(self._fresh, None)
        elif self._replay.is_at_hand(document.place[0]):
            yield _of(Kind.REPLAY, document.row, f"Its source holds no document at this place. {AGAIN}")
        yield from self._replay.told()

    def rest(self) -> Iterator[Finding]:
        """Complain of what the sources hold behind the last document of the output."""
        yield from self._lost(None)
        yield from self._replay.told()

    def _lost(self, before: Place | None) -> Iterator[Complaint]:
        while self._next is not None and (before is None or self._next.place < before):
            yield from _lost(self._replay, self._next)
            self._next = next(self._fresh, None)


def _strays(sources: Sources, rows: list[Row]) -> Iterator[Complaint]:
    """Complain of pieces that stand with no document of theirs, and forget them."""
    for row in rows:
        if (row["source"], row["member"]) not in sources.twice:
            message = f"It was cut from {row['document']}, and its run has no such document at this place. {AGAIN}"
            yield _of(Kind.PIECE, row, message)
    rows.clear()


def _misplaced(document: Document) -> Iterator[Complaint]:
    """Complain of pieces that do not fit into their document, step by step as they are put back."""
    length = len(document.row["text"])
    own = document.row["id"]
    steps = (
        lambda row: row["kind"] == "passage" and row["leader"] != own,
        lambda row: row["kind"] == "passage" and row["leader"] == own,
        lambda row: row["kind"] in {"chrome", "furniture"},
    )
    for step in steps:
        at = 0
        length += sum(len(row["text"]) for row in document.pieces if step(row))
        for row in sorted(filter(step, document.pieces), key=lambda row: int(row["offset"])):
            end = row["offset"] + len(row["text"])
            if row["offset"] < at or end > length:
                message = (
                    f"Its offset {row['offset']:,} is not inside of the {length:,} characters of {own}, or is inside of"
                    f" another piece. {AGAIN}"
                )
                yield _of(Kind.PIECE, row, message)
                return
            at = end
    text = ""
    for row in document.pieces:
        if row["kind"] == BREAK:
            text = text or document.joined
            for _, now, places in orjson.loads(row["evidence"])["joined"]:
                if any(not text.startswith(now, at) or at > len(text) for at in places):
                    yield _of(Kind.PIECE, row, f"A join that it lists is not in the text of {own}. {AGAIN}")
                    return


def _lost(replay: Replay, again: Again) -> Iterator[Complaint]:
    """Complain of a document that is in a source and nowhere else."""
    order, start, record, part = again.place
    if order >= len(replay.sources.state) or replay.sources.state[order] == AMBIGUOUS:
        return
    source, member = replay.sources.names[order]
    name = source if member is None else f"{source}{INSIDE}{member}"
    what = f"Its document of record {record:,}, part {part}, is neither in the corpus nor in the ledger. {AGAIN}"
    listed = replay.run.files("sources")[0].path
    yield Complaint(Kind.REPLAY, listed, what, order, None, name, start)


def _differs(replay: Replay, document: Document, again: Again) -> Iterator[Finding]:
    """Compare a document with what its source gives now."""
    row, columns = document.row, again.columns
    if row["encoding"] != columns["encoding"] and replay.is_unsure(row):
        yield Remark(
            About.UNCHECKED,
            f"{row['source']} reads as {columns['encoding']} now, and was read as {row['encoding']}: other files of its"
            " folder, which were evidence of that, are not there. Its text was not compared.",
        )
        return
    whole = document.whole
    if whole != again.text:
        at = agreeing(whole, again.text)
        yield _of(Kind.REPLAY, row, f"Its source gives another text, from character {at:,} of the whole on. {AGAIN}")
        return
    for name in COMPARED:
        if row[name] != columns[name] and not (name == "meta" and _same_json(row[name], columns[name])):
            what = f"{name!r} is {_short(row[name])}, and its source gives {_short(columns[name])}"
            yield _of(Kind.REPLAY, row, f"{what}. {AGAIN}")


def _same_json(left: str | None, right: str | None) -> bool:
    """Whether two values of ``meta`` are the same object; a file of JSON lines holds the object itself."""
    try:
        return left is not None and right is not None and bool(orjson.loads(left) == orjson.loads(right))
    except orjson.JSONDecodeError:
        return False


def _short(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"


def _of(kind: Kind, row: Row, message: str) -> Complaint:
    """Return a complaint about a row."""
    return Complaint(kind, row["file"], message, row["row"], row["id"], row["source"], row["byte_start"])
