"""How much mojibake is repaired, how much is flagged, how much is missed, and what is taken for it that is none."""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from benchmarks.tables import markdown, percent
from taoxi.normalize.characters.rules import REPAIRS
from taoxi.normalize.repairs.misread import high_bytes
from taoxi.normalize.repairs.repair import repair

Damage = Callable[[str], str]

WRITTEN = {
    "fr": "Le café était fermé, mais l’hôtel d’à côté servait déjà le petit déjeuner : œufs, crêpes et thé à "
    "la menthe. Où êtes-vous allés l’été dernier ? « Nulle part », répondit-elle, gênée.",
    "de": "Die Straße führt über die Brücke zum größten Platz der Stadt. „Schön“, sagte er, „daß wir früh hie"
    "r sind.“ Übung macht den Meister – das weiß jeder.",
    "es": "¿Dónde está la estación? El niño comió una piña y la señora bebió café. Mañana habrá más informaci"
    "ón sobre la reunión del comité en Málaga.",
    "pt": "A situação não é fácil, mas a região já começou a recuperação. Os irmãos comeram pão com maçã e ma"
    "mão. São três opções à disposição da população.",
    "vi": "Việt Nam là một quốc gia nằm ở phía đông bán đảo Đông Dương. Thủ đô là Hà Nội, thành phố đông dân "
    "nhất là Thành phố Hồ Chí Minh. Ăn quả nhớ kẻ trồng cây.",
    "ru": "Сегодня утром поезд пришёл вовремя. На вокзале нас встретили друзья, и мы поехали в гостиницу «Зар"
    "я». Погода была хорошая, и вечером все гуляли по набережной.",
    "ja": "今日は天気がとても良いので、友達と公園へ散歩に行きました。帰りに本屋で新しい小説を買って、喫茶店で"
    "コーヒーを飲みながら読みました。明日は仕事が早いので、もう寝ます。",
    "ko": "오늘은 날씨가 좋아서 친구와 함께 공원에 산책을 갔습니다. 돌아오는 길에 서점에서 새 소설을 사고 카"
    "페에서 커피를 마시면서 읽었습니다. 내일은 일찍 일어나야 합니다.",
    "zh-Hant": "今天天氣很好，我和朋友去公園散步。回來的路上在書店買了一本新小說，然後到咖啡館邊喝咖啡邊看書。臺灣"
    "的夏天雖然熱，但是晚上的風讓人覺得舒服。明天還要上班，所以早點睡覺。",
    "zh": "今天天气很好，我和朋友去公园散步。回来的路上在书店买了一本新小说，然后到咖啡馆边喝咖啡边看书。北方"
    "的夏天虽然热，但是晚上的风让人觉得舒服。明天还要上班，所以早点睡觉。",
}
"""Texts in several languages, written for this benchmark."""

GENUINE = (
    "碘化钾与锛、锑、铋的化合物;镧系元素有镧铈镨钕钷钐铕钆铽镝钬铒铥镱镥。",
    "屯昌县与大屯镇;汤烫手,烫烫烫!小心!",
    "NÃO HÁ SÃO PAULO: «A IRMû e “A MANHÔ, CORAÇÃO… À MÃE",
    "Bảng chữ cái: A Ă Â B C D Đ E Ê G H I K L M N O Ô Ơ P Q R S T U Ư V X Y. ĐÂY LÀ DÂU",
    "Það er þjóðfélagið, æðið og þýðingarnar; ÍSLENSKA ÞJÓÐIN ÁÐUR",
    "Ä Ö Ü ä ö ü ß ÄÖÜäöüß ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏ àáâãäåæçèéêëìíîï ÅÄÖåäö ÆØÅæøå ÑñÇç ¿¡ «» §¶ ©®™ ½¼¾ ¹²³ °C ±×÷",
    "[ˈkæt] [ðə] [ˈθɪŋk] /ʃɔː(r)/ [ɥɛ˥˩] [tʂʰu˥]",
    "┌──┬──┐│甲│乙│├──┼──┤└──┴──┘ ╔══╗║╠╣╚╝ ▓▒░█▀▄",
    "СССР», «Рік», Сім’я, Різдво, Сіль, РБ… «Вісті РФ» В’єтнам Ђорђе Љубав Њива Ћевапи Џеп",
    "Ελληνική γλώσσα: Άλφα, Βήτα, Γάμμα. Ήταν ωραία μέρα.",
    "Zażółć gęślą jaźń. Příliš žluťoučký kůň úpěl ďábelské ódy. Árvíztűrő tükörfúrógép. İstanbul’da ışık şöyle",
    "Æ Ø Å Ã Õ Ñ Ĩ Ũ; Ã, ã, Â, â; Ã© is not é in this line only if one explains it; âge, à «l’âge»… é”…",
    "日本の鉄道と縺れた糸、繧繝縁の畳。繩文時代。",
    "龍門、錢莊、鐵路、銀行、開關、間隔、閣樓、鑑定、鐘錶、鏡頭、鋼鐵、鍛鍊、錄音、閱讀、閩南、闡述",
    "涓涓细流,浜松市,鎏金,鑫源公司,璇玑,绋绋,鍂鍇,鏖战,鎴鏴,閰閱閲",
    "¯\\_(ツ)_/¯ ···· °°° ×××× ÷÷ ¤¤¤ §§ 12–14…“quoted”—‘x’ «–» „“ ‚‘ ‰ † ‡ • ™",
    "Naïve façade, coöperate, résumé, Übermensch, Ångström, Señor, Ça va? Où? Noël, Zoë, Chloë, Brontë, MOTÖRHEAD",
    "créée, réélu, naïveté’”, l’été–automne, «Élysée», CAFÉ™, CAFÉ®, JOSÉ’S, À–É, Ð¹ ðþ ÞÐ",
)
"""Lines that look like mojibake to someone, and are none."""


