"""The fold: what counts when texts are compared, and what does not."""

from __future__ import annotations

import unicodedata
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taoxi.dedup.fold import KIND_SHIFT, POINT_MASK, SEPARATOR, SIGN, SINGLE, WORD, build, simplified, table
from taoxi.dedup.sign import Signed, sign
from taoxi.dedup.tokens import shingle_hashes

EMPTY = (0, 0)


def signed(*texts: str) -> Signed:
    """Sign texts that stand one after another in a buffer."""
    parts = [text.encode() for text in texts]
    bounds = np.cumsum([0, *map(len, parts)]).astype(np.int64)
    return sign(np.frombuffer(b"".join(parts), np.uint8), bounds)


def exact(text: str) -> tuple[int, ...]:
    """Return the two halves of the exact hash."""
    return tuple(signed(text).exact[0].tolist())


def folded(char: str) -> tuple[str, int]:
    """Return what a character folds to and what kind it is."""
    entry = int(table()[ord(char)])
    return chr(entry & POINT_MASK), entry >> KIND_SHIFT


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("第１章 ＡＢＣ", "第1章 ABC"),
        ("ｱｲｳ", "アイウ"),
        ("Taoxi TAOXI Ünïcode", "taoxi taoxi ÜNÏCODE"),
        ("ΣΊΣΥΦΟΣ", "Σίσυφος"),
        ("漢語與臺灣後面", "汉语与台湾后面"),
        ("豈", "岂"),
        ("⼀⼆", "一二"),
        ("他说：“你好，世界。”", "他說「你好!世界」…"),
        ("一\n\n二 三　四", "一二三四"),
        ("10 ㎡", "10㎡"),
        ("well-known, 'fact'", "Well known fact!"),
        ("葛\U000e0100城", "葛城"),
        ("1\ufe0f⃣ 通知 ❤\ufe0f", "1 通知"),
        ("好的👍🏽", "好的"),
    ],
)
def test_what_does_not_count(left: str, right: str) -> None:
    """Width, case, script, punctuation, space and emoji make no difference."""
    assert exact(left) == exact(right) != EMPTY


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("第1章", "第2章"),
        ("2024年", "2025年"),
        ("增长3.5%", "增长5.3%"),
        ("ab c", "a bc"),
        ("3.14", "314"),
        ("一二", "二一"),
        ("C++", "C#"),
        ("a < b", "a > b"),
        ("5 $", "5 €"),
        ("5％", "5‰"),
        ("①", "②"),
        ("10㎡", "10㎥"),
        ("20℃", "20℉"),
        ("x²", "x2"),
        ("Ⅱ", "II"),
        ("か", "が"),
        ("कि", "की"),
        ("ก่", "ก้"),
        ("é", "e"),
        ("大", "犬"),
    ],
)
def test_what_counts(left: str, right: str) -> None:
    """Digits, word bounds, order, signs, and characters with a meaning of their own make different texts."""
    assert EMPTY not in {exact(left), exact(right)}
    assert exact(left) != exact(right)


@pytest.mark.parametrize(
    "text", ["", " \n", "。，！", "……——《》", "*** ---", "😀😀", "❤\ufe0f☎✅", "👩🏽\u200d🚀", "●◆│▲"]
)
def test_texts_without_a_token_fold_to_nothing(text: str) -> None:
    """Punctuation and emoji alone have no exact hash, so they are never taken for copies of each other."""
    result = signed(text)
    assert exact(text) == EMPTY
    assert result.tokens.tolist() == [0]


@pytest.mark.parametrize("text", ["+", "=", "#", "%", "@", "& <", "￥", "∑∞"])
def test_signs_alone_are_compared_exactly(text: str) -> None:
    """A sign is no token, yet it has an exact hash."""
    assert exact(text) != EMPTY
    assert signed(text).tokens.tolist() == [0]


def test_signs_do_not_count_in_shingles() -> None:
    """Texts that differ in signs alone are near, not exact, copies of each other."""
    words = [f"word{k}" for k in range(30)]
    plain, signs = " ".join(words), " + ".join(words)
    result = signed(plain, signs)
    assert result.exact[0].tolist() != result.exact[1].tolist()
    assert (result.signatures[0] == result.signatures[1]).all()
    assert result.tokens.tolist() == [30, 30]
    assert shingle_hashes(plain).tolist() == shingle_hashes(signs).tolist()


