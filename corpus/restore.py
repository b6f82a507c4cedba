"""Put removed documents back into the corpus: a run of its own, which adds what earlier runs took out.

Nothing that an earlier run wrote is changed. The document stands in the corpus of the new run, its row in the ledger of
the old one stays, and a row of kind ``document`` and reason ``restored`` in the new ledger names both. Later runs know
it like any other kept document: copies of it go for it, and it is compared with nothing again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from taoxi.corpus.files import locked_folder, output_errors
from taoxi.corpus.options import Options, OutputError, To, UsageError
from taoxi.corpus.output import Output
from taoxi.corpus.page.facts import Facts
from taoxi.corpus.report import Listener, Notice
from taoxi.corpus.restoring import RESTORE, RESTORED
from taoxi.corpus.schema import CORPUS, LEDGER, SOURCES
from taoxi.corpus.state.stamps import DamagedError
from taoxi.corpus.target import FolderTarget
from taoxi.corpus.views import show

RESTORABLE = ("exact", "near", "contained")
"""Reasons for which whole documents are removed."""

_NAME = ["source", "member"]

SHORTEST_ID = 6
"""Digits of an id that tell it well enough from others."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be put back: whoever has one of the ids, or fits all of the filters that are given.

    ``ids`` are whole or their first ``SHORTEST_ID`` digits or more; ``reasons``, ``sites`` and ``sources`` are words of
    the ledger.

    Raises:
        UsageError: if nothing is named, or an id or reason cannot be one.
    """

    ids: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check what can be checked without looking."""
        if not (self.ids or self.filtered):
            raise UsageError("Nothing to restore was named. Give ids, or --reason, --site or --source.")
        if self.ids and self.filtered:
            raise UsageError("Ids name documents one by one, and filters all that fit. Give one or the other.")
        for word in self.ids:
            if len(word) < SHORTEST_ID or set(word) - set("0123456789abcdef"):
                raise UsageError(f"{word!r} is no id. Give {SHORTEST_ID} or more of the 32 hex digits of one.")
        for word in self.reasons:
            if word not in RESTORABLE:
                raise UsageError(f"--reason cannot be {word!r}. Give one of these: {', '.join(RESTORABLE)}.")

    @property
    def filtered(self) -> bool:
        """Whether it is told by filters, not by ids."""
        return bool(self.reasons or self.sites or self.sources)

    def rows(self, ledger: pa.Table) -> pa.Table:
        """Return the rows of a ledger that are wanted."""
        fits = pc.and_(
            pc.equal(ledger.column("kind"), "document"), pc.is_in(ledger.column("reason"), pa.array(RESTORABLE))
        )
        if self.ids:
            named = pa.repeat(pa.scalar(value=False), len(ledger))
            for word in self.ids:
                named = pc.or_(named, pc.starts_with(ledger.column("id"), word))
            fits = pc.and_(fits, named)
        for name, words in (("reason", self.reasons), ("site", self.sites), ("source", self.sources)):
            if words:
                fits = pc.and_(fits, pc.is_in(ledger.column(name), pa.array(words)))
        return ledger.filter(pc.fill_null(fits, fill_value=False))


@dataclass(slots=True)
class Restoration:
    """What was put back, or would be.

    ``run`` is the number of the run that did it, None for a dry run and if there was nothing. ``documents`` counts
    them, ``by_reason`` and ``by_site`` too; ``ids`` are theirs, and ``rows`` the first ``SHOWN`` of them as rows of the
    ledger. ``same`` counts documents that were left alone because the corpus holds their very text.
    """

    run: int | None = None
    documents: int = 0
    same: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    by_reason: Counter[str] = field(default_factory=Counter)
    by_site: Counter[str] = field(default_factory=Counter)

    def add(self, rows: pa.Table) -> None:
        """Count rows of the ledger."""
        self.documents += len(rows)
        self.rows += rows.slice(0, SHOWN - len(self.rows)).to_pylist()
        self.ids += rows.column("id").to_pylist()
        self.by_reason.update(rows.column("reason").to_pylist())
        self.by_site.update(rows.column("site").to_pylist())


SHOWN = 20


