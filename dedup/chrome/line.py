"""What chrome detection sees of a line: masked hashes, form, and what the lexicon says (Numba).

Two lines are the same when their *masked folds* are: runs of digits and names of months count as one token whatever
they are, so that dates, times and view counts do not tell pages apart. A *skeleton* is a second, coarser hash of lines
whose form says which part varies:

* a breadcrumb (``首页 > 新闻 > 标题``) is its first part;
* labels (``来源:某报 作者:某人``) are the labels without their values;
* a date, with whoever wrote on it, is that it is one;
* a menu (``首页 | 新闻 | 图片``) is the MinHash of its parts (one value), so that menus that differ in one entry
mostly agree.
"""

from __future__ import annotations

import numpy as np

from taoxi.dedup.chrome.forms import (
    BAR_SIGN,
    BARE,
    CALL,
    CALL_SIGN,
    CLOSE_SIGN,
    COLON_SIGN,
    COMMA_SIGN,
    CRUMB,
    CRUMB_SIGN,
    DATE,
    DOT_SIGN,
    END_SIGN,
    HEADING,
    KEPT,
    LABELS,
    LISTING,
    LONG,
    M1,
    M2,
    M3,
    NUMBERS,
    OPEN,
    PROSE,
    STRENGTH_SHIFT,
    VALUE,
    heads,
    mix,
)
from taoxi.dedup.chrome.lexicon import (
    BYLINE,
    KEEP,
    LABEL,
    LIST,
    MARK,
    RELATED,
    TERM_KIND,
    TERM_LATIN,
    TERM_NEXT,
    TERM_REASON,
    TERM_SIZE,
    TERM_STRENGTH,
    YEAR,
)
from taoxi.dedup.fold import KIND_SHIFT, POINT_MASK, SINGLE, WORD
from taoxi.normalize.kernel import part
from taoxi.normalize.utf8 import Array, Bytes, Number, unsigned_point

LEXICON_BYTES = 120
"""Inside a page the lexicon does not look into longer lines that end with a full stop: that takes a third of the
time."""

LONG_TOKENS = 60
PROSE_TOKENS = 10
"""A line that ends like a sentence is one from here on; 收藏本页。 is not. Lines with a stop inside need half as much
again, lines with nothing but commas twice as much."""

BYLINE_TOKENS = 24
"""A line with a label of an author or source is no longer than that."""

COVERED = 0.7
"""Share of a line's characters that must be words of the lexicon for the line to count as known."""

_SEED, _DIGITS = np.uint64(0x27D4EB2F165667C5), np.uint64(0x85EBCA77C2B2AE63)
_TAG_CRUMB, _TAG_LABELS, _TAG_MENU = (
    np.uint64(0x1D8E4E27C47D124F),
    np.uint64(0xEB44ACCAB455D165),
    np.uint64(0xA24BAED4963EE407),
)

_TAG_DATE = np.uint64(0x9FB21C651E98DF25)


