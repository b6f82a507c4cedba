"""Rules that need neighbours: what follows, what a run of dots becomes, where a paragraph starts (Numba).

Each function is a branch of the walk in ``taoxi.normalize.characters.walk``; what it may do is written at the rule of
its name in ``taoxi.normalize.characters.rules``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from taoxi.normalize.characters.rules import BREAK, CJK_BIT, DOT, DROP, JOINER, MAP, RETURN, RULES, SPACE
from taoxi.normalize.kernel import part
from taoxi.normalize.utf8 import Array, Bytes, Number, code_point, put, sequence_length, unsigned_point

Tables = tuple[Bytes, Bytes, NDArray[np.uint16]]
"""Action, rule and target of each code point (``taoxi.normalize.characters.rules.Table``)."""

DASH, ELLIPSIS = RULES.index("dash"), RULES.index("ellipsis")

_OPENERS = np.array([ord(c) for c in "(“‘「『《〈【〔[（"], np.int64)
_LOOK = 24
"""Characters that ``indent`` looks ahead over a number or word before it must meet Chinese."""


@part
def look(data: Bytes, at: Number, end: Number, action: Array, target: Array) -> tuple[Number, Number]:
    """Return the next character that will stand in the output, and where it ends; -1 at the end."""
    while at < end:
        size = sequence_length(data[at])
        point = code_point(data, at, size)
        at += size
        op = action[point] & 0x7F
        if op == MAP:
            return np.int64(target[point]), at
        if op == SPACE:
            return np.int64(32), at
        if op in (BREAK, RETURN):
            return np.int64(10), at
        if op not in (DROP, JOINER):
            return np.int64(point), at
    return np.int64(-1), at


@part
def run_of(
    data: Bytes, at: Number, end: Number, point: Number, action: Array, target: Array
) -> tuple[Number, Number, Number]:
    """Return how often ``point`` follows from ``at`` on, where the run ends, and the character after it."""
    count = 0
    while True:
        following, after = look(data, at, end, action, target)
        if following != point:
            return count, at, following
        count += 1
        at = after


@part
def narrow(point: Number) -> Number:
    """Return a full-width form as ASCII, so that what looks ahead decides the same under every ``width``."""
    return point - 0xFEE0 if 0xFF01 <= point <= 0xFF5E else point


@part
def alnum(point: Number) -> Number:
    """Tell Latin letters and digits; accents do not count, or ``compose`` would change what is decided next time."""
    if point < 0x80:
        return 48 <= point <= 57 or 65 <= point <= 90 or 97 <= point <= 122
    return 0xC0 <= point < 0x250 or 0x1E00 <= point < 0x1F00


@part
def joins(point: Number) -> Number:
    """Tell whether a joiner after ``point`` can mean something: scripts from Arabic to Mongolian and on, and emoji."""
    return (
        0x600 <= point < 0x10A0
        or 0x1780 <= point < 0x1D00
        or 0xA840 <= point < 0xAC00
        or 0xFB50 <= point < 0xFE10
        or 0xFE70 <= point < 0xFEFF
        or 0x10A00 <= point < 0x12000
        or 0x1E900 <= point < 0x1E960
        or 0x2600 <= point < 0x27C0
        or 0x1F000 <= point < 0x1FB00
    )


@part
def chinese(point: Number, action: Array) -> Number:
    """Tell Chinese from the rest; full-width forms do not count, or one conversion would set off the next."""
    return (action[point] & CJK_BIT) != 0 and not 0xFF00 <= point < 0x10000


@part
def paragraph(data: Bytes, at: Number, end: Number, action: Array, target: Array) -> bool:
    """Tell whether the line whose first character stands at ``at`` is a Chinese paragraph (rule ``indent``)."""
    point, at = look(data, at, end, action, target)
    for opener in _OPENERS:
        if narrow(point) == opener:
            point, at = look(data, at, end, action, target)
            break
    if narrow(point) in (0x2B, 0x2D):
        return False  # a list item
    seen = 0
    while point >= 0 and seen < _LOOK:
        point = narrow(point)
        if action[point] & CJK_BIT:
            return True
        if not 0x300 <= point < 0x370:
            if not (alnum(point) or point in (0x25, 0x2B, 0x2D, 0x2E, 0xB7)):
                return False
            seen += 1
        point, at = look(data, at, end, action, target)
    return False


@part
def passed(data: Bytes, at: Number, after: Number, action: Array, rule: Array, counts: Array) -> None:
    """Count what other rules do to the characters of a run, but for its first, which the kernel counted."""
    at += sequence_length(data[at])
    while at < after:
        size = sequence_length(data[at])
        point = code_point(data, at, size)
        if action[point] & 0x7F in (MAP, DROP, JOINER):
            counts[rule[point]] += 1
        at += size


@part
def ends_run(data: Bytes, at: Number, end: Number) -> Number:
    """Tell at a glance that no further dot can follow: most dots stand alone, before text."""
    if at >= end:
        return True
    byte = data[np.uint64(at)]
    return 0xE4 <= byte <= 0xE9 or (0x20 <= byte < 0x7F and byte != 0x2E)


@part
def dots(
    data: Bytes,
    at: Number,
    end: Number,
    point: Number,
    previous: Number,
    table: Tables,
    out: Bytes,
    at_out: Number,
    counts: Array,
) -> tuple[Number, Number, Number]:
    """Copy a run of dots or full stops, or write an ellipsis for it.

    Return where the input and the output go on, and the last character of the output.
    """
    action, rule, target = table
    many, after, following = run_of(data, at, end, point, action, target)
    ascii_run = (
        point == 0x2E
        and many in (3, 6)
        and (action[previous] & CJK_BIT) != 0
        and not (following >= 0 and alnum(following))
    )
    passed(data, at, after, action, rule, counts)
    if ascii_run or (point == 0x3002 and many >= 3):
        counts[ELLIPSIS] += 1
        return after, put(out, put(out, at_out, 0x2026), 0x2026), np.int64(0x2026)
    for _ in range(many):
        at_out = put(out, at_out, point)
    return after, at_out, np.int64(point)


@part
def boxes(
    data: Bytes, at: Number, end: Number, previous: Number, table: Tables, out: Bytes, at_out: Number, counts: Array
) -> tuple[Number, Number, Number]:
    """Copy a run of box lines, or write a dash for exactly two of them before text; return as ``_dots`` does."""
    action, rule, target = table
    many, after, following = run_of(data, at, end, 0x2500, action, target)
    following = narrow(following)
    text_follows = following >= 0 and (alnum(following) or (action[following] & CJK_BIT) != 0)
    passed(data, at, after, action, rule, counts)
    if many == 2 and text_follows and not 0x2500 <= previous < 0x2580:
        counts[DASH] += 1
        return after, put(out, put(out, at_out, 0x2014), 0x2014), np.int64(0x2014)
    for _ in range(many):
        at_out = put(out, at_out, 0x2500)
    return after, at_out, np.int64(0x2500)


@part
def widened(
    data: Bytes, after: Number, end: Number, point: Number, previous: Number, table: Tables, brackets: Array
) -> Number:
    """Tell whether ASCII punctuation becomes full-width; ``brackets`` remembers what was said of the open ones.

    ``brackets`` is the depth and a bit per depth, so that both brackets of a pair get the same width.
    """
    action, _rule, target = table
    following, _ = look(data, after, end, action, target)
    touches = chinese(previous, action) or (following >= 0 and chinese(following, action))
    if point == 0x29 and brackets[0] > 0:
        brackets[0] -= 1
        touches = (brackets[1] >> min(brackets[0], 62)) & 1 == 1
    elif point == 0x28:
        bit = np.int64(1) << min(brackets[0], 62)
        brackets[1] = brackets[1] | bit if touches else brackets[1] & ~bit
        brackets[0] += 1
    return touches


@part
def copy_plain(
    data: Bytes, at: Number, stop: Number, action: Array, out: Bytes, at_out: Number
) -> tuple[Number, Number, Number]:
    """Copy a run of characters that no rule touches, most of a text; a dot that stands alone is one of them.

    Returns:
        How many bytes were copied, and place in the input and code point of the last character (-1 if there is none).
    """
    begin, end = np.uint64(at), np.uint64(stop)
    place = begin
    while place < end:
        point, after = unsigned_point(data, place)
        op = action[point] & np.uint8(0x7F)
        if op and not (op == DOT and ends_run(data, np.int64(after), stop)):
            break
        place = after
    if place == begin:
        return 0, np.int64(-1), np.int64(-1)
    shift = np.uint64(at_out) - begin
    for k in range(begin, place):
        out[k + shift] = data[k]
    last = place - np.uint64(1)
    while data[last] & np.uint8(0xC0) == np.uint8(0x80):
        last -= np.uint64(1)
    point, _ = unsigned_point(data, last)
    return np.int64(place - begin), np.int64(last), np.int64(point)
