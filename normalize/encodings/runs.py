"""Cut bytes of several encodings into runs of lines that have one each.

Dumps are concatenated from files and records of different origin. A codec that reads all of it without an error may
still be wrong for half: nearly every pair of Big5 is some pair of GB18030. What tells is the bits that a line takes.
Lines that take too many under the codec of their source are looked at together with their neighbours, under all codecs,
and the cheapest sequence of codecs is taken, where each change of the codec costs bits as well (Viterbi's algorithm).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from taoxi.normalize.encodings import likelihood, shortest
from taoxi.normalize.encodings.codec import MULTIBYTE, SIBLINGS, SINGLE, UTF8
from taoxi.normalize.encodings.likelihood import BAD_BITS, UNIT, languages
from taoxi.normalize.encodings.measure import (
    are_doubtful,
    cheapest_path,
    glance_each,
    line_bounds,
    measure,
    measure_each,
)

LINE_FEED = 0x0A

MIN_LINE = 48
"""Bytes that a stretch has at least: shorter lines are looked at together with the next."""

MAX_LINE = 1 << 12
"""Bytes from which a stretch ends without a break of a line."""

SUSPECT = 7.4
"""Bits per byte of a stretch from which its codec is doubted. Right codecs take 3.5 to 6.8, wrong ones 8 and more."""

DOUBT = 6.4
"""Bits per byte beyond ASCII from which the codec of a stretch is doubted: Korean read as Chinese takes 6.6 to 7.1,
because all of its syllables become characters of the first level. Chinese takes 4.1 to 5.5, in Big5 up to 6.1."""

MANY_BAD = 3
"""Bad bytes in a stretch from which its codec is doubted."""

PIECE = 192
"""Bytes of the pieces that a doubtful stretch is cut into."""

CONTEXT = 2
"""Stretches around a doubtful one that are looked at with it."""

CHANGE_BITS = 40
"""Bits of a change of the codec: what four or five Han characters gain under the right one."""

SCRIPT_BITS = 6
"""Bits of a change between Latin and another script without a space."""

TURN_BITS = 2 * CHANGE_BITS
"""Bits of a change of the byte order: Latin text has both, but for the place of a byte, and noise must not decide."""

FLIP_BITS = BAD_BITS
"""Bits of a unit of UTF-16 that lost a byte, so that the next ones lie at the other parity."""

_WIDE = (("utf-16-le", 0), ("utf-16-le", 1), ("utf-16-be", 0), ("utf-16-be", 1))
_NARROW = (UTF8, "gb18030", "big5hkscs", "cp949", "cp932", "euc_jis_2004", "cp1251", "koi8-r", "cp1252")

_STATES = (*((name, 0) for name in _NARROW), *_WIDE)

Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Run:
    """Bytes ``[start, end)`` that one codec reads."""

    start: int
    end: int
    encoding: str


def find_runs(data: bytes, encoding: str) -> tuple[list[Run], Places | None]:
    """Return the runs of one codec that tile ``data``, in order, and where it may be damaged.

    These are the starts and ends of lines in turn (int64), outside of which no other reading is as likely; None if
    nothing is known of it, as where there are several runs.

    Args:
        data: bytes without a byte order mark that begin with a whole character.
        encoding: the codec that most of them have.
    """
    array = np.frombuffer(data, np.uint8)
    steps = np.zeros(len(array), np.uint8)
    if encoding.startswith("utf-32") or not data:
        return [Run(0, len(data), encoding)], None
    edges = line_bounds(np.flatnonzero(array == LINE_FEED) + 1, _marks(array), len(data), MIN_LINE, MAX_LINE)
    # Which codec of letters it is, a line of a text in another one cannot tell.
    others = (state for state in _STATES if state[0] != encoding and not (encoding in SINGLE and state[0] in SINGLE))
    if encoding.startswith("utf-16"):
        others = (state for state in _STATES if state != (encoding, 0))
    states = [(encoding, 0), *others]
    home = glance_each(array, edges, encoding, steps)
    odd = np.flatnonzero(home < 0)
    starts, ends = edges[odd], edges[odd + 1]
    home[odd] = measure_each(array, starts, ends, encoding, steps)
    bad = shortest.count_bad(steps, starts, ends)
    if encoding.startswith("utf-16"):
        home = np.minimum(home, _costs(array, edges, (encoding, 1), steps))
    doubtful = home > SUSPECT * UNIT * np.diff(edges)
    if not encoding.startswith("utf-16"):
        plain = likelihood.form("gb18030").singles
        doubtful |= are_doubtful(array, edges, home, plain, int(plain[:0x80].min()), round(DOUBT * UNIT)) > 0
    doubtful[odd[bad >= MANY_BAD]] = True
    if not doubtful.any():
        known = encoding == UTF8 or encoding in MULTIBYTE or encoding in SIBLINGS.values()
        if encoding == UTF8:
            starts, ends = starts[bad > 0], ends[bad > 0]
        return [Run(0, len(data), encoding)], _lines(array, starts, ends) if known else None
    edges, zones = _finer(edges, _zones(doubtful))
    chosen = np.zeros(len(edges) - 1, np.int64)
    for first, last in zones:
        chosen[first:last] = _cheapest(array, edges[first : last + 1], states, steps, len(chosen), first, last)
    return _merged(array, edges, chosen, states, steps), None


def _lines(array: NDArray[np.uint8], starts: Places, ends: Places) -> Places:
    """Return the bounds of the whole lines that stretches lie in, starts and ends in turn."""
    breaks = np.concatenate([[0], np.flatnonzero(array == LINE_FEED) + 1, [len(array)]])
    first = breaks[np.searchsorted(breaks, starts, "right") - 1]
    last = breaks[np.searchsorted(breaks, ends, "left")]
    apart = np.concatenate([[True], first[1:] >= last[:-1]])[: len(first)]
    bounds = np.stack([first[apart], last[np.roll(apart, -1)]], axis=1) if len(first) else first
    joined: Places = bounds.ravel()
    return joined


def _marks(array: NDArray[np.uint8]) -> Places:
    """Return where marks of byte order of UTF-16 stand, which another file begins with."""
    places = np.flatnonzero(array[:-1] >= 0xFE)
    marks: Places = places[array[places].astype(np.int64) + array[places + 1] == 0xFE + 0xFF]
    return marks


def _costs(array: NDArray[np.uint8], edges: Places, state: tuple[str, int], steps: NDArray[np.uint8]) -> Places:
    """Return the cost of each stretch under a codec; the parity of a unit of UTF-16 counts from the start of all."""
    encoding, parity = state
    starts, ends = edges[:-1], edges[1:]
    if encoding.startswith("utf-16"):
        starts = starts + (starts & 1 ^ parity)
        ends = np.minimum(ends + ((ends - starts) & 1), len(array))
        ends = np.maximum(starts, ends)
    return measure_each(array, starts, ends, encoding, steps)


def _script_changes(array: NDArray[np.uint8], edges: Places) -> Places:
    """Return how many bytes beyond ASCII stand right beside a Latin letter in each stretch."""
    part = array[edges[0] : edges[-1]]
    high = part >= 0x80
    latin = (part | 0x20) - np.uint8(0x61) < 26
    beside = np.concatenate([[0], np.cumsum(high[1:] & latin[:-1] | latin[1:] & high[:-1]), [0]])
    beside[-1] = beside[-2]
    counts: Places = np.diff(beside[edges - edges[0]])
    return counts


def _zones(doubtful: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the bounds of stretches that are looked at together: doubtful ones with their context."""
    near = np.convolve(doubtful, np.ones(2 * CONTEXT + 1))[CONTEXT : CONTEXT + len(doubtful)] > 0
    changes = np.flatnonzero(np.diff(np.concatenate([[0], near.astype(np.int8), [0]])))
    return list(zip(changes[::2].tolist(), changes[1::2].tolist(), strict=True))


