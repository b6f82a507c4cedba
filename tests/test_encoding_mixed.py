"""Dumps that were put together of several encodings: each record is read right, and says what read it."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from taoxi.corpus.reading import read_block
from taoxi.normalize.encodings.codec import BREAKS
from taoxi.normalize.encodings.decoding import Decoded, decode, detect
from taoxi.normalize.model import Block, Format, Layout, Source
from tests.support import run, unaccounted

TEXTS = {
    "gb18030": [
        "本报讯：昨日，市政府召开会议，研究部署下一阶段的重点工作，要求各部门加强协调，确保任务按时完成。",
        "记者从气象部门了解到，未来三天全省大部分地区有小雨，气温略有下降，请市民注意添加衣物。",
        "学校图书馆新增了两千多册图书，学生可以在周末借阅，每次不超过五本，期限为一个月。",
    ],
    "big5hkscs": [
        "這是一個繁體中文的句子。昨天我們去了市區，買了麵包和牛奶，天氣非常好，孩子們都在外面玩耍。",
        "臺灣、香港、澳門的居民都很高興，因為今年的節日比往年熱鬧，街道上到處都是燈籠和鮮花。",
    ],
    "cp932": ["これは日本語の文章です。昨日、私たちは町へ行って、パンと牛乳を買いました。天気がとても良かったです。"],
    "cp949": ["안녕하세요. 이것은 한국어 문장입니다. 어제 우리는 시내에 가서 빵과 우유를 샀습니다. 날씨가 좋았습니다."],
    "cp1251": ["Вчера мы ездили в город и купили там хлеб, молоко и немного сыра. Погода была хорошая, но холодная."],
}
TEXTS["utf-8"] = TEXTS["utf-16-le"] = TEXTS["utf-16-be"] = TEXTS["gb18030"]


def dump(encodings: tuple[str, ...], count: int, seed: int) -> tuple[bytes, str, list[tuple[int, int, str]]]:
    """Return runs of lines in random ones of the encodings, their text, and the bounds of the runs."""
    rng = random.Random(seed)
    data, text = b"", ""
    bounds: list[tuple[int, int, str]] = []
    for _ in range(count):
        encoding = rng.choice(encodings)
        lines = "".join(f"{rng.choice(TEXTS[encoding])}\n" for _ in range(rng.randint(1, 4)))
        start = len(data)
        data += lines.encode(encoding)
        text += lines
        if bounds and bounds[-1][2] == encoding:
            bounds[-1] = (bounds[-1][0], len(data), encoding)
        else:
            bounds.append((start, len(data), encoding))
    return data, text, bounds


def spans(decoded: Decoded, size: int) -> list[tuple[int, int, str]]:
    """Return the runs that were found."""
    if not decoded.spans:
        return [(0, size, decoded.encoding)]
    return [(span.start, span.end, span.encoding) for span in decoded.spans]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(
    "encodings",
    [
        ("gb18030", "utf-8"),
        ("gb18030", "utf-8", "big5hkscs"),
        ("gb18030", "utf-8", "big5hkscs", "utf-16-le"),
        ("gb18030", "utf-8", "utf-16-be"),
        ("gb18030", "utf-8", "big5hkscs", "cp932", "cp949", "cp1251"),
    ],
    ids="+".join,
)
def test_each_run_of_lines_has_its_codec(encodings: tuple[str, ...], seed: int) -> None:
    """The text is whole, the runs begin and end where they were put together, and breaks are one to one."""
    data, text, bounds = dump(encodings, 8, seed)
    decoded = decode(data, detect(data, eof=True))
    assert decoded.as_text() == text
    assert spans(decoded, len(data)) == bounds
    assert decoded.bad_bytes == 0
    offsets = decoded.break_offsets(data).tolist()
    assert len(offsets) == sum(map(text.count, BREAKS))
    assert offsets[-1] == len(data)


@pytest.mark.parametrize("mark", ["utf-16-le", "utf-16-be"])
def test_a_mark_of_byte_order_may_stand_inside(mark: str) -> None:
    """A file of UTF-16 with its mark, put behind one of GB18030."""
    first, second = (f"{line}\n" for line in TEXTS["gb18030"][:2])
    decoded = decode(first.encode("gb18030") + ("\ufeff" + second).encode(mark) + first.encode("gb18030"))
    assert decoded.as_text().replace("\ufeff", "") == first + second + first


def test_western_lines_among_utf8_are_not_cyrillic() -> None:
    """Single letters beyond ASCII inside of Latin words are Latin."""
    line = "Où êtes-vous allés hier soir après le dîner ? Le café est très bon à l'été, l'élève aime la forêt.\n"
    text = "\n".join(TEXTS["gb18030"]) + "\n"
    decoded = decode(text.encode() + line.encode("cp1252") * 3 + text.encode())
    assert decoded.as_text() == text + line * 3 + text
    assert [span.encoding for span in decoded.spans] == ["utf-8", "cp1252", "utf-8"]


def test_damage_and_mixture_together() -> None:
    """Each run is resynchronized by itself, and the places count in the whole."""
    first, second = "\n".join(TEXTS["gb18030"]) + "\n", "\n".join(TEXTS["big5hkscs"]) + "\n"
    data = first.encode("gb18030")
    data = data[:20] + b"\xff" + data[20:]
    start = len(data)
    data += second.encode("big5hkscs")[:30] + b"\xff" + second.encode("big5hkscs")[30:]
    decoded = decode(data)
    assert decoded.as_text() == first[:10] + "\ufffd" + first[10:] + second[:15] + "\ufffd" + second[15:]
    assert decoded.bad.tolist() == [20, start + 30]


def test_documents_name_the_codec_that_read_them() -> None:
    """A text of three articles in three encodings, cut at its delimiters."""
    parts = [("gb18030", TEXTS["gb18030"]), ("big5hkscs", TEXTS["big5hkscs"] * 2), ("utf-8", TEXTS["gb18030"][::-1])]
    data = b"".join(
        f"=====\n{encoding} title\n".encode(encoding) + "".join(f"{line}\n" for line in lines).encode(encoding)
        for encoding, lines in parts
    )
    data = data.replace("我們".encode("big5"), "我們".encode("big5") + b"\xff", 1)
    block = Block(Source("a", "a", ""), 0, Layout(Format.TEXT, "gb18030"), 1_000, 0, data)
    read = read_block(block, how="^=====$")
    rows = [row for row in read.documents.to_pylist() if row["text"]]
    assert [row["encoding"] for row in rows] == ["gb18030", "big5hkscs", "utf-8"]
    assert [row["bad_bytes"] for row in rows] == [0, 1, 0]
    assert read.tally.bad_bytes == 1
    assert sum(read.tally.encodings.values()) == len(data)
    (problem,) = read.problems
    assert problem.message == (
        "1 byte is no utf-8 or big5hkscs or gb18030; U+FFFD stands for it in the text."
        " Compare with the original, or fetch the page again."
    )
    assert problem.byte == 1_000 + data.index(b"\xff")


def test_records_of_every_codec_are_read_right(tmp_path: Path) -> None:
    """Lines of JSON in turn, through a whole run."""
    rng = random.Random(3)
    encodings = ("gb18030", "utf-8", "big5hkscs", "cp932", "cp949", "cp1251")
    wanted, lines = [], []
    for number in range(200):
        encoding = rng.choice(encodings)
        text = f"{number} {rng.choice(TEXTS[encoding])}"
        wanted.append((number, text, encoding))
        lines.append(json.dumps({"text": text}, ensure_ascii=False).encode(encoding) + b"\n")
    (tmp_path / "mixed.jsonl").write_bytes(b"".join(lines))
    _, out = run(tmp_path / "out", tmp_path / "mixed.jsonl", jobs=1, similarity=1.0)
    rows = {row["record"]: row for row in (*out.corpus, *out.ledger) if row.get("kind", "document") == "document"}
    found = [(number, rows[number]["text"], rows[number]["encoding"]) for number in range(200)]
    assert [row[2] for row in found] == [row[2] for row in wanted]
    assert all(_letters(one) == _letters(two) for (_, one, _), (_, two, _) in zip(found, wanted, strict=True))


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def test_a_mark_of_one_encoding_before_units_of_another() -> None:
    """The three bytes of UTF-8's mark do not shift the breaks of UTF-16 behind it (found by fuzzing)."""
    first, second = ("".join(f"{line}\n" for line in TEXTS["gb18030"][:4]) for _ in range(2))
    data = "\ufeff".encode() + first.encode("utf-16-be") + second.encode()
    decoded = decode(data)
    assert decoded.as_text() == first + second
    offsets = decoded.break_offsets(data).tolist()
    assert len(offsets) == decoded.as_text().count("\n")
    assert [data[place - 2 : place] for place in offsets[:3]] == [b"\0\n"] * 3


