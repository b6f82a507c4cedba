"""How many copies a whole has, told from how their number grows in parts of it.

A copy is seen only with what it repeats, so that a share x of the documents shows fewer than a share x of the copies.
Of a cluster of k documents that are all alike, drawn with the chance x each, those that go number::

    k * x - 1 + (1 - x) ** k

What a part shows of many clusters is the sum of such curves, with weights that say how many documents lie in clusters
of each size. The weights are found from what the looked-at part shows, and what halves and quarters of it show when
they are judged alone (Richardson 1972, Lucy 1974: the likeliest weights of Poisson counts); the curves then say what
the whole shows. Copies that stand close together come into a part together, as if from endless clusters: such a curve
is among them. Copies of one text that are too far from each other grow as pairs do, and are found by the halves too.

Measured on 420,000 documents with 100,000 copies in clusters of 2 to 41, judged at similarities of 0.5, 0.7 and 0.9, in
two draws each: with 34% of the documents the estimate is 0.97 to 0.99 of the true number, with 20% 0.96 to 1.05, with
10% 1.24 to 1.63, which its range then says. Near copies alone are as good; exact ones are 0.82 to 1.02 with 34%, as in
a part some are told as exact that are near copies of a longer text in the whole.
What is all in clusters of five is told as a fifth too many from a third of it, where no other sizes hold the curve.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CLUSTERS = (2, 3, 5, 9, 17, 33, 65, np.inf)
"""Sizes of clusters whose curves are added up."""

STEPS = 3_000
"""Rounds after which the weights of three counts have settled."""

DRAWS = 100
"""Sets of counts that might have been found as well, from which the range of an estimate is taken."""

MODEL, MODEL_OF_REASON = 0.05, 0.2
"""What an estimate of all copies, and of those of one reason, may be off besides, as a share of it: the error of the
model in the measurement above."""

RANGE = (5, 95)
"""Percentiles between which nine of ten estimates lie."""

Counts = NDArray[np.float64]


def curves(shares: Counts) -> Counts:
    """Return what n shares (float64) show of one document in clusters of each size (float64, n by ``CLUSTERS``).

    >>> curves(np.array([0.5, 1.0]))[:, 0]
    array([0.125, 0.5  ])
    """
    x = shares[:, None]
    sizes = np.array(CLUSTERS)
    return np.where(np.isinf(sizes), x, x - (1 - (1 - x) ** sizes) / sizes)


def grown(shares: Counts, counts: Counts) -> Counts:
    """Return how many copies the whole has.

    Args:
        shares: shares of the whole that were judged, ascending (float64, n).
        counts: copies found in each, as m sets of counts that might have been found (float64, m by n).
    """
    rises = np.diff(curves(shares), axis=0, prepend=0.0)
    found = np.maximum(np.diff(counts, axis=1, prepend=0.0), 0.0)
    weights = np.repeat(found.sum(1)[:, None], len(CLUSTERS), 1) / np.minimum(CLUSTERS, 100) ** 2
    total = rises.sum(0)
    for _ in range(STEPS):
        expected = np.maximum(weights @ rises.T, 1e-12)
        weights *= (found / expected) @ rises / total
    whole: Counts = weights @ curves(np.ones(1))[0]
    return whole


def estimated(shares: Counts, counts: Counts, judged: Counts, most: Counts, model: Counts) -> Counts:
    """Return estimates of the copies of the whole, and the ends of the ranges where they should lie (float64, k by 3).

    Args:
        shares: shares of the whole that were judged, ascending, the last one being all that was looked at (float64, n).
        counts: copies of k sorts found in each, on the average of the parts of that size (float64, k by n);
            the last ones are not 0.
        judged: copies found in all parts of that size together (float64, k by n), by which chance is told.
        most: how many copies there may be (float64, k).
        model: what the model itself may be off, as a share of the estimate (float64, k).
    """
    sets = []
    for own, seen in zip(counts, judged, strict=True):
        chance = np.random.default_rng(0).poisson(np.maximum(seen, 0.5), (DRAWS, len(own)))
        drawn = chance * (own / np.maximum(seen, 0.5))
        sets.append(np.vstack([own, np.maximum.accumulate(drawn, 1)]))
    found = grown(shares, np.concatenate(sets)).reshape(len(counts), 1 + DRAWS)
    found = np.minimum(found, most[:, None])
    least = counts[:, -1]
    estimate = np.maximum(least, found[:, 0])
    low, high = np.percentile(found[:, 1:], RANGE, axis=1)
    spread = model * estimate
    lowest = np.maximum(least, np.minimum(low, estimate) - spread)
    return np.stack([estimate, lowest, np.minimum(most, np.maximum(high, estimate) + spread)], axis=1)
