"""Web archives: what of WARC, WET and ARC becomes documents, and that every byte of the rest is accounted for."""

from __future__ import annotations

import gzip
import json
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taoxi.normalize.model import Block, Format, Layout, Source
from taoxi.normalize.web import http
from taoxi.normalize.web.cutting import CUTTERS, cut_blocks
from taoxi.normalize.web.warc import parse_records
from tests.support import Row, prose, run, unaccounted, whole

WANTED = frozenset({"text/html"})


def record(kind: str, content: bytes, *, length: int | None = None, **fields: str) -> bytes:
    """Return a WARC record; ``length`` is what it says of itself when that is not the truth."""
    lines = [f"WARC-Type: {kind}", *(f"{name.replace('_', '-')}: {value}" for name, value in fields.items())]
    lines.append(f"Content-Length: {len(content) if length is None else length}")
    return "\r\n".join(["WARC/1.0", *lines, "", ""]).encode() + content + b"\r\n\r\n"


def response(  # noqa: PLR0913 - what an answer may have
    body: bytes,
    *,
    status: int = 200,
    media: str = "text/html",
    length: int | None = None,
    number: int = 1,
    fields: dict[str, str] | None = None,
) -> bytes:
    """Return the record of an HTTP response."""
    head = [f"HTTP/1.1 {status} X", f"Content-Type: {media}"]
    head += [f"{name}: {value}" for name, value in (fields or {}).items()]
    content = "\r\n".join([*head, "", ""]).encode() + body
    return record(
        "response",
        content,
        length=length,
        WARC_Target_URI=f"http://News.example/{number}.html",
        WARC_Date="2020-05-06T07:08:09Z",
        Content_Type="application/http; msgtype=response",
    )


def page(seed: int) -> str:
    """Return a page of two paragraphs under a menu."""
    return (
        "<!DOCTYPE html><html><head><title>题</title></head><body><div class=nav><a href=/>首页</a></div>"
        f"<p>{prose(seed)}</p><p>{prose(seed + 1000)}</p></body></html>"
    )


def main(seed: int) -> str:
    """Return the main text of that page."""
    return f"{prose(seed)}\n{prose(seed + 1000)}"


INFO = record("warcinfo", b"software: x\r\n", Content_Type="application/warc-fields")


def archive() -> bytes:
    """Return an archive with a record of every kind."""
    return b"".join(
        [
            INFO,
            record("request", b"GET / HTTP/1.1\r\n\r\n", Content_Type="application/http; msgtype=request"),
            response(page(1).encode("gb18030"), media="text/html; charset=gb2312", number=1),
            record("metadata", b"via: x\r\n", Content_Type="application/warc-fields"),
            response(page(2).encode(), status=404, number=2),
            response(b"\x89PNG\r\n\x1a\n", media="image/png", number=3),
            response(b"<html></html>", status=301, number=4, fields={"Location": "/5"}),
            record("revisit", b"HTTP/1.1 200 OK\r\n\r\n", Content_Type="application/http; msgtype=response"),
            response(page(5).encode(), number=5),
            record("resource", page(6).encode(), WARC_Target_URI="http://b.example/6", Content_Type="text/html"),
            record("resource", prose(7).encode(), WARC_Target_URI="http://b.example/7", Content_Type="text/plain"),
            record("response", b"20200506070809\nexample. 60 IN A 1.2.3.4", Content_Type="text/dns"),
        ]
    )


def test_every_kind_of_record(tmp_path: Path) -> None:
    """Pages and texts are documents with address, date of the crawl and site; of the others there is a span."""
    data = archive()
    (tmp_path / "a.warc").write_bytes(data)
    (tmp_path / "b.warc.gz").write_bytes(
        b"".join(gzip.compress(b"WARC/1.0" + part) for part in data.split(b"WARC/1.0")[1:])
    )
    for name in ("a.warc", "b.warc.gz"):
        report, out = run(tmp_path / f"out-{name[0]}", tmp_path / name)
        assert report.problems == ()
        assert [(row["record"], row["text"]) for row in out.corpus] == [
            (2, main(1)),
            (8, main(5)),
            (9, main(6)),
            (10, prose(7)),
        ]
        assert [row["url"] for row in out.corpus[:3]] == [
            "http://News.example/1.html",
            "http://News.example/5.html",
            "http://b.example/6",
        ]
        assert [row["site"] for row in out.corpus] == ["news.example", "news.example", "b.example", "b.example"]
        assert json.loads(out.corpus[0]["meta"]) == {"warc-date": "2020-05-06T07:08:09Z"}
        spans = {
            row["record"]: (row["kind"], row["reason"], row["text"]) for row in out.ledger if row["kind"] == "record"
        }
        assert {number: reason for number, (_, reason, _) in spans.items()} == {
            **dict.fromkeys((0, 1, 3, 5, 7, 11), "not_page"),
            **dict.fromkeys((4, 6), "status"),
        }
        assert {(kind, text) for kind, _, text in spans.values()} == {("record", "")}
        assert unaccounted(len(data), [*out.corpus, *out.ledger]) == []
        for document in out.corpus[:3]:
            assert whole(document, out.ledger) == "首页\n" + document["text"]
        (source,) = out.sources
        assert (source["format"], source["records"], source["documents"]) == ("warc", 12, 4)