def test_folding_again_changes_nothing() -> None:
    """A character folds to one that folds to itself, of the same kind."""
    entries = table()
    counted = entries[entries != 0]
    assert (entries[counted & POINT_MASK] == counted).all()


def test_every_letter_and_digit_counts() -> None:
    """No script is left out: what Unicode calls a letter or a digit is a token or a part of one."""
    kinds = table() >> KIND_SHIFT
    lost = [
        f"U+{point:04X}"
        for point in range(0x110000)
        if unicodedata.category(chr(point))[0] in "LN" and kinds[point] not in {SINGLE, WORD}
    ]
    assert lost == []


def test_separators_are_punctuation_spaces_symbols_and_controls() -> None:
    """What does not count is nothing that a reader would miss as a word: variation marks and enclosures aside."""
    kinds = table() >> KIND_SHIFT
    for point in range(0x3000):
        category = unicodedata.category(chr(point))
        if category[0] in "ZPC" and chr(point) not in "#%‰@&":
            assert kinds[point] == SEPARATOR, f"U+{point:04X}"
        if category in {"Sm", "Sc"}:
            assert kinds[point] == SIGN, f"U+{point:04X}"


@pytest.mark.parametrize(
    ("char", "expected"),
    [
        ("Ａ", ("a", WORD)),
        ("１", ("1", WORD)),
        ("臺", ("台", SINGLE)),
        ("薴", ("苎", SINGLE)),
        ("か", ("か", SINGLE)),
        ("한", ("한", SINGLE)),
        ("ก", ("ก", SINGLE)),
        ("①", ("①", WORD)),
        ("㎡", ("㎡", SINGLE)),
        ("＋", ("+", SIGN)),
        ("𠮷", ("𠮷", SINGLE)),
        ("İ", ("İ", WORD)),
        ("。", ("\0", SEPARATOR)),
    ],
)
def test_kinds(char: str, expected: tuple[str, int]) -> None:
    """One character of each kind, with what it folds to."""
    assert folded(char) == expected


def test_simplified_forms_are_single_characters() -> None:
    """The table from OpenCC maps one character to another one."""
    table_of = simplified()
    assert len(table_of) > 3000
    assert all(len(old) == len(new) == 1 and old != new for old, new in table_of.items())


WORDS = st.one_of(
    st.sampled_from([*"漢語學習臺灣後國东西南北人口中大"]),
    st.from_regex(r"[a-z]{1,6}", fullmatch=True),
    st.from_regex(r"[0-9]{1,4}", fullmatch=True),
)
BETWEEN = st.sampled_from([" ", "，", "。 ", "！", "　", " …… ", "“", "（", "\n"])


@settings(deadline=None, max_examples=100)
@given(words=st.lists(WORDS, min_size=1, max_size=38), data=st.data())
def test_two_layouts_of_one_text_are_exact_copies(words: list[str], data: st.DataObject) -> None:
    """The same words with other separators, case, width and script have the same hash, tokens and signature."""
    simple = simplified()

    def layout() -> str:
        text = "".join(word + data.draw(BETWEEN) for word in words)
        if data.draw(st.booleans()):
            text = text.upper()
        if data.draw(st.booleans()):
            text = "".join(simple.get(char, char) for char in text)
        if data.draw(st.booleans()):
            text = "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)
        return text

    result = signed(layout(), layout())
    assert result.tokens.tolist() == [len(words)] * 2
    assert result.exact[0].tolist() == result.exact[1].tolist()
    assert (result.signatures[0] == result.signatures[1]).all()


def test_the_file_of_the_fold_is_what_is_worked_out() -> None:
    """What runs read is what the rules say, under the version of Unicode that the file was made with."""
    head = files("taoxi.dedup").joinpath("fold.tsv").read_text("ascii").partition("\n")[0]
    if not head.endswith(f"Unicode {unicodedata.unidata_version}."):
        pytest.skip("Another version of Unicode works out another fold.")
    assert (table() == build()).all()
