r"""Bytes read in the wrong encoding: how a stretch of text becomes bytes again, and what these bytes are.

Three ways of misreading, each a function that finds stretches and what they were:

``narrow``
    UTF-8 in an encoding of one byte a character: ``ä¸­å›½``, ``FranÃ§ais``, ``РџСЂРёРІРµС‚``.
``wide``
    UTF-8 in an encoding of two bytes a character: ``锛屾垜``, ``縺ゅ↑縺``.
``legacy``
    An older encoding in Windows-1252: ``ÖÐ¹úÈËÃñ``, ``¤¤¤å``, ``Ïðèâåò``.

What is found is lossless: the same misreading of what it was gives the stretch again, character by character. Whether
it is believed is for ``taoxi.normalize.repairs.mojibake`` to say.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from taoxi.normalize.repairs.plausible import bits

NARROW = ("cp1252", "cp1251", "koi8-r", "mac-roman", "cp437")
"""Encodings of one byte a character as which UTF-8 gets read: of Windows (West, Russia), Unix, old Macs, DOS."""

WIDE = ("gb18030", "cp932")
"""Encodings of two bytes a character as which UTF-8 gets read.

Big5 and code page 949 have no character for so many pairs that next to nothing is whole (8 of 900 stretches measured),
and what is left of Big5 was repaired wrongly in one document out of ten.
"""

LEGACY = ("gb18030", "big5hkscs", "cp932", "cp949", "euc_jp", "cp1251", "koi8-r")
"""Encodings whose text gets read as Windows-1252."""

LEADS = {"mac-roman": (0xC2, 0xC3, 0xC5, 0xE2), "cp437": (0xC3, 0xE2)}
"""First bytes to look for where other ones are everyday signs: box lines in cp437, quotes and dashes in Mac Roman."""


@dataclass(frozen=True, slots=True)
class Misread:
    """A stretch ``[start, end)`` of a text, in characters, and ``was``, the text before it was misread.

    ``way`` names the misreading. ``rest`` is where a remnant of it ends that cannot be read, ``end`` if there is none.
    """

    start: int
    end: int
    was: str
    way: str
    rest: int


@cache
def high_bytes(encoding: str) -> dict[str, int]:
    """Return the bytes from 0x80 of an encoding of one byte a character by their characters.

    The five bytes that Windows-1252 leaves undefined are the control characters of their numbers, and so may be the
    others that it defines: programs that mean Latin-1 read them so.
    """
    table = {bytes((byte,)).decode(encoding, "ignore"): byte for byte in range(0x80, 0x100)}
    table.pop("", None)
    if encoding == "cp1252":
        table |= {chr(byte): byte for byte in range(0x80, 0xA0)}
    return table


def _class(encoding: str, first: int, last: int) -> str:
    return "".join(re.escape(char) for char, byte in high_bytes(encoding).items() if first <= byte <= last)


@cache
def _narrow_pattern(encoding: str) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Return how UTF-8 begins in an encoding of one byte a character, what it becomes, and what a cut leaves of it."""
    more = f"[{_class(encoding, 0x80, 0xBF)}]"
    two, three, four = _class(encoding, 0xC2, 0xDF), _class(encoding, 0xE0, 0xEF), _class(encoding, 0xF0, 0xF4)
    if encoding in LEADS:
        table = {byte: char for char, byte in high_bytes(encoding).items()}
        two, three = (
            "".join(re.escape(table[b]) for b in LEADS[encoding] if (b < 0xE0) is small) for small in (True, False)
        )
        four = ""
        whole = f"(?:[{two}]{more}|[{three}]{re.escape(table[0x80])}{more})+"
    else:
        whole = f"(?:[{two}]{more}|[{three}]{more}{{2}}|[{four}]{more}{{3}})+"
    hint = f"[{two}{three}{four}]{more}"
    return (
        re.compile(hint),
        re.compile(whole),
        re.compile(f"[{two}{three}{four}]{more}{{0,2}}\ufffd|[{three}{four}]{more}"),
    )


def narrow(text: str, encoding: str) -> Iterator[Misread]:
    """Find UTF-8 that was read in an encoding of one byte a character.

    >>> next(narrow("“FranÃ§ais”", "cp1252")).was
    'ç'
    """
    hint, whole, broken = _narrow_pattern(encoding)
    if not hint.search(text):
        return
    table = high_bytes(encoding)
    for found in whole.finditer(text):
        try:
            was = bytes(map(table.__getitem__, found[0])).decode()
        except UnicodeDecodeError:
            continue
        rest = broken.match(text, found.end())
        yield Misread(found.start(), found.end(), was, encoding, rest.end() if rest else found.end())


@cache
def _bytes_of(char: str, encoding: str) -> bytes:
    """Return the bytes of a character, empty if it has none or if they are read as another one."""
    try:
        data = char.encode(encoding)
        return data if data.decode(encoding) == char else b""
    except UnicodeError:
        return b""


