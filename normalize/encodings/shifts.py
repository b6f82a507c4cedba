"""The shortest way through text whose escapes may be damaged: what each byte was, and in which state (Numba).

An escape tells in which character set the following bytes are. Where one is hit, everything up to the next one would be
read in the wrong set, though nothing happened to it. So the state is not believed but found, together with the
characters: a path goes from byte to byte and from state to state, and changes its state by an escape for next to
nothing, by a damaged or missing one at the cost of a bad byte. With c(i, s) the bits of the best path to byte i in
state s, and the other states q::

    c(i, s) = min(c(i-1, s) + bad,  c(i-k, s) + bits(the k bytes before i as a character of s),
                  c(i-k, q) + bits(an escape of k bytes to s),  c(i, q) + flip)
"""

from __future__ import annotations

import numpy as np

from taoxi.normalize.encodings.likelihood import INVALID, UNIT
from taoxi.normalize.kernel import kernel
from taoxi.normalize.utf8 import Bytes, Number, Offsets

PLAIN, PAIRED, SECOND, HALF = range(4)
"""States: ASCII; two bytes a character; the same of the second plane (ISO-2022-JP); half-width katakana."""

ANY = 4
"""As the state that a damaged escape leads to: the other one of the first two."""

BAD_STEP, CHARACTER, ESCAPE, DAMAGED, FLIP = range(5)
"""Kinds of a step."""

OPEN_END = 8 * UNIT
"""Bits of a line that ends before the escape back to ASCII."""

BROKEN = 4 * UNIT
"""Bits of a pair of which one byte was overwritten by what is none of a pair, beyond those of a bad byte."""

IGNORED = 6 * UNIT
"""Bits that a bad byte costs more where it is all of an escape or begins one: noise is one of 256 values, escapes are
often these."""

SPACE = 6 * UNIT
"""Bits that a byte of ASCII under 0x21 costs more among pairs, where some writers leave it."""

BEGINS_INSIDE = 10 * UNIT
"""Bits of a text that was cut behind the escape of its first characters."""

AGAIN = 12 * UNIT
"""What an escape of one or two bytes costs more that leads to the state which it stands in. Longer ones choose among
character sets, too."""

MOST_BREAK = 18 * UNIT
"""The most that a break of a line costs, so that it never is a bad byte: they are counted."""

_FAR = 1 << 60


