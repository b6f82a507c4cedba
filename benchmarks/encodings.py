"""Count how many texts are read right: in every codec, at four lengths, whole and damaged in five ways.

Right is a text of which every character that the damage did not touch came out, exactly and in order. ``±1`` counts as
touched what the bytes cannot tell any more: the characters right beside the damage, and what an escape had told that
was hit itself; see ``injuries``. Beside taoxi stand chardet and charset-normalizer, whose answer Python decodes with
``errors="replace"``. Samples are stretches of the texts in ``benchmarks/texts``. Their sections ``fiction`` and
``chat`` were not looked at when the lists of frequent characters were made, and are counted by themselves; but their
failures were read later on, when the costs of rare characters, of jamo and of letters that stand alone were set, so
they are no longer a blind test. Real texts can be named in addition.
"""

from __future__ import annotations

import argparse
import random
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.injuries import INJURIES, injure, is_right
from benchmarks.tables import markdown

TEXTS = Path(__file__).parent / "texts"
HELD_OUT = ("fiction", "chat")
LENGTHS = (50, 200, 1_000, 10_000)

CJK = {
    "zh-hans": ("utf-8", "gb18030", "hz", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"),
    "zh-hant": ("utf-8", "big5hkscs", "cp950", "gb18030", "utf-16-le", "utf-16-be"),
    "ja": ("utf-8", "euc_jp", "cp932", "iso2022_jp", "utf-16-le", "utf-16-be"),
    "ko": ("utf-8", "cp949", "iso2022_kr", "utf-16-le", "utf-16-be"),
}
LETTERS = {
    "ru": ("utf-8", "utf-16-le", "cp1251", "koi8-r", "iso8859-5", "cp866"),
    "uk": ("utf-8", "utf-16-be", "cp1251", "koi8-u"),
    "de": ("utf-8", "utf-16-le", "cp1252"),
    "fr": ("utf-8", "utf-16-be", "cp1252"),
    "es": ("utf-8", "utf-16-le", "cp1252"),
    "pl": ("utf-8", "cp1250", "iso8859-2"),
    "tr": ("utf-8", "cp1254"),
    "el": ("utf-8", "cp1253", "iso8859-7"),
}

Reader = Callable[[bytes], str]


@dataclass(frozen=True)
class Case:
    """A text in a codec, and the damage that is done to it."""

    group: str
    language: str
    encoding: str
    length: int
    injury: str
    text: str
    seed: int


def ours(data: bytes) -> str:
    """Read bytes as taoxi does."""
    from taoxi.normalize.encodings.decoding import decode  # noqa: PLC0415 - the peers do without

    return decode(data).as_text()


def by_chardet(data: bytes, *, superset: bool = False) -> str:
    """Read bytes by the answer of chardet, which with ``superset`` takes Windows-1252 for ISO-8859-1, say."""
    import chardet  # noqa: PLC0415 - a peer

    return _replaced(data, chardet.detect(data, prefer_superset=superset, compat_names=False)["encoding"])


def by_charset_normalizer(data: bytes) -> str:
    """Read bytes by the answer of charset-normalizer."""
    import charset_normalizer  # noqa: PLC0415 - a peer that need not be installed

    best = charset_normalizer.from_bytes(data).best()
    return _replaced(data, None if best is None else best.encoding)


def _replaced(data: bytes, encoding: str | None) -> str:
    return data.decode(encoding or "utf-8", "replace").removeprefix("\ufeff")


READERS: dict[str, Reader] = {
    "taoxi": ours,
    "chardet": by_chardet,
    "chardet superset": partial(by_chardet, superset=True),
    "charset-normalizer": by_charset_normalizer,
}


def sections(path: Path) -> dict[str, str]:
    """Return the texts of a file by the headings before them."""
    found = {}
    for part in path.read_text(encoding="utf-8").split("# ")[1:]:
        name, _, text = part.partition("\n")
        found[name] = text
    return found


def pools(real: Sequence[Path]) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    """Yield group, language, text and codecs to test it in."""
    for language, encodings in {**CJK, **LETTERS}.items():
        found = sections(TEXTS / f"{language}.txt")
        held = "".join(found[name] for name in HELD_OUT if name in found)
        seen = "".join(text for name, text in found.items() if name not in HELD_OUT)
        yield "seen", language, seen, encodings
        yield "held out", language, held, encodings
    for path in real:
        text = path.read_text(encoding="utf-8", errors="ignore").replace("\ufeff", "")
        yield "real", "zh-hans", text, CJK["zh-hans"]


def stretch(text: str, length: int, rng: random.Random) -> str:
    """Return ``length`` characters of a text from a random place on, over its end if it is too short.

    What goes on at the start again is shuffled by lines, so that long samples are not the same text many times.
    """
    start = rng.randrange(len(text))
    parts = [text[start:]]
    lines = text.splitlines(keepends=True)
    while sum(map(len, parts)) < length:
        rng.shuffle(lines)
        parts += lines
    return "".join(parts)[:length]


def cases(
    real: Sequence[Path], lengths: Sequence[int], numbers: Sequence[int], only: str | None, damage: Sequence[str]
) -> Iterator[Case]:
    """Yield a case for each text, codec, length, damage and number of a sample."""
    for group, language, text, encodings in pools(real):
        for encoding in encodings:
            if only is not None and only not in {encoding, language, group}:
                continue
            held = text.encode(encoding, "ignore").decode(encoding)
            for length in lengths:
                for injury in damage:
                    for number in numbers:
                        seed = zlib.crc32(f"{group}{language}{encoding}{length}{injury}{number}{len(text)}".encode())
                        sample = stretch(held, length, random.Random(seed))
                        yield Case(group, language, encoding, length, injury, sample, seed)


def main(arguments: Sequence[str]) -> int:
    """Run the command ``encodings``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks encodings", description=__doc__)
    parser.add_argument("real", nargs="*", type=Path, metavar="TEXT", help="real texts in UTF-8, read in addition")
    parser.add_argument("--count", type=int, default=20, help="samples of each kind (default: 20)")
    parser.add_argument("--first", type=int, default=0, help="number of the first sample: others than last time")
    parser.add_argument("--lengths", type=int, nargs="+", default=LENGTHS, help="characters of a sample")
    parser.add_argument("--peers", action="store_true", help="ask chardet and charset-normalizer too, which is slow")
    parser.add_argument("--only", help="one codec, language or group")
    parser.add_argument("--damage", nargs="+", choices=INJURIES, default=list(INJURIES), help="kinds of damage")
    parser.add_argument("--failures", type=int, default=0, help="show so many samples that taoxi read wrong, ±1")
    args = parser.parse_args(arguments)
    readers = READERS if args.peers else {"taoxi": ours}
    right: Counter[tuple[str, ...]] = Counter()
    asked: Counter[tuple[str, ...]] = Counter()
    worse: list[Case] = []
    shown = 0
    numbers = range(args.first, args.first + args.count)
    for case in cases(args.real, args.lengths, numbers, args.only, args.damage):
        injured = injure(case.text, case.encoding, case.injury, random.Random(case.seed))
        result = {}
        for name, reader in readers.items():
            text = reader(injured.data)
            result[name] = is_right(injured, text)
            result[f"{name} ±1"] = is_right(injured.apart(), text)
        if case.injury == "none" and (result.get("chardet") or result.get("chardet superset")) and not result["taoxi"]:
            worse.append(case)
        if not result["taoxi ±1"] and shown < args.failures:
            shown += 1
            print(f"{case.group} {case.language} {case.encoding} {case.length} {case.injury} seed {case.seed}")
        kind = "CJK" if case.language in CJK else "letters"
        length = f"{case.length:,}"
        for name, good in result.items():
            for key in (
                ("all", kind, case.group, "", length),
                ("codec", f"{case.encoding} ({case.language})", length),
                ("injury", kind, case.injury, length),
                ("cell", f"{case.encoding} ({case.language})", case.injury, length),
            ):
                asked[*key, name] += 1
                right[*key, name] += good
    lengths = [f"{length:,}" for length in args.lengths]
    columns = [name + more for name in readers for more in (" ±1", "")]
    for table in ("all", "codec", "injury", "cell"):
        rows = {key[:-2]: None for key in asked if key[0] == table}
        head = ["texts read right, %", *(f"{n} {name}" for name in columns for n in lengths)]
        body = [
            [
                " ".join(filter(None, row[1:])),
                *(_share(right, asked, (*row, n, name)) for name in columns for n in lengths),
            ]
            for row in rows
        ]
        print(f"\n{markdown(head, body)}")
    if args.peers:
        print(f"\nWhole texts that chardet reads and taoxi does not: {len(worse)}")
        for case in worse:
            print(f"  {case.group} {case.language} {case.encoding} {case.length} seed {case.seed}")
    return 0


def _share(right: Counter[tuple[str, ...]], asked: Counter[tuple[str, ...]], key: tuple[str, ...]) -> str:
    return f"{100 * right[key] / asked[key]:.1f}" if asked[key] else "–"