@dataclass(frozen=True, slots=True)
class WideClasses:
    """Characters of two bytes by what they may be when UTF-8 is read two bytes at a time.

    ``first`` begins a character of three bytes, ``last`` ends one and is an ASCII character too, ``middle`` ends one
    and begins the next, ``then`` goes on behind that.
    """

    first: str
    last: str
    middle: str
    then: str


@cache
def wide_classes(encoding: str) -> WideClasses:
    """Return the classes of an encoding, within the basic plane."""
    first, last, middle, then = [], [], [], []
    pairs = [(lead, trail) for lead in range(0x81, 0xF0) for trail in range(0x40, 0xFF)]
    # All at once, a line each: no codec takes a line feed for a part of a character.
    chars = b"\n".join(map(bytes, pairs)).decode(encoding, "ignore").split("\n")
    sizes = map(len, "\n".join(chars).encode(encoding, "replace").split(b"\n"))
    for (lead, trail), char, size in zip(pairs, chars, sizes, strict=True):
        if len(char) == 1 and char <= "\uffff" and size == 2:
            if lead >= 0xE1 and 0x80 <= trail <= 0xBF:
                first.append(char)
            elif lead <= 0xBF:
                if trail < 0x7F:
                    last.append(char)
                elif trail <= 0xBF:
                    then.append(char)
                elif 0xE1 <= trail <= 0xF4:
                    middle.append(char)
    if encoding == "cp932":
        last += map(chr, range(0xFF61, 0xFF80))  # half-width kana: one byte from 0xA1 to 0xBF each
        then += map(chr, range(0xFF61, 0xFF80))
    return WideClasses(*map("".join, (first, last, middle, then)))


@cache
def _wide_pattern(encoding: str) -> re.Pattern[str]:
    first, last, middle, then = (re.escape(chars) for chars in dataclasses.astuple(wide_classes(encoding)))
    return re.compile(f"[{first}](?:[{last}]|[{middle}][{then}])")


def wide(text: str, encoding: str) -> Iterator[Misread]:
    """Find UTF-8 that was read in an encoding of two bytes a character.

    A stretch begins with a character of three bytes, because one of two is often a genuine character too, and ends
    where a character ends both in the text and in what it was.

    >>> next(wide("他说锛屾垜", "gb18030")).was
    '，我'
    """
    pattern = _wide_pattern(encoding)
    at = 0
    while found := pattern.search(text, at):
        start = found.start()
        data, end = _utf8_from(text, start, encoding)
        at = max(end, start + 1)
        try:
            was = data.decode()
        except UnicodeDecodeError:
            continue
        if was:
            yield Misread(start, end, was, encoding, end + (text[end : end + 1] in _wide_leads(encoding)))


@cache
def _wide_leads(encoding: str) -> frozenset[str]:
    return frozenset(wide_classes(encoding).first)


def _utf8_from(text: str, start: int, encoding: str) -> tuple[bytes, int]:
    """Return the bytes of characters from ``start`` on as long as they are UTF-8, and where both end together."""
    data = bytearray()
    need = size = 0
    at = end = start
    while at < len(text) and text[at] >= "\x80":
        more = _bytes_of(text[at], encoding)
        if not more or (need == 0 and more[0] < 0xE1):
            break  # what has two bytes in UTF-8 as well is as likely a genuine character
        for byte in more:
            if need:
                need = need - 1 if 0x80 <= byte < 0xC0 else -1
            elif 0xC2 <= byte < 0xF5:
                need = 1 if byte < 0xE0 else 2 if byte < 0xF0 else 3
            elif byte >= 0x80:
                need = -1
            if need < 0:
                return bytes(data[:size]), end
        data += more
        at += 1
        if need == 0:
            size, end = len(data), at
    return bytes(data[:size]), end


_HIGH = _class("cp1252", 0x80, 0xFF)
_SPAN = re.compile(f"[{_HIGH}](?:[\x20-\x7e]{{0,2}}[{_HIGH}])+[\x40-\x7e]?")
_SOLID = re.compile(f"[{_HIGH}]{{2,}}")


def legacy(text: str) -> Iterator[list[Misread]]:
    """Find text of an older encoding that was read as Windows-1252, in each encoding that reads it whole.

    >>> [reading.was for reading in next(legacy("ÖÐ¹úÈËÃñ")) if reading.way == "gb18030"]
    ['中国人民']
    """
    for found in _SPAN.finditer(text):
        if readings := _readings(found[0], found.start()):
            yield readings
        else:
            for solid in _SOLID.finditer(text, found.start(), found.end()):
                if readings := _readings(solid[0], solid.start()):
                    yield readings


def _readings(span: str, start: int) -> list[Misread]:
    table = high_bytes("cp1252")
    readings = []
    for encoding in LEGACY:
        for stretch in (span, span[:-1]):
            data = bytes(table.get(char) or ord(char) for char in stretch)
            try:
                was = data.decode(encoding)
            except UnicodeDecodeError:
                continue
            if was.encode(encoding) == data:
                end = start + len(stretch)
                readings.append(Misread(start, end, was, encoding, end))
                break
            if span[-1] >= "\x80":
                break
    return sorted(readings, key=lambda reading: bits(reading.was) + (start + len(span) - reading.end) * 5)
