"""Texts of ``siblings_kinds``, and copies of texts as they are found on other sites."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

_PLACE = re.compile(r"\{(?:(\w+):)?(\w+)\}")

_WORDS = {
    "city": "北京 上海 广州 深圳 武汉 成都 西安 南京 杭州 郑州 长沙 济南 青岛 大连 厦门 昆明 哈尔滨 石家庄 呼和浩特",
    "county": "东城区 朝阳县 平阳县 清河区 永安县 长乐县 建德县 高新区 石泉县 木里县",
    "sky": "多云转晴 晴间多云 阴有小雨 小到中雨 晴 雷阵雨转多云 阴转小雪",
    "wind": "东 南 西 北 东南 西北",
    "dust": "细颗粒物 臭氧 可吸入颗粒物 二氧化氮",
    "school": "第一中学 实验小学 职业技术学院 人民医院 图书馆 公安局",
    "goods": "教学设备 办公家具 医疗器械 网络交换机 消防车辆 校园监控系统",
    "company": "华兴 东方新材 海通科技 中远重工 天成药业 金龙电子 恒达 瑞丰农业",
    "updown": "上涨 下跌",
    "moreless": "增加 减少",
    "inout": "入 出",
    "show": "大江东去 山海情深 人间正道 老家门口 风雨同舟 繁花似锦",
    "topic": "消失的存款 深夜来电 大山里的学校 黄河之水 丝路新程 雪域高原",
    "cartoon": "小熊历险记 森林学校 海底小分队 智慧树下",
    "ch": "综合 财经 综艺 农业 戏曲",
    "team": "山东泰岳 上海海湾 北京国风 广州南粤 河南嵩岳 成都蓉和 浙江绿水 天津津沽",
    "winlose": "战胜 不敌 力克 惜败",
    "bureau": "教育局 财政局 水利局 交通运输局 卫生健康局 自然资源局",
    "feel": "明显 轻微 较强",
    "side": "东 南 西 北",
    "crop": "水稻 小麦 玉米 花生 油菜 烤烟 茶叶 柑橘",
    "jcity": "東京 大阪 名古屋 札幌 福岡 仙台 広島",
    "jsky": "晴れ時々曇り 曇り一時雨 おおむね晴れ 雨のち曇り 雪",
    "port": "Rotterdam Ningbo Hamburg Savannah Colombo Valencia Klang",
    "road": "人民路 建设大街 长江路 解放南路 中山东路 和平街",
    "estate": "阳光花园 翠湖雅苑 东方明珠 金色家园 幸福里 滨江一号 锦绣城",
    "thing": "双肩背包 保温水杯 折叠雨伞 手提行李箱 儿童书包 木制座椅",
    "prize": "国家奖学金 校长奖学金 优秀毕业生称号 三好学生称号 励志奖学金",
    "college": "机械工程学院 文学院 外国语学院 化学化工学院 数学系 土木建筑学院",
    "room": "标准双床房 豪华大床房 家庭套房 商务单间 湖景大床房",
    "ordinal": "一 二 三 四 五 六",
}
_WORDS_OF = {name: words.split() for name, words in _WORDS.items()}
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN = "伟 芳 秀英 建国 志强 丽华 文斌 国庆 海燕 玉兰 晓明 永福 德明 桂英 振华 立新 雪梅 金生 少杰 春生"
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
}


_MADE: dict[str, Callable[[random.Random], str]] = {
    "person": lambda rng: rng.choice(_SURNAMES) + rng.choice(_GIVEN.split()),
    "title": lambda rng: (
        rng.choice(_VILLAGES.split()) + rng.choice(["村", "社区", "小学", "中心"]) + rng.choice(_PAGES.split())
    ),
    "train": lambda rng: rng.choice("GDKZ") + str(rng.randint(100, 9999)),
    "ball": lambda rng: f"{rng.randint(1, 33):02}",
    "rate": lambda rng: f"{rng.uniform(0.8, 9):.4f}",
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


def edited(rate: float) -> Copier:
    """Return what changes, drops and puts in single characters at a rate."""

    def copy(text: str, rng: random.Random) -> str:
        out = []
        for sign in text:
            draw = rng.random()
            if sign == "\n" or draw >= rate:
                out.append(sign)
            elif draw < rate / 3:
                continue
            elif draw < 2 * rate / 3:
                out.append(rng.choice(_HAN))
            else:
                out += [sign, rng.choice(_HAN)]
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
