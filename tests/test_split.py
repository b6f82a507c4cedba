"""Splitting a text source: golden cases, the real dumps, and what must hold for any text."""

from __future__ import annotations

import json
import re
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taoxi.normalize.model import Piece, PieceKind
from taoxi.normalize.splitting.dates import FULL_TO_HALF, date_line, half_width
from taoxi.normalize.splitting.split import split

CASES: list[dict[str, Any]] = [
    json.loads(line) for line in (Path(__file__).parent / "cases" / "split.jsonl").read_text("utf-8").splitlines()
]
TO_WIDE = {half: full for full, half in FULL_TO_HALF.items()}

# Markers, code and the user's expression are ASCII by definition.
ASCII_CASES = {"endoftext", "doc_tags", "pattern", "pattern_full_width", "endoftext_in_code"}


def wide(text: str) -> str:
    """Return a text with every character in full width that has one, as ``--width keep`` may leave it."""
    return text.translate(TO_WIDE)


def told(text: str, pieces: list[Piece]) -> list[dict[str, Any]]:
    """Say of each piece what a golden case says of it."""
    return [
        {
            key: value
            for key, value in {
                "kind": piece.kind.value,
                "reason": piece.reason,
                "title": piece.title,
                "date": piece.date,
                "lines": len(text[piece.start : piece.end].removesuffix("\n").split("\n")),
            }.items()
            if value is not None
        }
        for piece in pieces
    ]


def documents(pieces: list[Piece]) -> list[Piece]:
    """Return the pieces that are documents."""
    return [piece for piece in pieces if piece.kind is PieceKind.DOCUMENT]


def assert_tiles(text: str, pieces: list[Piece]) -> None:
    """Check what every result of split must fulfil."""
    bounds = [0, *(piece.end for piece in pieces)]
    assert [piece.start for piece in pieces] == bounds[:-1]
    assert bounds[-1] == len(text)
    assert all(before < after for before, after in pairwise(bounds))
    assert all(text[piece.start - 1] == "\n" for piece in pieces if piece.start)
    assert not any(text[piece.start : piece.end].isspace() for piece in documents(pieces))
    assert all((piece.reason is None) == (piece.kind is PieceKind.DOCUMENT) for piece in pieces)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_golden_case(case: dict[str, Any]) -> None:
    """Each golden case gives the pieces that stand in it."""
    pieces = split(case["text"], case.get("how", "auto"))
    assert_tiles(case["text"], pieces)
    assert told(case["text"], pieces) == case["pieces"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_document_is_not_cut_again(case: dict[str, Any]) -> None:
    """What came out as one document is one document when it comes in alone."""
    text, how = case["text"], case.get("how", "auto")
    for piece in documents(split(text, how)):
        alone = text[piece.start : piece.end]
        assert [again.kind for again in split(alone, how)] == [PieceKind.DOCUMENT]


@pytest.mark.parametrize("case", [case for case in CASES if case["name"] not in ASCII_CASES], ids=lambda c: c["name"])
def test_full_width_text_is_cut_in_the_same_places(case: dict[str, Any]) -> None:
    """Width does not count: delimiters, numbers and dates are read in either."""
    text, how = case["text"], case.get("how", "auto")
    places = [(piece.start, piece.end, piece.kind) for piece in split(text, how)]
    assert [(piece.start, piece.end, piece.kind) for piece in split(wide(text), how)] == places


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_spaces_around_lines_do_not_count(case: dict[str, Any]) -> None:
    """An indent of two ideographic spaces before each line changes nothing."""
    text, how = case["text"], case.get("how", "auto")
    indented = re.sub(r"^(?=.)", "\u3000\u3000", text, flags=re.MULTILINE)
    assert told(indented, split(indented, how)) == case["pieces"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_none_cuts_nothing(case: dict[str, Any]) -> None:
    """``none`` makes one document of any text."""
    assert split(case["text"], "none") == [Piece(0, len(case["text"]), PieceKind.DOCUMENT)]


def test_labels_are_known() -> None:
    """A golden case says where it comes from, and one that must not change has one piece."""
    assert {case["label"] for case in CASES} == {"wild", "synthetic", "must-not-change"}
    assert all(len(case["pieces"]) == 1 for case in CASES if case["label"] == "must-not-change")
    assert len({case["name"] for case in CASES}) == len(CASES)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("2025-07-29", "2025-07-29"),
        ("2025/7/29 10:30", "2025-07-29"),
        ("2025.07.29", "2025-07-29"),
        ("2025-07-29T10:30:00+08:00", "2025-07-29"),
        ("2025年7月29日", "2025-07-29"),
        ("2025 年 7 月 29 日 星期二 10:30", "2025-07-29"),
        ("２０２５年７月２９日", "2025-07-29"),
        ("（２０２５－０７－２９）", "2025-07-29"),
        ("[2025-07-29]", "2025-07-29"),
        ("发布时间:2025-07-29 10:30:12", "2025-07-29"),
        ("发布日期：2025-7-1", "2025-07-01"),
        ("2025-07-29 来源:青石日报 作者:林远", "2025-07-29"),
        ("来源:青石日报 2025-07-29 10:30", "2025-07-29"),
        ("二〇二五年七月二十九日", "2025-07-29"),
        ("一九九八年十月三十日", "1998-10-30"),
        ("July 29, 2025", "2025-07-29"),
        ("29th Jul 2025", "2025-07-29"),
        ("Posted on: 2025-07-29", "2025-07-29"),
        ("3小时前", "3小时前"),
        ("昨天　１０：３０", "昨天　１０：３０"),
        ("07-29", "07-29"),
        ("12月24日 18:00", "12月24日 18:00"),
        ("发布时间：2025-02-31", "2025-02-31"),
        ("2025", None),
        ("2025年7月", None),
        ("20250729", None),
        ("2025-07/29", None),
        ("2025年7月29日,大会开幕。", None),
        ("2025年7月29日在第十届人民代表大会上", None),
        ("五十年前", None),
        ("浏览:12", None),
        ("", None),
    ],
)
def test_date_line(line: str, expected: str | None) -> None:
    """A date line gives its date, any other line gives nothing."""
    assert date_line(line) == expected


