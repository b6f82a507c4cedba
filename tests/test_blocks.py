"""A source is read as blocks of whole records, whatever it holds."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import random
import tracemalloc
from collections.abc import Callable, Generator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taoxi.normalize.containers.opening import Opened
from taoxi.normalize.encodings.decoding import decode
from taoxi.normalize.formats import elements, jsonl, table, windows
from taoxi.normalize.formats.blocks import Settings
from taoxi.normalize.formats.layout import HEAD, column_names
from taoxi.normalize.inputs import read_input
from taoxi.normalize.model import Block, Format, Layout, Problem, Record, Source, SourceFate
from taoxi.normalize.sources import expand

REPORT = "政府工作报告\n各位代表：现在，我代表市人民政府向大会报告工作，请予审议。\n一、过去一年工作回顾\n"


def reading_of(
    source: Source,
    report: Callable[[int], None] = lambda _: None,
    **options: Any,  # noqa: ANN401
) -> Generator[Block | SourceFate, None, None]:
    """Read a source as a run does, with ``options`` in place of its settings."""
    settings = {"block_bytes": 16 << 20, "max_record": 256 << 20, "max_expand": 1 << 40, **options}
    return read_input(source, lambda _: 5, Settings(**settings), report)


def read(source: Source, **options: Any) -> tuple[list[Block], SourceFate]:  # noqa: ANN401
    """Read a source whole."""
    *blocks, fate = reading_of(source, **options)
    assert isinstance(fate, SourceFate)
    return [block for block in blocks if isinstance(block, Block)], fate


@pytest.fixture
def store(tmp_path: Path) -> Callable[..., Source]:
    """Return a function that writes a file and returns its source."""

    def write(data: bytes, name: str = "file") -> Source:
        path = tmp_path / name
        path.write_bytes(data)
        return Source(str(path), name, "", size=len(data))

    return write


Store = Callable[..., Source]


def records_of(blocks: list[Block]) -> list[Record]:
    """Return the records of blocks of JSON or CSV, their texts as ``str``."""
    module = {Format.JSONL: jsonl, Format.JSON: elements, Format.CSV: table}
    records = [record for block in blocks for record in module[block.layout.format].parse_records(block)[0]]
    for record in records:
        if not isinstance(record.text, str):
            record.text = bytes(record.text).decode()
    return records


def refusal(source: Source, **options: Any) -> tuple[str, str]:  # noqa: ANN401
    """Return format and message of a source that is not read."""
    blocks, fate = read(source, **options)
    assert blocks == []
    assert (fate.sha256, fate.encoding, fate.bytes) == (None, None, source.size)
    (problem,) = fate.problems
    return fate.format, problem.message


# Text


def test_a_text_is_one_block(store: Store) -> None:
    """The fate names format, encoding, size and hash of what is stored."""
    raw = gzip.compress(REPORT.encode("gb18030"))
    source = store(raw)
    seen: list[int] = []
    blocks, fate = read(source, report=seen.append, block_bytes=10)
    layout = Layout(Format.TEXT, "gb18030")
    assert blocks == [Block(source, 5, layout, 0, 0, REPORT.encode("gb18030"))]
    assert fate == SourceFate(5, source, "text", "gb18030", len(raw), hashlib.sha256(raw).hexdigest())
    assert seen[-1] == len(raw)
    assert seen == sorted(seen)


@pytest.mark.parametrize(
    ("window", "rest"),
    [
        ("府" * 60 + "\n--- \n" + "者\n" * 2 + "\n府府", "--- \n者\n者\n\n府府"),
        ("府" * 60 + "\n\n府府府府\n者者", "府府府府\n者者"),
        ("府" * 60 + "\r\n\r\n府府\r\n者者", "府府\r\n者者"),
        ("府" * 60 + "\r\n者者\r\n者者", "者者"),
        ("府" * 60 + "\r\n者者\r", "者者\r"),
        ("府" * 60 + "\r", "\r"),
        ("府" * 60 + "😀", ""),
        ("----\n\n" + "府" * 60, ""),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16-le", "utf-16-be", "utf-32-be"])
def test_a_large_text_is_cut_where_it_harms_least(window: str, rest: str, encoding: str) -> None:
    """Before a delimiter, else behind an empty line, else behind a line, else between characters."""
    data = window.encode(encoding)
    assert data[windows.cut_window(data, encoding) :].decode(encoding) == rest


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "big5", "cp932", "euc_kr", "utf-16-le", "utf-32-be"])
def test_a_line_without_end_is_cut_between_characters(encoding: str) -> None:
    """Wherever the window ends."""
    data = ("문서" * 50 if encoding == "euc_kr" else "文字" * 50).encode(encoding)
    for size in range(40, 60):
        cut = windows.cut_window(data[:size], encoding)
        assert size - 4 < cut <= size
        assert data[:cut].decode(encoding) + data[cut:].decode(encoding) == data.decode(encoding)


@given(
    text=st.text(alphabet="文字a \n\r-\v😀", min_size=1, max_size=300),
    window=st.integers(2, 30).map(lambda units: 4 * units),
    encoding=st.sampled_from(["utf-8", "gb18030", "utf-16-le", "utf-16-be", "utf-32-le", "cp932"]),
)
@settings(deadline=None, max_examples=200)
def test_windows_tile_the_text(text: str, window: int, encoding: str) -> None:
    """No byte is lost, no character and no pair of carriage return and line feed is cut."""
    text = text.encode(encoding, "ignore").decode(encoding)
    data = text.encode(encoding)
    place = 0
    pieces = []
    while place < len(data):
        piece = data[place : place + window]
        if place + window < len(data):
            piece = piece[: windows.cut_window(piece, encoding)]
        pieces.append(piece.decode(encoding))
        place += len(piece)
    assert "".join(pieces) == text
    assert all(pieces)
    for before, after in pairwise(pieces):
        assert not (before.endswith("\r") and after.startswith("\n"))


def test_windows_do_not_depend_on_blocks(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The size of a batch never shows in the result."""
    monkeypatch.setattr(windows, "TEXT_WINDOW", 1 << 10)
    source = store((REPORT * 100).encode())
    assert read(source, block_bytes=64)[0] == read(source, block_bytes=1 << 20)[0]


