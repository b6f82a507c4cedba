r"""The shortest way through damaged bytes: which characters they most likely were (Numba).

A parse of bytes is a path from their start to their end. Each step is one character, at the bits that it takes in the
language of the codec, or one bad byte, at ``BAD_BITS``. With c(i) the bits of the best path to byte i::

    c(i) = min(c(i-1) + bad,  c(i-1) + bits(b[i-1]),  c(i-2) + bits(b[i-2] b[i-1]),  c(i-4) + bits(b[i-4 … i-1]),
               c(i-2) + hit)

The last is a character of which a byte was overwritten so that it is none any more: one accident, not two, even where
one of its bytes looks like a letter.

The best path finds by itself where lead and trail bytes get in phase again behind a lost byte: being out of phase turns
each frequent character into a rare one, which soon costs more than a bad byte. Its total is also what a codec is judged
by, because all codecs tell the same bytes.

A greedy reader such as Python's takes the first pair that is a character, and stays out of phase until the next ASCII.
"""

from __future__ import annotations

import numpy as np

from taoxi.normalize.encodings.likelihood import BAD_BITS, EIGHT, FOUR, INVALID, RARE, THREE, UNIT
from taoxi.normalize.kernel import kernel, part
from taoxi.normalize.utf8 import Bytes, Number, Offsets

BAD = BAD_BITS * UNIT
_RARE = RARE * UNIT
_FAR = 1 << 60

HIT = 5 * UNIT
"""What a character of which one byte was overwritten costs more than a bad byte: the byte that is left tells half."""

BROKEN = 0x80
"""Marks the step of such a character: its size is in the low three bits, which of its bytes are bad in the next four,
the last byte in the lowest of them. Bytes of ASCII in it stand for themselves."""

CUT = 3
"""How much more likely the first and the last byte of data are bad: that is where texts are cut."""

WEDGE = 6 * UNIT
"""What a letter of ASCII costs more right behind a character of several bytes: half of one has that value, too."""

REPEATED = np.int64(2 * UNIT)
"""What a unit costs that is the same as the one before: in rules and indents the bytes repeat whatever they are, and
U+3000 must not become rows of zeros for being dearer. Not where all its bytes are of ASCII: rows of spaces or dashes
would be rows of U+2020 or U+2D2D."""

EASTERN = 0x2E
"""High byte of a code point from which it is of East Asia."""

LONE = 6 * UNIT
"""What a character of several bytes costs more behind a letter that stands alone between two of them. Of six million
characters of Chinese 800 are such letters and marks, each letter at 19 to 20 bits."""

BMP_FOUR = 39_420
FIRST_FOUR = 189_000
LAST_FOUR = 1_237_576
"""Four-byte codes of GB18030, counted from 81 30 81 30: those of the BMP end at the first bound, and those of the
other planes lie between the others (GB 18030-2005, annex)."""


@part
def four_bytes(data: Bytes, at: Number) -> Number:
    """Return the cost of the four bytes of GB18030 at ``at``, ``INVALID`` if they are no character."""
    place = np.uint64(at)
    b0 = np.int64(data[place])
    b1 = np.int64(data[place + np.uint64(1)])
    b2 = np.int64(data[place + np.uint64(2)])
    b3 = np.int64(data[place + np.uint64(3)])
    if b0 < 0x81 or b0 > 0xFE or b2 < 0x81 or b2 > 0xFE or b1 < 0x30 or b1 > 0x39 or b3 < 0x30 or b3 > 0x39:
        return np.int64(INVALID)
    linear = ((b0 - 0x81) * 10 + b1 - 0x30) * 1260 + (b2 - 0x81) * 10 + b3 - 0x30
    if linear < BMP_FOUR or FIRST_FOUR <= linear < LAST_FOUR:
        return np.int64(_RARE)
    return np.int64(INVALID)


