"""What a character, the start of a line and the end of a line say about a line break (Numba).

Only edges of lines are looked at here, so that a text without broken lines costs next to nothing.
"""

from __future__ import annotations

import numpy as np

from taoxi.normalize.kernel import part
from taoxi.normalize.utf8 import Array, Bytes, Number, code_point, sequence_length

(OTHER, SPACE, HAN, LETTER, UPPER, DIGIT, STOP, DOT, SEMICOLON, COLON, PAUSE, OPEN, CLOSE, QUOTE, HYPHEN, DASH) = range(
    16
)
(MARKUP, BULLET, UNIT, SPACELESS, ENCLOSED, SHUT) = range(16, 22)
"""Classes of characters. ``LETTER`` are letters of scripts that put spaces between words (Hangul too) and have no case
or are small; ``SPACELESS`` are scripts such as Thai, whose words only a dictionary parts: their lines are left alone.
``CLOSE`` closes a quote or title and may stand before a break inside a sentence, ``SHUT`` shuts a bracket, as that of
a by-line does."""

(
    BLANK,
    TEXT,
    SMALL,
    CAPITAL,
    NUMBER,
    NUMBERED,
    LISTED,
    MARKED,
    CONTINUES,
    QUOTED,
    BRACKETED,
    STRANGE,
    SALUTE,
    LABEL,
) = range(14)
"""What a line starts with. ``NUMBERED`` is the number of a heading or item, ``LISTED`` a bullet, ``MARKED`` Markdown or
a drawing, ``LABEL`` a short name and a colon, ``CONTINUES`` a mark that stands only inside a sentence (a comma)."""

_NUMERALS = np.array([ord(c) for c in "一二三四五六七八九十百零〇两"], np.int64)
_DIVISIONS = np.array([ord(c) for c in "章节節条條款编編篇部回卷讲講课課集"], np.int64)
_QUANTITIES = np.array([ord(c) for c in "万亿千百十元个倍平公亩吨户人美年月日时分秒米克升斤里度级条项家名次"], np.int64)

ASCII_SPACE, HASH, ASTERISK, PERIOD, NINE, ZERO = 0x20, 0x23, 0x2A, 0x2E, 0x39, 0x30


def _table() -> Array:
    """Return the class of each code point of the basic plane."""
    table = np.zeros(0x10000, np.uint8)
    for first, last, kind in (
        (0x30, 0x39, DIGIT), (0x41, 0x5A, UPPER), (0x61, 0x7A, LETTER),
        (0xAA, 0x24F, LETTER), (0x250, 0x2AF, LETTER), (0x300, 0x6FF, LETTER), (0x700, 0xDFF, LETTER),
        (0xE00, 0xEFF, SPACELESS), (0xF00, 0xFFF, SPACELESS), (0x1000, 0x109F, SPACELESS), (0x10A0, 0x177F, LETTER),
        (0x1780, 0x17FF, SPACELESS), (0x1800, 0x1FFF, LETTER), (0x2460, 0x24FF, ENCLOSED), (0x2776, 0x2793, ENCLOSED),
        (0x2160, 0x217F, HAN), (0x2500, 0x257F, MARKUP), (0x25A0, 0x27BF, BULLET), (0x2190, 0x21FF, BULLET),
        (0x2E80, 0x2FDF, HAN), (0x3005, 0x3007, HAN), (0x3040, 0x312F, HAN), (0x3131, 0x318E, LETTER),
        (0x31A0, 0x31FF, HAN), (0x3220, 0x3247, ENCLOSED), (0x3280, 0x32B0, ENCLOSED), (0x3400, 0x4DBF, HAN),
        (0x4E00, 0x9FFF, HAN), (0xAC00, 0xD7A3, LETTER), (0xF900, 0xFAFF, HAN), (0xFF10, 0xFF19, DIGIT),
        (0xFF21, 0xFF3A, UPPER), (0xFF41, 0xFF5A, LETTER), (0xFF66, 0xFF9D, HAN),
    ):  # fmt: skip
        table[first : last + 1] = kind
    for point in range(0xC0, 0x530):
        if chr(point).isupper():
            table[point] = UPPER
    for kind, characters in (
        (SPACE, " \t\u00a0\u3000"), (STOP, "。!?！？…‼⁇⁈"), (DOT, ".．"), (SEMICOLON, ";；"), (COLON, ":：︰"),
        (PAUSE, ",、，"), (OPEN, "“‘「『《〈(（【〔[［〖"), (CLOSE, "”’」』》〉"), (SHUT, ")）】〕]］〗"),
        (QUOTE, "\"'"),
        (HYPHEN, "-"), (DASH, "—–~～―"), (MARKUP, "#>|`=\\{}<*_^$&@~"), (BULLET, "•·●○◆■□▲△★☆※◇▪►→✓‣◦"),
        (UNIT, "+%％‰℃°㎡㎞€£¥"),
    ):  # fmt: skip
        for char in characters:
            table[ord(char)] = kind
    table.flags.writeable = False
    return table


