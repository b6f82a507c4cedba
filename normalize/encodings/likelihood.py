"""How many bits a character of a language takes, and with that any byte or pair of bytes under an encoding.

A codec is as likely as the text that it makes of the bytes. So each language has a model, which gives a code point its
information, ``-log2`` of how often it occurs: frequent characters by their rank, the others by the level of the
national standard that they belong to. Read by the wrong codec, Han characters become rare ones at some 17 bits each
instead of 10, and the bits of the wrong codec run away from those of the right one by hundreds within a line.

Bits are counted in eighths, so that a table of all pairs of bytes fits into 64 KB and sums are exact integers.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

Costs = NDArray[np.uint8]

UNIT = 8
"""Costs per bit."""

INVALID = 255
"""The cost that marks bytes which are no character."""

BAD_BITS = 20
"""Bits of a byte that belongs to no character: more than any common character, less than two rare ones."""

RARE = 26
"""Bits of a character that a language does not use."""

STRANGE = 30
"""Bits of a character that hardly any text has: control characters, private use, unassigned code points."""

FIRST_RANK = 4.6
RANK_SLOPE = 0.7
"""Bits of the most frequent character, and what each doubling of the rank adds. In Chinese 的 is 4 % of the text, the
hundredth character a quarter of a percent, the thousandth 0.02 %."""

LIGATURES = range(0xFB00, 0xFE70)

_ASCII_LETTERS = dict(zip("etaoinshrdlcumwfgypbvkjxqz", np.linspace(5.0, 9.0, 26).tolist(), strict=True))


@dataclass(frozen=True)
class Form:
    """How the bytes of a codec make characters; the kernels of ``shortest`` are written for these kinds."""

    kind: int
    singles: Costs
    pairs: Costs
    longer: Costs


PAIRS, FOUR, THREE, UTF16, UTF32, EIGHT = range(6)
"""Kinds of a codec: one or two bytes; also four with digits (GB18030), three behind 8F (EUC-JP); units; one byte."""


def _ranked(table: Costs, characters: str, first: float = FIRST_RANK, slope: float = RANK_SLOPE) -> None:
    """Set the costs of characters that are listed by frequency."""
    for rank, char in enumerate(characters):
        _lower(table, (ord(char),), first + slope * np.log2(1 + rank))


def _lower(table: Costs, points: Iterable[int] | range, bits: float) -> None:
    """Set the costs of code points unless they are lower already."""
    index = np.fromiter(points, np.int64)
    table[index] = np.minimum(table[index], round(bits * UNIT))


@cache
def _common() -> dict[str, str]:
    text = files("taoxi.normalize.encodings").joinpath("common.tsv").read_text(encoding="utf-8")
    return dict(line.split("\t") for line in text.splitlines() if not line.startswith("#"))


@cache
def _base() -> Costs:
    """Return what all languages share: ASCII, general punctuation, and what is rare or strange in any text."""
    table = np.full(1 << 16, RARE * UNIT, np.uint8)
    strange = [*range(0x20), 0x7F, *range(0x80, 0xA0), *range(0xD800, 0xF900), 0xFFFE, 0xFFFF]
    table[strange] = STRANGE * UNIT
    unassigned = [point for point in range(0xA0, 0x3100) if unicodedata.category(chr(point)) == "Cn"]
    table[unassigned] = table[[*range(0xA4D0, 0xAC00), *LIGATURES]] = STRANGE * UNIT
    _lower(table, (0x20, 0x0A), 4.5)
    _lower(table, (0x0D, 0x09), 7)
    for char, bits in _ASCII_LETTERS.items():
        _lower(table, (ord(char),), bits)
        _lower(table, (ord(char.upper()),), bits + 3)
    _lower(table, range(0x30, 0x3A), 6.5)
    _lower(table, range(0x21, 0x7F), 9)
    _lower(table, (0xFEFF, 0x3000, 0xA0, 0xB7, 0x2022, 0x2026, 0x2013, 0x2014, 0x2018, 0x2019, 0x201C, 0x201D), 10)
    _lower(table, (*range(0xA1, 0xC0), *range(0x2010, 0x2040), 0x20AC, 0x2103, 0x2116, 0x2122), 13)
    _lower(table, (*range(0x2160, 0x216C), *range(0x2190, 0x219A), *range(0x2460, 0x2474)), 15)
    _lower(table, range(0x2500, 0x2580), 11)  # rules and boxes, which stand in rows
    _lower(table, (*range(0x25A0, 0x25D0), *range(0x2200, 0x2270), 0x2605, 0x2606, 0x266A), 15)
    return table


def _east_asian(
    level_one: str, level_two: str, leads: tuple[int, int, int], trails: range, levels: tuple[float, float]
) -> Costs:
    """Return a model with CJK punctuation, and the two levels of a standard: ``leads`` are their three bounds.

    ``levels`` are the bits of a character of each level that is not among the frequent ones.
    """
    table = _base().copy()
    _lower(table, map(ord, "，。、"), 5)
    _lower(table, map(ord, "：；？！「」『』（）《》“”"), 8)
    _lower(table, range(0x3001, 0x3020), 10)
    _lower(table, range(0xFF01, 0xFF5F), 14)
    _lower(table, range(0xFF10, 0xFF1A), 12.5)
    _lower(table, range(0x4E00, 0x9FA6), 22)
    _lower(table, range(0xF900, 0xFA2E), 26)
    first, second, last = leads
    _lower(table, _codes(level_one, range(first, second), trails), levels[0])
    _lower(table, _codes(level_two, range(second, last), trails), levels[1])
    return table


def _codes(encoding: str, leads: range, trails: range) -> list[int]:
    data = b"".join(bytes((lead, trail)) for lead in leads for trail in trails)
    return [ord(char) for char in data.decode(encoding, "ignore") if ord(char) > 0x7F]


@cache
def simplified() -> Costs:
    """Return the model of Simplified Chinese."""
    table = _east_asian("gb2312", "gb2312", (0xB0, 0xD8, 0xF8), range(0xA1, 0xFF), (15.5, 20))
    _ranked(table, _common()["simplified"])
    _lower(table, range(0x3041, 0x3100), 17)
    return table


@cache
def traditional() -> Costs:
    """Return the model of Traditional Chinese."""
    table = _east_asian("big5", "big5", (0xA4, 0xC9, 0xFA), range(0x40, 0xFF), (15.5, 21.5))
    _ranked(table, _common()["traditional"])
    _lower(table, range(0x3105, 0x312A), 16)
    _lower(table, range(0x3041, 0x3100), 18)
    return table


@cache
def japanese() -> Costs:
    """Return the model of Japanese."""
    table = _east_asian("euc_jp", "euc_jp", (0xB0, 0xD0, 0xF5), range(0xA1, 0xFF), (14, 20))
    _ranked(table, _common()["kanji"], 7.5)
    _ranked(table, _common()["hiragana"], 4.0, 0.7)
    _ranked(table, _common()["katakana"], 6.0, 0.7)
    _lower(table, range(0x3041, 0x3094), 11)
    _lower(table, range(0x30A1, 0x30FD), 11)
    _lower(table, range(0xFF61, 0xFFA0), 14)
    return table


@cache
def korean() -> Costs:
    """Return the model of Korean; Han characters are rare in it."""
    table = _east_asian("gb2312", "gb2312", (0xB0, 0xB0, 0xB0), range(0xA1, 0xFF), (22, 22))
    _lower(table, range(0xAC00, 0xD7A4), 20)
    _lower(table, range(0x3041, 0x3100), 18)
    _lower(table, _codes("euc_kr", range(0xB0, 0xC9), range(0xA1, 0xFF)), 13.5)
    _lower(table, _codes("euc_kr", range(0xCA, 0xFE), range(0xA1, 0xFF)), 19)
    _lower(table, range(0x3131, 0x3164), 16)
    _lower(table, map(ord, "ㅋㅎㅠㅜ"), 11)  # laughter and tears, which chats are full of
    _ranked(table, _common()["hangul"], 4.8)
    return table


_USUAL = (range(0x386, 0x3CF), range(0x410, 0x450), range(0x5D0, 0x5EB), range(0x621, 0x64B), range(0xE01, 0xE5A))
"""The letters of today's Greek, Russian, Hebrew, Arabic and Thai."""


