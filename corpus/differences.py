"""In what two texts differ, character by character, in bounded time.

Chinese has no words to compare by, and a copy may differ in one character of each sentence, so neither words nor lines
are units to begin with. Stretches of so many characters that each text has exactly once, and both have, are anchors:
the heaviest chain of them that keeps the order is the frame (as patience diff does with lines). Between its members the
same is done again, with shorter ones in the end, and what is left is compared by its longest common subsequence, which
bits of long integers count (Hyyrö, "Bit-parallel LCS-length computation revisited", 2004) as long as ``WORK`` lasts.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

GRAMS = (12, 12, 4)
"""Characters of an anchor, at each level between the anchors of the last one."""

SMALL = 2
"""Characters that agree between two changes and are too few to be told apart from chance, where more than as many
change on both sides."""

SQUARE = 25_000_000
"""Pairs of characters of one stretch that are still compared: a tenth of a second."""

WORK = 250_000_000
"""The same for all stretches of two texts together."""

_FIRST_HAN = "\u2e80"
"""Where scripts without words begin."""

_BASE = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Difference:
    """A stretch of two texts: the same in both, or what stands in the left and the right one instead."""

    left: str
    right: str

    @property
    def same(self) -> bool:
        """Whether the texts agree here."""
        return self.left == self.right


def differences(left: str, right: str) -> list[Difference]:
    """Return two texts as stretches in which they agree and differ, by turns; joined, they give both texts.

    >>> [(d.left, d.right) for d in differences("今天天气很好。", "今天天气不好。")]
    [('今天天气', '今天天气'), ('很', '不'), ('好。', '好。')]
    """
    runs = [*_runs(left, right, 0, 0, 0, [WORK]), (len(left), len(right), 0)]
    found: list[Difference] = []
    i = j = 0
    for a, b, size in runs:
        if a > i or b > j:
            found.append(Difference(left[i:a], right[j:b]))
        if size:
            found.append(Difference(left[a : a + size], right[b : b + size]))
        i, j = a + size, b + size
    found = _joined((not each.same or _is_small(found, place), each) for place, each in enumerate(found))
    found = _joined(_in_words(found))
    # What two changes made of one place may come to the same.
    return _joined((not each.same, each) for each in found)


Runs = Iterator[tuple[int, int, int]]
"""Where texts agree: place in the left one, in the right one, and how many characters; in order."""


def _runs(left: str, right: str, i: int, j: int, level: int, work: list[int]) -> Runs:
    """Yield where two stretches agree, which begin at ``i`` and ``j`` of their texts."""
    head = agreeing(left, right)
    tail = agreeing(left[head:][::-1], right[head:][::-1])
    if head:
        yield i, j, head
    inner, other = left[head : len(left) - tail], right[head : len(right) - tail]
    if inner and other:
        yield from _between_ends(inner, other, i + head, j + head, level, work)
    if tail:
        yield i + len(left) - tail, j + len(right) - tail, tail


def _between_ends(left: str, right: str, i: int, j: int, level: int, work: list[int]) -> Runs:
    """Yield where two stretches agree that begin and end with different characters."""
    while level < len(GRAMS):
        anchors = _anchors(left, right, GRAMS[level])
        level += 1
        if anchors:
            a = b = 0
            for at, to, size in [*anchors, (len(left), len(right), 0)]:
                yield from _runs(left[a:at], right[b:to], i + a, j + b, level, work)
                if size:
                    yield i + at, j + to, size
                a, b = at + size, to + size
            return
    pairs = len(left) * len(right)
    if pairs <= min(SQUARE, work[0]):
        work[0] -= pairs
        for a, b, size in _subsequence(left, right):
            yield i + a, j + b, size


def _subsequence(left: str, right: str) -> Runs:
    """Yield the runs of a longest common subsequence: a zero at bit k of a row is where the length grows with k."""
    places: dict[str, int] = defaultdict(int)
    for k, char in enumerate(left):
        places[char] |= 1 << k
    ones = row = (1 << len(left)) - 1
    rows = []
    for char in right:
        both = row & places.get(char, 0)
        row = ((row + both) | (row - both)) & ones
        rows.append(row)
    pairs: list[tuple[int, int]] = []
    a, b = len(left), len(right)
    while a and b:
        if rows[b - 1] >> (a - 1) & 1:
            a -= 1
            continue
        b -= 1
        if not b or rows[b - 1] >> (a - 1) & 1:
            a -= 1
            pairs.append((a, b))
    start, size = (0, 0), 0
    for a, b in reversed(pairs):
        if size and (a, b) == (start[0] + size, start[1] + size):
            size += 1
            continue
        if size:
            yield (*start, size)
        start, size = (a, b), 1
    if size:
        yield (*start, size)


def agreeing(left: str, right: str) -> int:
    """Return how many characters two texts begin with alike."""
    low, high = 0, min(len(left), len(right))
    while low < high:
        middle = (low + high + 1) // 2
        if left[low:middle] == right[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _anchors(left: str, right: str, gram: int) -> list[tuple[int, int, int]]:
    """Return stretches that agree, in order in both texts, made of grams that each text has once."""
    if min(len(left), len(right)) < gram:
        return []
    (hashes, places), (others, their_places) = _once(left, gram), _once(right, gram)
    _, mine, theirs = np.intersect1d(hashes, others, assume_unique=True, return_indices=True)
    starts, ends = places[mine], their_places[theirs]
    order = np.argsort(starts, kind="stable")
    starts, ends = starts[order], ends[order]
    if not len(starts):
        return []
    breaks = np.flatnonzero((np.diff(starts) != 1) | (np.diff(ends) != 1)) + 1
    heads = np.append(0, breaks)
    sizes = np.diff(np.append(heads, len(starts))) + gram - 1
    found = [
        (a, b, size)
        for a, b, size in zip(starts[heads].tolist(), ends[heads].tolist(), sizes.tolist(), strict=True)
        if left[a : a + size] == right[b : b + size]  # a hash may lie
    ]
    return _chain(found)


def _once(text: str, gram: int) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return the hashes (uint64) of the grams that a text has once, and where they stand (int64)."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    count = len(codes) - gram + 1
    hashes = np.zeros(count, np.uint64)
    for place in range(gram):
        hashes = hashes * _BASE + codes[place : place + count]
        hashes ^= hashes >> np.uint64(29)
    values, first, counts = np.unique(hashes, return_index=True, return_counts=True)
    return values[counts == 1], first[counts == 1]


def _chain(runs: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Return the heaviest chain of runs, given in the order of the left text, that is in order in the right one too.

    ``reach`` holds the ends in the right text at which chains end, ``weights`` what they weigh: both ascend, as a chain
    that ends later and weighs less is of no use.
    """
    reach: list[int] = []
    weights: list[int] = []
    last: list[int] = []
    before = [-1] * len(runs)
    for number, (_, b, size) in enumerate(runs):
        place = bisect_left(reach, b + 1) - 1
        weight = size + (weights[place] if place >= 0 else 0)
        before[number] = last[place] if place >= 0 else -1
        at = bisect_left(reach, b + size)
        if at and weights[at - 1] >= weight:
            continue
        stop = at
        while stop < len(reach) and weights[stop] <= weight:
            stop += 1
        reach[at:stop], weights[at:stop], last[at:stop] = [b + size], [weight], [number]
    chain = []
    number = last[-1] if last else -1
    while number >= 0:
        chain.append(runs[number])
        number = before[number]
    return list(_apart(reversed(chain)))


