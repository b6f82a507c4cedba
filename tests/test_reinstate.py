"""Restoring of lines: what a rule took out of the documents of a site comes back into them, and stays there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taoxi.corpus import explain, manifest, overview, verify
from taoxi.corpus.complaints import About
from taoxi.corpus.options import REINSTATABLE, OutputError, UsageError
from taoxi.corpus.output import Output
from taoxi.corpus.restore import restore
from taoxi.corpus.restoring import documents
from taoxi.corpus.reworking import reworked
from taoxi.corpus.wanted import Wanted
from tests.support import Folder, Row, edited, files, intact, jsonl, pages, run
from tests.test_append import append, rebuilt, state
from tests.test_state_cli import said
from tests.test_templates import pages as siblings
from tests.test_verify import edit_manifest

SITE, OTHER = "a.example", "b.example"
HEAD = "首页 新闻 财经 体育 娱乐\n您现在的位置:首页 > 新闻 > 正文\n\n"
SHARE, LICENCE = "分享到:微信 微博 空间", "版权所有 © 2024 某某网 京ICP备12345678号"
LINKS = "联系我们 广告服务 网站地图"


def page(seed: int) -> str:
    """Return a page of a site with its menus."""
    return f"{HEAD}{pages(seed)}\n\n{SHARE}\n{LICENCE}\n{LINKS}"


def night(path: Path, seeds: range, *more: str) -> Path:
    """Write the pages of two sites."""
    rows = [{"text": page(seed + 500 * (site == OTHER)), "url": f"https://{site}/{seed}.html"}
            for site in (SITE, OTHER) for seed in seeds]  # fmt: skip
    return jsonl(path, [*rows, *({"text": text, "url": f"https://{SITE}/{len(text)}.html"} for text in more)])


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Return a folder with two sites, without their menus, and a near copy that was removed."""
    return append(tmp_path / "out", night(tmp_path / "1.jsonl", range(1, 11), edited(page(3), 6)), keep="first")[1]


def texts(folder: Folder, site: str) -> set[str]:
    """Return the kept texts of a site."""
    return {row["text"] for row in folder.corpus if row["site"] == site}


def sound(out: Path) -> None:
    """Check that an output verifies, and that its database is what its corpus comes to."""
    assert verify(out).complaints == ()
    assert intact(out)
    if (out / "state.duckdb").exists():
        assert state(out) == rebuilt(out)


def test_lines_come_back_into_the_texts_of_their_site(folder: Folder) -> None:
    """Each on a line of its own, in a run of its own, and the other site stays as it was; the old texts are known."""
    before = {row["id"]: row for row in folder.corpus}
    other = texts(folder, OTHER)
    done = restore(folder.path, Wanted(reasons=("share", "footer"), sites=(SITE,)))
    assert (done.run, done.documents, dict(done.by_reason)) == (2, 10, {"share": 10, "footer": 10})
    assert (done.same, done.removed) == (0, 1)
    assert texts(folder, SITE) == {f"{pages(seed)}\n\n{SHARE}\n{LINKS}" for seed in range(1, 11)}
    assert texts(folder, OTHER) == other
    assert done.ids == [row["id"] for row in folder.corpus if row["site"] == SITE]
    notes = [row for row in folder.ledger if row["reason"] == "reworked"]
    assert {row["id"]: row["text"] for row in notes} == {
        id_: row["text"] for id_, row in before.items() if row["site"] == SITE
    }
    assert [row["leader"] for row in notes] == done.ids
    assert [row["leader_run"] for row in notes] == [2] * 10
    back = {row["id"]: row for row in folder.corpus}
    for note in notes:
        old, new = before[note["id"]], back[note["leader"]]
        same = set(old) - {"id", "text", "changes"}
        assert {name: old[name] for name in same} == {name: new[name] for name in same}
        assert new["changes"]["chrome"] == old["changes"]["chrome"] - 2
    sound(folder.path)


def test_the_old_file_is_withdrawn(folder: Folder) -> None:
    """Another one without those texts is in its place, and the manifest of the new run says so."""
    restore(folder.path, Wanted(reasons=("share",), sites=(SITE,)))
    assert folder.manifest["withdraws"] == {"corpus/000001-00000.parquet": "corpus/000001-00001.parquet"}
    assert folder.manifest["pins"] == [{"site": SITE, "reason": "share"}]
    assert sorted(path.name for path in (folder.path / "corpus").iterdir()) == [
        "000001-00001.parquet",
        "000002-00000.parquet",
    ]
    assert [found.kept for found in overview(folder.path).runs] == [20, 0]


