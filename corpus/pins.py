"""Rules that a person undid for a site with ``taoxi restore``: runs that add to the folder do not apply them there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from taoxi.corpus import manifest
from taoxi.corpus.layout import LaidOut, Learned, lay_out
from taoxi.corpus.schema import PIECES
from taoxi.dedup.chrome import Known, Lines

Pins = Mapping[str | None, frozenset[str]]
"""Rules by site; under None those of all sites."""


def pinned(out: Path) -> dict[str | None, frozenset[str]]:
    """Return the pins of a folder: those of all its runs in force.

    Raises:
        OutputError: if a manifest is damaged.
    """
    found: dict[str | None, set[str]] = defaultdict(set)
    for run in manifest.runs(out):
        for pin in manifest.read(out, run).get("pins", []):
            found[pin["site"]].add(pin["reason"])
    return {site: frozenset(rules) for site, rules in found.items()}


def lay_out_pinned(
    documents: pa.RecordBatch,
    pieces: pa.RecordBatch,
    learned: Learned,
    known: Known | None,
    lines: Lines | None,
    busy: NDArray[np.bool_],
) -> LaidOut:
    """Take chrome and furniture out as ``lay_out`` does, whose arguments these are, but for what the pins say."""
    groups: dict[frozenset[str], list[int]] = defaultdict(list)
    if learned.pins:
        everywhere = learned.off | learned.pins.get(None, frozenset())
        for row, site in enumerate(documents.column("site").to_pylist()):
            groups[everywhere | learned.pins.get(site, frozenset())].append(row)
    if len(groups) < 2:  # noqa: PLR2004 - one for all
        own = replace(learned, off=next(iter(groups), learned.off))
        return lay_out(documents, pieces, own, known, lines, busy)
    parts: list[tuple[NDArray[np.int64], LaidOut]] = []
    for off, chosen in groups.items():
        rows = np.array(chosen, np.int64)
        own = replace(learned, off=off)
        mine = _of_rows(pieces, rows, len(documents), rest=not parts)
        parts.append((rows, lay_out(documents.take(pa.array(rows)), mine, own, known, None, busy[rows])))
    return _together(parts)


def _of_rows(pieces: pa.RecordBatch, rows: NDArray[np.int64], count: int, *, rest: bool) -> pa.RecordBatch:
    """Return the pieces of some of ``count`` documents, numbered among these; ``rest``: and those of no document."""
    numbers = np.full(count + 1, -1, np.int64)
    numbers[rows] = np.arange(len(rows))
    owned = pieces.column("row").is_valid().to_numpy(zero_copy_only=False)
    owners = pieces.column("row").fill_null(count).to_numpy()
    chosen = np.flatnonzero(np.where(owned, numbers[owners] >= 0, rest))
    mine = pa.array(numbers[owners[chosen]], pa.int64(), mask=~owned[chosen])
    return pieces.take(pa.array(chosen)).set_column(PIECES.get_field_index("row"), PIECES.field("row"), mine)


def _together(parts: list[tuple[NDArray[np.int64], LaidOut]]) -> LaidOut:
    """Bring the documents of a unit into their order again, with their pieces."""
    rows = np.concatenate([rows for rows, _laid in parts])
    order = np.argsort(rows)
    place = PIECES.get_field_index("row")
    pieces = []
    for own, laid in parts:
        column = laid.pieces.column(place)
        back = pa.array(own).take(column)
        pieces.append(laid.pieces.set_column(place, PIECES.field("row"), back))
    return LaidOut(
        pa.concat_batches([laid.documents for _rows, laid in parts]).take(pa.array(order)),
        pa.concat_batches(pieces),
        sum((laid.changes for _rows, laid in parts[1:]), parts[0][1].changes),
        np.concatenate([laid.mostly for _rows, laid in parts])[order],
        changed=any(laid.changed for _rows, laid in parts),
    )
