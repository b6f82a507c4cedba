"""What a run may be told: one frozen, validated set of options, the same words as on the command line."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass, fields
from pathlib import PurePath

DEFAULT_SIMILARITY = 0.7
"""MinHash similarity from which a document counts as a copy (DESIGN §5; at 5-token shingles 2% edits leave 0.8)."""

LOWEST_SIMILARITY = 0.5
"""Below, the bands propose fewer than half of the pairs, and what is found is left to chance."""

MAX_RECORD = 256 << 20
"""Bytes of one JSON line or CSV row that are still parsed; a longer one is a problem of its source, with its span."""

MAX_EXPAND = 64 << 30
"""Bytes that one input may become by decompression, all its members together: more than honest dumps of a day or a
site have."""

BATCH_BYTES = 4 << 20
"""Bytes of input that travel as one batch; the result does not depend on it."""


FURNITURE_RULES = ("page_number", "running_head", "turn_notice", "page_tools", "file_stamp", "watermark")
"""Rules that take out what a printed page or a file added to the text."""

LINE_RULES = (*FURNITURE_RULES, "unwrap", "mend_break", "dehyphenate")
"""Rules on the lines of a text (``taoxi.normalize.lines.Rule``), named here so that the command starts quickly."""

CHROME_RULES = (
    "header",
    "navigation",
    "breadcrumb",
    "byline",
    "share",
    "related",
    "footer",
    "licence",
    "cookie",
    "tail",
)
"""Kinds of site chrome (``taoxi.dedup.chrome.Reason``)."""

RESTORABLE = ("exact", "near", "contained", "template")
"""Reasons for which whole documents are removed, and may be restored."""

REINSTATABLE = (*CHROME_RULES, *FURNITURE_RULES)
"""Rules that take lines and spans out of documents, and whose work may be undone for a site."""

LAYOUT_RULES = (*LINE_RULES, "chrome")
"""Counters of what was done to the lines of a document; ``chrome`` counts stretches of any kind."""


class UsageError(ValueError):
    """A run was asked for something that cannot be done; the message ends with what to do instead."""


class OutputError(RuntimeError):
    """The output could not be written or is damaged; the message names the file and the next step."""


class Width(enum.StrEnum):
    """What becomes of full-width ASCII forms."""

    HALF = "half"
    FULL = "full"
    KEEP = "keep"


class Keep(enum.StrEnum):
    """Which copy stays: the longest, or the first in natural order."""

    LONGEST = "longest"
    FIRST = "first"


class Passages(enum.StrEnum):
    """What becomes of paragraphs that several kept documents share."""

    KEEP = "keep"
    CUT = "cut"


class Templates(enum.StrEnum):
    """What becomes of documents with the words of a kept one and other facts."""

    KEEP = "keep"
    THIN = "thin"


class Switch(enum.StrEnum):
    """Whether something is done."""

    ON = "on"
    OFF = "off"


class To(enum.StrEnum):
    """The form of the corpus in a folder."""

    PARQUET = "parquet"
    JSONL = "jsonl"
    TEXT = "text"


class Lang(enum.StrEnum):
    """The language of the page of a run."""

    ZH = "zh"
    EN = "en"


class InputFormat(enum.StrEnum):
    """The format of the inputs: found by content, or the same for all of them."""

    AUTO = "auto"
    TEXT = "text"
    JSONL = "jsonl"
    JSON = "json"
    CSV = "csv"
    HTML = "html"
    WARC = "warc"


SINGLE_FILE_ENDINGS = (".jsonl", ".jsonl.gz", ".jsonl.zst", ".parquet", ".txt")


_WORDS: dict[str, type[enum.StrEnum]] = {
    "to": To,
    "lang": Lang,
    "format": InputFormat,
    "width": Width,
    "main": Switch,
    "chrome": Switch,
    "keep": Keep,
    "passages": Passages,
    "templates": Templates,
}
"""The options that take one word of several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Everything that decides what a run does; equal options on equal input give equal bytes.

    ``inputs`` are files, folders, globs or ``-``. ``out`` is a folder, a file with one of the endings of
    ``SINGLE_FILE_ENDINGS``, or ``-`` for JSONL on standard output. ``append`` adds to what the folder holds, comparing
    with all that earlier runs kept; ``wait`` waits for the end of a run that is writing the output. ``report`` names
    the page of a run whose output is one file (a folder has ``report.html``), ``lang`` its language, None for that of
    the locale. ``split`` is ``auto``, ``none`` or a regular expression that matches whole delimiter lines. ``without``
    names rules of ``LINE_RULES`` and ``CHROME_RULES`` that are not applied. ``jobs`` is the number of processes that
    read and sign, 0 for one per core (a script that asks for several must guard its main module, as for any use of
    multiprocessing); ``batch_bytes``, ``max_record`` and ``max_expand`` (what one input may become by decompression)
    are in bytes. ``jobs`` and ``batch_bytes`` never change the result.

    Raises:
        UsageError: if a value is outside its range or two options contradict each other.
    """

    inputs: tuple[str, ...]
    out: str
    append: bool = False
    overwrite: bool = False
    wait: bool = False
    removed: str | None = None
    report: str | None = None
    lang: Lang | None = None
    to: To | None = None
    format: InputFormat = InputFormat.AUTO
    text_field: str | None = None
    width: Width = Width.HALF
    split: str = "auto"
    main: Switch = Switch.ON
    chrome: Switch = Switch.ON
    without: tuple[str, ...] = ()
    similarity: float = DEFAULT_SIMILARITY
    keep: Keep = Keep.LONGEST
    passages: Passages = Passages.KEEP
    templates: Templates = Templates.KEEP
    strict: bool = False
    jobs: int = 1
    max_record: int = MAX_RECORD
    max_expand: int = MAX_EXPAND
    batch_bytes: int = BATCH_BYTES

    def __post_init__(self) -> None:
        """Check what can be checked without touching a file."""
        self._take_words()
        if not self.inputs:
            raise UsageError("No input was named. Name files, folders or globs, or - for standard input.")
        if not self.out:
            raise UsageError("No output was named. Give -o a folder, a file, or - for standard output.")
        if not LOWEST_SIMILARITY <= self.similarity <= 1.0:
            raise UsageError(
                f"A similarity of {self.similarity} is outside 0.5 to 1.0, where the bands propose pairs."
                " Give a value such as 0.7."
            )
        if self.jobs < 0 or min(self.batch_bytes, self.max_record, self.max_expand) < 1:
            raise UsageError("Counts and sizes must be positive. Leave the option out for the default.")
        if self.split not in {"auto", "none"}:
            try:
                re.compile(self.split)
            except re.error as error:
                raise UsageError(
                    f"--split {self.split!r} is not a regular expression ({error}). Give auto, none, or an expression."
                ) from error
        if self.single_file and self.to is not None:
            form = (
                "-o - is always JSON Lines" if self.out == "-" else f"the ending of {self.out} already decides its form"
            )
            raise UsageError(f"--to belongs to a folder; {form}. Leave out --to.")
        self._check_append()
        if self.report is not None:
            self._check_report(self.report)
        if self.removed is not None and not self.single_file:
            raise UsageError(
                "--removed belongs to an output of one file; a folder always holds its ledger in removed/."
                " Leave out --removed."
            )

    def _check_report(self, report: str) -> None:
        """Check where the page of a run is to go."""
        if not self.single_file:
            raise UsageError(
                "--report belongs to an output of one file; a folder always holds its page, report.html."
                " Leave out --report."
            )
        if not report.lower().endswith((".html", ".htm")):
            raise UsageError(f"--report {report}: the page is HTML. Give it a name that ends with .html.")

    def _check_append(self) -> None:
        """Check what adding to a corpus asks for."""
        if self.append and self.overwrite:
            raise UsageError("--append adds to a corpus and --overwrite replaces it. Leave out one of them.")
        if self.append and (self.single_file or self.to is To.TEXT):
            raise UsageError(
                "--append needs a folder of Parquet or JSONL, which later runs can read back."
                f" {self.out if self.single_file else '--to text'} is none: choose another output."
            )

    def _take_words(self) -> None:
        """Let a plain string stand for the word that it is."""
        for name, words in _WORDS.items():
            value = getattr(self, name)
            try:
                object.__setattr__(self, name, value if value is None and name in {"to", "lang"} else words(value))
            except ValueError as error:
                known = ", ".join(words)
                raise UsageError(f"--{name} cannot be {value!r}. Give one of these: {known}.") from error
        object.__setattr__(self, "without", tuple(self.without))
        rules = (*LINE_RULES, *CHROME_RULES)
        for rule in self.without:
            if rule not in rules:
                raise UsageError(f"--without cannot be {rule!r}. Give one of these: {', '.join(rules)}.")

    @property
    def single_file(self) -> bool:
        """Whether the output is one file or standard output rather than a folder."""
        return self.out == "-" or PurePath(self.out).name.lower().endswith(SINGLE_FILE_ENDINGS)

    def identity(self) -> dict[str, str | float | bool | int | list[str] | None]:
        """Return the options that decide the bytes of the result, for the manifest."""
        outside = {"inputs", "out", "append", "overwrite", "wait", "removed", "jobs", "batch_bytes", "strict"}
        outside |= {"report", "lang"}
        found = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in outside}
        return {**found, "without": sorted(set(self.without))}
