"""Parse a block of JSON Lines into records with exact byte spans."""

from __future__ import annotations

import json
import re
from typing import Any, Self

import numpy as np
import orjson
from numpy.typing import NDArray

from taoxi.normalize.encodings.codec import UTF8, byte_order_mark, is_utf8, unit_bytes
from taoxi.normalize.encodings.decoding import Decoded, decode
from taoxi.normalize.formats.lift import Lifted, lift
from taoxi.normalize.formats.record import Place, RecordMaker, type_name, without_surrogates
from taoxi.normalize.formats.widths import looked_at
from taoxi.normalize.model import Block, Lost, Problem, Record

_LONE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # a pair, passed over as one
    r"|(?P<lone>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)

_LARGE = re.compile(rb"[:,\[]-?[0-9.]+e")
"""A number that orjson may have rounded: it reads integers of more than 64 bits as floats, and writes these so."""

_MAY_BE_BLANK = np.zeros(256, np.bool_)
_MAY_BE_BLANK[[*range(0x09, 0x0E), *range(0x1C, 0x21), 0xC2, 0xE1, 0xE2, 0xE3]] = True
"""First bytes of texts that may be nothing but white space; most texts that begin so are more than that."""


def parse_records(block: Block) -> tuple[list[Record], list[Problem]]:
    """Return the records of a block and what is wrong with them.

    A record's span includes the line feed that ends it. Empty lines are none; a line that is no JSON object with a text
    becomes a record with ``lost`` set. Each line is read by itself, so where blocks are cut makes no difference.
    """
    maker = RecordMaker(block)
    numbers, starts, ends = _lines(block)
    lifted = _Lifted.of(block, maker, starts, ends) if block.layout.encoding == UTF8 else None
    records: list[Record] = []
    for k, (number, start, end) in enumerate(zip(numbers.tolist(), starts.tolist(), ends.tolist(), strict=True)):
        place = (block.record + number, block.start + start, block.start + end)
        record = lifted.record(k, place) if lifted is not None else None
        record = record or _parse(maker, block.data[start:end], place, plain=block.layout.encoding == UTF8)
        if record is not None:
            records.append(record)
    return records, maker.problems()


