"""The grammar of HTML within kernels: names, attributes, comments, character references (Numba).

What is malformed is read as browsers do, but for one thing: what is left open to the end of the page (a comment, a
quote, a title) does not swallow the rest of it.
"""

from __future__ import annotations

import numpy as np

from taoxi.normalize.kernel import part
from taoxi.normalize.utf8 import Array, Bytes, Number, find, put
from taoxi.normalize.web.elements import (
    C1,
    FNV_OFFSET,
    FNV_PRIME,
    LONGEST_BARE,
    LONGEST_REFERENCE,
    REFERENCE_BYTES,
    REFERENCE_HASHES,
    REFERENCE_STARTS,
    TAG_HASHES,
    TAG_NUMBERS,
    name_hash,
)

CLASS_START, CLASS_END, ID_START, ID_END, HREF, HIDDEN, SELF_CLOSED, END = range(8)
"""What is known of the attributes of a tag: where the values of class and id stand, whether there is a ``href``,
whether the element is not to be seen, whether the tag ends in ``/>``, and where it ends."""

_OFFSET, _PRIME = np.uint64(FNV_OFFSET), np.uint64(FNV_PRIME)
_CLASS, _ID, _HREF = np.uint64(name_hash("class")), np.uint64(name_hash("id")), np.uint64(name_hash("href"))
_STYLE, _HIDDEN = np.uint64(name_hash("style")), np.uint64(name_hash("hidden"))
_ARIA_HIDDEN = np.uint64(name_hash("aria-hidden"))
_DISPLAY_NONE = np.frombuffer(b"display:none", np.uint8)
_INVISIBLE = np.frombuffer(b"visibility:hidden", np.uint8)
_TRUE = np.frombuffer(b"true", np.uint8)
_REPLACED = 0xFFFD


@part
def is_space(byte: Number) -> Number:
    """Whether a byte is white space to HTML."""
    return byte == 32 or (9 <= byte <= 13 and byte != 11)


@part
def lower(byte: Number) -> Number:
    """Return a byte with ASCII letters in lower case."""
    return byte | 32 if 65 <= byte <= 90 else byte


@part
def is_letter(byte: Number) -> Number:
    """Whether a byte is an ASCII letter."""
    return 97 <= (byte | 32) <= 122


@part
def read_name(html: Bytes, at: Number) -> tuple[Number, Number]:
    """Return the hash of the name of a tag or attribute at ``at`` and where it ends."""
    value = _OFFSET
    while at < len(html):
        byte = html[at]
        if is_space(byte) or byte == 47 or byte == 62 or byte == 61:  # / > =
            break
        value = (value ^ np.uint64(lower(byte))) * _PRIME
        at += 1
    return value, at


@part
def tag_number(name: Number) -> Number:
    """Return the number of the element of a hashed name, 0 for an unknown one."""
    place = find(TAG_HASHES, name)
    return TAG_NUMBERS[place] if place >= 0 else 0


@part
def find_byte(html: Bytes, at: Number, byte: Number) -> Number:
    """Return where a byte stands next, the length of the page if nowhere."""
    while at < len(html) and html[at] != byte:
        at += 1
    return at


@part
def _holds(html: Bytes, start: Number, end: Number, wanted: Bytes) -> Number:
    """Whether a value holds ``wanted``, white space and case aside."""
    matched = 0
    for at in range(start, end):
        byte = lower(html[at])
        if is_space(byte):
            continue
        if byte == wanted[matched]:
            matched += 1
            if matched == len(wanted):
                return True
        else:
            matched = 1 if byte == wanted[0] else 0
    return False


