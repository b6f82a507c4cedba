"""``taoxi clean``: its options, and the call of the library."""

from __future__ import annotations

import enum
import gc
from dataclasses import MISSING, fields
from typing import Any

import click

from taoxi.cli import config
from taoxi.cli.log import Log
from taoxi.cli.params import Command, Option, Size, Word, paths
from taoxi.cli.talk import talk_options
from taoxi.cli.text import format_size
from taoxi.corpus.options import (
    CHROME_RULES,
    LINE_RULES,
    InputFormat,
    Keep,
    Lang,
    Options,
    Passages,
    Switch,
    Templates,
    To,
    UsageError,
    Width,
)
from taoxi.corpus.report import Report

OUTPUT, INPUT, TEXT, COPIES, RUN = "Output", "Input", "Text", "Copies", "Run"
"""The headings of the help."""

EXAMPLES = """
taoxi clean samples/raw -o out
taoxi clean 'samples/raw/*.jsonl.gz' -o new --strict --log-format json 2>> taoxi.log
cat samples/raw/*.jsonl | taoxi clean - -o - --removed removed.jsonl > kept.jsonl
"""

GC_THRESHOLD = 1_000_000
"""New objects after which Python looks for cycles of garbage; its default is 700."""

_DEFAULTS = {field.name: field.default for field in fields(Options) if field.default is not MISSING}


def _option(name: str, group: str, *, shown: bool = True, **settings: Any) -> Option:  # noqa: ANN401 - for click
    """Return an option whose default is the library's, in the form in which a person would write it."""
    default = _DEFAULTS[name.split("/", maxsplit=1)[0].lstrip("-").replace("-", "_")]
    if isinstance(default, enum.Enum):
        default = default.value
    elif isinstance(settings.get("type"), Size):
        default = format_size(default)
    settings.setdefault("default", default)
    return Option(name, group=group, show_default=shown, **settings)