def test_later_runs_do_not_apply_the_rule_to_the_site(folder: Folder, tmp_path: Path) -> None:
    """Neither with the database nor without; copies of what was kept are found, and other sites are cleaned."""
    restore(folder.path, Wanted(reasons=("share", "footer"), sites=(SITE,)))
    (folder.path / "state.duckdb").unlink()
    report, _ = append(folder.path, night(tmp_path / "2.jsonl", range(8, 14)), keep="first")
    assert (report.kept, report.removed) == (6, {"exact": 6})
    assert f"{pages(12)}\n\n{SHARE}\n{LINKS}" in texts(folder, SITE)
    assert pages(512) in texts(folder, OTHER)
    sound(folder.path)
    fresh, _ = run(folder.path, night(tmp_path / "3.jsonl", range(1, 9)), overwrite=True)
    assert not any(SHARE in row["text"] for row in folder.corpus), fresh


def test_one_rule_after_the_other(folder: Folder) -> None:
    """And at last all of them, of all sites: the pages are as they were, and what stood before is still known."""
    first = restore(folder.path, Wanted(reasons=("share",), sites=(SITE,)))
    second = restore(folder.path, Wanted(reasons=("footer",), sites=(SITE,)))
    assert (second.run, second.documents) == (3, 10)
    assert restore(folder.path, Wanted(reasons=("footer",), sites=(SITE,))).run is None
    third = restore(folder.path, Wanted(reasons=REINSTATABLE))
    assert (third.run, third.documents) == (4, 20)
    assert texts(folder, SITE) == {page(seed) for seed in range(1, 11)}
    assert texts(folder, OTHER) == {page(500 + seed) for seed in range(1, 11)}
    sound(folder.path)
    before = explain(folder.path, first.ids[0])
    assert [old.by for old in before.replaced] == [second.ids[0]]
    assert [kept.document.text for kept in before.kept] == [page(1)]


def test_the_sites_in_any_order(folder: Folder) -> None:
    """Whichever comes first in the source: what several runs took out of one file is brought together in its order."""
    for sites in ((OTHER,), (SITE,), ()):
        assert restore(folder.path, Wanted(reasons=("share", "footer")[: 1 + (not sites)], sites=sites)).run
        sound(folder.path)
    assert all(row["text"].endswith(f"\n\n{SHARE}\n{LINKS}") for row in folder.corpus)


def test_a_run_whose_manifest_was_lost_costs_no_more(folder: Folder, tmp_path: Path) -> None:
    """Its files are not swept, because those that they stand in the place of are gone."""
    restore(folder.path, Wanted(reasons=("share",)))
    (folder.path / "runs" / "000002.json").unlink()
    before = files(folder.path)
    with pytest.raises(OutputError, match="is not there"):
        append(folder.path, night(tmp_path / "2.jsonl", range(20, 22)))
    assert files(folder.path) == before


def test_copies_of_what_repeats_itself_are_exact(tmp_path: Path) -> None:
    """A line that stands twice on each page comes back twice, and its page is known when it is fetched again."""
    long = pages(900, 1, 180)
    rows = [f"{long}\n{page(seed)}\n{long}" for seed in range(1, 11)]
    _, folder = append(tmp_path / "out", night(tmp_path / "1.jsonl", range(0), *rows), keep="first")
    reasons = tuple({row["reason"] for row in folder.ledger if row["kind"] == "chrome"})
    restore(folder.path, Wanted(reasons=reasons))
    report, _ = append(folder.path, night(tmp_path / "2.jsonl", range(0), *rows[:3]), keep="first")
    assert (report.kept, report.removed) == (0, {"exact": 3})
    sound(folder.path)


def test_pages_whose_passages_were_cut_are_known(tmp_path: Path) -> None:
    """What is compared of a reworked text is whole, as it was before."""
    shared = pages(700, 1, 200)
    rows = [page(seed).replace(SHARE, f"{shared}\n{SHARE}") for seed in range(1, 11)]
    rows += [f"{shared}\n{pages(800, 4)}"]
    _, folder = append(tmp_path / "out", night(tmp_path / "1.jsonl", range(0), *rows), keep="first", passages="cut")
    assert any(row["kind"] == "passage" for row in folder.ledger)
    restore(folder.path, Wanted(reasons=("share",)))
    sound(folder.path)
    again = night(tmp_path / "2.jsonl", range(0), *rows[:4])
    report, _ = append(folder.path, again, keep="first", passages="cut")
    assert (report.kept, report.removed) == (0, {"exact": 4})
    sound(folder.path)


