"""Site chrome: what is learned, what goes, what stays."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from taoxi.dedup.chrome import Chrome, Counts, Reason, Stripped, Tally, count, learn, scan, strip
from taoxi.dedup.chrome.contents import cluster
from taoxi.dedup.chrome.counts import PAGE
from taoxi.dedup.chrome.learning import needed
from taoxi.dedup.chrome.lexicon import automaton, folded, read_terms
from tests.support import edited, prose

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "cases" / "chrome.jsonl").read_text(encoding="utf-8").splitlines()
]


def joined(texts: Sequence[str]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return texts one after another in UTF-8, and their bounds."""
    encoded = [text.encode() for text in texts]
    offsets = np.zeros(len(encoded) + 1, np.int64)
    np.cumsum([len(text) for text in encoded], out=offsets[1:])
    return np.frombuffer(b"".join(encoded), np.uint8), offsets


def learned(texts: Sequence[str], site: str = "site") -> Chrome:
    """Learn from pages of one site."""
    return learn(count(*joined(texts), [site] * len(texts)))


def pieces(texts: Sequence[str], stripped: Stripped) -> list[list[tuple[str, str]]]:
    """Return each text in pieces, with the reason of those that go, and an empty one for those that stay."""
    found = []
    for row, text in enumerate(texts):
        data, at, parts = text.encode(), 0, []
        for _, start, end, why, *_ in stripped.stretches[stripped.stretches[:, 0] == row].tolist():
            parts += [("", data[at:start].decode()), (Reason(why).name.lower(), data[start:end].decode())]
            at = end
        found.append([(why, part) for why, part in [*parts, ("", data[at:].decode())] if part])
    return found


def gone(texts: Sequence[str], chrome: Chrome | None = None, site: str = "site") -> list[list[str]]:
    """Return the lines of each page that go."""
    stripped = strip(*joined(texts), [site] * len(texts), (learned(texts) if chrome is None else chrome).known)
    return [
        [line for why, part in parts if why for line in part.split("\n") if line] for parts in pieces(texts, stripped)
    ]


def news(number: int, body: str | None = None) -> str:
    """Return a page of a site whose words no lexicon knows, but for the heading of a list."""
    titles = "\n".join(f"{prose(5000 + 10 * number + k)[:8]}" for k in range(3))
    return (
        f"青石观察站\n水文 鸟类 林木 影像\n{prose(3000 + number)[:7]}\n"
        f"{2000 + number % 20}-01-{number % 28 + 1:02} 观测第{number}号\n"
        f"{body or prose(number) + chr(10) + prose(900 + number)}\n"
        f"相关阅读\n{titles}\n观察站热线转{number}分机\n青石观察站编务组\n"
    )


def own_lines(number: int) -> list[str]:
    """Return what a page of ``news`` has for itself: title and text."""
    return [prose(3000 + number)[:7], prose(number), prose(900 + number)]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_one_page_by_the_lexicon(case: dict[str, Any]) -> None:
    """What the lexicon takes off a page of an unknown site, and that a second time takes nothing more."""
    text = "".join(piece.get("stays") or piece["goes"] for piece in case["pieces"])
    expected = [("", p["stays"]) if "stays" in p else (p["reason"], p["goes"]) for p in case["pieces"]]
    assert pieces([text], strip(*joined([text]), ["site"], Chrome.empty().known)) == [expected]
    left = "".join(piece.get("stays", "") for piece in case["pieces"])
    assert strip(*joined([left]), ["site"], Chrome.empty().known).stretches.tolist() == []


@pytest.mark.parametrize("size", [6, 20, 60])
def test_a_site_is_learned_from_its_pages(size: int) -> None:
    """Header, dates, counts, a list of titles that no two pages share, and footer go; title and text stay."""
    texts = [news(number) for number in range(size)]
    for number, lines in enumerate(gone(texts)):
        assert lines == [line for line in texts[number].split("\n") if line and line not in own_lines(number)]


def test_what_was_learned_of_one_site_says_nothing_of_another() -> None:
    """The same lines on another site are what they are to the lexicon."""
    texts = [news(number) for number in range(20)]
    assert gone(texts[:1], learned(texts), "elsewhere") == gone(texts[:1], Chrome.empty())


