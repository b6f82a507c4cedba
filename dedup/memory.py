"""Texts that lie anywhere in memory, as kernels read them: by address and size (Numba).

Documents lie in many batches, some of them mapped from files; a kernel that goes from one to any other of them takes
a table of where they are. Whoever makes the table keeps the batches alive.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from taoxi.normalize.kernel import Internal, instruction, part
from taoxi.normalize.utf8 import Bytes, Number

Texts = NDArray[np.uint64]
"""Address and size in bytes of n texts (uint64, n by 2); address 0 is a text that is not at hand."""


@instruction
def _bytes_at(_: Internal, address: Internal, size: Internal) -> Internal:
    """Generate an array of the bytes that lie at an address; nobody counts who holds it."""
    from numba import types  # noqa: PLC0415 - like the next one, only whoever compiles imports it
    from numba.np.arrayobj import make_array, populate_array  # noqa: PLC0415

    kind = types.Array(types.uint8, 1, "C")

    def generate(context: Internal, builder: Internal, types_: Internal, values: Internal) -> Internal:
        array = make_array(kind)(context, builder)
        one = context.get_constant(types.intp, 1)
        length = context.cast(builder, values[1], types_.args[1], types.intp)
        data = builder.inttoptr(values[0], context.get_data_type(types.uint8).as_pointer())
        populate_array(array, data=data, shape=[length], strides=[one], itemsize=one, meminfo=None)
        return array._getvalue()  # noqa: SLF001 - as Numba's own code does

    return kind(address, size), generate


@part
def text_at(texts: Texts, number: Number) -> Bytes:
    """Return the bytes of a text (uint8), where they lie."""
    found: Bytes = _bytes_at(texts[number, 0], texts[number, 1])
    return found


def addresses(utf8: Bytes, offsets: NDArray[np.int64]) -> Texts:
    """Return where texts are that stand one after another in a buffer, between n+1 ``offsets``."""
    found = np.zeros((len(offsets) - 1, 2), np.uint64)
    found[:, 0] = np.uint64(utf8.ctypes.data) + offsets[:-1].astype(np.uint64)
    found[:, 1] = np.diff(offsets)
    return found
