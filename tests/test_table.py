"""Rows of CSV become records with exact spans, cut as Python's own module cuts them."""

from __future__ import annotations

import csv
import io
import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taoxi.normalize.formats.quotes import RowScanner
from taoxi.normalize.formats.table import parse_records
from taoxi.normalize.model import Block, Format, Layout, Lost, Problem, Record, Source

SOURCE = Source("d/a.csv", "d/a.csv", "d")
COLUMNS = ("id", "title", "全文", "publish_date", "source_url")


def parse(
    data: bytes | str,
    *,
    encoding: str = "utf-8",
    columns: tuple[str, ...] = COLUMNS,
    delimiter: str = ",",
    text_field: str | None = None,
) -> tuple[list[Record], list[Problem]]:
    """Parse rows that begin at byte 100 of their source."""
    layout = Layout(Format.CSV, encoding, text_field, delimiter, columns)
    return parse_records(Block(SOURCE, 0, layout, 100, 0, data.encode(encoding) if isinstance(data, str) else data))


def test_a_row_has_its_fields_and_place() -> None:
    """Title, date and address are recognized, the rest is kept as JSON, and the span includes the line break."""
    first = '7,题,"第一行\r\n第二行，""引""",2024-01-02,http://a.cn/1\r\n'
    assert parse(first + "8,,b,,") == (
        [
            Record(
                *('第一行\r\n第二行，"引"', 0, 100, 100 + len(first.encode()), "utf-8", 0),
                *("题", "2024-01-02", "http://a.cn/1", b'{"id":"7"}'),
            ),
            Record(
                *("b", 1, 100 + len(first.encode()), 106 + len(first.encode()), "utf-8", 0, None, None, None),
                b'{"id":"8","title":"","publish_date":"","source_url":""}',
            ),
        ],
        [],
    )


def test_long_and_short_rows_are_read() -> None:
    """What is beyond the header is kept under numbers, and what is missing is missing."""
    records, problems = parse("1,t,x,d,u,more,still more\n2,t,x\n")
    assert [record.meta for record in records] == [
        b'{"id":"1","column_6":"more","column_7":"still more"}',
        b'{"id":"2"}',
    ]
    assert problems == []


def test_a_row_without_the_text_column_goes_to_the_ledger() -> None:
    """It is kept as it stands, and told."""
    assert parse("1,t\n") == (
        [Record("1,t\n", 0, 100, 104, "utf-8", lost=Lost.NO_TEXT)],
        [
            Problem(
                "d/a.csv",
                "The record has no field with a usual name for text (its fields: id, title) and is in the ledger as it"
                " stands. Name the right one with --text-field.",
                100,
            )
        ],
    )


def test_empty_rows_count_and_are_no_records() -> None:
    """The number of a record is that of its row."""
    records, _ = parse("\n\r\n1,t,x,d,u\r\r2,t,y,d,u\n\n")
    assert [(record.text, record.record, record.start, record.end) for record in records] == [
        ("x", 2, 103, 113),
        ("y", 4, 114, 124),
    ]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "gb18030", "big5hkscs"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_other_encodings_and_delimiters_are_read(encoding: str, delimiter: str) -> None:
    """Spans are those of the bytes as they are."""
    row = delimiter.join(["1", "題", f'"功{delimiter}\n""許"', "d", "u"]) + "\n"
    records, problems = parse(row * 2, encoding=encoding, delimiter=delimiter)
    size = len(row.encode(encoding))
    assert [(record.text, record.title, record.start, record.end) for record in records] == [
        (f'功{delimiter}\n"許', "題", 100, 100 + size),
        (f'功{delimiter}\n"許', "題", 100 + size, 100 + 2 * size),
    ]
    assert problems == []


def test_a_very_long_field_is_read() -> None:
    """The limit of the module is lifted."""
    text = "长\n" * 1_000_000
    records, problems = parse(f'1,t,"{text}",d,u\n')
    assert (records[0].text, problems) == (text, [])


def test_an_open_quote_keeps_its_text() -> None:
    """The last field goes to the end of the source."""
    records, _ = parse('1,t,"open\nto the end\n')
    assert [(record.text, record.end) for record in records] == [("open\nto the end\n", 121)]


def test_nul_and_bad_bytes_are_counted() -> None:
    """A row with strange bytes is a row."""
    text = "政府工作报告，各位代表，请予审议。"
    records, problems = parse(f"1,t,{text}\0,d,u\n".encode().replace("，".encode(), b"\xff", 1))
    assert (records[0].text, records[0].bad_bytes) == (text.replace("，", "\ufffd", 1) + "\0", 1)
    assert [problem.message for problem in problems] == [
        "The text has NUL characters (1), which were dropped. Look at the record if its text matters."
    ]


def test_a_named_column_is_the_text() -> None:
    """With a name given, no other is tried."""
    records, _ = parse("1,t,x,d,u\n", text_field="title")
    assert (records[0].text, records[0].title) == ("t", None)
    assert records[0].meta == json.dumps({"id": "1", "全文": "x"}, ensure_ascii=False, separators=(",", ":")).encode()


ROWS = st.text(alphabet='ab",\n\r政\0;', max_size=60)


def rows_of_python(text: str, delimiter: str) -> list[list[str]]:
    """Return the rows that Python's own module reads."""
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


@given(text=ROWS, delimiter=st.sampled_from([",", ";"]), cuts=st.lists(st.integers(0, 60), max_size=4))
@settings(deadline=None, max_examples=500)
def test_rows_end_where_python_ends_them(text: str, delimiter: str, cuts: list[int]) -> None:
    """Each span alone is one row of the whole, however the bytes came in chunks."""
    data = np.frombuffer(text.encode(), np.uint8)
    edges = sorted({0, len(data), *(min(cut, len(data)) for cut in cuts)})
    ends: list[int] = []
    scanner = RowScanner(delimiter)
    for start, end in pairwise(edges):
        ends += (scanner.feed(data[start:end]) + start).tolist()
    places = [0, *ends, len(data)] if not ends or ends[-1] != len(data) else [0, *ends]
    pieces = [bytes(data[start:end]).decode() for start, end in pairwise(places)]
    assert [row for piece in pieces if piece for row in rows_of_python(piece, delimiter)] == rows_of_python(
        text, delimiter
    )
    assert all(len(rows_of_python(piece, delimiter)) == 1 for piece in pieces if piece)


@given(rows=st.lists(st.lists(st.text(max_size=8), min_size=5, max_size=5), max_size=6))
@settings(deadline=None)
def test_what_was_written_comes_back(rows: list[list[str]]) -> None:
    """A file that Python writes is read cell by cell, and the spans tile it."""
    rows = [[cell.encode("utf-8", "ignore").decode() for cell in row] for row in rows]
    file = io.StringIO(newline="")
    csv.writer(file).writerows(rows)
    data = file.getvalue().encode()
    records, _ = parse(data)
    assert [record.text for record in records] == [row[2] for row in rows]
    assert [record.start for record in records] == [100, *(record.end for record in records)][: len(records)]
    assert not records or records[-1].end == 100 + len(data)
    for record in records:
        (again,) = parse(data[record.start - 100 : record.end - 100])[0]
        assert (again.text, again.title, again.date, again.url, again.meta) == (
            *(record.text, record.title, record.date, record.url, record.meta),
        )
