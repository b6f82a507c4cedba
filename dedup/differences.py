"""What differs between two similar texts, by kind: numbers, words in the place of others, scattered edits (Numba).

``taoxi.dedup.alignment`` finds two stretches that stand against each other; here they are counted. What tells other
facts from edits is more than how much differs:

* of numbers, in how many of their digits: an edit that falls on a number changes one, and another number hardly has
  the same others;
* of words, in how many tokens, and whether one stands for another throughout (``taoxi.dedup.names``);
* whether a number or a word is replaced again as it was before: edits do not do that.
"""

from __future__ import annotations

import numpy as np

from taoxi.dedup.facts import FAINT, KIND, LINE, NAME, NUMBER, Facts
from taoxi.dedup.names import OTHERS, others_of, remember, spelling
from taoxi.normalize.kernel import part
from taoxi.normalize.utf8 import Array, Number

SMALL = 4
"""Tokens of both sides up to which a number with other tokens beside it is one that an edit took apart."""

NUMBERS = 16
"""Replaced numbers that are remembered, to find those that are replaced the same way again."""

LONGEST = 20
"""Digits up to which numbers are told by their values."""

EQUAL, CHANGED, DIGITS, EDITS, NUMBER_AGAIN, SCATTERED, SPANS, AGAIN, SINGLE_AGAIN = range(9)
THROUGHOUT, TITLED, SURE, INSIDE, PAIRS, REPLACED, CHARACTERS, ALIGNED, FEATURES = range(9, 18)
COUNTERS = 18
"""What is counted.

Of numbers: those that are equal, those that are not, digits of both, how many edits at least would make the digits of
the one those of the other, and how often the number is replaced the same way that is so most often. Of other tokens:
different scattered edits; words within a line that others replace; how often the one is replaced the same way that is
so most often, and the same of single characters. Of words that are replaced throughout, what ``names.throughout`` says;
words that no edits made, as they have ``OTHERS``, or are replaced throughout; those
of them that have ``OTHERS`` and stand inside a line; words of which no token stands in the
other one, two at least of each; of the scattered edits those that put one token for one. Characters and tokens that are
equal; features."""

MOST_FEATURES = 64


@part
def content(tokens: Array, start: Number, end: Number) -> Number:
    """Return a hash of a stretch of tokens."""
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
def _inside(marks: Array, start: Number, end: Number) -> bool:
    """Tell whether a line goes on before and behind tokens: at its edges stand the names of agencies and sites."""
    return bool(start > 0 and end < len(marks) and ((marks[start] | marks[end]) & LINE) == 0)


@part
def _edits(one: Number, other: Number) -> Number:
    """Return how many edits of digits make one number of another (Levenshtein), at least 1."""
    row = np.arange(LONGEST + 1)
    size = 0
    digits = other
    while digits or not size:
        size += 1
        digits //= np.uint64(10)
    digits = one
    k = 0
    while digits or not k:
        k += 1
        before, row[0] = row[0], k
        rest = other
        for m in range(1, size + 1):
            same = digits % np.uint64(10) == rest % np.uint64(10)
            above = row[m]
            row[m] = before if same else 1 + min(before, above, row[m - 1])
            before = above
            rest //= np.uint64(10)
        digits //= np.uint64(10)
    return max(row[size], 1)


@part
def _change(left: Facts, i: Number, right: Facts, j: Number, counts: Array, numbers: Array, features: Array) -> Number:
    """Count a number that is another one; return how many edits of digits make the one of the other."""
    edits = _edits(left.values[i], right.values[j])
    counts[CHANGED] += 1
    counts[EDITS] += edits
    _feature(features, counts, i, right.tokens[j])
    for row in range(NUMBERS):
        if numbers[row, 2] == np.uint64(0):
            numbers[row, 0], numbers[row, 1] = left.tokens[i], right.tokens[j]
        elif numbers[row, 0] != left.tokens[i] or numbers[row, 1] != right.tokens[j]:
            continue
        numbers[row, 2] += np.uint64(1)
        counts[NUMBER_AGAIN] = max(counts[NUMBER_AGAIN], np.int64(numbers[row, 2]))
        break
    return edits


@part
def _against(left: Facts, i: Number, right: Facts, j: Number) -> Number:
    """Return what it costs that one token stands against another one; that one is missing costs 2."""
    if left.tokens[i] == right.tokens[j]:
        return 0
    one, other = (left.marks[i] & KIND) in (NUMBER, FAINT), (right.marks[j] & KIND) in (NUMBER, FAINT)
    return (2 if one else 3) if one == other else 4


