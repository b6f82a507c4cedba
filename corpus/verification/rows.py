"""Checks of single rows: columns that may not be empty, ids, order, counts. Whole columns at a time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from taoxi.corpus.breaks import BREAK
from taoxi.corpus.complaints import About, Complaint, Finding, Kind, Remark
from taoxi.corpus.manifest import OutputFile
from taoxi.corpus.options import RESTORABLE, OutputError
from taoxi.corpus.output import read_table
from taoxi.corpus.report import Phase
from taoxi.corpus.restoring import NO_DOCUMENT, RESTORED, REWORKED
from taoxi.corpus.schema import SOURCES, hex_ids, text_ids
from taoxi.corpus.verification.case import AGAIN, COLUMNS, Case, Id, Run, Sources
from taoxi.corpus.verification.spans import joined_spans
from taoxi.corpus.verification.totals import Named, Seen, check_counts, check_ids, check_leaders
from taoxi.corpus.verification.withdrawn import take_back

_ID = "^[0-9a-f]{32}$"
_REASONS = pa.array(RESTORABLE)
_NO = pa.scalar(value=False)
Mask = NDArray[np.bool_]


def check_rows(case: Case) -> Iterator[Finding]:
    """Check the rows of all sound runs one by one, then ids and leaders over all of them."""
    total = sum(file.rows for run in case.runs if run.sound for file in run.listing)
    case.progress(Phase.ROWS, 0, total)
    seen: dict[int, Seen] = {}
    for run in (run for run in case.runs if run.sound):
        found = seen[run.number] = Seen()
        for finding in _run(case, run, found, total):
            found.wrong += isinstance(finding, Complaint) and finding.kind is Kind.ROW
            yield finding
    yield from take_back(case, seen)
    for run in (run for run in case.runs if run.sound):
        found = seen[run.number]
        found.wrong += sum(seen[later.number].wrong for later in case.withdrawing(run) if later.number in seen)
        run.legible = not found.wrong and not run.is_text
        if found.wrong:
            message = f"The documents of run {run.number} are not put together, because rows of it are damaged."
            yield Remark(About.UNCHECKED, message + " Restore them first.")
        else:
            yield from check_counts(run, found)
        if run.is_text:
            yield Remark(
                About.TEXT,
                f"The corpus of run {run.number} is plain text, which has no ids and no places: only its files, ledger"
                " and sources were checked. Clean with --to parquet or jsonl for more.",
            )
    yield from check_ids(case, seen)
    yield from check_leaders(case, seen)


def _run(case: Case, run: Run, seen: Seen, total: int) -> Iterator[Finding]:
    """Check the tables of one run."""
    for folder in ("sources", "corpus", "removed"):
        seen.last = None
        for file in run.files(folder):
            if file.path.endswith(".txt"):
                continue
            try:
                yield from _file(case, run, folder, file, seen, total)
            except (OutputError, pa.ArrowException, ValueError) as error:
                reason = str(error).splitlines()[0]
                yield Complaint(Kind.ROW, file.path, f"Its rows cannot be read ({reason}). {AGAIN}")


def _file(case: Case, run: Run, folder: str, file: OutputFile, seen: Seen, total: int) -> Iterator[Finding]:
    """Check the rows of a file."""
    at = 0
    tables = []
    for table in read_table(case.path / file.path, COLUMNS.get(folder, SOURCES)):
        table.validate(full=True)  # Parquet may hold any bytes as text
        if folder == "sources":
            tables.append(table)
        else:
            yield from _rows(run, folder, file.path, at, table, seen)
        at += len(table)
        case.figures.rows += len(table)
        case.progress(Phase.ROWS, case.figures.rows, total)
    if folder == "sources":
        table = pa.concat_tables([SOURCES.empty_table(), *tables])
        if table.column("source").null_count or table.column("run").null_count:
            yield Complaint(Kind.ROW, file.path, f"A row names no source or no run. {AGAIN}")
        else:
            run.sources = Sources(table, run.number)


def _rows(run: Run, folder: str, file: str, first: int, table: pa.Table, seen: Seen) -> Iterator[Finding]:
    """Check some rows of the corpus or the ledger."""
    if run.sources is None:
        return
    columns = {name: table.column(name).combine_chunks() for name in table.schema.names}
    document = np.ones(len(table), np.bool_)
    piece = ~document
    if folder == "removed":
        none = _is(pc.is_in(columns["reason"], pa.array(NO_DOCUMENT)))
        document = _equal(columns["kind"], "document") & ~none
        piece = _is(pc.is_valid(columns["document"]))
    wrong = dict(_malformed(columns, document, piece, folder))
    places = run.sources.places(table)
    wrong["names a source that the table of sources does not list"] = places < 0
    texts = columns["text"]
    digests = text_ids(texts.fill_null(""))
    own = pc.if_else(texts.is_valid(), hex_ids(digests), pa.scalar(None, pa.string()))
    for what, rows in wrong.items():
        for row in np.flatnonzero(rows).tolist():
            id_ = columns["id"][row].as_py()
            yield Complaint(Kind.ROW, file, f"The row {what}. {AGAIN}", first + row, id_)
    if any(rows.any() for rows in wrong.values()):
        return
    same = pc.or_kleene(pc.equal(columns["id"], own), pc.and_(pc.is_null(columns["id"]), pc.is_null(own)))
    elsewhere = _equal(columns["reason"], RESTORED) if folder == "removed" else np.zeros(len(table), np.bool_)
    for row in np.flatnonzero(~_is(same.fill_null(_NO)) & ~elsewhere).tolist():
        message = f"The id is not that of the text: either of them was changed. {AGAIN}"
        yield Complaint(Kind.ID, file, message, first + row, columns["id"][row].as_py())
    numbers = [places, *(columns[name].fill_null(-1).to_numpy() for name in ("byte_start", "record", "part"))]
    apart = ~np.isin(places, [row for rows in run.sources.twice.values() for row in rows])
    yield from _order(file, first, np.stack(numbers, 1), (document | piece) & apart, seen)
    run.sources.spans.append(joined_spans(places, numbers[1], columns["byte_end"].to_numpy()))
    counted = document if folder == "corpus" else _equal(columns["kind"], "document")
    run.sources.documents += np.bincount(places[counted], minlength=len(run.sources.documents))
    _gather(folder, file, first, columns, document, digests, seen)
    if folder == "removed":
        rows = _equal(columns["reason"], REWORKED)
        if rows.any():
            seen.reworked.append(
                (file, first + np.flatnonzero(rows), table.drop_columns(["text"]).filter(pa.array(rows)))
            )


def _malformed(columns: dict[str, pa.Array], document: Mask, piece: Mask, folder: str) -> Iterator[tuple[str, Mask]]:
    """Yield what may be wrong with rows, and the rows where it is."""
    always = np.ones(len(document), np.bool_)
    needed = dict.fromkeys(("source", "byte_start", "byte_end"), always)
    needed |= dict.fromkeys(("record", "part"), document | piece)
    needed |= dict.fromkeys(("id", "text"), document)
    if folder == "corpus":
        needed["copies"] = document
        ill = _is(pc.invert(pc.match_substring_regex(columns["template"], _ID)).fill_null(_NO))
        yield "names no id in 'template'", ill
    else:
        joined = _equal(columns["kind"], BREAK)
        passage = _equal(columns["kind"], "passage")
        for name in ("id", "text", "offset"):
            needed[name] = needed.get(name, ~always) | (piece & ~joined)
        needed |= {"kind": always, "reason": always, "evidence": joined}
        needed |= dict.fromkeys(("leader", "leader_run", "similarity"), document | passage)
        yield "is of kind break and lists no joins", joined & ~_are_joins(columns["evidence"], joined)
        known = _is(pc.is_in(columns["reason"], _REASONS))
        yield "has a reason that is none for a document", document & ~known
        reworked = _equal(columns["reason"], REWORKED)
        for name in ("id", "text", "leader", "leader_run", "evidence", "record", "part"):
            needed[name] = needed.get(name, ~always) | reworked
        for name in ("leader", "document"):
            ill = _is(pc.invert(pc.match_substring_regex(columns[name], _ID)).fill_null(_NO))
            yield f"names no id in {name!r}", ill
        yield "is a passage and part of no document", passage & ~piece
    for name, rows in needed.items():
        yield f"has no {name!r}", rows & _is(pc.is_null(columns[name]))
    ends = pc.less(columns["byte_end"], columns["byte_start"])
    yield "ends before it begins", _is(pc.or_(ends, pc.less(columns["byte_start"], 0)).fill_null(_NO))


def _are_joins(evidence: pa.Array, rows: Mask) -> Mask:
    found = np.zeros(len(rows), np.bool_)
    for row in np.flatnonzero(rows).tolist():
        try:
            joins = orjson.loads(evidence[row].as_py() or "")["joined"]
            found[row] = all(
                isinstance(was, str) and isinstance(now, str) and all(isinstance(at, int) and at >= 0 for at in places)
                for was, now, places in joins
            )
        except (ValueError, TypeError, KeyError):
            continue
    return found


def _order(file: str, first: int, keys: NDArray[np.int64], rows: Mask, seen: Seen) -> Iterator[Finding]:
    """Check that documents and their pieces stand in natural order; without it, they cannot be brought together."""
    chosen = np.flatnonzero(rows)
    if not len(chosen):
        return
    before = keys[chosen[:1]] if seen.last is None else seen.last
    sequence = np.concatenate([before, keys[chosen]])
    seen.last = sequence[-1:]
    change = sequence[1:] - sequence[:-1]
    leads = (change != 0).argmax(1)
    for place in np.flatnonzero(change[np.arange(len(change)), leads] < 0).tolist():
        message = f"The row stands behind one that it comes before in the sources: rows were moved. {AGAIN}"
        yield Complaint(Kind.ROW, file, message, first + int(chosen[place]))


def _gather(
    folder: str,
    file: str,
    first: int,
    columns: dict[str, pa.Array],
    document: Mask,
    digests: NDArray[np.uint8],
    seen: Seen,
) -> None:
    """Remember what is compared over all rows."""
    if folder == "corpus":
        seen.kept.append(_as_ids(digests))
        seen.copies.append(columns["copies"].to_numpy())
        seen.counts["kept"] += len(document)
        rows = np.flatnonzero(_is(pc.is_valid(columns["template"])))
        seen.counts["templates"] += len(rows)
        ids = _from_hex(columns["template"].take(pa.array(rows)))
        seen.templates.append(Named(file, ids, np.full(len(rows), -1, np.int64), first + rows))
        return
    names = pc.binary_join_element_wise(columns["kind"], columns["reason"], "/")
    for pair in pc.value_counts(names).to_pylist():
        seen.counts[pair["values"]] += pair["counts"]
    rows = np.flatnonzero(_is(pc.is_valid(columns["leader"])))
    ids = _from_hex(columns["leader"].take(pa.array(rows)))
    runs = columns["leader_run"].fill_null(-1).to_numpy()[rows]
    seen.led.append(ids[document[rows]])
    seen.leaders.append(np.unique(ids[document[rows]]))
    # A passage that its own document repeats names that document, kept or not.
    own = _is(pc.equal(columns["leader"], columns["document"]).fill_null(_NO))[rows]
    seen.named.append(Named(file, ids[~own], runs[~own], first + rows[~own]))
    passages = rows[~own & _equal(columns["kind"], "passage")[rows]]
    seen.shortened.append(np.unique(_from_hex(columns["document"].take(pa.array(passages)))))


def _is(mask: pa.Array) -> Mask:
    found: Mask = mask.to_numpy(zero_copy_only=False).astype(np.bool_)
    return found


def _equal(column: pa.Array, value: str) -> Mask:
    return _is(pc.equal(column, value).fill_null(_NO))


def _as_ids(digests: NDArray[np.uint8]) -> NDArray[np.bytes_]:
    return np.ascontiguousarray(digests).view(Id)[:, 0]


def _from_hex(ids: pa.Array) -> NDArray[np.bytes_]:
    return np.frombuffer(bytes.fromhex("".join(ids.to_pylist())), Id)