@part
def _unless_repeated(pair: Number, data: Bytes, first: Number, at: Number, steps: Bytes) -> Number:
    """Return what the pair that ends at ``at`` costs, given what it would cost behind another one."""
    two = at - np.uint64(2)
    if at < first + np.uint64(3) or data[at] != data[two] or pair == INVALID:
        return pair
    same = data[at - np.uint64(1)] == data[at - np.uint64(3)] and steps[two] == 2
    return min(pair, REPEATED) if same else pair


@kernel
def parse(
    data: Bytes,
    start: Number,
    end: Number,
    bad: Number,
    edge: Number,
    kind: Number,
    singles: Bytes,
    pairs: Bytes,
    longer: Bytes,
    steps: Bytes,
) -> Number:
    """Find the best path over ``data[start:end]`` and return its cost.

    ``steps`` (uint8, as long as ``data``) is filled: at the last byte of each possible step, how many bytes the best
    one there takes, 0 for a bad byte.
    """
    best1 = np.int64(0)
    best2 = best3 = best4 = np.int64(_FAR)
    first = np.uint64(start)
    last = np.uint64(end - 1)
    before = np.uint64(0)
    step = np.uint8(1)
    # Bytes that decode as they are may have lost one; an overwritten one would seldom leave them so.
    hit = bad + np.int64(HIT) if bad <= BAD else np.int64(_FAR)
    # What a pair costs more that ends here, and at the next byte.
    lone: Number = np.int64(0)
    after: Number = np.int64(0)
    for at in range(np.uint64(start), np.uint64(end)):
        byte = np.uint64(data[at])
        cost = best1 + (bad if first < at < last else edge)
        single = np.int64(singles[byte])
        later: Number = np.int64(0)
        if single != INVALID and (byte < 0x80 or best1 + single < cost):
            cost = best1 + single
            if step != 1 and byte >= 0x40 and byte < 0x80:
                cost += WEDGE
                later = np.int64(LONE)
            step = np.uint8(1)
        else:
            step = np.uint8(0)
        pair = np.int64(pairs[before << np.uint64(8) | byte])
        pair = _unless_repeated(pair, data, first, at, steps)
        if pair != INVALID and best2 + pair + lone < cost:
            cost = best2 + pair + lone
            step = np.uint8(2)
        elif (
            pair == INVALID
            and best2 + hit < cost
            and max(byte, before) >= 0x80
            and kind != EIGHT
            and byte - np.uint64(10) >= np.uint64(4)
            and before - np.uint64(10) >= np.uint64(4)
        ):
            cost = best2 + hit
            step = np.uint8(BROKEN | (before >= 0x80) << 4 | (byte >= 0x80) << 3 | 2)
        lone = after
        after = later
        if kind == FOUR and byte >= 0x30 and byte <= 0x39 and best4 < _FAR:
            four = four_bytes(data, at - np.uint64(3))
            if four != INVALID and best4 + four < cost:
                cost = best4 + four
                step = np.uint8(4)
        elif kind == THREE and best3 < _FAR and data[at - np.uint64(2)] == 0x8F:
            three = np.int64(longer[before << np.uint64(8) | byte])
            if three != INVALID and best3 + three < cost:
                cost = best3 + three
                step = np.uint8(3)
        steps[at] = step
        best4 = best3
        best3 = best2
        best2 = best1
        best1 = cost
        before = byte
    return best1