@pytest.mark.parametrize(
    "encodings", [("gb18030", "utf-16-le", "utf-8"), ("utf-16-be", "big5hkscs"), ("utf-16-le", "utf-8")]
)
@pytest.mark.parametrize("turns", [1, 8])
@pytest.mark.parametrize("ending", ["jsonl", "csv"])
def test_records_in_units_among_records_in_bytes(
    tmp_path: Path, encodings: tuple[str, ...], turns: int, ending: str
) -> None:
    """Runs of 8 records, or each in another codec; 上 holds the byte of a line feed in UTF-16."""
    rng = random.Random(turns)
    wanted, data = [], "id,text\n".encode(encodings[0]) if ending == "csv" else b""
    for number in range(24):
        encoding = encodings[number // turns % len(encodings)]
        text = f"{number}。上一{rng.choice(TEXTS[encoding])}上"
        wanted.append((text, encoding))
        line = (
            json.dumps({"id": number, "text": text}, ensure_ascii=False) if ending == "jsonl" else f'{number},"{text}"'
        )
        data += f"{line}\n".encode(encoding)
    (tmp_path / f"a.{ending}").write_bytes(data)
    for size in (100, 1 << 22):
        _, out = run(tmp_path / f"out{size}", tmp_path / f"a.{ending}", similarity=1.0, width="keep", batch_bytes=size)
        rows = [row for row in (*out.corpus, *out.ledger) if row.get("kind", "document") == "document"]
        rows = sorted(rows, key=lambda row: row["byte_start"])[-24:]
        assert [_letters(row["text"]) for row in rows] == [_letters(text) for text, _ in wanted]
        assert [row["encoding"] for row in rows] == [encoding for _, encoding in wanted]
        assert unaccounted(len(data), [*out.corpus, *out.ledger]) == []