@pytest.mark.parametrize("left", [("share",), ("licence",), ("footer",), ("share", "footer")])
def test_what_is_left_out_of_the_rules_keeps_its_line(tmp_path: Path, left: tuple[str, ...]) -> None:
    """A page looks the same whether a rule was off from the start, or was undone, or is pinned."""
    lines = {"share": SHARE, "licence": LICENCE, "footer": LINKS}
    first = night(tmp_path / "1.jsonl", range(1, 11))
    _, plain = run(tmp_path / "plain", first, without=left)
    expected = [lines[name] for name in left]
    assert all([*filter(None, row["text"].splitlines())][3:] == expected for row in plain.corpus)
    assert all(row["text"] == row["text"].strip("\n") for row in plain.corpus)
    _, undone = append(tmp_path / "undone", first)
    restore(undone.path, Wanted(reasons=left))
    append(undone.path, night(tmp_path / "2.jsonl", range(11, 14)))
    assert all([*filter(None, row["text"].splitlines())][3:] == expected for row in undone.corpus)
    assert {row["text"] for row in plain.corpus} <= {row["text"] for row in undone.corpus}


def test_siblings_of_a_template_stay_siblings(tmp_path: Path) -> None:
    """Whatever comes back into them, one rule after the other; and the next sibling is told from the first of them."""
    menu = f"{SHARE}\n{LICENCE}\n{LINKS}"
    texts_ = [f"{HEAD}{text}\n\n{menu}" for text in siblings(13)]
    how = {"keep": "first", "chrome": "on"}
    _, folder = append(tmp_path / "out", night(tmp_path / "1.jsonl", range(0), *texts_[:12]), **how)
    before = [row["template"] for row in folder.corpus]
    assert len([first for first in before if first]) > 5
    for rule in ("share", "footer"):
        restore(folder.path, Wanted(reasons=(rule,)))
        assert [row["template"] for row in folder.corpus] == before
        sound(folder.path)
    report, _ = append(folder.path, night(tmp_path / "2.jsonl", range(0), texts_[12]), **how)
    assert (report.kept, report.templates) == (1, 1)
    sound(folder.path)


def test_a_removed_document_still_has_its_leader(folder: Folder) -> None:
    """Its row names the text that it was measured against, and it is explained beside that one."""
    (near,) = (row for row in folder.ledger if row["reason"] == "near")
    done = restore(folder.path, Wanted(reasons=("share",), sites=(SITE,)))
    found = explain(folder.path, near["id"]).removed[0]
    assert found.differences is not None
    assert found.leader == near["leader"]
    (now,) = explain(folder.path, near["leader"]).kept
    assert now.document.id in done.ids
    assert (now.stands_for, now.instead is not None and now.instead.id) == (1, near["leader"])


def test_a_restored_document_gets_its_lines_too(folder: Folder) -> None:
    """Wherever its text is now."""
    (near,) = (row for row in folder.ledger if row["reason"] == "near")
    restore(folder.path, Wanted(ids=(near["id"],)))
    done = restore(folder.path, Wanted(reasons=("licence",), sites=(SITE,)))
    assert done.documents == 11
    assert f"{near['text']}\n{edited(page(3), 6).splitlines()[-2]}" in texts(folder, SITE)
    sound(folder.path)


def test_other_forms_and_folders_without_a_database(tmp_path: Path) -> None:
    """JSON lines stay JSON lines, and no database is made."""
    _, folder = run(tmp_path / "out", night(tmp_path / "1.jsonl", range(1, 8)), to="jsonl")
    assert restore(folder.path, Wanted(reasons=("share",))).documents == 14
    assert {path.suffix for path in (folder.path / "corpus").iterdir()} == {".jsonl"}
    assert all(row["text"].endswith(f"\n\n{SHARE}") for row in folder.corpus)
    assert not (folder.path / "state.duckdb").exists()
    sound(folder.path)


def test_a_dry_run_shows_the_lines(folder: Folder) -> None:
    """With how often each comes back, and writes nothing."""
    before = files(folder.path)
    seen = restore(folder.path, Wanted(reasons=("share", "footer"), sites=(SITE,)), dry_run=True)
    assert (seen.run, seen.documents, dict(seen.by_site)) == (None, 10, {SITE: 10})
    assert dict(seen.lines) == {SHARE: 10, LINKS: 10}
    assert files(folder.path) == before


