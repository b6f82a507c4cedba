"""Find the main text of a page by the evidence of its lines and of the elements that they stand in.

A few rules, each with a wide margin, in this order:

1. A line is *prose* if it has the punctuation of sentences and is no link; most letters in links make it a *link line*.
2. Elements that navigate, promote or comment are no text, whatever they hold, unless that is most of the page's prose.
3. From the page down, the *body* is the smallest element with ``SHARE`` of the prose of the one around it. Then up
   again, as long as what comes in with the parent is not links: tables, lists and leads of the same text.
4. In the body link lines go before the first and behind the last prose, between them they stay; so do paragraphs
   outside of it that can be nothing else, and the main heading before it.

Text is lost by none of them: what is not main text is set aside. A page without prose is read by its unlinked letters,
and where they are few the page is a list of links, all of which is text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from taoxi.normalize.web.elements import TAG
from taoxi.normalize.web.lines import COMMAS, END, LETTERS, LINKED, NODE, SENTENCES, START
from taoxi.normalize.web.page import Page
from taoxi.normalize.web.tree import heaviest, inherited, totals

PROSE_LETTERS, LONG_LETTERS = 10, 50
"""Letters from which a line with the end of a sentence is prose, and from which one with none is."""

SHARE = 0.7
"""Share of the prose around it that the body holds."""

FEW_LETTERS = 20
"""Letters of prose, one sentence, under which a page is read by all its unlinked letters."""

MOST_LINKED = 0.25
"""Share of letters in links up to which what surrounds the body belongs to it; the same share of letters outside of
links makes a page without prose more than a list of links."""

BELIEVED = 0.4
"""Share of the prose of a page up to which the name of an element is believed that it is no text."""

ENOUGH = 30
"""Letters of prose outside of comments from which the comments are no main text."""

NOTICE_BYTES = 300
"""Bytes of the longest line that is a notice of the site by the words in it."""

NOTICE_BEGINS = 6
"""Characters before the words of a notice that is a sentence; behind more, a sentence only speaks of such a thing."""

PARAGRAPH_LETTERS = 60

KNOWN_NAMES = 1 << 14
"""Names of elements that are remembered: the pages of a site have the same ones."""

_SIDE, _COMMENTS = 1, 2
"""Kinds of elements that are no text."""

_H1 = TAG["h1"]
_SIDE_TAGS = {TAG[name] for name in ("nav", "footer", "aside", "menu")}
_SIDE_NAMES = re.compile(
    r"(?:top|sub|main|left|right|side|page|site|bottom|m)?(?:nav|navi|navbar|navigation|menus?|foot|footer|sidebar)"
    r"|(?:bread)?crumbs?|copyright|related?|relates|recommend(?:ed|ation|ations|s)?|tuijian|xiangguan|share|sharing"
    r"|sns|fenxiang|bdsharebuttonbox|ads?|advert|adsbygoogle|guanggao|banner|login|pager|pagination|paging|pagenav"
    r"|toolbar|popup|modal|cookies?|rank|ranking|paihang|promo|newsletter|subscribe|prevnext|shangxia|hotnews|weizhi"
)
_COMMENT_NAMES = re.compile(r"comments?|commentlist|pinglun|disqus|guestbook|liuyan|respond")
_WORDS = re.compile(rb"[A-Za-z][a-z]*|[A-Z]+")

_NOTICES = re.compile(
    r"Copyright|copyright|COPYRIGHT|©|版权所有|版權所有|All rights reserved|All Rights Reserved|ICP备|ICP備|ICP证"
    r"|ICP證|公网安备|网站地图|联系我们|聯絡我們|关于我们|關於我們|Powered by|上一篇|下一篇|上一页|下一页|相关阅读"
    r"|相关新闻|相关链接|相关报道|相关文章|推荐阅读|热门推荐|分享到|打印本页|关闭窗口|【打印】|【关闭】|加入收藏"
    r"|设为首页|当前位置|您的位置|发表评论|网友评论|我要评论|返回顶部|返回首页|扫一扫|扫码|举报电话|免责声明"
    r"|浏览次数|点击数|【字号|字号：大|字号:大|违法和不良信息"
)
"""Words of notices that sites put on every page. Without regard to case the pattern would take ten times as long."""


def main_lines(page: Page) -> NDArray[np.bool_]:
    """Return for each of the n lines of a page whether it belongs to the main text; for none if there is none."""
    if not len(page.facts):
        return np.zeros(0, np.bool_)
    lines = _Lines.of(page)
    parents = np.ascontiguousarray(page.nodes[:, 1])
    side = _side(page, lines, parents)
    weights = np.where(lines.prose & ~side, lines.plain, 0)
    if weights.sum() < FEW_LETTERS:
        weights = np.where(side | lines.linked, 0, lines.plain)
        if weights.sum() < MOST_LINKED * lines.letters[~side].sum():
            return np.zeros(len(weights), np.bool_)
    body = _body(lines, parents, weights)
    chosen = body & ~side & ~lines.notice
    prose = np.flatnonzero(chosen & lines.prose)
    if len(prose):
        chosen[: prose[0]] &= ~lines.linked[: prose[0]]
        chosen[prose[-1] + 1 :] &= ~lines.linked[prose[-1] + 1 :]
        heading = np.flatnonzero((page.nodes[:, 0][lines.nodes] == _H1) & ~lines.linked & ~side)
        chosen[heading[heading < prose[0]][-1:]] = True
    return chosen | (lines.paragraph & ~side)


@dataclass(frozen=True, slots=True)
class _Lines:
    """What the rules ask of lines: their element, unlinked letters, and whether they are links, prose, or notices."""

    nodes: NDArray[np.int64]
    letters: NDArray[np.int64]
    links: NDArray[np.int64]
    plain: NDArray[np.int64]
    linked: NDArray[np.bool_]
    prose: NDArray[np.bool_]
    paragraph: NDArray[np.bool_]
    notice: NDArray[np.bool_]

    @classmethod
    def of(cls, page: Page) -> _Lines:
        facts = page.facts
        letters, links = facts[:, LETTERS], facts[:, LINKED]
        plain = letters - links
        linked = 2 * links > letters
        notice = _notices(page)
        spoken = (facts[:, SENTENCES] > 0) & (plain >= PROSE_LETTERS) | (facts[:, COMMAS] > 0) & (
            plain >= 2 * PROSE_LETTERS
        )
        prose = (spoken | (plain >= LONG_LETTERS)) & ~linked & ~notice
        paragraph = prose & (facts[:, SENTENCES] > 0) & (plain >= PARAGRAPH_LETTERS) & (4 * links < letters)
        return cls(facts[:, NODE], letters, links, plain, linked, prose, paragraph, notice)


def _notices(page: Page) -> NDArray[np.bool_]:
    """Return which lines are short and hold words of notices."""
    ends = np.cumsum((np.frombuffer(page.text, np.uint8) & 0xC0) != 0x80)
    places = np.array([found.start() for found in _NOTICES.finditer(page.text.decode())], np.int64)
    starts, sizes = page.facts[:, START], page.facts[:, END] - page.facts[:, START]
    lines = np.searchsorted(ends[starts], places + 1, side="right") - 1
    begins = places + 1 - ends[starts][lines] <= NOTICE_BEGINS
    found = np.zeros(len(starts), np.bool_)
    found[lines[begins | (page.facts[lines, SENTENCES] == 0)]] = True
    return found & (sizes <= NOTICE_BYTES)


def _side(page: Page, lines: _Lines, parents: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Return which lines stand in elements that are no text by their tag or name (rule 2)."""
    weights = np.where(lines.prose, lines.plain, 0)
    prose = totals(parents, lines.nodes, weights[:, None])[:, 0].tolist()
    most = BELIEVED * prose[0]
    html = page.html.tobytes()
    marks = np.zeros((2, len(parents)), np.bool_)
    for node, (tag, _, *spans) in enumerate(page.nodes.tolist()):
        if tag in _SIDE_TAGS:
            kind = _SIDE
        elif spans[1] or spans[3]:
            names = html[spans[0] : spans[1]] + b" " + html[spans[2] : spans[3]]
            kind = _kind(names)
        else:
            continue
        if kind == _COMMENTS or (kind == _SIDE and prose[node] <= most):
            marks[kind - 1, node] = True
    side = inherited(parents, marks[0])[lines.nodes]
    comments = inherited(parents, marks[1])[lines.nodes]
    return side | comments if weights[~(side | comments)].sum() >= ENOUGH else side


@lru_cache(maxsize=KNOWN_NAMES)
def _kind(names: bytes) -> int:
    """Return what the class and id of an element say: ``_SIDE``, ``_COMMENTS``, or 0 for neither."""
    words = [word.decode().lower() for word in _WORDS.findall(names)]
    if any(_COMMENT_NAMES.fullmatch(word) for word in words):
        return _COMMENTS
    return _SIDE if any(_SIDE_NAMES.fullmatch(word) for word in words) else 0


def _body(lines: _Lines, parents: NDArray[np.int32], weights: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which lines stand in the body (rule 3)."""
    sums = totals(parents, lines.nodes, np.stack([weights, lines.letters, lines.links], 1))
    body = int(heaviest(parents, np.ascontiguousarray(sums[:, 0]), SHARE))
    while body:
        up = int(parents[body])
        _, letters, links = (sums[up] - sums[body]).tolist()
        if links > MOST_LINKED * letters:
            break
        body = up
    marks = np.zeros(len(parents), np.bool_)
    marks[body] = True
    return inherited(parents, marks)[lines.nodes]
