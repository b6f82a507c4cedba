"""Texts that lie anywhere in memory, as kernels read them: by address and size (Numba).

Documents lie in many batches, some of them mapped from files; a kernel that goes from one to any other of them takes
a table of where they are. Whoever makes the table keeps the batches alive.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import carray, types  # type: ignore[attr-defined]
from numba.extending import intrinsic
from numpy.typing import NDArray

from taoxi.normalize.kernel import Internal, part
from taoxi.normalize.utf8 import Bytes, Number

Texts = NDArray[np.uint64]
"""Address and size in bytes of n texts (uint64, n by 2); address 0 is a text that is not at hand."""


def _instructions(_context: Internal, address: Internal) -> Internal:
    """Generate what makes a pointer of an address."""

    def build(context: Internal, builder: Internal, signature: Internal, arguments: Internal) -> Internal:
        return builder.inttoptr(arguments[0], context.get_value_type(signature.return_type))

    return types.CPointer(types.uint8)(address), build


_pointer: Any = intrinsic(_instructions)


@part
def text_at(texts: Texts, number: Number) -> Bytes:
    """Return the bytes of a text (uint8), where they lie."""
    return carray(_pointer(texts[number, 0]), (np.int64(texts[number, 1]),))


def addresses(utf8: Bytes, offsets: NDArray[np.int64]) -> Texts:
    """Return where texts are that stand one after another in a buffer, between n+1 ``offsets``."""
    found = np.zeros((len(offsets) - 1, 2), np.uint64)
    found[:, 0] = np.uint64(utf8.ctypes.data) + offsets[:-1].astype(np.uint64)
    found[:, 1] = np.diff(offsets)
    return found