def test_a_later_page_is_stripped_by_what_was_learned_before() -> None:
    """A run that brings one page of a known site strips it like the others."""
    assert gone([news(99)], learned([news(number) for number in range(20)]))[0][:2] == [
        "青石观察站",
        "水文 鸟类 林木 影像",
    ]


def test_forty_mirrors_of_an_article_are_no_chrome() -> None:
    """Their lines repeat because the page does, whatever their counts of visitors: the deduplicator has them."""
    article = "\n".join(prose(k) for k in range(5))
    texts = [f"{prose(77)[:8]}\n{article}\n观察站热线转{number}分机" for number in range(40)]
    assert gone(texts) == [[]] * 40
    others = [news(number) for number in range(5)]
    assert gone(texts + others)[:40] == [[]] * 40


def test_edited_mirrors_keep_their_text() -> None:
    """Where one paragraph of five is another in each mirror, the pages differ but their prose stays."""
    bodies = [
        [edited(prose(k), 9 if k == number % 5 else 0, chr(0x9000 + number)) for k in range(5)] for number in range(40)
    ]
    texts = ["\n".join([prose(77)[:8], *body]) for body in bodies]
    for text, lines in zip(texts, gone(texts), strict=True):
        assert not set(lines) & set(text.split("\n")[1:])


@pytest.mark.parametrize(
    "line",
    [
        "各位代表:",
        "一、2023年工作回顾",
        "(一)抓住用好重大机遇",
        "第三章 附则",
        "## 使用方法",
        "特此公告。",
        "本院认为:",
        "如不服本决定,可在收到本决定之日起六十日内依法申请行政复议,也可以直接向人民法院提起行政诉讼。",
        "> 注意:执行之前请先备份数据。",
        "| 语法 | 说明 |",
        "尺码:均码",
    ],
)
def test_what_all_pages_share_inside_their_text_stays(line: str) -> None:
    """Phrases of ceremony, headings, legal boilerplate, notes and attributes repeat as content does."""
    texts = [news(number, f"{prose(number)}\n{line}\n{prose(900 + number)}\n{line}") for number in range(30)]
    assert not any(line in lines for lines in gone(texts))
    texts = [news(number, f"{line}\n{prose(number)}\n{prose(900 + number)}") for number in range(30)]
    assert not any(line in lines for lines in gone(texts))


def test_a_notice_of_the_site_goes_though_it_is_prose() -> None:
    """A sentence that most pages have goes where nothing but chrome lies between it and the edge."""
    notice = "青石观察站的全部记录由志愿者在业余时间整理,未经编务组同意,任何单位和个人不得用于商业目的。"
    texts = [news(number) + notice + "\n观察站总机\n" for number in range(20)]
    assert all(notice in lines for lines in gone(texts))


def test_threads_keep_the_answers_of_their_readers() -> None:
    """Lines around posts go wherever they stand; short answers that many threads have stay."""
    answers = ["顶一下", "学习了", "说得对"]
    texts = []
    for number in range(20):
        posts = [prose(number), *random.Random(number).choices(answers, k=3)]
        frames = [
            f"用户{chr(0x5000 + 9 * number + k)} 发表于 2024-05-{k + 1:02} 10:30 只看该作者\n"
            f"{post}\n回复 举报 #{k + 1}\n"
            for k, post in enumerate(posts)
        ]
        texts.append(f"青石论坛\n{prose(3000 + number)[:7]}\n{''.join(frames)}返回列表 发新帖\n青石论坛编务组\n")
    for lines in gone(texts):
        assert not set(lines) & set(answers)
        assert sum("只看该作者" in line for line in lines) == sum("举报" in line for line in lines) == 4


def test_a_title_stays_where_other_pages_list_it() -> None:
    """Titles in everybody's list of news are chrome there, and the title where they are the page's own."""
    titles = [prose(3000 + number)[:7] for number in range(20)]
    hot = "\n".join(titles[:5])
    texts = [
        f"青石观察站\n今日热点\n{hot}\n栏目编务组\n{title}\n2024-01-{number + 1:02}\n"
        f"{prose(number)}\n{prose(900 + number)}\n"
        for number, title in enumerate(titles)
    ]
    for number, parts in enumerate(pieces(texts, strip(*joined(texts), ["site"] * 20, learned(texts).known))):
        left = "".join(part for why, part in parts if not why).split("\n")
        assert titles[number] in left
        assert prose(number) in left


