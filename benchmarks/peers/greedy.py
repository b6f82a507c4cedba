"""What a library leaves to its users: from signatures to what stays, and the file that tells it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

UNKNOWN = -1
"""Stands for the kept document that a removed one repeats, where the peer does not tell it."""


def first_come(signatures: NDArray[np.generic], bands: int, rows: int, threshold: float) -> list[int]:
    """Return for each document its own row, or that of the kept one before it that it repeats.

    Candidates share a band; of those that agree in at least ``threshold`` of all values, the nearest counts. A
    threshold of 0 takes a shared band as proof.

    Args:
        signatures: a row for each document (N, permutations).
        bands: how many runs of values are looked up.
        rows: values of a run.
        threshold: share of equal values, between 0 and 1.
    """
    buckets: list[dict[bytes, list[int]]] = [{} for _ in range(bands)]
    leaders = []
    for number, signature in enumerate(signatures):
        raw = signature.tobytes()
        step = rows * signature.itemsize
        keys = [raw[band * step : (band + 1) * step] for band in range(bands)]
        found = sorted({mate for band, key in zip(buckets, keys, strict=True) for mate in band.get(key, ())})
        leader = number
        if found:
            agreement = (signatures[found] == signature).mean(axis=1)
            best = int(agreement.argmax())
            if agreement[best] >= threshold:
                leader = found[best]
        leaders.append(leader)
        if leader == number:
            for band, key in zip(buckets, keys, strict=True):
                band.setdefault(key, []).append(number)
    return leaders


def write_verdicts(out: Path, numbers: Sequence[int], leaders: Sequence[int]) -> None:
    """Write ``verdicts.tsv``: each document's number and that of the one it goes for; its own if it stays.

    ``leaders`` are rows, not numbers, or UNKNOWN.
    """
    out.mkdir(parents=True, exist_ok=True)
    with (out / "verdicts.tsv").open("w", encoding="utf-8") as lines:
        for number, leader in zip(numbers, leaders, strict=True):
            lines.write(f"{number}\t{leader if leader == UNKNOWN else numbers[leader]}\n")


def keep_or_drop(kept: Sequence[bool]) -> list[int]:
    """Return leaders for ``write_verdicts`` where all that is known is what stays."""
    return [row if stays else UNKNOWN for row, stays in enumerate(kept)]
