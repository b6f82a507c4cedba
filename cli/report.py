"""``taoxi report``: its options, and the call of the library."""

from __future__ import annotations

import click

from taoxi.cli.log import Log
from taoxi.cli.params import COMMON_CODES, Command, Option, Word
from taoxi.cli.talk import talk_options
from taoxi.corpus.options import Lang
from taoxi.corpus.report import ExitCode

RUN = "Run"

EXAMPLES = """
taoxi report out
taoxi report out -o page.html --lang zh
"""

EXIT_CODES = {
    ExitCode.DONE: "done",
    ExitCode.USAGE: "wrong usage, no folder that taoxi clean wrote, or another run is writing it",
    ExitCode.OUTPUT: "the output is damaged, or the page could not be written",
    **COMMON_CODES,
}

PARAMS: list[click.Parameter] = [
    click.Argument(["out"], metavar="OUT"),
    Option("-o", "--file", group=RUN, metavar="FILE", help="Where the page goes.  [default: report.html in OUT]"),
    Option(
        "--lang",
        group=RUN,
        type=Word(Lang),
        help="Language of the page.  [default: that of the locale]",
    ),
    Option("--wait/--no-wait", group=RUN, default=False, help="Wait for the end of a run that is writing OUT."),
    *talk_options(RUN),
]


@click.command(cls=Command, params=PARAMS, epilog=EXAMPLES, exit_codes=EXIT_CODES)
@click.pass_context
def report(ctx: click.Context, /, out: str, file: str | None, lang: Lang | None, **flags: bool) -> int:
    """Make the page on an output again: one HTML file to look at.

    OUT is a folder that taoxi clean wrote. The page shows its last run: how much was kept, what went and why, with
    samples. It loads nothing and runs nothing, so it can be opened from disk, sent and printed.
    """
    log = ctx.ensure_object(Log)
    log.quiet = flags["quiet"]
    from taoxi import corpus

    path = corpus.make_page(out, file=file, lang=lang, wait=flags["wait"])
    log.tell(f"The page is {path}. Open it in a browser.")
    return int(ExitCode.DONE)
