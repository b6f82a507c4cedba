"""Texts in whose place a later run put others: they count with the run that kept them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from taoxi.corpus.complaints import Complaint, Finding, Kind
from taoxi.corpus.options import OutputError
from taoxi.corpus.restoring import REWORKED, Before, Document, is_shared, spot
from taoxi.corpus.reworking import reworked
from taoxi.corpus.schema import text_ids
from taoxi.corpus.verification.case import AGAIN, Case, Id, Run
from taoxi.corpus.verification.spans import joined_spans
from taoxi.corpus.verification.totals import Seen


def take_back(case: Case, seen: dict[int, Seen]) -> Iterator[Finding]:
    """Count the texts that runs withdrew with the runs that had kept them, and note what was made of them."""
    for run in (run for run in case.runs if run.number in seen):
        found = seen[run.number]
        for file, numbers, table in found.reworked:
            for number, row in zip(numbers.tolist(), table.to_pylist(), strict=True):
                try:
                    before = Before.of(row)
                except OutputError as error:
                    found.wrong += 1
                    yield Complaint(Kind.ROW, file, f"{error} {AGAIN}", number, row["id"])
                    continue
                case.successors[before.read, spot(row)].append((row["leader"], before.back))
                found.led.append(np.full(before.copies - 1, bytes.fromhex(row["leader"]), Id))
                holder = case.numbers.get(before.run)
                if holder is not None and holder.number in seen:
                    _count(holder, seen[holder.number], row, before)


def _count(holder: Run, seen: Seen, row: dict[str, Any], before: Before) -> None:
    """Let a text count with the run that kept it."""
    seen.before.append(np.array([bytes.fromhex(row["id"])], Id))
    seen.before_copies.append(np.array([before.copies], np.int64))
    seen.counts["kept"] += 1
    seen.counts["templates"] += before.template is not None
    if holder.sources is not None and (row["source"], row["member"]) in holder.sources.index:
        place = np.array([holder.sources.index[row["source"], row["member"]]])
        span = joined_spans(place, np.array([row["byte_start"]]), np.array([row["byte_end"]]))
        holder.sources.spans.append(span)
        holder.sources.documents[place] += 1


def check_successors(case: Case, run: Run, document: Document) -> Iterator[Complaint]:
    """Check that the texts that later runs put in the place of a document are what comes of it."""
    for id_, back in case.successors.get((run.number, spot(document.row)), ()):
        text = reworked(document, back)
        if any(map(is_shared, document.pieces)):
            case.judged[id_] = reworked(document, back, judged=True)
        if hex_of(text) != id_:
            message = (
                f"{REWORKED.capitalize()} to {id_}, it should be another text with the lines of"
                f" {', '.join(back)} in it. {AGAIN}"
            )
            row = document.row
            yield Complaint(Kind.ID, row["file"], message, row["row"], row["id"], row["source"], row["byte_start"])


def hex_of(text: str) -> str:
    """Return the id of a text."""
    return text_ids(pa.array([text], pa.large_string())).tobytes().hex()
