"""Which lines of a page are chrome: runs that reach in from its edges, and what the lexicon and statistics agree on inside.

Every line weighs for chrome or against it: lines that the site repeats and lines of the lexicon weigh for it, unknown
lines a little and prose much against it. The header is the prefix with the largest sum of weights, the footer the suffix.
Within them what is known goes; unknown lines stay in the header (the title stands there), and go in the footer where
they stand between lines that go or in a list (related articles, whose titles no other page has).

We leave alone: sentences, unless most pages of the site have them and everything between them and the edge goes too;
numbered headings, salutations and other lines that lead to the text behind them; code and tables; and every line that
only text surrounds. A page is never left without text: then it stays whole; and if more than half of its prose would
go, all of its prose stays, because a page whose sentences stand on other pages is a copy, for the deduplicator.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from taoxi.dedup.chrome.counts import CONTENT_TOKENS, in_site, is_content, line_arrays, site_hashes
from taoxi.dedup.chrome.learning import AT_BOTTOM, AT_TOP, CHROME, HEADS, SURE, WIDE, Chrome, look_up
from taoxi.dedup.chrome.lexicon import Reason
from taoxi.dedup.chrome.lines import (
    BARE,
    CALL,
    CODE,
    CRUMB,
    DATE,
    HEADING,
    KEPT,
    LABELS,
    LISTING,
    LONG,
    NUMBERS,
    OPEN,
    PROSE,
    REASON_MASK,
    STRENGTH_MASK,
    STRENGTH_SHIFT,
    VALUE,
    scan,
)
from taoxi.normalize.kernel import kernel
from taoxi.normalize.utf8 import Array, Bytes, Number, Offsets, frozen

FOR_WIDE, FOR_CHROME, FOR_SKELETON = 3.0, 2.0, 1.5
FOR_LEXICON = np.array([0.0, 0.25, 1.0, 2.0])
AGAINST_UNKNOWN, AGAINST_HEADING, AGAINST_PROSE = -1.0, -3.0, -6.0
"""Weights of lines. Six unknown short lines are as much as a paragraph: a header has a title, a subtitle and an author
between its own lines. Tuned on the sites of ``benchmarks chrome`` that are not held out."""

LEAST = 2.0
"""What a header or footer must weigh: one line that the site repeats, one sure line of the lexicon, or two other ones."""

BROKEN = 4.0
"""Weight of unknown lines beyond which a header or footer does not go on: a title, a subtitle and an author weigh three."""

LIST_LINES = 30
"""Unknown lines that a list of related articles may have."""

LIST_TOKENS = 40
"""A title in such a list is no longer than that, and does not end like a sentence."""

SHORT_PROSE = 30
"""Tokens up to which a sentence that is not on most pages may be chrome: 本页面最后修订于某日。"""

CRUMB_TOKENS = 6
"""A line between the signs of a breadcrumb names a section up to this length."""

TITLE_TOKENS = 4
"""A line that stays as the title has at least so many; shorter ones are entries of menus, which repeat too."""

VALUE_TOKENS = 12
"""A line behind a label that has no value of its own is its value up to this length."""

IN_LIST, SOFT = np.uint8(64), np.uint8(128)
"""Beside what is known of a line: it stands behind the heading of a list; its labels are all that is known of it, and no
lexicon knows these. 颜色:红 stands on every page of a shop, so such lines go only where nothing between them and the
edge stays."""

HALF = 0.5
"""Share of a page's prose above which it is not chrome but a copy."""

NONE, HEADER, NAVIGATION, BREADCRUMB, BYLINE, SHARE, RELATED, FOOTER, LICENCE, TAIL = (
    int(reason)
    for reason in (
        Reason.NONE,
        Reason.HEADER,
        Reason.NAVIGATION,
        Reason.BREADCRUMB,
        Reason.BYLINE,
        Reason.SHARE,
        Reason.RELATED,
        Reason.FOOTER,
        Reason.LICENCE,
        Reason.TAIL,
    )
)

NOTICES = 2
"""Paragraphs up to which it may be more: a brief between a banner and a disclaimer."""

WARN_SHARE = 0.9
"""Share of a page's tokens above which it counts as mostly chrome (DESIGN §5, guard)."""


@dataclass(frozen=True, slots=True)
class Stripped:
    """What goes of a batch of n pages.

    ``stretches`` (int64, m by 4) are page, first byte and end in its text, and the ``Reason``: whole lines with the
    empty lines behind them, in order and apart. ``tokens`` and ``removed`` (int64, n) are about how many tokens a page has
    and how many of them go; ``guarded`` (bool, n) are the pages of which less goes than the rules say.
    """

    stretches: NDArray[np.int64]
    tokens: NDArray[np.int64]
    removed: NDArray[np.int64]
    guarded: NDArray[np.bool_]

    def mostly_chrome(self) -> NDArray[np.bool_]:
        """Tell the pages (bool, n) of which more than ``WARN_SHARE`` goes: many of them in a site are worth a warning."""
        return self.removed > WARN_SHARE * self.tokens


