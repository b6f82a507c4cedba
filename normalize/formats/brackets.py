"""Find where the values of a JSON document end, in one pass over its bytes, however deep they nest.

Invariant: outside of strings, ``depth`` is the number of brackets that are open. A value of a list that lies in
``base`` brackets ends behind the comma at that depth, or before the bracket that closes the list; one of a row of
documents (``base`` 0) ends behind the bracket that brings the depth back to 0. What kind of bracket closes is not
asked: a document that mixes them up is no JSON, and the value says so when it is parsed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from taoxi.normalize.encodings.codec import MULTIBYTE
from taoxi.normalize.kernel import kernel
from taoxi.normalize.utf8 import frozen

DEPTH, IN_STRING, ESCAPED, CLOSED, FILLED, LEAD = range(6)
"""What goes from one chunk to the next: the open brackets; whether the chunk ends in a string, behind a backslash,
behind the list; whether the value has begun; whether a first byte of two was the last."""

_PLAIN, _ALL, _HALF = range(3)
"""Which bytes from 0x80 on begin a pair whose second byte may look like a bracket: none, all, those of Shift_JIS."""


@kernel
def _value_ends(
    units: npt.NDArray[Any], base: int, pairs: int, state: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]
) -> int:
    depth, in_string, escaped, filled, lead = state[0], state[1], state[2], state[4], state[5]
    count = 0
    if state[3]:
        return 0
    for place in range(units.size):
        unit = units[place]
        if pairs:
            if lead:
                lead = 0
                if unit >= 0x30:
                    filled = 1
                    escaped = 0
                    continue
            elif unit >= 0x81 and (pairs == 1 or unit < 0xA1 or unit > 0xDF):
                lead = 1
        if in_string:
            if escaped:
                escaped = 0
            elif unit == 0x5C:
                escaped = 1
            elif unit == 0x22:
                in_string = 0
        elif unit == 0x22:
            in_string = 1
            filled = 1
        elif unit == 0x7B or unit == 0x5B:
            depth += 1
            filled = 1
        elif unit == 0x7D or unit == 0x5D:
            depth -= 1
            if depth < base:
                if base:
                    if filled:
                        ends[count] = place
                        count += 1
                    state[3] = 1
                    break
                depth = 0
            if depth == base and not base:
                ends[count] = place + 1
                count += 1
                filled = 0
        elif unit == 0x2C and depth == base and base:
            ends[count] = place + 1
            count += 1
            filled = 0
        elif unit > 0x20:
            filled = 1
    state[0], state[1], state[2], state[4], state[5] = depth, in_string, escaped, filled, lead
    return count


def new_state(base: int) -> npt.NDArray[np.int64]:
    """Return the state in which a first value begins, inside ``base`` brackets."""
    return np.array([base, 0, 0, 0, 0, 0], np.int64)


def value_ends(
    units: npt.NDArray[Any], encoding: str, base: int, state: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Return the places just behind the values that end in a chunk, in units; ``state`` becomes that at its end.

    Args:
        units: the chunk as unsigned integers of the encoding's unit, in native byte order.
        encoding: the codec of the document.
        base: the brackets around the list that the values are in, 0 for documents in a row.
        state: as ``new_state`` made it or the chunk before left it.
    """
    pairs = (_HALF if "932" in encoding or "shift" in encoding else _ALL) if encoding in MULTIBYTE else _PLAIN
    closing = np.count_nonzero(units == ord(",")) if base else np.count_nonzero((units | 0x20) == ord("}"))
    ends = np.empty(int(closing) + 1, np.int64)
    return ends[: _value_ends(frozen(units), base, pairs, state, ends)]
