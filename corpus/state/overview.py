"""What a folder holds: its runs, its sites, its sizes, and whether its database is up to date."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from taoxi.corpus.manifest import FOLDERS
from taoxi.corpus.options import OutputError
from taoxi.corpus.output import Output
from taoxi.corpus.restoring import REWORKED
from taoxi.corpus.schema import CORPUS
from taoxi.corpus.state.rebuild import digest
from taoxi.corpus.state.stamps import DamagedError
from taoxi.corpus.state.store import NAME, Store, reading


@dataclass(frozen=True, slots=True)
class RunOverview:
    """A run in force: its number and command, and what its manifest counts; ``bytes`` are those of its files."""

    run: int
    command: str
    sources: int
    documents: int
    kept: int
    removed: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Overview:
    """What a folder holds.

    ``sizes`` are the bytes of its folders and of the database by name; ``sites`` counts kept documents by site.
    ``known`` is how many documents the database knows, None if there is none; ``database`` says of it what a person
    should know, None if it is up to date.
    """

    out: str
    runs: list[RunOverview]
    sizes: dict[str, int]
    sites: Counter[str]
    known: int | None
    database: str | None

    @property
    def kept(self) -> int:
        """The number of kept documents of all runs."""
        return sum(run.kept for run in self.runs)


def overview(out: str | Path) -> Overview:
    """Look at a folder; nothing is written.

    Raises:
        UsageError: if it holds no finished run.
        OutputError: if a manifest or the corpus is damaged.
    """
    output = Output.open(out)
    runs = [_run(output, run, found) for run, found in output.manifests.items()]
    sizes = {folder: _bytes(output, folder) for folder in FOLDERS}
    path = output.path / NAME
    sizes[NAME] = path.stat().st_size if path.is_file() else 0
    sites: Counter[str] = Counter()
    narrow = pa.schema([CORPUS.field("site")])
    for run in output.runs:
        for table in output.tables("corpus", run, narrow):
            sites.update(table.column("site").to_pylist())
    known, said = _database(output, path)
    return Overview(str(out), runs, {name: size for name, size in sizes.items() if size}, sites, known, said)


def _run(output: Output, run: int, found: dict[str, Any]) -> RunOverview:
    counts = found["counts"]
    size = sum(file.bytes for folder in FOLDERS for file in output.files(folder, run))
    removed = sum(counts["removed"].values())
    command = found.get("command", "clean")
    kept = counts["kept"] - counts.get(REWORKED, 0)  # these stand in the place of others
    return RunOverview(run, command, counts["sources"], counts["documents"], kept, removed, size)


def _bytes(output: Output, folder: str) -> int:
    return sum(file.bytes for run in output.runs for file in output.files(folder, run))


def _database(output: Output, path: Path) -> tuple[int | None, str | None]:
    """Return how many documents the database knows, and what to say of it."""
    if not path.exists():
        return None, "There is none; the first run with --append makes it."
    try:
        with reading(), Store.open(path, read_only=True) as store:
            known, runs = store.count(), store.runs()
    except DamagedError as error:
        return None, f"It is damaged ({error}); the next run with --append makes it again."
    except OutputError as error:
        return None, str(error)
    if runs != {run: digest(output.path, run) for run in output.runs}:
        return known, "It lags behind the runs; the next run with --append brings it up to date."
    return known, None
