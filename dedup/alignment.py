"""Align the tokens of two similar texts, and count what differs by kind (Numba).

Two tokens stand against each other if they are equal, or stand between two stretches that are. A difference is found by
looking a few tokens ahead in both texts for ``AGREE`` equal tokens in a row, the nearest first. Where that fails, the
text was cut, or something was put in: then the next ``GRAM`` tokens are looked for that the left text has just once.
Each step goes forward, so the work grows with the length of the texts.
"""

from __future__ import annotations

import numpy as np

from taoxi.dedup.facts import FAINT, KIND, LINE, NAME, NUMBER
from taoxi.normalize.kernel import part
from taoxi.normalize.utf8 import Array, Number

AGREE = 3
"""Equal tokens in a row behind which two texts are in step again."""

AHEAD = 24
"""Tokens of either text that a difference may take; a longer one is a passage that was cut, put in or written anew."""

SMALL = 4
"""Tokens of both sides up to which a number with other tokens beside it is one that an edit took apart."""

GRAM = 5
LEAPS = 64
"""Cuts and insertions of passages after which the rest of two texts is not aligned any more."""

_REACH = 1 << 14
_SPANS = 64
"""Replaced words that are remembered, to find those that are replaced the same way again."""

EQUAL, CHANGED, DIGITS, SCATTERED, SPANS, AGAIN, SINGLE_AGAIN, CHARACTERS, ALIGNED, FEATURES = range(10)
COUNTERS = 10
"""What is counted: numbers that are equal, numbers that are not, and digits of both; different scattered edits, words
within a line that others replace, how often the one does that is replaced most often the same way, and the same of
single characters; characters and tokens that are equal; features."""

MOST_FEATURES = 64


@part
def _agree(left: Array, i: Number, right: Array, j: Number) -> bool:
    """Tell whether two texts are in step from these places on."""
    for k in range(AGREE):
        if i + k == len(left) or j + k == len(right):
            return k > 0 and i + k == len(left) and j + k == len(right)
        if left[i + k] != right[j + k]:
            return False
    return True


@part
def _near_by(left: Array, i: Number, right: Array, j: Number) -> tuple[Number, Number]:
    """Return the nearest places behind ``i`` and ``j`` from which the texts are in step again; -1 if there are none."""
    for step in range(1, 2 * AHEAD + 1):
        half = step // 2
        for turn in range(step + 1):
            # The most even split first: a token for a token is likelier than one gone here and one more there.
            more = half + (turn + 1) // 2 if turn % 2 else half - turn // 2
            less = step - more
            if more < 0 or less < 0 or more > AHEAD or less > AHEAD:
                continue
            x, y = i + more, j + less
            if x > len(left) or y > len(right):
                continue
            if (x == len(left) and y == len(right)) or (
                x < len(left) and y < len(right) and left[x] == right[y] and _agree(left, x, right, y)
            ):
                return np.int64(x), np.int64(y)
    return np.int64(-1), np.int64(-1)


@part
def _gram(tokens: Array, at: Number) -> Number:
    value = np.uint64(0)
    for k in range(at, at + GRAM):
        value = (value ^ tokens[k]) * np.uint64(0x9E3779B97F4A7C15)
        value ^= value >> np.uint64(29)
    return value | np.uint64(1)


@part
def _grams(tokens: Array) -> tuple[Array, Array]:
    """Return a hash table of the grams of a text, and where each of them stands; -2 if there are several."""
    size = 16
    while size < 2 * len(tokens):
        size *= 2
    keys, places = np.zeros(size, np.uint64), np.full(size, -1, np.int64)
    mask = np.uint64(size - 1)
    for at in range(len(tokens) - GRAM + 1):
        key = _gram(tokens, at)
        slot = key >> np.uint64(7) & mask
        while keys[slot] != np.uint64(0) and keys[slot] != key:
            slot = (slot + np.uint64(1)) & mask
        places[slot] = -2 if keys[slot] == key else at
        keys[slot] = key
    return keys, places


@part
def _leap(keys: Array, places: Array, right: Array, i: Number, j: Number) -> tuple[Number, Number]:
    """Return where the texts are in step again behind a long difference; -1 if nowhere."""
    best, to, at = np.int64(1 << 62), np.int64(-1), np.int64(-1)
    mask = np.uint64(len(keys) - 1)
    for y in range(j, min(len(right) - GRAM + 1, j + _REACH)):
        if y - j >= best:
            break
        key = _gram(right, y)
        slot = key >> np.uint64(7) & mask
        while keys[slot] != np.uint64(0) and keys[slot] != key:
            slot = (slot + np.uint64(1)) & mask
        x = places[slot]
        if keys[slot] == key and x >= i and x - i + y - j < best:
            best, to, at = x - i + y - j, x, np.int64(y)
    return to, at


@part
def _content(tokens: Array, start: Number, end: Number) -> Number:
    value = np.uint64(end - start)
    for k in range(start, end):
        value = (value ^ tokens[k]) * np.uint64(0xC2B2AE3D27D4EB4F)
        value ^= value >> np.uint64(29)
    return value


@part
def _feature(features: Array, counts: Array, place: Number, content: Number) -> None:
    """Note what stands in the right text at a place of the left one where they differ."""
    if counts[FEATURES] < MOST_FEATURES:
        value = (np.uint64(place) * np.uint64(0x9E3779B97F4A7C15) ^ content) * np.uint64(0xC2B2AE3D27D4EB4F)
        features[counts[FEATURES]] = np.uint32(value >> np.uint64(32))
        counts[FEATURES] += 1


