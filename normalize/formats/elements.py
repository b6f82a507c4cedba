"""Parse a block of JSON values, the elements of a list or documents in a row, into records with exact byte spans."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import orjson

from taoxi.normalize.encodings.codec import UTF8, unit_bytes, units
from taoxi.normalize.encodings.decoding import decode
from taoxi.normalize.formats import jsonl
from taoxi.normalize.formats.brackets import new_state, value_ends
from taoxi.normalize.formats.record import Place, RecordMaker
from taoxi.normalize.model import Block, Format, Problem, Record

LISTS = (
    *("data", "items", "rows", "records", "results", "docs", "documents", "articles", "list", "entries", "pages"),
    *("hits", "news", "posts", "content", "contents", "texts", "数据", "列表", "记录", "文章"),
)
"""Names under which an object holds the list of its records."""

WRAPPERS = ("row", "_source")
"""Names under which an element holds the record itself (rows of Hugging Face's viewer, hits of Elasticsearch)."""

MAX_DEPTH = 4
"""Objects that a list of records may lie in; Elasticsearch puts it into two."""

_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[\]{},:]', re.DOTALL)
_FIRST = re.compile(r'\s*(?:\{\s*["}]|"|\])')
_BETWEEN = " \t\r\n,\x1e\ufeff"
_BREAK = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\r\n]', re.DOTALL)
_LARGE = re.compile(rb"[:,\[]-?[0-9.]+e")
"""A number that orjson may have rounded."""


def find_list(text: str) -> tuple[int, int, tuple[str, ...]] | None:
    """Find the list of records in the head of a JSON document.

    Returns:
        The characters up to its first element, the brackets it lies in, and the names that its outermost object gives
        before it; None if there is no such list.

    >>> find_list('{"count": 2, "data": [{"text": "a"}]}')
    (22, 2, ('count', 'data'))
    """
    opened: list[str] = []
    names: list[str] = []
    key = before = ""
    for match in _TOKEN.finditer(text):
        sign = match[0]
        if sign == "[":
            plain = all(bracket == "{" for bracket in opened)
            if plain and (not opened or key in LISTS) and _FIRST.match(text, match.end()):
                return match.end(), len(opened) + 1, tuple(names)
            opened.append(sign)
        elif sign == "{":
            if len(opened) >= MAX_DEPTH and "[" not in opened:
                return None
            opened.append(sign)
        elif sign in "}]":
            if len(opened) < 2:
                return None
            opened.pop()
        elif sign == ":" and "[" not in opened:
            key = before[1:-1].lower()
            if len(opened) == 1:
                names.append(before[1:-1])
        before = sign
    return None


def parse_records(block: Block) -> tuple[list[Record], list[Problem]]:
    """Return the records of a block and what is wrong with them.

    A record's span goes from the end of the one before to behind the comma, or the bracket, that ends it. A value
    without a text becomes a record with ``lost`` set; a string is a text by itself.
    """
    maker = RecordMaker(block)
    records: list[Record] = []
    odd: list[Problem] = []
    for value, raw, place in _values(block):
        record = _plain(maker, block, value, place) if block.layout.encoding == UTF8 else None
        if record is None:
            record, problems = _odd(block, raw, place)
            odd += problems
        if record is not None:
            records.append(record)
    problems = sorted([*maker.problems(), *odd], key=lambda problem: (problem.untold > 0, problem.byte or 0))
    return records, problems


def _values(block: Block) -> Iterator[tuple[bytes, bytes, Place]]:
    """Yield each value without what separates it from others, its whole stretch, and its place."""
    data, encoding, base = block.data, block.layout.encoding, block.layout.depth
    ends = value_ends(units(data, encoding), encoding, base, new_state(base)) * unit_bytes(encoding)
    edges = [0, *ends.tolist()]
    if edges[-1] != len(data):
        edges.append(len(data))
    for number, (start, end) in enumerate(pairwise(edges), block.record):
        raw = data[start:end]
        yield raw.strip(b" \t\r\n,"), raw, (number, block.start + start, block.start + end)


def _plain(maker: RecordMaker, block: Block, value: bytes, place: Place) -> Record | None:
    """Return the record of a value that is what it should be, None if it takes a closer look."""
    try:
        fields = orjson.loads(value)
    except orjson.JSONDecodeError:
        return None
    if type(fields) is str:
        fields = {block.layout.text_field or "text": fields}
    if type(fields) is not dict:
        return None
    record = maker.make(_unwrapped(maker, fields), value, place, UTF8, 0)
    return None if record.meta is not None and _LARGE.search(record.meta) else record


def _unwrapped(maker: RecordMaker, fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of the record inside of an element, and those around it."""
    for name in WRAPPERS:
        inner = fields.get(name)
        if type(inner) is dict and maker.text_name(fields) is None:
            return {**{key: value for key, value in fields.items() if key != name}, **inner}
    return fields


def _odd(block: Block, raw: bytes, place: Place) -> tuple[Record | None, list[Problem]]:
    """Parse a value as a JSON line of its own, with all that such lines are forgiven."""
    decoded = decode(raw, block.layout.encoding)
    line = decoded.as_text().strip(_BETWEEN)
    if not line or line.isspace():
        return None, []
    text = line.encode("utf-8", "replace")
    try:
        value = orjson.loads(text)
        wrapped = next((value[name] for name in WRAPPERS if type(value.get(name)) is dict), value)
        if wrapped is not value and _text_name(block, value) is None:
            text = orjson.dumps({**{k: v for k, v in value.items() if v is not wrapped}, **wrapped})
    except (orjson.JSONDecodeError, AttributeError):
        pass
    if text.startswith(b'"'):
        name = orjson.dumps(block.layout.text_field or "text")
        text = b"{" + name + b":" + text + b"}"
    text = _BREAK.sub(_escaped, text)
    number, start, end = place
    layout = replace(block.layout, format=Format.JSONL, encoding=UTF8)
    records, problems = jsonl.parse_records(Block(block.source, block.order, layout, start, number, text))
    for record in records:
        record.start, record.end = start, end
        record.encoding, record.bad_bytes = decoded.encoding, decoded.bad_bytes
        if record.lost is not None:
            record.text = decoded.as_text().strip(_BETWEEN)
    message = [problem.message.replace("The line ", "The value ", 1) for problem in problems]
    told = [replace(problem, message=text, byte=start) for problem, text in zip(problems, message, strict=True)]
    return (records[0] if records else None), told


def _text_name(block: Block, fields: dict[str, Any]) -> str | None:
    return RecordMaker(block).text_name(fields)


def _escaped(match: re.Match[bytes]) -> bytes:
    """Keep a line break in a string as a text has it, and make a space of one between values."""
    string = match[0]
    if string.startswith(b'"'):
        return string.replace(b"\r", b"\\r").replace(b"\n", b"\\n")
    return b" "
