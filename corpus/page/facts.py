"""All that a page says of a run: taken from a run that has just been written, or read back from its folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from taoxi.corpus.output import Output
from taoxi.corpus.page.choice import Removals, choose
from taoxi.corpus.page.gather import Gathered
from taoxi.corpus.restoring import RESTORE, REWORKED
from taoxi.corpus.schema import CORPUS, LEDGER

if TYPE_CHECKING:
    from taoxi.corpus.options import Options
    from taoxi.corpus.report import Report

_REMOVALS = ("id", "kind", "reason", "leader", "similarity", "leader_run")
_TEXTS = ("id", "text", "source", "member", "record", "part", "title", "date", "url", "site")
_PIECES = ("kind", "reason", "document", "offset", "evidence", "byte_start")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a run.

    ``options`` and ``counts`` are as the manifest has them, ``sources`` is the table of sources. ``runs`` are the
    manifests of all runs of the folder in order, empty where the output is a file. ``seconds`` are those of each pass,
    empty where nobody measured them.
    """

    out: str
    run: int | None
    options: dict[str, Any]
    inputs: tuple[str, ...]
    counts: dict[str, Any]
    sources: pa.Table
    gathered: Gathered
    runs: tuple[dict[str, Any], ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether the corpus was seen as it was written.

        Plain text does not say where texts begin, and a later run may have put lines back into documents.
        """
        return bool(self.gathered.kept == self.counts["kept"])

    @property
    def folder_kept(self) -> int:
        """The documents that all runs of the folder keep; one into which lines were put back is kept by a later run."""
        counts = [run["counts"] for run in self.runs]
        return sum(each["kept"] - each.get(REWORKED, 0) for each in counts)

    @classmethod
    def of_folder(cls, output: Output) -> Facts:
        """Read the last run of a folder that cleaned something, and the manifests of all.

        Raises:
            OutputError: if a file is missing or damaged.
        """
        cleaned = [run for run in output.runs if output.manifests[run].get("command") != RESTORE]
        run = cleaned[-1] if cleaned else output.runs[-1]
        manifest = output.manifests[run]
        narrow = pa.schema([LEDGER.field(name) for name in _REMOVALS])
        gathered = Gathered(choose(Removals.of_ledger(output.tables("removed", run, narrow), run)))
        for table in output.tables("removed", run, pa.schema([LEDGER.field(name) for name in (*_TEXTS, *_PIECES)])):
            gathered.remove(table)
        if manifest["options"]["to"] != "text":
            for table in output.tables("corpus", run, pa.schema([CORPUS.field(name) for name in _TEXTS])):
                gathered.keep(table)
        return cls(
            out=str(output.path),
            run=run,
            options=manifest["options"],
            inputs=tuple(manifest["inputs"]),
            counts=manifest["counts"],
            sources=pa.concat_tables(output.tables("sources", run)),
            gathered=gathered,
            runs=tuple(output.manifests[run] for run in output.runs),
        )

    @classmethod
    def of_run(
        cls,
        options: Options,
        report: Report,
        counts: dict[str, Any],
        sources: pa.Table,
        gathered: Gathered,
        seconds: dict[str, float],
    ) -> Facts:
        """Take those of a run that has just been written; the manifests of a folder are read."""
        runs: tuple[dict[str, Any], ...] = ()
        if report.run is not None:
            output = Output.open(options.out)
            runs = tuple(output.manifests[run] for run in output.runs)
        return cls(
            out=options.out,
            run=report.run,
            options=runs[-1]["options"] if runs else options.identity(),
            inputs=options.inputs,
            counts=counts,
            sources=sources,
            gathered=gathered,
            runs=runs,
            seconds=seconds,
        )