def _finer(edges: Places, zones: list[tuple[int, int]]) -> tuple[Places, list[tuple[int, int]]]:
    """Return the bounds of stretches with long ones in zones cut into pieces of ``PIECE`` bytes, and the zones in them.

    Files that are put together without a line feed between them change their encoding in mid-line.
    """
    parts = [edges[:1]]
    moved = []
    at = count = 0
    for first, last in zones:
        parts.append(edges[at + 1 : first + 1])
        count += first - at
        begin = count
        for k in range(first, last):
            start, end = int(edges[k]), int(edges[k + 1])
            parts.append(np.append(np.arange(start + PIECE, end - PIECE // 2, PIECE), end))
            count += len(parts[-1])
        moved.append((begin, count))
        at = last
    parts.append(edges[at + 1 :])
    return np.concatenate(parts), moved


def _cheapest(
    array: NDArray[np.uint8],
    edges: Places,
    states: list[tuple[str, int]],
    steps: NDArray[np.uint8],
    count: int,
    first: int,
    last: int,
) -> Places:
    """Return the cheapest sequence of states for the stretches of a zone; around it all have the first state."""
    costs = np.array([_costs(array, edges, state, steps) for state in states])
    inside = SCRIPT_BITS * UNIT * _script_changes(array, edges)
    for number, (name, _) in enumerate(states):
        if name in SINGLE and languages(name) != ("latin",):
            costs[number] += inside
    # A codec that makes no text of a stretch is no better than the one of the source, however bad that is.
    poor = costs > SUSPECT * UNIT * np.diff(edges)
    costs[poor] = np.maximum(costs, costs[0])[poor]
    change = np.full((len(states), len(states)), CHANGE_BITS * UNIT, np.int64)
    np.fill_diagonal(change, 0)
    for one, (name, _) in enumerate(states):
        for two, (other, _) in enumerate(states):
            if one != two and name.startswith("utf-16") and other.startswith("utf-16"):
                change[one, two] = (FLIP_BITS if name == other else TURN_BITS) * UNIT
    # Even at the very start, the codec that was detected for all has more to say than the few bits of one short line.
    costs[:, 0] += change[0] if first else change[0] // 2
    costs[:, -1] += change[:, 0] if last < count else 0
    return cheapest_path(costs, change)


def _merged(
    array: NDArray[np.uint8], edges: Places, chosen: Places, states: list[tuple[str, int]], steps: NDArray[np.uint8]
) -> list[Run]:
    """Return the runs of stretches of the same codec, with the change moved to where it costs least."""
    runs: list[Run] = []
    names = [states[state][0] for state in chosen.tolist()]
    start = 0
    for place in range(1, len(names) + 1):
        if place < len(names) and names[place] == names[place - 1]:
            continue
        end = int(edges[place])
        if place < len(names):
            if names[place - 1].startswith("utf-16"):
                end += (end & 1) ^ states[int(chosen[place - 1])][1]
            around = (max(start, int(edges[place - 1])), min(int(edges[place + 1]), len(array)))
            end = _change(array, around, end, (names[place - 1], names[place]), steps)
        if end > start:
            runs.append(Run(start, end, names[place - 1]))
        start = max(start, end)
    return runs


NEAR = 2_000
"""Bytes on each side of the end of a line where a change of the codec without a line's end is looked for."""


def _change(
    array: NDArray[np.uint8], around: tuple[int, int], at: int, names: tuple[str, str], steps: NDArray[np.uint8]
) -> int:
    """Return the place near ``at`` where a change between two codecs costs least.

    Files that are put together without a line feed between them change in mid-line.
    """
    low, high = max(around[0], at - NEAR), min(around[1], at + NEAR)

    def total(place: int) -> int:
        first = measure(array, low, place, names[0], steps, cut=False)
        return first + measure(array, place, high, names[1], steps, cut=False)

    best, least = at, total(at)
    if least <= SUSPECT * UNIT * (high - low) * 0.75 and not _dirty(array, low, at, high, names, steps):
        return at
    coarse = range(low, high + 1, 16)
    for places in (coarse, None):
        for place in places if places is not None else range(max(low, best - 16), min(high, best + 16) + 1):
            bits = total(place)
            if bits < least:
                best, least = place, bits
    return best


def _dirty(
    array: NDArray[np.uint8], low: int, at: int, high: int, names: tuple[str, str], steps: NDArray[np.uint8]
) -> bool:
    """Whether there are bad bytes on either side of a change."""
    measure(array, low, at, names[0], steps, cut=False)
    if len(shortest.bad_offsets(steps, low, at)):
        return True
    measure(array, at, high, names[1], steps, cut=False)
    return len(shortest.bad_offsets(steps, at, high)) > 0