@kernel
def parse_units(
    data: Bytes, start: Number, end: Number, bad: Number, edge: Number, big: Number, pairs: Bytes, steps: Bytes
) -> Number:
    """Find the best path over UTF-16, as ``parse`` does; ``big`` is 1 if the first byte of a unit is its high one."""
    best1 = np.int64(0)
    best2 = best3 = best4 = np.int64(_FAR)
    first = np.uint64(start)
    last = np.uint64(end - 1)
    high1 = np.uint64(1 - big)
    hit = bad + HIT
    for at in range(np.uint64(start), np.uint64(end)):
        cost = best1 + (bad if first < at < last else edge)
        step = np.uint8(0)
        if best2 < _FAR:
            before = np.uint64(data[at - np.uint64(1)])
            pair: Number = np.int64(pairs[before << np.uint64(8) | np.uint64(data[at])])
            if pair != INVALID:
                low = data[at - high1]
                if data[at - np.uint64(1) + high1] == 0 and 0x40 <= low < 0x80 and best4 < _FAR:
                    east = steps[at - np.uint64(2)] == 2 and data[at - np.uint64(3) + high1] >= EASTERN
                    pair += WEDGE if east else 0
                same = best4 < _FAR and data[at] == data[at - np.uint64(2)] and before == data[at - np.uint64(3)]
                plain = 0x20 <= before < 0x7F and 0x20 <= data[at] < 0x7F
                if same and not plain and steps[at - np.uint64(2)] == 2:
                    pair = min(pair, REPEATED)
                if best2 + pair < cost:
                    cost = best2 + pair
                    step = np.uint8(2)
            else:
                if best2 + hit < cost:
                    cost = best2 + hit
                    step = np.uint8(BROKEN | 3 << 3 | 2)
                second = data[at - np.uint64(1) + high1] & 0xFC
                if best4 + _RARE < cost and data[at - np.uint64(3) + high1] & 0xFC == 0xD8 and second == 0xDC:
                    cost = best4 + _RARE
                    step = np.uint8(4)
        steps[at] = step
        best4 = best3
        best3 = best2
        best2 = best1
        best1 = cost
    return best1


@kernel
def parse_quads(
    data: Bytes, start: Number, end: Number, bad: Number, edge: Number, big: Number, model: Bytes, steps: Bytes
) -> Number:
    """Find the best path over UTF-32, as ``parse_units`` does; ``model`` has the costs of code points.

    A byte is a fourth of a character, so ``bad`` is half of what it is elsewhere.
    """
    best1 = np.int64(0)
    best2 = best3 = best4 = np.int64(_FAR)
    first = np.uint64(start)
    last = np.uint64(end - 1)
    hit = bad * 2 + HIT
    for at in range(np.uint64(start), np.uint64(end)):
        cost = best1 + (bad if first < at < last else edge)
        step = np.uint8(0)
        if best4 < _FAR:
            b0 = np.int64(data[at - np.uint64(3)])
            b1 = np.int64(data[at - np.uint64(2)])
            b2 = np.int64(data[at - np.uint64(1)])
            b3 = np.int64(data[at])
            point = b0 << 24 | b1 << 16 | b2 << 8 | b3 if big else b3 << 24 | b2 << 16 | b1 << 8 | b0
            if point < 0x110000 and (point < 0xD800 or point > 0xDFFF):
                quad: Number = np.int64(model[np.uint64(point)]) if point < 0x10000 else np.int64(_RARE)
                if at >= first + np.uint64(7) and steps[at - np.uint64(4)] == 4:
                    same = data[at - np.uint64(4)] == b3 and data[at - np.uint64(5)] == b2
                    if same and data[at - np.uint64(6)] == b1 and data[at - np.uint64(7)] == b0:
                        quad = min(quad, REPEATED)
                if 0x40 <= point < 0x80 and at >= first + np.uint64(7) and steps[at - np.uint64(4)] == 4:
                    high = at - np.uint64(5) if big else at - np.uint64(6)
                    quad += WEDGE if data[high] >= EASTERN else 0
                if best4 + quad < cost:
                    cost = best4 + quad
                    step = np.uint8(4)
            elif best4 + hit < cost:
                cost = best4 + hit
                step = np.uint8(BROKEN | 0xF << 3 | 4)
        steps[at] = step
        best4 = best3
        best3 = best2
        best2 = best1
        best1 = cost
    return best1