def narrow(encoding: str) -> Damage:
    """Return the damage of UTF-8 read in an encoding of one byte a character; undefined bytes become controls."""
    table = {byte: char for char, byte in high_bytes(encoding).items() if not (encoding == "cp1252" and char < "\xa0")}
    table = {byte: table.get(byte, chr(byte)) for byte in range(256)}
    return lambda text: "".join(table[byte] for byte in text.encode())


def wide(encoding: str) -> Damage:
    """Return the damage of UTF-8 read in an encoding of two bytes a character; what cannot be read becomes U+FFFD."""
    return lambda text: text.encode().decode(encoding, "replace")


def legacy(encoding: str) -> Damage:
    """Return the damage of text of an encoding that was read as Windows-1252."""
    table = {byte: char for char, byte in high_bytes("cp1252").items() if char >= "\xa0"}
    return lambda text: "".join(table.get(byte, chr(byte)) for byte in text.encode(encoding))


def twice(damage: Damage, then: Damage) -> Damage:
    """Return one damage on top of another."""
    return lambda text: then(damage(text))


LATIN1: Damage = lambda text: text.encode().decode("latin-1")  # noqa: E731 - one damage of many

KINDS: dict[str, tuple[Damage, tuple[str, ...]]] = {
    "UTF-8 as cp1252": (narrow("cp1252"), tuple(WRITTEN)),
    "UTF-8 as Latin-1": (LATIN1, tuple(WRITTEN)),
    "UTF-8 as cp1252 as cp1252": (twice(narrow("cp1252"), narrow("cp1252")), tuple(WRITTEN)),
    "UTF-8 as Mac Roman": (narrow("mac-roman"), ("fr", "de", "es", "pt")),
    "UTF-8 as cp1251": (narrow("cp1251"), ("ru",)),
    "UTF-8 as KOI8-R": (narrow("koi8-r"), ("ru",)),
    "UTF-8 as GB18030": (wide("gb18030"), ("zh", "zh-Hant", "ja", "ko")),
    "UTF-8 as GB18030 as GB18030": (twice(wide("gb18030"), wide("gb18030")), ("zh",)),
    "UTF-8 as GB18030 as cp1252": (twice(wide("gb18030"), narrow("cp1252")), ("zh",)),
    "UTF-8 as cp932": (wide("cp932"), ("ja", "zh")),
    "UTF-8 as Big5": (wide("big5hkscs"), ("zh", "zh-Hant")),
    "UTF-8 as cp949": (wide("cp949"), ("ko", "zh")),
    "GB18030 as cp1252": (legacy("gb18030"), ("zh",)),
    "Big5 as cp1252": (legacy("big5hkscs"), ("zh-Hant",)),
    "cp932 as cp1252": (legacy("cp932"), ("ja",)),
    "EUC-JP as cp1252": (legacy("euc_jp"), ("ja",)),
    "cp949 as cp1252": (legacy("cp949"), ("ko",)),
    "cp1251 as cp1252": (legacy("cp1251"), ("ru",)),
    "KOI8-R as cp1252": (legacy("koi8-r"), ("ru",)),
}

LINE, TEXT = 24, 200
"""Characters of the shortest lines and texts that are damaged."""

SHAPES = ("document", "line", "run 20", "run 12", "run 6")


def repaired(text: str) -> tuple[str, Counter[str]]:
    """Repair one text; return it and the counts of the rules."""
    data = np.frombuffer(text.encode(), np.uint8)
    result = repair(data, np.array([0, len(data)], np.int64))
    return result.text.tobytes().decode(), Counter(dict(zip(REPAIRS, result.changes[0].tolist(), strict=True)))


