"""``--append``: runs that know what runs before them kept."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taoxi.corpus import Options, clean
from taoxi.corpus.files import LOCK
from taoxi.corpus.options import LINE_RULES, OutputError, UsageError
from taoxi.corpus.output import Output
from taoxi.corpus.report import Event, Notice, Report
from taoxi.corpus.state import stamps
from taoxi.corpus.state.rebuild import rebuild, recall
from taoxi.corpus.state.store import NAME, Store
from tests.support import Folder, Row, edited, files, intact, jsonl, mixed_dump, pages, prose, run, taoxi
from tests.test_guarantees import records

TABLES = {
    "documents": "number",
    "paragraphs": "document, hash, tokens",
    "chrome_lines": "site, line",
    "chrome_contents": "site, keys",
    "runs": "run",
}


def append(out: Path, *inputs: Path, **options: Any) -> tuple[Report, Folder]:  # noqa: ANN401 - passed on
    """Add inputs to a folder."""
    return run(out, *inputs, append=True, **options)


def notices(out: Path, *inputs: Path, **options: Any) -> list[str]:  # noqa: ANN401 - passed on
    """Add inputs to a folder; return what a person was told."""
    told: list[Event] = []
    clean(Options(inputs=tuple(map(str, inputs)), out=str(out), append=True, **options), listener=told.append)
    return [str(event) for event in told if isinstance(event, Notice)]


def state(out: Path) -> dict[str, list[Any]]:
    """Return all that the database of a folder holds, but for times of files."""
    with duckdb.connect(str(out / NAME), read_only=True) as sql:
        found = {name: sql.table(name).order(order).fetchall() for name, order in TABLES.items()}
        found["sources"] = sql.sql(
            "SELECT source, member, bytes, sha256, error, run FROM sources ORDER BY source, member NULLS FIRST"
        ).fetchall()
    return found


def rebuilt(out: Path) -> dict[str, list[Any]]:
    """Return what the database of a folder holds when it is made again."""
    rebuild(out, None, lambda _event: None).sql.close()
    return state(out)


def crawl(folder: Path, name: str, texts: list[str]) -> Path:
    """Write the pages of a night."""
    return jsonl(folder / f"{name}.jsonl", [{"text": text, "url": f"https://a.example/{text[:9]}"} for text in texts])


@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(records, st.lists(st.integers(0, 14), max_size=9), st.sampled_from([0.5, 0.7, 1.0]))
def test_any_number_of_runs_keeps_what_one_run_keeps(texts: list[str], cuts: list[int], similarity: float) -> None:
    """With ``--keep first``: the same texts, the same leaders, the same figures; and the database can be made again."""
    bounds = [0, *sorted(min(cut, len(texts)) for cut in cuts), len(texts)]
    how: dict[str, Any] = {"keep": "first", "chrome": "off", "without": LINE_RULES, "similarity": similarity}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        _, whole = run(path / "one", jsonl(path / "whole.jsonl", texts), **how)
        for number, (start, end) in enumerate(pairwise(bounds)):
            part = jsonl(path / f"{number:02}.jsonl", texts[start:end])
            if start < end:
                append(path / "many", part, **how)
        many = Folder(path / "many")
        assert [row["text"] for row in many.corpus] == [row["text"] for row in whole.corpus]
        assert [judged(row) for row in many.ledger] == [judged(row) for row in whole.ledger]
        intact(path / "many")
        before = state(path / "many")
        assert rebuilt(path / "many") == before


def judged(row: Row) -> tuple[Any, ...]:
    """Return what the ledger says of a removal, wherever it was."""
    return tuple(row[name] for name in ("id", "kind", "reason", "leader", "similarity", "text", "document", "offset"))


@pytest.mark.parametrize("options", [{}, {"passages": "cut"}, {"to": "jsonl", "width": "full"}])
def test_the_database_is_what_the_files_say(tmp_path: Path, options: dict[str, Any]) -> None:
    """Whatever is in the dump, what runs enter at their end is what is entered from their files later."""
    dump = mixed_dump(tmp_path / "dump")
    append(tmp_path / "out", *sorted(dump.glob("*.*")), **options)
    _, folder = append(tmp_path / "out", dump, **options)
    assert Output.open(folder.path).runs == [1, 2]
    before = state(folder.path)
    assert len(before["documents"]) == len(folder.corpus)
    assert rebuilt(folder.path) == before


def test_an_old_document_is_named_with_its_run(tmp_path: Path) -> None:
    """Exact, near and contained copies of what earlier runs kept name it, and nothing of these runs is changed."""
    out = tmp_path / "out"
    append(out, crawl(tmp_path, "1", [pages(1, 4), pages(2, 4)]))
    append(out, crawl(tmp_path, "2", [pages(3, 4)]))
    old = files(out)
    third = [pages(1, 4), edited(pages(2, 4), 6), pages(3, 4)[: len(pages(3, 3))], pages(4, 4)]
    report, folder = append(out, crawl(tmp_path, "3", third))
    assert (report.run, report.kept, report.removed) == (3, 1, {"exact": 1, "near": 1, "contained": 1})
    ids = {row["text"]: row["id"] for row in folder.corpus}
    rows = [row for row in folder.ledger if row["kind"] == "document"]
    assert [(row["reason"], row["leader"], row["leader_run"]) for row in rows] == [
        ("exact", ids[pages(1, 4)], 1),
        ("near", ids[pages(2, 4)], 1),
        ("contained", ids[pages(3, 4)], 2),
    ]
    now = files(out)
    assert {name: now[name] for name in old if name != NAME} == {n: data for n, data in old.items() if n != NAME}
    assert intact(out) == [1, 2, 3]


def test_the_longest_leads_among_the_new_only(tmp_path: Path) -> None:
    """What was kept stays, though a longer copy comes."""
    append(tmp_path / "out", crawl(tmp_path, "1", [pages(1, 4)]))
    longer = pages(1, 4) + prose(77, 30)
    _, folder = append(tmp_path / "out", crawl(tmp_path, "2", [longer]))
    assert [row["text"] for row in folder.corpus] == [pages(1, 4)]


def test_passages_that_old_documents_hold_are_cut(tmp_path: Path) -> None:
    """And name the old document."""
    shared = prose(50, 120)
    append(tmp_path / "out", crawl(tmp_path, "1", [f"{pages(1)}\n{shared}"]), passages="cut")
    _, folder = append(tmp_path / "out", crawl(tmp_path, "2", [f"{pages(2)}\n{shared}\n{pages(3)}"]), passages="cut")
    (row,) = [row for row in folder.ledger if row["kind"] == "passage"]
    assert (row["text"].strip(), row["leader"], row["leader_run"]) == (shared, folder.corpus[0]["id"], 1)
    assert folder.corpus[1]["text"] == f"{pages(2)}\n{pages(3)}"


# Sources


def test_unchanged_sources_are_not_read_again(tmp_path: Path) -> None:
    """By content: a new date alone is no reason, and neither is an old date on other content a reason not to."""
    out, dump = tmp_path / "out", tmp_path / "dump"
    for night in range(3):
        crawl(dump, str(night), [pages(night, 2)])
    report, _ = append(out, dump)
    assert (report.unchanged, report.kept) == (0, 3)
    os.utime(dump / "0.jsonl", (1, 1))
    times = (dump / "1.jsonl").stat()
    (dump / "1.jsonl").write_bytes((dump / "1.jsonl").read_bytes().replace("。".encode(), b"!" * 3))
    os.utime(dump / "1.jsonl", ns=(times.st_atime_ns, times.st_mtime_ns))
    crawl(dump, "3", [pages(9, 2)])
    report, folder = append(out, dump)
    assert (report.unchanged, report.sources, report.documents, report.kept) == (2, 4, 2, 1)
    assert [(Path(row["source"]).name, row["run"], row["documents"]) for row in folder.sources[3:]] == [
        ("0.jsonl", 1, 0),
        ("1.jsonl", 2, 1),
        ("2.jsonl", 1, 0),
        ("3.jsonl", 2, 1),
    ]


def test_times_vouch_for_a_file_that_was_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then it is not even opened; a file as young as the run that read it is."""
    monkeypatch.setattr("taoxi.corpus.state.sources.SETTLED", 0)
    path = crawl(tmp_path, "1", [pages(1)])
    time.sleep(0.02)
    append(tmp_path / "out", path)
    monkeypatch.setattr("taoxi.corpus.state.sources._sha256", lambda _path: pytest.fail("was opened"))
    report, _ = append(tmp_path / "out", path)
    assert (report.unchanged, report.news, report.run) == (1, False, None)


