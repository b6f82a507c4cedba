"""What the checks of a verification hand to each other: the runs in force, and what was found out about them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from taoxi.corpus.complaints import Finding
from taoxi.corpus.manifest import OutputFile, withdrawing
from taoxi.corpus.options import Options, To
from taoxi.corpus.output import Output, read_table
from taoxi.corpus.report import Notice, Phase, Progress
from taoxi.corpus.restoring import Spot
from taoxi.corpus.schema import CORPUS, LEDGER

Id = np.dtype("S16")
"""An id as numpy sorts and compares it: 16 bytes."""

COLUMNS = {
    "corpus": pa.schema([field for field in CORPUS if field.name != "changes"]),
    "removed": pa.schema([field for field in LEDGER if field.name not in {"changes", "evidence"}]).append(
        LEDGER.field("evidence")
    ),
}
"""The columns of corpus and ledger that are verified: all but the counters, which are in no text."""

AGAIN = "Restore it from a backup, or clean into another folder."
"""What to do about a damaged output."""

FOUND, GONE, CHANGED, PIPED, UNREAD, AMBIGUOUS, ELSEWHERE = range(7)
"""What became of a row of the table of sources when its source was looked for; ``ELSEWHERE`` are rows that say of
another run that it read the source."""


@dataclass
class Sources:
    """The n rows of the table of sources of a run.

    ``names`` are the source and member of each. What is found out: ``spans`` holds stretches of bytes that rows of
    corpus and ledger span, each an array (int64, m by 3) of the row here, first byte, end; ``documents`` (int64, n)
    counts their rows of documents. ``state`` (int8, n) says what became of the source since, ``sizes`` (int64, n) how
    many bytes it had when decompressed, -1 where nobody knows.
    """

    table: pa.Table
    run: int
    spans: list[NDArray[np.int64]] = field(default_factory=list)
    documents: NDArray[np.int64] = field(init=False)
    state: NDArray[np.int8] = field(init=False)
    sizes: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        """Know nothing of the sources but what the table says."""
        count = len(self.table)
        self.documents = np.zeros(count, np.int64)
        own = self.table.column("run").to_numpy() == self.run if count else np.zeros(0, np.bool_)
        self.state = np.where(own, UNREAD, ELSEWHERE).astype(np.int8)
        self.sizes = np.full(count, -1, np.int64)
        for rows in self.twice.values():
            self.state[[row for row in rows if own[row]]] = AMBIGUOUS

    @cached_property
    def names(self) -> list[tuple[str, str | None]]:
        """The source and the member of each row."""
        return list(zip(self.table.column("source").to_pylist(), self.table.column("member").to_pylist(), strict=True))

    @cached_property
    def index(self) -> dict[tuple[str, str | None], int]:
        """The row of each source, the first one of a name."""
        return {name: row for row, name in reversed(list(enumerate(self.names)))}

    @cached_property
    def twice(self) -> dict[tuple[str, str | None], list[int]]:
        """Names that several rows have: an archive may hold two members of one name."""
        counts = Counter(self.names)
        found: dict[tuple[str, str | None], list[int]] = {name: [] for name, count in counts.items() if count > 1}
        for row, name in enumerate(self.names if found else ()):
            if name in found:
                found[name].append(row)
        return found

    def places(self, table: pa.Table) -> NDArray[np.int64]:
        """Return for each row of a table the row of its source here (int64), -1 for none."""
        codes, values = [], []
        for name in ("source", "member"):
            column = table.column(name).combine_chunks().dictionary_encode(null_encoding="encode")
            if isinstance(column, pa.ChunkedArray):
                column = column.combine_chunks()
            codes.append(column.indices.to_numpy())
            values.append(column.dictionary.to_pylist())
        width = max(1, len(values[1]))
        pairs, inverse = np.unique(codes[0].astype(np.int64) * width + codes[1], return_inverse=True)
        found = [self.index.get((values[0][pair // width], values[1][pair % width]), -1) for pair in pairs.tolist()]
        return np.array(found, np.int64)[inverse]


@dataclass
class Run:
    """A run in force.

    ``options`` is None if its manifest has some that this version does not know. ``sound`` says that all its files are
    what the manifest says, ``legible`` that its rows are such that documents can be put together from them. ``listing``
    are the files that it has now: a later run may have put others in the place of some.
    """

    number: int
    manifest: dict[str, Any]
    options: Options | None = None
    same_version: bool = True
    sound: bool = False
    legible: bool = False
    sources: Sources | None = None
    listing: list[OutputFile] = field(default_factory=list)

    def files(self, folder: str) -> list[OutputFile]:
        """Return the files of the run in one of the folders."""
        return [file for file in self.listing if file.path.startswith(f"{folder}/")]

    @property
    def is_text(self) -> bool:
        """Whether the corpus is plain text, which has no ids and no places."""
        return any(file.path.endswith(".txt") for file in self.files("corpus"))

    @property
    def known(self) -> bool:
        """Whether the options that the rows were made with are known."""
        return self.options is not None and self.options.to is not To.TEXT


@dataclass
class Figures:
    """What is counted on the way, for the summary."""

    files: int = 0
    bytes: int = 0
    rows: int = 0
    documents: int = 0
    pieces: int = 0
    sources: Counter[int] = field(default_factory=Counter)


@dataclass
class Case:
    """An output that is being verified: what the checks share.

    ``scratch`` is a folder for what does not fit into memory. ``kept`` (``Id``, sorted) are the ids of all texts in the
    corpus, ``kept_by`` (int64) the run of each, ``leaders`` (``Id``, sorted) those that rows of the ledger name.
    ``successors`` are the ids of the texts that later runs made of a document, and the rules that are undone in them,
    by its run and its place there, ``judged`` by id those of them that were compared with more in them.
    """

    path: Path
    scratch: Path
    jobs: int
    say: Callable[[Finding | Progress | Notice], None]
    runs: list[Run] = field(default_factory=list)
    figures: Figures = field(default_factory=Figures)
    kept: NDArray[np.bytes_] = field(default_factory=lambda: np.zeros(0, Id))
    kept_by: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    leaders: NDArray[np.bytes_] = field(default_factory=lambda: np.zeros(0, Id))
    successors: dict[tuple[int, Spot], list[tuple[str, tuple[str, ...]]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    judged: dict[str, str] = field(default_factory=dict)

    def progress(self, phase: Phase, done: int, total: int | None, documents: int = 0) -> None:
        """Tell how far a phase is."""
        self.say(Progress(phase, done, total, documents))

    def withdrawing(self, run: Run) -> list[Run]:
        """Return the runs that put files in the place of a run's."""
        return [self.numbers[later] for later in withdrawing((found.manifest for found in self.runs), run.number)]

    @cached_property
    def numbers(self) -> dict[int, Run]:
        """The runs by their numbers."""
        return {run.number: run for run in self.runs}


class Located(Output):
    """An output whose rows know their place: ``file`` (the path in it) and ``row`` (from 0) are among their columns."""

    def rows(self, folder: str, run: int, reason: str | None = None) -> Iterator[dict[str, Any]]:
        """Yield the rows of a run as dictionaries, with the columns that are verified."""
        for file in self.files(folder, run):
            first = 0
            for table in read_table(self.path / file.path, COLUMNS.get(folder, _NAMES)):
                places = np.arange(first, first + len(table))
                first += len(table)
                if reason is not None:
                    chosen = pc.fill_null(pc.equal(table.column("reason"), reason), fill_value=False)
                    table, places = table.filter(chosen), places[chosen.to_numpy()]  # noqa: PLW2901 - what is left
                for row, place in zip(table.to_pylist(), places.tolist(), strict=True):
                    row["file"], row["row"] = file.path, place
                    yield row


_NAMES = pa.schema([("source", pa.string()), ("member", pa.string())])
"""What is needed of the table of sources to put documents together."""
