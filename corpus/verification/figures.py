"""Measure again what documents were removed for: signatures, exact hashes and paragraphs, in batches."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from taoxi.corpus.complaints import Complaint, Kind
from taoxi.corpus.restoring import Document
from taoxi.corpus.verification.case import AGAIN, Id, Run
from taoxi.dedup.judge import CONTAINED
from taoxi.dedup.minhash import PERMUTATIONS
from taoxi.dedup.sign import Signed, exact_keys, sign

BATCH_BYTES = 8 << 20
"""Bytes of text that are signed together."""

BATCH_DOCUMENTS = 1 << 13

PAIRS = 1 << 12
"""Pairs whose signatures are compared together: 4 MB."""


@dataclass(slots=True)
class _Removed:
    """A removed document: its row in the output, what the row says, and what its text came to."""

    run: Run
    row: dict[str, Any]
    leader: int
    tokens: int = 0
    exact: tuple[int, int] = (0, 0)
    number: int = -1


@dataclass(slots=True)
class _Waiting:
    """A document that waits to be signed."""

    text: bytes
    id: bytes
    leads: int
    removed: _Removed | None


@dataclass
class Figures:
    """Signs leaders and removed documents as they come; their signatures lie in ``folder``.

    ``leaders`` (``Id``, sorted) are all ids that the ledger names as leaders of documents. ``judged`` are the texts
    that were compared in the place of those with some ids.
    """

    folder: Path
    leaders: NDArray[np.bytes_]
    judged: Mapping[str, str]
    _waiting: list[_Waiting] = field(default_factory=list)
    _bytes: int = 0
    _removed: list[_Removed] = field(default_factory=list)
    _signed: int = 0
    _inside: list[NDArray[np.int64]] = field(default_factory=list)
    _inside_hashes: list[NDArray[np.uint64]] = field(default_factory=list)
    _held: list[NDArray[np.int64]] = field(default_factory=list)
    _held_hashes: list[NDArray[np.uint64]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make room for the leaders."""
        count = len(self.leaders)
        self._exact = np.zeros((count, 2), np.uint64)
        self._seen = np.zeros(count, np.bool_)
        self._of_leaders = (
            np.memmap(self.folder / "leaders", np.uint32, "w+", shape=(count, PERMUTATIONS)) if count else None
        )

    def add(self, run: Run, document: Document) -> None:
        """Take a document: sign it if it leads or was removed."""
        id_ = bytes.fromhex(document.row["id"])
        leads = self._place(id_) if document.kept else -1
        removed = None
        if not document.kept:
            removed = _Removed(run, _brief(document.row), self._place(bytes.fromhex(document.row["leader"])))
        if leads < 0 and removed is None:
            return
        text = self.judged.get(document.row["id"], document.signed).encode()
        self._waiting.append(_Waiting(text, id_, leads, removed))
        self._bytes += len(text)
        if self._bytes >= BATCH_BYTES or len(self._waiting) >= BATCH_DOCUMENTS:
            self._sign()

    def _place(self, id_: bytes) -> int:
        """Return the number of a leader, -1 if it is none."""
        place = int(np.searchsorted(self.leaders, np.frombuffer(id_, Id)[0]))
        return place if place < len(self.leaders) and self.leaders[place].ljust(16, b"\0") == id_ else -1

    def _sign(self) -> None:
        waiting, self._waiting, self._bytes = self._waiting, [], 0
        if not waiting:
            return
        bounds = np.cumsum([0, *(len(each.text) for each in waiting)])
        signed = sign(np.frombuffer(b"".join(each.text for each in waiting), np.uint8), bounds)
        ids = np.frombuffer(b"".join(each.id for each in waiting), np.uint8).reshape(-1, 16)
        exact = exact_keys(signed.exact, ids)
        leads = np.array([each.leads for each in waiting], np.int64)
        own = np.flatnonzero(leads >= 0)
        self._exact[leads[own]] = exact[own]
        self._seen[leads[own]] = True
        if self._of_leaders is not None:
            self._of_leaders[leads[own]] = signed.signatures[own]
        near = []
        for place, each in enumerate(waiting):
            removed = each.removed
            if removed is None or removed.leader < 0:
                continue
            removed.tokens = int(signed.tokens[place])
            removed.exact = (int(exact[place, 0]), int(exact[place, 1]))
            if removed.row["reason"] == "near":
                near.append(place)
                removed.number = self._signed
                self._signed += 1
            self._removed.append(removed)
        with (self.folder / "removed").open("ab") as file:
            file.write(signed.signatures[near].tobytes())
        self._paragraphs(waiting, signed, leads)

    def _paragraphs(self, waiting: list[_Waiting], signed: Signed, leads: NDArray[np.int64]) -> None:
        """Keep the paragraphs of leaders, and of documents that are said to be contained in one."""
        documents = signed.paragraph_places[:, 0]
        rows = leads[documents] >= 0
        self._held.append(leads[documents[rows]])
        self._held_hashes.append(signed.paragraphs[rows])
        numbers = np.full(len(waiting), -1, np.int64)
        first = len(self._removed) - sum(1 for e in waiting if e.removed is not None and e.removed.leader >= 0)
        for place, each in enumerate(waiting):
            if each.removed is not None and each.removed.leader >= 0:
                if each.removed.row["reason"] == "contained":
                    numbers[place] = first
                first += 1
        rows = numbers[documents] >= 0
        self._inside.append(np.stack([numbers[documents[rows]], signed.paragraph_places[rows, 3]], 1))
        self._inside_hashes.append(signed.paragraphs[rows])

    def check(self) -> Iterator[Complaint]:
        """Compare what was measured with what the ledger says; leaders that were not seen prove nothing."""
        self._sign()
        matches = self._matches()
        held = self._tokens_held()
        for number, removed in enumerate(self._removed):
            if not self._seen[removed.leader]:
                continue
            row, run = removed.row, removed.run
            says = row["similarity"]
            if row["reason"] == "exact":
                leader = self._exact[removed.leader]
                figure = float(removed.exact == (int(leader[0]), int(leader[1])))
                enough = figure == 1.0
            elif row["reason"] == "near":
                count = int(matches[removed.number])
                figure = count / PERMUTATIONS
                least = run.options.similarity if run.options is not None else 0.0
                enough = count >= math.ceil(round(least * PERMUTATIONS, 6))
            else:
                figure = int(held[number]) / removed.tokens if removed.tokens else 0.0
                enough = held[number] >= math.ceil(CONTAINED * removed.tokens)
            if figure != says or not enough:
                yield _complaint(row, figure, says, enough=enough)

    def _matches(self) -> NDArray[np.int64]:
        """Return for each document that was removed as near how many values of its signature are its leader's."""
        found = np.zeros(self._signed, np.int64)
        if not self._signed or self._of_leaders is None:
            return found
        near = [removed for removed in self._removed if removed.number >= 0]
        leaders = np.array([removed.leader for removed in near], np.int64)
        signatures = np.memmap(self.folder / "removed", np.uint32, "r", shape=(self._signed, PERMUTATIONS))
        for first in range(0, self._signed, PAIRS):
            pairs = slice(first, first + PAIRS)
            found[pairs] = (signatures[pairs] == self._of_leaders[leaders[pairs]]).sum(1)
        return found

    def _tokens_held(self) -> NDArray[np.int64]:
        """Return for each removed document how many of its tokens are in paragraphs of its leader."""
        found = np.zeros(len(self._removed), np.int64)
        inside = np.concatenate([np.zeros((0, 2), np.int64), *self._inside])
        if not len(inside):
            return found
        pair = np.dtype([("leader", np.int64), ("hash", np.uint64)])
        leaders = np.array([removed.leader for removed in self._removed], np.int64)
        own, theirs = np.empty(len(inside), pair), np.empty(sum(map(len, self._held)), pair)
        own["leader"], own["hash"] = leaders[inside[:, 0]], np.concatenate(self._inside_hashes)
        theirs["leader"], theirs["hash"] = np.concatenate(self._held), np.concatenate(self._held_hashes)
        shared = np.isin(own, theirs)
        np.add.at(found, inside[shared, 0], inside[shared, 1])
        return found


def _brief(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("id", "reason", "leader", "similarity", "file", "row")}


def _complaint(row: dict[str, Any], figure: float, says: float, *, enough: bool) -> Complaint:
    what = f"The ledger says that it is {row['reason']} to {row['leader']} by {says}, and measured anew it is {figure}"
    short = "" if enough else ", which is not enough to remove it"
    return Complaint(Kind.SIMILARITY, row["file"], f"{what}{short}. {AGAIN}", row["row"], row["id"])
