"""Words and numbers of a text, as they are compared between a document and the one that it may be a copy of (Numba).

Other than for shingles (``taoxi.dedup.tokens``), a number is one token, told by its value: 1,234 and 1234, 12万 and
120000, 二〇二四年 and 2024年 are the same. A word with a digit in it (a number of a case or a project) is a number too.
One numeral by itself (一) is mostly part of a word: it is *faint*, and counts only against another number.

What a page says of itself is left out: lines that are nothing but a date, or short and name a source, an editor or how
often the page was read; and the date of a dispatch (3月5日电). Two sites tell these of one text differently.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from taoxi.dedup.fold import KIND_SHIFT, POINT_MASK, SEPARATOR, SINGLE, WORD, table
from taoxi.dedup.tokens import among
from taoxi.normalize.kernel import part
from taoxi.normalize.utf8 import Array, Bytes, Number, unsigned_point

OTHER, NUMBER, FAINT, NAME = range(4)
"""Kinds of tokens: one character, a number, one numeral by itself, a word of letters."""

KIND = 0x03
LINE = 0x04
CAPITAL = 0x08
"""Bits of a token's mark: its kind, whether it is the first of its line, and whether it begins with a capital."""


class Facts(NamedTuple):
    """The n tokens of a text.

    ``tokens`` (uint64) are their hashes, ``marks`` (uint8) their kinds, and whether they begin a line. ``sizes``
    (uint8) are their lengths in characters, of numbers in digits. ``values`` (uint64) are the digits of numbers, read
    as one number without point and units (of 1.2万 it is 12), and a bit for each of the letters of words, whatever
    their order; of other tokens they are anything.
    """

    tokens: Array
    marks: Array
    sizes: Array
    values: Array


NOTE = 24
"""Tokens up to which a line without the end of a sentence may be a note of the page about itself."""

_M1 = np.uint64(0x9E3779B97F4A7C15)
_M2 = np.uint64(0xC2B2AE3D27D4EB4F)
_M3 = np.uint64(0x165667B19E3779F9)

_TEN, _HUNDRED, _THOUSAND, _MYRIAD, _HUNDRED_MILLION, _PAIR = range(11, 17)
_ZEROS = np.array([0, 1, 2, 3, 4, 8], np.int64)
"""How many zeros each unit from ``_TEN`` on, less ten, stands for."""


_SPECIAL = 32
"""What is no numeral, and yet stands for more than itself behind a number: units of dates, and 3月5日电."""


def _numerals() -> Array:
    """Return what each code point up to U+FFFF is as a Han numeral (uint8): its digit and one, a unit, or 0."""
    found = np.zeros(1 << 16, np.uint8)
    for digits in ("〇一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖"):
        for value, sign in enumerate(digits):
            found[ord(sign)] = value + 1
    for signs, unit in (("十拾", _TEN), ("百佰", _HUNDRED), ("千仟", _THOUSAND), ("万", _MYRIAD)):
        for sign in signs:
            found[ord(sign)] = unit
    found[ord("亿")], found[ord("两")] = _HUNDRED_MILLION, _PAIR
    for sign in "年月日号时分秒电讯":
        found[ord(sign)] = _SPECIAL
    return found


_NUMERALS = _numerals()
_CIRCLES = np.array([0x25CB, 0x25EF], np.int64)
"""○ and ◯, which stand for 〇 in years."""

_NOTES = (
    "来源 作者 编辑 责编 校对 审核 浏览 阅读 点击 访问 发布 更新 字号 字体 打印 分享 评论 转发 收藏 记者 摄影 供稿 撰稿"
    " 人气 点赞 公开 閲覧 阅览 投稿 配信 日期"
)
_NOTES_IN_WORDS = "views posted published updated author editor source comments"
_SLOTS = 512
_DATE_UNITS = np.array([ord(sign) for sign in "年月日号时分秒"], np.int64)
_ENDS = np.array([ord(sign) for sign in "。!?！？"], np.int64)


def _word(text: str) -> int:
    """Return the token of a word of letters."""
    value = 0
    fold = table()
    for sign in text:
        value = (((value ^ int(fold[ord(sign)])) * int(_M3)) + 1) & 0xFFFFFFFFFFFFFFFF
    return value * int(_M2) & 0xFFFFFFFFFFFFFFFF


