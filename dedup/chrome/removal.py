"""Which lines of a page are chrome: runs reaching in from its edges, and what lexicon and statistics agree on inside.

Every line weighs for chrome or against it: lines that the site repeats and lines of the lexicon weigh for it, unknown
lines a little and prose much against it. The header is the prefix with the largest sum of weights, the footer the
suffix. Within them what is known goes; unknown lines stay in the header (the title stands there), and go in the
footer where they stand between lines that go or in a list (related articles, whose titles no other page has).

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

from taoxi.dedup.chrome.counts import CONTENT_TOKENS, in_site, line_arrays, site_hashes
from taoxi.dedup.chrome.forms import (
    BARE,
    CODE,
    CRUMB,
    DATE,
    HEADING,
    KEPT,
    LONG,
    NUMBERS,
    PROSE,
    REASON_MASK,
    STRENGTH_MASK,
    STRENGTH_SHIFT,
    VALUE,
    Lines,
    is_content,
)
from taoxi.dedup.chrome.learning import SURE, WIDE, Known, pages_of
from taoxi.dedup.chrome.lexicon import Reason
from taoxi.dedup.chrome.lines import scan
from taoxi.dedup.chrome.weighing import FOR_LEXICON, IN_LIST, SOFT, alone, posts, prefix, weights
from taoxi.normalize.kernel import kernel
from taoxi.normalize.utf8 import Array, Bytes, Number, Offsets, frozen

CRUMB_TOKENS = 6
"""A line between the signs of a breadcrumb names a section up to this length."""

TITLE_TOKENS = 4
"""A line that stays as the title has at least so many; shorter ones are entries of menus, which repeat too."""

VALUE_TOKENS = 12
"""A line behind a label that has no value of its own is its value up to this length."""

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

MIRRORED = 0.7
"""Share of a page's prose that most pages of its site have, wherever it stands, from which the page is a copy."""

NOTICES = 2
"""Paragraphs up to which it may be more: a brief between a banner and a disclaimer."""

WARN_SHARE = 0.9
"""Share of a page's tokens above which it counts as mostly chrome (DESIGN §5, guard)."""


@dataclass(frozen=True, slots=True)
class Stripped:
    """What goes of a batch of n pages.

    ``stretches`` (int64, m by 6) are page, first byte and end in its text, and the ``Reason``: whole lines with the
    empty lines behind them, in order and apart; then how many contents of the site have the most frequent of these
    lines, of how many (0: the site says nothing of them, only the lexicon does). ``tokens`` and ``removed`` (int64, n)
    are about how many tokens a page has and how many of them go; ``guarded`` (bool, n) are the pages of which less goes
    than the rules say.
    """

    stretches: NDArray[np.int64]
    tokens: NDArray[np.int64]
    removed: NDArray[np.int64]
    guarded: NDArray[np.bool_]

    def mostly_chrome(self) -> NDArray[np.bool_]:
        """Tell the pages (bool, n) of which more than ``WARN_SHARE`` goes: many of them are worth a warning."""
        return self.removed > WARN_SHARE * self.tokens


def strip(utf8: Bytes, offsets: Offsets, sites: Sequence[str], known: Known, lines: Lines | None = None) -> Stripped:
    """Find the chrome of a batch of pages.

    Args:
        utf8: normalized text in valid UTF-8 (uint8).
        offsets: n+1 bounds of the n pages (int64, bytes).
        sites: the site of each page.
        known: what was learned; a site it does not know is stripped by the lexicon alone.
        lines: what ``scan`` says of them, if it is known: that is most of the work.
    """
    lines = lines or scan(utf8, offsets)
    pages = len(offsets) - 1
    stretches = np.zeros((len(lines), 6), np.int64)
    tokens, removed = np.zeros(pages, np.int64), np.zeros(pages, np.int64)
    guarded = np.zeros(pages, np.bool_)
    size = _strip(
        frozen(utf8),
        frozen(offsets),
        *line_arrays(lines),
        frozen(lines.starts),
        frozen(lines.ends),
        frozen(site_hashes(sites)),
        known.keys,
        known.codes,
        known.pages,
        frozen(FOR_LEXICON),
        stretches,
        tokens,
        removed,
        guarded,
    )
    return Stripped(stretches[:size].copy(), tokens, removed, guarded)


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
def _close_comment(data: Bytes, first: Number, count: Number, header: Number, starts: Array, gone: Array) -> None:
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


@kernel
def _name(first: Number, count: Number, skeletons: Array, flags: Array, gone: Array, site_known: Number) -> None:
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
def _guard(first: Number, count: Number, tokens: Array, flags: Array, codes: Array, gone: Array) -> tuple[Number, bool]:
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
    pages: Array,
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
        if not weights(
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
        threads = posts(first, count, hashes, flags, known)
        header = prefix(head, count, 0)
        footer = prefix(tail[:count], count - max(header, threads), 1)
        header = alone(first, header, 1, count, flags, codes, known)
        footer = alone(first, footer, 0, count, flags, codes, known)
        _mark_edges(first, count, header, footer, hashes, head, tail, tokens, flags, codes, known, gone)
        _close_comment(data, first, count, header, starts, gone)
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
        removed[page], guarded[page] = _guard(first, count, tokens, flags, codes, gone)
        _name(first, count, skeletons, flags, gone, learned)
        before = size
        size = _stretches(
            data, offsets[page], offsets[page + 1], first, count, starts, ends, gone, page, size, stretches
        )
        _prove(stretches[before:size], offsets[page], first, starts, hashes, skeletons, sites[page], keys, pages)
    return size


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


@kernel
def _prove(
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
    total = pages_of(in_site(np.uint64(0), site), keys, pages)
    at = first
    for row in range(len(stretches)):
        while starts[at] - begin < stretches[row, 1]:
            at += 1
        most = np.int64(0)
        while at < len(starts) and starts[at] - begin < stretches[row, 2]:
            for line in (hashes[at], skeletons[at]):
                if line != 0:
                    most = max(most, np.int64(pages_of(in_site(line, site), keys, pages)))
            at += 1
        stretches[row, 4] = most
        stretches[row, 5] = total