@cache
def alphabet(script: str) -> Costs:
    """Return the model of a language written in letters: a word of ``unicodedata`` such as ``CYRILLIC``."""
    table = _base().copy()
    letters = [point for point in _letters() if unicodedata.name(chr(point), "").startswith(f"{script} ")]
    for point in letters:
        char = chr(point)
        upper = char != char.lower()
        usual = point < 0x180 if script == "LATIN" else any(point in points for points in _USUAL)
        bits = (10.0 if script == "LATIN" else 5.5) + (0 if usual else 6.0)
        _lower(table, (point,), bits + (3 if upper else 0))
    if script == "CYRILLIC":
        _ranked(table, "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё", 3.4, 0.9)
        _ranked(table, "ПВСНОКМИДТРАГБЕУЛЗЧШФЭЯХЖЮЩЦ", 7.0, 0.9)
        _ranked(table, "іїєґ", 6.0, 1.5)
    return table


@cache
def _letters() -> tuple[int, ...]:
    return tuple(point for point in range(0xAA, 0x1F00) if unicodedata.category(chr(point))[0] in "LM")


ALPHABETS = ("LATIN", "CYRILLIC", "GREEK", "ARABIC", "HEBREW", "THAI")

OTHER_LANGUAGE = 4
"""Bits that a character costs more if it is not of the language that an encoding was made for."""