def test_the_mark_of_byte_order_belongs_to_the_first_window(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Later windows have none, and are read by the codec that it named."""
    monkeypatch.setattr(windows, "TEXT_WINDOW", 1 << 10)
    data = ("\ufeff" + REPORT * 100).encode("utf-16-be")
    blocks, _ = read(store(data))
    assert "".join(decode(block.data, block.layout.encoding).as_text() for block in blocks) == REPORT * 100
    assert b"".join(block.data for block in blocks) == data


# Records


def lines_of(count: int) -> list[bytes]:
    """Return lines of JSON of many sizes, some empty, some odd."""
    random_ = random.Random(count)
    return [
        random_.choice([b"", b"{}", b"not json", json.dumps({"text": "字" * random_.randrange(60)}).encode()])
        for _ in range(count)
    ]


@given(
    count=st.integers(1, 30),
    block_bytes=st.integers(1, 500),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16-le", "utf-16", "utf-32-be"]),
    final=st.booleans(),
)
@settings(deadline=None, max_examples=100)
def test_blocks_of_any_size_give_the_same_records(
    tmp_path_factory: pytest.TempPathFactory, *, count: int, block_bytes: int, encoding: str, final: bool
) -> None:
    """Blocks tile the source, hold whole lines, and together the records of one large block."""
    data = (b'{"text": "first"}\n' + b"\n".join(lines_of(count)) + b"\n" * final).decode().encode(encoding)
    path = tmp_path_factory.mktemp("blocks") / "a.jsonl"
    path.write_bytes(data)
    source = Source(str(path), "a.jsonl", "")
    blocks, fate = read(source, block_bytes=block_bytes, format="jsonl")
    assert b"".join(block.data for block in blocks) == data
    assert [block.start for block in blocks] == [
        sum(len(before.data) for before in blocks[:place]) for place in range(len(blocks))
    ]
    whole, _ = read(source, format="jsonl")
    assert records_of(blocks) == records_of(whole)
    assert (fate.format, fate.problems) == ("jsonl", ())


@given(
    rows=st.lists(st.lists(st.text(alphabet='a字",\n\r;', max_size=9), min_size=2, max_size=3), max_size=12),
    block_bytes=st.integers(1, 300),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16-le", "utf-16"]),
    quoting=st.booleans(),
)
@settings(deadline=None, max_examples=150)
def test_blocks_of_rows_give_the_same_records(
    tmp_path_factory: pytest.TempPathFactory, *, rows: list[list[str]], block_bytes: int, encoding: str, quoting: bool
) -> None:
    """Quotes that a block ends in go on in the next one."""
    lines = [",".join('"' + cell.replace('"', '""') + '"' if quoting else cell for cell in row) for row in rows]
    header = "标题,正文\r\n"
    data = (header + "\n".join(lines)).encode(encoding)
    path = tmp_path_factory.mktemp("blocks") / "a.csv"
    path.write_bytes(data)
    source = Source(str(path), "a.csv", "")
    blocks, fate = read(source, block_bytes=block_bytes, format="csv")
    assert b"".join(block.data for block in blocks) == data[len(header.encode(encoding)) :]
    whole, _ = read(source, format="csv")
    assert records_of(blocks) == records_of(whole)
    assert fate.format == "csv"


def test_a_line_that_is_too_long_is_left_out(store: Store) -> None:
    """Its place is told, its number counted, and the lines around it are read, whatever the size of a block."""
    lines = [b'{"text": "a"}', b'{"text": "' + b"x" * 5_000 + b'"}', b'{"text": "b"}', b'{"text": "' + b"y" * 3_000]
    source = store(b"\n".join(lines))
    for size in (1, 100, 777, 1_000, 4_096, 1 << 20):
        blocks, fate = read(source, block_bytes=size, max_record=1_000)
        assert [(record.text, record.record, record.start) for record in records_of(blocks)] == [
            ("a", 0, 0),
            ("b", 2, 14 + 5_013),
        ]
        assert fate.problems == (
            Problem(
                "file",
                "Record 1 takes 5,013 bytes (up to byte 5,027), more than the 1,000 that one record may have, and was"
                " left out. Split it, or raise max_record.",
                14,
            ),
            Problem(
                "file",
                "Record 3 takes 3,010 bytes (up to byte 8,051), more than the 1,000 that one record may have, and was"
                " left out. Split it, or raise max_record.",
                5_041,
            ),
        )


@given(sizes=st.lists(st.integers(1, 60), min_size=1, max_size=12), most=st.integers(20, 50), block=st.integers(1, 99))
@settings(deadline=None)
def test_what_is_too_long_does_not_depend_on_blocks(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], most: int, block: int
) -> None:
    """A line is left out if and only if it takes more bytes than a record may have."""
    data = b"".join(b"x" * (size - 1) + b"\n" for size in sizes)
    path = tmp_path_factory.mktemp("long") / "a.jsonl"
    path.write_bytes(data)
    blocks, fate = read(Source(str(path), "a", ""), format="jsonl", max_record=most, block_bytes=block)
    kept = [record.record for record in records_of(blocks)]
    assert kept == [number for number, size in enumerate(sizes) if 1 < size <= most]
    assert len(fate.problems) == sum(size > most for size in sizes)


def test_a_gigantic_line_takes_bounded_memory(store: Store) -> None:
    """What is too long is passed over without being held."""
    source = store(gzip.compress(b'{"text": "' + b"x" * (64 << 20) + b'"}\n{"text": "b"}\n', 1))
    tracemalloc.start()
    blocks, fate = read(source, block_bytes=1 << 20, max_record=2 << 20)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [record.text for record in records_of(blocks)] == ["b"]
    assert len(fate.problems) == 1
    assert peak < 16 << 20


def test_ten_megabytes_on_a_line_are_read(store: Store) -> None:
    """A long line is nothing special."""
    text = "字" * 3_500_000
    blocks, fate = read(store(json.dumps({"text": text}, ensure_ascii=False).encode()), block_bytes=1 << 20)
    assert [record.text for record in records_of(blocks)] == [text]
    assert fate.problems == ()


def test_an_open_quote_is_told(store: Store) -> None:
    """The text is kept as one field, and a person learns where it opens."""
    blocks, fate = read(store(b'id,text\n1,a\n2,"open\nto the end\n'))
    assert [record.text for record in records_of(blocks)] == ["a", "open\nto the end\n"]
    assert fate.problems == (
        Problem(
            "file",
            "A quote opens in the row at byte 12 and is never closed, so what follows was read as one field."
            " Close it, and run again.",
            12,
        ),
    )


def test_the_header_is_found_behind_empty_rows(store: Store) -> None:
    """Record 0 is the first row of data, and spans count from the start of the file."""
    data = "\ufeff\r\n\r\nid,text\r\n1,甲\r\n".encode()
    blocks, _ = read(store(data))
    (record,) = records_of(blocks)
    assert (record.text, record.record, data[record.start : record.end].decode()) == ("甲", 0, "1,甲\r\n")


# What a source is


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        (b'{"text": "a"}\n{"text": "b"}\n', "x.txt", Format.JSONL),
        (b'\xef\xbb\xbf{"text": "a"}', "x", Format.JSONL),
        (b'\n\n  {"a": 1}\n', "x", Format.JSONL),
        (b'{"text": "cut in the mid', "x.jsonl.gz", Format.JSONL),
        (b'broken\n{"text": "a"}\n', "x.JSONL", Format.JSONL),
        (b'{"text": "a"\n{"text": "b"}\n{"text": "c"}\n', "x", Format.JSONL),
        (b'{"text": "' + b"a" * HEAD, "x", Format.JSONL),
        (b"broken\nlines\n", "x.jsonl", Format.TEXT),
        (b"{ this is prose }\n", "x", Format.TEXT),
        (b"[1] a footnote\n", "x", Format.TEXT),
        (b"[2024]\n", "x", Format.TEXT),
        (b"id,text\n1,a\n", "x", Format.CSV),
        (b"id\ttext\n1\ta\n", "x", Format.CSV),
        (b"id;Text;x\n1;a;b\n", "x", Format.CSV),
        (b"id|content\n1|a\n", "x", Format.CSV),
        ("编号,正文\r\n1,甲\r\n".encode("gb18030"), "x", Format.CSV),
        ("编号,正文\r\n1,甲\r\n".encode("utf-16"), "x", Format.CSV),
        (b"text\na\nb\n", "x.csv", Format.CSV),
        (b"text\na\nb\n", "x.txt", Format.TEXT),
        (b"text, content\nThis is prose without the sign.\nMore of it.\n", "x", Format.TEXT),
        ("内容,时间,地点\n会议于今天召开。\n大家都来了。\n".encode(), "x", Format.TEXT),
        (b"id,text\n" + b'1,"' + b"a" * HEAD + b'"\n', "x.csv", Format.CSV),
        (REPORT.encode("utf-16-le"), "x.jsonl", Format.TEXT),
        (b"a few \0 NUL \0 bytes\n" * 3, "x", Format.TEXT),
        (b"\x01\x02\x03", "x", Format.TEXT),
    ],
)
def test_the_format_is_found_by_content(store: Store, data: bytes, name: str, expected: Format) -> None:
    """The ending counts only where the content leaves a doubt."""
    blocks, fate = read(store(data, name))
    assert {block.layout.format for block in blocks} == {expected}
    assert fate.format == expected


@pytest.mark.parametrize("format_", ["text", "jsonl", "csv"])
def test_a_format_that_is_given_wins(store: Store, format_: str) -> None:
    """The content is not asked."""
    _, fate = read(store(b'{"text": "a"},text\n'), format=format_, text_field="text")
    assert fate.format == format_


@pytest.mark.parametrize(
    ("data", "depth"),
    [
        (b'[{"text": "a"}]', 1),
        (b'["a", "b"]', 1),
        (b"[]", 1),
        (b'[\n  {"text": "' + b"a" * HEAD, 1),
        (b'[{"text": "a"}, {"text": "cut sho', 1),
        (b'{\n  "text": "a"\n}\n', 0),
        (b'{\n  "text": "' + b"a" * HEAD, 0),
        (b'{"text": "a"}{"text": "b"}', 0),
        (b'{"count": 2, "data": [{"text": "a"}]}', 2),
        (b'{"count": 2, "data": [{"text": "' + b"a" * HEAD, 2),
        (b'{"hits": {"hits": [{"_source": {"text": "a"}}]}}', 3),
    ],
)
def test_json_that_is_no_lines_is_found(store: Store, data: bytes, depth: int) -> None:
    """A list, documents in a row, an object that holds the list: told by content, with the brackets around a record."""
    blocks, fate = read(store(data))
    assert fate.format == "json"
    assert {block.layout.depth for block in blocks} == {depth}


@pytest.mark.parametrize(
    ("data", "name", "options", "message"),
    [
        (
            b"id,summary\n1,a\n",
            "x.csv",
            {},
            (
                "It has no column with a usual name for text (its columns: id, summary). Name the right one with"
                " --text-field."
            ),
        ),
        (
            b"id,text\n1,a\n",
            "x.csv",
            {"text_field": "body"},
            "It has no column 'body' (its columns: id, text). Name the right one with --text-field.",
        ),
        (
            b"\n\n",
            "x",
            {"format": "csv"},
            "It has no column with a usual name for text (its columns: none). Name the right one with --text-field.",
        ),
    ],
)
def test_a_table_without_its_text_is_refused(
    store: Store, data: bytes, name: str, options: dict[str, str], message: str
) -> None:
    """The message names the columns that there are."""
    assert refusal(store(data, name), **options) == ("csv", message)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            b"Rar!\x1a\x07\x01\0",
            (
                "This is a RAR archive, which this version does not open. Unpack it first, as unar does, or turn it"
                " into tar, as bsdtar does."
            ),
        ),
        (
            b"%PDF-1.7\n",
            "This is a PDF document, which this version does not open. Convert it to text first, or leave it out.",
        ),
        (
            gzip.compress(gzip.compress(b"twice", mtime=0), mtime=0),
            "This is a gz stream in a compressed stream, which this version does not open. Decompress it once first.",
        ),
        (
            b"ARROW1\0\0\x10",
            "This is an Arrow file, which this version does not open. Write its text column as JSONL or CSV first.",
        ),
    ],
)
def test_a_known_kind_of_file_is_named(store: Store, data: bytes, message: str) -> None:
    """It is told what it is and what to do."""
    assert refusal(store(data)) == ("binary", message)


def test_text_that_begins_like_a_file_is_text(store: Store) -> None:
    """Signatures of plain letters count only beside control characters."""
    for data in (b"ID3 tags are a standard.\n", b"ORC is a format.\n"):
        assert read(store(data))[1].format == "text"


def test_noise_is_refused(store: Store) -> None:
    """The message says by what it was told."""
    data = random.Random(1).randbytes(10_000)
    controls = sum(byte < 32 and byte not in b"\t\n\v\f\r\x1b" for byte in data)
    assert refusal(store(data)) == (
        "binary",
        (
            f"This is no text: {controls:,} of its first 10,000 bytes are control characters."
            " Convert it to text first, or leave it out."
        ),
    )


@pytest.mark.parametrize("data", [b"", gzip.compress(b"", mtime=0)])
def test_an_empty_source_is_told(store: Store, data: bytes) -> None:
    """Also when it is empty only after decompression."""
    source = store(data)
    blocks, fate = read(source)
    assert blocks == []
    assert fate == SourceFate(
        *(5, source, "empty", None, len(data), hashlib.sha256(data).hexdigest()),
        (Problem("file", "There is nothing in it. Leave it out, or fetch it again if it should hold text."),),
    )


def test_damage_before_the_first_byte_is_the_only_problem(store: Store) -> None:
    """A stream that gives nothing is unreadable, not empty."""
    blocks, fate = read(store(gzip.compress(b"text")[:5]))
    assert (blocks, fate.format) == ([], "unreadable")
    assert [problem.message for problem in fate.problems] == [
        (
            "The gz stream is cut short: it ends in the middle, after 5 compressed bytes."
            " What came before was read; fetch the file again for the rest."
        )
    ]


def test_what_comes_before_a_break_is_read(store: Store) -> None:
    """Lines before the end of a truncated stream are records, and the last one is what there is of it."""
    lines = b"".join(b'{"text": "%d"}\n' % number for number in range(10_000))
    raw = gzip.compress(lines)
    blocks, fate = read(store(raw[: len(raw) // 2]))
    records = records_of(blocks)
    assert [record.text for record in records[:-1]] == [str(number) for number in range(len(records) - 1)]
    assert len(records) > 3_000
    (problem,) = fate.problems
    assert problem.byte == sum(len(block.data) for block in blocks)


def test_a_hidden_source_is_not_read() -> None:
    """It has its entry and no problem."""
    source = Source("nowhere", "d/.x", "d", size=7, hidden=True)
    assert read(source) == ([], SourceFate(5, source, "hidden", None, 7, None))


def test_an_error_of_the_walk_is_told() -> None:
    """It has its entry, and is not opened."""
    source = Source("nowhere", "d/x", "d", error="This is a socket. Take it out.")
    assert read(source) == (
        [],
        SourceFate(5, source, "unreadable", None, 0, None, (Problem("d/x", "This is a socket. Take it out."),)),
    )


def test_a_file_that_is_gone_is_told() -> None:
    """It was there when the folder was walked."""
    blocks, fate = read(Source("/nowhere/x", "x", "", size=10))
    assert (blocks, fate.format, fate.sha256) == ([], "unreadable", None)
    assert [problem.message for problem in fate.problems] == [
        "It cannot be opened (No such file or directory). Check the path and the disk, then run again."
    ]


def test_a_name_that_is_not_utf8_is_told_and_read(tmp_path: Path) -> None:
    """The content is no worse for its name."""
    path = os.fsdecode(os.fsencode(tmp_path) + b"/\xb9\xab\xb8\xe6.txt")
    Path(path).write_text(REPORT, encoding="utf-8")
    (source,) = expand([path])
    blocks, fate = read(source)
    assert blocks[0].data.decode() == REPORT
    assert fate.problems == (
        Problem(
            source.name,
            f"The name is not UTF-8 and is recorded as {source.name}. The content is read, but rename the file, so that"
            " its documents can be traced back to it.",
        ),
    )
    assert source.name.endswith(r"/\xb9\xab\xb8\xe6.txt")


def test_a_reader_that_is_left_closes_its_file(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that ends early leaves nothing open."""
    monkeypatch.setattr(windows, "TEXT_WINDOW", 1 << 10)
    closed: list[Opened] = []
    close = Opened.__exit__

    def leave(self: Opened, *what: Any) -> None:  # noqa: ANN401
        closed.append(self)
        close(self, *what)

    monkeypatch.setattr(Opened, "__exit__", leave)
    source = store((REPORT * 100).encode())
    reading = reading_of(source, block_bytes=1, max_record=1)
    next(reading)
    reading.close()
    assert [opened.source for opened in closed] == [source]


@given(
    head=st.sampled_from(
        [
            b"",
            b'{"text":',
            b"[{",
            b'[{"text":',
            b'{"data":[{"',
            b"id,text\n",
            b"\xff\xfe",
            b"\x1f\x8b\x08",
            b"BZh91AY&SY",
            b"\x28\xb5\x2f\xfd",
        ]
    ),
    data=st.binary(max_size=200),
    format_=st.sampled_from(["auto", "text", "jsonl", "json", "csv"]),
    ending=st.sampled_from(["", ".jsonl", ".csv", ".tsv"]),
)
@settings(deadline=None, max_examples=300)
def test_anything_ends_in_blocks_and_a_fate(
    tmp_path_factory: pytest.TempPathFactory, head: bytes, data: bytes, format_: str, ending: str
) -> None:
    """Nothing raises, and what is not read is told."""
    path = tmp_path_factory.mktemp("any") / f"x{ending}"
    path.write_bytes(head + data)
    blocks, fate = read(Source(str(path), path.name, ""), format=format_, block_bytes=16, max_record=64)
    assert fate.problems or sum(len(block.data) for block in blocks) <= len(head + data)
    if blocks:
        gaps = [gap for block in blocks for gap in block.gaps]
        spans = [(gap.start, gap.end) for gap in gaps]
        spans += [(block.start, block.start + len(block.data)) for block in blocks if block.data]
        spans.sort()
        assert [start for start, _ in spans] == [0, *(end for _, end in spans)][: len(spans)]
        if not fate.problems:
            assert spans[-1][1] == len(head + data)
    if fate.format == "text":
        for block in blocks:
            decode(block.data, block.layout.encoding)
    else:
        records_of(blocks)


def test_columns_have_names_of_their_own() -> None:
    """Empty and repeated names are numbered."""
    assert column_names(["a", "", "a", " a ", "a_3"]) == ("a", "column_2", "a_3", "a_4", "a_3_5")


def test_the_real_reports_are_read(shared: Path) -> None:
    """Each of the 31 files is one record with its title, address and date."""
    for source in expand([str(shared / "real" / "gov-2026")]):
        blocks, fate = read(source)
        (record,) = records_of(blocks)
        assert fate.problems == ()
        assert record.title
        assert record.url
        assert record.date
        assert record.end == source.size
        assert len(record.text) > 5_000


def test_the_real_pages_are_text(shared: Path) -> None:
    """Manuals in Markdown and raw dumps are read as they are."""
    for folder in ("dumps", "real/iotdb-zh"):
        for source in expand([str(shared / folder)]):
            _, fate = read(source)
            assert (fate.format, fate.encoding, fate.problems) == ("text", "utf-8", ())
