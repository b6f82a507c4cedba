"""What of an input is looked at, when it is too large to look at all of it.

A sample of places, not of contents: windows spread over large files of lines, the front of what can only be read from
the front, and files drawn from each folder. Each document is as likely to be in it as any other, but for the fronts, so
that counts of documents scale. How copies scale is another matter (``taoxi.corpus.looking.growth``).
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from taoxi.corpus.looking.windows import fraction, has_windows
from taoxi.corpus.options import Options
from taoxi.normalize.containers.compression import Compression, compression_of
from taoxi.normalize.formats.kinds import ZIP
from taoxi.normalize.model import Source
from taoxi.normalize.web.archive import is_archive
from taoxi.normalize.web.sniffing import is_html

LOOKED = 288 << 20
"""Bytes of JSON Lines that a look reads: as much as goes through all passes, and is judged, in 17 seconds on a core."""

LARGE = 8 << 20
"""Bytes from which a file is looked at in parts."""

PACKED = 4
"""How many bytes one of a compressed file stands for, about; of gzip its first bytes tell."""

PAGES = 5
"""How many bytes of JSON Lines take as long as one of web pages: 26 MB of these take 6 s, 24 MB of those 1.2 s."""

PROBES = 64
"""Files whose first bytes are read to guess what bytes cost: a folder is of one kind, or a mixture that these show."""

PROBE = 64 << 10

FOLDERS = 1_000
"""Folders up to which one file of each is looked at, whatever else is drawn."""


@dataclass(frozen=True, slots=True)
class Part:
    """What is read of a source: all if ``most`` is None, else about so many bytes as stored.

    They are read through windows that show the share ``windows`` of it, or from the front if that is None. ``stratum``
    names the sources for which the looked-at ones stand.
    """

    source: Source
    most: int | None = None
    windows: float | None = None
    stratum: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is looked at, in natural order; ``whole`` if all is.

    ``sizes`` are the bytes of all sources by stratum, ``files`` their number in strata of small ones.
    """

    parts: list[Part]
    sizes: dict[str, int]
    files: dict[str, int]
    whole: bool


def plan(sources: Sequence[Source], options: Options, *, everything: bool, looked: int = LOOKED) -> Plan:
    """Decide what is looked at.

    Args:
        sources: what the inputs name, in natural order.
        options: how they will be read.
        everything: whether to leave nothing out.
        looked: about how many bytes of JSON Lines may be read, or what takes as long.
    """
    named = [source for source in sources if source.error is None and not source.hidden]
    costs = _costs([source for source in named if source.size >= 0])
    total = sum(source.size * costs[_kind(source)] for source in named if source.size >= 0)
    unknown = any(source.size < 0 for source in named)
    if everything or (total <= looked and not unknown):
        return Plan([Part(source) for source in sources], {}, {}, whole=True)
    share = min(1.0, looked / total) if total else 1.0
    first = _firsts(named)
    parts: list[Part] = []
    sizes: dict[str, int] = defaultdict(int)
    files: dict[str, int] = defaultdict(int)
    for source in sources:
        if source.error is not None or source.hidden:
            parts.append(Part(source))
            continue
        small = 0 <= source.size < LARGE
        stratum = f"{source.folder}/" if small else source.name
        sizes[stratum] += max(0, source.size)
        if small:
            files[stratum] += 1
        if source.size < 0:
            parts.append(Part(source, looked, None, stratum))
        elif share == 1.0:
            parts.append(Part(source, None, None, stratum))
        elif source.size >= LARGE:
            most = max(1, int(source.size * share))
            lines = has_windows(source, options.format.value, options.text_field)
            parts.append(Part(source, most, share if lines else None, stratum))
        elif source in first or fraction(source.name) < share:
            parts.append(Part(source, None, None, stratum))
    return Plan(parts, dict(sizes), dict(files), whole=False)


def _firsts(sources: Sequence[Source]) -> set[Source]:
    """Return one source of each folder, if the folders are not too many."""
    found: dict[str, Source] = {}
    for source in sources:
        known = found.get(source.folder)
        if known is None or fraction(source.name) < fraction(known.name):
            found[source.folder] = source
    return set(found.values()) if len(found) <= FOLDERS else set()


def _kind(source: Source) -> bool:
    """Return by what sources are told whose bytes cost alike: whether they are large."""
    return source.size >= LARGE


def _costs(sources: Sequence[Source]) -> dict[bool, float]:
    """Return how many bytes of JSON Lines take as long as one byte of small sources, and of large ones."""
    costs = {}
    for large in (False, True):
        own = sorted((s for s in sources if _kind(s) is large), key=lambda source: fraction(source.name))[:PROBES]
        size = sum(source.size for source in own)
        costs[large] = sum(_cost(source) * source.size for source in own) / size if size else 1.0
    return costs


def _cost(source: Source) -> float:
    try:
        with open(source.path, "rb") as file:  # noqa: PTH123 - the path as the system gave it
            head = file.read(PROBE)
    except OSError:
        return 0.0
    packed = 1.0
    compression = compression_of(head)
    if compression is Compression.GZ:
        try:
            inside = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(head)
        except zlib.error:
            inside = b""
        packed, head = max(1.0, len(inside) / len(head)), inside
    elif compression is not None or head.startswith(ZIP):
        packed, head = PACKED, b""
    return packed * (PAGES if is_archive(head) or is_html(head.decode("latin-1")) else 1.0)