def test_nothing_new_is_no_run(tmp_path: Path) -> None:
    """Also where a source fails as it did before, which is said again; a new failure is news."""
    out, dump = tmp_path / "out", tmp_path / "dump"
    crawl(dump, "1", [pages(1)])
    (dump / "bad.jsonl").write_text('{"text": "' + pages(2).replace("\n", "") + '"}\n{"text": nothing}\n', "utf-8")
    assert append(out, dump)[0].news
    before = files(out)
    report, _ = append(out, dump)
    assert (report.news, report.unchanged, len(report.problems), report.exit_code) == (False, 1, 1, 1)
    assert {name: data for name, data in files(out).items() if name != NAME} == {
        name: data for name, data in before.items() if name != NAME
    }
    (dump / "bad.jsonl").write_text('{"text": nothing}\n{"text": "' + pages(2)[:9] + '"}\n{"text": ""}\n', "utf-8")
    report, _ = append(out, dump)
    assert (report.news, report.run, report.documents) == (True, 2, 2)


def test_a_member_of_an_archive_is_skipped_with_it(tmp_path: Path) -> None:
    """The archive has one row then, of the run that read it."""
    dump = mixed_dump(tmp_path / "dump")
    archive = tmp_path / "all.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        for path in sorted(dump.rglob("*.txt")):
            opened.write(path, path.name)
    append(tmp_path / "out", archive)
    report, folder = append(tmp_path / "out", archive, crawl(tmp_path, "9", [pages(9)]))
    assert (report.unchanged, report.sources) == (1, 2)
    assert [row["run"] for row in folder.sources if row["source"].endswith("9.jsonl")] == [2]


