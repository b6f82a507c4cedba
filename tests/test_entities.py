"""Entities left in text become their characters; source code and talk about HTML keep them."""

from __future__ import annotations

import html
import json
from collections import Counter
from html.entities import name2codepoint
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taoxi.normalize.characters.rules import REPAIRS
from taoxi.normalize.characters.walk import normalize_documents
from taoxi.normalize.repairs.entities import NEAR, character, entity
from taoxi.normalize.repairs.finding import apply
from taoxi.normalize.repairs.repair import repair

CASES: list[dict[str, Any]] = [
    json.loads(line)
    for line in (Path(__file__).parent / "cases" / "entities.jsonl").read_text(encoding="utf-8").split("\n")
    if line
]
PARTS = (
    "& amp; nbsp; &nbsp &lt; &gt; &#10; &#13; &#x4e2d; &#0; # 38; 中 a = ? :// <b> ` ``` &ldquo &quot; &alpha; | &#124;"
)
pieces = st.lists(st.sampled_from([*PARTS.split(), "\n", " "]), max_size=25).map("".join)


def resolved(text: str) -> str:
    """Resolve the entities of one text."""
    return apply(text, entity(text))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['label']}-{case['name']}")
def test_a_case_comes_out_as_written_and_is_counted(case: dict[str, Any]) -> None:
    """Text and counter are exactly those of the record, and a second pass finds nothing."""
    data = np.frombuffer(case["text"].encode(), np.uint8)
    result = repair(data, np.array([0, len(data)], np.int64))
    assert result.text.tobytes().decode() == case["expected"]
    assert {rule: n for rule, n in zip(REPAIRS, result.changes[0].tolist(), strict=True) if n} == case["changes"]
    assert resolved(case["expected"]) == case["expected"]


def test_cases_have_names_and_labels() -> None:
    """There are cases of both outcomes, and no name twice."""
    labels = Counter(case["label"] for case in CASES)
    assert labels["must-not-change"] >= 20
    assert len({case["name"] for case in CASES}) == len(CASES)
    for case in CASES:
        assert (case["label"] == "must-not-change") == (case["changes"] == {}), case["name"]


@pytest.mark.parametrize("name", sorted(name2codepoint))
def test_names_mean_what_html_says(name: str) -> None:
    """Each name of HTML 4 is the character that the standard library knows for it."""
    assert character(name) == html.unescape(f"&{name};")


@given(st.integers(0, 0x120000))
def test_numbers_mean_what_browsers_make_of_them(point: int) -> None:
    """A number is the character of browsers, or stays where they give none that text may hold."""
    found = character(f"#{point}")
    assert found == character(f"#x{point:x}") == character(f"#X{point:X}")
    if point in (0x0A, 0x0D):
        assert found == "\u2028"
    elif found is not None:
        assert found == html.unescape(f"&#{point};")
        assert found == "\t" or found >= " "
    else:
        category = html.unescape(f"&#{point};")
        assert category in {"", "\ufffd"} or point < 0x20 or 0x7F <= point < 0xA0 or point & 0xFFFE == 0xFFFE


@given(pieces)
def test_breaks_stay_and_findings_are_apart(text: str) -> None:
    """No break is made or lost, findings are in order, and nothing but an entity is replaced."""
    findings = entity(text)
    at = 0
    for finding in findings:
        assert at <= finding.start < finding.end
        assert text[finding.start] == "&"
        assert finding.new is not None
        at = finding.end
    assert resolved(text).count("\n") == text.count("\n")


def test_what_markup_shows_lies_near_it() -> None:
    """Entities stay up to 20 lines from markup, and are resolved beyond."""
    for lines, kept in ((NEAR, True), (NEAR + 1, False)):
        text = "<td>甲</td>" + "\n" * lines + "正文&middot;完" + "\n" * lines + "</td>"
        assert ("&middot;" in resolved(text)) is kept


def test_a_fence_that_opened_earlier_counts() -> None:
    """A stretch inside fenced code keeps its entities up to the end of the fence."""
    text = "a &lt; b\n```\nc &lt; d\n"
    assert apply(text, entity(text, fenced=True)) == "a &lt; b\n```\nc < d\n"
    lines = ["```\n", *["x\n"] * 50, "a &lt; b\n", "```\n", *["好\n"] * 50, "c &lt; d\n"]
    parts = [line.encode() for line in lines]
    bounds = np.cumsum([0, *map(len, parts)]).astype(np.int64)
    result = repair(np.frombuffer(b"".join(parts), np.uint8), bounds, documents=False)
    assert result.text.tobytes().decode() == "".join(lines[:-1]) + "c < d\n"


def test_an_escaped_break_becomes_one() -> None:
    """Normalization makes a line break of what an escaped line feed became."""
    data = np.frombuffer("第一行&#13;&#10;第二行&#10;第三行".encode(), np.uint8)
    result = repair(data, np.array([0, len(data)], np.int64))
    normalized = normalize_documents(result.text, result.offsets)
    assert normalized.text.tobytes().decode() == "第一行\n第二行\n第三行"
