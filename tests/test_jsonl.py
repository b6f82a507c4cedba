"""Lines of JSON become records with exact spans, and what is wrong with a line is told."""

from __future__ import annotations

import json
import math
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taoxi.normalize.encodings.decoding import decode
from taoxi.normalize.formats import record as record_module
from taoxi.normalize.formats.jsonl import parse_records
from taoxi.normalize.model import Block, Format, Layout, Lost, Problem, Record, Source

SOURCE = Source("d/a.jsonl", "d/a.jsonl", "d")


def block_of(data: bytes, *, encoding: str = "utf-8", text_field: str | None = None, start: int = 0) -> Block:
    """Return a block whose first record is the third of its source."""
    return Block(SOURCE, 0, Layout(Format.JSONL, encoding, text_field), start, 3, data)


def parse(
    data: bytes | str, *, encoding: str = "utf-8", text_field: str | None = None, start: int = 0
) -> tuple[list[Record], list[Problem]]:
    """Parse lines."""
    raw = data.encode() if isinstance(data, str) else data
    records, problems = parse_records(block_of(raw, encoding=encoding, text_field=text_field, start=start))
    return [plain(record) for record in records], problems


def plain(record: Record) -> Record:
    """Return a record with its text as ``str``: a parser may give it as UTF-8 too."""
    if not isinstance(record.text, str):
        record.text = bytes(record.text).decode()
    return record


def one(data: bytes | str, *, text_field: str | None = None) -> Record:
    """Parse one line that has no problem."""
    records, problems = parse(data, text_field=text_field)
    assert problems == []
    (record,) = records
    return record


def problem_of(data: bytes | str, *, text_field: str | None = None, start: int = 0) -> tuple[Record, Problem]:
    """Parse one line that has one problem."""
    ((record,), (problem,)) = parse(data, text_field=text_field, start=start)
    assert problem.source == "d/a.jsonl"
    return record, problem


def test_a_record_has_its_fields_and_place() -> None:
    """Title, date and address are recognized, the rest is kept as JSON, and the span includes the line feed."""
    line = '{"id": 7, "text": "正文", "title": "题", "publish_date": "2024-01-02", "url": "http://a.cn/1", "x": [1]}\n'
    assert parse(line + '{"text": "b"}', start=100) == (
        [
            Record(
                *("正文", 3, 100, 100 + len(line.encode()), "utf-8", 0),
                *("题", "2024-01-02", "http://a.cn/1", b'{"id":7,"x":[1]}'),
            ),
            Record("b", 4, 100 + len(line.encode()), 113 + len(line.encode()), "utf-8"),
        ],
        [],
    )


@pytest.mark.parametrize(
    "name", ["text", "Content", "full_text", "BODY", "raw_content", "正文", "内容", "全文", "文本"]
)
def test_usual_names_of_text_are_found(name: str) -> None:
    """In any case, in English and Chinese."""
    record = one(json.dumps({"id": "1", name: "x"}))
    assert (record.text, record.meta) == ("x", b'{"id":"1"}')


def test_the_preferred_name_wins_and_the_other_is_kept() -> None:
    """The answer depends on the record alone, not on the records before it."""
    lines = ['{"content": "a"}', '{"content": "b", "text": "c"}']
    assert [record.text for record in parse("\n".join(lines))[0]] == ["a", "c"]
    assert one(lines[1]).meta == b'{"content":"b"}'


def test_a_field_that_holds_nothing_gives_way() -> None:
    """An empty or wrong field of a better name does not hide the text."""
    assert one('{"text": null, "content": "a"}').text == "a"
    assert one('{"text": " ", "content": "a"}').text == "a"
    assert one('{"text": "", "content": ""}').text == ""
    assert one('{"TEXT": null, "text": "a"}').text == "a"


def test_a_named_field_is_the_only_one() -> None:
    """With a name given, no other is tried."""
    assert one('{"text": "a", "description": "b"}', text_field="description").text == "b"
    record, problem = problem_of('{"text": "a", "id": 1}', text_field="description")
    assert record.lost is Lost.NO_TEXT
    assert problem.message == (
        "The record has no field 'description' (its fields: text, id) and is in the ledger as it stands."
        " Name the right one with --text-field."
    )


