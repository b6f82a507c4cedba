"""The spool: what the passes hand to each other, unit by unit.

A unit is a run of blocks of about ``batch_bytes``; its files are Arrow IPC, uncompressed, so that the next pass maps
them instead of reading them. The functions here are what a worker process runs: they take and return small things only.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from taoxi.corpus.layout import Learned, site_groups
from taoxi.corpus.passages import Stretch, cut
from taoxi.corpus.pins import lay_out_pinned
from taoxi.corpus.reading import Tally, read_block
from taoxi.corpus.schema import PIECES, text_buffers, text_ids, text_lengths
from taoxi.corpus.shelf import Shelf
from taoxi.dedup import chrome
from taoxi.dedup.sign import sign
from taoxi.normalize import lines
from taoxi.normalize.model import Block, Problem


@dataclass(frozen=True, slots=True)
class UnitRead:
    """What reading a unit came to: counts and problems by the source's place in the run, and statistics of lines.

    ``chrome`` is None if chrome stays.
    """

    tallies: dict[int, Tally]
    problems: list[tuple[int, Problem]]
    chrome: chrome.Counts | None
    lines: lines.Counts


@dataclass(frozen=True, slots=True)
class UnitSigned:
    """What signing a unit of n documents came to; arrays as in ``taoxi.dedup.sign.Signed``.

    ``ids`` (uint8, n by 16) are those of the final texts; ``characters`` (int64) counts their code points,
    ``characters_read`` those of the whole unit before anything went; ``changes`` (int64) counts what was done to lines,
    by rule; ``mostly`` (bool, n) are documents that were mostly chrome; ``orders`` numbers the source of each document,
    ``sites`` (int32) its site among ``site_names``.
    """

    ids: NDArray[np.uint8]
    characters: NDArray[np.int64]
    characters_read: int
    changes: NDArray[np.int64]
    mostly: NDArray[np.bool_]
    site_names: list[str]
    sites: NDArray[np.int32]
    orders: NDArray[np.int64]
    tokens: NDArray[np.int32]
    exact: NDArray[np.uint64]
    signatures: NDArray[np.uint32]
    paragraphs: NDArray[np.uint64]
    places: NDArray[np.int64]


def _name(number: int, kind: str) -> str:
    """Return the name on the shelf of what belongs to a unit: its documents, its pieces, and what is known of lines."""
    return f"{number:08}.{kind}"


def _whole(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    return batches[0] if len(batches) == 1 else pa.concat_batches(batches)


def save(batch: pa.RecordBatch, path: Path) -> None:
    """Write a batch as the one of an Arrow IPC file."""
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, batch.schema) as writer:
        writer.write_batch(batch)


def load(path: Path) -> pa.RecordBatch:
    """Map a spooled file into memory."""
    return pa.ipc.open_file(pa.memory_map(str(path))).get_batch(0)


def _put(shelf: Shelf, number: int, documents: pa.RecordBatch, pieces: pa.RecordBatch) -> None:
    for kind, batch in (("documents", documents), ("pieces", pieces)):
        shelf.put(_name(number, kind), batch, batch.get_total_buffer_size(), partial(save, batch))


def unit_batches(number: int, shelf: Shelf) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    """Return the documents and the pieces of a unit."""
    return shelf.get(_name(number, "documents"), load), shelf.get(_name(number, "pieces"), load)


def forget_unit(number: int, shelf: Shelf) -> None:
    """Give back the memory of a unit."""
    for kind in ("documents", "pieces"):
        shelf.drop(_name(number, kind))


def _save_flags(flags: NDArray[np.bool_], path: Path) -> None:
    with path.open("wb") as file:
        np.save(file, flags)


@dataclass(frozen=True, slots=True)
class Reading:
    """How blocks are read: the options of the first pass (``taoxi.corpus.options.Options``)."""

    width: str
    split: str
    main: bool
    chrome: bool


def read_unit(number: int, blocks: list[Block], shelf: Shelf, how: Reading) -> UnitRead:
    """Read the blocks of a unit and spool what they came to."""
    tallies: dict[int, Tally] = {}
    problems: list[tuple[int, Problem]] = []
    documents, pieces = [], []
    rows = 0
    for block in blocks:
        read = read_block(block, width=how.width, how=how.split, main=how.main)
        documents.append(read.documents)
        pieces.append(_shifted(read.pieces, rows))
        rows += len(read.documents)
        problems.extend((block.order, problem) for problem in read.problems)
        tallies.setdefault(block.order, Tally()).add(read.tally)
    batch = _whole(documents)
    _put(shelf, number, batch, _whole(pieces))
    offsets, data = text_buffers(batch.column("text"))
    counts = None
    if how.chrome:
        scanned = chrome.scan(data, offsets)
        shelf.put(_name(number, "lines"), scanned, scanned.nbytes, scanned.save)
        counts = chrome.count(data, offsets, batch.column("site").to_pylist(), scanned)
    seen, busy = lines.look_over(data, offsets, site_groups(batch))
    shelf.put(_name(number, "busy"), busy, busy.nbytes, partial(_save_flags, busy))
    return UnitRead(tallies, problems, counts, seen)


def _shifted(pieces: pa.RecordBatch, rows: int) -> pa.RecordBatch:
    """Let the rows of a block's pieces count from the start of the unit."""
    place = PIECES.get_field_index("row")
    column = pieces.column(place)
    if not rows or column.null_count == len(column):
        return pieces
    return pieces.set_column(place, PIECES.field("row"), pc.add(column, rows))


