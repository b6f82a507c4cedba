"""Explain an id: where a text came from, what was changed in it, what it stands for; why another one was removed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from taoxi.corpus.breaks import BREAK
from taoxi.corpus.differences import differences
from taoxi.corpus.explanation import Copy, Document, Explanation, Join, Kept, Piece, Removed, Replaced, Where
from taoxi.corpus.finding import equal, rows_where, starting
from taoxi.corpus.options import UsageError
from taoxi.corpus.output import Output
from taoxi.corpus.restoring import RESTORE, RESTORED, REWORKED, Before, spot
from taoxi.corpus.restoring import Document as Restored

SHORTEST = 6
"""Hex digits of an id that are enough to ask for it, if they are unique."""

SHOWN = 20
"""Copies of a kept text, and candidates of a prefix, that are listed; the rest is counted."""

ALIKE = 5
"""Removed documents of one text, and pieces of one text, that are explained: a menu is cut from each page of a site."""

AROUND = 60
"""Characters of a document before and behind a piece."""

_PREFIX = re.compile(f"[0-9a-f]{{{SHORTEST},32}}")
_DIGITS = 32

_WHERE = list(Where.__slots__)
_PIECE = ["kind", "reason", "leader", "leader_run", "text", "document", "offset", "evidence", *_WHERE]

Row = dict[str, Any]


def explain(out: str | Path, id_: str) -> Explanation:
    """Explain all that an output says of an id.

    Args:
        out: a folder that ``clean`` wrote.
        id_: the id of a text in corpus or ledger, or the first digits of it, six or more.

    Raises:
        UsageError: if ``out`` holds no finished run, or the id is unknown or not the only one that begins so.
        OutputError: if a file is missing or damaged.
    """
    output = Output.open(out)
    asked = id_.strip().lower()
    if not _PREFIX.fullmatch(asked):
        raise UsageError(
            f"{id_!r} is no id. Give the value of a column 'id', 32 hex digits, or at least the first"
            f" {SHORTEST} of them; 'taoxi restore {out} --reason near --dry-run' lists those of removed documents."
        )
    found = _only(output, asked)
    kept = [_kept(output, row) for row in _all(output, "corpus", "id", found)]
    replaced: list[Replaced] = []
    removed: list[Removed] = []
    pieces: list[Piece] = []
    gone = cut = 0
    for row in _all(output, "removed", "id", found):
        if row["reason"] == RESTORED:
            continue  # the corpus holds it, and says so
        if row["reason"] == REWORKED:
            replaced.append(_replaced(row))
            now = _now(output, row)
            kept += [_kept(output, other) for other in _all(output, "corpus", "id", now)]
            continue
        if row["kind"] == "document":
            gone += 1
            if gone <= ALIKE:
                removed.append(_removed(output, row))
        else:
            cut += 1
            if cut <= ALIKE:
                pieces.append(_in_its_place(output, row))
    return Explanation(
        id=found,
        replaced=tuple(replaced),
        kept=tuple(kept),
        removed=tuple(removed),
        removed_count=gone,
        pieces=tuple(pieces),
        pieces_count=cut,
    )


def _only(output: Output, asked: str) -> str:
    """Return the one id that begins as asked."""
    ids: dict[str, str] = {}
    for folder, words in (("corpus", "kept"), ("removed", "removed")):
        for run in output.runs:
            for row in rows_where(output, folder, run, "id", starting(asked), asked, ["id"]):
                ids.setdefault(row["id"], words)
    if not ids:
        where = "corpus or ledger"
        raise UsageError(
            f"No text of {output.path} has an id that begins with {asked}. Take one from the column 'id' of {where}."
        )
    if len(ids) > 1:
        listed = ", ".join(f"{id_} ({words})" for id_, words in list(ids.items())[:SHOWN])
        more = f" and {len(ids) - SHOWN:,} more" if len(ids) > SHOWN else ""
        raise UsageError(f"{len(ids):,} ids begin with {asked}: {listed}{more}. Give more digits.")
    return next(iter(ids))


def _all(output: Output, folder: str, column: str, id_: str, columns: list[str] | None = None) -> Iterator[Row]:
    for run in output.runs:
        yield from rows_where(output, folder, run, column, equal(id_), id_, columns)


def _kept(output: Output, row: Row) -> Kept:
    copies: list[Copy] = []
    stands_for = passages = 0
    columns = ["id", "kind", "reason", "similarity", "document", *_WHERE]
    before = _before(output, row)
    for name in (row["id"], *(old["id"] for old in before)):
        for other in _all(output, "removed", "leader", name, columns):
            if other["reason"] in {RESTORED, REWORKED}:
                continue
            if other["kind"] != "document":
                passages += other["document"] != name
                continue
            stands_for += 1
            if len(copies) < SHOWN:
                where, reason = _where(other), other["reason"]
                copies.append(Copy(id=other["id"], where=where, reason=reason, similarity=other["similarity"]))
    return Kept(
        document=_document(output, row, before[0] if before else None),
        copies=tuple(copies),
        stands_for=stands_for,
        passages=passages,
        restored=output.manifests[row["run"]].get("command") == RESTORE and not before,
        instead=_replaced(before[0]) if before else None,
        template=row["template"],
    )


def _before(output: Output, row: Row) -> list[Row]:
    """Return the rows of the texts in whose place a text stands, the last one first."""
    found: list[Row] = []
    name = row["id"]
    while output.manifests[row["run"]].get("command") == RESTORE:
        olds = rows_where(output, "removed", row["run"], "leader", equal(name), name)
        old = next((old for old in olds if old["reason"] == REWORKED), None)
        if old is None:
            break
        found.append(old)
        name, row = old["id"], {"run": Before.of(old).run}
    return found


def _now(output: Output, row: Row) -> str:
    """Return the id of the text that stands in the place of one now."""
    name = str(row["leader"])
    for run in (run for run in output.runs if run > row["run"] and "withdraws" in output.manifests[run]):
        for later in rows_where(output, "removed", run, "id", equal(name), name, ["reason", "leader"]):
            if later["reason"] == REWORKED:
                name = later["leader"]
    return name


def _replaced(row: Row) -> Replaced:
    before = Before.of(row)
    return Replaced(id=row["id"], where=_where(row), of=before.run, by=row["leader"], back=before.back)


def _removed(output: Output, row: Row) -> Removed:
    leader = None
    if row["leader"] is not None and row["leader_run"] in output.runs:
        leader = next(rows_where(output, "corpus", row["leader_run"], "id", equal(row["leader"]), row["leader"]), None)
    if row["leader"] is not None and leader is None:
        olds = _all(output, "removed", "id", row["leader"])
        leader = next((old for old in olds if old["reason"] == REWORKED), None)
    return Removed(
        document=_document(output, row),
        reason=row["reason"],
        similarity=row["similarity"],
        leader=row["leader"],
        leader_where=None if leader is None else _where(leader),
        differences=None if leader is None else tuple(differences(leader["text"], row["text"] or "")),
    )


def _document(output: Output, row: Row, old: Row | None = None) -> Document:
    """Return a document with its pieces; with ``old``, those of the document that it was before, less what is back."""
    pieces = _pieces_of(output, row)
    if old is not None:
        before = Before.of(old)
        pieces = _pieces_of(output, old | {"run": before.read, "id": before.document})
        pieces = [piece for piece in pieces if piece["reason"] not in before.back]
    joins = [join for piece in pieces if piece["kind"] == BREAK for join in orjson.loads(piece["evidence"])["joined"]]
    return Document(
        id=row["id"],
        where=_where(row),
        text=row["text"] or "",
        changes={rule: count for rule, count in (row["changes"] or {}).items() if count},
        pieces=tuple(_piece(piece) for piece in pieces if piece["kind"] != BREAK),
        joins=tuple(Join(was=was, now=now, places=len(places)) for was, now, places in joins),
    )


def _pieces_of(output: Output, row: Row) -> list[Row]:
    """Return what was cut from a document, in order; a copy of the same text elsewhere has the same id."""
    found = rows_where(output, "removed", row["run"], "document", equal(row["id"]), row["id"], _PIECE)
    return [piece for piece in found if spot(piece) == spot(row)]


def _in_its_place(output: Output, row: Row) -> Piece:
    """Return a piece with what stands around it in the document that it was cut from."""
    if row["document"] is None or row["offset"] is None:
        return _piece(row)
    for folder in ("corpus", "removed"):
        for owner in _all(output, folder, "id", row["document"]):
            if spot(owner) == spot(row) and owner.get("kind", "document") == "document" and _of_run(owner, row["run"]):
                place = (0, owner["byte_start"], owner["record"], owner["part"])
                document = Restored(owner, folder == "corpus", _pieces_of(output, owner | {"run": row["run"]}), place)
                return _piece(row, _text_around(document, row))
    return _piece(row)


def _of_run(row: Row, run: int) -> bool:
    """Whether a row tells of a document that a run read: its own, or in the ledger of a run that replaced it."""
    if row.get("reason") == REWORKED:
        before = Before.of(row)
        return before.read == run and before.document == row["id"]
    return bool(row["run"] == run)


def _text_around(document: Restored, row: Row) -> str:
    """Return the text of a document in which the offset of a piece counts."""
    if row["kind"] != "passage":
        return document.joined
    return document.signed if row["leader"] == row["document"] else document.judged


def _piece(row: Row, text: str | None = None) -> Piece:
    at = row["offset"] or 0
    end = at + len(row["text"] or "")
    return Piece(
        where=_where(row),
        kind=row["kind"],
        reason=row["reason"],
        text=row["text"],
        evidence=None if row["evidence"] is None else orjson.loads(row["evidence"]),
        document=row["document"],
        offset=row["offset"],
        leader=row["leader"],
        before=None if text is None else text[max(0, at - AROUND) : at],
        behind=None if text is None else text[end : end + AROUND],
    )


def _where(row: Row) -> Where:
    return Where(**{name: row[name] for name in _WHERE})