def test_bad_expression_names_the_next_step() -> None:
    """An expression that does not compile is refused with a whole sentence."""
    with pytest.raises(ValueError, match="regular expression") as error:
        split("一\n二\n", "(")
    assert str(error.value) == (
        "'(' is not a regular expression (missing ), unterminated subpattern at position 0)."
        " Give auto, none, or an expression for whole lines."
    )


def test_empty_and_blank_texts() -> None:
    """Nothing has no pieces, and blank lines are no document."""
    assert split("") == []
    assert split(" \n\n") == [Piece(0, 3, PieceKind.SEPARATOR, "blank")]


def test_text_of_delimiters_only() -> None:
    """An expression that matches every line leaves no document."""
    assert [piece.kind for piece in split("=\n=\n", "=")] == [PieceKind.SEPARATOR] * 2


# ---- the real dumps


def normalized(text: str) -> str:
    """Do to a dump what normalization does to it before it is split, as far as splitting can tell."""
    lines = (line.strip() for line in half_width(text.removeprefix("\ufeff").replace("\r\n", "\n")).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))


def dump(shared: Path, number: str) -> str:
    """Read a dump by the number at the start of its name."""
    (path,) = (shared / "dumps").glob(f"{number}_*.txt")
    return normalized(path.read_text("utf-8"))


@pytest.mark.parametrize("number", ["000", "001"])
@pytest.mark.parametrize("width", [str, wide])
def test_list_pages_of_the_dumps(shared: Path, number: str, width: type[str]) -> None:
    """A list page has ten articles, each with title and date, and the site's tail."""
    pieces = split(width(dump(shared, number)))
    articles = documents(pieces)
    assert len(articles) == 10
    assert all(piece.title for piece in articles)
    assert all(re.fullmatch(r"2025-07-\d\d", piece.date or "") for piece in articles)
    assert pieces[-1].kind is PieceKind.CHROME
    assert [piece.reason for piece in pieces[:-1]] == ["delimiter", "title", None, "date"] * 10


@pytest.mark.parametrize("width", [str, wide])
def test_compilation_of_the_dumps(shared: Path, width: type[str]) -> None:
    """The compilation was cut off in its seventh report; the other 16 titles of the table give no document."""
    text = width(dump(shared, "003"))
    pieces = split(text)
    assert [piece.reason for piece in pieces] == ["contents", *["title", None] * 7]
    assert all(half_width(piece.title or "").startswith("2024年") for piece in documents(pieces))
    assert text[pieces[0].start : pieces[0].end].count("\n") == 29


