"""Damage costs as little as possible: golden cases, and what holds for any bytes."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from taoxi.normalize.encodings import escapes, likelihood
from taoxi.normalize.encodings.codec import MULTIBYTE, SIBLINGS, SINGLE
from taoxi.normalize.encodings.damage import decode_damaged
from taoxi.normalize.encodings.decoding import decode
from taoxi.normalize.encodings.likelihood import BAD_BITS, INVALID, UNIT
from taoxi.normalize.encodings.measure import glance_each, measure, measure_each
from taoxi.normalize.encodings.shortest import bad_offsets
from taoxi.normalize.encodings.transcode import transcode

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "cases" / "encodings.jsonl").read_text(encoding="utf-8").splitlines()
]
SEVERAL = tuple(dict.fromkeys((*MULTIBYTE, *SIBLINGS.values())))
WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
COMMON = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["label"])
def test_golden_cases(case: dict[str, Any]) -> None:
    """Codec, text and places of bad bytes are as written down."""
    decoded = decode(bytes.fromhex(case["data"]), case["hint"])
    assert (decoded.as_text(), decoded.encoding) == (case["text"], case["encoding"])
    assert decoded.bad.tolist() == case["bad"]


@pytest.mark.parametrize("encoding", [*SEVERAL, *WIDE, "utf-8", *SINGLE])
@given(data=st.binary(max_size=80))
@settings(deadline=None, max_examples=60)
def test_each_bad_byte_becomes_one_replacement(encoding: str, data: bytes) -> None:
    """All other bytes decode strictly to the rest of the text."""
    text, bad = decode_damaged(data, encoding)
    keep = np.ones(len(data), np.bool_)
    keep[bad] = False
    parts = text.decode().split("\ufffd")
    stretches = [data[start:end] for start, end in _stretches(keep)]
    own = [stretch.decode(encoding).count("\ufffd") for stretch in stretches]
    assert len(parts) - 1 == len(bad) + sum(own)
    assert "".join(stretch.decode(encoding) for stretch in stretches).replace("\ufffd", "") == "".join(parts)


def _stretches(keep: np.ndarray[Any, np.dtype[np.bool_]]) -> list[tuple[int, int]]:
    changes = np.flatnonzero(np.diff(np.concatenate([[0], keep.astype(np.int8), [0]])))
    return list(zip(changes[::2].tolist(), changes[1::2].tolist(), strict=True))


@pytest.mark.parametrize("encoding", ["gb18030", "big5hkscs", "utf-8", "utf-16-le", "utf-16-be", "utf-32-le"])
@given(text=st.text(alphabet=COMMON, min_size=12, max_size=200), line=st.integers(5, 40))
@settings(deadline=None, max_examples=60)
def test_clean_text_of_common_characters_comes_back(encoding: str, text: str, line: int) -> None:
    """A dozen characters are enough for the codec to be found without a hint, unless they are all the same few."""
    assume(len(set(text)) >= 6)
    text = "。\n".join(text[at : at + line] for at in range(0, len(text), line)) + "。"
    text = text.encode(encoding, "ignore").decode(encoding)
    decoded = decode(text.encode(encoding))
    assert decoded.as_text() == text
    assert decoded.bad_bytes == 0


@given(text=st.text(max_size=200), encoding=st.sampled_from([*SEVERAL, *WIDE, "utf-8"]))
@settings(deadline=None, max_examples=200)
def test_the_best_path_costs_no_more_than_the_plain_reading(text: str, encoding: str) -> None:
    """It has the choice of all readings, and what it costs is the sum of what its steps cost."""
    text = text.encode(encoding, "ignore").decode(encoding)
    data = np.frombuffer(text.encode(encoding), np.uint8)
    steps = np.zeros(len(data), np.uint8)
    best = measure(data, 0, len(data), encoding, steps, cut=False)
    apart = (
        measure_each(data, np.array([0]), np.array([len(data)]), encoding, steps)
        if encoding[:6] != "utf-32"
        else [best]
    )
    assert best == apart[0]
    assert best <= sum(STRANGEST * len(char.encode(encoding)) for char in text)
    plain = glance_each(data, np.array([0, len(data)]), encoding, steps)[0]
    assert plain < 0 or best <= plain + 6 * UNIT * len(text)
    assert len(bad_offsets(steps, 0, len(data))) <= best / (BAD_BITS * UNIT / 3)


STRANGEST = 30 * UNIT


@pytest.mark.parametrize("encoding", SEVERAL)
def test_tables_hold_what_the_codec_reads(encoding: str) -> None:
    """A pair of bytes has a cost if and only if Python reads it as one character, or as two that go together."""
    form = likelihood.form(encoding)
    rng = random.Random(1)
    for _ in range(5_000):
        lead, trail = rng.randrange(0x80, 0x100), rng.randrange(0x100)
        try:
            text = bytes((lead, trail)).decode(encoding)
        except UnicodeDecodeError:
            text = ""
        single = form.singles[lead] != INVALID
        assert (form.pairs[lead << 8 | trail] != INVALID) == (bool(text) and not single)


@pytest.mark.parametrize("encoding", MULTIBYTE)
@given(text=st.text(st.characters(max_codepoint=0x2FFFF)), noise=st.binary(max_size=40))
@settings(deadline=None, max_examples=100)
def test_what_the_kernel_reads_is_what_python_reads(encoding: str, text: str, noise: bytes) -> None:
    """The kernel gives up where it has to, and never on common characters."""
    for data in (text.encode(encoding, "ignore"), noise, "政治 news".encode(encoding) + noise):
        read = transcode(data, encoding)
        assert read is None or read == data.decode(encoding).encode()
    assert transcode("政治\n news".encode(encoding), encoding) == "政治\n news".encode()


@pytest.mark.parametrize("encoding", ["gb18030", "big5hkscs", "cp950"])
@pytest.mark.parametrize("place", range(20, 3_000, 331))
def test_a_byte_lost_in_a_long_line_is_seen_at_a_glance(encoding: str, place: int) -> None:
    """Though all that follows may be characters, and a line is looked at in windows around what is rare."""
    line = "這是一個沒有換行的長句子，我們在這裡說明今天的天氣和明天的工作計劃以及會議的時間地點。"
    data = (line * 40).encode(encoding)
    text = decode(data[:place] + data[place + 1 :]).as_text()
    touched = len(data[:place].decode(encoding, "ignore"))
    assert text[: touched - 1] == (line * 40)[: touched - 1]
    assert text[-len(line) * 40 + touched + 2 :] == (line * 40)[touched + 2 :]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("政府 report～ 工作\n第二行~报告", "hz"),
        ("日本語 text 半角ｶﾅ\n次の行", "iso2022_jp_ext"),
        ("한국어 text 문장\n다음 줄", "iso2022_kr"),
    ],
)
def test_lifting_takes_escapes_away(text: str, encoding: str) -> None:
    """The lifted bytes are the same text in eight bits, each with the place that it came from."""
    data = text.encode(encoding)
    lifted = escapes.lift(data, encoding)
    assert lifted.data.decode(lifted.encoding) == text
    assert not lifted.irregular
    assert len(lifted.places) == len(lifted.data)
    assert (np.diff(lifted.places) >= 0).all()
    assert {
        data[place] | 0x80 for place, byte in zip(lifted.places.tolist(), lifted.data, strict=True) if byte != 0x8E
    } >= {byte | 0x80 for byte in lifted.data if byte not in {0x8E, 0x8F}}


def test_models_agree_with_the_order_of_frequency() -> None:
    """的 is cheaper than 镕, kana are cheap in Japanese only, and private use is dear everywhere."""
    chinese, japanese = likelihood.simplified(), likelihood.japanese()
    assert chinese[ord("的")] < chinese[ord("府")] < chinese[ord("喆")] <= chinese[ord("\ue000")]
    assert japanese[ord("の")] < japanese[ord("的")]
    assert chinese[ord("の")] > chinese[ord("府")]
    assert likelihood.universal()[ord("の")] < chinese[ord("の")]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("重点工作——关于马克・吐温的书", "hz"), ("昨日―私たちは町へ行って、パンと牛乳を買いました", "iso2022_jp_ext")],
)
def test_damaged_text_in_escapes_has_the_characters_of_whole_text(text: str, encoding: str) -> None:
    """The codec that it is lifted to has another dash for the same pair."""
    data = text.encode(encoding, "ignore")
    whole = decode(data, encoding).as_text()
    damaged = decode(data + b"\xff\n", encoding).as_text()
    assert whole == data.decode(encoding)
    assert damaged == whole + "\ufffd\n"
