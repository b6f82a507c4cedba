"""Which lines of the header and of the footer of a page go (Numba)."""

from __future__ import annotations

import numpy as np

from taoxi.dedup.chrome.forms import (
    BARE,
    CODE,
    CRUMB,
    DATE,
    HEADING,
    KEPT,
    NUMBERS,
    REASON_MASK,
    STRENGTH_MASK,
    STRENGTH_SHIFT,
    VALUE,
    is_content,
)
from taoxi.dedup.chrome.known import SURE
from taoxi.dedup.chrome.lexicon import BREADCRUMB, BYLINE, FOOTER, HEADER, NONE, RELATED, SHARE
from taoxi.dedup.chrome.weighing import IN_LIST, SOFT
from taoxi.normalize.kernel import part
from taoxi.normalize.utf8 import Array, Bytes, Number

CRUMB_TOKENS = 6
"""A line between the signs of a breadcrumb names a section up to this length."""

TITLE_TOKENS = 4
"""A line that stays as the title has at least so many; shorter ones are entries of menus, which repeat too."""

VALUE_TOKENS = 12
"""A line behind a label that has no value of its own is its value up to this length."""


@part
def mark_edges(
    first: Number,
    count: Number,
    header: Number,
    footer: Number,
    hashes: Array,
    head: Array,
    tail: Array,
    tokens: Array,
    flags: Array,
    codes: Array,
    known: Array,
    gone: Array,
) -> None:
    """Mark the lines of header and footer that go."""
    unbroken = True
    for at in range(header):
        f = flags[first + at]
        soft = is_content(f) or codes[at] & SOFT
        own = known[at] and head[at] > 0 and (unbroken or not soft)
        if own or (at > 0 and gone[at - 1] and f & (BARE | DATE)):
            gone[at] = HEADER
        elif (
            at > 0
            and gone[at - 1]
            and flags[first + at - 1] & VALUE
            and tokens[first + at] <= VALUE_TOKENS
            and at + 1 < header
            and known[at + 1]
            and not is_content(f)
        ):
            gone[at] = BYLINE
        elif (
            at > 0
            and gone[at - 1]
            and flags[first + at - 1] & CRUMB
            and flags[first + at - 1] & BARE
            and tokens[first + at] <= CRUMB_TOKENS
            and not f & (HEADING | CODE | KEPT)
        ):
            gone[at] = BREADCRUMB
        elif not f & BARE:
            unbroken = False
    # What stands between lines of the header that go, and is no word, goes with them.
    for at in range(header - 1, -1, -1):
        if not gone[at] and flags[first + at] & (BARE | DATE | NUMBERS) and at + 1 < header and gone[at + 1]:
            gone[at] = HEADER
    _keep_title(first, count, header, hashes, tokens, flags, codes, gone)
    unbroken = True
    edge = count - footer
    opened = inner = count
    for at in range(edge, count):
        if known[at] and tail[at] > 0:
            opened = min(opened, at)
            strength = (flags[first + at] >> np.uint32(STRENGTH_SHIFT)) & np.uint32(STRENGTH_MASK)
            if not is_content(flags[first + at]) or strength >= 2:
                inner = at
                break
    closed = -1
    for at in range(count - 1, edge - 1, -1):
        f = flags[first + at]
        soft = is_content(f) or codes[at] & SOFT
        if gone[at]:
            continue
        if known[at] and tail[at] > 0 and (unbroken or not soft) and at >= inner:
            gone[at] = FOOTER
            closed = at
        elif codes[at] & IN_LIST:
            gone[at] = RELATED
        elif f & (CODE | KEPT | HEADING) or is_content(f):
            unbroken = False
        elif at > inner and (f & (BARE | DATE | NUMBERS) or closed >= 0):
            gone[at] = FOOTER if f & (BARE | DATE | NUMBERS) else RELATED
        else:
            unbroken = False


@part
def _keep_title(
    first: Number, count: Number, header: Number, hashes: Array, tokens: Array, flags: Array, codes: Array, gone: Array
) -> None:
    """Let the title stay where the site shows it elsewhere too: in a list above it, or in that of other pages.

    It is the last line that stood in the header before; or, where nothing of the header would stay, the last line
    that neither the lexicon nor its form knows, unless nearly all pages have it.
    """
    last = kept = -1
    stays = signed = False
    for at in range(header):
        f = flags[first + at]
        stays = stays or not gone[at]
        strength = (f >> np.uint32(STRENGTH_SHIFT)) & np.uint32(STRENGTH_MASK)
        signed = signed or (f & DATE) != 0 or (strength > 0 and f & np.uint32(REASON_MASK) in (BYLINE, SHARE))
        if not gone[at] or strength >= 2 or f & (CRUMB | BARE | DATE | NUMBERS) or codes[at] & SOFT or is_content(f):
            continue
        if tokens[first + at] < TITLE_TOKENS:
            continue
        for before in range(at):
            if hashes[first + before] == hashes[first + at]:
                kept = at
        if not codes[at] & SURE and codes[at]:
            last, signed = at, False
    # Below a date or a source there is no title any more; above a short line, that is the title.
    if kept < 0 and not stays and (signed or header == count or is_content(flags[first + header])):
        kept = last
    if kept >= 0:
        gone[kept] = NONE
        for at in range(kept, header):
            if codes[at] & SOFT or is_content(flags[first + at]):
                gone[at] = NONE


@part
def close_comment(data: Bytes, first: Number, count: Number, header: Number, starts: Array, gone: Array) -> None:
    """Let the end of a comment go with its beginning: a licence above a page of Markdown."""
    inside = False
    for at in range(min(header + 1, count)):
        start = starts[first + at]
        if start + 2 >= len(data):
            return
        if at == header:
            closes = data[start] == 0x2D and data[start + 1] == 0x2D and data[start + 2] == 0x3E  # -->
            if inside and closes and gone[at - 1]:
                gone[at] = HEADER
        elif data[start] == 0x3C and data[start + 1] == 0x21 and data[start + 2] == 0x2D:  # <!-
            inside = gone[at] != NONE
        elif data[start] == 0x2D and data[start + 1] == 0x2D and data[start + 2] == 0x3E:
            inside = False
