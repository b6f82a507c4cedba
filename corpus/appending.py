"""What ``--append`` adds to a run: the memory of the runs before it, and how the run enters that memory itself.

The database is written after the manifest, which is the commit: a run that dies in between is complete, and the next
one enters it from its files. So nothing that happens to the database loses more than time.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from taoxi.corpus.files import STATE
from taoxi.corpus.judging import Roll
from taoxi.corpus.ledger import Outcome
from taoxi.corpus.options import Options, OutputError
from taoxi.corpus.report import Listener, Notice
from taoxi.corpus.state.stamps import DamagedError
from taoxi.corpus.target import Target
from taoxi.dedup.chrome import Chrome
from taoxi.dedup.judge import Verdict
from taoxi.normalize.model import Source
from taoxi.normalize.sources import STDIN

if TYPE_CHECKING:
    from taoxi.corpus.state.memory import Memory
    from taoxi.corpus.state.store import Kept

AT_ONCE = 1 << 14
"""Documents that are entered together."""


@contextlib.contextmanager
def remembered(options: Options, target: Target, sources: Sequence[Source], tell: Listener) -> Iterator[Memory | None]:
    """Open the memory of the folder that a run adds to; None without ``--append``.

    Raises:
        DamagedError: if the memory turns out to be damaged while it is used.
        OutputError: if the memory cannot be had, or files of earlier runs are damaged.
    """
    if not options.append:
        yield None
        return
    # Only runs that append need a database, which takes a while to import.
    from taoxi.corpus.state.memory import Memory
    from taoxi.corpus.state.rebuild import recall
    from taoxi.corpus.state.store import reading

    with reading(), recall(Path(options.out), target.staging, tell) as store:
        yield Memory(store, sources)


def forget(options: Options, target: Target, sources: Sequence[Source], damage: DamagedError, tell: Listener) -> None:
    """Clear a memory that turned out to be damaged, and what the run has made so far, so that it can start again.

    Raises:
        OutputError: if what came by standard input would have to be read again.
    """
    path = Path(options.out) / "state.duckdb"
    if any(source.path == STDIN for source in sources):
        raise OutputError(
            f"{path} is damaged ({damage}). Make it again with 'taoxi state {options.out} --rebuild', and run again."
        ) from damage
    tell(Notice(f"{path} is damaged ({damage}). It is made again from the corpus, and the run starts again."))
    for name in STATE:
        path.with_name(name).unlink(missing_ok=True)
    shutil.rmtree(target.staging / "spool", ignore_errors=True)


def remember(
    memory: Memory, out: Path, run: int, roll: Roll, outcome: Outcome, sources: pa.Table, chrome: Chrome | None
) -> Notice | None:
    """Enter a run that was committed; return what to tell if that was not possible."""
    from taoxi.corpus.state.rebuild import digest
    from taoxi.corpus.state.store import reading

    numbers = np.flatnonzero(outcome.verdict == Verdict.KEPT)
    try:
        with reading():
            memory.remember(run, digest(out, run), numbers, _kept(roll, outcome, numbers), sources, chrome)
    except (DamagedError, OSError) as error:
        return Notice(
            f"The corpus is complete, but the run could not be entered into state.duckdb ({error})."
            " The next run with --append does it."
        )
    return None


def _kept(roll: Roll, outcome: Outcome, numbers: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Iterator[Kept]:
    from taoxi.corpus.state.store import Kept

    tokens, exact = np.concatenate([np.zeros(0, np.int32), *roll.tokens]), [np.zeros((0, 2), np.uint64), *roll.exact]
    keys, signatures = np.concatenate(exact), roll.signatures()
    for start in range(0, len(numbers), AT_ONCE):
        some = numbers[start : start + AT_ONCE]
        firsts = outcome.template[some]
        templates = np.where((firsts >= 0)[:, None], outcome.ids[firsts], np.uint8(0))
        facts = np.where((firsts >= 0)[:, None], roll.facts[some], np.uint32(0))
        yield Kept(outcome.ids[some], tokens[some], keys[some], np.asarray(signatures[some]), templates, facts)
