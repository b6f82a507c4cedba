"""The rules of character normalization: golden cases as data, and what holds for any text.

A case labelled ``wild`` shows a pattern that was met in a scrape, in words of our own.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taoxi.corpus.options import LAYOUT_RULES
from taoxi.corpus.schema import CHANGES
from taoxi.normalize.characters.rules import MAP, REPAIRS, RULE_FUNCTIONS, RULES, Table, build
from taoxi.normalize.characters.walk import Normalized, normalize_documents, normalize_stream

CASES: list[dict[str, Any]] = [
    json.loads(line) for line in (Path(__file__).parent / "cases" / "characters.jsonl").read_text("utf-8").splitlines()
]
WIDTHS = ("half", "full", "keep")
LABELS = {"wild", "synthetic", "must-not-change"}

ATOMS = [
    *"abzAÉé1209.,;:!?()（），。：；！？．１Ａ“”…—―─━│⋯、中文国㎡①かはｶﾞ<=|-+*#%·ﬁ︒﹐︰⸺⸻½αΑ",
    *"\u3099\u309a\u0301\u0323\u0338\u0315\u0342\ufe0f\ufe0e\u094d",
    *" \t\u3000\u00a0\u2003\u3164\n\r\x0b\x0c\u0085\u2028",
    *"\u200b\u200c\u200d\u180e\ufeff\u00ad\u202e\u2066\x00\x1f\x7f\ufdd0\ufffe\ufff9\ue000\U000f0000\ufffd",
    *"یकषᠮ👩👨🏽❤",
    *(
        "...",
        "......",
        "。。。",
        "⋯⋯",
        "──",
        "\r\n",
        "\r\r\n",
        "\n\n\n",
        "\n  ",
        "\n　　",
        "e\u0301",
        "(中)",
        "中...",
        "1(2",
    ),
]
"""What rules act on and what stands beside it; some of it in pieces that chance would seldom put together."""

TEXTS = st.lists(st.one_of(st.sampled_from(ATOMS), st.characters(codec="utf-8")), max_size=24).map("".join)

given_texts = given(text=TEXTS, width=st.sampled_from(WIDTHS))
some = settings(deadline=None, max_examples=200)


def of_documents(texts: list[str], width: str) -> Normalized:
    """Normalize texts that stand one after another in a buffer."""
    parts = [text.encode() for text in texts]
    bounds = np.cumsum([0, *map(len, parts)]).astype(np.int64)
    return normalize_documents(np.frombuffer(b"".join(parts), np.uint8), bounds, width)


def documents(result: Normalized) -> list[str]:
    """Return the texts of a result; bytes that are not UTF-8 raise."""
    data = result.text.tobytes()
    return [data[a:b].decode() for a, b in zip(result.offsets[:-1], result.offsets[1:], strict=True)]


def normalize(text: str, width: str = "half") -> str:
    """Normalize one text."""
    (normalized,) = documents(of_documents([text], width))
    return normalized


def counters(result: Normalized, row: int = 0) -> dict[str, int]:
    """Return the counters of a document that are not zero."""
    return {rule: int(count) for rule, count in zip(RULES, result.changes[row], strict=True) if count}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['rule']}-{case['name']}")
def test_a_case_comes_out_as_written_and_is_counted(case: dict[str, Any]) -> None:
    """Text and counters are exactly those of the record."""
    result = of_documents([case["text"]], case["width"])
    assert documents(result) == [case["expected"]]
    assert counters(result) == case["changes"]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['rule']}-{case['name']}")
def test_a_case_is_stable_under_any_width(case: dict[str, Any], width: str) -> None:
    """Once normalized, a text is not changed again, whatever became of its width."""
    once = normalize(case["text"], width)
    again = of_documents([once], width)
    assert documents(again) == [once]
    assert counters(again) == {}


def test_cases_cover_every_rule() -> None:
    """Each rule has four cases or more, one of them of what it leaves alone; such a case changes nothing."""
    assert {case["label"] for case in CASES} == LABELS
    assert len({(case["rule"], case["name"]) for case in CASES}) == len(CASES)
    for rule in RULES[: -len(REPAIRS)]:
        labels = Counter(case["label"] for case in CASES if case["rule"] == rule)
        assert labels.total() >= 4, rule
        assert labels["must-not-change"], rule
        assert any(case["changes"].get(rule) for case in CASES if case["rule"] == rule), rule
    for case in CASES:
        assert (case["text"] == case["expected"]) == (case["changes"] == {}), case["name"]
        assert (case["label"] == "must-not-change") == (case["changes"] == {}), case["name"]


def test_a_rule_has_one_word() -> None:
    """The function, the counter, the column in ``changes`` and the cases use the same words in the same order."""
    assert len(RULES) == len(set(RULES)) == 18
    assert (*(rule.__name__ for rule in RULE_FUNCTIONS), *REPAIRS) == RULES
    assert tuple(field.name for field in CHANGES) == (*RULES, *LAYOUT_RULES)
    assert set(RULES) - set(REPAIRS) == {case["rule"] for case in CASES}


@pytest.mark.parametrize("width", WIDTHS)
def test_no_rule_takes_a_character_from_another(width: str) -> None:
    """Each code point belongs to one rule at most, so the order of the rules in the table does not matter."""
    owner = np.full(0x110000, -1)
    for number, rule in enumerate(RULE_FUNCTIONS):
        table = Table()
        rule(table, width)
        mine = np.flatnonzero(table.action)
        assert (owner[mine] == -1).all(), rule.__name__
        owner[mine] = number


@pytest.mark.parametrize("width", WIDTHS)
def test_replacements_mean_the_same_to_unicode(width: str) -> None:
    """A replaced character and its replacement are compatible, but for the few that look alike and are not."""
    alike = {"\u2010": "-", "\u2011": "-", "―": "—", "⋯": "…"}
    table = build(width)
    for point in np.flatnonzero((table.action & 0x7F) == MAP).tolist():
        old, new = chr(point), chr(int(table.target[point]))
        same = unicodedata.normalize("NFKC", old) == unicodedata.normalize("NFKC", new)
        assert same or alike.get(old) == new, f"U+{point:04X}"


@some
@given_texts
def test_normalizing_again_changes_nothing(text: str, width: str) -> None:
    """What is normalized stays as it is, in text and in counters."""
    once = normalize(text, width)
    again = of_documents([once], width)
    assert documents(again) == [once]
    assert counters(again) == {}


@some
@given_texts
def test_a_change_is_recorded_and_nothing_else_is(text: str, width: str) -> None:
    """Counters are zero exactly when the text came through as it was, the end of its last line aside."""
    result = of_documents([text], width)
    (normalized,) = documents(result)
    if counters(result):
        assert normalized != text
    else:
        assert normalized in {text, text.removesuffix("\n")}


@settings(deadline=None, max_examples=100)
@given(texts=st.lists(TEXTS, max_size=5), width=st.sampled_from(WIDTHS))
def test_documents_do_not_see_each_other(texts: list[str], width: str) -> None:
    """A buffer of documents gives the texts and counters that each of them gives alone."""
    together = of_documents(texts, width)
    alone = [of_documents([text], width) for text in texts]
    assert documents(together) == [documents(result)[0] for result in alone]
    assert [counters(together, row) for row in range(len(texts))] == [counters(result) for result in alone]


def test_brackets_are_not_paired_across_documents() -> None:
    """A bracket that one document left open does not decide on the next document's."""
    assert documents(of_documents(["(中", "a)b", "(a", "中)"], "full")) == ["（中", "a)b", "(a", "中）"]


