"""Pages of generated sites: real articles in templates, and for each line whether it is chrome."""

from __future__ import annotations

import csv
import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

CHROME, CONTENT, EITHER = range(3)

ENDS_LIKE_PROSE = re.compile(r"[。!?!?…”』」.]$")
DIRT = re.compile(
    r"扫一扫|编辑[::]|密码|Cookie|^(推荐|相关)(阅读|报道)|版权所有|^来源|^(关闭|打印|分享|首页)|^[\W\d_]+$",
    re.IGNORECASE,
)
"""Lines that no article gets: they are the chrome of where the texts came from."""

LONG_TEXT = 40
"""Lines from which a text is a report, of which articles are cut. Its first and last lines are left out: they may hold
chrome of the page it came from."""

LEAST_CHARS = 100
TITLE_CHARS = range(5, 31)
HALF, LACKING = 0.5, 0.3

SECTIONS = ("要闻", "时政", "经济", "社会", "文化", "科教", "体育", "生活")
SECTIONS_EN = ("World", "Business", "Science", "Culture")
SITES = ("东海", "晨光", "北岭", "清江", "明湖", "云台", "南屏", "长堤", "石桥", "新渡")
SITES_EN = ("Harbor Post", "Northfield", "Bluestone", "The Ledger")
AUTHORS = ("李文", "王建国", "张小雨", "陈思远", "刘洋", "赵敏", "周立波", "吴桐", "郑海", "孙悦")
AUTHORS_EN = ("Ann Miller", "John Reed", "Mary Clark", "Peter Wood")
SOURCES = ("东海日报", "晨光晚报", "清江发布", "新渡融媒", "市统计局", "北岭新闻网")
CITIES = ("清江市", "石桥县", "北岭区", "云台县", "南屏市")
TAGS = ("随笔", "旅行", "编程", "读书", "摄影", "美食", "数据库", "园艺")
COLORS = ("红色", "蓝色", "黑色", "白色", "灰色")
MONTHS = ("January", "March", "April", "June", "August", "October", "December")
REPLIES = ("楼主说得对", "顶一下", "学习了,谢谢分享", "不太同意这个看法", "沙发", "前排围观", "请问后来怎么样了?")


@dataclass(frozen=True, slots=True)
class Page:
    """A page as text, and per line that is not empty its text and kind."""

    text: str
    lines: list[tuple[str, int]]


def read_texts(paths: Iterable[Path]) -> list[str]:
    """Read texts from files or folders: .txt and .md whole, of .csv and .jsonl the longest field of each record."""
    texts = []
    csv.field_size_limit(1 << 30)
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.suffix in {".txt", ".md"}:
                texts.append(file.read_text("utf-8-sig", errors="replace"))
            elif file.suffix == ".csv":
                with file.open(encoding="utf-8-sig", newline="") as rows:
                    texts.extend(max(row.values(), key=len) for row in csv.DictReader(rows))
            elif file.suffix == ".jsonl":
                records = map(orjson.loads, file.read_bytes().splitlines())
                texts.extend(max(filter(lambda v: isinstance(v, str), row.values()), key=len) for row in records)
    return texts


def articles(texts: Sequence[str], count: int, rng: random.Random) -> list[list[str]]:
    """Cut ``count`` articles of three to twelve lines out of texts, from all over them."""
    pool = []
    for text in texts:
        lines = [line for raw in text.split("\n") if (line := " ".join(raw.split())) and not DIRT.search(line)]
        if len(lines) > LONG_TEXT:
            lines = lines[20:-10]
        if lines:
            pool.append(lines)
    weights = [len(lines) for lines in pool]
    found: list[list[str]] = []
    while len(found) < count:
        lines = rng.choices(pool, weights)[0]
        size = rng.randint(3, 12)
        start = rng.randrange(max(1, len(lines) - size))
        chosen = lines[start : start + size]
        if sum(map(len, chosen)) >= LEAST_CHARS and any(ENDS_LIKE_PROSE.search(line) for line in chosen):
            found.append([line[:3000] for line in chosen])
    return found


def title_of(article: Sequence[str], rng: random.Random) -> str:
    """Return a clause of an article, as good a title as any, and like most titles found nowhere else."""
    clauses = [
        c
        for line in article
        for c in re.split(r"[。!?,,;;:::、.]", line)
        if len(c) in TITLE_CHARS and not re.search(r"\d{4}", c)
    ]
    return " ".join(rng.choice(clauses or ["无题"]).split()) + rng.choice(["", "", "(图)", "之二", "侧记"])


