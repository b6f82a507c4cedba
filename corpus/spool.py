"""The spool: what the passes hand to each other, on disk, unit by unit.

A unit is a run of blocks of about ``batch_bytes``; its files are Arrow IPC, uncompressed, so that the next pass maps
them instead of reading them. The functions here are what a worker process runs: they take and return small things only.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from taoxi.corpus.passages import Stretch, cut
from taoxi.corpus.reading import Tally, read_block
from taoxi.corpus.schema import PIECES, text_buffers, text_ids, text_lengths
from taoxi.dedup.sign import sign
from taoxi.normalize.model import Block, Problem


@dataclass(frozen=True, slots=True)
class UnitRead:
    """What reading a unit came to: counts and problems by the source's place in the run."""

    tallies: dict[int, Tally]
    problems: list[tuple[int, Problem]]


@dataclass(frozen=True, slots=True)
class UnitSigned:
    """What signing a unit of n documents came to; arrays as in ``taoxi.dedup.sign.Signed``.

    ``ids`` (uint8, n by 16) are those of the final texts; ``characters`` (int64) counts their code points,
    ``characters_read`` those of the whole unit before repeats went; ``orders`` numbers the source of each document,
    ``sites`` (int32) its site among ``site_names``.
    """

    ids: NDArray[np.uint8]
    characters: NDArray[np.int64]
    characters_read: int
    site_names: list[str]
    sites: NDArray[np.int32]
    orders: NDArray[np.int64]
    tokens: NDArray[np.int32]
    exact: NDArray[np.uint64]
    signatures: NDArray[np.uint32]
    paragraphs: NDArray[np.uint64]
    places: NDArray[np.int64]


def documents_file(folder: Path, number: int) -> Path:
    """Return where the documents of a unit are spooled."""
    return folder / f"{number:08}.documents"


def pieces_file(folder: Path, number: int) -> Path:
    """Return where the pieces of a unit are spooled."""
    return folder / f"{number:08}.pieces"


def save(path: Path, batches: list[pa.RecordBatch]) -> None:
    """Write batches, at least one, as the one batch of an Arrow IPC file."""
    batch = batches[0] if len(batches) == 1 else pa.concat_batches(batches)
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, batch.schema) as writer:
        writer.write_batch(batch)


def load(path: Path) -> pa.RecordBatch:
    """Map a spooled file into memory."""
    return pa.ipc.open_file(pa.memory_map(str(path))).get_batch(0)


def read_unit(number: int, blocks: list[Block], folder: Path, width: str, how: str, main: bool) -> UnitRead:  # noqa: FBT001 - tasks are tuples
    """Read the blocks of a unit and spool what they came to."""
    tallies: dict[int, Tally] = {}
    problems: list[tuple[int, Problem]] = []
    documents, pieces = [], []
    rows = 0
    for block in blocks:
        read = read_block(block, width=width, how=how, main=main)
        documents.append(read.documents)
        pieces.append(_shifted(read.pieces, rows))
        rows += len(read.documents)
        problems.extend((block.order, problem) for problem in read.problems)
        tallies.setdefault(block.order, Tally()).add(read.tally)
    save(documents_file(folder, number), documents)
    save(pieces_file(folder, number), pieces)
    return UnitRead(tallies, problems)


def _shifted(pieces: pa.RecordBatch, rows: int) -> pa.RecordBatch:
    """Let the rows of a block's pieces count from the start of the unit."""
    place = PIECES.get_field_index("row")
    column = pieces.column(place)
    if not rows or column.null_count == len(column):
        return pieces
    return pieces.set_column(place, PIECES.field("row"), pc.add(column, rows))


def sign_unit(number: int, folder: Path) -> UnitSigned:
    """Cut the passages that a document of the unit repeats, and sign its documents."""
    batch = load(documents_file(folder, number))
    offsets, data = text_buffers(batch.column("text"))
    signed = sign(data, offsets)
    characters = text_lengths(batch.column("text"))
    characters_read = int(characters.sum())
    if len(signed.repeats):
        stretches = [Stretch(int(row), int(start), int(end)) for row, start, end in signed.repeats]
        batch = cut_unit(number, folder, stretches)
        characters = text_lengths(batch.column("text"))
    sites = batch.column("site").dictionary_encode()
    return UnitSigned(
        ids=text_ids(batch.column("text")),
        characters=characters,
        characters_read=characters_read,
        site_names=sites.dictionary.to_pylist(),
        sites=sites.indices.to_numpy(),
        orders=batch.column("order").to_numpy(),
        tokens=signed.tokens,
        exact=signed.exact,
        signatures=signed.signatures,
        paragraphs=signed.paragraphs,
        places=signed.paragraph_places,
    )


def cut_unit(number: int, folder: Path, stretches: list[Stretch]) -> pa.RecordBatch:
    """Move stretches of a unit's documents to its pieces; return the documents without them."""
    batch, passages = cut(load(documents_file(folder, number)), stretches)
    old = load(pieces_file(folder, number))
    _replace(pieces_file(folder, number), [old, passages])
    _replace(documents_file(folder, number), [batch])
    return batch


def _replace(path: Path, batches: list[pa.RecordBatch]) -> None:
    # The old file stays mapped by the batches that are being written: never write into it.
    fresh = path.with_suffix(".new")
    save(fresh, batches)
    fresh.replace(path)
