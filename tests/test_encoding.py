"""Bytes become characters, none is lost, and each break of a line can be traced back."""

from __future__ import annotations

import random
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taoxi.normalize.encodings import codec
from taoxi.normalize.encodings.codec import ALLOWED, BREAKS, canonical, is_utf8
from taoxi.normalize.encodings.decoding import Decoded, break_offsets, decode, detect

REPORT = """政府工作报告
各位代表：
　　现在，我代表市人民政府向大会报告工作，请予审议，并请市政协各位委员和其他列席人员提出意见。
一、过去一年工作回顾
全市生产总值增长7.6%，一般公共预算收入增长8.2%。我们坚持稳中求进，统筹发展和安全，各项事业取得新的成绩。
"""
TRADITIONAL = """這是一個繁體中文的句子。昨天我們去了市區，買了麵包和牛奶。
天氣非常好，孩子們都在外面玩耍。臺灣、香港、澳門的居民都很高興。
"""
JAPANESE = """これは日本語の文章です。昨日、私たちは町へ行って、パンと牛乳を買いました。
天気がとても良かったので、子供たちは外で遊んでいました。
"""
KOREAN = """안녕하세요. 이것은 한국어 문장입니다. 어제 우리는 시내에 가서 빵과 우유를 샀습니다.
날씨가 매우 좋아서 아이들이 밖에서 놀았습니다.
"""
RUSSIAN = "Вчера мы ездили в город и купили там хлеб, молоко и немного сыра.\nПогода была хорошая.\n"
GREEK = "Η Ελλάδα είναι μια όμορφη χώρα με πολλά νησιά και καθαρή θάλασσα. Ο καιρός σήμερα είναι καλός.\n"
THAI = "ประเทศไทยเป็นประเทศที่สวยงามและมีวัฒนธรรมที่หลากหลาย วันนี้อากาศดีมาก เราไปเที่ยวกันเถอะ\n"
FRENCH = "Où êtes-vous allés hier soir après le dîner ? Le café est très bon à l'été, l'élève aime la forêt.\n"

CLEAN = [
    *((REPORT, name) for name in ("utf-8", "gb18030", "gb2312", "gbk", "hz")),
    *((REPORT, name) for name in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")),
    *((TRADITIONAL, name) for name in ("utf-8", "big5", "big5hkscs", "utf-16-le", "utf-16-be")),
    *((JAPANESE, name) for name in ("utf-8", "cp932", "euc_jp", "iso2022_jp", "utf-16-le", "utf-16-be")),
    *((KOREAN, name) for name in ("utf-8", "cp949", "utf-16-le", "utf-16-be")),
    *((RUSSIAN, name) for name in ("utf-8", "cp1251", "koi8-r", "utf-16-le", "utf-16-be")),
    *((GREEK, name) for name in ("utf-8", "cp1253", "utf-16-le")),
    *((THAI, name) for name in ("utf-8", "cp874", "utf-16-be")),
    *((FRENCH, name) for name in ("utf-8", "cp1252", "utf-16-le", "utf-16-be")),
]
LEGACY = ("gb18030", "big5hkscs", "cp932", "shift_jis_2004", "euc_jis_2004", "cp949", "cp1252", "cp1251", "koi8-r")
EVERY = ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", *LEGACY)


def breaks(text: str) -> int:
    """Return how many breaks of lines a text has."""
    return sum(map(text.count, BREAKS))


@pytest.mark.parametrize(("text", "name"), CLEAN)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_clean_text_is_read_whole(text: str, name: str, ending: str) -> None:
    """Every usual encoding gives the text back without a hint, and detection names a codec that reads it."""
    text = text.replace("\n", ending)
    if name == "gb2312":
        text = text.replace("—", "")
    data = text.encode(name)
    decoded = decode(data)
    assert decoded.as_text() == text
    assert bytes(decoded.utf8) == text.encode()
    assert (decoded.bad_bytes, decoded.first_bad) == (0, None)
    assert data.decode(detect(data, eof=True)) == text
    assert breaks(text) == len(decoded.break_offsets(data))


@pytest.mark.parametrize("mark", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "gb18030"])
def test_a_byte_order_mark_decides_and_is_no_text(mark: str) -> None:
    """The mark names the encoding, and is not among the characters."""
    decoded = decode(("\ufeff" + REPORT).encode(mark))
    assert (decoded.as_text(), decoded.encoding) == (REPORT, mark)


def test_valid_utf8_is_not_copied() -> None:
    """The bytes are the answer, and no string is made of them."""
    data = REPORT.encode()
    decoded = decode(data)
    assert decoded.utf8 is data
    assert decoded.text is None


@pytest.mark.parametrize("size", [100, 100_000])
@pytest.mark.parametrize("tail", [b"", b"\xff", b"\xed\xa0\x80", b"\xe4\xb8", b"\xc0\x80", b"\xf4\x90\x80\x80"])
def test_utf8_is_checked_the_same_at_any_size(size: int, tail: bytes) -> None:
    """The check for large data agrees with Python's."""
    data = "汉".encode() * size + tail
    assert is_utf8(data) == (not tail)