@pytest.mark.parametrize(
    ("value", "date", "meta"),
    [
        ('"2024年1月"', "2024年1月", None),
        ("20240102", "20240102", None),
        ("1.5", "1.5", None),
        ("null", None, b'{"date":null}'),
        ("true", None, b'{"date":true}'),
        ('{"$date":1}', None, b'{"date":{"$date":1}}'),
        ('""', None, b'{"date":""}'),
    ],
)
def test_dates_stay_as_found(value: str, date: str | None, meta: bytes | None) -> None:
    """A text or number is the date, and anything else is kept with the rest."""
    record = one(f'{{"text":"x","date":{value}}}')
    assert (record.date, record.meta) == (date, meta)


def test_empty_lines_count_and_are_no_records() -> None:
    """The number of a record is that of its line."""
    records, problems = parse(b'\n \t\r\n{"text":"a"}\r\n\n{"text":"b"}\n\n')
    assert [(record.text, record.record, record.start, record.end) for record in records] == [
        ("a", 5, 5, 19),
        ("b", 7, 20, 33),
    ]
    assert problems == []


def test_a_line_that_is_no_json_goes_to_the_ledger() -> None:
    """It is kept as it stands, with its place and the reason."""
    record, problem = problem_of('{"text": "未完\n')
    assert record == Record('{"text": "未完\n', 3, 0, 17, "utf-8", lost=Lost.UNPARSED)
    assert problem == Problem(
        "d/a.jsonl",
        "The line is not JSON (unterminated string starting at character 10) and is in the ledger as it stands."
        " Repair it, and run again.",
        0,
    )


@pytest.mark.parametrize(
    "line", ["[" * 100_000, '{"a":' * 5_000 + "1" + "}" * 5_000, '{"text": "a\t", "n": ' + "9" * 5_000 + "}"]
)
def test_hostile_json_goes_to_the_ledger(line: str) -> None:
    """Depth and size that no parser takes end in an entry."""
    record, problem = problem_of(line)
    assert (record.text, record.lost) == (line, Lost.UNPARSED)
    assert problem.message == (
        "The line is not JSON (it is nested too deeply, or a number in it is too long) and is in the ledger as it"
        " stands. Repair it, and run again."
    )


def test_a_record_without_a_text_goes_to_the_ledger() -> None:
    """The message names the fields that there are."""
    line = '{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9}'
    record, problem = problem_of(line, start=50)
    assert record == Record(line, 3, 50, 50 + len(line), "utf-8", lost=Lost.NO_TEXT)
    assert problem == Problem(
        "d/a.jsonl",
        "The record has no field with a usual name for text (its fields: a, b, c, d, e, f, g, h) and is in the ledger"
        " as it stands. Name the right one with --text-field.",
        50,
    )


@pytest.mark.parametrize(
    ("value", "called"),
    [("1", "a number"), ("null", "null"), ("true", "true or false"), ('["a"]', "a list"), ('{"a":"b"}', "an object")],
)
def test_a_text_that_is_no_string_goes_to_the_ledger(value: str, called: str) -> None:
    """The message says what it is instead."""
    record, problem = problem_of(f'{{"text": {value}}}')
    assert record.lost is Lost.NOT_TEXT
    assert problem.message == (
        f"The field 'text' holds {called}, not text, and is in the ledger as it stands."
        " Repair it, or name another field with --text-field."
    )


@pytest.mark.parametrize(
    ("line", "called"), [('["a"]', "a list"), ('"a"', "text"), ("12", "a number"), ("null", "null")]
)
def test_a_line_that_is_no_object_goes_to_the_ledger(line: str, called: str) -> None:
    """The message says what it is instead."""
    record, problem = problem_of(line)
    assert (record.text, record.lost) == (line, Lost.NOT_TEXT)
    assert problem.message == (
        f"The line holds {called}, not an object; it is in the ledger as it stands."
        " Write one object per line, with the text in a field."
    )


