"""``taoxi explain``: its options, and the call of the library."""

from __future__ import annotations

import dataclasses
import json
import sys

import click

from taoxi.cli.log import Log, LogFormat
from taoxi.cli.params import COMMON_CODES, Command, folders
from taoxi.cli.talk import talk_options
from taoxi.corpus.report import ExitCode

EXAMPLES = """
taoxi explain out d443cd8c
taoxi explain out d443cd8c --log-format json | python -m json.tool
"""

EXIT_CODES = {
    ExitCode.DONE: "done",
    ExitCode.USAGE: "wrong usage, no folder that taoxi clean wrote, or an id that is unknown or not unique",
    ExitCode.OUTPUT: "the output is damaged",
    **COMMON_CODES,
}

PARAMS: list[click.Parameter] = [
    click.Argument(["out"], metavar="OUT", shell_complete=folders),
    click.Argument(["id_"], metavar="ID"),
    *talk_options("Run", quiet=None),
]


@click.command(cls=Command, params=PARAMS, epilog=EXAMPLES, exit_codes=EXIT_CODES)
@click.pass_context
def explain(ctx: click.Context, /, out: str, id_: str, **_: object) -> int:
    """Say where a text came from and what was changed in it, or why it was removed.

    OUT is a folder that taoxi clean wrote, ID the id of a text in its corpus or ledger, or the first six digits or
    more. Of a kept text: its source, what rules changed, what was cut, and what it stands for. Of a removed one: the
    reason, the figures, and in what it differs from the kept text that it repeats. Of a piece: what it was cut from,
    and why. The explanation goes to standard output, with --log-format json as one JSON object. The ids of what was
    removed stand in report.html beside the samples, and 'taoxi restore OUT --reason near --dry-run' lists them.
    """
    log = ctx.ensure_object(Log)
    from taoxi import corpus

    explanation = corpus.explain(out, id_)
    if log.style is LogFormat.JSON:
        click.echo(json.dumps(dataclasses.asdict(explanation)))
        return int(ExitCode.DONE)
    from taoxi.cli import explained

    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal of another encoding shows escapes
    explained.show(explanation)
    return int(ExitCode.DONE)
