"""HTML pages: what of them is visible, what is main text, what they say of themselves; and what only looks like one."""

from __future__ import annotations

import gzip
import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taoxi.normalize.encodings.declared import declared
from taoxi.normalize.model import Block, Format, Layout, Source
from taoxi.normalize.web.elements import REFERENCE_HASHES, TAG_HASHES
from taoxi.normalize.web.html import extract, parse_records
from taoxi.normalize.web.nesting import DEEPEST
from taoxi.normalize.web.page import read_page
from taoxi.normalize.web.sniffing import is_html
from tests.support import Folder, prose, run, whole

PAGES = sorted((Path(__file__).parent / "pages").glob("*.html"))
"""Pages of many templates; the comment at the end of each says what is expected of it."""

_EXPECTED = re.compile(rb"<!-- expect (\{.*\}) -->\s*$")


def load(path: Path) -> tuple[bytes, dict[str, Any]]:
    """Return a page and what is expected of it."""
    raw = path.read_bytes()
    found = _EXPECTED.search(raw)
    assert found is not None
    return raw[: found.start()], json.loads(found[1])


def parted(html: bytes) -> tuple[str, str]:
    """Return the main text of a page and what is set aside."""
    found = extract(html)
    kept, aside, at = [], [], 0
    for start, end, _ in found.aside:
        kept.append(found.text[at:start])
        aside.append(found.text[start:end])
        at = end
    kept.append(found.text[at:])
    return b"".join(kept).decode().replace("\xa0", " "), b"".join(aside).decode()


def lines(html: str) -> list[str]:
    """Return the visible lines of a page."""
    return read_page(html.encode()).text.decode().split("\n")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_main_text_of_a_template(path: Path) -> None:
    """What the page is about is kept; what every page of its site has is set aside."""
    html, expected = load(path)
    kept, aside = parted(html)
    assert [text for text in expected["keep"] if text not in kept] == []
    assert [text for text in expected["cut"] if text not in aside or text in kept] == []
    assert [text for text in expected.get("absent", []) if text in kept + aside] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_what_a_template_says_of_itself(path: Path) -> None:
    """Title, date and address are lifted, or None where the page has none."""
    html, expected = load(path)
    found = extract(html)
    assert {name: getattr(found, name) for name in ("title", "date", "url")} == {
        name: expected.get(name) for name in ("title", "date", "url")
    }


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_template_is_recognized_as_a_page(path: Path) -> None:
    """By its content, whatever its name is."""
    assert is_html(path.read_text(encoding="utf-8"))


RENDERED = [
    ("paragraphs", "<p>一<p>二</p>三", ["一", "二", "三"]),
    ("breaks", "一<br>二<br/><br>三", ["一", "二", "三"]),
    ("spaces", "<p> a\n\t b </p>", ["a b"]),
    ("wide line feed", "<p>中文\n  中文 English\ntext</p>", ["中文中文 English text"]),
    ("inline", "<p>a<b>b</b><i> c</i><span>d</span></p>", ["ab cd"]),
    ("list", "<ul><li>a<li>b<ul><li>c</ul>d</ul>", ["a", "b", "c", "d"]),
    ("terms", "<dl><dt>a<dd>b<dt>c<dd>d</dl>", ["a", "b", "c", "d"]),
    ("row", "<table><tr><th>a<th>b<tr><td>1<td>2</table>", ["a | b", "1 | 2"]),
    ("cell paragraphs", "<table><tr><td><p>a</p></td><td><p>b</p></td></tr></table>", ["a | b"]),
    ("layout row", "<table><tr><td>a<br>b</td><td>c</td></tr></table>", ["a", "b", "c"]),
    ("nested table", "<table><tr><td><table><tr><td>a<td>b</table><td>c</table>", ["a | b", "c"]),
    ("long cells", f"<table><tr><td>{'字' * 101}<td>b</table>", ["字" * 101, "b"]),
    ("pre", "<pre>\n a\n\n  b</pre>c", [" a", "", "  b", "c"]),
    ("script", "a<script>if (1<2) '<p>x</p>'</script><style>p{}</style>b", ["ab"]),
    ("controls", "<form>a<select><option>x</select><textarea>y</textarea><button>z</button>b</form>", ["ab"]),
    ("hidden", "a<div hidden>x</div><p style='DISPLAY : none'>y</p><i aria-hidden=true>z</i>b", ["a", "b"]),
    ("ruby", "<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp>字<rt>ji</ruby>", ["漢字"]),
    ("comments", "a<!-- x --><!--> b <!-- --!>c<!doctype html>d", ["a b cd"]),
    (
        "references",
        "&lt;&#20013;&#x6587;&amp;&copy2024&nbsp;&hellip;&bogus;&#0;&#150;",
        ["<中文&©2024\xa0…&bogus;\ufffd–"],
    ),
    ("two points", "&NotEqualTilde;&ngE;", ["≂̸≧̸"]),
    ("raw angle", "1 < 2 <3 a<", ["1 < 2 <3 a<"]),
    ("quotes", "<a title='>' href=x>a</a><a title=\">\">b</a>", ["ab"]),
    ("frames", "<frameset><frame src=a><noframes>text</noframes></frameset>", ["text"]),
    ("cdata", "<p><![CDATA[a]]", ["a]]"]),
    ("open comment", "a<!-- b <p>c", ["ac"]),
    ("open quote", 'a<p class="x>b</p><p>c', ["a", "b", "c"]),
    ("open title", "<title>a<p>b", ["a", "b"]),
    ("open tag", "a<p b", ["a<p b"]),
    ("end tags", "</p>a</div></b></td>b</br>c", ["a", "b", "c"]),
    ("link over blocks", "<a href=x>a<p>b</a>c</p>", ["a", "bc"]),
    ("image text", "<p>a<img alt=x>b</p>", ["ab"]),
    ("only images", "<img alt='字一'><img alt=\"字二\">", []),
]


