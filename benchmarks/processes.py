"""Whole processes, measured from outside: wall time, processor time and peak memory on one core."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process took: wall and processor time in seconds, the peak of its resident memory in bytes."""

    seconds: float
    processor: float
    peak: int


class Failed(SystemExit):
    """A command ended with an exit code other than 0."""


def last_core() -> int | None:
    """Return the last core that this process may use; None where the system cannot pin."""
    return max(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None


@contextlib.contextmanager
def pinned(core: int | None) -> Iterator[None]:
    """Keep this process, and so the processes that it starts, on one core; None leaves them where they are."""
    if core is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def clean_command(docs: Path, out: str, *, jobs: int = 1) -> list[str]:
    """Return the command that cleans a file with this interpreter's taoxi."""
    return [sys.executable, "-m", "taoxi.cli", "clean", str(docs), "--jobs", str(jobs), "--quiet", "-o", out]


def measure(
    command: Sequence[str], folder: Path, more: Mapping[str, str] | None = None, log: Path | None = None
) -> Usage:
    """Run a command in a folder to its end and return what it took.

    Compiled modules are kept from one process to the next, as those of an installed package are, whatever the
    environment says. On Linux the peak of a process starts from that of its parent at the fork, so whoever calls this
    must be small.

    Args:
        command: the program and its arguments.
        folder: where it runs.
        more: variables of its environment besides this process's.
        log: where what it says on standard error goes; without it, to this process's.

    Raises:
        Failed: if the command fails.
    """
    begin = time.perf_counter()
    with contextlib.ExitStack() as stack:
        said = stack.enter_context(log.open("wb")) if log else None
        process = start(command, folder, more, said)
        _pid, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise Failed(f"{' '.join(command)} ended with exit code {process.returncode}. Run it alone to see why.")
    unit = 1 if sys.platform == "darwin" else 1024
    return Usage(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit)


def start(
    command: Sequence[str], folder: Path, more: Mapping[str, str] | None = None, said: IO[bytes] | None = None
) -> subprocess.Popen[bytes]:
    """Start a command as ``measure`` does, and return the process."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= more or {}
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=said, env=environment)
