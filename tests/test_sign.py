"""What the judge is told of a text: tokens, hashes, signatures, and which of its paragraphs repeat.

A case of ``cases/repeats.jsonl`` is a text in pieces that stay or go; its labels are those of the other cases.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from datasketch import MinHash
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from taoxi.dedup.minhash import EMPTY, PERMUTATIONS, SEED, SHINGLE, SHORTEST
from taoxi.dedup.repeats import PARAGRAPH
from taoxi.dedup.sign import Signed, sign
from taoxi.dedup.tokens import shingle_hashes

CASES: list[dict[str, Any]] = [
    json.loads(line) for line in (Path(__file__).parent / "cases" / "repeats.jsonl").read_text("utf-8").splitlines()
]


def signed(*texts: str) -> Signed:
    """Sign texts that stand one after another in a buffer."""
    parts = [text.encode() for text in texts]
    bounds = np.cumsum([0, *map(len, parts)]).astype(np.int64)
    return sign(np.frombuffer(b"".join(parts), np.uint8), bounds)


def pieces(text: str, result: Signed, document: int = 0) -> list[dict[str, str]]:
    """Return a text in pieces that stay or go."""
    utf8 = text.encode()
    found = []
    at = 0
    for _, start, end in result.repeats[result.repeats[:, 0] == document].tolist():
        assert at <= start < end
        if start > at:
            found.append({"stays": utf8[at:start].decode()})
        found.append({"goes": utf8[start:end].decode()})
        at = end
    assert at <= len(utf8)
    return [*found, {"stays": utf8[at:].decode()}] if at < len(utf8) else found


def what(found: list[dict[str, str]], key: str) -> str:
    """Join the pieces that stay, or those that go."""
    return "".join(piece.get(key, "") for piece in found)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_case_is_cut_as_written(case: dict[str, Any]) -> None:
    """Exactly the pieces that should go do."""
    text = "".join(text for piece in case["pieces"] for text in piece.values())
    assert pieces(text, signed(text)) == case["pieces"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_case_is_signed_as_if_its_repeats_had_never_been(case: dict[str, Any]) -> None:
    """Tokens, hash, signature and paragraphs with their places are those of the text that stays."""
    text = "".join(text for piece in case["pieces"] for text in piece.values())
    assert_same(signed(text), signed(what(case["pieces"], "stays")))


def assert_same(whole: Signed, rest: Signed) -> None:
    """Compare all that is told of two texts, but for what was cut."""
    assert len(rest.repeats) == 0
    assert whole.tokens.tolist() == rest.tokens.tolist()
    assert whole.exact.tolist() == rest.exact.tolist()
    assert whole.signatures.tolist() == rest.signatures.tolist()
    assert whole.paragraphs.tolist() == rest.paragraphs.tolist()
    assert whole.paragraph_places.tolist() == rest.paragraph_places.tolist()


def test_cases_are_of_all_kinds() -> None:
    """Labels are those of the other cases, and a case in which nothing goes is one that must not change."""
    assert {case["label"] for case in CASES} == {"wild", "synthetic", "must-not-change"}
    assert len({case["name"] for case in CASES}) == len(CASES)
    for case in CASES:
        assert (case["label"] == "must-not-change") == (not what(case["pieces"], "goes")), case["name"]


WORDS = st.sampled_from(
    [*"天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏", "alpha", "Beta", "42", "7", "é", "한", "ก", "+", "C#"]
)
LINES = st.lists(WORDS, max_size=12).map(" ".join)


@settings(deadline=None, max_examples=100)
@given(text=st.lists(LINES, min_size=3, max_size=12).map("\n".join))
def test_signatures_are_those_of_datasketch(text: str) -> None:
    """Of the same shingle hashes datasketch makes the same 128 values; a text too short to sign has the empty ones."""
    result = signed(text)
    sketch = MinHash(num_perm=PERMUTATIONS, seed=SEED, scheme="affine32", hashfunc=lambda value: value)
    if result.tokens[0] >= SHORTEST:
        sketch.update_batch(shingle_hashes(what(pieces(text, result), "stays")).tolist())
    assert result.signatures[0].tolist() == sketch.hashvalues.tolist()


def test_texts_under_20_tokens_are_not_signed() -> None:
    """19 tokens leave the signature empty, 20 do not."""
    result = signed("一" * 19, "一" * 20)
    assert (result.signatures[0] == EMPTY).all()
    assert not (result.signatures[1] == EMPTY).all()


def test_a_shingle_is_five_tokens_in_order() -> None:
    """There is a hash per five tokens in a row, and it depends on their order."""
    assert len(shingle_hashes("一二三四")) == 0
    assert len(shingle_hashes("一二三四五")) == 1
    assert len(shingle_hashes("one two, three four 五 6")) == 6 - SHINGLE + 1
    assert shingle_hashes("一二三四五").tolist() == shingle_hashes("一、二\n三 四五").tolist()
    orders = {"一二三四五", "二一三四五", "五四三二一", "一二三五四"}
    assert len({shingle_hashes(text)[0] for text in orders}) == len(orders)
    assert len(shingle_hashes("")) == 0


def test_shingles_slide_by_one_token() -> None:
    """The hashes of a text begin with those of its beginning and end with those of its end."""
    whole = shingle_hashes("天地玄黄宇宙洪荒").tolist()
    assert whole[:3] == shingle_hashes("天地玄黄宇宙洪").tolist()
    assert whole[1:] == shingle_hashes("地玄黄宇宙洪荒").tolist()


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        ("天地 玄黄", 4),
        ("one two-three 4.5", 5),
        ("don't", 2),
        ("iPhone15手机", 3),
        ("カタカナ", 4),
        ("한국", 2),
        ("สวัสดี", 6),
        ("Привет мир", 2),
        ("naïve café", 2),
        ("+ = #", 0),
        ("C++ 语言", 3),
        ("a\nb", 2),
    ],
)
def test_tokens(text: str, tokens: int) -> None:
    """A token is one character of a script without spaces, else a run of letters and digits; signs are none."""
    assert signed(text).tokens.tolist() == [tokens]


PROSE = [
    "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏。",
    "闰余成岁律吕调阳云腾致雨露结为霜金生丽水玉出昆冈。",
    "Eight words of this line are not enough, so there are twenty of them in it, counted one by one here.",
    "剑号巨阙珠称夜光果珍李柰菜重芥姜海咸河淡鳞潜羽翔龙师火帝鸟官人皇。" * 7,
]
OTHERS = ["", "短句。", "标题", "# 标题", "```", "| 甲 | 乙 |", "- 一" + PROSE[0], "> 引文。", "* * *", "    code()"]
TEXTS = st.lists(st.sampled_from(PROSE + OTHERS), max_size=14)


@settings(deadline=None, max_examples=200)
@given(lines=TEXTS)
def test_what_goes_stands_elsewhere_and_what_stays_is_all_there_is(lines: list[str]) -> None:
    """Cut pieces are whole lines with a prose paragraph among them, and every line of the text is in what stays."""
    text = "\n".join(lines)
    found = pieces(text, signed(text))
    assert "".join(part for piece in found for part in piece.values()) == text
    rest = what(found, "stays").split("\n")
    assert {line for line in lines if line} == {line for line in rest if line}
    for piece in found:
        cut = piece.get("goes", "").split("\n")
        assert "goes" not in piece or set(cut) & set(PROSE)
        assert set(cut) <= {*lines, ""}


@settings(deadline=None, max_examples=200)
@given(lines=TEXTS)
def test_a_text_is_signed_as_what_stays_of_it(lines: list[str]) -> None:
    """Tokens, hash, signature, and the places of paragraphs, are those of the text without its repeats."""
    text = "\n".join(lines)
    result = signed(text)
    rest = signed(what(pieces(text, result), "stays"))
    assume(not len(rest.repeats))  # a manual that lost a pasted page with its headings may be no manual any more
    assert_same(result, rest)


@settings(deadline=None, max_examples=100)
@given(lines=TEXTS)
def test_paragraphs_are_lines_of_what_stays(lines: list[str]) -> None:
    """Each line of 20 tokens or more that stays is a paragraph: at its place, with its tokens, equal lines equal."""
    text = "\n".join(lines)
    result = signed(text)
    rest = what(pieces(text, result), "stays")
    places = result.paragraph_places.tolist()
    assert [rest.encode()[start:end].decode().rstrip("\n") for _, start, end, _ in places] == [
        line for line in rest.split("\n") if signed(line).tokens[0] >= PARAGRAPH
    ]
    hashes: dict[str, int] = {}
    for value, (document, start, end, tokens) in zip(result.paragraphs.tolist(), places, strict=True):
        line = rest.encode()[start:end].decode()
        assert (document, tokens) == (0, signed(line).tokens[0])
        assert hashes.setdefault(line.rstrip("\n"), value) == value
    assert len(set(hashes.values())) == len(hashes)


@settings(deadline=None, max_examples=50)
@given(documents=st.lists(TEXTS.map("\n".join), max_size=5))
def test_documents_do_not_see_each_other(documents: list[str]) -> None:
    """A batch tells of each document what it tells of it alone: repetition across documents is no repeat."""
    together = signed(*documents)
    for number, text in enumerate(documents):
        alone = signed(text)
        assert pieces(text, together, number) == pieces(text, alone)
        assert together.tokens[number] == alone.tokens[0]
        assert together.exact[number].tolist() == alone.exact[0].tolist()
        assert together.signatures[number].tolist() == alone.signatures[0].tolist()
        mine = together.paragraph_places[:, 0] == number
        assert together.paragraphs[mine].tolist() == alone.paragraphs.tolist()
        assert together.paragraph_places[mine, 1:].tolist() == alone.paragraph_places[:, 1:].tolist()


def test_a_buffer_may_begin_before_its_documents() -> None:
    """Bounds need not start at the first byte, as in a slice of a batch."""
    text = "\n\n".join(["前", *PROSE, *PROSE])
    shifted = ("其他。\n" + text).encode()
    start = len(shifted) - len(text.encode())
    result = sign(np.frombuffer(shifted, np.uint8), np.array([start, len(shifted)]))
    assert pieces(text, result) == pieces(text, signed(text))
    assert result.paragraph_places.tolist() == signed(text).paragraph_places.tolist()


def test_nothing_gives_nothing() -> None:
    """No documents, and empty ones, are no problem."""
    assert len(signed().tokens) == 0
    assert signed("", "").tokens.tolist() == [0, 0]


def test_exact_hashes_of_many_texts_differ() -> None:
    """Texts that differ in one token, its place, or their length have different hashes in both halves."""
    texts = [
        *(f"第{k}号" for k in range(3000)),
        *("甲" * k for k in range(1, 300)),
        *("甲" * k + "乙" for k in range(300)),
    ]
    result = signed(*texts)
    assert len(np.unique(result.exact[:, 0])) == len(texts)
    assert len(np.unique(result.exact[:, 1])) == len(texts)


def paragraph(tokens: int, first: str = "一") -> str:
    """Return a sentence of so many tokens, all different."""
    return "".join(chr(ord(first) + k) for k in range(tokens)) + "。"


OTHER = paragraph(30, "纀")


@pytest.mark.parametrize(("tokens", "goes"), [(19, False), (20, True)])
def test_a_paragraph_has_20_tokens(tokens: int, goes: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """A line of 19 tokens may come again, one of 20 may not."""
    text = "\n".join([paragraph(tokens), OTHER, paragraph(tokens), "完。"])
    assert bool(len(signed(text).repeats)) == goes


@pytest.mark.parametrize(
    ("marks", "tokens", "goes"),
    [
        (["标题", "标题二"], 30, True),
        (["#话题#"], 30, True),
        (["# 标题"], 30, False),
        (["# 标题", "## 标题二"], 30, False),
        (["```", "```"], 30, False),
        (["# 标题", "## 标题二"], 199, False),
        (["# 标题", "## 标题二"], 200, True),
        (["```", "```"], 200, True),
    ],
)
def test_a_manual_may_repeat_under_200_tokens(marks: list[str], tokens: int, goes: bool) -> None:  # noqa: FBT001 - as above
    """A heading or a code block makes a manual, a hashtag does not; in a manual only a pasted page goes."""
    text = "\n".join([*marks, paragraph(tokens), OTHER, paragraph(tokens), "完。"])
    assert bool(len(signed(text).repeats)) == goes
