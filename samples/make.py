"""Write the raw dumps in samples/raw: small files that show every defect taoxi treats, from the texts in texts.toml.

``python samples/make.py`` writes them, ``python samples/make.py --check`` only compares. The same texts give the same
files on any machine; README.md beside this script says what each file shows.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import io
import json
import sys
import textwrap
import tomllib
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
RAW = HERE / "raw"
TEXTS: dict[str, Any] = tomllib.loads((HERE / "texts.toml").read_text(encoding="utf-8"))

INDENT = "\u3000\u3000"
HALF = str.maketrans("，；：！？（）", ",;:!?()")
FULL_DIGITS = str.maketrans("0123456789.", "０１２３４５６７８９．")
INVISIBLE = ("\u200b", "\u00ad", "\ufeff", "\u202a", "\ue5e5", "\u2060")
"""Zero-width space, soft hyphen, byte order mark, bidi embedding, private use, word joiner."""

LISTED = ("harbour", "terrace", "bookbus", "kiln", "snow")
MARKS = "，。：；、“”\n"
STAMP = "更多资料+【公众号:海堤文库】"
WATERMARKS = (STAMP, STAMP, STAMP, "", STAMP, "更多资料+vx:haidi520")
"""What is stamped on pages of paged.txt, in turn."""

TRUNCATED_AT = 16
"""Characters that the truncated copy keeps of its third paragraph: few, so that whole paragraphs are most of it."""


def paragraphs(name: str) -> list[str]:
    """Return the paragraphs of a text."""
    return str(TEXTS[name]["text"]).strip().split("\n")


def near(name: str) -> tuple[str, str]:
    """Return title and text of a near copy. A change that no longer finds its place in the text is an error."""
    change = TEXTS["near"][name]
    text = "\n".join(paragraphs(name))
    for old, new in change["replace"]:
        if old not in text:
            raise ValueError(f"The text {name} no longer holds {old!r}. Correct near.{name} in texts.toml.")
        text = text.replace(old, new)
    return change["title"], f"{text}\n{change['append']}".strip()


def dirty(text: str) -> str:
    """Return the text as a careless page holds it: full-width digits, indents, invisible characters inside words."""
    indented = "\n".join(INDENT + line for line in text.translate(FULL_DIGITS).split("\n"))
    step = 29  # a prime, so that the marks fall anywhere in a sentence
    parts = [indented[at : at + step] for at in range(0, len(indented), step)]
    return "".join(part + INVISIBLE[i % len(INVISIBLE)] for i, part in enumerate(parts))


def listing() -> str:
    """Return a list page as a crawler flattens it: delimiter, title, body on one half-width line, date."""
    lines: list[str] = []
    for name in LISTED:
        lines += ["-", TEXTS[name]["title"], " ".join(paragraphs(name)).translate(HALF), TEXTS[name]["date"]]
    lines += ["内容有误或想补充?点这里告诉编辑", "", "- 联系我们", "- 隐私说明"]
    return "\n".join(lines) + "\n"


def pasted() -> str:
    """Return one report three times after another."""
    heading = TEXTS["report"]["heading"].strip()
    report = "\n\n".join([heading, *(INDENT + line for line in paragraphs("report"))])
    return "\n\n\n".join([report] * 3) + "\n"


def compilation() -> str:
    """Return a compilation: cover, contents page with groups and pages, three of five reports, the last cut off."""
    entries: list[dict[str, Any]] = TEXTS["compilation"]
    lines = ["工作总结汇编", "内部资料", "目 录"]
    for number, entry in enumerate(entries, start=1):
        if number == 1 or entry["group"] != entries[number - 2]["group"]:
            lines.append(entry["group"])
        lines.append(f"{number}.{entry['title']} {entry['page']}")
    for entry in entries:
        if "text" in entry:
            lines += [entry["title"], entry["text"].strip().translate(HALF)]
    return "\n".join(lines)


def titled(name: str) -> str:
    """Return a text as a page of its own: title, indented paragraphs."""
    return "\n".join([TEXTS[name]["title"], "", *(INDENT + line for line in paragraphs(name))]) + "\n"


def record(name: str, host: str, **changes: str | int) -> dict[str, str | int]:
    """Return a text as a crawler's record."""
    text = TEXTS[name]
    url = f"https://{host}/{text['date'][:10]}/{name}.html"
    fields = {"url": url, "title": text["title"], "date": text["date"], "text": "\n".join(paragraphs(name))}
    return fields | ({"author": text["author"]} if "author" in text else {}) | changes


