"""The same signatures judged again: at other similarities, and of parts of the documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from taoxi.corpus.judging import Roll, text_places
from taoxi.corpus.options import Options, Templates
from taoxi.dedup.bands import band_keys
from taoxi.dedup.judge import Verdict, Verdicts, judge
from taoxi.dedup.kin import Memo, memo
from taoxi.dedup.memory import Texts
from taoxi.dedup.minhash import BANDS, SHORTEST
from taoxi.dedup.paragraphs import Shared

CHUNK = 1 << 16
"""Signatures whose buckets are looked at together."""


@dataclass(frozen=True, slots=True)
class Bench:
    """n documents in the order of their numbers, and the order in which they are judged (int64, n).

    ``texts`` says where in ``batches`` their texts are, ``thin`` whether siblings of a template go, ``compared`` what
    came of comparing them: one text is compared with another once, however often the two are judged.
    """

    order: NDArray[np.int64]
    tokens: NDArray[np.int32]
    exact: NDArray[np.uint64]
    signatures: NDArray[np.uint32]
    shared: Shared
    texts: Texts
    batches: Sequence[pa.LargeStringArray]
    thin: bool
    compared: Memo

    @classmethod
    def of(cls, roll: Roll, shared: Shared, options: Options, batches: Sequence[pa.LargeStringArray]) -> Self:
        """Return all documents of a roll; ``batches`` are the texts of its units."""
        tokens = np.concatenate([np.zeros(0, np.int32), *roll.tokens])
        exact = np.concatenate([np.zeros((0, 2), np.uint64), *roll.exact])
        texts = np.concatenate([np.zeros((0, 2), np.uint64), *map(text_places, batches)])
        order = roll._order(options.keep)  # noqa: SLF001 - the same order, for other judgements of the same documents
        thin = options.templates is Templates.THIN
        return cls(order, tokens, exact, roll.signatures(), shared, texts, batches, thin, memo(len(tokens)))

    def judge(self, similarity: float) -> Verdicts:
        """Judge the documents one after another, as a run does."""
        return judge(
            self.order,
            self.tokens,
            self.exact,
            self.signatures,
            self.shared,
            similarity,
            texts=self.texts,
            thin=self.thin,
            compared=self.compared,
        )

    def part(self, members: NDArray[np.bool_]) -> Bench:
        """Return some of the documents (bool, n), numbered anew."""
        chosen = np.flatnonzero(members)
        number = np.cumsum(members) - 1
        starts = self.shared.starts
        sizes = np.diff(starts)
        rows = np.repeat(members, sizes)
        bounds = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes[chosen])])
        shared = Shared(bounds, self.shared.paragraphs[rows], self.shared.tokens[rows], self.shared.hashes)
        order = number[self.order[members[self.order]]]
        return replace(
            self,
            order=order,
            tokens=self.tokens[chosen],
            exact=self.exact[chosen],
            signatures=np.asarray(self.signatures[chosen]),
            shared=shared,
            texts=self.texts[chosen],
            compared=self.compared._replace(names=self.compared.names[chosen]),
        )

    def company(self) -> NDArray[np.bool_]:
        """Return which documents (bool, n) may be a copy or have one.

        All others are kept at any similarity and nobody's leader, so that whoever judges often leaves them out. They
        have an exact hash, buckets and paragraphs of their own.
        """
        found = (np.diff(self.shared.starts) > 0) | _several(self.exact[:, 0])
        signed = np.flatnonzero(self.tokens >= SHORTEST)
        keys = np.empty((len(signed), BANDS), np.uint32)
        for first in range(0, len(signed), CHUNK):
            keys[first : first + CHUNK] = band_keys(self.signatures[signed[first : first + CHUNK]])
        for band in range(BANDS):
            found[signed] |= _several(keys[:, band])
        return found


def counts(verdicts: Verdicts) -> dict[str, int]:
    """Return how many documents were removed, by reason."""
    return {v.name.lower(): int((verdicts.verdict == v).sum()) for v in Verdict if v is not Verdict.KEPT}


def _several(values: NDArray[np.uint32] | NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Return which of n values come more than once."""
    order = np.argsort(values)
    same = values[order[1:]] == values[order[:-1]]
    found = np.zeros(len(values), np.bool_)
    found[order[1:]] |= same
    found[order[:-1]] |= same
    return found


def parts(groups: NDArray[np.uint64], count: int) -> Sequence[NDArray[np.bool_]]:
    """Deal documents to ``count`` parts (bool, n each) by their groups, as if each group were drawn by itself."""
    mixed = groups + np.uint64(0x9E3779B97F4A7C15)  # SplitMix64, whose low bits depend on all bits of the number
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    dealt = (mixed ^ (mixed >> np.uint64(31))) % np.uint64(count)
    return [dealt == np.uint64(number) for number in range(count)]
