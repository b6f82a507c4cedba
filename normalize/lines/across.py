"""Whether a sentence runs on over page furniture that is gone, from a line that does not say so itself (Numba).

A short line at the end of a page may be a heading, or the start of a paragraph that the page cut. What tells them apart
is how the other lines of the text that begin like it go on.
"""

from __future__ import annotations

from taoxi.normalize.kernel import part
from taoxi.normalize.lines.bonds import bonded, knit
from taoxi.normalize.lines.classes import (
    CLOSE,
    DASH,
    DIGIT,
    DOT,
    HAN,
    HYPHEN,
    LETTER,
    LISTED,
    NUMBERED,
    PAUSE,
    QUOTE,
    SALUTE,
    SEMICOLON,
    SHUT,
    SMALL,
    STOP,
    UNIT,
    UPPER,
    class_of,
    is_numeral,
    point_at,
    starts_text,
)
from taoxi.normalize.lines.classes import before as preceding
from taoxi.normalize.lines.table import COLUMNS, END, FLAGS, HEAD, INDENT, LATIN, PAUSES, SEVERAL, START, STOPS, TAIL
from taoxi.normalize.lines.width import NARROWEST
from taoxi.normalize.utf8 import Array, Bytes, Number

CLAUSE, CLAUSES = 40, 30
"""Columns from which a line with a comma, and one with two, is no heading if it stands over page furniture."""

PARAGRAPH = 64
"""Columns from which a Latin line is no line of a song: behind furniture, it goes on from however short a line."""

NUMBER_ALONE = 6
"""Columns of the number of a heading that nothing follows."""

SIBLINGS = 2
"""Lines that begin alike from which it shows how they go on."""

RUN_IN = 4
"""How many times more of them must go on with their text on the same line than stand alone."""

SHORTER = 0.6
"""Of the width of the shortest heading of a kind: what is shorter was cut."""


@part
def runs_over(data: Bytes, rows: Array, first: Number, end: Number, k: Number, other: Number, titled: bool) -> bool:
    """Tell whether a sentence runs on from line ``k`` to line ``other``, which reads as the rest of one.

    ``titled``: the text has headings without numbers, which could stand at the end of a page as well.
    """
    row = rows[k]
    tail, head = row[TAIL], row[HEAD]
    if row[FLAGS] & LATIN:
        # What goes on with a small letter is no new paragraph. A list may, though.
        small = rows[other, HEAD] == SMALL and tail in (LETTER, UPPER, DIGIT, PAUSE, HYPHEN)
        enough = row[COLUMNS] >= NARROWEST or (small and rows[other, COLUMNS] >= PARAGRAPH)
        return bool((small or tail == PAUSE) and starts_text(head) and enough)
    clause = (row[FLAGS] & PAUSES and row[COLUMNS] >= CLAUSE) or (row[FLAGS] & SEVERAL and row[COLUMNS] >= CLAUSES)
    if head == NUMBERED and row[COLUMNS] <= NUMBER_ALONE:
        return True
    if tail == SEMICOLON:
        return bool(row[FLAGS] & STOPS)
    if tail in (CLOSE, UNIT, QUOTE):
        return bool(row[FLAGS] & STOPS or (clause and starts_text(head)))
    if tail == SHUT:
        return bool((row[FLAGS] & STOPS or clause) and not _is_note(data, row))
    if tail == PAUSE:
        return True
    if tail not in (HAN, DIGIT):
        return False
    if starts_text(head):
        # A heading is not bonded to what follows it.
        return bool(clause or not titled or _counts(data, row) or bonded(data, rows, first, end, k, other))
    if head == SALUTE:
        return knit(data, rows, first, end, k, other)
    dash = head == LISTED and _is_dash(data, row)
    if head == NUMBERED or dash:
        return bool(
            (dash and clause) or is_cut_heading(data, rows, first, end, k) or knit(data, rows, first, end, k, other)
        )
    return False


@part
def _first(data: Bytes, row: Array) -> Number:
    point, _ = point_at(data, row[START] + row[INDENT], row[END])
    return point


@part
def _is_dash(data: Bytes, row: Array) -> bool:
    point = _first(data, row)
    return bool(point >= 0x80 and class_of(point) == DASH)


@part
def is_named(data: Bytes, row: Array) -> bool:
    """Tell whether a line with a label begins with its name, not with a dash."""
    return bool(class_of(_first(data, row)) == HAN)


@part
def _counts(data: Bytes, row: Array) -> bool:
    """Tell whether a line begins with 一是, 二是 and so on: a sentence, never a heading."""
    point, after = point_at(data, row[START] + row[INDENT], row[END])
    following, _ = point_at(data, after, row[END])
    return bool(is_numeral(point) and following == 0x662F)


@part
def _is_note(data: Bytes, row: Array) -> bool:
    """Tell whether the bracket that a line ends with opens behind a full stop: it names a source or a writer."""
    at = row[END]
    point = -1
    while at > row[START] and point not in (0x28, 0xFF08, 0x3010, 0x3014):
        at = preceding(data, at, row[START])
        point, _ = point_at(data, at, row[END])
    if at <= row[START]:
        return True
    point, _ = point_at(data, preceding(data, at, row[START]), at)
    return bool(class_of(point) in (STOP, CLOSE))


@part
def is_cut_heading(data: Bytes, rows: Array, first: Number, end: Number, k: Number) -> bool:
    """Tell whether a line with the number of a heading or item was cut: others of its kind are longer, or sentences."""
    if rows[k, HEAD] not in (NUMBERED, LISTED) or rows[k, TAIL] not in (HAN, SHUT, PAUSE, DIGIT, DOT):
        return False
    if rows[k, HEAD] == NUMBERED and rows[k, COLUMNS] <= NUMBER_ALONE:
        return True
    kind = class_of(_first(data, rows[k]))
    alone = together = 0
    shortest = 1 << 20
    for line in range(first, end):
        row = rows[line]
        if line == k or row[HEAD] != rows[k, HEAD] or class_of(_first(data, row)) != kind:
            continue
        if row[FLAGS] & STOPS or row[TAIL] in (STOP, SEMICOLON):
            together += 1
        else:
            alone += 1
            shortest = min(shortest, row[COLUMNS])
    if together >= SIBLINGS and together >= RUN_IN * alone:
        return True
    return bool(alone >= SIBLINGS and rows[k, COLUMNS] < SHORTER * shortest)
