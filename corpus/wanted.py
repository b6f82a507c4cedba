"""What is to be put back, and what came of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from taoxi.corpus.options import REINSTATABLE, RESTORABLE, UsageError
from taoxi.corpus.reinstating import Change

SHORTEST_ID = 6
"""Digits of an id that tell it well enough from others."""

ELSEWHERE = {"page": "To keep the lines of web pages outside their main text, clean again with --main off. "}
"""What to do about reasons that are not undone in a corpus, but in one that is made anew."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be put back: whoever has one of the ids, or fits all of the filters that are given.

    ``ids`` are whole or their first ``SHORTEST_ID`` digits or more; ``reasons``, ``sites`` and ``sources`` are words of
    the ledger. Reasons are all of documents (``RESTORABLE``), or all of lines (``REINSTATABLE``).

    Raises:
        UsageError: if nothing is named, or an id or reason cannot be one.
    """

    ids: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check what can be checked without looking."""
        if not (self.ids or self.filtered):
            raise UsageError("Nothing to restore was named. Give ids, or --reason, --site or --source.")
        if self.ids and self.filtered:
            raise UsageError("Ids name documents one by one, and filters all that fit. Give one or the other.")
        for word in self.ids:
            if len(word) < SHORTEST_ID or set(word) - set("0123456789abcdef"):
                raise UsageError(f"{word!r} is no id. Give {SHORTEST_ID} or more of the 32 hex digits of one.")
        for word in self.reasons:
            if word not in {*RESTORABLE, *REINSTATABLE}:
                known = f"of documents {', '.join(RESTORABLE)}, of lines {', '.join(REINSTATABLE)}"
                raise UsageError(f"--reason cannot be {word!r}. {ELSEWHERE.get(word, '')}Give one of these: {known}.")
        if self.of_lines and set(self.reasons) & set(RESTORABLE):
            raise UsageError("Documents and lines are restored one after the other. Give reasons of one kind only.")
        if self.of_lines and self.sources:
            raise UsageError("Rules on lines are restored for whole sites. Give --site instead of --source.")

    @property
    def filtered(self) -> bool:
        """Whether it is told by filters, not by ids."""
        return bool(self.reasons or self.sites or self.sources)

    @property
    def of_lines(self) -> bool:
        """Whether it is lines that come back into documents, rather than documents."""
        return bool(set(self.reasons) & set(REINSTATABLE))

    def rows(self, ledger: pa.Table) -> pa.Table:
        """Return the rows of a ledger that are wanted."""
        fits = pc.and_(
            pc.equal(ledger.column("kind"), "document"), pc.is_in(ledger.column("reason"), pa.array(RESTORABLE))
        )
        if self.ids:
            named = pa.repeat(pa.scalar(value=False), len(ledger))
            for word in self.ids:
                named = pc.or_(named, pc.starts_with(ledger.column("id"), word))
            fits = pc.and_(fits, named)
        for name, words in (("reason", self.reasons), ("site", self.sites), ("source", self.sources)):
            if words:
                fits = pc.and_(fits, pc.is_in(ledger.column(name), pa.array(words)))
        return ledger.filter(pc.fill_null(fits, fill_value=False))


@dataclass(slots=True)
class Restoration:
    """What was put back, or would be.

    ``run`` is the number of the run that did it, None for a dry run and if there was nothing. ``documents`` counts
    them, ``by_reason`` and ``by_site`` too; ``ids`` are theirs, and ``rows`` the first ``SHOWN`` of them as rows of the
    ledger. ``same`` counts documents that were left alone because the corpus holds their very text.

    Of lines, ``documents`` counts the texts into which they come, and ``ids`` are the new ones of these; ``lines``
    counts what comes back, of which there are ``by_reason`` so many, and ``rows`` shows one for each of the most
    frequent. ``removed`` counts documents out of which the rules took something too, and which are not in the corpus.
    """

    run: int | None = None
    documents: int = 0
    same: int = 0
    removed: int = 0
    lines: Counter[str] = field(default_factory=Counter)
    rows: list[dict[str, Any]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    by_reason: Counter[str] = field(default_factory=Counter)
    by_site: Counter[str] = field(default_factory=Counter)

    def add(self, rows: pa.Table) -> None:
        """Count rows of the ledger."""
        self.documents += len(rows)
        self.rows += rows.slice(0, SHOWN - len(self.rows)).to_pylist()
        self.ids += rows.column("id").to_pylist()
        self.by_reason.update(rows.column("reason").to_pylist())
        self.by_site.update(rows.column("site").to_pylist())

    def add_change(self, change: Change) -> None:
        """Count a document into which lines come back."""
        self.documents += 1
        self.ids.append(change.new["id"])
        self.by_site[change.new["site"]] += 1
        self.by_reason.update(row["reason"] for row in change.pieces)
        for row in change.pieces:
            text = row["text"].strip()
            if text not in self.lines and len(self.rows) < DIFFERENT:
                self.rows.append(row)
            if text in self.lines or len(self.lines) < DIFFERENT:
                self.lines[text] += 1

    def close(self) -> None:
        """Of the lines, leave the most frequent."""
        first = {row["text"].strip(): row for row in reversed(self.rows)}
        self.rows = [first[text] for text, _count in self.lines.most_common(SHOWN) if text in first]


SHOWN = 20
"""Documents and lines that are shown."""

DIFFERENT = 1 << 14
"""Different lines that are counted one by one: the related articles of a site are many."""
