"""The memory of a process and all that it starts, summed at one moment after another."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import Failed, start

PROC = Path("/proc")

EVERY = 0.1
"""Seconds between two looks; each walks the page tables of the processes, which takes them some milliseconds."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Peaks over a run in bytes, of the sum over its processes.

    ``resident`` counts a page that several share once, and with it the mapped files, which the system may drop at any
    time; ``own`` is what it may not: anonymous and shared memory.
    """

    resident: int
    own: int


def parse(rollup: str) -> Memory:
    """Return the memory that the text of a ``smaps_rollup`` tells."""
    kilobytes = {}
    for line in rollup.splitlines():
        words = line.split()
        if len(words) == 3 and words[2] == "kB":  # noqa: PLR2004 - name, figure, unit
            kilobytes[words[0].rstrip(":")] = int(words[1])
    own = kilobytes.get("Pss_Anon", 0) + kilobytes.get("Pss_Shmem", 0)
    return Memory(1024 * kilobytes.get("Pss", 0), 1024 * own)


def family(process: int, proc: Path = PROC) -> list[int]:
    """Return the numbers of a process and of all that it started, and these."""
    found = [process]
    for number in found:
        for children in (proc / str(number)).glob("task/*/children"):
            with contextlib.suppress(OSError):
                found += map(int, children.read_text(encoding="ascii").split())
    return found


def now(process: int) -> Memory:
    """Return the memory of a process and its family; processes that are ending count for nothing."""
    resident = own = 0
    for number in family(process):
        with contextlib.suppress(OSError):
            one = parse((PROC / str(number) / "smaps_rollup").read_text(encoding="ascii"))
            resident += one.resident
            own += one.own
    return Memory(resident, own)


def watch(command: Sequence[str], folder: Path) -> Memory:
    """Run a command in a folder to its end and return the peaks of its memory.

    Raises:
        SystemExit: on a system without ``/proc/PID/smaps_rollup``.
        Failed: if the command fails.
    """
    if not (PROC / "self" / "smaps_rollup").exists():
        raise SystemExit("This system does not tell the memory of processes that share pages. Run this on Linux.")
    process = start(command, folder)
    resident = own = 0
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(EVERY)
            break
        one = now(process.pid)
        resident, own = max(resident, one.resident), max(own, one.own)
    if process.returncode:
        raise Failed(f"{' '.join(command)} ended with exit code {process.returncode}. Run it alone to see why.")
    return Memory(resident, own)
