"""Cut passages out of documents, so that text and passages together restore what was."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from taoxi.corpus.pieces import piece_rows
from taoxi.corpus.schema import DOCUMENTS, text_array, text_buffers


@dataclass(frozen=True, slots=True)
class Stretch:
    """Bytes ``[start, end)`` of the text in row ``row``; ``owner`` is the document of the run that keeps the passage.

    Without an owner the passage stood before in the same document.
    """

    row: int
    start: int
    end: int
    owner: int | None = None


def cut(batch: pa.RecordBatch, stretches: list[Stretch]) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    """Take stretches out of the texts of a batch.

    Args:
        batch: documents of the spool.
        stretches: what goes, in any order, without overlaps.

    Returns:
        The documents without the stretches, and the stretches as pieces whose ``offset`` counts
        characters from the start of the text before this cut.
    """
    offsets, data = text_buffers(batch.column("text"))
    raw = data.tobytes()
    by_row = defaultdict(list)
    for stretch in stretches:
        by_row[stretch.row].append(stretch)
    texts = []
    pieces = []
    for row, (begin, end) in enumerate(zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)):
        if row not in by_row:
            texts.append(raw[begin:end])
            continue
        text = raw[begin:end]
        kept = []
        at = characters = 0
        for stretch in sorted(by_row[row], key=lambda s: s.start):
            kept.append(text[at : stretch.start])
            passage = text[stretch.start : stretch.end]
            characters += len(kept[-1].decode())
            pieces.append((stretch, characters, passage))
            characters += len(passage.decode())
            at = stretch.end
        kept.append(text[at:])
        texts.append(b"".join(kept))
    bounds = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(text) for text in texts], out=bounds[1:])
    fresh = text_array(np.frombuffer(b"".join(texts), np.uint8), bounds)
    passages = piece_rows(
        batch,
        [stretch.row for stretch, _, _ in pieces],
        kind="passage",
        reason="repeated",
        text=[text.decode() for _, _, text in pieces],
        offset=[offset for _, offset, _ in pieces],
        owner=[stretch.owner for stretch, _, _ in pieces],
    )
    return batch.set_column(0, DOCUMENTS.field("text"), fresh), passages
