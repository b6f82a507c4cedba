"""Files that are either there whole or not at all, and the folder that a run writes them to.

Write order, from which guarantee 6 follows: every file of a run is written under a temporary name, flushed to the
disk and renamed; the manifest comes last. A file without a manifest that lists it is the rest of a run that died: the
next run removes it. Two runs cannot write one folder at once, because each holds a lock that the system takes back
when a process dies.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from taoxi.corpus.options import OutputError, UsageError

STAGING = ".taoxi-run"
LOCK = ".taoxi-lock"
OURS = frozenset({"corpus", "removed", "sources", "runs", "report.html", "state.duckdb", STAGING, LOCK})
"""Everything that a folder of ours may hold at its top."""


@contextlib.contextmanager
def output_errors(path: Path | str) -> Iterator[None]:
    """Turn errors of the operating system while ``path`` is written into an ``OutputError`` that says what to do."""
    try:
        yield
    except (BrokenPipeError, InterruptedError):
        raise
    except OSError as error:
        name = error.filename or path
        reason = error.strerror or str(error)
        raise OutputError(
            f"{name} could not be written: {reason}. Nothing that was there before has changed."
            " Make room or choose another output with -o, and run again."
        ) from error


def sync(path: Path) -> None:
    """Flush a file or folder to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def publish(staged: Path, final: Path) -> None:
    """Give a finished file its name: flush it, rename it, flush the folder."""
    sync(staged)
    final.parent.mkdir(parents=True, exist_ok=True)
    staged.replace(final)
    sync(final.parent)


@contextlib.contextmanager
def locked_folder(out: Path, *, overwrite: bool) -> Iterator[Path]:
    """Hold the output folder and a fresh staging folder within it; the staging folder is gone afterwards.

    Raises:
        UsageError: if the folder holds anything that is not ours, holds a finished run and ``overwrite`` is not set,
        or is
            being written by another run.
    """
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is a file. Give a folder that is empty or not there yet, or another ending.")
    strangers = sorted(p.name for p in out.iterdir() if p.name not in OURS) if out.exists() else []
    entries = {p.name for p in out.iterdir()} if out.exists() else set()
    if strangers or (entries and LOCK not in entries):
        first = strangers[0] if strangers else min(entries)
        raise UsageError(
            f"{out} is not empty and was not made by taoxi (it holds {first!r})."
            " Choose a folder that is empty or not there yet."
        )
    if any((out / "runs").glob("*.json")) and not overwrite:
        raise UsageError(f"{out} already holds a corpus. Choose another folder, or replace it with --overwrite.")
    with output_errors(out):
        out.mkdir(parents=True, exist_ok=True)
        lock = (out / LOCK).open("w")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise UsageError(f"Another run is writing {out}. Wait for its end, or choose another folder.") from error
        staging = out / STAGING
        shutil.rmtree(staging, ignore_errors=True)
        with output_errors(out):
            staging.mkdir()
        try:
            yield staging
        finally:
            shutil.rmtree(staging, ignore_errors=True)


@contextlib.contextmanager
def staging_beside(target: Path | None) -> Iterator[Path]:
    """Make a staging folder next to a single output file (for standard output: where temporary files live)."""
    parent = None if target is None else target.absolute().parent
    with output_errors(parent or "The temporary folder"):
        if parent is not None:
            parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=".taoxi-", dir=parent))
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)
