"""What the tests of crashes share: many runs that can be killed at a moment or a step, and disks that are full."""

from __future__ import annotations

import contextlib
import itertools
import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from taoxi.corpus import manifest
from taoxi.corpus.report import ExitCode
from tests.support import files, jsonl, pages, prose

PATIENCE = 30.0
"""Seconds to wait for what takes a moment."""

NURSERY = """
import ctypes, json, os, resource, signal, struct, sys
from taoxi.cli import summary
from taoxi.cli.main import main
from taoxi.corpus import run
from taoxi.corpus.warm import compile_groups
from taoxi.normalize.encodings.decoding import detect

run.ROOM = 0
compile_groups(0, 1)
detect("第一次总是最慢。".encode("gb18030"), eof=True)
changes = {"os.mkdir", "os.rename", "os.remove", "os.rmdir"}

# For whom the seccomp filter of Linux speaks: x86-64. Calls that write or flush a file, but for the standard streams.
WRITES = [1, 18, 20, 74, 75, 76, 77, 296]  # write, pwrite64, writev, fsync, fdatasync, truncate, ftruncate, pwritev

def fail_writes():
    load, same, above, give = 0x20, 0x15, 0x25, 0x06
    code = [(load, 0, 0, 0), *((same, len(WRITES) - k, 0, number) for k, number in enumerate(WRITES))]
    let, fail = (give, 0, 0, 0x7FFF0000), (give, 0, 0, 0x50005)
    code += [let, (load, 0, 0, 16), (above, 1, 0, 2), let, fail]
    rows = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *row) for row in code))
    program = struct.pack("HxxxxxxQ", len(code), ctypes.addressof(rows))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(38, 1, 0, 0, 0)  # no new privileges
    if libc.syscall(317, 1, 1, program):  # a filter for all threads
        os._exit(99)

def watch(event, arguments):
    global left
    if event in changes:
        left -= 1
        if not left:
            fail_writes() if failing else os.kill(os.getpid(), signal.SIGKILL)

print(0, flush=True)
for line in sys.stdin:
    order = json.loads(line)
    said, stderr = os.pipe()
    pid = os.fork()
    if not pid:
        os.chdir(order["cwd"])
        os.dup2(stderr, 2)
        if order["step"]:
            left, failing = order["step"], order["failing"]
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

So a test can afford many runs, each of which can be killed: after a time, or at its n-th change of a folder (``step``).
With ``failing`` it is not killed there, but from there on every write fails as on a broken disk.
Its runs keep nothing in memory between passes, as if they were too large for it: there is more that can go wrong.
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

    def start(self, cwd: Path, *words: str, step: int = 0, failing: bool = False, room: int = 0) -> int:
        """Start ``taoxi clean`` in a folder, and return the number of its process."""
        assert self.process.stdin is not None
        order = {"cwd": str(cwd), "words": words, "step": step, "failing": failing, "room": room}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return int(self._read())

    def wait(self) -> int:
        """Wait for the end of what was started last, and return its exit code, negative for a signal.

        What it wrote to standard error is in ``said`` then.
        """
        code, self.said = self._read()
        return int(code)

    def run(self, cwd: Path, *words: str, step: int = 0, failing: bool = False, room: int = 0) -> int:
        """Start a run, and wait for its end."""
        self.start(cwd, *words, step=step, failing=failing, room=room)
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


def killed_at_each_step(nursery: Nursery, cwd: Path, words: tuple[str, ...]) -> Iterator[int]:
    """Kill a run before its first change of a folder, before its second, and so on until it is done before that."""
    for step in itertools.count(1):
        code = nursery.run(cwd, *words, step=step)
        if code != -signal.SIGKILL:
            assert code == ExitCode.UNREADABLE
            return
        yield step


def failure(name: object, reason: str) -> str:
    """Return what is said of an output that could not be written."""
    return (
        f"taoxi: {name} could not be written: {reason}. Nothing that was there before has changed."
        " Make room or choose another output with -o, and run again.\n"
    )


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
