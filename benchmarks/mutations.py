"""Inputs of every format, made in code, and ways to damage them that parsers meet: for ``fuzz``."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import random
import re
import tarfile
import zipfile
from collections.abc import Callable, Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.encodings import CJK, TEXTS, sections

CODECS = (
    *("utf-8", "utf-8-sig", "gb18030", "big5hkscs", "utf-16", "utf-16-le", "utf-16-be", "utf-32-le"),
    *("cp932", "euc_jp", "cp949", "hz", "iso2022_jp", "iso2022_kr", "cp1251", "koi8-r", "cp1252"),
)

MOST = 400_000
"""Bytes of a case: enough for several blocks, small enough for many cases a second."""

POINTED = (
    *(b"\n", b"\r\n", b"\r", b"\0", b"\xff", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\x84\x31\x95\x33"),
    *(b'"', b'""', b"\\", b"\\u", b"\\ud800", b"{", b"}", b"[", b"]", b",", b"\t", b";", b"|", b"<", b">", b"</"),
    *(b"<!--", b"]]>", b"<script>", b"<pre>", b"&#", b"&#x110000;", b"~{", b"~}", b"\x1b$B", b"\x1b(B", b"\x0e"),
    *(b"WARC/1.0\r\n", b"HTTP/1.1 200 OK\r\n\r\n", b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PAR1", b"ustar"),
    *(b"\x1f\x8b\x08", b"BZh9", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", b"\x81\x30", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"),
    *(
        b"\x80",
        b"\xa1",
        b"\xc0\x80",
        b"\xe2\x80\xa8",
        b"\xc2\x85",
        b"\v",
        b"\f",
        b"\x1c",
        b"\x1a",
        b"%PDF-",
        b"-----\n",
    ),
)
"""Bytes that mean something to one of the readers."""

NUMBERS = (b"0", b"-1", b"1", b"9", b"65535", b"4294967295", b"99999999999999999999", b"1e999", b"00", b"0x10")

Change = Callable[[bytes, random.Random, Sequence[bytes]], bytes]


class Maker:
    """Makes whole inputs of every format out of texts in several languages."""

    def __init__(self, rng: random.Random) -> None:
        """Read the texts."""
        self._rng = rng
        self._texts = ["".join(sections(TEXTS / f"{language}.txt").values()) for language in (*CJK, "ru", "fr")]

    def text(self) -> str:
        """Return a few lines, long or short."""
        whole = self._rng.choice(self._texts)
        start = self._rng.randrange(len(whole))
        return whole[start : start + self._rng.choice((3, 40, 400, 2_000))]

    def encoded(self, text: str) -> bytes:
        """Return a text in any codec."""
        return text.encode(self._rng.choice(CODECS), "ignore")

    def texts(self) -> bytes:
        """Return texts in one codec or several."""
        if self._rng.random() < 0.5:
            return self.encoded("\n".join(self.text() for _ in range(self._rng.randrange(1, 6))))
        return b"".join(self.encoded(self.text() + "\n") for _ in range(self._rng.randrange(1, 6)))

    def listing(self) -> bytes:
        """Return a list page."""
        line = self._rng.choice(("-", "-----", "=====", "***"))
        rows = (f"{line}\n第{k}号\n{self.text()}\n2024-0{k % 9 + 1}-01\n" for k in range(self._rng.randrange(1, 9)))
        return self.encoded("".join(rows))

    def row(self) -> dict[str, object]:
        """Return a record with a text and other fields."""
        more: dict[str, object] = {"title": "标题", "date": "2024-05-06", "tags": ["a", {"b": [1, None]}], "n": 1.5}
        more |= {"content": "", "正文": self.text(), "x": "\ud83d\ude00\0"}
        row: dict[str, object] = {"id": self._rng.randrange(99), "text": self.text(), "url": "http://a.cn/1"}
        if self._rng.random() < 0.1:
            row["text"] = None
        return row | {name: value for name, value in more.items() if self._rng.random() < 0.2}

    def json_lines(self) -> bytes:
        """Return JSON Lines."""
        rows = (
            json.dumps(self.row(), ensure_ascii=self._rng.random() < 0.3) for _ in range(self._rng.randrange(1, 30))
        )
        end = self._rng.choice(("\n", "\r\n", "\n\n"))
        if self._rng.random() < 0.7:
            return end.join(rows).encode("utf-8", "surrogatepass")
        return b"".join(self.encoded(row + end) for row in rows)

    def json_array(self) -> bytes:
        """Return records in a list, or deeper."""
        rows = [self.row() for _ in range(self._rng.randrange(1, 20))]
        data: object = self._rng.choice((rows, {"data": rows}, {"code": 0, "data": {"list": rows, "n": 3}}))
        return json.dumps(data, ensure_ascii=False, indent=self._rng.choice((None, 2))).encode("utf-8", "replace")

    def table(self) -> bytes:
        """Return CSV or a dialect of it."""
        delimiter = self._rng.choice(",\t;|")
        rows = [delimiter.join(self._rng.sample(("id", "text", "title", "正文", "note"), 3))]
        for k in range(self._rng.randrange(1, 30)):
            text = self.text().replace('"', '""')
            quoted = f'"{text}"' if self._rng.random() < 0.7 else text.replace("\n", " ")
            rows.append(delimiter.join((str(k), quoted, self._rng.choice(("", "x", '"a ""b"""')))))
        return self.encoded(self._rng.choice(("\n", "\r\n")).join(rows) + "\n")

    def page(self) -> bytes:
        """Return one page or several, one behind another."""
        pages = []
        for _ in range(self._rng.choice((1, 1, 1, 3))):
            lines = "".join(f"<p>{line}</p>" for line in self.text().split("\n"))
            charset = self._rng.choice(("", "<meta charset=gb2312>", '<meta http-equiv=x content="charset=utf-8">'))
            deep = "<div>" * self._rng.choice((1, 3, 3_000))
            pages.append(
                f"<!DOCTYPE html><html><head>{charset}<title>标题</title><script>if(a<b){{}}</script></head><body>"
                f"<ul><li><a href=/>首页</a></ul>{deep}<h1>标题</h1>{lines}<table><tr><td>1<td>2</table></body></html>"
            )
        return self.encoded("\n".join(pages))

    def response(self) -> bytes:
        """Return what a server answered."""
        body = self._rng.choice((self.page, self.texts, self.json_array))()
        fields = (
            f"Content-Type: {self._rng.choice(('text/html; charset=gbk', 'text/plain', 'application/json', 'x'))}\r\n"
        )
        if self._rng.random() < 0.2:
            body = gzip.compress(body)
            fields += "Content-Encoding: gzip\r\n"
        if self._rng.random() < 0.2:
            body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
            fields += "Transfer-Encoding: chunked\r\n"
        return f"HTTP/1.1 200 OK\r\n{fields}\r\n".encode() + body

    def warc(self) -> bytes:
        """Return a web archive, of which each record may be compressed by itself."""
        records = [(b"warcinfo", b"application/warc-fields", b"software: x\r\n")]
        for _ in range(self._rng.randrange(1, 5)):
            records.append((b"response", b"application/http; msgtype=response", self.response()))
            records.append((b"conversion", b"text/plain", self.texts()))
        parts = [
            b"WARC/1.0\r\nWARC-Type: %s\r\nWARC-Target-URI: http://a.cn/%d\r\nContent-Type: %s\r\nContent-Length: %d"
            b"\r\n\r\n%s\r\n\r\n" % (kind, number, media, len(content), content)
            for number, (kind, media, content) in enumerate(records)
        ]
        return b"".join(map(gzip.compress, parts) if self._rng.random() < 0.3 else parts)

    def arc(self) -> bytes:
        """Return an archive of the older kind."""
        head = b"1 0 x\nURL IP-address Archive-date Content-type Archive-length\n"
        parts = [b"filedesc://x.arc 0.0.0.0 20200101000000 text/plain %d\n%s\n" % (len(head), head)]
        for k in range(self._rng.randrange(1, 4)):
            body = self.response()
            parts.append(b"http://a.cn/%d 1.2.3.4 20200101000000 text/html %d\n%s\n" % (k, len(body), body))
        return b"".join(parts)

    def parquet(self) -> bytes:
        """Return a Parquet file."""
        rows = [{"text": self.text(), "url": "http://a.cn"} for _ in range(self._rng.randrange(1, 60))]
        sink = io.BytesIO()
        codec = self._rng.choice(("none", "snappy", "zstd", "gzip"))
        pq.write_table(pa.Table.from_pylist(rows), sink, compression=codec, row_group_size=self._rng.choice((7, 1_000)))
        return sink.getvalue()

    def zipped(self) -> bytes:
        """Return a ZIP archive."""
        sink = io.BytesIO()
        with zipfile.ZipFile(sink, "w", self._rng.choice((0, 8, 12, 14))) as archive:
            for name in self._names():
                archive.writestr(name, self.any(inside=True))
        return sink.getvalue()

    def tarred(self) -> bytes:
        """Return a tar archive, compressed or not."""
        sink = io.BytesIO()
        form = self._rng.choice((tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT))
        with tarfile.open(fileobj=sink, mode="w", format=form) as archive:
            for name in self._names():
                info = tarfile.TarInfo(name)
                data = self.any(inside=True)
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
        return self.packed(sink.getvalue()) if self._rng.random() < 0.5 else sink.getvalue()

    def _names(self) -> list[str]:
        names = ["a.txt", "b/c.html", "../d.csv", "/e.json", "新闻/甲.txt", "x" * 90 + ".txt", "f.jsonl", ".g"]
        return self._rng.sample(names, self._rng.randrange(1, 5))

    def packed(self, data: bytes) -> bytes:
        """Return bytes compressed in some way."""
        pack = self._rng.choice((gzip.compress, bz2.compress, lzma.compress, _zstd))
        return pack(data)

    def any(self, *, inside: bool = False) -> bytes:
        """Return an input of any format, seldom an archive in an archive."""
        simple = (
            *(self.texts, self.texts, self.listing, self.json_lines, self.json_array, self.table, self.page),
            *(self.warc, self.arc, self.parquet),
        )
        archives = (self.zipped, self.tarred)
        if self._rng.random() < (0.05 if inside else 0.2):
            return self._rng.choice(archives)()
        data = self._rng.choice(simple)()
        return self.packed(data) if self._rng.random() < 0.1 else data


