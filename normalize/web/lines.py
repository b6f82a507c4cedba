"""The lines of a rendered page and what they are made of, in one walk over its characters (Numba)."""

from __future__ import annotations

import numpy as np

from taoxi.normalize.kernel import kernel, part
from taoxi.normalize.utf8 import Array, Bytes, Number, code_point, sequence_length
from taoxi.normalize.web.markup import is_letter
from taoxi.normalize.web.nesting import CELL
from taoxi.normalize.web.rendering import LINK_BIT

START, END, NODE, LETTERS, LINKED, SENTENCES, COMMAS, CELLS, PREFORMATTED = range(9)
"""What is known of a line: where it stands (bytes), the element that it begins in, and how many letters (Han, Kana and
Hangul among them) it has, how many of these in links, how many ends of sentences and commas outside of links, how many
cells; whether it is preformatted."""

FACTS = 9


@kernel
def gather(out: Array, segments: Array) -> tuple[Bytes, Array]:
    r"""Return the text of a page and the facts of its lines.

    Args:
        out: the segments of the page one after another, each but the first behind a mark, as ``render`` gives them.
        segments: where they begin, their elements, and whether they are preformatted (int64, n by 3).

    Returns:
        UTF-8 with a line feed behind each line but the last and ``" | "`` between cells, and the facts (int64, lines by
        ``FACTS``). Spaces at the ends of segments are gone, and so are empty segments, but for lines between others
        of a preformatted text.
    """
    text = np.empty(len(out) + 2 * len(segments) + 8, np.uint8)
    facts = np.zeros((len(segments) + 1, FACTS), np.int64)
    size = lines = 0
    blank = 0
    for k in range(len(segments)):
        begin, owner, pre = segments[k, 0], segments[k, 1], segments[k, 2]
        end = segments[k + 1, 0] - 1 if k + 1 < len(segments) else len(out)
        first, last = _trimmed(out, begin, end, pre)
        same = k > 0 and out[begin - 1] == CELL
        if first >= last:
            if pre and lines and facts[lines - 1, PREFORMATTED] and not same:
                blank += 1
            continue
        if same and lines and facts[lines - 1, CELLS]:
            text[size], text[size + 1], text[size + 2] = 32, 124, 32
            size += 3
            lines -= 1
        else:
            if lines:
                text[size] = 10
                size += 1
            if pre and blank:
                # An empty line belongs to the line that follows it.
                for _ in range(blank):
                    text[size] = 10
                    size += 1
            facts[lines, START] = size - (blank if pre else 0)
            facts[lines, NODE] = owner
            facts[lines, PREFORMATTED] = pre
            blank = 0
        fact = facts[lines]
        fact[CELLS] += 1
        for place in range(first, last):
            text[size + place - first] = out[place] & 255
        _count(out, text, first, last, size - first, fact)
        size += last - first
        fact[END] = size
        lines += 1
    return text[:size].copy(), facts[:lines].copy()


@part
def _trimmed(out: Array, begin: Number, end: Number, pre: Number) -> tuple[Number, Number]:
    """Return the bounds of a segment without spaces at its ends."""
    first = begin
    while first < end:
        step = _space_at(out, first, end)
        if not step:
            break
        first += step
    last = end
    while last > first:
        if out[last - 1] & 255 <= 32:
            last -= 1
        elif last - first >= 2 and _space_at(out, last - 2, last) == 2:
            last -= 2
        elif last - first >= 3 and _space_at(out, last - 3, last) == 3:
            last -= 3
        else:
            break
    if pre and first < last:
        first = begin  # the indents of code and of poems say something
    return first, last


@part
def _space_at(out: Array, at: Number, end: Number) -> Number:
    """Return how many bytes an invisible character at ``at`` takes, 0 for any other."""
    byte = out[at] & 255
    if byte <= 32:
        return 1
    if byte == 0xC2 and at + 1 < end and (out[at + 1] & 255 == 0xA0 or out[at + 1] & 255 == 0xAD):
        return 2
    if at + 2 < end:
        second, third = out[at + 1] & 255, out[at + 2] & 255
        if byte == 0xE3 and second == 0x80 and third == 0x80:
            return 3
        if byte == 0xE2 and second == 0x80 and (third <= 0x8F or third == 0xAF):
            return 3
        if byte == 0xEF and second == 0xBB and third == 0xBF:
            return 3
    return 0


@part
def _count(out: Array, text: Bytes, at: Number, end: Number, shift: Number, fact: Array) -> None:
    """Add the characters of a segment to the facts of its line; its bytes stand in ``text`` by ``shift`` further on."""
    while at < end:
        byte = text[at + shift]
        if byte <= 32:
            at += 1
            continue
        step = sequence_length(byte)
        point = code_point(text, at + shift, step)
        link = 1 if out[at] & LINK_BIT else 0
        before = text[at + shift - 1] if at + shift else 32
        at += step
        following = text[at + shift] if at < end else 32
        if point < 0x80:
            if is_letter(point):
                fact[LETTERS] += 1
                fact[LINKED] += link
            elif link:
                continue
            elif point == 33 or point == 63 or point == 46:  # ! ? .
                # Not in 3.14 or example.com, nor behind the number of a list item.
                ends = following <= 32 or following == 34 or following >= 0x80
                fact[SENTENCES] += ends and (point != 46 or is_letter(before))
            elif point == 44:
                fact[COMMAS] += following <= 32 or following >= 0x80
        elif 0x3400 <= point < 0xA000 or 0xAC00 <= point < 0xD7B0 or point >= 0x20000:
            fact[LETTERS] += 1
            fact[LINKED] += link
        elif point == 0x3002 or point == 0xFF01 or point == 0xFF1F or point == 0xFF61:
            fact[SENTENCES] += not link
        elif point == 0xFF0C or point == 0x3001 or point == 0xFF1B:
            fact[COMMAS] += not link
        elif 0xC0 <= point < 0x2000 or 0x3041 <= point < 0x3200 or 0xFF21 <= point < 0xFFDD:
            fact[LETTERS] += 1
            fact[LINKED] += link