@pytest.mark.parametrize("width", [str, wide])
def test_copies_of_the_dumps(shared: Path, width: type[str]) -> None:
    """The report that was pasted eight times gives eight equal documents."""
    text = width(dump(shared, "004"))
    pieces = split(text)
    assert [piece.kind for piece in pieces] == [PieceKind.DOCUMENT] * 8
    assert len({text[piece.start : piece.end].strip() for piece in pieces}) == 1


def test_single_document_of_the_dumps(shared: Path) -> None:
    """A newspaper page with sections and column breaks is one document."""
    assert len(split(dump(shared, "002"))) == 1


@pytest.mark.parametrize("folder", ["iotdb-zh", "html-zh/cleaned"])
def test_real_documents_stay_whole(shared: Path, folder: str) -> None:
    """Manuals with rules, tables and lists, and the main texts of web pages, are one document each."""
    paths = [path for path in (shared / "real" / folder).rglob("*") if path.suffix in {".md", ".txt"}]
    texts = {path: path.read_text("utf-8") for path in paths}
    assert texts
    assert [path for path, text in texts.items() if len(split(text)) != 1 or len(split(normalized(text))) != 1] == []


# ---- for any text

PROSE = st.text("青石河水慢慢地流过老城墙边的渡口", min_size=60, max_size=120).map(lambda body: body + "。")
TITLE = st.text("新修河堤学校果园公交候鸟", min_size=8, max_size=16)
UNTIMED = settings(deadline=None)  # what else runs on the machine decides how long an example takes
DATE = st.dates(min_value=date(1950, 1, 1), max_value=date(2049, 12, 31))
STRUCTURE = """
-
--
 -
*****
=====
－－－－－
\u3000
目录
一、总则
1.报告 1
2.报告 2
3.报告 3
报告
2024年河市工作报告 1
2024年河市工作报告
第一章 河
河
2024-01-05
<|endoftext|>
<doc>
</doc>
```
"""
PIECES_OF_TEXT = st.one_of(st.sampled_from(STRUCTURE.split("\n")), PROSE, TITLE, st.text(max_size=12))
ANY_TEXT = st.lists(PIECES_OF_TEXT, max_size=40).map("\n".join)


@UNTIMED
@given(ANY_TEXT)
def test_pieces_tile_any_text(text: str) -> None:
    """Whatever the text, its pieces cover it, begin where lines begin, and no document is blank."""
    assert_tiles(text, split(text))


@UNTIMED
@given(ANY_TEXT, st.sampled_from(["", "-+", ".*", r"\s*", "<.*>", "第.章.*", "[^。]*"]))
def test_pieces_of_an_expression_tile_any_text(text: str, how: str) -> None:
    """The same with an expression of the user's."""
    assert_tiles(text, split(text, how))


@UNTIMED
@given(st.lists(st.tuples(TITLE, PROSE, DATE), min_size=3, max_size=8), st.sampled_from("-*●="))
def test_list_page_comes_apart_as_it_was_put_together(articles: list[tuple[str, str, date]], mark: str) -> None:
    """Titles, bodies and dates of any list page are found again."""
    dated = [(title, body, day.isoformat()) for title, body, day in articles]
    text = "".join(f"{mark}\n{title}\n{body}\n{day}\n" for title, body, day in dated)
    found = [(piece.title, text[piece.start : piece.end].strip(), piece.date) for piece in documents(split(text))]
    assert found == dated


@UNTIMED
@given(st.lists(PROSE, min_size=5, max_size=8, unique=True), st.integers(2, 5))
def test_copies_come_apart_as_they_were_pasted(paragraphs: list[str], copies: int) -> None:
    """Any number of copies of a report is found again."""
    report = "青石县政府工作报告\n各位代表,现在报告工作。\n" + "\n".join(paragraphs) + "\n"
    pieces = split(report * copies)
    assert [(piece.start, piece.end) for piece in pieces] == [
        (at * len(report), (at + 1) * len(report)) for at in range(copies)
    ]


@UNTIMED
@given(ANY_TEXT)
def test_copies_are_not_cut_again(text: str) -> None:
    """A text that is cut because its beginning returns gives documents that stay whole.

    The other forms do not promise it: a document between markers may be a list page, and only the outer form is cut.
    """
    pieces = split(text)
    if len(pieces) > 1 and all(piece.kind is PieceKind.DOCUMENT for piece in pieces):
        assert all(len(split(text[piece.start : piece.end])) == 1 for piece in pieces)
