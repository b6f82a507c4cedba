"""The guard: who lost more than what is normal (DESIGN §5)."""

from __future__ import annotations

import numpy as np

from taoxi.corpus.judging import Roll, concatenated
from taoxi.corpus.report import Alarm, Lost
from taoxi.dedup.judge import Verdict, Verdicts

GUARD_DOCUMENTS = 100
GUARD_SHARE = 0.9
"""A site or source of at least so many documents that loses more than this share of them is reported."""

GUARD_PAGES = 20
GUARD_PAGES_SHARE = 0.1
"""A site of at least so many documents is reported if more than this share of them is mostly chrome: an index page or
an empty one is, an article is not."""


def document_alarms(roll: Roll, verdicts: Verdicts, labels: list[str]) -> list[Alarm]:
    """Return the sites and sources that lost an abnormal share of their documents; ``labels`` name the sources."""
    removed = verdicts.verdict != Verdict.KEPT
    found: dict[str, Alarm] = {}
    for names, groups in ((list(roll.site_names), roll.sites), (labels, roll.orders)):
        members = concatenated(groups)
        documents = np.bincount(members, minlength=len(names))
        gone = np.bincount(members, weights=removed, minlength=len(names))
        for k in np.flatnonzero((documents >= GUARD_DOCUMENTS) & (gone > GUARD_SHARE * documents)).tolist():
            found.setdefault(names[k], Alarm(names[k], int(documents[k]), int(gone[k])))
    return list(found.values())


def chrome_alarms(roll: Roll) -> tuple[list[Alarm], int]:
    """Return the sites many of whose documents were mostly chrome, and how many documents of others were."""
    names, sites = list(roll.site_names), concatenated(roll.sites)
    documents = np.bincount(sites, minlength=len(names))
    mostly = np.bincount(sites, concatenated(roll.mostly), len(names)).astype(np.int64)
    many = (documents >= GUARD_PAGES) & (mostly > GUARD_PAGES_SHARE * documents)
    alarms = [Alarm(names[k], int(documents[k]), int(mostly[k]), Lost.TEXT) for k in np.flatnonzero(many).tolist()]
    return alarms, int(mostly[~many].sum())