@pytest.mark.parametrize(("html", "expected"), [case[1:] for case in RENDERED], ids=[case[0] for case in RENDERED])
def test_rendering(html: str, expected: list[str]) -> None:
    """A page has the lines that its reader sees."""
    assert [line for line in lines(html) if line or len(expected) > 1] == expected


def test_names_do_not_share_hashes() -> None:
    """Kernels know elements and references by their hash alone."""
    for hashes in (TAG_HASHES, REFERENCE_HASHES):
        assert len(set(hashes.tolist())) == len(hashes)


def test_images_speak_for_a_page_of_images() -> None:
    """What images show is the text of a page that has no other."""
    assert extract("<img alt='字一'><img alt=\"字二\"><img alt='字一'>".encode()).text.decode() == "字一\n字二"


def test_xhtml_elements_may_end_themselves() -> None:
    """In XHTML ``<div hidden="x"/>`` hides nothing; in HTML the slash means nothing."""
    assert lines('<?xml version="1.0"?><html><div hidden="x"/>a</html>') == ["a"]
    assert lines('<div hidden="x"/>a') == [""]


@pytest.mark.parametrize(
    "text",
    [
        "Use <html> and <body> in every page.",
        "# 标题\n\n<div align=center><img src=a></div>\n\n正文。",
        "<div align=center><h1>Project</h1></div>\n\n## Install\n\ntext",
        "```html\n<!DOCTYPE html>\n<html></html>\n```",
        "<?xml version='1.0'?><rss><channel><title>a</title><link>b</link></channel></rss>",
        "<新闻> 本报讯 </新闻>",
        "a < b and b > c",
        "<3 <3 <3",
        "<name> is a placeholder for what you like, and it is all that stands here.",
        "",
    ],
)
def test_text_that_quotes_tags_stays_text(text: str) -> None:
    """Tags alone make no page."""
    assert not is_html(text)


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff<!-- saved -->\n<!DOCTYPE html><p>a",
        "<?xml version='1.0'?>\n<html xmlns='x'>",
        "<head><title>a</title></head>",
        "<table><tr><td>a</td><td>b</td></tr></table>",
        "<doc id='1' url='x'>\n<html><p>a</p></html>",
    ],
)
def test_pages_without_their_beginning_are_pages(text: str) -> None:
    """Comments, an XML declaration or whoever wrapped it may stand before it."""
    assert is_html(text)


def test_declared_charset() -> None:
    """Of ``meta`` in both forms and of the XML declaration; what is no codec is none."""
    assert declared(b"<meta charset=Big5>") == "big5hkscs"
    assert declared(b'<META content="text/html;charset=GBK" http-equiv=Content-Type>') == "gb18030"
    assert declared(b'<?xml version="1.0" encoding="Shift_JIS"?>') == "cp932"
    assert declared(b'<doc id="1" encoding="gbk">\n<html>') == "gb18030"
    assert declared(b'<p>a<doc encoding="gbk">') is None
    assert declared(b"<meta charset=none>") is None
    assert declared(b'<meta charset="utf-16">') == "utf-8"


# Hostile pages


def test_deep_nesting() -> None:
    """Elements beyond the deepest are content of it; the text is all there, and so is what follows."""
    deep = 100_000
    html = "<div>" * deep + "里" + "</div>" * deep + "<p>外"
    assert lines(html) == ["里", "外"]
    assert lines("<b>" * (DEEPEST + 9) + "a" + "</b>" * (DEEPEST + 9) + "<p>b") == ["a", "b"]


