"""Find rows of an output by a value of a column, without making objects of the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from taoxi.corpus.options import OutputError
from taoxi.corpus.output import ROWS_AT_ONCE, SCHEMAS, Output
from taoxi.corpus.schema import CHANGES

Row = dict[str, Any]
Test = Callable[[pa.ChunkedArray], pa.ChunkedArray]


def equal(value: str) -> Test:
    """Return the test whether a column has a value."""
    return lambda column: pc.equal(column, value)


def starting(prefix: str) -> Test:
    """Return the test whether a column starts with a prefix."""
    return lambda column: pc.starts_with(column, prefix)


def among(values: Sequence[str]) -> Test:
    """Return the test whether a column has one of some values."""
    wanted = pa.array(values, pa.string())
    return lambda column: pc.is_in(column, wanted)


def rows_where(
    output: Output, folder: str, run: int, column: str, test: Test, wanted: str, columns: list[str] | None = None
) -> Iterator[Row]:
    """Yield the rows of a run whose ``column`` passes a test, each with its place: ``run``, ``file`` and ``row``.

    Args:
        output: the folder.
        folder: ``corpus`` or ``removed``.
        run: the number of the run.
        column: the name of the column.
        test: an Arrow function of the column.
        wanted: how a value that passes begins: of JSON lines, only those that hold it so are parsed.
        columns: those that the rows have, None for all.

    Raises:
        OutputError: if a file is missing or damaged. Files of plain text have no rows.
    """
    schema = pa.schema([field for field in SCHEMAS[folder] if columns is None or field.name in columns])
    for file in output.files(folder, run):
        path = output.path / file.path
        if path.suffix == ".txt":
            continue
        try:
            found = _parquet(path, column, test, schema) if path.suffix == ".parquet" else _lines(path, column, wanted)
            for number, row in found if path.suffix == ".parquet" else _passing(found, column, test):
                yield {name: row.get(name) for name in schema.names} | {"run": run, "file": file.path, "row": number}
        except (OSError, pa.ArrowException, ValueError, TypeError, AttributeError) as error:
            reason = "it is not there" if isinstance(error, FileNotFoundError) else str(error).splitlines()[0]
            raise OutputError(
                f"{path} could not be read: {reason}. 'taoxi verify {output.path}' names all that is damaged."
            ) from error


def _passing(found: Iterator[tuple[int, Row]], column: str, test: Test) -> Iterator[tuple[int, Row]]:
    """Yield numbered rows whose ``column`` passes a test."""
    while some := list(islice(found, ROWS_AT_ONCE)):
        passed = test(pa.chunked_array([[row.get(column) for _, row in some]], pa.string())).to_pylist()
        yield from (each for each, fits in zip(some, passed, strict=True) if fits)


def _parquet(path: Path, column: str, test: Test, schema: pa.Schema) -> Iterator[tuple[int, Row]]:
    with pq.ParquetFile(path) as file:
        names = [name for name in schema.names if name in file.schema_arrow.names]
        first = 0
        for group in range(file.num_row_groups):
            keys = file.read_row_group(group, columns=[column])
            mask = test(keys.column(column))
            if pc.any(mask).as_py():
                places = pc.indices_nonzero(mask)
                rows = file.read_row_group(group, columns=names).take(places).to_pylist()
                yield from zip((first + place for place in places.to_pylist()), rows, strict=True)
            first += len(keys)


def _lines(path: Path, column: str, wanted: str) -> Iterator[tuple[int, Row]]:
    needle = f'"{column}":"{wanted}'.encode()
    with path.open("rb") as file:
        for number, line in enumerate(file):
            if needle in line:
                row = orjson.loads(line)
                if row.get("meta") is not None:
                    row["meta"] = orjson.dumps(row["meta"]).decode()
                if row.get("changes") is not None:
                    row["changes"] = {rule.name: row["changes"].get(rule.name, 0) for rule in CHANGES}
                yield number, row
