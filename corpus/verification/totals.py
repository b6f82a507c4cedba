"""Checks over all rows: what manifests and sources count, ids, copies, and whether leaders are kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from taoxi.corpus.breaks import BREAK
from taoxi.corpus.complaints import Complaint, Finding, Kind
from taoxi.corpus.restoring import RESTORED, REWORKED
from taoxi.corpus.verification.case import AGAIN, Case, Id, Run
from taoxi.normalize.model import INSIDE


@dataclass
class Seen:
    """What the rows of a run came to.

    ``reworked`` are rows of its ledger for texts in whose place others stand now, with their file and numbers there.
    ``before`` are the ids of texts that it kept and later runs withdrew, ``shortened`` those of documents from which
    passages were cut that others keep.
    """

    kept: list[NDArray[np.bytes_]] = field(default_factory=list)
    copies: list[NDArray[np.int64]] = field(default_factory=list)
    led: list[NDArray[np.bytes_]] = field(default_factory=list)
    leaders: list[NDArray[np.bytes_]] = field(default_factory=list)
    templates: list[Named] = field(default_factory=list)
    named: list[Named] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    last: NDArray[np.int64] | None = None
    wrong: int = 0
    reworked: list[tuple[str, NDArray[np.int64], pa.Table]] = field(default_factory=list)
    before: list[NDArray[np.bytes_]] = field(default_factory=list)
    shortened: list[NDArray[np.bytes_]] = field(default_factory=list)
    before_copies: list[NDArray[np.int64]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Named:
    """The leaders that rows of a table name: ids (``Id``), runs and numbers of rows (int64)."""

    file: str
    ids: NDArray[np.bytes_]
    runs: NDArray[np.int64]
    rows: NDArray[np.int64]


def check_counts(run: Run, seen: Seen) -> Iterator[Finding]:
    """Compare rows with what the manifest and the table of sources count."""
    file = f"runs/{run.number:06}.json"
    counts = run.manifest["counts"]
    documents = {name.split("/")[1]: count for name, count in seen.counts.items() if name.startswith("document/")}
    elsewhere = {name: documents.pop(name, 0) for name in (RESTORED, REWORKED)}
    cut = {
        name: count
        for name, count in seen.counts.items()
        if "/" in name and not name.startswith(("document/", f"{BREAK}/"))
    }
    found: dict[str, Any] = {"removed": documents, "cut": cut}
    found |= {name: count for name, count in elsewhere.items() if count}
    if not run.is_text:
        found["kept"] = seen.counts["kept"]
        if "templates" in counts:
            found["templates"] = seen.counts["templates"]
    for name, value in found.items():
        if counts.get(name) != value:
            message = f"It counts {name} as {counts.get(name)}, and the rows come to {value}. {AGAIN}"
            yield Complaint(Kind.COUNT, file, message)
    if run.is_text or run.sources is None:
        return
    listed = run.sources.table.column("documents").fill_null(0).to_numpy()
    for row in np.flatnonzero(
        (listed != run.sources.documents) & (run.sources.table.column("run").to_numpy() == run.number)
    ):
        source, member = run.sources.names[row]
        if (source, member) not in run.sources.twice:
            message = (
                f"It has {listed[row]:,} documents there, and {run.sources.documents[row]:,} in corpus and ledger."
            )
            name = source if member is None else f"{source}{INSIDE}{member}"
            yield Complaint(Kind.COUNT, run.files("sources")[0].path, f"{message} {AGAIN}", int(row), None, name)


def check_ids(case: Case, seen: dict[int, Seen]) -> Iterator[Finding]:
    """Gather the ids of all runs; each may be in the corpus once."""
    current, current_by = _joined({number: found.kept for number, found in seen.items()})
    # Of two documents from which passages were cut, the same may be left.
    shortened = np.concatenate([np.zeros(0, Id), *(part for found in seen.values() for part in found.shortened)])
    for place in np.flatnonzero((current[1:] == current[:-1]) & ~np.isin(current[1:], shortened)).tolist():
        runs = f"run {current_by[place]} and run {current_by[place + 1]}"
        message = f"The text is in the corpus twice ({runs}), and an id names one text only. {AGAIN}"
        yield Complaint(Kind.ID, f"corpus/{current_by[place + 1]:06}", message, None, _hex(current[place]))
    case.kept, case.kept_by = _joined({number: [*found.kept, *found.before] for number, found in seen.items()})
    for number, found in ((run.number, seen[run.number]) for run in case.runs if run.legible):
        copies = np.concatenate([np.zeros(0, np.int64), *found.copies, *found.before_copies])
        ids = np.concatenate([np.zeros(0, Id), *found.kept, *found.before])
        order = np.argsort(ids, kind="stable")
        ids, copies = ids[order], copies[order]
        led = np.concatenate([np.zeros(0, Id), *found.led])
        places = np.searchsorted(ids, led)
        inside = places < len(ids)
        hits = places[inside][ids[places[inside]] == led[inside]]
        counted = np.bincount(hits, minlength=len(ids)) + 1
        for place in np.flatnonzero(counted != copies).tolist():
            message = f"'copies' is {copies[place]:,}, and the ledger comes to {counted[place]:,}. {AGAIN}"
            yield Complaint(Kind.COUNT, f"corpus/{number:06}", message, None, _hex(ids[place]))


def _joined(ids: dict[int, list[NDArray[np.bytes_]]]) -> tuple[NDArray[np.bytes_], NDArray[np.int64]]:
    """Return ids of runs (``Id``) and the run of each (int64), sorted by both."""
    parts = [(number, part) for number, found in ids.items() for part in found]
    names = np.concatenate([np.zeros(0, Id), *(part for _, part in parts)])
    runs = np.concatenate([np.zeros(0, np.int64), *(np.full(len(part), n, np.int64) for n, part in parts)])
    order = np.lexsort((runs, names))
    return names[order], runs[order]


def check_leaders(case: Case, seen: dict[int, Seen]) -> Iterator[Finding]:
    """Check that whoever leads is kept, by the run that the row names."""
    case.leaders = np.unique(np.concatenate([np.zeros(0, Id), *(p for found in seen.values() for p in found.leaders)]))
    # Of other runs it is not known what they keep.
    unknown = [run.number for run in case.runs if not run.legible]
    for number, found in seen.items():
        for named in found.named:
            right = np.isin(_pairs(named.ids, named.runs), _pairs(case.kept, case.kept_by)) & (named.runs <= number)
            right |= np.isin(named.runs, unknown)
            for place in np.flatnonzero(~right).tolist():
                message = (
                    f"Its leader {_hex(named.ids[place])} is not kept by run {named.runs[place]}, so nothing stands for"
                    f" what was removed. {AGAIN}"
                )
                yield Complaint(Kind.LEADER, named.file, message, int(named.rows[place]))
        for named in found.templates if not unknown else ():
            for row in named.rows[~np.isin(named.ids, case.kept)].tolist():
                message = f"The first document of its template is not kept by any run. {AGAIN}"
                yield Complaint(Kind.LEADER, named.file, message, int(row))


def _pairs(ids: NDArray[np.bytes_], runs: NDArray[np.int64]) -> NDArray[np.void]:
    found = np.zeros(len(ids), np.dtype([("id", Id), ("run", np.int64)]))
    found["id"], found["run"] = ids, runs
    return found


def _hex(value: np.bytes_) -> str:
    return bytes(value).ljust(16, b"\0").hex()