@pytest.mark.parametrize("line", [b'{"text":"a\\u0000b\\u0000"}', b'{"text":"a\0b\0"}'])
def test_nul_characters_are_told(line: bytes) -> None:
    """The record is kept, and the rule for characters finds them in it."""
    record, problem = problem_of(line)
    assert (record.text, record.lost) == ("a\0b\0", None)
    assert problem.message == (
        "The text has NUL characters (2), which were dropped. Look at the record if its text matters."
    )


def test_lone_surrogates_are_replaced() -> None:
    """The place of the first one is named, and pairs before it are none."""
    start = '{"title": "\\ud83d\\ude00 \\\\ud800", "text": "'
    record, problem = problem_of(start + 'a\\udc00\\ud800b\\ud83d\\ude00", "x": "\\ud800"}')
    assert (record.title, record.text) == ("😀 \\ud800", "a\ufffd\ufffdb😀")
    assert record.meta == b'{"x":"\\ud800"}'
    assert problem == Problem(
        "d/a.jsonl",
        "The record has 2 halves of surrogate pairs without the other half, which U+FFFD replaced."
        " Look at the record if its text matters.",
        len(start) + 1,
    )


def test_numbers_keep_their_digits() -> None:
    """An integer of more than 64 bits is not rounded on its way to the rest."""
    line = '{"text":"x","n":123456789012345678901234567890,"m":[-1e300,0.1,18446744073709551616],"s":"中:1e5"}'
    meta = one(line).meta
    assert meta is not None
    assert json.loads(meta) == {
        "n": 123456789012345678901234567890,
        "m": [-1e300, 0.1, 18446744073709551616],
        "s": "中:1e5",
    }


def test_what_other_programs_write_is_read() -> None:
    """NaN, raw control characters, a mark of byte order and numbers of any size are no reason to lose a text."""
    record = one(b'\xef\xbb\xbf{"text":"a\tb\x01","score":NaN,"n":123456789012345678901234567890}\n')
    assert (record.text, record.start, record.end) == ("a\tb\x01", 0, 66)
    assert record.meta is not None
    meta = json.loads(record.meta)
    assert meta["score"] is None or math.isnan(meta["score"])


@pytest.mark.parametrize("name", ["gb18030", "big5hkscs", "utf-16-le", "utf-16-be", "utf-32-le", "cp932"])
def test_other_encodings_are_read(name: str) -> None:
    """Spans are those of the bytes as they are, and a backslash inside a character is none."""
    lines = [json.dumps({"text": text, "n": place}, ensure_ascii=False) + "\r\n" for place, text in enumerate("功許表")]
    records, problems = parse("".join(lines).encode(name, "ignore"), encoding=name)
    assert problems == []
    assert [record.meta for record in records] == [b'{"n":0}', b'{"n":1}', b'{"n":2}']
    assert [record.text for record in records] == [c.encode(name, "ignore").decode(name) for c in "功許表"]
    assert records[1].start == records[0].end == len(lines[0].encode(name, "ignore"))
    assert {record.encoding for record in records} == {name}


def test_a_line_of_another_encoding_is_read() -> None:
    """Mixed dumps are common: each line is read by itself."""
    text = "政府工作报告，各位代表，请予审议。"
    lines = [json.dumps({"text": text}, ensure_ascii=False).encode(name) for name in ("utf-8", "gb18030", "utf-8")]
    records, problems = parse(b"\n".join(lines))
    assert problems == []
    assert [(record.text, record.encoding) for record in records] == [
        (text, "utf-8"),
        (text, "gb18030"),
        (text, "utf-8"),
    ]
    assert [record.text for record in parse(b"\n".join(lines), encoding="gb18030")[0]] == [text] * 3


def test_bad_bytes_of_a_record_are_counted() -> None:
    """One bad byte costs one character of its record and nothing of the next."""
    text = "政府工作报告，各位代表，请予审议。"
    line = json.dumps({"text": text}, ensure_ascii=False).encode()
    records, _ = parse(line.replace("，".encode(), b"\xff", 1) + b"\n" + line)
    assert [(record.text, record.bad_bytes) for record in records] == [(text.replace("，", "\ufffd", 1), 1), (text, 0)]


