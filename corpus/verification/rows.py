"""Checks of single rows: columns that may not be empty, ids, order, counts. Whole columns at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from taoxi.corpus.breaks import BREAK
from taoxi.corpus.complaints import About, Complaint, Finding, Kind, Remark
from taoxi.corpus.manifest import OutputFile
from taoxi.corpus.options import OutputError
from taoxi.corpus.output import read_table
from taoxi.corpus.report import Phase
from taoxi.corpus.schema import SOURCES, hex_ids, text_ids
from taoxi.corpus.verification.case import AGAIN, COLUMNS, Case, Id, Run, Sources
from taoxi.corpus.verification.spans import joined_spans

_ID = "^[0-9a-f]{32}$"
_REASONS = pa.array(["exact", "near", "contained"])
Mask = NDArray[np.bool_]


@dataclass
class _Seen:
    """What the rows of a run came to."""

    kept: list[NDArray[np.bytes_]] = field(default_factory=list)
    copies: list[NDArray[np.int64]] = field(default_factory=list)
    led: list[NDArray[np.bytes_]] = field(default_factory=list)
    leaders: list[NDArray[np.bytes_]] = field(default_factory=list)
    named: list[_Named] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    last: NDArray[np.int64] | None = None
    wrong: int = 0


@dataclass(frozen=True, slots=True)
class _Named:
    """The leaders that rows of a table name: ids (``Id``), runs and numbers of rows (int64)."""

    file: str
    ids: NDArray[np.bytes_]
    runs: NDArray[np.int64]
    rows: NDArray[np.int64]


def check_rows(case: Case) -> Iterator[Finding]:
    """Check the rows of all sound runs one by one, then ids and leaders over all of them."""
    total = sum(file["rows"] for run in case.runs if run.sound for file in run.manifest["files"])
    case.progress(Phase.ROWS, 0, total)
    seen: dict[int, _Seen] = {}
    for run in (run for run in case.runs if run.sound):
        found = seen[run.number] = _Seen()
        for finding in _run(case, run, found, total):
            found.wrong += isinstance(finding, Complaint) and finding.kind is Kind.ROW
            yield finding
        run.legible = not found.wrong and not run.is_text
        if found.wrong:
            message = f"The documents of run {run.number} are not put together, because rows of it are damaged."
            yield Remark(About.UNCHECKED, message + " Restore them first.")
        else:
            yield from _counts(run, found)
        if run.is_text:
            yield Remark(
                About.TEXT,
                f"The corpus of run {run.number} is plain text, which has no ids and no places: only its files, ledger"
                " and sources were checked. Clean with --to parquet or jsonl for more.",
            )
    yield from _ids(case, seen)
    yield from _leaders(case, seen)


def _run(case: Case, run: Run, seen: _Seen, total: int) -> Iterator[Finding]:
    """Check the tables of one run."""
    for folder in ("sources", "corpus", "removed"):
        seen.last = None
        for file in run.files(folder):
            if file.path.endswith(".txt"):
                continue
            try:
                yield from _file(case, run, folder, file, seen, total)
            except (OutputError, pa.ArrowException, UnicodeDecodeError) as error:
                reason = str(error).splitlines()[0]
                yield Complaint(Kind.ROW, file.path, f"Its rows cannot be read ({reason}). {AGAIN}")


def _file(case: Case, run: Run, folder: str, file: OutputFile, seen: _Seen, total: int) -> Iterator[Finding]:
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


def _rows(run: Run, folder: str, file: str, first: int, table: pa.Table, seen: _Seen) -> Iterator[Finding]:
    """Check some rows of the corpus or the ledger."""
    if run.sources is None:
        return
    columns = {name: table.column(name).combine_chunks() for name in table.schema.names}
    document = np.ones(len(table), np.bool_)
    piece = ~document
    if folder == "removed":
        empty = _equal(columns["reason"], "empty")
        document = _equal(columns["kind"], "document") & ~empty
        piece = _is(pc.is_valid(columns["document"]))
    wrong = dict(_malformed(columns, document, piece, folder))
    places = run.sources.places(table)
    wrong["names a source that the table of sources does not list"] = places < 0
    texts = columns["text"]
    digests = text_ids(texts.fill_null(""))
    own = pa.array(hex_ids(digests), pa.string(), mask=_is(pc.is_null(texts)))
    for what, rows in wrong.items():
        for row in np.flatnonzero(rows).tolist():
            id_ = columns["id"][row].as_py()
            yield Complaint(Kind.ROW, file, f"The row {what}. {AGAIN}", first + row, id_)
    if any(rows.any() for rows in wrong.values()):
        return
    same = pc.or_kleene(pc.equal(columns["id"], own), pc.and_(pc.is_null(columns["id"]), pc.is_null(own)))
    for row in np.flatnonzero(~_is(same.fill_null(False))).tolist():
        message = f"The id is not that of the text: either of them was changed. {AGAIN}"
        yield Complaint(Kind.ID, file, message, first + row, columns["id"][row].as_py())
    numbers = [places, *(columns[name].fill_null(-1).to_numpy() for name in ("byte_start", "record", "part"))]
    apart = ~np.isin(places, [row for rows in run.sources.twice.values() for row in rows])
    yield from _order(file, first, np.stack(numbers, 1), (document | piece) & apart, seen)
    run.sources.spans.append(joined_spans(places, numbers[1], columns["byte_end"].to_numpy()))
    counted = document if folder == "corpus" else _equal(columns["kind"], "document")
    run.sources.documents += np.bincount(places[counted], minlength=len(run.sources.documents))
    _gather(folder, file, first, columns, document, digests, seen)


def _malformed(columns: dict[str, pa.Array], document: Mask, piece: Mask, folder: str) -> Iterator[tuple[str, Mask]]:
    """Yield what may be wrong with rows, and the rows where it is."""
    needed = {"source": document | True, "byte_start": document | True, "byte_end": document | True}
    needed |= {name: document | piece for name in ("record", "part")}
    needed |= {name: document.copy() for name in ("id", "text")}
    if folder == "corpus":
        needed["copies"] = document
    else:
        joined = _equal(columns["kind"], BREAK)
        passage = _equal(columns["kind"], "passage")
        for name in ("id", "text", "offset"):
            needed[name] = needed.get(name, False) | (piece & ~joined)
        needed |= {"kind": document | True, "reason": document | True, "evidence": joined}
        needed |= {name: document | passage for name in ("leader", "leader_run", "similarity")}
        yield "is of kind break and lists no joins", joined & ~_are_joins(columns["evidence"], joined)
        known = _is(pc.is_in(columns["reason"], _REASONS))
        yield "has a reason that is none for a document", document & ~known
        for name in ("leader", "document"):
            ill = _is(pc.invert(pc.match_substring_regex(columns[name], _ID)).fill_null(False))
            yield f"names no id in {name!r}", ill
        yield "is a passage and part of no document", passage & ~piece
    for name, rows in needed.items():
        yield f"has no {name!r}", rows & _is(pc.is_null(columns[name]))
    ends = pc.less(columns["byte_end"], columns["byte_start"])
    yield "ends before it begins", _is(pc.or_(ends, pc.less(columns["byte_start"], 0)).fill_null(False))


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


def _order(file: str, first: int, keys: NDArray[np.int64], rows: Mask, seen: _Seen) -> Iterator[Finding]:
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
    folder: str, file: str, first: int, columns: dict[str, pa.Array], document: Mask, digests: NDArray[np.uint8], seen: _Seen
) -> None:
    """Remember what is compared over all rows."""
    if folder == "corpus":
        seen.kept.append(_as_ids(digests))
        seen.copies.append(columns["copies"].to_numpy())
        seen.counts["kept"] += len(document)
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
    own = _is(pc.equal(columns["leader"], columns["document"]).fill_null(False))[rows]
    seen.named.append(_Named(file, ids[~own], runs[~own], first + rows[~own]))


def _counts(run: Run, seen: _Seen) -> Iterator[Finding]:
    """Compare rows with what the manifest and the table of sources count."""
    file = f"runs/{run.number:06}.json"
    counts = run.manifest["counts"]
    removed = {name.split("/")[1]: count for name, count in seen.counts.items() if name.startswith("document/")}
    cut = {
        name: count
        for name, count in seen.counts.items()
        if "/" in name and not name.startswith(("document/", f"{BREAK}/"))
    }
    found: dict[str, Any] = {"removed": removed, "cut": cut}
    if not run.is_text:
        found["kept"] = seen.counts["kept"]
    for name, value in found.items():
        if counts.get(name) != value:
            message = f"It counts {name} as {counts.get(name)}, and the rows come to {value}. {AGAIN}"
            yield Complaint(Kind.COUNT, file, message)
    if run.is_text or run.sources is None:
        return
    listed = run.sources.table.column("documents").fill_null(0).to_numpy()
    for row in np.flatnonzero((listed != run.sources.documents) & (run.sources.table.column("run").to_numpy() == run.number)):
        source, member = run.sources.names[row]
        if (source, member) not in run.sources.twice:
            message = f"It has {listed[row]:,} documents there, and {run.sources.documents[row]:,} in corpus and ledger."
            name = source if member is None else f"{source}!/{member}"
            yield Complaint(Kind.COUNT, run.files("sources")[0].path, f"{message} {AGAIN}", int(row), None, name)


def _ids(case: Case, seen: dict[int, _Seen]) -> Iterator[Finding]:
    """Gather the ids of all runs; each may be in the corpus once."""
    ids = [(number, part) for number, found in seen.items() for part in found.kept]
    case.kept = np.concatenate([np.zeros(0, Id), *(part for _, part in ids)])
    case.kept_by = np.concatenate([np.zeros(0, np.int64), *(np.full(len(part), n, np.int64) for n, part in ids)])
    copies = np.concatenate([np.zeros(0, np.int64), *(part for found in seen.values() for part in found.copies)])
    order = np.argsort(case.kept, kind="stable")
    case.kept, case.kept_by, copies = case.kept[order], case.kept_by[order], copies[order]
    for place in np.flatnonzero(case.kept[1:] == case.kept[:-1]).tolist():
        runs = f"run {case.kept_by[place]} and run {case.kept_by[place + 1]}"
        message = f"The text is in the corpus twice ({runs}), and an id names one text only. {AGAIN}"
        yield Complaint(Kind.ID, f"corpus/{case.kept_by[place + 1]:06}", message, None, _hex(case.kept[place]))
    for number, found in seen.items():
        led = np.concatenate([np.zeros(0, Id), *found.led])
        places = np.searchsorted(case.kept, led)
        inside = places < len(case.kept)
        hits = places[inside][case.kept[places[inside]] == led[inside]]
        counted = np.bincount(hits, minlength=len(case.kept)) + 1
        for place in np.flatnonzero((case.kept_by == number) & (counted != copies)).tolist():
            message = f"'copies' is {copies[place]:,}, and the ledger comes to {counted[place]:,}. {AGAIN}"
            yield Complaint(Kind.COUNT, f"corpus/{number:06}", message, None, _hex(case.kept[place]))


def _leaders(case: Case, seen: dict[int, _Seen]) -> Iterator[Finding]:
    """Check that whoever leads is kept, by the run that the row names."""
    case.leaders = np.unique(np.concatenate([np.zeros(0, Id), *(p for found in seen.values() for p in found.leaders)]))
    known = {run.number for run in case.runs if run.sound and not run.is_text}
    unsound = {run.number for run in case.runs if run.number not in known}
    for number, found in seen.items():
        for named in found.named:
            places = np.searchsorted(case.kept, named.ids)
            places[places == len(case.kept)] = 0
            if len(case.kept):
                kept = case.kept[places] == named.ids
                right = kept & (case.kept_by[places] == named.runs) & (named.runs <= number)
            else:
                right = np.zeros(len(places), np.bool_)
            right |= np.isin(named.runs, list(unsound))
            for place in np.flatnonzero(~right).tolist():
                message = (
                    f"Its leader {_hex(named.ids[place])} is not kept by run {named.runs[place]}, so nothing stands for"
                    f" what was removed. {AGAIN}"
                )
                yield Complaint(Kind.LEADER, named.file, message, int(named.rows[place]))


def _is(mask: pa.Array) -> Mask:
    found: Mask = mask.to_numpy(zero_copy_only=False).astype(np.bool_)
    return found


def _equal(column: pa.Array, value: str) -> Mask:
    return _is(pc.equal(column, value).fill_null(False))


def _as_ids(digests: NDArray[np.uint8]) -> NDArray[np.bytes_]:
    return np.ascontiguousarray(digests).view(Id)[:, 0]


def _from_hex(ids: pa.Array) -> NDArray[np.bytes_]:
    return np.frombuffer(bytes.fromhex("".join(ids.to_pylist())), Id)


def _hex(value: np.bytes_) -> str:
    return bytes(value).ljust(16, b"\0").hex()
