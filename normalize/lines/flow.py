"""Where a sentence runs on over a line break (Numba).

Two kinds of text have broken lines. *Wrapped* text (mail, BBS, PDF) breaks each paragraph at a width: a break is soft
when the line is full, that is when the first word of the next line would not have gone on it. In other text a line is a
paragraph, and a few of them are *cut* where a page or column ended: the line reads as prose, stops inside a sentence,
and what follows reads as the rest of it.
"""

from __future__ import annotations

import numpy as np

from taoxi.normalize.kernel import kernel
from taoxi.normalize.lines.classes import (
    BLANK,
    BRACKETED,
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
    NUMBER,
    NUMBERED,
    OPEN,
    PAUSE,
    QUOTE,
    QUOTED,
    SALUTE,
    SEMICOLON,
    SHUT,
    SMALL,
    STOP,
    STRANGE,
    TEXT,
    UNIT,
    UPPER,
    class_of,
    point_at,
    within,
)
from taoxi.normalize.lines.classes import before as preceding
from taoxi.normalize.lines.table import (
    COLUMNS,
    END,
    FENCED,
    FLAGS,
    HEAD,
    INDENT,
    LATIN,
    NARROWED,
    OPENED,
    PAUSES,
    PROSE,
    SEVERAL,
    START,
    STOPS,
    TAIL,
)
from taoxi.normalize.utf8 import Array, Bytes, Number

(WRAP, SPACED, SENTENCES, WIDE, CUTS) = range(5)
"""What is known of a text: its width in columns, 0 if it is not wrapped; whether paragraphs are parted by blank lines;
whether a full line that ends with a sentence is taken to go on; whether half-width punctuation took two columns when it
was wrapped; how many lines are cut."""

FULL, CUT, GOES, SHORT, STAMPED = 1, 2, 4, 8, 16
"""What is known of a line: it is full; a sentence stops inside it; it can be the rest of a sentence; it can be
something that stands in the way of one; it is prose that ends in what may be a watermark."""

NARROWEST, WIDEST = 24, 150
"""Columns of wrapped text. Verse and lists are narrower; wider lines are paragraphs."""

OUTLIERS = 0.06
"""Share of lines that may be wider than the width: addresses of pages, lines with a watermark."""

SOFT_SHARE = 0.85
"""Of the long lines without a full stop, how many must be full. In wrapped text nearly all are; in verse, lists and
chat, whose lines end where they like, about one in six is at any width."""

FULL_SHARE = 0.25
"""Of all lines, how many must be full: text of one-line paragraphs has nothing to join."""

HANGING = 3
"""How many times more lines must end before a hanging mark than with one."""

CAPITALS = 0.6
"""From this share of lines that start with a capital, lines are verse (or German headlines)."""

PUNCTUATED = 0.3
"""Of the full lines, how many must have punctuation, or words of letters: rows of Chinese names have none."""

HARD_SHARE = 0.25
"""Of full lines that end with a sentence, how many may be ends of paragraphs by chance for all of them to be joined."""

INDENTED = 4
"""Columns of a Chinese paragraph's indent, which character normalization takes away: its first line is shorter."""

LONG = 64
"""Columns from which a line with two commas and no full stop is prose; headings of two clauses have up to 60."""

LONG_HERE = 56
"""The same where ``SURE`` other lines of the text are cut for certain: one comma is enough."""

SURE = 5

CUT_SHARE = 0.5
"""From this share of unfinished lines on, they are a habit of the writer (chat), not the work of page breaks."""


CLAUSE = 40
"""Columns from which a line with a comma is no heading if it stands over page furniture."""

FEW = 2
"""Up to so many cut lines may be as many forgotten full stops: then more must speak for a join."""

_BONDS = np.array([ord(c) for c in "的和在与是为对以及把被从向于将到不由并或而之所其这那"], np.int64)
"""Characters that hardly ever end a sentence."""


@kernel
def columns(row: Array, wide: Number) -> Number:
    """Return the width of a line, with half-width punctuation counted as it was wrapped."""
    return row[COLUMNS] + wide * row[NARROWED]


@kernel
def is_stop(tail: Number) -> bool:
    """Tell whether a line ends where a sentence does."""
    return tail in (STOP, DOT, COLON)


@kernel
def next_line(rows: Array, k: Number, end: Number, gone: Array) -> Number:
    """Return the next line that is neither blank nor gone, ``end`` if there is none."""
    k += 1
    while k < end and (gone[k] or rows[k, HEAD] == BLANK):
        k += 1
    return k


