"""Align the tokens of two similar texts, and count what differs by kind (Numba).

Two tokens stand against each other if they are equal, or stand between two stretches that are. A difference is found by
looking a few tokens ahead in both texts for ``AGREE`` equal tokens in a row, the nearest first. Where that fails, the
text was cut, or something was put in: then the next ``GRAM`` tokens are looked for that the left text has just once.
What is left before that of the two lines is a difference still, and so is what stands in front of it on the lines where
it was found. Each step goes forward, so the work grows with the length of the texts.
"""

from __future__ import annotations

import numpy as np

from taoxi.dedup.differences import ALIGNED, CHARACTERS, DIGITS, EQUAL, NUMBERS, SURE, THROUGHOUT, TITLED, differ
from taoxi.dedup.facts import KIND, LINE, NUMBER, Facts
from taoxi.dedup.names import WORDS, throughout
from taoxi.normalize.kernel import part
from taoxi.normalize.utf8 import Array, Number

AGREE = 3
"""Equal tokens in a row behind which two texts are in step again."""

AHEAD = 24
"""Tokens of either text that a difference may take; a longer one is a passage that was cut, put in or written anew."""

GRAM = 5
LEAPS = 64
"""Cuts and insertions of passages after which the rest of two texts is not aligned any more."""

_REACH = 1 << 14


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
def _line(marks: Array, start: Number, end: Number) -> Number:
    """Return where the line ends that goes on behind ``start``, up to ``end``; -1 if nowhere, or if it begins there."""
    if (marks[start] & LINE) != 0:
        return np.int64(-1)
    for k in range(start + 1, min(end, start + AHEAD) + 1):
        if k == len(marks) or (marks[k] & LINE) != 0:
            return np.int64(k)
    return np.int64(-1)


@part
def _line_start(marks: Array, start: Number, end: Number) -> Number:
    """Return where the line begins that goes on before ``end``, from ``start`` on; -1 if there is none."""
    if end < len(marks) and (marks[end] & LINE) != 0:
        return np.int64(-1)
    for k in range(end - 1, max(start, end - AHEAD) - 1, -1):
        if (marks[k] & LINE) != 0:
            return np.int64(k)
    return np.int64(-1)


@part
def _same(left: Facts, place: Number, counts: Array) -> None:
    """Count a token that is the same in both texts."""
    if (left.marks[place] & KIND) == NUMBER:
        counts[EQUAL] += 1
        counts[DIGITS] += left.sizes[place]
    else:
        counts[CHARACTERS] += left.sizes[place]
    counts[ALIGNED] += 1


@part
def align(left: Facts, right: Facts, counts: Array, features: Array) -> None:
    """Count what differs between two texts.

    Args:
        left: the first text.
        right: the second text.
        counts: where the counts go (int64, ``COUNTERS``).
        features: where hashes of what the right text has in the places of other things go (uint32, ``MOST_FEATURES``).
    """
    counts[:] = 0
    words, numbers = np.zeros((WORDS, 7), np.int64), np.zeros((NUMBERS, 3), np.uint64)
    one, other = left.tokens, right.tokens
    keys, places = np.zeros(0, np.uint64), np.zeros(0, np.int64)
    leaps = 0
    i = j = np.int64(0)
    while i < len(one) and j < len(other):
        if one[i] == other[j]:
            _same(left, i, counts)
            i += 1
            j += 1
            continue
        x, y = _near_by(one, i, other, j)
        if x >= 0:
            differ(left, i, x, right, j, y, counts, words, numbers, features)
            i, j = x, y
            continue
        leaps += 1
        if leaps > LEAPS:
            break
        if not len(keys):
            keys, places = _grams(one)
        x, y = _leap(keys, places, other, i, j)
        if x < 0:
            break
        end, stop = _line(left.marks, i, x), _line(right.marks, j, y)
        if end >= 0 and stop >= 0:
            differ(left, i, end, right, j, stop, counts, words, numbers, features)
            i, j = end, stop
        while x > i and y > j and one[x - 1] == other[y - 1]:
            x, y = x - 1, y - 1
        a, b = _line_start(left.marks, i, x), _line_start(right.marks, j, y)
        if a >= 0 and b >= 0:
            while a < x and b < y and one[a] == other[b]:
                _same(left, a, counts)
                a, b = a + 1, b + 1
            differ(left, a, x, right, b, y, counts, words, numbers, features)
        i, j = x, y
    counts[THROUGHOUT], counts[TITLED], short = throughout(left, right, words)
    counts[SURE] += short
