"""From HTML to the text that a reader sees, in one walk over the bytes (Numba).

The walk keeps a stack of open elements, with the implied end tags that matter to lines (paragraphs, list items, cells,
rows), and writes visible characters as they come. White space and breaks are not written but remembered (``PENDING``)
until the next visible character decides what becomes of them; so nothing has to be taken back. Rows of tables are the
exception: cells are parted by a mark, which becomes a line break when the row turns out to be layout, not data.

Each byte of the page is looked at a bounded number of times and the stack is bounded too, so neither nesting nor
broken markup takes more than linear time.
"""

from __future__ import annotations

import numpy as np

from taoxi.normalize.kernel import kernel, part
from taoxi.normalize.utf8 import Array, Bytes, Number
from taoxi.normalize.web.elements import KINDS, RAW, TAG, TAGS, VOID
from taoxi.normalize.web.markup import (
    END,
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
from taoxi.normalize.web.nesting import (
    BREAK,
    CELL,
    DEEPEST,
    DEPTH,
    DROPPED,
    FRESH,
    LINKS,
    NEWLINE,
    NEXT_CELL,
    NEXT_LINE,
    NODE_OPEN,
    NODES,
    NOTHING,
    OUT,
    PENDING,
    PRE,
    ROW_LAYOUT,
    ROW_TEXT,
    ROWS,
    SEGMENTS,
    SEPARATORS,
    SPACE,
    STATES,
    TITLE_END,
    TITLE_START,
    UNSEEN,
    UNSEEN_BYTES,
    close_down_to,
    close_element,
    open_element,
)

LINK_BIT = 256
"""Added to bytes of the output that stand in a link."""

_PRE, _LISTING, _TITLE, _SCRIPT, _STYLE = (TAG[name] for name in ("pre", "listing", "title", "script", "style"))


@kernel
def render(html: Bytes, xml: Number, unseen: Number) -> tuple[Array, Array, Array, Array]:
    """Walk over a page.

    The arrays are handed on one by one and not as one record: counting references to its fields took most of the time.

    Args:
        html: valid UTF-8 (uint8).
        xml: whether ``<p/>`` ends an element, as in XHTML.
        unseen: whether elements that the markup hides are shown.

    Returns:
        The state at the end; the output (uint16: bytes, and ``LINK_BIT``); the segments of it (int64, n by 3: start,
        node, whether it is preformatted); the nodes (int32, m by 6: tag, parent, and where class and id stand).
    """
    size = len(html)
    state = np.zeros(STATES, np.int64)
    out = np.empty(2 * size + 64, np.uint16)
    tags = breaks = 2
    for byte in html:
        tags += byte == 60
        breaks += byte == 10
    # A segment begins behind a tag or, in preformatted text, a line feed; a node and a separator take a tag each.
    segments = np.empty((tags + breaks, 3), np.int64)
    nodes = np.empty((tags, 6), np.int32)
    stack = np.zeros((DEEPEST + 2, 6), np.int64)
    separators = np.empty(tags, np.int64)
    found = np.zeros(8, np.int64)
    endless = np.zeros(len(TAGS), np.uint8)
    nodes[0] = 0
    state[NODES] = 1
    state[PENDING] = NEXT_LINE
    quotes = closes = comments = True
    at = 0
    while at < size:
        if html[at] != 60:
            at = _text(html, at, state, out, segments, stack, separators, unseen)
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
            empty = (kind & VOID) != 0 or (xml and found[SELF_CLOSED] != 0)
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
            open_element(tag, found, empty, state, out, stack, nodes, separators)
            if (tag == _PRE or tag == _LISTING) and at < size and html[at] == 10:
                at += 1
        elif closes and following == 47 and at + 2 < size and is_letter(html[at + 2]):
            name, end = read_name(html, at + 2)
            end = find_byte(html, end, 62)
            if end == size:
                closes = False
                continue
            close_element(tag_number(name), state, out, stack, separators)
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
            if not state[DROPPED] and (unseen or not state[UNSEEN]):
                _before(60, state, out, segments, stack, separators)
                out[state[OUT]] = 60 | (LINK_BIT if state[LINKS] else 0)
                state[OUT] += 1
            at += 1
    close_down_to(0, state, out, stack, separators)
    return state, out, segments, nodes


@part
def _text(
    html: Bytes,
    at: Number,
    state: Array,
    out: Array,
    segments: Array,
    stack: Array,
    separators: Array,
    unseen: Number,
) -> Number:
    """Take in the text from ``at`` to the next tag; return where that begins."""
    size = len(html)
    if state[DROPPED] or (state[UNSEEN] and not unseen):
        end = find_byte(html, at, 60)
        if not state[DROPPED]:
            state[UNSEEN_BYTES] += end - at
        return end
    link = LINK_BIT if state[LINKS] else 0
    while at < size and html[at] != 60:
        byte = html[at]
        if is_space(byte):
            if state[PRE]:
                _preformatted(byte, state, out, segments, stack, separators)
            else:
                state[PENDING] = max(state[PENDING], SPACE)
                if byte == 10 or byte == 13:
                    state[NEWLINE] = 1
            at += 1
        elif byte < 32 or byte == 127:
            at += 1
        elif byte == 38:
            place = state[OUT] + 8  # behind any break or space that comes before it
            end, last = read_reference(html, at, out, place)
            if end == at:
                out[place] = byte
                end, last = at + 1, place + 1
            at = end
            if last == place + 1 and out[place] <= 32:
                if is_space(out[place]):
                    state[PENDING] = max(state[PENDING], SPACE)
                continue
            _before(out[place], state, out, segments, stack, separators)
            for k in range(place, last):
                out[state[OUT]] = out[k] | link
                state[OUT] += 1
        else:
            _before(byte, state, out, segments, stack, separators)
            place = state[OUT]
            while at < size:
                byte = html[at]
                if byte <= 32 or byte == 38 or byte == 60 or byte == 127:
                    break
                out[place] = byte | link
                place += 1
                at += 1
            state[OUT] = place
    return at


@part
def _preformatted(byte: Number, state: Array, out: Array, segments: Array, stack: Array, separators: Array) -> None:
    """Write white space of a preformatted text."""
    if byte == 10:
        _segment(BREAK, state, out, segments, stack)
    elif byte != 13:
        _before(32, state, out, segments, stack, separators)
        out[state[OUT]] = byte
        state[OUT] += 1


@part
def _is_wide(byte: Number) -> Number:
    """Whether a UTF-8 lead byte begins a CJK character or mark, between which a line feed is no space."""
    return 0xE3 <= byte <= 0xE9 or byte == 0xEF


@part
def _before(byte: Number, state: Array, out: Array, segments: Array, stack: Array, separators: Array) -> None:
    """Write what stands between the last visible character and the next one, which begins with ``byte``."""
    pending = state[PENDING]
    state[PENDING] = NOTHING
    newline = state[NEWLINE]
    state[NEWLINE] = 0
    row = state[ROWS]
    if pending == NEXT_LINE:
        if row and not state[FRESH]:
            stack[row, ROW_LAYOUT] = 1
        _segment(BREAK, state, out, segments, stack)
    elif pending == NEXT_CELL:
        separators[state[SEPARATORS]] = state[OUT]
        state[SEPARATORS] += 1
        _segment(CELL, state, out, segments, stack)
    elif pending == SPACE:
        place = state[OUT]
        last = out[place - 1] & 255
        # Between two wide characters a line feed is only where the author's editor broke the line (CSS Text 3, 4.1.3).
        if last != BREAK and last != CELL and not (newline and _is_wide(byte) and _ends_wide(out, place)):
            out[place] = 32
            state[OUT] += 1
    if row and not stack[row, ROW_TEXT]:
        stack[row, ROW_TEXT] = state[OUT] + 1
    state[FRESH] = 0


@part
def _ends_wide(out: Array, end: Number) -> Number:
    """Whether the character that ends at ``end`` is wide."""
    return end >= 3 and out[end - 1] & 0x80 and out[end - 2] & 0x80 and _is_wide(out[end - 3] & 255)


@part
def _segment(mark: Number, state: Array, out: Array, segments: Array, stack: Array) -> None:
    """Begin a new segment behind a break or the bound of a cell."""
    if state[SEGMENTS]:
        out[state[OUT]] = mark
        state[OUT] += 1
    segment = state[SEGMENTS]
    segments[segment, 0] = state[OUT]
    segments[segment, 1] = stack[state[DEPTH], NODE_OPEN]
    segments[segment, 2] = 1 if state[PRE] else 0
    state[SEGMENTS] += 1
