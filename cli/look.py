"""``taoxi look``: its options, and the call of the library."""

from __future__ import annotations

import gc
import sys
from dataclasses import fields
from typing import Any

import click

from taoxi.cli.clean import GC_THRESHOLD
from taoxi.cli.clean import PARAMS as CLEAN
from taoxi.cli.log import Log, LogFormat
from taoxi.cli.params import COMMON_CODES, TERMINATED, Command, Option
from taoxi.cli.params import EXIT_CODES as ALL
from taoxi.cli.talk import talk_options
from taoxi.corpus.options import Options, UsageError
from taoxi.corpus.report import ExitCode

LOOK, RUN = "Look", "Run"

OUT = "corpus"
"""What the look calls an output that nobody makes."""

SHARED = (
    *("inputs", "format", "text_field", "max_record", "max_expand", "width", "split", "main", "chrome", "without"),
    *("similarity", "keep", "templates", "jobs", "batch_bytes"),
)
"""Options of ``clean`` that decide what it would find and remove."""

EXAMPLES = """
taoxi look samples/raw
taoxi look 'samples/raw/*.jsonl' --similarity 0.8 --json > look.json
gzip -dc samples/raw/crawl.jsonl.gz | taoxi look -
"""

EXIT_CODES = {
    ExitCode.DONE: "done",
    ExitCode.UNREADABLE: "done, but some input could not be read (it is listed)",
    ExitCode.USAGE: "wrong usage, or an input that does not exist",
    ExitCode.OUTPUT: "there is no room for temporary files",
    ExitCode.INTERRUPTED: "interrupted",
    **COMMON_CODES,
    TERMINATED: ALL[TERMINATED],
}

PARAMS: list[click.Parameter] = [
    *(param for param in CLEAN if param.name in SHARED),
    Option("--all", "everything", group=LOOK, is_flag=True, help="Look at everything, however long it takes."),
    Option("--json", "as_json", group=LOOK, is_flag=True, help="Write what was found as one JSON object."),
    *talk_options(RUN, quiet="Show no progress, and say nothing but errors."),
]


@click.command(cls=Command, params=PARAMS, epilog=EXAMPLES, exit_codes=EXIT_CODES)
@click.pass_context
def look(ctx: click.Context, /, everything: bool, as_json: bool, quiet: bool, **_: object) -> int:
    """Look at raw dumps before anything is done to them.

    INPUT is what 'taoxi clean' takes. Nothing is written. Formats, encodings and damage, sites, documents, what each
    similarity would remove with pairs to judge by eye, lines that sites repeat, suspected watermarks, and the command
    to run next go to standard output. Of what is larger than 300 MB a sample is read, and figures are estimates.
    """
    log = ctx.ensure_object(Log)
    log.quiet = quiet
    words: dict[str, Any] = {name: ctx.params[name] for name in SHARED}
    options = Options(out=OUT, **{field.name: words[field.name] for field in fields(Options) if field.name in words})
    with log:
        log.start(options)
        found = _run(options, log, everything=everything)
    if log.style is LogFormat.JSON or as_json:
        from taoxi.cli import looked

        click.echo(looked.as_json(found))
    else:
        from taoxi.cli import looked

        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(errors="backslashreplace")  # a terminal of another encoding shows escapes
        looked.show(found)
    return int(found.exit_code)


def _run(options: Options, log: Log, *, everything: bool) -> Any:  # noqa: ANN401 - the type is the library's, which is heavy
    """Call the library; its imports are heavy, so they wait until here."""
    from taoxi import corpus
    from taoxi.normalize.sources import MissingInputError

    gc.set_threshold(GC_THRESHOLD)  # as of clean
    try:
        return corpus.look(options, everything=everything, listener=log.listen)
    except MissingInputError as error:
        raise UsageError(str(error)) from error
