"""What stays of a page although it looks like chrome, and how what goes is told (Numba)."""

from __future__ import annotations

import numpy as np

from taoxi.dedup.chrome.counts import CONTENT_TOKENS, in_site
from taoxi.dedup.chrome.forms import CRUMB, DATE, LONG, PROSE, REASON_MASK, STRENGTH_MASK, STRENGTH_SHIFT, is_content
from taoxi.dedup.chrome.known import WIDE, look_up
from taoxi.dedup.chrome.lexicon import BREADCRUMB, BYLINE, FOOTER, HEADER, NAVIGATION, NONE, RELATED, TAIL
from taoxi.normalize.kernel import part
from taoxi.normalize.utf8 import Array, Bytes, Number

HALF = 0.5
"""Share of a page's prose above which it is not chrome but a copy."""

MIRRORED = 0.7
"""Share of a page's prose that most pages of its site have, wherever it stands, from which the page is a copy."""

NOTICES = 2
"""Paragraphs up to which it may be more: a brief between a banner and a disclaimer."""


@part
def name(first: Number, count: Number, skeletons: Array, flags: Array, gone: Array, site_known: Number) -> None:
    """Put the reason of the lexicon or of the form in the place of header and footer."""
    for at in range(count):
        if not gone[at]:
            continue
        f = flags[first + at]
        reason = f & np.uint32(REASON_MASK)
        if gone[at] != RELATED and reason and (f >> np.uint32(STRENGTH_SHIFT)) & np.uint32(STRENGTH_MASK) >= 1:
            gone[at] = reason
        elif f & CRUMB:
            gone[at] = BREADCRUMB
        elif gone[at] == HEADER and f & DATE:
            gone[at] = BYLINE
        elif gone[at] == HEADER and skeletons[first + at] and not f & (PROSE | LONG):
            gone[at] = NAVIGATION
        elif gone[at] == FOOTER and not site_known:
            gone[at] = TAIL


@part
def guard(first: Number, count: Number, tokens: Array, flags: Array, codes: Array, gone: Array) -> tuple[Number, bool]:
    """Let stay what must; return how many tokens go, and whether the guard kept any."""
    prose = removed_prose = total = removed = paragraphs = shared = shared_prose = 0
    for at in range(count):
        size = tokens[first + at]
        total += size
        content = is_content(flags[first + at])
        if content:
            prose += size
            if codes[at] & WIDE:
                shared += 1
                shared_prose += size
        if gone[at]:
            removed += size
            if content:
                removed_prose += size
                paragraphs += 1
    guarded = False
    copy = shared > NOTICES and shared_prose > MIRRORED * prose
    notices = paragraphs <= NOTICES and total - removed >= CONTENT_TOKENS
    if removed_prose and (copy or (removed_prose > HALF * prose and not notices)):
        guarded = True
        for at in range(count):
            if gone[at] and is_content(flags[first + at]):
                gone[at] = NONE
                removed -= tokens[first + at]
    if removed == total and total > 0:
        gone[:count] = NONE
        return 0, True
    return removed, guarded


@part
def write_stretches(
    data: Bytes,
    begin: Number,
    end: Number,
    first: Number,
    count: Number,
    starts: Array,
    ends: Array,
    gone: Array,
    page: Number,
    size: Number,
    stretches: Array,
) -> Number:
    """Write the stretches of a page from row ``size`` on; return the next free row.

    A stretch takes the empty lines behind it; at the end of the page those before it.
    """
    last = -1
    for at in range(count):
        if not gone[at]:
            last = at
    at = 0
    while at < count:
        if not gone[at]:
            at += 1
            continue
        start = starts[first + at] if at > 0 else begin
        if at == last + 1:
            while start > begin and data[start - 1] == 10:
                start -= 1
        reason = gone[at]
        while at < count and gone[at] == reason:
            at += 1
        stretches[size, 0] = page
        stretches[size, 1] = start - begin
        stretches[size, 2] = (ends[first + at - 1] if at < count else end) - begin
        stretches[size, 3] = reason
        size += 1
    return size


@part
def prove(
    stretches: Array,
    begin: Number,
    first: Number,
    starts: Array,
    hashes: Array,
    skeletons: Array,
    site: Number,
    keys: Array,
    pages: Array,
) -> None:
    """Write beside the stretches of a page how many contents of its site have their lines, and how many it has."""
    total = look_up(in_site(np.uint64(0), site), keys, pages)
    at = first
    for row in range(len(stretches)):
        while starts[at] - begin < stretches[row, 1]:
            at += 1
        most = np.int64(0)
        while at < len(starts) and starts[at] - begin < stretches[row, 2]:
            for line in (hashes[at], skeletons[at]):
                if line != 0:
                    most = max(most, np.int64(look_up(in_site(line, site), keys, pages)))
            at += 1
        stretches[row, 4] = most
        stretches[row, 5] = total
