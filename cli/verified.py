"""The end of a verification for a person: figures, complaints, what could not be checked, and what to do next."""

from __future__ import annotations

from taoxi.cli.summary import Row, counted, print_figures
from taoxi.cli.text import escape, megabytes, say
from taoxi.corpus.complaints import Verification

_STATES = {
    "replayed": "read again",
    "gone": "gone",
    "changed": "changed since",
    "piped": "standard input",
    "unread": "without a document",
}
"""What became of sources, in words."""


def show(verification: Verification, *, quiet: bool) -> None:
    """Write the end of a verification to standard error; ``quiet`` leaves its complaints."""
    if not quiet:
        print_figures(rows(verification))
    for line in complaints(verification):
        say(line)
    if not quiet:
        for line in (*remarks(verification), closing(verification)):
            say(line)


def rows(verification: Verification) -> list[Row]:
    """Return the figures of a verification, in the order of its checks."""
    found = verification
    rate = f"{megabytes(found.bytes / found.seconds)}/s" if found.seconds else ""
    return [
        Row("runs", f"{found.runs:,}"),
        Row("files", f"{found.files:,}", megabytes(found.bytes)),
        Row("rows", f"{found.rows:,}"),
        Row("documents", f"{found.documents:,}"),
        Row("pieces", f"{found.pieces:,}"),
        Row("sources", f"{found.sources:,}"),
        *(Row(f"  {words}", f"{getattr(found, name):,}") for name, words in _STATES.items() if getattr(found, name)),
        Row("complaints", f"{sum(found.complained.values()):,}"),
        *(Row(f"  {kind}", f"{count:,}") for kind, count in found.complained.items()),
        Row("time", f"{found.seconds:,.1f} s", rate),
    ]


def complaints(verification: Verification) -> list[str]:
    """Return the list of what does not hold."""
    total = sum(verification.complained.values())
    return _listed("complaint", total, [str(complaint) for complaint in verification.complaints])


def remarks(verification: Verification) -> list[str]:
    """Return the list of what could not be checked, or is of no use."""
    total = sum(verification.remarked.values())
    return _listed("notice", total, [str(remark) for remark in verification.remarks])


def closing(verification: Verification) -> str:
    """Return what it comes to, and the next step."""
    if verification.complained:
        step = "restore the files named above from a backup and verify again, or clean the sources into another folder"
        return f"Next: {step}."
    if verification.gone or verification.changed or verification.piped or "unchecked" in verification.remarked:
        return "All holds that could be checked."
    if "text" in verification.remarked:
        return "All holds that could be checked of plain text."
    return "All holds: every document was read again from its source, and is the same."


def _listed(noun: str, total: int, lines: list[str]) -> list[str]:
    """Return lines under their number; of each kind, the first ones are there."""
    if not total:
        return []
    more = total - len(lines)
    rest = [f"  and {more:,} more like these"] if more else []
    return [f"{counted(total, noun)}:", *(f"  {escape(line)}" for line in lines), *rest]
