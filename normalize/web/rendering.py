"""From HTML to the text that a reader sees, in one walk over the bytes (Numba).

The walk keeps a stack of open elements, with the implied end tags that matter to lines (paragraphs, list items, cells,
rows), and writes visible characters as they come. White space and breaks are not written but remembered (``PENDING``)
until the next visible character decides what becomes of them; so nothing has to be taken back. Rows of tables are the
exception: cells are parted by a mark, which becomes a line break when the row turns out to be layout, not data.

Each byte of the page is looked at a bounded number of times and the stack is bounded too, so neither nesting nor
broken markup takes more than linear time.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from taoxi.normalize.kernel import kernel
from taoxi.normalize.utf8 import Array, Bytes, Number
from taoxi.normalize.web.elements import BLOCK, CLOSES_P, DROP, KINDS, LIST, RAW, SCOPE, TABLE, TAG, TAGS, VOID
from taoxi.normalize.web.markup import (
    CLASS_START,
    END,
    HIDDEN,
    HREF,
    ID_START,
    SELF_CLOSED,
    find_byte,
    find_end_tag,
    is_letter,
    is_space,
    read_attributes,
    read_name,
    read_reference,
    skip_declaration,
    tag_number,
)

DEEPEST = 512
"""Open elements that are told apart, as in browsers; what is nested deeper counts as content of the deepest."""

LONGEST_CELL = 300
"""Bytes of a cell up to which its row is data; longer cells are text that a layout table places."""

BREAK, CELL = 10, 31
"""The bytes that part segments: lines, and cells of a row. Neither occurs in text otherwise."""

NOTHING, SPACE, NEXT_CELL, NEXT_LINE = range(4)
"""What stands between the last visible character and the next one, the strongest wins."""

IS_LINK, IS_HIDDEN, IS_DROPPED, IS_PRE = 1, 2, 4, 8

OUT, PENDING, NEWLINE, DEPTH, OVER, DROPPED, UNSEEN, LINKS, PRE, FRESH = range(10)
ROWS, NODES, SEGMENTS, SEPARATORS, UNSEEN_BYTES, TITLE_START, TITLE_END = range(10, 17)
STATES = 17
"""Places in the state of the walk: how much was written, what is pending, how many elements of each kind are open."""

_P, _LI, _DT, _DD, _TR, _TD, _TH, _A = (TAG[name] for name in ("p", "li", "dt", "dd", "tr", "td", "th", "a"))
_RT, _RP, _RB, _SPAN, _FONT, _BR = (TAG[name] for name in ("rt", "rp", "rb", "span", "font", "br"))
_PRE, _LISTING, _PLAINTEXT = (TAG[name] for name in ("pre", "listing", "plaintext"))
_HTML, _HEAD, _BODY, _TITLE = (TAG[name] for name in ("html", "head", "body", "title"))
_TABLE, _THEAD, _TBODY, _TFOOT = (TAG[name] for name in ("table", "thead", "tbody", "tfoot"))
_SCRIPT, _STYLE = TAG["script"], TAG["style"]


class Work(NamedTuple):
    """What the walk writes; rows of ``nodes`` are tag, parent, and where class and id stand in the page."""

    state: Array
    out: Bytes
    marks: Bytes
    starts: Array
    owners: Array
    pre: Bytes
    nodes: Array
    tags: Array
    open_nodes: Array
    flags: Array
    row_separators: Array
    row_text: Array
    row_layout: Array
    separators: Array


@kernel
def render(html: Bytes, xml: Number, unseen: Number) -> Work:
    """Walk over a page.

    Args:
        html: valid UTF-8 (uint8).
        xml: whether ``<p/>`` ends an element, as in XHTML.
        unseen: whether elements that the markup hides are shown.
    """
    size = len(html)
    work = Work(
        np.zeros(STATES, np.int64),
        np.empty(2 * size + 64, np.uint8),
        np.empty(2 * size + 64, np.uint8),
        np.empty(size // 2 + 16, np.int64),
        np.empty(size // 2 + 16, np.int32),
        np.empty(size // 2 + 16, np.uint8),
        np.empty((size // 3 + 16, 6), np.int32),
        np.zeros(DEEPEST + 1, np.int64),
        np.zeros(DEEPEST + 1, np.int32),
        np.zeros(DEEPEST + 1, np.int64),
        np.zeros(DEEPEST + 2, np.int64),
        np.zeros(DEEPEST + 2, np.uint8),
        np.zeros(DEEPEST + 2, np.uint8),
        np.empty(size // 3 + 16, np.int64),
    )
    state = work.state
    state[NODES] = 1
    work.nodes[0] = 0
    state[PENDING] = NEXT_LINE
    found = np.zeros(8, np.int64)
    endless = np.zeros(len(TAGS), np.uint8)
    quotes = True
    closes = True
    comments = True
    at = 0
    while at < size:
        byte = html[at]
        if byte != 60:
            at = _text(html, at, work, unseen)
            continue
        following = html[at + 1] if at + 1 < size else 0
        if closes and is_letter(following):
            name, end = read_name(html, at + 1)
            tag = tag_number(name)
            whole = read_attributes(html, end, found, quotes)
            if not whole and quotes:
                # An attribute is never closed: from here on quotes are not believed, so that this happens once.
                quotes = False
                whole = read_attributes(html, end, found, quotes)
            if not whole:
                closes = False
                continue
            at = found[END]
            kind = KINDS[tag]
            empty = kind & VOID or (xml and found[SELF_CLOSED])
            if kind & RAW and not empty:
                if not endless[tag]:
                    start, end = find_end_tag(html, at, name)
                    if start >= 0:
                        if tag == _TITLE and state[TITLE_END] == 0:
                            state[TITLE_START], state[TITLE_END] = at, start
                        at = end
                        continue
                    endless[tag] = 1
                if tag == _SCRIPT or tag == _STYLE:
                    break
                continue
            _open(work, tag, found, bool(empty))
            if (tag == _PRE or tag == _LISTING) and at < size and html[at] == 10:
                at += 1
        elif closes and following == 47 and at + 2 < size and is_letter(html[at + 2]):
            name, end = read_name(html, at + 2)
            end = find_byte(html, end, 62)
            if end == size:
                closes = False
                continue
            _close(work, tag_number(name))
            at = end + 1
        elif following == 33 or following == 63 or following == 47:
            end = -1
            is_comment = following == 33 and at + 3 < size and html[at + 2] == 45 and html[at + 3] == 45
            if comments or not is_comment:
                end = skip_declaration(html, at)
                if end < 0 and is_comment:
                    comments = False
            if end < 0:
                end = find_byte(html, at, 62) + 1 if closes else size + 1
                if end > size:
                    closes = False
                    end = at + 1
            at = end
        else:
            _visible(work, unseen, 0x3C)
            at += 1
    _pop(work, 0)
    return work


@kernel
def _text(html: Bytes, at: Number, work: Work, unseen: Number) -> Number:
    """Take in the text from ``at`` to the next tag; return where that begins."""
    state = work.state
    size = len(html)
    if state[DROPPED] or (state[UNSEEN] and not unseen):
        end = find_byte(html, at, 60)
        if not state[DROPPED]:
            state[UNSEEN_BYTES] += end - at
        return end
    while at < size and html[at] != 60:
        byte = html[at]
        if is_space(byte):
            _space(work, byte)
            at += 1
        elif byte < 32 or byte == 127:
            at += 1
        elif byte == 38:
            place = state[OUT] + 8  # behind any break or space that comes before it
            end, last = read_reference(html, at, work.out, place)
            if end == at:
                _visible(work, unseen, byte)
                at += 1
            elif last == place + 1 and (work.out[place] <= 32 or work.out[place] == 127):
                if is_space(work.out[place]):
                    _space(work, work.out[place])
                at = end
            else:
                _before(work, work.out[place])
                link = 1 if state[LINKS] else 0
                for k in range(place, last):
                    work.out[state[OUT]] = work.out[k]
                    work.marks[state[OUT]] = link
                    state[OUT] += 1
                at = end
        else:
            _before(work, byte)
            link = 1 if state[LINKS] else 0
            place = state[OUT]
            while at < size:
                byte = html[at]
                if byte <= 32 or byte == 38 or byte == 60 or byte == 127:
                    break
                work.out[place] = byte
                work.marks[place] = link
                place += 1
                at += 1
            state[OUT] = place
    return at


@kernel
def _visible(work: Work, unseen: Number, byte: Number) -> None:
    """Write a visible ASCII character."""
    state = work.state
    if state[DROPPED] or (state[UNSEEN] and not unseen):
        return
    _before(work, byte)
    work.out[state[OUT]] = byte
    work.marks[state[OUT]] = 1 if state[LINKS] else 0
    state[OUT] += 1


@kernel
def _space(work: Work, byte: Number) -> None:
    """Remember white space; in preformatted text, write it."""
    state = work.state
    if state[PRE]:
        if byte == 10:
            _segment(work, BREAK)
        elif byte != 13:
            _before(work, 32)
            work.out[state[OUT]] = byte
            work.marks[state[OUT]] = 0
            state[OUT] += 1
        return
    state[PENDING] = max(state[PENDING], SPACE)
    if byte == 10 or byte == 13:
        state[NEWLINE] = 1


@kernel
def _is_wide(byte: Number) -> Number:
    """Whether a UTF-8 lead byte begins a CJK character or mark, between which a line feed is no space."""
    return 0xE3 <= byte <= 0xE9 or byte == 0xEF


@kernel
def _before(work: Work, byte: Number) -> None:
    """Write what stands between the last visible character and the next one, which begins with ``byte``."""
    state = work.state
    pending = state[PENDING]
    state[PENDING] = NOTHING
    newline = state[NEWLINE]
    state[NEWLINE] = 0
    row = state[ROWS]
    if pending == NEXT_LINE:
        if row and not state[FRESH]:
            work.row_layout[row] = 1
        _segment(work, BREAK)
    elif pending == NEXT_CELL:
        work.separators[state[SEPARATORS]] = state[OUT]
        state[SEPARATORS] += 1
        _segment(work, CELL)
    elif pending == SPACE:
        out = state[OUT]
        last = work.out[out - 1]
        # Between two wide characters a line feed is only where the author's editor broke the line (CSS Text 3, 4.1.3).
        if last != BREAK and last != CELL and not (newline and _is_wide(byte) and _ends_wide(work.out, out)):
            work.out[out] = 32
            work.marks[out] = work.marks[out - 1] if state[LINKS] else 0
            state[OUT] += 1
    if row:
        work.row_text[row] = 1
    state[FRESH] = 0


@kernel
def _ends_wide(out: Bytes, end: Number) -> Number:
    """Whether the character that ends at ``end`` is wide."""
    return end >= 3 and out[end - 1] >= 0x80 and out[end - 2] >= 0x80 and _is_wide(out[end - 3])


@kernel
def _segment(work: Work, mark: Number) -> None:
    """Begin a new segment behind a break or the bound of a cell."""
    state = work.state
    if state[SEGMENTS]:
        work.out[state[OUT]] = mark
        work.marks[state[OUT]] = 0
        state[OUT] += 1
    work.starts[state[SEGMENTS]] = state[OUT]
    work.owners[state[SEGMENTS]] = work.open_nodes[state[DEPTH]]
    work.pre[state[SEGMENTS]] = 1 if state[PRE] else 0
    state[SEGMENTS] += 1


@kernel
def _break_line(work: Work) -> None:
    """Ask for a new line, unless a cell has only just begun."""
    state = work.state
    if not state[FRESH] or not state[ROWS]:
        state[PENDING] = NEXT_LINE


@kernel
def _open(work: Work, tag: Number, found: Array, empty: Number) -> None:
    """Take in a start tag."""
    state = work.state
    kind = KINDS[tag]
    if tag == _HTML or tag == _HEAD or tag == _BODY:
        return
    _imply(work, tag, kind)
    if tag == _BR or (empty and kind & BLOCK):
        _break_line(work)
    if empty:
        return
    if tag == _TR:
        state[PENDING] = NEXT_LINE
    elif (tag == _TD or tag == _TH) and state[ROWS]:
        row = state[ROWS]
        state[PENDING] = NEXT_CELL if work.row_text[row] and not work.row_layout[row] else NEXT_LINE
        state[FRESH] = 1
    elif kind & BLOCK:
        _break_line(work)
    if state[DEPTH] == DEEPEST:
        state[OVER] += 1
        return
    node = work.open_nodes[state[DEPTH]]
    if kind & BLOCK or ((tag == _SPAN or tag == _FONT) and (found[CLASS_START] or found[ID_START])):
        fresh = work.nodes[state[NODES]]
        fresh[0], fresh[1] = tag, node
        for k in range(4):
            fresh[2 + k] = found[CLASS_START + k]
        node = state[NODES]
        state[NODES] += 1
    flags = 0
    if tag == _A and found[HREF]:
        flags |= IS_LINK
        state[LINKS] += 1
    if found[HIDDEN]:
        flags |= IS_HIDDEN
        state[UNSEEN] += 1
    if kind & DROP:
        flags |= IS_DROPPED
        state[DROPPED] += 1
    if tag == _PRE or tag == _LISTING or tag == _PLAINTEXT:
        flags |= IS_PRE
        state[PRE] += 1
    if tag == _TR:
        if state[ROWS]:
            work.row_layout[state[ROWS]] = 1
        state[ROWS] += 1
        work.row_separators[state[ROWS]] = state[SEPARATORS]
        work.row_text[state[ROWS]] = work.row_layout[state[ROWS]] = 0
    state[DEPTH] += 1
    work.tags[state[DEPTH]] = tag
    work.open_nodes[state[DEPTH]] = node
    work.flags[state[DEPTH]] = flags


@kernel
def _imply(work: Work, tag: Number, kind: Number) -> None:
    """End the elements that the start of ``tag`` ends."""
    depth = work.state[DEPTH]
    tags = work.tags
    if kind & CLOSES_P:
        place = depth
        while place and not KINDS[tags[place]] & BLOCK:
            place -= 1
        if place and tags[place] == _P:
            _pop(work, place - 1)
    depth = work.state[DEPTH]
    if tag == _LI or tag == _DT or tag == _DD:
        place = depth
        while place and not KINDS[tags[place]] & (LIST | SCOPE):
            other = tags[place]
            if (other == _LI) if tag == _LI else (other == _DT or other == _DD):
                _pop(work, place - 1)
                return
            place -= 1
    elif tag == _A:
        place = depth
        while place and not KINDS[tags[place]] & SCOPE:
            if tags[place] == _A:
                _end_link(work, place)
                return
            place -= 1
    elif tag == _RT or tag == _RP or tag == _RB:
        if tags[depth] == _RT or tags[depth] == _RP or tags[depth] == _RB:
            _pop(work, depth - 1)
    elif kind & TABLE and tag != _TABLE:
        cell = tag == _TD or tag == _TH
        last = 0
        place = depth
        while place and tags[place] != _TABLE:
            other = tags[place]
            if cell and other == _TR:
                break
            if KINDS[other] & TABLE and (tag != _TR or (other != _TBODY and other != _THEAD and other != _TFOOT)):
                last = place
            place -= 1
        if last and place:
            _pop(work, last - 1)


@kernel
def _end_link(work: Work, place: Number) -> None:
    """End the link at a place of the stack without ending what is open in it."""
    if work.flags[place] & IS_LINK:
        work.flags[place] &= ~IS_LINK
        work.state[LINKS] -= 1


@kernel
def _close(work: Work, tag: Number) -> None:
    """Take in an end tag."""
    state = work.state
    kind = KINDS[tag]
    if kind & BLOCK:
        _break_line(work)
    if tag == _HTML or tag == _HEAD or tag == _BODY:
        return
    if state[OVER]:
        state[OVER] -= 1
        return
    tags = work.tags
    place = state[DEPTH]
    while place and tags[place] != tag:
        other = KINDS[tags[place]]
        if tag != _TABLE and ((tags[place] == _TABLE) if kind & TABLE else other & SCOPE):
            return
        if not kind & (BLOCK | DROP) and other & BLOCK:
            if tag != _A:
                return
            while place and tags[place] != _A and not KINDS[tags[place]] & SCOPE:
                place -= 1
            if place and tags[place] == _A:
                _end_link(work, place)
            return
        place -= 1
    if place and tag:
        _pop(work, place - 1)


@kernel
def _pop(work: Work, depth: Number) -> None:
    """End open elements until ``depth`` are left."""
    state = work.state
    while state[DEPTH] > depth:
        flags = work.flags[state[DEPTH]]
        if flags & IS_LINK:
            state[LINKS] -= 1
        if flags & IS_HIDDEN:
            state[UNSEEN] -= 1
        if flags & IS_DROPPED:
            state[DROPPED] -= 1
        if flags & IS_PRE:
            state[PRE] -= 1
        if work.tags[state[DEPTH]] == _TR:
            _end_row(work)
        elif KINDS[work.tags[state[DEPTH]]] & BLOCK and not state[FRESH]:
            state[PENDING] = NEXT_LINE
        state[DEPTH] -= 1


@kernel
def _end_row(work: Work) -> None:
    """End a row: if it is layout, its cells become lines."""
    state = work.state
    row = state[ROWS]
    first = work.row_separators[row]
    layout = work.row_layout[row]
    end = state[OUT]
    for k in range(state[SEPARATORS] - 1, first - 1, -1):
        if end - work.separators[k] > LONGEST_CELL:
            layout = 1
        end = work.separators[k]
    if layout:
        for k in range(first, state[SEPARATORS]):
            work.out[work.separators[k]] = BREAK
    state[SEPARATORS] = first
    state[ROWS] -= 1
    state[PENDING] = NEXT_LINE
    state[FRESH] = 0