def articles() -> str:
    """Return the JSON Lines: originals beside every kind of copy, and two lines that hold no document."""
    ferry_title, ferry = near("ferry")
    keeper_title, keeper = near("lighthouse")
    bridge, orchard = paragraphs("bridge"), paragraphs("orchard")
    truncated = "\n".join([*bridge[:2], bridge[2][:TRUNCATED_AT] + "……"])
    trad = TEXTS["clock_traditional"]
    lines = [
        json.dumps(fields, ensure_ascii=escaped)
        for fields, escaped in [
            (record("tea", "news.lantai.example", views=1841), False),
            (record("tea", "mirror.example"), True),
            (record("ferry", "news.lantai.example", views=977), False),
            (record("ferry", "mirror.example", title=ferry_title, text=ferry), False),
            (record("clock", "news.lantai.example", views=3020), False),
            (record("clock", "tw.mirror.example", title=trad["title"], text=trad["text"].strip()), False),
            (record("bridge", "digest.example", text=truncated), False),
            (record("bridge", "news.lantai.example", views=655), False),
            (record("orchard", "news.lantai.example", text="\n".join([*orchard, orchard[1]])), False),
            (record("lighthouse", "islands.example", section="History"), False),
            (record("lighthouse", "reprint.example", title=keeper_title, text=keeper), False),
            (record("market", "shiomi.example"), False),
            (record("notice", "shideng.example"), False),
            (record("notice", "mirror.example"), False),
        ]
    ]
    lines.insert(6, '{"url": "https://news.lantai.example/2024-01-02/broken.html", "text": "抓取到这里断了线，后面')
    lines.insert(10, '{"url": "https://news.lantai.example/2024-01-03/photos.html", "title": "图片新闻", "images": 12}')
    return "\n".join(lines) + "\n"


def news() -> str:
    """Return the CSV: Chinese column names, quoted line breaks and quotation marks, one row that is a dirty copy."""
    table = io.StringIO()
    rows = csv.writer(table, lineterminator="\r\n")
    rows.writerow(["标题", "正文", "发布时间", "网址"])
    for name in ("bees", "paper", "marathon", "frost"):
        text = "\n".join(paragraphs(name)).replace("“", '"').replace("”", '"')
        rows.writerow([TEXTS[name]["title"], text, TEXTS[name]["date"], f"https://lantai-daily.example/{name}"])
    snow = dirty("\n".join(paragraphs("snow")))
    rows.writerow([TEXTS["snow"]["title"], snow, TEXTS["snow"]["date"], "https://mirror.example/snow"])
    return table.getvalue()


def crawl() -> str:
    """Return a crawl whose text field has another name: two texts of its own, two that stand in other files."""
    title, bees = near("bees")
    records = [
        record("stars", "dapingcun.example"),
        record("bees", "mirror.example", title=title, text=bees),
        record("kiln", "mirror.example"),
        record("salt", "wangchao.example"),
    ]
    renamed = [{"content" if key == "text" else key: value for key, value in fields.items()} for fields in records]
    return "".join(json.dumps(fields, ensure_ascii=False) + "\n" for fields in renamed)


def site() -> str:
    """Return pages of one site as text: menu, path, date line, share bar, other titles and footer around each body."""
    texts: list[dict[str, str]] = TEXTS["site"]
    records = []
    for number, text in enumerate(texts):
        others = [texts[(number + step) % len(texts)]["title"] for step in (1, 2, 3)]
        lines = [
            "兰台晚报网",
            "首页 | 城事 | 乡土 | 人物 | 天气",
            "您的位置:首页 > 乡土 > 正文",
            text["title"],
            f"发布时间:{text['date']} 来源:兰台晚报 浏览:{1301 + 77 * number}次",
            *text["text"].strip().split("\n"),
            "分享到:微博 微信 QQ空间",
            "相关阅读",
            *others,
            "关于我们 | 联系我们 | 网站地图",
            "版权所有 兰台晚报网 未经许可不得转载",
        ]
        records.append({"url": f"https://evening.lantai.example/{number}.html", "text": "\n".join(lines)})
    return "".join(json.dumps(fields, ensure_ascii=False) + "\n" for fields in records)


