"""What page furniture looks like: page numbers, turn notices, tool bars of a page, stamps of a file.

Each form is a regular expression for a whole line or for the edge of one. What looks like a page number is one only if
the text says so: the numbers rise by one, and they stand where a sentence is cut, or at equal distances.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


class Rule(enum.StrEnum):
    """The rules of this package: what is removed, and what is joined."""

    PAGE_NUMBER = "page_number"
    RUNNING_HEAD = "running_head"
    TURN_NOTICE = "turn_notice"
    PAGE_TOOLS = "page_tools"
    FILE_STAMP = "file_stamp"
    WATERMARK = "watermark"
    UNWRAP = "unwrap"
    MEND_BREAK = "mend_break"
    DEHYPHENATE = "dehyphenate"


JOIN_RULES = (Rule.UNWRAP, Rule.MEND_BREAK, Rule.DEHYPHENATE)
"""Rules that join lines; the others remove."""


class Form(enum.StrEnum):
    """How a page number is written."""

    COUNTED = "counted"  # 第3页 共20页, Page 3 of 20
    NAMED = "named"  # 第3页, Page 3
    DASHED = "dashed"  # - 3 -
    SLASHED = "slashed"  # 3/20
    BARE = "bare"  # 3


_SPACE = r"[ \u3000]*"
_COUNTED = (
    rf"第{_SPACE}(\d{{1,4}}){_SPACE}页{_SPACE}[,，/、]?{_SPACE}[(（]?共{_SPACE}(\d{{1,4}}){_SPACE}页[)）]?"
    rf"|共{_SPACE}\d{{1,4}}{_SPACE}页{_SPACE}[,，/、]?{_SPACE}第{_SPACE}(\d{{1,4}}){_SPACE}页"
    rf"|[Pp](?:age|AGE)[ ](\d{{1,4}})[ ](?:of|OF|/)[ ]?(\d{{1,4}})"
    rf"|(\d{{1,4}}){_SPACE}/{_SPACE}\d{{1,4}}{_SPACE}页"
)
_NAMED = rf"第{_SPACE}(\d{{1,4}}){_SPACE}页|\[?[Pp](?:age|AGE)[ ](\d{{1,4}})\]?"
_DASHES = r"[-—–─·~～]"
_DASHED = rf"{_DASHES}{{1,2}}{_SPACE}(\d{{1,4}}){_SPACE}{_DASHES}{{1,2}}"
_PAGE_LINES = (
    (Form.COUNTED, re.compile(_COUNTED)),
    (Form.NAMED, re.compile(_NAMED)),
    (Form.DASHED, re.compile(_DASHED)),
    (Form.SLASHED, re.compile(rf"(\d{{1,4}}){_SPACE}/{_SPACE}(\d{{1,4}})")),
    (Form.BARE, re.compile(r"(\d{1,4})")),
)
_PAGE_TAIL = re.compile(rf"(?:(?P<counted>{_COUNTED})|(?P<named>第{_SPACE}\d{{1,4}}{_SPACE}页)|(?P<dashed>{_DASHED}))$")
_PAGE_HEAD = re.compile(rf"(?:(?P<counted>{_COUNTED})|(?P<dashed>{_DASHED})){_SPACE}")
_NUMBER = re.compile(r"\d+")

_TURN = (
    r"[▲△◆●■★]?[(（〔【\[](?:紧|上|下|未完|文|另)?[^()（）〔〕【】\[\]\n]{0,6}?(?:上接|下转|紧接|转|接)"
    r"(?:第)?[一二三四五六七八九十A-Za-z\d]{1,4}版[^()（）〔〕【】\[\]\n]{0,12}[)）〕】\]]"
)
_TURN_LINE = re.compile(rf"{_TURN}|[▲△◆●■★]?(?:上接|下转|紧接)第?[一二三四五六七八九十A-Za-z\d]{{1,4}}版")
_TURN_ANYWHERE = re.compile(rf"[ ]*{_TURN}(?:[ ]+(?=[^\x00-\x7f]))?")

_TOOL = (
    r"(?:打印(?:本页|此页|文章|预览)?|关闭(?:本页|窗口|此页)?|返回(?:顶部|首页|列表|上一页)?|(?:我要|加入)?收藏(?:本页|本文)?"
    r"|字体[:：]?[ ]*(?:大[ ]*中[ ]*小|小[ ]*中[ ]*大)|(?:推荐|分享)(?:给好友|到)?|(?:我要)?纠错|复制(?:链接|本文)|TOP)"
)
# One of them alone may be a label of the text (【推荐】), unless it is a command to the page.
_COMMAND = re.compile(r"打印|关闭|字体|[】\]][ \u3000]*[【\[]")
_TOOLS = rf"(?:[【\[]{_SPACE}{_TOOL}{_SPACE}[】\]]{_SPACE}){{1,8}}"
_TOOLS_LINE = re.compile(_TOOLS)
_TOOLS_TAIL = re.compile(rf"{_TOOLS}$")

_TIME = r"\d{2,4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?:[ ]*(?:上午|下午|[AP]M)?[ ]*\d{1,2}:\d{2}(?::\d{2})?(?:[ ]?[AP]M)?)?"
_FILE = r"[^\s/\\]{1,60}\.(?:indd|docx?|pdf|wps|p65|fh\d{1,2}|qxd|cdr|pmd|s10|s92|fbd|ps)"
_ADDRESS = r"(?:https?://|file:///)\S{4,200}"
_STAMP_LINE = re.compile(
    rf"{_FILE}[ ]+(?:\d{{1,4}}[ ]+)?{_TIME}(?:[ ]+\d{{1,4}})?"
    rf"|{_ADDRESS}[ ]*[(（]?(?:第[ ]?)?\d{{1,4}}[ ]?(?:页[,，]?[ ]?共|/|of|／)[ ]?\d{{1,4}}[ ]?页?[)）]?"
    rf"(?:[ ]*\[?{_TIME}\]?)?"
    rf"|{_TIME}[ ]+[^\n]{{0,60}}[ ]{_ADDRESS}|{_ADDRESS}[ ]+\[?{_TIME}\]?"
)


@dataclass(frozen=True, slots=True)
class PageNumber:
    """What looks like a page number: its form, the number, and the characters ``[start, end)`` of the line it takes."""

    form: Form
    number: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """Characters ``[start, end)`` of a line that a rule takes without further evidence."""

    rule: Rule
    start: int
    end: int


def page_number(line: str) -> PageNumber | None:
    """Return the page number that a line consists of, or None.

    Example:
        >>> page_number("第 3 页 共 20 页")
        PageNumber(form=<Form.COUNTED: 'counted'>, number=3, start=0, end=12)
        >>> page_number("第3季度") is None
        True
    """
    text = line.strip()
    for form, pattern in _PAGE_LINES:
        found = pattern.fullmatch(text)
        if found:
            numbers = [int(group) for group in found.groups() if group]
            if form is Form.SLASHED and numbers[0] > numbers[1]:
                return None
            return PageNumber(form, numbers[0], 0, len(line))
    return None


def edge_number(line: str) -> PageNumber | None:
    """Return the page number at an edge of a line, or None: only forms that say that they are one.

    Example:
        >>> edge_number("全市新增就业- 7 -").number
        7
    """
    found = _PAGE_TAIL.search(line, max(0, len(line) - 24)) or _PAGE_HEAD.match(line)
    if found is None or (found.start() == 0 and found.end() == len(line)):
        return None
    start, end = found.span()
    while start > 0 and line[start - 1] == " ":
        start -= 1
    number = int(_NUMBER.search(found.group()).group())  # type: ignore[union-attr] # each form has a number
    return PageNumber(Form(str(found.lastgroup)), number, start, end)


def plain_stretches(line: str) -> list[Stretch]:
    """Return the notices, tool bars and file stamps that a line consists of or has at an edge; notices anywhere.

    Example:
        >>> plain_stretches("加快发展数字经济。(下转4版)")
        [Stretch(rule=<Rule.TURN_NOTICE: 'turn_notice'>, start=9, end=15)]
        >>> plain_stretches("(二版责任编辑)")
        []
    """
    text = line.strip()
    found: list[Stretch] = []
    if "版" in line:
        if _TURN_LINE.fullmatch(text):
            return [Stretch(Rule.TURN_NOTICE, 0, len(line))]
        found = [Stretch(Rule.TURN_NOTICE, *turn.span()) for turn in _TURN_ANYWHERE.finditer(line)]
    if text.endswith(("】", "]")):
        if _TOOLS_LINE.fullmatch(text) and _COMMAND.search(text):
            return [Stretch(Rule.PAGE_TOOLS, 0, len(line))]
        tools = _TOOLS_TAIL.search(line, max(0, len(line) - 60))
        if tools and _COMMAND.search(tools.group()):
            found.append(Stretch(Rule.PAGE_TOOLS, tools.start(), len(line)))
    if ("." in line or "://" in line) and _STAMP_LINE.fullmatch(text):
        return [Stretch(Rule.FILE_STAMP, 0, len(line))]
    return found


def mask(line: str) -> str:
    """Return a line as running heads are compared: without its edges' spaces, each number a ``0``.

    Example:
        >>> mask("12 聊城日报 2022年2月24日")
        '0 聊城日报 0年0月0日'
    """
    return _NUMBER.sub("0", line.strip())


REGULAR_PAGES = 4
"""Numbers in a row from which equal distances prove pages; sections of a novel differ in length by more than half."""

REGULAR = 1.6
"""Between the longest and the shortest page, first and last aside."""

SHORTEST_PAGE = 200
"""Bytes between two page numbers; rows of a table have less."""


def runs(numbers: Sequence[int]) -> list[list[int]]:
    """Return the places of numbers that rise by one or two (left pages only), longest run first.

    Example:
        >>> runs([3, 2024, 4, 5, 17])
        [[0, 2, 3], [1], [4]]
    """
    open_runs: dict[int, list[int]] = {}
    done: list[list[int]] = []
    for place, number in enumerate(numbers):
        run = open_runs.pop(number - 1, None) or open_runs.pop(number - 2, None) or []
        if not run:
            done.append(run)
        run.append(place)
        if number in open_runs:
            continue
        open_runs[number] = run
    return sorted(done, key=len, reverse=True)


def are_pages(form: Form, places: Sequence[int], cuts: int) -> bool:
    """Tell whether a run of numbers in one form are page numbers.

    Args:
        form: how they are written.
        places: bytes at which they stand.
        cuts: how many of them stand where a sentence is cut.
    """
    if form is Form.COUNTED:
        return True
    count = len(places)
    if form is Form.NAMED:
        return count > 1 or cuts > 0
    gaps = sorted(after - place for place, after in pairwise(places))
    if count > 1 and gaps[0] < SHORTEST_PAGE:
        return False
    inner = gaps if len(gaps) < REGULAR_PAGES else gaps[:-1]
    regular = count >= REGULAR_PAGES and inner[-1] <= REGULAR * inner[0]
    if form is Form.DASHED:
        return cuts > 0 or regular
    return count > 2 and (regular or (cuts > 1 and cuts >= 0.3 * count))