@kernel
def parse_utf8(data: Bytes, start: Number, end: Number, bad: Number, model: Bytes, steps: Bytes) -> Number:
    """Return the cost of UTF-8 and fill ``steps``; there is one way only to read it, so none is looked for."""
    at: Number = np.int64(start)
    total: Number = np.int64(0)
    size: Number
    point: Number
    while at < end:
        place = np.uint64(at)
        first = np.int64(data[place])
        size = np.int64(1)
        point = first
        if first >= 0x80:
            size = 2 if first < 0xE0 else 3 if first < 0xF0 else 4
            point = first & (0x7F >> size)
            lowest = 0x80 if size == 2 else 0x800 if size == 3 else 0x10000
            if first < 0xC2 or first > 0xF4 or at + size > end:
                point = -1
            for more in range(1, size):
                if point >= 0:
                    byte = np.int64(data[place + np.uint64(more)])
                    point = point << 6 | byte & 0x3F if byte & 0xC0 == 0x80 else -1
            if point < lowest or point > 0x10FFFF or 0xD800 <= point <= 0xDFFF:
                point = -1
        if point < 0:
            total += bad
            steps[place] = 0
            at += 1
            continue
        total += np.int64(model[np.uint64(point)]) if point < 0x10000 else np.int64(_RARE)
        steps[place + np.uint64(size - 1)] = size
        at += size
    return total


@kernel
def parse_each(
    data: Bytes, starts: Offsets, ends: Offsets, kind: Number, singles: Bytes, pairs: Bytes, longer: Bytes, steps: Bytes
) -> Offsets:
    """Return what ``parse`` does for each of several stretches."""
    costs = np.zeros(len(starts), np.int64)
    for k in range(len(starts)):
        costs[k] = parse(data, starts[k], ends[k], BAD, BAD, kind, singles, pairs, longer, steps)
    return costs


@kernel
def parse_units_each(data: Bytes, starts: Offsets, ends: Offsets, big: Number, pairs: Bytes, steps: Bytes) -> Offsets:
    """Return what ``parse_units`` does for each of several stretches."""
    costs = np.zeros(len(starts), np.int64)
    for k in range(len(starts)):
        costs[k] = parse_units(data, starts[k], ends[k], BAD, BAD, big, pairs, steps)
    return costs


@kernel
def parse_utf8_each(data: Bytes, starts: Offsets, ends: Offsets, model: Bytes, steps: Bytes) -> Offsets:
    """Return what ``parse_utf8`` does for each of several stretches."""
    costs = np.zeros(len(starts), np.int64)
    for k in range(len(starts)):
        costs[k] = parse_utf8(data, starts[k], ends[k], BAD, model, steps)
    return costs


@kernel
def count_bad(steps: Bytes, starts: Offsets, ends: Offsets) -> Offsets:
    """Return how many bad bytes and broken characters lie on the best path of each of several stretches (int64)."""
    counts = np.zeros(len(starts), np.int64)
    for k in range(len(starts)):
        at: Number = ends[k]
        while at > starts[k]:
            step: Number = np.int64(steps[np.uint64(at - 1)])
            counts[k] += step == 0 or step >= BROKEN
            at -= max(step & 7, 1)
    return counts


@part
def has_bad(steps: Bytes, start: Number, end: Number) -> bool:
    """Whether there is a bad byte or a broken character on the best path of ``steps[start:end]``."""
    at: Number = np.int64(end)
    while at > np.int64(start):
        step: Number = np.int64(steps[np.uint64(at - 1)])
        if step == 0 or step >= BROKEN:
            return True
        at -= step
    return False


@kernel
def bad_offsets(steps: Bytes, start: Number, end: Number) -> Offsets:
    """Return where the bad bytes of the best path lie, in order (int64), after a parse of ``steps[start:end]``."""
    count = 0
    at: Number = np.int64(end)
    while at > start:
        step: Number = np.int64(steps[np.uint64(at - 1)])
        count += step == 0
        for k in range(4):
            count += step >= BROKEN and step >> 3 + k & 1
        at -= max(step & 7, 1)
    found = np.zeros(count, np.int64)
    at = np.int64(end)
    while at > start:
        step = np.int64(steps[np.uint64(at - 1)])
        for k in range(4):
            if (step == 0 and k == 0) or (step >= BROKEN and step >> 3 + k & 1):
                count -= 1
                found[count] = at - 1 - k
        at -= max(step & 7, 1)
    return found