def _single(sign: str) -> int:
    """Return the token of one character."""
    return (int(table()[ord(sign)]) & POINT_MASK) * int(_M1) & 0xFFFFFFFFFFFFFFFF


def _note_table() -> Array:
    """Return the words of notes as a hash table of open addressing (uint64); pairs of characters are added up."""
    words = [_word(word) for word in _NOTES_IN_WORDS.split()]
    words += [(_single(pair[0]) * 3 + _single(pair[1])) & 0xFFFFFFFFFFFFFFFF for pair in _NOTES.split()]
    found = np.zeros(_SLOTS, np.uint64)
    for word in words:
        slot = word >> 20 & (_SLOTS - 1)
        while found[slot]:
            slot = (slot + 1) & (_SLOTS - 1)
        found[slot] = word
    return found


_NOTE_TABLE = _note_table()


@part
def _value(mantissa: Number, zeros: Number) -> Number:
    """Return the token of the number ``mantissa`` times ten to the power of ``zeros``."""
    if mantissa == np.uint64(0):
        return _M3
    while mantissa % np.uint64(10) == np.uint64(0):
        mantissa //= np.uint64(10)
        zeros += 1
    return (mantissa * _M2 ^ np.uint64(zeros + 64)) * _M1 | np.uint64(1)


@part
def _digit(data: Bytes, place: Number, stop: Number, fold: Array) -> tuple[Number, Number]:
    """Return the digit at ``place``, -1 if there is none, and where the next character stands."""
    if place >= stop:
        return np.int64(-1), place
    point, after = unsigned_point(data, place)
    folded = np.int64(np.uint64(fold[point]) & np.uint64(POINT_MASK))
    return (folded - 48 if 48 <= folded < 58 else np.int64(-1)), after


@part
def _digits(data: Bytes, place: Number, stop: Number, fold: Array) -> tuple[Number, Number]:
    """Return how many digits stand from ``place`` on, and where they end."""
    count = 0
    digit, after = _digit(data, place, stop, fold)
    while digit >= 0:
        count += 1
        place = after
        digit, after = _digit(data, place, stop, fold)
    return count, place


@part
def _joins(data: Bytes, place: Number, stop: Number, fold: Array, point: Number, size: Number) -> Number:
    """Tell whether a sign behind ``size`` digits goes on with their number: 1 as a comma of thousands, 2 as a point."""
    if point == np.uint64(0x2C) or point == np.uint64(0xFF0C):
        count, _ = _digits(data, place, stop, fold)
        return 1 if count == 3 and size <= 3 else 0
    if point == np.uint64(0x2E) or point == np.uint64(0xFF0E):
        count, end = _digits(data, place, stop, fold)
        if count and end < stop:
            point, after = unsigned_point(data, end)
            if point == np.uint64(0x2E) or point == np.uint64(0xFF0E):
                more, _ = _digits(data, after, stop, fold)
                return 0 if more else 2  # 2024.3.5 is no fraction
        return 2 if count else 0
    return 0


@part
def _numeral(codes: Array, size: Number) -> Number:
    """Return the number that Han numerals write: digits in a row (二〇二四), or digits with their units."""
    total, section, digit = np.uint64(0), np.uint64(0), np.uint64(0)
    units = False
    for k in range(size):
        units = units or codes[k] >= _TEN
    for k in range(size):
        code = np.int64(codes[k])
        if not units:
            total = total * np.uint64(10) + np.uint64(code - 1)
        elif code < _TEN:
            digit = np.uint64(code - 1)
        elif code == _PAIR:
            digit = np.uint64(2)
        elif code < _MYRIAD:
            power = np.uint64(10 if code == _TEN else 100 if code == _HUNDRED else 1000)
            section += max(digit, np.uint64(1)) * power
            digit = np.uint64(0)
        elif code == _MYRIAD:
            total += max(section + digit, np.uint64(1)) * np.uint64(10_000)
            section = digit = np.uint64(0)
        else:
            total = max(total + section + digit, np.uint64(1)) * np.uint64(100_000_000)
            section = digit = np.uint64(0)
    return total + section + digit


