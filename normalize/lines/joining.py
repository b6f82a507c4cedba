"""Join the lines over which a sentence runs on, and rewrite a buffer with what is joined and removed (Numba)."""

from __future__ import annotations

import numpy as np

from taoxi.normalize.kernel import kernel, part
from taoxi.normalize.lines.classes import CAPITAL, HAN, HYPHEN, LETTER, SMALL, UPPER, before, class_of, point_at
from taoxi.normalize.lines.flow import CUT, GOES, SHORT, STAMPED, has_titles, joined, relate
from taoxi.normalize.lines.table import END, FLAGS, HEAD, INDENT, LATIN, START, TAIL
from taoxi.normalize.lines.width import WIDEST, WRAP, next_line, profile
from taoxi.normalize.utf8 import Array, Bytes, Number, append

(LINE, OTHER, SEPARATOR, RULE, PARTED) = range(5)
"""Columns of the table of joins: the line, the one that goes on from it, the byte between (0 for none), which rule
joined it, and whether something stood between them that is gone."""

WRAPPED, BROKEN, HYPHENED = range(3)
"""Rules that join: a line of wrapped text, a sentence that a page or column cut, a word parted by a hyphen."""

GAPS = 3
"""A text that has so many times more spaces between Chinese and Latin than bare borders gets one at a join, too."""

HEAD_CUT, TAIL_CUT = 1, 2
"""Which edge of a line is gone."""

MANY = 3
"""Lines in a row that can stand between the parts of a sentence: page number, running head, stamp."""


@part
def _uses_gaps(data: Bytes, start: Number, end: Number) -> bool:
    """Tell whether a text puts a space between Chinese and Latin letters."""
    gaps = bare = 0
    for at in range(np.uint64(start) + np.uint64(2), np.uint64(max(start + 2, end))):
        byte = data[at] | 0x20
        if 0x61 <= byte <= 0x7A:
            one, two = data[at - np.uint64(1)], data[at - np.uint64(2)]
            bare += one >= 0x80
            gaps += one == 32 and two >= 0x80
    return gaps > GAPS * bare


@part
def _separator(data: Bytes, rows: Array, k: Number, other: Number, gaps: bool) -> Number:
    """Return the byte that belongs between two parts of a sentence: a space between words, else 0."""
    at = before(data, rows[k, END], rows[k, START])
    last, _ = point_at(data, at, rows[k, END])
    first, _ = point_at(data, rows[other, START] + rows[other, INDENT], rows[other, END])
    left, right = class_of(last), class_of(first)
    if HAN in (left, right):
        latin = right in (LETTER, UPPER) or left in (LETTER, UPPER)
        return np.int64(32 if latin and gaps else 0)
    if rows[k, FLAGS] & LATIN:
        return np.int64(32)
    return np.int64(32 if left in (LETTER, UPPER) and right in (LETTER, UPPER) else 0)


@part
def _hyphened(data: Bytes, rows: Array, k: Number, other: Number) -> bool:
    if rows[k, TAIL] != HYPHEN or rows[k, END] - rows[k, START] < 3:
        return False
    point, _ = point_at(data, before(data, rows[k, END] - 1, rows[k, START]), rows[k, END])
    if rows[other, HEAD] == CAPITAL and class_of(point) == UPPER:
        _, second = point_at(data, rows[other, START] + rows[other, INDENT], rows[other, END])
        following, _ = point_at(data, second, rows[other, END])
        return bool(class_of(max(following, 0)) == UPPER)
    return bool(class_of(point) == LETTER and rows[other, HEAD] == SMALL)


@kernel
def understand(data: Bytes, rows: Array, bounds: Array, texts: Array, gone: Array, known: Array, states: Array) -> None:
    """Fill ``known`` (n by 6) and ``states`` (one per line) of the texts whose numbers are given."""
    histogram = np.zeros(WIDEST + 2, np.int64)
    for text in texts:
        first, end = bounds[text], bounds[text + 1]
        profile(data, rows, first, end, gone, histogram, known[text])
        relate(data, rows, first, end, gone, known[text], states)


