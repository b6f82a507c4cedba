"""Whether a document is a sibling of a kept one: looked up in their texts, once for each two (Numba)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from taoxi.dedup.alignment import align
from taoxi.dedup.differences import FEATURES
from taoxi.dedup.facts import fact_tokens
from taoxi.dedup.memory import Texts, text_at
from taoxi.dedup.templates import is_sibling, sketch
from taoxi.normalize.kernel import part
from taoxi.normalize.utf8 import Array, Number

COMPARED = 0
"""The counter of texts that were compared."""


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
    left = fact_tokens(text_at(kin.texts, other), kin.fold)
    right = fact_tokens(text_at(kin.texts, document), kin.fold)
    align(left, right, kin.counts, kin.features)
    sketch(kin.features, kin.counts[FEATURES], facts)
    kin.tally[COMPARED] += 1
    kin.answers[place] = is_sibling(kin.counts)
    return bool(kin.answers[place])
