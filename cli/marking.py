"""Differences of two texts as a person sees them: the places that differ with what stands around, marked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from taoxi.cli.text import escape
from taoxi.corpus.differences import Difference

CONTEXT = 24
"""Characters that stay before and behind a change."""

LONGEST = 300
"""Characters of a change that are shown."""

BREAK = "⏎"
"""What stands for a line feed."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of a place that differs: alike in both texts, or what stands in each; escaped, and short."""

    left: str
    right: str
    same: bool


def places(found: Sequence[Difference]) -> Iterator[list[Mark]]:
    """Yield the places in which texts differ; changes with little between them are one place."""
    marks: list[Mark] = []
    last = len(found) - 1
    for number, each in enumerate(found):
        if not each.same:
            marks.append(Mark(clipped(each.left, LONGEST), clipped(each.right, LONGEST), same=False))
            continue
        text = each.left
        if 0 < number < last and len(text) <= 2 * CONTEXT:
            marks.append(Mark(visible(text), visible(text), same=True))
            continue
        if number > 0:
            end = visible(text[:CONTEXT]) + ("…" if len(text) > CONTEXT else "")
            yield [*marks, Mark(end, end, same=True)]
            marks = []
        if number < last:
            start = ("…" if len(text) > CONTEXT else "") + visible(text[-CONTEXT:])
            marks = [Mark(start, start, same=True)]
    if any(not mark.same for mark in marks):
        yield marks


def marked(marks: Iterable[Mark]) -> str:
    """Return a place as one line: ``[-left-]`` and ``{+right+}`` where it differs.

    >>> marked([Mark("天气", "天气", same=True), Mark("很", "不", same=False)])
    '天气[-很-]{+不+}'
    """
    parts = []
    for mark in marks:
        if mark.same:
            parts.append(mark.left)
        else:
            parts += [f"[-{mark.left}-]" if mark.left else "", f"{{+{mark.right}+}}" if mark.right else ""]
    return "".join(parts)


def clipped(text: str, size: int) -> str:
    """Return a text of at most about ``size`` characters on one line, escaped; what is left out is counted."""
    if len(text) <= size:
        return visible(text)
    half = size // 2
    return f"{visible(text[:half])}…({len(text) - 2 * half:,} characters)…{visible(text[-half:])}"


def visible(text: str) -> str:
    r"""Return a text on one line, so that a terminal shows it and obeys nothing in it.

    >>> visible("a\nb\x1b[2J")
    'a⏎b\\x1b[2J'
    """
    return BREAK.join(escape(line) for line in text.split("\n"))