# Sites

HEAD = ["晨星网", "首页|要闻|专题|视频", "打开客户端"]


def site_pages(seeds: range) -> list[str]:
    """Return pages of one site."""
    return ["\n".join([*HEAD, *(prose(100 * seed + k, 150) for k in range(3)), "晨星网 版权所有"]) for seed in seeds]


def test_a_site_is_known_from_the_nights_before(tmp_path: Path) -> None:
    """A page that comes alone loses what the site's pages share; a page that comes again teaches nothing."""
    out = tmp_path / "out"
    append(out, crawl(tmp_path, "0", site_pages(range(12))))
    report, folder = append(out, crawl(tmp_path, "1", site_pages(range(50, 51))))
    assert report.kept == 1
    assert folder.corpus[-1]["text"] == "\n".join(prose(5000 + k, 150) for k in range(3))
    evidence = [row["evidence"] for row in folder.ledger if row["source"].endswith("1.jsonl")]
    assert any('"of":13' in (said or "") for said in evidence)
    for night in range(2, 5):
        again = [f"{text}\n访问{night}次" for text in site_pages(range(2))]
        report, folder = append(out, crawl(tmp_path, str(night), again))
    with duckdb.connect(str(out / NAME), read_only=True) as sql:
        assert sql.sql("SELECT pages FROM chrome_lines WHERE line = 0 AND site = 'a.example'").fetchall() == [(13,)]


# The database


