"""How lines weigh for chrome or against it, and how far from a page's edges they are chrome (Numba)."""

from __future__ import annotations

import numpy as np

from taoxi.dedup.chrome.counts import in_site
from taoxi.dedup.chrome.forms import (
    BARE,
    CALL,
    CODE,
    CRUMB,
    DATE,
    HEADING,
    KEPT,
    LABELS,
    LISTING,
    NUMBERS,
    OPEN,
    PROSE,
    REASON_MASK,
    STRENGTH_MASK,
    STRENGTH_SHIFT,
    is_content,
)
from taoxi.dedup.chrome.known import AT_BOTTOM, AT_TOP, CHROME, HEADS, SURE, WIDE, look_up
from taoxi.dedup.chrome.lexicon import Reason
from taoxi.normalize.kernel import part
from taoxi.normalize.utf8 import Array, Number

FOR_WIDE, FOR_CHROME, FOR_SKELETON = 3.0, 2.0, 1.5
FOR_LEXICON = np.array([0.0, 0.25, 1.0, 2.0])
AGAINST_UNKNOWN, AGAINST_HEADING, AGAINST_PROSE = -1.0, -3.0, -6.0
"""Weights of lines. Six unknown short lines are as much as a paragraph: a header has a title, a subtitle and an author
between its own lines. Tuned on the sites of ``benchmarks chrome`` that are not held out."""

LEAST = 2.0
"""What a header or footer must weigh: one line that the site repeats, one sure line of the lexicon, or two other
ones."""

BROKEN = 4.0
"""Weight of unknown lines beyond which a header or footer does not go on: a title, a subtitle and an author weigh
three."""

LIST_LINES = 30
"""Unknown lines that a list of related articles may have."""

LIST_TOKENS = 40
"""A title in such a list is no longer than that, and does not end like a sentence."""

SHORT_PROSE = 30
"""Tokens up to which a sentence that is not on most pages may be chrome: 本页面最后修订于某日。"""

IN_LIST, SOFT = np.uint8(64), np.uint8(128)
"""Beside what is known of a line: it stands behind the heading of a list; its labels are all that is known of it, and
no lexicon knows these. 颜色:红 stands on every page of a shop, so such lines go only where nothing between them and
the edge stays."""

FOOTER, LICENCE = int(Reason.FOOTER), int(Reason.LICENCE)