PARAMS: list[click.Parameter] = [
    click.Argument(["inputs"], nargs=-1, metavar="INPUT...", shell_complete=paths),
    Option(
        "-o",
        "--out",
        group=OUTPUT,
        metavar="OUT",
        shell_complete=paths,
        default="",
        help="Folder for corpus, ledger, sources and manifest; or one file, by its ending (.jsonl, .jsonl.gz, "
        ".jsonl.zst, .parquet, .txt); or - for JSONL on standard output.  [required]",
    ),
    _option("--to", OUTPUT, type=Word(To), help="Form of the corpus in a folder.  [default: parquet]"),
    _option(
        "--removed",
        OUTPUT,
        metavar="FILE",
        shell_complete=paths,
        help="Where the ledger of what was removed goes when OUT is one file or -.",
    ),
    _option(
        "--report",
        OUTPUT,
        metavar="FILE",
        help="Where the page on the run goes when OUT is one file or -; a folder holds it as report.html.",
    ),
    _option("--lang", OUTPUT, type=Word(Lang), help="Language of that page.  [default: that of the locale]"),
    _option(
        "--append/--no-append",
        OUTPUT,
        shown=False,
        help="Add to what OUT holds: new documents are compared with all that earlier runs kept, and unchanged sources "
        "are not read again.",
    ),
    _option("--overwrite/--no-overwrite", OUTPUT, shown=False, help="Replace what an earlier run left in OUT."),
    _option("--wait/--no-wait", OUTPUT, shown=False, help="Wait for the end of another run that is writing OUT."),
    _option(
        "--format", INPUT, type=Word(InputFormat), help="Format of all inputs; auto finds that of each by its content."
    ),
    _option(
        "--text-field",
        INPUT,
        metavar="NAME",
        help="JSON field or CSV column that holds the text; without it the usual names are tried.",
    ),
    _option(
        "--max-record",
        INPUT,
        type=Size(),
        help="Longest JSON line, CSV row, page or record of an archive that is parsed; a longer one is left out and "
        "listed with its place.",
    ),
    _option(
        "--max-expand",
        INPUT,
        type=Size(),
        help="Bytes that one input may become by decompression, all its members together; what is beyond is left out "
        "and listed.",
    ),
    _option(
        "--width",
        TEXT,
        type=Word(Width),
        help="half: full-width ASCII becomes half-width; full: ASCII punctuation next to Han becomes full-width; "
        "keep: neither. Chinese punctuation stays in each.",
    ),
    _option(
        "--split",
        TEXT,
        metavar="auto|none|REGEX",
        help="Where a plain text that holds several documents is cut; REGEX matches whole delimiter lines.",
    ),
    _option(
        "--main",
        TEXT,
        type=Word(Switch),
        help="on: of a web page only its main text is kept, and its other lines go to the ledger; off: all lines stay.",
    ),
    _option(
        "--chrome",
        TEXT,
        type=Word(Switch),
        help="on: lines that a site repeats around its texts (menus, share bars, footers) go to the ledger; off: they "
        "stay.",
    ),
    _option(
        "--without",
        TEXT,
        shown=False,
        multiple=True,
        type=click.Choice((*LINE_RULES, *CHROME_RULES)),
        metavar="RULE",
        help="Do not apply a rule, may be given several times. On lines: "
        f"{', '.join(LINE_RULES)}. Of chrome: {', '.join(CHROME_RULES)}.",
    ),
    _option(
        "--similarity",
        COPIES,
        type=click.FLOAT,
        metavar="0.5..1",
        help="Measured similarity from which a document is a copy.",
    ),
    _option(
        "--keep",
        COPIES,
        type=Word(Keep),
        help="Which copy stays: the longest, or the first in natural order of the paths.",
    ),
    _option(
        "--passages",
        COPIES,
        type=Word(Passages),
        help="Paragraphs that several kept documents share: keep them, or cut all but the first.",
    ),
    _option(
        "--templates",
        COPIES,
        type=Word(Templates),
        help="Documents with the words of a kept one and other facts (bulletins, notices, obituaries): keep them, or "
        "thin them to the first.",
    ),
    _option(
        "--jobs",
        RUN,
        shown=False,
        default=0,  # a command owns its process; the library's 1 is for programs that start no others unasked
        type=click.INT,
        metavar="N",
        help="Processes that read and sign; they never change the result.  [default: one per core]",
    ),
    _option(
        "--strict/--no-strict",
        RUN,
        shown=False,
        help="Exit with 3 when a source or site loses an abnormal share of its documents.",
    ),
    _option("--batch-bytes", RUN, type=Size(), hidden=True),
    Option(
        "--config",
        group=RUN,
        metavar="FILE",
        shell_complete=paths,
        is_eager=True,
        callback=config.callback,
        help='TOML file with the same words as keys, such as text-field = "body". The command line wins over it; '
        "paths in it are relative to the working directory.",
    ),
    *talk_options(RUN),
]


@click.command(cls=Command, params=PARAMS, epilog=EXAMPLES)
@click.pass_context
def clean(ctx: click.Context, /, **_: object) -> int:
    """Turn raw dumps into one clean corpus without copies.

    INPUT is a file, a folder, a glob, or - for standard input: plain text, JSONL, JSON, CSV, Parquet, web pages
    (HTML) or web archives (WARC, WET, ARC), in any encoding, compressed or not, also in ZIP and tar archives.
    """
    log = ctx.ensure_object(Log)
    log.quiet = ctx.params["quiet"]
    options = _options(ctx)
    with log:
        log.start(options)
        report = _run(options, log)
    log.summary(report, options)
    return int(report.exit_code)


def _options(ctx: click.Context) -> Options:
    """Return the options of the library; when a file set some of them, a contradiction names it."""
    try:
        return Options(**{field.name: ctx.params[field.name] for field in fields(Options)})
    except UsageError as error:
        path = ctx.params["config"]
        if path is None:
            raise
        raise UsageError(f"With {path}: {error}") from error


def _run(options: Options, log: Log) -> Report:
    """Call the library; its imports are heavy, so they wait until here."""
    from taoxi import corpus
    from taoxi.normalize.sources import MissingInputError

    # A run makes millions of objects and no cycles; looking for cycles would take a twentieth of its time.
    gc.set_threshold(GC_THRESHOLD)
    try:
        return corpus.clean(options, listener=log.listen)
    except MissingInputError as error:
        raise UsageError(str(error)) from error
