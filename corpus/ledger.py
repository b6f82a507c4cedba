"""From verdicts to rows: which documents are the corpus, and what the ledger says of everything else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from taoxi.corpus.schema import CORPUS, LEDGER, hex_ids, text_ids
from taoxi.dedup.judge import Verdict, Verdicts

if TYPE_CHECKING:
    from taoxi.corpus.state.known import Known


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdicts on all n documents of a run, with the ids of their final texts (uint8, n by 16).

    ``copies`` (int64) counts for each document itself and those removed for it; ``runs`` (int64) holds the run that
    keeps it, 0 where the output is a file and has no runs. ``ids``, ``copies`` and ``runs`` go on behind the n with the
    documents of earlier runs that may be leaders. ``template`` (int64) is the number of the first document of the
    family, -1 for one that is in none or the first itself.
    """

    verdict: NDArray[np.uint8]
    leader: NDArray[np.int64]
    similarity: NDArray[np.float64]
    ids: NDArray[np.uint8]
    copies: NDArray[np.int64]
    runs: NDArray[np.int64]
    template: NDArray[np.int64]

    @classmethod
    def of(cls, verdicts: Verdicts, ids: list[NDArray[np.uint8]], run: int | None, known: Known | None) -> Outcome:
        """Bring verdicts and ids together."""
        led = verdicts.leader[verdicts.leader >= 0]
        joined = np.concatenate([np.zeros((0, 16), np.uint8), *ids])
        runs = np.full(len(joined), run or 0, np.int64)
        if known is not None:
            joined, runs = np.concatenate([joined, known.ids]), np.concatenate([runs, known.runs])
        copies = np.bincount(led, minlength=len(joined)).astype(np.int64) + 1
        return cls(
            verdicts.verdict, verdicts.leader, verdicts.similarity, joined, copies, runs, verdicts.template.first
        )

    def leader_runs(self, leaders: NDArray[np.int64]) -> pa.Array:
        """Return the runs that keep some documents; null for number -1 and where there are no runs."""
        found = np.where(leaders >= 0, self.runs[leaders], 0) if len(self.runs) else np.zeros(len(leaders), np.int64)
        return pa.array(found, pa.int64(), mask=found == 0)


def corpus_table(documents: pa.RecordBatch, first: int, outcome: Outcome) -> pa.Table:
    """Return the kept ones of a unit's documents, the first of which is number ``first`` of the run."""
    numbers = np.arange(first, first + len(documents))
    kept = numbers[outcome.verdict[numbers] == Verdict.KEPT]
    rows = _rows(documents, kept - first)
    rows["id"] = hex_ids(outcome.ids[kept])
    rows["copies"] = pa.array(outcome.copies[kept])
    firsts = outcome.template[kept]
    rows["template"] = pc.if_else(pa.array(firsts >= 0), hex_ids(outcome.ids[firsts]), pa.scalar(None, pa.string()))
    return pa.Table.from_arrays([rows[name] for name in CORPUS.names], schema=CORPUS)


def ledger_table(documents: pa.RecordBatch, pieces: pa.RecordBatch, first: int, outcome: Outcome) -> pa.Table:
    """Return the rows of the ledger for a unit, in natural order: by source, place in it, and offset."""
    numbers = np.arange(first, first + len(documents))
    removed = _removed(documents, numbers[outcome.verdict[numbers] != Verdict.KEPT], first, outcome)
    cut = _cut(pieces, first, outcome)
    table = pa.concat_tables([removed, cut])
    if not len(table):
        return table.drop_columns(["order"])
    offset, record = (np.nan_to_num(table.column(name).to_numpy(), nan=-1) for name in ("offset", "record"))
    # Rows of a Parquet row group have one span, and only their numbers tell which comes first.
    keys = (offset, record, table.column("byte_start").to_numpy(), table.column("order").to_numpy())
    places = np.lexsort(keys)
    if (np.diff(places) < 0).any():
        table = table.take(pa.array(places)).combine_chunks()
    return table.drop_columns(["order"])


_SORTED = LEDGER.append(pa.field("order", pa.int64()))


def _rows(documents: pa.RecordBatch, places: NDArray[np.int64]) -> dict[str, pa.Array | pa.ChunkedArray]:
    """Return the columns of some rows, in their order; texts are not copied, but become a chunk per run of rows."""
    columns = documents.drop_columns(["text"]).take(pa.array(places))
    rows = dict(zip(columns.schema.names, columns.columns, strict=True))
    texts = documents.column("text")
    starts = np.flatnonzero(np.diff(places, prepend=-2) != 1)
    ends = np.append(starts[1:], len(places))[: len(starts)]
    sizes = (ends - starts).tolist()
    chunks = [texts.slice(place, size) for place, size in zip(places[starts].tolist(), sizes, strict=True)]
    rows["text"] = pa.chunked_array(chunks, texts.type)
    return rows


def _removed(documents: pa.RecordBatch, numbers: NDArray[np.int64], first: int, outcome: Outcome) -> pa.Table:
    rows = _rows(documents, numbers - first)
    names = np.array([verdict.name.lower() for verdict in Verdict])
    columns = {
        "id": hex_ids(outcome.ids[numbers]),
        "kind": pa.array(["document"] * len(numbers), pa.string()),
        "reason": pa.array(names[outcome.verdict[numbers]].tolist(), pa.string()),
        "leader": hex_ids(outcome.ids[outcome.leader[numbers]]),
        "leader_run": outcome.leader_runs(outcome.leader[numbers]),
        "similarity": pa.array(outcome.similarity[numbers]),
        "document": pa.nulls(len(numbers), pa.string()),
        "offset": pa.nulls(len(numbers), pa.int64()),
        "evidence": pa.nulls(len(numbers), pa.string()),
    }
    return _table(columns, rows)


def _cut(pieces: pa.RecordBatch, first: int, outcome: Outcome) -> pa.Table:
    own = [None if row is None else first + row for row in pieces.column("row").to_pylist()]
    owners = pieces.column("owner").to_pylist()
    passage = [kind == "passage" for kind in pieces.column("kind").to_pylist()]
    numbers = [(own[k] if owner is None else owner) if passage[k] else None for k, owner in enumerate(owners)]
    leaders = [_id(outcome, number) for number in numbers]
    texts = pieces.column("text")
    columns = {
        # What is too long to be kept has no text, and so no id.
        "id": pc.if_else(texts.is_valid(), hex_ids(text_ids(texts)), pa.scalar(None, pa.string())),
        "leader": pa.array(leaders, pa.string()),
        "leader_run": outcome.leader_runs(np.array([-1 if k is None else k for k in numbers], np.int64)),
        "similarity": pa.array([None if leader is None else 1.0 for leader in leaders], pa.float64()),
        "document": pa.array([_id(outcome, number) for number in own], pa.string()),
    }
    return _table(columns, dict(zip(pieces.schema.names, pieces.columns, strict=True)))


def _id(outcome: Outcome, number: int | None) -> str | None:
    return None if number is None else bytes(outcome.ids[number]).hex()


def _table(columns: dict[str, pa.Array], rows: dict[str, pa.Array | pa.ChunkedArray]) -> pa.Table:
    return pa.Table.from_arrays([columns.get(name, rows.get(name)) for name in _SORTED.names], schema=_SORTED)