@part
def weights(
    first: Number,
    stop: Number,
    hashes: Array,
    skeletons: Array,
    tokens: Array,
    flags: Array,
    site: Number,
    keys: Array,
    values: Array,
    for_lexicon: Array,
    codes: Array,
    known: Array,
    head: Array,
    tail: Array,
) -> bool:
    """Weigh the lines of a page for its header and its footer; return whether anything weighs for chrome."""
    some = False
    for k in range(first, stop):
        code = look_up(in_site(hashes[k], site), keys, values)
        head[k - first] = code != 0 and not code & CHROME
        if not code & CHROME:
            code = np.uint8(0)
        known[k - first] = code != 0
        if code == 0 and skeletons[k] != 0:
            code = look_up(in_site(skeletons[k], site), keys, values)
            if not code & CHROME:
                code = np.uint8(0)
        codes[k - first] = code & ~(IN_LIST | SOFT)
    listing = 0
    titled = above = before = text = False
    for k in range(first, stop):
        at = k - first
        f = flags[k]
        code = codes[at]
        same = known[at]
        strength = np.int64((f >> np.uint32(STRENGTH_SHIFT)) & np.uint32(STRENGTH_MASK))
        reason = np.int64(f & np.uint32(REASON_MASK))
        leads = (f & OPEN) != 0 and strength == 0 and k + 1 < stop and codes[at + 1] == 0
        listed = (
            listing > 0 and tokens[k] <= LIST_TOKENS and (not (f & OPEN and f & PROSE) or f & CALL) and not f & CODE
        )
        entry = head[at] != 0
        weight = AGAINST_UNKNOWN
        if f & CODE:
            weight = AGAINST_PROSE
        elif is_content(f):
            weight = AGAINST_PROSE if f & OPEN or tokens[k] > LIST_TOKENS else AGAINST_HEADING
            sure = strength == 3 and (not f & PROSE or reason >= LICENCE)
            if same and code & WIDE:
                weight = FOR_CHROME
            elif sure or (same and tokens[k] <= SHORT_PROSE):
                weight = 1.0
        elif f & KEPT or leads:
            weight = AGAINST_UNKNOWN
        elif f & HEADING and not (code & SURE and strength >= 2):
            weight = AGAINST_HEADING
            if same and code & WIDE:
                weight = 0.5
                codes[at] |= SOFT
        elif f & BARE:
            weight = 0.0
        elif same:
            weight = FOR_WIDE if code & WIDE else FOR_CHROME
        elif code:
            weight = FOR_SKELETON
        elif strength > 0:
            weight = for_lexicon[strength]
        elif f & DATE:
            weight = 0.0
        elif f & NUMBERS:
            weight = -0.25
        if code and f & LABELS and strength == 0:
            codes[at] |= SOFT
        known[at] = weight > 0
        some = some or weight > 0
        head[at] = tail[at] = weight
        if weight < 0 and not titled and not (above and entry):
            titled = True
            if tokens[k] <= LIST_TOKENS and not f & CODE and not (f & OPEN and is_content(f)):
                head[at] = max(weight, AGAINST_UNKNOWN)  # it may be the title, of whatever form
        if weight > 0 and code:
            # A line that other pages have at their ends is unknown at the head: this is the page of that title.
            if not code & AT_TOP:
                head[at] = AGAINST_UNKNOWN
            if not code & AT_BOTTOM:
                tail[at] = AGAINST_UNKNOWN
        elif weight > 0 and reason >= FOOTER:
            head[at] = min(weight, 0.5)  # 版权所有者 may open a title; notices close a page
        # Behind the heading of a list its entries weigh nothing, until prose comes.
        if known[at]:
            heading = code & HEADS and code & WIDE
            above = (heading and code & AT_TOP and not code & AT_BOTTOM) or (
                above and strength == 0 and not f & (CRUMB | LABELS)
            )
            below = heading and code & AT_BOTTOM and not code & AT_TOP
            heads = above or below or (f & LISTING and text)
            listing = LIST_LINES if heads else listing
        elif listed:
            listing -= 1
            tail[at] = 0.0
            codes[at] |= IN_LIST
            follows = k + 1 < stop and head[at + 1] != 0
            if above and entry and (follows or before):
                head[at], known[at] = 0.5, True
        else:
            listing = 0
        before = entry
        text = text or (is_content(f) and not known[at])
    return some


@part
def prefix(weights: Array, count: Number, backwards: Number) -> Number:
    """Return how many lines from the edge sum up to most (0 if under ``LEAST``)."""
    best = 0.0
    total = 0.0
    size = 0
    for k in range(count):
        weight = weights[len(weights) - 1 - k] if backwards else weights[k]
        total += weight
        if total <= best - BROKEN:
            break
        if total >= best and weight > 0:
            best, size = total, k + 1
    return size if best >= LEAST else 0


@part
def posts(first: Number, count: Number, hashes: Array, flags: Array, known: Array) -> Number:
    """Return where the posts of a thread end.

    That is behind the last line that the lexicon knows and that the page has three times, or twice with a date.
    Between such lines stand the short answers of readers, which are on many pages too.
    """
    for at in range(count - 1, -1, -1):
        f = flags[first + at]
        if known[at] and (f >> np.uint32(STRENGTH_SHIFT)) & np.uint32(STRENGTH_MASK) >= 2:
            times = 0
            for other in range(count):
                times += hashes[first + other] == hashes[first + at]
            if times >= (2 if f & DATE else 3):
                return at + 1
    return 0


@part
def alone(first: Number, size: Number, top: Number, count: Number, flags: Array, codes: Array, known: Array) -> Number:
    """Drop a header or footer of a single line that the lexicon does not know, unless nearly all pages have it.

    A line alone above the text is a title as often as the name of the site: 政府工作报告, 公告.
    """
    single = -1
    for k in range(size):
        at = k if top else count - 1 - k
        if known[at]:
            if single >= 0:
                return size
            single = at
    if single < 0 or (flags[first + single] >> np.uint32(STRENGTH_SHIFT)) & np.uint32(STRENGTH_MASK) >= 2:
        return size
    return size if codes[single] & SURE else 0
