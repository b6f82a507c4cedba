"""How far compressed input may grow: bombs end in a message, with what came before the limit kept."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator

from taoxi.normalize.containers.compression import Break

MAX_RATIO = 500
"""Bytes out for each byte in, from which a stream is taken for a bomb. Measured at 120 MB each: a log of health checks
reaches 17 (gzip), 28 (bzip2), 25 (xz) and 18 (zstd), one whose lines differ in the second alone 33, 98, 3,400 and 99, a
crawl that is one page in nine records of ten 26, 19, 35 and 33; zeros 1,029, 1,000,000, 6,800 and 33,000."""

FREE = 64 << 20
"""Bytes that any stream may become, whatever their ratio: small ones may be all zeros, and harm nobody."""


class Budget:
    """What one input may still become, shared by all streams inside it."""

    def __init__(self, most: int = sys.maxsize) -> None:
        """Start with ``most`` bytes, without a limit unless one is given."""
        self.most = most
        self.left = most

    def take(self, size: int) -> bool:
        """Use up ``size`` bytes; return whether they were there."""
        self.left -= size
        return self.left >= 0


def bounded(
    chunks: Generator[bytes, None, Break | None], stored: Callable[[], int], budget: Budget
) -> Generator[bytes, None, Break | None]:
    """Pass on decompressed chunks until they are too many, and return what broke them off.

    Args:
        chunks: small ones, as each may be in memory before it is counted.
        stored: returns how many compressed bytes were taken so far.
        budget: what the whole input may become.
    """
    out = 0
    while True:
        try:
            chunk = next(chunks)
        except StopIteration as stop:
            broken: Break | None = stop.value
            return broken
        out += len(chunk)
        if out > FREE and out > MAX_RATIO * stored():
            chunks.close()
            return Break(
                f"It grows to more than {MAX_RATIO} times its size, as bombs do, and was read no further."
                " If you trust it, decompress it yourself and name the result."
            )
        if not budget.take(len(chunk)):
            chunks.close()
            return Break(
                f"Decompressed, the input takes more than the {budget.most:,} bytes that it may, and was read no"
                " further. Raise --max-expand if you trust it."
            )
        yield chunk
