"""The database of a folder: its tables, how it is opened, and how damage is told from use by somebody else."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from taoxi.corpus.options import OutputError
from taoxi.corpus.state.stamps import FORMAT, DamagedError, stamps
from taoxi.dedup.minhash import PERMUTATIONS
from taoxi.dedup.templates import SKETCH

NAME = "state.duckdb"
WAL = f"{NAME}.wal"
"""Where DuckDB notes what it has not yet written into the database."""

MEMORY = "512MB"
"""What DuckDB may take before it moves to the disk."""

TEMPLATE = f"coalesce(replace(template::VARCHAR, '-', ''), '{'0' * 32}')"
"""The column ``template`` in hex digits, all zero where it is null."""

FACTS = f"coalesce(facts, [0::UINTEGER for _ in range({SKETCH})])"
"""The column ``facts``, zero where it is null."""

_TABLES = """
CREATE TABLE stamps (name VARCHAR, value VARCHAR);
CREATE TABLE runs (run INTEGER, manifest VARCHAR);
CREATE TABLE sources (
    source VARCHAR, member VARCHAR, bytes BIGINT, sha256 VARCHAR, format VARCHAR, encoding VARCHAR, error VARCHAR,
    run INTEGER, modified BIGINT, changed BIGINT, inode UBIGINT
);
CREATE TABLE documents (
    number INTEGER, run INTEGER, id UUID, exact_a UBIGINT, exact_b UBIGINT, tokens INTEGER,
    signature UINTEGER[128], bands UINTEGER[25], template UUID, facts UINTEGER[16]
);
CREATE TABLE paragraphs (hash UBIGINT, document INTEGER, tokens INTEGER);
CREATE TABLE chrome_lines (
    site VARCHAR, line UBIGINT, pages BIGINT, records BIGINT, head BIGINT, tail BIGINT, varied BIGINT, flags UINTEGER
);
CREATE TABLE chrome_contents (site UBIGINT, keys UINTEGER[8]);
"""
"""``documents`` numbers what is kept, in the order of runs and within a run in natural order; ``signature`` is that of
the text as it was judged, ``bands`` are the keys of its buckets; ``template`` is the id of the first document of its
family, null if that is itself, ``facts`` the sketch of what tells the two apart. ``paragraphs`` are those of kept
documents.
``chrome_lines`` is the evidence of ``taoxi.dedup.chrome`` summed over runs, ``chrome_contents`` the contents counted in
it. Of a source there is the row of the run that read it last; ``modified`` and ``changed`` are times of the file in
nanoseconds, null where they could not vouch for it. Keys of buckets and signatures are hashes, and no index helps to
find them: they are scanned, a million documents in a quarter of a second."""


@dataclass(frozen=True, slots=True)
class Kept:
    """n kept documents; arrays as in ``taoxi.dedup.sign.Signed``, ``ids`` (uint8, n by 16) are those of their texts.

    ``templates`` (uint8, n by 16) are the ids of the first documents of their families, all zero for one that is in
    none or the first; ``facts`` (uint32, n by ``SKETCH``) are as in ``taoxi.dedup.judge.Template``, and zero for these.
    """

    ids: NDArray[np.uint8]
    tokens: NDArray[np.int32]
    exact: NDArray[np.uint64]
    signatures: NDArray[np.uint32]
    templates: NDArray[np.uint8]
    facts: NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Store:
    """An open database. ``sql`` is the connection."""

    path: Path
    sql: duckdb.DuckDBPyConnection

    @classmethod
    def create(cls, path: Path, scratch: Path | None = None) -> Self:
        """Make an empty database in the place of whatever is there."""
        path.unlink(missing_ok=True)
        path.with_name(f"{path.name}.wal").unlink(missing_ok=True)
        store = cls(path, _connect(path, scratch))
        with store.transaction():
            store.sql.execute(_TABLES)
            rows = [("format", str(FORMAT)), *stamps().items()]
            store.sql.executemany("INSERT INTO stamps VALUES (?, ?)", rows)
        return store

    @classmethod
    def open(cls, path: Path, scratch: Path | None = None, *, read_only: bool = False) -> Self:
        """Open a database that is there.

        Raises:
            DamagedError: if it cannot be read.
            OutputError: if another program has it open, or if another version of taoxi made it.
        """
        try:
            store = cls(path, _connect(path, scratch, read_only=read_only))
        except duckdb.Error as error:
            raise _said(path, error) from error
        try:
            with reading():
                store._check()
        except BaseException:
            store.sql.close()
            raise
        return store

    def _check(self) -> None:
        """Compare the stamps with those of this version."""
        found = dict(self.sql.sql("SELECT name, value FROM stamps").fetchall())
        form = found.pop("format", "0")
        if not form.isdecimal() or int(form) < FORMAT:
            raise DamagedError(f"its form is {form!r}, and this version writes form {FORMAT}")
        if int(form) > FORMAT:
            raise OutputError(
                f"{self.path} was made by a newer version of taoxi (form {form}; this one knows {FORMAT})."
                " Update taoxi, or remove the file: it will be made again from the corpus."
            )
        own = stamps()
        other = sorted(name for name in own.keys() | found.keys() if own.get(name) != found.get(name))
        if other:
            differ = ", ".join(f"{name}: {found.get(name)} there, {own.get(name)} here" for name in other)
            raise OutputError(
                f"{self.path} was made by a version of taoxi whose signatures cannot be compared with this one's"
                f" ({differ}). Make it again from the corpus with 'taoxi state {self.path.parent} --rebuild'."
            )

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it; what was not committed is gone."""
        self.sql.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Do all of something or nothing."""
        self.sql.execute("BEGIN")
        try:
            yield
        except BaseException:
            with contextlib.suppress(duckdb.Error):
                self.sql.execute("ROLLBACK")
            raise
        self.sql.execute("COMMIT")

    def runs(self) -> dict[int, str]:
        """Return the digests of the manifests of the runs that it knows, by run."""
        return dict(self.sql.sql("SELECT run, manifest FROM runs ORDER BY run").fetchall())

    def count(self) -> int:
        """Return the number of kept documents."""
        ((count,),) = self.sql.sql("SELECT count(*) FROM documents").fetchall()
        return int(count)

    def holds(self, run: int, first: int, kept: Kept) -> NDArray[np.bool_]:
        """Return which of n documents of a run, numbered from ``first`` on, are in it just so (bool, n)."""
        rows = self.sql.sql(
            "SELECT replace(id::VARCHAR, '-', '') AS id, run, tokens, exact_a, exact_b, signature,"  # noqa: S608 - ours
            f" {TEMPLATE} AS template, {FACTS} AS facts FROM documents"
            " WHERE number >= ? AND number < ? ORDER BY number",
            params=[first, first + len(kept.ids)],
        ).to_arrow_table()
        same = np.zeros(len(kept.ids), np.bool_)
        if len(rows) != len(kept.ids):
            return same
        ids = id_rows(rows.column("id").to_pylist())
        same[:] = (ids == kept.ids).all(1) & (rows.column("run").to_numpy() == run)
        same &= rows.column("tokens").to_numpy() == kept.tokens
        for half, name in enumerate(("exact_a", "exact_b")):
            same &= rows.column(name).to_numpy() == kept.exact[:, half]
        same &= (matrix(rows.column("signature"), PERMUTATIONS) == kept.signatures).all(1)
        same &= (id_rows(rows.column("template").to_pylist()) == kept.templates).all(1)
        same &= (matrix(rows.column("facts"), SKETCH) == kept.facts).all(1)
        return same

    def holds_paragraphs(self, first: int, count: int, hashes: NDArray[np.uint64], places: NDArray[np.int64]) -> bool:
        """Return whether it holds just these paragraphs (as in ``Signed``) of documents numbered from ``first`` on."""
        rows = self.sql.sql(
            "SELECT document, hash, tokens FROM paragraphs WHERE document >= ? AND document < ?"
            " ORDER BY document, hash, tokens",
            params=[first, first + count],
        ).to_arrow_table()
        owners = places[:, 0] + first
        order = np.lexsort((places[:, 3], hashes, owners))
        found = [rows.column(name).to_numpy() for name in ("document", "hash", "tokens")]
        expected = [owners[order], hashes[order], places[order, 3]]
        return all(np.array_equal(*pair) for pair in zip(found, expected, strict=True))


def _connect(path: Path, scratch: Path | None, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    config: dict[str, str | bool | int | float | list[str]] = {"memory_limit": MEMORY, "threads": 1}
    if scratch is not None:
        config["temp_directory"] = str(scratch)
    return duckdb.connect(str(path), read_only=read_only, config=config)


@contextlib.contextmanager
def reading() -> Iterator[None]:
    """Take whatever DuckDB cannot do here for damage of the database, wherever it shows.

    Raises:
        DamagedError: with what DuckDB says.
    """
    try:
        yield
    except duckdb.InterruptException as error:
        raise KeyboardInterrupt from error
    except duckdb.Error as error:
        raise DamagedError(first_line(error)) from error


def _said(path: Path, error: duckdb.Error) -> Exception:
    """Return what the failure to open a database means."""
    line = first_line(error)
    if "could not set lock" in line.lower():
        return OutputError(f"{path} is open in another program ({line}). Close it there, and run again.")
    return DamagedError(line)


def first_line(error: Exception) -> str:
    """Return what an error says, without what may follow it."""
    return (str(error).splitlines() or [type(error).__name__])[0]


def id_rows(names: Sequence[str]) -> NDArray[np.uint8]:
    """Return n ids in hex digits as the rows of an array (uint8, n by 16)."""
    return np.frombuffer(bytes.fromhex("".join(names)), np.uint8).reshape(-1, 16)


def matrix(lists: pa.Array | pa.ChunkedArray, size: int) -> NDArray[np.uint32]:
    """Return lists of ``size`` numbers each, as the database gives them, as the rows of an array (uint32)."""
    whole = lists.combine_chunks() if isinstance(lists, pa.ChunkedArray) else lists
    values: NDArray[np.uint32] = whole.flatten().to_numpy()
    return values.reshape(-1, size)
