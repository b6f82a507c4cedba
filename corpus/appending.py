"""What ``--append`` adds to a run: the memory of the runs before it, and how the run enters that memory itself.

The database is written after the manifest, which is the commit: a run that dies in between is complete, and the next
one enters it from its files. So nothing that happens to the database loses more than time.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from taoxi.corpus.judging import Roll
from taoxi.corpus.ledger import Outcome
from taoxi.corpus.options import Options
from taoxi.corpus.report import Listener, Notice
from taoxi.corpus.target import Target
from taoxi.dedup.chrome import Chrome
from taoxi.dedup.judge import Verdict
from taoxi.normalize.model import Source

if TYPE_CHECKING:
    from taoxi.corpus.state.memory import Memory
    from taoxi.corpus.state.store import Kept

AT_ONCE = 1 << 14
"""Documents that are entered together."""


@contextlib.contextmanager
def remembered(options: Options, target: Target, sources: Sequence[Source], tell: Listener) -> Iterator[Memory | None]:
    """Open the memory of the folder that a run adds to; None without ``--append``.

    Raises:
        OutputError: if the memory cannot be had, or files of earlier runs are damaged.
    """
    if not options.append:
        yield None
        return
    # Only runs that append need a database, which takes a while to import.
    from taoxi.corpus.state.memory import Memory
    from taoxi.corpus.state.rebuild import recall

    with recall(Path(options.out), target.staging, tell) as store:
        yield Memory(store, sources)


def remember(
    memory: Memory, out: Path, run: int, roll: Roll, outcome: Outcome, sources: pa.Table, chrome: Chrome | None
) -> Notice | None:
    """Enter a run that was committed; return what to tell if that was not possible."""
    import duckdb

    from taoxi.corpus.state.rebuild import digest

    numbers = np.flatnonzero(outcome.verdict == Verdict.KEPT)
    try:
        memory.remember(run, digest(out, run), numbers, _kept(roll, outcome, numbers), sources, chrome)
    except (duckdb.Error, OSError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        return Notice(
            f"The corpus is complete, but the run could not be entered into state.duckdb ({reason})."
            " The next run with --append does it."
        )
    return None


def _kept(roll: Roll, outcome: Outcome, numbers: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Iterator[Kept]:
    from taoxi.corpus.state.store import Kept

    tokens, exact = np.concatenate([np.zeros(0, np.int32), *roll.tokens]), [np.zeros((0, 2), np.uint64), *roll.exact]
    keys, signatures = np.concatenate(exact), roll.signatures()
    for start in range(0, len(numbers), AT_ONCE):
        some = numbers[start : start + AT_ONCE]
        yield Kept(outcome.ids[some], tokens[some], keys[some], np.asarray(signatures[some]))