def strip(utf8: Bytes, offsets: Offsets, sites: Sequence[str], chrome: Chrome) -> Stripped:
    """Find the chrome of a batch of pages.

    Args:
        utf8: normalized text in valid UTF-8 (uint8).
        offsets: n+1 bounds of the n pages (int64, bytes).
        sites: the site of each page.
        chrome: what was learned; a site it does not know is stripped by the lexicon alone.
    """
    lines = scan(utf8, offsets)
    pages = len(offsets) - 1
    stretches = np.zeros((len(lines), 4), np.int64)
    tokens, removed = np.zeros(pages, np.int64), np.zeros(pages, np.int64)
    guarded = np.zeros(pages, np.bool_)
    size = _strip(
        frozen(utf8),
        frozen(offsets),
        *line_arrays(lines),
        frozen(lines.starts),
        frozen(lines.ends),
        frozen(site_hashes(sites)),
        *chrome.slots,
        frozen(FOR_LEXICON),
        stretches,
        tokens,
        removed,
        guarded,
    )
    return Stripped(stretches[:size].copy(), tokens, removed, guarded)


@kernel
def _weights(
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
    titled = above = before = False
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
            if same and code & WIDE:
                weight = FOR_CHROME
            elif strength == 3 and (not f & PROSE or reason >= LICENCE):
                weight = 1.0
            elif same and tokens[k] <= SHORT_PROSE:
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
            heads = above or below or (f & LISTING and 3 * at >= stop - first)
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
    return some


@kernel
def _prefix(weights: Array, count: Number, backwards: bool) -> Number:  # noqa: FBT001 - numba takes no keywords
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


@kernel
def _posts(first: Number, count: Number, hashes: Array, flags: Array, known: Array) -> Number:
    """Return where the posts of a thread end: behind the last line that the lexicon knows and that stands on the page
    three times, or twice with a date.

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


@kernel
def _mark_edges(
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
        if known[at] and head[at] > 0 and (unbroken or not soft):
            gone[at] = HEADER
        elif at > 0 and gone[at - 1] and f & (BARE | DATE):
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


@kernel
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


@kernel
def _name(
    first: Number, count: Number, skeletons: Array, flags: Array, codes: Array, gone: Array, site_known: bool
) -> None:  # noqa: FBT001
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


@kernel
def _guard(first: Number, count: Number, tokens: Array, flags: Array, gone: Array) -> tuple[Number, bool]:
    """Let stay what must; return how many tokens go, and whether the guard kept any."""
    prose = removed_prose = total = removed = paragraphs = 0
    for at in range(count):
        size = tokens[first + at]
        total += size
        content = is_content(flags[first + at])
        if content:
            prose += size
        if gone[at]:
            removed += size
            if content:
                removed_prose += size
                paragraphs += 1
    guarded = False
    if removed_prose > HALF * prose and (paragraphs > NOTICES or total - removed < CONTENT_TOKENS):
        guarded = True
        for at in range(count):
            if gone[at] and is_content(flags[first + at]):
                gone[at] = NONE
                removed -= tokens[first + at]
    if removed == total and total > 0:
        gone[:count] = NONE
        return 0, True
    return removed, guarded


@kernel
def _strip(
    data: Bytes,
    offsets: Offsets,
    bounds: Array,
    hashes: Array,
    skeletons: Array,
    tokens: Array,
    flags: Array,
    starts: Array,
    ends: Array,
    sites: Array,
    keys: Array,
    values: Array,
    for_lexicon: Array,
    stretches: Array,
    totals: Array,
    removed: Array,
    guarded: Array,
) -> Number:
    most = 1
    for page in range(len(bounds) - 1):
        most = max(most, bounds[page + 1] - bounds[page])
    codes, known, gone = np.zeros(most, np.uint8), np.zeros(most, np.bool_), np.zeros(most, np.uint8)
    head, tail = np.zeros(most), np.zeros(most)
    size = 0
    for page in range(len(bounds) - 1):
        first, stop = bounds[page], bounds[page + 1]
        count = stop - first
        for k in range(first, stop):
            totals[page] += tokens[k]
        if not _weights(
            first,
            stop,
            hashes,
            skeletons,
            tokens,
            flags,
            sites[page],
            keys,
            values,
            for_lexicon,
            codes,
            known,
            head,
            tail,
        ):
            continue
        gone[:count] = NONE
        posts = _posts(first, count, hashes, flags, known)
        header = _prefix(head, count, False)
        footer = _prefix(tail[:count], count - max(header, posts), True)
        header = _alone(first, header, True, count, flags, codes, known)
        footer = _alone(first, footer, False, count, flags, codes, known)
        _mark_edges(first, count, header, footer, hashes, head, tail, tokens, flags, codes, known, gone)
        learned = False
        for at in range(count):
            strength = (flags[first + at] >> np.uint32(STRENGTH_SHIFT)) & np.uint32(STRENGTH_MASK)
            learned = learned or (codes[at] & ~IN_LIST) != 0
            if (
                not gone[at]
                and known[at]
                and codes[at] & ~IN_LIST
                and strength >= 2
                and not is_content(flags[first + at])
            ):
                gone[at] = NAVIGATION
        removed[page], guarded[page] = _guard(first, count, tokens, flags, gone)
        _name(first, count, skeletons, flags, codes, gone, learned)
        size = _stretches(
            data, offsets[page], offsets[page + 1], first, count, starts, ends, gone, page, size, stretches
        )
    return size


@kernel
def _alone(first: Number, size: Number, top: bool, count: Number, flags: Array, codes: Array, known: Array) -> Number:  # noqa: FBT001
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


@kernel
def _stretches(
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