def restore(
    out: str | Path, wanted: Wanted, *, dry_run: bool = False, wait: bool = False, listener: Listener | None = None
) -> Restoration:
    """Put removed documents back into the corpus of a folder.

    Args:
        out: the folder.
        wanted: which documents.
        dry_run: whether to look only.
        wait: whether to wait for the end of a run that is writing the folder.
        listener: called with what a person should know.

    Raises:
        UsageError: if the folder holds no run, or an id is unknown, ambiguous, or of a text that the corpus holds.
        OutputError: if a file of the folder is damaged, or it cannot be written.
    """
    output = Output.open(out)
    made = Restoration()
    if dry_run:
        for _run, rows in _found(output, wanted, made):
            made.add(rows)
        _check(output, wanted, made)
        return made
    _check(output, wanted, restore(out, wanted, dry_run=True))
    with locked_folder(Path(out), add=True, wait=wait) as staging, output_errors(out):
        output = Output.open(out)  # another run may have ended meanwhile
        last = output.manifests[output.runs[-1]]["options"]
        target = FolderTarget(Options(inputs=("-",), out=str(out), append=True, to=To(last["to"])), staging)
        inputs: dict[int, pa.Table] = {}
        for run, rows in _found(output, wanted, made):
            made.add(rows)
            inputs[run] = _inputs(output, run, rows, inputs.get(run))
            target.keep(_corpus_rows(rows))
            target.remove(_ledger_rows(rows, run))
        if made.documents:
            counts = {"sources": 0, "documents": 0, "kept": made.documents, "removed": {}, "cut": {}}
            sources = pa.concat_tables([SOURCES.empty_table(), *inputs.values()])
            target.commit(sources, None, {**counts, "restored": made.documents}, command=RESTORE)
            made.run = target.run
            tell = listener or (lambda _event: None)
            _remember(Path(out), staging, tell)
            show(lambda: Facts.of_folder(Output.open(out)), Path(out), staging, None, tell)
    return made


def _found(output: Output, wanted: Wanted, made: Restoration) -> Iterator[tuple[int, pa.Table]]:
    """Yield the wanted rows with their runs, each text once, but for those whose text is in the corpus."""
    back = set()
    for run in output.runs:
        for table in output.tables("removed", run, pa.schema([LEDGER.field(name) for name in ("id", "reason")])):
            restored = pc.fill_null(pc.equal(table.column("reason"), RESTORED), fill_value=False)
            back.update(table.filter(restored).column("id").to_pylist())
    for run in output.runs:
        for table in output.tables("removed", run):
            rows = wanted.rows(table)
            chosen = []
            names = zip(rows.column("id").to_pylist(), rows.column("leader").to_pylist(), strict=True)
            for place, (name, leader) in enumerate(names):
                if name == leader:
                    made.same += 1
                elif name not in back:
                    back.add(name)
                    chosen.append(place)
            if chosen:
                yield run, rows.take(pa.array(chosen))


def _check(output: Output, wanted: Wanted, made: Restoration) -> None:
    """Refuse ids that name no document, or several.

    Raises:
        UsageError: with what to do instead.
    """
    if wanted.filtered:
        return
    for word in wanted.ids:
        names = [name for name in made.ids if name.startswith(word)]
        if len(names) > 1:
            raise UsageError(f"{word} is the beginning of several ids ({', '.join(names[:SHOWN])}). Give more digits.")
        if not names:
            raise UsageError(_why_not(output, word))


def _why_not(output: Output, word: str) -> str:
    """Return why an id cannot be restored, and what to do."""
    for run in output.runs:
        for table in output.tables("corpus", run, pa.schema([CORPUS.field("id")])):
            if pc.any(pc.starts_with(table.column("id"), word)).as_py():
                return f"{word} is in the corpus already (of run {run}). There is nothing to restore."
    return f"No removed document has the id {word}. 'taoxi explain {output.path} ID' shows what an id stands for."


def _corpus_rows(rows: pa.Table) -> pa.Table:
    """Return removed documents as rows of the corpus; each stands for itself."""
    copies = pa.repeat(pa.scalar(1, pa.int64()), len(rows))
    columns = [copies if name == "copies" else rows.column(name) for name in CORPUS.names]
    return pa.Table.from_arrays(columns, schema=CORPUS)


def _inputs(output: Output, run: int, rows: pa.Table, known: pa.Table | None) -> pa.Table:
    """Return the sources of documents, those that are ``known`` first: rows that name the run which read them."""
    tables = [SOURCES.empty_table() if known is None else known]
    listed = {(row["source"], row["member"]) for row in tables[0].select(_NAME).to_pylist()}
    wanted = {(row["source"], row["member"]) for row in rows.select(_NAME).to_pylist()} - listed
    for table in output.tables("sources", run) if wanted else ():
        own = [
            (name["source"], name["member"]) in wanted and name["run"] == run
            for name in table.select([*_NAME, "run"]).to_pylist()
        ]
        tables.append(table.filter(pa.array(own, pa.bool_())))
    return pa.concat_tables(tables)


def _ledger_rows(rows: pa.Table, run: int) -> pa.Table:
    """Return what the ledger of the new run says of documents that the ledger of ``run`` holds."""
    evidence = [orjson.dumps({"run": run, "reason": reason}).decode() for reason in rows.column("reason").to_pylist()]
    own = {
        "reason": pa.array([RESTORED] * len(rows), pa.string()),
        "text": pa.nulls(len(rows), pa.large_string()),
        "evidence": pa.array(evidence, pa.string()),
    }
    return pa.Table.from_arrays([own.get(name, rows.column(name)) for name in LEDGER.names], schema=LEDGER)


def _remember(out: Path, staging: Path, tell: Listener) -> None:
    """Enter the run into the database of the folder, if it has one."""
    if not (out / "state.duckdb").exists():
        return
    from taoxi.corpus.state.rebuild import recall

    try:
        recall(out, staging, tell).sql.close()
    except (DamagedError, OutputError) as error:  # the next run with --append will say so again, and do it
        tell(Notice(str(error)))