def paged() -> str:
    """Return a text cut into pages in mid-sentence: page numbers, running heads, watermarks at some of the cuts."""
    heading = TEXTS["paged"]["heading"]
    text = "\n".join(paragraphs("paged"))
    cuts = [at for at in range(95, len(text), 95) if "\n" not in text[at - 12 : at + 12]]
    cuts = [next(at for at in range(cut, 0, -1) if text[at - 1] not in MARKS and text[at] not in MARKS) for cut in cuts]
    lines = [heading]
    at = 0
    for number, cut in enumerate(cuts, start=1):
        stamp = WATERMARKS[number % len(WATERMARKS)]
        lines += [text[at:cut] + stamp, f"- {number} -", heading]
        at = cut
    return "\n".join([*lines, text[at:]]) + "\n"


def wrapped() -> str:
    """Return a letter whose lines end at column 64, with an empty line between paragraphs."""
    return "\n\n".join("\n".join(textwrap.wrap(line, 64)) for line in paragraphs("wrapped")) + "\n"


def page(name: str) -> str:
    """Return a text as a page of a news site: menu, path, date line, share bar, related articles, footer."""
    body = "".join(f"<p>{line}</p>\n" for line in paragraphs(name))
    menu = "".join(f'<a href="/{word}/">{word}</a> ' for word in ("首页", "新闻", "财经", "文化", "天气", "论坛"))
    related = "".join(f'<li><a href="/{k}.html">{TEXTS[k]["title"]}</a></li>\n' for k in ("tea", "ferry", "clock"))
    title, date = TEXTS[name]["title"], TEXTS[name]["date"]
    return f"""<!DOCTYPE html>
<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312">
<title>{title} - 兰台新闻网</title>
<link rel="canonical" href="https://news.lantai.example/{name}.html">
<script>var views = 1841;</script></head>
<body><div class="nav">{menu}</div>
<div class="path">您的位置:<a href="/">首页</a> &gt; <a href="/news/">新闻</a> &gt; 正文</div>
<h1>{title}</h1>
<div class="info">发布时间:{date} 来源:兰台新闻网 <a href="#">打印</a> <a href="#">关闭</a></div>
<div class="content">
{body}</div>
<div class="share">分享到:<a href="#">微博</a> <a href="#">微信</a></div>
<div class="related"><h3>相关阅读</h3><ul>
{related}</ul></div>
<div class="footer"><a href="/about/">关于我们</a> | <a href="/contact/">联系我们</a><br>版权所有 兰台新闻网</div>
</body></html>
"""


def archive() -> bytes:
    """Return a web archive: a page, the request for it, a page that was not found."""
    found = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + page("bridge").encode("gb18030")
    lost = b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n<html><body>404</body></html>"
    records = []
    for kind, name, content in (
        ("request", "bridge", b"GET /bridge.html HTTP/1.1\r\n\r\n"),
        ("response", "bridge", found),
        ("response", "gone", lost),
    ):
        head = (
            f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: https://news.lantai.example/{name}.html\r\n"
            f"WARC-Date: 2024-05-06T07:08:09Z\r\nContent-Type: application/http; msgtype={kind}\r\n"
            f"Content-Length: {len(content)}\r\n\r\n"
        )
        records.append(head.encode() + content + b"\r\n\r\n")
    return b"".join(records)


class Member(zipfile.ZipInfo):
    """A member whose name is in GBK without a word about it, as Windows writes it; the module itself writes UTF-8."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - the module's name
        return self.filename.encode("gbk"), self.flag_bits


def bundle() -> bytes:
    """Return a ZIP archive of two texts."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as members:
        for name, text in (("稿件/窑.txt", "kiln"), ("snow.txt", "snow")):
            members.writestr(Member(name), titled(text).encode("gb18030"))
    return packed.getvalue()


