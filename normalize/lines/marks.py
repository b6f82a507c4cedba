"""Decide from statistics what is furniture or a watermark in a group of texts, and find watermarks again."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from taoxi.normalize.lines.evidence import (
    HEAD_KIND,
    KEY,
    ON,
    PAGE_KIND,
    RUNNING_KIND,
    TAIL_KIND,
    Counts,
    Tally,
    common_end,
)
from taoxi.normalize.lines.furniture import Form

REPEATS = 3
"""How often something must repeat in its group to be taken for furniture or a watermark."""

INSIDE = 2
"""Of them, how many must stand directly behind a character of a sentence that goes on after the break."""

DIFFERENT = 3
"""How many different neighbours a watermark or running head must have had; copies of a text have the same."""

PLAIN_INSIDE = 3
"""The same as ``INSIDE`` for a watermark that looks like any text; it must hardly stand elsewhere in its texts."""

PLAIN_SHARE = 0.25
"""Of its occurrences, how many must stand so."""

PLAIN_DIFFERENT = 0.6
"""Of its remembered edges, how many must have different neighbours; those of a phrase repeat (主要做了以下工作)."""

PLAIN_BONDED = 0.2
"""Of its occurrences, how many may part two characters that stand together elsewhere in the text. Where a page ends in
a sentence of a report, two in three do."""

PLAIN_OFTEN = 0.01
"""Of all edges in its group, how many must end in it. A stamp is on a quarter of the pages that break a sentence. A
phrase of fifty thousand reports ended four of four thousand such lines, beside typing errors, and stood in a hundred
others."""

PLAIN_TOKENS = 5

PLAIN_ANYWHERE = 8
"""Tokens from which such a watermark, once proven, is taken inside lines too."""

PLAIN_ELSEWHERE = 4
"""How many times more often it must stand at edges of lines than inside them; a phrase of a text is inside them."""

PAGE_CUTS = 3
PAGE_CUT_SHARE = 0.2
"""Page numbers of a form that a group cuts sentences with, and their share, to be trusted where they stand alone."""

ADDRESS_SHARE = 0.4
"""Of the occurrences of an address in Latin text, how many must cut sentences: links stand at the ends of lines too."""

_ADDRESS = re.compile(r"www\.|https?:|\.(?:com|cn|net|org)\b", re.IGNORECASE)

_FOREIGN = re.compile(
    r"公众号|公号|微信|微博|关注|抖音|快手|小红书|QQ|群号|加群|www|http|\.com|\.cn|\.net|资料|下载|扫码|整理|首发|论坛"
    r"|书盟|文库|更多|免费|转载|版权|来源|出品|[@+【】|©]",
    re.IGNORECASE,
)
"""What a watermark has and a sentence seldom: an address, a call to follow, signs that no sentence needs."""

_REST = (
    r"[+:：、,，\-—_ ]{0,3}(?:【[^【】\n]{0,24}(?:】|(?=\n|$))|【|[A-Za-z0-9][A-Za-z0-9.:/@_+\-]*|[+:：]+)?"
    r"[+:：]?(?:整理|分享|提供|收集|发布|下载|获取|制作)?"
)
_CHINESE = re.compile(r"[\u3041-\u30ff\u3400-\u9fff]")
_QUOTE = re.compile(r"[“”‘’\"《》「」『』]|[:;,、]$")
_SENTENCE_MARKS = ".。!?;…！？；:：,，、”’)）"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why something was removed.

    How often it was seen in its group, in what share of these places a sentence was cut, and between how many different
    neighbours it stood (0 if that was not counted).
    """

    count: int
    share: float
    neighbours: int


@dataclass(frozen=True)
class Watermark:
    """A span that was stamped on texts; ``text`` has ``0`` for each number."""

    text: str
    tail: bool
    foreign: bool
    evidence: Evidence

    @cached_property
    def literal(self) -> str:
        """What a text must hold to be searched for the span."""
        return literal(self.text)

    @cached_property
    def exact(self) -> re.Pattern[str]:
        """The span itself."""
        return re.compile(_pattern(self.text))

    @cached_property
    def variant(self) -> re.Pattern[str] | None:
        """The first tokens of the span and what a watermark may go on with, or None if that could be any text."""
        stem = self.text[:KEY]
        # Any address begins with these: those that a text names are no variations of the one that is stamped on it.
        if not self.foreign or "0" in stem or not _FOREIGN.search(stem) or stem.lower() in {"www.", "http"}:
            return None
        return re.compile(re.escape(stem) + _REST)

    @cached_property
    def slip(self) -> re.Pattern[str] | None:
        """The same with one other character, if it breaks off at the end of a line: ``更多材料:`` for ``更多资料``."""
        stem = self.text[:KEY]
        if self.variant is None:
            return None
        stems = "|".join(re.escape(stem[:k]) + r"[^\W\d_]" + re.escape(stem[k + 1 :]) for k in range(KEY))
        return re.compile(rf"(?<=[。!?;])(?:{stems})(?:[+:：]+|[+:：]?【[^【】\n]{{0,24}}】?)(?=\n|$)")