_CLASSES = _table()


@part
def class_of(point: Number) -> Number:
    """Return the class of a code point; beyond the basic plane there are Chinese characters, and emoji."""
    if point < 0x10000:
        return np.int64(_CLASSES[point])
    return np.int64(HAN if 0x20000 <= point < 0x40000 else OTHER)


@part
def class_of_ascii(byte: Number) -> Number:
    """Return the class of a byte below 128, which is a character."""
    return np.int64(_CLASSES[np.uint64(byte)])


@part
def before(data: Bytes, at: Number, begin: Number) -> Number:
    """Return where the character before ``at`` starts, ``begin`` at the least."""
    at -= 1
    while at > begin and data[np.uint64(at)] & 0xC0 == 0x80:
        at -= 1
    return at


@part
def point_at(data: Bytes, at: Number, end: Number) -> tuple[Number, Number]:
    """Return the character at ``at`` and where it ends; -1 at the end."""
    if at >= end:
        return np.int64(-1), np.int64(at)
    size = sequence_length(data[np.uint64(at)])
    return np.int64(code_point(data, at, size)), np.int64(at + size)


@part
def within(point: Number, points: Array) -> bool:
    """Tell whether a code point is one of a few."""
    for other in points:
        if other == point:
            return True
    return False


@part
def tail_of(data: Bytes, begin: Number, end: Number) -> Number:
    """Return the class of the last character of a line, spaces aside; a closing mark counts as the stop before it."""
    kind = np.int64(SPACE)
    at = np.int64(end)
    looked = 0
    closed = np.int64(-1)
    while at > begin and looked < 4:
        at = before(data, at, begin)
        point, _ = point_at(data, at, end)
        kind = class_of(point)
        if kind == SPACE:
            continue
        if kind in (CLOSE, QUOTE, SHUT):
            if closed < 0:
                closed = np.int64(SHUT if kind == SHUT else CLOSE)
            looked += 1
            continue
        if closed >= 0:
            return np.int64(kind if kind in (STOP, DOT, SEMICOLON) else closed)
        return kind
    return np.int64(closed if closed >= 0 else SPACE)


@part
def head_of(data: Bytes, begin: Number, end: Number) -> Number:
    """Return what a line starts with; spaces before it do not count."""
    at = np.int64(begin)
    point, after = point_at(data, at, end)
    while point >= 0 and class_of(point) == SPACE:
        at = after
        point, after = point_at(data, at, end)
    if point < 0:
        return np.int64(BLANK)
    kind = class_of(point)
    following, _ = point_at(data, after, end)
    if kind == HAN:
        if point == 0x5404 and following == 0x4F4D:  # 各位: a salutation
            return np.int64(SALUTE)
        if point == 0x7B2C and _division(data, after, end):
            return np.int64(NUMBERED)
        if within(point, _NUMERALS) and _after_numeral(data, at, end):
            return np.int64(NUMBERED)
        return np.int64(LABEL if _labelled(data, after, end) else TEXT)
    if kind == LETTER:
        return np.int64(NUMBERED if following == 0x29 and point < 0x80 else SMALL)
    if kind == UPPER:
        return np.int64(NUMBERED if following in (0x29, 0x3001) or (following == PERIOD and point < 0x80) else CAPITAL)
    if kind == DIGIT:
        return np.int64(NUMBERED if _item_number(data, at, end) else NUMBER)
    if kind == OPEN:
        if point in (0x28, 0xFF08, 0x3014, 0x5B, 0xFF3B) and _bracketed_number(data, after, end):
            return np.int64(NUMBERED)
        if point in (0x3010, 0x3016):
            return np.int64(STRANGE)  # 【 opens a label
        return np.int64(QUOTED if point in (0x201C, 0x2018, 0x300C, 0x300E) else BRACKETED)
    if kind == QUOTE:
        return np.int64(QUOTED)
    if kind in (CLOSE, SHUT, PAUSE, STOP, DOT, SEMICOLON, COLON, UNIT) and point != 0x2B:
        markup = point == 0x21 and following == 0x5B  # ![image]
        return np.int64(MARKED if markup else CONTINUES)
    if kind in (BULLET, ENCLOSED):
        return np.int64(LISTED if kind == BULLET else NUMBERED)
    if kind == DASH and class_of(max(following, 0)) in (HAN, DIGIT):
        return np.int64(LABEL)  # a range, if its line is wrapped
    if point in (0x2D, 0x2B, ASTERISK) or kind == DASH:
        return np.int64(LISTED)
    if kind == MARKUP:
        return np.int64(MARKED)
    return np.int64(STRANGE)


