"""One run of ``clean``: read, judge, write."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from taoxi.corpus import views
from taoxi.corpus.appending import forget, remember, remembered
from taoxi.corpus.breaks import BREAK
from taoxi.corpus.gaps import BlankJoiner
from taoxi.corpus.guard import chrome_alarms, document_alarms
from taoxi.corpus.heap import give_back
from taoxi.corpus.inventory import Inventory
from taoxi.corpus.judging import Roll, concatenated
from taoxi.corpus.learning import Learning
from taoxi.corpus.ledger import Outcome, corpus_table, ledger_table
from taoxi.corpus.options import LAYOUT_RULES, Options, OutputError, Passages, Switch, UsageError
from taoxi.corpus.page.choice import Removals, choose
from taoxi.corpus.page.facts import Facts
from taoxi.corpus.page.gather import Gathered
from taoxi.corpus.pins import pinned
from taoxi.corpus.report import Alarm, Listener, Notice, Phase, Progress, Report
from taoxi.corpus.schema import text_ids, text_lengths
from taoxi.corpus.shelf import ROOM, Shelf
from taoxi.corpus.sites import site_table
from taoxi.corpus.spool import Reading, cut_unit, forget_unit, read_unit, sign_unit, unit_batches
from taoxi.corpus.state.stamps import DamagedError
from taoxi.corpus.target import Target, open_target
from taoxi.corpus.units import in_units, settings_of
from taoxi.corpus.warm import warm
from taoxi.corpus.workers import in_order, processes
from taoxi.dedup.judge import Verdict, Verdicts
from taoxi.dedup.paragraphs import ParagraphIndex
from taoxi.normalize.characters.rules import RULES
from taoxi.normalize.encodings.neighbours import Neighbours
from taoxi.normalize.inputs import read_input
from taoxi.normalize.model import Block, Source, SourceFate
from taoxi.normalize.sources import expand, printable

if TYPE_CHECKING:
    from taoxi.corpus.state.memory import Memory


def clean(options: Options, *, listener: Listener | None = None) -> Report:
    """Clean raw dumps into a corpus without copies.

    Args:
        options: what to read, where to write, and how.
        listener: called with progress, problems and alarms while the run goes on.

    Returns:
        The figures of the run. The output is complete when this returns, and absent or as it was when it raises.

    Raises:
        UsageError: if the inputs hold no file, or the output may not be written over.
        MissingInputError: if an input does not exist.
        OutputError: if the output cannot be written.
    """
    sources = _inputs(options)
    with open_target(options) as target:
        tell = listener or (lambda _event: None)
        warm(tell)
        try:
            return _done(options, sources, target, tell)
        except DamagedError as damage:
            forget(options, target, sources, damage, tell)
        try:
            return _done(options, sources, target, tell)
        except DamagedError as error:
            message = f"{options.out}/state.duckdb could not be made: {error}. Make room, and run again."
            raise OutputError(message) from error


def _done(options: Options, sources: list[Source], target: Target, tell: Listener) -> Report:
    """Do a run; return its figures.

    Raises:
        DamagedError: if the memory of earlier runs turns out to be damaged. Nothing was published then.
    """
    begin = time.perf_counter()
    seconds = {}
    with remembered(options, target, sources, tell) as memory:
        run = _Run(options, sources, target, tell, memory)
        for phase, work in ((Phase.READ, run.read), (Phase.JUDGE, run.judge), (Phase.WRITE, run.write)):
            start = time.perf_counter()
            work()
            give_back()
            seconds[phase.value] = time.perf_counter() - start
        found = run.inventory.table(target.run)
        report = run.report(found, time.perf_counter() - begin)
        if report.news:
            run.commit(found, report)
            run.show(found, report, seconds)
    return report


def _inputs(options: Options) -> list[Source]:
    """List the sources, without what the run itself writes."""
    sources = expand(options.inputs, skip=None if options.out == "-" else Path(options.out))
    if options.removed is not None:
        ledger = Path(options.removed).resolve()
        sources = [source for source in sources if Path(source.path).resolve() != ledger]
    if not sources:
        if options.out != "-" and any(Path(name).resolve() == Path(options.out).resolve() for name in options.inputs):
            raise UsageError(
                f"{options.out} is what shall be read, and cannot be the output. Name another folder with -o."
            )
        raise UsageError("The inputs hold no file. Name a folder with files, or the files themselves.")
    return sources


class _Run:
    """The state of a run between its passes."""

    def __init__(
        self, options: Options, sources: list[Source], target: Target, listener: Listener, memory: Memory | None
    ) -> None:
        self.options = options
        self.inputs = sources
        self.inventory = Inventory(listener)
        self.target = target
        self.memory = memory
        self.tell = listener
        self.spool = target.staging / "spool"
        self.spool.mkdir()
        self.shelf = Shelf(self.spool, ROOM if processes(options.jobs) == 1 else 0)
        self.alarms: list[Alarm] = []
        self.units = 0
        self.learning = Learning(self.spool)
        self.roll = Roll(self.spool, cutting=options.passages is Passages.CUT)
        self.outcome: Outcome
        self.gathered: Gathered | None = None
        self.cut: Counter[str] = Counter()
        self.empty = 0
        self.known_bytes = None if any(s.size < 0 for s in sources) else sum(s.size for s in sources)

    # Pass 1

    def read(self) -> None:
        """Read all sources into the spool."""
        options = self.options
        tasks = (
            (
                unit,
                blocks,
                self.shelf,
                Reading(options.width.value, options.split, options.main is Switch.ON, options.chrome is Switch.ON),
            )
            for unit, blocks in enumerate(in_units(self._blocks(), options.batch_bytes))
        )
        documents = 0
        self.tell(Progress(Phase.READ, 0, self.known_bytes, 0))
        for done in in_order(read_unit, tasks, options.jobs):
            self.inventory.add(done)
            self.learning.add(done)
            self.units += 1
            documents += sum(tally.documents for tally in done.tallies.values())
            self.tell(Progress(Phase.READ, self.inventory.bytes, self.known_bytes, documents))
        self.tell(Progress(Phase.READ, self.inventory.bytes, self.known_bytes, documents))
        self.inventory.close()

    def _blocks(self) -> Iterator[Block]:
        settings = settings_of(self.options, str(self.target.staging))
        neighbours = Neighbours()
        for source in self.inputs:
            before = self.inventory.bytes
            if self._skips(source):
                continue

            def report(done: int, before: int = before) -> None:
                self.inventory.bytes = before + done

            for found in read_input(source, self.inventory.deal, settings, report, neighbours):
                if isinstance(found, Block):
                    yield found
                else:
                    self.inventory.end(found, before)

    def _skips(self, source: Source) -> bool:
        """Return whether a source is left out, because an earlier run has read the same bytes of it."""
        row = None if self.memory is None else self.memory.sources.unchanged(source)
        if row is None:
            return False
        inventory = self.inventory
        order = inventory.deal(source)
        inventory.seen[order] = row["run"]
        fate = SourceFate(order, source, row["format"], row["encoding"], row["bytes"], row["sha256"])
        inventory.end(fate, inventory.bytes)
        return True

    # Pass 2

    def judge(self) -> None:
        """Sign all documents, then judge them in order."""
        options = self.options
        with ParagraphIndex(self.spool) as index:
            pins = pinned(Path(options.out)) if options.append else {}
            learned = self.learning.learn(frozenset(options.without), pins, self.memory)
            tasks = ((number, self.shelf, learned) for number in range(self.units))
            total = self.inventory.documents
            give_back()
            self.tell(Progress(Phase.JUDGE, 0, total, 0))
            for signed in in_order(sign_unit, tasks, options.jobs):
                first = len(self.roll)
                self.roll.add(signed, index)
                if self.memory is not None:
                    keys = self.roll.exact[-1]
                    self.memory.documents.meet(first, signed.tokens, keys, signed.paragraphs, signed.places)
                self.tell(Progress(Phase.JUDGE, len(self.roll), total, len(self.roll)))
            if self.memory is not None:
                self.roll.recall(self.memory, index)
            known = 0 if self.roll.known is None else len(self.roll.known.ids)
            shared = index.shared(len(self.roll) + known)
        texts = [unit_batches(unit, self.shelf)[0].column("text") for unit in range(self.units)]
        verdicts, order = self.roll.judge(shared, options, texts, self.memory)
        if options.passages is Passages.CUT:
            for unit, stretches in self.roll.shared_passages(shared, verdicts, order).items():
                batch = cut_unit(unit, self.shelf, stretches)
                self.roll.ids[unit] = text_ids(batch.column("text"))
                self.roll.characters[unit] = text_lengths(batch.column("text"))
        self.outcome = Outcome.of(verdicts, self.roll.ids, self.target.run, self.roll.known)
        self.roll.ids.clear()  # they are in the outcome now
        self._guard(verdicts)
        if not options.single_file or options.report is not None:
            self.gathered = Gathered(choose(Removals.of_outcome(self.outcome)))

    def _guard(self, verdicts: Verdicts) -> None:
        """Tell who lost an abnormal share of documents or of text."""
        labels = [source.label for source in self.inventory.sources]
        found, few = chrome_alarms(self.roll)
        self.alarms = [*document_alarms(self.roll, verdicts, labels), *found]
        for alarm in self.alarms:
            self.tell(alarm)
        if few:
            self.tell(Notice(f"More than nine tenths of {few:,} documents were site chrome; the ledger holds it."))

    # Pass 3

    def write(self) -> None:
        """Write the kept documents to the corpus and everything else to the ledger, in natural order."""
        written = 0
        blanks = BlankJoiner()
        self.tell(Progress(Phase.WRITE, 0, len(self.roll), 0))
        for unit in range(self.units):
            documents, pieces = unit_batches(unit, self.shelf)
            forget_unit(unit, self.shelf)
            first = self.roll.starts[unit]
            corpus = corpus_table(documents, first, self.outcome)
            self.target.keep(corpus)
            ledger = blanks.join(ledger_table(documents, pieces, first, self.outcome))
            self.target.remove(ledger)
            if self.gathered is not None:
                self.gathered.remove(ledger)
                self.gathered.keep(corpus)
            self._count(pieces)
            written += len(documents)
            self.tell(Progress(Phase.WRITE, written, len(self.roll), written))
        rest = blanks.rest()
        self.target.remove(rest)
        if self.gathered is not None:
            self.gathered.remove(rest)
        if blanks.joined:
            self.cut["separator/blank"] -= blanks.joined

    def _count(self, pieces: pa.RecordBatch) -> None:
        names = pc.binary_join_element_wise(pieces.column("kind"), pieces.column("reason"), "/")
        for found in pc.value_counts(names).to_pylist():
            kind = found["values"].partition("/")[0]
            if kind == "document":
                self.empty += found["counts"]
            elif kind != BREAK:
                self.cut[found["values"]] += found["counts"]

    # The end

    def _news(self, sources: pa.Table) -> bool:
        """Return whether the run adds anything: a text, or a source that was not read before just as it is now."""
        memory = self.memory
        if memory is None or not memory.runs or (self.outcome.verdict == Verdict.KEPT).any():
            return True
        rows = sources.select(["source", "member", "sha256", "error"]).to_pylist()
        return not all(memory.sources.told(**row) for row in rows)

    def commit(self, sources: pa.Table, report: Report) -> None:
        """Make the output visible, and enter the run into the memory of its folder."""
        learned = self.learning.chrome
        self.target.commit(sources, None if learned is None else site_table(learned), self.counts(report))
        if self.memory is not None and self.target.run is not None:
            out = Path(self.options.out)
            notice = remember(self.memory, out, self.target.run, self.roll, self.outcome, sources, learned)
            if notice is not None:
                self.tell(notice)

    def show(self, sources: pa.Table, report: Report, seconds: dict[str, float]) -> None:
        """Write the views of a run that is published."""
        if self.gathered is None:
            return
        gathered, options = self.gathered, self.options

        def facts() -> Facts:
            return Facts.of_run(options, report, self.counts(report), sources, gathered, seconds)

        if options.report is not None:
            views.show_file(facts, Path(options.report), options.lang, self.tell)
        else:
            views.show(facts, Path(options.out), self.target.staging, options.lang, self.tell)

    def report(self, sources: pa.Table, seconds: float) -> Report:
        """Return the figures of the run."""
        news = self._news(sources)
        verdicts = self.outcome.verdict
        characters = concatenated(self.roll.characters)
        removed = {v.name.lower(): int((verdicts == v).sum()) for v in Verdict if v is not Verdict.KEPT}
        removed["empty"] = self.empty
        changes = [*self.inventory.changes.tolist(), *self.roll.changes.tolist()]
        return Report(
            out=self.options.out,
            run=self.target.run if news else None,
            news=news,
            sources=len(self.inventory),
            unchanged=len(self.inventory.seen),
            documents=len(self.roll) + self.empty,
            kept=int((verdicts == Verdict.KEPT).sum()),
            removed={reason: count for reason, count in removed.items() if count},
            cut=dict(sorted(self.cut.items())),
            changes={rule: count for rule, count in zip((*RULES, *LAYOUT_RULES), changes, strict=True) if count},
            characters=self.roll.characters_read,
            characters_kept=int(characters[verdicts == Verdict.KEPT].sum()),
            encodings=dict(self.inventory.encodings.most_common()),
            bytes=self.inventory.bytes,
            seconds=seconds,
            problems=tuple(problem for _order, problem in self.inventory.problems),
            alarms=tuple(self.alarms),
            strict=self.options.strict,
            templates=int((self.outcome.template >= 0).sum()),
        )

    def counts(self, report: Report) -> dict[str, object]:
        """Return the figures that belong into the manifest: all that do not depend on the clock."""
        names = (
            "sources",
            "unchanged",
            "documents",
            "kept",
            "templates",
            "removed",
            "cut",
            "changes",
            "characters",
            "characters_kept",
            "encodings",
        )
        return {
            **{name: getattr(report, name) for name in names},
            "bytes": report.bytes,
            "problems": len(report.problems),
            "alarms": [
                {"name": printable(a.name), "documents": a.documents, "removed": a.removed, "lost": a.lost.value}
                for a in report.alarms
            ],
            "languages": {} if self.gathered is None else dict(sorted(self.gathered.languages.items())),
        }
