"""Read an output folder back: the runs in force and the rows of their tables, in whatever form they were written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from taoxi.corpus import manifest
from taoxi.corpus.manifest import OutputFile
from taoxi.corpus.options import OutputError, UsageError
from taoxi.corpus.schema import CHANGES, CORPUS, LEDGER, SOURCES

ROWS_AT_ONCE = 1 << 12
"""Rows of a table that are in memory together."""

BYTES_AT_ONCE = 16 << 20
"""Bytes of lines of JSON from which fewer rows are: of Parquet no more than a row group is in memory."""

SCHEMAS = {"corpus": CORPUS, "removed": LEDGER, "sources": SOURCES}


@dataclass(frozen=True)
class Output:
    """A folder with at least one finished run."""

    path: Path

    @classmethod
    def open(cls, out: str | Path) -> Output:
        """Open a folder for reading.

        Raises:
            UsageError: if it holds no finished run.
            OutputError: if a manifest is damaged.
        """
        found = cls(Path(out))
        if not found.runs:
            raise UsageError(f"{out} holds no finished run. Name a folder that 'taoxi clean' has written.")
        return found

    @cached_property
    def runs(self) -> list[int]:
        """The numbers of the runs in force, ascending."""
        return manifest.runs(self.path)

    @cached_property
    def manifests(self) -> dict[int, dict[str, Any]]:
        """The manifests of the runs in force, by number."""
        return {run: manifest.read(self.path, run) for run in self.runs}

    @cached_property
    def _listing(self) -> dict[int, list[OutputFile]]:
        return manifest.listing(self.manifests.values())

    def files(self, folder: str, run: int) -> list[OutputFile]:
        """Return the files of a run in one of the folders, in the order of their rows."""
        return [file for file in self._listing[run] if file.path.split("/", 1)[0] == folder]

    def tables(self, folder: str, run: int, schema: pa.Schema | None = None) -> Iterator[pa.Table]:
        """Yield the rows of a run in one of the folders of ``SCHEMAS``, some thousands at a time.

        ``schema`` may have some of the columns only.

        Raises:
            OutputError: if a file is missing or damaged, or if the corpus is plain text, which has no columns.
        """
        for file in self.files(folder, run):
            yield from read_table(self.path / file.path, schema or SCHEMAS[folder])

    def rows(self, folder: str, run: int, reason: str | None = None) -> Iterator[dict[str, Any]]:
        """Yield the rows of a run as dictionaries, with ``reason`` those of one only; raises as ``tables`` does."""
        for table in self.tables(folder, run):
            yield from (table if reason is None else table.filter(pc.equal(table.column("reason"), reason))).to_pylist()

    def ids(self) -> set[str]:
        """Return the ids of all texts in the corpus; raises as ``tables`` does."""
        narrow = pa.schema([CORPUS.field("id")])
        tables = (table for run in self.runs for table in self.tables("corpus", run, narrow))
        return {name for table in tables for name in table.column("id").to_pylist()}


def read_table(path: Path, schema: pa.Schema) -> Iterator[pa.Table]:
    """Yield the rows of a Parquet or JSONL file of ours, some thousands at a time; a missing column is null.

    ``schema`` may have some of the columns only: of Parquet, no others are read.

    Raises:
        OutputError: if the file is missing or damaged, or is plain text.
    """
    if path.suffix == ".txt":
        raise OutputError(
            f"{path} is plain text, which has no ids and no places. Clean into a folder with --to parquet or jsonl."
        )
    try:
        yield from (_parquet if path.suffix == ".parquet" else _json_lines)(path, schema)
    except (OSError, pa.ArrowException, ValueError, TypeError, AttributeError, OverflowError) as error:
        missing = isinstance(error, FileNotFoundError)
        reason = "it is not there" if missing else (str(error).splitlines() or [type(error).__name__])[0]
        raise OutputError(
            f"{path} could not be read: {reason}. 'taoxi verify' names all that is damaged; restore it from a backup."
        ) from error


def _parquet(path: Path, schema: pa.Schema) -> Iterator[pa.Table]:
    with pq.ParquetFile(path) as file:
        names = [name for name in schema.names if name in file.schema_arrow.names]
        for group in range(file.num_row_groups):
            for batch in file.iter_batches(ROWS_AT_ONCE, row_groups=[group], columns=names):
                columns = [
                    batch.column(field.name).cast(field.type)
                    if field.name in names
                    else pa.nulls(len(batch), field.type)
                    for field in schema
                ]
                yield pa.Table.from_arrays(columns, schema=schema)


def _json_lines(path: Path, schema: pa.Schema) -> Iterator[pa.Table]:
    with path.open("rb") as file:
        # ``readlines`` stops once it has so many bytes.
        while lines := file.readlines(BYTES_AT_ONCE):
            for first in range(0, len(lines), ROWS_AT_ONCE):
                yield _json_table(lines[first : first + ROWS_AT_ONCE], schema)


def _json_table(lines: list[bytes], schema: pa.Schema) -> pa.Table:
    rows = [orjson.loads(line) for line in lines]
    for row in rows:
        if row.get("meta") is not None:
            row["meta"] = orjson.dumps(row["meta"]).decode()
        if row.get("changes") is not None:
            row["changes"] = {rule.name: row["changes"].get(rule.name, 0) for rule in CHANGES}
    return pa.Table.from_pylist(rows, schema=schema)