@kernel
def first_word(data: Bytes, row: Array, wide: Number) -> Number:
    """Return the width of what a wrapped line cannot be parted in before: a word, or a character with its marks."""
    at, end = row[START] + row[INDENT], row[END]
    point, after = point_at(data, at, end)
    kind = class_of(point)
    width = 0
    while point >= 0 and kind == OPEN and width < 6:
        width += 2
        point, after = point_at(data, after, end)
        kind = class_of(point) if point >= 0 else 0
    if point >= 0 and kind == HAN:
        width += 2
        point, after = point_at(data, after, end)
    else:
        while point > 32 and class_of(point) != HAN and width < WIDEST:
            width += 2 if 0xAC00 <= point < 0xD7A4 else 1
            point, after = point_at(data, after, end)
    while point >= 0 and class_of(point) in (STOP, PAUSE, SEMICOLON, COLON, CLOSE, SHUT) and width < WIDEST:
        width += 2 if point > 0xFF or wide else 1
        point, after = point_at(data, after, end)
    return width


@kernel
def is_full(data: Bytes, rows: Array, k: Number, other: Number, wrap: Number, wide: Number) -> bool:
    """Tell whether the first word of line ``other`` would not have gone on line ``k`` at this width."""
    latin = (rows[k, FLAGS] & LATIN) != 0
    spaced = latin and rows[k, TAIL] not in (HYPHEN, DASH, HAN)
    slack = 1 if latin else 2
    size = columns(rows[k], wide)
    return bool(size <= wrap + 2 and size + spaced + first_word(data, rows[other], wide) > wrap - slack)


@kernel
def starts_text(head: Number) -> bool:
    """Tell whether a line starts as the rest of a sentence may; items, headings and markup do not."""
    return head in (TEXT, SMALL, CAPITAL, NUMBER, CONTINUES, QUOTED, BRACKETED)


@kernel
def _reads(row: Array) -> bool:
    """Tell whether a line can be part of wrapped prose."""
    return bool(
        row[FLAGS] & PROSE and not row[FLAGS] & FENCED and row[HEAD] not in (BLANK, MARKED) and row[COLUMNS] <= WIDEST
    )


@kernel
def _width(rows: Array, first: Number, end: Number, gone: Array, histogram: Array, wide: Number) -> Number:
    """Return the width at which most lines end that reach it, 0 if lines end anywhere."""
    histogram[:] = 0
    count = 0
    latin = 0
    for k in range(first, end):
        if gone[k] or rows[k, HEAD] == BLANK or rows[k, FLAGS] & FENCED:
            continue
        count += 1
        histogram[min(columns(rows[k], wide), WIDEST + 1)] += 1
        latin += (rows[k, FLAGS] & LATIN) != 0
    reach = 12 if 2 * latin > count else 4
    best = 0
    most = 0
    above = histogram[WIDEST + 1]
    for width in range(WIDEST, NARROWEST - 1, -1):
        if above > OUTLIERS * count + 1:
            break
        near = 0
        for k in range(max(0, width - reach), width + 1):
            near += histogram[k]
        # Lines between words end anywhere near the width: the widest of much the same widths is it.
        if histogram[width] and near * (1.0 if reach == 4 or not most else 0.9) > most:
            best, most = width, near
        above += histogram[width]
    if best >= 2 and reach == 4:
        # A full stop may hang over the edge: then most lines end two columns before the widest.
        for width in range(best - 2, best):
            if histogram[width] >= HANGING * histogram[best]:
                best = width
                break
    return best if most >= FULL_SHARE * count else 0


@kernel
def _first_of_paragraph(rows: Array, k: Number, before: Number) -> bool:
    return before < 0 or is_stop(rows[before, TAIL]) or rows[before, HEAD] in (NUMBERED, SALUTE) or k - before > 1


@kernel
def profile(data: Bytes, rows: Array, first: Number, end: Number, gone: Array, histogram: Array, known: Array) -> None:
    """Find out how a text breaks its lines; fill ``known``. ``histogram`` is room for ``WIDEST`` + 2 counts."""
    known[:] = 0
    stops = blanks = 0
    for k in range(first, end - 1):
        if not gone[k] and rows[k, TAIL] == STOP and next_line(rows, k, end, gone) < end:
            stops += 1
            blanks += rows[k + 1, HEAD] == BLANK
    known[SPACED] = stops > 0 and 10 * blanks >= 6 * stops
    if end - first < 4:
        return
    best = 0
    for wide in range(2):
        wrap = _width(rows, first, end, gone, histogram, wide)
        if not wrap:
            continue
        soft, sentences = _soft_breaks(data, rows, first, end, gone, wrap, wide)
        if soft > best:
            best = soft
            known[WRAP], known[SENTENCES], known[WIDE] = wrap, sentences, wide