def _apart(chain: Iterable[tuple[int, int, int]]) -> Runs:
    """Cut off of runs what lies in the one before them."""
    i = j = 0
    for a, b, size in chain:
        less = max(0, i - a, j - b)
        if size > less:
            yield a + less, b + less, size - less
            i, j = a + size, b + size


def _is_small(found: list[Difference], place: int) -> bool:
    size = len(found[place].left)
    if size > SMALL or not 0 < place < len(found) - 1:
        return False
    return all(min(len(beside.left), len(beside.right)) > size for beside in (found[place - 1], found[place + 1]))


def _in_words(found: list[Difference]) -> Iterator[tuple[bool, Difference]]:
    """Yield differences, and whether they are changes; one that begins or ends in a word takes the rest of it."""
    for place, each in enumerate(found):
        text = each.left
        if not each.same:
            yield True, each
            continue
        head = tail = 0
        if place and any(map(_in_word, (found[place - 1].left[-1:], found[place - 1].right[-1:]))):
            head = next((k for k, char in enumerate(text) if not _in_word(char)), len(text))
        if place + 1 < len(found) and any(map(_in_word, (found[place + 1].left[:1], found[place + 1].right[:1]))):
            rest = text[head:][::-1]
            tail = next((k for k, char in enumerate(rest) if not _in_word(char)), len(rest))
        stop = len(text) - tail
        for changed, part in ((True, text[:head]), (False, text[head:stop]), (True, text[stop:])):
            if part:
                yield changed, Difference(part, part)


def _in_word(char: str) -> bool:
    """Whether a character is one of a script that has words, or a digit."""
    return char.isalnum() and char < _FIRST_HAN


def _joined(found: Iterable[tuple[bool, Difference]]) -> list[Difference]:
    """Make one of neighbours that both changed, or both did not."""
    joined = [[each for _, each in group] for _, group in groupby(found, itemgetter(0))]
    return [Difference("".join(d.left for d in group), "".join(d.right for d in group)) for group in joined]
