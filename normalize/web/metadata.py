"""Title, date and address of a page, from where pages usually have them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date as calendar_date
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from taoxi.normalize.splitting.dates import date_line, half_width
from taoxi.normalize.web.elements import TAG
from taoxi.normalize.web.lines import END, NODE, START
from taoxi.normalize.web.page import Page

LONGEST_TITLE = 200
"""Characters of the longest headline that is believed to be one."""

LONGEST_BYLINE = 160
"""Characters of the longest line that a date is looked for in, beside other fields."""

BYLINES = 8
"""Lines before the main text, and as many at its beginning, that are searched for a date."""

HEAD_BYTES = 1 << 17
"""Bytes of a page that are searched for metadata in tags; a page that is not hostile has them in its first few."""

LINKED_DATA, LINKED_BYTES = 8, 1 << 18
"""How many pieces of JSON-LD are looked at, and how long one may be."""

TITLE_BYTES = 2_000

# Every repetition is bounded and gives nothing back, so that a page of nothing but unclosed tags takes no long time.
_INSIDE = rb"\b((?:[^<>\"']{1,1000}+|\"[^\"]{0,1000}+\"|'[^']{0,1000}+'){0,30}+)>"
_META = re.compile(rb"<meta" + _INSIDE, re.IGNORECASE)
_LINK = re.compile(rb"<link" + _INSIDE, re.IGNORECASE)
_TIME = re.compile(rb"<time\b[^<>]{0,400}?\bdatetime\s*=\s*[\"']?([^\"'>]{8,40})", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([\w:.-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")

_PUBLISHED = (
    *("article:published_time", "og:published_time", "og:article:published_time", "bytedance:published_time"),
    *("datepublished", "pubdate", "publishdate", "publish_date", "publishtime", "publish_time", "publicationdate"),
    *(
        "citation_publication_date",
        "weibo:article:create_at",
        "og:release_date",
        "article:published",
        "firstpublishedtime",
    ),
    *("dcterms.created", "dc.date.issued", "dc.date", "dcterms.date", "date"),
)
"""Names of ``meta`` elements that hold when a page was published, surer ones first."""

_ISO = re.compile(r"((?:19|20)\d{2})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?!\d)")
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})(?=$|T|\d{6}$)")
_FIELDS = re.compile(
    r"来源|來源|作者|记者|記者|编辑|編輯|时间|時間|日期|发布|發布|发表|發表|浏览|点击|阅读|字号|字體|"
    r"\d{1,2}:\d{2}|\d{1,2}[時时点]|published|posted|updated|by\s",
    re.IGNORECASE,
)
_PARTS = re.compile(r"\s*(?:[_|｜–—»]+|--+|-|::|_)\s*|\s+[-·•<>]\s+")
_SITE_WORDS = re.compile(
    r"(?:网|网站|網|網站|频道|頻道|日报|晚报|时报|早报|日報|晚報|时讯|新闻|资讯|门户|社区|论坛|論壇|博客|百科|政府|在线"
    r"|\.(?:com|cn|net|org|gov)(?:\.cn)?)$",
    re.IGNORECASE,
)
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a page says of itself; ``date`` is ISO, ``url`` absolute."""

    title: str | None
    date: str | None
    url: str | None


def lift(page: Page, kept: NDArray[np.bool_]) -> Metadata:
    """Return title, date of publication and address of a page.

    Args:
        page: the page.
        kept: for each of its lines whether it belongs to the main text; a date is looked for where it begins.
    """
    raw = page.html.tobytes()
    metas = _metas(raw)
    linked = _linked(raw)
    return Metadata(
        _title(page, raw, metas, linked.get("headline")),
        _date(page, raw, metas, linked.get("datePublished"), kept),
        _address(raw, metas),
    )


def _attributes(tag: bytes) -> dict[str, str]:
    found = _ATTRIBUTE.findall(tag.decode("utf-8", "replace"))
    return {name.lower(): html.unescape(a or b or c) for name, a, b, c in reversed(found)}


def _metas(raw: bytes) -> dict[str, str]:
    """Return the named ``meta`` elements of a page, the first of each name."""
    values: dict[str, str] = {}
    for found in _META.finditer(raw, 0, HEAD_BYTES):
        attributes = _attributes(found[1])
        name = attributes.get("property") or attributes.get("name") or attributes.get("itemprop")
        content = attributes.get("content", "").strip()
        if name and content:
            values.setdefault(name.strip().lower(), content)
    return values


def _linked(raw: bytes) -> dict[str, str]:
    """Return headline and date of the first article that the page describes in JSON-LD."""
    at = 0
    for _ in range(LINKED_DATA):
        at = raw.find(b"application/ld+json", at) + 1
        start = raw.find(b">", at) + 1
        end = raw.find(b"</script", start)
        if not at or not start or end < 0:
            break
        try:
            value = orjson.loads(raw[start : min(end, start + LINKED_BYTES)].strip())
        except orjson.JSONDecodeError:
            continue
        for item in _objects(value):
            kept = {name: item[name] for name in ("headline", "datePublished") if isinstance(item.get(name), str)}
            if kept:
                return kept
    return {}