@part
def _is_note(tokens: Array, marks: Array, first: Number, count: Number, others: Number, dated: Number) -> bool:
    """Tell whether the line of the tokens from ``first`` on is a note of the page about itself.

    ``others`` counts its tokens that are no numbers, ``dated`` whether it writes a date.
    """
    size = count - first
    if size == 0 or size > NOTE:
        return False
    if others == 0 and dated and size <= 6:
        return True
    for k in range(first, count):
        key = tokens[k]
        for _ in range(2):
            slot = np.int64((key >> np.uint64(20)) & np.uint64(_SLOTS - 1))
            while _NOTE_TABLE[slot] != np.uint64(0):
                if _NOTE_TABLE[slot] == key:
                    return True
                slot = (slot + 1) & (_SLOTS - 1)
            if k + 1 == count or (marks[k] & KIND) != OTHER:
                break
            key = tokens[k] * np.uint64(3) + tokens[k + 1]
    return False


@part
def _zeros(code: Number) -> Number:
    """Return by how many zeros a unit behind digits makes the number longer; 0 if it is none."""
    return _ZEROS[code - 10] if _TEN <= code <= _HUNDRED_MILLION else 0


@part
def _plain(
    data: Bytes, place: Number, stop: Number, fold: Array, tokens: Array, sizes: Array, count: Number, last: Number
) -> tuple[Number, Number, Number]:
    """Append the tokens of characters that stand for themselves, up to the next other one; punctuation is none.

    Most of a Chinese text is of these: the loop below takes three times as long for each.

    Returns:
        Where the next other character is, the count of tokens, and the last character that is no space.
    """
    size = np.uint64(count)
    latest = np.uint64(last)
    while place < stop:
        point, after = unsigned_point(data, place)
        entry = np.uint64(fold[point])
        folded = entry & np.uint64(POINT_MASK)
        kind = entry >> np.uint64(KIND_SHIFT)
        if kind == np.uint64(SEPARATOR):
            if point == np.uint64(10) or np.uint64(0x2D) <= point <= np.uint64(0x2F):
                break
            latest = latest if point == np.uint64(0x20) else point
            place = after
            continue
        if kind != np.uint64(SINGLE) or (folded < np.uint64(len(_NUMERALS)) and _NUMERALS[folded]):
            break
        tokens[size] = folded * _M1
        sizes[size] = 1
        size += np.uint64(1)
        latest = folded
        place = after
    return place, np.int64(size), np.int64(latest)