def test_the_bytes_win_over_the_hint() -> None:
    """Text that is valid UTF-8 is UTF-8, whatever it is said to be."""
    assert decode(REPORT.encode(), "gbk").as_text() == REPORT


def test_a_hint_decides_where_bytes_leave_a_doubt() -> None:
    """A word of GBK may happen to be valid UTF-8; in a source of GBK it is GBK."""
    assert decode("实施".encode("gbk"), "gb2312") == Decoded("实施".encode(), "实施", "gb18030")
    assert decode("实施".encode("gbk")).encoding == "utf-8"
    assert decode("实施".encode(), "gb2312").as_text() == "实施"


def test_gb2312_reads_what_people_wrote_under_its_name() -> None:
    """The name 镕 is not in GB2312, and pages that declare it have it all the same."""
    data = (REPORT + "朱镕基").encode("gbk")
    assert decode(data, "gb2312").as_text().endswith("朱镕基")
    assert decode(data).as_text().endswith("朱镕基")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("GB2312", "gb18030"),
        ("GBK", "gb18030"),
        ("cp936", "gb18030"),
        ("x-gbk", None),
        ("Big5", "big5hkscs"),
        ("Shift_JIS", "cp932"),
        ("EUC-KR", "cp949"),
        ("ISO-8859-1", "cp1252"),
        ("utf-8-sig", "utf-8"),
        ("UTF-16", "utf-16-le"),
        ("cp875", None),
        ("utf-7", None),
        ("base64", None),
        ("no such", None),
        (None, None),
    ],
)
def test_declared_names_widen(name: str | None, expected: str | None) -> None:
    """A name stands for the codec that reads what is written under it, or for nothing."""
    assert canonical(name) == expected


def test_no_mainframe_is_ever_detected() -> None:
    """The codecs that detectors fall back to on damage are not allowed."""
    nonsense = {"cp037", "cp273", "cp424", "cp500", "cp875", "cp1026", "cp1140", "utf-7", "utf_7"}
    assert not nonsense & set(ALLOWED)


def test_legacy_text_behind_long_ascii_is_found() -> None:
    """A detector that stops after its window calls this ASCII."""
    data = b'{"id": 1, "url": "http://example.org/"}\n' * 6_000 + REPORT.encode("gb18030")
    assert len(data) > 210_000
    assert detect(data, eof=True) == "gb18030"
    assert decode(data).as_text().endswith(REPORT)


@pytest.mark.parametrize("name", ["utf-8", "gb18030", "utf-16-le", "utf-16-be"])
def test_a_head_may_end_inside_a_character(name: str) -> None:
    """Where a sample is cut makes no difference."""
    data = (REPORT * 3).encode(name)
    assert {detect(data[:size], eof=False) for size in range(300, 340)} == {name}


def test_ascii_in_utf16_is_not_utf8() -> None:
    """Its bytes are valid UTF-8 with a NUL after each letter."""
    for name in ("utf-16-le", "utf-16-be", "utf-32-le"):
        assert decode("plain words\r\n".encode(name)) == Decoded(b"plain words\r\n", "plain words\r\n", name)


@pytest.mark.parametrize("data", [b"a\0", b"one\0two\0three\0", b"some text\0\0 with NUL\n" * 50, "文\0本".encode()])
def test_nul_bytes_alone_make_no_utf16(data: bytes) -> None:
    """Records that end in NUL, and strays, are what they were."""
    assert decode(data) == Decoded(data, None, "utf-8")


def test_chinese_without_ascii_is_found_in_utf16() -> None:
    """Newlines, 。 and the character 一 are enough."""
    text = "政府工作报告。\n第一，统一思想。\n"
    for name in ("utf-16-le", "utf-16-be"):
        assert decode(text.encode(name)).as_text() == text


def test_escapes_keep_their_line_breaks() -> None:
    """The escape of HZ that continues a line does not swallow its break."""
    data = "政府".encode("hz") + b"~\n" + "工作\n报告~\n".encode("hz") + "全市各项事业取得新的成绩。".encode("hz")
    decoded = decode(data, "hz")
    assert decoded.as_text() == "政府\n工作\n报告~\n全市各项事业取得新的成绩。"
    assert len(break_offsets(data, "hz")) == 3


def test_program_code_is_no_hz() -> None:
    """A tilde before a brace in ASCII is what it looks like."""
    data = b"auto f = [] { return ~{}; };\nx = ~{1};\n" * 20
    assert decode(data) == Decoded(data, None, "utf-8")