@part
def starts_text(head: Number) -> bool:
    """Tell whether a line starts as the rest of a sentence may; items, headings and markup do not."""
    return head in (TEXT, SMALL, CAPITAL, NUMBER, CONTINUES, QUOTED, BRACKETED)


@part
def _labelled(data: Bytes, at: Number, end: Number) -> bool:
    """Tell whether a colon follows after a few Chinese characters: who speaks, or what a field is called."""
    for _ in range(5):
        point, at = point_at(data, at, end)
        if point in (0x3A, 0xFF1A):
            return True
        if point < 0 or class_of(point) != HAN:
            return False
    return False


@part
def is_numeral(point: Number) -> bool:
    """Tell whether a code point is a Chinese numeral."""
    return within(point, _NUMERALS)


@part
def _division(data: Bytes, at: Number, end: Number) -> bool:
    """Tell whether a number and the word for a part of a book follow 第."""
    count = 0
    point, after = point_at(data, at, end)
    while count < 6 and (within(point, _NUMERALS) or ZERO <= point <= NINE):
        count += 1
        point, after = point_at(data, after, end)
    return count > 0 and within(point, _DIVISIONS)


@part
def _after_numeral(data: Bytes, at: Number, end: Number) -> bool:
    """Tell whether Chinese numerals stand as the number of a heading: ``一、``, ``十二.``, or alone before a space."""
    count = 0
    point, after = point_at(data, at, end)
    while count < 4 and within(point, _NUMERALS):
        count += 1
        point, after = point_at(data, after, end)
    return point in (0x3001, PERIOD, 0xFF0E, ASCII_SPACE, 0x3000)


@part
def _item_number(data: Bytes, at: Number, end: Number) -> bool:
    """Tell ``1.``, ``2、``, ``3)`` and ``1.2 范围`` from a quantity such as ``1.2万``."""
    digits = 0
    dots = 0
    trailing = False
    point, after = point_at(data, at, end)
    while digits < 12:
        if ZERO <= point <= NINE:
            digits += 1
            trailing = False
        elif point in (PERIOD, 0xFF0E) and digits and not trailing:
            dots += 1
            trailing = True
        else:
            break
        point, after = point_at(data, after, end)
    if digits > 6 or point < 0:
        return trailing and point < 0
    if point in (0x3001, 0x29, 0xFF09):
        return digits <= 3
    if not dots:
        return False
    if trailing:
        return True
    return class_of(point) == SPACE or (dots > 1 and not within(point, _QUANTITIES))


@part
def _bracketed_number(data: Bytes, at: Number, end: Number) -> bool:
    """Tell whether a numeral, a number or one letter and a closing bracket follow the opening one."""
    count = 0
    point, after = point_at(data, at, end)
    while count < 4 and (within(point, _NUMERALS) or ZERO <= point <= NINE):
        count += 1
        point, after = point_at(data, after, end)
    if not count and class_of(point) in (LETTER, UPPER) and point < 0x80:
        count = 1
        point, after = point_at(data, after, end)
    return count > 0 and class_of(point) == SHUT
