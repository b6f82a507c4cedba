"""Guarantee 6: a run may be killed, interrupted, started twice or out of disk, and costs time only."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import orjson
import pytest

from taoxi.corpus.files import LOCK, STAGING
from taoxi.corpus.options import OutputError
from taoxi.corpus.report import ExitCode
from tests.nursery import (
    Nursery,
    clean,
    failure,
    killed_at_each_step,
    large,
    leftovers,
    mounted,
    nursery,
    small,
    waited_for,
)
from tests.support import Folder, files, intact, jsonl, pages, run, taoxi

__all__ = ["large", "nursery", "small"]

KILLS = 100 if os.environ.get("TAOXI_SLOW") else 7
STRIDE = 4
"""Of so many kills one is followed by a whole run; the others are killed on top of what the last one left."""

# Killed


def test_a_killed_run_leaves_no_run_and_the_next_one_gives_the_same_bytes(nursery: Nursery, large: Path) -> None:
    """At any moment: what is there has no manifest, so it is nothing; the next run sweeps it away."""
    words, out = clean("dump -o fresh"), large / "fresh"
    begin = time.monotonic()
    assert nursery.run(large, *words) == ExitCode.UNREADABLE
    duration = time.monotonic() - begin
    undisturbed = files(out)
    rng = random.Random(1)
    killed = 0
    for kill in range(KILLS):
        shutil.rmtree(out)
        for moment in (kill + rng.random(), rng.random() * KILLS / 2):  # the second one on top of what the first left
            process = nursery.start(large, *words)
            time.sleep(duration * moment / KILLS)
            with contextlib.suppress(ProcessLookupError):  # it was faster than the one that was measured
                os.kill(process, signal.SIGKILL)
            killed += nursery.wait() == -signal.SIGKILL
            if out.exists() and intact(out):
                break
        else:
            assert nursery.run(large, *words) == ExitCode.UNREADABLE
            assert not leftovers(out)
        assert {name: data for name, data in files(out).items() if name in undisturbed} == undisturbed
    assert killed > KILLS // 3


def test_no_step_of_a_first_run_can_be_its_last(nursery: Nursery, small: Path) -> None:
    """Killed before each single change of a folder, it has left nothing or all, and can be run again."""
    words, out = clean("dump -o first"), small / "first"
    assert nursery.run(small, *words) == ExitCode.UNREADABLE
    undisturbed = files(out)
    shutil.rmtree(out)
    found = []
    for step in killed_at_each_step(nursery, small, words):
        found.append(intact(out) if out.exists() else [])
        if not found[-1] and step % STRIDE == 0:
            assert nursery.run(small, *words) == ExitCode.UNREADABLE
        if (out / "runs").exists() and intact(out):
            assert found[-1] or not leftovers(out)
            assert {name: data for name, data in files(out).items() if name in undisturbed} == undisturbed
            shutil.rmtree(out)
    assert found.count([]) > 2 * STRIDE
    assert found[-1] == [1]


def test_no_step_of_an_overwriting_run_can_be_its_last(nursery: Nursery, small: Path) -> None:
    """The old run stays whole until the new one is, and each can be read at any moment."""
    words, out, old = clean("dump -o again --overwrite"), small / "again", small / "old"
    assert nursery.run(small, *clean("other -o again")) == ExitCode.DONE
    shutil.copytree(out, old)
    assert nursery.run(small, *words) == ExitCode.UNREADABLE
    states = {1: files(old), 2: files(out)}
    shutil.rmtree(out)
    shutil.copytree(old, out)
    found = []
    for step in killed_at_each_step(nursery, small, words):
        found += intact(out)
        now = files(out)
        assert {name: now[name] for name in states[found[-1]]} == states[found[-1]]
        if step % STRIDE == 0:
            assert nursery.run(small, *words) == ExitCode.UNREADABLE
            assert intact(out) == [found[-1] + 1]
            assert not leftovers(out)
            assert found[-1] == 2 or files(out) == states[2]
        if intact(out) != [1]:
            shutil.rmtree(out)
            shutil.copytree(old, out)
    assert found.count(1) > 2 * STRIDE
    assert found.count(2) > 2


def test_no_step_of_a_run_to_one_file_can_be_its_last(nursery: Nursery, small: Path) -> None:
    """The file is the old one or the new one, whole, and the next run sweeps what lies beside it."""
    words, out = clean("dump -o files/out.jsonl.gz --overwrite"), small / "files" / "out.jsonl.gz"
    assert nursery.run(small, *clean("other -o files/out.jsonl.gz")) == ExitCode.DONE
    states = [out.read_bytes()]
    assert nursery.run(small, *words) == ExitCode.UNREADABLE
    states.append(out.read_bytes())
    out.write_bytes(states[0])
    found = []
    for step in killed_at_each_step(nursery, small, words):
        found.append(states.index(out.read_bytes()))
        if step % STRIDE == 0:
            assert nursery.run(small, *words) == ExitCode.UNREADABLE
            assert out.read_bytes() == states[1]
            assert [path.name for path in out.parent.iterdir()] == [out.name]
        out.write_bytes(states[0])
    assert set(found) == {0, 1}
    assert [path.name for path in out.parent.iterdir()] == [out.name]


def test_the_workers_of_a_killed_run_end(large: Path) -> None:
    """None of them waits for ever for a task that nobody will send."""
    command = [sys.executable, "-m", "taoxi.cli", "clean", *clean("dump -o workers"), "--jobs", "2"]
    with subprocess.Popen(command, cwd=large) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        if not children.exists():
            process.kill()
            pytest.skip("This system does not list the children of a process.")
        workers = waited_for(lambda: len(found := children.read_text(encoding="ascii").split()) > 2 and found)
        process.kill()
    waited_for(lambda: not any(_runs(int(worker)) for worker in workers))


def _runs(process: int) -> bool:
    """Whether a process is there, and no mere entry that nobody has read."""
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(") ")[2][0] != "Z"
    except FileNotFoundError:
        return False


# Interrupted


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("stop", [(signal.SIGINT, "Interrupted", 130), (signal.SIGTERM, "Terminated", 143)])
def test_an_interrupted_run_leaves_nothing_but_the_lock(
    large: Path, tmp_path: Path, jobs: str, stop: tuple[signal.Signals, str, int]
) -> None:
    """Ctrl-C, or the end of a service, gives its exit code and one line, and all that was written so far is gone."""
    number, said, code = stop
    command = [sys.executable, "-m", "taoxi.cli", "clean", *clean(f"dump -o {tmp_path}/out"), "--jobs", jobs]
    with subprocess.Popen(command, cwd=large, stderr=subprocess.PIPE, start_new_session=True) as process:
        assert process.stderr is not None
        waited_for(lambda: list((tmp_path / "out" / STAGING).glob("*/spool/*")))
        os.killpg(process.pid, number)  # as a terminal does: to all of its processes
        assert process.stderr.read().decode() == f"taoxi: {said} before it was done. Run the same command again.\n"
    assert process.returncode == code
    assert [path.name for path in (tmp_path / "out").iterdir()] == [LOCK]


# Started twice


@pytest.mark.parametrize("out", ["twice", "twice.jsonl"])
def test_the_second_of_two_runs_at_once_is_refused(nursery: Nursery, large: Path, out: str) -> None:
    """It exits with 2 and says why; the first one ends as if nothing had happened."""
    words = clean(f"dump -o {out}")
    assert nursery.run(large, *words) == ExitCode.UNREADABLE
    undisturbed = files(large / out) or (large / out).read_bytes()
    shutil.rmtree(large / out) if (large / out).is_dir() else (large / out).unlink()
    staging = large / out / STAGING if out == "twice" else large / f".taoxi-{out}"
    first = nursery.start(large, *words)
    waited_for(lambda: list(staging.glob("*/spool")))
    os.kill(first, signal.SIGSTOP)
    try:
        for overwrite in ([], ["--overwrite"]):
            second = taoxi(*words, *overwrite, cwd=large)
            assert (second.returncode, second.stdout, second.stderr) == (
                ExitCode.USAGE,
                "",
                (
                    f"taoxi: Another run is writing {out} (process {first} on {socket.gethostname()})."
                    " Wait for its end (--wait does), or choose another output.\n"
                ),
            )
    finally:
        os.kill(first, signal.SIGCONT)
    assert nursery.wait() == ExitCode.UNREADABLE
    assert (files(large / out) or (large / out).read_bytes()) == undisturbed
    assert not staging.exists()


# Out of disk


@pytest.mark.parametrize("room", [1, 4096, 50_000, 300_000, 900_000])
def test_a_file_that_may_not_grow_fails_the_run(nursery: Nursery, large: Path, room: int) -> None:
    """Wherever it happens, in the spool or in an output: exit 4, one message, and the run before stays as it was."""
    out = large / "limited"
    shutil.rmtree(out, ignore_errors=True)
    assert nursery.run(large, *clean("dump -o limited"), room=room) == ExitCode.OUTPUT
    assert nursery.said == failure("limited", "File too large")
    assert files(out) == {}
    run(out, jsonl(large / "little.jsonl", [pages(1)]))
    before = files(out)
    assert nursery.run(large, *clean("dump -o limited --overwrite"), room=room) == ExitCode.OUTPUT
    assert files(out) == before
    assert not (out / STAGING).exists()


@pytest.mark.parametrize("out", ["out", "out.parquet", "out.jsonl.zst"])
@pytest.mark.parametrize("megabytes", [1, 3, 5])
def test_a_disk_that_is_full_fails_the_run(nursery: Nursery, large: Path, megabytes: int, out: str) -> None:
    """A real one, small: what the run had written is gone again, and the disk as free as before."""
    disk = large / "disk"
    with mounted(disk, megabytes):
        free = shutil.disk_usage(disk).free
        assert nursery.run(large, *clean(f"dump -o disk/{out}")) == ExitCode.OUTPUT
        assert nursery.said == failure(f"disk/{out}", "No space left on device")
        assert files(disk) == {}
        assert free - shutil.disk_usage(disk).free < 1 << 14  # the lock and its folder


def test_standard_output_to_a_full_disk_fails_the_run(tmp_path: Path) -> None:
    """What was taken is no sign of what will be: each write is checked, and nothing is tried again at the end."""
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("This system has no /dev/full.")
    jsonl(tmp_path / "in.jsonl", [pages(1)])
    command = [sys.executable, "-m", "taoxi.cli", "clean", "in.jsonl", "-o", "-"]
    with full.open("wb") as stdout:
        done = subprocess.run(command, cwd=tmp_path, stdout=stdout, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == ExitCode.OUTPUT
    assert done.stderr == failure("Standard output", "No space left on device")


def test_standard_output_that_is_closed_fails_the_run(tmp_path: Path) -> None:
    """A job that was started without one cannot write to it."""
    jsonl(tmp_path / "in.jsonl", [pages(1)])
    command = ["sh", "-c", 'exec "$@" >&-', "sh", sys.executable, "-m", "taoxi.cli", "clean", "in.jsonl", "-o", "-"]
    done = subprocess.run(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == ExitCode.OUTPUT
    assert done.stderr == failure("Standard output", "Bad file descriptor")


# Damaged


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"format": 99}'])
def test_a_damaged_manifest_is_never_taken_for_none(tmp_path: Path, damage: bytes) -> None:
    """A run that may be there is not swept away because its list cannot be read."""
    out = tmp_path / "out"
    source = jsonl(tmp_path / "in.jsonl", [pages(1)])
    run(out, source)
    path = out / "runs" / "000001.json"
    path.write_bytes(damage)
    before = files(out)
    with pytest.raises(OutputError) as caught:
        run(out, source, overwrite=True)
    if damage in {b"", b"{"}:
        reason = _parse_error(damage)
        expected = f"{path} is damaged ({reason}). Restore it from a backup, or clean into another folder."
    else:
        expected = f"{path} has a format that this version does not know. Update taoxi, or choose another folder."
    assert str(caught.value) == expected
    assert files(out) == before


def _parse_error(data: bytes) -> str:
    try:
        orjson.loads(data)
    except orjson.JSONDecodeError as error:
        return str(error)
    raise AssertionError


def test_what_was_killed_can_be_read_meanwhile(small: Path, nursery: Nursery) -> None:
    """Readers of a folder need no lock: the files of a run in force never change."""
    words = clean("dump -o meanwhile")
    assert nursery.run(small, *words) == ExitCode.UNREADABLE
    folder = Folder(small / "meanwhile")
    first = folder.corpus
    process = nursery.start(small, *words, "--overwrite")
    waited_for(lambda: list((folder.path / STAGING).glob("*/spool")))
    os.kill(process, signal.SIGSTOP)
    assert folder.corpus == first
    os.kill(process, signal.SIGKILL)
    assert nursery.wait() == -signal.SIGKILL
    assert intact(folder.path) == [1]
