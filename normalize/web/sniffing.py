"""Tell HTML from text that quotes it."""

from __future__ import annotations

import re

LOOK = 8192
"""Characters that are looked at."""

DENSE = 0.15
"""Share of the characters that tags take from which something that begins with one is a page. The pages at hand have
0.3 to 0.9; Markdown that begins with an HTML banner has under 0.1 once its text begins."""

FEWEST_TAGS = 4

_PROLOGUE = re.compile(r"(?:\s|<!--.*?-->|<\?xml\b[^>]*\?>|<\?xml-[^>]*\?>)*", re.DOTALL | re.IGNORECASE)
_PAGE = re.compile(r"<!doctype\s+html\b|<html[\s>]", re.IGNORECASE)
_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9]{0,15})(?:\s[^<>]*)?/?>")
_BLANK = re.compile(r"\s{2,}")
_FENCE = re.compile(r"^(?:```|~~~|#{1,6} )", re.MULTILINE)


def is_html(text: str) -> bool:
    """Whether a text is the source of a page rather than a text that holds some tags.

    A page begins with its document type or ``<html>``, after a byte order mark, comments and an XML declaration; or it
    begins with any element (of whoever wrapped it,
    say) and tags make up much of it. Markdown is none, whatever its first lines are.

    >>> is_html("<!-- x --><!DOCTYPE HTML><p>a"), is_html("Use <html> and <body> in a page.")
    (True, False)
    """
    head = text[:LOOK].lstrip("\ufeff")
    start = _PROLOGUE.match(head)
    begin = start.end() if start is not None else 0
    if _PAGE.match(head, begin):
        return True
    first = _TAG.match(head, begin)
    if first is None or _FENCE.search(head):
        return False
    from taoxi.normalize.web.elements import TAG  # noqa: PLC0415 - all references of HTML come with it

    name = first[1].lower()
    if name not in TAG and "<?xml" in head[:begin]:
        return False  # another vocabulary, a feed say
    if name in {"head", "body"} or (name not in TAG and _PAGE.search(head, begin)):
        return True
    tags = [found for found in _TAG.finditer(head, begin) if found[1].lower() in TAG]
    size = sum(len(found[0]) for found in tags)
    blank = sum(map(len, _BLANK.findall(head, begin)))
    return len(tags) >= FEWEST_TAGS and size >= DENSE * (len(head) - begin - blank)