def mojibake() -> str:
    """Return records that another program read in the wrong encoding: UTF-8 as Latin-1, GB18030 as Latin-1."""
    wrong = (("salt", "utf-8"), ("stars", "gb18030"))
    records = [
        record(name, "mirror.example", text="\n".join(paragraphs(name)).encode(right).decode("latin-1"))
        for name, right in wrong
    ]
    return "".join(json.dumps(fields, ensure_ascii=False) + "\n" for fields in records)


def mixed() -> bytes:
    """Return records of three crawlers one after another: GB18030, Big5, UTF-8."""
    shop = {"title": TEXTS["bookshop"]["title"], "text": "\n".join(paragraphs("bookshop"))}
    records = (
        (record("tea", "gb.example"), "gb18030"),
        (shop, "big5"),
        (record("lighthouse", "islands.example"), "utf-8"),
    )
    return b"".join((json.dumps(fields, ensure_ascii=False) + "\n").encode(codec) for fields, codec in records)


def damaged() -> bytes:
    """Return a text in GB18030 that lost a byte in the middle."""
    data = titled("marathon").encode("gb18030")
    return data[: len(data) // 2] + data[len(data) // 2 + 1 :]


def photo() -> bytes:
    """Return what no decoder should take for text: the head of a JPEG file and noise."""
    noise = b"".join(hashlib.sha256(bytes([i])).digest() for i in range(16))
    return b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + noise + b"\xff\xd9"


def files() -> dict[str, bytes]:
    """Return all files by their path in samples/raw."""
    _, terrace = near("terrace")
    harbour = "".join(f"{INDENT}{line}\r\n" for line in paragraphs("harbour"))
    return {
        "articles.jsonl": articles().encode(),
        "archive.warc.gz": gzip.compress(archive(), mtime=0),
        "big5.txt": titled("bookshop").replace("\n", "\r\n").encode("big5"),
        "bundle.zip": bundle(),
        "compilation.txt": compilation().encode(),
        "crawl.jsonl.gz": gzip.compress(crawl().encode(), mtime=0),
        "damaged.txt": damaged(),
        "empty.txt": b"",
        "listing.txt": listing().encode(),
        "mirror-gb18030.txt": harbour.encode("gb18030"),
        "mirror-utf16.txt": b"\xff\xfe" + f"{terrace}\n".encode("utf-16-le"),
        "mixed.jsonl": mixed(),
        "mojibake.jsonl": mojibake().encode(),
        "news.csv": news().encode("utf-8-sig"),
        "page.html": page("tea").encode("gb18030"),
        "paged.txt": paged().encode("gb18030"),
        "pasted.txt": pasted().replace("\n", "\r\n").encode(),
        "photo.bin": photo(),
        "site.jsonl": site().encode(),
        "sub/chapter10.txt": ("\n".join(paragraphs("chapter10")) + "\n").encode(),
        "sub/chapter2.txt": ("\n".join(paragraphs("chapter2")) + "\n").encode(),
        "wrapped.txt": wrapped().encode(),
    }


def content(path: Path, data: bytes) -> bytes:
    """Return what must not differ: of a gzip file the inside, because zlib's builds pack the same bytes differently."""
    return gzip.decompress(data) if path.suffix == ".gz" else data


def differences(made: dict[str, bytes]) -> list[str]:
    """Return the paths in which samples/raw is not what this script makes: missing, foreign or changed files."""
    present = {path.relative_to(RAW).as_posix() for path in RAW.rglob("*") if path.is_file()}
    return sorted(
        name
        for name in present | set(made)
        if name not in made
        or name not in present
        or content(RAW / name, (RAW / name).read_bytes()) != content(RAW / name, made[name])
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or compare the files; return the exit code."""
    parser = argparse.ArgumentParser(description="Write the raw dumps in samples/raw.")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 if a file differs from what would be written"
    )
    made = files()
    if not parser.parse_args(arguments).check:
        for name, data in made.items():
            (RAW / name).parent.mkdir(parents=True, exist_ok=True)
            (RAW / name).write_bytes(data)
        print(f"{len(made)} files, {sum(map(len, made.values())):,} bytes")
        return 0
    if found := differences(made):
        print(
            f"samples/raw is not what make.py makes: {', '.join(found)}. Run python samples/make.py.", file=sys.stderr
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
