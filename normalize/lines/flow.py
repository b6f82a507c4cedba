"""Where a sentence runs on over a line break (Numba).

Two kinds of text have broken lines. *Wrapped* text (mail, BBS, PDF) breaks each paragraph at a width: a break is soft
when the line is full, that is when the first word of the next line would not have gone on it. In other text a line is a
paragraph, and a few of them are *cut* where a page or column ended: the line reads as prose, stops inside a sentence,
and what follows reads as the rest of it.
"""

from __future__ import annotations

import numpy as np

from taoxi.normalize.kernel import part
from taoxi.normalize.lines.across import is_cut_heading, is_named, runs_over
from taoxi.normalize.lines.bonds import bonded, knit
from taoxi.normalize.lines.classes import (
    CAPITAL,
    CLOSE,
    COLON,
    CONTINUES,
    DASH,
    DIGIT,
    DOT,
    HAN,
    HYPHEN,
    LABEL,
    LETTER,
    LISTED,
    MARKED,
    NUMBERED,
    OPEN,
    PAUSE,
    SALUTE,
    SEMICOLON,
    SHUT,
    SMALL,
    STOP,
    STRANGE,
    TEXT,
    UNIT,
    UPPER,
    starts_text,
)
from taoxi.normalize.lines.table import (
    CLOCKED,
    COLUMNS,
    DIGITS,
    FENCED,
    FLAGS,
    HEAD,
    INDENT,
    LATIN,
    OPENED,
    PAUSES,
    PROSE,
    SEVERAL,
    STOPS,
    TAIL,
)
from taoxi.normalize.lines.width import (
    CODE,
    CUTS,
    INDENTED,
    NARROWEST,
    SENTENCES,
    SPACED,
    WIDE,
    WIDEST,
    WRAP,
    columns,
    first_of_paragraph,
    is_full,
    is_stop,
    next_line,
    reads,
)
from taoxi.normalize.utf8 import Array, Bytes, Number

FULL, CUT, GOES, SHORT, STAMPED = 1, 2, 4, 8, 16
"""What is known of a line: it is full; a sentence stops inside it; it can be the rest of a sentence; it can be
something that stands in the way of one; it is prose that ends in what may be a watermark."""

LONG = 64
"""Columns from which a line with two commas and no full stop is prose; headings of two clauses have up to 60."""

LONG_HERE = 56
"""The same where ``SURE`` other lines of the text are cut for certain: one comma is enough."""

SURE = 5
"""Cut lines that make a text one that pages or columns cut."""

CUT_SHARE = 0.5
"""From this share of unfinished lines on, they are a habit of the writer (chat), not the work of page breaks."""

PAGE = 160
"""Columns that unfinished lines have on average if pages cut them; lines of chat and lists are shorter."""

BONDED_SHARE = 0.5
"""Of the breaks behind them, how many must part what belongs together."""

ASKED = 40
"""Breaks that are looked at for that."""

HALF = 48
"""Columns from which a Latin line without a full stop may have been cut; lines of songs have less."""

RAGGED = 100
"""Columns up to which two lines of a Latin text may have been broken by an editor at no fixed width."""

FEW = 2
"""Up to so many cut lines may be as many forgotten full stops: then more must speak for a join."""


@part
def _is_cut(row: Array, long: Number) -> bool:
    """Tell whether a paragraph line stops inside a sentence, as at the end of a page.

    ``long`` are the columns from which a line is prose without a full stop in it.
    """
    flags, tail, head = row[FLAGS], row[TAIL], row[HEAD]
    if not flags & PROSE or flags & (FENCED | CLOCKED) or head == MARKED:
        return False
    if tail not in (HAN, LETTER, UPPER, DIGIT, PAUSE, OPEN, UNIT, HYPHEN, DASH) or head == STRANGE:
        return False
    if flags & LATIN:
        return bool(tail in (LETTER, PAUSE, HYPHEN) and row[COLUMNS] >= LONG and flags & (STOPS | SEVERAL))
    if flags & STOPS:
        return True
    if head in (NUMBERED, LISTED):
        return False
    if head == SALUTE:
        return bool(flags & PAUSES)
    wide = row[COLUMNS] >= long and (flags & SEVERAL or (flags & PAUSES and long < LONG))
    return bool(wide or (flags & OPENED and row[COLUMNS] >= NARROWEST))


