"""The second pass: bring the signed units together, put the documents in order and judge them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from taoxi.corpus.options import LAYOUT_RULES, Keep
from taoxi.corpus.passages import Stretch
from taoxi.corpus.spool import UnitSigned
from taoxi.dedup.judge import Verdict, Verdicts, judge
from taoxi.dedup.minhash import PERMUTATIONS
from taoxi.dedup.paragraphs import ParagraphIndex, Shared
from taoxi.dedup.sign import exact_keys

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
    of earlier runs, which are numbered after those of this one.
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

    def judge(self, shared: Shared, keep: Keep, similarity: float) -> tuple[Verdicts, NDArray[np.int64]]:
        """Judge all documents; return the verdicts and the order in which they were judged."""
        order = self._order(keep)
        tokens, exact = [np.zeros(0, np.int32), *self.tokens], [np.zeros((0, 2), np.uint64), *self.exact]
        known = np.zeros(0, np.int64)
        if self.known is not None:
            known = len(self) + np.arange(len(self.known.ids))
            tokens.append(self.known.tokens)
            exact.append(self.known.exact)
        whole = np.concatenate([known, order])
        verdicts = judge(
            whole, np.concatenate(tokens), np.concatenate(exact), self.signatures(), shared, similarity, len(known)
        )
        own = slice(0, len(self))
        return Verdicts(verdicts.verdict[own], verdicts.leader[own], verdicts.similarity[own]), order

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


def concatenated(arrays: Sequence[NDArray[np.integer[Any] | np.bool_]]) -> NDArray[np.int64]:
    """Return arrays of units, possibly none, as one (int64)."""
    return np.concatenate([np.zeros(0, np.int64), *arrays])
