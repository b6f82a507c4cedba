"""Cutting passages out of documents: what is left and what was cut restore what was."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taoxi.corpus.passages import Stretch, cut
from taoxi.corpus.schema import DOCUMENTS, PIECES, text_buffers
from taoxi.dedup.sign import sign
from taoxi.normalize.characters.rules import RULES


def batch_of(texts: list[str]) -> pa.RecordBatch:
    """Return documents of the spool with these texts, every other column filled."""
    rows = [
        {
            "text": text,
            **dict.fromkeys(("title", "date", "url", "meta", "site", "source", "member", "encoding"), f"of {row}"),
            **dict.fromkeys(("record", "part", "byte_start", "byte_end", "bad_bytes", "order"), row),
            "changes": dict.fromkeys(RULES, row + 1),
        }
        for row, text in enumerate(texts)
    ]
    return pa.RecordBatch.from_pylist(rows, schema=DOCUMENTS)


def texts_of(batch: pa.RecordBatch) -> list[str]:
    """Return the texts of documents or pieces."""
    texts: list[str] = batch.column("text").to_pylist()
    return texts


def restored(documents: pa.RecordBatch, passages: pa.RecordBatch) -> list[str]:
    """Put passages back, first things first, by nothing but the row and the offset that they carry."""
    texts = texts_of(documents)
    rows: list[dict[str, Any]] = passages.to_pylist()
    for piece in sorted(rows, key=lambda piece: (piece["row"], piece["offset"])):
        text = texts[piece["row"]]
        texts[piece["row"]] = text[: piece["offset"]] + piece["text"] + text[piece["offset"] :]
    return texts


TEXT = st.text(st.sampled_from([*"天地玄黄é한\n a", "😀", "\U00020bb7"]), max_size=30)


@settings(deadline=None, max_examples=150)
@given(texts=st.lists(TEXT, max_size=6), data=st.data())
def test_text_and_passages_restore_what_was(texts: list[str], data: st.DataObject) -> None:
    """Whatever is cut, in whatever order it is asked for, goes back to where it was."""
    stretches = []
    for row, text in enumerate(texts):
        bounds = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=8)))
        pairs = list(zip(bounds[::2], bounds[1::2], strict=False))
        if data.draw(st.booleans()):
            pairs = list(itertools.pairwise(bounds))  # one right after another
        stretches += [Stretch(row, len(text[:a].encode()), len(text[:b].encode())) for a, b in pairs]
    batch = batch_of(texts)
    documents, passages = cut(batch, data.draw(st.permutations(stretches)))
    assert restored(documents, passages) == texts
    assert texts_of(batch) == texts
    assert len(passages) == len(stretches)
    assert sum(map(len, texts_of(documents))) + sum(map(len, texts_of(passages))) == sum(map(len, texts))


LINES = [
    "短句。",
    "",
    "# 题",
    "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏。",
    "闰余成岁律吕调阳云腾致雨露结为霜金生丽水玉出昆冈。",
]


@settings(deadline=None, max_examples=100)
@given(texts=st.lists(st.lists(st.sampled_from(LINES), max_size=10).map("\n".join), max_size=5))
def test_repeats_are_cut_and_can_be_put_back(texts: list[str]) -> None:
    """What signing finds repeated is cut to the byte: nothing is lost, and no document is cut to nothing."""
    batch = batch_of(texts)
    offsets, data = text_buffers(batch.column("text"))
    signed = sign(data, offsets)
    documents, passages = cut(batch, [Stretch(*map(int, row)) for row in signed.repeats])
    assert restored(documents, passages) == texts
    assert all(rest.strip() for rest, text in zip(texts_of(documents), texts, strict=True) if text.strip())
    bounds, left = text_buffers(documents.column("text"))
    again = sign(left, bounds)
    assert signed.exact.tolist() == again.exact.tolist()


@settings(deadline=None, max_examples=100)
@given(texts=st.lists(st.lists(st.sampled_from(LINES), max_size=10).map("\n".join), min_size=1, max_size=5))
def test_paragraphs_can_be_cut_after_repeats(texts: list[str]) -> None:
    """The places of paragraphs are those in the text without its repeats: a second cut finds them there."""
    batch = batch_of(texts)
    offsets, data = text_buffers(batch.column("text"))
    signed = sign(data, offsets)
    once, repeats = cut(batch, [Stretch(*map(int, row)) for row in signed.repeats])
    places = signed.paragraph_places.tolist()
    twice, paragraphs = cut(once, [Stretch(row, start, end, 7) for row, start, end, _ in places])
    assert {text.strip("\n") for text in texts_of(paragraphs)} <= set(LINES[-2:])
    assert not any(line in text for text in texts_of(twice) for line in LINES[-2:])
    assert restored(once, repeats) == texts
    assert restored(twice, paragraphs) == texts_of(once)


def test_a_passage_says_where_it_stood_and_who_keeps_it() -> None:
    """Offsets count characters; the other columns are the document's, its counters aside."""
    documents, passages = cut(
        batch_of(["甲乙丙丁", "😀one\ntwo"]), [Stretch(1, 8, 11), Stretch(0, 3, 6, 42), Stretch(1, 0, 4)]
    )
    assert texts_of(documents) == ["甲丙丁", "one\n"]
    assert passages.schema == PIECES
    said = passages.select(["kind", "reason", "offset", "row", "owner", "text"]).to_pylist()
    same = {"kind": "passage", "reason": "repeated"}
    assert said == [
        {**same, "offset": 1, "row": 0, "owner": 42, "text": "乙"},
        {**same, "offset": 0, "row": 1, "owner": None, "text": "😀"},
        {**same, "offset": 5, "row": 1, "owner": None, "text": "two"},
    ]
    for name in set(DOCUMENTS.names) - {"text", "changes"}:
        assert passages.column(name).to_pylist() == documents.column(name).take(pa.array([0, 1, 1])).to_pylist()
    assert passages.column("changes").to_pylist() == [None] * 3