def test_no_documents_are_no_problem() -> None:
    """An empty buffer, and empty documents, give as much."""
    assert documents(of_documents([], "half")) == []
    assert documents(of_documents(["", "", ""], "half")) == ["", "", ""]


@some
@given(text=TEXTS, width=st.sampled_from(WIDTHS), data=st.data())
def test_a_stream_is_the_document_and_knows_where_its_lines_are(text: str, width: str, data: st.DataObject) -> None:
    """Marks after line break units change neither text nor counters; each comes to stand at the start of a line."""
    utf8 = text.encode()
    breaks = [at + 1 for at, byte in enumerate(utf8) if 10 <= byte <= 13]
    chosen = [at for at in breaks if data.draw(st.booleans())] if data.draw(st.booleans()) else breaks
    marks = [0, *chosen] if chosen and chosen[-1] == len(utf8) else [0, *chosen, len(utf8)]
    result = normalize_stream(np.frombuffer(utf8, np.uint8), np.array(marks, np.int64), width)
    output = result.text.tobytes()
    whole = of_documents([text], width)
    assert output.decode().strip("\n") == documents(whole)[0]
    edges = RULES.index("blank_lines")
    assert np.delete(result.changes.sum(0), edges).tolist() == np.delete(whole.changes[0], edges).tolist()
    bounds = result.offsets.tolist()
    assert bounds == sorted(bounds)
    assert (bounds[0], bounds[-1], len(bounds)) == (0, len(output), len(marks))
    assert all(at == 0 or output[at - 1] == 10 for at in bounds[:-1])


UNWANTED = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\xa0\xad\u061c\u1680\u2000-\u200b\u200e\u200f\u2028-\u202f\u205f-\u2064\u2066-\u206f"
    r"\u3000\u3164\ue000-\uf8ff\ufdd0-\ufdef\ufeff\uff01-\uff5e\uffa0\ufff9-\ufffb\ufffe\uffff\U000f0000-\U0010ffff]"
    r"| $|^\n|\n\n\n|\n$",
    re.MULTILINE,
)


