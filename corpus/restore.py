"""Put back into the corpus what was taken out by mistake, documents or lines: a run of its own.

A document that comes back stands in the corpus of the new run, its row in the ledger of the old one stays, and a row
of kind ``document`` and reason ``restored`` in the new ledger names both. Later runs know it like any other kept
document: copies of it go for it, and it is compared with nothing again. Lines that come back are the work of
``taoxi.corpus.reinstating``.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from taoxi.corpus.files import locked_folder, output_errors
from taoxi.corpus.options import Options, OutputError, To, UsageError
from taoxi.corpus.output import Output
from taoxi.corpus.page.facts import Facts
from taoxi.corpus.pins import pinned
from taoxi.corpus.reinstating import Reinstatement, corpus_rows, ledger_rows
from taoxi.corpus.report import Listener, Notice
from taoxi.corpus.restoring import RESTORE, RESTORED, REWORKED
from taoxi.corpus.schema import CORPUS, LEDGER, SOURCES
from taoxi.corpus.state.stamps import DamagedError
from taoxi.corpus.target import FolderTarget
from taoxi.corpus.views import show
from taoxi.corpus.wanted import SHOWN, Restoration, Wanted

_NAME = ["source", "member"]

AT_ONCE = 1 << 10
"""Documents that are written together."""


def restore(
    out: str | Path, wanted: Wanted, *, dry_run: bool = False, wait: bool = False, listener: Listener | None = None
) -> Restoration:
    """Put removed documents back into the corpus of a folder, or lines into documents of it.

    Args:
        out: the folder.
        wanted: what comes back.
        dry_run: whether to look only.
        wait: whether to wait for the end of a run that is writing the folder.
        listener: called with what a person should know.

    Raises:
        UsageError: if the folder holds no run, or an id is unknown, ambiguous, or of a text that the corpus holds.
        OutputError: if a file of the folder is damaged, or it cannot be written.
    """
    output = Output.open(out)
    if To(output.manifests[output.runs[-1]]["options"]["to"] or To.PARQUET) is To.TEXT:
        raise UsageError(f"{out} holds its corpus as plain text, which has no ids. Clean with --to parquet or jsonl.")
    made = Restoration()
    if wanted.of_lines:
        if dry_run:
            _count(Reinstatement(output, wanted.reasons, wanted.sites), made)
            return made
        with locked_folder(Path(out), add=True, wait=wait) as staging, output_errors(out):
            _reinstate(Path(out), staging, wanted, made)
            if made.run is not None:
                _close(Path(out), staging, listener)
        return made
    if dry_run:
        for _run, rows in _found(output, wanted, made):
            made.add(rows)
        _check(output, wanted, made)
        return made
    _check(output, wanted, restore(out, wanted, dry_run=True))
    with locked_folder(Path(out), add=True, wait=wait) as staging, output_errors(out):
        output = Output.open(out)  # another run may have ended meanwhile
        target = _target(output, staging)
        inputs: dict[int, pa.Table] = {}
        for run, rows in _found(output, wanted, made):
            made.add(rows)
            inputs[run] = _inputs(output, run, rows, inputs.get(run))
            target.keep(_corpus_rows(rows))
            target.remove(_ledger_rows(rows, run))
        if made.documents:
            _tell_of_pins(Path(out), made, listener or (lambda _event: None))
            counts = {"sources": 0, "documents": 0, "kept": made.documents, "removed": {}, "cut": {}}
            sources = pa.concat_tables([SOURCES.empty_table(), *inputs.values()])
            target.commit(sources, None, {**counts, RESTORED: made.documents}, command=RESTORE)
            made.run = target.run
            _close(Path(out), staging, listener)
    return made


def _close(out: Path, staging: Path, listener: Listener | None) -> None:
    """Enter a run that is published into the database of its folder, and show it."""
    tell = listener or (lambda _event: None)
    _remember(out, staging, tell)
    show(lambda: Facts.of_folder(Output.open(out)), out, staging, None, tell)


def _target(output: Output, staging: Path) -> FolderTarget:
    """Open a new run of a folder, in the form of those before it."""
    last = output.manifests[output.runs[-1]]["options"]
    return FolderTarget(Options(inputs=("-",), out=str(output.path), append=True, to=To(last["to"])), staging)


def _count(work: Reinstatement, made: Restoration) -> None:
    """Count what would come back."""
    for _run, change in work.changes():
        made.add_change(change)
    made.same, made.removed = work.same, work.removed
    made.close()


def _reinstate(out: Path, staging: Path, wanted: Wanted, made: Restoration) -> None:
    """Put lines back, and pin the rules that took them out."""
    work = Reinstatement(Output.open(out), wanted.reasons, wanted.sites)
    target = _target(work.output, staging)
    inputs: dict[int, pa.Table] = {}
    for run, group in groupby(work.changes(), itemgetter(0)):
        while some := [change for _run, change in islice(group, AT_ONCE)]:
            for change in some:
                made.add_change(change)
            rows = corpus_rows(some)
            inputs[run] = _inputs(work.output, run, rows, inputs.get(run))
            target.keep(rows)
            target.remove(ledger_rows(some, target.run))
    made.same, made.removed = work.same, work.removed
    made.close()
    if not made.documents:
        return
    for file, tables in work.left():
        target.rewrite(file, tables)
    counts = {"sources": 0, "documents": 0, "kept": made.documents, "removed": {}, "cut": {}, REWORKED: made.documents}
    sites: tuple[str | None, ...] = wanted.sites or (None,)
    pins = [{"site": site, "reason": reason} for site in sites for reason in wanted.reasons]
    sources = pa.concat_tables([SOURCES.empty_table(), *inputs.values()])
    target.commit(sources, None, counts, command=RESTORE, more={"pins": pins})
    made.run = target.run


def _tell_of_pins(out: Path, made: Restoration, tell: Listener) -> None:
    """Say that documents come back as they were removed, without lines that were put back into others of their site."""
    pins = pinned(out)
    for site in made.by_site:
        rules = sorted({*pins.get(None, ()), *pins.get(site, ())})
        if rules:
            words = " ".join(f"--reason {rule}" for rule in rules)
            tell(Notice(f"Documents of {site} come back as they were removed. For lines that were put back into others"
                        f" of the site, run 'taoxi restore {out} {words} --site {site}' again."))  # fmt: skip


def _found(output: Output, wanted: Wanted, made: Restoration) -> Iterator[tuple[int, pa.Table]]:
    """Yield the wanted rows with their runs, each text once, but for those whose text is in the corpus."""
    back = set()
    for run in output.runs:
        for table in output.tables("removed", run, pa.schema([LEDGER.field(name) for name in ("id", "reason")])):
            restored = pc.fill_null(pc.equal(table.column("reason"), RESTORED), fill_value=False)
            back.update(table.filter(restored).column("id").to_pylist())
    there: set[str] | None = None
    for run in output.runs:
        for table in output.tables("removed", run):
            rows = wanted.rows(table)
            chosen = []
            if len(rows) and there is None:
                there = output.ids()
            for place, name in enumerate(rows.column("id").to_pylist()):
                if there and name in there:
                    made.same += name not in back
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
    own = {"copies": copies, "template": pa.nulls(len(rows), pa.string())}
    columns = [own[name] if name in own else rows.column(name) for name in CORPUS.names]
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