@pytest.mark.parametrize(
    "html",
    [
        "<a " * 200_000,
        "<!-- " * 200_000,
        "<title>" * 100_000,
        '<p class="' * 100_000,
        "</div>" * 100_000,
        "<table><tr><td>" * 50_000 + "x",
        "&" * 500_000,
        "<pre>" + "\n" * 500_000 + "a",
        "<pre>" + "a\n" * 300_000,
        "<![CDATA[" * 100_000,
        '<meta "' * 200_000,
        "<meta '><link '" * 100_000,
        "<img " * 100_000,
        '<script type="application/ld+json">' * 50_000,
        f"<title>{'题_' * 300_000}</title>",
        f'<p title="{"x" * 3_000_000}">a</p>',
    ],
    ids=[
        "tags",
        "comments",
        "titles",
        "quotes",
        "ends",
        "tables",
        "references",
        "breaks",
        "lines",
        "cdata",
        "metas",
        "mixed",
        "images",
        "linked data",
        "title",
        "attribute",
    ],
)
def test_broken_markup_takes_linear_time(html: str) -> None:
    """Each of these would take hours if something were searched for again and again."""
    assert extract(html.encode()).text is not None


MARKUP = st.lists(
    st.sampled_from(
        [
            *(
                "<p>",
                "</p>",
                "<div class='nav'>",
                "</div>",
                "<table>",
                "<tr>",
                "<td>",
                "</td>",
                "</table>",
                "<a href=x>",
            ),
            *(
                "</a>",
                "<ul>",
                "<li>",
                "<pre>",
                "</pre>",
                "<br>",
                "<script>",
                "</script>",
                "<div hidden>",
                "<!--",
                "-->",
            ),
            *(
                "&lt;",
                "&#x",
                "&nbsp;",
                "<",
                ">",
                '"',
                "<h1>",
                "</h1>",
                "<ruby>",
                "<rt>",
                "中文，",
                "a b.",
                "\n",
                "。",
                "\xa0",
            ),
            *("<footer>", "</footer>", "<p title='", "<title>", "</title>", "<select>", "<b>", "</b>", "\x00", "\x1f"),
        ]
    ),
    max_size=60,
).map("".join)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(MARKUP)
def test_lines_tile_the_text(html: str) -> None:
    """The lines of a page are its text, their facts are possible, and each stretch set aside is whole lines."""
    page = read_page(html.encode())
    bounds = page.facts[:, :2].tolist()
    assert "\n".join(page.text[start:end].decode() for start, end in bounds) == page.text.decode()
    assert (page.facts[:, 2] < len(page.nodes)).all()
    assert (page.facts[:, 4] <= page.facts[:, 3]).all()
    found = extract(html.encode())
    at = 0
    for start, end, _ in found.aside:
        assert at <= start < end
        assert start == 0 or found.text[start - 1 : start] == b"\n"
        assert end == len(found.text) or found.text[end - 1 : end] == b"\n"
        at = end


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.binary(max_size=300) | MARKUP.map(lambda text: text.encode("gb18030")))
def test_any_bytes_are_records_that_tile_them(data: bytes) -> None:
    """Whatever is called HTML becomes records whose spans are all of it."""
    block = Block(Source("a.html", "a.html", ""), 0, Layout(Format.HTML, "utf-8"), 7, 3, data)
    records, _ = parse_records(block)
    assert records[0].start == 7
    assert records[-1].end == 7 + len(data)
    assert all(left.end == right.start for left, right in pairwise(records))


# Through the whole way


def page(seed: int, count: int = 3) -> str:
    """Return a page with a menu, a title, some paragraphs and a footer."""
    paragraphs = "".join(f"<p>{prose(100 * seed + k)}</p>" for k in range(count))
    return (
        f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>第{seed}篇_某某网</title></head><body>"
        "<div class='nav'><a href='/'>首页</a><a href='/a'>要闻</a></div>"
        f"<h1>第{seed}篇</h1>{paragraphs}<div class='footer'>版权所有 某某网</div></body></html>\n"
    )