def _zstd(data: bytes) -> bytes:
    packed: bytes = pa.compress(data, "zstd", asbytes=True)
    return packed


def _span(data: bytes, rng: random.Random) -> tuple[int, int]:
    """Return a stretch of bytes, short ones more often."""
    start = rng.randrange(len(data) + 1)
    return start, min(len(data), start + int(2 ** rng.uniform(0, 14)))


def flip(data: bytes, rng: random.Random, _others: Sequence[bytes]) -> bytes:
    """Change single bits."""
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 4, 50))):
        if out:
            out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)
    return bytes(out)


def overwrite(data: bytes, rng: random.Random, _others: Sequence[bytes]) -> bytes:
    """Write random bytes over a stretch."""
    start, end = _span(data, rng)
    return data[:start] + rng.randbytes(end - start) + data[end:]


def cut(data: bytes, rng: random.Random, _others: Sequence[bytes]) -> bytes:
    """Take a stretch away."""
    start, end = _span(data, rng)
    return data[:start] + data[end:]


def truncate(data: bytes, rng: random.Random, _others: Sequence[bytes]) -> bytes:
    """Take the end or the beginning away."""
    place = rng.randrange(len(data) + 1)
    return data[:place] if rng.random() < 0.8 else data[place:]


def double(data: bytes, rng: random.Random, _others: Sequence[bytes]) -> bytes:
    """Put a stretch in several times."""
    start, end = _span(data, rng)
    return data[:end] + data[start:end] * rng.choice((1, 2, 50)) + data[end:]


