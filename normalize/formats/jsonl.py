"""Parse a block of JSON Lines into records with exact byte spans."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from taoxi.normalize.encodings.codec import UTF8, byte_order_mark, is_utf8, unit_bytes
from taoxi.normalize.encodings.decoding import Decoded, decode
from taoxi.normalize.formats.columns import Columns
from taoxi.normalize.formats.fields import Roles
from taoxi.normalize.formats.lift import Lifted, lift
from taoxi.normalize.formats.record import Place, RecordMaker, take, type_name, without_surrogates
from taoxi.normalize.formats.widths import looked_at
from taoxi.normalize.model import Block, Lost, Problem, Record
from taoxi.normalize.utf8 import BREAK, frozen, occurrences

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


def parse_columns(block: Block) -> tuple[Columns, list[Problem]]:
    """Return the records of a block and what is wrong with them.

    A record's span includes the line feed that ends it. Empty lines are none; a line that is no JSON object with a text
    becomes a record with ``lost`` set. Each line is read by itself, so where blocks are cut makes no difference.
    """
    maker = RecordMaker(block)
    numbers, starts, ends = _lines(block)
    plain = block.layout.encoding == UTF8
    found = _lifted(block, maker, numbers, starts, ends) if plain else None
    columns, odd = found or (None, range(len(numbers)))
    records = []
    for row in odd:
        start, end = int(starts[row]), int(ends[row])
        place = (block.record + int(numbers[row]), block.start + start, block.start + end)
        records.append(_parse(maker, block.data[start:end], place, plain=plain))
    if columns is None:
        columns = Columns.of([record for record in records if record is not None])
    elif records:
        columns = columns.replaced(list(odd), records)
    return columns, maker.problems()


def parse_records(block: Block) -> tuple[list[Record], list[Problem]]:
    """Return the records of a block one by one, and what is wrong with them."""
    columns, problems = parse_columns(block)
    return columns.records(), problems


def _lines(block: Block) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the lines of a block that are more than a line end: number, start and end of each, in bytes (int64)."""
    data, encoding = block.data, block.layout.encoding
    width = unit_bytes(encoding)
    looked = looked_at(data, encoding)
    found = occurrences(frozen(looked), 0, len(looked), BREAK) if width == 1 else np.flatnonzero(looked == ord("\n"))
    ends = (found + 1) * width
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


def _lifted(
    block: Block,
    maker: RecordMaker,
    numbers: NDArray[np.int64],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
) -> tuple[Columns, Sequence[int]] | None:
    """Lift the texts of a block out of its lines; None if its first line or one of its shells is not as expected.

    Returns:
        The columns of all lines, and the rows of those that must be parsed as a whole instead.
    """
    try:
        first = orjson.loads(block.data[starts[0] : ends[0]]) if len(starts) else None
        name = maker.text_name(first) if type(first) is dict else None
        if name is None or not is_utf8(block.data):
            return None
        lines = lift(block.data, starts, ends, name)
        objects: list[dict[str, Any] | None] = orjson.loads(lines.shells)
    except orjson.JSONDecodeError:
        return None
    places = (numbers + block.record, starts + block.start, ends + block.start)
    columns = Columns.plain(lines.text, lines.bounds, places, UTF8)
    odd = _blank(lines)
    for names, rows in _shapes(objects).items():
        found = None if names is None else maker.roles(names)
        if found is None or found.texts[:1] != (name,):
            odd.update(rows)
        else:
            odd.update(_fill(columns, rows, [objects[row] for row in rows], name, found))
    return columns, sorted(odd)


def _blank(lines: Lifted) -> set[int]:
    """Return the lines whose text is nothing but white space."""
    may_be = np.diff(lines.bounds) == 0
    some = ~may_be
    may_be[some] = _MAY_BE_BLANK[lines.text[lines.bounds[:-1][some]]]
    rows = np.flatnonzero(may_be).tolist()
    texts = (lines.text[lines.bounds[row] : lines.bounds[row + 1]].tobytes().decode() for row in rows)
    return {row for row, text in zip(rows, texts, strict=True) if not text or text.isspace()}


def _shapes(objects: list[dict[str, Any] | None]) -> dict[tuple[str, ...] | None, Sequence[int]]:
    """Return the rows that have the same fields in the same order; most files have one such list."""
    shapes = [None if fields is None else tuple(fields) for fields in objects]
    if shapes.count(shapes[0]) == len(shapes):
        return {shapes[0]: range(len(shapes))}
    rows: dict[tuple[str, ...] | None, list[int]] = {}
    for row, shape in enumerate(shapes):
        rows.setdefault(shape, []).append(row)
    return dict(rows)


def _fill(columns: Columns, rows: Sequence[int], objects: list[Any], name: str, found: Roles) -> list[int]:
    """Deal the fields of objects to the columns; return the rows that must be parsed as a whole instead.

    The text, which was lifted out, goes by ``name``; ``found`` says which other fields play a part.
    """
    for fields in objects:
        del fields[name]
    for column, field, number in (
        (columns.title, found.title, False),
        (columns.date, found.date, True),
        (columns.url, found.url, False),
    ):
        if field is not None:
            for row, fields in zip(rows, objects, strict=True):
                column[row] = take(fields, field, number=number)
    metas = [orjson.dumps(fields) if fields else b"" for fields in objects]
    for row, meta in zip(rows, metas, strict=True):
        columns.meta[row] = meta or None
    if not _LARGE.search(b"\n".join(metas)):
        return []
    return [row for row, meta in zip(rows, metas, strict=True) if _LARGE.search(meta)]


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