@some
@given(text=TEXTS)
def test_what_must_go_is_gone(text: str) -> None:
    """No full-width ASCII, odd space, control or invisible character is left, nor spaces or empty lines at edges."""
    normalized = normalize(text)
    found = UNWANTED.search(normalized.replace("\n\n", "\n"))
    assert found is None
    assert "\n\n\n" not in normalized
    assert normalized == normalized.strip("\n")


SPACES = {chr(point) for point in range(0x3400) if unicodedata.category(chr(point)) == "Zs"} | {
    "\t",
    "\u3164",
    "\uffa0",
}
BREAKS = set("\n\r\x0b\x0c\x85\u2028\u2029")
INVISIBLE = set("\xad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff\ufff9\ufffa\ufffb")
INVISIBLE |= {chr(point) for point in (*range(0x202A, 0x202F), *range(0x2066, 0x2070))}
WITH_NEIGHBOURS = SPACES | BREAKS | INVISIBLE | set(".。…⋯—―─⸺⸻")
"""What rules with neighbours decide on, and joiners: left out of the comparison on both sides."""

SMALL = {
    chr(point): "…" if point == 0xFE19 else unicodedata.normalize("NFKC", chr(point))
    for point in (*range(0xFE10, 0xFE1A), *range(0xFE31, 0xFE6C))
    if chr(point) not in "︴﹅﹆﹉﹊﹋﹌﹍﹎﹏" and unicodedata.category(chr(point)) != "Cn"
}
HYPHENS = {"\u2010": "-", "\u2011": "-"}


def plain(text: str, width: str) -> str:
    """Apply, character by character, the rules that need no neighbours; leave out what the others decide on."""
    kept = []
    for char in text:
        new = SMALL.get(char, HYPHENS.get(char, char))
        if "\uff01" <= new <= "\uff5e" and width != "keep":
            new = chr(ord(new) - 0xFEE0)
        gone = (
            unicodedata.category(char) in {"Cc", "Co"} or (ord(char) & 0xFFFE) == 0xFFFE or "\ufdd0" <= char <= "\ufdef"
        )
        if not gone and new not in WITH_NEIGHBOURS:
            kept.append(new)
    return unicodedata.normalize("NFD", "".join(kept))


@settings(deadline=None, max_examples=300)
@given_texts
def test_no_other_character_is_lost_or_changed(text: str, width: str) -> None:
    """The output has the characters of a plain reference in its order, up to canonical equivalence."""
    assert plain(normalize(text, width), width) == plain(text, width)


def test_every_single_character_is_left_alone_or_has_a_reason() -> None:
    """Of all code points, between Han, exactly those change that Unicode's categories and our short lists name."""
    chars = [chr(point) for point in range(0x110000) if not 0xD800 <= point < 0xE000]
    result = documents(of_documents([f"中{char}中" for char in chars], "half"))
    changed = {char for char, text in zip(chars, result, strict=True) if text != f"中{char}中"}
    expected = {char for char in chars if unicodedata.category(char) in {"Cc", "Co"} or (ord(char) & 0xFFFE) == 0xFFFE}
    expected |= SPACES | BREAKS | INVISIBLE | set(SMALL) | set(HYPHENS) | set("―⋯⸺⸻")
    expected |= {chr(point) for point in (*range(0xFF01, 0xFF5F), *range(0xFDD0, 0xFDF0))}
    assert changed == expected - {" ", "\n"}


MARKS = [p for p in (*range(0x300, 0x370), 0x3099, 0x309A) if not unicodedata.decomposition(chr(p))]
"""Combining marks, but for four that Unicode regrets and NFC replaces by others."""


@some
@given(
    pairs=st.lists(
        st.tuples(
            st.sampled_from("aeiouAEOydnsczLαωΙиеяかはウカ中1=<"),
            st.sampled_from(MARKS),
        )
    )
)
def test_one_mark_is_composed_as_in_nfc(pairs: list[tuple[str, int]]) -> None:
    """A letter with one mark becomes what NFC makes of it, and stays two characters where Unicode has no more."""
    text = "".join(base + chr(mark) for base, mark in pairs)
    composed = "".join(unicodedata.normalize("NFC", base + chr(mark)) for base, mark in pairs)
    assert normalize(text) == composed


@some
@given(text=st.text(st.sampled_from("中文甲乙，。：；！？（）“”《》…—ABCxyz0189 \n")))
def test_either_width_of_a_text_comes_to_the_same(text: str) -> None:
    """Full-width and half-width letters, digits and punctuation give one text under ``--width half``."""
    wide = "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)
    assert normalize(wide) == normalize(text)
    assert normalize(normalize(text, "full")) == normalize(text)
