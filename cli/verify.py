"""``taoxi verify``: its options, and the call of the library."""

from __future__ import annotations

import click

from taoxi.cli.log import Log
from taoxi.cli.params import COMMON_CODES, Command, Option, folders
from taoxi.cli.talk import talk_options
from taoxi.corpus.report import ExitCode

RUN = "Run"
"""The heading of the help."""

EXAMPLES = """
taoxi verify out
taoxi verify out --quiet || echo 'The corpus in out is damaged.'
"""

EXIT_CODES = {
    ExitCode.DONE: "all holds that could be checked",
    ExitCode.USAGE: "wrong usage, or no folder that taoxi clean wrote",
    ExitCode.OUTPUT: "something is damaged (it is listed)",
    **COMMON_CODES,
}

PARAMS: list[click.Parameter] = [
    click.Argument(["out"], metavar="OUT", shell_complete=folders),
    Option(
        "--jobs",
        group=RUN,
        default=0,
        type=click.INT,
        metavar="N",
        help="Processes that read the sources again; they never change the result.  [default: one per core]",
    ),
    *talk_options(RUN, quiet="Say nothing but complaints and errors."),
]


@click.command(cls=Command, params=PARAMS, epilog=EXAMPLES, exit_codes=EXIT_CODES)
@click.pass_context
def verify(ctx: click.Context, /, out: str, jobs: int, quiet: bool, **_: object) -> int:
    """Prove that an output is whole and true, without writing to it.

    OUT is a folder that taoxi clean wrote. Its files are compared with the manifests, ids with texts, figures with the
    documents that they are about, every byte of a source with the rows that span it; and each source that is still
    there is read again, and each document compared with it. Sources are looked for under the names that they had,
    relative to the working directory; what is gone or changed since is said, and is no damage.
    """
    log = ctx.ensure_object(Log)
    log.quiet = quiet
    with log:
        log.open(out)
        from taoxi import corpus

        verification = corpus.verify(out, jobs=jobs, listener=log.listen)
    log.verified(verification)
    return int(verification.exit_code)
