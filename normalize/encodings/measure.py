"""Measure bytes under a codec: the kernels of ``shortest`` with the models of ``likelihood``."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from taoxi.normalize.encodings import likelihood, shortest
from taoxi.normalize.encodings.likelihood import EIGHT, FOUR, INVALID, PAIRS, THREE, UNIT, UTF16, UTF32
from taoxi.normalize.encodings.shortest import four_bytes
from taoxi.normalize.kernel import kernel
from taoxi.normalize.utf8 import Bytes, Number, Offsets

Costs2 = NDArray[np.int64]

_NO_PAIRS = np.full(1 << 16, INVALID, np.uint8)


def _at_most(costs: Bytes, most: int) -> Bytes:
    """Return costs of which none is over ``most``, but for what is invalid."""
    return np.where(costs == INVALID, np.uint8(INVALID), np.minimum(costs, most)).astype(np.uint8)


@cache
def _form(encoding: str, language: str | None, most: int) -> likelihood.Form:
    form = likelihood.form(encoding, language)
    if form.kind == UTF16:
        # What noise makes of Latin text would be the evidence for one byte order or the other.
        most = min(most, shortest.BAD)
    if most >= INVALID:
        return form
    return replace(form, pairs=_at_most(form.pairs, most), longer=_at_most(form.longer, most))


def measure(
    data: Bytes,
    start: int,
    end: int,
    encoding: str,
    steps: Bytes,
    *,
    bad: int = shortest.BAD,
    cut: bool = True,
    language: str | None = None,
    most: int = INVALID,
    pairs: Bytes | None = None,
) -> int:
    """Return the cost of ``data[start:end]`` under a codec, in eighths of a bit, and fill ``steps`` for the way there.

    Args:
        data: bytes (uint8).
        start: where the stretch begins.
        end: where it ends.
        encoding: a codec of ``likelihood.form``, or UTF-8.
        steps: uint8, as long as ``data``.
        bad: the cost of a bad byte.
        cut: whether the stretch may begin and end inside a character.
        language: the one of ``likelihood.LANGUAGES`` that the text is in, if that is known.
        most: the cost of the rarest characters.
        pairs: the costs of pairs, if not those of the model alone, see ``adapted``.
    """
    edge = bad // shortest.CUT if cut else bad
    if encoding == "utf-8":
        return int(shortest.parse_utf8(data, start, end, bad, likelihood.universal(), steps))
    form = _form(encoding, language, most)
    big = int(encoding.endswith("-be"))
    if form.kind == UTF16:
        return int(shortest.parse_units(data, start, end, bad, edge, big, form.pairs, steps))
    if form.kind == UTF32:
        return int(shortest.parse_quads(data, start, end, bad // 2, edge // 2, big, form.pairs, steps))
    if pairs is None:
        pairs = form.pairs if form.kind != EIGHT else _NO_PAIRS
    return int(shortest.parse(data, start, end, bad, edge, form.kind, form.singles, pairs, form.longer, steps))


def adapted(data: Bytes, bounds: Offsets, encoding: str, *, language: str | None, most: int) -> Bytes | None:
    """Return the costs of pairs for a text in which some are known to occur, None where characters are no pairs.

    A word that stands in a text stands there again, however rare it is elsewhere: what is n of N pairs takes
    ``CACHE_BITS`` more than log2(N / n), or what it takes in the language (Kuhn & De Mori, 1990).

    Args:
        data: bytes (uint8).
        bounds: of what is beyond doubt, starts and ends in turn (int64).
        encoding: as ``measure`` takes it.
        language: as ``measure`` takes it.
        most: as ``measure`` takes it.
    """
    if encoding == "utf-8" or (form := _form(encoding, language, most)).kind not in {PAIRS, FOUR, THREE}:
        return None
    counts = tally(data, bounds, form.singles, form.pairs)
    seen = np.flatnonzero(counts)
    if not len(seen):
        return form.pairs
    bits = np.log2(counts.sum() / counts[seen]) + CACHE_BITS
    pairs = form.pairs.copy()
    pairs[seen] = np.minimum(pairs[seen], np.minimum(bits * UNIT, INVALID - 1).astype(np.uint8))
    return pairs


CACHE_BITS = 2.0
"""The share of the text itself in what is expected of it is a quarter."""


@kernel
def tally(data: Bytes, bounds: Offsets, singles: Bytes, pairs: Bytes) -> Offsets:
    """Return how often each pair occurs between bounds that are starts and ends in turn (int64, 65,536)."""
    counts = np.zeros(1 << 16, np.int64)
    for k in range(0, len(bounds), 2):
        at = np.uint64(bounds[k])
        end = np.uint64(bounds[k + 1])
        while at + np.uint64(1) < end:
            byte = np.uint64(data[at])
            at += np.uint64(1)
            if singles[byte] == INVALID:
                pair = byte << np.uint64(8) | np.uint64(data[at])
                at += np.uint64(1)
                if pairs[pair] != INVALID:
                    counts[pair] += 1
    return counts


def glance_each(data: Bytes, bounds: Offsets, encoding: str, steps: Bytes) -> Offsets:
    """Return the cost of each stretch between bounds as ``glance`` does, -1 under codecs that it does not read."""
    if encoding == "utf-8" or (form := likelihood.form(encoding)).kind not in {PAIRS, FOUR, THREE}:
        return np.full(len(bounds) - 1, -1, np.int64)
    return glance(data, bounds, form.kind, form.singles, form.pairs, form.longer, steps)


def measure_each(data: Bytes, starts: Offsets, ends: Offsets, encoding: str, steps: Bytes) -> Offsets:
    """Return the cost of each stretch ``data[starts[k]:ends[k]]`` under a codec (int64), as ``measure`` does of one."""
    if encoding == "utf-8":
        return shortest.parse_utf8_each(data, starts, ends, likelihood.universal(), steps)
    form = _form(encoding, None, INVALID)
    if form.kind == UTF16:
        return shortest.parse_units_each(data, starts, ends, int(encoding.endswith("-be")), form.pairs, steps)
    pairs = form.pairs if form.kind != EIGHT else _NO_PAIRS
    return shortest.parse_each(data, starts, ends, form.kind, form.singles, pairs, form.longer, steps)


@kernel
def line_bounds(ends: Offsets, marks: Offsets, size: Number, least: Number, most: Number) -> Offsets:
    """Return the bounds of stretches of ``least`` to ``most`` bytes (int64), from 0 to ``size``.

    They end behind a line feed (``ends``), or before a mark of byte order (``marks``) however short they are.
    """
    bounds = np.zeros(len(ends) + len(marks) + size // most + 2, np.int64)
    count = 0
    last: Number = np.int64(0)
    k: Number = 0
    j: Number = 0
    while last < size:
        end = ends[k] if k < len(ends) else np.int64(size)
        mark = marks[j] if j < len(marks) else np.int64(size)
        place = min(end, mark, last + np.int64(most))
        k += end <= place
        j += mark <= place
        if place > last and (place - last >= least or place in (mark, size)):
            count += 1
            bounds[count] = place
            last = place
    return bounds[: count + 1]


@kernel
def cheapest_path(costs: Costs2, change: Costs2) -> Offsets:
    """Return the sequence of states that costs least (int64), in a tie that of the states that come first.

    Args:
        costs: of each place in each state (int64, states by places).
        change: of a change from one state to another (int64, states by states).
    """
    states, places = costs.shape
    back = np.zeros((places, states), np.uint8)
    total = costs[:, 0].copy()
    after = total.copy()
    for place in range(1, places):
        for state in range(states):
            best = np.int64(0)
            for before in range(1, states):
                if total[before] + change[before, state] < total[best] + change[best, state]:
                    best = np.int64(before)
            back[place, state] = best
            after[state] = total[best] + change[best, state] + costs[state, place]
        for state in range(states):  # an assignment of slices takes a second to compile
            total[state] = after[state]
    path = np.zeros(places, np.int64)
    for state in range(1, states):
        if total[state] < total[path[places - 1]]:
            path[places - 1] = state
    for place in range(places - 1, 0, -1):
        path[place - 1] = back[place, path[place]]
    return path


USUAL = 13 * UNIT
ODD = 8 * UNIT
CAP = 20 * UNIT
"""A reader that takes characters as they come stops to think when those of a row take so many bits (``ODD``) more than
``USUAL`` ones; no character counts for more than ``CAP``. One rare character is not enough, one and a half are."""

LIGHT = 14 * UNIT
"""The cost of a bad byte with which such a row is looked at: what is doubtful is weighed in ``damage``."""

WINDOW = np.uint64(96)
BACK = np.uint64(16)
"""Bytes behind and at least before such a row that the best path is looked for in. Out of phase, a dozen characters
take more bits than a bad byte at either end."""


@kernel
def glance(
    data: Bytes, bounds: Offsets, kind: Number, singles: Bytes, pairs: Bytes, longer: Bytes, steps: Bytes
) -> Offsets:
    """Return the cost of each stretch as a greedy reader reads it, -1 where that is not beyond doubt (int64).

    It is beyond doubt where each byte belongs to a character, and where rows of rare ones, and letters that stand alone
    between characters (``shortest.LONE``), are on the best path, too. That is several times as fast as the best path
    through everything, and most text needs no more.
    """
    costs = np.zeros(len(bounds) - 1, np.int64)
    for k in range(len(costs)):
        at = np.uint64(bounds[k])
        end = np.uint64(bounds[k + 1])
        total: Number = np.int64(0)
        odd: Number = np.int64(0)
        behind = False
        # The last two places at least ``BACK`` bytes apart where a character begins, with the cost up to there.
        near, near_total = at, total
        far, far_total = at, total
        # The doubtful row that is read on until enough of what follows is known.
        begin, begin_total = at, total
        until = np.uint64(0)
        while at < end:
            byte = np.uint64(data[at])
            bits: Number = np.int64(singles[byte])
            doubt: Number = False
            if bits != INVALID:
                at += np.uint64(1)
                total += bits
                if byte < 0x80:
                    if behind and byte >= 0x40:
                        after = np.uint64(data[at]) if at < end else np.uint64(0)
                        doubt = after < 0x30 or after >= 0x80
                    behind = False
                else:
                    odd = max(np.int64(0), odd + min(bits, CAP) - USUAL)
                    doubt = bits > shortest.BAD
            else:
                if at + np.uint64(1) >= end:
                    total = -1
                    break
                bits = np.int64(pairs[byte << np.uint64(8) | np.uint64(data[at + np.uint64(1)])])
                size = np.uint64(2)
                if bits == INVALID and kind == FOUR and at + np.uint64(3) < end:
                    bits = four_bytes(data, at)
                    size = np.uint64(4)
                if bits == INVALID:
                    total = -1
                    break
                at += size
                total += bits
                behind = True
                odd = max(np.int64(0), odd + min(bits, CAP) - USUAL)
            if doubt or odd > ODD:
                odd = np.int64(0)
                if until == 0:
                    begin, begin_total = far, far_total
                until = at + WINDOW
            if until > 0 and (at >= until or at >= end):
                total = begin_total + shortest.parse(data, begin, at, LIGHT, LIGHT, kind, singles, pairs, longer, steps)
                if shortest.has_bad(steps, begin, at):
                    total = -1
                    break
                until = np.uint64(0)
            if at - near >= BACK:
                far, far_total = near, near_total
                near, near_total = at, total
        costs[k] = total
    return costs


@kernel
def are_doubtful(data: Bytes, bounds: Offsets, costs: Offsets, singles: Bytes, least: Number, most: Number) -> Bytes:
    """Return 1 for each stretch whose bytes beyond ASCII take more than ``most`` each of its cost (uint8).

    Args:
        data: bytes (uint8).
        bounds: of the stretches (int64).
        costs: of each of them (int64).
        singles: what a byte of ASCII takes of it (uint8, 256).
        least: a value that none of these is under; only for a few stretches they have to be added up.
        most: the cost of a byte beyond ASCII.
    """
    doubtful = np.zeros(len(costs), np.uint8)
    step = np.uint64(128)
    for k in range(len(costs)):
        begin, end = np.uint64(bounds[k]), np.uint64(bounds[k + 1])
        foreign: Number = np.int64(0)
        at = begin
        while at + step <= end:
            count = np.uint8(0)
            for j in range(step):
                count = np.uint8(count + (data[at + j] >> 7))
            foreign += np.int64(count)
            at += step
        for j in range(at, end):
            foreign += np.int64(data[j] >> 7)
        if costs[k] <= most * foreign + least * (np.int64(end - begin) - foreign):
            continue
        plain: Number = np.int64(0)
        for j in range(begin, end):
            if data[j] < 0x80:
                plain += np.int64(singles[data[j]])
        doubtful[k] = costs[k] - plain > most * foreign
    return doubtful
