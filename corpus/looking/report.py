"""What a look at a dump finds: frozen tables, of which programs read the same words as JSON."""

from __future__ import annotations

from dataclasses import dataclass

from taoxi.corpus.differences import Difference
from taoxi.corpus.report import Alarm, ExitCode
from taoxi.normalize.model import Problem


@dataclass(frozen=True, slots=True)
class Figure:
    """A count. ``seen`` was counted in what was looked at; ``estimate`` is that of the whole input.

    ``low`` and ``high`` are between which it should lie in nine of ten inputs. If all was looked at, the four are one.
    """

    seen: int
    estimate: int
    low: int
    high: int

    @classmethod
    def counted(cls, count: int) -> Figure:
        """Return a figure of which nothing is estimated."""
        return cls(count, count, count, count)


@dataclass(frozen=True, slots=True)
class FormatRow:
    """Sources of one format among those looked at; ``bytes`` are those that were read, as stored."""

    format: str
    sources: int
    bytes: int
    records: int
    documents: int


@dataclass(frozen=True, slots=True)
class EncodingRow:
    """Sources most of whose bytes have one encoding; ``damaged`` of them have ``bad_bytes`` that no encoding reads."""

    encoding: str
    sources: int
    damaged: int
    bad_bytes: int


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A site, with estimates of its documents and of the characters in them before anything goes."""

    site: str
    documents: int
    characters: int


@dataclass(frozen=True, slots=True)
class Threshold:
    """What a run at a similarity would remove: as near copies, and for any reason."""

    similarity: float
    near: Figure
    removed: Figure


@dataclass(frozen=True, slots=True)
class Side:
    """One document of a pair, and where it came from: ``byte`` counts in the decompressed source.

    ``record`` is None where only windows of a source were read, and nobody counted the records before.
    """

    id: str
    source: str
    member: str | None
    record: int | None
    part: int | None
    byte: int
    title: str | None
    characters: int


@dataclass(frozen=True, slots=True)
class Pair:
    """Two documents that are one at any similarity up to theirs: the one that would stay, and the one that would go."""

    similarity: float
    kept: Side
    removed: Side
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line that several documents of a site have.

    ``documents`` of the ``of`` whose lines were counted have it; ``goes`` says as what a run would take it (a kind of
    chrome or furniture), None if it stays.
    """

    site: str
    line: str
    documents: int
    of: int
    goes: str | None


@dataclass(frozen=True, slots=True)
class MarkRow:
    """What looks stamped on the texts of a site: a ``watermark`` or ``running_head``; digits are shown as 0.

    It was ``seen`` so often, the share ``cut`` of these inside of a sentence, beside so many different ``neighbours``.
    """

    site: str
    kind: str
    text: str
    seen: int
    cut: float
    neighbours: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What is in a dump, and what a run with the same options would do to it.

    ``sources`` and ``bytes`` count what was named, of which ``looked_sources`` and ``looked_bytes`` were read, as
    stored; ``bytes`` is None if some of it has no size (standard input). ``whole`` says that all was read: then every
    figure is that of ``clean``. ``fronts`` are sources that were read from the start only, and not to their end.
    ``removed`` counts documents by reason, ``changes`` what rules changed in what was looked at. ``sites`` and
    ``lines`` hold the largest ones, ``site_count`` says how many there are. ``command`` is what to run next, word by
    word, and ``advice`` says why in sentences.
    """

    sources: int
    bytes: int | None
    looked_sources: int
    looked_bytes: int
    whole: bool
    fronts: tuple[str, ...]
    documents: Figure
    characters: Figure
    removed: dict[str, Figure]
    formats: tuple[FormatRow, ...]
    encodings: tuple[EncodingRow, ...]
    sites: tuple[SiteRow, ...]
    site_count: int
    similarity: float
    thresholds: tuple[Threshold, ...]
    pairs: tuple[Pair, ...]
    lines: tuple[LineRow, ...]
    marks: tuple[MarkRow, ...]
    changes: dict[str, int]
    problems: tuple[Problem, ...]
    alarms: tuple[Alarm, ...]
    command: tuple[str, ...]
    advice: tuple[str, ...]
    seconds: float

    @property
    def exit_code(self) -> ExitCode:
        """The exit code that tells a shell how the look went."""
        return ExitCode.UNREADABLE if self.problems else ExitCode.DONE
