"""``taoxi restore``: its options, the look before it is done, and the call of the library."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from taoxi.cli.log import Log, LogFormat
from taoxi.cli.params import COMMON_CODES, Command, Option, folders
from taoxi.cli.summary import counted
from taoxi.cli.talk import talk_options
from taoxi.cli.text import escape, on_terminal
from taoxi.corpus.options import REINSTATABLE, RESTORABLE, UsageError
from taoxi.corpus.report import ExitCode

if TYPE_CHECKING:
    from taoxi.corpus.wanted import Restoration, Wanted

WHAT, RUN = "What comes back", "Run"
EXCERPT = 30
"""Characters of a text in the list of what comes back."""

EXAMPLES = """
taoxi restore out d443cd8c
taoxi restore out --reason near --site mirror.example --dry-run
taoxi restore out --reason near --site mirror.example --yes
taoxi restore out --reason related --site evening.lantai.example --dry-run
"""

EXIT_CODES = {
    ExitCode.DONE: "done, or there was nothing to restore",
    ExitCode.USAGE: "wrong usage, an id that is unknown, or no word that it shall be done; nothing was written",
    ExitCode.OUTPUT: "the output could not be written, or is damaged",
    **COMMON_CODES,
}

PARAMS: list[click.Parameter] = [
    click.Argument(["out"], metavar="OUT", shell_complete=folders),
    click.Argument(["ids"], nargs=-1, metavar="[ID]..."),
    Option(
        "--reason",
        group=WHAT,
        multiple=True,
        metavar="REASON",
        shell_complete=lambda _ctx, _param, start: [r for r in (*RESTORABLE, *REINSTATABLE) if r.startswith(start)],
        help=f"Removed for this reason: {', '.join(RESTORABLE)}; or lines that this rule took out of kept documents:"
        f" {', '.join(REINSTATABLE)}.",
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
    """Put documents or lines that were removed by mistake back into the corpus.

    OUT is a folder that taoxi clean wrote. ID is the id of a removed document in the ledger, or its first six digits or
    more. With filters, all documents come back that fit each kind of filter; they are shown first (with --dry-run that
    is all). The documents are added as a run of their own, and later runs keep them.

    With a rule as --reason, all lines that it took out of kept documents come back into them, of the sites that are
    named or of all. Their texts change, and with them their ids; the ledger says which is which. Later runs with
    --append do not apply the rule to these sites.
    """
    log = ctx.ensure_object(Log)
    log.quiet = bool(words["quiet"])
    from taoxi.corpus.restore import restore as put_back
    from taoxi.corpus.wanted import Wanted

    wanted = Wanted(tuple(ids), tuple(words["reason"]), tuple(words["site"]), tuple(words["source"]))
    asked = bool(words["yes"]) or not wanted.filtered
    if words["dry_run"] or not asked:
        seen = put_back(out, wanted, dry_run=True)
        _show(log, wanted, seen)
        if words["dry_run"] or not seen.documents:
            return int(ExitCode.DONE)
        _ask(wanted, seen)
    done = put_back(out, wanted, wait=bool(words["wait"]), listener=log.listen)
    _show(log, wanted, done)
    return int(ExitCode.DONE)


def _ask(wanted: Wanted, seen: Restoration) -> None:
    """Ask a person whether it shall be done.

    Raises:
        UsageError: if nobody is there to say so, or says no.
    """
    if not (on_terminal(sys.stdin) and on_terminal(sys.stderr)):
        raise UsageError(f"Nothing was restored: say --yes if {_what(wanted, seen)} shall come back.")
    if not click.confirm(f"Put {_what(wanted, seen)} back?", err=True):
        raise UsageError("Nothing was restored, as you said.")


def _what(wanted: Wanted, found: Restoration) -> str:
    """Return what comes back, in words."""
    documents = counted(found.documents, "document")
    return f"{counted(found.by_reason.total(), 'piece')} of {documents}" if wanted.of_lines else documents


def _show(log: Log, wanted: Wanted, found: Restoration) -> None:
    """Say what came back, or would."""
    if log.style is LogFormat.JSON:
        names = ("reason", "site", "text") if wanted.of_lines else ("id", "reason", "leader", "similarity")
        rows = [{name: row[name] for name in names} for row in found.rows]
        figures = {"run": found.run, "documents": found.documents, "same": found.same}
        if wanted.of_lines:
            figures["removed"] = found.removed
            for row in rows:
                row["count"] = found.lines[row["text"].strip()]
        counts = {"by_reason": dict(found.by_reason), "by_site": dict(found.by_site), "first": rows}
        click.echo(json.dumps({**figures, **counts}))
        return
    if not log.quiet:
        for line in lines(wanted, found):
            log.tell(line)


def lines(wanted: Wanted, found: Restoration) -> list[str]:
    """Return what came back, or would, for a person."""
    shown: list[str] = []
    if found.run is None:
        shown += _lines_seen(found) if wanted.of_lines else _documents_seen(found)
    what = "would come back" if found.run is None else f"came back, as run {found.run}"
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in sorted(found.by_reason.items()))
    if found.documents:
        shown.append(f"{_what(wanted, found)} {what} ({reasons}).")
    else:
        shown.append("There is nothing to restore.")
        if (wanted.sites or wanted.sources) and not found.same:
            shown.append(
                "Sources are named as they were given to clean, with their path; 'taoxi state OUT' lists the sites."
            )
    if found.same:
        shown.append(f"{found.same:,} more are to the byte what the corpus holds, and stay where they are.")
    if found.removed:
        lost = counted(found.removed, "removed document")
        shown.append(f"What the rules took out of {lost} stays in the ledger with the rest of the text.")
    if found.documents and wanted.of_lines:
        sites = ", ".join(map(escape, wanted.sites)) or "all sites"
        shown.append(f"Runs with --append leave what is {', '.join(wanted.reasons)} of {sites} where it stands.")
    return shown


def _documents_seen(found: Restoration) -> Iterator[str]:
    """Yield a line for each of the first documents."""
    for row in found.rows:
        figure = f"{row['reason']} {row['similarity']:.2f}"
        yield f"  {row['id']}  {figure:14}  {escape(row['site'] or '')}  {_excerpt(row['title'] or row['text'])}"
    more = found.documents - len(found.rows)
    if more:
        yield f"  and {more:,} more"


def _lines_seen(found: Restoration) -> Iterator[str]:
    """Yield a line for each of the most frequent stretches of lines."""
    for row in found.rows:
        yield f"  {found.lines[row['text'].strip()]:>9,}  {row['reason']:12}  {_excerpt(row['text'])}"
    more = found.by_reason.total() - sum(found.lines[row["text"].strip()] for row in found.rows)
    if more:
        yield f"  and {more:,} more"


def _excerpt(text: str) -> str:
    return escape(" ".join(text[:EXCERPT].split()))
