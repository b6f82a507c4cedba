"""The stack of open elements within kernels: what start and end tags do to it, and to the lines of the page (Numba).

Of the rules by which browsers imply end tags, those are kept that matter to lines: paragraphs, list items, terms,
cells, rows and links. The stack is bounded, and so is what one tag can cost.
"""

from __future__ import annotations

from taoxi.normalize.kernel import part
from taoxi.normalize.utf8 import Array, Number
from taoxi.normalize.web.elements import BLOCK, CLOSES_P, DROP, KINDS, LIST, SCOPE, TABLE, TAG
from taoxi.normalize.web.markup import CLASS_START, HIDDEN, HREF, ID_START

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
_HTML, _HEAD, _BODY = (TAG[name] for name in ("html", "head", "body"))
_TABLE, _THEAD, _TBODY, _TFOOT = (TAG[name] for name in ("table", "thead", "tbody", "tfoot"))


TAG_OPEN, NODE_OPEN, FLAGS, ROW_SEPARATORS, ROW_TEXT, ROW_LAYOUT = range(6)
"""Columns of the stack: element, its node, what it is; and of rows, which are counted by themselves: their first
separator, one more than where their text begins, whether they are layout."""


@part
def break_line(state: Array) -> None:
    """Ask for a new line, unless a cell has only just begun or nothing is seen."""
    if (not state[FRESH] or not state[ROWS]) and not state[DROPPED]:
        state[PENDING] = NEXT_LINE


@part
def open_element(
    tag: Number,
    found: Array,
    empty: Number,
    state: Array,
    out: Array,
    stack: Array,
    nodes: Array,
    separators: Array,
) -> None:
    """Take in a start tag."""
    kind = KINDS[tag]
    if tag == _HTML or tag == _HEAD or tag == _BODY:
        return
    _imply(tag, kind, state, out, stack, separators)
    if tag == _BR or (empty and kind & BLOCK):
        break_line(state)
    if empty:
        return
    if tag == _TR:
        state[PENDING] = NEXT_LINE
    elif (tag == _TD or tag == _TH) and state[ROWS]:
        row = state[ROWS]
        state[PENDING] = NEXT_CELL if stack[row, ROW_TEXT] and not stack[row, ROW_LAYOUT] else NEXT_LINE
        state[FRESH] = 1
    elif kind & BLOCK:
        break_line(state)
    if state[DEPTH] == DEEPEST:
        state[OVER] += 1
        return
    node = stack[state[DEPTH], NODE_OPEN]
    if kind & BLOCK or ((tag == _SPAN or tag == _FONT) and (found[CLASS_START] or found[ID_START])):
        fresh = nodes[state[NODES]]
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
            stack[state[ROWS], ROW_LAYOUT] = 1
        state[ROWS] += 1
        stack[state[ROWS], ROW_SEPARATORS] = state[SEPARATORS]
        stack[state[ROWS], ROW_TEXT] = stack[state[ROWS], ROW_LAYOUT] = 0
    state[DEPTH] += 1
    stack[state[DEPTH], TAG_OPEN] = tag
    stack[state[DEPTH], NODE_OPEN] = node
    stack[state[DEPTH], FLAGS] = flags


