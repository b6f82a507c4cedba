"""Documents that are four fifths paragraphs of a kept one, found by lists of who holds a paragraph (Numba)."""

from __future__ import annotations

import math

import numpy as np

from taoxi.dedup.families import Families, claim
from taoxi.dedup.kin import Kin, is_kin
from taoxi.normalize.kernel import part
from taoxi.normalize.utf8 import Array, Number

CONTAINED = 0.8
"""Share of a document's tokens that must be paragraphs of one kept document (DESIGN §5)."""


@part
def _covered(left: Number, right: Number, starts: Array, paragraphs: Array, tokens: Array) -> Number:
    """Count the tokens of ``left`` in paragraphs that ``right`` holds too; both lists ascend."""
    i, stop = starts[left], starts[left + 1]
    j, end = starts[right], starts[right + 1]
    total: Number = 0
    while i < stop and j < end:
        if paragraphs[i] < paragraphs[j]:
            i += 1
        elif paragraphs[i] > paragraphs[j]:
            j += 1
        else:
            total += tokens[i]
            i += 1
    return total


@part
def container(
    document: Number,
    size: Number,
    kept: Array,
    starts: Array,
    paragraphs: Array,
    tokens: Array,
    lists: Array,
    lengths: Array,
    pool: Array,
    stamps: Array,
    kin: Kin,
    facts: Array,
    checked: Number,
) -> tuple[Number, Number, Number]:
    """Return the place of the kept document that holds most of this one, how many of its tokens, and a sibling's place.

    If ``checked``, a document whose texts say that it is a sibling holds nothing; the one that would have held most is
    told instead.

    Whoever holds four fifths of the tokens misses at most ``spare``: so it holds one of any set of paragraphs
    longer than that, and only the documents in the shortest such lists need a look. ``lists`` has for each paragraph
    the last entry of the ``pool``, plus one, and an entry has the one before it.
    """
    first, stop = starts[document], starts[document + 1]
    total = np.int64(0)
    for k in range(first, stop):
        total += tokens[k]
    needed = np.int64(math.ceil(CONTAINED * size))
    if total < needed:
        return np.int64(-1), np.int64(0), np.int64(-1)
    spare = total - needed
    used = np.zeros(stop - first, np.bool_)
    best, most = np.int64(-1), np.int64(0)
    sibling, nearly = np.int64(-1), np.int64(0)
    passed = np.int64(0)
    while passed <= spare:
        rarest = np.int64(-1)
        for k in range(first, stop):
            if not used[k - first] and (rarest < 0 or lengths[paragraphs[k]] < lengths[paragraphs[rarest]]):
                rarest = np.int64(k)
        used[rarest - first] = True
        passed += tokens[rarest]
        entry = lists[paragraphs[rarest]] - 1
        while entry >= 0:
            other = pool[entry, 0]
            if stamps[other] != document + 1:
                stamps[other] = document + 1
                held = _covered(document, kept[other], starts, paragraphs, tokens)
                if held < needed:
                    pass
                elif checked and is_kin(kin, document, kept, other, facts):
                    if held > nearly or (held == nearly and other < sibling):
                        sibling, nearly = np.int64(other), held
                elif held > most or (held == most and other < best):
                    best, most = np.int64(other), held
            entry = pool[entry, 1] - 1
    return best, most, sibling


@part
def enlist(
    document: Number,
    place: Number,
    starts: Array,
    paragraphs: Array,
    lists: Array,
    lengths: Array,
    pool: Array,
    pooled: Number,
    known: Families,
) -> Number:
    """Put a kept document into the list of each of its shared paragraphs; return how many entries there are now.

    A member of a family is listed only for what no other of the family holds.
    """
    first = known.first[place]
    for k in range(starts[document], starts[document + 1]):
        paragraph = paragraphs[k]
        if k > starts[document] and paragraphs[k - 1] == paragraph:
            continue
        if first != place and not claim(known, paragraph, first):
            continue
        pool[pooled, 0] = place
        pool[pooled, 1] = lists[paragraph]
        lists[paragraph] = pooled + 1
        lengths[paragraph] += 1
        pooled += 1
    return pooled


@part
def claim_all(document: Number, place: Number, starts: Array, paragraphs: Array, known: Families) -> None:
    """Note that the first of a family holds its paragraphs, once there is a second."""
    for k in range(starts[document], starts[document + 1]):
        claim(known, paragraphs[k], place)
