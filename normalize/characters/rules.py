"""The rules of character normalization, each a function that enters its characters into one table.

The kernel (``taoxi.normalize.characters.walk``) walks the text once and asks the table what to do with each code
point. A rule is one word everywhere: the function here, the counter in ``changes``, the option set and the
docs. Rules that need neighbours (``ellipsis``, ``dash``, ``indent`` …) only mark their characters here; the
decision is taken in the kernel, in the branch of the same name.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

CODE_POINTS = 0x110000
CJK_BIT = 0x80

KEEP, MAP, DROP, SPACE, BREAK, RETURN, JOINER, BOX, DOT, LONG_DASH, MARK, PUNCTUATION, BLANK = range(13)
"""What the kernel may be told to do with a code point: the low bits of ``Table.action``."""


@dataclass(slots=True)
class Table:
    """What becomes of each code point.

    ``action`` (uint8, one per code point) holds an operation and, in ``CJK_BIT``, whether the character is Chinese,
    Japanese or Korean. ``rule`` (uint8) is the index in ``RULES`` of the counter to raise. ``target`` (uint16) is the
    replacement for ``MAP``, only within the basic plane. ``pairs`` (int64, sorted) are ``base << 16 | mark`` of the
    compositions, ``composed`` (uint16) their results.
    """

    action: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(CODE_POINTS, np.uint8))
    rule: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(CODE_POINTS, np.uint8))
    target: NDArray[np.uint16] = field(default_factory=lambda: np.zeros(0x10000, np.uint16))
    pairs: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    composed: NDArray[np.uint16] = field(default_factory=lambda: np.zeros(0, np.uint16))

    def set(self, name: str, action: int, first: int, last: int | None = None) -> None:
        """Give the code points ``first`` to ``last`` an action that counts under the rule ``name``."""
        stop = (first if last is None else last) + 1
        self.action[first:stop] = action
        self.rule[first:stop] = RULES.index(name)

    def map(self, name: str, pairs: dict[str, str]) -> None:
        """Replace each key by its value, counted under the rule ``name``."""
        for old, new in pairs.items():
            self.set(name, MAP, ord(old))
            self.target[ord(old)] = ord(new)


Rule = Callable[[Table, str], None]


def line_end(table: Table, _width: str) -> None:
    r"""Make every line break ``\n``: CRLF, lone CR, form feed, vertical tab, NEL, U+2028 and U+2029.

    Carriage returns before a line feed vanish; a lone one is the line end of old Macs and becomes a break.
    """
    table.set("line_end", BLANK, 0x20)
    for point in (0x0A, 0x0B, 0x0C, 0x85, 0x2028, 0x2029):
        table.set("line_end", BREAK, point)
    table.set("line_end", RETURN, 0x0D)


def width(table: Table, width: str) -> None:
    """Turn full-width ASCII (U+FF01 to U+FF5E) and the ideographic space into their half-width forms.

    Chinese punctuation that ASCII lacks (。、《》“”「」——……) stays. With ``--width full``, letters and digits become
    half-width, and ``, ; : ! ? ( )`` that touch Chinese become full-width; a closing bracket follows the one that it
    closes. ``--width keep`` leaves all of it.
    """
    if width == "keep":
        return
    keep = {ord(mark) + 0xFEE0 for mark in ",;:!?()"} if width == "full" else set()
    for point in range(0xFF01, 0xFF5F):
        if point not in keep:
            table.map("width", {chr(point): chr(point - 0xFEE0)})
    table.set("width", SPACE, 0x3000)
    if width == "full":
        for mark in ",;:!?()":
            table.set("width", PUNCTUATION, ord(mark))


def presentation(table: Table, _width: str) -> None:
    """Replace vertical and small forms of punctuation by the punctuation itself (︵ ﹐ ﹁).

    We leave ︰ (U+FE30) alone, because scrapes use it as a ratio sign and not as the leader dots it names.
    """
    pairs = zip(
        "︐︑︒︓︔︕︖︗︘︙︱︲︳︵︶︷︸︹︺︻︼︽︾︿﹀﹁﹂﹃﹄﹇﹈﹐﹑﹒﹔﹕﹖﹗﹘﹙﹚﹛﹜﹝﹞﹟﹠﹡﹢﹣﹤﹥﹦﹨﹩﹪﹫",
        ",、。:;!?〖〗…—–_(){}〔〕【】《》〈〉「」『』[],、.;:?!—(){}〔〕#&*+-<>=\\$%@",
        strict=True,
    )
    table.map("presentation", dict(pairs))


def dash(table: Table, _width: str) -> None:
    """Unify the Chinese dash: horizontal bars (―), long dashes (⸺) and a pair of box lines (──) become em dashes.

    Box lines that are part of a drawing, en dashes and hyphens stay, because they mean something else; only
    the two hyphens that look like ASCII's (U+2010, U+2011) become ``-``.
    """
    table.map("dash", {"―": "—", "\u2010": "-", "\u2011": "-"})
    table.set("dash", LONG_DASH, 0x2E3A, 0x2E3B)
    table.set("dash", BOX, 0x2500)


def ellipsis(table: Table, _width: str) -> None:
    """Unify the Chinese ellipsis: ``...`` or ``......`` after Chinese, 。。。 and ⋯⋯ become ``……``.

    Dots after Latin text, before a letter or digit, or in other numbers (leaders of a contents page) stay.
    """
    table.map("ellipsis", {"⋯": "…"})
    table.set("ellipsis", DOT, ord("."))
    table.set("ellipsis", DOT, ord("。"))


def space(table: Table, _width: str) -> None:
    """Turn tabs and odd spaces (no-break, em, thin, Hangul filler) into one ordinary space each."""
    for first, last in ((0x09, 0x09), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x202F, 0x202F)):
        table.set("space", SPACE, first, last)
    for point in (0x205F, 0x3164, 0xFFA0):
        table.set("space", SPACE, point)


def zero_width(table: Table, _width: str) -> None:
    """Drop characters without width: U+200B, word joiners, soft hyphens, byte order marks inside text.

    Joiners (U+200C, U+200D, and U+180E of Mongolian) stay after letters that need them (Arabic, Indic scripts) and in
    emoji.
    """
    for first, last in ((0xAD, 0xAD), (0x200B, 0x200B), (0x2060, 0x2064), (0xFEFF, 0xFEFF)):
        table.set("zero_width", DROP, first, last)
    table.set("zero_width", JOINER, 0x180E)
    table.set("zero_width", JOINER, 0x200C, 0x200D)


def bidi(table: Table, _width: str) -> None:
    """Drop marks that steer the direction of text."""
    for first, last in ((0x61C, 0x61C), (0x200E, 0x200F), (0x202A, 0x202E), (0x2066, 0x206F)):
        table.set("bidi", DROP, first, last)


def control(table: Table, _width: str) -> None:
    """Drop control characters, annotation marks and code points that are no characters; NUL is one of them."""
    for first, last in ((0x00, 0x08), (0x0E, 0x1F), (0x7F, 0x84), (0x86, 0x9F), (0xFDD0, 0xFDEF), (0xFFF9, 0xFFFB)):
        table.set("control", DROP, first, last)
    for plane in range(17):
        table.set("control", DROP, plane * 0x10000 + 0xFFFE, plane * 0x10000 + 0xFFFF)


def private_use(table: Table, _width: str) -> None:
    """Drop private-use characters: icon fonts of web pages, which nothing but their page can show."""
    for first, last in ((0xE000, 0xF8FF), (0xF0000, 0xFFFFD), (0x100000, 0x10FFFD)):
        table.set("private_use", DROP, first, last)


def compose(table: Table, _width: str) -> None:
    """Join a letter and a following accent or kana voice mark into the letter that Unicode has for both (NFC).

    Only pairs that NFC itself composes; other marks and their order stay.
    """
    pairs = {}
    for point in itertools.chain(range(0xC0, 0x2300), range(0x3040, 0x3100)):  # no other holds such a pair
        parts = unicodedata.decomposition(chr(point)).split()
        if len(parts) != 2 or parts[0].startswith("<") or unicodedata.normalize("NFC", chr(point)) != chr(point):
            continue
        base, mark = (int(part, 16) for part in parts)
        if 0x300 <= mark <= 0x36F or mark in {0x3099, 0x309A}:
            pairs[base << 16 | mark] = point
            table.set("compose", MARK, mark)
    table.pairs = np.array(sorted(pairs), np.int64)
    table.composed = np.array([pairs[pair] for pair in sorted(pairs)], np.uint16)


def indent(_table: Table, _width: str) -> None:
    """Drop spaces at the start of a Chinese paragraph; code, lists and tables keep theirs.

    A line counts as such a paragraph when it starts with Chinese, or with a number, word or opening bracket that
    Chinese follows at once (``　　2016年``, ``　　(一)``), but not ``    print("中文")`` or ``  - 中文``.
    """


def trailing_space(_table: Table, _width: str) -> None:
    """Drop spaces at the end of a line."""


def blank_lines(_table: Table, _width: str) -> None:
    """Keep one of several empty lines in a row, and none at the start or end of a document."""


RULE_FUNCTIONS: tuple[Rule, ...] = (
    line_end,
    width,
    presentation,
    dash,
    ellipsis,
    space,
    zero_width,
    bidi,
    control,
    private_use,
    compose,
    indent,
    trailing_space,
    blank_lines,
)

REPAIRS = ("entity", "mojibake", "mojibake_left", "lost_text")
"""Rules that work on the text before its characters are looked at one by one (``taoxi.normalize.repairs.repair``)."""

RULES: tuple[str, ...] = (*(rule.__name__ for rule in RULE_FUNCTIONS), *REPAIRS)
"""All rules, in the order of the counters in ``changes``."""

_CJK_RANGES = (
    (0x1100, 0x11FF),
    (0x2E80, 0x2FDF),
    (0x3001, 0x9FFF),
    (0xA960, 0xA97F),
    (0xAC00, 0xD7FF),
    (0xF900, 0xFAFF),
    (0xFF01, 0xFFEF),
    (0x20000, 0x3FFFF),
)


@cache
def build(width: str) -> Table:
    """Build the table for ``half``, ``full`` or ``keep``; later rules do not overwrite earlier ones' characters."""
    table = Table()
    for rule in RULE_FUNCTIONS:
        rule(table, width)
    for first, last in _CJK_RANGES:
        table.action[first : last + 1] |= CJK_BIT
    return table