def splice(data: bytes, rng: random.Random, others: Sequence[bytes]) -> bytes:
    """Put a stretch of another input in, or go on with it."""
    other = rng.choice(others)
    start, end = _span(other, rng)
    place = rng.randrange(len(data) + 1)
    return data[:place] + (other[start:end] + data[place:] if rng.random() < 0.5 else other[start:])


def point(data: bytes, rng: random.Random, _others: Sequence[bytes]) -> bytes:
    """Put bytes in that mean something."""
    for _ in range(rng.choice((1, 1, 3, 20))):
        place = rng.randrange(len(data) + 1)
        data = data[:place] + rng.choice(POINTED) * rng.choice((1, 1, 1, 2, 300)) + data[place:]
    return data


def number(data: bytes, rng: random.Random, _others: Sequence[bytes]) -> bytes:
    """Change a number that is written in digits: a length, a checksum, a date."""
    found = list(re.finditer(rb"[0-9]+", data))
    if not found:
        return data
    chosen = rng.choice(found)
    return data[: chosen.start()] + rng.choice(NUMBERS) + data[chosen.end() :]


def recode(data: bytes, rng: random.Random, _others: Sequence[bytes]) -> bytes:
    """Write a stretch of UTF-8 in another codec."""
    start, end = _span(data, rng)
    stretch = data[start:end].decode("utf-8", "ignore").encode(rng.choice(CODECS), "ignore")
    return data[:start] + stretch + data[end:]


def pack(data: bytes, rng: random.Random, _others: Sequence[bytes]) -> bytes:
    """Compress all of it."""
    return rng.choice((gzip.compress, bz2.compress, lzma.compress))(data)


CHANGES: tuple[Change, ...] = (flip, overwrite, cut, truncate, double, splice, point, number, recode, pack)


def mutated(data: bytes, rng: random.Random, others: Sequence[bytes]) -> bytes:
    """Return an input after a few changes of different kinds."""
    for _ in range(rng.choice((0, 1, 1, 2, 3, 8))):
        data = rng.choice(CHANGES)(data, rng, others)[:MOST]
    return data