@part
def describe(
    data: Bytes,
    first: Number,
    last: Number,
    fold: Array,
    classes: Array,
    moves: Array,
    term_ends: Array,
    terms: Array,
    months: Array,
    stops: Array,
    at_edge: Number,
    line: Number,
    hashes: Array,
    exact: Array,
    skeletons: Array,
    token_counts: Array,
    flags: Array,
) -> None:
    """Describe one line; a flat loop over its characters, unsigned like those of the tokenizer."""
    one = np.uint64(1)
    at, end = np.uint64(first), np.uint64(last)
    h = raw = part = _SEED
    word = np.uint64(0)
    labels = crumb = np.uint64(0)
    menu = ~np.uint64(0)
    tokens = groups = run = parts = part_tokens = part_chars = sentence = commas = years = several = 0
    chars = covered = covered_end = 0
    state: Number = 0
    head_digits: Number = 0
    size: Number = 0
    reason: Number = 0
    best: Number = 0
    word_strength: Number = 0
    word_reason: Number = 0
    pending: Number = -1
    pending_term: Number = -1
    heads_list = kept = in_digits = latin = False
    full_stop = data[last - 1] == 0x82 and data[last - 2] == 0x80 and data[last - 3] == 0xE3
    look = at_edge or last - first <= LEXICON_BYTES or not full_stop
    word_breaks = np.uint64(0)
    point = np.uint64(0)
    kind_of_last = np.uint8(0)
    value = True
    fresh = True  # the next letter begins a word
    while True:
        if at < end:
            point, at = unsigned_point(data, at)
            entry = np.uint64(fold[point])
        else:
            point = np.uint64(10)
            entry = np.uint64(0)
        kind = entry >> np.uint64(KIND_SHIFT)
        plain = entry & np.uint64(POINT_MASK)
        digit = kind == np.uint64(WORD) and np.uint64(0x30) <= plain <= np.uint64(0x39)
        if word != 0 and (digit or kind != np.uint64(WORD)):
            token = (word * M2) | one
            slot = token >> np.uint64(54)
            while months[slot] != 0 and months[slot] != token:
                slot = (slot + one) & np.uint64(1023)
            raw = (raw ^ token) * M1
            if months[slot] == token:
                token = _DIGITS
                groups += 1
            h = (h ^ token) * M1
            part = (part ^ token) * M1
            h ^= h >> np.uint64(32)
            tokens += 1
            part_tokens += 1
            word = np.uint64(0)
            latin = True
        if in_digits and not digit:
            if run == 4 and head_digits in (19, 20):
                years += 1
            in_digits = False
        if digit:
            raw = (raw ^ plain) * M1
            if not in_digits:
                h = (h ^ _DIGITS) * M1
                h ^= h >> np.uint64(32)
                part = (part ^ _DIGITS) * M1
                tokens += 1
                part_tokens += 1
                groups += 1
                run = 0
                head_digits = 0
                in_digits = True
                if pending == chars and terms[pending_term, TERM_KIND] == YEAR:
                    best, reason = max(best, terms[pending_term, TERM_STRENGTH]), terms[pending_term, TERM_REASON]
                state = 0
            run += 1
            if run <= 2:
                head_digits = head_digits * 10 + np.int64(plain) - 0x30
            value = True
            fresh = True
            kind_of_last = np.uint8(0)
            continue
        if kind == np.uint64(WORD) or kind == np.uint64(SINGLE):
            value = True
            if kind == np.uint64(WORD):
                word = (word ^ entry) * M3 + one
            else:
                token = entry * M2
                h = (h ^ token) * M1
                h ^= h >> np.uint64(32)
                raw = (raw ^ token) * M1
                part = (part ^ token) * M1
                tokens += 1
                part_tokens += 1
                latin = False
            chars += 1
            part_chars += 1
            kind_of_last = np.uint8(0)
            if look:
                word_breaks = word_breaks << one | np.uint64(fresh or kind == np.uint64(SINGLE))
                fresh = kind == np.uint64(SINGLE)
                state = np.int64(moves[np.uint64(state), np.uint64(classes[plain])])
                term = np.int64(term_ends[np.uint64(state)])
                while term >= 0:
                    size = np.int64(terms[term, TERM_SIZE])
                    if not terms[term, TERM_LATIN] or (word_breaks >> np.uint64(size - 1)) & one:
                        what = terms[term, TERM_KIND]
                        if what == MARK:
                            if terms[term, TERM_STRENGTH] >= best:
                                best, reason = terms[term, TERM_STRENGTH], terms[term, TERM_REASON]
                        elif what == KEEP:
                            kept = kept or chars == size
                        elif what in (LABEL, YEAR):
                            if pending != chars or terms[pending_term, TERM_SIZE] < size:
                                pending, pending_term = chars, term
                        else:
                            gain = chars - max(covered_end, chars - size)
                            if gain > 0:
                                covered += gain
                                covered_end = chars
                                if terms[term, TERM_STRENGTH] >= word_strength:
                                    word_strength, word_reason = terms[term, TERM_STRENGTH], terms[term, TERM_REASON]
                            if what == LIST and chars == size:
                                heads_list = True
                    term = np.int64(terms[term, TERM_NEXT])
            continue
        # A separator or sign ends a word, perhaps a part, perhaps a sentence.
        fresh = True
        alone = pending == chars == part_chars == terms[pending_term, TERM_SIZE]
        if alone and terms[pending_term, TERM_KIND] == LABEL and terms[pending_term, TERM_STRENGTH] == 3:
            best, reason = 3, terms[pending_term, TERM_REASON]  # 上一篇 needs no colon
        what = stops[point] if point < np.uint64(0x10000) else np.uint8(0)
        if what == COLON_SIGN and part_chars > 0 and part_tokens <= 8:
            labels = (labels ^ part) * M1 + one
            several += 1
            value = False
            if pending == chars and terms[pending_term, TERM_KIND] == LABEL:
                whole = part_chars == terms[pending_term, TERM_SIZE]
                if whole and terms[pending_term, TERM_STRENGTH] >= best:
                    best, reason = terms[pending_term, TERM_STRENGTH], terms[pending_term, TERM_REASON]
        if what == CRUMB_SIGN and tokens > 0 and crumb == 0:
            crumb = part
        if what in (END_SIGN, CALL_SIGN) and (
            point >= np.uint64(0x80) or at >= end or data[at] == 32 or data[at] >= 0x80
        ):
            sentence += 1
        elif what == COMMA_SIGN:
            commas += 1
        elif what == DOT_SIGN and point == np.uint64(0x2E) and (at >= end or data[at] == 32):
            sentence += 1
        edge = what in (COLON_SIGN, CRUMB_SIGN, BAR_SIGN) or point in (
            np.uint64(32),
            np.uint64(10),
            np.uint64(0x3000),
            np.uint64(9),
        )
        if edge:
            if part_tokens > 0 and (what == BAR_SIGN or (point == np.uint64(10) and parts > 0)):
                parts += 1
                menu = min(menu, mix(part))
            if point not in (np.uint64(32), np.uint64(0x3000)) or what != 0 or not latin:
                part = _SEED
                part_tokens = part_chars = 0
        if point == np.uint64(10) and at >= end:
            break
        if what != 0 or point > np.uint64(32):
            kind_of_last = what
    f = np.uint32(0)
    if tokens == 0:
        f |= BARE
        if kind_of_last == CRUMB_SIGN and data[first] not in (0x2D, 0x3C, 0x3D):  # --> ends a comment
            f |= CRUMB
        for k in range(np.uint64(first), np.uint64(last)):
            h = (h ^ np.uint64(data[k])) * M1
        raw = h
    if tokens == groups and tokens > 0:
        f |= NUMBERS
    closed = kind_of_last in (END_SIGN, CALL_SIGN, DOT_SIGN) or (kind_of_last == CLOSE_SIGN and sentence + commas > 0)
    stopped = sentence > 0 and tokens >= 3 * PROSE_TOKENS // 2
    if (closed and tokens >= PROSE_TOKENS) or stopped or (commas > 1 and tokens >= 2 * PROSE_TOKENS):
        f |= PROSE
    if tokens >= LONG_TOKENS:
        f |= LONG
    if kind_of_last in (COLON_SIGN, COMMA_SIGN, END_SIGN, CALL_SIGN):
        f |= OPEN
    if kind_of_last == CALL_SIGN and sentence == 1:
        f |= CALL
    if heads(data, first, last):
        f |= HEADING
    if years > 0 and groups >= 3 and tokens - groups <= 15 and commas <= 1 and sentence == 0:
        f |= DATE
    if labels != 0:
        f |= LABELS
        skeletons[line] = mix(labels ^ _TAG_LABELS)
        if not value:
            f |= VALUE
    if crumb != 0:
        f |= CRUMB
        skeletons[line] = mix(crumb ^ _TAG_CRUMB)
    elif parts >= 3 and labels == 0:
        skeletons[line] = mix(menu ^ _TAG_MENU)
    elif f & DATE and labels == 0:
        skeletons[line] = mix(_TAG_DATE)
    if covered > 0 and covered >= COVERED * chars and word_strength > best:
        best, reason = word_strength, word_reason
    if heads_list and covered >= COVERED * chars:
        f |= LISTING
    if kept:
        f |= KEPT
    if f & PROSE and (not f & OPEN or f & CALL) and (crumb != 0 or (best == 3 and reason == RELATED)):
        f &= ~PROSE  # the title in it reads like a sentence
    if (f & PROSE and best == 2 and reason < RELATED) or (reason == BYLINE and several < 2 and tokens > BYLINE_TOKENS):
        best = 0  # a sentence that names a menu entry is none, and 记者: opens a question of an interview
    hashes[line] = mix(h)
    exact[line] = mix(raw)
    token_counts[line] = tokens
    flags[line] = f | np.uint32(reason) | np.uint32(best) << np.uint32(STRENGTH_SHIFT)
