"""Hints about encodings: what pages and headers declare, and what the neighbours of a file have."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from taoxi.normalize.encodings.declared import declared, from_header
from taoxi.normalize.encodings.detection import detect
from taoxi.normalize.encodings.neighbours import FOLDERS, Neighbours
from tests.support import Folder, pages, prose, run

CHINESE = "本报讯：昨日，市政府召开会议，研究部署下一阶段的重点工作。"
TRADITIONAL = "這是一個繁體中文的句子。昨天我們去了市區，買了麵包和牛奶。"
KOREAN = "안녕하세요. 이것은 한국어 문장입니다. 어제 우리는 시내에 갔습니다."


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (b"<meta charset=gb2312>", "gb18030"),
        (b"<META HTTP-EQUIV='Content-Type' CONTENT='text/html; charset=GBK'>", "gb18030"),
        (b'<meta http-equiv="Content-Type"\n content="text/html;charset = x-gbk" />', "gb18030"),
        (b'<?xml version="1.0" encoding="Shift_JIS"?><html>', "cp932"),
        (b"\xef\xbb\xbf<?xml version=\"1.0\" encoding='BIG5'?>", "big5hkscs"),
        (b'<meta charset="iso-8859-1">', "cp1252"),
        (b"<meta charset='ks_c_5601-1987'>", "cp949"),
        (b"<meta charset=utf-16>", "utf-8"),
        (b"<meta charset=UTF8;>", "utf-8"),
        (b"<!-- <meta charset=big5> --><meta charset=gbk>", "gb18030"),
        (b"<meta charset=ebcdic-cp-be>", None),
        (b"<meta charset=nonsense>", None),
        (b"<p>charset=gbk", None),
        (b"", None),
        (b"<meta name=x " + b"y" * 5_000 + b" charset=gbk>", None),
    ],
)
def test_pages_declare_their_encoding(page: bytes, expected: str | None) -> None:
    """Meta elements and XML declarations count, comments and running text do not."""
    assert declared(page) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("text/html; charset=GB2312", "gb18030"),
        ('text/html; charset="utf-8"', "utf-8"),
        ("text/html; charset='big5'; x=y", "big5hkscs"),
        ("text/html;charset=gbk,text/html", "gb18030"),
        ("text/html; CHARSET = windows-1251 ", "cp1251"),
        ('text/html; charset="utf-8', "utf-8"),
        ("text/html; charset=", None),
        ("text/html", None),
        ("", None),
    ],
)
def test_headers_name_their_encoding(value: str, expected: str | None) -> None:
    """Quotes, spaces and junk around the name are forgiven."""
    assert from_header(value) == expected


def test_neighbours_decide_only_where_there_is_a_doubt() -> None:
    """A file that contradicts its folder is read by its bytes."""
    known = Neighbours()
    for _ in range(1_000):
        known.add("folder", "gb18030", CHINESE.encode("gb18030"))
    prior = known.prior("folder")
    assert prior["gb18030"] > 0.99
    for text, encoding in (
        (CHINESE, "gb18030"),
        (CHINESE, "utf-8"),
        (CHINESE, "utf-16-le"),
        (TRADITIONAL, "big5hkscs"),
        (KOREAN, "cp949"),
    ):
        assert detect(text.encode(encoding), eof=True, prior=prior) == encoding


def test_neighbours_help_with_a_word() -> None:
    """Two characters alone say little; among pages of Big5 they are Big5."""
    word = "天氣".encode("big5")
    assert detect(word, eof=True, prior={"big5hkscs": 0.95}) == "big5hkscs"
    assert detect(word, eof=True, prior={"cp949": 0.0}) == detect(word, eof=True)


def test_ascii_teaches_nothing_and_memory_is_bounded() -> None:
    """A folder of English pages is no reason to doubt the first Chinese one."""
    known = Neighbours()
    known.add("english", "utf-8", b"plain words")
    assert known.prior("english") == {}
    for number in range(FOLDERS + 1):
        known.add(f"folder {number}", "gb18030", b"\xd6\xd0")
    assert known.prior("folder 0") == {}
    assert known.prior(f"folder {FOLDERS}") != {}


def test_the_result_does_not_depend_on_processes_or_batches(tmp_path: Path) -> None:
    """What is known of the neighbours is the same at each file."""
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(30):
        encoding = ("gb18030", "gb18030", "utf-8", "utf-16-le")[number % 4]
        (folder / f"{number}.txt").write_bytes((pages(number) + prose(900 + number)).encode(encoding))
    (folder / "short.txt").write_bytes("天气".encode("gb18030"))
    rows = []
    for name, settings in (("one", {"jobs": 1}), ("two", {"jobs": 2, "batch_bytes": 4_000})):
        _, out = run(tmp_path / name, folder, **settings)
        rows.append(_texts(out))
    assert rows[0] == rows[1]
    assert json.dumps(rows[0], ensure_ascii=False).count("天气") == 1


def _texts(out: Folder) -> list[tuple[str, str, str]]:
    return sorted((row["source"], row["encoding"], row["text"]) for row in out.corpus)
