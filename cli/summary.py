"""The end of a run for a person: figures, problems, where the result is and what to do next."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NamedTuple

from taoxi.cli.text import escape, megabytes, on_terminal, say, share
from taoxi.corpus.files import PAGE
from taoxi.corpus.options import Options
from taoxi.corpus.report import Report

LISTED = 20
"""Problems and alarms that are listed one by one: they fit a screen, and the table of sources holds all of them."""


class Row(NamedTuple):
    """One line of the summary: what is counted, the count, and its share or rate."""

    label: str
    value: str
    note: str = ""


def show(report: Report, options: Options, *, quiet: bool) -> None:
    """Write the end of a run to standard error; ``quiet`` leaves its problems and alarms."""
    if not quiet:
        print_figures(rows(report))
    for line in (*problems(report, options), *alarms(report)):
        say(line)
    if not quiet:
        for line in closing(report, options):
            say(line)


def rows(report: Report) -> list[Row]:
    """Return the figures of a run, in the order in which text flows through it."""
    seconds = report.seconds
    rate = f"{megabytes(report.bytes / seconds)}/s" if seconds else ""
    return [
        Row("sources", f"{report.sources:,}", megabytes(report.bytes)),
        *([Row("  read before", f"{report.unchanged:,}")] if report.unchanged else []),
        *(Row(f"  {escape(name)}", f"{count:,}") for name, count in _falling(report.encodings)),
        Row("documents", f"{report.documents:,}"),
        Row("  kept", f"{report.kept:,}", share(report.kept, report.documents)),
        *([Row("  kept: template", f"{report.templates:,}", _part(report))] if report.templates else []),
        *(
            Row(f"  removed: {escape(reason)}", f"{count:,}", share(count, report.documents))
            for reason, count in _falling(report.removed)
        ),
        *([Row("pieces cut", f"{sum(report.cut.values()):,}")] if report.cut else []),
        *(Row(f"  {escape(kind)}", f"{count:,}") for kind, count in _falling(report.cut)),
        Row("characters", f"{report.characters:,}"),
        Row("  kept", f"{report.characters_kept:,}", share(report.characters_kept, report.characters)),
        Row("problems", f"{len(report.problems):,}"),
        Row("time", f"{seconds:,.1f} s", rate),
    ]


def _part(report: Report) -> str:
    """Return the share of documents with the words of others."""
    return share(report.templates, report.documents)


def plain(table: list[Row]) -> list[str]:
    """Return the figures as aligned lines, for a log."""
    return aligned(table)


def aligned(table: Sequence[Sequence[str]]) -> list[str]:
    """Return rows as lines whose columns line up, the first to the left and the others to the right."""
    from rich.cells import cell_len, set_cell_size

    widths = [max(map(cell_len, column)) for column in zip(*table, strict=True)]
    lines = []
    for first, *others in table:
        cells = [" " * (width - cell_len(cell)) + cell for cell, width in zip(others, widths[1:], strict=True)]
        lines.append("  ".join([set_cell_size(first, widths[0]), *cells]).rstrip())
    return lines


def problems(report: Report, options: Options) -> list[str]:
    """Return the list of what could not be read, cut short where it would flood the screen."""
    if not report.problems:
        return []
    lines = [counted(len(report.problems), "problem") + ":"]
    lines += [f"  {escape(str(problem))}" for problem in report.problems[:LISTED]]
    more = len(report.problems) - LISTED
    if more > 0:
        where = f"all are in {_inside(report, 'sources')}"
        if options.single_file:
            where = "--log-format json gives all"
        lines.append(f"  and {more:,} more ({where})")
    return lines


def alarms(report: Report) -> list[str]:
    """Return the list of sites and sources that lost an abnormal share."""
    if not report.alarms:
        return []
    lines = [counted(len(report.alarms), "alarm") + ":"]
    lines += [f"  {escape(str(alarm))}" for alarm in report.alarms[:LISTED]]
    more = len(report.alarms) - LISTED
    return [*lines, f"  and {more:,} more"] if more > 0 else lines


def closing(report: Report, options: Options) -> list[str]:
    """Return where the result is, and the next step that fits what happened."""
    return [_where(report, options), f"Next: {_next(report, options)}"]


def _where(report: Report, options: Options) -> str:
    """Return the sentence that says where the result is."""
    if not report.news:
        return f"There was nothing new: {escape(report.out.rstrip('/'))} is as it was."
    if not options.single_file:
        ledger = _inside(report, "removed")
        return f"The corpus is in {_inside(report, 'corpus')}, the ledger of what was removed in {ledger}."
    place = "went to standard output" if options.out == "-" else f"is in {escape(report.out)}"
    ledger = "" if options.removed is None else f", the ledger of what was removed is in {escape(options.removed)}"
    return f"The corpus {place}{ledger}."


def _next(report: Report, options: Options) -> str:
    """Return the next step: what went wrong first, then what was removed."""
    ledger = options.removed if options.single_file else _inside(report, "removed")
    page = options.report if options.single_file else _inside(report, PAGE)
    if report.problems:
        again = "" if options.append or options.overwrite or options.out == "-" else " with --overwrite"
        seen = "" if page is None else f" What went of the others is on {escape(page)}."
        return f"mend or leave out the inputs listed above, then run again{again}.{seen}"
    if not report.news:
        return "add new inputs, and run again."
    if page is not None:
        return f"open {escape(page)}, which shows what went at each step and why, with samples beside the kept texts."
    if ledger is None:
        return "run again with --removed FILE to see what was removed and why."
    return f"look through {escape(ledger)}, which gives for each removed text the reason and the kept text it repeats."


def _inside(report: Report, folder: str) -> str:
    """Return the path of a folder of the output, escaped."""
    return f"{escape(report.out.rstrip('/'))}/{folder}"


def _falling(counts: dict[str, int]) -> list[tuple[str, int]]:
    """Return counts, the largest first, equal ones by name; what did not happen is left out."""
    return sorted(((name, count) for name, count in counts.items() if count), key=lambda item: (-item[1], item[0]))


def counted(count: int, noun: str) -> str:
    """Return a count with its noun."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def print_figures(table: list[Row]) -> None:
    """Write the figures: as a table on a terminal, as plain lines elsewhere."""
    if not on_terminal(sys.stderr):
        for line in plain(table):
            say(line)
        return
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=SIMPLE, show_header=False)
    grid.add_column()
    grid.add_column(justify="right")
    grid.add_column(justify="right", style="dim")
    for row in table:
        style = "" if row.label.startswith(" ") else "bold"
        grid.add_row(Text(row.label, style=style), Text(row.value), Text(row.note))
    Console(stderr=True, markup=False, emoji=False, highlight=False).print(grid)