@part
def _goes_on(row: Array) -> bool:
    """Tell whether a line reads as the rest of a sentence, not as a heading, a signature or a table."""
    flags = row[FLAGS]
    if not flags & PROSE or flags & FENCED or not starts_text(row[HEAD]):
        return False
    if flags & LATIN and row[HEAD] not in (SMALL, CONTINUES):
        return False
    if flags & LATIN and row[HEAD] == SMALL and row[COLUMNS] >= LONG and row[TAIL] in (LETTER, PAUSE):
        return True
    if row[TAIL] in (STOP, DOT, SEMICOLON):
        return True
    if row[TAIL] == COLON:
        return bool(row[COLUMNS] >= LONG)
    return bool(flags & STOPS or (flags & SEVERAL and row[COLUMNS] >= LONG))


@part
def _stands_over_gone(k: Number, other: Number, gone: Array) -> bool:
    """Tell whether something that stood between two lines is gone: a page that ends there says nothing of habits."""
    for line in range(k + 1, other):
        if gone[line]:
            return True
    return False


@part
def relate(data: Bytes, rows: Array, first: Number, end: Number, gone: Array, known: Array, states: Array) -> None:
    """Write what is known of each line of a text to ``states``."""
    wrap, wide = known[WRAP], known[WIDE]
    if known[CODE]:
        states[first:end] = 0
        return
    cuts = prose = 0
    before = np.int64(-1)
    k = next_line(rows, first - 1, end, gone)
    while k < end:
        other = next_line(rows, k, end, gone)
        state = 0
        row = rows[k]
        if wrap:
            full = other < end and reads(row) and is_full(data, rows, k, other, wrap, wide)
            if not full and other < end and reads(row) and first_of_paragraph(rows, k, before):
                full = is_full(data, rows, k, other, wrap - INDENTED, wide)
            # What a stamp made too wide was full before.
            full = full or (reads(row) and wrap < columns(row, wide) <= WIDEST)
            state = (FULL if full else 0) | (CUT if full and not is_stop(row[TAIL]) else 0)
            state |= (
                GOES
                if row[FLAGS] & PROSE and not row[FLAGS] & FENCED and (starts_text(row[HEAD]) or row[HEAD] == LABEL)
                else 0
            )
            state |= SHORT if not full and row[TAIL] not in (STOP, PAUSE, SEMICOLON) else 0
        else:
            state = (CUT if _is_cut(row, LONG) else 0) | (GOES if _goes_on(row) else 0)
            state |= SHORT if row[COLUMNS] <= 80 and row[TAIL] not in (STOP, PAUSE, SEMICOLON) and not state else 0
            if not state & CUT and row[TAIL] in (SHUT, COLON, CLOSE, LETTER, UPPER, DIGIT) and row[FLAGS] & STOPS:
                state |= STAMPED if row[FLAGS] & PROSE else 0
            if row[FLAGS] & LATIN and row[FLAGS] & PROSE and row[TAIL] in (LETTER, PAUSE, HAN) and row[COLUMNS] >= HALF:
                state |= STAMPED
            if (
                other < end
                and row[FLAGS] & PROSE
                and row[COLUMNS] >= NARROWEST
                and not _stands_over_gone(k, other, gone)
            ):
                cuts += (state & CUT) != 0
                prose += (state & CUT) != 0 or is_stop(row[TAIL])
        states[k] = state
        before, k = k, other
    known[CUTS] = cuts
    if wrap:
        return
    if cuts > 1 and cuts > CUT_SHARE * prose and not _are_pages(data, rows, first, end, gone, states):
        for k in range(first, end):
            states[k] &= ~CUT
    elif cuts >= SURE:
        for k in range(first, end):
            if not gone[k] and not states[k] & CUT and _is_cut(rows[k], LONG_HERE):
                states[k] = states[k] & ~SHORT | CUT