def test_pages_of_a_folder(tmp_path: Path) -> None:
    """Each page is a document; its other lines are in the ledger and restore the visible page exactly."""
    dump = tmp_path / "dump"
    dump.mkdir()
    (dump / "a.html").write_text(page(1), encoding="utf-8")
    (dump / "b").write_bytes(page(2).replace("utf-8", "gb2312").encode("gb18030"))
    (dump / "c.htm.gz").write_bytes(gzip.compress(page(3).encode("utf-16")))
    _, out = run(tmp_path / "out", dump)
    assert [row["format"] for row in out.sources] == ["html"] * 3
    assert [row["encoding"] for row in out.sources] == ["utf-8", "gb18030", "utf-16-le"]
    for seed, document in enumerate(out.corpus, 1):
        paragraphs = [prose(100 * seed + k) for k in range(3)]
        assert document["text"] == "\n".join([f"第{seed}篇", *paragraphs])
        assert document["title"] == f"第{seed}篇"
        expected = "\n".join(["首页要闻", f"第{seed}篇", *paragraphs, "版权所有 某某网"])
        assert whole(document, out.ledger) == expected
    assert {(row["kind"], row["reason"], row["leader"]) for row in out.ledger} == {("chrome", "page", None)}
    assert {row["document"] for row in out.ledger} == {row["id"] for row in out.corpus}


def test_pages_one_after_another_in_a_file(tmp_path: Path) -> None:
    """Each is a record of its own, however the file is cut into blocks."""
    data = "".join(page(seed) for seed in range(1, 9)).encode()
    (tmp_path / "all.html").write_bytes(data)
    for size in (100, 3_000, 1 << 22):
        _, out = run(tmp_path / str(size), tmp_path / "all.html", batch_bytes=size)
        assert [row["title"] for row in out.corpus] == [f"第{seed}篇" for seed in range(1, 9)]
        assert [row["record"] for row in out.corpus] == list(range(8))
        assert [data[row["byte_start"] : row["byte_end"]].decode() for row in out.corpus] == [
            page(seed) for seed in range(1, 9)
        ]
        for document in out.corpus:
            assert whole(document, out.ledger).startswith("首页要闻\n第")


def test_rows_of_pieces_count_over_lost_and_empty_pages(tmp_path: Path) -> None:
    """A page without text and one that normalizes to nothing shift no piece to another document."""
    shell = "<!DOCTYPE html><html><script>x</script></html>"
    blank = "<!DOCTYPE html><html><p>\u200b\ue000</p></html>"
    (tmp_path / "all.html").write_text(shell + page(1) + blank + page(2) + shell, encoding="utf-8")
    _, out = run(tmp_path / "out", tmp_path / "all.html")
    assert [row["record"] for row in out.corpus] == [1, 3]
    for document in out.corpus:
        assert whole(document, out.ledger).endswith("版权所有 某某网")
    others = [(row["kind"], row["reason"], row["record"]) for row in out.ledger if row["kind"] != "chrome"]
    assert others == [("record", "no_text", 0), ("document", "empty", 2), ("record", "no_text", 4)]


def test_main_off_keeps_all_lines(tmp_path: Path) -> None:
    """``--main off`` sets nothing aside; what is left to the rules of chrome is another option."""
    (tmp_path / "a.html").write_text(page(1), encoding="utf-8")
    _, out = run(tmp_path / "out", tmp_path / "a.html", main="off", chrome="off")
    assert out.corpus[0]["text"].startswith("首页要闻\n第1篇\n")
    assert out.ledger == []


def test_a_format_that_is_named_is_believed(tmp_path: Path) -> None:
    """What does not look like a page is read as one if the user says so, and the other way round."""
    (tmp_path / "a").write_text("甲<br>乙", encoding="utf-8")
    (tmp_path / "b").write_text("<html>甲<br>乙", encoding="utf-16")
    _, out = run(tmp_path / "html", tmp_path / "a", tmp_path / "b", format="html")
    assert [row["text"] for row in out.corpus] == ["甲\n乙"]
    assert out.corpus[0]["copies"] == 2
    _, out = run(tmp_path / "text", tmp_path / "b", format="text")
    assert [row["text"] for row in out.corpus] == ["<html>甲<br>乙"]


def test_a_page_that_is_too_long_is_left_out(tmp_path: Path) -> None:
    """With its place, and the pages around it are read."""
    long = page(2, 40)
    data = page(1) + long + page(3)
    (tmp_path / "all.html").write_text(data, encoding="utf-8")
    report, out = run(tmp_path / "out", tmp_path / "all.html", max_record=4_000, batch_bytes=1_000)
    assert [row["record"] for row in out.corpus] == [0, 2]
    (problem,) = report.problems
    assert problem.byte == len(page(1).encode())
    assert f"Record 1 takes {len(long.encode()):,} bytes" in problem.message


def test_bad_bytes_of_a_page_are_told(tmp_path: Path) -> None:
    """Where they stand, and what stands for them."""
    data = page(1).encode().replace("首页".encode(), b"\xff\xe9")
    (tmp_path / "a.html").write_bytes(data)
    report, out = run(tmp_path / "out", tmp_path / "a.html")
    assert out.corpus[0]["bad_bytes"] == report.problems[0].message.count("2 bytes") * 2
    assert Folder(tmp_path / "out").sources[0]["error"] is not None