UNIVERSAL = 1
"""Bits that a character costs more under an encoding that serves all languages."""


def _mixed(first: Costs, *others: Costs, more: float = OTHER_LANGUAGE) -> Costs:
    table = first.copy()
    for other in others:
        np.minimum(table, np.minimum(other, INVALID - 1 - round(more * UNIT)) + round(more * UNIT), out=table)
    return table


LANGUAGES: dict[str, Callable[[], Costs]] = {
    "simplified": simplified,
    "traditional": traditional,
    "japanese": japanese,
    "korean": korean,
    **{script.lower(): partial(alphabet, script) for script in ALPHABETS},
}


@cache
def universal() -> Costs:
    """Return the model of Unicode: any of the languages."""
    table: Costs = np.min([model() for model in LANGUAGES.values()], axis=0)
    table[0x80:] = np.minimum(table[0x80:], INVALID - 1 - UNIVERSAL * UNIT) + UNIVERSAL * UNIT
    return table


@cache
def languages(encoding: str) -> tuple[str, ...]:
    """Return the languages that text of an encoding may be in."""
    if encoding.startswith("gb"):
        return ("simplified", "traditional")
    if encoding in {"big5hkscs", "cp950"}:
        return ("traditional",)
    if encoding in {"cp949", "euc_kr"}:
        return ("korean",)
    if encoding in {"cp932", "shift_jis_2004", "euc_jp", "euc_jis_2004"}:
        return ("japanese",)
    if encoding.startswith("utf"):
        return tuple(LANGUAGES)
    high = bytes(range(0x80, 0x100)).decode(encoding, "ignore")
    scripts = [unicodedata.name(char, " ").split()[0] for char in high if char.isalpha()]
    return (max(ALPHABETS, key=scripts.count).lower(),)


