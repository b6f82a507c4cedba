"""Where a run writes to: a folder of ours, a single file, or standard output."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from taoxi.corpus import manifest
from taoxi.corpus.files import locked_file, locked_folder, output_errors, publish
from taoxi.corpus.options import SINGLE_FILE_ENDINGS, Options, OutputError, To, UsageError
from taoxi.corpus.schema import CORPUS, LEDGER
from taoxi.corpus.writers import ParquetWriter, Writer, open_writer, text_sizes

NOT_WRITTEN = (
    ".bz2",
    ".csv",
    ".db",
    ".gz",
    ".html",
    ".json",
    ".ndjson",
    ".tar",
    ".tsv",
    ".xlsx",
    ".xz",
    ".zip",
    ".zst",
)
"""Endings of files that are not written; who names one wants a file, and would get a folder."""

PART_BYTES = 1 << 30
"""Bytes of text in one file of the corpus or ledger."""


class Target(Protocol):
    """Takes the rows of a run; nothing of them can be seen before ``commit``."""

    staging: Path

    @property
    def run(self) -> int | None:
        """The number of the run in its folder; a file has none."""

    def keep(self, table: pa.Table) -> None:
        """Append rows to the corpus."""

    def remove(self, table: pa.Table) -> None:
        """Append rows to the ledger."""

    def commit(self, sources: pa.Table, chrome: pa.Table | None, counts: dict[str, Any]) -> None:
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
        self.rows: list[int] = []
        self.paths: list[Path] = []
        self._writer = self._open()

    def _open(self) -> Writer:
        path = self._staging / f"{self._run:06}-{len(self.paths):05}{self._ending}"
        self._bytes = 0
        self.paths.append(path)
        self.rows.append(0)
        return open_writer(path, self._ending, self._schema)

    def write(self, table: pa.Table) -> None:
        """Append rows; a row opens a new file when the text of the last one is complete."""
        while len(table):
            if self._bytes >= PART_BYTES:
                self._writer.close()
                self._writer = self._open()
            ends = np.cumsum(text_sizes(table))
            room = min(len(table), int(np.searchsorted(ends, PART_BYTES - self._bytes)) + 1)
            self._writer.write(table.slice(0, room))
            self._bytes += int(ends[room - 1])
            self.rows[-1] += room
            table = table.slice(room)

    def close(self) -> None:
        """Finish the last file."""
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
        try:
            manifest.sweep(self._out)
        except OutputError:
            if options.append:  # a damaged folder may be replaced as a whole, but not added to
                raise
        before = manifest.runs(self._out)
        self._replaces = bool(before) and not options.append
        self.run = max(before, default=0) + 1
        to = self._form(before if options.append else [])
        self._options = replace(options, to=to)
        self._corpus = _Parts(staging, "corpus", self.run, to, CORPUS)
        self._ledger = _Parts(staging, "removed", self.run, To.PARQUET if to is To.TEXT else to, LEDGER)
        self._rewritten: dict[str, tuple[Path, str, int]] = {}

    def _form(self, before: list[int]) -> To:
        """Return the form of the corpus: that of the runs before, if it is added to."""
        asked = self._options.to
        if not before:
            return asked or To.PARQUET
        there = To(manifest.read(self._out, before[-1])["options"]["to"] or To.PARQUET)
        if there is To.TEXT or asked not in {None, there}:
            way = (
                "Clean into another folder" if there is To.TEXT else f"Leave out --to {asked}, or choose another folder"
            )
            raise UsageError(f"{self._out} holds its corpus as {there}, to which this run cannot add. {way}.")
        return there

    def keep(self, table: pa.Table) -> None:
        """Append rows to the corpus."""
        self._corpus.write(table)

    def remove(self, table: pa.Table) -> None:
        """Append rows to the ledger."""
        self._ledger.write(table)

    def rewrite(self, old: str, tables: Iterable[pa.Table]) -> None:
        """Write the rows of a corpus file of an earlier run anew, as the next part of that run."""
        run = Path(old).name.partition("-")[0]
        there = manifest.parts(self._out, run) + manifest.parts(self.staging, run)
        number = 1 + max(there)
        name = f"corpus/{run}-{number:05}{Path(old).suffix}"
        path = self.staging / name
        writer = open_writer(path, path.suffix, CORPUS)
        rows = 0
        for table in tables:
            writer.write(table)
            rows += len(table)
        writer.close()
        self._rewritten[old] = (path, name, rows)

    def commit(
        self,
        sources: pa.Table,
        chrome: pa.Table | None,
        counts: dict[str, Any],
        command: str = "clean",
        more: Mapping[str, Any] | None = None,
    ) -> None:
        """Publish all files, then the manifest, which names the ``command``, then clear what it replaces.

        ``more`` are keys of the manifest that only some runs have.
        """
        self._corpus.close()
        self._ledger.close()
        staged = [*self._rewritten.values(), *self._corpus.files(), *self._ledger.files()]
        staged.append(self._table("sources", sources))
        if chrome is not None:
            staged.append(self._table("chrome", chrome))
        files = [manifest.describe(*file) for file in staged]
        for path, name, _rows in staged:
            publish(path, self._out / name)
        more = dict(more or {})
        if self._rewritten:
            more["withdraws"] = {old: name for old, (_path, name, _rows) in self._rewritten.items()}
        manifest.write(
            self._out, self.staging, self.run, self._options, files, counts, command, replaces=self._replaces, more=more
        )
        manifest.sweep(self._out)

    def _table(self, folder: str, table: pa.Table) -> tuple[Path, str, int]:
        """Write a table of one file; return the file with its name in the output and its rows."""
        name = f"{folder}/{self.run:06}.parquet"
        staged = self.staging / name
        staged.parent.mkdir(exist_ok=True)
        writer = ParquetWriter(staged, table.schema)
        writer.write(table)
        writer.close()
        return staged, name, len(table)


class FileTarget:
    """The corpus as one file or on standard output, the ledger as another file if one is named."""

    run: int | None = None

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

    def commit(self, sources: pa.Table, chrome: pa.Table | None, counts: dict[str, Any]) -> None:  # noqa: ARG002 - a file has no room for them
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
    with locked_file(final, overwrite=True) as near:
        publish(Path(shutil.copyfile(staged, near / final.name)), final)


@contextlib.contextmanager
def open_target(options: Options) -> Iterator[Target]:
    """Open where a run writes to; what is not committed at the end is gone.

    Raises:
        UsageError: if the output exists and may not be replaced.
        OutputError: if it cannot be written.
    """
    if not options.single_file:
        _check_folder(Path(options.out))
        add = options.append or options.overwrite
        with locked_folder(Path(options.out), add=add, wait=options.wait) as staging, output_errors(options.out):
            yield FolderTarget(options, staging)
        return
    if options.removed is not None:
        _check_ledger(options.out, options.removed, overwrite=options.overwrite)
    if options.report is not None and Path(options.report).exists() and not options.overwrite:
        raise UsageError(f"{options.report} is already there. Choose another name, or replace it with --overwrite.")
    final = Path(options.out)
    with contextlib.ExitStack() as stack:
        if options.out == "-":
            staging = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="taoxi-")))
        else:
            staging = stack.enter_context(locked_file(final, overwrite=options.overwrite, wait=options.wait))
        stack.enter_context(output_errors("Standard output" if options.out == "-" else options.out))
        yield FileTarget(options, staging)


def _check_folder(out: Path) -> None:
    """Refuse the name of a file of a form that is not written: nobody means a folder by out.csv."""
    if out.suffix.lower() in NOT_WRITTEN and not out.is_dir():
        known = ", ".join(SINGLE_FILE_ENDINGS)
        raise UsageError(
            f"{out}: no corpus is written as {out.suffix}. Use one of {known}, or a name without an ending."
        )


def _check_ledger(out: str, removed: str, *, overwrite: bool) -> None:
    if not removed.lower().endswith(SINGLE_FILE_ENDINGS):
        raise UsageError(f"--removed {removed}: the ending names no form. Use one of {', '.join(SINGLE_FILE_ENDINGS)}.")
    if out != "-" and Path(out).resolve() == Path(removed).resolve():
        raise UsageError(f"Corpus and ledger cannot be one file ({removed}). Give --removed another name.")
    if Path(removed).exists() and not overwrite:
        raise UsageError(f"{removed} is already there. Choose another name, or replace it with --overwrite.")
