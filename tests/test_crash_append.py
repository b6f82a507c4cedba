"""Guarantee 6 where runs add to a folder: whatever stops one, what was there stays true, and a rerun ends the same."""

from __future__ import annotations

import contextlib
import itertools
import os
import platform
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest

from taoxi.corpus import overview, verify
from taoxi.corpus.files import STAGING, STATE
from taoxi.corpus.report import ExitCode
from taoxi.corpus.state.store import NAME
from tests.nursery import Nursery, killed_at_each_step, large, leftovers, mounted, nursery, small
from tests.support import files, intact, jsonl, pages
from tests.test_append import state

__all__ = ["large", "nursery", "small"]

STRIDE = 9
"""Of so many steps one is followed by a whole run; else the next run is killed on top of what the last one left."""

KILLS = 100 if os.environ.get("TAOXI_SLOW") else 6


def clean(words: str) -> tuple[str, ...]:
    """Return the words of a run in one process that cuts its input into a few units."""
    return ("--jobs", "1", "--batch-bytes", "1MB", "--quiet", *words.split())


def published(out: Path) -> dict[str, bytes]:
    """Return the files of the runs of a folder."""
    return {name: data for name, data in files(out).items() if name not in STATE}


def base(nursery: Nursery, folder: Path, name: str) -> tuple[Path, Path, dict[str, bytes], dict[str, Any]]:
    """Make a folder of one run, ``old``, and add ``dump`` to a copy of it without any disturbance.

    Returns:
        The two, the files of the second, and what its database holds.
    """
    old, out = folder / f"{name}-old", folder / name
    jsonl(folder / f"{name}-first" / "in.jsonl", [pages(1), pages(40), pages(41)])
    assert nursery.run(folder, *clean(f"{name}-first -o {name}-old --append")) == ExitCode.DONE
    shutil.copytree(old, out)
    assert nursery.run(folder, *clean(f"dump -o {name} --append")) == ExitCode.UNREADABLE
    return old, out, published(out), state(out)


def afresh(old: Path, out: Path) -> None:
    """Put a folder back to what it was before the second run."""
    shutil.rmtree(out)
    shutil.copytree(old, out)


def test_a_killed_run_costs_time_only(nursery: Nursery, large: Path) -> None:
    """At random moments: the run before is whole, and the same command ends with the same files and database."""
    old, out, undisturbed, known = base(nursery, large, "appended")
    words = clean("dump -o appended --append")
    afresh(old, out)
    begin = time.monotonic()
    nursery.run(large, *words)
    duration = time.monotonic() - begin
    rng = random.Random(1)
    killed = 0
    for kill in range(KILLS):
        afresh(old, out)
        process = nursery.start(large, *words)
        time.sleep(duration * (kill + rng.random()) / KILLS)
        with contextlib.suppress(ProcessLookupError):  # it was faster than the one that was measured
            os.kill(process, signal.SIGKILL)
        killed += nursery.wait() == -signal.SIGKILL
        assert intact(out) in ([1], [1, 2])
        assert published(old).items() <= published(out).items()
        assert nursery.run(large, *words) == ExitCode.UNREADABLE
        assert published(out) == undisturbed
        assert state(out) == known
        assert leftovers(out) <= STATE
    assert killed > KILLS // 4


def test_no_step_of_an_appending_run_can_be_its_last(nursery: Nursery, small: Path) -> None:
    """Killed before each single change of a folder, among them those before and after the manifest."""
    old, out, undisturbed, known = base(nursery, small, "steps")
    words = clean("dump -o steps --append")
    afresh(old, out)
    found = []
    for step in killed_at_each_step(nursery, small, words):
        found.append(intact(out))
        assert published(old).items() <= published(out).items()
        if step % STRIDE == 0 or found[-1] == [1, 2]:
            assert nursery.run(small, *words) == ExitCode.UNREADABLE
            assert published(out) == undisturbed
            assert state(out) == known
            afresh(old, out)
    assert found.count([1]) > 5
    assert found.count([1, 2]) > 1


@pytest.mark.parametrize("room", [1, 50_000])
def test_a_file_that_may_not_grow_fails_the_run(nursery: Nursery, large: Path, room: int) -> None:
    """In the spool, in an output, in the database: the run before stays, and the next one goes on from it."""
    old, out, undisturbed, known = base(nursery, large, f"room{room}")
    words = clean(f"dump -o room{room} --append")
    afresh(old, out)
    assert nursery.run(large, *words, room=room) == ExitCode.OUTPUT
    assert published(out) == published(old)
    assert not (out / STAGING).exists()
    assert nursery.run(large, *words) == ExitCode.UNREADABLE
    assert (published(out), state(out)) == (undisturbed, known)