@part
def _are_pages(data: Bytes, rows: Array, first: Number, end: Number, gone: Array, states: Array) -> bool:
    """Tell whether pages cut a text of which nearly every line is unfinished: one without line breaks of its own."""
    cuts = size = asked = bonds = 0
    k = next_line(rows, first - 1, end, gone)
    while k < end:
        other = next_line(rows, k, end, gone)
        if states[k] & CUT:
            cuts += 1
            size += rows[k, COLUMNS]
        k = other
    if size < PAGE * cuts:
        return False
    k = next_line(rows, first - 1, end, gone)
    while k < end and asked < ASKED:
        other = next_line(rows, k, end, gone)
        if other < end and states[k] & CUT:
            asked += 1
            number = states[other] & SHORT and rows[other, FLAGS] & DIGITS
            bonds += number or (states[other] & GOES != 0 and bonded(data, rows, first, end, k, other))
        k = other
    return bool(asked and bonds >= BONDED_SHARE * asked)


@part
def has_titles(rows: Array, first: Number, end: Number, gone: Array, cut: Array, states: Array) -> bool:
    """Tell whether headings without numbers stand over paragraphs of a text.

    Lines beside furniture do not count, nor does the first of the text: that is its title.
    """
    k = next_line(rows, next_line(rows, first - 1, end, gone), end, gone)
    while k < end:
        other = next_line(rows, k, end, gone)
        near = other == k + 1 or (other == k + 2 and not gone[k + 1])
        short = states[k] & SHORT and starts_text(rows[k, HEAD])
        if short and near and other < end and not cut[k] and not cut[other] and states[other] & GOES:
            return True
        k = other
    return False


@part
def joined(
    data: Bytes,
    rows: Array,
    first: Number,
    end: Number,
    k: Number,
    other: Number,
    parted: bool,
    titled: bool,
    known: Array,
    states: Array,
) -> bool:
    """Tell whether a sentence runs on from line ``k`` to line ``other``, the next that is neither blank nor gone.

    ``parted``: something stood between them that is gone; a blank line that a page break left counts for nothing.
    ``titled``: the text has headings without numbers, which could stand at the end of a page as well.
    """
    near = other == k + 1 or parted
    tail = rows[k, TAIL]
    if not states[other] & GOES:
        if parted and not known[WRAP] and rows[k, FLAGS] & LATIN and states[k] & CUT:
            # A name or a German noun: the line before says that its sentence does not end there.
            prose = rows[other, HEAD] == CAPITAL and rows[other, FLAGS] & PROSE
            return bool(prose and rows[other, COLUMNS] >= (NARROWEST if is_stop(rows[other, TAIL]) else LONG))
        rest = rows[other, FLAGS] & PROSE and rows[other, HEAD] == TEXT and not known[WRAP]
        return bool(parted and rest and rows[k, FLAGS] & LATIN == 0 and is_cut_heading(data, rows, first, end, k))
    if known[WRAP]:
        if not states[k] & FULL or not near:
            return False
        if rows[other, INDENT] > rows[k, INDENT] + 1 and is_stop(tail):
            return False
        if states[k] & CUT:
            if rows[other, HEAD] == LABEL and tail == HAN and is_named(data, rows[other]):
                return knit(data, rows, first, end, k, other)
            heading = rows[k, HEAD] == NUMBERED and not rows[k, FLAGS] & (STOPS | PAUSES | LATIN)
            near_heading = known[SPACED] or states[other] & SHORT
            return bool(not heading or near_heading or knit(data, rows, first, end, k, other))
        if rows[other, FLAGS] & LATIN == 0 and columns(rows[other], known[WIDE]) <= known[WRAP] - INDENTED + 1:
            # So much shorter and yet not at its end: the first line of a paragraph whose indent is gone.
            first = not is_stop(rows[other, TAIL])
        else:
            first = False
        return bool(known[SENTENCES] and tail != COLON and not first)
    if states[k] & CUT:
        latin = rows[k, FLAGS] & LATIN
        if latin and not parted and max(rows[k, COLUMNS], rows[other, COLUMNS]) <= RAGGED:
            return False
        words = tail in (LETTER, UPPER) and (rows[other, HEAD] == CAPITAL or (rows[other, HEAD] == SMALL and not latin))
        if words or not (near or known[SPACED] or rows[k, FLAGS] & OPENED):
            return False
        return bool(parted or known[CUTS] > FEW or bonded(data, rows, first, end, k, other))
    if not parted or not rows[k, FLAGS] & PROSE or rows[k, FLAGS] & FENCED:
        return False
    return runs_over(data, rows, first, end, k, other, titled)
