"""Put lines back that a rule took out of the kept documents of sites, and switch the rule off there for later runs.

The texts change, and so their ids: they stand in the corpus of a run of its own. The files in which they stood before
are written anew without them, and withdrawn; the ledger holds the texts as they were (``taoxi.corpus.reworking``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from taoxi.corpus.options import LAYOUT_RULES, LINE_RULES, REINSTATABLE
from taoxi.corpus.output import Output, read_table
from taoxi.corpus.restoring import RESTORE, RESTORED, REWORKED, SPOT, Before, Document, Row, Spot, documents, spot
from taoxi.corpus.reworking import reworked, undone
from taoxi.corpus.schema import CORPUS, LEDGER, text_ids


@dataclass(frozen=True, slots=True)
class Held:
    """Where the text of a document is now: the run whose corpus holds it, its id and copies, the rules undone in it."""

    run: int
    id: str
    copies: int
    back: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """A text that goes, the one that comes instead, and the pieces that are in it again."""

    old: Row
    new: Row
    pieces: list[Row]


@dataclass(slots=True)
class Reinstatement:
    """What comes back: ``change`` by ``change``, from all runs of a folder.

    ``same`` counts the documents that are left alone because the corpus holds the text that they would get, ``removed``
    those that are not in the corpus.
    ``withdrawn`` are the ids that leave the corpus, by the run that holds them.
    """

    output: Output
    reasons: tuple[str, ...]
    sites: tuple[str, ...]
    same: int = 0
    removed: int = 0
    withdrawn: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))

    def changes(self) -> Iterator[tuple[int, Change]]:
        """Yield the run that read a document, and what becomes of it, in the order of runs.

        Raises:
            OutputError: if a file of the folder is missing or damaged.
        """
        taken = self.output.ids()
        held: dict[int, dict[Spot, Held]] | None = None
        for run in self.output.runs:
            spots = self._spots(run)
            if not spots:
                continue
            held = _held(self.output) if held is None else held
            for document in documents(self.output, run):
                place = spot(document.row)
                if place in spots:
                    now = held[run].get(place) or _own(document, run)
                    self.removed += now is None
                    change = None if now is None else self._change(document, run, now, taken)
                    if change is not None:
                        yield run, change

    def _spots(self, run: int) -> set[Spot]:
        """Return where the documents of a run stand from which something was cut that is wanted."""
        names = ("reason", "kind", "document", "site", *SPOT)
        narrow = pa.schema([LEDGER.field(name) for name in names])
        found: set[Spot] = set()
        for table in self.output.tables("removed", run, narrow):
            fits = pc.and_(
                pc.is_in(table.column("reason"), pa.array(self.reasons)), pc.is_valid(table.column("document"))
            )
            if self.sites:
                fits = pc.and_(fits, pc.is_in(table.column("site"), pa.array(self.sites)))
            found.update(map(spot, table.filter(fits).to_pylist()))
        return found

    def _change(self, document: Document, run: int, now: Held, taken: set[str]) -> Change | None:
        """Return what becomes of a document, None if it stays as it is."""
        back = tuple(name for name in REINSTATABLE if name in {*now.back, *self.reasons})
        old = reworked(document, now.back) if now.back else document.row["text"]
        new = reworked(document, back)
        if new == old:
            return None
        digest = text_ids(pa.array([new], pa.large_string())).tobytes().hex()
        if digest in taken:
            self.same += 1
            return None
        taken.add(digest)
        taken.discard(now.id)
        self.withdrawn[now.run].append(now.id)
        pieces = undone(document, set(back) - set(now.back))
        columns = {name: document.row[name] for name in CORPUS.names if name in document.row}
        before = Before(now.run, run, document.row["id"], now.copies, back, document.row.get("template"))
        note = {"id": now.id, "text": old, "leader": digest, "evidence": before.dumped()}
        changes = _less(columns["changes"], undone(document, back))
        fresh = {"id": digest, "text": new, "copies": now.copies, "changes": changes}
        return Change(columns | note | {"kind": "document", "reason": REWORKED}, columns | fresh, pieces)

    def left(self) -> Iterator[tuple[str, Iterator[pa.Table]]]:
        """Yield the files of the corpus from which texts go, with the rows that stay in them."""
        for run, names in sorted(self.withdrawn.items()):
            gone = pa.array(names, pa.string())
            for file in self.output.files("corpus", run):
                path = self.output.path / file.path
                ids = read_table(path, pa.schema([CORPUS.field("id")]))
                if any(pc.any(pc.is_in(table.column("id"), gone)).as_py() for table in ids):
                    yield file.path, _without(path, gone)


def _without(path: Path, gone: pa.Array) -> Iterator[pa.Table]:
    for table in read_table(path, CORPUS):
        yield table.filter(pc.invert(pc.is_in(table.column("id"), gone)))


def _own(document: Document, run: int) -> Held | None:
    """Return where a document is of which no later run says anything; None if it was removed."""
    return Held(run, document.row["id"], document.row["copies"]) if document.kept else None


def _held(output: Output) -> dict[int, dict[Spot, Held]]:
    """Return by run the documents that later runs restored or reworked, and where they are now."""
    found: dict[int, dict[Spot, Held]] = defaultdict(dict)
    for run in output.runs:
        if output.manifests[run].get("command") != RESTORE:
            continue
        for row in output.rows("removed", run, RESTORED):
            found[orjson.loads(row["evidence"])["run"]][spot(row)] = Held(run, row["id"], 1)
        for row in output.rows("removed", run, REWORKED):
            before = Before.of(row)
            found[before.read][spot(row)] = Held(run, row["leader"], before.copies, before.back)
    return found


def _less(changes: dict[str, int] | None, pieces: Iterable[Row]) -> dict[str, int] | None:
    """Return the counters of a document, less what is in its text again."""
    if changes is None:
        return None
    found = dict(changes)
    for row in pieces:
        rule = row["reason"] if row["reason"] in LINE_RULES else LAYOUT_RULES[-1]
        found[rule] = max(0, (found.get(rule) or 0) - 1)
    return found


def ledger_rows(changes: Iterable[Change], run: int) -> pa.Table:
    """Return what the ledger of the new run says of the texts that go."""
    return pa.Table.from_pylist([{**change.old, "leader_run": run} for change in changes], schema=LEDGER)


def corpus_rows(changes: Iterable[Change]) -> pa.Table:
    """Return the texts that come instead as rows of the corpus."""
    return pa.Table.from_pylist([change.new for change in changes], schema=CORPUS)