def test_a_missing_database_is_made_again(tmp_path: Path) -> None:
    """A folder that was made without --append can be added to."""
    run(tmp_path / "out", crawl(tmp_path, "1", [pages(1)]))
    assert not (tmp_path / "out" / NAME).exists()
    report, folder = append(tmp_path / "out", crawl(tmp_path, "2", [pages(1), pages(2)]))
    assert (report.kept, report.removed) == (1, {"exact": 1})
    assert len(state(folder.path)["documents"]) == 2


@pytest.mark.parametrize("damage", ["garbage", "empty", "cut", "other", "table"])
def test_a_damaged_database_is_made_again(tmp_path: Path, damage: str) -> None:
    """And a person is told."""
    out = tmp_path / "out"
    append(out, crawl(tmp_path, "1", [pages(1), pages(2)]))
    right = state(out)
    path = out / NAME
    if damage == "garbage":
        path.write_bytes(b"garbage" * 999)
    elif damage == "empty":
        path.write_bytes(b"")
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:5000])
    elif damage == "other":
        append(tmp_path / "other", crawl(tmp_path, "2", [pages(7)]))
        path.write_bytes((tmp_path / "other" / NAME).read_bytes())
    else:
        with duckdb.connect(str(path)) as sql:
            sql.execute("DROP TABLE stamps")
    report = notices(out, crawl(tmp_path, "3", [pages(2)]))
    assert len(report) == (0 if damage == "empty" else 1) or "made again" in report[0]
    assert state(out)["documents"][:2] == right["documents"]
    assert [row["leader_run"] for row in Folder(out).ledger] == [1]


def test_damage_anywhere_in_the_database_is_survived(tmp_path: Path) -> None:
    """Also where it shows only when the documents are asked for: the run starts again, and ends as it should."""
    out = tmp_path / "out"
    append(out, crawl(tmp_path, "1", [pages(seed) for seed in range(300)]))
    raw = (out / NAME).read_bytes()
    rng = random.Random(3)
    told: set[str] = set()
    for number in range(24):
        copy = Path(shutil.copytree(out, tmp_path / f"{number}"))
        at = rng.randrange(4096, len(raw) - 64)
        (copy / NAME).write_bytes(raw[:at] + bytes(byte ^ 0xFF for byte in raw[at : at + 64]) + raw[at + 64 :])
        told.update(said.split(". ")[-1] for said in notices(copy, crawl(tmp_path, "2", [pages(7), pages(999)])))
        folder = Folder(copy)
        assert [row["leader_run"] for row in folder.ledger] == [1]
        assert len(folder.corpus) == 301
        assert intact(copy) == [1, 2]
    assert "It is made again from the corpus, and the run starts again." in told


def test_standard_input_is_not_read_twice(tmp_path: Path) -> None:
    """A run that cannot start again says how to go on."""
    append(tmp_path / "out", crawl(tmp_path, "1", [pages(seed) for seed in range(300)]))
    with duckdb.connect(str(tmp_path / "out" / NAME)) as sql:
        sql.execute("DROP TABLE documents")
    before = files(tmp_path / "out")
    done = taoxi("-", "-o", "out", "--append", cwd=tmp_path, data=b'{"text": "abc"}\n')
    assert (done.returncode, "taoxi state out --rebuild" in done.stderr) == (4, True)
    assert {name: data for name, data in files(tmp_path / "out").items() if name != NAME} == {
        name: data for name, data in before.items() if name != NAME
    }


def test_a_run_that_died_before_its_database_is_entered_by_the_next(tmp_path: Path) -> None:
    """Its manifest is the commit."""
    out = tmp_path / "out"
    append(out, crawl(tmp_path, "1", [pages(1)]))
    before = (out / NAME).read_bytes()
    append(out, crawl(tmp_path, "2", [pages(2)]))
    whole = state(out)
    (out / NAME).write_bytes(before)
    recall(out, None, lambda _event: None).sql.close()
    assert state(out) == whole