def _lines(block: Block) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the lines of a block that are more than a line end: number, start and end of each, in bytes (int64)."""
    data, encoding = block.data, block.layout.encoding
    width = unit_bytes(encoding)
    ends = (np.flatnonzero(looked_at(data, encoding) == ord("\n")) + 1) * width
    open_ended = len(data) > (ends[-1] if len(ends) else 0)
    if open_ended:
        ends = np.append(ends, len(data))
    starts = np.concatenate([np.zeros(min(1, len(ends)), np.int64), ends[:-1]])
    # Most files have no such line, and some hostile ones nothing else.
    more = ends - starts > width
    more[len(more) - open_ended :] = True
    numbers = np.flatnonzero(more)
    if len(numbers) < len(ends):
        starts, ends = starts[numbers], ends[numbers]
    return numbers, starts, ends


class _Lifted:
    """The lines of a block whose text could be lifted out of them, ready to become records."""

    def __init__(self, maker: RecordMaker, name: str, lines: Lifted, values: list[Any]) -> None:
        self._maker = maker
        self._name = name
        self._text = lines.text
        self._bounds = lines.bounds.tolist()
        self._values = values
        some = np.diff(lines.bounds) > 0
        some[some] = ~_MAY_BE_BLANK[np.frombuffer(lines.text, np.uint8)[lines.bounds[:-1][some]]]
        self._plain = some.tolist()

    @classmethod
    def of(cls, block: Block, maker: RecordMaker, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> Self | None:
        """Lift the texts of a block, None if its first line or one of its shells is not as expected."""
        try:
            first = orjson.loads(block.data[starts[0] : ends[0]]) if len(starts) else None
            name = maker.text_name(first) if type(first) is dict else None
            if name is None or not is_utf8(block.data):
                return None
            lines = lift(block.data, starts, ends, name)
            return cls(maker, name, lines, orjson.loads(lines.shells))
        except orjson.JSONDecodeError:
            return None

    def record(self, number: int, place: Place) -> Record | None:
        """Return the record of a line, None if it must be parsed as a whole."""
        fields = self._values[number]
        if fields is None:
            return None
        text = self._text[self._bounds[number] : self._bounds[number + 1]]
        if not self._plain[number] and (not text or bytes(text).decode().isspace()):
            return None
        record = self._maker.make_lifted(fields, self._name, text, place)
        return None if record is not None and record.meta is not None and _LARGE.search(record.meta) else record


def _parse(maker: RecordMaker, line: bytes, place: Place, *, plain: bool) -> Record | None:
    """Parse a line as a whole; None if it is empty."""
    if plain:
        try:
            fields = orjson.loads(line)
        except orjson.JSONDecodeError:
            pass
        else:
            return _of_value(maker, fields, line, place, UTF8, 0)
    return _parse_odd(maker, line, place)


def _of_value(maker: RecordMaker, value: object, line: bytes, place: Place, encoding: str, bad_bytes: int) -> Record:
    if type(value) is dict:
        record = maker.make(value, line, place, encoding, bad_bytes)
        if record.meta is not None and _LARGE.search(record.meta):
            record.meta = _exact(line, maker.encoding, value)
        return record
    message = (
        f"The line holds {type_name(value)}, not an object; it is in the ledger as it stands."
        " Write one object per line, with the text in a field."
    )
    return maker.lose(Lost.NOT_TEXT, message, line, place)


def _exact(line: bytes, encoding: str, rest: dict[str, object]) -> bytes:
    """Return the fields of a line that are left in ``rest``, with all digits of their numbers."""
    fields = json.loads(decode(line, encoding).as_text(), strict=False)
    return json.dumps({name: fields[name] for name in rest}, separators=(",", ":")).encode()


def _parse_odd(maker: RecordMaker, line: bytes, place: Place) -> Record | None:
    """Parse a line that is empty, or not UTF-8, or not quite JSON, or none at all."""
    if line.isspace():
        return None
    decoded = decode(line, maker.encoding)
    try:
        value = orjson.loads(decoded.utf8)
    except orjson.JSONDecodeError:
        return _parse_leniently(maker, line, place, decoded)
    return _of_value(maker, value, line, place, decoded.encoding, decoded.bad_bytes)


def _parse_leniently(maker: RecordMaker, line: bytes, place: Place, decoded: Decoded) -> Record | None:
    """Parse with Python's own module, which takes lone surrogates, NaN and raw control characters."""
    text = decoded.as_text()
    if not text or text.isspace():
        return None
    try:
        value = json.loads(text, strict=False)
    except json.JSONDecodeError as error:
        reason = f"{error.msg[:1].lower()}{error.msg[1:].removesuffix(' at')} at character {error.pos + 1:,}"
    except (ValueError, RecursionError):
        reason = "it is nested too deeply, or a number in it is too long"
    else:
        record = _of_value(maker, value, line, place, decoded.encoding, decoded.bad_bytes)
        return record if record.lost else _mend(maker, record, line, text)
    message = f"The line is not JSON ({reason}) and is in the ledger as it stands. Repair it, and run again."
    return maker.lose(Lost.UNPARSED, message, line, place)


def _mend(maker: RecordMaker, record: Record, line: bytes, text: str) -> Record:
    """Replace what no encoding can hold, and tell where it stands."""
    count = 0
    for name in ("text", "title", "date", "url"):
        value = getattr(record, name)
        if value is not None:
            value, found = without_surrogates(value)
            setattr(record, name, value)
            count += found
    if count:
        _, mark = byte_order_mark(line)
        lone = next((match.start() for match in _LONE.finditer(text) if match["lone"]), 0)
        maker.problem(
            f"The record has {count:,} halves of surrogate pairs without the other half, which U+FFFD replaced."
            " Look at the record if its text matters.",
            record.start + mark + len(text[:lone].encode(record.encoding)),
        )
    return record