@cache
def _known(path: Path) -> chrome.Known:
    """Return what is chrome; each worker reads it once."""
    return chrome.Known.load(path)


def sign_unit(number: int, shelf: Shelf, learned: Learned) -> UnitSigned:
    """Clean the lines of a unit's documents, cut the passages that a document repeats, and sign the documents."""
    batch, pieces = unit_batches(number, shelf)
    read = text_lengths(batch.column("text"))
    known = None if learned.chrome is None else _known(learned.chrome)
    scanned = None if known is None else shelf.get(_name(number, "lines"), chrome.Lines.load)
    busy = shelf.get(_name(number, "busy"), np.load)
    laid = lay_out_pinned(batch, pieces, learned, known, scanned, busy)
    shelf.drop(_name(number, "lines"))
    shelf.drop(_name(number, "busy"))
    batch, pieces = laid.documents, laid.pieces
    offsets, data = text_buffers(batch.column("text"))
    signed = sign(data, offsets)
    if len(signed.repeats):
        stretches = [Stretch(int(row), int(start), int(end)) for row, start, end in signed.repeats]
        batch, passages = cut(batch, stretches)
        pieces = pa.concat_batches([pieces, passages])
    changed = laid.changed or len(signed.repeats) > 0
    if changed:
        _put(shelf, number, batch, pieces)
    sites = batch.column("site").dictionary_encode()
    return UnitSigned(
        ids=text_ids(batch.column("text")),
        characters=text_lengths(batch.column("text")) if changed else read,
        characters_read=int(read.sum()),
        changes=laid.changes,
        mostly=laid.mostly,
        site_names=sites.dictionary.to_pylist(),
        sites=sites.indices.to_numpy(),
        orders=batch.column("order").to_numpy(),
        tokens=signed.tokens,
        exact=signed.exact,
        signatures=signed.signatures,
        paragraphs=signed.paragraphs,
        places=signed.paragraph_places,
    )


def cut_unit(number: int, shelf: Shelf, stretches: list[Stretch]) -> pa.RecordBatch:
    """Move stretches of a unit's documents to its pieces; return the documents without them."""
    documents, pieces = unit_batches(number, shelf)
    batch, passages = cut(documents, stretches)
    _put(shelf, number, batch, pa.concat_batches([pieces, passages]))
    return batch
