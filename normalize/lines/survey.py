"""Look over the lines of a batch, and point out the few that a person would look at twice (Numba)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from taoxi.normalize.kernel import kernel, part
from taoxi.normalize.lines.classes import (
    BLANK,
    COLON,
    DASH,
    DOT,
    HYPHEN,
    LISTED,
    MARKED,
    NUMBERED,
    SEMICOLON,
    SHUT,
    SPACE,
    STOP,
)
from taoxi.normalize.lines.flow import CUT, LONG
from taoxi.normalize.lines.joining import intruders, understand
from taoxi.normalize.lines.table import (
    COLUMNS,
    DIGITS,
    END,
    FENCED,
    FLAGS,
    HEAD,
    INDENT,
    OPENED,
    PROSE,
    SEVERAL,
    START,
    STOPS,
    TAIL,
    Lines,
    tabulate,
)
from taoxi.normalize.lines.width import CODE, WIDE, WRAP, columns, next_line
from taoxi.normalize.utf8 import Array, Bytes, Number, Offsets, frozen, occurrences

NUMERIC, EDGE, TAIL_WINDOW, HEAD_WINDOW, INTRUDER = 1, 2, 4, 8, 16
"""Why a line is looked at: it may be a page number or a file stamp; furniture may be at its edge; a watermark may be at
its end, or at its start; it stands between two parts of a sentence."""

KNOWN = 6
"""Columns of what is known of a text (``taoxi.normalize.lines.width``)."""

_LETTERS = tuple(b"PAGEpageOFof")

MOST_SIGNS = 7
"""Wide characters of a page number at the most: those of 第3页,共20页, and brackets."""

STAMP_DIGITS = 4
"""Digits of a file stamp at the least: those of its time, or of its pages."""

NUMERIC_COLUMNS = 110
"""Width of the longest file stamp: an address, a page and a time."""


@dataclass(slots=True)
class Survey:
    """The lines of n texts with what was found out about them.

    ``known`` (int64, n by 6) and ``states`` (int64, one per line) are described in ``width`` and ``flow``,
    ``hints`` (uint8, one per line) above; ``gone`` (bool, one per line) are lines that are taken out.
    """

    utf8: Bytes
    lines: Lines
    known: NDArray[np.int64]
    states: NDArray[np.int64]
    hints: NDArray[np.uint8]
    gone: NDArray[np.bool_]

    def line(self, k: int) -> str:
        """Return the text of a line."""
        return str(self.utf8.data[self.lines.rows[k, START] : self.lines.rows[k, END]], "utf-8")

    def again(self, texts: NDArray[np.int64]) -> None:
        """Find out anew about texts whose rows or gone lines were changed."""
        rows, bounds = self.lines.rows, self.lines.bounds
        understand(self.utf8, rows, bounds, texts, self.gone, self.known, self.states)


def survey(utf8: Bytes, offsets: Offsets) -> Survey:
    """Look over texts that stand one after another in a buffer.

    Args:
        utf8: valid UTF-8 with line feeds as its only line breaks (uint8).
        offsets: n+1 bounds of the n texts (int64, bytes).
    """
    utf8 = frozen(utf8)
    lines = tabulate(utf8, offsets)
    count = len(lines.rows)
    texts = np.arange(len(offsets) - 1)
    known = np.zeros((len(texts), KNOWN), np.int64)
    states = np.zeros(count, np.int64)
    gone = np.zeros(count, np.bool_)
    hints = np.zeros(count, np.uint8)
    understand(utf8, lines.rows, lines.bounds, texts, gone, known, states)
    _hint(utf8, lines.rows, lines.bounds, gone, known, states, hints)
    starts = lines.rows[:, START]
    for sign in _NOTICE_ENDS:
        notices = occurrences(utf8, offsets[0], offsets[-1], sign)
        hints[np.searchsorted(starts, notices, "right") - 1] |= EDGE
    found = np.empty(count, np.int64)
    many = intruders(lines.rows, lines.bounds, texts, gone, states, found)
    hints[found[:many]] |= INTRUDER
    return Survey(utf8, lines, known, states, hints, gone)


_NOTICE_ENDS = tuple(frozen(np.frombuffer(end.encode(), np.uint8)) for end in ("版)", "版）"))
"""Where a notice may end that a text goes on on another page, in the middle of a line too."""


@part
def _has(data: Bytes, start: Number, end: Number, one: Number, two: Number, three: Number) -> bool:
    """Tell whether a character of three bytes stands in a stretch."""
    for at in range(start, end - 2):
        if data[at] == one and data[at + 1] == two and data[at + 2] == three:
            return True
    return False


@part
def _counts(data: Bytes, start: Number, end: Number) -> bool:
    """Tell whether a line with digits may be a page number, a turn notice or a file stamp.

    A page number has no letters but a few, a turn notice ends with 版, a stamp has an address or a name with a dot.
    """
    number = True
    dots = digits = wide = 0
    at = np.uint64(start)
    stop = np.uint64(end)
    while at < stop:
        byte = data[at]
        digit = 0x30 <= byte < 0x3A
        digits += digit
        wide += byte >= 0xC0
        if byte == 0x2E:
            dots += bool(at + np.uint64(1) < stop and data[at + np.uint64(1)] | 0x20 >= 0x61)
        elif byte == 0x3A:
            dots += bool(at + np.uint64(2) < stop and data[at + np.uint64(1)] == data[at + np.uint64(2)] == 0x2F)
        number = number and (digit or _numbers(byte))
        at += np.uint64(1)
    ends = end - start > 2 and data[end - 3] == 0xE7 and data[end - 2] == 0x89 and data[end - 1] == 0x88
    number = number and wide <= MOST_SIGNS
    return bool(number or ends or (dots and digits >= STAMP_DIGITS))


@part
def _numbers(byte: Number) -> bool:
    """Tell whether a byte may be in a page number: a sign, a letter of ``Page 3 of 20``, or part of a wide sign."""
    if byte >= 0x80:
        return True
    return byte in (0x20, 0x28, 0x29, 0x2C, 0x2D, 0x2F, 0x5B, 0x5D, 0x7E) or byte in _LETTERS


@part
def _edge(data: Bytes, row: Array) -> bool:
    """Tell whether a line may end or begin with furniture."""
    start, end = row[START], row[END]
    if row[TAIL] == SHUT:
        if data[end - 1] == 0x5D or (end - start > 2 and data[end - 3] == 0xE3 and data[end - 1] in (0x91, 0x95)):
            return True
        return _has(data, max(start, end - 60), end, 0xE7, 0x89, 0x88)  # 版
    if row[TAIL] in (HYPHEN, DASH):
        at = end - (1 if row[TAIL] == HYPHEN and data[end - 1] < 0x80 else 3 if data[end - 1] >= 0x80 else 1)
        while at > start and data[at - 1] in (0x20, 0x2D):
            at -= 1
        return bool(at > start and 0x30 <= data[at - 1] <= 0x39)
    if end - start > 2 and data[end - 3] == 0xE9 and data[end - 2] == 0xA1 and data[end - 1] == 0xB5:  # 页
        return True
    first = data[start]
    if first in (0x28, 0xE3, 0xE2, 0xEF):
        return _has(data, start, min(end, start + 60), 0xE7, 0x89, 0x88)
    if first == 0x2D:
        at = start + 1
        while at < end and data[at] in (0x20, 0x2D):
            at += 1
        return bool(at < end and 0x30 <= data[at] <= 0x39)
    return bool(end - start > 2 and first == 0xE7 and data[start + 1] == 0xAC and data[start + 2] == 0xAC)  # 第


@kernel
def _hint(data: Bytes, rows: Array, bounds: Array, gone: Array, known: Array, states: Array, hints: Array) -> None:
    for text in range(len(bounds) - 1):
        end = bounds[text + 1]
        wrap = known[text, WRAP]
        if known[text, CODE]:
            continue
        before = np.int64(-1)
        k = next_line(rows, bounds[text] - 1, end, gone)
        while k < end:
            row = rows[k]
            flags, tail = row[FLAGS], row[TAIL]
            if not flags & FENCED and row[HEAD] != BLANK:
                if flags & DIGITS and row[COLUMNS] <= NUMERIC_COLUMNS and tail != STOP and not flags & STOPS:
                    hints[k] |= NUMERIC if _counts(data, row[START] + row[INDENT], row[END]) else 0
                if tail != STOP and _edge(data, row):
                    hints[k] |= EDGE
                if wrap:
                    if columns(row, known[text, WIDE]) > wrap + 2:
                        hints[k] |= TAIL_WINDOW | HEAD_WINDOW
                else:
                    open_end = tail not in (STOP, DOT, SEMICOLON, SPACE) and (tail != COLON or flags & STOPS)
                    prose = flags & (STOPS | OPENED) or (flags & SEVERAL and row[COLUMNS] >= LONG)
                    if open_end and prose and row[HEAD] != MARKED:
                        hints[k] |= TAIL_WINDOW
                    cut = before >= 0 and states[before] & CUT
                    item = row[HEAD] in (NUMBERED, LISTED, MARKED)
                    if cut and flags & PROSE and not item and (tail == STOP or flags & STOPS):
                        hints[k] |= HEAD_WINDOW
            before = k
            k = next_line(rows, k, end, gone)
