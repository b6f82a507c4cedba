"""Files that are either there whole or not at all, and the folder that a run writes them to.

Write order, from which guarantee 6 follows: every file of a run is written under a temporary name, flushed to the
disk and renamed; the manifest comes last. A file without a manifest that lists it is the rest of a run that died: the
next run removes it. Two runs cannot write one output at once, because each holds a lock that the system takes back
when a process dies.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from taoxi.corpus.options import OutputError, UsageError

STAGING = ".taoxi-run"
LOCK = ".taoxi-lock"
STATE = frozenset({"state.duckdb", "state.duckdb.wal"})
PAGE = "report.html"
CARD = "README.md"
CROISSANT = "croissant.json"
VIEWS = frozenset({PAGE, CARD, CROISSANT})
"""What is made from the files of runs, and may be removed at any time (``taoxi.corpus.views``)."""

OURS = frozenset({"corpus", "removed", "sources", "chrome", "runs", STAGING, LOCK}) | STATE | VIEWS
"""Everything that a folder of ours may hold at its top."""


PAUSE = 0.2
"""Seconds between two looks at a lock that somebody holds."""


@contextlib.contextmanager
def output_errors(path: Path | str) -> Iterator[None]:
    """Turn errors of the operating system while ``path`` is written into an ``OutputError`` that says what to do."""
    try:
        yield
    except (BrokenPipeError, InterruptedError):
        raise
    except OSError as error:
        name = error.filename or path
        # Of what Arrow raises, only the number is in the system's words.
        reason = os.strerror(error.errno) if error.errno else str(error)
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
    if not final.parent.exists():
        final.parent.mkdir(parents=True, exist_ok=True)
        sync(final.parent.parent)
    staged.replace(final)
    sync(final.parent)


@contextlib.contextmanager
def locked_folder(out: Path, *, add: bool, wait: bool = False) -> Iterator[Path]:
    """Hold the output folder and a fresh staging folder within it; the staging folder is gone afterwards.

    Args:
        out: the folder; it is made if it is not there.
        add: whether it may hold finished runs.
        wait: whether to wait for the end of another run that is writing it.

    Raises:
        UsageError: if the folder holds anything that is not ours, holds a finished run and ``add`` is not set, or is
            being written by another run.
    """
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is a file. Give a folder that is empty or not there yet, or another ending.")
    with output_errors(out):
        entries = {p.name for p in out.iterdir()} if out.exists() else set()
    strangers = sorted(entries - OURS)
    finished = any((out / "runs").glob("*.json"))  # a copy of a folder of ours may lack the lock, which is a dotfile
    if strangers or (entries and LOCK not in entries and not finished):
        first = strangers[0] if strangers else min(entries)
        raise UsageError(
            f"{out} is not empty and was not made by taoxi (it holds {first!r})."
            " Choose a folder that is empty or not there yet."
        )
    with _locked(out / LOCK, out, wait=wait):
        # Only now: the run that held the lock may have left a corpus.
        if any((out / "runs").glob("*.json")) and not add:
            raise UsageError(
                f"{out} already holds a corpus. Add to it with --append, replace it with --overwrite, or choose another"
                " folder."
            )
        try:
            yield _fresh(out / STAGING, out)
        finally:
            shutil.rmtree(out / STAGING, ignore_errors=True)


@contextlib.contextmanager
def locked_file(target: Path, *, overwrite: bool, wait: bool = False) -> Iterator[Path]:
    """Hold a single output file and a fresh staging folder next to it, which is gone afterwards.

    Its name follows from the file's, so that the next run finds the lock, and what a dead run left.

    Raises:
        UsageError: if the file exists and ``overwrite`` is not set, or is being written by another run.
    """
    beside = target.absolute().parent / f".taoxi-{target.name}"
    with _locked(beside / LOCK, target, wait=wait):
        try:
            if target.is_dir():
                raise UsageError(f"{target} is a folder. Choose another name for the file.")
            if target.exists() and not overwrite:
                raise UsageError(f"{target} is already there. Choose another name, or replace it with --overwrite.")
            yield _fresh(beside, target)
        finally:
            shutil.rmtree(beside, ignore_errors=True)


@contextlib.contextmanager
def _locked(path: Path, out: Path, *, wait: bool) -> Iterator[None]:
    """Hold the lock of an output; the file says who does."""
    with output_errors(out):
        lock = _take(path)
        while lock is None and wait:
            time.sleep(PAUSE)
            lock = _take(path)
    if lock is None:
        raise UsageError(
            f"Another run is writing {out}{_holder(path)}. Wait for its end (--wait does), or choose another output."
        )
    with lock:
        with contextlib.suppress(OSError):  # it says who holds the lock; the lock does not need it
            os.ftruncate(lock.fileno(), 0)
            os.write(lock.fileno(), f"{os.getpid()} {socket.gethostname()}".encode())
        yield


def _holder(path: Path) -> str:
    """Return who holds a lock, for a message."""
    try:
        process, host = path.read_text("utf-8").split(" ", 1)
    except (OSError, ValueError):
        return ""
    return f" (process {process} on {host})"


def _take(path: Path) -> TextIO | None:
    """Return the lock file, locked, or None if another process holds it."""
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            lock = path.open("a", encoding="utf-8")
        except FileNotFoundError:  # its last holder has just removed the folder
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(lock.fileno()), path.stat()):
                return lock
        except BlockingIOError:
            lock.close()
            return None
        except FileNotFoundError:
            pass
        lock.close()  # locked, but removed by its last holder in between


def _fresh(folder: Path, out: Path) -> Path:
    """Clear what a dead run left in ``folder`` and make a folder of a new name in it.

    A worker that outlives a killed run for a moment writes to paths of that run: they must not be those of the next.
    """
    with output_errors(out):
        folder.mkdir(exist_ok=True)
        for rest in folder.iterdir():
            if rest.name != LOCK:
                shutil.rmtree(rest, ignore_errors=True)
        return Path(tempfile.mkdtemp(dir=folder))
