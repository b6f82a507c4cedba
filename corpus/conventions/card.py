"""The dataset card: ``README.md`` with the head that Hugging Face ``datasets`` reads."""

from __future__ import annotations

import json
import re

from taoxi.corpus.conventions import MARK
from taoxi.corpus.conventions.described import Described
from taoxi.corpus.escaping import escape
from taoxi.corpus.templates import template

SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
    (100_000_000, "10M<n<100M"),
    (1_000_000_000, "100M<n<1B"),
)
"""The words of Hugging Face for numbers of documents, each with the first number that is too large for it."""

_MARKUP = re.compile(r"[\\`*_{}\[\]<>()#+!|~-]")


def card(found: Described) -> str:
    """Return the card of a folder.

    The tables are configurations of the dataset. In JSON lines and plain text, whatever is in another form is left out:
    ``datasets`` reads one form per dataset.
    """
    form = found.tables[0].form
    return template("taoxi.corpus.conventions", "card.md").render(
        configs=[table for table in found.tables if table.form == form],
        form=form,
        languages=found.languages,
        last=found.last,
        mark=MARK,
        name=found.name,
        plain=lambda text: _MARKUP.sub(r"\\\g<0>", escape(text)),
        quoted=lambda text: json.dumps(escape(text), ensure_ascii=False),  # a string of JSON is one of YAML
        size_category=next((word for first, word in SIZES if found.total.kept < first), "1B<n<10B"),
        total=found.total,
        version=found.version,
    )
