"""Whether a document is a sibling of a kept one: looked up in their texts, once for each two (Numba)."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from taoxi.dedup.alignment import align
from taoxi.dedup.differences import FEATURES
from taoxi.dedup.facts import fact_tokens
from taoxi.dedup.memory import Texts, text_at
from taoxi.dedup.templates import SKETCH, is_sibling, sketch
from taoxi.normalize.kernel import part
from taoxi.normalize.utf8 import Array, Number

COMPARED = 0
"""The counter of texts that were compared."""


class Memo(NamedTuple):
    """What came of comparisons, for whoever judges the same documents again: an open hash table of m slots.

    ``names`` (int64, n) are what the documents are called in it, whatever number they have now; ``keys`` (uint64) two
    of these, later one first, 0 where a slot is free; ``answers`` (bool) whether they are siblings, ``sketches``
    (uint32, m by ``SKETCH``) those of their facts. ``room`` (int64, 1) is how many more it takes: what comes after is
    compared anew.
    """

    names: NDArray[np.int64]
    keys: NDArray[np.uint64]
    answers: NDArray[np.bool_]
    sketches: NDArray[np.uint32]
    room: NDArray[np.int64]


def memo(count: int) -> Memo:
    """Return an empty one for ``count`` documents; 0 for one that keeps nothing."""
    slots = 1 << math.ceil(math.log2(4 * count)) if count else 1
    names, keys, answers = np.arange(count), np.zeros(slots, np.uint64), np.zeros(slots, np.bool_)
    return Memo(names, keys, answers, np.zeros((slots, SKETCH), np.uint32), np.full(1, slots // 2))


class Kin(NamedTuple):
    """Texts, and what was found out about the document that is judged.

    ``texts`` and ``fold`` as elsewhere. ``stamps`` (int64) has at the place of a kept document the last one that was
    compared with it, plus one, ``answers`` (bool) what came of it. ``counts`` and ``features`` are room to work in,
    ``wanted`` (bool) are documents whose text was asked for and is not at hand, ``tally`` (int64) counts what was
    compared.
    """

    texts: Texts
    fold: Array
    stamps: Array
    answers: Array
    counts: Array
    features: Array
    wanted: Array
    tally: Array
    memo: Memo


@part
def _slot(memo: Memo, key: Number) -> Number:
    """Return the slot of two documents, or the free one where they belong."""
    mask = np.uint64(len(memo.keys) - 1)
    slot = (key * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(20) & mask
    while memo.keys[slot] != np.uint64(0) and memo.keys[slot] != key:
        slot = (slot + np.uint64(1)) & mask
    return np.int64(slot)


@part
def is_kin(kin: Kin, document: Number, kept: Array, place: Number, facts: Array) -> bool:
    """Tell whether a document is a sibling of a kept one; write the sketch of its facts if it was not known yet.

    Where a text is not at hand, it is taken for a copy.
    """
    if kin.stamps[place] == document + 1:
        return bool(kin.answers[place])
    other = kept[place]
    kin.stamps[place] = document + 1
    kin.answers[place] = False
    if kin.texts[other, 0] == np.uint64(0) or kin.texts[document, 0] == np.uint64(0):
        kin.wanted[other if kin.texts[other, 0] == np.uint64(0) else document] = True
        return False
    slot, key = np.int64(-1), np.uint64(0)
    if len(kin.memo.names):
        key = np.uint64(kin.memo.names[document]) << np.uint64(32) | np.uint64(kin.memo.names[other] + 1)
        slot = _slot(kin.memo, key)
        if kin.memo.keys[slot] == key:
            facts[:] = kin.memo.sketches[slot]
            kin.answers[place] = kin.memo.answers[slot]
            return bool(kin.answers[place])
    left = fact_tokens(text_at(kin.texts, other), kin.fold)
    right = fact_tokens(text_at(kin.texts, document), kin.fold)
    align(left, right, kin.counts, kin.features)
    sketch(kin.features, kin.counts[FEATURES], facts)
    kin.tally[COMPARED] += 1
    kin.answers[place] = is_sibling(kin.counts)
    if slot >= 0 and kin.memo.room[0] > 0:
        kin.memo.room[0] -= 1
        kin.memo.keys[slot] = key
        kin.memo.answers[slot] = kin.answers[place]
        kin.memo.sketches[slot] = facts
    return bool(kin.answers[place])
