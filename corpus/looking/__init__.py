"""Look at a dump before anything is done: what is in it, and what a run would do.

The passes are those of a run (``taoxi.corpus.looking.passes``), over all of the input, or over a sample of its places
(``sampling``) from which the whole is told (``growth``).
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from taoxi.corpus.looking.findings import found
from taoxi.corpus.looking.passes import passed
from taoxi.corpus.looking.report import Look
from taoxi.corpus.looking.sampling import LOOKED, plan
from taoxi.corpus.options import Options, OutputError, UsageError
from taoxi.corpus.report import Listener
from taoxi.corpus.warm import warm
from taoxi.normalize.sources import expand

SAMPLED_BATCH = 1 << 20
"""Bytes of a unit when windows are read, which are no larger."""


def look(options: Options, *, everything: bool = False, listener: Listener | None = None, looked: int = LOOKED) -> Look:
    """Look at raw dumps without writing anything.

    Args:
        options: those of the run that is thought of; its output is not touched.
        everything: whether to read all, however large it is; else what is large is sampled, and figures are estimates.
        listener: called with progress and problems while the look goes on.
        looked: about how many bytes of JSON Lines to read of what is larger.

    Returns:
        What is in the input, and what a run with these options would do to it.

    Raises:
        UsageError: if the inputs hold no file.
        MissingInputError: if an input does not exist.
        OutputError: if there is no room for temporary files.
    """
    begin = time.perf_counter()
    sources = expand(options.inputs)
    if not sources:
        raise UsageError("The inputs hold no file. Name a folder with files, or the files themselves.")
    tell = listener or (lambda _event: None)
    warm(tell)
    parts = plan(sources, options, everything=everything, looked=looked)
    if not parts.whole:
        options = replace(options, batch_bytes=min(options.batch_bytes, SAMPLED_BATCH))
    with _scratch() as folder:
        looked_at = passed(parts, options, folder, tell)
        report = found(looked_at, parts, sources, options)
    return replace(report, seconds=time.perf_counter() - begin)


@contextlib.contextmanager
def _scratch() -> Iterator[Path]:
    """Hold a folder for temporary files, which is gone afterwards."""
    try:
        with tempfile.TemporaryDirectory(prefix="taoxi-look-", ignore_cleanup_errors=True) as folder:
            yield Path(folder)
    except (BrokenPipeError, InterruptedError):
        raise
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise OutputError(
            f"{error.filename or tempfile.gettempdir()} could not be written: {reason}."
            " Make room there, or name another folder in TMPDIR, and run again."
        ) from error


__all__ = ["Look", "look"]
