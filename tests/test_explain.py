"""``taoxi explain``: where a text came from, why another one went, and in what two texts differ."""

from __future__ import annotations

import io
import json
import random
import re
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from taoxi.cli.explained import NARROW, compared, plain
from taoxi.cli.main import main
from taoxi.cli.marking import CONTEXT, LONGEST, clipped, marked, places, visible
from taoxi.cli.words import CHANGES, KINDS, PIECES_OF, REASONS
from taoxi.corpus import explain, explaining
from taoxi.corpus.differences import GRAMS, Difference, differences
from taoxi.corpus.options import LAYOUT_RULES, OutputError, UsageError
from taoxi.corpus.report import ExitCode
from taoxi.normalize.characters.rules import RULES
from tests.support import FULL_WIDTH, Folder, Row, edited, jsonl, pages, prose, run

MENU = "首页|新闻|图片|视频\n"


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a dump with copies of each kind, chrome, passages and broken lines."""
    folder = tmp_path_factory.mktemp("explain") / "dump"
    base, shared = pages(1, 4) + "2024", prose(77, 200)
    jsonl(
        folder / "a.jsonl",
        [
            {"text": base, "title": "原文", "url": "https://news.example/1", "date": "2024-05-06"},
            base.translate(FULL_WIDTH),
            {"text": edited(base, 4), "title": "\x1b[31m红\x07"},
            base,
            "\n".join(base.split("\n")[:2]),
            pages(3) + "\n" + pages(3),
            pages(60, 3) + "\n" + shared,
            shared + "\n" + pages(61, 4),
        ],
    )
    jsonl(folder / "site" / "b.jsonl", [MENU + pages(900 + k, 2) for k in range(12)])
    (folder / "c.txt").write_text("\n".join(prose(970, 400)[k : k + 40] for k in range(0, 400, 40)), encoding="gb18030")
    return folder


@pytest.fixture(scope="module", params=["parquet", "jsonl"])
def out(dump: Path, request: pytest.FixtureRequest) -> Folder:
    """Return what the dump came to, in both forms."""
    return run(dump.parent / request.param, dump, to=request.param, passages="cut", keep="first")[1]


def of(rows: list[Row], **wanted: object) -> Row:
    """Return the first row with these values."""
    return next(row for row in rows if all(row[name] == value for name, value in wanted.items()))


def lines(out: Folder, id_: str) -> list[str]:
    """Return what a pipe gets."""
    return list(plain(explain(out.path, id_)))


# What is found


def test_a_kept_text_says_where_it_came_from_and_what_it_stands_for(out: Folder) -> None:
    """Its source and fields, and every document that names it as leader, the copies of its own text as well."""
    row = out.corpus[0]
    found = explain(out.path, row["id"])
    (kept,) = found.kept
    assert (kept.document.id, kept.document.text) == (row["id"], row["text"])
    for name in ("source", "record", "part", "byte_start", "byte_end", "title", "date", "url", "site", "encoding"):
        assert getattr(kept.document.where, name) == row[name]
    assert (kept.document.where.run, kept.document.where.row) == (1, 0)
    led = [other for other in out.ledger if other["leader"] == row["id"] and other["kind"] == "document"]
    assert [(copy.id, copy.reason, copy.similarity) for copy in kept.copies] == [
        (other["id"], other["reason"], other["similarity"]) for other in led
    ]
    assert (kept.stands_for, {copy.reason for copy in kept.copies}) == (4, {"exact", "near", "contained"})
    same = [other for other in led if other["id"] == row["id"]]
    assert found.removed_count == len(same) == 2
    assert [removed.document.where.record for removed in found.removed] == [other["record"] for other in same]
    assert found.removed[0].document.changes["width"] > 0
    assert found.pieces_count == 0


def test_a_removed_text_says_why_and_in_what_it_differs(out: Folder) -> None:
    """Its leader, the figure, and the two texts."""
    row = of(out.ledger, reason="near")
    found = explain(out.path, row["id"])
    (removed,) = found.removed
    assert (removed.reason, removed.similarity, removed.leader) == ("near", row["similarity"], row["leader"])
    assert removed.leader_where is not None
    assert removed.leader_where.record == 0
    assert removed.differences is not None
    assert "".join(each.left for each in removed.differences) == out.corpus[0]["text"]
    assert "".join(each.right for each in removed.differences) == row["text"]
    changed = [each for each in removed.differences if not each.same]
    assert [each.right for each in changed] == ["龥"] * 4
    assert found.kept == ()


def test_a_piece_stands_in_its_place(out: Folder) -> None:
    """What was cut from twelve pages is explained for the first ones, and counted."""
    row = of(out.ledger, kind="chrome")
    found = explain(out.path, row["id"])
    assert (found.pieces_count, len(found.pieces)) == (12, explaining.ALIKE)
    piece = found.pieces[0]
    assert (piece.kind, piece.reason, piece.text, piece.document) == ("chrome", row["reason"], MENU, row["document"])
    assert piece.evidence == {"pages": 12, "of": 12}
    assert piece.before == ""
    assert piece.behind == pages(900, 2)[: explaining.AROUND]


@pytest.mark.parametrize("own", [True, False])
def test_a_passage_stands_in_its_place(out: Folder, own: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Whether its own document has it before, or another one keeps it."""
    row = next(row for row in out.ledger if row["kind"] == "passage" and (row["leader"] == row["document"]) is own)
    (piece,) = explain(out.path, row["id"]).pieces
    assert piece.leader == row["leader"]
    whole = pages(3) + "\n" + pages(3) if own else prose(77, 200) + "\n" + pages(61, 4)
    at = row["offset"]
    assert piece.before == whole[max(0, at - explaining.AROUND) : at]
    assert whole.startswith(str(piece.text), at)