@part
def _among_words(
    left: Facts,
    i: Number,
    x: Number,
    right: Facts,
    j: Number,
    y: Number,
    counts: Array,
    numbers: Array,
    features: Array,
) -> None:
    """Count numbers among words, if there are not as many in both texts: set against each other at the least cost.

    An edit can cut a number in two, or drop it. So if there is a number too many, the change that took the most edits
    counts for one; if there are more, each of the changes does.
    """
    costs = np.zeros((x - i + 1, y - j + 1), np.int64)
    costs[:, 0], costs[0, :] = 2 * np.arange(x - i + 1), 2 * np.arange(y - j + 1)
    for k in range(1, x - i + 1):
        for m in range(1, y - j + 1):
            both = costs[k - 1, m - 1] + _against(left, i + k - 1, right, j + m - 1)
            costs[k, m] = min(both, costs[k - 1, m] + 2, costs[k, m - 1] + 2)
    k, m = x - i, y - j
    changed = edits = most = loose = np.int64(0)
    while k or m:
        if k and m and costs[k, m] == costs[k - 1, m - 1] + _against(left, i + k - 1, right, j + m - 1):
            k, m = k - 1, m - 1
            one, other = left.marks[i + k] & KIND, right.marks[j + m] & KIND
            if one != NUMBER and (one != FAINT or other != NUMBER):
                continue
            if left.tokens[i + k] == right.tokens[j + m]:
                counts[EQUAL] += 1
            elif other in (NUMBER, FAINT):
                took = _change(left, i + k, right, j + m, counts, numbers, features)
                changed, edits, most = changed + 1, edits + took, max(most, took)
            else:
                continue
            counts[DIGITS] += left.sizes[i + k]
        elif k and costs[k, m] == costs[k - 1, m] + 2:
            k -= 1
            loose += (left.marks[i + k] & KIND) == NUMBER
        else:
            m -= 1
            loose += (right.marks[j + m] & KIND) == NUMBER
    if not changed:
        counts[CHANGED] += 1
        counts[DIGITS] += 1
        counts[EDITS] += 1
        _feature(features, counts, i, content(right.tokens, j, y))
    elif loose:
        counts[EDITS] -= most - 1 if loose == 1 else edits - changed


@part
def differ(
    left: Facts,
    i: Number,
    x: Number,
    right: Facts,
    j: Number,
    y: Number,
    counts: Array,
    words: Array,
    numbers: Array,
    features: Array,
) -> None:
    """Count the difference between the tokens ``i`` to ``x`` of a text and ``j`` to ``y`` of another one by its kind.

    Args:
        left: the first text.
        i: where the difference begins in it.
        x: where it ends.
        right: the second text.
        j: where the difference begins in it.
        y: where it ends.
        counts: where the counts go (int64, ``COUNTERS``).
        words: what was replaced before (int64, ``WORDS`` by 7, zeros at first).
        numbers: the same of numbers (uint64, ``NUMBERS`` by 3).
        features: where hashes of what the second text has in the places of other things go (uint32, ``MOST_FEATURES``).
    """
    if i == x or j == y:
        counts[SCATTERED] += max(x - i, y - j) == 1
        return
    some, clear = _numbers(left.marks, i, x)
    others, clearer = _numbers(right.marks, j, y)
    plain = max(x - i - some, y - j - others)
    whole = _whole(left.marks, i, x) and _whole(right.marks, j, y)
    if clear == clearer and clear and not (whole and plain > 1):
        k, m = i, j
        for _ in range(clear):
            while (left.marks[k] & KIND) != NUMBER:
                k += 1
            while (right.marks[m] & KIND) != NUMBER:
                m += 1
            if left.tokens[k] == right.tokens[m]:
                counts[EQUAL] += 1
            else:
                _change(left, k, right, m, counts, numbers, features)
            counts[DIGITS] += left.sizes[k]
            k, m = k + 1, m + 1
        counts[SCATTERED] += plain == 1
        counts[SURE] += plain > 1 and others_of(left, i, x, right, j, y)[0] - clear >= OTHERS
        return
    if some and others and not plain and (clear + clearer == 0 or (some == others and clear + clearer == 1)):
        counts[DIGITS] += 1  # 5日, 二十日; 第三届, 第四届
        _change(left, i, right, j, counts, numbers, features)
        return
    if clear and clearer and not whole and x - i + y - j > SMALL:
        _among_words(left, i, x, right, j, y, counts, numbers, features)
        counts[SURE] += others_of(left, i, x, right, j, y)[0] - min(clear, clearer) >= OTHERS
        return
    if whole or (some and others):
        counts[SCATTERED] += not whole and x - i + y - j <= SMALL
        return
    lacking, most = others_of(left, i, x, right, j, y)
    times = remember(words, left.tokens, i, x, right.tokens, j, y, lacking)
    single = x - i == 1 and y - j == 1
    named = single and (left.marks[i] & KIND) == NAME and (right.marks[j] & KIND) == NAME
    misspelt, other = spelling(left, i, x, right, j, y)
    sure = other or (not misspelt and lacking > 1 and most >= OTHERS)
    counts[SURE] += sure
    counts[INSIDE] += sure and _inside(left.marks, i, x) and _inside(right.marks, j, y)
    counts[PAIRS] += other or (not misspelt and lacking > 1 and lacking + most == x - i + y - j)
    if single and not named:
        if times == 2:
            _feature(features, counts, 0, content(right.tokens, j, y))
        if times == 1:
            counts[SCATTERED] += 1
            counts[REPLACED] += 1
        else:
            counts[SINGLE_AGAIN] = max(counts[SINGLE_AGAIN], times)
        return
    _feature(features, counts, i, content(right.tokens, j, y))
    if times > 1:
        counts[AGAIN] = max(counts[AGAIN], times)
    elif (x - i == 1 or y - j == 1) and not other:
        counts[SCATTERED] += 1
        counts[REPLACED] += single
    else:
        counts[SPANS] += 1
