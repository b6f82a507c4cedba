"""``taoxi state``: its options, and the calls of the library."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from taoxi.cli.log import Log, LogFormat
from taoxi.cli.params import COMMON_CODES, Command, Option, folders
from taoxi.cli.summary import aligned
from taoxi.cli.talk import talk_options
from taoxi.cli.text import escape, megabytes, share
from taoxi.corpus.report import ExitCode

if TYPE_CHECKING:
    from taoxi.corpus.state.overview import Overview

RUN = "Run"
SITES = 20
"""Sites that are listed; the others are counted together."""

EXAMPLES = """
taoxi state out
taoxi state out --rebuild
taoxi state out --export-datasketch index.pickle
"""

EXIT_CODES = {
    ExitCode.DONE: "done",
    ExitCode.USAGE: "wrong usage, or no folder that taoxi clean wrote",
    ExitCode.OUTPUT: "the output is damaged, or could not be written",
    **COMMON_CODES,
}

PARAMS: list[click.Parameter] = [
    click.Argument(["out"], metavar="OUT", shell_complete=folders),
    Option(
        "--rebuild",
        group=RUN,
        is_flag=True,
        help="First make state.duckdb, the memory of --append, again from the corpus.",
    ),
    Option(
        "--export-datasketch",
        group=RUN,
        metavar="FILE",
        help="Write the kept documents to FILE as a pickled datasketch.MinHashLSH whose keys are their ids.",
    ),
    Option("--wait/--no-wait", group=RUN, default=False, help="With --rebuild, wait for a run that is writing OUT."),
    *talk_options(RUN, quiet=None),
]


@click.command(cls=Command, params=PARAMS, epilog=EXAMPLES, exit_codes=EXIT_CODES)
@click.pass_context
def state(ctx: click.Context, /, out: str, export_datasketch: str | None, **flags: bool) -> int:
    """Say what an output holds: runs, documents, sites, sizes, and how its memory is.

    OUT is a folder that taoxi clean wrote. The answer goes to standard output, with --log-format json as one JSON
    object.
    """
    log = ctx.ensure_object(Log)
    from taoxi import corpus

    if flags["rebuild"]:
        corpus.remake(out, wait=flags["wait"], listener=log.listen)
    if export_datasketch is not None:
        if sys.modules.get("scipy") is None:
            sys.modules.pop("scipy", None)  # what runs do without, datasketch needs
        from taoxi.corpus.state.export import export_index

        count = export_index(Path(out), Path(export_datasketch))
        log.tell(f"{export_datasketch} holds {count:,} documents. Load it with pickle, where datasketch is installed.")
    found = corpus.overview(out)
    if log.style is LogFormat.JSON:
        click.echo(json.dumps({**dataclasses.asdict(found), "sites": dict(found.sites.most_common())}))
        return int(ExitCode.DONE)
    for line in lines(found):
        click.echo(line)
    return int(ExitCode.DONE)


def lines(found: Overview) -> list[str]:
    """Return an overview for a person."""
    runs = [("run", "", "sources", "documents", "kept", "removed", "size")]
    for run in found.runs:
        counts = (f"{run.sources:,}", f"{run.documents:,}", f"{run.kept:,}", f"{run.removed:,}", megabytes(run.bytes))
        runs.append((f"{run.run}", run.command, *counts))
    sizes = [("files", "size"), *((name, megabytes(size)) for name, size in found.sizes.items())]
    sites = [("site", "kept", "share")]
    listed = found.sites.most_common(SITES)
    sites += [(escape(name), f"{count:,}", share(count, found.kept)) for name, count in listed]
    rest = found.kept - sum(count for _, count in listed)
    if rest:
        sites.append((f"{len(found.sites) - SITES:,} more", f"{rest:,}", share(rest, found.kept)))
    memory = "state.duckdb is up to date." if found.database is None else f"state.duckdb: {escape(found.database)}"
    tables = (*aligned(runs), "", *aligned(sites), "", *aligned(sizes))
    return [*tables, "", f"{found.kept:,} documents are kept. {memory}"]
