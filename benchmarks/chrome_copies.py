"""``chrome-copies``: the same articles under two templates, paginated differently, and how many a run keeps once.

Each article stands on two sites. On the one it is a page; on the other a long one is several pages one after another
(as crawlers that follow 下一页 do), with a page number between.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import orjson

from benchmarks.cleaned import Cleaned, read_folder
from benchmarks.pages import Page, Site, articles, read_texts
from benchmarks.tables import markdown, percent
from benchmarks.templates import TUNED
from taoxi.corpus import Options, clean
from taoxi.corpus.options import Switch

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


def cleaned(pages: Sequence[tuple[str, Page]], folder: Path, chrome: Switch) -> Cleaned:
    """Run on the pages of sites, the number of each its place, and return what became of them."""
    docs = folder / "docs.jsonl"
    with docs.open("wb") as out:
        for k, (site, page) in enumerate(pages):
            record = {"id": k, "text": page.text, "url": f"https://{site}.example/{k}"}
            out.write(orjson.dumps(record) + b"\n")
    out_folder = folder / "out"
    clean(Options(inputs=(str(docs),), out=str(out_folder), overwrite=True, chrome=chrome))
    return read_folder(out_folder)


def kept_once(found: Cleaned, count: int) -> tuple[int, int]:
    """Return how many of ``count`` articles are kept exactly once, and how many texts go for one of another article."""
    kept = np.bincount([number % count for number in found.kept], minlength=count)
    gone = [(number, removal.leader) for number, removal in found.removed.items() if removal.leader is not None]
    return int((kept == 1).sum()), sum(number % count != leader % count for number, leader in gone)


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
        count = len(found)
        pages = [(one, page) for page in Site(one, TUNED[one], 1).pages(found)]
        pages += [(other, page) for page in Site(other, TUNED[other], 2).pages(list(map(paginated, found)))]
        with tempfile.TemporaryDirectory(prefix="taoxi-chrome-") as name:
            before, _ = kept_once(cleaned(pages, Path(name), Switch.OFF), count)
            after, wrong = kept_once(cleaned(pages, Path(name), Switch.ON), count)
        rows.append([f"{one}, {other}", str(count), percent(before, count), percent(after, count), str(wrong)])
    print(
        markdown(
            ["sites", "articles", "kept once with `--chrome off`", "with `--chrome on`", "gone for another article"],
            rows,
        )
    )
    return 0