@kernel
def _soft_breaks(
    data: Bytes, rows: Array, first: Number, end: Number, gone: Array, wrap: Number, wide: Number
) -> tuple[Number, Number]:
    """Return how well a width explains the breaks, 0 if the text is not wrapped, and the value of ``SENTENCES``."""
    lines = open_lines = soft = capitals = punctuated = closed = short = parted = latin = ends = 0
    before = np.int64(-1)
    k = next_line(rows, first - 1, end, gone)
    while k < end:
        other = next_line(rows, k, end, gone)
        lines += 1
        ends += rows[k, TAIL] in (STOP, DOT)
        if not _reads(rows[k]) or other == end:
            before, k = k, other
            continue
        full = is_full(data, rows, k, other, wrap, wide)
        if not full and _first_of_paragraph(rows, k, before):
            full = is_full(data, rows, k, other, wrap - INDENTED, wide)
        if is_stop(rows[k, TAIL]):
            closed += full and other == k + 1
            if not full:
                short += 1
                parted += other > k + 1
        elif 10 * columns(rows[k], wide) >= 6 * wrap and rows[k, HEAD] != LISTED:
            open_lines += 1
            if full:
                soft += 1
                capitals += rows[other, HEAD] == CAPITAL
                latin += (rows[k, FLAGS] & LATIN) != 0
                punctuated += (rows[k, FLAGS] & (PAUSES | STOPS | LATIN)) != 0 or rows[k, TAIL] == PAUSE
        before, k = k, other
    wrapped = (
        soft >= 3
        and soft >= SOFT_SHARE * open_lines
        and soft + closed >= FULL_SHARE * lines
        and capitals <= CAPITALS * soft
        and punctuated >= PUNCTUATED * soft
        and ends > 0
    )
    # The last line of a paragraph is full by chance as often as its end falls on the last place of a line.
    chance = (6.0 if 2 * latin > soft else 2.0) / wrap
    sentences = 2 * parted > short or short * chance <= HARD_SHARE * closed
    # Which way of counting width is right shows in the breaks that it leaves unexplained.
    return max(soft - 5 * (open_lines - soft), 1) if wrapped else 0, np.int64(sentences)


@kernel
def _is_cut(row: Array, long: Number) -> bool:
    """Tell whether a paragraph line stops inside a sentence, as at the end of a page.

    ``long`` are the columns from which a line is prose without a full stop in it.
    """
    flags, tail, head = row[FLAGS], row[TAIL], row[HEAD]
    if not flags & PROSE or flags & FENCED or head == MARKED:
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


@kernel
def _goes_on(row: Array) -> bool:
    """Tell whether a line reads as the rest of a sentence, not as a heading, a signature or a table."""
    flags = row[FLAGS]
    if not flags & PROSE or flags & FENCED or not starts_text(row[HEAD]):
        return False
    if flags & LATIN and row[HEAD] not in (SMALL, CONTINUES):
        return False
    if row[TAIL] in (STOP, DOT, SEMICOLON):
        return True
    if row[TAIL] == COLON:
        return bool(row[COLUMNS] >= LONG)
    return bool(flags & STOPS)


@kernel
def relate(data: Bytes, rows: Array, first: Number, end: Number, gone: Array, known: Array, states: Array) -> None:
    """Write what is known of each line of a text to ``states``."""
    wrap, wide = known[WRAP], known[WIDE]
    cuts = prose = 0
    before = np.int64(-1)
    k = next_line(rows, first - 1, end, gone)
    while k < end:
        other = next_line(rows, k, end, gone)
        state = 0
        row = rows[k]
        if wrap:
            full = other < end and _reads(row) and is_full(data, rows, k, other, wrap, wide)
            if not full and other < end and _reads(row) and _first_of_paragraph(rows, k, before):
                full = is_full(data, rows, k, other, wrap - INDENTED, wide)
            # What a stamp made too wide was full before.
            full = full or (_reads(row) and wrap < columns(row, wide) <= WIDEST)
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
            if other < end and row[FLAGS] & PROSE and row[COLUMNS] >= NARROWEST:
                cuts += (state & CUT) != 0
                prose += (state & CUT) != 0 or is_stop(row[TAIL])
        states[k] = state
        before, k = k, other
    known[CUTS] = cuts
    if wrap:
        return
    if cuts > 1 and cuts > CUT_SHARE * prose:
        for k in range(first, end):
            states[k] &= ~CUT
    elif cuts >= SURE:
        for k in range(first, end):
            if not gone[k] and not states[k] & CUT and _is_cut(rows[k], LONG_HERE):
                states[k] = states[k] & ~SHORT | CUT


