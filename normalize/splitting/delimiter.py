"""Lines that stand between documents: markers, rules, the user's own expression; and the shape of lines beside them."""

from __future__ import annotations

import html
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from statistics import median
from typing import NamedTuple

from taoxi.normalize.model import Piece, PieceKind
from taoxi.normalize.splitting.dates import date_line, half_width

MARK_CHARS = 200
"""A rule that fills a line of a wide terminal fits; what is longer is data."""

MARKS = 500_000
"""More such lines than 64 MiB of articles can have: they are bullets and borders, and part nothing."""

LINE_CHARS = 1_000
"""What is looked at of a line: far more than any title, date or entry has, far less than a chapter on one line."""

TITLE_CHARS = 120
"""The longest title of the list pages at hand has 33 characters; an English headline needs three times as many."""

RULE_CHARS = 5
"""Markdown's rules, YAML's front matter and a novel's scene breaks (``***``) have three, a table's cell often four."""

RULE_TITLE_CHARS = 60
"""A rule is weak evidence, so the line under it must be plainly a title, not a short paragraph."""

RULE_TITLE_WEIGHT = 7
"""Median weight of the lines under rules: headlines have seven Han characters or four words, section titles fewer."""

RULE_BLOCKS = 3
"""One rule divides an article from its footnotes as often as from the next article: two rules at least."""

RULE_BLOCK_CHARS = 200
"""Shorter blocks are the parts of one page: address, summary, notes. A short news item has about this length."""

RULE_BLOCK_SENTENCES = 2
"""A block with fewer ended sentences is a table, a list or code."""

RULE_SHARE = 0.9
"""Of the blocks between rules, how many must look like documents; one odd block in ten is a scraper's accident."""

_WIDE = "－＊＝＿～＃＋．"
_MARKS = re.escape("-*=_~#+•●○■□◆◇★☆▲△▼▽►▶※·・.…—–―─━═" + _WIDE)
_MARKUP = r"[<＜](?:[|｜][\w ]{3,20}[|｜]|/?[Dd][Oo][Cc]\b[^\n]{0,2000})[>＞]"
# Both patterns start with the literal line feed, which the engine looks for at the speed of memchr; the first line of a
# text is matched apart.
_MARK_LINE = re.compile(rf"\n[^\S\n]*(?:[{_MARKS}][{_MARKS} \u3000]{{0,{MARK_CHARS}}}|{_MARKUP}[^\S\n]*)(?=\n|\Z)")
_FENCE = re.compile(r"\n[^\S\n]*```")

_TOKENS = {"<|endoftext|>", "<|end_of_text|>", "<|endofdocument|>", "<|end_of_document|>", "<|eos|>"}
_DOC_TITLE = re.compile(r"""\stitle=(["'])(.*?)\1""")
_RULES = frozenset("=-*#~_—─━═")

_NUMERAL = "0-9一二三四五六七八九十百零〇两"
_SECTION = re.compile(
    rf"第\s*[{_NUMERAL}]{{1,6}}\s*[章节篇部卷回讲课编条集幕]"
    r"|(?:chapter|section|part|appendix|book|volume|unit|lesson|article)\s+(?:\d+|[ivxlc]+|[a-z])\b"
    r"|(?:附录|附件|附表|附图)\s*[0-9一二三四五六七八九十a-z]*(?!\w)"
    r"|\d{1,2}(?:\.\d{1,2}){1,3}\.?(?![\d年])",
    re.IGNORECASE,
)
_ITEM = re.compile(
    r"[(]?\d{1,3}\s*[)]|\d{1,3}\s*[.、]|no\.?\s*\d{1,3}[.:]?|[①-⑳]|[一二三四五六七八九十百]{1,4}\s*、"
    r"|[(][一二三四五六七八九十百]{1,4}[)]|#{1,6}\s|[-*+•●·■]\s",
    re.IGNORECASE,
)
_HAN = "\u3400-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7af"
_WORD = re.compile(rf"[{_HAN}]|[^\W\d_{_HAN}]+")
_LETTER = re.compile(r"[^\W\d_]")
_NO_TITLE_START = frozenset("-*+>|<`{}#/\\:;,.)、，。；：）＃－＊＋＞＜｜")
_NO_TITLE_END = frozenset("。.,，;；:：、{}\\")
_SENTENCE_END = re.compile(r"[。！？!?．](?=\D|$)|[.](?=\s|$)")
_SENTENCE_ENDS = frozenset("。．.！？!?…”’」』\"')）")
_NOT_BLANK = re.compile(r"\S")


