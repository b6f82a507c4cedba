"""One row per line: its bounds, its width, what it starts and ends with, whether it reads as prose (Numba).

A line that ends in a full stop and is too long to be a hard-wrapped one is looked at only at its edges.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from taoxi.normalize.kernel import kernel, part
from taoxi.normalize.lines.classes import (
    BLANK,
    BULLET,
    CLOSE,
    COLON,
    DIGIT,
    DOT,
    ENCLOSED,
    HAN,
    LETTER,
    MARKED,
    MARKUP,
    NUMBERED,
    OPEN,
    PAUSE,
    SEMICOLON,
    SHUT,
    SPACE,
    SPACELESS,
    STOP,
    STRANGE,
    UPPER,
    class_of,
    class_of_ascii,
    head_of,
    tail_of,
)
from taoxi.normalize.utf8 import BREAK, Array, Bytes, Number, Offsets, code_point, frozen, occurrences, sequence_length

(DOCUMENT, START, END, COLUMNS, INDENT, HEAD, TAIL, FLAGS, NARROWED) = range(9)
"""Columns of the table: number of the text, first byte, end (its line break aside), width (2 for a Chinese character),
spaces before the text, what the line starts with, class of its last character, the flags below, and how many marks of
punctuation behind Chinese are half-width: they took two columns before character normalization."""

WIDTH = 9

STOPS, PAUSES, SEVERAL, PROSE, OPENED, LATIN, FENCED, DIGITS, CODED, CLOCKED = (1 << bit for bit in range(10))
"""A sentence ends inside; it has a comma; it has two; nine tenths of it are letters, spaces and punctuation; a bracket
or quote stays open; letters outnumber Chinese characters; it stands in a code fence; it has a digit; it looks like code
or a table; it ends with the time of a day."""

LONGEST_WRAPPED = 240
"""Bytes. Hard-wrapped lines have up to 150 columns, 225 bytes of Chinese; above this, width is not counted."""


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of n texts: ``rows`` (int64, m by 9), and ``bounds`` (int64, n+1) with the first row of each."""

    rows: NDArray[np.int64]
    bounds: Offsets


def tabulate(utf8: Bytes, offsets: Offsets) -> Lines:
    """Return the lines of texts that stand one after another in a buffer.

    Args:
        utf8: valid UTF-8 with line feeds as its only line breaks (uint8).
        offsets: n+1 bounds of the n texts (int64, bytes).
    """
    breaks = occurrences(frozen(utf8), 0, offsets[-1], BREAK)
    rows = np.empty((len(breaks) + len(offsets) - 1, WIDTH), np.int64)
    bounds = np.zeros(len(offsets), np.int64)
    count = _tabulate(frozen(utf8), frozen(offsets), breaks, rows, bounds)
    return Lines(rows[:count], bounds)


@kernel
def _tabulate(data: Bytes, offsets: Offsets, breaks: Array, rows: Array, bounds: Array) -> Number:
    row = 0
    at_break = 0
    while at_break < len(breaks) and breaks[at_break] < offsets[0]:
        at_break += 1
    for document in range(len(offsets) - 1):
        bounds[document] = row
        start, end = offsets[document], offsets[document + 1]
        fenced = commented = False
        while start <= end:
            stop = end
            if at_break < len(breaks) and breaks[at_break] < end:
                stop = breaks[at_break]
                at_break += 1
            rows[row, DOCUMENT] = document
            examine(data, start, stop, rows[row])
            fence = rows[row, HEAD] == MARKED and _is_fence(data, start, stop)
            if fence:
                fenced = not fenced
            commented = commented or _opens(data, start, stop)
            if fenced or fence or commented:
                rows[row, FLAGS] |= FENCED
            commented = commented and not _closes(data, start, stop)
            row += 1
            start = stop + 1
            if stop == end:
                break
    bounds[len(offsets) - 1] = row
    return row


@part
def _is_fence(data: Bytes, start: Number, end: Number) -> bool:
    while start < end and data[start] == 32:
        start += 1
    same = end - start >= 3 and data[start] == data[start + 1] == data[start + 2]
    return bool(same and data[start] in (0x60, 0x7E))


@part
def _opens(data: Bytes, start: Number, end: Number) -> bool:
    """Tell whether a line starts an HTML comment."""
    return bool(end - start >= 4 and data[start] == 0x3C and data[start + 1] == 0x21 and data[start + 2] == 0x2D)