@kernel
def has_titles(rows: Array, first: Number, end: Number, gone: Array, cut: Array, states: Array) -> bool:
    """Tell whether headings without numbers stand over paragraphs of a text; lines beside furniture do not count."""
    k = next_line(rows, first - 1, end, gone)
    while k < end:
        other = next_line(rows, k, end, gone)
        near = other == k + 1 or (other == k + 2 and not gone[k + 1])
        short = states[k] & SHORT and starts_text(rows[k, HEAD])
        if short and near and other < end and not cut[k] and not cut[other] and states[other] & GOES:
            return True
        k = other
    return False


@kernel
def _bonded(data: Bytes, rows: Array, first: Number, end: Number, k: Number, other: Number) -> bool:
    """Tell whether what stands on both sides of a break belongs together: a number, a clause, a pair of characters.

    The pair counts if it stands in the text once more.
    """
    if rows[k, TAIL] in (PAUSE, OPEN) or rows[k, FLAGS] & (OPENED | LATIN) or rows[other, HEAD] == CONTINUES:
        return True
    left = preceding(data, rows[k, END], rows[k, START])
    last, _ = point_at(data, left, rows[k, END])
    start = rows[other, START] + rows[other, INDENT]
    point, after = point_at(data, start, rows[other, END])
    if within(last, _BONDS) or (class_of(last) == DIGIT and class_of(point) in (DIGIT, HAN, UNIT)):
        return True
    return _stands(data, rows, first, end, left, rows[k, END], start, after)


@kernel
def _knit(data: Bytes, rows: Array, first: Number, end: Number, k: Number, other: Number) -> bool:
    """Tell whether three characters over a break stand in the text once more."""
    left = preceding(data, rows[k, END], rows[k, START])
    start = rows[other, START] + rows[other, INDENT]
    _, after = point_at(data, start, rows[other, END])
    further, more = point_at(data, after, rows[other, END])
    earlier = preceding(data, left, rows[k, START])
    return bool(
        _stands(data, rows, first, end, earlier, rows[k, END], start, after)
        or (further >= 0 and _stands(data, rows, first, end, left, rows[k, END], start, more))
    )


@kernel
def _stands(
    data: Bytes, rows: Array, first: Number, end: Number, left: Number, stop: Number, start: Number, after: Number
) -> bool:
    """Tell whether ``data[left:stop]`` and ``data[start:after]`` stand one behind the other in the text."""
    size, rest = stop - left, after - start
    for at in range(rows[first, START], rows[end - 1, END] - size - rest + 1):
        same = True
        for n in range(size):
            same = same and data[at + n] == data[left + n]
            if not same:
                break
        for n in range(rest):
            same = same and data[at + size + n] == data[start + n]
            if not same:
                break
        if same:
            return True
    return False


@kernel
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
        return False
    if known[WRAP]:
        if not states[k] & FULL or not near:
            return False
        if rows[other, INDENT] > rows[k, INDENT] + 1 and is_stop(tail):
            return False
        if states[k] & CUT:
            heading = rows[k, HEAD] == NUMBERED and not rows[k, FLAGS] & (STOPS | PAUSES | LATIN)
            near_heading = known[SPACED] or states[other] & SHORT
            return bool(not heading or near_heading or _knit(data, rows, first, end, k, other))
        if rows[other, FLAGS] & LATIN == 0 and columns(rows[other], known[WIDE]) <= known[WRAP] - INDENTED + 1:
            # So much shorter and yet not at its end: the first line of a paragraph whose indent is gone.
            first = not is_stop(rows[other, TAIL])
        else:
            first = False
        return bool(known[SENTENCES] and tail != COLON and not first)
    if states[k] & CUT:
        latin = rows[k, FLAGS] & LATIN
        words = tail in (LETTER, UPPER) and (rows[other, HEAD] == CAPITAL or (rows[other, HEAD] == SMALL and not latin))
        if words or not (near or known[SPACED] or rows[k, FLAGS] & OPENED):
            return False
        return bool(parted or known[CUTS] > FEW or _bonded(data, rows, first, end, k, other))
    if not parted or not rows[k, FLAGS] & PROSE or rows[k, FLAGS] & (FENCED | LATIN):
        return False
    if tail == SEMICOLON:
        return bool(rows[k, FLAGS] & STOPS)
    # The start of a paragraph may be the end of a page; a heading is not bonded to what follows it. Of a line with
    # the number of a heading, three characters are asked for.
    if tail in (CLOSE, UNIT, QUOTE):
        return bool(rows[k, FLAGS] & STOPS)
    if tail not in (HAN, DIGIT, PAUSE):
        return False
    if starts_text(rows[k, HEAD]):
        clause = tail == PAUSE or (rows[k, FLAGS] & PAUSES and rows[k, COLUMNS] >= CLAUSE)
        return bool(clause or not titled or _bonded(data, rows, first, end, k, other))
    if rows[k, HEAD] != NUMBERED:
        return False
    return _knit(data, rows, first, end, k, other)