class Line(NamedTuple):
    """A line of a text: its place, line feed included, and what it says, stripped and half-width."""

    start: int
    end: int
    text: str


def mark_lines(text: str) -> list[Line]:
    """Find the lines outside of code fences that hold nothing but bullets and rules, or a marker between documents."""
    end = _after(text, 0)
    first = _MARK_LINE.match("\n" + text[:end])
    lines = [Line(0, end, half_width(first.group()).strip())] if first else []
    lines += [
        Line(match.start() + 1, _after(text, match.end()), half_width(match.group()).strip())
        for match in islice(_MARK_LINE.finditer(text), MARKS + 1)
    ]
    if len(lines) > MARKS:
        return []
    if lines and "```" in text:
        fences = [match.start() for match in _FENCE.finditer("\n" + text)]
        lines = [line for line in lines if bisect_left(fences, line.start) % 2 == 0]
    return lines


def first_line(text: str, start: int, end: int) -> Line | None:
    """Return the first line of ``text[start:end]`` that is not blank; ``start`` is the start of a line."""
    found = _NOT_BLANK.search(text, start, end)
    if found is None:
        return None
    begin = text.rfind("\n", start, found.start()) + 1 or start
    stop = min(_after(text, found.start()), end)
    return Line(begin, stop, half_width(text[found.start() : min(stop, found.start() + LINE_CHARS)]).strip())


def last_line(text: str, start: int, end: int) -> Line | None:
    """Return the last line of ``text[start:end]`` that is not blank; both places are where lines begin, or the end."""
    while start < end:
        begin = text.rfind("\n", start, end - 1) + 1 or start
        said = text[begin:end].strip()
        if said:
            return Line(begin, end, half_width(said[:LINE_CHARS]))
        end = begin
    return None


def numbering(line: str) -> int:
    """Return how many characters of a half-width line number a section or an item; 0 when the line is not numbered.

    A year is no number: ``2024年工作报告`` is not numbered, and in ``1.2024年工作报告`` only ``1.`` is the number.
    """
    found = _SECTION.match(line) or _ITEM.match(line)
    return found.end() if found else 0


def is_chapter(line: str) -> bool:
    """Tell whether a half-width line starts with the number of a part of a book: ``第一章``, ``1.2``, ``Chapter 1``."""
    return _SECTION.match(line) is not None


def is_title(line: str, longest: int = TITLE_CHARS) -> bool:
    """Tell whether a stripped line may be a document's title: short, no list item, no date, no end of a sentence."""
    return (
        2 <= len(line) <= longest
        and line[0] not in _NO_TITLE_START
        and line[-1] not in _NO_TITLE_END
        and _LETTER.search(line) is not None
        and date_line(line) is None
    )


def words(line: str) -> list[str]:
    """Return the words of a line in lower case: Han, Kana and Hangul characters one by one, other letters in runs."""
    return _WORD.findall(line.lower())


def weight(line: Sequence[str]) -> int:
    """Return how much words say: one for a single character, two for a longer word."""
    return len(line) + sum(len(word) > 1 for word in line)


def is_prose(text: str, start: int, end: int, chars: int, sentences: int) -> bool:
    """Tell whether a stretch has at least so many characters and ended sentences."""
    ends = islice(_SENTENCE_END.finditer(text, start, end), sentences)
    return end - start >= chars and sum(1 for _ in ends) >= sentences


def split_at_pattern(text: str, pattern: str) -> list[Piece]:
    """Cut a text at the lines that a regular expression matches from end to end, spaces at the ends aside.

    A line is tried as it is and in half width, so that one expression serves both.

    Raises:
        ValueError: if ``pattern`` is not a regular expression.
    """
    try:
        matches = re.compile(pattern).fullmatch
    except re.error as error:
        raise ValueError(
            f"{pattern!r} is not a regular expression ({error}). Give auto, none, or an expression for whole lines."
        ) from error
    lines = []
    start = 0
    for raw in text.split("\n"):
        end = min(start + len(raw) + 1, len(text))
        line = raw.strip()
        if start < end and (matches(line) or matches(half_width(line))):
            lines.append(Line(start, end, line))
        start = end
    return _around(text, lines)