def _objects(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - any JSON
    """Yield the objects of a JSON value, outer ones first; a page that nests them deeply means no article by it."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list) and depth < 6:
        for item in value:
            yield from _objects(item, depth + 1)


def _plain(text: str) -> str:
    return _SPACES.sub(" ", text).strip()


def _title(page: Page, raw: bytes, metas: dict[str, str], headline: str | None) -> str | None:
    start, end = page.title
    title = _plain(html.unescape(raw[start : min(end, start + TITLE_BYTES)].decode("utf-8", "ignore")))
    shown = _heading(page, title) or _line_of(page, title)
    if shown is not None:
        return shown
    site = metas.get("og:site_name", "")
    for candidate in (metas.get("og:title"), headline, title):
        if candidate and (plain := without_site(_plain(candidate), site)):
            return plain
    return None


def _heading(page: Page, title: str) -> str | None:
    """Return the main heading of a page: the only ``h1``, or a heading that its title begins with."""
    tags = page.nodes[:, 0][page.facts[:, NODE]]
    folded = _folded(title)
    for tag in (TAG["h1"], TAG["h2"]):
        found: dict[int, str] = {}
        for row in np.flatnonzero(tags == tag).tolist():
            line = page.text[page.facts[row, START] : page.facts[row, END]].decode()
            node = int(page.facts[row, NODE])
            found[node] = _plain(found.get(node, "") + " " + line)
        for heading in found.values():
            plain = _folded(heading)
            # A heading that the title only ends with is the name of the site.
            known = folded.startswith(plain) or (plain in folded and 2 * len(plain) >= len(folded))
            if 2 <= len(heading) <= LONGEST_TITLE and (known if title else len(found) == 1):
                return heading
    return None


def _line_of(page: Page, title: str) -> str | None:
    """Return the longest beginning of a title, up to a separator, that is a line of the page."""
    for found in reversed(list(_PARTS.finditer(title))):
        start = title[: found.start()].strip()
        if len(start) >= 4 and b"\n" + start.encode() + b"\n" in page.text:
            return start
    return None


def _folded(text: str) -> str:
    return "".join(c for c in half_width(text).casefold() if c.isalnum())


def without_site(title: str, site: str) -> str:
    """Return a title without the site's name and sections that follow it.

    What follows a separator goes if it is the site's own name or ends as the names of sites do; the first part stays,
    whatever it is.

    >>> without_site("大会今日开幕_新闻频道_某某网", "")
    '大会今日开幕'
    >>> without_site("A-B testing", "")
    'A-B testing'
    """
    bounds = [(found.start(), found.end()) for found in _PARTS.finditer(title)]
    if not bounds:
        return title
    cut = len(title)
    for start, end in reversed(bounds):
        part = title[end:cut].strip()
        if start < 2 or (part and part != site and not _SITE_WORDS.search(part)):
            break
        cut = start
    if cut < len(title):
        # Sections stand between the headline and the site, and have no names to know them by: underscores part them.
        found = re.search(r"_", title[:cut])
        if found is not None and found.start() >= 6:
            cut = found.start()
    return title[:cut].strip() or title


def _iso(text: str) -> str | None:
    found = _ISO.search(text) or _COMPACT.match(text.strip())
    if found is None:
        return None
    try:
        return calendar_date(int(found[1]), int(found[2]), int(found[3])).isoformat()
    except ValueError:
        return None


def _date(page: Page, raw: bytes, metas: dict[str, str], linked: str | None, kept: NDArray[np.bool_]) -> str | None:
    for name in _PUBLISHED:
        if name in metas and (found := _iso(metas[name])):
            return found
    if linked and (found := _iso(linked)):
        return found
    if found := _byline(page, kept):
        return found
    times = {found for value in _TIME.findall(raw)[:BYLINES] if (found := _iso(value.decode("utf-8", "replace")))}
    return times.pop() if len(times) == 1 else None


def _byline(page: Page, kept: NDArray[np.bool_]) -> str | None:
    """Return the first date that stands by itself or with source and author where the main text begins."""
    rows = np.flatnonzero(kept)
    first = int(rows[0]) if len(rows) else 0
    for start, end in page.facts[max(0, first - BYLINES) : first + BYLINES, START : END + 1].tolist():
        line = page.text[start:end].decode()
        if len(line) > LONGEST_BYLINE:
            continue
        alone = date_line(line.strip())
        if alone is not None and _ISO.fullmatch(alone):
            return alone
        if _FIELDS.search(line) and (found := _iso(half_width(line))):
            return found
    return None


def _address(raw: bytes, metas: dict[str, str]) -> str | None:
    """Return the canonical address of a page."""
    for found in _LINK.finditer(raw, 0, HEAD_BYTES):
        if b"anonical" in found[1]:
            attributes = _attributes(found[1])
            if attributes.get("rel", "").lower() == "canonical" and _is_absolute(attributes.get("href", "")):
                return attributes["href"].strip()
    address = metas.get("og:url", "")
    return address if _is_absolute(address) else None


def _is_absolute(address: str) -> bool:
    return re.match(r"\s*https?://[^/\s]", address, re.IGNORECASE) is not None
