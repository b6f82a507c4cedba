"""Restoring: what was removed by mistake comes back, and stays."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from taoxi.corpus.files import STATE
from taoxi.corpus.options import UsageError
from taoxi.corpus.restore import restore
from taoxi.corpus.wanted import Wanted
from tests.support import Folder, Row, edited, files, intact, jsonl, pages, run
from tests.test_append import append, crawl, rebuilt, state


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Return a folder of two runs that removed an exact copy, two near ones and a contained one."""
    first = [pages(1, 4), pages(2, 4), edited(pages(1, 4), 6), pages(1, 4)]
    append(tmp_path / "out", crawl(tmp_path, "1", first), keep="first")
    second = [edited(pages(2, 4), 5), pages(2, 4)[: len(pages(2, 3))] + "。", pages(3, 4)]
    return append(tmp_path / "out", crawl(tmp_path, "2", second), keep="first")[1]


def removed(folder: Folder, *reasons: str) -> list[Row]:
    """Return the rows of removed documents."""
    return [row for row in folder.ledger if row["kind"] == "document" and row["reason"] in (reasons or ("near",))]


def test_a_document_comes_back_by_its_id(folder: Folder) -> None:
    """As a run of its own: text, place and title as they were, and nothing that was there is touched."""
    row = removed(folder)[1]
    before = {name: data for name, data in files(folder.path).items() if name not in STATE}
    done = restore(folder.path, Wanted(ids=(row["id"][:8],)))
    assert (done.run, done.documents, done.ids, dict(done.by_reason)) == (3, 1, [row["id"]], {"near": 1})
    assert before.items() <= files(folder.path).items()
    assert intact(folder.path) == [1, 2, 3]
    back = folder.corpus[-1]
    own = {"copies", "template"}
    assert {name: back[name] for name in back if name not in own} == {n: row[n] for n in back if n not in own}
    assert back["template"] is None
    note = folder.ledger[-1]
    assert (note["id"], note["kind"], note["reason"], note["leader"]) == (
        row["id"],
        "document",
        "restored",
        row["leader"],
    )
    assert json.loads(note["evidence"]) == {"run": 2, "reason": "near"}
    assert folder.manifest["command"] == "restore"


def test_later_runs_keep_it(folder: Folder, tmp_path: Path) -> None:
    """They know it: its copies name it, and it is not judged again; with the database or without."""
    row = removed(folder)[0]
    restore(folder.path, Wanted(ids=(row["id"],)))
    known = state(folder.path)
    assert rebuilt(folder.path) == known
    report, _ = append(folder.path, crawl(tmp_path, "3", [row["text"], pages(9)]))
    assert (report.run, report.removed) == (4, {"exact": 1})
    last = removed(folder, "exact")[-1]
    assert (last["leader"], last["leader_run"]) == (row["id"], 3)
    assert [r["id"] for r in folder.corpus].count(row["id"]) == 1


def test_filters_show_before_they_do(folder: Folder) -> None:
    """A dry run writes nothing, and finds what the run then restores; what is back is not restored again."""
    before = files(folder.path)
    wanted = Wanted(reasons=("near", "contained"), sites=("a.example",))
    seen = restore(folder.path, wanted, dry_run=True)
    assert (seen.run, dict(seen.by_reason)) == (None, {"near": 2, "contained": 1})
    assert files(folder.path) == before
    done = restore(folder.path, wanted)
    assert (done.run, done.ids, done.rows) == (3, seen.ids, seen.rows)
    assert restore(folder.path, wanted).run is None
    assert intact(folder.path) == [1, 2, 3]
    assert restore(folder.path, Wanted(sources=("nowhere",))).documents == 0


def test_a_text_that_the_corpus_holds_is_left_alone(folder: Folder) -> None:
    """An exact copy to the byte would only be there twice; filters count it, an id is refused."""
    row = removed(folder, "exact")[0]
    done = restore(folder.path, Wanted(reasons=("exact",)))
    assert (done.documents, done.same, done.run) == (0, 1, None)
    with pytest.raises(UsageError, match="in the corpus already"):
        restore(folder.path, Wanted(ids=(row["id"],)))


def test_a_folder_without_a_database_gets_none(tmp_path: Path) -> None:
    """And JSON lines stay JSON lines."""
    dump = jsonl(tmp_path / "in.jsonl", [pages(1, 4), edited(pages(1, 4), 6)])
    _, folder = run(tmp_path / "out", dump, to="jsonl", keep="first")
    restore(folder.path, Wanted(reasons=("near",)))
    assert {path.suffix for path in (folder.path / "corpus").iterdir()} == {".jsonl"}
    assert [row["text"] for row in folder.corpus] == [pages(1, 4), edited(pages(1, 4), 6)]
    assert not (folder.path / "state.duckdb").exists()


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({}, "Nothing to restore"),
        ({"ids": ("abc",)}, "is no id"),
        ({"ids": ("nothexx",)}, "is no id"),
        ({"ids": ("abcdef",), "sites": ("a",)}, "one or the other"),
        ({"reasons": ("exakt",)}, "exact, near, contained"),
        ({"reasons": ("page",)}, "clean again with --main off. Give one of these: of documents exact, near"),
        ({"ids": ("ffffffffff",)}, "taoxi explain"),
    ],
)
def test_what_cannot_be_meant_is_refused(folder: Folder, wanted: dict[str, tuple[str, ...]], said: str) -> None:
    """With what to give instead."""
    before = files(folder.path)
    with pytest.raises(UsageError, match=said):
        restore(folder.path, Wanted(**wanted))
    assert files(folder.path) == before


def test_an_ambiguous_id_is_refused(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the ids that it may mean."""
    monkeypatch.setattr("taoxi.corpus.wanted.SHORTEST_ID", 0)
    with pytest.raises(UsageError, match="Give more digits"):
        restore(folder.path, Wanted(ids=("",)))
