"""Verify an output: nothing was lost, nothing was removed without proof, and nothing was changed since.

A check is a function that takes the ``Case`` and yields what it finds: complaints, which say that something is damaged,
and remarks. Each may rely on what those before it noted down in the case.
"""

from __future__ import annotations

import errno
import os
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from taoxi.corpus.complaints import LISTED, Complaint, Finding, Listener, Remark, Verification
from taoxi.corpus.manifest import FOLDERS
from taoxi.corpus.options import OutputError, UsageError
from taoxi.corpus.report import Notice
from taoxi.corpus.verification.case import CHANGED, FOUND, GONE, PIPED, UNREAD, Case
from taoxi.corpus.verification.database import check_database
from taoxi.corpus.verification.documents import check_documents
from taoxi.corpus.verification.files import check_files, check_manifests
from taoxi.corpus.verification.rows import check_rows
from taoxi.corpus.verification.spans import check_spans
from taoxi.corpus.warm import warm

Check = Callable[[Case], Iterator[Finding]]

CHECKS: tuple[Check, ...] = (check_manifests, check_files, check_rows, check_documents, check_spans, check_database)
"""All checks, in their order."""

_F = TypeVar("_F", Complaint, Remark)


def verify(out: str | Path, *, jobs: int = 1, listener: Listener | None = None) -> Verification:
    """Verify a folder that ``clean`` wrote, without writing to it.

    Args:
        out: the folder.
        jobs: processes that read sources again, 0 for one per core (see ``Options``).
        listener: called with progress, complaints and remarks while it goes on, of each kind the first ``LISTED``.

    Returns:
        What was found. Sources are looked for under the names that the table of sources has, relative to the working
        directory; what cannot be compared because they are gone or changed is a remark.

    Raises:
        UsageError: if ``out`` is no folder that ``clean`` wrote.
        OutputError: if the folder for temporary files cannot be written.
    """
    path = Path(out)
    if jobs < 0:
        raise UsageError("The number of processes must be positive. Leave --jobs out for one per core.")
    try:
        ours = path.is_dir() and any(True for name in ("runs", *FOLDERS) for _ in (path / name).glob("[0-9]*"))
    except OSError as error:
        raise UsageError(f"{out} cannot be read ({error.strerror}). Change its permissions.") from error
    if not ours:
        raise UsageError(f"{out} holds no finished run. Name a folder that 'taoxi clean' has written.")
    say = listener or (lambda _event: None)
    warm(lambda event: say(event) if isinstance(event, Notice) else None)
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="taoxi-") as scratch:
        case = Case(path, Path(scratch), jobs, say)
        told = _Told(say)
        try:
            for check in CHECKS:
                for finding in check(case):
                    told.add(finding)
        except OSError as error:
            if error.errno not in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
                raise
            reason = os.strerror(error.errno)
            raise OutputError(
                f"The folder for temporary files, {tempfile.gettempdir()}, cannot be written: {reason}."
                " Make room there, or name another one with TMPDIR, and verify again."
            ) from error
    return _verification(case, told, str(out), time.perf_counter() - begin)


class _Told:
    """What was found: the first of each kind one by one, all counted."""

    def __init__(self, say: Callable[[Finding], None]) -> None:
        self._say = say
        self.complaints: dict[str, list[Complaint]] = defaultdict(list)
        self.remarks: dict[str, list[Remark]] = defaultdict(list)
        self.complained: Counter[str] = Counter()
        self.remarked: Counter[str] = Counter()

    def add(self, finding: Finding) -> None:
        """Count a finding, and tell it if it is among the first of its kind."""
        if isinstance(finding, Complaint):
            self._add(finding, finding.kind.value, self.complaints, self.complained)
        else:
            self._add(finding, finding.about.value, self.remarks, self.remarked)

    def _add(self, finding: _F, kind: str, listed: dict[str, list[_F]], counts: Counter[str]) -> None:
        counts[kind] += 1
        if counts[kind] <= LISTED:
            listed[kind].append(finding)
            self._say(finding)


def _verification(case: Case, told: _Told, out: str, seconds: float) -> Verification:
    counts = case.figures
    return Verification(
        out=out,
        runs=len(case.runs),
        files=counts.files,
        bytes=counts.bytes,
        rows=counts.rows,
        documents=counts.documents,
        pieces=counts.pieces,
        sources=counts.sources.total(),
        replayed=counts.sources[FOUND],
        gone=counts.sources[GONE],
        changed=counts.sources[CHANGED],
        piped=counts.sources[PIPED],
        unread=counts.sources[UNREAD],
        seconds=seconds,
        complaints=tuple(complaint for listed in told.complaints.values() for complaint in listed),
        complained=dict(told.complained),
        remarks=tuple(remark for listed in told.remarks.values() for remark in listed),
        remarked=dict(told.remarked),
    )