def test_the_guard_leaves_text_on_a_page_of_nothing_else() -> None:
    """A page that has only what all pages have stays whole, and is told."""
    bare = "青石观察站\n水文 鸟类 林木 影像\n相关阅读\n青石观察站编务组\n"
    texts = [*(news(number) for number in range(20)), bare]
    stripped = strip(*joined(texts), ["site"] * 21, learned(texts).known)
    assert stripped.guarded.tolist() == [False] * 20 + [True]
    assert stripped.removed[20] == 0


def test_pages_of_mostly_chrome_are_told() -> None:
    """The share that goes is known per page, so that a run can warn."""
    texts = [news(number, prose(number, 15)) for number in range(20)] + [news(30, "\n".join(map(prose, range(50, 90))))]
    stripped = strip(*joined(texts), ["site"] * 21, learned(texts).known)
    share = stripped.removed / stripped.tokens
    assert share[:20].min() > 0.3
    assert share[20] < 0.1
    assert not stripped.mostly_chrome().any()


LINES = st.sampled_from(
    [
        *(
            "首页",
            "打印 关闭",
            "相关阅读",
            "上一篇:老槐树记",
            "版权所有 粤ICP备12345678号",
            "一、综合",
            "|",
            "】",
            "2024-01-01",
            "来源:",
        ),
        *(
            "青石观察站",
            "水文 鸟类",
            "```",
            "# 题",
            "啊,老槐树",
            "Related posts",
            "😀",
            "各位代表:",
            "",
            " ",
            "x" * 500,
        ),
        prose(1),
        prose(2, 15),
        "We use cookies. Accept all cookies",
    ]
)
TEXTS = st.lists(st.lists(LINES, max_size=14).map("\n".join), max_size=8)


@settings(deadline=None, max_examples=150)
@given(TEXTS, st.booleans())
def test_text_and_stretches_restore_the_text(texts: list[str], known: bool) -> None:  # noqa: FBT001 - drawn
    """Stretches are whole lines, in order and apart, and no page is left without its words."""
    stripped = strip(*joined(texts), ["site"] * len(texts), (learned(texts) if known else Chrome.empty()).known)
    last = (-1, 0)
    for row, start, end, why, *_ in stripped.stretches.tolist():
        data = texts[row].encode()
        assert 0 <= start < end <= len(data)
        assert (row, start) >= (last[0], last[1] if row == last[0] else 0)
        assert start == 0 or b"\n" in (data[start - 1 : start], data[start : start + 1])
        assert end == len(data) or data[end - 1 : end] == b"\n"
        assert Reason(why) is not Reason.NONE
        last = (row, end)
    for text, parts in zip(texts, pieces(texts, stripped), strict=True):
        assert "".join(part for _, part in parts) == text
        if any(char.isalnum() for char in text):
            assert any(char.isalnum() for why, part in parts if not why for char in part)


@settings(deadline=None, max_examples=40)
@given(TEXTS.filter(len), st.randoms(use_true_random=False))
def test_order_and_batches_do_not_matter(texts: list[str], rng: random.Random) -> None:
    """Pages counted one by one in another order teach the same."""
    sites = [f"site{k % 2}" for k in range(len(texts))]
    whole = learn(count(*joined(texts), sites))
    order = rng.sample(range(len(texts)), len(texts))
    counts = [count(*joined([texts[k]]), [sites[k]]) for k in order]
    added = counts[0]
    for other in counts[1:]:
        added = added.add(other)
    assert learn(added).table.equals(whole.table)


def test_a_tally_on_disk_teaches_what_counts_in_memory_do(tmp_path: Path) -> None:
    """Spilling to partitions changes nothing."""
    texts = [news(number) for number in range(30)]
    with Tally(tmp_path, held=2_000) as tally:
        for start in range(0, 30, 7):
            part = texts[start : start + 7]
            tally.add(count(*joined(part), ["site"] * len(part)))
        assert any(tmp_path.iterdir())
        assert learn(tally).table.equals(learned(texts).table)