@part
def fact_tokens(data: Bytes, fold: Array) -> Facts:
    """Cut a text into tokens.

    Args:
        data: the text in valid UTF-8 (uint8).
        fold: ``taoxi.dedup.fold.table()``.
    """
    room = len(data) + 2
    tokens, values = np.empty(room, np.uint64), np.empty(room, np.uint64)
    marks, sizes = np.zeros(room, np.uint8), np.zeros(room, np.uint8)
    one = np.uint64(1)
    place, stop = np.uint64(0), np.uint64(len(data))
    count = first = others = 0
    word, letters, digits = np.uint64(0), 0, 0  # the word or number that is being read
    bag, capital = np.uint64(0), 0
    mantissa, zeros, fraction, dotted = np.uint64(0), 0, False, False
    codes = np.zeros(24, np.uint8)  # the Han numerals that are being read
    han = 0
    close = False  # whether the last token is a number, and nothing has stood behind it
    dated = False
    last: Number = np.int64(0)
    while place <= stop:
        if word == np.uint64(0) and han == 0:
            begin, start = count, place
            place, count, last = _plain(data, place, stop, fold, tokens, sizes, count, last)
            others += count - begin
            close = close and place == start
        ended = place == stop
        point, after = np.uint64(10), place + one
        if not ended:
            point, after = unsigned_point(data, place)
        entry = np.uint64(fold[point])
        kind: Number = np.int64(entry >> np.uint64(KIND_SHIFT))
        folded = np.int64(entry & np.uint64(POINT_MASK))
        if kind == WORD:
            if han:
                kind = WORD
            else:
                if word == np.uint64(0):
                    capital = CAPITAL if np.int64(point) != folded else 0
                word = (word ^ entry) * _M3 + one
                if 48 <= folded < 58:
                    mantissa = mantissa * np.uint64(10) + np.uint64(folded - 48)
                    digits += 1
                    zeros -= fraction
                else:
                    letters += 1
                    bag |= one << np.uint64(folded & 63)
                place = after
                last = np.int64(point)
                continue
        if digits and not letters:
            joined = 0 if dotted else _joins(data, after, stop, fold, point, digits)
            if joined == 1 and not fraction:
                digits = 0  # thousands may follow thousands
                place = after
                continue
            if joined == 2 and not fraction:
                fraction = True
                place = after
                continue
        dotted = digits > 0 and (point == np.uint64(0x2E) or point == np.uint64(0xFF0E))
        code: Number = 0
        if kind == SINGLE and folded < len(_NUMERALS):
            code = np.int64(_NUMERALS[folded]) % _SPECIAL
        elif han and (point == np.uint64(_CIRCLES[0]) or point == np.uint64(_CIRCLES[1])):
            code, kind = 1, SINGLE
        if word != np.uint64(0):
            number = digits > 0
            if number and not letters:
                while code and _zeros(code):
                    zeros += _zeros(code)  # 3千万: digits with units
                    place = after
                    code = 0
                    if place < stop:
                        point, after = unsigned_point(data, place)
                        entry = np.uint64(fold[point])
                        kind = np.int64(entry >> np.uint64(KIND_SHIFT))
                        folded = np.int64(entry & np.uint64(POINT_MASK))
                        if kind == SINGLE and folded < len(_NUMERALS):
                            code = np.int64(_NUMERALS[folded]) % _SPECIAL
                tokens[count] = _value(mantissa, zeros)
            else:
                tokens[count] = word * _M2
            values[count] = mantissa if number else bag
            marks[count] = NUMBER if number else NAME | capital
            sizes[count] = min(digits if number and not letters else letters + digits, 255)
            others += not number
            count += 1
            close = number and not letters
            word, letters, digits = np.uint64(0), 0, 0
            mantissa, zeros, fraction, bag = np.uint64(0), 0, False, np.uint64(0)
            continue  # with the same character
        if code and han < len(codes):
            codes[han] = code
            han += 1
            place = after
            last = np.int64(point)
            continue
        if han:
            if han == 1 and codes[0] == _PAIR:
                tokens[count], marks[count] = np.uint64(ord("两")) * _M1, OTHER
            else:
                values[count] = _numeral(codes, han)
                tokens[count] = _value(values[count], 0)
                marks[count] = FAINT if han == 1 else NUMBER
            sizes[count] = han
            others += han == 1 and codes[0] == _PAIR
            close = True
            count += 1
            han = 0
            continue
        place = after
        if kind == SINGLE:
            if close and among(folded, _DATE_UNITS):
                dated = dated or folded == _DATE_UNITS[0] or folded == _DATE_UNITS[1]
            elif count > first and (folded == ord("电") or folded == ord("讯")) and among(last, _DATE_UNITS):
                _silence(tokens, marks, first, count)
            else:
                tokens[count], marks[count], sizes[count] = np.uint64(folded) * _M1, OTHER, 1
                others += 1
                count += 1
            close = False
            last = folded
        elif kind == SEPARATOR and point == np.uint64(10):
            if not among(last, _ENDS) and _is_note(tokens, marks, first, count, others, dated):
                marks[first:count] = OTHER  # plain characters are not marked again
                count = first
            elif count > first:
                marks[first] |= LINE
            first, others, dated, last = count, 0, False, np.int64(0)
            close = False
        else:
            close = False
            if np.uint64(0x2D) <= point <= np.uint64(0x2F):  # - . /
                dated = dated or (count > first and sizes[count - 1] == 4)
            if point != np.uint64(0x20):
                last = np.int64(point)
    return Facts(tokens[:count], marks[:count], sizes[:count], values[:count])


@part
def _silence(tokens: Array, marks: Array, first: Number, count: Number) -> None:
    """Make the date at the end of the tokens one that tells nothing."""
    k = count - 1
    while k >= first and k >= count - 3 and (marks[k] & KIND) in (NUMBER, FAINT):
        tokens[k], marks[k] = _M2, OTHER
        k -= 1
