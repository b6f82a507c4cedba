"""Where a run writes to: a folder of ours, a single file, or standard output."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from taoxi.corpus import manifest
from taoxi.corpus.files import locked_folder, output_errors, publish, staging_beside
from taoxi.corpus.options import SINGLE_FILE_ENDINGS, Options, To, UsageError
from taoxi.corpus.schema import CORPUS, LEDGER, SOURCES
from taoxi.corpus.writers import ParquetWriter, Writer, open_writer

PART_BYTES = 1 << 30
"""Bytes of text in one file of the corpus or ledger."""


class Target(Protocol):
    """Takes the rows of a run; nothing of them can be seen before ``commit``."""

    staging: Path
    run: int | None

    def keep(self, table: pa.Table) -> None:
        """Append rows to the corpus."""

    def remove(self, table: pa.Table) -> None:
        """Append rows to the ledger."""

    def commit(self, sources: pa.Table, counts: dict[str, Any]) -> None:
        """Make the output visible, the manifest last."""


class _Parts:
    """A table in files of about ``PART_BYTES`` each, named RUN-00000, RUN-00001 and so on."""

    def __init__(self, staging: Path, folder: str, run: int, to: To, schema: pa.Schema) -> None:
        self._staging = staging / folder
        self._staging.mkdir()
        self._folder = folder
        self._run = run
        self._ending = {To.PARQUET: ".parquet", To.JSONL: ".jsonl", To.TEXT: ".txt"}[to]
        self._schema = schema
        self._writer: Writer | None = None
        self._bytes = 0
        self.rows: list[int] = []
        self.paths: list[Path] = []
        self._open()

    def _open(self) -> Writer:
        path = self._staging / f"{self._run:06}-{len(self.paths):05}{self._ending}"
        self._writer = open_writer(path, self._ending, self._schema)
        self._bytes = 0
        self.paths.append(path)
        self.rows.append(0)
        return self._writer

    def write(self, table: pa.Table) -> None:
        """Append rows; a row opens a new file when the text of the last one is complete."""
        for chunk in table.to_batches(max_chunksize=1 << 10):
            writer = self._writer or self._open()
            if self._bytes >= PART_BYTES:
                writer.close()
                writer = self._open()
            rows = pa.Table.from_batches([chunk])
            writer.write(rows)
            self._bytes += rows.column("text").nbytes
            self.rows[-1] += len(rows)

    def close(self) -> None:
        """Finish the last file."""
        if self._writer is not None:
            self._writer.close()

    def files(self) -> list[tuple[Path, str, int]]:
        """Return the staged files with their names in the output and their rows."""
        return [(path, f"{self._folder}/{path.name}", rows) for path, rows in zip(self.paths, self.rows, strict=True)]


class FolderTarget:
    """Corpus, ledger, sources and manifest in a folder of ours."""

    def __init__(self, options: Options, staging: Path) -> None:
        """Clear what a dead run left and take the next run number."""
        self._options = options
        self._out = Path(options.out)
        self.staging = staging
        manifest.sweep(self._out)
        self._replaces = bool(manifest.runs(self._out))
        self.run = max(manifest.runs(self._out), default=0) + 1
        to = options.to or To.PARQUET
        self._corpus = _Parts(staging, "corpus", self.run, to, CORPUS)
        self._ledger = _Parts(staging, "removed", self.run, To.PARQUET if to is To.TEXT else to, LEDGER)

    def keep(self, table: pa.Table) -> None:
        """Append rows to the corpus."""
        self._corpus.write(table)

    def remove(self, table: pa.Table) -> None:
        """Append rows to the ledger."""
        self._ledger.write(table)

    def commit(self, sources: pa.Table, counts: dict[str, Any]) -> None:
        """Publish all files, then the manifest, then clear what it replaces."""
        self._corpus.close()
        self._ledger.close()
        listed = self.staging / f"{self.run:06}.parquet"
        writer = ParquetWriter(listed, SOURCES)
        writer.write(sources)
        writer.close()
        staged = [*self._corpus.files(), *self._ledger.files(), (listed, f"sources/{listed.name}", len(sources))]
        files = [manifest.describe(*file) for file in staged]
        for path, name, _rows in staged:
            publish(path, self._out / name)
        manifest.write(self._out, self.staging, self.run, self._options, files, counts, replaces=self._replaces)
        manifest.sweep(self._out)


class FileTarget:
    """The corpus as one file or on standard output, the ledger as another file if one is named."""

    run = None

    def __init__(self, options: Options, staging: Path) -> None:
        """Open the files under temporary names."""
        self.staging = staging
        self._files: list[tuple[Path, Path]] = []
        self._corpus = self._writer(options.out, CORPUS, "corpus")
        self._ledger = None if options.removed is None else self._writer(options.removed, LEDGER, "removed")

    def _writer(self, name: str, schema: pa.Schema, role: str) -> Writer:
        if name == "-":
            return open_writer(None, ".jsonl", schema)
        staged = self.staging / role
        self._files.append((staged, Path(name)))
        return open_writer(staged, name.lower(), schema)

    def keep(self, table: pa.Table) -> None:
        """Append rows to the corpus."""
        self._corpus.write(table)

    def remove(self, table: pa.Table) -> None:
        """Append rows to the ledger, if there is one."""
        if self._ledger is not None:
            self._ledger.write(table)

    def commit(self, sources: pa.Table, counts: dict[str, Any]) -> None:  # noqa: ARG002 - a file has no room for them
        """Publish the ledger, then the corpus."""
        for writer in (self._ledger, self._corpus):
            if writer is not None:
                writer.close()
        for staged, final in reversed(self._files):
            _move(staged, final)


def _move(staged: Path, final: Path) -> None:
    """Publish a file; the ledger may live on another disk than the corpus, where a rename does not reach."""
    if staged.stat().st_dev == final.absolute().parent.stat().st_dev:
        publish(staged, final)
        return
    with staging_beside(final) as near:
        copy = near / final.name
        copy.write_bytes(staged.read_bytes())
        publish(copy, final)


@contextlib.contextmanager
def open_target(options: Options) -> Iterator[Target]:
    """Open where a run writes to; what is not committed at the end is gone.

    Raises:
        UsageError: if the output exists and may not be replaced.
        OutputError: if it cannot be written.
    """
    if not options.single_file:
        with locked_folder(Path(options.out), overwrite=options.overwrite) as staging, output_errors(options.out):
            yield FolderTarget(options, staging)
        return
    if options.removed is not None and not options.removed.lower().endswith(SINGLE_FILE_ENDINGS):
        raise UsageError(
            f"--removed {options.removed}: the ending names no form. Use one of {', '.join(SINGLE_FILE_ENDINGS)}."
        )
    for name in (options.out, options.removed):
        if name not in {None, "-"} and Path(str(name)).exists() and not options.overwrite:
            raise UsageError(f"{name} is already there. Choose another name, or replace it with --overwrite.")
    with (
        staging_beside(None if options.out == "-" else Path(options.out)) as staging,
        output_errors("Standard output" if options.out == "-" else options.out),
    ):
        yield FileTarget(options, staging)