def test_what_stays_is_left_alone(folder: Folder) -> None:
    """A rule that took nothing out of the site, and a text that the corpus would hold twice."""
    before = files(folder.path)
    assert restore(folder.path, Wanted(reasons=("cookie",), sites=(SITE,))).run is None
    assert restore(folder.path, Wanted(reasons=("share",), sites=("nowhere",))).run is None
    assert files(folder.path) == before


@pytest.mark.parametrize("back", [("page_number",), ("running_head",), ("page_number", "running_head")])
def test_a_page_that_was_cut_in_mid_sentence(tmp_path: Path, back: tuple[str, ...]) -> None:
    """What was joined where the number of a page went is parted again when that comes back; each on its own line."""
    lines = pages(1, 24, 60).splitlines()
    paged, expected = [], []
    for number in range(8):
        some = lines[3 * number : 3 * number + 3]
        furniture = {"page_number": f"- {number + 1} -", "running_head": "某某市统计公报汇编"}
        paged += [*some[:2], some[2][:30], *furniture.values(), some[2][30:]]
        expected += [*some[:2], some[2][:30], *(furniture[rule] for rule in back), some[2][30:]]
    source = tmp_path / "paged.txt"
    source.write_text("\n".join(paged) + "\n", encoding="utf-8")
    _, folder = run(tmp_path / "out", source)
    assert "- 3 -" not in folder.corpus[0]["text"]
    assert "汇编" not in folder.corpus[0]["text"]
    assert restore(folder.path, Wanted(reasons=back)).documents == 1
    assert folder.corpus[0]["text"] == "\n".join(expected)
    sound(folder.path)


def test_a_copy_of_what_was_reworked_may_come_back(tmp_path: Path) -> None:
    """Its text is in the corpus no more; before, it would have stood there twice."""
    _, folder = append(tmp_path / "out", night(tmp_path / "1.jsonl", range(1, 11), pages(3)), keep="first")
    assert restore(folder.path, Wanted(reasons=("exact",)), dry_run=True).same == 1
    restore(folder.path, Wanted(reasons=("share",)))
    done = restore(folder.path, Wanted(reasons=("exact",)))
    assert (done.documents, done.same) == (1, 0)
    sound(folder.path)


def test_a_text_that_would_be_there_twice_stays(folder: Folder, tmp_path: Path) -> None:
    """It is counted, and the other one stands for it."""
    other = {"text": f"{pages(3)}\n\n{SHARE}", "url": "https://c.example/1"}
    append(folder.path, jsonl(tmp_path / "2.jsonl", [other]), chrome="off", keep="first")
    (row,) = (row for row in folder.ledger if row["text"] == other["text"])
    assert restore(folder.path, Wanted(ids=(row["id"],))).documents == 1
    done = restore(folder.path, Wanted(reasons=("share",), sites=(SITE,)))
    assert (done.documents, done.same) == (9, 1)
    sound(folder.path)