@kernel
def read_shifted(
    data: Bytes,
    ends: Offsets,
    sizes: Bytes,
    targets: Bytes,
    kinds: Bytes,
    costs: Bytes,
    bad: Number,
    edge: Number,
    flip: Number,
    single: Bytes,
    pairs: Bytes,
    longer: Bytes,
    hz: Number,
    back: Bytes,
) -> tuple[Number, Number]:
    """Find the best path over text in escapes; return its cost, in eighths of a bit, and the state at its end.

    Args:
        data: bytes (uint8).
        ends: where the possible escapes end, in order (int64).
        sizes: their bytes, 1 to 4 (uint8).
        targets: the states that they lead to, or ``ANY`` (uint8).
        kinds: ``ESCAPE`` or ``DAMAGED`` (uint8).
        costs: what they cost (uint8).
        bad: the cost of a bad byte.
        edge: the cost of the half of a pair at either end.
        flip: the cost of a change of state without an escape.
        single: costs of single bytes (uint8, 256).
        pairs: costs of pairs with the eighth bit set (uint8, 65,536).
        longer: costs of such pairs of the second plane, or one value if there is none.
        hz: 1 for HZ, which spells ``~`` as ``~~``.
        back: uint8 of four times the bytes and one more of each, which is filled: for each place and state, the size
            of the step there (3 bits), the state before it (2) and its kind (3).
    """
    states = 4 if len(longer) > 1 else 2
    # The costs of the last five places, the latest at ``place & 7``.
    best = np.full((8, 4), _FAR, np.int64)
    best[0, PLAIN] = 0
    best[0, PAIRED] = BEGINS_INSIDE
    back[: 4 * 1] = 0
    size = len(data)
    token: Number = np.int64(0)
    for place in range(1, size + 1):
        here = place & 7
        last = (place - 1) & 7
        byte = np.int64(data[place - 1])
        before = np.int64(data[place - 2]) if place > 1 else np.int64(0)
        breaks = 10 <= byte <= 13
        for state in range(4):
            best[here, state] = _FAR
        for state in range(states):
            # Cut is a pair, never an escape of one byte.
            half = place in (1, size) and state == PAIRED and 0x21 <= byte <= 0x7E
            cost = best[last, state] + (edge if half else bad + (IGNORED if byte in (0x0E, 0x0F, 0x1B) else 0))
            step = 1 | state << 3 | BAD_STEP << 5
            if breaks:
                cost = np.int64(_FAR)
            if byte < 0x80 and (state == PLAIN or byte < 0x21):
                bits: Number = np.int64(single[byte])
                if breaks:
                    bits = min(bits, MOST_BREAK)
                elif state != PLAIN:
                    bits += SPACE
                # A byte of text under PLAIN is itself, even where a text is cut.
                itself = state == PLAIN and bits < bad
                if (itself or best[last, state] + bits < cost) and not (hz and byte == 0x7E):
                    cost = best[last, state] + bits
                    step = 1 | state << 3 | CHARACTER << 5
            if place > 1:
                two = (place - 2) & 7
                value = np.int64(INVALID)
                if state == PLAIN:
                    if hz and byte == 0x7E and before == 0x7E:
                        value = np.int64(single[byte])
                elif state != HALF and 0x21 <= byte <= 0x7E and 0x21 <= before <= 0x7E:
                    index = np.uint64((before | 0x80) << 8 | byte | 0x80)
                    value = np.int64(pairs[index]) if state == PAIRED else np.int64(longer[index])
                if value != INVALID and best[two, state] + value < cost:
                    cost = best[two, state] + value
                    step = 2 | state << 3 | CHARACTER << 5
                other = before if 0x21 <= byte <= 0x7E else byte
                broken = state == PAIRED and (0x21 <= byte <= 0x7E) != (0x21 <= before <= 0x7E)
                if (
                    broken
                    and (other > 0x7E or other < 10 or 0x10 <= other < 0x1B)
                    and best[two, state] + bad + BROKEN < cost
                ):
                    cost = best[two, state] + bad + BROKEN
                    step = 2 | state << 3 | BAD_STEP << 5
            if state == HALF and 0x21 <= byte <= 0x5F:
                value = np.int64(pairs[np.uint64(0x8E << 8 | byte | 0x80)])
                if value != INVALID and best[last, state] + value < cost:
                    cost = best[last, state] + value
                    step = 1 | state << 3 | CHARACTER << 5
            best[here, state] = cost
            back[4 * place + state] = step
        if breaks:  # a line ends in ASCII
            for state in range(1, states):
                if best[here, state] + OPEN_END < best[here, PLAIN]:
                    best[here, PLAIN] = best[here, state] + OPEN_END
                    back[4 * place] = 1 | state << 3 | CHARACTER << 5
        while token < len(ends) and ends[token] == place:
            start = (place - sizes[token]) & 7
            for state in range(states):
                for target in range(states):
                    to = targets[token]
                    if to != target and not (to == ANY and state + target == 1):
                        continue
                    cost = best[start, state] + costs[token] + (AGAIN if state == target and sizes[token] < 3 else 0)
                    if cost < best[here, target]:
                        best[here, target] = cost
                        back[4 * place + target] = sizes[token] | state << 3 | kinds[token] << 5
            token += 1
        if best[here, PLAIN] + flip < best[here, PAIRED]:
            best[here, PAIRED] = best[here, PLAIN] + flip
            back[4 * place + PAIRED] = PLAIN << 3 | FLIP << 5
        elif best[here, PAIRED] + flip < best[here, PLAIN]:
            best[here, PLAIN] = best[here, PAIRED] + flip
            back[4 * place] = PAIRED << 3 | FLIP << 5
    plain = best[size & 7, PLAIN]
    paired = best[size & 7, PAIRED] + OPEN_END // 2
    return (plain, PLAIN) if plain <= paired else (paired, PAIRED)


@kernel
def lift_shifted(data: Bytes, back: Bytes, end_state: Number, hz: Number) -> tuple[Bytes, Offsets, Offsets]:
    """Return the bytes with the eighth bit set where they are pairs, where each comes from, and counts of the steps.

    0xFF, which no codec has, stands for each byte that belongs to no character and to no whole escape.

    Args:
        data: bytes (uint8).
        back: what ``read_shifted`` filled.
        end_state: the state at the end.
        hz: 1 for HZ.
    """
    out = np.zeros(2 * len(data), np.uint8)
    places = np.zeros(2 * len(data), np.int64)
    counts = np.zeros(5, np.int64)
    at = len(out)
    place: Number = np.int64(len(data))
    state: Number = np.int64(end_state)
    while place > 0:
        step = np.int64(back[4 * place + state])
        size = step & 7
        kind = step >> 5
        before = step >> 3 & 3
        counts[kind] += 1
        start = place - size
        if kind == CHARACTER:
            doubled = hz and state == PLAIN and size == 2
            for k in range(place - 1, start - 1 + doubled, -1):
                at -= 1
                out[at] = data[k] | (0x80 if state != PLAIN and data[k] >= 0x21 else 0)
                places[at] = k
            if (state == SECOND and size == 2) or (state == HALF and data[start] >= 0x21):
                at -= 1
                out[at] = 0x8F if state == SECOND else 0x8E
                places[at] = start
        elif kind in (BAD_STEP, DAMAGED):
            for k in range(place - 1, start - 1, -1):
                at -= 1
                out[at] = 0xFF
                places[at] = k
        place = start
        state = before
    return out[at:], places[at:], counts