@part
def _imply(tag: Number, kind: Number, state: Array, out: Array, stack: Array, separators: Array) -> None:
    """End the elements that the start of ``tag`` ends."""
    depth = state[DEPTH]
    if kind & CLOSES_P:
        place = depth
        while place and not KINDS[stack[place, TAG_OPEN]] & BLOCK:
            place -= 1
        if place and stack[place, TAG_OPEN] == _P:
            close_down_to(place - 1, state, out, stack, separators)
    depth = state[DEPTH]
    if tag == _LI or tag == _DT or tag == _DD:
        place = depth
        while place and not KINDS[stack[place, TAG_OPEN]] & (LIST | SCOPE):
            other = stack[place, TAG_OPEN]
            if (other == _LI) if tag == _LI else (other == _DT or other == _DD):
                close_down_to(place - 1, state, out, stack, separators)
                return
            place -= 1
    elif tag == _A:
        place = depth
        while place and not KINDS[stack[place, TAG_OPEN]] & SCOPE:
            if stack[place, TAG_OPEN] == _A:
                _end_link(place, state, stack)
                return
            place -= 1
    elif tag == _RT or tag == _RP or tag == _RB:
        if stack[depth, TAG_OPEN] == _RT or stack[depth, TAG_OPEN] == _RP or stack[depth, TAG_OPEN] == _RB:
            close_down_to(depth - 1, state, out, stack, separators)
    elif kind & TABLE and tag != _TABLE:
        cell = tag == _TD or tag == _TH
        last = 0
        place = depth
        while place and stack[place, TAG_OPEN] != _TABLE:
            other = stack[place, TAG_OPEN]
            if cell and other == _TR:
                break
            if KINDS[other] & TABLE and (tag != _TR or (other != _TBODY and other != _THEAD and other != _TFOOT)):
                last = place
            place -= 1
        if last and place:
            close_down_to(last - 1, state, out, stack, separators)


@part
def _end_link(place: Number, state: Array, stack: Array) -> None:
    """End the link at a place of the stack without ending what is open in it."""
    if stack[place, FLAGS] & IS_LINK:
        stack[place, FLAGS] &= ~IS_LINK
        state[LINKS] -= 1


@part
def close_element(tag: Number, state: Array, out: Array, stack: Array, separators: Array) -> None:
    """Take in an end tag."""
    kind = KINDS[tag]
    if kind & BLOCK:
        break_line(state)
    if tag == _HTML or tag == _HEAD or tag == _BODY:
        return
    if state[OVER]:
        state[OVER] -= 1
        return
    place = state[DEPTH]
    while place and stack[place, TAG_OPEN] != tag:
        other = KINDS[stack[place, TAG_OPEN]]
        if tag != _TABLE and ((stack[place, TAG_OPEN] == _TABLE) if kind & TABLE else other & SCOPE):
            return
        if not kind & (BLOCK | DROP) and other & BLOCK:
            if tag != _A:
                return
            while place and stack[place, TAG_OPEN] != _A and not KINDS[stack[place, TAG_OPEN]] & SCOPE:
                place -= 1
            if place and stack[place, TAG_OPEN] == _A:
                _end_link(place, state, stack)
            return
        place -= 1
    if place and tag:
        close_down_to(place - 1, state, out, stack, separators)


@part
def close_down_to(depth: Number, state: Array, out: Array, stack: Array, separators: Array) -> None:
    """End open elements until ``depth`` are left."""
    while state[DEPTH] > depth:
        flags = stack[state[DEPTH], FLAGS]
        if flags & IS_LINK:
            state[LINKS] -= 1
        if flags & IS_HIDDEN:
            state[UNSEEN] -= 1
        if flags & IS_DROPPED:
            state[DROPPED] -= 1
        if flags & IS_PRE:
            state[PRE] -= 1
        if stack[state[DEPTH], TAG_OPEN] == _TR:
            _end_row(state, out, stack, separators)
        elif KINDS[stack[state[DEPTH], TAG_OPEN]] & BLOCK:
            break_line(state)
        state[DEPTH] -= 1


@part
def _end_row(state: Array, out: Array, stack: Array, separators: Array) -> None:
    """End a row: if it is layout, its cells become lines."""
    row = state[ROWS]
    first = stack[row, ROW_SEPARATORS]
    layout = stack[row, ROW_LAYOUT]
    end = state[OUT]
    for k in range(state[SEPARATORS] - 1, first - 1, -1):
        if end - separators[k] > LONGEST_CELL:
            layout = 1
        end = separators[k]
    if end - stack[row, ROW_TEXT] > LONGEST_CELL:
        layout = 1
    if layout:
        for k in range(first, state[SEPARATORS]):
            out[separators[k]] = BREAK
    state[SEPARATORS] = first
    state[ROWS] -= 1
    state[PENDING] = NEXT_LINE
    state[FRESH] = 0