@kernel
def intruders(rows: Array, bounds: Array, texts: Array, gone: Array, states: Array, found: Array) -> Number:
    """Write to ``found`` the lines that stand between the parts of a sentence; return how many there are."""
    count = 0
    for text in texts:
        end = bounds[text + 1]
        k = next_line(rows, bounds[text] - 1, end, gone)
        while k < end:
            other = next_line(rows, k, end, gone)
            if not states[k] & (CUT | STAMPED) or other == end or (states[other] & GOES and not states[other] & SHORT):
                k = other
                continue
            last = other
            many = 0
            while last < end and many < MANY and states[last] & SHORT:
                many += 1
                last = next_line(rows, last, end, gone)
            if many and last < end and states[last] & GOES and not states[last] & SHORT:
                line = other
                while line < last:
                    found[count] = line
                    count += 1
                    line = next_line(rows, line, end, gone)
            k = other
    return count


@kernel
def joins(
    data: Bytes,
    rows: Array,
    bounds: Array,
    texts: Array,
    gone: Array,
    known: Array,
    states: Array,
    cut: Array,
    out: Array,
) -> Number:
    """Write the joins of some texts to ``out``; return how many there are.

    ``gone`` (bool) are lines that furniture fills, ``cut`` (uint8) says which edges of a line are gone: what stands
    beside such an edge was parted by it.
    """
    count = 0
    for text in texts:
        end = bounds[text + 1]
        gaps = np.int64(-1)
        titled = np.int64(-1)
        k = next_line(rows, bounds[text] - 1, end, gone)
        while k < end:
            other = next_line(rows, k, end, gone)
            if other == end:
                break
            parted = bool(cut[k] & TAIL_CUT or cut[other] & HEAD_CUT)
            for line in range(k + 1, other):
                parted = parted or gone[line]
            if parted and titled < 0:
                titled = np.int64(has_titles(rows, bounds[text], end, gone, cut, states))
            if joined(data, rows, bounds[text], end, k, other, parted, titled != 0, known[text], states):
                if gaps < 0:
                    gaps = np.int64(_uses_gaps(data, rows[bounds[text], START], rows[end - 1, END]))
                out[count, LINE], out[count, OTHER], out[count, PARTED] = k, other, parted
                if _hyphened(data, rows, k, other):
                    out[count, SEPARATOR], out[count, RULE] = 0, HYPHENED
                else:
                    out[count, SEPARATOR] = _separator(data, rows, k, other, bool(gaps > 0))
                    out[count, RULE] = WRAPPED if known[text, WRAP] else BROKEN
                count += 1
            k = other
    return count


@kernel
def rewrite(
    data: Bytes, offsets: Array, starts: Array, ends: Array, puts: Array, removed: Array, out: Bytes, bounds: Array
) -> Number:
    """Copy texts with edits applied; return the size.

    ``starts``, ``ends`` (int64) bound what goes, in order; ``puts`` is the byte that stands there instead, 0 for none.
    ``removed`` (int64, edits by 2) comes to hold first byte and end of each edit that is a removal (its ``puts`` is -1)
    in its text with the other edits applied alone.
    """
    at_out = 0
    edit = 0
    for text in range(len(offsets) - 1):
        at = offsets[text]
        bounds[text] = at_out
        shift = offsets[text]  # what has to be taken from a place in the input for one in the joined text
        while edit < len(starts) and starts[edit] < offsets[text + 1]:
            at_out = append(data, at, starts[edit], out, at_out)
            at = ends[edit]
            if puts[edit] < 0:
                removed[edit, 0], removed[edit, 1] = starts[edit] - shift, ends[edit] - shift
            else:
                shift += ends[edit] - starts[edit]
                if puts[edit]:
                    out[at_out] = puts[edit]
                    at_out += 1
                    shift -= 1
            edit += 1
        at_out = append(data, at, offsets[text + 1], out, at_out)
    bounds[len(offsets) - 1] = at_out
    return at_out
