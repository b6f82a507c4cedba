"""Find where the rows of a CSV file end: a line break inside quotes does not end one.

The rules are those of Python's ``csv`` module (doubled quotes, not strict): a quote opens only at the start of a field,
and what follows a closing quote belongs to the field. Only so do the rows that this module cuts read the same alone as
in the whole file.

One rule is our own. A quote that nobody closes would swallow the rest of a file, so the scanner goes back on it, and
takes it for a character, when what it swallows looks like rows: the line that it opens in has as many fields as the
header, so have nearly all lines after it, and then a quote comes that can only open a field (it follows a delimiter or
a line break, and neither follows it), or none comes at all. In a file that is written by the rules the former never
happens, as a closing quote is followed by a delimiter or a line break.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from taoxi.normalize.kernel import kernel
from taoxi.normalize.utf8 import frozen

ROW_START, FIELD_START, IN_FIELD, QUOTED, QUOTE_IN_QUOTED, AFTER_CR, ESCAPED, ESCAPED_IN_QUOTED = range(8)
"""What a place in a file can be, for rows."""

_STATE, _ROW, _OPEN, _LINES, _REGULAR, _DELIMITERS, _FIRST_END, _FIRST_FITS, _OPENS = range(9)
"""What goes from one chunk to the next: the state; where the row begins; where its last quote opened; how many lines
ended since, how many of them but the first have as many delimiters as the header; the delimiters of this line; where
the first of the lines ended, whether it has as many; whether the last quote can only open a field. Places count from
the start of the file."""

REACH = 1 << 20
"""Units from the start of a row within which its quote may be taken for a character."""

MANY_LINES = 50
"""Lines of rows without any quote, behind one that is open for ``REACH``, that are taken for rows: a text of so many
lines that all have as many commas as the header is a table itself."""

_LF = ord("\n")
_CR = ord("\r")


@kernel
def _row_ends(
    units: npt.NDArray[Any],
    begin: int,
    base: int,
    delimiter: int,
    quote: int,
    escape: int,
    columns: int,
    reach: int,
    carried: npt.NDArray[np.int64],
    ends: npt.NDArray[np.int64],
    count: int,
) -> tuple[int, bool]:
    state, row, opened, lines, regular = carried[0], carried[1], carried[2], carried[3], carried[4]
    delimiters, first_end, fits, opens = carried[5], carried[6], carried[7], carried[8]
    stray = False
    place = np.uint64(begin)
    one, size = np.uint64(1), np.uint64(units.size)
    while place < size:
        unit = units[place]
        if unit >= 0x80 and (state == QUOTED or state == IN_FIELD):
            place += one
            while place < size and units[place] >= 0x80:  # no sign is beyond ASCII
                place += one
            continue
        if state == QUOTED:
            if unit == quote:
                before = units[place - one] if place else 0
                opens = 1 if lines and (before == delimiter or before == _LF) else 0
                state = QUOTE_IN_QUOTED
            elif unit == escape:
                state = ESCAPED_IN_QUOTED
            elif unit == delimiter:
                delimiters += 1
            elif unit == _LF:
                lines += 1
                if lines == 1:
                    first_end = base + np.int64(place) + 1
                    fits = 1 if delimiters == columns - 1 else 0
                elif delimiters == columns - 1:
                    regular += 1
                delimiters = 0
                far = base + np.int64(place) - row
                if (
                    far > reach // 2
                    and far <= reach
                    and fits
                    and lines > MANY_LINES
                    and 20 * regular >= 19 * (lines - 1)
                ):
                    stray = True
                    break
            place += one
            continue
        if state == QUOTE_IN_QUOTED and opens and unit != quote and unit != delimiter and unit != _LF and unit != _CR:
            if fits and columns > 1 and base + np.int64(place) - row <= reach and 5 * regular >= 4 * (lines - 1):
                stray = True
                break
        if state == AFTER_CR:
            state = ROW_START
            row = base + np.int64(place) + (1 if unit == _LF else 0)
            ends[count] = row
            count += 1
            delimiters = 0
            if unit == _LF:
                place += one
                continue
        if state == ESCAPED_IN_QUOTED:
            state = QUOTED
        elif state == ESCAPED:
            state = IN_FIELD
        elif unit == quote and state in (ROW_START, FIELD_START, QUOTE_IN_QUOTED):
            if state != QUOTE_IN_QUOTED:
                opened = base + np.int64(place)
                lines = regular = fits = 0
            state = QUOTED
            opens = 0
        elif unit == escape and state != QUOTE_IN_QUOTED:
            state = ESCAPED
        elif unit == _LF:
            row = base + np.int64(place) + 1
            ends[count] = row
            count += 1
            state = ROW_START
            delimiters = 0
        elif unit == _CR:
            state = AFTER_CR
        elif unit == delimiter:
            delimiters += 1
            state = FIELD_START
        else:
            state = IN_FIELD
        place += one
    carried[0], carried[1], carried[2], carried[3], carried[4] = state, row, opened, lines, regular
    carried[5], carried[6], carried[7], carried[8] = delimiters, first_end, fits, opens
    return count, stray


class RowScanner:
    """Finds the row ends of a CSV file that comes in chunks.

    Attributes:
        strays: for the end of each row with a quote that was taken for a character, where that quote is; both in units
            from the start of the file.
    """

    def __init__(
        self, delimiter: str, quote: str = '"', escape: str = "", columns: int = 0, reach: int = REACH
    ) -> None:
        """Start at the start of a row.

        Args:
            delimiter: one ASCII character.
            quote: one ASCII character, or empty for none.
            escape: what takes the meaning of the next character, empty for none.
            columns: how many fields a row has; below 2, no quote is gone back on.
            reach: units from the start of a row within which its quote may be gone back on.
        """
        self.strays: dict[int, int] = {}
        self._signs = (ord(delimiter), ord(quote) if quote else -1, ord(escape) if escape else -1)
        self._columns = columns if columns > 1 else -1
        self._reach = min(reach, REACH)
        self._carried = np.zeros(9, np.int64)
        self._kept: npt.NDArray[Any] | None = None
        self._at = 0
        self._pending: int | None = None

    @property
    def quoted(self) -> bool:
        """Whether a quote is open."""
        return bool(self._carried[_STATE] in {QUOTED, ESCAPED_IN_QUOTED})

    def feed(self, units: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
        """Return the places just behind the row ends that are known with this chunk, in units from its start.

        A carriage return at the very end of the chunk ends its row only in the next chunk (at place 0 or 1), because a
        line feed may follow. Places before the chunk come when the scanner goes back on a quote.

        Args:
            units: the chunk as unsigned integers of the encoding's unit, in native byte order.
        """
        data = units if self._kept is None else np.concatenate([self._kept, units])
        begin = len(data) - len(units)
        base = self._at - begin
        self._at += len(units)
        found = self._run(data, begin, base)
        self._keep(data, base)
        return found - (self._at - len(units))

    def feed_last(self, units: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
        """Return the row ends of a whole file or block, those too that its end tells."""
        found = [self.feed(units)]
        while self.swallows:
            found.append(self._run(units, self._back(), 0))
        return np.concatenate(found)

    @property
    def swallows(self) -> bool:
        """Whether a quote is open, and what follows it looks like rows."""
        lines, regular = int(self._carried[_LINES]), int(self._carried[_REGULAR])
        return bool(self.quoted and lines and self._carried[_FIRST_FITS] and 5 * regular >= 4 * (lines - 1))

    def _run(self, data: npt.NDArray[Any], begin: int, base: int) -> npt.NDArray[np.int64]:
        first, place = begin, begin
        if self._carried[_LINES]:
            first = min(first, int(self._carried[_FIRST_END]) - base) if self._carried[_FIRST_FITS] else first
        seen = data[max(0, first) :]
        ends = np.empty(int(np.count_nonzero(seen == _LF)) + int(np.count_nonzero(seen == _CR)) + 3, np.int64)
        count, stray = 0, True
        if self._pending is not None:
            ends[0] = self._pending
            count, self._pending = 1, None
        while stray:
            signs = (*self._signs, self._columns, self._reach)
            count, stray = _row_ends(frozen(data), place, base, *signs, self._carried, ends, count)
            if stray:
                place = self._back() - base
                ends[count] = place + base
                count, self._pending = count + 1, None
        return ends[:count]

    def _back(self) -> int:
        """Take the open quote for a character: end its row with its line, and return where that is."""
        end = int(self._carried[_FIRST_END])
        self.strays[end] = int(self._carried[_OPEN])
        self._carried[:] = 0
        self._carried[_ROW] = end
        self._pending = end
        return end

    def _keep(self, data: npt.NDArray[Any], base: int) -> None:
        """Keep what a second look would need: all from the last unit of the line that a quote is open in."""
        within = self._at - int(self._carried[_ROW]) <= self._reach
        watched = self._carried[_STATE] in {QUOTED, QUOTE_IN_QUOTED, ESCAPED_IN_QUOTED} and self._carried[_LINES]
        if watched and within and self._carried[_FIRST_FITS]:
            # The unit before a quote says whether it follows a delimiter or a line break.
            self._kept = data[max(0, int(self._carried[_FIRST_END]) - base - 1) :].copy()
        elif len(data):
            self._kept = data[-1:].copy()
