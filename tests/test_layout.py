"""What a page adds to its text, in a whole run: chrome, furniture and watermarks go, with place, rule and evidence."""

from __future__ import annotations

import json
import re
import textwrap
from pathlib import Path
from typing import Any

import pytest

from taoxi.corpus import Options
from taoxi.corpus.options import CHROME_RULES, LINE_RULES, UsageError
from taoxi.corpus.report import Alarm, ExitCode, Lost
from taoxi.dedup.chrome import Reason
from taoxi.normalize.lines import Rule
from tests.support import Folder, Row, jsonl, prose, run, taoxi, whole

HEAD = ["晨星网", "首页|要闻|专题|视频", "打开客户端"]
TAIL = ["分享到:微信 微博", "晨星网 版权所有", "京ICP备12345678号"]


def article(seed: int) -> list[str]:
    """Return a title and three paragraphs."""
    return [prose(3000 + seed)[:9], *(prose(10 * seed + k, 150) for k in range(3))]


def site(count: int, host: str = "news.example", head: list[str] = HEAD, tail: list[str] = TAIL) -> list[Row]:
    """Return the pages of a site, each with its own text."""
    return [
        {"text": "\n".join([*head, *article(seed), *tail]), "url": f"https://{host}/{seed}.html"}
        for seed in range(count)
    ]


def cut(folder: Folder) -> list[tuple[str, str, str, Any]]:
    """Return what went from documents: kind, reason, text, and the evidence as an object."""
    rows = [row for row in folder.ledger if row["evidence"] is not None]
    return [(row["kind"], row["reason"], row["text"], json.loads(row["evidence"])) for row in rows]


def test_the_options_name_every_rule() -> None:
    """The words of ``--without`` are those of the packages that apply the rules."""
    assert tuple(rule.value for rule in Rule) == LINE_RULES
    assert tuple(reason.name.lower() for reason in Reason if reason is not Reason.NONE) == CHROME_RULES


def test_a_site_loses_what_its_pages_share(tmp_path: Path) -> None:
    """Texts stay whole, and the ledger says how many of the site's pages had the lines."""
    jsonl(tmp_path / "in.jsonl", site(24))
    report, folder = run(tmp_path / "out", tmp_path / "in.jsonl")
    assert [row["text"] for row in folder.corpus] == ["\n".join(article(seed)) for seed in range(24)]
    rows = cut(folder)
    assert {kind for kind, *_ in rows} == {"chrome"}
    assert "".join(text for _, _, text, _ in rows) == "".join(
        "\n".join([*HEAD, ""]) + "\n" + "\n".join(TAIL) for _ in range(24)
    )
    assert {(found["pages"], found["of"]) for *_, found in rows if "pages" in found} == {(24, 24)}
    assert all(row["changes"]["chrome"] >= 2 for row in folder.corpus)
    assert report.changes["chrome"] == len(rows)
    originals = [row["text"] for row in site(24)]
    assert [whole(row, folder.ledger) for row in folder.corpus] == originals


def test_chrome_off_leaves_it(tmp_path: Path) -> None:
    """And a kind of chrome can be left alone by itself."""
    pages = site(24)
    jsonl(tmp_path / "in.jsonl", pages)
    report, folder = run(tmp_path / "off", tmp_path / "in.jsonl", chrome="off")
    assert [row["text"] for row in folder.corpus] == [page["text"] for page in pages]
    assert (folder.ledger, report.cut) == ([], {})
    _, folder = run(tmp_path / "licence", tmp_path / "in.jsonl", without=("licence",))
    assert all(row["text"].endswith(TAIL[-1]) for row in folder.corpus)
    assert "licence" not in {reason for _, reason, *_ in cut(folder)}
    assert folder.manifest["options"]["without"] == ["licence"]


def test_copies_under_two_sites_are_copies(tmp_path: Path) -> None:
    """What differs between mirrors is their chrome, and that is gone before texts are compared."""
    other = (
        ["暮云在线", "新闻 - 财经 - 体育 - 娱乐", "您现在的位置:首页>正文"],
        ["上一篇:无", "关于我们|联系我们|网站地图"],
    )
    jsonl(tmp_path / "in.jsonl", [*site(24), *site(24, "mirror.example", *other)])
    report, folder = run(tmp_path / "out", tmp_path / "in.jsonl")
    assert (report.kept, report.removed) == (24, {"exact": 24})
    assert {row["copies"] for row in folder.corpus} == {2}


SENTENCES = [
    ("她们沿着河岸走了很久,终于看到了", "那座石桥,桥上一个人也没有。"),
    ("风停了以后,湖面上的倒影", "又清楚起来,像是从来没有动过。"),
    ("老人说这口井是他爷爷那一辈", "挖的,到现在水还是甜的。"),
    ("孩子们把写好的信放进瓶子里,再把瓶子", "埋在那棵最大的树下。"),
]
BROKEN = "".join(
    f"{prose(k, 300)}{before}\n- {k} -\n{behind}" for k, (before, behind) in enumerate(SENTENCES, 1)
) + prose(9, 300)