def test_wet_is_text(tmp_path: Path) -> None:
    """Conversions are texts with the address of their page."""
    data = INFO + record(
        "conversion", prose(1).encode(), WARC_Target_URI="http://a.example/", Content_Type="text/plain"
    )
    (tmp_path / "a.wet").write_bytes(data)
    _, out = run(tmp_path / "out", tmp_path / "a.wet")
    assert [(row["text"], row["url"], row["title"]) for row in out.corpus] == [(prose(1), "http://a.example/", None)]


def arc(url: str, content: bytes, media: str) -> bytes:
    """Return an ARC record."""
    return f"{url} 1.2.3.4 20020304050607 {media} {len(content)}\n".encode() + content + b"\n"


def test_arc(tmp_path: Path) -> None:
    """The archives before WARC are read too."""
    info = arc("filedesc://a.arc", b"1 0 X\nURL IP-address Archive-date Content-type Archive-length\n\n", "text/plain")
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + page(1).encode("gb18030")
    data = info + arc("http://a.example/1", answer, "text/html") + arc("http://a.example/2", b"GIF89a", "image/gif")
    (tmp_path / "a.arc").write_bytes(data)
    _, out = run(tmp_path / "out", tmp_path / "a.arc")
    assert [(row["record"], row["text"], row["url"]) for row in out.corpus] == [(1, main(1), "http://a.example/1")]
    assert json.loads(out.corpus[0]["meta"]) == {"warc-date": "2002-03-04T05:06:07Z"}
    assert unaccounted(len(data), [*out.corpus, *out.ledger]) == []


@pytest.mark.parametrize("length", [3, 700, 10**6, 10**12])
def test_a_wrong_length_costs_no_other_record(tmp_path: Path, length: int) -> None:
    """The next line that begins a record ends one that is shorter or longer than it says."""
    data = INFO + response(page(1).encode(), length=length) + response(page(2).encode()) + response(page(3).encode())
    (tmp_path / "a.warc").write_bytes(data)
    for size in (500, 1 << 22):
        report, out = run(tmp_path / str(size), tmp_path / "a.warc", batch_bytes=size)
        assert [row["text"] for row in out.corpus] == [main(1), main(2), main(3)]
        (problem,) = report.problems
        assert problem.byte == len(INFO)
        assert f"its content takes {length:,} bytes" in problem.message
        assert unaccounted(len(data), [*out.corpus, *out.ledger]) == []


def test_a_cut_archive_keeps_what_came_before(tmp_path: Path) -> None:
    """The last record is read as far as it goes, and a message says that its end is missing."""
    data = INFO + response(page(1).encode()) + response(page(2).encode())[:-100]
    (tmp_path / "a.warc").write_bytes(data)
    report, out = run(tmp_path / "out", tmp_path / "a.warc")
    assert out.corpus[0]["text"] == main(1)
    assert out.corpus[1]["text"].startswith(prose(2))
    assert "Fetch the archive again if its end is missing." in report.problems[0].message
    assert report.exit_code == 1


def test_what_is_no_record_is_in_the_ledger(tmp_path: Path) -> None:
    """Garbage between records goes to the ledger as it stands."""
    data = response(page(1).encode()) + b"garbage\r\n" * 3 + response(page(2).encode())
    (tmp_path / "a.warc").write_bytes(data)
    report, out = run(tmp_path / "out", tmp_path / "a.warc")
    assert [row["text"] for row in out.corpus][1:] == [main(2)]
    assert unaccounted(len(data), [*out.corpus, *out.ledger]) == []
    assert len(report.problems) == 1


def test_a_record_that_is_too_long_is_left_out(tmp_path: Path) -> None:
    """With its place; memory holds no more than one record may have, and the next one is read."""
    data = response(page(1).encode()) + response(b"<p>" + b"x" * 300_000) + response(page(3).encode())
    (tmp_path / "a.warc").write_bytes(data)
    report, out = run(tmp_path / "out", tmp_path / "a.warc", max_record=50_000, batch_bytes=10_000)
    assert [row["record"] for row in out.corpus] == [0, 2]
    assert "Record 1 takes" in report.problems[0].message


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        ({"Content-Encoding": "gzip"}, gzip.compress(page(1).encode(), mtime=0)),
        ({"Content-Encoding": "deflate"}, zlib.compress(page(1).encode())),
        ({"Content-Encoding": "deflate"}, zlib.compress(page(1).encode(), wbits=-15)),
        ({"Content-Encoding": "gzip"}, page(1).encode()),
        ({"Content-Encoding": "br"}, page(1).encode()),
        ({"Transfer-Encoding": "chunked"}, page(1).encode()),
    ],
    ids=["gzip", "zlib", "bare deflate", "already expanded", "already expanded br", "already joined"],
)
def test_bodies_are_expanded(fields: dict[str, str], body: bytes) -> None:
    """As their fields say, unless whoever archived them did it already."""
    text, problems = read_one(response(body, fields=fields))
    assert (text, problems) == (main(1), [])