def test_a_failure_before_the_manifest_changes_nothing(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the same command does it afterwards."""
    wanted = Wanted(reasons=("share",), sites=(SITE,))
    before = {name: data for name, data in files(folder.path).items() if not name.startswith("state")}
    with monkeypatch.context() as patch:
        patch.setattr(manifest, "write", _broken)
        with pytest.raises(OutputError):
            restore(folder.path, wanted)
    assert before.items() <= files(folder.path).items()
    assert verify(folder.path).complaints == ()
    assert restore(folder.path, wanted).documents == 10
    sound(folder.path)


def test_a_withdrawn_file_that_is_still_there_is_a_rest(folder: Folder, tmp_path: Path) -> None:
    """The run that withdrew it died before it could remove it: nobody reads it, and the next run removes it."""
    old = folder.path / "corpus" / "000001-00000.parquet"
    data = old.read_bytes()
    restore(folder.path, Wanted(reasons=("share",), sites=(SITE,)))
    old.write_bytes(data)
    found = verify(folder.path)
    assert (found.complaints, [remark.about for remark in found.remarks]) == ((), [About.REST])
    assert overview(folder.path).kept == 20
    append(folder.path, night(tmp_path / "2.jsonl", range(20, 22)))
    assert not old.exists()


def _broken(*_words: object, **_more: object) -> None:
    raise OSError(28, "No space left on device")


def _text(row: Row) -> None:
    row["text"] = f"{row['text']}。"


def _back(row: Row) -> None:
    row["evidence"] = orjson.dumps({**json.loads(row["evidence"]), "back": ["footer"]}).decode()


def _leader(row: Row) -> None:
    row["leader"] = "0" * 32


def _evidence(row: Row) -> None:
    row["evidence"] = "{}"


@pytest.mark.parametrize("change", [_text, _back, _leader, _evidence])
def test_verify_sees_what_was_changed(tmp_path: Path, change: Callable[[Row], None]) -> None:
    """In what the ledger says of the texts that are not in the corpus any more."""
    _, folder = run(tmp_path / "out", night(tmp_path / "1.jsonl", range(1, 8)), to="jsonl")
    restore(folder.path, Wanted(reasons=("share",), sites=(SITE,)))
    path = folder.path / "removed" / "000002-00000.jsonl"
    rows = [orjson.loads(line) for line in path.read_bytes().splitlines()]
    change(rows[2])
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    edit_manifest(folder.path, lambda content: _measure_again(content, path), 2)
    assert verify(folder.path).complaints


def _measure_again(content: Row, path: Path) -> None:
    file = next(file for file in content["files"] if file["path"] == f"removed/{path.name}")
    file.update(bytes=path.stat().st_size, blake2b=hashlib.blake2b(path.read_bytes()).hexdigest())


@pytest.mark.parametrize("name", ["corpus/000001-00001.parquet", "corpus/000002-00000.parquet", "runs/000002.json"])
def test_verify_sees_what_is_missing(folder: Folder, name: str) -> None:
    """Of the files that took the place of others."""
    restore(folder.path, Wanted(reasons=("share",), sites=(SITE,)))
    (folder.path / name).unlink()
    assert verify(folder.path).complaints


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"reasons": ("near", "share")}, "one kind"),
        ({"reasons": ("share",), "sources": ("a",)}, "--site instead"),
        ({"reasons": ("unwrap",)}, "of lines header"),
    ],
)
def test_what_cannot_be_meant_is_refused(wanted: dict[str, tuple[str, ...]], said: str) -> None:
    """With what to give instead."""
    with pytest.raises(UsageError, match=said):
        Wanted(**wanted)


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.sets(st.sampled_from(REINSTATABLE)), st.sampled_from(["keep", "cut"]))
def test_nothing_but_what_was_cut_comes_back(
    tmp_path_factory: pytest.TempPathFactory, back: set[str], passages: str
) -> None:
    """Whatever rules are undone: the characters are those of the text and of what comes back, in their order."""
    tmp = tmp_path_factory.mktemp("in")
    twice = page(1).replace(SHARE, f"{pages(1, 1)}\n{SHARE}")
    _, folder = run(tmp / "out", night(tmp / "1.jsonl", range(1, 6), twice), passages=passages)
    for document in documents(Output.open(folder.path), 1):
        assert reworked(document, ()) == document.row["text"]
        text = "".join(reworked(document, back).split())
        cut = {row["reason"] for row in document.pieces if row["kind"] in {"chrome", "furniture"}}
        if cut <= back:
            passed = [row for row in document.pieces if row["kind"] == "passage"]
            assert len(text) == len("".join(document.whole.split())) - sum(
                len("".join(row["text"].split())) for row in passed
            )
        for row in document.pieces:
            if row["kind"] in {"chrome", "furniture"}:
                assert all(
                    line in reworked(document, {row["reason"]}).splitlines()
                    for line in filter(None, row["text"].split("\n"))
                )


def test_the_command(folder: Folder) -> None:
    """Shows lines before it does anything, says what it did, and speaks JSON to programs."""
    words = ("restore", str(folder.path), "--reason", "share", "--site", SITE)
    code, _, told = said(folder.path, *words, "--dry-run")
    assert (code, SHARE in told) == (0, True)
    assert "10 pieces of 10 documents would come back (10 share)." in told
    code, _, told = said(folder.path, *words)
    assert (code, "--yes" in told) == (2, True)
    _, out, _ = said(folder.path, *words, "--yes", "--log-format", "json")
    found = json.loads(out)
    assert (found["run"], found["documents"], found["by_reason"]) == (2, 10, {"share": 10})
    _, out, _ = said(folder.path, "explain", str(folder.path), folder.corpus[-1]["id"])
    assert "put lines back that were taken out as share" in out
