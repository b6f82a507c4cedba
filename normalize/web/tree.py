"""Sums and marks over the elements of a page, each of which comes after its parent (Numba)."""

from __future__ import annotations

import numpy as np

from taoxi.normalize.kernel import kernel
from taoxi.normalize.utf8 import Array, Number


@kernel
def totals(parents: Array, owners: Array, values: Array) -> Array:
    """Return for each of m elements the sums of k values over the lines in it (int64, m by k).

    Args:
        parents: of each element its parent (int32, m); element 0 is the page.
        owners: of each line the element that it begins in (int64, n).
        values: of the lines (int64, n by k).
    """
    sums = np.zeros((len(parents), values.shape[1]), np.int64)
    for line in range(len(owners)):
        for k in range(values.shape[1]):
            sums[owners[line], k] += values[line, k]
    for node in range(len(parents) - 1, 0, -1):
        for k in range(values.shape[1]):
            sums[parents[node], k] += sums[node, k]
    return sums


@kernel
def inherited(parents: Array, marks: Array) -> Array:
    """Return the marks (bool, m) of elements and of all that is in them."""
    found = marks.copy()
    for node in range(1, len(parents)):
        found[node] |= found[parents[node]]
    return found


@kernel
def heaviest(parents: Array, sums: Array, share: Number) -> Number:
    """Go down from the page to the heaviest child as long as it has ``share`` of the sum of its parent."""
    best = np.zeros(len(parents), np.int64)
    for node in range(1, len(parents)):
        up = parents[node]
        if best[up] == 0 or sums[node] > sums[best[up]]:
            best[up] = node
    node = 0
    while best[node] and sums[node] > 0 and sums[best[node]] >= share * sums[node]:
        node = best[node]
    return node
