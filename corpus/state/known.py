"""The documents of earlier runs that new ones may repeat, found without reading all that was ever kept into memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from taoxi.corpus.state.store import FACTS, TEMPLATE, Store, id_rows, matrix
from taoxi.dedup.bands import Buckets, band_keys
from taoxi.dedup.judge import CONTAINED, Template
from taoxi.dedup.minhash import BANDS, EMPTY, PERMUTATIONS, SHORTEST
from taoxi.dedup.templates import SKETCH

SCANNED = 1 << 16
"""Documents whose buckets are looked through together."""


@dataclass(frozen=True, slots=True)
class Known:
    """The n documents of earlier runs that new ones may repeat, in the order in which they were kept.

    ``ids`` (uint8, n by 16) and ``runs`` (int64, n) name them; ``tokens`` and ``exact`` as in
    ``taoxi.dedup.sign.Signed``. ``hashes``, ``owners`` (places among the n) and ``sizes`` (tokens) are their paragraphs
    that new documents hold too. ``template`` tells their families, numbered by places among the n.
    """

    ids: NDArray[np.uint8]
    runs: NDArray[np.int64]
    tokens: NDArray[np.int32]
    exact: NDArray[np.uint64]
    hashes: NDArray[np.uint64]
    owners: NDArray[np.int64]
    sizes: NDArray[np.int64]
    template: Template


class Encounter:
    """New documents, as they meet those of earlier runs in the database."""

    def __init__(self, store: Store) -> None:
        """Start with no new document."""
        self._sql = store.sql
        self._sql.execute(
            "CREATE TEMP TABLE met (document INTEGER, tokens INTEGER, exact_a UBIGINT, exact_b UBIGINT);"
            "CREATE TEMP TABLE met_paragraphs (hash UBIGINT, document INTEGER, tokens INTEGER);"
            "CREATE TEMP TABLE chosen (number INTEGER)"
        )

    def meet(
        self,
        first: int,
        tokens: NDArray[np.int32],
        exact: NDArray[np.uint64],
        hashes: NDArray[np.uint64],
        places: NDArray[np.int64],
    ) -> None:
        """Note new documents, numbered from ``first`` on, with their paragraphs (as in ``Signed``)."""
        numbers = np.arange(first, first + len(tokens))
        fresh = pa.table(  # noqa: F841 - the query names it
            {
                "document": numbers,
                "tokens": tokens,
                "exact_a": np.ascontiguousarray(exact[:, 0]),
                "exact_b": np.ascontiguousarray(exact[:, 1]),
            }
        )
        self._sql.execute("INSERT INTO met SELECT * FROM fresh")
        held = pa.table(  # noqa: F841 - the query names it
            {
                "hash": hashes,
                "document": np.ascontiguousarray(places[:, 0]) + first,
                "tokens": np.ascontiguousarray(places[:, 3]),
            }
        )
        self._sql.execute("INSERT INTO met_paragraphs SELECT * FROM held")

    def known(self, signatures: NDArray[np.uint32], path: Path, *, cutting: bool) -> Known:
        """Return the documents of earlier runs that may be leaders of the new ones; others cannot matter to the judge.

        Args:
            signatures: those of all new documents (uint32, n by ``PERMUTATIONS``); may be a memory map.
            path: the file of signatures; those of the known documents are appended to it.
            cutting: whether paragraphs that any earlier document holds are asked for as well.
        """
        self._choose_near(signatures)
        self._sql.execute("INSERT INTO chosen SELECT number FROM documents SEMI JOIN met USING (exact_a, exact_b)")
        self._choose_containers(cutting=cutting)
        self._choose_families()
        rows = self._sql.sql(
            "SELECT number, run, replace(id::VARCHAR, '-', '') AS id, exact_a, exact_b, tokens, signature,"  # noqa: S608 - ours
            f" {TEMPLATE} AS template, {FACTS} AS facts FROM documents SEMI JOIN chosen USING (number) ORDER BY number"
        )
        numbers, runs, ids, exact, tokens = [], [], [], [], []
        templates, facts = [np.zeros((0, 16), np.uint8)], [np.zeros((0, SKETCH), np.uint32)]
        with path.open("ab") as file:
            for batch in rows.to_arrow_reader(SCANNED):
                numbers.append(batch.column("number").to_numpy())
                runs.append(batch.column("run").to_numpy())
                ids.append(bytes.fromhex("".join(batch.column("id").to_pylist())))
                templates.append(id_rows(batch.column("template").to_pylist()))
                facts.append(matrix(batch.column("facts"), SKETCH))
                exact.append(np.column_stack([batch.column(name).to_numpy() for name in ("exact_a", "exact_b")]))
                tokens.append(batch.column("tokens").to_numpy())
                file.write(matrix(batch.column("signature"), PERMUTATIONS).tobytes())
        number = np.concatenate([np.zeros(0, np.int32), *numbers])
        held = self._sql.sql(
            "SELECT hash, document, tokens FROM paragraphs WHERE document IN (SELECT number FROM chosen)"
            " AND hash IN (SELECT hash FROM met_paragraphs)"
        ).to_arrow_table()
        own = np.frombuffer(b"".join(ids), np.uint8).reshape(-1, 16)
        return Known(
            own,
            np.concatenate([np.zeros(0, np.int64), *runs]),
            np.concatenate([np.zeros(0, np.int32), *tokens]),
            np.concatenate([np.zeros((0, 2), np.uint64), *exact]),
            held.column("hash").to_numpy(),
            np.searchsorted(number, held.column("document").to_numpy()).astype(np.int64),
            held.column("tokens").to_numpy().astype(np.int64),
            Template(_first_of(own, np.concatenate(templates)), np.concatenate(facts)),
        )

    def _choose_families(self) -> None:
        """Choose all documents of the families of those that were chosen."""
        self._sql.execute(
            """
            CREATE OR REPLACE TEMP TABLE firsts AS
            SELECT DISTINCT coalesce(template, id) AS id FROM documents SEMI JOIN chosen USING (number);
            INSERT INTO chosen SELECT number FROM documents SEMI JOIN firsts USING (id);
            INSERT INTO chosen SELECT number FROM documents SEMI JOIN firsts ON documents.template = firsts.id
            """
        )

    def _choose_near(self, signatures: NDArray[np.uint32]) -> None:
        """Choose the documents that share a bucket with a new one."""
        buckets = Buckets(len(signatures))
        for start in range(0, len(signatures), SCANNED):
            some = np.asarray(signatures[start : start + SCANNED])
            # A document too short to be signed has no buckets; its signature is all ones.
            buckets.add(band_keys(some[some[:, 0] != EMPTY]))
        rows = self._sql.sql("SELECT number, bands FROM documents WHERE tokens >= ?", params=[SHORTEST])
        found = [
            batch.column("number").to_numpy()[buckets.hit(matrix(batch.column("bands"), BANDS))]
            for batch in rows.to_arrow_reader(SCANNED)
        ]
        near = pa.table({"number": np.concatenate([np.zeros(0, np.int32), *found])})  # noqa: F841 - the query names it
        self._sql.execute("INSERT INTO chosen SELECT number FROM near")

    def _choose_containers(self, *, cutting: bool) -> None:
        """Choose the documents that hold enough of a new one's paragraphs to contain it.

        Whoever holds what is needed misses at most the rest: so it holds one of any paragraphs that are longer than
        that, and the rarest will do.
        """
        self._sql.execute(
            """
            INSERT INTO chosen
            WITH counts AS (
                SELECT hash, count(*) AS holders FROM paragraphs SEMI JOIN met_paragraphs USING (hash) GROUP BY hash
            ), held AS (
                SELECT p.document, p.hash, p.tokens, holders,
                    sum(p.tokens) OVER (PARTITION BY p.document) AS total,
                    sum(p.tokens) OVER (PARTITION BY p.document ORDER BY holders, p.hash
                        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) - p.tokens AS passed
                FROM met_paragraphs p JOIN counts USING (hash)
            ), rare AS (
                SELECT DISTINCT hash FROM held JOIN met USING (document)
                WHERE passed <= total - ceil($share * met.tokens)
            )
            SELECT DISTINCT document FROM paragraphs SEMI JOIN rare USING (hash)
            """,
            {"share": CONTAINED},
        )
        if cutting:
            self._sql.execute(
                "INSERT INTO chosen SELECT min(document) FROM paragraphs SEMI JOIN met_paragraphs USING (hash)"
                " GROUP BY hash"
            )


def _first_of(ids: NDArray[np.uint8], templates: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return the places of the first documents of families, by their ids; -1 where there is none."""
    places = {bytes(id_): place for place, id_ in reversed(list(enumerate(ids)))}
    rows = np.flatnonzero(templates.any(1)).tolist()
    found = np.full(len(ids), -1, np.int64)
    found[rows] = [places.get(bytes(templates[row]), -1) for row in rows]
    return found
