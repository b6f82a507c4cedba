"""What a run left behind: for each numbered document, whether it stayed, and if not, why and for whom."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from taoxi.dedup.minhash import BANDS, PERMUTATIONS, ROWS, SHORTEST

_CORPUS = ["id", "text", "meta"]
_LEDGER = [*_CORPUS, "kind", "reason", "leader", "similarity"]


@dataclass(frozen=True, slots=True)
class Removal:
    """Why a document was removed: ``leader`` is the number of the kept document that it repeats, None without one."""

    reason: str
    leader: int | None
    similarity: float


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A cleaned corpus by the numbers of its documents.

    ``texts`` (an Arrow array of large strings) are the normalized texts of kept and removed documents alike; ``rows``
    says where that of each number stands.
    """

    kept: frozenset[int]
    removed: dict[int, Removal]
    texts: pa.LargeStringArray
    rows: dict[int, int]


def read_folder(out: Path) -> Cleaned:
    """Read corpus and ledger of an output folder whose documents have a number each, ``{"id": n}`` in ``meta``.

    Raises:
        SystemExit: if the folder holds no Parquet corpus, or a document without a number.
    """
    parts = sorted((out / "corpus").glob("*.parquet"))
    if not parts:
        raise SystemExit(f"{out} holds no corpus/*.parquet. Name the folder that `taoxi clean … -o FOLDER` wrote.")
    corpus = pa.concat_tables([pq.read_table(part, columns=_CORPUS) for part in parts])
    pieces = [pq.read_table(part, columns=_LEDGER) for part in sorted((out / "removed").glob("*.parquet"))]
    ledger = pa.concat_tables(pieces)
    ledger = ledger.filter(pc.equal(ledger.column("kind"), "document"))
    kept = _numbers(corpus)
    gone = _numbers(ledger)
    number_of = dict(zip(corpus.column("id").to_pylist(), kept, strict=True))
    columns = (ledger.column(name).to_pylist() for name in ("reason", "leader", "similarity"))
    removed = {
        number: Removal(reason, number_of.get(leader), similarity or 0.0)
        for number, reason, leader, similarity in zip(gone, *columns, strict=True)
    }
    texts = pa.chunked_array([*corpus.column("text").chunks, *ledger.column("text").chunks], pa.large_string())
    return Cleaned(
        frozenset(kept),
        removed,
        texts.combine_chunks(),
        {number: row for row, number in enumerate([*kept, *gone])},
    )


def _numbers(table: pa.Table) -> list[int]:
    try:
        return [int(orjson.loads(meta)["id"]) for meta in table.column("meta").to_pylist()]
    except (KeyError, TypeError, ValueError) as error:
        raise SystemExit(
            f'A document has no number in its meta ({error!r}). Clean a JSONL whose lines are {{"id": n, "text": …}}.'
        ) from error


def pairwise(cleaned: Cleaned, pairs: list[tuple[int, int]], similarity: float) -> NDArray[np.bool_]:
    """Say of each pair of numbers whether the judge would find it if there were no other document.

    It would if the folds are equal, or if both are long enough to be signed, share a band and agree in at least
    ``similarity`` of their signature values.
    """
    from taoxi.corpus.schema import text_buffers  # noqa: PLC0415 - for measured texts only
    from taoxi.dedup.sign import sign  # noqa: PLC0415 - it compiles kernels

    offsets, data = text_buffers(cleaned.texts)
    signed = sign(data, offsets)
    rows = np.array([[cleaned.rows[left], cleaned.rows[right]] for left, right in pairs], np.int64).reshape(-1, 2)
    left, right = rows[:, 0], rows[:, 1]
    equal = signed.signatures[left] == signed.signatures[right]
    banded = equal[:, : BANDS * ROWS].reshape(-1, BANDS, ROWS).all(axis=2).any(axis=1)
    near = banded & (equal.sum(axis=1) >= similarity * PERMUTATIONS)
    near &= (signed.tokens[left] >= SHORTEST) & (signed.tokens[right] >= SHORTEST)
    same = (signed.exact[left] == signed.exact[right]).all(axis=1) & (signed.tokens[left] > 0)
    return np.asarray(same | near)