@pytest.mark.parametrize("megabytes", [4, 8])
def test_a_disk_that_is_full_costs_time_only(nursery: Nursery, large: Path, megabytes: int) -> None:
    """Whatever does not fit, a table or the database: there is one run or there are two, and each is whole."""
    old, _, undisturbed, known = base(nursery, large, f"full{megabytes}")
    disk = large / f"disk{megabytes}"
    with mounted(disk, megabytes):
        out = disk / "out"
        shutil.copytree(old, out)
        code = nursery.run(large, *clean(f"dump -o disk{megabytes}/out --append"))
        runs = intact(out)
        assert (code, runs) in ((ExitCode.OUTPUT, [1]), (ExitCode.UNREADABLE, [1, 2]))
        assert published(old).items() <= published(out).items()
        later = large / f"later{megabytes}"
        shutil.copytree(out, later)
    assert nursery.run(large, *clean(f"dump -o later{megabytes} --append")) == ExitCode.UNREADABLE
    assert (published(later), state(later)) == (undisturbed, known)


NO_FILTER = 99
"""Exit code where the system has no such filter."""


@pytest.mark.skipif(
    platform.machine() != "x86_64" or sys.platform != "linux", reason="Writes are made to fail on Linux."
)
def test_a_disk_that_breaks_costs_time_only(nursery: Nursery, small: Path) -> None:
    """Every write fails from some step on, also those of DuckDB: one message, and each run is whole or not there."""
    old, out, undisturbed, known = base(nursery, small, "broken")
    words = clean("dump -o broken --append")
    codes = set()
    for step in itertools.count(1, 2):
        afresh(old, out)
        code = nursery.run(small, *words, step=step, failing=True)
        if code == NO_FILTER:
            pytest.skip("This system lets nobody filter system calls.")
        codes.add((code, tuple(intact(out))))
        assert published(old).items() <= published(out).items()
        if code == ExitCode.OUTPUT:
            assert "Input/output error" in nursery.said
            assert nursery.said.count("\n") == 1
        if step % STRIDE == 0 or code != ExitCode.OUTPUT:
            assert nursery.run(small, *words) == ExitCode.UNREADABLE
            assert (published(out), state(out)) == (undisturbed, known)
        if code == ExitCode.UNREADABLE and "state.duckdb" not in nursery.said:
            break
    assert (ExitCode.OUTPUT, (1,)) in codes
    assert codes <= {(ExitCode.OUTPUT, (1,)), (ExitCode.OUTPUT, (1, 2)), (ExitCode.UNREADABLE, (1, 2))}


def test_a_folder_that_is_read_only(nursery: Nursery, small: Path) -> None:
    """Nothing can be added to it, and it can be read: its runs, what they hold, and whether they are true."""
    old, _, _, known = base(nursery, small, "closed")
    disk = small / "closed-disk"
    with mounted(disk, 20):
        out = disk / "out"
        shutil.copytree(old, out)
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)  # noqa: S607
        assert nursery.run(small, *clean(f"dump -o {out} --append")) == ExitCode.OUTPUT
        assert "Read-only file system" in nursery.said
        found = overview(out)
        assert (found.kept, found.known, found.database) == (3, 3, None)
        assert verify(out).complained == {}
        assert state(out) != known


def test_a_full_folder_for_temporary_files_is_in_nobodys_way(small: Path) -> None:
    """All that a run with a folder writes is in that folder."""
    disk = small / "temporary"
    with mounted(disk, 1):
        with contextlib.suppress(OSError):
            (disk / "full").write_bytes(b"x" * (1 << 21))
        words = ["-m", "taoxi.cli", "clean", *clean(f"dump -o {small}/elsewhere --append")]
        environment = {**os.environ, "TMPDIR": str(disk)}
        done = subprocess.run([sys.executable, *words], cwd=small, env=environment, check=False)
        assert (done.returncode, intact(small / "elsewhere")) == (ExitCode.UNREADABLE, [1])


def test_a_database_that_cannot_be_written_loses_nothing(nursery: Nursery, small: Path) -> None:
    """The run is complete without it; a person is told, and the next run enters what is missing."""
    old, out, undisturbed, known = base(nursery, small, "locked")
    afresh(old, out)
    (out / NAME).unlink()
    (out / NAME).mkdir()
    words = clean("dump -o locked --append")
    assert nursery.run(small, *words) == ExitCode.OUTPUT
    assert NAME in nursery.said
    assert published(out) == published(old)
    (out / NAME).rmdir()
    assert nursery.run(small, *words) == ExitCode.UNREADABLE
    assert (published(out), state(out)) == (undisturbed, known)


def test_readers_of_a_killed_run_see_the_run_before(nursery: Nursery, small: Path) -> None:
    """Also through DuckDB, whose notes of what it was doing lie beside the database."""
    _, out, undisturbed, known = base(nursery, small, "read")
    with duckdb.connect(str(out / NAME)) as sql:
        sql.execute("BEGIN")
        sql.execute("DELETE FROM documents")
    assert state(out) == known
    assert published(out) == undisturbed