def test_joined_lines_are_counted(out: Folder) -> None:
    """What became of line ends, and how often; what was cut stands in order."""
    row = next(row for row in out.corpus if row["source"].endswith("c.txt"))
    (kept,) = explain(out.path, row["id"]).kept
    assert sum(join.places for join in kept.document.joins) == kept.document.changes["unwrap"] > 5
    assert all(join.was == "\n" for join in kept.document.joins)


def test_what_was_cut_from_a_text_is_told_with_it(out: Folder) -> None:
    """Only from this one, of all that have the same piece."""
    row = next(row for row in out.corpus if row["source"].endswith("b.jsonl"))
    (kept,) = explain(out.path, row["id"]).kept
    assert [(piece.kind, piece.text, piece.document) for piece in kept.document.pieces] == [("chrome", MENU, row["id"])]


def test_the_first_digits_are_enough(out: Folder) -> None:
    """In either case, if no other id begins so."""
    id_ = out.corpus[3]["id"]
    assert explain(out.path, f" {id_[:8].upper()} ").id == id_


def test_digits_that_several_begin_with_list_them(out: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what each of them is."""
    monkeypatch.setattr(explaining, "_PREFIX", re.compile("[0-9a-f]{1,32}"))
    ids = {row["id"]: "removed" for row in out.ledger if row["id"]} | {row["id"]: "kept" for row in out.corpus}
    prefix = next(c for c in "0123456789abcdef" if 1 < sum(id_.startswith(c) for id_ in ids) <= explaining.SHOWN)
    many = {id_: words for id_, words in ids.items() if id_.startswith(prefix)}
    with pytest.raises(UsageError) as error:
        explain(out.path, prefix)
    message = str(error.value)
    assert message.startswith(f"{len(many)} ids begin with {prefix}: ")
    assert message.endswith(" Give more digits.")
    assert all(f"{id_} ({words})" in message for id_, words in many.items())


@pytest.mark.parametrize(
    ("id_", "message"),
    [
        (
            "0123456",
            "No text of .* has an id that begins with 0123456. Take one from the column 'id' of corpus or ledger.",
        ),
        (
            "12345",
            (
                "'12345' is no id. Give the value of a column 'id', 32 hex digits, or at least the first 6 of them;"
                " 'taoxi restore .* --reason near --dry-run' lists those of removed documents."
            ),
        ),
        ("x" * 32, "is no id"),
        ("0" * 33, "is no id"),
        ("", "is no id"),
    ],
)
def test_what_is_no_id_is_wrong_usage(out: Folder, id_: str, message: str) -> None:
    """With what to give instead."""
    with pytest.raises(UsageError, match=message):
        explain(out.path, id_)


def test_a_damaged_file_is_named(out: Folder, tmp_path: Path) -> None:
    """With the command that says all that is damaged."""
    copy = Path(shutil.copytree(out.path, tmp_path / "out"))
    path = next((copy / "corpus").iterdir())
    path.write_bytes(path.read_bytes()[:-20] if path.suffix == ".parquet" else b'{"id":"abcdef\n')
    with pytest.raises(
        OutputError, match=rf"{path.name} could not be read: .*'taoxi verify .*' names all that is damaged"
    ):
        explain(copy, "abcdef")


def test_plain_text_leaves_nothing_to_compare_with(dump: Path, tmp_path: Path) -> None:
    """The ledger still says why a text went."""
    _, folder = run(tmp_path / "out", dump, to="text")
    found = explain(folder.path, of(folder.ledger, reason="near")["id"])
    assert found.removed[0].differences is None
    assert "The leader's text is not here to compare" in "\n".join(plain(found))


# What a person reads


def test_every_rule_and_reason_has_words() -> None:
    """One word per rule, here too."""
    assert set(CHANGES) == {*RULES, *LAYOUT_RULES}
    ledger = (Path(__file__).parent.parent / "docs" / "ledger.md").read_text(encoding="utf-8")
    table = ledger.partition("## Evidence")[0]
    assert set(KINDS) == set(re.findall(r"^\| `(\w+)` \| `", table, re.MULTILINE)) - {"kind"}
    assert set(REASONS) == {"exact", "near", "contained", "template", "empty"}
    assert all(name.split("/")[0] in KINDS for name in PIECES_OF)


def test_a_kept_text_reads_as_facts(out: Folder, dump: Path) -> None:
    """One a line, aligned."""
    row = of(out.corpus, source=str(dump / "site" / "b.jsonl"), record=0)
    found = lines(out, row["id"])
    assert found[0] == f"{row['id']} is kept"
    assert found[1] == f"  from      {dump}/site/b.jsonl, record 0, bytes 0 to {row['byte_end']:,}"
    assert found[2].startswith("  in        corpus/000001-00000.")
    assert found[3:5] == [f"  site      {dump}/site", "  encoding  utf-8"]
    assert found[5].startswith(f"  text      {len(row['text'])} characters: {row['text'][:50]}")
    assert found[-1] == "  cut       chrome/navigation at 0: 首页|新闻|图片|视频⏎ (on 12 of 12 pages of its site)"


def test_differences_are_marked_in_a_pipe(out: Folder) -> None:
    """With what stands around them, and not the whole texts."""
    found = lines(out, of(out.ledger, reason="near")["id"])
    start = found.index("  [-only in the kept text-] {+only in the removed one+}")
    shown = found[start + 1 :]
    assert len(shown) == 4
    for line in shown:
        assert re.fullmatch(r"    …?[^…]{,24}\[-.-\]\{\+龥\+\}[^…]{,24}…?", line)


def test_the_same_text_is_compared_once(out: Folder) -> None:
    """Kept first; two exact copies of it follow, which say nothing new of the text."""
    found = lines(out, out.corpus[0]["id"])
    heads = [line for line in found if not line.startswith(" ") and line]
    assert heads == [f"{out.corpus[0]['id']} is kept", *[f"{out.corpus[0]['id']} was removed: exact"] * 2]
    assert found.count("  The two texts are the same.") == 1
    assert sum(line.lstrip().startswith("text ") for line in found) == 1


def test_text_from_pages_is_shown_and_not_obeyed(out: Folder) -> None:
    """No terminal sequence of a title reaches the terminal."""
    found = "\n".join(lines(out, of(out.ledger, reason="near")["id"]))
    assert all(char.isprintable() or char == "\n" for char in found)
    assert visible("a\x1b[2J\n\u202eb") == "a\\x1b[2J⏎\\u202eb"
    assert clipped("啊" * 300, 100) == "啊" * 50 + "…(200 characters)…" + "啊" * 50


@pytest.mark.parametrize("width", [120, NARROW, NARROW - 1, 30])
def test_two_texts_stand_side_by_side_where_there_is_room(width: int) -> None:
    """Chinese takes two columns a character; no line is wider than the terminal, and nothing is cut off."""
    left = prose(1, 60)
    found = list(places(differences(left, left.replace(left[30], "龥鼎", 1))))
    screen = io.StringIO()
    console = Console(file=screen, width=width, force_terminal=True, color_system="standard")
    console.print(compared(found, width))
    shown = re.sub(r"\x1b\[[0-9;]*m", "", screen.getvalue())
    assert "\x1b[1;31m" in screen.getvalue()
    assert "\x1b[1;32m" in screen.getvalue()
    assert all(sum(2 if ord(char) > 0x2E80 else 1 for char in line) <= width for line in shown.splitlines())
    assert ("kept " in shown, "removed " in shown) == (True, True)
    both = any(line.split() and line.count(left[40:44]) == 2 for line in shown.splitlines())
    assert both is (width >= NARROW)
    narrow = "".join(char for char in shown if ord(char) > 0x2E80)
    if width < NARROW:
        assert marked(found[0]).replace("[-", "").split("-]")[0].strip("…") in narrow


# Differences

texts = st.text(st.sampled_from("ab甲乙丙\n"), max_size=80)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(texts, st.lists(st.tuples(st.integers(0, 80), st.integers(0, 8), texts), max_size=5), texts)
def test_differences_give_both_texts(left: str, edits: list[tuple[int, int, str]], other: str) -> None:
    """Joined, they are the two texts; what is the same and what is not take turns, and nothing is empty."""
    right = left
    for at, size, new in edits:
        right = right[:at] + new[:8] + right[at + size :]
    for text in (right, other):
        found = differences(left, text)
        assert "".join(each.left for each in found) == left
        assert "".join(each.right for each in found) == text
        assert all(before.same is not behind.same for before, behind in pairwise(found))
        assert all(each.left or each.right for each in found)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("", "", []),
        ("天气", "天气", [("天气", "天气")]),
        ("天气", "", [("天气", "")]),
        ("今天天气很好。", "今天天气不好。", [("今天天气", "今天天气"), ("很", "不"), ("好。", "好。")]),
        ("he reached it", "he came it", [("he ", "he "), ("reached", "came"), (" it", " it")]),
        ("约1240人", "约1260人", [("约", "约"), ("1240", "1260"), ("人", "人")]),
        ("这完全不同的话吗", "那另外一句的事啊", [("这完全不同的话吗", "那另外一句的事啊")]),
    ],
)
def test_differences_are_those_that_a_person_sees(left: str, right: str, expected: list[tuple[str, str]]) -> None:
    """Single characters that happen to agree between two changes are no reason to tear these."""
    assert [(each.left, each.right) for each in differences(left, right)] == expected


def many(seed: int) -> str:
    """Return a text of a megabyte."""
    return "".join(prose(seed + k, 500) for k in range(680))


def one_in(step: int) -> Callable[[str], str]:
    """Return what changes every so manieth character of a text."""
    return lambda text: "".join("龥" if place % step == 0 else char for place, char in enumerate(text))


@pytest.mark.parametrize(
    ("change", "most"),
    [
        (lambda text: text, 1),
        (one_in(40), 25_000),
        (lambda text: text[100_000:] + text[:100_000], 3),
        (lambda _text: many(9_000), 400_000),
        (lambda text: text[:50] * (len(text) // 50), 400_000),
        (lambda text: text + text, 3),
    ],
)
def test_texts_of_a_megabyte_are_compared(change: Callable[[str], str], most: int) -> None:
    """The same, copied with errors, turned round, another text, a text without anything unique: all come to an end."""
    left = many(5)
    right = change(left)
    found = differences(left, right)
    assert "".join(each.left for each in found) == left
    assert "".join(each.right for each in found) == right
    assert len(found) <= most


def test_two_texts_without_an_anchor_are_compared() -> None:
    """Of two characters, no stretch of any length is unique."""
    rng = random.Random(1)
    left, right = ("".join(rng.choices("甲乙", k=2000)) for _ in range(2))
    found = differences(left, right)
    assert "".join(each.left for each in found) == left
    assert "".join(each.right for each in found) == right
    assert sum(len(each.left) for each in found if each.same) > 900
    assert max(GRAMS) < 20


def test_places_have_context_and_an_end() -> None:
    """Changes with little between them are one place; long ones are cut short; what is alike elsewhere is left out."""
    same = "同" * 200
    found = [
        Difference("甲", "乙"),
        Difference("中" * CONTEXT, "中" * CONTEXT),
        Difference("丙", ""),
        Difference(same, same),
        Difference("", "丁" * (LONGEST + 500)),
    ]
    shown = [marked(place) for place in places(found)]
    assert shown[0] == f"[-甲-]{{+乙+}}{'中' * CONTEXT}[-丙-]{'同' * CONTEXT}…"
    assert shown[1].startswith(f"…{'同' * CONTEXT}{{+丁")
    assert "…(500 characters)…" in shown[1]
    assert list(places([Difference("a", "a")])) == list(places([])) == []


# The command


def test_the_command_writes_to_standard_output(out: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    """It is data; standard error stays empty."""
    id_ = out.corpus[0]["id"]
    assert main(["explain", str(out.path), id_]) == ExitCode.DONE
    told, err = capsys.readouterr()
    assert (told.splitlines(), err) == (lines(out, id_), "")


def test_the_command_talks_to_programs(out: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    """One object with everything, in ASCII; an error is an event as everywhere."""
    row = of(out.ledger, reason="near")
    assert main(["explain", str(out.path), row["id"], "--log-format", "json"]) == ExitCode.DONE
    told = capsys.readouterr().out
    assert told.isascii()
    found = json.loads(told)
    assert found["removed"][0]["leader"] == row["leader"]
    assert "".join(each["right"] for each in found["removed"][0]["differences"]) == row["text"]
    assert main(["explain", str(out.path), "abc", "--log-format", "json"]) == ExitCode.USAGE
    assert json.loads(capsys.readouterr().err)["event"] == "error"


def test_the_command_needs_an_output_of_taoxi(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It says what to name."""
    assert main(["explain", str(tmp_path), "abcdef"]) == ExitCode.USAGE
    assert capsys.readouterr().err == (
        f"taoxi: {tmp_path} holds no finished run. Name a folder that 'taoxi clean' has written.\n"
    )


def test_the_example_of_the_readme_is_there(tmp_path: Path) -> None:
    """Its id is that of a text that goes as a near copy when the samples are cleaned."""
    root = Path(__file__).parent.parent
    example = re.search(r"taoxi explain out ([0-9a-f]+)", (root / "README.md").read_text(encoding="utf-8"))
    assert example is not None
    _, folder = run(tmp_path / "out", root / "samples" / "raw")
    assert explain(folder.path, example[1]).removed[0].reason == "near"
