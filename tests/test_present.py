"""Which marks may stand in which text, against a search for each of them."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from taoxi.normalize.lines.marks import Evidence, GroupMarks, Watermark
from taoxi.normalize.lines.present import FEW, present

SEEN = Evidence(3, 1.0, 3)
WORDS = st.sampled_from(
    ["更多资料", "更多", "资料", "更多材料:", "ab", "abc", "第0页", "第7页", "-", "。", "!", ":", "0", "\n"]
)
TEXTS = st.lists(WORDS, max_size=8).map("".join)
SPANS = ["更多资料+【公众号:木棉花】", "更多资料", "abc", "ab", "-0-", "第0页"]


@settings(deadline=None, max_examples=200)
@given(
    texts=st.lists(st.tuples(TEXTS, st.integers(0, 2)), min_size=1, max_size=12),
    marks=st.dictionaries(
        st.integers(0, 3),
        st.tuples(
            st.lists(st.sampled_from(SPANS), max_size=3, unique=True),
            st.lists(st.sampled_from(["第0页", "0", "-0", "ab0abc"]), max_size=2, unique=True),
        ),
    ),
    few=st.sampled_from([0, FEW]),
)
def test_marks_are_present_where_a_search_finds_their_signs(
    texts: list[tuple[str, int]], marks: dict[int, tuple[list[str], list[str]]], few: int
) -> None:
    """Of each text those of its own group, in their order, whatever texts of other groups stand between.

    So it is one by one, and in one walk.
    """
    known = {
        group: GroupMarks(
            [Watermark(span, tail=True, foreign=True, evidence=SEEN) for span in spans], dict.fromkeys(heads, SEEN)
        )
        for group, (spans, heads) in marks.items()
    }
    encoded = [text.encode() for text, _ in texts]
    offsets = np.cumsum([0, *map(len, encoded)])
    data = np.frombuffer(b"".join(encoded), np.uint8)
    with patch("taoxi.normalize.lines.present.FEW", few):
        found = present(data, offsets, np.array([group for _, group in texts]), known)
    for number, (text, group) in enumerate(texts):
        own = known.get(group, GroupMarks())
        mine = found.get(number, GroupMarks())
        assert [mark.text for mark in mine.watermarks] == [mark.text for mark in own.watermarks if has(text, mark)]
        assert list(mine.heads) == [head for head in own.heads if holds(text, head)]


def has(text: str, mark: Watermark) -> bool:
    """Whether a text has a sign of a watermark."""
    if mark.text[:4] in text if mark.variant is not None else holds(text, mark.text):
        return True
    if mark.slip is None:
        return False
    left, right = mark.text[:2], mark.text[2:4]
    return any(stop + left in text for stop in "。!?;") or any(right + sign in text for sign in ":+【：。")


def holds(text: str, masked: str) -> bool:
    """Whether a text has the longest part of a masked one; what is too short for a sign may be anywhere."""
    longest = max(masked.split("0"), key=len)
    return len(longest.encode()) < 2 or longest in text
