"""Find where the rows of a CSV file end: a line break inside quotes does not end one.

The rules are those of Python's ``csv`` module (doubled quotes, no escapes, not strict): a quote opens only at the start
of a field, and what follows a closing quote belongs to the field. Only so do the rows that this module
cuts read the same alone as in the whole file.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from taoxi.normalize.kernel import kernel

ROW_START, FIELD_START, IN_FIELD, QUOTED, QUOTE_IN_QUOTED, AFTER_CR = range(6)
"""What a place in a file can be, for rows: the state that goes from one chunk to the next."""

_QUOTE = ord('"')
_LF = ord("\n")
_CR = ord("\r")


@kernel
def _row_ends(units: npt.NDArray[Any], delimiter: int, state: int, ends: npt.NDArray[np.int64]) -> tuple[int, int]:
    count = 0
    for place in range(units.size):
        unit = units[place]
        if state == QUOTED:
            if unit == _QUOTE:
                state = QUOTE_IN_QUOTED
            continue
        if state == AFTER_CR:
            state = ROW_START
            if unit == _LF:
                ends[count] = place + 1
                count += 1
                continue
            ends[count] = place
            count += 1
        if unit == _QUOTE and state in (ROW_START, FIELD_START, QUOTE_IN_QUOTED):
            state = QUOTED
        elif unit == _LF:
            ends[count] = place + 1
            count += 1
            state = ROW_START
        elif unit == _CR:
            state = AFTER_CR
        elif unit == delimiter:
            state = FIELD_START
        else:
            state = IN_FIELD
    return count, state


def row_ends(units: npt.NDArray[Any], delimiter: str, state: int = ROW_START) -> tuple[npt.NDArray[np.int64], int]:
    """Return the places just behind the row ends in a chunk, in units, and the state at its end.

    A carriage return at the very end of the chunk ends its row only in the next chunk (at place 0 or 1), because a line
    feed may follow.

    Args:
        units: the chunk as unsigned integers of the encoding's unit, in native byte order.
        delimiter: one ASCII character.
        state: the state at the end of the chunk before, ``ROW_START`` for the first one.
    """
    most = int(np.count_nonzero(units == _LF)) + int(np.count_nonzero(units == _CR)) + 1
    ends = np.empty(most, np.int64)
    count, state = _row_ends(units, ord(delimiter), state, ends)
    return ends[:count], state
