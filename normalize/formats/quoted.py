"""Texts as strings of JSON, all of a column at once (Numba): the way back from ``taoxi.normalize.formats.lift``."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from taoxi.normalize.kernel import kernel, part
from taoxi.normalize.utf8 import Bytes, Number, Offsets, frozen

_QUOTE, _BACKSLASH = np.uint8(ord('"')), np.uint8(ord("\\"))
_HEX = frozen(np.frombuffer(b"0123456789abcdef", np.uint8))

_SHORT = np.zeros(256, np.uint8)
for _char, _letter in zip(b'\b\t\n\f\r"\\', b'btnfr"\\', strict=True):
    _SHORT[_char] = _letter
_SHORT = frozen(_SHORT)
"""The letter that stands for a byte behind a backslash; 0 for those that are written as a number."""

_NULL = frozen(np.frombuffer(b"null", np.uint8))

_BLOCK = np.uint64(32)
"""Bytes that are looked at, and copied, at once."""

_LONGEST = 6
"""Bytes that one takes at most: ``\\u001b``."""


@dataclass(frozen=True, slots=True)
class Strings:
    """n values of JSON, one after another in ``data`` (uint8), between n+1 ``offsets`` (int64)."""

    data: Bytes
    offsets: Offsets


def quoted(data: Bytes, offsets: Offsets, valid: NDArray[np.bool_]) -> Strings:
    """Return texts as strings of JSON; what stands for itself in a string stays.

    Args:
        data: valid UTF-8 (uint8).
        offsets: where n texts begin and end in it (int64, n+1).
        valid: which of them are there (bool, n); the others become ``null``.
    """
    bounds = np.empty(len(offsets), np.int64)
    out = np.empty(_room(frozen(data), frozen(offsets)), np.uint8)
    _quote(frozen(data), frozen(offsets), frozen(valid), _SHORT, _HEX, out, bounds)
    return Strings(out[: bounds[-1]], bounds)


@part
def _stands(byte: Number) -> bool:
    """Tell whether a byte stands for itself in a string."""
    return bool((byte >= 32) & (byte != _QUOTE) & (byte != _BACKSLASH))


@kernel
def _room(data: Bytes, offsets: Offsets) -> int:
    """Return how many bytes the strings take at most."""
    room = np.int64((len(offsets) - 1) * len(_NULL))
    for k in range(offsets[0], offsets[-1], 1 << 12):
        special = np.int64(0)
        for at in range(np.uint64(k), np.uint64(min(k + (1 << 12), offsets[-1]))):
            special += np.int64(not _stands(data[at]))
        room += special * (_LONGEST - 1)
    return int(room + offsets[-1] - offsets[0] + np.int64(_BLOCK))


@part
def _escape(byte: Number, short: Bytes, digits: Bytes, out: Bytes, size: Number) -> Number:
    """Write what stands for a byte that cannot; return where it ends (uint64)."""
    out[size] = _BACKSLASH
    if short[byte]:
        out[size + np.uint64(1)] = short[byte]
        return size + np.uint64(2)
    out[size + np.uint64(1)] = ord("u")
    out[size + np.uint64(2)] = out[size + np.uint64(3)] = ord("0")
    out[size + np.uint64(4)] = digits[byte >> 4]
    out[size + np.uint64(5)] = digits[byte & 15]
    return size + np.uint64(_LONGEST)


@part
def _string(data: Bytes, at: Number, end: Number, short: Bytes, digits: Bytes, out: Bytes, size: Number) -> Number:
    """Write the bytes between ``at`` and ``end``; return where they end in ``out`` (all uint64)."""
    while at < end:
        stop = min(at + _BLOCK, end)
        if at + _BLOCK <= end:
            special = np.uint8(0)
            for k in range(_BLOCK):
                special |= np.uint8(not _stands(data[at + k]))
                out[size + k] = data[at + k]  # what stands behind the first special one is written over
            if not special:
                at, size = stop, size + _BLOCK
                continue
        for k in range(at, stop):
            if _stands(data[k]):
                out[size] = data[k]
                size += np.uint64(1)
            else:
                size = _escape(data[k], short, digits, out, size)
        at = stop
    return size


@kernel
def _quote(
    data: Bytes, offsets: Offsets, valid: NDArray[np.bool_], short: Bytes, digits: Bytes, out: Bytes, bounds: Offsets
) -> None:
    size = np.uint64(0)
    bounds[0] = 0
    for text in range(len(offsets) - 1):
        if valid[text]:
            out[size] = _QUOTE
            size += np.uint64(1)
            size = _string(data, np.uint64(offsets[text]), np.uint64(offsets[text + 1]), short, digits, out, size)
            out[size] = _QUOTE
            size += np.uint64(1)
        else:
            for k in range(np.uint64(len(_NULL))):
                out[size + k] = _NULL[k]
            size += np.uint64(len(_NULL))
        bounds[text + 1] = np.int64(size)