def test_page_breaks_are_mended(tmp_path: Path) -> None:
    """Page numbers go, sentences run on, and without the rules all stays as it was."""
    jsonl(tmp_path / "in.jsonl", [BROKEN])
    report, folder = run(tmp_path / "out", tmp_path / "in.jsonl")
    assert folder.corpus[0]["text"] == re.sub(r"\n- \d -\n", "", BROKEN)
    assert [(kind, reason, found["seen"]) for kind, reason, _, found in cut(folder)] == [
        ("furniture", "page_number", 4)
    ] * 4
    assert report.changes == {"page_number": 4, "mend_break": 4}
    assert whole(folder.corpus[0], folder.ledger).replace("\n", "") == BROKEN.replace("\n", "")
    _, folder = run(tmp_path / "off", tmp_path / "in.jsonl", without=("page_number", "mend_break"))
    assert folder.corpus[0]["text"] == BROKEN


def test_wrapped_lines_are_joined(tmp_path: Path) -> None:
    """A text that a width has cut is one line a paragraph again; that can be left out by itself."""
    words = "The old mill by the river had been silent for years, and nobody in the village could say who owned it. "
    lines = textwrap.wrap(words * 6, 60)
    jsonl(tmp_path / "in.jsonl", ["\n".join(lines)])
    report, folder = run(tmp_path / "out", tmp_path / "in.jsonl")
    assert "\n" not in folder.corpus[0]["text"]
    assert report.changes["unwrap"] >= 6
    _, folder = run(tmp_path / "off", tmp_path / "in.jsonl", without=("unwrap",))
    assert folder.corpus[0]["text"] == "\n".join(lines)


@pytest.mark.parametrize("text", ["- 7 -", "第3页 共9页", "首页|要闻|专题|视频", "【打印】【关闭】", "(下转4版)"])
def test_a_text_that_is_nothing_else_stays(tmp_path: Path, text: str) -> None:
    """No document is emptied by what it looks like."""
    jsonl(tmp_path / "in.jsonl", [text])
    report, folder = run(tmp_path / "out", tmp_path / "in.jsonl")
    assert [row["text"] for row in folder.corpus] == [text]
    assert report.removed == {}


def test_the_guard_names_sites_that_are_mostly_chrome(tmp_path: Path) -> None:
    """Many pages with hardly a text are worth an alarm; a few among others only a word."""
    names = [prose(9000 + k).replace("。", "")[:4] for k in range(60)]
    long = ["|".join(names[k : k + 4]) for k in range(0, 60, 4)]
    shells = [
        {"text": "\n".join([*long, prose(k)[:12], *TAIL]), "url": f"https://empty.example/{k}"} for k in range(30)
    ]
    jsonl(tmp_path / "in.jsonl", [*site(24), *shells])
    report, _ = run(tmp_path / "out", tmp_path / "in.jsonl")
    assert report.alarms == (Alarm("empty.example", 30, 30, Lost.TEXT),)
    done = taoxi("in.jsonl", "-o", "strict", "--strict", "--quiet", cwd=tmp_path)
    assert done.returncode == ExitCode.GUARD
    assert "empty.example: 30 of 30 documents lost over nine tenths of their text" in done.stderr
    jsonl(
        tmp_path / "few.jsonl",
        [
            *site(24),
            *(
                {**page, "url": f"https://news.example/x{k}"}
                for k, page in enumerate({"text": "\n".join([*HEAD, prose(k)[:3], *TAIL])} for k in range(2))
            ),
        ],
    )
    done = taoxi("few.jsonl", "-o", "few", "--strict", cwd=tmp_path)
    assert done.returncode == ExitCode.DONE


def test_a_wrong_rule_is_refused() -> None:
    """With the list of those that there are."""
    with pytest.raises(UsageError, match=r"--without cannot be 'footers'\. Give one of these: page_number, "):
        Options(inputs=("in",), out="out", without=("footers",))


def test_rules_come_from_a_file_or_the_command_line(tmp_path: Path) -> None:
    """As a list of words there, and several times here."""
    jsonl(tmp_path / "in.jsonl", site(24))
    (tmp_path / "run.toml").write_text('without = ["licence", "share"]\n')
    assert taoxi("in.jsonl", "-o", "a.jsonl", "--config", "run.toml", cwd=tmp_path).returncode == 0
    words = ("--without", "licence", "--without", "share")
    assert taoxi("in.jsonl", "-o", "b.jsonl", *words, cwd=tmp_path).returncode == 0
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()
    (tmp_path / "run.toml").write_text('without = "licence"\n')
    done = taoxi("in.jsonl", "-o", "c.jsonl", "--config", "run.toml", cwd=tmp_path)
    assert (done.returncode, "without must be an array of words" in done.stderr) == (ExitCode.USAGE, True)
