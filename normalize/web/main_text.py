"""Main text"""

from __future__ import annotations

import re

import numpy as np

from taoxi.normalize.web.elements import TAG
from taoxi.normalize.web.lines import CHARACTERS, COMMAS, LINKED, NODE, SENTENCES, START, END
from taoxi.normalize.web.page import Page

_NEG = re.compile(
    rb"nav|menu|foot|side_?-?bar|sidebar|comment|pinglun|relat|recommend|tuijian|share|fenxiang|copyright|crumb|weizhi|position|(?:^|[-_ ])(?:ads?|hot|rank|banner|login|search|tags?|top|bottom|side|right|link|links|reply)(?:[-_ ]|$)|pager|pagination|toolbar|widget|popup|modal|cookie|guanggao|phb|paihang",
    re.I,
)
_POS = re.compile(rb"article|content|body|main|text|post|entry|story|detail|zoom|zhengwen|neirong|news|con\b", re.I)
_NEG_TAGS = {TAG[t] for t in ("nav", "footer", "aside", "menu")}
_LEX = re.compile(
    r"(?i)copyright|版权所有|版權所有|all rights reserved|icp备|icp證|icp证|公网安备|举报电话|网站地图|联系我们|關於我們|关于我们|"
    r"上一篇|下一篇|上一页|下一页|相关阅读|相关新闻|相关链接|相关报道|推荐阅读|热门推荐|分享到|打印本页|关闭窗口|【打印】|【关闭】|加入收藏|设为首页|当前位置|您的位置|发表评论|网友评论|我要评论|责任编辑|返回顶部|扫一扫|免责声明|字号|点击数|浏览次数"
)
PROSE, CHARS, LINKS = range(3)
SHARE = 0.7


def main_lines(page: Page, share=SHARE, other=0.25):
    f = page.facts
    n = len(f)
    if not n:
        return np.zeros(0, bool)
    c, l = f[:, CHARACTERS], f[:, LINKED]
    plain = c - l
    text = [page.text[a:b].decode() for a, b in f[:, : 2].tolist()]
    lex = np.array([len(t) < 120 and bool(_LEX.search(t)) for t in text])
    linky = 2 * l > c
    prose = ((f[:, SENTENCES] > 0) & (plain >= 10) | (f[:, COMMAS] > 0) & (plain >= 20) | (plain >= 40)) & ~linky & ~lex
    weight = np.where(prose, plain, np.where(linky | lex, 0, other * plain)).astype(float)
    m = len(page.nodes)
    parent = page.nodes[:, 1].tolist()
    html = page.html.tobytes()
    negative = [False] * m
    for k in range(1, m):
        tag, up, cs, ce, is_, ie = page.nodes[k].tolist()
        negative[k] = negative[up] or tag in _NEG_TAGS or bool(
            (ce and _NEG.search(html[cs:ce]) or ie and _NEG.search(html[is_:ie])) and not (ce and _POS.search(html[cs:ce]) or ie and _POS.search(html[is_:ie])))
    node = f[:, NODE]
    neg = np.array(negative)[node]
    if weight[~neg].sum() < 0.3 * weight.sum():
        neg[:] = False
    weight[neg] = 0
    W = np.zeros(m)
    np.add.at(W, node, weight)
    own = W.copy()
    for k in range(m - 1, 0, -1):
        W[parent[k]] += W[k]
    children = [[] for _ in range(m)]
    for k in range(1, m):
        if W[k] > 0:
            children[parent[k]].append(k)
    cur = 0
    while children[cur]:
        best = max(children[cur], key=lambda k: W[k])
        if W[best] < share * W[cur]:
            break
        cur = best
    inside = [False] * m
    inside[cur] = True
    for k in range(cur + 1, m):
        inside[k] = inside[parent[k]]
    inn = np.array(inside)[node]
    keep = inn & ~neg & ~lex
    pr = np.flatnonzero(keep & prose)
    if len(pr):
        idx = np.arange(n)
        edge = (idx < pr[0]) | (idx > pr[-1])
        keep &= ~(edge & linky)
    return keep
