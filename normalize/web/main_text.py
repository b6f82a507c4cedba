"""Find the main text of a page by the evidence of its lines and of the elements that they stand in.

A few rules, each with a wide margin, in this order:

1. A line is *prose* if it has the punctuation of sentences and is no link; most letters in links make it a *link line*.
2. Elements that navigate, promote or comment are no text, whatever they hold, unless that is most of the page's prose.
3. From the page down, the *body* is the smallest element with ``SHARE`` of the prose of the one around it. Then up again,
   as long as what comes in with the parent is not links: tables, lists and leads of the same text.
4. In the body link lines go before the first and behind the last prose, between them they stay; so do paragraphs
   outside of it that can be nothing else.

Text is lost by none of them: what is not main text is set aside. A page without prose is read by its unlinked letters,
and a page without these is all text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from taoxi.normalize.web.elements import TAG
from taoxi.normalize.web.lines import COMMAS, END, LETTERS, LINKED, NODE, SENTENCES, START
from taoxi.normalize.web.page import Page

PROSE_LETTERS, LONG_LETTERS = 10, 50
"""Letters from which a line with the end of a sentence is prose, and from which one with none is."""

SHARE = 0.7
"""Share of the prose around it that the body holds."""

FEW_LETTERS = 100
"""Letters of prose under which a page is read by all its unlinked letters."""

MOST_LINKED = 0.25
"""Share of letters in links up to which what surrounds the body belongs to it."""

BELIEVED = 0.4
"""Share of the prose of a page up to which the name of an element is believed that it is no text."""

ENOUGH = 150
"""Letters of prose outside of comments from which the comments are no main text."""

NOTICE_CHARACTERS = 120
"""Characters of the longest line that is a notice of the site by the words in it."""

PARAGRAPH_LETTERS = 60

_SIDE_TAGS = {TAG[name] for name in ("nav", "footer", "aside", "menu")}
_SIDE = re.compile(
    r"(?:top|sub|main|left|right|side|page|site|bottom|m)?(?:nav|navi|navbar|navigation|menus?|foot|footer|sidebar)"
    r"|(?:bread)?crumbs?|copyright|related?|relates|recommend(?:ed|ation|ations|s)?|tuijian|xiangguan|share|sharing"
    r"|sns|fenxiang|bdsharebuttonbox|ads?|advert|adsbygoogle|guanggao|banner|login|pager|pagination|paging|pagenav"
    r"|toolbar|popup|modal|cookies?|rank|ranking|paihang|promo|newsletter|subscribe|prevnext|shangxia|hotnews|weizhi"
)
_COMMENTS = re.compile(r"comments?|commentlist|pinglun|disqus|guestbook|liuyan|respond")
_WORDS = re.compile(rb"[A-Za-z][a-z]*|[A-Z]+")

_NOTICE = re.compile(
    r"copyright|©|版权所有|版權所有|all rights reserved|icp[备備证證]|公网安备|网站地图|联系我们|聯絡我們|关于我们|關於我們"
    r"|上一篇|下一篇|上一页|下一页|相关阅读|相关新闻|相关链接|相关报道|相关文章|推荐阅读|热门推荐|分享到|打印本页|关闭窗口"
    r"|【打印】|【关闭】|加入收藏|设为首页|当前位置|您的位置|发表评论|网友评论|我要评论|返回顶部|返回首页|扫一扫|扫码"
    r"|举报电话|免责声明|浏览次数|点击数|字号|powered by|违法和不良信息",
    re.IGNORECASE,
)


def main_lines(page: Page) -> NDArray[np.bool_]:
    """Return for each of the n lines of a page whether it belongs to the main text; for none if there is none."""
    if not len(page.facts):
        return np.zeros(0, np.bool_)
    lines = _Lines.of(page)
    parents = page.nodes[:, 1].tolist()
    weights = np.where(lines.prose, lines.plain, 0)
    side = _side(page, lines, parents, weights)
    weights = np.where(side, 0, weights)
    if weights.sum() < FEW_LETTERS:
        weights = np.where(side | lines.linked, 0, lines.plain)
    body, wide = _body(lines, parents, weights)
    return _chosen(lines, side, body, wide)


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
        text = page.text
        notice = np.array(
            [
                end - start < 3 * NOTICE_CHARACTERS and _NOTICE.search(text[start:end].decode()) is not None
                for start, end in facts[:, START : END + 1].tolist()
            ],
            np.bool_,
        )
        spoken = (facts[:, SENTENCES] > 0) & (plain >= PROSE_LETTERS) | (facts[:, COMMAS] > 0) & (
            plain >= 2 * PROSE_LETTERS
        )
        prose = (spoken | (plain >= LONG_LETTERS)) & ~linked & ~notice
        paragraph = prose & (facts[:, SENTENCES] > 0) & (plain >= PARAGRAPH_LETTERS) & (4 * links < letters)
        return cls(facts[:, NODE], letters, links, plain, linked, prose, paragraph, notice)


def _sums(parents: list[int], own: NDArray[np.int64], nodes: NDArray[np.int64]) -> list[int]:
    """Return for each element the sum of ``own`` over the lines in it."""
    sums = np.bincount(nodes, weights=own, minlength=len(parents)).astype(np.int64).tolist()
    for node in range(len(parents) - 1, 0, -1):
        sums[parents[node]] += sums[node]
    return sums


def _side(
    page: Page, lines: _Lines, parents: list[int], weights: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Return which lines stand in elements that are no text by their tag or name (rule 2)."""
    prose = _sums(parents, weights, lines.nodes)
    html = page.html
    side = [False] * len(parents)
    comments = [False] * len(parents)
    named: dict[bytes, int] = {}
    for node, (tag, up, *spans) in enumerate(page.nodes.tolist()):
        if not node:
            continue
        side[node], comments[node] = side[up], comments[up]
        names = html[spans[0] : spans[1]].tobytes() + b" " + html[spans[2] : spans[3]].tobytes()
        kind = named.get(names)
        if kind is None:
            kind = named[names] = _kind(names)
        if (kind == 1 or tag in _SIDE_TAGS) and prose[node] <= BELIEVED * prose[0]:
            side[node] = True
        elif kind == 2:
            comments[node] = True
    found = np.array(side)[lines.nodes]
    said = np.array(comments)[lines.nodes]
    return found | said if weights[~(found | said)].sum() >= ENOUGH else found


