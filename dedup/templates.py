"""Copies of one text, and texts of one template: same words, other facts.

Daily bulletins, obituaries, notices of one office: what differs between two of them is just what they tell. A copy
differs by scattered edits, cuts and insertions, and its numbers change no oftener than its other characters do. So of
two similar texts, aligned as in ``taoxi.dedup.alignment``, one is a *sibling* of the other and no copy, if

* numbers differ, in one of the shares of ``_SHARES``, and so many of their digits do that this is less likely than
  ``CHANCE`` if edits fell on digits as often as they fell on all other characters (or a number is replaced the same way
  twice, which edits do not do); or
* one word stands for another: twice or more, for at most ``PER_NAME`` tokens each, with not many more equal numbers and
  few edits elsewhere (a single character three times, for ``PER_CHARACTER`` tokens each, and hardly anything else
  edited); or
* it does so *throughout*, and stands nowhere else: twice or more, for at most ``PER_SPANS`` tokens each, with not many
  more equal numbers, whatever was edited; or, if it stands in the title, three times or more, for ``PER_NAME`` tokens
  each, whatever numbers are equal: those of a manual or a law are the same whatever it is of; or
* more words than scattered characters are replaced, or more than these edits can have made, and of words and numbers
  there is one for ``PER_SPANS`` tokens (if there is only one, for ``PER_SPAN``, or ``PER_SURE`` if it has three tokens,
  stands inside a line and is beyond doubt), and not three times as many equal numbers. The chances of words and of
  digits are combined: either may prove little alone.

A word may be of any length, and the other one of another: 北京市 and 上海浦东, Node.js and Rust. A word of letters
with a capital is another one if two edits cannot have made its letters those of the other.

We take for copies: texts with one or two corrected numbers among many, other writings of a number, another line of
date, source and readers, another header or footer, passages that were cut or put in. What cannot be told apart is kept:
a short text whose only number was corrected is a sibling here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from taoxi.dedup.alignment import align
from taoxi.dedup.differences import (
    AGAIN,
    ALIGNED,
    CHANGED,
    CHARACTERS,
    COUNTERS,
    DIGITS,
    EDITS,
    EQUAL,
    FEATURES,
    INSIDE,
    MOST_FEATURES,
    NUMBER_AGAIN,
    PAIRS,
    REPLACED,
    SCATTERED,
    SINGLE_AGAIN,
    SPANS,
    SURE,
    THROUGHOUT,
    TITLED,
)
from taoxi.dedup.facts import fact_tokens
from taoxi.dedup.fold import table
from taoxi.dedup.memory import Texts, addresses, text_at
from taoxi.dedup.names import OTHERS
from taoxi.normalize.kernel import kernel, part
from taoxi.normalize.utf8 import Array, Number, frozen

_SHARES = ((1, 0.3), (2, 0.2), (3, 0.15), (4, 0.05))
"""From so many numbers that differ, the share of all numbers that they must be."""

CHANCE = 0.005
"""Of 4,000 planted copies with up to 8% of their characters edited, 1 in 1,000 passes for a sibling at this."""

CHANCE_OF_ONE = 0.0005
"""The same of a single word, which an editor may have put for another one: it has to be beyond doubt."""

PER_NAME = 1000
PER_CHARACTER = 100
PER_SPAN = 100
PER_SURE = 400
PER_SPANS = 250
"""Chosen on pages that end in 400 tokens which all of them have; ``python -m benchmarks siblings`` counts."""

FEW_NUMBERS = 3

SKETCH = 16
"""Values of the sketch of facts: a MinHash of what a text has where it differs from the first of its family."""

_MULTIPLIER = np.uint32(0x9E3779B1)


@part
def _tail(count: Number, mean: Number) -> Number:
    """Return how likely ``count`` or more events are of which ``mean`` are expected (Poisson)."""
    left = 1.0
    term = math.exp(-mean)
    for k in range(count):
        left -= term
        term *= mean / (k + 1)
    return left


@part
def _chance_of_numbers(counts: Array) -> Number:
    """Return how likely scattered edits change as many digits as are others."""
    scattered = max(counts[SCATTERED] - counts[SPANS], 0)
    return _tail(counts[EDITS], scattered / max(counts[CHARACTERS], 1) * counts[DIGITS])


@part
def _chance_of_words(counts: Array) -> Number:
    """Return how likely scattered edits make as many words that are others."""
    aligned = max(counts[ALIGNED], 1)
    sure = _tail(counts[SURE], counts[SCATTERED] * (counts[SCATTERED] / aligned) ** (OTHERS - 1))
    return min(sure, _tail(counts[PAIRS], (counts[REPLACED] + 1) ** 2 / aligned))


@part
def _made_by_edits(counts: Array) -> bool:
    """Tell whether scattered edits may have made the words that are others, and the numbers (Fisher's method)."""
    words = _chance_of_words(counts)
    both = max(words * _chance_of_numbers(counts), 1e-12)
    return bool(min(words, both * (1 - math.log(both))) >= CHANCE)


@part
def _other_numbers(counts: Array) -> bool:
    """Tell whether the numbers of two similar texts are others."""
    changed = counts[CHANGED]
    share = changed / max(changed + counts[EQUAL], 1)
    for least, needed in _SHARES:
        if changed >= least and share >= needed:
            return bool(counts[NUMBER_AGAIN] > 1 or _chance_of_numbers(counts) < CHANCE)
    return False


@part
def _other_name(counts: Array) -> bool:
    """Tell whether one name stands for another in two similar texts."""
    equal, scattered, aligned = counts[EQUAL], counts[SCATTERED], counts[ALIGNED]
    again, single, always = counts[AGAIN], counts[SINGLE_AGAIN], counts[THROUGHOUT]
    return bool(
        (again >= 2 and again * PER_NAME >= aligned and 4 * again > scattered and 4 * again >= equal)
        or (single >= 3 and single * PER_CHARACTER >= aligned and 3 * (scattered - 1) <= single)
        or (always >= 2 and always * PER_SPANS >= aligned and 4 * always >= equal)
        or (counts[TITLED] >= 3 and counts[TITLED] * PER_NAME >= aligned)
    )


@part
def is_sibling(counts: Array) -> bool:
    """Tell by what differs between two similar texts whether they are siblings of a template, and no copies."""
    if _other_numbers(counts) or _other_name(counts):
        return True
    equal, scattered, aligned = counts[EQUAL], counts[SCATTERED], counts[ALIGNED]
    single = counts[SINGLE_AGAIN]
    again = single >= 3 and 3 * (scattered - 1) <= single
    facts = counts[SPANS] + again
    if facts <= scattered - again:
        facts = max(counts[SURE], counts[PAIRS])
        if not facts or _made_by_edits(counts):
            return False
    facts += counts[CHANGED]
    if equal >= FEW_NUMBERS and equal > 3 * facts:
        return False
    tokens = PER_SPANS
    if facts == 1:
        sure = counts[INSIDE] and _tail(np.int64(1), (scattered + 1) ** 3 / max(aligned, 1) ** 2) < CHANCE_OF_ONE
        tokens = PER_SURE if sure else PER_SPAN
    return bool(facts * tokens >= aligned)


@part
def sketch(features: Array, count: Number, out: Array) -> None:
    """Write the MinHash of features (uint32, ``SKETCH``); it is all ones if there are none."""
    out[:] = np.uint32(0xFFFFFFFF)
    for k in range(count):
        value = features[k]
        for place in range(SKETCH):
            value = np.uint32((value ^ (value >> np.uint32(15))) * _MULTIPLIER + np.uint32(place))
            mixed = np.uint32(value ^ (value >> np.uint32(13)))
            out[place] = min(out[place], mixed)


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of comparing a text with a similar one: whether it is a sibling, and the counts behind that."""

    sibling: bool
    counts: NDArray[np.int64]


def compare(left: str, right: str) -> Compared:
    """Compare two similar texts; siblings and copies are told as this module says."""
    siblings, counts, _ = compare_all([left.encode(), right.encode()], np.array([[0, 1]]))
    return Compared(bool(siblings[0]), counts[0])


def compare_all(
    texts: list[bytes] | Texts, pairs: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.int64], NDArray[np.uint32]]:
    """Compare pairs of similar texts.

    Args:
        texts: n texts in valid UTF-8, or where they are.
        pairs: numbers of two texts each, a kept one and one that may be its copy (int64, m by 2).

    Returns:
        Which pairs are siblings (bool, m), the counts of each (int64, m by ``COUNTERS``), and the sketch of the facts
        that the second has in the places of others (uint32, m by ``SKETCH``).
    """
    joined = np.zeros(0, np.uint8)
    if isinstance(texts, list):
        joined = np.frombuffer(b"".join(texts), np.uint8)
        texts = addresses(joined, np.cumsum([0, *map(len, texts)]))
    siblings = np.zeros(len(pairs), np.bool_)
    counts = np.zeros((len(pairs), COUNTERS), np.int64)
    sketches = np.zeros((len(pairs), SKETCH), np.uint32)
    _compare(frozen(texts), frozen(pairs), table(), siblings, counts, sketches)
    del joined  # it had to live up to here
    return siblings, counts, sketches


@kernel
def _compare(texts: Texts, pairs: Array, fold: Array, siblings: Array, counts: Array, sketches: Array) -> None:
    features = np.zeros(MOST_FEATURES, np.uint32)
    for k in range(len(pairs)):
        left, right = fact_tokens(text_at(texts, pairs[k, 0]), fold), fact_tokens(text_at(texts, pairs[k, 1]), fold)
        align(left, right, counts[k], features)
        siblings[k] = is_sibling(counts[k])
        sketch(features, counts[k, FEATURES], sketches[k])