@cache
def _model(encoding: str, language: str | None) -> Costs:
    """Return the costs of code points in text of an encoding, and of one language if that is known."""
    if encoding.startswith("utf"):
        return universal() if language is None else _mixed(LANGUAGES[language](), universal())
    if encoding == "gb18030":
        others = [LANGUAGES[name]() for name in languages(encoding) if name != language]
        return _mixed(LANGUAGES[language](), *others) if language is not None else _mixed(others[0], *others[1:])
    if encoding in {"big5hkscs", "cp950"}:
        return _mixed(traditional(), simplified())
    return LANGUAGES[languages(encoding)[0]]()


@cache
def form(encoding: str, language: str | None = None) -> Form:
    """Return the costs of the bytes of a codec: of single ones, of pairs (first * 256 + second), of longer ones.

    ``longer`` holds the second and third byte of EUC-JP's triples. All costs are in eighths of a bit, ``INVALID`` where
    there is no character.
    """
    singles = np.full(256, INVALID, np.uint8)
    none = np.full(1, INVALID, np.uint8)
    model = _model(encoding, language)
    if encoding.startswith("utf-16"):
        units = np.arange(1 << 16, dtype=np.uint16)
        pairs = model[units.byteswap()] if encoding == "utf-16-le" else model.copy()
        surrogates = units.byteswap() if encoding == "utf-16-le" else units
        pairs[(surrogates & 0xF800) == 0xD800] = INVALID
        return Form(UTF16, singles, pairs, none)
    if encoding.startswith("utf-32"):
        return Form(UTF32, singles, model, none)
    for byte in range(256):
        char = bytes((byte,)).decode(encoding, "ignore")
        if char and not (encoding in {"big5hkscs", "cp950"} and byte >= 0x80):
            singles[byte] = model[ord(char)]
    if singles[0xE0] != INVALID and singles[0xF0] != INVALID:
        return Form(EIGHT, singles, none, none)
    leads = range(0x80, 0x100)
    pairs = _pairs(encoding, [bytes((lead,)) for lead in leads if singles[lead] == INVALID], model)
    if encoding.startswith("euc_j"):
        longer = _pairs(encoding, [bytes((0x8F, second)) for second in range(0xA1, 0xFF)], model)
        return Form(THREE, singles, pairs, longer)
    return Form(FOUR if encoding == "gb18030" else PAIRS, singles, pairs, none)


def _pairs(encoding: str, heads: list[bytes], model: Costs) -> Costs:
    """Return the costs of each byte behind each of ``heads``, of which the last byte counts."""
    costs = np.full(1 << 16, INVALID, np.uint8)
    slots, chars = characters(encoding, tuple(heads))
    rare = np.where((chars > 0xFFFF).any(0), RARE * UNIT, STRANGE * UNIT)
    each = np.where(chars < 0xFFFF, model[np.minimum(chars, 0xFFFF)], rare)
    costs[slots] = each.max(0)
    return costs


@cache
def characters(encoding: str, heads: tuple[bytes, ...]) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    """Return which bytes behind ``heads`` make a character (last byte of the head * 256 + byte), and the code points.

    The code points (uint32, 2 by n) are the same twice but for the few pairs that make two of them.
    """
    tails = range(0x30, 0x100)
    # A line feed is no part of any character, so each combination is decoded by itself however bad the last one was.
    data = b"".join(head + bytes((tail, 0x0A)) for head in heads for tail in tails)
    points = np.frombuffer(data.decode(encoding, "replace").encode("utf-32-le"), np.uint32)
    ends = np.flatnonzero(points == ord("\n"))
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1] + 1])
    two = ends - starts == 2
    chars = np.stack([points[starts], np.where(two, points[np.minimum(starts + 1, ends)], points[starts])])
    last = np.tile(np.array(tails, np.uint32), len(heads))
    good = ((ends - starts == 1) | two) & (chars != 0xFFFD).all(0) & ~(two & (chars[1] == last))
    slots = np.repeat([head[-1] << 8 for head in heads], len(tails)) | last
    return slots[good].astype(np.int64), chars[:, good]