def test_many_problems_end_in_a_count() -> None:
    """A person reads the first ones, and learns how many more there are and from where on."""
    records, problems = parse(b"no\n" * 50)
    assert len(records) == 50
    assert len(problems) == record_module.MAX_PROBLEMS_PER_BLOCK + 1
    assert problems[-1] == Problem(
        "d/a.jsonl", "From here on there are 30 more such problems. Repair the first ones first.", 60
    )


def test_shapes_of_records_do_not_fill_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each record may have other fields."""
    monkeypatch.setattr(record_module, "MAX_SHAPES", 5)
    records, _ = parse("\n".join(f'{{"text": "a", "x{number}": 1}}' for number in range(100)))
    assert len(records) == 100


@pytest.mark.parametrize(
    "line",
    [
        '{"text": "' + " " * 100 + '", "content": "b"}',
        '{"text": "y", "n": 123456789012345678901234567890}',
        '{"text": "y", "text": "z"}',
        '{"te\\u0078t": "y"}',
        '{"text": "a\\u0000b\\ud83d\\ude00\\n"}',
        '{"content": "c", "text": 1}',
    ],
)
@pytest.mark.parametrize("first", ["", "[1]", '{"text": "x"}', '{"content": "x"}', '{"text": "\udcff"}'])
def test_a_line_reads_the_same_behind_any_other(line: str, first: str) -> None:
    """Where blocks are cut decides what a line is read with, and must not show in its record."""
    (alone,), _ = parse(line)
    record = parse(first.encode("utf-8", "surrogateescape") + b"\n" + line.encode())[0][-1]
    assert (record.text, record.meta, record.lost) == (alone.text, alone.meta, alone.lost)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=4,
)
LINES = st.one_of(
    st.builds(
        lambda extra, text, name: json.dumps({**extra, name: text}, ensure_ascii=False).encode("utf-8", "replace"),
        st.dictionaries(st.text(max_size=5), VALUES, max_size=3),
        st.text(max_size=20),
        st.sampled_from(["text", "content", "正文", "other"]),
    ),
    st.binary(max_size=20).map(lambda data: data.replace(b"\n", b"")),
    st.just(b""),
)


@given(lines=st.lists(LINES, max_size=8), start=st.integers(0, 1 << 40), final=st.booleans())
@settings(deadline=None)
def test_spans_tile_and_replay(lines: list[bytes], start: int, final: bool) -> None:  # noqa: FBT001
    """Each span is one line, and the line alone gives the same record."""
    data = b"\n".join(lines) + b"\n" * final
    records, _ = parse_records(block_of(data, start=start))
    rows = data.split(b"\n")
    for record in records:
        piece = data[record.start - start : record.end - start]
        assert piece.rstrip(b"\n") == rows[record.record - 3]
        (again,) = parse_records(block_of(piece, start=record.start))[0]
        again.record = record.record
        assert plain(again) == plain(record)
    numbers = {record.record for record in records}
    blank = {number for number, row in enumerate(rows, 3) if not decode(row).as_text().strip()}
    assert numbers | blank == set(range(3, 3 + len(rows)))


@given(fields=st.dictionaries(st.text(max_size=6), VALUES, max_size=5), text=st.text(max_size=30))
def test_nothing_of_an_object_is_lost(fields: dict[str, Any], text: str) -> None:
    """Text, title, date, address and the rest together are what the line held."""
    fields["text"] = text
    record = parse(orjson.dumps(fields))[0][0]
    back = {} if record.meta is None else orjson.loads(record.meta)
    taken = {name: value for name, value in fields.items() if name not in back}
    assert {name: fields[name] for name in back} == back
    found = [value for value in (record.text, record.title, record.url, record.date) if value is not None]
    assert sorted(map(str, taken.values())) == sorted(map(str, found))
