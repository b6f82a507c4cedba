"""Damage of lines, made on clean text: hard wraps, pages with numbers and heads, watermarks inside sentences."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

WATERMARKS = (
    ("更多资料+【公众号:木棉花】", "更多资料+KBC:{n}", "更多资料vx:k{n}整理"),
    ("关注微信公众号:青橙文库", "关注微信公众号:青橙文库"),
    ("www.qingcheng{n}.example.com", "www.qingcheng{n}.example.com"),
    ("本文由墨池书院整理发布", "本文由墨池书院整理发布"),
    ("内部学习材料请勿外传", "内部学习材料请勿外传"),
)
"""Each with its variations; ``{n}`` is a number that differs each time."""

HEADS = ("青河日报 2023年{n}月", "第十二届人民代表大会文件汇编", "工作报告选编 {n}", "Annual Collection {n}")
NUMBERS = ("- {n} -", "—{n}—", "第{n}页 共{all}页", "第 {n} 页", "{n}/{all}", "Page {n} of {all}", "{n}")

SHORTEST = 4
"""Characters that stay on a line, whatever is pushed to the next."""

HAN = 0x2E80
"""The first code point of Chinese characters, radicals included."""

WIDE, INDENTED, PARTED = 0.8, 0.5, 0.3
"""Shares of Chinese texts that were wrapped with full-width punctuation, with indents, and with blank lines between."""

STAMPED = 0.6
"""Share of pages with a watermark, in sources that have one."""

MARKED_PAGES, PER_INSIDE = 4, 8
"""From so many watermarks on, a text has one inside a line for each so many."""

LONG_TEXT = 3000
"""Characters from which a text has pages of usual size; those of shorter texts are small, so that they have some."""

_NO_START = set("。,、;:!?)”’》」』】…%,.;:!?—")
_NO_END = set("“‘《「『(【—")


@dataclass(slots=True)
class Damaged:
    """A damaged text and what is wrong with it.

    ``content`` says of each character whether it belongs to the text; ``items`` are what was put in: kind, first
    character and end.
    """

    clean: str
    text: str = ""
    content: list[bool] = field(default_factory=list)
    items: list[tuple[str, int, int]] = field(default_factory=list)

    def put(self, text: str) -> None:
        """Go on with what belongs to the text; its line breaks may be new."""
        self.text += text
        self.content += [True] * len(text)

    def strip(self) -> None:
        """Take the spaces from the end of the last line, as normalization does."""
        size = len(self.text.rstrip(" "))
        self.text, self.content = self.text[:size], self.content[:size]

    def insert(self, kind: str, text: str) -> None:
        """Put something in that does not belong there."""
        self.items.append((kind, len(self.text), len(self.text) + len(text)))
        self.text += text
        self.content += [False] * len(text)


def columns(char: str, *, wide: bool) -> int:
    """Return the columns of a character; ``wide`` is how Chinese punctuation was before it became half-width."""
    if unicodedata.east_asian_width(char) in "WF" or char in "“”‘’—…":
        return 2
    return 2 if wide and char in ",;:!?()" else 1


def wrap(paragraph: str, width: int, style: str, *, wide: bool, indent: int = 0) -> list[str]:
    """Return the lines of a paragraph that is broken at a width.

    ``style``: ``words`` breaks at spaces; ``hang`` lets a mark stand over the edge, ``push`` takes the character
    before it to the next line, ``raw`` breaks anywhere.
    """
    units = [part + " " for part in paragraph.split(" ")] if style == "words" else _units(paragraph, style)
    lines = []
    line = ""
    used = indent
    for unit in units:
        size = sum(columns(char, wide=wide) for char in unit.rstrip())
        hanging = style == "hang" and unit in _NO_START and used <= width
        if line and used + size > width and not hanging:
            stop = len(line)
            while (
                style == "push" and stop > SHORTEST and ((line + unit)[stop] in _NO_START or line[stop - 1] in _NO_END)
            ):
                stop -= 1
            lines.append(line[:stop])
            line = line[stop:]
            used = sum(columns(char, wide=wide) for char in line)
        line += unit
        used += size + (style == "words")
    return [line.rstrip() for line in [*lines, line]]


def _units(paragraph: str, style: str) -> list[str]:
    """Return what a line is not broken in: Chinese characters one by one, words and numbers whole."""
    if style == "raw":
        return list(paragraph)
    units: list[str] = []
    for char in paragraph:
        if units and char.isascii() and char.isalnum() and units[-1][-1].isascii() and units[-1][-1].isalnum():
            units[-1] += char
        else:
            units.append(char)
    return units


def wrapped(text: str, rng: random.Random) -> Damaged:
    """Return a text wrapped at 30 to 80 columns."""
    damaged = Damaged(text)
    lines = _laid_out(text, rng)
    damaged.put("\n".join(lines))
    return damaged


def _laid_out(text: str, rng: random.Random) -> list[str]:
    latin = sum(char.isascii() or (char.isalpha() and ord(char) < HAN) for char in text) * 5 > 3 * len(text)
    width = rng.randint(30, 80) & ~1
    style = "words" if latin else rng.choice(["hang", "push", "raw"])
    wide = not latin and rng.random() < WIDE
    paragraphs = text.split("\n")
    blank = "" in paragraphs
    indent = 4 if not latin and rng.random() < INDENTED else 0
    lines = []
    for place, paragraph in enumerate(paragraphs):
        lines += wrap(paragraph, width, style, wide=wide, indent=indent)
        if not blank and place == 0:
            blank = rng.random() < PARTED
            if blank:
                return _laid_out_spaced(paragraphs, width, style, wide=wide, indent=indent)
    return lines


def _laid_out_spaced(paragraphs: Sequence[str], width: int, style: str, *, wide: bool, indent: int) -> list[str]:
    lines: list[str] = []
    for paragraph in paragraphs:
        lines += [*wrap(paragraph, width, style, wide=wide, indent=indent), ""]
    return lines[:-1]


@dataclass(slots=True)
class Stamps:
    """What one source puts on its pages."""

    number: str | None
    head: str | None
    marks: Sequence[str]


def stamps(rng: random.Random) -> Stamps:
    """Return the furniture of one source."""
    return Stamps(
        rng.choice([*NUMBERS, None]), rng.choice([*HEADS, None, None]), rng.choice([(), (), *WATERMARKS, *WATERMARKS])
    )


def paged(text: str, stamp: Stamps, rng: random.Random, *, layout: bool) -> Damaged:
    """Return a text cut into pages; with ``layout`` it was wrapped before, and a page has 20 to 45 lines."""
    damaged = Damaged(text)
    body = "\n".join(_laid_out(text, rng)) if layout else text
    number = rng.randint(1, 60)
    places = _page_ends(body, rng, layout=layout)
    total = number + len(places) + rng.randint(1, 9)
    at = 0
    for place in places:
        damaged.put(body[at:place])
        at = place
        if stamp.marks and rng.random() < STAMPED:
            damaged.insert("watermark", _filled(rng.choice(stamp.marks), rng.randint(1, 99)))
        damaged.strip()
        for kind, form in (("page_number", stamp.number), ("running_head", stamp.head)):
            if form is not None:
                damaged.text += "\n"
                damaged.content.append(False)
                damaged.insert(kind, form.replace("{n}", str(number)).replace("{all}", str(total)))
        if body[at : at + 1] != "\n":
            damaged.text += "\n"
            damaged.content.append(True)
        number += 1
    damaged.put(body[at:])
    if stamp.marks and not layout:
        return _stamped_inside(damaged, stamp, rng)
    return damaged


def _page_ends(body: str, rng: random.Random, *, layout: bool) -> list[int]:
    if layout:
        ends = [at for at, char in enumerate(body) if char == "\n"]
        size = rng.randint(20, 45) if len(body) > LONG_TEXT else rng.randint(6, 12)
        return [at for at in ends[size - 1 :: size] if body[at + 1 : at + 2] != "\n" and body[at - 1] != "\n"]
    size = rng.randint(400, 1500) if len(body) > LONG_TEXT else rng.randint(150, 400)
    places = []
    for at in range(size, len(body) - 40, size):
        place = at
        while place < len(body) and (
            (_in_word(body[place - 1]) and _in_word(body[place]))
            or body[place] in _NO_START
            or body[place] == " "
            or body[place - 1] in _NO_END
            or body[place - 1] == "\n"
        ):
            place += 1
        if place < len(body) - 20:
            places.append(place)
    return places


def _in_word(char: str) -> bool:
    return (char.isalnum() or char in "'’.-") and ord(char) < HAN


def _stamped_inside(damaged: Damaged, stamp: Stamps, rng: random.Random) -> Damaged:
    """Put the watermark into the middle of some lines, too, where a comma stands."""
    many = sum(kind == "watermark" for kind, _, _ in damaged.items)
    commas = [at for at, char in enumerate(damaged.text) if char == "," and damaged.content[at]]
    if many < MARKED_PAGES or not commas:
        return damaged
    again = Damaged(damaged.clean)
    places = sorted(rng.sample(commas, min(len(commas), max(1, many // PER_INSIDE))))
    shift = 0
    text, content = damaged.text, damaged.content
    items = []
    for place in places:
        mark = _filled(rng.choice(stamp.marks), rng.randint(1, 99))
        text = text[: place + 1 + shift] + mark + text[place + 1 + shift :]
        content = [*content[: place + 1 + shift], *[False] * len(mark), *content[place + 1 + shift :]]
        items.append(("inside", place + 1 + shift, place + 1 + shift + len(mark)))
        shift += len(mark)
    again.text, again.content = text, content
    moved = []
    for kind, start, end in damaged.items:
        before = sum(
            len(text[first:stop]) for (_, first, stop), place in zip(items, places, strict=True) if place < start
        )
        moved.append((kind, start + before, end + before))
    again.items = [*moved, *items]
    return again


def _filled(form: str, number: int) -> str:
    return form.replace("{n}", str(number))
