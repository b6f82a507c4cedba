"""``chrome-copies``: the same articles under two templates, paginated differently, and how many are kept once.

Each article stands on two sites. On the one it is a page; on the other a long one is several pages one after another
(as crawlers that follow 下一页 do), with a page number between. Both are signed and judged like the documents of a run,
with their chrome and without.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.chrome import joined, rest
from benchmarks.pages import Site, articles, read_texts
from benchmarks.tables import markdown, percent
from benchmarks.templates import TUNED
from taoxi.corpus.options import DEFAULT_SIMILARITY
from taoxi.dedup.chrome import count, learn, strip
from taoxi.dedup.judge import Verdict, judge
from taoxi.dedup.paragraphs import ParagraphIndex
from taoxi.dedup.sign import sign

PAIRS = (("news-portal", "gov-classic"), ("news-lines", "encyclopedia"), ("blog-column", "news-mobile"))
PARAGRAPHS_OF_PAGE = 4


def paginated(article: Sequence[str]) -> list[str]:
    """Return an article with the numbers of its pages between every few paragraphs."""
    lines = []
    for k, line in enumerate(article):
        if k and k % PARAGRAPHS_OF_PAGE == 0:
            lines.append(f"第{k // PARAGRAPHS_OF_PAGE}页")
        lines.append(line)
    return lines


def kept_once(texts: Sequence[str], articles_of: Sequence[int]) -> tuple[int, int]:
    """Return how many articles the judge keeps exactly once, and how many texts go for one of another article."""
    utf8, offsets = joined(texts)
    signed = sign(utf8, offsets)
    with tempfile.TemporaryDirectory(prefix="taoxi-chrome-") as name, ParagraphIndex(Path(name)) as index:
        index.add(signed.paragraphs, signed.paragraph_places[:, 0], signed.paragraph_places[:, 3])
        shared = index.shared(len(texts))
    order = np.argsort([-len(text) for text in texts], kind="stable")
    verdicts = judge(order, signed.tokens, signed.exact, signed.signatures, shared, DEFAULT_SIMILARITY)
    which = np.array(articles_of)
    kept = np.bincount(which[verdicts.verdict == Verdict.KEPT], minlength=which.max() + 1)
    gone = verdicts.leader >= 0
    return int((kept == 1).sum()), int((which[gone] != which[verdicts.leader[gone]]).sum())


def main(arguments: Sequence[str]) -> int:
    """Run the command ``chrome-copies``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks chrome-copies", description=__doc__)
    parser.add_argument("texts", type=Path, nargs="+", help="files or folders with clean texts to cut articles from")
    parser.add_argument(
        "--articles", type=int, default=300, help="articles of each pair of sites (default %(default)s)"
    )
    args = parser.parse_args(arguments)
    texts = read_texts(args.texts)
    rows = []
    for one, other in PAIRS:
        rng = random.Random(f"{one} {other}")
        # Articles that overlap would be copies of each other whatever their chrome.
        found: list[list[str]] = []
        seen: set[str] = set()
        for article in articles(texts, 20 * args.articles, rng):
            if len(found) < args.articles and not seen & set(article):
                found.append(article)
                seen |= set(article)
        pages = Site(one, TUNED[one], 1).pages(found) + Site(other, TUNED[other], 2).pages(list(map(paginated, found)))
        sites = [one] * len(found) + [other] * len(found)
        owners = [*range(len(found)), *range(len(found))]
        raw = [page.text for page in pages]
        utf8, offsets = joined(raw)
        clean = rest(raw, strip(utf8, offsets, sites, learn(count(utf8, offsets, sites)).known))
        before, _ = kept_once(raw, owners)
        after, wrong = kept_once(clean, owners)
        rows.append(
            [f"{one}, {other}", str(len(found)), percent(before, len(found)), percent(after, len(found)), str(wrong)]
        )
    print(markdown(["sites", "articles", "kept once with chrome", "without", "gone for another article"], rows))
    return 0