@part
def read_attributes(html: Bytes, at: Number, found: Array, quotes: Number) -> Number:
    """Read the rest of a start tag into ``found``; return False if the page ends before it does.

    Args:
        html: the page.
        at: where the name of the tag ended.
        found: what ``CLASS_START`` and the others are places in (int64).
        quotes: whether ``>`` in a quoted value belongs to it, as it should.
    """
    found[:] = 0
    while True:
        while at < len(html) and (is_space(html[at]) or html[at] == 47):
            found[SELF_CLOSED] = html[at] == 47
            at += 1
        if at >= len(html):
            return False
        if html[at] == 62:
            found[END] = at + 1
            return True
        if html[at] == 61:
            at += 1  # a stray = is no name: without this step the loop would stand still
        name, at = read_name(html, at)
        found[SELF_CLOSED] = 0
        while at < len(html) and is_space(html[at]):
            at += 1
        start = end = at
        if at < len(html) and html[at] == 61:
            at += 1
            while at < len(html) and is_space(html[at]):
                at += 1
            if quotes and at < len(html) and (html[at] == 34 or html[at] == 39):
                start = at + 1
                end = find_byte(html, start, html[at])
                at = end + 1
            else:
                start = at
                while at < len(html) and not is_space(html[at]) and html[at] != 62:
                    at += 1
                end = at
        if name == _CLASS:
            found[CLASS_START], found[CLASS_END] = start, end
        elif name == _ID:
            found[ID_START], found[ID_END] = start, end
        elif name == _HREF:
            found[HREF] = 1
        elif (
            name == _HIDDEN
            or (name == _ARIA_HIDDEN and _holds(html, start, end, _TRUE))
            or (name == _STYLE and (_holds(html, start, end, _DISPLAY_NONE) or _holds(html, start, end, _INVISIBLE)))
        ):
            found[HIDDEN] = 1


@part
def skip_declaration(html: Bytes, at: Number) -> Number:
    """Return where a comment, document type, CDATA mark or processing instruction ends that begins at ``at``."""
    size = len(html)
    if at + 3 < size and html[at + 1] == 33 and html[at + 2] == 45 and html[at + 3] == 45:
        place = at + 4
        if place < size and html[place] == 62:
            return place + 1
        while place + 2 < size:
            if html[place] == 45 and html[place + 1] == 45 and (html[place + 2] == 62):
                return place + 3
            bang = place + 3 < size and html[place + 2] == 33 and html[place + 3] == 62
            if bang and html[place] == 45 and html[place + 1] == 45:
                return place + 4
            place += 1
        return -1
    if at + 8 < size and html[at + 1] == 33 and html[at + 2] == 91 and html[at + 3] == 67 and html[at + 8] == 91:
        return at + 9  # <![CDATA[: its content is read on
    place = find_byte(html, at, 62)
    return place + 1 if place < size else -1


@part
def find_end_tag(html: Bytes, at: Number, name: Number) -> tuple[Number, Number]:
    """Return where the end tag of an element with raw content begins and ends, -1 if there is none."""
    size = len(html)
    while True:
        at = find_byte(html, at, 60)
        if at + 2 >= size:
            return -1, -1
        if html[at + 1] == 47 and is_letter(html[at + 2]):
            other, end = read_name(html, at + 2)
            if other == name:
                end = find_byte(html, end, 62)
                return at, min(end + 1, size)
        at += 1


@part
def read_reference(html: Bytes, at: Number, out: Array, place: Number) -> tuple[Number, Number]:
    """Write at ``place`` what the character reference at ``at`` stands for; return where both end.

    If it is none, nothing is written and the end is ``at``.
    """
    size = len(html)
    if at + 2 < size and html[at + 1] == 35:
        return _numeric(html, at, out, place)
    value = _OFFSET
    best = -1
    end = at
    last = at + 1
    while last < size and last - at <= LONGEST_REFERENCE:
        byte = html[last]
        if not (is_letter(byte) or 48 <= byte <= 57 or byte == 59):
            break
        value = (value ^ np.uint64(byte)) * _PRIME
        last += 1
        if byte == 59 or last - at - 1 <= LONGEST_BARE:
            found = find(REFERENCE_HASHES, value)
            if found >= 0:
                best, end = found, last
        if byte == 59:
            break
    if best >= 0:
        for k in range(REFERENCE_STARTS[best], REFERENCE_STARTS[best + 1]):
            out[place] = REFERENCE_BYTES[k]
            place += 1
    return end, place


@part
def _numeric(html: Bytes, at: Number, out: Array, place: Number) -> tuple[Number, Number]:
    size = len(html)
    last = at + 2
    base = 10
    if html[last] | 32 == 120:
        base = 16
        last += 1
    first = last
    point = np.int64(0)
    while last < size:
        byte = np.int64(html[last])
        if 48 <= byte <= 57:
            digit = byte - 48
        elif base == 16 and 97 <= (byte | 32) <= 102:
            digit = (byte | 32) - 87
        else:
            break
        point = min(point * base + digit, np.int64(0x110000))
        last += 1
    if last == first:
        return at, place
    if last < size and html[last] == 59:
        last += 1
    if 0x80 <= point < 0xA0:
        point = np.int64(C1[point - 0x80])
    if point == 0 or point >= 0x110000 or 0xD800 <= point < 0xE000:
        point = np.int64(_REPLACED)
    return last, put(out, place, point)