@part
def _numbers(marks: Array, start: Number, end: Number) -> tuple[Number, Number]:
    """Return how many tokens are numbers, and how many of these are not faint."""
    some = clear = 0
    for k in range(start, end):
        kind = marks[k] & KIND
        some += kind in (NUMBER, FAINT)
        clear += kind == NUMBER
    return some, clear


@part
def _whole(marks: Array, start: Number, end: Number) -> bool:
    """Tell whether tokens are whole lines."""
    return bool((marks[start] & LINE) != 0 and (end == len(marks) or (marks[end] & LINE) != 0))


@part
def _remember(spans: Array, known: Number, left: Number, right: Number) -> Number:
    """Note that one content stands for another; return the row."""
    for row in range(known):
        if spans[row, 0] == left and spans[row, 1] == right:
            spans[row, 2] += np.uint64(1)
            return row
    if known < _SPANS:
        spans[known, 0], spans[known, 1], spans[known, 2] = left, right, np.uint64(1)
    return known


@part
def _differ(  # noqa: PLR0911 - one for each kind of difference
    left: Array,
    left_marks: Array,
    sizes: Array,
    i: Number,
    x: Number,
    right: Array,
    right_marks: Array,
    j: Number,
    y: Number,
    counts: Array,
    spans: Array,
    known: Array,
    features: Array,
) -> None:
    """Count the difference between ``left[i:x]`` and ``right[j:y]`` by its kind."""
    if i == x or j == y:
        counts[SCATTERED] += max(x - i, y - j) == 1
        return
    some, clear = _numbers(left_marks, i, x)
    others, clearer = _numbers(right_marks, j, y)
    words = max(x - i - some, y - j - others)
    whole = _whole(left_marks, i, x) and _whole(right_marks, j, y)
    if clear == clearer and clear and not (whole and words > 1):
        k, m = i, j
        for _ in range(clear):
            while (left_marks[k] & KIND) != NUMBER:
                k += 1
            while (right_marks[m] & KIND) != NUMBER:
                m += 1
            if left[k] == right[m]:
                counts[EQUAL] += 1
            else:
                counts[CHANGED] += 1
                _feature(features, counts, k, right[m])
            counts[DIGITS] += sizes[k]
            k, m = k + 1, m + 1
        counts[SCATTERED] += words == 1
        return
    if some == others and clear + clearer == 1 and not words:
        counts[CHANGED] += 1  # 5日, 二十日
        counts[DIGITS] += 1
        _feature(features, counts, i, right[j])
        return
    if some and others and not clear + clearer and not words:
        counts[CHANGED] += 1  # 第三届, 第四届
        counts[DIGITS] += 1
        _feature(features, counts, i, right[j])
        return
    if clear and clearer and not whole and x - i + y - j > SMALL:
        counts[CHANGED] += 1  # numbers among words, and not as many of them
        counts[DIGITS] += 1
        _feature(features, counts, i, _content(right, j, y))
        return
    if whole or (some and others):
        counts[SCATTERED] += not whole and x - i + y - j <= SMALL
        return
    one, two = _content(left, i, x), _content(right, j, y)
    if x - i == 1 and y - j == 1 and ((left_marks[i] & KIND) != NAME or (right_marks[j] & KIND) != NAME):
        row = _remember(spans, known[0], one, two)
        if row == known[0]:
            known[0] = min(known[0] + 1, _SPANS)
            counts[SCATTERED] += 1
            return
        if spans[row, 2] == np.uint64(2):
            _feature(features, counts, 0, two)
        counts[SINGLE_AGAIN] = max(counts[SINGLE_AGAIN], np.int64(spans[row, 2]))
        return
    row = _remember(spans, known[0], one, two)
    _feature(features, counts, i, two)
    if row < known[0]:
        counts[AGAIN] = max(counts[AGAIN], np.int64(spans[row, 2]))
        return
    known[0] = min(known[0] + 1, _SPANS)
    if x - i == 1 or y - j == 1:
        counts[SCATTERED] += 1
    else:
        counts[SPANS] += 1


@part
def align(
    left: Array,
    left_marks: Array,
    sizes: Array,
    right: Array,
    right_marks: Array,
    counts: Array,
    features: Array,
) -> None:
    """Count what differs between two texts.

    Args:
        left: tokens of the first text, as from ``fact_tokens``.
        left_marks: their marks.
        sizes: their lengths.
        right: tokens of the second text.
        right_marks: their marks.
        counts: where the counts go (int64, ``COUNTERS``).
        features: where hashes of what the right text has in the places of other things go (uint32, ``MOST_FEATURES``).
    """
    counts[:] = 0
    spans = np.zeros((_SPANS, 3), np.uint64)
    known = np.zeros(1, np.int64)
    keys, places = np.zeros(0, np.uint64), np.zeros(0, np.int64)
    leaps = 0
    i = j = np.int64(0)
    while i < len(left) and j < len(right):
        if left[i] == right[j]:
            if (left_marks[i] & KIND) == NUMBER:
                counts[EQUAL] += 1
                counts[DIGITS] += sizes[i]
            else:
                counts[CHARACTERS] += sizes[i]
            counts[ALIGNED] += 1
            i += 1
            j += 1
            continue
        x, y = _near_by(left, i, right, j)
        if x >= 0:
            _differ(left, left_marks, sizes, i, x, right, right_marks, j, y, counts, spans, known, features)
            i, j = x, y
            continue
        leaps += 1
        if leaps > LEAPS:
            break
        if not len(keys):
            keys, places = _grams(left)
        x, y = _leap(keys, places, right, i, j)
        if x < 0:
            break
        i, j = x, y
