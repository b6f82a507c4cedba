"""Whole processes, measured from outside: wall time, processor time and peak memory on one core."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process took: wall and processor time in seconds, the peak of its resident memory in bytes."""

    seconds: float
    processor: float
    peak: int


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


def measure(command: Sequence[str], folder: Path) -> Usage:
    """Run a command in a folder to its end and return what it took.

    Compiled modules are kept from one process to the next, as those of an installed package are, whatever the
    environment says. On Linux the peak of a process starts from that of its parent at the fork, so whoever calls this
    must be small.

    Raises:
        SystemExit: if the command fails.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    begin = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, env=environment)
    _pid, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with exit code {process.returncode}. Run it alone to see why.")
    unit = 1 if sys.platform == "darwin" else 1024
    return Usage(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit)
