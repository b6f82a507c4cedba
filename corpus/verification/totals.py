"""Checks over all rows: what manifests and sources count, ids, copies, and whether leaders are kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from taoxi.corpus.breaks import BREAK
from taoxi.corpus.complaints import Complaint, Finding, Kind
from taoxi.corpus.restoring import RESTORED
from taoxi.corpus.verification.case import AGAIN, Case, Id, Run
from taoxi.normalize.model import INSIDE


@dataclass
class Seen:
    """What the rows of a run came to."""

    kept: list[NDArray[np.bytes_]] = field(default_factory=list)
    copies: list[NDArray[np.int64]] = field(default_factory=list)
    led: list[NDArray[np.bytes_]] = field(default_factory=list)
    leaders: list[NDArray[np.bytes_]] = field(default_factory=list)
    templates: list[Named] = field(default_factory=list)
    named: list[Named] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    last: NDArray[np.int64] | None = None
    wrong: int = 0


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
    restored = documents.pop(RESTORED, 0)
    cut = {
        name: count
        for name, count in seen.counts.items()
        if "/" in name and not name.startswith(("document/", f"{BREAK}/"))
    }
    found: dict[str, Any] = {"removed": documents, "cut": cut}
    if restored:
        found["restored"] = restored
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
    for number, found in ((run.number, seen[run.number]) for run in case.runs if run.legible):
        led = np.concatenate([np.zeros(0, Id), *found.led])
        places = np.searchsorted(case.kept, led)
        inside = places < len(case.kept)
        hits = places[inside][case.kept[places[inside]] == led[inside]]
        counted = np.bincount(hits, minlength=len(case.kept)) + 1
        for place in np.flatnonzero((case.kept_by == number) & (counted != copies)).tolist():
            message = f"'copies' is {copies[place]:,}, and the ledger comes to {counted[place]:,}. {AGAIN}"
            yield Complaint(Kind.COUNT, f"corpus/{number:06}", message, None, _hex(case.kept[place]))


def check_leaders(case: Case, seen: dict[int, Seen]) -> Iterator[Finding]:
    """Check that whoever leads is kept, by the run that the row names."""
    case.leaders = np.unique(np.concatenate([np.zeros(0, Id), *(p for found in seen.values() for p in found.leaders)]))
    # Of other runs it is not known what they keep.
    unknown = [run.number for run in case.runs if not run.legible]
    for number, found in seen.items():
        for named in found.named:
            places = np.searchsorted(case.kept, named.ids)
            places[places == len(case.kept)] = 0
            if len(case.kept):
                kept = case.kept[places] == named.ids
                right = kept & (case.kept_by[places] == named.runs) & (named.runs <= number)
            else:
                right = np.zeros(len(places), np.bool_)
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


def _hex(value: np.bytes_) -> str:
    return bytes(value).ljust(16, b"\0").hex()
