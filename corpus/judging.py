"""The second pass: bring the signed units together, put the documents in order and judge them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from taoxi.corpus.kept_texts import TextFile, id_bytes
from taoxi.corpus.options import LAYOUT_RULES, Keep, Options, OutputError, Templates
from taoxi.corpus.passages import Stretch
from taoxi.corpus.schema import text_buffers
from taoxi.corpus.spool import UnitSigned
from taoxi.dedup.judge import Template, Verdict, Verdicts, judge
from taoxi.dedup.memory import Texts, addresses
from taoxi.dedup.minhash import PERMUTATIONS
from taoxi.dedup.paragraphs import ParagraphIndex, Shared
from taoxi.dedup.room import Room
from taoxi.dedup.sign import exact_keys
from taoxi.dedup.templates import SKETCH

if TYPE_CHECKING:
    from taoxi.corpus.state.known import Known
    from taoxi.corpus.state.memory import Memory

CUT_PARAGRAPH = 50
"""Tokens from which ``--passages cut`` takes a paragraph that another kept document holds (DESIGN §5)."""


@dataclass(slots=True)
class Roll:
    """All documents of a run by number: what the judge and the writer need of them.

    Signatures and paragraphs are on disk; the rest is some hundred bytes per document. ``cutting`` says that
    ``shared_passages`` will be asked for, so that the places of paragraphs are worth keeping. ``known`` are documents
    of earlier runs, which are numbered after those of this one. ``facts`` are those of the kept
    ones once they are judged.
    """

    folder: Path
    cutting: bool = False
    starts: list[int] = field(default_factory=lambda: [0])
    ids: list[NDArray[np.uint8]] = field(default_factory=list)
    site_names: dict[str, int] = field(default_factory=dict)
    sites: list[NDArray[np.int32]] = field(default_factory=list)
    orders: list[NDArray[np.int64]] = field(default_factory=list)
    characters: list[NDArray[np.int64]] = field(default_factory=list)
    characters_read: int = 0
    changes: NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(LAYOUT_RULES), np.int64))
    mostly: list[NDArray[np.bool_]] = field(default_factory=list)
    tokens: list[NDArray[np.int32]] = field(default_factory=list)
    exact: list[NDArray[np.uint64]] = field(default_factory=list)
    known: Known | None = None
    facts: NDArray[np.uint32] = field(default_factory=lambda: np.zeros((0, SKETCH), np.uint32))

    def add(self, unit: UnitSigned, index: ParagraphIndex) -> None:
        """Append the documents of the next unit."""
        first = self.starts[-1]
        with (self.folder / "signatures").open("ab") as file:
            file.write(unit.signatures.tobytes())  # numpy's tofile does not say why it fails
        index.add(unit.paragraphs, unit.places[:, 0] + first, unit.places[:, 3])
        if self.cutting:
            path = self.folder / f"{len(self.starts) - 1:08}.paragraphs.npz"
            np.savez(path, hashes=unit.paragraphs, places=unit.places)
        self.starts.append(first + len(unit.tokens))
        self.ids.append(unit.ids)
        places = [self.site_names.setdefault(name, len(self.site_names)) for name in unit.site_names]
        self.sites.append(np.array(places, np.int32)[unit.sites])
        self.orders.append(unit.orders)
        self.characters.append(unit.characters)
        self.characters_read += unit.characters_read
        self.changes += unit.changes
        self.mostly.append(unit.mostly)
        self.tokens.append(unit.tokens)
        self.exact.append(exact_keys(unit.exact, unit.ids))

    def __len__(self) -> int:
        """Return the number of documents."""
        return self.starts[-1]

    def signatures(self) -> NDArray[np.uint32]:
        """Return the signatures of all documents, and of those known from before, as they lie on disk."""
        count = len(self) + (0 if self.known is None else len(self.known.ids))
        if not count:
            return np.zeros((0, PERMUTATIONS), np.uint32)
        return np.memmap(self.folder / "signatures", np.uint32, "r", shape=(count, PERMUTATIONS))

    def recall(self, memory: Memory, index: ParagraphIndex) -> None:
        """Take up the documents of earlier runs that these may repeat."""
        known = memory.documents.known(self.signatures(), self.folder / "signatures", cutting=self.cutting)
        index.add(known.hashes, known.owners + len(self), known.sizes)
        self.known = known

    def judge(
        self, shared: Shared, options: Options, batches: Sequence[pa.LargeStringArray], memory: Memory | None
    ) -> tuple[Verdicts, NDArray[np.int64]]:
        """Judge all documents; return the verdicts and the order in which they were judged.

        Args:
            shared: the paragraphs that several documents hold.
            options: which copy stays, and what is one.
            batches: the texts of the units.
            memory: where the texts of known documents are. Which of these are needed shows only while judging: then
                it is done again with them, and mostly once.
        """
        order = self._order(options.keep)
        room = Room(self.folder)
        tokens, exact = [np.zeros(0, np.int32), *self.tokens], [np.zeros((0, 2), np.uint64), *self.exact]
        texts = [np.zeros((0, 2), np.uint64), *map(text_places, batches)]
        whole, families = order, None
        if self.known is not None:
            known = len(self) + np.arange(len(self.known.ids))
            whole = np.concatenate([known, order])
            firsts = self.known.template.first
            families = Template(np.where(firsts < 0, -1, firsts + len(self)), self.known.template.facts)
            texts.append(np.zeros((len(known), 2), np.uint64))
            tokens.append(self.known.tokens)
            exact.append(self.known.exact)
        sizes = np.concatenate(tokens)
        keys = np.concatenate(exact, out=room.zeros((len(whole), 2), np.uint64))
        where = np.concatenate(texts, out=room.zeros((len(whole), 2), np.uint64))
        del texts
        read = TextFile(self.folder)
        asked = np.zeros(0, np.int64)
        while True:
            verdicts = judge(
                whole,
                sizes,
                keys,
                self.signatures(),
                shared,
                options.similarity,
                families,
                texts=where,
                thin=options.templates is Templates.THIN,
                room=room,
            )
            if not len(verdicts.wanted) or self.known is None or memory is None:
                self.facts = verdicts.template.facts[: len(self)]
                return verdicts.of(len(self)), order
            asked = np.concatenate([asked, verdicts.wanted])
            ids = id_bytes(self.known.ids[asked - len(self)])
            read.load(memory.output, sorted(set(self.known.runs[asked - len(self)].tolist())), set(ids))
            where[asked] = read.addresses(ids)
            if not where[asked, 0].all():
                raise OutputError(
                    f"{memory.output.path} does not hold all texts that state.duckdb knows. 'taoxi verify' names what"
                    " is damaged; restore it from a backup."
                )

    def _order(self, keep: Keep) -> NDArray[np.int64]:
        """Return the numbers of the documents, first to be judged first.

        ``longest``: more characters first; of equals the smaller id, so that the kept texts do not depend on the
        order of the input; of equal texts the first in natural order. ``first``: natural order.
        """
        natural = np.arange(len(self), dtype=np.int64)
        if keep is Keep.FIRST or not len(self):
            return natural
        ids = np.concatenate(self.ids)[:, :8].copy().view(">u8")[:, 0]
        return np.lexsort((natural, ids, -np.concatenate(self.characters)))

    def shared_passages(self, shared: Shared, verdicts: Verdicts, order: NDArray[np.int64]) -> dict[int, list[Stretch]]:
        """Return for each unit the paragraphs that an earlier kept document holds (``--passages cut``).

        A document is never cut to nothing: if all its paragraphs stand elsewhere, it stays whole.
        """
        owners = np.full(shared.count, -1, np.int64)
        owned = shared.paragraphs[shared.starts[len(self)] :]
        holders = np.repeat(np.arange(len(self), len(shared.starts) - 1), np.diff(shared.starts[len(self) :]))
        owners[owned[::-1]] = holders[::-1]  # of several the first
        cuts: dict[int, dict[int, int]] = {}
        for document in order[verdicts.verdict[order] == Verdict.KEPT].tolist():
            rows = slice(int(shared.starts[document]), int(shared.starts[document + 1]))
            for paragraph, tokens in zip(shared.paragraphs[rows].tolist(), shared.tokens[rows].tolist(), strict=True):
                if tokens < CUT_PARAGRAPH:
                    continue
                if owners[paragraph] < 0 or owners[paragraph] == document:
                    owners[paragraph] = document
                else:
                    cuts.setdefault(document, {})[int(shared.hashes[paragraph])] = int(owners[paragraph])
        found: dict[int, list[Stretch]] = {}
        totals = np.concatenate([np.zeros(0, np.int32), *self.tokens])
        for document, hashes in sorted(cuts.items()):
            unit = int(np.searchsorted(self.starts, document, side="right")) - 1
            with np.load(self.folder / f"{unit:08}.paragraphs.npz") as arrays:
                mine = arrays["places"][:, 0] == document - self.starts[unit]
                paragraphs = [
                    (int(value), *place)
                    for value, place in zip(arrays["hashes"][mine], arrays["places"][mine].tolist(), strict=True)
                ]
            stretches = [
                Stretch(row, start, end, hashes[value]) for value, row, start, end, _ in paragraphs if value in hashes
            ]
            if sum(size for value, *_, size in paragraphs if value in hashes) < totals[document]:
                found.setdefault(unit, []).extend(stretches)
        return found


def text_places(batch: pa.LargeStringArray) -> Texts:
    """Return where the texts of a unit are."""
    offsets, data = text_buffers(batch)
    return addresses(data, offsets)


def concatenated(arrays: Sequence[NDArray[np.integer[Any] | np.bool_]]) -> NDArray[np.int64]:
    """Return arrays of units, possibly none, as one (int64)."""
    return np.concatenate([np.zeros(0, np.int64), *arrays])