def split_at_delimiters(text: str, marks: Sequence[Line]) -> list[Piece] | None:
    """Cut a text at the delimiter lines that say of themselves that they part documents, or that plainly do.

    ``<|endoftext|>`` and ``<doc …>``/``</doc>`` need no further evidence. Rules of ``=``, ``-`` and the like need
    blocks on all sides that begin with a title and hold prose. We leave alone: underlined headings, because prose
    follows such a line at once; chapters of a book, because their titles are numbered; scene breaks, because no title
    follows them; Markdown, because its titles start with ``#``.

    Args:
        text: the normalized text.
        marks: what `mark_lines` found in it.
    """
    return _at_tokens(text, marks) or _in_doc_tags(text, marks) or _at_rules(text, marks)


def _at_tokens(text: str, marks: Sequence[Line]) -> list[Piece] | None:
    tokens = [mark for mark in marks if mark.text.lower() in _TOKENS]
    return _around(text, tokens) if tokens else None


def _in_doc_tags(text: str, marks: Sequence[Line]) -> list[Piece] | None:
    """Cut at ``<doc>`` and ``</doc>`` if they alternate and nothing stands outside: other XML has such elements too."""
    tags = [mark for mark in marks if mark.text[:4].lower() == "<doc" or mark.text[:5].lower() == "</doc"]
    opening, closing = tags[::2], tags[1::2]
    outside = zip([0, *(tag.end for tag in closing)], [*(tag.start for tag in opening), len(text)], strict=False)
    if (
        not tags
        or len(opening) != len(closing)
        or any(tag.text[1] == "/" for tag in opening)
        or any(tag.text[1] != "/" for tag in closing)
        or any(first_line(text, start, end) for start, end in outside)
    ):
        return None
    titles = {tag.end: _attribute(text[tag.start : tag.end]) for tag in opening}
    return [replace(piece, title=titles.get(piece.start)) for piece in _around(text, tags)]


def _attribute(tag: str) -> str | None:
    found = _DOC_TITLE.search(tag)
    return (html.unescape(found.group(2)).strip() or None) if found else None


def _at_rules(text: str, marks: Sequence[Line]) -> list[Piece] | None:
    rules = defaultdict(list)
    for mark in marks:
        if len(mark.text) >= RULE_CHARS and mark.text[0] in _RULES and not mark.text.strip(mark.text[0]):
            rules[mark.text[0]].append(mark)
    for lines in rules.values():
        if len(lines) + 1 >= RULE_BLOCKS and 2 * sum(_underlines(text, line) for line in lines) <= len(lines):
            pieces = _around(text, lines)
            if _are_articles(text, [piece for piece in pieces if piece.kind is PieceKind.DOCUMENT]):
                return pieces
    return None


def _are_articles(text: str, blocks: Sequence[Piece]) -> bool:
    titles = [(first, block.end) for block in blocks if (first := first_line(text, block.start, block.end))]
    articles = [
        weight(words(title.text))
        for title, end in titles
        if is_title(title.text, RULE_TITLE_CHARS)
        and not numbering(title.text)
        and is_prose(text, title.end, end, RULE_BLOCK_CHARS, RULE_BLOCK_SENTENCES)
    ]
    return len(articles) >= max(RULE_BLOCKS, RULE_SHARE * len(titles)) and median(articles) >= RULE_TITLE_WEIGHT


def _underlines(text: str, rule: Line) -> bool:
    """Tell whether a rule stands directly under a short line that ends no sentence, as under a heading."""
    above = text[text.rfind("\n", 0, max(rule.start - 1, 0)) + 1 : rule.start].strip()
    return 0 < len(above) <= RULE_TITLE_CHARS and above[-1] not in _SENTENCE_ENDS and date_line(above) is None


def _around(text: str, delimiters: Sequence[Line]) -> list[Piece]:
    """Return the delimiter lines as separators and all between them as documents, blank ones included."""
    pieces = []
    at = 0
    for line in delimiters:
        if at < line.start:
            pieces.append(Piece(at, line.start, PieceKind.DOCUMENT))
        pieces.append(Piece(line.start, line.end, PieceKind.SEPARATOR, "delimiter"))
        at = line.end
    if at < len(text):
        pieces.append(Piece(at, len(text), PieceKind.DOCUMENT))
    return pieces


def _after(text: str, position: int) -> int:
    """Return the start of the line after the one that holds ``position``, or the end of the text."""
    return text.find("\n", position) + 1 or len(text)