def _kind(names: bytes) -> int:
    """Return what the class and id of an element say: 1 for no text, 2 for comments, 0 for nothing."""
    words = [word.decode().lower() for word in _WORDS.findall(names)]
    if any(_COMMENTS.fullmatch(word) for word in words):
        return 2
    return int(any(_SIDE.fullmatch(word) for word in words))


def _body(lines: _Lines, parents: list[int], weights: NDArray[np.int64]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which lines stand in the body, and which in the elements around it that belong to it (rule 3)."""
    sums = _sums(parents, weights, lines.nodes)
    best: dict[int, int] = {}
    for node in range(1, len(parents)):
        up = parents[node]
        if up not in best or sums[node] > sums[best[up]]:
            best[up] = node
    body = 0
    while body in best and sums[best[body]] >= SHARE * sums[body] > 0:
        body = best[body]
    letters = _sums(parents, lines.letters, lines.nodes)
    links = _sums(parents, lines.links, lines.nodes)
    wide = body
    while wide:
        up = parents[wide]
        more = letters[up] - letters[wide]
        if links[up] - links[wide] > MOST_LINKED * more:
            break
        wide = up
    return _inside(parents, body)[lines.nodes], _inside(parents, wide)[lines.nodes]


def _inside(parents: list[int], root: int) -> NDArray[np.bool_]:
    inside = [False] * len(parents)
    inside[root] = True
    for node in range(max(root, 1), len(parents)):
        inside[node] = inside[node] or inside[parents[node]]
    return np.array(inside)


def _chosen(
    lines: _Lines, side: NDArray[np.bool_], body: NDArray[np.bool_], wide: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Return which lines are kept (rule 4)."""
    chosen = wide & ~side & ~lines.notice
    prose = np.flatnonzero(chosen & lines.prose)
    if len(prose):
        places = np.arange(len(chosen))
        edge = (places < prose[0]) | (places > prose[-1])
        chosen &= ~(edge & lines.linked)
    del body
    return chosen | (lines.paragraph & ~side)