def test_lines_scanned_before_give_the_same() -> None:
    """A scan can be handed from one pass to the next."""
    texts = [news(number) for number in range(10)]
    utf8, offsets = joined(texts)
    lines = scan(utf8, offsets)
    sites = ["site"] * 10
    chrome = learn(count(utf8, offsets, sites, lines))
    assert chrome.table.equals(learned(texts).table)
    once, again = strip(utf8, offsets, sites, chrome.known), strip(utf8, offsets, sites, chrome.known, lines)
    assert np.array_equal(once.stretches, again.stretches)


def test_evidence_of_two_runs_adds_up(tmp_path: Path) -> None:
    """Two runs of too few pages know together what one run of all would, also through a file."""
    texts = [news(number) for number in range(8)]
    parts = [learned(texts[:4]), learned(texts[4:])]
    for k, part in enumerate(parts):
        pq.write_table(part.table, tmp_path / f"{k}.parquet")
    one, other = (Chrome(pq.read_table(tmp_path / f"{k}.parquet")) for k in range(2))
    merged = one.merge(other)
    assert gone(texts, merged) == gone(texts)
    assert merged.table.schema.equals(learned(texts).table.schema)
    assert [row["pages"] for row in merged.table.to_pylist() if row["line"] == 0] == [8]


def test_a_page_that_was_seen_before_counts_once() -> None:
    """Pages that are fetched again every night teach nothing new, or their own lines would become chrome."""
    texts = [news(number) for number in range(3)]
    known = learned(texts)
    for _night in range(9):
        again = learn(count(*joined([text + "\n访问量:12" for text in texts]), ["site"] * 3), known.before)
        assert len(again.contents) == 0
        known = known.merge(again)
    assert [row["pages"] for row in known.table.to_pylist() if row["line"] == 0] == [3]
    assert gone(texts, known) == gone(texts)


def test_a_line_that_is_known_needs_no_company() -> None:
    """One page a night is enough for lines that earlier nights have met twice."""
    texts = [news(number) for number in range(8)]
    known = learned(texts[:2])
    for text in texts[2:]:
        known = known.merge(learn(count(*joined([text]), ["site"]), known.before))
    assert [row["pages"] for row in known.table.to_pylist() if row["line"] == 0] == [8]
    assert gone(texts, known) == gone(texts)


def test_nothing_is_learned_from_nothing() -> None:
    """No pages, no lines and no site are no problem."""
    assert len(learn(Counts(np.zeros(0, PAGE), count(*joined([]), []).records, {})).table) == 0
    assert gone([], Chrome.empty()) == []
    assert gone(["", "\n"]) == [[], []]


def test_copies_are_one_content_and_like_pages_are_not() -> None:
    """Pages that share a banner and a disclaimer are two contents; a mirror with another banner is one."""
    body = "\n".join(prose(k) for k in range(8))
    texts = [
        f"{prose(50)}\n{prose(1)}\n{prose(51)}",
        f"{prose(50)}\n{prose(2)}\n{prose(51)}",
        body,
        prose(60) + "\n" + body,
        body.replace("。", ",", 1) + "\n观察站热线转3分机",
    ]
    found = cluster(count(*joined(texts), ["site"] * 5).pages)
    assert len(set(found[:2])) == 2
    assert len(set(found[2:])) == 1
    elsewhere = cluster(count(*joined(texts[2:]), ["a", "b", "c"]).pages)
    assert len(set(elsewhere)) == 3


def test_more_pages_ask_for_more_pages_but_for_a_smaller_share() -> None:
    """The number of pages that must have a line grows, its share of the site does not."""
    sizes = np.arange(3, 10_000)
    least = needed(sizes)
    assert (np.diff(least) >= 0).all()
    assert (np.diff(least / sizes) <= 1e-12).all()


@settings(max_examples=60)
@given(
    st.lists(st.sampled_from(sorted(read_terms())).map(lambda key: key[0]), min_size=1, max_size=4),
    st.text("页上home首", max_size=4),
)
def test_the_automaton_finds_every_term(terms: list[tuple[int, ...]], between: str) -> None:
    """Wherever a term ends, the chain of its state holds it, as a search for each would."""
    found = automaton()
    points = [point for term in terms for point in (*term, *folded(between))]
    known = {term for term, _ in read_terms()}
    state = 0
    for at, point in enumerate(points):
        state = int(found.moves[state, found.classes[point]])
        term, sizes = int(found.ends[state]), set()
        while term >= 0:
            sizes.add(int(found.terms[term, 3]))
            term = int(found.terms[term, 5])
        ends = {size for size in range(1, at + 2) if tuple(points[at + 1 - size : at + 1]) in known}
        assert sizes == ends


