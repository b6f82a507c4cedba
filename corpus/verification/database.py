"""The check of the database against the corpus from which it can be made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from taoxi.corpus.complaints import About, Complaint, Finding, Kind, Remark
from taoxi.corpus.files import STATE
from taoxi.corpus.options import OutputError
from taoxi.corpus.output import Output
from taoxi.corpus.restoring import successors
from taoxi.corpus.state.stamps import DamagedError
from taoxi.corpus.verification.case import Case

if TYPE_CHECKING:
    from taoxi.corpus.state.store import Store

NAME = min(STATE, key=len)


def check_database(case: Case) -> Iterator[Finding]:
    """Compare what the database holds of each kept document with what its text comes to.

    A database that is missing, or does not know the last runs, is no damage: the next run with ``--append`` makes it.
    """
    path = case.path / NAME
    if not path.exists():
        return
    if not all(run.legible for run in case.runs):
        yield Remark(About.UNCHECKED, f"{NAME} is not compared with a corpus that is damaged. Restore that first.")
        return
    # Only folders that runs with --append wrote need a database, which takes a while to import.
    from taoxi.corpus.state.store import Store, reading

    try:
        with reading(), Store.open(path, case.scratch, read_only=True) as store:
            yield from _compare(case, store)
    except DamagedError as error:
        yield _complaint(case, f"It cannot be read ({error}).")
    except OutputError as error:
        yield Remark(About.UNCHECKED, f"{NAME} was not compared with the corpus. {error}")


def _compare(case: Case, store: Store) -> Iterator[Finding]:
    from taoxi.corpus.state.rebuild import digest, signed

    known = store.runs()
    manifests = {run.number: digest(case.path, run.number) for run in case.runs}
    if known != dict(list(manifests.items())[: len(known)]):
        yield _complaint(case, "It knows other runs than those of the folder.")
        return
    if len(known) < len(manifests):
        message = f"{NAME} does not know the last {len(manifests) - len(known)} runs yet. The next run with --append"
        yield Remark(About.UNCHECKED, f"{message} brings it up to date.")
        if any("withdraws" in run.manifest for run in case.runs if run.number not in known):
            return  # it holds texts that left the corpus since
    first = 0
    output = Output(case.path)
    now = successors(output)
    for run in known:
        for kept, hashes, places in signed(output, run, now, case.scratch):
            wrong = np.flatnonzero(~store.holds(run, first, kept)).tolist()
            if wrong:
                name = bytes(kept.ids[wrong[0]]).hex()
                said = f"{len(wrong):,} kept documents of run {run} are not in it as their texts are, {name} for one."
                yield _complaint(case, said)
            if not store.holds_paragraphs(first, len(kept.ids), hashes, places):
                yield _complaint(case, f"Paragraphs of kept documents of run {run} are not in it as their texts are.")
            first += len(kept.ids)
    if store.count() != first:
        yield _complaint(case, f"It knows {store.count():,} documents, and the runs keep {first:,}.")


def _complaint(case: Case, what: str) -> Complaint:
    return Complaint(Kind.DATABASE, NAME, f"{what} Make it again with 'taoxi state {case.path} --rebuild'.")
