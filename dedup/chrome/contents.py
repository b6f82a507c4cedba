"""Which pages of a site have one content: the same article, however often it was mirrored."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from taoxi.dedup.chrome.counts import KEYS
from taoxi.normalize.kernel import kernel, part
from taoxi.normalize.utf8 import Array, Number, frozen

AGREED = 6
"""Of eight MinHash values, how many make two pages one content: about three quarters of their paragraphs are the same.
Two briefs of one paragraph under the same banner and disclaimer agree in half."""


def cluster(pages: NDArray[np.void]) -> NDArray[np.int64]:
    """Return the content of each page (int64, n), the number of one of its pages.

    Pages of a site that agree in ``AGREED`` values are one content. Pages that share a value are compared with the
    first of them in the order of their values, so that the result does not depend on the order of pages.
    """
    keys = np.ascontiguousarray(pages["keys"])
    parent = np.arange(len(pages))
    with np.errstate(over="ignore"):
        digest = pages["site"].copy()
        for k in range(KEYS):
            digest = digest * np.uint64(0x9E3779B97F4A7C15) + keys[:, k]
        for k in range(KEYS):
            bucket = (pages["site"] ^ keys[:, k].astype(np.uint64)) * np.uint64(0xC2B2AE3D27D4EB4F)
            _join(frozen(np.argsort(bucket)), frozen(bucket), frozen(digest), frozen(keys), parent)
    _flatten(parent)
    return parent


@kernel
def _flatten(parent: Array) -> None:
    """Point each page at its root; every parent stands before its child."""
    for page in range(len(parent)):
        parent[page] = parent[parent[page]]


@part
def _root(parent: Array, page: Number) -> Number:
    while parent[page] != page:
        parent[page] = parent[parent[page]]
        page = parent[page]
    return page


@kernel
def _join(order: Array, bucket: Array, digest: Array, keys: Array, parent: Array) -> None:
    """Compare the pages of each bucket with the one of the smallest digest."""
    start = 0
    while start < len(order):
        stop = start + 1
        leader = order[start]
        while stop < len(order) and bucket[order[stop]] == bucket[leader]:
            if digest[order[stop]] < digest[leader]:
                leader = order[stop]
            stop += 1
        for k in range(start, stop):
            page = order[k]
            agreed = 0
            for which in range(KEYS):
                agreed += keys[page, which] == keys[leader, which]
            if agreed >= AGREED:
                one, two = _root(parent, page), _root(parent, leader)
                parent[max(one, two)] = min(one, two)
        start = stop
