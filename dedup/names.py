"""Words that stand in the place of others in a similar text, and whether they do throughout (Numba).

One name is put in another's place wherever it stands: 张三 becomes 欧阳修远, Node.js becomes Rust. Scattered edits do
not make that, though they may fall on the name itself in one place. A word that an editor put for another one looks the
same; so it counts for more if the two stand in the titles.
"""

from __future__ import annotations

import numpy as np

from taoxi.dedup.facts import CAPITAL, KIND, LINE, NAME, Facts
from taoxi.normalize.kernel import part
from taoxi.normalize.utf8 import Array, Number

OTHERS = 3
"""Tokens that each of two words has and the other lacks from which on no scattered edits made one of the other: at a
rate of 3%, three of them fall side by side once in 37,000 tokens."""

LETTERS = 4
"""Letters that only one of two stretches has, up to which two edits may have made one of the other."""

TITLE = 40
"""Tokens up to which the first line may be a title, which tells what the text is about."""

WORDS = 64
"""Replaced words that are remembered, to find those that are replaced the same way again."""

_I, _X, _J, _Y, _EXACT, _NEARLY, _OTHERS = range(7)
"""What is known of a replaced word: where it stood first in both texts, how often the one stood for the
other, how often it did but for an edit, and how many tokens of each the other lacks."""


@part
def _lacks(one: Array, start: Number, end: Number, other: Array, first: Number, last: Number) -> Number:
    """Return how many tokens of one stretch do not stand in another one."""
    count = 0
    for k in range(start, end):
        lacks = 1
        for m in range(first, last):
            if one[k] == other[m]:
                lacks = 0
                break
        count += lacks
    return count


@part
def others_of(left: Facts, i: Number, x: Number, right: Facts, j: Number, y: Number) -> tuple[Number, Number]:
    """Return how many tokens of each of two stretches the other one lacks: the smaller number, and the larger one."""
    one, other = _lacks(left.tokens, i, x, right.tokens, j, y), _lacks(right.tokens, j, y, left.tokens, i, x)
    return min(one, other), max(one, other)


@part
def _letters(text: Facts, start: Number, end: Number) -> tuple[Number, Number, Number]:
    """Return how many words of letters a stretch has, how many capitals these begin with, and a bit for each letter."""
    count, capitals, letters = 0, 0, np.uint64(0)
    for k in range(start, end):
        if (text.marks[k] & KIND) == NAME:
            count += 1
            capitals += (text.marks[k] & CAPITAL) != 0
            letters |= text.values[k]
    return count, capitals, letters


@part
def spelling(left: Facts, i: Number, x: Number, right: Facts, j: Number, y: Number) -> tuple[bool, bool]:
    """Compare the letters of two stretches.

    Returns:
        Whether two edits may have made the words of letters of the one those of the other; and whether both are nothing
        but such words with a capital, a name or a day, and no two edits did. Other words an editor may have changed.
    """
    some, capitals, one = _letters(left, i, x)
    others, more, other = _letters(right, j, y)
    differing, count = one ^ other, 0
    while differing:
        differing &= differing - np.uint64(1)
        count += 1
    misspelt = some and others and count <= LETTERS
    named = some == x - i and others == y - j and capitals and more
    return bool(misspelt), bool(named and not misspelt)


@part
def _alike(tokens: Array, start: Number, end: Number, first: Number, last: Number) -> bool:
    """Tell whether two stretches of a text may be one word that was edited: they share two tokens, and half of one."""
    shared = min(
        end - start - _lacks(tokens, start, end, tokens, first, last),
        last - first - _lacks(tokens, first, last, tokens, start, end),
    )
    return bool(shared > 1 and 2 * shared >= min(end - start, last - first))


@part
def _same(one: Array, start: Number, end: Number, other: Array, first: Number, last: Number) -> bool:
    """Tell whether two stretches are equal."""
    if end - start != last - first:
        return False
    for k in range(end - start):  # noqa: SIM110 - numba compiles no generator
        if one[start + k] != other[first + k]:
            return False
    return True


@part
def _occurrences(tokens: Array, stop: Number, other: Array, first: Number, last: Number) -> Number:
    """Return how often a stretch of a text stands in the first tokens of one."""
    count = 0
    for k in range(stop - (last - first) + 1):
        count += tokens[k] == other[first] and _same(tokens, k, k + last - first, other, first, last)
    return count


@part
def remember(
    words: Array, left: Array, i: Number, x: Number, right: Array, j: Number, y: Number, others: Number
) -> Number:
    """Note that one stretch stands for another; return how often it does exactly so, this time included."""
    fresh = 1
    for row in range(WORDS):
        if words[row, _EXACT] == 0:
            words[row, _I], words[row, _X], words[row, _J], words[row, _Y] = i, x, j, y
            words[row, _EXACT], words[row, _NEARLY], words[row, _OTHERS] = 1, fresh, others
            break
        a, b, c, d = words[row, _I], words[row, _X], words[row, _J], words[row, _Y]
        if _same(left, i, x, left, a, b) and _same(right, j, y, right, c, d):
            words[row, _EXACT] += 1
            words[row, _NEARLY] += 1
            return words[row, _EXACT]
        if others >= OTHERS - 1 and _alike(left, i, x, a, b) and _alike(right, j, y, c, d):
            words[row, _NEARLY] += 1
            fresh = 0
    return np.int64(1)


@part
def _title(marks: Array) -> Number:
    """Return where the first line ends, if it is no longer than a title and others follow; else 0."""
    for k in range(1, min(len(marks), TITLE + 1)):
        if (marks[k] & LINE) != 0:
            return np.int64(k)
    return np.int64(0)


@part
def throughout(left: Facts, right: Facts, words: Array) -> tuple[Number, Number, Number]:
    """Look for words that are replaced throughout. Of four places one may be left: a name stands in other names, too.

    Returns:
        How often the one of two tokens or more is replaced that is so most often; the same of those that stand in the
        titles of both texts; and how many words there are of fewer than ``OTHERS`` tokens (of one, if three times or
        in the titles).
    """
    one, other = left.tokens, right.tokens
    most, titled, short = np.int64(0), np.int64(0), np.int64(0)
    for row in range(WORDS):
        times = words[row, _NEARLY]
        if words[row, _EXACT] == 0:
            break
        if times < 2:
            continue
        i, x, j, y = words[row, _I], words[row, _X], words[row, _J], words[row, _Y]
        if 4 * max(_occurrences(other, len(other), one, i, x), _occurrences(one, len(one), other, j, y)) > times:
            continue
        if words[row, _OTHERS] > 1:
            most = max(most, times)
        both = _occurrences(one, _title(left.marks), one, i, x) and _occurrences(
            other, _title(right.marks), other, j, y
        )
        if both:
            titled = max(titled, times)
        if words[row, _OTHERS] < OTHERS and (words[row, _OTHERS] > 1 or times > 2 or both):
            short += 1
    return most, titled, short
