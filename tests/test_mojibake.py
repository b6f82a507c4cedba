"""Mojibake is undone where that is lossless and beyond doubt, and nothing else is touched."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taoxi.normalize.characters.rules import REPAIRS
from taoxi.normalize.encodings.decoding import decode
from taoxi.normalize.repairs.finding import Finding, apply
from taoxi.normalize.repairs.misread import NARROW, WIDE, high_bytes, legacy, narrow, wide
from taoxi.normalize.repairs.mojibake import DEPTH, lost_text, mojibake
from taoxi.normalize.repairs.plausible import bits
from taoxi.normalize.repairs.repair import Repaired, repair
from taoxi.normalize.repairs.suspects import suspects
from tests.support import jsonl, prose, run

CASES: list[dict[str, Any]] = [
    json.loads(line)
    for line in (Path(__file__).parent / "cases" / "mojibake.jsonl").read_text(encoding="utf-8").splitlines()
]
BREAKS = "\n\v\f\r"
CLEAN = "北方的夏天虽然热,但是晚上的风让人觉得舒服,明天还要上班,所以早点睡觉吧"

strange = st.text(
    st.one_of(
        st.characters(max_codepoint=0x250, exclude_categories=["Cs"]),
        st.characters(min_codepoint=0x80, max_codepoint=0xFF),
        st.sampled_from("锛銆鎴戜滑浠婂ぉ锟斤拷烫屯縺繧€™“”â&;#x\ufffd\ue000中国的\n\r"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=60,
)
lines = st.lists(
    strange.map(lambda text: "".join(char for char in text if char not in BREAKS)), min_size=1, max_size=60
)


def of_segments(texts: list[str], *, documents: bool = True) -> Repaired:
    """Repair texts that stand one after another in a buffer."""
    parts = [text.encode() for text in texts]
    bounds = np.cumsum([0, *map(len, parts)]).astype(np.int64)
    return repair(np.frombuffer(b"".join(parts), np.uint8), bounds, documents=documents)


def segments(result: Repaired) -> list[str]:
    """Return the segments of a result; bytes that are not UTF-8 raise."""
    data = result.text.tobytes()
    return [data[a:b].decode() for a, b in zip(result.offsets[:-1], result.offsets[1:], strict=True)]


def counters(result: Repaired, row: int = 0) -> dict[str, int]:
    """Return the counters of a segment that are not zero."""
    return {rule: int(count) for rule, count in zip(REPAIRS, result.changes[row], strict=True) if count}


def as_cp1252(text: str) -> str:
    """Read the UTF-8 of a text as Windows-1252, the five undefined bytes as controls."""
    table = {byte: char for char, byte in high_bytes("cp1252").items() if char >= "\xa0"}
    return "".join(table.get(byte, chr(byte)) for byte in text.encode())


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['label']}-{case['name']}")
def test_a_case_comes_out_as_written_and_is_counted(case: dict[str, Any]) -> None:
    """Text and counters are exactly those of the record, as a document and as lines of a stream."""
    result = of_segments([case["text"]])
    assert segments(result) == [case["expected"]]
    assert counters(result) == case["changes"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['label']}-{case['name']}")
def test_a_repaired_case_is_stable(case: dict[str, Any]) -> None:
    """What was repaired is not repaired again."""
    assert segments(of_segments([case["expected"]])) == [case["expected"]]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['label']}-{case['name']}")
def test_clean_neighbours_stay(case: dict[str, Any]) -> None:
    """Lines around a case stay what they are, whether the case was damaged or only looks so."""
    text = f"{CLEAN}。\n{case['text']}\n{CLEAN}?"
    (result,) = segments(of_segments([text]))
    assert result == f"{CLEAN}。\n{case['expected']}\n{CLEAN}?"


def test_cases_have_names_and_labels() -> None:
    """There are cases of each outcome, many of them of what must not change, and no name twice."""
    labels = Counter(case["label"] for case in CASES)
    assert set(labels) == {"wild", "synthetic", "flagged", "must-not-change"}
    assert labels["must-not-change"] >= 20
    assert len({case["name"] for case in CASES}) == len(CASES)
    for case in CASES:
        assert (case["label"] == "must-not-change") == (case["changes"] == {}), case["name"]


@given(st.lists(strange, max_size=8))
def test_documents_stay_apart(texts: list[str]) -> None:
    """A document comes out the same whatever stands beside it, with the line breaks that it had."""
    result = of_segments(texts)
    together = segments(result)
    for row, text in enumerate(texts):
        alone = of_segments([text])
        assert segments(alone) == [together[row]]
        assert counters(alone) == counters(result, row)
        assert [char for char in together[row] if char in BREAKS] == [char for char in text if char in BREAKS]


@given(lines)
def test_lines_of_a_stream_stay_lines(texts: list[str]) -> None:
    """As many segments come out of a stream as went in, each with its own break at its end and no other."""
    stream = [f"{text}\n" for text in texts[:-1]] + texts[-1:]
    result = of_segments(stream, documents=False)
    assert len(result.offsets) == len(stream) + 1
    assert result.offsets[0] == 0
    assert result.offsets[-1] == len(result.text)
    for old, new in zip(stream, segments(result), strict=True):
        assert (new.count("\n"), new.endswith("\n")) == (old.count("\n"), old.endswith("\n"))


@given(strange)
def test_what_is_not_counted_is_not_changed(text: str) -> None:
    """Without a repair in the counters the very same buffer comes back."""
    data = np.frombuffer(text.encode(), np.uint8)
    bounds = np.array([0, len(data)], np.int64)
    result = repair(data, bounds)
    if not {"entity", "mojibake"} & set(counters(result)):
        assert result.text is data
        assert result.offsets is bounds
    else:
        assert result.text.tobytes() != data.tobytes()


@given(strange)
def test_readings_are_lossless(text: str) -> None:
    """Reading what was found in the wrong way again gives the stretch, character by character."""
    for encoding in NARROW:
        table = high_bytes(encoding)
        for reading in narrow(text, encoding):
            assert bytes(table[char] for char in text[reading.start : reading.end]) == reading.was.encode()
    for encoding in WIDE:
        for reading in wide(text, encoding):
            assert reading.was.encode().decode(encoding) == text[reading.start : reading.end]
    for readings in legacy(text):
        for reading in readings:
            stretch = text[reading.start : reading.end]
            data = bytes(high_bytes("cp1252").get(char) or ord(char) for char in stretch)
            assert reading.was.encode(reading.way) == data


@given(strange)
def test_findings_are_in_order_and_apart(text: str) -> None:
    """Findings of a text do not overlap, lie within it, and change what they replace."""
    at = 0
    for finding in mojibake(text):
        assert at <= finding.start < finding.end <= len(text)
        assert finding.new != text[finding.start : finding.end]
        at = finding.end


@given(st.integers(0, len(CLEAN) - 6), st.integers(6, 20), st.integers(1, DEPTH - 1))
@settings(max_examples=60)
def test_chinese_is_found_under_every_layer(start: int, size: int, layers: int) -> None:
    """Runs of six characters and more come back from one misreading and from two on top of each other."""
    clean = CLEAN[start : start + size]
    damaged = clean
    for _ in range(layers):
        damaged = as_cp1252(damaged)
    assert segments(of_segments([f"标题:{damaged}。"])) == [f"标题:{clean}。"]


def test_half_a_line_is_repaired() -> None:
    """What is genuine in a line stays, though the bytes of its characters would be UTF-8 as well."""
    damaged = "，我们去公园".encode().decode("gb18030")
    assert segments(of_segments([f"联通公司说{damaged}玩侣妹"])) == ["联通公司说，我们去公园玩侣妹"]


def test_lost_text_is_counted_only() -> None:
    """Nothing tells what stood where U+FFFD, or its misreading, stands now."""
    text = "锟斤拷锟斤拷\ufffd烫烫烫\n屯屯"
    result = of_segments([text])
    assert segments(result) == [text]
    assert counters(result) == {"lost_text": 3}
    assert [finding.new for finding in lost_text(text)] == [None] * 3


def test_counts_belong_to_their_lines() -> None:
    """In a stream each line has its own counters, and lines without a finding have none."""
    stream = ["好\n", as_cp1252("春季运动会") + "\n", "好\n", "第&nbsp;二\n", "锟斤拷锟斤拷"]
    result = of_segments(stream, documents=False)
    assert segments(result) == ["好\n", "春季运动会\n", "好\n", "第\xa0二\n", "锟斤拷锟斤拷"]
    assert [counters(result, row) for row in range(5)] == [{}, {"mojibake": 1}, {}, {"entity": 1}, {"lost_text": 1}]


def test_clean_chinese_is_not_looked_at() -> None:
    """The first pass passes over ordinary text, which is what keeps it cheap."""
    texts = [CLEAN, f"“{CLEAN}”——{CLEAN}……", "阿卜杜拉·买买提 5×3 25°C A&B R & D", "ABC 123 plain"]
    parts = [text.encode() for text in texts]
    bounds = np.cumsum([0, *map(len, parts)]).astype(np.int64)
    assert suspects(np.frombuffer(b"".join(parts), np.uint8), bounds).tolist()[:2] == [0, 0]


def test_misread_text_costs_more() -> None:
    """The model finds each misreading more surprising than what was misread."""
    for damaged in (as_cp1252(CLEAN), CLEAN.encode("gb18030").decode("latin-1")):
        assert bits(damaged) > 2 * bits(CLEAN)


def test_findings_are_applied_in_place() -> None:
    """A finding without replacement leaves the text as it is."""
    findings = [Finding(0, 1, None, "mojibake_left"), Finding(1, 2, "xyz", "mojibake")]
    assert apply("abc", findings) == "axyzc"


def test_a_run_repairs_documents_and_streams(tmp_path: Path) -> None:
    """Records and lines of texts come out repaired, with the counters in ``changes``."""
    body = prose(3)
    jsonl(tmp_path / "in" / "a.jsonl", [as_cp1252(body), prose(4)])
    (tmp_path / "in" / "b.txt").write_text(f"{as_cp1252('春季运动会')}\n{prose(5)}&nbsp;完\n", encoding="utf-8")
    report, out = run(tmp_path / "out", tmp_path / "in")
    texts = {row["text"] for row in out.corpus}
    assert texts == {body, prose(4), f"春季运动会\n{prose(5)} 完"}
    assert report.changes["mojibake"] == 2
    assert report.changes["entity"] == 1


def test_real_text_is_left_alone(shared: Path) -> None:
    """Reports, news pages and three releases of a manual full of code hold no mojibake and no entity to resolve."""
    folders = ["dumps", "real/html-zh/cleaned", "real/gov-2026", "real/iotdb-zh"]
    paths = [path for folder in folders for path in sorted((shared / folder).rglob("*")) if path.is_file()]
    texts = [text for path in paths if (text := decode(path.read_bytes()).as_text())]
    result = of_segments(texts)
    found = Counter[str]()
    for row in np.flatnonzero(result.changes.any(1)).tolist():
        found.update(counters(result, row))
    assert len(texts) > 300
    assert set(found) <= {"lost_text"}
    stream = [line for text in texts[:100] for line in text.splitlines(keepends=True)]
    assert not of_segments(stream, documents=False).changes[:, :-1].any()