def literal(masked: str) -> str:
    """Return the longest part of a masked text that has no number."""
    return max(masked.split("0"), key=len)


def _pattern(text: str) -> str:
    pattern = "".join("[0-9]+" if char == "0" else re.escape(char) for char in text)
    return "(?<![0-9])" + pattern if text[0] == "0" else pattern


@dataclass(slots=True)
class GroupMarks:
    """What is known of one group: its watermarks, its running heads (masked), its forms of page numbers."""

    watermarks: list[Watermark] = field(default_factory=list)
    heads: dict[str, Evidence] = field(default_factory=dict)
    forms: dict[Form, Evidence] = field(default_factory=dict)


Marks = dict[int, GroupMarks]
"""What is furniture and what a watermark, by group."""


def decide(counts: Counts) -> Marks:
    """Decide what is furniture or a watermark in which group.

    A running head must repeat between different neighbours and stand inside sentences, or beside page numbers. A
    watermark must repeat between different neighbours and stand inside sentences. We leave alone what looks like any
    text, because a line may end in a common phrase by chance, unless it stands inside sentences only and hardly
    elsewhere; and what stands in round brackets, because that is how a text names whoever is responsible for each item.
    """
    marks: defaultdict[int, GroupMarks] = defaultdict(GroupMarks)
    edges: Counter[int] = Counter()
    for (group, kind, _), tally in counts.tallies.items():
        edges[group] += tally.count if kind in {TAIL_KIND, HEAD_KIND} else 0
    for (group, kind, text), tally in sorted(counts.tallies.items(), key=lambda item: item[0]):
        if kind == PAGE_KIND:
            if tally.cuts >= PAGE_CUTS and tally.cuts >= PAGE_CUT_SHARE * tally.count:
                marks[group].forms[Form(text)] = Evidence(tally.count, tally.cuts / tally.count, 0)
        elif kind == RUNNING_KIND:
            seen = max(tally.cuts, tally.beside)
            proven = tally.cuts >= INSIDE or tally.beside >= REPEATS
            if tally.count >= REPEATS and proven and 2 * seen >= tally.count and len(tally.sample) >= DIFFERENT:
                marks[group].heads[text] = Evidence(tally.count, tally.cuts / tally.count, len(tally.sample))
        else:
            watermark = _watermark(tally, edges[group], tail=kind == TAIL_KIND)
            if watermark is not None:
                marks[group].watermarks.append(watermark)
    for known in marks.values():
        known.watermarks.sort(key=lambda mark: (-len(mark.text), mark.text, mark.tail))
    return dict(marks)


def _watermark(tally: Tally, among: int, *, tail: bool) -> Watermark | None:
    """Return the watermark that a tally of edges proves, or None; ``among`` are all edges of its group."""
    if tally.count < REPEATS:
        return None
    edges: Counter[str] = Counter()
    ons: Counter[str] = Counter()
    for edge, many in tally.sample.items():
        text = edge.removesuffix(ON)
        text = text if tail else text[::-1]
        edges[text] += many
        if edge.endswith(ON):
            ons[text] += many
    common = common_end(edges)
    while common and (common[0] in _SENTENCE_MARKS or common[0] == " "):
        common = common[1:]
    if len(common) < KEY:
        return None
    span = common if tail else common[::-1]
    foreign = _FOREIGN.search(span) is not None
    beside = {edge[: -len(common)].rstrip()[-2:] for edge in edges if edge.endswith(common)}
    inside = sum(
        many for edge, many in ons.items() if edge.endswith(common) and _interrupts(edge[: -len(common)], common)
    )
    total = sum(edges.values())
    rare = PLAIN_ELSEWHERE * tally.elsewhere <= tally.checked
    if inside < INSIDE and _ADDRESS.search(span) and rare and len(beside) >= PLAIN_DIFFERENT * total:
        inside = sum(many for edge, many in ons.items() if edge.endswith(common))
        inside = inside if inside >= max(PLAIN_INSIDE, ADDRESS_SHARE * total) else 0
    if len(beside) < DIFFERENT or inside < INSIDE or span[0] in "(（":
        return None
    if foreign:
        proven = 2 * tally.elsewhere <= tally.count
    else:
        proven = tally.count >= PLAIN_OFTEN * among and _is_plain(span, inside, len(beside), total, tally)
    if not proven:
        return None
    return Watermark(span, tail, foreign, Evidence(tally.count, inside / total, len(beside)))