@part
def _closes(data: Bytes, start: Number, end: Number) -> bool:
    """Tell whether a line ends an HTML comment."""
    while end > start and data[end - 1] == 32:
        end -= 1
    return bool(end - start >= 3 and data[end - 1] == 0x3E and data[end - 2] == data[end - 3] == 0x2D)


@kernel
def examine(data: Bytes, start: Number, end: Number, row: Array) -> None:
    """Fill the row of the line in ``data[start:end]``, all but its text's number."""
    row[START], row[END] = start, end
    row[COLUMNS] = row[INDENT] = row[FLAGS] = row[NARROWED] = 0
    if end == start:
        row[HEAD], row[TAIL] = BLANK, SPACE
        return
    at = start
    while at < end and data[np.uint64(at)] == 32:
        at += 1
    row[INDENT] = at - start
    row[HEAD] = head_of(data, at, end)
    row[TAIL] = tail_of(data, at, end)
    if end - start > LONGEST_WRAPPED and row[TAIL] == STOP:
        row[COLUMNS] = end - start
        row[FLAGS] = STOPS | PAUSES | SEVERAL | PROSE
        return
    _inspect(data, at, end, row)


@part
def _inspect(data: Bytes, start: Number, end: Number, row: Array) -> None:
    columns = row[INDENT]
    narrowed = 0
    han = latin = odd = pauses = stops = spaces = brackets = depth = digits = gaps = count = 0
    last = np.int64(SPACE)
    clock = np.int64(-9)
    wide = worded = False
    # Unsigned places, and the two commonest kinds first: this loop is most of what a text of short lines costs.
    place, stop = np.uint64(start), np.uint64(end)
    while place < stop:
        first = data[place]
        count += 1
        if first < 0x80:
            point = np.int64(first)
            kind = class_of_ascii(first)
            place += np.uint64(1)
            columns += 1
            if kind == LETTER:
                latin += 1
                wide = False
                last = kind
                continue
            if kind in (PAUSE, STOP, SEMICOLON, COLON, OPEN, SHUT):
                narrowed += wide
            else:
                wide = False
        else:
            size = np.int64(sequence_length(first))
            point = code_point(data, place, size)
            kind = class_of(point)
            place += np.uint64(size)
            wide = bool(size > 2)
            columns += 2 if wide and (kind != LETTER or 0xAC00 <= point < 0xD7A4) else 1
            if kind == HAN:
                han += 1
                last = kind
                continue
        if kind in (LETTER, UPPER):
            latin += 1
        elif kind == PAUSE:
            pauses += count > 4 or row[HEAD] != NUMBERED  # the one behind a number is no comma
        elif kind in (STOP, SEMICOLON):
            stops += bool(place < stop)
        elif kind == SPACE:
            spaces += 1
            gaps += last == SPACE
            stops += last == DOT and worded
        elif kind == DIGIT:
            digits += 1
        elif kind == OPEN:
            depth += 1
            brackets += bool(point < 0x80)
        elif kind in (CLOSE, SHUT):
            depth -= depth > 0
            brackets += bool(point < 0x80)
        elif kind in (MARKUP, BULLET, ENCLOSED, SPACELESS):
            odd += 1 if kind != SPACELESS else 10
        if kind == DOT:
            worded = last in (LETTER, HAN)
        elif kind == COLON and last == DIGIT:
            clock = np.int64(count)
        last = kind
    flags = 0
    if stops:
        flags |= STOPS
    if pauses:
        flags |= PAUSES
    if pauses > 1:
        flags |= SEVERAL
    # Code of few words and many brackets has no more odd signs than prose.
    code = latin > han and (8 * brackets > count or 14 * spaces < count - 14)
    if 20 * (odd + gaps) <= count and 2 * digits <= count and not code:
        flags |= PROSE
    quoted = data[np.uint64(start)] == 0x3E
    if not flags & PROSE or row[TAIL] in (OPEN, MARKUP, SEMICOLON) or row[HEAD] in (MARKED, STRANGE):
        flags |= 0 if quoted else CODED
    if last == DIGIT and clock == count - 2:
        flags |= CLOCKED
    if depth > 0:
        flags |= OPENED
    if latin > han:
        flags |= LATIN
    if digits:
        flags |= DIGITS
    row[COLUMNS] = columns
    row[FLAGS] = flags
    row[NARROWED] = narrowed
