"""``taoxi restore``: its options, the look before it is done, and the call of the library."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from taoxi.cli.log import Log, LogFormat
from taoxi.cli.params import COMMON_CODES, Command, Option
from taoxi.cli.summary import counted
from taoxi.cli.talk import talk_options
from taoxi.cli.text import escape, on_terminal
from taoxi.corpus.options import UsageError
from taoxi.corpus.report import ExitCode

if TYPE_CHECKING:
    from taoxi.corpus.restore import Restoration

WHAT, RUN = "What comes back", "Run"
EXCERPT = 30
"""Characters of a text in the list of what comes back."""

EXAMPLES = """
taoxi restore corpus 5f3cda2e19420801fa56fefa8d8f8e76
taoxi restore corpus --reason near --site news.example --dry-run
taoxi restore corpus --reason near --site news.example --yes
"""

EXIT_CODES = {
    ExitCode.DONE: "done, or there was nothing to restore",
    ExitCode.USAGE: "wrong usage, an id that is unknown, or no word that it shall be done; nothing was written",
    ExitCode.OUTPUT: "the output could not be written, or is damaged",
    **COMMON_CODES,
}

PARAMS: list[click.Parameter] = [
    click.Argument(["out"], metavar="OUT"),
    click.Argument(["ids"], nargs=-1, metavar="[ID]..."),
    Option(
        "--reason", group=WHAT, multiple=True, metavar="exact|near|contained|template", help="Removed for this reason."
    ),
    Option("--site", group=WHAT, multiple=True, metavar="SITE", help="Of this site, as the ledger names it."),
    Option("--source", group=WHAT, multiple=True, metavar="SOURCE", help="Of this source, as the ledger names it."),
    Option("--dry-run", group=RUN, is_flag=True, help="Show what would come back, and write nothing."),
    Option("--yes", group=RUN, is_flag=True, help="Do not ask before all that fits the filters comes back."),
    Option("--wait/--no-wait", group=RUN, default=False, help="Wait for the end of a run that is writing OUT."),
    *talk_options(RUN, quiet="Say nothing but errors."),
]


@click.command(cls=Command, params=PARAMS, epilog=EXAMPLES, exit_codes=EXIT_CODES)
@click.pass_context
def restore(ctx: click.Context, /, out: str, ids: tuple[str, ...], **words: tuple[str, ...]) -> int:
    """Put documents that were removed by mistake back into the corpus.

    OUT is a folder that taoxi clean wrote. ID is the id of a removed document in the ledger, or its first six digits or
    more. With filters, all documents come back that fit each kind of filter; they are shown first. The documents are
    added as a run of their own, and nothing that is there is changed. Later runs keep them.
    """
    log = ctx.ensure_object(Log)
    log.quiet = bool(words["quiet"])
    from taoxi.corpus.restore import Wanted
    from taoxi.corpus.restore import restore as put_back

    wanted = Wanted(tuple(ids), tuple(words["reason"]), tuple(words["site"]), tuple(words["source"]))
    asked = bool(words["yes"]) or not wanted.filtered
    if words["dry_run"] or not asked:
        seen = put_back(out, wanted, dry_run=True)
        _show(log, seen)
        if words["dry_run"] or not seen.documents:
            return int(ExitCode.DONE)
        _ask(seen)
    done = put_back(out, wanted, wait=bool(words["wait"]), listener=log.listen)
    _show(log, done)
    return int(ExitCode.DONE)


def _ask(seen: Restoration) -> None:
    """Ask a person whether it shall be done.

    Raises:
        UsageError: if nobody is there to say so, or says no.
    """
    if not (on_terminal(sys.stdin) and on_terminal(sys.stderr)):
        raise UsageError(f"Nothing was restored: say --yes if {counted(seen.documents, 'document')} shall come back.")
    if not click.confirm(f"Put {counted(seen.documents, 'document')} back?", err=True):
        raise UsageError("Nothing was restored, as you said.")


def _show(log: Log, found: Restoration) -> None:
    """Say what came back, or would."""
    if log.style is LogFormat.JSON:
        rows = [{name: row[name] for name in ("id", "reason", "leader", "similarity")} for row in found.rows]
        figures = {"run": found.run, "documents": found.documents, "same": found.same}
        counts = {"by_reason": dict(found.by_reason), "by_site": dict(found.by_site), "first": rows}
        click.echo(json.dumps({**figures, **counts}))
        return
    if not log.quiet:
        for line in lines(found):
            log.tell(line)


def lines(found: Restoration) -> list[str]:
    """Return what came back, or would, for a person."""
    shown = []
    if found.run is None:
        for row in found.rows:
            excerpt = escape(" ".join((row["title"] or row["text"])[:EXCERPT].split()))
            figure = f"{row['reason']} {row['similarity']:.2f}"
            shown.append(f"  {row['id']}  {figure:14}  {escape(row['site'] or '')}  {excerpt}")
        more = found.documents - len(found.rows)
        shown += [f"  and {more:,} more"] if more else []
    what = "would come back" if found.run is None else f"came back, as run {found.run}"
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in sorted(found.by_reason.items()))
    if found.documents:
        shown.append(f"{counted(found.documents, 'document')} {what} ({reasons}).")
    else:
        shown.append("There is nothing to restore.")
    if found.same:
        shown.append(f"{found.same:,} more are to the byte what the corpus holds, and stay where they are.")
    return shown