def read_one(data: bytes) -> tuple[str, list[str]]:
    """Return the main text of the only record of an archive, and what is wrong with it."""
    block = Block(Source("a", "a", ""), 0, Layout(Format.WARC, "utf-8"), 0, 0, data)
    (found,), problems = parse_records(block)
    text = found.text.encode() if isinstance(found.text, str) else bytes(found.text)
    for start, end, _ in reversed(found.aside):
        text = text[:start] + text[end:]
    return text.decode().strip("\n"), [problem.message for problem in problems]


def chunked(body: bytes, size: int) -> bytes:
    """Return a body in chunks."""
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x;x=y\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.binary(max_size=400), st.integers(1, 90))
def test_chunks_are_joined(body: bytes, size: int) -> None:
    """However they were cut."""
    assert http.unchunked(chunked(body, size)) == body


def test_broken_chunks_are_taken_as_they_are() -> None:
    """What does not go on in chunks is not lost."""
    assert http.unchunked(b"3\r\nabc\r\nzz garbage") == b"abczz garbage"
    assert http.unchunked(b"ffff\r\nabc") == b"abc"
    assert http.unchunked(b"3\r\nabcdef") == b"3\r\nabcdef"


def test_brotli(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the extra its bodies are read; without it the message says what to install."""
    brotli = pytest.importorskip("brotli")
    data = response(brotli.compress(page(1).encode()), fields={"Content-Encoding": "br"})
    assert read_one(data) == (main(1), [])
    monkeypatch.setitem(__import__("sys").modules, "brotli", None)
    text, problems = read_one(data)
    assert text == ""
    assert problems == [
        "The page is compressed by Brotli, which needs another package. Install it: pip install 'taoxi[web]'."
    ]


def test_a_body_that_expands_without_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """A decompression bomb is read up to a limit."""
    monkeypatch.setattr(http, "MOST", 100_000)
    body = gzip.compress(page(1).encode() + b" " * 10_000_000)
    text, problems = read_one(response(body, fields={"Content-Encoding": "gzip"}))
    assert text == main(1)
    assert "expands to more than 100,000 bytes" in problems[0]


def test_damaged_compression_keeps_what_came_before() -> None:
    """The beginning of the page is read, and a message says that it is not whole."""
    body = gzip.compress(page(1).encode() * 20)
    text, problems = read_one(response(body[: len(body) // 2], fields={"Content-Encoding": "gzip"}))
    assert text.startswith(prose(1)[:20])
    assert "its compressed end is missing" in problems[0]


PARTS = st.lists(
    st.sampled_from(
        [
            response(page(1).encode()),
            response(page(2).encode(), length=5),
            response(page(3).encode(), length=4_000),
            INFO,
            b"WARC/1.0\r\n",
            b"WARC/1.0\r\nContent-Length: x\r\n\r\n",
            b"\r\n\r\n",
            b"garbage",
            b"\n",
            b"HTTP/1.1 200 OK\r\n",
            b"\x00\xff",
        ]
    ),
    max_size=8,
).map(b"".join)


def blocks(data: bytes, size: int) -> list[tuple[int, int, bytes]]:
    """Cut an archive into blocks of about ``size`` bytes."""
    at = 0

    def read(most: int) -> bytes:
        nonlocal at
        chunk = data[at : at + most]
        at += len(chunk)
        return chunk

    cutter = CUTTERS[Format.WARC]("utf-8", 1 << 20)
    return list(cut_blocks(read, cutter, size, 1 << 20, lambda *_: pytest.fail("nothing is too long")))


def spans(data: bytes, size: int) -> list[Row]:
    """Return number, bounds and text of all records of an archive that is read in blocks."""
    found = []
    for start, number, part in blocks(data, size):
        block = Block(Source("a", "a", ""), 0, Layout(Format.WARC, "utf-8"), start, number, part)
        records, _ = parse_records(block)
        found += [{"record": r.record, "start": r.start, "end": r.end, "text": r.text} for r in records]
    return found


@settings(max_examples=150, deadline=None, derandomize=True)
@given(PARTS, st.sampled_from([64, 500, 3_000]))
def test_blocks_do_not_change_the_records(data: bytes, size: int) -> None:
    """However an archive is cut into blocks and whatever is wrong with it, the same records tile all of it."""
    whole = spans(data, 1 << 20)
    assert spans(data, size) == whole
    edges = [0, *(row["end"] for row in whole)]
    assert [row["start"] for row in whole] == edges[:-1]
    assert edges[-1] == len(data)
    assert [row["record"] for row in whole] == list(range(len(whole)))
