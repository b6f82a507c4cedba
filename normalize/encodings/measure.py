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
    pairs = form.pairs if form.kind != EIGHT else _NO_PAIRS
    return int(shortest.parse(data, start, end, bad, edge, form.kind, form.singles, pairs, form.longer, steps))


def glance_each(data: Bytes, bounds: Offsets, encoding: str) -> Offsets:
    """Return the cost of each stretch between bounds as ``glance`` does, -1 under codecs that it does not read."""
    if encoding == "utf-8" or (form := likelihood.form(encoding)).kind not in {PAIRS, FOUR, THREE}:
        return np.full(len(bounds) - 1, -1, np.int64)
    return glance(data, bounds, form.kind, form.singles, form.pairs)


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
ODD = 6 * UNIT
CAP = 20 * UNIT
"""A reader that takes characters as they come stops to think when those of a row take so many bits (``ODD``) more than
``USUAL`` ones; no character counts for more than ``CAP``. One rare character is enough."""


@kernel
def glance(data: Bytes, bounds: Offsets, kind: Number, singles: Bytes, pairs: Bytes) -> Offsets:
    """Return the cost of each stretch as a greedy reader reads it, -1 where that is not beyond doubt (int64).

    It is beyond doubt where each byte belongs to a character and there are no rows of rare ones. That is three times
    as fast as the best path, and most text needs no more.
    """
    costs = np.zeros(len(bounds) - 1, np.int64)
    for k in range(len(costs)):
        at = np.uint64(bounds[k])
        end = np.uint64(bounds[k + 1])
        total: Number = np.int64(0)
        odd: Number = np.int64(0)
        behind = False
        while at < end:
            byte = np.uint64(data[at])
            bits: Number = np.int64(singles[byte])
            if bits != INVALID:
                at += np.uint64(1)
                total += bits
                if byte < 0x80:
                    # A letter between two characters is half of one as often as itself, see ``shortest.LONE``.
                    if behind and byte >= 0x40 and at < end and data[at] >= 0x80:
                        total = -1
                        break
                    behind = False
                    continue
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
            if odd > ODD:
                total = -1
                break
        costs[k] = total
    return costs


@kernel
def plain_costs(data: Bytes, bounds: Offsets, singles: Bytes) -> tuple[Offsets, Offsets]:
    """Return what the ASCII of each stretch costs, and how many other bytes the stretch has (int64 each)."""
    costs = np.zeros(len(bounds) - 1, np.int64)
    foreign = np.zeros(len(bounds) - 1, np.int64)
    for k in range(len(costs)):
        total: Number = np.int64(0)
        others: Number = np.int64(0)
        for at in range(np.uint64(bounds[k]), np.uint64(bounds[k + 1])):
            byte = data[at]
            if byte < 0x80:
                total += np.int64(singles[byte])
            else:
                others += 1
        costs[k] = total
        foreign[k] = others
    return costs, foreign