def samples(text: str, shape: str, rng: random.Random) -> Iterator[tuple[str, str, str]]:
    """Yield what stands before a damaged stretch, the stretch, and what stands behind it."""
    lines = [line for line in text.split("\n") if len(line) >= LINE and not line.isascii()]
    if shape == "document":
        yield "", "\n".join(lines[:12]), ""
    elif shape == "line":
        for line in rng.sample(lines, min(4, len(lines))):
            yield lines[0] + "\n", line[:200], "\n" + lines[-1]
    else:
        size = int(shape.split()[1])
        for line in rng.sample(lines, min(4, len(lines))):
            start = rng.randrange(len(line) - size)
            stretch = line[start : start + size].strip()
            if sum(char >= "\x80" for char in stretch) * 2 > len(stretch):
                yield "《", stretch, "》" + line


def lossless(text: str, damage: Damage) -> bool:
    """Tell whether nothing of a text is lost: no U+FFFD, and no half character that took an ASCII sign along."""
    return not {"\ufffd", "锟"} & set(damage(text)) and "ï¿½" not in damage(text)


def can_be(char: str, damage: Damage) -> bool:
    """Tell whether the encoding of a damage has a character."""
    try:
        damage(char)
    except UnicodeEncodeError:
        return False
    return True


def main(arguments: list[str]) -> int:
    """Print two tables: what becomes of mojibake, and what of clean text."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks mojibake", description=__doc__)
    parser.add_argument(
        "clean", nargs="*", type=Path, help="clean Chinese text files (UTF-8 or GB18030) and folders of them"
    )
    parser.add_argument(
        "--show", type=int, default=0, metavar="N", help="print N texts of each kind that came out wrong"
    )
    args = parser.parse_args(arguments)
    texts = {name: [text] for name, text in WRITTEN.items()}
    files = [
        file for path in args.clean for file in (sorted(path.rglob("*")) if path.is_dir() else [path]) if file.is_file()
    ]
    clean = {str(file): read(file) for file in files}
    texts["zh"] += [text for text in clean.values() if len(text) > TEXT][:40]
    rows: list[tuple[str, ...]] = []
    for kind, (damage, languages) in KINDS.items():
        for shape in SHAPES:
            rows += table_rows(kind, damage, [text for name in languages for text in texts[name]], shape, args.show)
    print(markdown(("damage", "stretch", "whole?", "texts", "exact", "part or flagged", "missed", "wrong"), rows))
    print()
    wrong = Counter[str]()
    for name, text in [
        *clean.items(),
        *((f"genuine {k}", line) for k, line in enumerate((*GENUINE, *WRITTEN.values()))),
    ]:
        result, counts = repaired(text)
        wrong.update(counts)
        if result != text or counts["mojibake_left"]:
            print(f"{name}: {dict(counts)}")
    print(f"clean texts: {len(clean) + len(GENUINE) + len(WRITTEN)}, {dict(wrong)}")
    return 0


def table_rows(kind: str, damage: Damage, texts: list[str], shape: str, show: int) -> Iterator[tuple[str, ...]]:
    """Yield a row for what was damaged without loss and one for the rest."""
    rng = random.Random(7)
    outcome: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    for text in texts:
        for before, stretch, after in samples(text, shape, rng):
            stretch = "".join(char for char in stretch if can_be(char, damage))  # noqa: PLW2901 - what no encoding loses
            whole = lossless(stretch, damage)
            broken = before + damage(stretch) + after
            if damage(stretch) == stretch:
                continue
            result, counts = repaired(broken)
            # Where one layer is damage enough, each character must be of the clean text or of the damaged one.
            foreign = set(result) - set(before + stretch + after + broken) if kind.count(" as ") == 1 else set()
            if result == before + stretch + after:
                name = "exact"
            elif foreign or not result.startswith(before) or not result.endswith(after):
                name = "wrong"
            elif counts["mojibake"] or counts["mojibake_left"] or counts["lost_text"]:
                name = "part"
            else:
                name = "missed"
            outcome[whole][name] += 1
            if name != "exact" and whole and sum(outcome[True].values()) - outcome[True]["exact"] <= show:
                print(f"{name}: {stretch!r}\n  {broken[:80]!r}\n  {result[:80]!r}")
    for whole, counts in outcome.items():
        total = counts.total()
        if total:
            shares = [percent(counts[name], total) for name in ("exact", "part", "missed", "wrong")]
            yield kind, shape, "yes" if whole else "lossy", f"{total:,}", *shares


def read(file: Path) -> str:
    """Read a text file of one of the two encodings."""
    data = file.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")