class Site:
    """A site of one template: what it chose once, and its pages."""

    def __init__(self, name: str, template: str, seed: int) -> None:
        """Choose menus, names and numbers."""
        rng = random.Random(f"{name} {seed}")
        english = name.endswith("-en")
        self.template = [(line[:2].strip(), line[2:].strip()) for line in template.splitlines()]
        self.rng = rng
        self.blank = rng.random() < HALF
        self.bar = rng.choice([" | ", " ", " · ", "|"])
        self.sections = SECTIONS_EN if english else SECTIONS
        self.authors = AUTHORS_EN if english else AUTHORS
        self.fixed = {
            "site": rng.choice(SITES_EN if english else SITES),
            "city": rng.choice(CITIES),
            "domain": f"{rng.choice(['dh', 'cg', 'bl', 'qj'])}{rng.randint(10, 99)}.example",
            "icp": f"粤ICP备{rng.randint(10000000, 99999999)}号-{rng.randint(1, 3)}",
            "phone": f"0{rng.randint(10, 99)}-{rng.randint(10000000, 99999999)}",
            "year": str(rng.randint(2018, 2026)),
        }
        self.menus: dict[str, list[str]] = {}

    def menu(self, words: str) -> list[str]:
        """Return this site's choice and order of a menu's entries."""
        if words not in self.menus:
            entries = words.split()
            chosen = self.rng.sample(entries, max(3, round(len(entries) * self.rng.uniform(0.6, 1.0))))
            self.menus[words] = chosen
        return self.menus[words]

    def pages(self, found: Sequence[list[str]]) -> list[Page]:
        """Return a page per article."""
        titles = [title_of(article, self.rng) for article in found]
        return [self._page(k, article, titles) for k, article in enumerate(found)]

    def _fields(self, number: int, titles: Sequence[str]) -> dict[str, str]:
        rng = self.rng
        year, month, day = rng.randint(2015, 2026), rng.randint(1, 12), rng.randint(1, 28)
        return {
            **self.fixed,
            "title": titles[number],
            "prev": rng.choice(titles),
            "next": rng.choice([*titles[:50], "没有了"]),
            "section": rng.choice(self.sections),
            "date": rng.choice([f"{year}-{month:02}-{day:02}", f"{year}年{month}月{day}日"]),
            "date_en": f"{rng.choice(MONTHS)} {day}, {year}",
            "time": f"{rng.randint(0, 23):02}:{rng.randint(0, 59):02}",
            "views": str(int(10 ** rng.uniform(1, 5))),
            "author": rng.choice(self.authors),
            "source": rng.choice(SOURCES),
            "tag": rng.choice(TAGS),
            "color": rng.choice(COLORS),
            "n": str(rng.randint(1, 99)),
        }

    def _page(self, number: int, article: Sequence[str], titles: Sequence[str]) -> Page:
        lines: list[tuple[str, int]] = []
        fields = self._fields(number, titles)
        for mark, text in self.template:
            lines.extend(self._lines(mark, text, fields, number, article, titles))
        gap = "\n\n" if self.blank else "\n"
        return Page(gap.join(line for line, _ in lines) + "\n", lines)

    def _lines(  # noqa: PLR0911, PLR0913, PLR0917 - one answer per mark
        self,
        mark: str,
        text: str,
        fields: dict[str, str],
        number: int,
        article: Sequence[str],
        titles: Sequence[str],
    ) -> list[tuple[str, int]]:
        rng = self.rng
        if mark == "=B":
            return [(line, CONTENT) for line in article]
        if mark == "=P":
            return self._posts(article, fields)
        if mark == "-R":
            chosen = rng.sample(titles, min(len(titles), rng.randint(min(2, int(text)), int(text))))
            return [(title, CHROME) for title in chosen if title != fields["title"]]
        if mark == "-H":
            block = random.Random(number // 50).sample(titles, min(len(titles), int(text)))
            return [(title, CHROME) for title in block]
        if mark == "-|":
            return [(self.bar.join(self.menu(text.format_map(fields))), CHROME)]
        if mark == "-*":
            return [(entry, CHROME) for entry in self.menu(text.format_map(fields))]
        if mark == "?" and rng.random() < LACKING:
            return []
        return [(text.format_map(fields), {"=": CONTENT, "~": EITHER}.get(mark, CHROME))]

    def _posts(self, article: Sequence[str], fields: dict[str, str]) -> list[tuple[str, int]]:
        """Return a thread: each post below a line with its author and time, above one of buttons."""
        lines = []
        for k, paragraph in enumerate([*article, *self.rng.sample(REPLIES, 2)]):
            lines.append(
                (f"{self.rng.choice(self.authors)} 发表于 {fields['date']} {fields['time']} 只看该作者", CHROME)
            )
            lines.extend([(paragraph, CONTENT), (f"回复 举报 #{k + 1}", CHROME)])
        return lines
