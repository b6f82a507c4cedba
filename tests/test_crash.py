"""Guarantee 6: a run may be killed, interrupted, started twice or out of disk, and costs time only."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from taoxi.corpus import manifest
from taoxi.corpus.files import LOCK, STAGING
from taoxi.corpus.options import OutputError
from taoxi.corpus.report import ExitCode
from tests.support import Folder, files, intact, jsonl, pages, prose, run, taoxi

KILLS = 15
STRIDE = 4
"""Of so many kills one is followed by a whole run; the others are killed on top of what the last one left."""

PATIENCE = 30.0
"""Seconds to wait for what takes a moment."""

NURSERY = """
import json, os, resource, signal, sys
from taoxi.cli import summary
from taoxi.cli.main import main
from taoxi.corpus import run
from taoxi.corpus.warm import compile_groups
from taoxi.normalize.encodings.decoding import detect

run.ROOM = 0
compile_groups(0, 1)
detect("第一次总是最慢。".encode("gb18030"), eof=True)
changes = {"os.mkdir", "os.rename", "os.remove", "os.rmdir"}

def watch(event, arguments):
    global left
    if event in changes:
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

print(0, flush=True)
for line in sys.stdin:
    order = json.loads(line)
    said, stderr = os.pipe()
    pid = os.fork()
    if not pid:
        os.chdir(order["cwd"])
        os.dup2(stderr, 2)
        if order["step"]:
            left = order["step"]
            sys.addaudithook(watch)
        if order["room"]:
            resource.setrlimit(resource.RLIMIT_FSIZE, (order["room"], order["room"]))
        os._exit(main(["clean", *order["words"]]))
    os.close(stderr)
    print(pid, flush=True)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    with open(said, encoding="utf-8") as file:
        print(json.dumps([code, file.read()]), flush=True)
"""
"""A process that has compiled and imported everything, and starts a process of its own for each command it reads.
Its runs keep nothing in memory between passes, as if they were too large for it: there is more that can go wrong.

So a test can afford many runs, each of which can be killed: after a time, or at its n-th change of a folder (``step``).
Files of a run may be limited to a size (``room``, in bytes), which looks to it like a disk that is full.
"""


class Nursery:
    """The other side of ``NURSERY``."""

    def __init__(self) -> None:
        """Start it, and wait until it is ready."""
        self.said = ""
        self.process = subprocess.Popen(
            [sys.executable, "-c", NURSERY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._read()

    def start(self, cwd: Path, *words: str, step: int = 0, room: int = 0) -> int:
        """Start ``taoxi clean`` in a folder, and return the number of its process."""
        assert self.process.stdin is not None
        order = {"cwd": str(cwd), "words": words, "step": step, "room": room}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return int(self._read())

    def wait(self) -> int:
        """Wait for the end of what was started last, and return its exit code, negative for a signal.

        What it wrote to standard error is in ``said`` then.
        """
        code, self.said = self._read()
        return int(code)

    def run(self, cwd: Path, *words: str, step: int = 0, room: int = 0) -> int:
        """Start a run, and wait for its end."""
        self.start(cwd, *words, step=step, room=room)
        return self.wait()

    def _read(self) -> Any:  # noqa: ANN401 - whatever JSON holds
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    """Return a nursery, which ends with the module."""
    found = Nursery()
    yield found
    assert found.process.stdin is not None
    found.process.stdin.close()
    assert found.process.wait(PATIENCE) == 0


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a dump of a few documents, ``dump``, and another, ``other``."""
    folder = tmp_path_factory.mktemp("small")
    jsonl(folder / "dump" / "in.jsonl", [pages(1), pages(1), pages(2) + "\n" + pages(2), {"id": 7}])
    jsonl(folder / "other" / "in.jsonl", [pages(1), pages(2), pages(2)])
    return folder


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a dump that takes the better part of a second: many units, copies in each."""
    folder = tmp_path_factory.mktemp("large")
    body = [prose(seed, 300) for seed in range(500)]
    records = [f"{body[k % 500]}\n{body[k * 7 % 500]}\n{prose(5000 + k % 900, 600)}" for k in range(800)]
    jsonl(folder / "dump" / "in.jsonl", records)
    (folder / "dump" / "bad.txt").write_bytes(prose(1).encode() + b"\xff\n")
    return folder


def clean(words: str) -> tuple[str, ...]:
    """Return the words of a run in one process that cuts its input into many units."""
    return ("--jobs", "1", "--batch-bytes", "100KB", "--quiet", *words.split())


def waited_for(condition: Callable[[], Any]) -> Any:  # noqa: ANN401 - what the condition gives
    """Wait until something is so, and return it."""
    end = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < end
        time.sleep(0.001)
    return found


def leftovers(folder: Path) -> set[str]:
    """Return what lies in an output folder beside what its manifests list, and the lock."""
    listed = {f"runs/{number:06}.json" for number in manifest.runs(folder)}
    listed |= {file["path"] for number in manifest.runs(folder) for file in manifest.read(folder, number)["files"]}
    return set(files(folder)) - listed


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
    assert killed > KILLS // 2


def killed_at_each_step(nursery: Nursery, cwd: Path, words: tuple[str, ...]) -> Iterator[int]:
    """Kill a run before its first change of a folder, before its second, and so on until it is done before that."""
    for step in itertools.count(1):
        code = nursery.run(cwd, *words, step=step)
        if code != -signal.SIGKILL:
            assert code == ExitCode.UNREADABLE
            return
        yield step


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
def test_an_interrupted_run_leaves_nothing_but_the_lock(large: Path, tmp_path: Path, jobs: str) -> None:
    """Ctrl-C ends with 130 and one line, and all that was written so far is gone."""
    command = [sys.executable, "-m", "taoxi.cli", "clean", *clean(f"dump -o {tmp_path}/out"), "--jobs", jobs]
    with subprocess.Popen(command, cwd=large, stderr=subprocess.PIPE, start_new_session=True) as process:
        assert process.stderr is not None
        waited_for(lambda: list((tmp_path / "out" / STAGING).glob("*/spool/*")))
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all of its processes
        assert process.stderr.read() == b"taoxi: Interrupted before it was done. Run the same command again.\n"
    assert process.returncode == ExitCode.INTERRUPTED
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
    for overwrite in ([], ["--overwrite"]):
        second = taoxi(*words, *overwrite, cwd=large)
        assert (second.returncode, second.stdout, second.stderr) == (
            ExitCode.USAGE,
            "",
            f"taoxi: Another run is writing {out}. Wait for its end, or choose another output.\n",
        )
    os.kill(first, signal.SIGCONT)
    assert nursery.wait() == ExitCode.UNREADABLE
    assert (files(large / out) or (large / out).read_bytes()) == undisturbed
    assert not staging.exists()


# Out of disk


def failure(name: object, reason: str) -> str:
    """Return what is said of an output that could not be written."""
    return (
        f"taoxi: {name} could not be written: {reason}. Nothing that was there before has changed."
        " Make room or choose another output with -o, and run again.\n"
    )


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


@contextlib.contextmanager
def mounted(folder: Path, megabytes: int) -> Iterator[None]:
    """Mount a small disk; skip the test where that is not permitted."""
    folder.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("Only root may mount a small disk. Run this test as root.")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)  # noqa: S607


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
