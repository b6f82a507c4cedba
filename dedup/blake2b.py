"""BLAKE2b of many texts at once (RFC 7693; Numba).

A hash is a long chain of steps that wait for each other, so a single text leaves most of a processor idle. Eight texts
are therefore hashed side by side: word k of all of them lies in one row of eight, and each step is one vector
instruction for the whole row. When a text ends, the next one takes its place in the row, so that texts of all sizes
keep it full. Measured for 50,000 texts of 2.3 KB: 0.06 s; ``hashlib`` takes 0.22 s.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from taoxi.normalize.kernel import Internal, instruction, kernel
from taoxi.normalize.utf8 import Array, Bytes, Offsets, frozen

DIGEST = 16
"""Bytes of a digest."""

_LANES = 8
_BLOCK = 128
_WORDS = 16
_ROUNDS = 12
_ONES = np.uint64(0xFFFFFFFFFFFFFFFF)

_START = np.array(
    [
        0x6A09E667F3BCC908,
        0xBB67AE8584CAA73B,
        0x3C6EF372FE94F82B,
        0xA54FF53A5F1D36F1,
        0x510E527FADE682D1,
        0x9B05688C2B3E6C1F,
        0x1F83D9ABFB41BD6B,
        0x5BE0CD19137E2179,
    ],
    np.uint64,
)
"""What a state starts from."""

_ORDER = np.array(
    [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
        [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
        [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
        [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
        [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
        [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
        [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
        [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
        [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
        [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
    ],
    np.uint64,
)
"""In which order a round takes the words of a block; the eleventh round begins again with the first."""


_MIXED = (
    (0, 4, 8, 12),
    (1, 5, 9, 13),
    (2, 6, 10, 14),
    (3, 7, 11, 15),
    (0, 5, 10, 15),
    (1, 6, 11, 12),
    (2, 7, 8, 13),
    (3, 4, 9, 14),
)
"""Which words of the working state a round mixes: columns, then diagonals."""


def blake2b(data: Bytes, offsets: Offsets) -> NDArray[np.uint8]:
    """Return the 128-bit BLAKE2b of n texts (uint8, n by ``DIGEST``), as ``hashlib.blake2b(text, digest_size=16)``.

    Args:
        data: the texts one after another (uint8).
        offsets: their n+1 bounds (int64, bytes).
    """
    digests = np.zeros((len(offsets) - 1, 2), "<u8")
    _digests(frozen(data), frozen(offsets), digests)
    return digests.view(np.uint8)


@instruction
def _compress(_: Internal, state: Internal, address: Internal, count: Internal, last: Internal) -> Internal:
    """Generate what mixes a block of each lane into the states: the function F of the RFC, on rows of ``_LANES`` words.

    ``state`` has eight rows; ``address`` is where the block of each lane lies in memory, ``count`` how many bytes of
    its text there are up to the end of the block, ``last`` all ones if none come after it. This is written in
    instructions on vectors, because LLVM makes none of a loop over lanes with so many steps.
    """
    from llvmlite import ir  # noqa: PLC0415 - only whoever compiles imports it
    from numba import types  # noqa: PLC0415

    def generate(context: Internal, builder: Internal, signature: Internal, values: Internal) -> Internal:
        word, i32 = ir.IntType(64), ir.IntType(32)
        row = ir.VectorType(word, _LANES)

        def rows(place: int) -> Internal:
            array = context.make_array(signature.args[place])(context, builder, values[place])
            return builder.bitcast(array.data, row.as_pointer())

        def load(base: Internal, number: int) -> Internal:
            return builder.load(builder.gep(base, [word(number)]), align=8)

        def rotated(value: Internal, bits: int) -> Internal:
            right, left = (ir.Constant(row, [size] * _LANES) for size in (bits, 64 - bits))
            return builder.or_(builder.lshr(value, right), builder.shl(value, left))

        def gathered(places: Internal) -> Internal:
            value = ir.Constant(row, ir.Undefined)
            for lane in range(_LANES):
                place = builder.inttoptr(builder.extract_element(places, i32(lane)), word.as_pointer())
                value = builder.insert_element(value, builder.load(place, align=1), i32(lane))
            return value

        base = rows(0)
        h = [load(base, k) for k in range(8)]
        addresses = load(rows(1), 0)
        m = []
        for k in range(_WORDS):
            places = builder.add(addresses, ir.Constant(row, [8 * k] * _LANES))
            m.append(gathered(places))
        v = h + [ir.Constant(row, [int(start)] * _LANES) for start in _START]
        v[12] = builder.xor(v[12], load(rows(2), 0))
        v[14] = builder.xor(v[14], load(rows(3), 0))
        for k in range(_ROUNDS):
            order = iter(_ORDER[k % len(_ORDER)].tolist())
            for a, b, c, d in _MIXED:
                for first, second in ((32, 24), (16, 63)):
                    v[a] = builder.add(builder.add(v[a], v[b]), m[next(order)])
                    v[d] = rotated(builder.xor(v[d], v[a]), first)
                    v[c] = builder.add(v[c], v[d])
                    v[b] = rotated(builder.xor(v[b], v[c]), second)
        for k in range(8):
            fresh = builder.xor(h[k], builder.xor(v[k], v[k + 8]))
            builder.store(fresh, builder.gep(base, [word(k)]), align=8)
        return context.get_dummy_value()

    return types.none(state, address, count, last), generate


@kernel
def _digests(data: Bytes, offsets: Offsets, digests: Array) -> None:
    """Write the digests of all texts, two words each."""
    u64 = np.uint64
    block = u64(_BLOCK)
    state = np.zeros((8, _LANES), np.uint64)
    tails = np.zeros(_LANES * _BLOCK, np.uint8)
    owner = np.full(_LANES, -1, np.int64)  # the text of each lane
    place = np.zeros(_LANES, np.uint64)
    end = np.zeros(_LANES, np.uint64)
    address = np.full(_LANES, u64(tails.ctypes.data))  # of the next block
    count = np.zeros(_LANES, np.uint64)  # bytes of the text so far
    last = np.full(_LANES, _ONES)  # whether it is the last one
    begun, done = u64(0), u64(0)
    many = u64(len(digests))
    while done < many:
        for lane in range(u64(_LANES)):
            if last[lane]:
                if begun == many:
                    owner[lane] = -1
                    continue
                owner[lane] = begun
                place[lane], end[lane] = u64(offsets[begun]), u64(offsets[begun + u64(1)])
                count[lane], last[lane] = u64(0), u64(0)
                for k in range(u64(8)):
                    state[k, lane] = _START[k]
                state[0, lane] ^= u64(0x01010000 ^ DIGEST)
                begun += u64(1)
            left = end[lane] - place[lane]
            if left > block:
                address[lane] = u64(data.ctypes.data) + place[lane]
                place[lane] += block
                count[lane] += block
            else:
                first = lane * block
                for k in range(block):
                    tails[first + k] = data[place[lane] + k] if k < left else np.uint8(0)
                address[lane] = u64(tails.ctypes.data) + first
                count[lane] += left
                last[lane] = _ONES
        _compress(state, address, count, last)
        for lane in range(u64(_LANES)):
            if last[lane] and owner[lane] >= 0:
                digests[owner[lane], 0], digests[owner[lane], 1] = state[0, lane], state[1, lane]
                done += u64(1)