def test_a_database_of_another_version_is_refused_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a newer form, or with signatures that cannot be compared."""
    out, path = tmp_path / "out", crawl(tmp_path, "1", [pages(1)])
    append(out, path)
    with duckdb.connect(str(out / NAME)) as sql:
        sql.execute("UPDATE stamps SET value = '99' WHERE name = 'format'")
    with pytest.raises(OutputError, match="newer version"):
        append(out, path)
    (out / NAME).unlink()
    append(out, crawl(tmp_path, "2", [pages(2)]))
    monkeypatch.setattr(stamps, "SIGNATURE", 99)
    with pytest.raises(OutputError, match=r"taoxi state .* --rebuild"):
        append(out, path)
    rebuild(out, None, lambda _event: None).sql.close()
    assert not append(out, path)[0].news


def test_a_database_in_use_is_not_taken_for_damaged(tmp_path: Path) -> None:
    """A person who looks into it must not make the run throw it away."""
    out, path = tmp_path / "out", crawl(tmp_path, "1", [pages(1)])
    append(out, path)
    code = "import duckdb, sys, time; sql = duckdb.connect(sys.argv[1]); print('open', flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code, str(out / NAME)], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(OutputError, match="open in another program"):
            append(out, path)
        other.kill()
    assert not append(out, path)[0].news


def test_the_memory_of_an_empty_corpus(tmp_path: Path) -> None:
    """Nothing kept, nothing to compare with."""
    append(tmp_path / "out", jsonl(tmp_path / "1.jsonl", [""]))
    report, _ = append(tmp_path / "out", crawl(tmp_path, "2", [pages(1)]))
    assert report.kept == 1
    with Store.open(tmp_path / "out" / NAME, read_only=True) as store:
        assert (store.count(), list(store.runs())) == (1, [1, 2])


# Options


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"overwrite": True}, "Leave out one"),
        ({"out": "x.jsonl"}, "needs a folder"),
        ({"out": "-"}, "needs a folder"),
        ({"to": "text"}, "needs a folder"),
    ],
)
def test_what_cannot_be_added_to_is_refused(options: dict[str, Any], said: str) -> None:
    """With what to do instead."""
    with pytest.raises(UsageError, match=said):
        Options(**{"inputs": ("a",), "out": "out", "append": True, **options})


def test_the_form_of_the_corpus_stays(tmp_path: Path) -> None:
    """A folder is in one form; another one, or plain text, cannot be added to."""
    path = crawl(tmp_path, "1", [pages(1)])
    append(tmp_path / "lines", path, to="jsonl")
    append(tmp_path / "lines", crawl(tmp_path, "2", [pages(2)]))
    assert [p.suffix for p in sorted((tmp_path / "lines" / "corpus").iterdir())] == [".jsonl", ".jsonl"]
    with pytest.raises(UsageError, match="Leave out --to parquet"):
        append(tmp_path / "lines", path, to="parquet")
    run(tmp_path / "text", path, to="text")
    with pytest.raises(UsageError, match="as text"):
        append(tmp_path / "text", path)


def test_the_second_run_says_who_holds_the_folder_or_waits(tmp_path: Path) -> None:
    """The lock names its process, and is let go when that dies."""
    out, path = tmp_path / "out", crawl(tmp_path, "1", [pages(1)])
    append(out, path)
    code = (
        "import sys, time, pathlib; from taoxi.corpus.files import locked_folder\n"
        "with locked_folder(pathlib.Path(sys.argv[1]), add=True): print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, out], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        done = taoxi(path.name, "-o", out, "--append", cwd=tmp_path)
        assert done.returncode == 2
        assert f"process {other.pid} on" in done.stderr
        command = [sys.executable, "-m", "taoxi.cli", "clean", path.name, "-o", str(out), "--append", "--wait"]
        with subprocess.Popen(command, cwd=tmp_path) as waiting:
            time.sleep(2)
            assert waiting.poll() is None
            other.kill()
            assert waiting.wait(60) == 0
    assert (out / LOCK).exists()