def test_documents_keep_all_but_the_cut() -> None:
    """Other columns and other documents are untouched."""
    batch = batch_of(["甲乙", "丙丁", ""])
    documents, _ = cut(batch, [Stretch(1, 0, 3)])
    assert documents.schema == DOCUMENTS
    assert texts_of(documents) == ["甲乙", "丁", ""]
    for name in set(DOCUMENTS.names) - {"text"}:
        assert documents.column(name).equals(batch.column(name)), name


@pytest.mark.parametrize("texts", [[], ["", ""], ["甲"]])
def test_nothing_to_cut_is_no_problem(texts: list[str]) -> None:
    """Without stretches the documents stay, and there are no pieces."""
    documents, passages = cut(batch_of(texts), [])
    assert texts_of(documents) == texts
    assert (len(passages), passages.schema) == (0, PIECES)


def test_a_slice_of_a_batch_is_cut_like_a_batch() -> None:
    """Rows count from the start of the slice."""
    documents, passages = cut(batch_of(["甲乙", "丙丁", "戊己"]).slice(1), [Stretch(0, 0, 3), Stretch(1, 3, 6)])
    assert texts_of(documents) == ["丁", "戊"]
    assert passages.select(["text", "row", "offset", "record"]).to_pylist() == [
        {"text": "丙", "row": 0, "offset": 0, "record": 1},
        {"text": "己", "row": 1, "offset": 1, "record": 2},
    ]


def test_a_cut_batch_can_be_cut_again() -> None:
    """What was cut is a batch like any other: its offsets count in the text that was left."""
    first, _ = cut(batch_of(["甲乙丙丁"]), [Stretch(0, 0, 3)])
    second, passages = cut(first, [Stretch(0, 3, 6)])
    assert texts_of(second) == ["乙丁"]
    assert passages.column("offset").to_pylist() == [1]
    assert np.array_equal(text_buffers(second.column("text"))[0], [0, 6])
