"""The names that text, title, date and address usually have in records, and how to find them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

TEXT = (
    *("text", "content", "contents", "full_text", "fulltext", "full text", "body", "raw_content", "raw_text"),
    *("clean_text", "main_text", "maintext", "article", "article_body", "articlebody", "article_content"),
    *("content_text", "document", "passage", "markdown", "page_content", "post", "story", "paragraph"),
    *("正文", "正文内容", "内容", "全文", "文本", "文章内容", "文章", "原文", "新闻内容", "內容", "本文"),
)
TITLE = ("title", "headline", "heading", "article_title", "page_title", "标题", "文章标题", "新闻标题", "题目", "標題")
URL = (
    *("url", "source_url", "page_url", "article_url", "canonical_url", "link", "uri", "href", "permalink"),
    *("warc-target-uri", "网址", "链接", "地址链接", "来源链接", "原文链接", "文章链接", "網址", "連結"),
)
DATE = (
    *("date", "publish_date", "published", "publish_time", "published_at", "pub_date", "pubdate", "publication_date"),
    *("published_time", "publishdate", "publishtime", "datetime", "time", "timestamp", "created_at", "created"),
    *("日期", "发布时间", "发布日期", "发表时间", "发表日期", "时间", "發布時間", "發佈日期", "時間"),
)
"""Usual names in lower case, preferred ones first."""


@dataclass(frozen=True, slots=True)
class Roles:
    """Which fields of a record play a part: ``texts`` are all that may hold the text, preferred ones first."""

    texts: tuple[str, ...]
    title: str | None
    date: str | None
    url: str | None


def roles(names: Sequence[str], text_field: str | None = None) -> Roles:
    """Find out which fields of a record play a part.

    The answer depends on the names alone, so that a record is read the same in any company.

    Args:
        names: the fields of a record, in its order.
        text_field: the field that must hold the text; None to look for the usual names.

    >>> roles(["ID", "Title", "正文", "source_url"])
    Roles(texts=('正文',), title='Title', date=None, url='source_url')
    """
    known: dict[str, list[str]] = {}
    for name in names:
        known.setdefault(name.strip().lower(), []).append(name)
    if text_field is None:
        texts = tuple(name for usual in TEXT for name in known.get(usual, ()))
    else:
        texts = (text_field,) if text_field in names else ()

    def first(usual: tuple[str, ...]) -> str | None:
        found = (known[name][0] for name in usual if name in known)
        return next((name for name in found if name not in texts[:1]), None)

    return Roles(texts, first(TITLE), first(DATE), first(URL))
