"""The passes of a run over what is looked at: read, normalize, sign; nothing is written but a spool."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from taoxi.corpus.inventory import Inventory
from taoxi.corpus.judging import Roll
from taoxi.corpus.layout import Learned
from taoxi.corpus.learning import Learning
from taoxi.corpus.looking.repeating import Repeated
from taoxi.corpus.looking.sampling import Part, Plan
from taoxi.corpus.looking.windows import Windows
from taoxi.corpus.options import Options, Switch
from taoxi.corpus.report import Event, Listener, Phase, Progress
from taoxi.corpus.schema import text_lengths
from taoxi.corpus.shelf import ROOM, Shelf
from taoxi.corpus.spool import Reading, read_unit, sign_unit, unit_batches
from taoxi.corpus.units import in_units, settings_of
from taoxi.corpus.workers import in_order, processes
from taoxi.dedup.paragraphs import ParagraphIndex, Shared
from taoxi.normalize.containers.opening import FIRST_CHUNK
from taoxi.normalize.encodings.neighbours import Neighbours
from taoxi.normalize.inputs import read_input
from taoxi.normalize.model import Block, Problem, SourceFate

GROUP_BITS = 20
"""Documents that begin in the same so many bytes of a source come into a part of the sample together: a megabyte, as a
window has, and a small file as a whole."""


@dataclass(slots=True)
class Looked:
    """What the passes came to, for n documents in natural order.

    ``characters`` (int64, n) are those before anything went; ``groups`` (uint64, n) tell what was drawn with each.
    ``windows`` are the files of which windows were read, ``read`` holds for each input the bytes that were read of it,
    as stored, ``fronts`` those that were not read to their end. ``empty`` counts records that held nothing; ``lost``
    are the records of which no document was made, by reason: bytes and text.
    """

    inventory: Inventory
    roll: Roll
    shelf: Shelf
    repeated: Repeated
    windows: dict[str, Windows]
    shared: Shared | None = None
    learned: Learned | None = None
    units: int = 0
    empty: int = 0
    characters: list[NDArray[np.int64]] = field(default_factory=list)
    groups: list[NDArray[np.uint64]] = field(default_factory=list)
    read: dict[str, int] = field(default_factory=dict)
    fronts: list[str] = field(default_factory=list)
    lost: dict[str, list[tuple[int, str]]] = field(default_factory=dict)


def passed(plan: Plan, options: Options, staging: Path, tell: Listener) -> Looked:
    """Read and sign what a plan says, with the passes of ``taoxi.corpus.run``.

    Args:
        plan: what to read.
        options: how.
        staging: a folder for the spool.
        tell: called with progress and problems.
    """
    spool = staging / "spool"
    spool.mkdir()
    windows: dict[str, Windows] = {}
    shelf = Shelf(spool, ROOM if processes(options.jobs) == 1 else 0)
    looked = Looked(Inventory(partial(_told, tell, windows)), Roll(spool), shelf, Repeated(), windows)
    learning = Learning(spool)
    _read(looked, plan, options, learning, staging, tell)
    learned = looked.learned = learning.learn(frozenset(options.without), {}, None)
    for unit in range(looked.units):
        _survey(looked, unit)
    with ParagraphIndex(spool) as index:
        total = looked.inventory.documents
        tasks = ((number, shelf, learned) for number in range(looked.units))
        tell(Progress(Phase.JUDGE, 0, total, 0))
        for unit, signed in enumerate(in_order(sign_unit, tasks, options.jobs)):
            looked.roll.add(signed, index)
            _, pieces = unit_batches(unit, shelf)
            looked.repeated.judge(unit, pieces)
            tell(Progress(Phase.JUDGE, len(looked.roll), total, len(looked.roll)))
        looked.shared = index.shared(len(looked.roll))
    return looked


def _told(tell: Listener, windows: dict[str, Windows], event: Event) -> None:
    tell(placed(event, windows) if isinstance(event, Problem) else event)


def placed(problem: Problem, windows: dict[str, Windows]) -> Problem:
    """Return a problem with its place in the file, of which only windows were read."""
    known = windows.get(problem.source)
    return problem if known is None or problem.byte is None else replace(problem, byte=known.place(problem.byte))


def _read(looked: Looked, plan: Plan, options: Options, learning: Learning, staging: Path, tell: Listener) -> None:
    """Read what is looked at into the spool."""
    inventory = looked.inventory
    how = Reading(options.width.value, options.split, options.main is Switch.ON, options.chrome is Switch.ON)
    most = [part.source.size if part.most is None else part.most for part in plan.parts]
    total = None if any(size < 0 for size in most) or any(p.source.size < 0 for p in plan.parts) else sum(most)
    blocks = _blocks(looked, plan, options, staging)
    tasks = ((unit, own, looked.shelf, how) for unit, own in enumerate(in_units(blocks, options.batch_bytes)))
    tell(Progress(Phase.READ, 0, total, 0))
    documents = 0
    for done in in_order(read_unit, tasks, options.jobs):
        inventory.add(done)
        learning.add(done)
        looked.units += 1
        documents += sum(tally.documents for tally in done.tallies.values())
        tell(Progress(Phase.READ, inventory.bytes, total, documents))
    inventory.close()


def _blocks(looked: Looked, plan: Plan, options: Options, staging: Path) -> Iterator[Block]:
    settings = settings_of(options, str(staging))
    neighbours = Neighbours()
    inventory = looked.inventory
    for part in plan.parts:
        before = inventory.bytes

        def report(done: int, before: int = before) -> None:
            inventory.bytes = before + done

        given = 0
        raw = None
        if part.windows is not None:
            raw = looked.windows[part.source.name] = Windows(part.source, part.windows)
        found = read_input(part.source, inventory.deal, settings, report, neighbours, raw)
        for each in found:
            if isinstance(each, SourceFate):
                inventory.end(each, before)
                continue
            yield each
            given += len(each.data)
            if part.most is not None and part.windows is None and _enough(part, inventory.bytes - before, given):
                # What is behind was not looked at: the generator is closed, and nobody tells what became of the source.
                found.close()
                format_, encoding = each.layout.format.value, each.layout.encoding
                end = SourceFate(each.order, each.source, format_, encoding, inventory.bytes - before, None)
                inventory.end(end, before)
                inventory.bytes = before + end.bytes
                looked.fronts.append(part.source.name)
                break
        looked.read[part.source.name] = inventory.bytes - before


def _enough(part: Part, stored: int, given: int) -> bool:
    """Whether enough of a source was read from its front; of a pipe nobody knows how much is stored.

    The first bytes are read in one piece, so that what they give lags behind them.
    """
    if part.most is None:
        return False
    return given >= part.most if part.source.size < 0 else stored >= max(part.most, FIRST_CHUNK + 1)


def _survey(looked: Looked, unit: int) -> None:
    """Note of a unit's documents, before anything is taken off them, what estimates and tables need."""
    documents, pieces = unit_batches(unit, looked.shelf)
    looked.characters.append(text_lengths(documents.column("text")))
    order = documents.column("order").to_numpy().astype(np.uint64)
    start = documents.column("byte_start").to_numpy().astype(np.uint64)
    looked.groups.append((order << np.uint64(40)) | (start >> np.uint64(GROUP_BITS)))
    looked.repeated.count(documents, looked.units)
    kinds = pieces.column("kind")
    looked.empty += pa.compute.sum(pa.compute.equal(kinds, "document")).as_py() or 0
    for row in pieces.filter(pa.compute.equal(kinds, "record")).select(LOST).to_pylist():
        looked.lost.setdefault(row["reason"], []).append((row["byte_end"] - row["byte_start"], row["text"] or ""))


LOST = ["reason", "text", "byte_start", "byte_end"]
"""What is looked at of records of which no document was made."""
