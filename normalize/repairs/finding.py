"""What a look at a text found: stretches to replace, or to count and leave."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """A stretch ``[start, end)`` of a text, in characters, that a rule replaces by ``new`` or, if None, only counts."""

    start: int
    end: int
    new: str | None
    rule: str


def apply(text: str, findings: Iterable[Finding]) -> str:
    """Return a text with its findings, which are in order and do not overlap, replaced.

    >>> apply("a&amp;b", [Finding(1, 6, "&", "entity")])
    'a&b'
    """
    parts = []
    at = 0
    for finding in findings:
        if finding.new is not None:
            parts += [text[at : finding.start], finding.new]
            at = finding.end
    return "".join([*parts, text[at:]]) if parts else text
