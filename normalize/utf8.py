"""What many kernels need: characters from bytes and back, look-up in a table, the types of arrays (Numba)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from taoxi.normalize.kernel import kernel, part

Array = NDArray[Any]
Bytes = NDArray[np.uint8]
Offsets = NDArray[np.int64]

Number = Any
"""An integer within a kernel: Numba infers its width, and NumPy's types of scalars would only be in the way."""


def frozen(array: Array) -> Array:
    """Return a view that cannot be written: numba compiles a kernel for each kind, and one is enough."""
    view = array.view()
    view.flags.writeable = False
    return view


BREAK = frozen(np.array([10], np.uint8))
"""A line feed, for ``occurrences``."""


@part
def find(values: Array, value: Number) -> Number:
    """Return where a value stands in an ascending array, -1 if it is not there."""
    low, high = 0, len(values)
    while low < high:
        middle = (low + high) // 2
        if values[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low if low < len(values) and values[low] == value else -1


@part
def sequence_length(byte: Number) -> Number:
    """Return how many bytes the character has whose first UTF-8 byte is given."""
    return 1 if byte < 0x80 else 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4


@part
def code_point(data: Bytes, at: Number, size: Number) -> Number:
    """Return the code point of the ``size`` UTF-8 bytes at ``at``, which must be valid."""
    place = np.uint64(at)  # unsigned: for a signed index numba asks each time whether it counts from the end
    first = np.int64(data[place])
    if size == 1:
        return first
    second = np.int64(data[place + np.uint64(1)]) & 0x3F
    if size == 2:
        return (first & 0x1F) << 6 | second
    third = np.int64(data[place + np.uint64(2)]) & 0x3F
    if size == 3:
        return (first & 0x0F) << 12 | second << 6 | third
    return (first & 0x07) << 18 | second << 12 | third << 6 | (np.int64(data[place + np.uint64(3)]) & 0x3F)


@part
def unsigned_point(data: Bytes, place: Number) -> tuple[Number, Number]:
    """Return the character at ``place`` and where the next one stands, all of it unsigned (uint64).

    For a signed index numba asks each time whether it counts from the end; hot loops go without.
    """
    first = np.uint64(data[place])
    if first < np.uint64(0x80):
        return first, place + np.uint64(1)
    second = np.uint64(data[place + np.uint64(1)]) & np.uint64(0x3F)
    if first < np.uint64(0xE0):
        return (first & np.uint64(0x1F)) << np.uint64(6) | second, place + np.uint64(2)
    third = np.uint64(data[place + np.uint64(2)]) & np.uint64(0x3F)
    if first < np.uint64(0xF0):
        point = (first & np.uint64(0x0F)) << np.uint64(12) | second << np.uint64(6) | third
        return point, place + np.uint64(3)
    fourth = np.uint64(data[place + np.uint64(3)]) & np.uint64(0x3F)
    point = (first & np.uint64(0x07)) << np.uint64(18) | second << np.uint64(12) | third << np.uint64(6) | fourth
    return point, place + np.uint64(4)


@part
def put(out: Bytes, at: Number, point: Number) -> Number:
    """Write a code point at ``at``; return where it ends."""
    place = np.uint64(at)
    if point < 0x80:
        out[place] = point
        return at + 1
    last = 0x80 | point & 0x3F
    if point < 0x800:
        out[place] = 0xC0 | point >> 6
        out[place + np.uint64(1)] = last
        return at + 2
    if point < 0x10000:
        out[place] = 0xE0 | point >> 12
        out[place + np.uint64(1)] = 0x80 | point >> 6 & 0x3F
        out[place + np.uint64(2)] = last
        return at + 3
    out[place] = 0xF0 | point >> 18
    out[place + np.uint64(1)] = 0x80 | point >> 12 & 0x3F
    out[place + np.uint64(2)] = 0x80 | point >> 6 & 0x3F
    out[place + np.uint64(3)] = last
    return at + 4


@part
def append(data: Bytes, start: Number, end: Number, out: Bytes, size: Number) -> Number:
    """Append ``data[start:end]`` to ``size`` bytes of ``out``; return the new size.

    An assignment of slices would bring numba's strings along, for its error.
    """
    shift = np.uint64(size) - np.uint64(start)
    for k in range(np.uint64(start), np.uint64(end)):
        out[k + shift] = data[k]
    return size + end - start


@kernel
def lengths(data: Bytes, offsets: Offsets) -> Offsets:
    """Count the characters of n texts that stand one after another (int64, n): bytes that continue none.

    Counts of a byte over so few bytes that they fit become six times faster vectors than one large count.
    """
    counts = np.zeros(len(offsets) - 1, np.int64)
    step = np.uint64(128)
    for text in range(len(counts)):
        at, end = np.uint64(offsets[text]), np.uint64(offsets[text + 1])
        total = np.uint64(0)
        while at + step <= end:
            count = np.uint8(0)
            for k in range(step):
                count = np.uint8(count + np.uint8((data[at + k] & 0xC0) != 0x80))
            total += np.uint64(count)
            at += step
        for k in range(at, end):
            total += np.uint64((data[k] & 0xC0) != 0x80)
        counts[text] = total
    return counts


@part
def _period(sign: Bytes) -> Number:
    """Return how far apart two occurrences of a sign are at least: less than its size if it may overlap itself."""
    for shift in range(1, len(sign)):
        same = True
        for k in range(len(sign) - shift):
            same = same and sign[k] == sign[k + shift]
        if same:
            return shift
    return len(sign)


@kernel
def occurrences(data: Bytes, start: Number, stop: Number, sign: Bytes) -> Offsets:
    """Return where ``sign`` (uint8, one byte or more) begins within ``[start, stop)`` of a buffer (int64, in order).

    The first three bytes are looked for in vectors, eight times faster than ``bytes.find`` on Chinese text.
    """
    size = np.uint64(len(sign))
    one, two = min(np.uint64(1), size - np.uint64(1)), min(np.uint64(2), size - np.uint64(1))
    first, second, third = sign[0], sign[one], sign[two]
    # A growing array would keep the compiler from making vectors of the search, which takes four times as long then.
    found = np.empty((stop - start) // _period(sign) + 1, np.int64)
    count = np.uint64(0)
    at, end = np.uint64(start), np.uint64(stop)
    step = np.uint64(128)
    while at + size <= end:
        block = min(step, end - at - size + np.uint64(1))
        some = np.uint8(0)
        if block == step:
            for k in range(step):
                place = at + k
                some = np.uint8(
                    some | ((data[place] == first) & (data[place + one] == second) & (data[place + two] == third))
                )
        if block < step or some:
            for k in range(block):
                place = at + k
                if data[place] == first and data[place + one] == second and data[place + two] == third:
                    same = True
                    for j in range(size):
                        same = same and data[place + j] == sign[j]
                    if same:
                        found[count] = place
                        count += np.uint64(1)
        at += block
    return found[:count].copy()


@kernel
def is_valid(data: Bytes) -> bool:
    """Whether bytes are valid UTF-8 (RFC 3629): one pass of comparisons without a branch, at several GB/s.

    Each byte is compared with what the three before it ask for. Every value is a byte, or no vectors come of it.
    """
    size = np.uint64(len(data))
    bad = np.uint8(0)
    one, two, three = np.uint8(0), np.uint8(0), np.uint8(0)
    for k in range(min(size, np.uint64(3))):
        bad = np.uint8(bad | _is_bad(data[k], one, two, three))
        one, two, three = data[k], one, two
    for k in range(np.uint64(3), size):
        worse = _is_bad(data[k], data[k - np.uint64(1)], data[k - np.uint64(2)], data[k - np.uint64(3)])
        bad = np.uint8(bad | worse)
    if size > np.uint64(3):
        one, two, three = data[size - np.uint64(1)], data[size - np.uint64(2)], data[size - np.uint64(3)]
    # A character that the end cuts: the byte behind it would have to continue it.
    return bool(bad == 0 and _is_bad(np.uint8(0), one, two, three) == 0)


@part
def _is_bad(byte: Number, one: Number, two: Number, three: Number) -> Number:
    """Return 1 if a byte cannot stand behind the ones that are ``one``, ``two`` and ``three`` places before it."""
    u8 = np.uint8
    asked = u8(u8(u8(one >= u8(0xC0)) | u8(two >= u8(0xE0))) | u8(three >= u8(0xF0)))
    bad = u8(asked ^ u8(u8(byte & u8(0xC0)) == u8(0x80)))
    bad = u8(bad | u8(u8(byte & u8(0xFE)) == u8(0xC0)))
    bad = u8(bad | u8(byte >= u8(0xF5)))
    bad = u8(bad | u8(u8(one == u8(0xE0)) & u8(byte < u8(0xA0))))  # over-long
    bad = u8(bad | u8(u8(one == u8(0xED)) & u8(byte >= u8(0xA0))))  # surrogates
    bad = u8(bad | u8(u8(one == u8(0xF0)) & u8(byte < u8(0x90))))  # over-long
    return u8(bad | u8(u8(one == u8(0xF4)) & u8(byte >= u8(0x90))))  # beyond U+10FFFF