@pytest.mark.parametrize(
    ("text", "name"),
    [(REPORT, "utf-8"), (REPORT, "gb18030"), (TRADITIONAL, "big5hkscs"), (JAPANESE, "euc_jis_2004"), (KOREAN, "cp949")],
)
def test_one_bad_byte_costs_one_character(text: str, name: str) -> None:
    """Detectors give up here; the codec is right, the byte is counted and located, and the rest is whole."""
    data = text.encode(name)
    start = len(text[:30].encode(name))
    damaged = data[:start] + b"\xff" + data[start:]
    decoded = decode(damaged)
    assert (decoded.as_text(), decoded.encoding) == (text[:30] + "\ufffd" + text[30:], name)
    assert decoded.bad.tolist() == [start]


@pytest.mark.parametrize("name", ["gb18030", "big5hkscs", "cp932", "euc_jis_2004", "cp949"])
@pytest.mark.parametrize("bad", [b"\x81", b"\xff", b"\xe5", b"\x81\x30", b"\x81\x30\x81"])
@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_a_bad_byte_never_eats_a_line_end(name: str, bad: bytes, end: str) -> None:
    """What is broken before a break stays before it."""
    text = {"big5hkscs": TRADITIONAL, "cp949": KOREAN}.get(name, JAPANESE if name != "gb18030" else REPORT)
    data = text.rstrip().encode(name) + bad + end.encode()
    decoded = decode(data, name)
    assert decoded.as_text().startswith(text.rstrip())
    assert decoded.as_text().endswith(end)
    assert decoded.bad_bytes > 0 or name == "cp932"  # which has a character of private use for anything
    assert breaks(decoded.as_text()) == len(decoded.break_offsets(data))


def test_text_cut_inside_its_last_character_keeps_the_rest() -> None:
    """The end of a truncated file is one broken character."""
    for name in ("utf-8", "gb18030"):
        decoded = decode(REPORT.rstrip().encode(name)[:-1])
        assert decoded.encoding == name
        assert decoded.as_text()[: len(REPORT) - 3] == REPORT[: len(REPORT) - 3]
        assert decoded.bad_bytes in {1, 2}


def test_a_surrogate_without_its_half_is_one_broken_unit() -> None:
    """The units around it are read."""
    data = REPORT.encode("utf-16-le") + b"\x00\xd8" + "\n完".encode("utf-16-le")
    decoded = decode(data)
    assert (decoded.as_text(), decoded.encoding) == (REPORT + "\ufffd\ufffd\n完", "utf-16-le")
    assert decoded.bad.tolist() == [2 * len(REPORT), 2 * len(REPORT) + 1]


@given(
    data=st.one_of(
        st.binary(max_size=300),
        st.builds(
            lambda text, name, junk, place: (
                (raw := text.encode(name, "ignore"))[: place % (len(raw) + 1)] + junk + raw[place % (len(raw) + 1) :]
            ),
            st.sampled_from([REPORT, TRADITIONAL, JAPANESE, KOREAN, RUSSIAN, FRENCH]),
            st.sampled_from([*EVERY, "hz", "iso2022_jp", "iso2022_kr"]),
            st.binary(max_size=5),
            st.integers(0, 10_000),
        ),
    ),
    hint=st.sampled_from([None, "hz", "iso2022_kr", *EVERY]),
)
@settings(deadline=None, max_examples=200)
def test_any_bytes_decode_with_their_breaks(data: bytes, hint: str | None) -> None:
    """Nothing raises or warns, breaks stay one to one, and bad bytes are located inside the data."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        decoded = decode(data, hint)
        detect(data, eof=len(data) % 2 == 0)
    text = decoded.as_text()
    assert bytes(decoded.utf8).decode() == text
    assert breaks(text) == len(decoded.break_offsets(data))
    assert (decoded.first_bad is None) == (decoded.bad_bytes == 0)
    if decoded.first_bad is not None:
        assert 0 <= decoded.first_bad < len(data)
        assert text.count("\ufffd") >= decoded.bad_bytes


@given(text=st.text(alphabet="a汉\n\r\v\f\u0a0a\u0d0a\u0c85\U00020bb7", max_size=60), name=st.sampled_from(EVERY))
def test_break_offsets_are_those_of_the_characters(text: str, name: str) -> None:
    """An offset stands just behind each break, also where halves of characters look like one."""
    text = text.encode(name, "ignore").decode(name)
    data = text.encode(name)
    expected = [len(text[: place + 1].encode(name)) for place, unit in enumerate(text) if unit in BREAKS]
    assert break_offsets(data, name).tolist() == expected


def test_break_offsets_of_large_data_are_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """The slices that they are looked for in leave no trace."""
    data = random.Random(1).randbytes(40_000)
    expected = {name: break_offsets(data, name) for name in EVERY}
    monkeypatch.setattr(codec, "_SLICE", 1_024)
    for name in EVERY:
        assert np.array_equal(break_offsets(data, name), expected[name])


def test_noise_is_decoded_within_reason() -> None:
    """A megabyte of anything ends in some text, every byte accounted for."""
    data = random.Random(2).randbytes(1 << 20)
    decoded = decode(data)
    assert breaks(decoded.as_text()) == len(decoded.break_offsets(data))
