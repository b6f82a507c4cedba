"""Texts of ``siblings_kinds``, and copies of texts as they are found on other sites."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from benchmarks.siblings_words import PHRASES, WORDS

_PLACE = re.compile(r"\{(?:(\w+):)?(\w+)\}")

_WORDS_OF = {name: words.split() for name, words in WORDS.items()} | {
    name: words.split("|") for name, words in PHRASES.items()
}
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN = "伟 芳 秀英 建国 志强 丽华 文斌 国庆 海燕 玉兰 晓明 永福 德明 桂英 振华 立新 雪梅 金生 少杰 春生"
_JAPANESE_SURNAMES = "佐藤 鈴木 高橋 田中 渡辺 伊藤 山本 中村 小林 加藤"
_JAPANESE_GIVEN = "一郎 正雄 和子 幸子 健太 美咲 茂 清 久美子 弘"
_PAGES = "通知公告 办事指南 领导信箱 政策解读 人才招聘 服务大厅 历史沿革 机构设置 校园风光 学术讲座 招生简章 专题报道"
_VILLAGES = "王家沟 李家庄 石桥 上湾 大坪 新河 龙泉 柳树屯 高家堡 杏花 马蹄湾 双溪"

_RANGES = {
    "few": (0, 39),
    "hundreds": (100, 999),
    "thousands": (1000, 9999),
    "big": (10_000_000, 999_999_999),
    "year": (2015, 2024),
    "oldyear": (1920, 1959),
    "lateyear": (1980, 1992),
    "month": (1, 12),
    "day": (1, 28),
    "hour": (6, 22),
    "min": (10, 59),
    "degree": (-9, 36),
    "age": (71, 99),
    "area": (310, 990),
    "phone": (2_000_000, 8_999_999),
    "code": (100, 999),
    "stock": (600_000, 603_999),
    "student": (201_500_000, 202_499_999),
    "days": (20, 90),
    "week": (1, 52),
    "points": (5, 60),
    "tens": (0, 90),
    "age_limit": (30, 50),
    "gate": (1, 64),
}


_MADE: dict[str, Callable[[random.Random], str]] = {
    "person": lambda rng: rng.choice(_SURNAMES) + rng.choice(_GIVEN.split()),
    "title": lambda rng: (
        rng.choice(_VILLAGES.split()) + rng.choice(["村", "社区", "小学", "中心"]) + rng.choice(_PAGES.split())
    ),
    "train": lambda rng: rng.choice("GDKZ") + str(rng.randint(100, 9999)),
    "ball": lambda rng: f"{rng.randint(1, 33):02}",
    "rate": lambda rng: f"{rng.uniform(0.8, 9):.4f}",
    "mm": lambda rng: f"{rng.randint(1, 12):02}",
    "model": lambda rng: "".join(rng.choices("ABCDEHKMNRSTX", k=2)) + f"-{rng.randint(100, 9999)}",
    "flight": lambda rng: "".join(rng.choices("ABDKLNSUX", k=2)) + str(rng.randint(100, 9999)),
    "jperson": lambda rng: rng.choice(_JAPANESE_SURNAMES.split()) + rng.choice(_JAPANESE_GIVEN.split()),
    "mag": lambda rng: f"{rng.uniform(3, 6):.1f}",
}


def _fact(slot: str, rng: random.Random) -> str:
    """Return a fact of a kind."""
    if slot in _WORDS_OF:
        return rng.choice(_WORDS_OF[slot])
    if slot in _RANGES:
        return str(rng.randint(*_RANGES[slot]))
    return _MADE[slot](rng) if slot in _MADE else f"{rng.uniform(0.2, 60):.2f}"  # price, pct, money


def fill(template: str, rng: random.Random) -> str:
    """Return a text of a template: every place filled, those of one name alike."""
    named: dict[str, str] = {}

    def put(match: re.Match[str]) -> str:
        name, slot = match.groups()
        if name is None:
            return _fact(slot, rng)
        return named.setdefault(name, _fact(slot, rng))

    return _PLACE.sub(put, template)


Copier = Callable[[str, random.Random], str]

_HAN = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面"


_LETTERS = (
    "abcdefghiklmnoprstuvwy",
    "абвгдежзиклмнопрстуфхыья",
    "가고기나는다라로리마서시아어에을이자지하한",
    "あいうえおかがきくけこさしすたてとなにのはまもらりるれをん",
)
_SCRIPT = {sign: letters for letters in _LETTERS for sign in letters}


def edited(rate: float) -> Copier:
    """Return what changes, drops and puts in single characters at a rate; letters become letters of their script."""

    def copy(text: str, rng: random.Random) -> str:
        out = []
        for sign in text:
            draw = rng.random()
            if sign == "\n" or draw >= rate:
                out.append(sign)
            elif draw < rate / 3:
                continue
            elif draw < 2 * rate / 3:
                out.append(rng.choice(_SCRIPT.get(sign, _HAN)))
            else:
                out += [sign, rng.choice(_SCRIPT.get(sign, _HAN))]
        return "".join(out)

    return copy


def elsewhere(text: str, rng: random.Random) -> str:
    """Return the text as another site shows it: a header, a line of date, source and readers, and a footer."""
    site = rng.choice(["江南都市网", "中原新闻网", "海峡在线", "北方热线"])
    day = f"{rng.randint(2015, 2024)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
    stamp = f"{day} {rng.randint(0, 23)}:{rng.randint(10, 59)}"
    note = f"发布时间：{stamp}　来源：{site}　浏览：{rng.randint(10, 9999)}次"
    lines = text.split("\n")
    place = rng.choice([0, 1])
    return "\n".join(
        [f"{site} > 首页 > 正文", *lines[:place], note, *lines[place:], f"（责任编辑：{_fact('person', rng)}）"]
    )


def cut(text: str, rng: random.Random) -> str:
    """Return the text without its last fifth at most."""
    return text[: int(len(text) * rng.uniform(0.8, 0.97))]


def longer(text: str, rng: random.Random) -> str:
    """Return the text with a paragraph put in."""
    added = rng.choice(
        [
            "更多精彩内容，请关注本报官方微信公众号，及时获取权威资讯。",
            "（本文系转载，版权归原作者所有，如有侵权请联系删除。）",
        ]
    )
    lines = text.split("\n")
    lines.insert(rng.randint(0, len(lines)), added)
    return "\n".join(lines)


_DIGITS = str.maketrans("0123456789", "〇一二三四五六七八九")
_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


def typeset(text: str, rng: random.Random) -> str:
    """Return the text with its numbers written another way: thousands apart, years in Han numerals, or full width."""
    way = rng.randrange(3)
    if way == 0:
        return re.sub(r"(?<![\d.])\d{4,9}(?![\d.年])", lambda match: f"{int(match[0]):,}", text)
    if way == 1:
        return re.sub(r"(\d{4})年", lambda match: match[1].translate(_DIGITS) + "年", text)
    return text.translate(_WIDE)


def corrected(text: str, rng: random.Random) -> str:
    """Return the text with one of its numbers corrected; texts with few numbers stay."""
    found = list(re.finditer(r"(?<![\d.])\d{2,4}(?![\d.年月日])", text))
    if len(found) < 8:  # noqa: PLR2004 - of few numbers, one that differs is another fact
        return text
    match = rng.choice(found)
    return text[: match.start()] + str(int(match[0]) + rng.randint(1, 9)) + text[match.end() :]


COPIES: dict[str, Copier] = {
    "edited 0.5%": edited(0.005),
    "edited 1%": edited(0.01),
    "edited 2%": edited(0.02),
    "edited 3%": edited(0.03),
    "elsewhere": elsewhere,
    "cut": cut,
    "longer": longer,
    "typeset": typeset,
    "corrected": corrected,
}
