"""``taoxi state`` and ``taoxi restore`` as processes: what a person and a program are told."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from taoxi.corpus.files import STATE
from taoxi.corpus.report import ExitCode
from tests.support import Folder, edited, files, pages
from tests.test_append import append, crawl


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Return a folder that removed two near copies of one site."""
    texts = [pages(1, 4), edited(pages(1, 4), 6), pages(2, 4), edited(pages(2, 4), 6), pages(3)]
    return append(tmp_path / "out", crawl(tmp_path, "1", texts), keep="first")[1].path


def said(out: Path, *words: str) -> tuple[int, str, str]:
    """Run a command; return its exit code, what it wrote, and what it said."""
    command = [sys.executable, "-m", "taoxi.cli", *words]
    done = subprocess.run(
        command, cwd=out.parent, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    return done.returncode, done.stdout, done.stderr


def test_state_lists_runs_sites_and_sizes(out: Path) -> None:
    """To a person as tables, to a program as an object; nothing is written."""
    before = files(out)
    code, written, talk = said(out, "state", "out")
    assert (code, talk) == (0, "")
    lines = written.splitlines()
    assert lines[0].split() == ["run", "sources", "documents", "kept", "removed", "size"]
    assert lines[1].split()[:6] == ["1", "clean", "1", "5", "3", "2"]
    assert any(line.split() == ["a.example", "3", "100.0%"] for line in lines)
    assert lines[-1] == "3 documents are kept. state.duckdb is up to date."
    code, written, talk = said(out, "state", "out", "--log-format", "json")
    found = json.loads(written)
    assert (code, talk, found["known"], found["database"]) == (0, "", 3, None)
    assert (found["sites"], found["runs"][0]["kept"]) == ({"a.example": 3}, 3)
    assert files(out) == before


def test_state_makes_the_database_again_and_exports_it(out: Path) -> None:
    """Also one that is damaged; a name that is taken is refused."""
    (out / "state.duckdb").write_bytes(b"garbage" * 99)
    code, written, talk = said(out, "state", "out")
    assert (code, "damaged" in written, talk) == (0, True, "")
    code, written, talk = said(out, "state", "out", "--rebuild", "--export-datasketch", "index.pickle")
    assert (code, "is up to date" in written) == (0, True)
    assert talk == "index.pickle holds 3 documents. Load it with pickle, where datasketch is installed.\n"
    assert said(out, "state", "out", "--export-datasketch", "index.pickle")[0] == ExitCode.USAGE
    code, _, talk = said(out, "state", ".")
    assert (code, "holds no finished run" in talk) == (ExitCode.USAGE, True)


def test_filters_are_shown_before_anything_is_done(out: Path) -> None:
    """Without a person to ask, only --yes does it."""
    before = files(out)
    for words in (["--dry-run"], []):
        code, written, talk = said(out, "restore", "out", "--reason", "near", "--site", "a.example", *words)
        assert (code, written) == (ExitCode.DONE if words else ExitCode.USAGE, "")
        lines = talk.splitlines()
        assert len(lines) == (3 if words else 4)
        assert all("  near 0." in line and "a.example" in line for line in lines[:2])
        assert lines[2] == "2 documents would come back (2 near)."
    assert lines[3] == "taoxi: Nothing was restored: say --yes if 2 documents shall come back."
    assert files(out) == before
    code, _, talk = said(out, "restore", "out", "--reason", "near", "--yes")
    assert (code, talk) == (0, "2 documents came back, as run 2 (2 near).\n")
    assert len(Folder(out).corpus) == 5
    code, _, talk = said(out, "restore", "out", "--reason", "near", "--yes")
    assert (code, talk) == (0, "There is nothing to restore.\n")


def test_an_id_comes_back_at_once(out: Path) -> None:
    """To a program with its figures."""
    row = next(row for row in Folder(out).ledger if row["reason"] == "near")
    code, written, talk = said(out, "restore", "out", row["id"][:10], "--log-format", "json")
    found = json.loads(written)
    assert (code, talk, found["run"], found["documents"]) == (0, "", 2, 1)
    assert found["first"] == [{name: row[name] for name in ("id", "reason", "leader", "similarity")}]
    code, written, _ = said(out, "explain", "out", row["id"])
    assert "it had been removed, and 'taoxi restore' put it back" in written
    assert written.count("was removed: near") == 1
    assert said(out, "verify", "out", "--quiet") == (0, "", "")
    code, _, talk = said(out, "restore", "out", row["id"])
    assert (code, "in the corpus already" in talk) == (ExitCode.USAGE, True)


def test_no_command_says_what_a_library_thinks_of_its_end(out: Path, tmp_path: Path) -> None:
    """DuckDB tells of every object that is there when the process ends, if it is not let go."""
    path = crawl(tmp_path, "2", [pages(9)])
    assert said(out, "clean", str(path), "-o", "out", "--append", "--quiet") == (0, "", "")
    assert set(files(out)) & STATE
