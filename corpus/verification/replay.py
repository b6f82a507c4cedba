"""Read the sources of a run again, as its first pass did, and give their documents in its order."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from taoxi.corpus.complaints import About, Complaint, Finding, Kind, Remark
from taoxi.corpus.options import Options, Switch
from taoxi.corpus.reading import Tally, read_block
from taoxi.corpus.restoring import Place
from taoxi.corpus.units import in_units, settings_of
from taoxi.corpus.verification.case import (
    AGAIN,
    AMBIGUOUS,
    CHANGED,
    ELSEWHERE,
    FOUND,
    GONE,
    PIPED,
    UNREAD,
    Case,
    Run,
    Sources,
)
from taoxi.corpus.workers import in_order
from taoxi.normalize.encodings.neighbours import Neighbours
from taoxi.normalize.inputs import read_input
from taoxi.normalize.model import INSIDE, Block, Format, Source, SourceFate
from taoxi.normalize.sources import STDIN

CHUNK = 8 << 20

COMPARED = ("title", "date", "url", "site", "byte_end", "encoding", "bad_bytes", "meta")
"""Columns of a document that reading it again gives too, beside its text and its place."""

_ESCAPE = re.compile(rb"\\x([0-9a-f]{2})")
_DECIDED = ("format", "bytes", "sha256")
_COUNTED = ("records", "documents", "bad_bytes")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Again:
    """A document as it was read again: its place in the run, its whole text, its columns."""

    place: Place
    text: str
    columns: Row


@dataclass
class Replay:
    """The sources of a run, read again. ``findings`` gathers what was found out on the way.

    ``unsure`` are folders some of whose files are not at hand: the encodings of files are evidence for those behind
    them in a folder, so what is read there now may be read by another encoding than it was.
    """

    case: Case
    run: Run
    sources: Sources
    options: Options
    findings: list[Finding] = field(default_factory=list)
    unsure: set[str] = field(default_factory=set)
    _next: int = 0
    _tallies: dict[int, Tally] = field(default_factory=dict)
    _fates: dict[int, SourceFate] = field(default_factory=dict)

    def documents(self) -> Iterator[Again]:
        """Yield the documents of all sources that are at hand unchanged, in natural order."""
        options = self.options
        how = (options.width.value, options.split, options.main is Switch.ON)
        tasks = ((blocks, *how) for blocks in in_units(self._blocks(), options.batch_bytes))
        for unit in in_order(read_again, tasks, self.case.jobs):
            for order, batch, tally in unit:
                self._tallies.setdefault(order, Tally()).add(tally)
                for row in batch.to_pylist():
                    text = row.pop("text")
                    yield Again((order, row["byte_start"], row["record"], row["part"]), text, row)
        self._compare_fates()

    def told(self) -> list[Finding]:
        """Return what was found out since this was asked last."""
        found, self.findings = self.findings, []
        return found

    def is_unsure(self, row: Row) -> bool:
        """Whether the encoding of a document may have been chosen by files that are not at hand."""
        inside = row["source"] if row["member"] is None else f"{row['source']}{INSIDE}{row['member']}"
        return inside.rpartition("/")[0].removesuffix("!") in self.unsure

    def is_at_hand(self, place: int) -> bool:
        """Whether the documents of a source are among those that ``documents`` yields, once it came to them."""
        return place < len(self.sources.state) and self.sources.state[place] == FOUND

    def _blocks(self) -> Iterator[Block]:
        settings = settings_of(self.options, str(self.case.scratch))
        neighbours = Neighbours()
        names = self.sources.names
        at = 0
        for _, rows in groupby(range(len(names)), lambda row: names[row][0]):
            group = list(rows)
            at = group[0]
            if self.sources.state[at] == ELSEWHERE:
                continue
            source = self._find(group, neighbours)
            if source is None:
                continue
            self._next = at
            for found in read_input(source, self._deal, settings, lambda _done: None, neighbours):
                if isinstance(found, SourceFate):
                    self._fates[found.order] = found
                    continue
                self._measure(found)
                yield found

    def _find(self, group: list[int], neighbours: Neighbours) -> Source | None:
        """Return the input of some rows if it is at hand unchanged, and count what became of it otherwise."""
        name = self.sources.names[group[0]][0]
        folder = name.rpartition("/")[0]
        row = self.sources.table.slice(group[0], 1).to_pylist()[0]
        path = _path_of(name)
        if row["sha256"] is None and not self.sources.documents[group].any():
            self.case.figures.sources[UNREAD] += 1
            return None
        state, why = _compared(path, row["bytes"], row["sha256"])
        self.case.figures.sources[state] += 1
        if state == FOUND:
            own = self.sources.state[group]
            self.sources.state[group] = np.where(own == AMBIGUOUS, AMBIGUOUS, FOUND)
            if (own == AMBIGUOUS).any():
                message = f"{name} holds members of one name, which are not told apart: they were not compared."
                self.findings.append(Remark(About.ALIKE, f"{message} Give them other names."))
            return Source(path, name, folder, size=row["bytes"])
        self.sources.state[group] = np.where(self.sources.state[group] == AMBIGUOUS, AMBIGUOUS, state)
        # What stood beside others goes on to be evidence about them, as far as it is known.
        for member in group:
            place = self.sources.table.slice(member, 1).to_pylist()[0]
            inside = (
                folder
                if place["member"] is None
                else f"{name}{INSIDE}{place['member']}".rpartition("/")[0].removesuffix("!")
            )
            self.unsure.add(inside)
            if place["encoding"] is not None:
                neighbours.add(inside, place["encoding"], b"\x80")
        about = {GONE: About.GONE, CHANGED: About.CHANGED, PIPED: About.STANDARD_INPUT}[state]
        self.findings.append(Remark(about, f"{name} {why}, so its documents were not read again."))
        return None

    def _deal(self, source: Source) -> int:
        """Give a source the number that it had in the run."""
        order = self._next
        self._next += 1
        names = self.sources.names
        if order >= len(names) or names[order] != (source.name, source.member):
            listed = self.run.files("sources")[0].path
            message = f"The archive holds this member, and the table does not list it there. {AGAIN}"
            self.findings.append(Complaint(Kind.SOURCE, listed, message, order, None, source.label))
        return order

    def _measure(self, block: Block) -> None:
        """Note how far a source reaches."""
        if block.order >= len(self.sources.sizes):
            return
        ends = [gap.end for gap in block.gaps]
        if block.layout.format is not Format.PARQUET:
            ends.append(block.start + len(block.data))
        sizes = self.sources.sizes
        sizes[block.order] = max(int(sizes[block.order]), *ends, 0)

    def _compare_fates(self) -> None:
        """Compare the rows of the table of sources with what was met this time."""
        listed = self.run.files("sources")[0].path
        for order, fate in sorted(self._fates.items()):
            if not self.is_at_hand(order):
                continue
            row = self.sources.table.slice(order, 1).to_pylist()[0]
            tally = self._tallies.get(order, Tally())
            met = {name: getattr(fate, name) for name in _DECIDED} | {name: getattr(tally, name) for name in _COUNTED}
            if fate.source.folder in self.unsure and met["bad_bytes"] != row["bad_bytes"]:
                continue
            for name, value in met.items():
                if row[name] != value:
                    message = f"The table says {name} {row[name]!r}, and the source has {value!r}. {AGAIN}"
                    self.findings.append(Complaint(Kind.SOURCE, listed, message, order, None, fate.source.label))


def read_again(
    blocks: list[Block],
    width: str,
    split: str,
    main: bool,  # noqa: FBT001 - a task is a tuple
) -> list[tuple[int, pa.RecordBatch, Tally]]:
    """Read blocks; return for each the number of its source, its documents with their whole texts, and its counts."""
    found = []
    for block in blocks:
        read = read_block(block, width=width, how=split, main=main)
        batch = read.documents.drop_columns(["changes", "order", "source", "member"])
        texts = _whole(batch.column("text"), read.pieces)
        if texts is not None:
            batch = batch.set_column(0, "text", texts)
        found.append((block.order, batch, read.tally))
    return found


def _whole(texts: pa.LargeStringArray, pieces: pa.RecordBatch) -> pa.LargeStringArray | None:
    """Return texts with what was set aside put back, None if nothing was; ``offset`` of a piece counts bytes."""
    rows = pieces.filter(pieces.column("row").is_valid()).select(["row", "offset", "text"]).to_pylist()
    if not rows:
        return None
    whole = texts.to_pylist()
    for row, group in groupby(sorted(rows, key=itemgetter("row", "offset")), itemgetter("row")):
        text = whole[row].encode()
        parts, at = [], 0
        for piece in group:
            parts += [text[at : piece["offset"]], piece["text"].encode()]
            at = piece["offset"]
        whole[row] = b"".join([*parts, text[at:]]).decode()
    return pa.array(whole, pa.large_string())


def _path_of(name: str) -> str:
    """Return the path that the table of sources calls ``name``: bytes that are no UTF-8 stand in it as escapes."""
    if os.path.lexists(name):
        return name
    return os.fsdecode(_ESCAPE.sub(lambda match: bytes([int(match[1], 16)]), name.encode("utf-8", "surrogateescape")))


def _compared(path: str, size: int | None, sha256: str | None) -> tuple[int, str]:
    """Return whether a file is what was read, and why not."""
    if path == STDIN:
        return PIPED, "was standard input"
    try:
        if not Path(path).is_file():
            return GONE, "is not there any more" if not os.path.lexists(
                path
            ) else "is no plain file, which could be read twice"
        if sha256 is None:
            return CHANGED, "could not be read to its end at the time"
        if Path(path).stat().st_size != size:
            return CHANGED, f"has another size than the {size:,} bytes that were read"
        digest = hashlib.sha256()
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - a path as the system gave it
            while chunk := file.read(CHUNK):
                digest.update(chunk)
    except (OSError, ValueError) as error:
        return GONE, f"cannot be read ({error})"
    return (FOUND, "") if digest.hexdigest() == sha256 else (CHANGED, "is not what was read: its SHA-256 is another")
