"""Dates that stand on a line of their own, in the forms that Chinese and English pages print them."""

from __future__ import annotations

import re
from datetime import date

FULL_TO_HALF = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
"""The full-width ASCII block and the ideographic space; Unicode lays the block out in the order of ASCII."""

LINE_CHARS = 80
"""A date with label, clock time, source and author fits; the dates of the list pages at hand take 10."""

_LABEL = (
    r"(?:(?:发布|发表|更新|发文|成文|印发|公布|刊登|创建|上传|编辑|录入|提交|最后更新|上次更新)?(?:时间|日期|于)"
    r"|(?:last )?(?:published|posted|updated|modified)(?: on| at)?|date|time)\s*:?\s*"
)
_CLOCK = (
    r"(?:(?:\s*t\s*|\s*)\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s*(?:z|[ap]\.?m\.?|[+-]\d{2}:?\d{2}))?"
    r"|\s*(?:上午|下午|晚上?)?\d{1,2}[时点](?:\d{1,2}分?)?)"
)
_WEEKDAY = r"\s*\(?(?:星期|周|礼拜)[一二三四五六日天]\)?"
# What pages print behind a date: "来源:某报 作者:某人 浏览:12". A field ends the line; what is in it does not matter.
_FIELD = (
    r"[\s|]*(?:文章来源|信息来源|来源|来自|作者|记者|编辑|责任编辑|责编|发布者|发布机构|浏览|阅读|点击|访问|字号|source|author|by|views?)"
    r"(?:次数|量|数)?\s*[:(].*"
)
_FIELD_BEFORE = (
    r"(?:(?:文章来源|信息来源|来源|作者|记者|编辑|责任编辑|发布者|发布机构|source|author)\s*:\s*\S.*?[\s|]+)"
)
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"(?:{'|'.join(_MONTH_NAMES)})[a-z]*\.?"

_DIGITS = "一二三四五六七八九"

# Tried one after another; the groups y, m, d make the ISO date, a form without them is kept as found.
_FORMS = (
    r"(?P<y>(?:19|20)\d{2})\s*(?P<sep>[-/.])\s*(?P<m>\d{1,2})\s*(?P=sep)\s*(?P<d>\d{1,2})",
    r"(?P<y>(?:19|20)\d{2})\s*年\s*(?P<m>\d{1,2})\s*月\s*(?P<d>\d{1,2})\s*[日号]",
    rf"(?P<y>(?:一九|二[〇零○])[〇零○{_DIGITS}]{{2}})年(?P<m>十[一二]?|[{_DIGITS}])月(?P<d>[二三]?十[{_DIGITS}]?|[{_DIGITS}])日",
    rf"(?P<m>{_MONTH})\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>(?:19|20)\d{{2}})",
    rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+(?P<m>{_MONTH}),?\s+(?P<y>(?:19|20)\d{{2}})",
    r"\d{1,2}\s*月\s*\d{1,2}\s*[日号]",
    r"(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])",
    r"\d{1,3}\s*(?:秒钟?|分钟|个?小时|天|周|个?月|年)前",
    r"(?:今天|昨天|前天|刚刚)",
    r"\d{1,3}\s+(?:second|minute|hour|day|week|month|year)s?\s+ago",
    r"(?:today|yesterday|just now)",
)
_DATE_LINES = tuple(
    re.compile(
        rf"{_FIELD_BEFORE}?(?:{_LABEL})?(?P<when>{form}(?:{_WEEKDAY})?(?:{_CLOCK})?(?:{_WEEKDAY})?)(?:{_FIELD})?",
        re.IGNORECASE | re.ASCII,  # without ASCII, a long s would match as the s of a month
    )
    for form in _FORMS
)
_BRACKETS = str.maketrans(dict.fromkeys("[]()【】〔〕", " "))
_CHINESE_DIGITS = {digit: value for value, digit in enumerate("零" + _DIGITS)} | {"〇": 0, "○": 0}
_FULL = re.compile(r"[\uff01-\uff5e\u3000]")
_MAY_BE_DATE = re.compile(r"[\d年前天刚]|day|now", re.IGNORECASE)


def half_width(text: str) -> str:
    """Return a text as comparison sees its width: full-width ASCII forms and the ideographic space become ASCII.

    Each character becomes exactly one, so positions stay.

    >>> half_width("２０２５－０７－２９　１０：３０")
    '2025-07-29 10:30'
    """
    return text.translate(FULL_TO_HALF) if _FULL.search(text) else text


def date_line(line: str) -> str | None:
    """Read the date of a line that holds a date and nothing else but a label, a clock time, a source or an author.

    Returns ``YYYY-MM-DD``; the date as it was found where that cannot be told (``3小时前``, ``07-29``, a 31st of
    February); None when the line is something else. A year, a month or a number alone is something else.

    >>> date_line("发布时间：2025年7月29日 10:30 来源：某报")
    '2025-07-29'
    >>> date_line("2025-02-31")
    '2025-02-31'
    >>> date_line("2025年7月29日,大会开幕。") is None
    True
    """
    if not 2 <= len(line) <= LINE_CHARS or not _MAY_BE_DATE.search(line):
        return None
    plain = half_width(line).translate(_BRACKETS)
    shift = len(plain) - len(plain.lstrip())
    for form in _DATE_LINES:
        found = form.fullmatch(plain.strip())
        if found:
            return _iso(found) or line[found.start("when") + shift : found.end("when") + shift].strip()
    return None


def _iso(found: re.Match[str]) -> str | None:
    groups = found.groupdict()
    if "y" not in groups:
        return None
    try:
        return date(_number(groups["y"]), _number(groups["m"]), _number(groups["d"])).isoformat()
    except ValueError:
        return None


def _number(digits: str) -> int:
    """Read ``7``, ``二〇二五``, ``二十九`` or ``July``."""
    if digits[:3].lower() in _MONTH_NAMES:
        return _MONTH_NAMES.index(digits[:3].lower()) + 1
    if digits[0].isdecimal():
        return int(digits)
    tens, ten, units = digits.rpartition("十")
    if ten:
        return 10 * (_CHINESE_DIGITS[tens] if tens else 1) + (_CHINESE_DIGITS[units] if units else 0)
    return int("".join(str(_CHINESE_DIGITS[digit]) for digit in digits))