def test_tails_of_the_real_list_pages_go(shared: Path) -> None:
    """Of the user's five dumps go the tails of two and the buttons of one, as a site and each for itself."""
    paths = sorted((shared / "dumps").glob("*.txt"))
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in paths]
    tail = ["有想补充的信息?点我投稿", "- 联系我们", "- 企业入驻"]
    expected = [tail, tail, [], ["正文复制", "合集"], []]
    assert gone([text.replace("\uff1f", "?") for text in texts]) == expected
    assert [gone([text.replace("\uff1f", "?")], Chrome.empty())[0] for text in texts] == expected


def test_no_real_article_is_damaged(shared: Path) -> None:
    """Main texts that people cut out of pages by hand lose nothing."""
    paths = sorted((shared / "real" / "html-zh" / "cleaned").glob("*.txt"))
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in paths]
    assert len(texts) > 50
    assert strip(*joined(texts), [str(k) for k in range(len(texts))], Chrome.empty().known).stretches.tolist() == []
    assert gone(texts) == [[]] * len(texts)


def test_the_benchmark_counts_lines_right_and_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page whose title was taken for chrome counts against precision, a button that stayed against recall."""
    monkeypatch.syspath_prepend(Path(__file__).parent.parent)
    from benchmarks.chrome import measure
    from benchmarks.pages import CHROME, CONTENT, EITHER, Page

    lines = [
        ("首页", CHROME),
        ("登录", CONTENT),
        ("没人知道的按钮", CHROME),
        (prose(1), CONTENT),
        ("打印 关闭", EITHER),
    ]
    score = measure([Page("\n\n".join(line for line, _ in lines), lines)], learned=False)
    assert (score.gone, score.left, score.wrong, score.wrong_characters) == (1, 1, 1, 2)
    assert score.f1 == 0.5
    assert score.characters == 2 + len(prose(1))


def test_generated_pages_hold_their_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each template makes pages with chrome and with all lines of the article."""
    monkeypatch.syspath_prepend(Path(__file__).parent.parent)
    from benchmarks.pages import CHROME, CONTENT, Site
    from benchmarks.templates import TUNED
    from benchmarks.templates_held import HELD_OUT, SEEN

    found = [[prose(10 * k + j) for j in range(3)] for k in range(6)]
    for name, template in {**TUNED, **SEEN, **HELD_OUT}.items():
        for article, page in zip(found, Site(name, template, 1).pages(found), strict=True):
            assert [line for line in page.text.split("\n") if line] == [line for line, _ in page.lines]
            assert {(line, CONTENT) for line in article} <= set(page.lines)
            assert any(kind == CHROME for _, kind in page.lines)


def test_a_slice_of_a_batch_is_stripped_like_a_batch() -> None:
    """Offsets may begin anywhere in the buffer, and places count from the start of each page."""
    texts = [news(number) for number in range(12)]
    utf8, offsets = joined(texts)
    chrome = learned(texts)
    whole = strip(utf8, offsets, ["site"] * 12, chrome.known).stretches
    part = strip(utf8, offsets[5:], ["site"] * 7, chrome.known).stretches
    assert np.array_equal(part[:, 1:], whole[whole[:, 0] >= 5, 1:])
    assert learn(count(utf8, offsets[5:], ["site"] * 7)).table.equals(learned(texts[5:]).table)


def test_a_comment_above_the_pages_goes_whole() -> None:
    """A licence in a comment is no part of a Markdown page, and neither is the sign that ends it; the heading is."""
    licence = "<!--\n    Given to you under a licence of this site.\n    You may not use it for anything else.\n-->\n\n"
    titles = [f"# {prose(7000 + k)[:6]}接口" for k in range(12)]
    texts = [f"{licence}{title}\n\n{prose(k, 200)}" for k, title in enumerate(titles)]
    assert [lines[:1] + lines[-1:] for lines in gone(texts)] == [["<!--", "-->"]] * 12
    assert not any(title in lines for title, lines in zip(titles, gone(texts), strict=True))
