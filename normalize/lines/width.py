"""At which width a text is wrapped, if it is: there lines are full, with no room for the next word (Numba)."""

from __future__ import annotations

import numpy as np

from taoxi.normalize.kernel import part
from taoxi.normalize.lines.classes import (
    BLANK,
    CAPITAL,
    CLOSE,
    COLON,
    DASH,
    DOT,
    HAN,
    HYPHEN,
    LISTED,
    MARKED,
    NUMBERED,
    OPEN,
    PAUSE,
    SALUTE,
    SEMICOLON,
    SHUT,
    STOP,
    class_of,
    point_at,
)
from taoxi.normalize.lines.table import (
    CODED,
    COLUMNS,
    DIGITS,
    END,
    FENCED,
    FLAGS,
    HEAD,
    INDENT,
    LATIN,
    NARROWED,
    PAUSES,
    PROSE,
    START,
    STOPS,
    TAIL,
)
from taoxi.normalize.utf8 import Array, Bytes, Number

(WRAP, SPACED, SENTENCES, WIDE, CUTS, CODE) = range(6)
"""What is known of a text: its width in columns, 0 if it is not wrapped; whether paragraphs are parted by blank lines;
whether a full line that ends with a sentence is taken to go on; whether half-width punctuation took two columns when it
was wrapped; how many lines are cut; whether it is code, a technical manual or a table, whose lines stay as they are."""

NUMBER_COLUMNS = 16
"""Width of a line of digits up to which it may be the number of a page."""

CODE_SHARE = 0.3
"""Of the lines of a Latin text, how many must look like code. Of 60 files each, nine in ten of C, Python, JavaScript,
Perl, shell, JSON, CSS and XML have at least 0.4, release notes and letters at most 0.1; manuals with much code in
them lie between, and half of them have 0.5."""

NARROWEST, WIDEST = 24, 150
"""Columns of wrapped text. Verse and lists are narrower; wider lines are paragraphs."""

OUTLIERS = 0.06
"""Share of lines that may be wider than the width: addresses of pages, lines with a watermark."""

SOFT_SHARE = 0.85
"""Of the long lines without a full stop, how many must be full. In wrapped text nearly all are; in verse, lists and
chat, whose lines end where they like, about one in six is at any width."""

FULL_SHARE = 0.25
"""Of all lines, how many must be full: text of one-line paragraphs has nothing to join."""

FEW_SHARE, CERTAIN = 0.1, 6
"""The same where at least so many long lines without a full stop are full and none is not: a letter under many lines of
addresses, or over them."""

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


@part
def columns(row: Array, wide: Number) -> Number:
    """Return the width of a line, with half-width punctuation counted as it was wrapped."""
    return row[COLUMNS] + wide * row[NARROWED]


@part
def is_stop(tail: Number) -> bool:
    """Tell whether a line ends where a sentence does."""
    return tail in (STOP, DOT, COLON)


@part
def next_line(rows: Array, k: Number, end: Number, gone: Array) -> Number:
    """Return the next line that is neither blank nor gone, ``end`` if there is none."""
    k += 1
    while k < end and (gone[k] or rows[k, HEAD] == BLANK):
        k += 1
    return k


@part
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


@part
def is_full(data: Bytes, rows: Array, k: Number, other: Number, wrap: Number, wide: Number) -> bool:
    """Tell whether the first word of line ``other`` would not have gone on line ``k`` at this width."""
    latin = (rows[k, FLAGS] & LATIN) != 0
    spaced = latin and rows[k, TAIL] not in (HYPHEN, DASH, HAN)
    slack = 1 if latin else 2
    size = columns(rows[k], wide)
    return bool(size <= wrap + 2 and size + spaced + first_word(data, rows[other], wide) > wrap - slack)


@part
def reads(row: Array) -> bool:
    """Tell whether a line can be part of wrapped prose."""
    return bool(
        row[FLAGS] & PROSE and not row[FLAGS] & FENCED and row[HEAD] not in (BLANK, MARKED) and row[COLUMNS] <= WIDEST
    )


@part
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
    return best if most >= min(FULL_SHARE * count, max(FEW_SHARE * count, CERTAIN)) else 0


@part
def first_of_paragraph(rows: Array, k: Number, before: Number) -> bool:
    """Tell whether a line begins a paragraph, as far as the line before it tells."""
    return before < 0 or is_stop(rows[before, TAIL]) or rows[before, HEAD] in (NUMBERED, SALUTE) or k - before > 1


@part
def is_code(rows: Array, first: Number, end: Number) -> bool:
    """Tell whether a text of Latin letters is code; the numbers of its pages say nothing about that."""
    lines = latin = coded = 0
    for k in range(first, end):
        flags = rows[k, FLAGS]
        numbers = flags & DIGITS and not flags & LATIN and rows[k, COLUMNS] <= NUMBER_COLUMNS
        if rows[k, HEAD] != BLANK and not numbers:
            lines += 1
            latin += (flags & LATIN) != 0
            coded += (flags & CODED) != 0
    return bool(2 * latin > lines and coded >= CODE_SHARE * lines)


@part
def profile(data: Bytes, rows: Array, first: Number, end: Number, gone: Array, histogram: Array, known: Array) -> None:
    """Find out how a text breaks its lines; fill ``known``. ``histogram`` is room for ``WIDEST`` + 2 counts."""
    known[:] = 0
    stops = blanks = 0
    for k in range(first, end - 1):
        if not gone[k] and rows[k, TAIL] == STOP and next_line(rows, k, end, gone) < end:
            stops += 1
            blanks += rows[k + 1, HEAD] == BLANK
    known[SPACED] = stops > 0 and 10 * blanks >= 6 * stops
    known[CODE] = is_code(rows, first, end)
    if end - first < 4 or known[CODE]:
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


@part
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
        if not reads(rows[k]) or other == end:
            before, k = k, other
            continue
        full = is_full(data, rows, k, other, wrap, wide)
        if not full and first_of_paragraph(rows, k, before):
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
        and soft + closed >= (FEW_SHARE if soft >= CERTAIN and soft == open_lines else FULL_SHARE) * lines
        and capitals <= CAPITALS * soft
        and punctuated >= PUNCTUATED * soft
        and ends > 0
    )
    # The last line of a paragraph is full by chance as often as its end falls on the last place of a line.
    chance = (6.0 if 2 * latin > soft else 2.0) / wrap
    sentences = 2 * parted > short or short * chance <= HARD_SHARE * closed
    # Which way of counting width is right shows in the breaks that it leaves unexplained.
    return max(soft - 5 * (open_lines - soft), 1) if wrapped else 0, np.int64(sentences)