def _interrupts(before: str, span: str) -> bool:
    """Tell whether a span interrupts a sentence, seen from what stands before it (or behind it, read backwards).

    Words and addresses of Latin letters stand behind a space in any sentence: there they prove nothing.
    """
    if before[-1:] in {*_SENTENCE_MARKS, ""}:
        return False
    return before[-1] != " " or span[0] > "\x7f"


def _is_plain(span: str, inside: int, different: int, total: int, tally: Tally) -> bool:
    """Tell whether a span that looks like any text is a watermark all the same.

    It must be Chinese, because words of other scripts are the same at the end of many lines of code and lists; and
    neither a quotation, nor a title, nor what leads to a list. What is said of it must speak for a stamp: it cuts
    sentences, anything stands beside it, its texts hardly have it elsewhere, and the characters that its break parts
    belong together nowhere in them.
    """
    if len(span) < PLAIN_TOKENS or 2 * len(_CHINESE.findall(span)) < len(span) or _QUOTE.search(span):
        return False
    if inside < PLAIN_INSIDE or inside < PLAIN_SHARE * total or different < PLAIN_DIFFERENT * total:
        return False
    rare = PLAIN_ELSEWHERE * tally.elsewhere <= tally.checked and 2 * tally.checked >= tally.count
    return rare and tally.bonded <= PLAIN_BONDED * tally.count


@dataclass(frozen=True, slots=True)
class Found:
    """Characters ``[start, end)`` of a text that are a watermark."""

    start: int
    end: int
    evidence: Evidence


def find(text: str, marks: list[Watermark]) -> list[Found]:
    """Return where watermarks stand in a text, in order, without overlaps.

    A short span that looks like any text counts only at the edges of lines. Others count everywhere, foreign ones with
    variations of what they end with; inside a line one of two commas beside it goes with it.
    """
    taken: list[Found] = []
    for mark in marks:
        for start, end in _places(text, mark):
            if any(start < other.end and other.start < end for other in taken):
                continue
            taken.append(Found(start, end, mark.evidence))
    return sorted(taken, key=lambda found: found.start)


def _places(text: str, mark: Watermark) -> Iterator[tuple[int, int]]:
    for found in mark.exact.finditer(text) if mark.literal in text else ():
        start, end = found.span()
        if mark.foreign or len(mark.text) >= PLAIN_ANYWHERE or _at_edge(text, start, end):
            yield _closed(text, start, end)
    if mark.variant is not None and mark.text[:KEY] in text:
        for found in mark.variant.finditer(text):
            start, end = found.span()
            rest = text[start + KEY : end]
            signed = any(sign in "【】" or (sign.isascii() and sign.isalnum()) for sign in rest)
            last = text[end : end + 1] in {"", "\n"}
            if signed or (last and (rest.strip(" ,，、") or _breaks_off(text, start))):
                yield _closed(text, start, end)
    if mark.slip is not None:
        end = 0
        for start in _half_stems(text, mark.text[:KEY]):
            # At the place itself: a search for one of so many stems looks at each character as often.
            slip = mark.slip.match(text, start) if start >= end else None
            if slip is not None:
                end = slip.end()
                yield slip.span()


def _half_stems(text: str, stem: str) -> list[int]:
    """Return where a stem could begin of which one half or the other is as it was, in order."""
    half = KEY // 2
    places = set()
    for part, shift in ((stem[:half], 0), (stem[half:], half)):
        at = text.find(part, shift)
        while at >= 0:
            places.add(at - shift)
            at = text.find(part, at + 1)
    return sorted(places)


def _breaks_off(text: str, start: int) -> bool:
    """Tell whether a bare stem stands behind a sentence: a watermark that was cut off."""
    return start > 0 and text[start - 1] in "。!?;"


def _at_edge(text: str, start: int, end: int) -> bool:
    return text[end : end + 1] in {"", "\n"} or start == 0 or text[start - 1] == "\n"


def _closed(text: str, start: int, end: int) -> tuple[int, int]:
    """Take a space before a watermark with it, and one of two commas around it."""
    while start and text[start - 1] == " " and text[end : end + 1] in {"", "\n", " "}:
        start -= 1
    if (
        start
        and text[start - 1] in ",，、"
        and text[end : end + 1] in {",", "，", "、", ";", "。"}
        and text[end : end + 1]
    ):
        return (start, end + 1) if text[end] in ",，、" else (start - 1, end)
    return start, end
